//! JSON schemas from Rust types.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value;

/// The JSON schema (draft 2020-12) of a type, with its doc comments as descriptions.
///
/// ```
/// /// A bucket.
/// #[derive(schemars::JsonSchema)]
/// struct Bucket {
///     /// What it is called.
///     name: String,
/// }
/// let schema = idp_plugin_sdk::schema_of::<Bucket>();
/// assert_eq!(schema["properties"]["name"]["description"], "What it is called.");
/// ```
pub fn schema_of<T: JsonSchema>() -> Value {
    let settings = schemars::generate::SchemaSettings::draft2020_12().with(|it| it.inline_subschemas = true);
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

/// For `#[schemars(schema_with = "idp_plugin_sdk::tree_schema")]` on a field that holds a [`idp_core::TreeRef`]: the
/// reference itself, or the `{"$workspace": "path"}` that a template writes for it.
pub fn tree_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "anyOf": [
            {
                "type": "object",
                "required": ["$tree", "files", "bytes"],
                "properties": {
                    "$tree": {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"},
                    "files": {"type": "integer", "minimum": 0},
                    "bytes": {"type": "integer", "minimum": 0},
                },
                "additionalProperties": false,
            },
            {
                "type": "object",
                "required": ["$workspace"],
                "properties": {"$workspace": {"type": "string"}},
                "additionalProperties": false,
            },
        ],
    })
}

/// As [`tree_schema`], for an optional field.
pub fn optional_tree_schema(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({"anyOf": [tree_schema(generator), {"type": "null"}]})
}
