//! What a layer's file says, as it stands there.

use std::collections::BTreeMap;

use idp_core::Severity;
use serde::Deserialize;
use serde_json::Value;

/// A whole file.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct LayerData {
    pub(super) layer: String,
    pub(super) kinds: Vec<KindData>,
    pub(super) annotations: Vec<KeyData>,
    pub(super) labels: Vec<KeyData>,
    pub(super) rules: Vec<RuleData>,
    pub(super) update: Vec<UpdateData>,
    pub(super) remove: RemoveData,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct KindData {
    pub(super) kind: String,
    pub(super) api_versions: Vec<String>,
    #[serde(flatten)]
    pub(super) spec: SpecData,
    #[serde(default)]
    pub(super) types: BTreeMap<String, SpecData>,
}

/// What stands in `spec`: of a kind, or of one of its types.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct SpecData {
    /// A schema.
    pub(super) spec: Option<Value>,
    pub(super) relations: Vec<RelationData>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RelationData {
    pub(super) field: String,
    #[serde(rename = "type")]
    pub(super) outgoing: String,
    pub(super) reverse: String,
    pub(super) default_kind: Option<String>,
    pub(super) default_namespace: Option<String>,
    #[serde(default)]
    pub(super) allowed_kinds: Vec<String>,
    #[serde(default)]
    pub(super) reverse_kinds: Vec<String>,
}

/// An annotation or a label.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct KeyData {
    pub(super) key: String,
    #[serde(default)]
    pub(super) kinds: Vec<String>,
    /// A schema.
    pub(super) value: Option<Value>,
    #[serde(default = "error")]
    pub(super) severity: Severity,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(in crate::model) struct RuleData {
    pub(in crate::model) code: String,
    /// A predicate, as text or as JSON.
    pub(in crate::model) when: Option<Value>,
    pub(in crate::model) require: Value,
    pub(in crate::model) message: String,
    pub(in crate::model) help: Option<String>,
    /// The dotted path of the field to point at.
    pub(in crate::model) at: Option<String>,
    #[serde(default = "error")]
    pub(in crate::model) severity: Severity,
}

/// What is added to a kind that another layer declares.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UpdateData {
    pub(super) kind: String,
    #[serde(default)]
    pub(super) api_versions: Vec<String>,
    #[serde(flatten)]
    pub(super) spec: SpecData,
    #[serde(default)]
    pub(super) types: BTreeMap<String, SpecData>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct RemoveData {
    pub(super) kinds: Vec<String>,
    pub(super) types: Vec<TypeName>,
    pub(super) fields: Vec<FieldName>,
    pub(super) annotations: Vec<String>,
    pub(super) labels: Vec<String>,
    pub(super) rules: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct TypeName {
    pub(super) kind: String,
    #[serde(rename = "type")]
    pub(super) name: String,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct FieldName {
    pub(super) kind: String,
    pub(super) field: String,
}

fn error() -> Severity {
    Severity::Error
}
