//! What is said about a reference, and how it is related.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;
use idp_core::{EntityRef, Error, Result, Revision, Timestamp};
use serde::{Deserialize, Serialize, Serializer};

use crate::StoredDiagnostic;
use crate::body::{Body, Dictionary};
use crate::catalog::claim::Claim;
use crate::catalog::state::{Changed, Place, Restored, State};
use crate::history::Attribution;
use crate::snapshot::{Links, Snapshot};

/// What claims name again and again, by number.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Names<'n> {
    /// What documents are packed with.
    #[serde(borrow)]
    dictionaries: Vec<Bytes<'n>>,
    /// Sources and locations.
    #[serde(borrow)]
    places: Vec<(&'n str, &'n str)>,
}

/// Bytes that are read as they lie there.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(transparent)]
struct Bytes<'b>(&'b [u8]);

impl Serialize for Bytes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

/// The numbers of names.
pub(super) struct Numbers<'n> {
    names: &'n Names<'n>,
    places: HashMap<(&'n str, &'n str), u32, RandomState>,
}

impl<'n> Names<'n> {
    pub(super) fn of(state: &'n State) -> Self {
        let places = state
            .spoken
            .iter()
            .flat_map(|(source, locations)| locations.keys().map(move |location| (&**source, &**location)));
        let mut dictionaries: Vec<Bytes<'_>> = Vec::new();
        for body in state.bodies() {
            if !dictionaries.iter().any(|known| body.is_packed_with(known.0)) {
                dictionaries.push(Bytes(body.dictionary()));
            }
        }
        Self { dictionaries, places: places.collect() }
    }

    pub(super) fn numbers(&'n self) -> Numbers<'n> {
        let places = self.places.iter().copied().zip(0..).collect();
        Numbers { names: self, places }
    }

    pub(super) fn dictionaries(&self) -> Vec<Arc<Dictionary>> {
        self.dictionaries.iter().map(|bytes| Arc::new(Dictionary::from(bytes.0))).collect()
    }

    /// The places, each source's name shared.
    pub(super) fn places(&self) -> Vec<Place> {
        let mut last: Arc<str> = Arc::default();
        let place = |(source, location): &(&str, &str)| {
            if *last != **source {
                last = (*source).into();
            }
            (Arc::clone(&last), Arc::from(*location))
        };
        self.places.iter().map(place).collect()
    }
}

/// A reference.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Entry<'e> {
    /// Empty where the number is nobody's.
    reference: &'e str,
    #[serde(borrow)]
    claims: Vec<WrittenClaim<'e>>,
    /// The revision, and the time in milliseconds.
    changed: Option<(u64, i64)>,
    links: Links<'e>,
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
        names: &Numbers<'_>,
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
        Some(Restored {
            claims,
            entity_ref,
            changed: self.changed.map(changed),
            links: self.links.into_owned(),
        })
    }
}

impl<'e> WrittenClaim<'e> {
    fn of(claim: &'e Claim, names: &Numbers<'_>) -> Result<Self> {
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

impl Numbers<'_> {
    fn place(&self, claim: &Claim) -> Result<u32> {
        self.places.get(&(&*claim.source, &*claim.location)).copied().ok_or_else(failure)
    }

    fn body<'b>(&self, body: &'b Body) -> Result<(u32, Bytes<'b>)> {
        let known = self.names.dictionaries.iter().zip(0..);
        let dictionary = known.into_iter().find(|(bytes, _)| body.is_packed_with(bytes.0));
        dictionary.map(|(_, number)| (number, Bytes(body.bytes()))).ok_or_else(failure)
    }
}

fn failure() -> Error {
    Error::internal("a claim does not fit into an image")
}
