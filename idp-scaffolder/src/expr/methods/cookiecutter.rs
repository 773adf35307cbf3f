//! Python's methods, which cookiecutter templates use.

use std::sync::Mutex;

use minijinja::Value;

use crate::expr::arguments::Arguments;
use crate::expr::fail::{Fail, Outcome};
use crate::expr::value::{View, array, count, entry, items, items_of, number, strict_equal, text, view};

/// Calls a method that exists for cookiecutter templates only. None where there is none.
pub(crate) fn call(receiver: &Value, name: &str, args: &Arguments<'_>) -> Outcome<Option<Value>> {
    match view(receiver) {
        View::Array(list) => list_method(list, name, args),
        View::Record(entries) => Ok(match name {
            "get" => Some(entry(entries, &text(&args.get(0))?).cloned().unwrap_or_else(|| args.get(1))),
            "has_key" => Some(entry(entries, &text(&args.get(0))?).is_some().into()),
            "items" | "iteritems" => {
                let pair = |(key, value): &(std::sync::Arc<str>, Value)| {
                    array(vec![Value::from(&**key), value.clone()])
                };
                Some(array(entries.iter().map(pair).collect()))
            }
            "keys" => Some(array(entries.iter().map(|(key, _)| Value::from(&**key)).collect())),
            "values" => Some(array(entries.iter().map(|(_, value)| value.clone()).collect())),
            _ => None,
        }),
        _ => Ok(None),
    }
}

fn list_method(list: &Mutex<Vec<Value>>, name: &str, args: &Arguments<'_>) -> Outcome<Option<Value>> {
    let wanted = args.get(0);
    let mut matches = Vec::new();
    if matches!(name, "count" | "find" | "index" | "remove") {
        for (index, item) in items_of(list).iter().enumerate() {
            if strict_equal(item, &wanted)? {
                matches.push(index);
            }
        }
    }
    let missing = || Fail::input(format!("{name} requires a value of the list"));
    Ok(Some(match name {
        "count" => count(matches.len()),
        "find" => matches.first().map_or_else(|| number(-1.0), |at| count(*at)),
        "index" => count(*matches.first().ok_or_else(missing)?),
        "remove" => items(list).remove(*matches.first().ok_or_else(missing)?),
        _ => return Ok(None),
    }))
}
