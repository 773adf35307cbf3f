//! Values as JSON text.

use minijinja::Value;
use serde_json::{Value as Json, json};

use crate::expr::arguments::Arguments;
use crate::expr::fail::{Fail, Outcome};
use crate::expr::settings::Settings;
use crate::expr::value::{
    View, contains_unknown, length, number_text, slice_units, to_json, to_number, view,
};

/// `JSON.stringify`, indented where an argument says how. Undefined has no text.
pub(super) fn dump(input: &Value, args: &Arguments<'_>, settings: &Settings) -> Outcome<Value> {
    match view(input) {
        View::Function(_) | View::Method(_) => return Ok(Value::UNDEFINED),
        // What the object that marks a safe string looked like from outside.
        View::Safe(text) if settings.legacy => {
            let object = json!({ "val": &**text, "length": length(text) });
            return Ok(write(&object, "").into());
        }
        _ => (),
    }
    let indent = args.get(0);
    let indent = match view(&indent) {
        View::Number(width) => " ".repeat(width.clamp(0.0, 10.0) as usize),
        seen => seen.as_str().map(|text| slice_units(text, 0, 10)).unwrap_or_default(),
    };
    Ok(as_json(input)?.map_or(Value::UNDEFINED, |json| write(&json, &indent).into()))
}

/// The cookiecutter form: an indent of 4 unless told otherwise.
pub(super) fn jsonify(input: &Value, args: &Arguments<'_>, _: &Settings) -> Outcome<Value> {
    let width = args.get(0);
    let width = if width.is_undefined() { 4.0 } else { to_number(&width)? };
    let indent = " ".repeat(width.clamp(0.0, 10.0) as usize);
    Ok(as_json(input)?.map_or(Value::UNDEFINED, |json| write(&json, &indent).into()))
}

fn as_json(input: &Value) -> Outcome<Option<Json>> {
    match contains_unknown(input)? {
        Some(names) => Err(Fail::Unknown(names)),
        None => to_json(input),
    }
}

fn write(json: &Json, indent: &str) -> String {
    let mut writer = Writer { out: String::new(), indent, depth: 0 };
    writer.value(json);
    writer.out
}

/// Writes JSON as JavaScript does: serde_json's own writer differs in its numbers.
struct Writer<'i> {
    out: String,
    indent: &'i str,
    depth: usize,
}

impl Writer<'_> {
    fn value(&mut self, json: &Json) {
        match json {
            Json::Number(number) => self.out.push_str(&number_text(number.as_f64().unwrap_or(0.0))),
            Json::Array(items) => self.list(['[', ']'], items.iter().map(|item| (None, item))),
            Json::Object(entries) => {
                self.list(['{', '}'], entries.iter().map(|(key, value)| (Some(key.as_str()), value)));
            }
            other => self.out.push_str(&other.to_string()),
        }
    }

    fn list<'j>(
        &mut self,
        brackets: [char; 2],
        items: impl ExactSizeIterator<Item = (Option<&'j str>, &'j Json)>,
    ) {
        let empty = items.len() == 0;
        self.out.push(brackets[0]);
        self.depth += 1;
        for (index, (key, value)) in items.enumerate() {
            self.out.push_str(if index > 0 { "," } else { "" });
            self.line();
            if let Some(key) = key {
                self.out.push_str(&Json::from(key).to_string());
                self.out.push_str(if self.indent.is_empty() { ":" } else { ": " });
            }
            self.value(value);
        }
        self.depth -= 1;
        if !empty {
            self.line();
        }
        self.out.push(brackets[1]);
    }

    /// Begins a line, where there are lines.
    fn line(&mut self) {
        if !self.indent.is_empty() {
            self.out.push('\n');
            self.out.push_str(&self.indent.repeat(self.depth));
        }
    }
}
