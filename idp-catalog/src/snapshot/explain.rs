//! The whole story of a reference: who says what, who counts and why, what is wrong.

use std::sync::Arc;

use idp_core::{EntityRef, Revision, Timestamp};
use serde::Serialize;

use super::graph::{dangling_of, declared_on};
use super::states::{EntityState, States};
use super::view::{Claimant, Finding};
use super::{Edge, Record, Snapshot};
use crate::StoredDiagnostic;
use crate::catalog::{Cause, Claim, Departed};

/// What a claim does for its entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Standing {
    /// It is what others see.
    Counts,
    /// It would count if those before it were not there.
    Waits,
    /// It has never been valid: it does not take part.
    Quarantined,
    /// A part of it could not be fetched yet: it does not take part.
    Pending,
}

/// What one location says about an entity, and what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ClaimReport {
    /// Who says it.
    #[serde(flatten)]
    pub claimant: Claimant,
    /// What it does.
    pub standing: Standing,
    /// Why, in one sentence.
    pub why: String,
    /// Whether the location is broken now, so that an older body stands in.
    pub stale: bool,
    /// What is wrong with its document.
    pub diagnostics: Vec<StoredDiagnostic>,
}

/// How an entity ceased to be described.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Departure {
    /// Whose claim was the last.
    #[serde(flatten)]
    pub claimant: Claimant,
    /// Why that claim ended.
    pub cause: Cause,
    /// Since when.
    pub revision: Revision,
    /// Since when, by the writer's clock.
    pub at: Timestamp,
}

/// The whole story of a reference, whether there is such an entity or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Explanation {
    /// What is explained.
    #[serde(rename = "ref")]
    pub entity_ref: EntityRef,
    /// How it stands.
    pub state: EntityState,
    /// Why, in one sentence.
    pub reason: String,
    /// The revision that gave the entity the body it has, or had last.
    pub last_good: Option<Revision>,
    /// When that was.
    pub last_good_at: Option<Timestamp>,
    /// Everything that is said about it, in the order in which it counts.
    pub claims: Vec<ClaimReport>,
    /// How it ceased to be described, where it was and is not.
    pub departure: Option<Departure>,
    /// The relations it declares on entities that are not there.
    pub dangling: Vec<Edge>,
    /// The relations that others declare on it.
    pub incoming: Vec<Edge>,
    /// What cannot be read and may be about it: it stands in a location that described it, or that is called like it.
    pub unread: Vec<Finding>,
    /// Where it is not there: entities of the same name, of another kind or namespace.
    pub namesakes: Vec<EntityRef>,
}

impl Explanation {
    /// Whether there is anything to see to.
    #[must_use]
    pub fn is_fine(&self) -> bool {
        self.state == EntityState::Ok && self.dangling.is_empty()
    }
}

/// Explains a reference.
pub(super) fn explain(snapshot: &Snapshot, entity_ref: &EntityRef) -> Explanation {
    let states = States::new(snapshot);
    let record = snapshot.get(entity_ref);
    let departed = snapshot.departed.get(entity_ref);
    let claims = claims(snapshot, &states, entity_ref);
    let number = snapshot.number(entity_ref);
    let incoming: Vec<Edge> = number.map(|number| declared_on(snapshot, number)).unwrap_or_default();
    let state = states.of(entity_ref);
    let last_good = last_good(record.as_ref(), departed);
    Explanation {
        state,
        reason: reason(state, &claims, departed, incoming.len()),
        last_good: last_good.map(|(revision, _)| revision),
        last_good_at: last_good.map(|(_, time)| time),
        departure: departed.map(Departure::of),
        dangling: number.into_iter().flat_map(|number| dangling_of(snapshot, number)).collect(),
        unread: unread(snapshot, entity_ref, &claims),
        namesakes: if record.is_some() { Vec::new() } else { namesakes(snapshot, entity_ref) },
        entity_ref: entity_ref.clone(),
        claims,
        incoming,
    }
}

impl Departure {
    fn of(departed: &Departed) -> Self {
        Self {
            claimant: Claimant::of(&departed.claim),
            cause: departed.cause,
            revision: departed.left.revision,
            at: departed.left.time,
        }
    }
}

fn last_good(record: Option<&Record>, departed: Option<&Departed>) -> Option<(Revision, Timestamp)> {
    match departed {
        Some(departed) => departed.last_good.map(|good| (good.revision, good.time)),
        None => record.map(|record| (record.changed(), record.changed_at())),
    }
}

fn reason(
    state: EntityState,
    claims: &[ClaimReport],
    departed: Option<&Departed>,
    incoming: usize,
) -> String {
    let counts = claims.iter().find(|it| it.standing == Standing::Counts);
    let who = counts.map(|it| name(&it.claimant)).unwrap_or_default();
    match state {
        EntityState::Ok => format!("{who} describes it"),
        EntityState::Stale => format!("{who} is broken now: the last good revision stays"),
        EntityState::Conflicted => {
            let why = counts.map(|it| &*it.why).unwrap_or_default();
            format!("{} locations describe it, and {who} counts: {why}", claims.len())
        }
        EntityState::Quarantined => "it is described, and no description has ever been valid".to_owned(),
        EntityState::Pending => {
            "it is described, and a part of the description could not be fetched yet".to_owned()
        }
        EntityState::Orphan => departed.map(gone).unwrap_or_default(),
        EntityState::Unknown => format!("nothing describes it{}", pointing(incoming)),
    }
}

