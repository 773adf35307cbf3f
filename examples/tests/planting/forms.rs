//! Faults in forms.

use serde_json::{Value, json};

use super::{Fault, changed, fault, fields, texts_below};

pub(super) fn plant(document: &Value, found: &mut Vec<Fault>) {
    let mut texts = texts_below(document, "/spec/steps");
    texts.extend(texts_below(document, "/spec/output"));
    for (name, pointer, field) in fields(document) {
        let read = format!("parameters.{name} ");
        let everything = texts.iter().any(|(_, text)| text.contains("parameters }}"));
        let described_once = fields(document).iter().filter(|(other, _, _)| *other == name).count() == 1;
        if texts.iter().any(|(_, text)| text.contains(&read))
            && described_once
            && !in_branches(document, &name)
        {
            renamed(document, &name, &pointer, found);
        }
        schema(document, &pointer, field, found);
        if !everything {
            let (properties, _) = pointer.rsplit_once('/').unwrap();
            let more = changed(document, properties, |it| it["nobodyReadsThis"] = json!({"type": "string"}));
            found.push(fault("parameter that nothing reads", &["unused-parameter"], false, properties, more));
        }
    }
}

/// Whether a field is also described by a branch of its page.
fn in_branches(document: &Value, name: &str) -> bool {
    let pages = document["spec"]["parameters"].to_string();
    pages.matches(&format!("\"{name}\":{{")).count() > 1
}

fn renamed(document: &Value, name: &str, pointer: &str, found: &mut Vec<Fault>) {
    let (properties, _) = pointer.rsplit_once('/').unwrap();
    let (page, _) = properties.rsplit_once('/').unwrap();
    let mut wrong = changed(document, properties, |it| {
        let map = it.as_object_mut().unwrap();
        let field = map.remove(name).unwrap_or_default();
        map.insert(format!("{name}Zz"), field);
    });
    let half = wrong.clone();
    if let Some(required) = wrong.pointer_mut(&format!("{page}/required")).and_then(Value::as_array_mut) {
        let was = required.len();
        required.retain(|it| it != name);
        if required.len() < was {
            let codes = &["required-unknown"];
            found.push(fault("required field that was renamed", codes, false, pointer, half));
        }
    }
    found.push(fault("renamed parameter", &["undefined-parameter"], true, pointer, wrong));
}

fn schema(document: &Value, pointer: &str, field: &Value, found: &mut Vec<Fault>) {
    let wrong = match field["type"].as_str() {
        Some("string") => json!(42),
        Some("boolean") => json!("yes"),
        Some("integer" | "number") => json!("many"),
        Some("array") => json!("one"),
        Some("object") => json!([]),
        _ => return,
    };
    let broken = changed(document, pointer, |it| it["default"] = wrong);
    found.push(fault("default of a wrong type", &["default-invalid"], true, pointer, broken));
    let unknown = changed(document, pointer, |it| it["type"] = json!("strng"));
    found.push(fault("unknown type", &["schema-invalid"], false, pointer, unknown));
    match field["type"].as_str() {
        Some("string") if field.get("enum").is_none() => {
            let empty = changed(document, pointer, |it| {
                it["minLength"] = json!(9);
                it["maxLength"] = json!(3);
            });
            found.push(fault("bounds that exclude each other", &["schema-empty"], false, pointer, empty));
            let broken = changed(document, pointer, |it| it["pattern"] = json!("^[a-z"));
            found.push(fault("pattern that is none", &["schema-invalid"], false, pointer, broken));
        }
        Some("string") => {
            let empty = changed(document, pointer, |it| it["enum"] = json!([1, 2]));
            found.push(fault("enumeration of a wrong type", &["schema-empty"], false, pointer, empty));
            if field["default"].is_string() {
                let codes = &["default-invalid"];
                let other = changed(document, pointer, |it| it["default"] = json!("none of these"));
                found.push(fault("default that is not enumerated", codes, true, pointer, other));
            }
        }
        _ => {}
    }
}
