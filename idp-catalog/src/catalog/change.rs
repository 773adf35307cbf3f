//! The events of the catalog's stream.

use std::sync::Arc;

use idp_core::{Entity, EntityRef, Event, NewEvent, Result, Timestamp};
use serde::{Deserialize, Serialize};

use crate::StoredDiagnostic;
use crate::history::Attribution;

const CLAIMED: &str = "entity-claimed";
const RELEASED: &str = "entity-released";
const UNREAD: &str = "location-unread";

/// One thing that happened to the catalog.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Change {
    /// A location says what an entity is.
    Claimed(Claimed),
    /// A location no longer speaks of an entity.
    Released(Released),
    /// What a location holds could not be read; without diagnostics: it can be read again.
    Unread(Unread),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Claimed {
    pub(crate) source: Arc<str>,
    pub(crate) location: Arc<str>,
    #[serde(rename = "ref")]
    pub(crate) entity_ref: EntityRef,
    /// `None` where what is said is not valid: the last good body stays.
    pub(crate) entity: Option<Entity>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) diagnostics: Vec<StoredDiagnostic>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) by: Option<Arc<Attribution>>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Released {
    pub(crate) source: Arc<str>,
    pub(crate) location: Arc<str>,
    #[serde(rename = "ref")]
    pub(crate) entity_ref: EntityRef,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) by: Option<Arc<Attribution>>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Unread {
    pub(crate) source: Arc<str>,
    pub(crate) location: Arc<str>,
    pub(crate) diagnostics: Vec<StoredDiagnostic>,
}

impl Change {
    pub(crate) fn encode(&self, time: Timestamp) -> Result<NewEvent> {
        match self {
            Self::Claimed(claimed) => NewEvent::encode(time, CLAIMED, claimed),
            Self::Released(released) => NewEvent::encode(time, RELEASED, released),
            Self::Unread(unread) => NewEvent::encode(time, UNREAD, unread),
        }
    }

    /// Reads an event; `None` for a kind that a newer version may have written.
    pub(crate) fn decode(event: &Event) -> Result<Option<Self>> {
        Ok(match event.kind.as_str() {
            CLAIMED => Some(Self::Claimed(event.decode()?)),
            RELEASED => Some(Self::Released(event.decode()?)),
            UNREAD => Some(Self::Unread(event.decode()?)),
            _ => None,
        })
    }
}

/// On whose behalf an event was written.
pub(crate) fn written_by(event: &Event) -> Result<Option<Attribution>> {
    let by = match Change::decode(event)? {
        Some(Change::Claimed(claimed)) => claimed.by,
        Some(Change::Released(released)) => released.by,
        Some(Change::Unread(_)) | None => None,
    };
    Ok(by.map(Arc::unwrap_or_clone))
}
