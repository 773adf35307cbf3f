//! Methods of lists. Those that change a list change it in place, as JavaScript does.

use std::sync::Mutex;

use minijinja::Value;

use super::unsupported;
use crate::expr::arguments::Arguments;
use crate::expr::fail::{Fail, Outcome};
use crate::expr::limits::ITEMS;
use crate::expr::ops::compare_text;
use crate::expr::value::{
    Join, View, Walk, array, count, items, items_of, number, same_object, strict_equal, text, to_index, view,
};

type Items = Mutex<Vec<Value>>;

pub(super) fn call(receiver: &Value, list: &Items, name: &str, args: &Arguments<'_>) -> Outcome<Value> {
    let all = items_of(list);
    Ok(match name {
        "at" => at(&all, args.number(0)?.unwrap_or(0.0)),
        "concat" => concat(all, args)?,
        "copyWithin" => copy_within(receiver, list, all, args)?,
        "fill" => fill(receiver, list, args)?,
        "flat" => flat(&all, args)?,
        "includes" => (index_of(&all, &args.get(0))?.is_some()).into(),
        "indexOf" => position(index_of(&all, &args.get(0))?),
        "lastIndexOf" => position(last_index_of(&all, &args.get(0))?),
        "join" => join(&all, args)?,
        "pop" => items(list).pop().unwrap_or(Value::UNDEFINED),
        "shift" => shift(list),
        "push" => push(receiver, list, args)?,
        "unshift" => unshift(receiver, list, args)?,
        "reverse" => {
            items(list).reverse();
            receiver.clone()
        }
        "slice" => slice(&all, args)?,
        "sort" => sort(receiver, list, all, args)?,
        "splice" => splice(receiver, list, args)?,
        _ => return Err(unsupported(name)),
    })
}

fn at(all: &[Value], index: f64) -> Value {
    let index = if index < 0.0 { index.trunc() + all.len() as f64 } else { index.trunc() };
    if index < 0.0 { Value::UNDEFINED } else { all.get(index as usize).cloned().unwrap_or(Value::UNDEFINED) }
}

fn concat(mut all: Vec<Value>, args: &Arguments<'_>) -> Outcome<Value> {
    for value in args.values() {
        match view(value) {
            View::Array(more) => all.extend(items_of(more)),
            _ => all.push(value.clone()),
        }
    }
    checked(all)
}

fn checked(all: Vec<Value>) -> Outcome<Value> {
    if all.len() > ITEMS { Err(Fail::limit("a list is too long")) } else { Ok(array(all)) }
}

fn copy_within(receiver: &Value, list: &Items, all: Vec<Value>, args: &Arguments<'_>) -> Outcome<Value> {
    let size = all.len();
    let target = to_index(args.number(0)?.unwrap_or(0.0), size);
    let start = to_index(args.number(1)?.unwrap_or(0.0), size);
    let end = args.number(2)?.map_or(size, |end| to_index(end, size));
    let moved = all.iter().take(end).skip(start).take(size - target);
    for (slot, value) in items(list).iter_mut().skip(target).zip(moved) {
        *slot = value.clone();
    }
    Ok(receiver.clone())
}

fn fill(receiver: &Value, list: &Items, args: &Arguments<'_>) -> Outcome<Value> {
    let size = items(list).len();
    let start = to_index(args.number(1)?.unwrap_or(0.0), size);
    let end = args.number(2)?.map_or(size, |end| to_index(end, size));
    let value = args.get(0);
    acyclic(receiver, [&value])?;
    items(list).iter_mut().take(end).skip(start).for_each(|slot| *slot = value.clone());
    Ok(receiver.clone())
}

fn flat(all: &[Value], args: &Arguments<'_>) -> Outcome<Value> {
    let depth = args.number(0)?.unwrap_or(1.0).clamp(0.0, 100.0) as usize;
    let mut out = Vec::new();
    flatten(all, depth, &mut out)?;
    checked(out)
}

fn flatten(all: &[Value], depth: usize, out: &mut Vec<Value>) -> Outcome<()> {
    for item in all {
        match view(item) {
            View::Array(inner) if depth > 0 => flatten(&items_of(inner), depth - 1, out)?,
            _ => out.push(item.clone()),
        }
        if out.len() > ITEMS {
            return Err(Fail::limit("a list is too long"));
        }
    }
    Ok(())
}

