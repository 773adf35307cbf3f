//! On whose behalf the catalog changed.

use idp_core::{EntityRef, RunInfo};
use serde::{Deserialize, Serialize};

/// On whose behalf something was written, beside the source that says it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Attribution {
    /// The user or group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub principal: Option<EntityRef>,
    /// The run that did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
}

impl Attribution {
    /// Somebody's own doing.
    #[must_use]
    pub fn principal(principal: EntityRef) -> Self {
        Self { principal: Some(principal), run: None }
    }
}

impl From<&RunInfo> for Attribution {
    /// A run's doing, and that of whoever started it.
    fn from(run: &RunInfo) -> Self {
        let principal = run.principal.as_ref().map(|it| it.entity_ref.clone());
        Self { principal, run: Some(run.id.clone()) }
    }
}
