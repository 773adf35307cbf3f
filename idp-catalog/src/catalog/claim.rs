//! What one location says about one entity.

use std::slice;
use std::sync::Arc;

use idp_core::{Entity, EntityRef};

use super::change::Claimed;
use crate::StoredDiagnostic;
use crate::body::Body;
use crate::history::Attribution;

/// What one location says about one entity.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Claim {
    pub(crate) source: Arc<str>,
    pub(crate) location: Arc<str>,
    pub(crate) entity_ref: EntityRef,
    /// The last good one; `None` where there never was one.
    pub(crate) body: Option<Body>,
    /// Whether what the location says now is not valid.
    pub(crate) quarantined: bool,
    /// Whether it is not valid only because a part of it could not be fetched.
    pub(crate) incomplete: bool,
    pub(crate) diagnostics: Arc<[StoredDiagnostic]>,
    /// On whose behalf it was written.
    pub(crate) by: Option<Arc<Attribution>>,
}

impl Claim {
    pub(super) fn is_of(&self, source: &str, location: &str) -> bool {
        *self.source == *source && *self.location == *location
    }

    /// The entity that is described, where there ever was a good body.
    pub(crate) fn entity(&self) -> Option<Entity> {
        self.body.as_ref().map(|body| body.entity(&self.entity_ref))
    }
}

/// The claims on one entity: those of one source together, sources in the order in which they came with something
/// valid. Nearly all entities have one.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) enum Claims {
    #[default]
    None,
    One(Arc<Claim>),
    Several(Arc<[Arc<Claim>]>),
}

impl Claims {
    pub(crate) fn as_slice(&self) -> &[Arc<Claim>] {
        match self {
            Self::None => &[],
            Self::One(claim) => slice::from_ref(claim),
            Self::Several(claims) => claims,
        }
    }

    /// Puts a claim in its place: a known one keeps it, a moved one goes before the others of its source, any other one
    /// behind them. A source that has had nothing valid yet goes behind all others with its first body.
    pub(super) fn put(&mut self, claimed: Claimed) {
        if matches!(self, Self::None) {
            *self = Self::One(Arc::new(Claim::from(claimed, None)));
            return;
        }
        let mut claims = self.as_slice().to_vec();
        let known = claims.iter().position(|claim| claim.is_of(&claimed.source, &claimed.location));
        let ours = |claim: &Arc<Claim>| claim.source == claimed.source;
        let had_body = claims.iter().any(|claim| ours(claim) && claim.body.is_some());
        let last_good = match known {
            Some(index) => claims[index].body.clone(),
            // The body moves along, so that a description may move and break at once.
            None if claimed.moved => claims.iter().filter(|it| ours(it)).find_map(|it| it.body.clone()),
            None => None,
        };
        let first_body = !had_body && claimed.body.is_some();
        let place = match known {
            Some(index) => {
                claims.remove(index);
                index
            }
            None if claimed.moved => claims.iter().position(ours).unwrap_or(claims.len()),
            None => claims.iter().rposition(ours).map_or(claims.len(), |index| index + 1),
        };
        let source = Arc::clone(&claimed.source);
        claims.insert(place, Arc::new(Claim::from(claimed, last_good)));
        if first_body {
            // Stable: only this source changes its place.
            claims.sort_by_key(|claim| claim.source == source);
        }
        *self = claims.into();
    }

    /// Takes a claim out.
    pub(super) fn take(&mut self, source: &str, location: &str) -> Option<Arc<Claim>> {
        let mut claims = self.as_slice().to_vec();
        let index = claims.iter().position(|it| it.is_of(source, location))?;
        let claim = claims.remove(index);
        *self = claims.into();
        Some(claim)
    }
}

impl From<Vec<Arc<Claim>>> for Claims {
    fn from(mut claims: Vec<Arc<Claim>>) -> Self {
        match claims.len() {
            0 => Self::None,
            1 => claims.pop().map_or(Self::None, Self::One),
            _ => Self::Several(claims.into()),
        }
    }
}

impl Claim {
    fn from(claimed: Claimed, last_good: Option<Body>) -> Self {
        Self {
            quarantined: claimed.body.is_none(),
            incomplete: claimed.incomplete && claimed.body.is_none(),
            body: claimed.body.or(last_good),
            source: claimed.source,
            location: claimed.location,
            entity_ref: claimed.entity_ref,
            diagnostics: claimed.diagnostics,
            by: claimed.by,
        }
    }
}
