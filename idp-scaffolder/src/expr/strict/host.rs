//! What the host added to strict templates.

use std::fmt;
use std::sync::Arc;

use minijinja::value::Rest;
use minijinja::{Environment, Error, ErrorKind, Value};
use serde_json::Value as Json;

use super::{Probe, Sink, json, plain};
use crate::expr::settings::{Function, Global, Settings};

/// Adds the host's filters, functions and variables.
pub(super) fn register(environment: &mut Environment<'static>, settings: &Arc<Settings>) {
    for (name, function) in settings.filters.iter() {
        environment.add_filter(name.clone(), calling(function));
    }
    for (name, global) in settings.globals.iter() {
        match global {
            Global::Value(value) => environment.add_global(name.clone(), plain(value)),
            Global::Function(function) => environment.add_function(name.clone(), calling(function)),
        }
    }
}

/// The same environment, within so much work, that calls nothing of the host's: what that answers is not known there.
pub(super) fn silenced(
    environment: &Environment<'static>,
    settings: &Settings,
    work: u64,
) -> Environment<'static> {
    let mut silenced = environment.clone();
    silenced.set_fuel(Some(work));
    let unknown = |_: Rest<Value>| Value::from_object(Probe { name: String::new(), sink: Sink::default() });
    for name in settings.filters.keys() {
        silenced.add_filter(name.clone(), unknown);
    }
    for (name, _) in settings.globals.iter().filter(|(_, it)| matches!(it, Global::Function(_))) {
        silenced.add_function(name.clone(), unknown);
    }
    silenced
}

/// Whether an error is what a filter or function of the host has answered.
pub(super) fn has_failed(error: &Error) -> bool {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = next {
        if error.is::<HostFailed>() {
            return true;
        }
        next = error.source();
    }
    false
}

fn calling(
    function: &Function,
) -> impl Fn(Rest<Value>) -> Result<Value, Error> + Send + Sync + 'static + use<> {
    let function = function.clone();
    move |args: Rest<Value>| {
        let values: Vec<Json> = args.iter().map(|value| json(value, 0).unwrap_or(Json::Null)).collect();
        let failed = |message| Error::new(ErrorKind::InvalidOperation, message).with_source(HostFailed);
        let answer = function.call(&values).map_err(failed)?;
        Ok(answer.as_ref().map_or(Value::UNDEFINED, plain))
    }
}

/// Marks an error as the host's.
#[derive(Debug)]
struct HostFailed;

impl fmt::Display for HostFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the host's function failed")
    }
}

impl std::error::Error for HostFailed {}
