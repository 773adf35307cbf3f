//! What a snapshot says besides entities.

use std::sync::Arc;

use idp_core::EntityRef;
use serde::Serialize;

use crate::StoredDiagnostic;
use crate::catalog::Claim;

/// A location of a source that says what an entity is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[non_exhaustive]
pub struct Claimant {
    /// The source.
    pub source: Arc<str>,
    /// Where in the source.
    pub location: Arc<str>,
}

impl Claimant {
    pub(crate) fn of(claim: &Claim) -> Self {
        Self { source: Arc::clone(&claim.source), location: Arc::clone(&claim.location) }
    }
}

/// Several locations claim one entity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Conflict {
    /// The one that counts: the weightiest that has ever said something valid, among equals the first.
    pub winner: Claimant,
    /// The others, in the order in which they would follow.
    pub losers: Vec<Claimant>,
}

impl Conflict {
    /// The conflict among the claims on one entity, which are in the order in which they count.
    pub(crate) fn among(claims: &[&Arc<Claim>]) -> Option<Self> {
        let winner = claims.iter().position(|claim| claim.body.is_some())?;
        let losers = claims.iter().enumerate().filter(|(index, _)| *index != winner);
        let losers: Vec<Claimant> = losers.map(|(_, claim)| Claimant::of(claim)).collect();
        (!losers.is_empty()).then(|| Self { winner: Claimant::of(claims[winner]), losers })
    }
}

/// Something is wrong with what a location holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// The location.
    #[serde(flatten)]
    pub claimant: Claimant,
    /// The entity that is meant, where the document says that much.
    #[serde(rename = "ref")]
    pub entity_ref: Option<EntityRef>,
    /// What is wrong.
    pub diagnostics: Vec<StoredDiagnostic>,
}

impl Finding {
    pub(crate) fn of(entity_ref: &EntityRef, claim: &Claim) -> Self {
        Self {
            claimant: Claimant::of(claim),
            entity_ref: Some(entity_ref.clone()),
            diagnostics: claim.diagnostics.to_vec(),
        }
    }
}