fn index_of(all: &[Value], wanted: &Value) -> Outcome<Option<usize>> {
    for (index, item) in all.iter().enumerate() {
        if strict_equal(item, wanted)? {
            return Ok(Some(index));
        }
    }
    Ok(None)
}

fn last_index_of(all: &[Value], wanted: &Value) -> Outcome<Option<usize>> {
    let mut found = None;
    for (index, item) in all.iter().enumerate() {
        if strict_equal(item, wanted)? {
            found = Some(index);
        }
    }
    Ok(found)
}

fn position(index: Option<usize>) -> Value {
    index.map_or_else(|| number(-1.0), count)
}

fn join(all: &[Value], args: &Arguments<'_>) -> Outcome<Value> {
    let separator = match view(&args.get(0)) {
        View::Undefined => ",".to_owned(),
        _ => text(&args.get(0))?,
    };
    Join { separator: &separator }.join(all).map(Value::from)
}

fn shift(list: &Items) -> Value {
    let mut all = items(list);
    if all.is_empty() { Value::UNDEFINED } else { all.remove(0) }
}

fn push(receiver: &Value, list: &Items, args: &Arguments<'_>) -> Outcome<Value> {
    grow(receiver, list, args.values())?;
    let mut all = items(list);
    all.extend(args.values().iter().cloned());
    Ok(count(all.len()))
}

fn unshift(receiver: &Value, list: &Items, args: &Arguments<'_>) -> Outcome<Value> {
    grow(receiver, list, args.values())?;
    let mut all = items(list);
    all.splice(0..0, args.values().iter().cloned());
    Ok(count(all.len()))
}

/// Checks that a list may take more values.
fn grow(receiver: &Value, list: &Items, values: &[Value]) -> Outcome<()> {
    if items(list).len() + values.len() > ITEMS {
        return Err(Fail::limit("a list is too long"));
    }
    acyclic(receiver, values)
}

/// Refuses to put a list into itself, at any depth: it could never be printed, nor its memory be freed.
fn acyclic<'v>(receiver: &Value, values: impl IntoIterator<Item = &'v Value>) -> Outcome<()> {
    let mut pending: Vec<Value> = values.into_iter().cloned().collect();
    let mut walk = Walk::default();
    while let Some(value) = pending.pop() {
        walk.visit()?;
        if same_object(receiver, &value) {
            return Err(Fail::input("Cyclic template values are not supported"));
        }
        match view(&value) {
            View::Array(inner) => pending.extend(items_of(inner)),
            View::Record(entries) => pending.extend(entries.iter().map(|(_, value)| value.clone())),
            _ => (),
        }
    }
    Ok(())
}

fn slice(all: &[Value], args: &Arguments<'_>) -> Outcome<Value> {
    let start = to_index(args.number(0)?.unwrap_or(0.0), all.len());
    let end = args.number(1)?.map_or(all.len(), |end| to_index(end, all.len()));
    Ok(array(all.iter().take(end).skip(start).cloned().collect()))
}

/// Without a comparison function lists sort by text, undefined last.
fn sort(receiver: &Value, list: &Items, all: Vec<Value>, args: &Arguments<'_>) -> Outcome<Value> {
    if !args.values().is_empty() {
        return Err(Fail::input("sort takes no arguments here"));
    }
    let mut keyed = Vec::with_capacity(all.len());
    for value in all {
        let key = if value.is_undefined() { None } else { Some(text(&value)?) };
        keyed.push((key, value));
    }
    keyed.sort_by(|(a, _), (b, _)| match (a, b) {
        (Some(a), Some(b)) => compare_text(a, b),
        (a, b) => a.is_none().cmp(&b.is_none()),
    });
    *items(list) = keyed.into_iter().map(|(_, value)| value).collect();
    Ok(receiver.clone())
}

fn splice(receiver: &Value, list: &Items, args: &Arguments<'_>) -> Outcome<Value> {
    let given = args.values();
    grow(receiver, list, given.get(2..).unwrap_or_default())?;
    let mut all = items(list);
    let start = to_index(args.number(0)?.unwrap_or(0.0), all.len());
    let removed = match given.len() {
        0 => 0,
        1 => all.len() - start,
        _ => (args.number(1)?.unwrap_or(0.0).max(0.0) as usize).min(all.len() - start),
    };
    let new = given.get(2..).unwrap_or_default().iter().cloned();
    let taken = all.splice(start..start + removed, new).collect();
    Ok(array(taken))
}
