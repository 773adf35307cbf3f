//! What a filter, test, function or method is called with.

use std::sync::Arc;

use minijinja::Value;

use super::fail::Outcome;
use super::value::{record, to_number, truthy};

/// Positional arguments, then named ones.
#[derive(Debug)]
pub(crate) struct Arguments<'a> {
    /// By position. Where there are named ones, nunjucks hands them over as one more argument, an object.
    values: Vec<Value>,
    positional: usize,
    named: Vec<(&'a str, Value)>,
}

impl<'a> Arguments<'a> {
    /// Splits operands: the last ones belong to the keywords.
    pub(crate) fn new(operands: &[Value], keywords: &'a [String]) -> Self {
        let positional = operands.len().saturating_sub(keywords.len());
        let (values, named) = operands.split_at(positional);
        let named: Vec<_> = keywords.iter().map(String::as_str).zip(named.iter().cloned()).collect();
        let mut values = values.to_vec();
        if !named.is_empty() {
            values.push(record(named.iter().map(|(key, value)| (Arc::from(*key), value.clone()))));
        }
        Self { values, positional, named }
    }

    /// All, in the form JavaScript gets them.
    pub(crate) fn values(&self) -> &[Value] {
        &self.values
    }

    /// The positional ones.
    pub(crate) fn positional(&self) -> &[Value] {
        &self.values[..self.positional]
    }

    /// The named ones.
    pub(crate) fn named(&self) -> &[(&'a str, Value)] {
        &self.named
    }

    /// An argument, or undefined.
    pub(crate) fn get(&self, index: usize) -> Value {
        self.values.get(index).cloned().unwrap_or(Value::UNDEFINED)
    }

    /// An argument by position, or else by name.
    pub(crate) fn named_or(&self, index: usize, name: &str) -> Value {
        let by_position = self.positional().get(index);
        let by_name = || self.named.iter().find(|(key, _)| *key == name).map(|(_, value)| value);
        by_position.or_else(by_name).cloned().unwrap_or(Value::UNDEFINED)
    }

    /// An argument as a number, unless it is not there.
    pub(crate) fn number(&self, index: usize) -> Outcome<Option<f64>> {
        let value = self.get(index);
        if value.is_undefined() { Ok(None) } else { to_number(&value).map(Some) }
    }

    /// The truth of an argument.
    pub(crate) fn flag(&self, index: usize) -> Outcome<bool> {
        truthy(&self.get(index))
    }
}
