//! What each operation of a program does.

use minijinja::{State, Value};

use super::frames::Progress;
use super::{Callable, Run};
use crate::expr::arguments::Arguments;
use crate::expr::error::ErrorCode;
use crate::expr::fail::{Fail, Outcome};
use crate::expr::filters;
use crate::expr::lower::{Key, Op, Site};
use crate::expr::ops;
use crate::expr::regex::Pattern;
use crate::expr::tests;
use crate::expr::value::{
    Js, View, array, count, items_of, print, record, strict_equal, text, to_number, truthy, unknown, view,
};

impl Run {
    /// Runs an operation. One that needs a value known only after apply has itself such a value, except where the
    /// course of the template depends on it.
    pub(super) fn operate(
        &self,
        state: &mut State<'_, '_>,
        site: &Site,
        operands: &[Value],
    ) -> Outcome<Value> {
        match self.control(&site.op, operands) {
            Some(outcome) => outcome,
            None => match self.compute(state, &site.op, operands) {
                Err(Fail::Unknown(names)) => Ok(unknown(names)),
                outcome => outcome,
            },
        }
    }

    /// Operations that steer the template. None where this is none of them.
    fn control(&self, op: &Op, operands: &[Value]) -> Option<Outcome<Value>> {
        let operand = operands.first();
        let done = Some(Ok(Value::UNDEFINED));
        match (op, operand) {
            (Op::Truth, Some(value)) => Some(truthy(value).map(Value::from)),
            (Op::Matches, Some(value)) => {
                let case = operands.get(1).unwrap_or(&Value::UNDEFINED);
                Some(strict_equal(value, case).map(Value::from))
            }
            (Op::Print, Some(value)) => Some(self.print(value)),
            (Op::Result, Some(value)) => {
                self.memory().result = Some(value.clone());
                done
            }
            (Op::Iterate { width }, Some(value)) => Some(self.iterate(value, *width)),
            (Op::Bind(names), Some(item)) => {
                self.bind(names, item);
                done
            }
            (Op::Set(names), Some(value)) => {
                let mut memory = self.memory();
                names.iter().for_each(|name| memory.frames.set(name, value.clone()));
                done
            }
            (Op::Macro { name, parameters, caller }, Some(body)) => {
                Some(Ok(self.define(name, parameters, *caller, body)))
            }
            (Op::Enter, _) => {
                self.memory().frames.enter(None);
                done
            }
            (Op::Leave, _) => {
                self.memory().frames.leave();
                done
            }
            (Op::Missing(name), _) => Some(Ok((!self.memory().frames.has_own(name)).into())),
            _ => None,
        }
    }

    fn print(&self, value: &Value) -> Outcome<Value> {
        if let View::Str(_) = view(value) {
            return Ok(value.clone());
        }
        match print(value) {
            Err(Fail::Unknown(names)) => {
                self.memory().unknown.extend(names);
                Ok(Value::from(""))
            }
            text => text.map(Value::from),
        }
    }

    /// Operations that make a value.
    fn compute(&self, state: &mut State<'_, '_>, op: &Op, operands: &[Value]) -> Outcome<Value> {
        let first = operands.first().unwrap_or(&Value::UNDEFINED);
        let second = operands.get(1).unwrap_or(&Value::UNDEFINED);
        match op {
            Op::Name(name) => Ok(self.lookup(name)),
            Op::Array => Ok(array(operands.to_vec())),
            Op::Dict(keys) => Ok(record(keys.iter().cloned().zip(operands.iter().cloned()))),
            Op::Last => Ok(operands.last().cloned().unwrap_or(Value::UNDEFINED)),
            Op::Path(keys) => path(keys, operands),
            Op::Slice(present) => slice(present, operands),
            Op::Chain(operators) => ops::chain(operators, operands),
            Op::Sign(operator) => ops::sign(operator, first),
            Op::Not => truthy(first).map(|truth| (!truth).into()),
            Op::In { negated } => Ok((ops::contains(known(first)?, second)? != *negated).into()),
            Op::Regex { pattern, flags } => {
                let pattern = Pattern::new(pattern, flags, self.settings.limits.pattern)?;
                Ok(Value::from_object(Js::Regex(pattern)))
            }
            Op::Filter { name, keywords } => {
                let args = Arguments::new(operands.get(1..).unwrap_or_default(), keywords);
                self.filter(name, first, &args)
            }
            Op::Test { name, keywords, negated } => {
                let args = Arguments::new(operands.get(1..).unwrap_or_default(), keywords);
                all_known(operands)?;
                Ok((tests::run(name, first, &args)? != *negated).into())
            }
            Op::Call { path, keywords } => {
                let args = Arguments::new(operands.get(1..).unwrap_or_default(), keywords);
                self.call_value(state, first, path.as_deref(), &args)
            }
            Op::Method { path, name, keywords } => {
                let skip = if name.is_some() { 1 } else { 2 };
                let key = match name {
                    Some(name) => name.clone(),
                    None => text(second)?,
                };
                let args = Arguments::new(operands.get(skip..).unwrap_or_default(), keywords);
                self.call_method(state, first, &key, path.as_deref(), &args)
            }
            _ => Err(Fail::input("operation without operands")),
        }
    }

