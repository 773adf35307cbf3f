//! What expressions can see.

use std::collections::BTreeMap;

use idp_core::{Entity, Principal, Secret, unknown};
use serde_json::{Map, Value, json};

use crate::Scope;

/// The variables of expressions, before a step adds its own.
#[derive(Debug)]
pub(crate) struct Variables<'a> {
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

impl Variables<'_> {
    /// What plain conditions and outputs see: no secrets.
    pub(crate) fn open(&self) -> Scope {
        let mut user = Map::new();
        if let Some(principal) = self.principal {
            user.insert("ref".into(), principal.entity_ref.as_str().into());
        }
        if let Some(entity) = &self.user {
            user.insert("entity".into(), entity.as_value().clone());
        }
        let task = self.run.map_or_else(|| unknown("context.task.id"), Value::from);
        Scope::new()
            .with("parameters", Value::Object(self.parameters.clone()))
            .with("steps", Value::Object(self.outputs.clone()))
            .with("user", Value::Object(user))
            .with("context", json!({"task": {"id": task}}))
            .with("environment", json!({"parameters": self.environment}))
    }

    /// What inputs see: secrets too, and the element of a repetition.
    pub(crate) fn full(&self, each: Option<&Each>) -> Scope {
        let secrets: Map<_, _> =
            self.secrets.iter().map(|(name, secret)| (name.clone(), secret.expose().into())).collect();
        let environment = json!({"parameters": self.environment, "secrets": {}});
        let scope = self.open().with("secrets", Value::Object(secrets)).with("environment", environment);
        match each {
            Some(each) => scope.with("each", json!({"key": each.key, "value": each.value})),
            None => scope,
        }
    }
}
