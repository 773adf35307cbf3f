//! Calls of functions, macros and methods.

use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

use minijinja::{State, Value};
use serde_json::Value as Json;

use super::callable::MacroValue;
use super::{Callable, Run};
use crate::expr::arguments::Arguments;
use crate::expr::error::ErrorCode;
use crate::expr::fail::{Fail, Outcome};
use crate::expr::limits::{CALLS, ITEMS};
use crate::expr::methods;
use crate::expr::ops;
use crate::expr::settings::Function;
use crate::expr::value::{View, array, contains_unknown, from_json, number, safe, to_json, to_number, type_name, view};

impl Run {
    pub(super) fn call_value(
        &self,
        state: &mut State<'_, '_>,
        callee: &Value,
        path: Option<&str>,
        args: &Arguments<'_>,
    ) -> Outcome<Value> {
        match view(callee) {
            View::Function(callable) => self.call_function(state, callable, args),
            View::Method(method) => {
                let (receiver, name) = (method.receiver.clone(), method.name.clone());
                self.call_method(state, &receiver, &name, path, args)
            }
            View::Unknown(names) => Err(Fail::Unknown(names.clone())),
            _ => Err(not_callable(path, callee)),
        }
    }

    fn call_function(&self, state: &mut State<'_, '_>, callable: &Callable, args: &Arguments<'_>) -> Outcome<Value> {
        match callable {
            Callable::Macro(definition) => self.call_macro(state, definition, args),
            Callable::Range => range(args),
            Callable::CyclerMaker => {
                let items = args.values().to_vec();
                Ok(Callable::Cycler { items, at: Mutex::new(None) }.into_value())
            }
            Callable::JoinerMaker => {
                let separator = if args.values().is_empty() { Value::from(",") } else { args.get(0) };
                Ok(Callable::Joiner { separator, used: AtomicBool::new(false) }.into_value())
            }
            Callable::Joiner { separator, used } => Ok(Callable::joined(separator, used)),
            Callable::Cycler { .. } => Err(Fail::Error(ErrorCode::NotCallable, "A cycler cannot be called".into())),
            Callable::Status { answer, .. } => {
                self.memory().status_called = true;
                Ok((*answer).into())
            }
            Callable::Host(function) => call_host(function, None, args),
        }
    }

    fn call_macro(&self, state: &mut State<'_, '_>, callee: &MacroValue, args: &Arguments<'_>) -> Outcome<Value> {
        let mark = {
            let mut memory = self.memory();
            if memory.depth >= CALLS {
                return Err(Fail::limit("macros call each other too deeply"));
            }
            memory.depth += 1;
            let mark = memory.frames.call(callee.frame);
            for (name, value) in callee.parameters.iter().zip(args.positional()) {
                memory.frames.declare(name, value.clone());
            }
            for (name, value) in args.named() {
                memory.frames.declare(name, value.clone());
            }
            mark
        };
        let text = callee.body.call(state, &[]);
        let mut memory = self.memory();
        memory.depth -= 1;
        memory.frames.back(mark);
        drop(memory);
        text.map(|text| safe(text.as_str().unwrap_or_default())).map_err(Fail::Reported)
    }

    pub(super) fn call_method(
        &self,
        state: &mut State<'_, '_>,
        receiver: &Value,
        name: &str,
        path: Option<&str>,
        args: &Arguments<'_>,
    ) -> Outcome<Value> {
        if let View::Unknown(names) = view(receiver) {
            return Err(Fail::Unknown(names.clone()));
        }
        if let (View::Function(cycler @ Callable::Cycler { .. }), "next" | "reset") = (view(receiver), name) {
            return Ok(cycler.cycle(name == "next"));
        }
        let cookiecutter = || match self.settings.cookiecutter {
            true => methods::call_cookiecutter(receiver, name, args),
            false => Ok(None),
        };
        let legacy = || match self.settings.legacy {
            true => methods::call_legacy(receiver, name, args),
            false => Ok(None),
        };
        for attempt in [&cookiecutter as &dyn Fn() -> Outcome<Option<Value>>, &|| methods::call(receiver, name, args), &legacy] {
            if let Some(value) = attempt()? {
                return Ok(value);
            }
        }
        let member = if view(receiver).is_nullish() { Value::UNDEFINED } else { ops::named(receiver, name)? };
        match view(&member) {
            View::Function(_) => self.call_value(state, &member, path, args),
            _ => Err(not_callable(path, &member)),
        }
    }
}

fn not_callable(path: Option<&str>, value: &Value) -> Fail {
    let subject = match path {
        Some(path) => format!("Template value \"{path}\""),
        None => "Template expression".to_owned(),
    };
    let message = format!("{subject} resolved to {} and cannot be called", type_name(value));
    Fail::Error(ErrorCode::NotCallable, message)
}

/// Calls what the host added, with plain JSON in and out.
pub(super) fn call_host(function: &Function, input: Option<&Value>, args: &Arguments<'_>) -> Outcome<Value> {
    if !args.named().is_empty() {
        return Err(Fail::input("named arguments are not supported here"));
    }
    let mut values = Vec::new();
    for value in input.into_iter().chain(args.values()) {
        if let Some(names) = contains_unknown(value)? {
            return Err(Fail::Unknown(names));
        }
        values.push(to_json(value)?.unwrap_or(Json::Null));
    }
    let answer = function.call(&values).map_err(Fail::input)?;
    Ok(answer.as_ref().map_or(Value::UNDEFINED, from_json))
}

/// `range(stop)`, `range(start, stop)`, `range(start, stop, step)`.
fn range(args: &Arguments<'_>) -> Outcome<Value> {
    let bounds = args.values().iter().map(to_number).collect::<Outcome<Vec<_>>>()?;
    let (start, stop, step) = match bounds[..] {
        [] => return Ok(array(Vec::new())),
        [stop] => (0.0, stop, 1.0),
        [start, stop] => (start, stop, 1.0),
        [start, stop, step, ..] => (start, stop, if step == 0.0 { 1.0 } else { step }),
    };
    let (mut out, mut at) = (Vec::new(), start);
    while if step > 0.0 { at < stop } else { at > stop } {
        if out.len() >= ITEMS {
            return Err(Fail::limit(format!("Template value containers cannot exceed {ITEMS} entries")));
        }
        out.push(number(at));
        at += step;
    }
    Ok(array(out))
}
