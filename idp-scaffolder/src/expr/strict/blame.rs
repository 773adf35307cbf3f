//! Values known only after apply that something fails of without reading them.

use std::collections::BTreeSet;
use std::sync::PoisonError;

use idp_core::{unknown_origin, unknown_origins};
use minijinja::{Environment, Error, ErrorKind, Value};
use serde_json::Value as Json;

use super::{Sink, context, host};
use crate::expr::scope::Scope;
use crate::expr::settings::Settings;

/// How many values are told apart: each costs another run.
const MOST: usize = 32;

/// What a template comes to, and the values known only after apply that it reads or fails of.
pub(super) fn tried<T>(
    environment: &Environment<'static>,
    settings: &Settings,
    scope: &Scope,
    mut run: impl FnMut(&Environment<'static>, Value) -> Result<T, Error>,
) -> (Result<T, Error>, BTreeSet<String>) {
    let sink = Sink::default();
    let outcome = run(environment, context(scope, &sink));
    let read = std::mem::take(&mut *sink.lock().unwrap_or_else(PoisonError::into_inner));
    match outcome {
        // What the host's own function says holds, whatever else is unknown.
        Err(error)
            if read.is_empty() && error.kind() != ErrorKind::OutOfFuel && !host::has_failed(&error) =>
        {
            let all = unknowns(scope);
            if all.is_empty() {
                return (Err(error), all);
            }
            // All the runs together may be as much work as one is.
            let runs = 1 + all.len().min(MOST) as u64;
            let silenced = host::silenced(environment, settings, settings.limits.work / runs);
            let again = |scope: &Scope| run(&silenced, context(scope, &Sink::default())).err();
            let unknown = blamed(scope, all, &error, again);
            (Err(error), unknown)
        }
        outcome => (outcome, read),
    }
}

/// The values known only after apply that a template could read.
fn unknowns(scope: &Scope) -> BTreeSet<String> {
    scope.iter().flat_map(|(_, json)| unknown_origins(json)).map(str::to_owned).collect()
}

/// The unknown values that something fails of and does not read, such as an argument that is no text: with a text in
/// their place it goes well, or fails of something else.
fn blamed(
    scope: &Scope,
    all: BTreeSet<String>,
    error: &Error,
    mut run: impl FnMut(&Scope) -> Option<Error>,
) -> BTreeSet<String> {
    let failure = |it: &Error| (it.kind(), it.detail().map(str::to_owned), it.range());
    let mut matters = |origins: &BTreeSet<String>| {
        let other = run(&with_texts(scope, origins));
        other.as_ref().map(failure) != Some(failure(error))
    };
    if !matters(&all) {
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use idp_core::unknown;
    use serde_json::json;

    use crate::{Engine, ErrorCode, Mode, Scope};

    #[test]
    fn what_a_host_says_is_no_fault_of_what_is_unknown_and_it_is_asked_once() {
        for (text, code, calls) in [
            ("${{ ask() }} ${{ values.id }}", ErrorCode::InvalidInput, 1),
            ("${{ 'x' | told }} ${{ values.id }}", ErrorCode::InvalidInput, 1),
            ("${{ answer() }} ${{ 'a' + 1 }} ${{ values.id }}", ErrorCode::InvalidInput, 1),
            ("${{ answer() }} ${{ 'a' | replace('a', values.id) }}", ErrorCode::UnknownValue, 1),
        ] {
            let calls_so_far = Arc::new(AtomicUsize::new(0));
            let count = || {
                let calls = Arc::clone(&calls_so_far);
                move || calls.fetch_add(1, Ordering::Relaxed)
            };
            let (ask, told, answer) = (count(), count(), count());
            let engine = Engine::builder(Mode::Strict)
                .function("ask", move |_| Err(format!("request {} failed", ask())))
                .filter("told", move |_| Err(format!("request {} failed", told())))
                .function("answer", move |_| Ok(Some(json!(answer()))))
                .build();
            let scope = Scope::new().with("values", json!({"id": unknown("repository.id")}));
            let error = engine.render_text(text, &scope, crate::TextOptions::default()).unwrap_err();
            assert_eq!(
                (error.code(), calls_so_far.load(Ordering::Relaxed)),
                (code, calls),
                "{text}: {error}"
            );
        }
    }
}
