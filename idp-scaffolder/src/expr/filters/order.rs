//! Filters that order.

use std::cmp::Ordering;

use minijinja::Value;

use crate::expr::arguments::Arguments;
use crate::expr::fail::{Fail, Outcome};
use crate::expr::methods::characters;
use crate::expr::ops;
use crate::expr::settings::Settings;
use crate::expr::value::{View, array, items_of, text, truthy, view};

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
    if value.is_undefined() {
        Err(Fail::input(format!("sort: attribute \"{path}\" resolved to undefined")))
    } else {
        Ok(value)
    }
}

fn folded(value: &Value) -> Value {
    view(value).as_str().map_or_else(|| value.clone(), |text| Value::from(text.to_lowercase()))
}

/// Sorts by JavaScript's `<`, keeping the order of what is neither less nor greater.
fn order(keyed: &mut [(Value, Value)], reverse: bool) -> Outcome<()> {
    let mut failure = None;
    // Comparing different kinds is no total order, which a sort must not be given: kinds are kept apart.
    let rank = |value: &Value| match view(value) {
        View::Undefined => 2,
        seen if seen.as_str().is_some() => 1,
        _ => 0,
    };
    keyed.sort_by(|(a, _), (b, _)| {
        let by_rank = rank(a).cmp(&rank(b));
        let ordering = by_rank.then_with(|| {
            compare(a, b).unwrap_or_else(|fail| {
                failure.get_or_insert(fail);
                Ordering::Equal
            })
        });
        if reverse { ordering.reverse() } else { ordering }
    });
    failure.map_or(Ok(()), Err)
}

fn compare(a: &Value, b: &Value) -> Outcome<Ordering> {
    if let (View::Number(a), View::Number(b)) = (view(a), view(b)) {
        return Ok(a.total_cmp(&b));
    }
    Ok(ops::compare_text(&text(a)?, &text(b)?))
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
