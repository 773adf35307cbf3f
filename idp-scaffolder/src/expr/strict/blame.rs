//! Values known only after apply that something fails of without reading them.

use std::collections::BTreeSet;
use std::sync::PoisonError;

use idp_core::{unknown_origin, unknown_origins};
use minijinja::{Error, ErrorKind, Value};
use serde_json::Value as Json;

use super::{Sink, context};
use crate::expr::scope::Scope;

/// How many values are told apart: each costs another run.
const MOST: usize = 32;

/// What a template comes to, and the values known only after apply that it reads or fails of.
pub(super) fn tried<T>(
    scope: &Scope,
    mut run: impl FnMut(Value) -> Result<T, Error>,
) -> (Result<T, Error>, BTreeSet<String>) {
    let sink = Sink::default();
    let outcome = run(context(scope, &sink));
    let read = std::mem::take(&mut *sink.lock().unwrap_or_else(PoisonError::into_inner));
    match outcome {
        Err(error) if read.is_empty() && error.kind() != ErrorKind::OutOfFuel => {
            let unknown = blamed(scope, &error, |scope| run(context(scope, &Sink::default())).err());
            (Err(error), unknown)
        }
        outcome => (outcome, read),
    }
}

/// The unknown values that something fails of and does not read, such as an argument that is no text: with a text in
/// their place it goes well, or fails of something else.
fn blamed(scope: &Scope, error: &Error, mut run: impl FnMut(&Scope) -> Option<Error>) -> BTreeSet<String> {
    let all: BTreeSet<String> =
        scope.iter().flat_map(|(_, json)| unknown_origins(json)).map(str::to_owned).collect();
    let failure = |it: &Error| (it.kind(), it.detail().map(str::to_owned), it.range());
    let mut matters = |origins: &BTreeSet<String>| {
        let other = run(&with_texts(scope, origins));
        other.as_ref().map(failure) != Some(failure(error))
    };
    if all.is_empty() || !matters(&all) {
        return BTreeSet::new();
    }
    if all.len() > MOST {
        return all;
    }
    let each: BTreeSet<_> = all.iter().filter(|it| matters(&[(*it).clone()].into())).cloned().collect();
    if each.is_empty() { all } else { each }
}

/// The same variables with a text in the place of some unknown values.
fn with_texts(scope: &Scope, origins: &BTreeSet<String>) -> Scope {
    let mut changed = Scope::new();
    for (name, json) in scope.iter() {
        let mut json = json.clone();
        put_texts(&mut json, origins);
        changed.set(name, json);
    }
    changed
}

fn put_texts(json: &mut Json, origins: &BTreeSet<String>) {
    match unknown_origin(json) {
        Some(origin) if origins.contains(origin) => *json = "example".into(),
        Some(_) => {}
        None => match json {
            Json::Array(items) => items.iter_mut().for_each(|it| put_texts(it, origins)),
            Json::Object(map) => map.values_mut().for_each(|it| put_texts(it, origins)),
            _ => {}
        },
    }
}
