//! What has been answered.

use std::collections::{BTreeMap, BTreeSet};

use idp_core::Secret;
use serde_json::{Map, Value};

use crate::parameters::{names, secret_way};

/// What has been answered so far.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    /// The answers, without a default that nobody has confirmed.
    pub(super) values: Map<String, Value>,
    /// Fields that are not asked for any more, by their pointer.
    pub(super) settled: BTreeSet<String>,
    /// Lists whose elements are asked for, by their pointer.
    pub(super) open: BTreeSet<String>,
    /// Which of several forms an object has, by its pointer and that of the rule.
    pub(super) variants: BTreeMap<String, usize>,
    /// How many elements of lists came into being without a question.
    pub(super) added: usize,
    /// The secrets, by name.
    pub(super) secrets: BTreeMap<String, Secret>,
}

impl State {
    /// The answer at a pointer.
    pub(super) fn get(&self, pointer: &str) -> Option<&Value> {
        let mut names = names(pointer);
        let first = self.values.get(&names.next()?)?;
        names.try_fold(first, |value, name| match value {
            Value::Array(items) => items.get(name.parse::<usize>().ok()?),
            value => value.get(&name),
        })
    }

    /// Answers a field; the objects and elements around it come into being.
    pub(super) fn set(&mut self, pointer: &str, value: Value) {
        let names: Vec<_> = names(pointer).collect();
        let Some((last, above)) = names.split_last() else { return };
        let mut whole = Value::Object(std::mem::take(&mut self.values));
        let mut at = &mut whole;
        for name in above {
            at = member(at, name);
        }
        *member(at, last) = value;
        if let Value::Object(map) = whole {
            self.values = map;
        }
    }

    /// Forgets the answer at a pointer, and that there was one. The secrets of a list's elements go with them: what is
    /// answered then is other elements.
    pub(super) fn forget(&mut self, pointer: &str) {
        let below = format!("{pointer}/");
        let outside = |it: &String| it != pointer && !it.starts_with(&below);
        self.settled.retain(outside);
        self.open.retain(outside);
        let secrets = format!("{}.", secret_way(pointer));
        self.secrets.retain(|name, _| !name.starts_with(&secrets));
        let own = format!("{pointer}#");
        self.variants.retain(|it, _| outside(it) && !it.starts_with(&own));
        let names: Vec<_> = names(pointer).collect();
        let Some((last, above)) = names.split_last() else { return };
        let mut whole = Value::Object(std::mem::take(&mut self.values));
        let mut at = Some(&mut whole);
        for name in above {
            at = at.and_then(|it| present(it, name));
        }
        if let Some(Value::Object(map)) = at {
            map.shift_remove(last);
        }
        if let Value::Object(map) = whole {
            self.values = map;
        }
    }

    /// Whether a field needs no question.
    pub(super) fn has(&self, pointer: &str) -> bool {
        self.settled.contains(pointer) || self.get(pointer).is_some()
    }
}

fn present<'v>(value: &'v mut Value, name: &str) -> Option<&'v mut Value> {
    match value {
        Value::Array(items) => items.get_mut(name.parse::<usize>().ok()?),
        Value::Object(map) => map.get_mut(name),
        _ => None,
    }
}

/// The member of a value, which becomes an object where it is neither that nor a list.
fn member<'v>(value: &'v mut Value, name: &str) -> &'v mut Value {
    let items = value.as_array_mut().zip(name.parse::<usize>().ok());
    if let Some((items, index)) = items {
        // The form goes from one element to the next: there is no gap to fill.
        let index = index.min(items.len());
        if index == items.len() {
            items.push(Value::Null);
        }
        return &mut value[index];
    }
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    &mut value[name]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn answers_are_set_read_and_forgotten_at_their_place() {
        let mut state = State::default();
        for (pointer, value) in [("/a", json!(1)), ("/o/x~1y", json!("z")), ("/l", json!([]))] {
            state.set(pointer, value.clone());
            assert_eq!(state.get(pointer), Some(&value));
        }
        state.set("/l/0/name", json!("first"));
        state.set("/l/1/name", json!("second"));
        assert_eq!(
            Value::Object(state.values.clone()),
            json!({"a": 1, "o": {"x/y": "z"}, "l": [{"name": "first"}, {"name": "second"}]})
        );
        state.forget("/l/1/name");
        state.forget("/o");
        state.forget("/nothing/there");
        assert_eq!(Value::Object(state.values), json!({"a": 1, "l": [{"name": "first"}, {}]}));
    }
}
