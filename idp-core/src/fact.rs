//! Things observed about entities.

use std::fmt;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Cancel, EntityRef, Result, Timestamp};

/// Something observed about an entity: its health, its last build, its drift.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Fact {
    /// The entity it is about.
    pub entity: EntityRef,
    /// What was observed: `build.last`, `health.status`.
    pub name: String,
    /// The observation.
    pub value: Value,
    /// When it was observed.
    pub observed_at: Timestamp,
}

/// Observes facts in one real system.
#[async_trait]
pub trait FactSource: fmt::Debug + Send + Sync + 'static {
    /// A name that is unique in a registry.
    fn name(&self) -> &str;

    /// What can be said now about these entities.
    ///
    /// - Answers only about entities it was asked for; one it knows nothing of is left out, which is no error.
    /// - A system that cannot be reached is an error, never an empty answer.
    /// - Changes nothing anywhere.
    async fn observe(&self, cancel: &Cancel, entities: &[EntityRef]) -> Result<Vec<Fact>>;
}
