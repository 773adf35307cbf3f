//! Filters of lists and objects.

use std::sync::Arc;

use minijinja::Value;

use crate::expr::arguments::Arguments;
use crate::expr::fail::{Fail, Outcome};
use crate::expr::limits::ITEMS;
use crate::expr::methods::characters;
use crate::expr::ops;
use crate::expr::settings::Settings;
use crate::expr::tests;
use crate::expr::value::{self, Join, View, array, count, items_of, record, text, truthy, view};

/// Another value for undefined, or with a second argument for whatever is not true.
pub(super) fn default(input: &Value, args: &Arguments<'_>, _: &Settings) -> Outcome<Value> {
    let missing = if args.flag(1)? { !truthy(input)? } else { input.is_undefined() };
    Ok(if missing { args.get(0) } else { input.clone() })
}

pub(super) fn first(input: &Value, _: &Arguments<'_>, _: &Settings) -> Outcome<Value> {
    edge(input, "first", |size| if size == 0 { None } else { Some(0) })
}

pub(super) fn last(input: &Value, _: &Arguments<'_>, _: &Settings) -> Outcome<Value> {
    edge(input, "last", |size| size.checked_sub(1))
}

/// The first one: renderings must not differ.
pub(super) fn random(input: &Value, args: &Arguments<'_>, settings: &Settings) -> Outcome<Value> {
    first(input, args, settings)
}

fn edge(input: &Value, name: &str, pick: fn(usize) -> Option<usize>) -> Outcome<Value> {
    if view(input).is_nullish() {
        return Err(Fail::input(format!("{name} requires a value")));
    }
    let size = match view(input) {
        View::Array(items) => value::items(items).len(),
        seen => seen.as_str().map_or(0, value::length),
    };
    match pick(size) {
        Some(at) => ops::member(input, &count(at)),
        None => Ok(Value::UNDEFINED),
    }
}

pub(super) fn length(input: &Value, _: &Arguments<'_>, _: &Settings) -> Outcome<Value> {
    Ok(match view(input) {
        View::Array(items) => count(value::items(items).len()),
        View::Record(entries) => count(entries.len()),
        seen if seen.is_nullish() => count(0),
        View::Bool(false) => count(0),
        seen => seen.as_str().map_or(Value::UNDEFINED, |text| count(value::length(text))),
    })
}

/// Characters of a text, records of key and value of an object, a list as it is.
pub(super) fn list(input: &Value, _: &Arguments<'_>, _: &Settings) -> Outcome<Value> {
    match view(input) {
        View::Array(_) => Ok(input.clone()),
        View::Record(entries) => {
            let pair = |(key, value): &(Arc<str>, Value)| {
                record([(Arc::from("key"), Value::from(&**key)), (Arc::from("value"), value.clone())])
            };
            Ok(array(entries.iter().map(pair).collect()))
        }
        seen => match seen.as_str() {
            Some(text) => Ok(array(characters(text))),
            None => Err(Fail::input("list requires an iterable value")),
        },
    }
}

pub(super) fn join(input: &Value, args: &Arguments<'_>, _: &Settings) -> Outcome<Value> {
    let View::Array(items) = view(input) else { return Err(Fail::input("join requires an array")) };
    let attribute = args.get(1);
    let mut all = items_of(items);
    if truthy(&attribute)? {
        for item in &mut all {
            *item = ops::member(item, &attribute)?;
        }
    }
    let separator = match args.get(0) {
        separator if truthy(&separator)? => text(&separator)?,
        _ => String::new(),
    };
    Join { separator: &separator }.join(&all).map(Value::from)
}

/// Lists of a given size; the last one is filled up where there is something to fill it with.
pub(super) fn batch(input: &Value, args: &Arguments<'_>, _: &Settings) -> Outcome<Value> {
    let size = args.number(0)?.unwrap_or(f64::NAN);
    if !(size >= 1.0 && size.fract() == 0.0) {
        return Err(Fail::input("Batch size must be a positive integer"));
    }
    let size = (size as usize).min(ITEMS);
    let fill = args.get(1);
    let fill = if truthy(&fill)? { Some(fill) } else { None };
    let all = sequence(input);
    let batches = all.chunks(size).map(|chunk| {
        let missing = if fill.is_some() { size - chunk.len() } else { 0 };
        let filler = std::iter::repeat_n(fill.clone().unwrap_or(Value::UNDEFINED), missing);
        array(chunk.iter().cloned().chain(filler).collect())
    });
    Ok(array(batches.collect()))
}

