//! Directed, typed edges between entities.

use serde::{Deserialize, Serialize};

use crate::EntityRef;

/// One directed edge as its source entity declares or receives it: `{"type":"ownedBy","targetRef":"group:default/a"}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Relation {
    /// `ownedBy`, `partOf`, `dependsOn`…
    pub r#type: String,
    /// Where the edge leads. It need not exist.
    pub target_ref: EntityRef,
}

impl Relation {
    /// An edge of a type to a target.
    pub fn new(r#type: impl Into<String>, target_ref: EntityRef) -> Self {
        Self { r#type: r#type.into(), target_ref }
    }
}
