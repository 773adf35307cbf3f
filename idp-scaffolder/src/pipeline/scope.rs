//! What expressions can see.

use std::collections::BTreeMap;

use idp_core::{Entity, Principal, Secret, unknown};
use serde_json::{Map, Value, json};

/// The variables of expressions, before a step adds its own.
#[derive(Debug)]
pub(crate) struct Scope<'a> {
    pub(crate) parameters: &'a Map<String, Value>,
    pub(crate) secrets: &'a BTreeMap<String, Secret>,
    pub(crate) principal: Option<&'a Principal>,
    pub(crate) user: Option<Entity>,
    pub(crate) environment: &'a Map<String, Value>,
    /// The run's id; `None` while planning, when there is no run yet.
    pub(crate) run: Option<&'a str>,
    /// `steps.<id>.output` of the steps that ran.
    pub(crate) outputs: Map<String, Value>,
}

/// The element that a step repeats for.
#[derive(Clone, Debug)]
pub(crate) struct Each {
    pub(crate) key: String,
    pub(crate) value: Value,
}

impl Scope<'_> {
    /// What plain conditions and outputs see: no secrets.
    pub(crate) fn open(&self) -> Value {
        let mut user = Map::new();
        if let Some(principal) = self.principal {
            user.insert("ref".into(), principal.entity_ref.as_str().into());
        }
        if let Some(entity) = &self.user {
            user.insert("entity".into(), entity.as_value().clone());
        }
        let task = self.run.map_or_else(|| unknown("context.task.id"), Value::from);
        json!({
            "parameters": self.parameters,
            "steps": self.outputs,
            "user": user,
            "context": {"task": {"id": task}},
            "environment": {"parameters": self.environment},
        })
    }

    /// What inputs see: secrets too, and the element of a repetition.
    pub(crate) fn full(&self, each: Option<&Each>) -> Value {
        let mut scope = self.open();
        let secrets: Map<_, _> =
            self.secrets.iter().map(|(name, secret)| (name.clone(), secret.expose().into())).collect();
        if let Some(map) = scope.as_object_mut() {
            map.insert("secrets".into(), Value::Object(secrets));
            if let Some(environment) = map.get_mut("environment").and_then(Value::as_object_mut) {
                environment.insert("secrets".into(), Value::Object(Map::new()));
            }
            if let Some(each) = each {
                map.insert("each".into(), json!({"key": each.key, "value": each.value}));
            }
        }
        scope
    }
}
