//! The whole story of a reference: who says what, who counts and why, what is wrong.

use idp_core::{EntityRef, Revision, Timestamp};
use serde::Serialize;

use super::graph::{dangling_of, declared_on};
use super::view::{Claimant, Finding};
use super::{Edge, Record, Snapshot};
use crate::StoredDiagnostic;
use crate::catalog::Claim;

/// How a reference stands in the catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum EntityState {
    /// It is there, as its document says.
    Ok,
    /// It is there with its last good revision: its document is broken now.
    Stale,
    /// It is there, and more than one location describes it.
    Conflicted,
    /// It is described, and no description has ever been valid.
    Quarantined,
    /// Nothing describes it.
    Unknown,
}

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
    /// The revision that gave the entity the body it has.
    pub last_good: Option<Revision>,
    /// When that was.
    pub last_good_at: Option<Timestamp>,
    /// Everything that is said about it. The first that was ever valid counts.
    pub claims: Vec<ClaimReport>,
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
    let record = snapshot.get(entity_ref).map(|record| &**record);
    let claims = claims(snapshot, entity_ref);
    let incoming: Vec<Edge> = declared_on(snapshot, entity_ref).collect();
    let state = state(record, &claims);
    let namesakes = match record {
        Some(_) => Vec::new(),
        None => namesakes(snapshot, entity_ref),
    };
    Explanation {
        state,
        reason: reason(state, &claims, incoming.len()),
        last_good: record.map(Record::changed),
        last_good_at: record.map(Record::changed_at),
        dangling: dangling_of(snapshot, entity_ref).collect(),
        unread: unread(snapshot, entity_ref, &claims),
        entity_ref: entity_ref.clone(),
        claims,
        incoming,
        namesakes,
    }
}

fn state(record: Option<&Record>, claims: &[ClaimReport]) -> EntityState {
    let stale = claims.iter().any(|it| it.standing == Standing::Counts && it.stale);
    match record {
        None if claims.is_empty() => EntityState::Unknown,
        None => EntityState::Quarantined,
        Some(_) if stale => EntityState::Stale,
        Some(_) if claims.len() > 1 => EntityState::Conflicted,
        Some(_) => EntityState::Ok,
    }
}

fn reason(state: EntityState, claims: &[ClaimReport], incoming: usize) -> String {
    let counts = claims.iter().find(|it| it.standing == Standing::Counts);
    let who = counts.map(|it| name(&it.claimant)).unwrap_or_default();
    match state {
        EntityState::Ok => format!("{who} describes it"),
        EntityState::Stale => format!("{who} is broken now: the last good revision stays"),
        EntityState::Conflicted => {
            format!("{} locations describe it, and {who} came first with something valid", claims.len())
        }
        EntityState::Quarantined => "it is described, and no description has ever been valid".to_owned(),
        EntityState::Unknown if incoming == 0 => "nothing describes it or points at it".to_owned(),
        EntityState::Unknown if incoming == 1 => "nothing describes it; one relation points at it".to_owned(),
        EntityState::Unknown => format!("nothing describes it; {incoming} relations point at it"),
    }
}

/// The claims in the order in which they count.
fn claims(snapshot: &Snapshot, entity_ref: &EntityRef) -> Vec<ClaimReport> {
    let Some(claims) = snapshot.disputed.get(entity_ref) else {
        return snapshot.get(entity_ref).map(|record| undisputed(snapshot, record)).into_iter().collect();
    };
    let winner = claims.iter().position(|claim| claim.entity.is_some());
    let reports = claims.iter().enumerate().map(|(index, claim)| {
        let claimant = Claimant::of(claim);
        let (standing, why) = match winner {
            Some(winner) if winner == index => {
                (Standing::Counts, "it is the first that came with something valid".to_owned())
            }
            Some(winner) if claim.entity.is_some() => {
                (Standing::Waits, format!("{} came before it", name(&Claimant::of(&claims[winner]))))
            }
            _ => (Standing::Quarantined, "it has never been valid".to_owned()),
        };
        let stale = is_stale(snapshot, claim.quarantined && claim.entity.is_some(), &claimant);
        ClaimReport { claimant, standing, why, stale, diagnostics: claim.diagnostics.clone() }
    });
    reports.collect()
}

fn undisputed(snapshot: &Snapshot, record: &Record) -> ClaimReport {
    let claimant = Claimant { source: record.source.clone(), location: record.location.clone() };
    ClaimReport {
        stale: is_stale(snapshot, record.quarantined, &claimant),
        claimant,
        standing: Standing::Counts,
        why: "nobody else describes it".to_owned(),
        diagnostics: record.diagnostics.clone(),
    }
}

/// A body is older than its location where the location says something broken, or cannot be read at all.
fn is_stale(snapshot: &Snapshot, quarantined: bool, claimant: &Claimant) -> bool {
    quarantined || snapshot.unread.iter().any(|finding| finding.claimant == *claimant)
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
    let same = snapshot.ids.keys().filter(|it| it.name().eq_ignore_ascii_case(entity_ref.name()));
    same.cloned().collect()
}

fn name(claimant: &Claimant) -> String {
    format!("`{}` of `{}`", claimant.location, claimant.source)
}

/// Whether claims need more than the record of their entity to be told.
pub(super) fn is_disputed(claims: &[Claim]) -> bool {
    match claims {
        [] => false,
        [one] => one.entity.is_none(),
        _ => true,
    }
}
