//! A source's documents as the model sees them.

use std::collections::BTreeMap;
use std::sync::Arc;

use idp_core::{Content, Diagnostic, Document, Entity, EntityRef, SourceText};

use crate::{Model, Stage, StoredDiagnostic, Verdict, YamlDocument, YamlLimits, parse_yaml};

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
    for document in documents {
        let judged = locations.entry(document.location.as_str().into()).or_default();
        match document.content {
            Content::Text(text) => {
                let source = SourceText::new(document.location, text);
                for document in parse_yaml(&source, limits).iter().filter(|it| !it.is_blank()) {
                    judged.take(model.judge(&source, document));
                }
            }
            Content::Entity(value) => {
                let source = SourceText::new(document.location, "");
                judged.take(model.judge(&source, &YamlDocument::from_value(value)));
            }
        }
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