    fn filter(&self, name: &str, input: &Value, args: &Arguments<'_>) -> Outcome<Value> {
        if let Some(host) = self.settings.filter(name) {
            return super::calls::call_host(host, Some(input), args);
        }
        let Some(filter) = filters::find(name, &self.settings) else {
            return Err(Fail::Error(ErrorCode::UnknownFilter, format!("Unknown template filter \"{name}\"")));
        };
        known(input)?;
        all_known(args.values())?;
        filter(input, args, &self.settings).map_err(|fail| match fail {
            Fail::Error(code, message) => {
                let kind = crate::expr::value::type_name(input);
                Fail::Error(code, format!("Filter \"{name}\" failed for {kind} input: {message}"))
            }
            other => other,
        })
    }

    /// Opens a loop's frame. With several names each item is a list of their values.
    fn iterate(&self, value: &Value, width: usize) -> Outcome<Value> {
        let single = width == 1;
        let all: Vec<Value> = match view(value) {
            View::Array(list) if single => items_of(list),
            View::Array(list) => items_of(list).iter().map(destructure).collect(),
            View::Record(entries) if !single => {
                entries.iter().map(|(key, value)| array(vec![Value::from(&**key), value.clone()])).collect()
            }
            View::Unknown(names) => return Err(Fail::Unknown(names.clone())),
            other => match other.as_str() {
                Some(text) if single => crate::expr::methods::characters(text),
                Some(text) => {
                    let characters = crate::expr::methods::characters(text).into_iter().enumerate();
                    characters.map(|(index, c)| array(vec![count(index), c])).collect()
                }
                None => Vec::new(),
            },
        };
        self.memory().frames.enter(Some(all.len()));
        Ok(Value::from(all))
    }

    fn bind(&self, names: &[String], item: &Value) {
        let mut memory = self.memory();
        let Some(progress) = memory.frames.next_round() else { return };
        if self.program.uses_loop {
            memory.frames.declare("loop", loop_record(progress));
        }
        if let [name] = names {
            return memory.frames.declare(name, item.clone());
        }
        for (index, name) in names.iter().enumerate() {
            let value = match view(item) {
                View::Array(parts) => items_of(parts).get(index).cloned().unwrap_or(Value::UNDEFINED),
                _ => Value::UNDEFINED,
            };
            memory.frames.declare(name, value);
        }
    }

    fn define(&self, name: &str, parameters: &[String], caller: bool, body: &Value) -> Value {
        let mut memory = self.memory();
        // A macro sees the template's own names, the body of a call tag those around it.
        let frame = if caller { memory.frames.current() } else { 0 };
        let defined =
            super::callable::MacroValue { body: body.clone(), parameters: parameters.to_vec(), frame };
        let value = Callable::Macro(defined).into_value();
        if !caller {
            memory.frames.set(name, value.clone());
        }
        value
    }
}

fn destructure(item: &Value) -> Value {
    match view(item) {
        View::Array(_) => item.clone(),
        _ => array(Vec::new()),
    }
}

fn known(value: &Value) -> Outcome<&Value> {
    match view(value) {
        View::Unknown(names) => Err(Fail::Unknown(names.clone())),
        _ => Ok(value),
    }
}

fn all_known(values: &[Value]) -> Outcome<()> {
    values.iter().try_for_each(|value| known(value).map(|_| ()))
}

fn path(keys: &[Key], operands: &[Value]) -> Outcome<Value> {
    let mut operands = operands.iter();
    let mut value = operands.next().cloned().unwrap_or(Value::UNDEFINED);
    for key in keys {
        value = match key {
            Key::Name(name) => ops::named_or_undefined(&value, name)?,
            Key::Operand => ops::member(&value, operands.next().unwrap_or(&Value::UNDEFINED))?,
        };
    }
    Ok(value)
}

fn slice(present: &[bool; 3], operands: &[Value]) -> Outcome<Value> {
    let mut operands = operands.iter();
    let object = operands.next().unwrap_or(&Value::UNDEFINED);
    let mut bounds = [None; 3];
    for (slot, present) in bounds.iter_mut().zip(present) {
        let operand = if *present { operands.next() } else { None };
        *slot = operand.map(to_number).transpose()?;
    }
    ops::slice(object, bounds)
}

fn loop_record(progress: Progress) -> Value {
    let Progress { index, length } = progress;
    let entries = [
        ("index", count(index + 1)),
        ("index0", count(index)),
        ("revindex", count(length - index)),
        ("revindex0", count(length - index - 1)),
        ("first", (index == 0).into()),
        ("last", (index + 1 == length).into()),
        ("length", count(length)),
    ];
    record(entries.map(|(key, value)| (key.into(), value)))
}
