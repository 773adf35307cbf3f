//! Where a next or previous page starts.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use idp_core::{Digest, EntityRef, Error, Result, Revision};
use serde::{Deserialize, Serialize};

/// Longest cursor, in bytes.
const MAX_CURSOR: usize = 64 << 10;

/// The entity at the end of a page, and the query and revision it belongs to.
///
/// Pages go on by position, not by count. On a catalog that has changed meanwhile, an entity that stays where it is in
/// the order comes exactly once.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Position {
    #[serde(rename = "q")]
    pub(super) query: String,
    #[serde(rename = "r")]
    pub(super) revision: Revision,
    /// The values it is sorted by.
    #[serde(rename = "k")]
    pub(super) keys: Vec<Option<Arc<str>>>,
    /// What it is worth to the search.
    #[serde(rename = "s", default)]
    pub(super) rank: u32,
    #[serde(rename = "e")]
    pub(super) entity_ref: EntityRef,
    /// Whether the page lies before it.
    #[serde(rename = "b", default)]
    pub(super) backward: bool,
}

impl Position {
    pub(super) fn encode(&self) -> Result<String> {
        let json = serde_json::to_vec(self)
            .map_err(|error| Error::internal("cursor does not serialise").because(error))?;
        Ok(URL_SAFE_NO_PAD.encode(json))
    }

    /// Reads a cursor that was made for the query with this fingerprint, which sorts by so many fields.
    pub(super) fn decode(cursor: &str, query: &str, fields: usize) -> Result<Self> {
        let bad = || Error::invalid("this is not a cursor of this catalog");
        if cursor.len() > MAX_CURSOR {
            return Err(bad());
        }
        let json = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| bad())?;
        let position: Self = serde_json::from_slice(&json).map_err(|_| bad())?;
        if position.query != query {
            return Err(Error::invalid("this cursor belongs to another query"));
        }
        if position.keys.len() == fields { Ok(position) } else { Err(bad()) }
    }
}

/// A fingerprint of what must stay the same from page to page.
pub(super) fn fingerprint(parts: &impl Serialize) -> Result<String> {
    let json = serde_json::to_vec(parts)
        .map_err(|error| Error::internal("query does not serialise").because(error))?;
    Ok(Digest::of_bytes(&json).short())
}
