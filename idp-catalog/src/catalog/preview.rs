//! What an ingestion would do, without doing it.

use std::collections::BTreeMap;

use idp_core::{EntityRef, Timestamp};

use super::change::Change;
use super::difference::Difference;
use super::plan::Answer;
use super::report::IngestReport;
use super::state::{Changed, State, Touched};
use crate::snapshot::{Claimant, Conflict, Finding};

/// What an ingestion would do, without doing it.
#[derive(Debug)]
#[must_use = "it is all a preview is for"]
#[non_exhaustive]
pub struct Preview {
    /// What [`Catalog::ingest`](crate::Catalog::ingest) would report.
    pub report: IngestReport,
    /// How the catalog would differ afterwards.
    pub difference: Difference,
    /// Documents of the source that are not valid, or do not even say which entity they mean.
    pub quarantined: Vec<Finding>,
    /// Entities of the source that several locations would claim.
    pub conflicts: BTreeMap<EntityRef, Conflict>,
}

/// What changes of a state, planned for an answer, would do.
pub(super) struct Foreseen {
    pub(super) difference: Difference,
    pub(super) quarantined: Vec<Finding>,
    pub(super) conflicts: BTreeMap<EntityRef, Conflict>,
}

/// Tries changes of a state out.
pub(super) fn foresee(state: &State, changes: &[Change], answer: &Answer<'_>) -> Foreseen {
    let (mut after, mut touched) = (state.clone(), Touched::default());
    let at = Changed { revision: state.revision, time: Timestamp::default() };
    changes.iter().for_each(|change| after.apply(change.clone(), at, &mut touched));
    let difference = Difference::between(state, &after, &touched);
    let mut conflicts = BTreeMap::new();
    for entity_ref in answer.read.values().flat_map(|judged| judged.entities.refs()) {
        let number = after.directory.number(entity_ref);
        let conflict = number.and_then(|number| Conflict::among(&after.ranked(number)));
        conflicts.extend(conflict.map(|conflict| (entity_ref.clone(), conflict)));
    }
    Foreseen { difference, quarantined: quarantined(answer), conflicts }
}

fn quarantined(answer: &Answer<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (location, judged) in answer.read {
        let claimant = Claimant { source: answer.source.clone(), location: location.clone() };
        let finding =
            |entity_ref, diagnostics| Finding { claimant: claimant.clone(), entity_ref, diagnostics };
        let broken = judged.entities.iter().filter(|(_, said)| said.body.is_none());
        findings.extend(broken.map(|(it, said)| finding(Some(it.clone()), said.diagnostics.to_vec())));
        if !judged.unread.is_empty() {
            findings.push(finding(None, judged.unread.clone()));
        }
    }
    findings
}