/// A given number of columns; the shorter ones are filled up where there is something to fill them with.
pub(super) fn slice(input: &Value, args: &Arguments<'_>, _: &Settings) -> Outcome<Value> {
    let columns = args.number(0)?.unwrap_or(f64::NAN);
    if !(columns >= 1.0 && columns.fract() == 0.0) || columns > ITEMS as f64 {
        return Err(Fail::input("Slice count must be a positive integer"));
    }
    let (all, columns) = (sequence(input), columns as usize);
    let fill = args.get(1);
    let filled = truthy(&fill)?;
    let (size, longer) = (all.len() / columns, all.len() % columns);
    let (mut out, mut at) = (Vec::with_capacity(columns), 0);
    for column in 0..columns {
        let end = at + size + usize::from(column < longer);
        if view(input).as_str().is_some() {
            out.push(Value::from(all[at..end].iter().filter_map(Value::as_str).collect::<String>()));
            at = end;
            continue;
        }
        let mut part = all[at..end].to_vec();
        if filled && column >= longer && longer > 0 {
            part.push(fill.clone());
        }
        out.push(array(part));
        at = end;
    }
    Ok(array(out))
}

/// What can be walked: the items of a list, the characters of a text, nothing else.
fn sequence(input: &Value) -> Vec<Value> {
    match view(input) {
        View::Array(items) => items_of(items),
        seen => seen.as_str().map(characters).unwrap_or_default(),
    }
}

pub(super) fn groupby(input: &Value, args: &Arguments<'_>, _: &Settings) -> Outcome<Value> {
    let attribute = args.get(0);
    let mut groups: Vec<(String, Vec<Value>)> = Vec::new();
    let mut index = std::collections::HashMap::new();
    for item in sequence(input) {
        let key = text(&ops::member(&item, &attribute)?)?;
        let at = *index.entry(key.clone()).or_insert(groups.len());
        match groups.get_mut(at) {
            Some((_, group)) => group.push(item),
            None => groups.push((key, vec![item])),
        }
    }
    Ok(record(groups.into_iter().map(|(key, group)| (Arc::from(key), array(group)))))
}

pub(super) fn select(input: &Value, args: &Arguments<'_>, _: &Settings) -> Outcome<Value> {
    by_test(input, args, true)
}

pub(super) fn reject(input: &Value, args: &Arguments<'_>, _: &Settings) -> Outcome<Value> {
    by_test(input, args, false)
}

fn by_test(input: &Value, args: &Arguments<'_>, wanted: bool) -> Outcome<Value> {
    let name = args.get(0);
    let name = view(&name).as_str().unwrap_or("truthy");
    let arguments = Arguments::new(args.values().get(1..).unwrap_or_default(), &[]);
    let mut out = Vec::new();
    for item in sequence(input) {
        if tests::run(name, &item, &arguments)? == wanted {
            out.push(item);
        }
    }
    Ok(array(out))
}

pub(super) fn selectattr(input: &Value, args: &Arguments<'_>, _: &Settings) -> Outcome<Value> {
    by_attribute("selectattr", input, args, true)
}

pub(super) fn rejectattr(input: &Value, args: &Arguments<'_>, _: &Settings) -> Outcome<Value> {
    by_attribute("rejectattr", input, args, false)
}

/// By the truth of an attribute; a test given with it is ignored, as upstream does.
fn by_attribute(name: &str, input: &Value, args: &Arguments<'_>, wanted: bool) -> Outcome<Value> {
    let View::Array(items) = view(input) else { return Err(Fail::input(format!("{name} requires an array"))) };
    let attribute = args.get(0);
    let mut out = Vec::new();
    for item in items_of(items) {
        if truthy(&ops::member(&item, &attribute)?)? == wanted {
            out.push(item);
        }
    }
    Ok(array(out))
}
