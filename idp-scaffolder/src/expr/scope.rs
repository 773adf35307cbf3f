//! The variables that a template sees.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value as Json};

/// The variables that a template sees: `parameters`, `steps`, `values`, …
///
/// Cheap to clone and to extend: values are shared. A value known only after apply is written as the JSON object
/// `{"$unknown": "steps.publish.output.url"}`, at any depth.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    names: Arc<BTreeMap<String, Arc<Json>>>,
}

impl Scope {
    /// A scope without variables.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same scope with one more variable, or another value for one.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<Arc<Json>>) -> Self {
        self.set(name, value);
        self
    }

    /// Sets a variable.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<Arc<Json>>) {
        Arc::make_mut(&mut self.names).insert(name.into(), value.into());
    }

    /// Takes a variable away.
    pub fn remove(&mut self, name: &str) {
        Arc::make_mut(&mut self.names).remove(name);
    }

    /// The value of a variable.
    pub fn get(&self, name: &str) -> Option<&Json> {
        self.names.get(name).map(|value| &**value)
    }

    /// All variables, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Json)> {
        self.names.iter().map(|(name, value)| (name.as_str(), &**value))
    }
}

impl From<Map<String, Json>> for Scope {
    fn from(names: Map<String, Json>) -> Self {
        let names = names.into_iter().map(|(name, value)| (name, Arc::new(value)));
        Self { names: Arc::new(names.collect()) }
    }
}

impl From<&Json> for Scope {
    /// The members of an object; anything else has none.
    fn from(context: &Json) -> Self {
        context.as_object().cloned().map(Self::from).unwrap_or_default()
    }
}
