//! What claims name again and again: written once, and told by number.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;
use idp_core::Result;
use serde::{Deserialize, Serialize, Serializer};

use super::entry::failure;
use crate::body::{Body, Dictionary};
use crate::catalog::claim::Claim;
use crate::catalog::state::{Place, State};

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
pub(super) struct Bytes<'b>(pub(super) &'b [u8]);

impl Serialize for Bytes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

/// The numbers of names.
pub(super) struct NameNumbers<'n> {
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

    pub(super) fn numbers(&'n self) -> NameNumbers<'n> {
        let places = self.places.iter().copied().zip(0..).collect();
        NameNumbers { names: self, places }
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

impl NameNumbers<'_> {
    pub(super) fn place(&self, claim: &Claim) -> Result<u32> {
        self.places.get(&(&*claim.source, &*claim.location)).copied().ok_or_else(failure)
    }

    pub(super) fn body<'b>(&self, body: &'b Body) -> Result<(u32, Bytes<'b>)> {
        let known = self.names.dictionaries.iter().zip(0..);
        let dictionary = known.into_iter().find(|(bytes, _)| body.is_packed_with(bytes.0));
        dictionary.map(|(_, number)| (number, Bytes(body.bytes()))).ok_or_else(failure)
    }
}
