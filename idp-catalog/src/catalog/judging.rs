//! Documents on their way to verdicts.

use std::collections::BTreeMap;
use std::sync::Arc;

use idp_core::{Diagnostic, Document, EntityRef, SourceText};

use super::judged::{Judged, Judgement, Said};
use super::links;
use crate::body::{ENOUGH_TO_LEARN, Packer};
use crate::json::Json;
use crate::model::Examined;
use crate::parsed::{self, Unit};
use crate::snapshot::{Draft, DraftBuilder, Sketch};
use crate::{Model, Stage, YamlDocument, YamlLimits, parallel};

/// Documents that are judged at once: enough to keep every core busy, few enough to hold what the index takes of them.
const BATCH: usize = 4096;
/// Documents that a thread takes at once: few, so that no thread is left with much to do; enough to have keys in common.
const SHARE: usize = 64;

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
    /// The snapshot that all of it makes, where it is the first.
    draft: Option<DraftBuilder>,
}

/// A document, and the location that it is of.
type Located<'u> = (&'u Arc<str>, Unit);

/// What became of documents that were judged together; with what the index takes of the valid ones, where somebody wants it.
struct Share<'u> {
    judgements: Vec<(&'u Arc<str>, Judgement)>,
    sketch: Option<Sketch<'u>>,
}

impl<'a> Judging<'a> {
    pub(super) fn new(model: &'a Model, limits: &'a YamlLimits, packer: &'a Packer) -> Self {
        Self { model, limits, packer, locations: BTreeMap::new(), documents: 0, draft: None }
    }

    /// Drafts the first snapshot besides, if that is what this is for.
    pub(super) fn drafting(mut self, is_first: bool) -> Self {
        self.draft = is_first.then(DraftBuilder::default);
        self
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
        for units in units.chunks(BATCH) {
            let shares = parallel::map_one_by_one(units.chunks(SHARE).collect(), |units| self.share(units));
            self.take(shares);
        }
    }

    /// Judges documents one after the other.
    fn share<'u>(&self, units: &'u [Located<'_>]) -> Share<'u> {
        let mut sketch = self.draft.is_some().then(Sketch::default);
        let mut judge = |unit: &'u Unit| {
            self.approved(unit, sketch.as_mut()).or_else(|| {
                let (text, document) = unit.read(self.limits);
                (!document.is_blank()).then(|| self.judgement(&text, &document, Vec::new(), sketch.as_mut()))
            })
        };
        let judgements =
            units.iter().filter_map(|(location, unit)| Some((*location, judge(unit)?))).collect();
        Share { judgements, sketch }
    }

    fn take(&mut self, shares: Vec<Share<'_>>) {
        let (judgements, mut sketches): (Vec<_>, Vec<_>) =
            shares.into_iter().map(|share| (share.judgements, share.sketch)).unzip();
        let Self { locations, draft, .. } = self;
        let (mut number, mut are_new) = (draft.as_ref().map_or(0, DraftBuilder::len), true);
        let take = || {
            for (location, mut judgement) in judgements.into_iter().flatten() {
                judgement.said.came_as = number;
                number += u32::from(judgement.said.body.is_some());
                are_new &= locations.entry(Arc::clone(location)).or_default().take(judgement);
            }
        };
        match draft {
            Some(draft) => draft.add(sketches.iter_mut().flatten(), take),
            None => take(),
        }
        self.draft.take_if(|_| !are_new);
        // They are many small parts, which every core can give back.
        parallel::map_one_by_one(sketches, drop);
    }

    /// What becomes of a line about which there is nothing to say: nobody makes a tree of it.
    fn approved<'u>(&self, unit: &'u Unit, sketch: Option<&mut Sketch<'u>>) -> Option<Judgement> {
        let text = unit.line(self.limits)?;
        let document: Json<'_> = serde_json::from_str(text).ok()?;
        let Examined { entity_ref, relations } =
            self.model.approve(&document).filter(|_| !links::has_script(&document))?;
        let text = text.trim();
        let body = if document.is_written_as(text) {
            self.packer.pack_text(text)
        } else {
            // As whoever makes a tree of it would have it, so that the same is packed as the same.
            self.packer.pack_text(&serde_json::to_string(&document).ok()?)
        };
        if let Some(sketch) = sketch {
            sketch.add(&relations, document);
        }
        let body = Some(body);
        let said = Said { body, incomplete: false, diagnostics: Vec::new(), came_as: 0 };
        Some(Judgement { entity_ref: Some(entity_ref), said })
    }

    /// Has the packer learn from some documents, where there are many and it has not yet.
    fn learn(&self, units: &[Located<'_>]) {
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
        let judgement = self.judgement(source, document, remarks, None);
        let valid = judgement.entity_ref.clone().filter(|_| judgement.said.body.is_some());
        self.locations.entry(Arc::clone(location)).or_default().take(judgement);
        valid
    }

    fn judgement(
        &self,
        source: &SourceText,
        document: &YamlDocument,
        remarks: Vec<Remark>,
        sketch: Option<&mut Sketch<'_>>,
    ) -> Judgement {
        let mut verdict = self.model.judge(source, document);
        links::disarm(&mut verdict, source, document);
        for Remark { stage, problem } in remarks {
            verdict.refuse(stage, problem);
        }
        let entity = verdict.entity.as_ref().filter(|_| verdict.is_valid());
        if let Some((sketch, entity)) = sketch.zip(entity) {
            sketch.add_owned(&verdict.relations, entity.as_value().into());
        }
        let said = Said {
            body: entity.map(|entity| self.packer.pack(entity)),
            incomplete: verdict.stage == Some(Stage::Content),
            diagnostics: verdict.diagnostics.iter().map(Into::into).collect(),
            came_as: 0,
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

    /// What each location holds, and the draft of what all of them make.
    pub(super) fn finish(self) -> (BTreeMap<Arc<str>, Judged>, Option<Draft>) {
        let Self { mut locations, draft, .. } = self;
        locations.values_mut().for_each(Judged::sum_up);
        let said = locations.values().flat_map(|judged| &judged.entities);
        let number = |said: &Said| said.body.as_ref().map(|_| said.came_as);
        let said = said.map(|(entity_ref, said)| (entity_ref, number(said)));
        let draft = draft.and_then(|draft| draft.build(said.collect()));
        (locations, draft)
    }
}