fn pointing(incoming: usize) -> String {
    match incoming {
        0 => " or points at it".to_owned(),
        1 => "; one relation points at it".to_owned(),
        many => format!("; {many} relations point at it"),
    }
}

fn gone(departed: &Departed) -> String {
    let claimant = Claimant::of(&departed.claim);
    match departed.cause {
        Cause::Gone => format!("`{}` no longer has it; it stood in `{}`", claimant.source, claimant.location),
        Cause::Forgotten => {
            format!("`{}` was forgotten; it stood in `{}`", claimant.source, claimant.location)
        }
        Cause::Removed => format!("it was an orphan of {} and was removed", name(&claimant)),
    }
}

/// The claims in the order in which they count.
fn claims(snapshot: &Snapshot, states: &States<'_>, entity_ref: &EntityRef) -> Vec<ClaimReport> {
    let Some(claims) = snapshot.disputed.get(entity_ref) else {
        let record = snapshot.get(entity_ref).filter(|_| !snapshot.departed.contains_key(entity_ref));
        return record.map(|record| undisputed(states, &record)).into_iter().collect();
    };
    let winner = claims.iter().position(|claim| claim.body.is_some());
    let reports = claims.iter().enumerate().map(|(index, claim)| {
        let claimant = Claimant::of(claim);
        let (standing, why) = standing(snapshot, claims, winner, index);
        let stale = states.is_stale(claim.quarantined && claim.body.is_some(), &claimant);
        ClaimReport { claimant, standing, why, stale, diagnostics: claim.diagnostics.to_vec() }
    });
    reports.collect()
}

/// What a claim does, and why.
fn standing(
    snapshot: &Snapshot,
    claims: &[Claim],
    winner: Option<usize>,
    index: usize,
) -> (Standing, String) {
    let claim = &claims[index];
    match winner.map(|winner| &claims[winner]) {
        _ if claim.body.is_none() && claim.incomplete => {
            (Standing::Pending, "a part of it could not be fetched yet".to_owned())
        }
        Some(counts) if claim.body.is_some() && claim == counts => {
            let others = claims.iter().filter(|it| it.body.is_some() && it.source != claim.source);
            let outranks = others.into_iter().any(|other| snapshot.outranks(&claim.source, &other.source));
            let why = if outranks {
                "its source comes before the others"
            } else {
                "it is the first that came with something valid"
            };
            (Standing::Counts, why.to_owned())
        }
        Some(counts) if claim.body.is_some() => {
            let first = name(&Claimant::of(counts));
            let how = if snapshot.outranks(&counts.source, &claim.source) {
                "counts more"
            } else {
                "came before it"
            };
            (Standing::Waits, format!("{first} {how}"))
        }
        _ => (Standing::Quarantined, "it has never been valid".to_owned()),
    }
}

fn undisputed(states: &States<'_>, record: &Record) -> ClaimReport {
    let claimant = record.claimant();
    ClaimReport {
        stale: states.is_stale(record.is_quarantined(), &claimant),
        claimant,
        standing: Standing::Counts,
        why: "nobody else describes it".to_owned(),
        diagnostics: record.diagnostics().to_vec(),
    }
}

/// What cannot be read in the places that describe it, and, where nothing does, in places that are called like it.
fn unread(snapshot: &Snapshot, entity_ref: &EntityRef, claims: &[ClaimReport]) -> Vec<Finding> {
    let about = |finding: &&Finding| match claims {
        [] => is_called(&finding.claimant.location, entity_ref.name()),
        claims => claims.iter().any(|claim| claim.claimant == finding.claimant),
    };
    snapshot.unread.iter().filter(about).cloned().collect()
}

/// Whether a folder or a file of a path has a name, whatever its extension.
fn is_called(location: &str, name: &str) -> bool {
    location.split(['/', '#']).any(|part| {
        let stem = part.split_once('.').map_or(part, |(stem, _)| stem);
        [part, stem].iter().any(|it| it.eq_ignore_ascii_case(name))
    })
}

fn namesakes(snapshot: &Snapshot, entity_ref: &EntityRef) -> Vec<EntityRef> {
    let same = snapshot.index.with_values("metadata.name", [entity_ref.name()]);
    let mut refs: Vec<EntityRef> =
        same.iter().filter_map(|number| snapshot.reference(number)).cloned().collect();
    refs.sort_unstable();
    refs
}

fn name(claimant: &Claimant) -> String {
    format!("`{}` of `{}`", claimant.location, claimant.source)
}

/// Whether claims need more than the record of their entity to be told.
pub(super) fn is_disputed(claims: &[&Arc<Claim>]) -> bool {
    match claims {
        [] => false,
        [one] => one.body.is_none(),
        _ => true,
    }
}
