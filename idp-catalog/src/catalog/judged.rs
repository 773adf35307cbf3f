//! A source's documents as the model sees them.

use std::collections::BTreeMap;
use std::sync::Arc;

use idp_core::{Content, Diagnostic, Document, Entity, EntityRef, SourceText};

use crate::{Model, Stage, StoredDiagnostic, Verdict, YamlDocument, YamlLimits};

/// What one location holds.
#[derive(Debug, Default)]
pub(super) struct Judged {
    /// What it says about each entity.
    pub(super) entities: BTreeMap<EntityRef, Said>,
    /// Problems of documents that do not even say which entity they mean.
    pub(super) unread: Vec<StoredDiagnostic>,
}

/// What a document says about an entity.
#[derive(Debug)]
pub(super) struct Said {
    /// `None` where it is not valid.
    pub(super) entity: Option<Entity>,
    /// Whether it is not valid only because a part of it could not be fetched.
    pub(super) incomplete: bool,
    pub(super) diagnostics: Vec<StoredDiagnostic>,
}

/// Judges every document, by location.
pub(super) fn judge(
    model: &Model,
    limits: &YamlLimits,
    documents: Vec<Document>,
) -> BTreeMap<Arc<str>, Judged> {
    let mut locations: BTreeMap<Arc<str>, Judged> = BTreeMap::new();
    let mut texts = Vec::new();
    for document in documents {
        let location = Arc::from(document.location.as_str());
        let judged = locations.entry(Arc::clone(&location)).or_default();
        match document.content {
            Content::Text(text) => texts.push((location, SourceText::new(document.location, text))),
            Content::Entity(value) => {
                let source = SourceText::new(document.location, "");
                judged.take(model.judge(&source, &YamlDocument::from_value(value)));
            }
        }
    }
    let sources: Vec<SourceText> = texts.iter().map(|(_, source)| source.clone()).collect();
    let verdicts = model.judge_all(&sources, limits, |file, _, document, verdict| {
        (!document.is_blank()).then_some((file, verdict))
    });
    for (file, verdict) in verdicts.into_iter().flatten() {
        let Some(judged) = locations.get_mut(&texts[file].0) else { continue };
        judged.take(verdict);
    }
    locations
}

impl Judged {
    fn take(&mut self, verdict: Verdict) {
        let valid = verdict.is_valid();
        let incomplete = verdict.stage == Some(Stage::Content);
        let diagnostics: Vec<StoredDiagnostic> = verdict.diagnostics.iter().map(Into::into).collect();
        match verdict.entity_ref {
            Some(entity_ref) => {
                let entity = verdict.entity.filter(|_| valid);
                self.say(entity_ref, Said { entity, incomplete, diagnostics });
            }
            None => self.unread.extend(diagnostics),
        }
    }

    /// Of two documents about one entity in one location the last one counts.
    fn say(&mut self, entity_ref: EntityRef, mut said: Said) {
        if self.entities.contains_key(&entity_ref) {
            let message =
                format!("`{entity_ref}` is described twice in this file; the last description counts");
            said.diagnostics.push((&Diagnostic::warning("described-twice", message)).into());
        }
        self.entities.insert(entity_ref, said);
    }
}
