//! A source's documents as the model sees them.

use std::collections::BTreeMap;
use std::sync::Arc;

use idp_core::{Content, Diagnostic, Document, Entity, EntityRef, SourceText};

use super::links;
use crate::model::More;
use crate::parsed::{Parsed, parse};
use crate::{Model, Stage, StoredDiagnostic, Verdict, YamlDocument, YamlLimits};

/// Problems of one location's unreadable documents that are kept. They are in the log, and in every snapshot.
const MOST_UNREAD: usize = 100;

/// What one location holds.
#[derive(Debug, Default)]
pub(super) struct Judged {
    /// What it says about each entity.
    pub(super) entities: BTreeMap<EntityRef, Said>,
    /// Problems of documents that do not even say which entity they mean.
    pub(super) unread: Vec<StoredDiagnostic>,
    /// Those that are too many.
    more_unread: More,
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

/// Something to be said about a document besides what the model says.
#[derive(Debug)]
pub(crate) struct Remark {
    /// The stage that refuses the document because of it.
    pub(crate) stage: Stage,
    pub(crate) problem: Diagnostic,
}

/// Documents on their way to verdicts, by location.
#[derive(Debug)]
pub(crate) struct Judging<'a> {
    model: &'a Model,
    limits: &'a YamlLimits,
    locations: BTreeMap<Arc<str>, Judged>,
}

impl<'a> Judging<'a> {
    pub(super) fn new(model: &'a Model, limits: &'a YamlLimits) -> Self {
        Self { model, limits, locations: BTreeMap::new() }
    }

    pub(crate) fn limits(&self) -> &'a YamlLimits {
        self.limits
    }

    /// Judges documents by themselves, the texts among them on every core.
    pub(crate) fn all(&mut self, documents: Vec<Document>) {
        let (mut locations, mut texts) = (Vec::new(), Vec::new());
        for document in documents {
            let location: Arc<str> = document.location.as_str().into();
            self.visit(&location);
            if let Content::Text(text) = document.content {
                texts.push(SourceText::new(document.location, text));
                locations.push(location);
                continue;
            }
            for Parsed { text, documents } in parse(document, self.limits) {
                for document in documents.iter().filter(|it| !it.is_blank()) {
                    self.judge(&location, &text, document, Vec::new());
                }
            }
        }
        let verdicts = self.model.judge_all(&texts, self.limits, |file, source, document, mut verdict| {
            links::disarm(&mut verdict, source, document);
            (!document.is_blank()).then_some((file, verdict))
        });
        for (file, verdict) in verdicts.into_iter().flatten() {
            self.locations.entry(Arc::clone(&locations[file])).or_default().take(verdict);
        }
    }

    /// Judges one document. Answers with the entity's reference where it is valid.
    pub(crate) fn judge(
        &mut self,
        location: &Arc<str>,
        source: &SourceText,
        document: &YamlDocument,
        remarks: Vec<Remark>,
    ) -> Option<EntityRef> {
        let mut verdict = self.model.judge(source, document);
        links::disarm(&mut verdict, source, document);
        for Remark { stage, problem } in remarks {
            verdict.refuse(stage, problem);
        }
        let valid = verdict.entity_ref.clone().filter(|_| verdict.is_valid());
        self.locations.entry(Arc::clone(location)).or_default().take(verdict);
        valid
    }

    /// Adds what turned out later about an entity of a location.
    pub(crate) fn remark(&mut self, location: &str, entity_ref: &EntityRef, problem: &Diagnostic) {
        let judged = self.locations.get_mut(location);
        if let Some(said) = judged.and_then(|it| it.entities.get_mut(entity_ref)) {
            said.diagnostics.push(problem.into());
        }
    }

    /// Notes a location in which nothing stands.
    pub(crate) fn visit(&mut self, location: &Arc<str>) {
        self.locations.entry(Arc::clone(location)).or_default();
    }

    pub(super) fn finish(mut self) -> BTreeMap<Arc<str>, Judged> {
        for judged in self.locations.values_mut() {
            let summary = std::mem::take(&mut judged.more_unread).summary();
            judged.unread.extend(summary.as_ref().map(Into::into));
        }
        self.locations
    }
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
            None => diagnostics.into_iter().for_each(|it| self.cannot_read(it)),
        }
    }

    fn cannot_read(&mut self, problem: StoredDiagnostic) {
        if self.unread.len() < MOST_UNREAD {
            self.unread.push(problem);
        } else {
            self.more_unread.add(problem.severity);
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
