//! Faults, planted mechanically in a template's document.

mod forms;
mod steps;
mod texts;

use serde_json::Value;

use super::checking::Sample;

/// A template with one fault.
pub(crate) struct Fault {
    /// What kind of fault it is.
    pub(crate) kind: &'static str,
    /// What was done, for the log.
    pub(crate) what: String,
    /// The codes of findings that are right.
    pub(crate) codes: &'static [&'static str],
    /// Whether parameters can show it.
    pub(crate) shown: bool,
    pub(crate) document: Value,
}

pub(crate) fn fault(
    kind: &'static str,
    codes: &'static [&'static str],
    shown: bool,
    what: &str,
    document: Value,
) -> Fault {
    Fault { kind, what: what.to_owned(), codes, shown, document }
}

/// Every fault that can be planted in a template.
pub(crate) fn faults(sample: &Sample) -> Vec<Fault> {
    let mut found = Vec::new();
    texts::plant(sample.value(), &mut found);
    steps::plant(sample, &mut found);
    forms::plant(sample.value(), &mut found);
    found
}

/// The document with something done to what stands at a pointer.
pub(crate) fn changed(document: &Value, pointer: &str, change: impl FnOnce(&mut Value)) -> Value {
    let mut document = document.clone();
    if let Some(value) = document.pointer_mut(pointer) {
        change(value);
    }
    document
}

/// Every text below a pointer, with its own.
pub(crate) fn texts_below(document: &Value, pointer: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    if let Some(value) = document.pointer(pointer) {
        collect(value, pointer, &mut found);
    }
    found
}

fn collect(value: &Value, pointer: &str, found: &mut Vec<(String, String)>) {
    match value {
        Value::String(text) => found.push((pointer.to_owned(), text.clone())),
        Value::Array(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(index, it)| collect(it, &format!("{pointer}/{index}"), found));
        }
        Value::Object(map) => map.iter().for_each(|(key, it)| {
            let key = key.replace('~', "~0").replace('/', "~1");
            collect(it, &format!("{pointer}/{key}"), found);
        }),
        _ => {}
    }
}

/// The steps, with their pointers.
pub(crate) fn steps(document: &Value) -> impl Iterator<Item = (String, &Value)> {
    let steps = document.pointer("/spec/steps").and_then(Value::as_array).into_iter().flatten();
    steps.enumerate().map(|(index, step)| (format!("/spec/steps/{index}"), step))
}

/// The fields of the form's pages, with their pointers.
pub(crate) fn fields(document: &Value) -> Vec<(String, String, &Value)> {
    let pages = match document.pointer("/spec/parameters") {
        Some(Value::Array(pages)) => {
            pages.iter().enumerate().map(|(index, it)| (format!("/spec/parameters/{index}"), it)).collect()
        }
        Some(page) => vec![("/spec/parameters".to_owned(), page)],
        None => Vec::new(),
    };
    let mut found = Vec::new();
    for (pointer, page) in pages {
        for (name, field) in page.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let key = name.replace('~', "~0").replace('/', "~1");
            found.push((name.clone(), format!("{pointer}/properties/{key}"), field));
        }
    }
    found
}

/// The type of a parameter that the form asks for on a page of its own.
pub(crate) fn type_of<'d>(document: &'d Value, name: &str) -> Option<&'d str> {
    let all = fields(document);
    let (_, _, field) = all.iter().find(|(field, _, _)| field == name)?;
    field.get("type")?.as_str()
}
