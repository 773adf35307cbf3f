//! The events of the catalog's stream.

use std::sync::Arc;

use idp_core::{EntityRef, Error, Event, NewEvent, Result, Timestamp};
use serde::{Deserialize, Serialize};

use super::document::Document;
use super::precedence::Precedence;
use crate::StoredDiagnostic;
use crate::body::{Body, Packer};
use crate::finding::shared;
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
    pub(super) fn encode(&self, time: Timestamp) -> Result<NewEvent> {
        Ok(NewEvent { time, kind: self.kind().into(), payload: self.text()?.into() })
    }

    /// The kind of its event.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Claimed(_) => CLAIMED,
            Self::Released(_) => RELEASED,
            Self::Unread(_) => UNREAD,
            Self::Ranked(_) => RANKED,
        }
    }

    /// The payload of its event.
    pub(super) fn text(&self) -> Result<String> {
        let text = match self {
            Self::Claimed(claimed) => return written(claimed),
            Self::Released(released) => serde_json::to_string(released),
            Self::Unread(unread) => serde_json::to_string(unread),
            Self::Ranked(precedence) => serde_json::to_string(precedence),
        };
        text.map_err(unwritten)
    }

    /// Reads an event; `None` for a kind that a newer version may have written.
    pub(crate) fn decode(event: &Event, packer: &Packer) -> Result<Option<Self>> {
        Ok(match &*event.kind {
            CLAIMED => Some(Self::Claimed(event.decode::<WrittenClaim>()?.read(packer)?)),
            RELEASED => Some(Self::Released(event.decode()?)),
            UNREAD => Some(Self::Unread(event.decode()?)),
            RANKED => Some(Self::Ranked(event.decode()?)),
            _ => None,
        })
    }
}

/// A claim as the log has it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenClaim {
    source: Arc<str>,
    location: Arc<str>,
    #[serde(rename = "ref")]
    entity_ref: EntityRef,
    entity: Option<Document>,
    #[serde(default)]
    incomplete: bool,
    #[serde(default)]
    moved: bool,
    #[serde(default)]
    diagnostics: Vec<StoredDiagnostic>,
    #[serde(default)]
    by: Option<Arc<Attribution>>,
}

/// What stands before the entity in a [`WrittenClaim`].
#[derive(Serialize)]
struct Head<'c> {
    source: &'c str,
    location: &'c str,
    #[serde(rename = "ref")]
    entity_ref: &'c EntityRef,
}

/// What stands behind it, as far as there is anything to say.
#[derive(Serialize)]
struct Tail<'c> {
    #[serde(skip_serializing_if = "is_false")]
    incomplete: bool,
    #[serde(skip_serializing_if = "is_false")]
    moved: bool,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    diagnostics: &'c [StoredDiagnostic],
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<&'c Attribution>,
}

/// Bytes that most claims have room in.
const USUAL: usize = 2048;

/// A claim in JSON, with the entity's document put in as it is: what is packed was read as JSON when it
/// was judged, and reading it to write it again takes longer than all the rest.
fn written(claimed: &Claimed) -> Result<String> {
    let Claimed { source, location, entity_ref, body, incomplete, moved, diagnostics, by } = claimed;
    let (incomplete, moved) = (*incomplete, *moved);
    let tail = Tail { incomplete, moved, diagnostics, by: by.as_deref() };
    let tail = serde_json::to_string(&tail).map_err(unwritten)?;
    let mut text = Vec::with_capacity(USUAL + tail.len());
    serde_json::to_writer(&mut text, &Head { source, location, entity_ref }).map_err(unwritten)?;
    text.pop_if(|last| *last == b'}');
    text.extend_from_slice(b",\"entity\":");
    let unpacked = match body {
        Some(body) => body.append_to(&mut text),
        None => {
            text.extend_from_slice(b"null");
            Some(())
        }
    };
    match tail.strip_prefix('{').unwrap_or(&tail) {
        "}" => text.push(b'}'),
        rest => text.extend([",", rest].iter().flat_map(|part| part.bytes())),
    }
    let text = unpacked.and_then(|()| String::from_utf8(text).ok());
    text.ok_or_else(|| Error::internal("a body does not unpack").with("ref", entity_ref))
}

fn unwritten(error: serde_json::Error) -> Error {
    Error::internal("event does not serialise").because(error)
}

impl WrittenClaim {
    fn read(self, packer: &Packer) -> Result<Claimed> {
        Ok(Claimed {
            source: self.source,
            location: self.location,
            entity_ref: self.entity_ref,
            body: self.entity.map(|document| document.pack(packer)).transpose()?,
            incomplete: self.incomplete,
            moved: self.moved,
            diagnostics: shared(self.diagnostics),
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
    let is_signed = matches!(&*event.kind, CLAIMED | RELEASED);
    Ok(if is_signed { event.decode::<Written>()?.by } else { None })
}
