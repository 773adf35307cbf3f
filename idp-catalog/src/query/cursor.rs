//! Where a next page starts.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use idp_core::{Digest, EntityRef, Error, Result, Revision};
use serde::{Deserialize, Serialize};

use super::order::SortKey;

/// The last entity of a page: its sort keys and its reference, and the query and revision it belongs to.
///
/// Pages go on by position, not by count: on a catalog that has changed meanwhile no entity comes twice.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Position {
    #[serde(rename = "q")]
    pub(super) query: String,
    #[serde(rename = "r")]
    pub(super) revision: Revision,
    #[serde(rename = "k")]
    pub(super) keys: Vec<Option<SortKey>>,
    #[serde(rename = "e")]
    pub(super) entity_ref: EntityRef,
}

impl Position {
    pub(super) fn encode(&self) -> Result<String> {
        let json = serde_json::to_vec(self)
            .map_err(|error| Error::internal("cursor does not serialise").because(error))?;
        Ok(URL_SAFE_NO_PAD.encode(json))
    }

    /// Reads a cursor that was made for the query with this fingerprint.
    pub(super) fn decode(cursor: &str, query: &str) -> Result<Self> {
        let bad = || Error::invalid("this is not a cursor of this catalog");
        let json = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| bad())?;
        let position: Self = serde_json::from_slice(&json).map_err(|_| bad())?;
        if position.query == query {
            Ok(position)
        } else {
            Err(Error::invalid("this cursor belongs to another query"))
        }
    }
}

/// A fingerprint of what must stay the same from page to page.
pub(super) fn fingerprint(parts: &impl Serialize) -> Result<String> {
    let json = serde_json::to_vec(parts)
        .map_err(|error| Error::internal("query does not serialise").because(error))?;
    Ok(Digest::of_bytes(&json).short())
}
