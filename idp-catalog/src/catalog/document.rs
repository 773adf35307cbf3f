//! An entity's document as the log has it: JSON, not read.

use idp_core::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::body::{Body, Packer};

/// A document in JSON, as it stands in an event or a checkpoint.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Document(Box<RawValue>);

/// What every document has: no string of it is empty.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    api_version: String,
    kind: String,
    metadata: Named,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

impl Document {
    /// What a body says.
    pub(super) fn of(body: &Body) -> Result<Self> {
        let internal = |error| Error::internal("a body is no JSON").because(error);
        RawValue::from_string(body.text()).map(Self).map_err(internal)
    }

    /// Packs the document, after a look at its envelope.
    pub(super) fn pack(&self, packer: &Packer) -> Result<Body> {
        let corrupt = || Error::new(ErrorKind::Corrupt, "an entity does not read back");
        let Envelope { api_version, kind, metadata } =
            serde_json::from_str(self.0.get()).map_err(|error| corrupt().because(error))?;
        if [api_version, kind, metadata.name].iter().any(String::is_empty) {
            return Err(corrupt());
        }
        Ok(packer.pack_text(self.0.get()))
    }

    pub(super) fn text(&self) -> &str {
        self.0.get()
    }
}
