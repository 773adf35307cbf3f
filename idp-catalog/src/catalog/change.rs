//! The events of the catalog's stream.

use std::sync::Arc;

use idp_core::{Entity, EntityRef, Event, NewEvent, Result, Timestamp};
use serde::{Deserialize, Serialize};

use super::precedence::Precedence;
use crate::StoredDiagnostic;
use crate::history::Attribution;

const CLAIMED: &str = "entity-claimed";
const RELEASED: &str = "entity-released";
const UNREAD: &str = "location-unread";
const RANKED: &str = "sources-ranked";

/// One thing that happened to the catalog.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Change {
    /// A location says what an entity is.
    Claimed(Claimed),
    /// A location no longer speaks of an entity.
    Released(Released),
    /// What a location holds could not be read; without diagnostics: it can be read again.
    Unread(Unread),
    /// From here on, sources count in this order.
    Ranked(Precedence),
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
    /// Whether there is no body because a part of it could not be fetched, and for no other reason.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) incomplete: bool,
    /// Whether it takes the place of the source's other claims: the description has moved here.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) moved: bool,
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
    #[serde(default)]
    pub(crate) cause: Cause,
    /// Whether the entity stays visible where this was the last claim on it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) keep: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) by: Option<Arc<Attribution>>,
}

/// Why a claim ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Cause {
    /// The source answered completely, and no longer had it.
    #[default]
    Gone,
    /// The whole source was forgotten.
    Forgotten,
    /// It was an orphan, and somebody removed it.
    Removed,
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
            Self::Ranked(precedence) => NewEvent::encode(time, RANKED, precedence),
        }
    }

    /// Reads an event; `None` for a kind that a newer version may have written.
    pub(crate) fn decode(event: &Event) -> Result<Option<Self>> {
        Ok(match event.kind.as_str() {
            CLAIMED => Some(Self::Claimed(event.decode()?)),
            RELEASED => Some(Self::Released(event.decode()?)),
            UNREAD => Some(Self::Unread(event.decode()?)),
            RANKED => Some(Self::Ranked(event.decode()?)),
            _ => None,
        })
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands out a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// On whose behalf an event was written.
pub(crate) fn written_by(event: &Event) -> Result<Option<Attribution>> {
    let by = match Change::decode(event)? {
        Some(Change::Claimed(claimed)) => claimed.by,
        Some(Change::Released(released)) => released.by,
        Some(Change::Unread(_) | Change::Ranked(_)) | None => None,
    };
    Ok(by.map(Arc::unwrap_or_clone))
}
