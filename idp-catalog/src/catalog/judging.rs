//! Documents on their way to verdicts.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use idp_core::{Diagnostic, Document, EntityRef, SourceText};

use super::judged::Judged;
use super::judgement::{Judge, Judgement};
use super::practice::Practice;
use crate::body::{ENOUGH_TO_LEARN, Packer};
use crate::parsed::{self, Unit};
use crate::snapshot::{Draft, Sketch};
use crate::{Model, Stage, YamlDocument, YamlLimits, parallel};

/// Documents that a thread takes at once: few, so that no thread is left with much to do; enough to make asking cheap.
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
    judge: Judge<'a>,
    locations: BTreeMap<Arc<str>, Judged>,
    documents: usize,
    /// Whether the snapshot that all of it makes is sketched.
    is_sketched: bool,
    /// What each thread knows.
    practices: Vec<Practice<'a>>,
}

/// A document, and the location that it is of.
type Located<'u> = (&'u Arc<str>, Unit);

impl<'a> Judging<'a> {
    pub(super) fn new(model: &'a Model, limits: &'a YamlLimits, packer: &'a Packer) -> Self {
        let judge = Judge { model, limits, packer };
        Self { judge, locations: BTreeMap::new(), documents: 0, is_sketched: false, practices: Vec::new() }
    }

    /// Drafts the first snapshot besides, if that is what this is for.
    pub(super) fn drafting(self, is_first: bool) -> Self {
        Self { is_sketched: is_first, ..self }
    }

    /// How many documents were judged.
    pub(super) fn documents(&self) -> usize {
        self.documents
    }

    pub(crate) fn limits(&self) -> &'a YamlLimits {
        self.judge.limits
    }

    /// Judges documents by themselves, on every core, while the caller's does something else first.
    pub(crate) fn all(&mut self, documents: Vec<Document>, first: impl FnOnce()) {
        let locations: Vec<Arc<str>> = documents.iter().map(|it| it.location.as_str().into()).collect();
        locations.iter().for_each(|location| self.visit(location));
        let limits = self.limits();
        let units = parallel::map(documents, |document| parsed::units(document, limits));
        let located = locations.iter().zip(units);
        let units: Vec<Located<'_>> = located
            .flat_map(|(location, units)| units.into_iter().map(move |unit| (location, unit)))
            .collect();
        if units.len() >= ENOUGH_TO_LEARN {
            self.judge.learn(&units, |(_, unit)| unit);
        }
        self.documents += units.len();
        self.judge_all(&units, first);
    }

    fn judge_all<'u>(&mut self, units: &'u [Located<'u>], first: impl FnOnce()) {
        let Self { judge, locations, is_sketched, practices, .. } = self;
        let shares: Vec<&[Located<'_>]> = units.chunks(SHARE).collect();
        for number in practices.len()..parallel::threads(shares.len()) {
            practices.push(Practice::sketching(is_sketched.then(|| Sketch::new(number))));
        }
        // Whether nothing was described twice: otherwise no draft is what the catalog becomes.
        let are_new = AtomicBool::new(true);
        let judge_share = |practice: &mut Practice<'a>, share: &'u [Located<'u>]| -> Vec<_> {
            practice.sketch.take_if(|_| !are_new.load(Relaxed));
            let judge = |(at, unit): &'u Located<'u>| Some((*at, judge.of_unit(unit, practice)?));
            share.iter().filter_map(judge).collect()
        };
        let take = |judged: Vec<(&Arc<str>, Judgement)>| {
            for (location, judgement) in judged {
                if !locations.entry(Arc::clone(location)).or_default().take(judgement) {
                    are_new.store(false, Relaxed);
                }
            }
        };
        parallel::in_turn(shares, practices, judge_share, take, first);
        if !are_new.into_inner() {
            self.is_sketched = false;
            self.practices.iter_mut().for_each(|practice| practice.sketch = None);
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
        self.documents += 1;
        let judgement = self.judge.of_document(source, document, remarks, None);
        let valid = judgement.entity_ref.clone().filter(|_| judgement.said.body.is_some());
        self.locations.entry(Arc::clone(location)).or_default().take(judgement);
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

    /// What each location holds, and the draft of what all of them make.
    pub(super) fn finish(self) -> (BTreeMap<Arc<str>, Judged>, Option<Draft>) {
        let Self { mut locations, is_sketched, practices, .. } = self;
        locations.values_mut().for_each(Judged::sum_up);
        let said = locations.values().flat_map(|judged| judged.entities.iter());
        let said = said.map(|(entity_ref, said)| (entity_ref, said.sketched));
        let sketches = practices.into_iter().filter_map(|practice| practice.sketch).collect();
        let draft = is_sketched.then(|| Draft::of(sketches, said.collect())).flatten();
        (locations, draft)
    }
}
