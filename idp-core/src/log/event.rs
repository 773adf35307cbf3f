//! Events, before and after they are appended.

use std::borrow::Cow;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Payload, Revision};
use crate::{Error, ErrorKind, Result, Timestamp};

/// An event to append.
#[derive(Clone, Debug, PartialEq)]
pub struct NewEvent {
    /// When it happened, by the writer's clock.
    pub time: Timestamp,
    /// What happened: the reader's cue for decoding the payload. A constant takes no memory.
    pub kind: Cow<'static, str>,
    /// JSON text, stored byte for byte.
    pub payload: Payload,
}

impl NewEvent {
    /// An event with a serialised payload.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] where the payload does not serialise to JSON.
    pub fn encode(
        time: Timestamp,
        kind: impl Into<Cow<'static, str>>,
        payload: &impl Serialize,
    ) -> Result<Self> {
        let payload = serde_json::to_string(payload)
            .map_err(|error| Error::internal("event does not serialise").because(error))?;
        Ok(Self { time, kind: kind.into(), payload: payload.into() })
    }
}

/// An event as it stands in a stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its position.
    pub revision: Revision,
    /// When it happened, by the writer's clock.
    pub time: Timestamp,
    /// What happened.
    pub kind: Cow<'static, str>,
    /// JSON text as it was appended.
    pub payload: Payload,
}

impl Event {
    /// Reads the payload.
    ///
    /// # Errors
    /// [`ErrorKind::Corrupt`] where it is not what the reader expects, and that of a payload whose text cannot be made.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T> {
        let of_this = |error: Error| error.with("kind", &self.kind).with("revision", self.revision);
        let text = self.payload.text().map_err(of_this)?;
        serde_json::from_str(&text).map_err(|error| {
            of_this(Error::new(ErrorKind::Corrupt, "event does not read back").because(error))
        })
    }
}
