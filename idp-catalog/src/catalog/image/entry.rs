//! What is said about a reference, and how it is related.

use std::borrow::Cow;
use std::sync::Arc;

use idp_core::{EntityRef, Error, Result, Revision, Timestamp};
use serde::{Deserialize, Serialize};

use super::names::{Bytes, NameNumbers};
use crate::StoredDiagnostic;
use crate::body::{Body, Dictionary};
use crate::catalog::claim::Claim;
use crate::catalog::state::{Changed, Place, Restored, State};
use crate::history::Attribution;
use crate::snapshot::{Links, Snapshot};

/// A reference.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Entry<'e> {
    /// Empty where the number is nobody's.
    reference: &'e str,
    #[serde(borrow)]
    claims: Vec<WrittenClaim<'e>>,
    /// The revision, and the time in milliseconds.
    changed: Option<(u64, i64)>,
    links: Links,
}

#[derive(Debug, Serialize, Deserialize)]
struct WrittenClaim<'e> {
    place: u32,
    /// The number of the dictionary, and the packed bytes.
    #[serde(borrow)]
    body: Option<(u32, Bytes<'e>)>,
    quarantined: bool,
    incomplete: bool,
    /// [`Remarks`] in JSON, where there are any: most claims have none.
    #[serde(borrow)]
    remarks: Option<Cow<'e, str>>,
}

#[derive(Serialize, Deserialize)]
struct Remarks {
    diagnostics: Arc<[StoredDiagnostic]>,
    by: Option<Arc<Attribution>>,
}

impl<'e> Entry<'e> {
    pub(super) fn of(
        number: u32,
        state: &'e State,
        snapshot: &'e Snapshot,
        names: &NameNumbers<'_>,
    ) -> Result<Self> {
        let claims = state.claims(number).iter().map(|claim| WrittenClaim::of(claim, names));
        Ok(Self {
            reference: state.directory.text(number),
            claims: claims.collect::<Result<_>>()?,
            changed: state.changed(number).map(|it| (it.revision.0, it.time.as_millis())),
            links: snapshot.links(number),
        })
    }

    pub(super) fn read(self, places: &[Place], dictionaries: &[Arc<Dictionary>]) -> Option<Restored> {
        let changed =
            |(revision, time)| Changed { revision: Revision(revision), time: Timestamp::from_millis(time) };
        let entity_ref = match self.reference {
            "" => None,
            text => Some(text.parse::<EntityRef>().ok()?),
        };
        let read = |claim: WrittenClaim<'_>| {
            let place = claim.place;
            Some((
                place as usize,
                claim.read(entity_ref.as_ref()?, places.get(place as usize)?, dictionaries)?,
            ))
        };
        let claims = self.claims.into_iter().map(read).collect::<Option<_>>()?;
        Some(Restored { claims, entity_ref, changed: self.changed.map(changed), links: self.links })
    }
}

impl<'e> WrittenClaim<'e> {
    fn of(claim: &'e Claim, names: &NameNumbers<'_>) -> Result<Self> {
        let remarks = Remarks { diagnostics: Arc::clone(&claim.diagnostics), by: claim.by.clone() };
        let is_remarked = !remarks.diagnostics.is_empty() || remarks.by.is_some();
        let remarks = is_remarked.then(|| serde_json::to_string(&remarks)).transpose();
        Ok(Self {
            place: names.place(claim)?,
            body: claim.body.as_ref().map(|body| names.body(body)).transpose()?,
            quarantined: claim.quarantined,
            incomplete: claim.incomplete,
            remarks: remarks.map_err(|error| failure().because(error))?.map(Cow::Owned),
        })
    }

    fn read(
        self,
        entity_ref: &EntityRef,
        (source, location): &Place,
        dictionaries: &[Arc<Dictionary>],
    ) -> Option<Claim> {
        let body = match self.body {
            Some((dictionary, Bytes(packed))) => {
                Some(Body::packed(Arc::clone(dictionaries.get(dictionary as usize)?), packed))
            }
            None => None,
        };
        let (diagnostics, by) = match &self.remarks {
            Some(json) => {
                let remarks: Remarks = serde_json::from_str(json).ok()?;
                (remarks.diagnostics, remarks.by)
            }
            None => (Arc::default(), None),
        };
        Some(Claim {
            source: Arc::clone(source),
            location: Arc::clone(location),
            entity_ref: entity_ref.clone(),
            body,
            quarantined: self.quarantined,
            incomplete: self.incomplete,
            diagnostics,
            by,
        })
    }
}

pub(super) fn failure() -> Error {
    Error::internal("a claim does not fit into an image")
}
