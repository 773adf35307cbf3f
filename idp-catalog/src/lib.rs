//! The software catalog: sources, model, log, snapshots and queries.

mod js;
mod model;
mod yaml;

pub use model::{Declared, Field, Kind, Model, RelationField, Shape, Stage, Verdict};
pub use yaml::{Document, Limits, Marks, parse};

/// The parsed document as JSON with sorted keys, no spaces, and numbers as JavaScript prints them.
///
/// Two readers of YAML that see the same data make the same text.
#[must_use]
pub fn canonical_json(value: &serde_json::Value) -> String {
    js::canonical_json(value)
}
