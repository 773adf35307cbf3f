//! The wish that a catalog knows of a location.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{EntityRef, Resource, ResourceId};

/// A location that the catalog is to read entities from: what `catalog:register` asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Registration {
    /// The URL of a descriptor file.
    pub target: String,
    /// Whether a location that cannot be read yet is accepted.
    #[serde(default)]
    pub optional: bool,
}

/// What became of a [`Registration`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RegistrationState {
    /// The location.
    pub target: String,
    /// The entities it holds, in the order of the file.
    pub entities: Vec<EntityRef>,
}

impl Resource for Registration {
    const KIND: &'static str = "registration";
    type State = RegistrationState;

    fn id(&self) -> ResourceId {
        ResourceId::new(Self::KIND, &self.target)
    }

    fn schema() -> Value {
        json!({
            "type": "object",
            "required": ["target"],
            "properties": {"target": {"type": "string", "minLength": 1}, "optional": {"type": "boolean"}},
            "additionalProperties": false,
        })
    }

    fn traits(&self) -> BTreeMap<String, String> {
        BTreeMap::new()
    }
}
