//! The events of the catalog's stream.

use std::borrow::Cow;
use std::sync::Arc;

use idp_core::{EntityRef, Event, NewEvent, Result, Timestamp};
use serde::{Deserialize, Serialize};

use super::document::Document;
use super::precedence::Precedence;
use crate::StoredDiagnostic;
use crate::body::{Body, Packer};
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

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Claimed {
    pub(crate) source: Arc<str>,
    pub(crate) location: Arc<str>,
    pub(crate) entity_ref: EntityRef,
    /// `None` where what is said is not valid: the last good body stays.
    pub(crate) body: Option<Body>,
    /// Whether there is no body because a part of it could not be fetched, and for no other reason.
    pub(crate) incomplete: bool,
    /// Whether it takes the place of the source's other claims: the description has moved here.
    pub(crate) moved: bool,
    pub(crate) diagnostics: Arc<[StoredDiagnostic]>,
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
    pub(crate) diagnostics: Arc<[StoredDiagnostic]>,
}

impl Change {
    pub(crate) fn encode(&self, time: Timestamp) -> Result<NewEvent> {
        match self {
            Self::Claimed(claimed) => NewEvent::encode(time, CLAIMED, &WrittenClaim::of(claimed)?),
            Self::Released(released) => NewEvent::encode(time, RELEASED, released),
            Self::Unread(unread) => NewEvent::encode(time, UNREAD, unread),
            Self::Ranked(precedence) => NewEvent::encode(time, RANKED, precedence),
        }
    }

    /// Reads an event; `None` for a kind that a newer version may have written.
    pub(crate) fn decode(event: &Event, packer: &Packer) -> Result<Option<Self>> {
        Ok(match event.kind.as_str() {
            CLAIMED => Some(Self::Claimed(event.decode::<WrittenClaim<'_>>()?.read(packer)?)),
            RELEASED => Some(Self::Released(event.decode()?)),
            UNREAD => Some(Self::Unread(event.decode()?)),
            RANKED => Some(Self::Ranked(event.decode()?)),
            _ => None,
        })
    }
}

/// A claim as the log has it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenClaim<'c> {
    source: Arc<str>,
    location: Arc<str>,
    #[serde(rename = "ref")]
    entity_ref: EntityRef,
    entity: Option<Document>,
    #[serde(default, skip_serializing_if = "is_false")]
    incomplete: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    moved: bool,
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    diagnostics: Cow<'c, [StoredDiagnostic]>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by: Option<Arc<Attribution>>,
}

impl<'c> WrittenClaim<'c> {
    fn of(claimed: &'c Claimed) -> Result<Self> {
        Ok(Self {
            source: Arc::clone(&claimed.source),
            location: Arc::clone(&claimed.location),
            entity_ref: claimed.entity_ref.clone(),
            entity: claimed.body.as_ref().map(Document::of).transpose()?,
            incomplete: claimed.incomplete,
            moved: claimed.moved,
            diagnostics: Cow::Borrowed(&claimed.diagnostics),
            by: claimed.by.clone(),
        })
    }

    fn read(self, packer: &Packer) -> Result<Claimed> {
        Ok(Claimed {
            source: self.source,
            location: self.location,
            entity_ref: self.entity_ref,
            body: self.entity.map(|document| document.pack(packer)).transpose()?,
            incomplete: self.incomplete,
            moved: self.moved,
            diagnostics: self.diagnostics.into_owned().into(),
            by: self.by,
        })
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands out a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// The document in an event, where it has one.
pub(super) fn document(event: &Event) -> Option<String> {
    #[derive(Deserialize)]
    struct Written {
        entity: Option<Document>,
    }
    let written = (event.kind == CLAIMED).then(|| event.decode::<Written>().ok())??;
    written.entity.map(|document| document.text().to_owned())
}

/// On whose behalf an event was written.
pub(crate) fn written_by(event: &Event) -> Result<Option<Attribution>> {
    #[derive(Deserialize)]
    struct Written {
        by: Option<Attribution>,
    }
    let is_signed = matches!(event.kind.as_str(), CLAIMED | RELEASED);
    Ok(if is_signed { event.decode::<Written>()?.by } else { None })
}
