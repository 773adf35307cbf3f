//! A source's documents as the model sees them.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use idp_core::{Diagnostic, Document, EntityRef, SourceText};

use super::links;
use crate::body::{Body, ENOUGH_TO_LEARN, Packer};
use crate::json::Json;
use crate::model::More;
use crate::parsed::{self, Unit};
use crate::{Model, Stage, StoredDiagnostic, YamlDocument, YamlLimits, parallel};

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
    pub(super) body: Option<Body>,
    /// Whether it is not valid only because a part of it could not be fetched.
    pub(super) incomplete: bool,
    pub(super) diagnostics: Vec<StoredDiagnostic>,
}

/// What became of a document.
struct Judgement {
    /// `None` where it does not even say which entity it means.
    entity_ref: Option<EntityRef>,
    said: Said,
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
    packer: &'a Packer,
    locations: BTreeMap<Arc<str>, Judged>,
    documents: usize,
}

impl<'a> Judging<'a> {
    pub(super) fn new(model: &'a Model, limits: &'a YamlLimits, packer: &'a Packer) -> Self {
        Self { model, limits, packer, locations: BTreeMap::new(), documents: 0 }
    }

    /// How many documents were judged.
    pub(super) fn documents(&self) -> usize {
        self.documents
    }

    pub(crate) fn limits(&self) -> &'a YamlLimits {
        self.limits
    }

    /// Judges documents by themselves, on every core.
    pub(crate) fn all(&mut self, documents: Vec<Document>) {
        let locations: Vec<Arc<str>> = documents.iter().map(|it| it.location.as_str().into()).collect();
        locations.iter().for_each(|location| self.visit(location));
        let units = parallel::map(documents, |document| parsed::units(document, self.limits));
        let located = locations.iter().zip(units);
        let units: Vec<_> = located
            .flat_map(|(location, units)| units.into_iter().map(move |unit| (location, unit)))
            .collect();
        self.learn(&units);
        self.documents += units.len();
        let judged = parallel::map(units, |(location, unit)| {
            let judgement = self.approved(&unit).or_else(|| {
                let (text, document) = unit.read(self.limits);
                (!document.is_blank()).then(|| self.judgement(&text, &document, Vec::new()))
            });
            Some((location, judgement?))
        });
        for (location, judgement) in judged.into_iter().flatten() {
            self.locations.entry(Arc::clone(location)).or_default().take(judgement);
        }
    }

    /// What becomes of a line about which there is nothing to say: nobody makes a tree of it.
    fn approved(&self, unit: &Unit) -> Option<Judgement> {
        let text = unit.line(self.limits)?;
        let document: Json<'_> = serde_json::from_str(text).ok()?;
        let entity_ref = self.model.approve(&document).filter(|_| !links::has_script(&document))?;
        let body = Some(self.packer.pack_text(text.trim()));
        let said = Said { body, incomplete: false, diagnostics: Vec::new() };
        Some(Judgement { entity_ref: Some(entity_ref), said })
    }

    /// Has the packer learn from some documents, where there are many and it has not yet.
    fn learn(&self, units: &[(&Arc<str>, Unit)]) {
        if units.len() < ENOUGH_TO_LEARN || self.packer.has_learnt() {
            return;
        }
        self.packer.learn(units, |(_, unit)| {
            let (text, document) = unit.read(self.limits);
            self.model.judge(&text, &document).entity.map(|entity| entity.as_value().to_string())
        });
    }

    /// Judges one document. Answers with the entity's reference where it is valid.
    pub(crate) fn judge(
        &mut self,
        location: &Arc<str>,
        source: &SourceText,
        document: &YamlDocument,
        remarks: Vec<Remark>,
    ) -> Option<EntityRef> {
        self.documents += 1;
        let judgement = self.judgement(source, document, remarks);
        let valid = judgement.entity_ref.clone().filter(|_| judgement.said.body.is_some());
        self.locations.entry(Arc::clone(location)).or_default().take(judgement);
        valid
    }

    fn judgement(&self, source: &SourceText, document: &YamlDocument, remarks: Vec<Remark>) -> Judgement {
        let mut verdict = self.model.judge(source, document);
        links::disarm(&mut verdict, source, document);
        for Remark { stage, problem } in remarks {
            verdict.refuse(stage, problem);
        }
        let entity = verdict.entity.as_ref().filter(|_| verdict.is_valid());
        let said = Said {
            body: entity.map(|entity| self.packer.pack(entity)),
            incomplete: verdict.stage == Some(Stage::Content),
            diagnostics: verdict.diagnostics.iter().map(Into::into).collect(),
        };
        Judgement { entity_ref: verdict.entity_ref, said }
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
    fn take(&mut self, judgement: Judgement) {
        let Judgement { entity_ref, said } = judgement;
        match entity_ref {
            Some(entity_ref) => self.say(entity_ref, said),
            None => said.diagnostics.into_iter().for_each(|it| self.cannot_read(it)),
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
        match self.entities.entry(entity_ref) {
            Entry::Vacant(free) => _ = free.insert(said),
            Entry::Occupied(mut known) => {
                let entity_ref = known.key();
                let message =
                    format!("`{entity_ref}` is described twice in this file; the last description counts");
                said.diagnostics.push((&Diagnostic::warning("described-twice", message)).into());
                known.insert(said);
            }
        }
    }
}
