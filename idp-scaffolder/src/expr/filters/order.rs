//! Filters that order.

use minijinja::Value;

use crate::expr::arguments::Arguments;
use crate::expr::fail::{Fail, Outcome};
use crate::expr::methods::characters;
use crate::expr::ops;
use crate::expr::settings::Settings;
use crate::expr::value::{View, array, items_of, truthy, view};

pub(super) fn reverse(input: &Value, _: &Arguments<'_>, _: &Settings) -> Outcome<Value> {
    Ok(match view(input) {
        View::Array(items) => array(items_of(items).into_iter().rev().collect()),
        seen => match seen.as_str() {
            Some(text) => text.chars().rev().collect::<String>().into(),
            None => Value::UNDEFINED,
        },
    })
}

/// Sorts without regard to case, unless told otherwise; by an attribute where one is named.
pub(super) fn sort(input: &Value, args: &Arguments<'_>, _: &Settings) -> Outcome<Value> {
    let all = match view(input) {
        View::Array(items) => items_of(items),
        seen => seen.as_str().map(characters).unwrap_or_default(),
    };
    let reverse = truthy(&args.named_or(0, "reverse"))?;
    let case_sensitive = truthy(&args.named_or(1, "case_sensitive"))?;
    let attribute = args.named_or(2, "attribute");
    let mut keyed = Vec::with_capacity(all.len());
    for item in all {
        let key = match view(&attribute).as_str() {
            Some(path) => attribute_of(&item, path)?,
            None => item.clone(),
        };
        keyed.push((if case_sensitive { key } else { folded(&key) }, item));
    }
    order(&mut keyed, reverse)?;
    Ok(array(keyed.into_iter().map(|(_, item)| item).collect()))
}

fn attribute_of(item: &Value, path: &str) -> Outcome<Value> {
    let mut value = item.clone();
    for name in path.split('.') {
        value = ops::member(&value, &Value::from(name))?;
    }
    if value.is_undefined() { Err(Fail::input(format!("sort: attribute \"{path}\" resolved to undefined"))) } else { Ok(value) }
}

fn folded(value: &Value) -> Value {
    view(value).as_str().map_or_else(|| value.clone(), |text| Value::from(text.to_lowercase()))
}

/// Sorts by JavaScript's `<`, keeping the order of what is neither less nor greater; undefined items come last.
///
/// JavaScript's `<` is no total order (`'b' < 1` and `1 < 'b'` are both false), which the standard sorts must not be
/// given: this merges instead, which no answer can confuse.
fn order(keyed: &mut Vec<(Value, Value)>, reverse: bool) -> Outcome<()> {
    let (missing, mut defined): (Vec<_>, Vec<_>) =
        std::mem::take(keyed).into_iter().partition(|(_, item)| item.is_undefined());
    let mut width = 1;
    while width < defined.len() {
        let mut merged = Vec::with_capacity(defined.len());
        for run in defined.chunks(width * 2) {
            let (left, right) = run.split_at(width.min(run.len()));
            merge(left, right, reverse, &mut merged)?;
        }
        defined = merged;
        width *= 2;
    }
    keyed.extend(defined.into_iter().chain(missing));
    Ok(())
}

type Keyed = (Value, Value);

fn merge<'k>(
    mut left: &'k [Keyed],
    mut right: &'k [Keyed],
    reverse: bool,
    out: &mut Vec<Keyed>,
) -> Outcome<()> {
    while let (Some(a), Some(b)) = (left.first(), right.first()) {
        let operator = if reverse { ">" } else { "<" };
        let swap = ops::chain(&[operator], &[b.0.clone(), a.0.clone()])?.is_true();
        let taken = if swap { &mut right } else { &mut left };
        out.extend(taken.first().cloned());
        *taken = &taken[1..];
    }
    out.extend_from_slice(left);
    out.extend_from_slice(right);
    Ok(())
}

/// Pairs of key and value, by key or by value.
pub(super) fn dictsort(input: &Value, args: &Arguments<'_>, _: &Settings) -> Outcome<Value> {
    let View::Record(entries) = view(input) else { return Err(Fail::input("dictsort requires a record")) };
    let case_sensitive = args.flag(0)?;
    let by = args.get(1);
    let by_value = match view(&by).as_str() {
        None | Some("key") => false,
        Some("value") => true,
        Some(_) => return Err(Fail::input("dictsort sorts by key or value")),
    };
    let keyed = entries.iter().map(|(name, value)| {
        let key = if by_value { value.clone() } else { Value::from(&**name) };
        (if case_sensitive { key } else { folded(&key) }, array(vec![Value::from(&**name), value.clone()]))
    });
    let mut keyed: Vec<_> = keyed.collect();
    order(&mut keyed, false)?;
    Ok(array(keyed.into_iter().map(|(_, pair)| pair).collect()))
}
