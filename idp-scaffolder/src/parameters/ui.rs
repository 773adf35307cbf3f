//! A page of a form, taken apart for a front end.

use std::cell::Cell;

use serde::Serialize;
use serde_json::{Map, Value};

use super::branches::{MAX_DEPTH, resolve};

/// One page of a template's form: what is asked, and how it is shown.
///
/// The shape of the UI schema is that of `react-jsonschema-form`, as Backstage makes it: every `ui:*` of the page, at the
/// path of its field, below `items` for the elements of a list. What stands in a branch of `dependencies`, `oneOf`,
/// `anyOf`, `allOf`, `then` or `else` is a field of the object around it, and counts more than what that says itself.
///
/// ```
/// # use idp_core::Entity;
/// # use idp_scaffolder::Template;
/// # use serde_json::json;
/// # let template = Template::from_entity(Entity::from_value(json!({
/// #     "apiVersion": "scaffolder.backstage.io/v1beta3", "kind": "Template", "metadata": {"name": "t"},
/// #     "spec": {"type": "t", "steps": [], "parameters": {
/// #         "title": "The service", "properties": {"owner": {"type": "string", "ui:field": "OwnerPicker"}},
/// #     }},
/// # }))?, None)?;
/// let page = &template.forms()[0];
/// assert_eq!(page.title.as_deref(), Some("The service"));
/// assert_eq!(page.schema["properties"], json!({"owner": {"type": "string"}}));
/// assert_eq!(page.ui_schema, json!({"owner": {"ui:field": "OwnerPicker"}}));
/// # Ok::<(), idp_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct FormPage {
    /// The page's title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What the page is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What is asked: a JSON schema without a word on how it is shown.
    pub schema: Value,
    /// How it is shown.
    pub ui_schema: Value,
}

impl FormPage {
    /// Takes a page apart.
    pub(crate) fn of(page: &Value) -> Self {
        let text = |key: &str| page.get(key).and_then(Value::as_str).map(str::to_owned);
        let mut ui = Map::new();
        Extractor { root: page, left: Cell::new(SCHEMAS) }.extract(page, &mut ui, 0);
        Self {
            title: text("title"),
            description: text("description"),
            schema: without_ui(page),
            ui_schema: Value::Object(ui),
        }
    }
}

/// How many schemas are looked at: one that refers to itself has endlessly many.
const SCHEMAS: usize = 5000;

/// Collects what is said of how values are shown.
struct Extractor<'s> {
    /// What `$ref`s start from.
    root: &'s Value,
    /// How many more schemas are looked at.
    left: Cell<usize>,
}

impl Extractor<'_> {
    /// Collects what a schema says of its value: as in Backstage what is said later counts, and branches are last.
    fn extract(&self, schema: &Value, ui: &mut Map<String, Value>, depth: usize) {
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        let Some(map) = schema.as_object().filter(|_| depth < MAX_DEPTH && left > 0) else { return };
        if map.contains_key("$ref") {
            resolve(schema, self.root).into_iter().for_each(|it| self.extract(it, ui, depth + 1));
        }
        for (key, value) in map.iter().filter(|(key, _)| key.starts_with("ui:")) {
            ui.insert(key.clone(), value.clone());
        }
        for (name, field) in map.get("properties").and_then(Value::as_object).into_iter().flatten() {
            self.extract_into(name, field, ui, depth);
        }
        match map.get("items") {
            Some(Value::Array(items)) => self.extract_items(items, ui, depth),
            Some(items) => {
                ui.remove("items");
                self.extract_into("items", items, ui, depth);
            }
            None => {}
        }
        if let Some(more) = map.get("additionalProperties") {
            self.extract_into("additionalProperties", more, ui, depth);
        }
        branches(map).for_each(|branch| self.extract(branch, ui, depth + 1));
    }

    /// Collects below a name.
    fn extract_into(&self, name: &str, schema: &Value, ui: &mut Map<String, Value>, depth: usize) {
        let mut inner = match ui.get_mut(name) {
            Some(Value::Object(inner)) => std::mem::take(inner),
            _ => Map::new(),
        };
        self.extract(schema, &mut inner, depth + 1);
        if !inner.is_empty() {
            ui.insert(name.to_owned(), Value::Object(inner));
        }
    }

    /// Collects what is said of a list whose elements have a schema each.
    fn extract_items(&self, items: &[Value], ui: &mut Map<String, Value>, depth: usize) {
        let each = items.iter().map(|schema| {
            let mut inner = Map::new();
            self.extract(schema, &mut inner, depth + 1);
            inner
        });
        let each: Vec<_> = each.collect();
        if each.iter().any(|it| !it.is_empty()) {
            ui.insert("items".to_owned(), each.into_iter().map(Value::Object).collect());
        }
    }
}

/// The schemas that describe the value of the one around them once more.
fn branches(schema: &Map<String, Value>) -> impl Iterator<Item = &Value> {
    let lists =
        ["anyOf", "oneOf", "allOf"].into_iter().filter_map(|key| schema.get(key)?.as_array()).flatten();
    let rules = schema.get("dependencies").and_then(Value::as_object).into_iter().flat_map(Map::values);
    lists.chain(rules).chain(["then", "else"].into_iter().filter_map(|key| schema.get(key)))
}

/// A schema without what it says of how its value is shown.
fn without_ui(schema: &Value) -> Value {
    let Value::Object(map) = schema else { return schema.clone() };
    let plain = map.iter().filter(|(key, _)| !key.starts_with("ui:"));
    plain.map(|(key, value)| (key.clone(), without_ui_below(key, value))).collect::<Map<_, _>>().into()
}

fn without_ui_below(key: &str, value: &Value) -> Value {
    match (key, value) {
        // The names in these are fields and texts of the author's choice, and what they stand for are values.
        ("const" | "default" | "enum" | "examples" | "required", value) => value.clone(),
        (
            "properties" | "patternProperties" | "dependencies" | "definitions" | "$defs",
            Value::Object(map),
        ) => map.iter().map(|(name, it)| (name.clone(), without_ui(it))).collect::<Map<_, _>>().into(),
        (_, Value::Array(parts)) => parts.iter().map(without_ui).collect(),
        (_, value) => without_ui(value),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_shown_how_is_taken_out_at_the_path_of_its_field() {
        for (page, schema, ui) in [
            (
                json!({"type": "object", "properties": {"a": {"type": "string", "ui:field": "X", "ui:options": {"b": 1}}}}),
                json!({"type": "object", "properties": {"a": {"type": "string"}}}),
                json!({"a": {"ui:field": "X", "ui:options": {"b": 1}}}),
            ),
            (
                json!({"ui:order": ["b", "*"], "properties": {"o": {"properties": {"b": {"ui:help": "h"}}}}}),
                json!({"properties": {"o": {"properties": {"b": {}}}}}),
                json!({"ui:order": ["b", "*"], "o": {"b": {"ui:help": "h"}}}),
            ),
            (
                json!({"properties": {"l": {"items": {"ui:widget": "w", "properties": {"x": {"ui:field": "F"}}}}}}),
                json!({"properties": {"l": {"items": {"properties": {"x": {}}}}}}),
                json!({"l": {"items": {"ui:widget": "w", "x": {"ui:field": "F"}}}}),
            ),
            (
                json!({"properties": {"l": {"items": [{"ui:widget": "w"}, {}]}}}),
                json!({"properties": {"l": {"items": [{}, {}]}}}),
                json!({"l": {"items": [{"ui:widget": "w"}, {}]}}),
            ),
            (
                json!({
                    "properties": {"k": {"ui:widget": "radio"}},
                    "dependencies": {"k": {"oneOf": [{"properties": {
                        "k": {"enum": ["x"], "ui:widget": "select"}, "y": {"ui:field": "Y"},
                    }}]}},
                    "if": {"properties": {"k": {"const": "x"}}},
                    "then": {"properties": {"t": {"ui:help": "t"}}}, "else": {"properties": {"e": {"ui:help": "e"}}},
                    "allOf": [{"properties": {"all": {"ui:help": "all"}}}],
                }),
                json!({
                    "properties": {"k": {}},
                    "dependencies": {"k": {"oneOf": [{"properties": {"k": {"enum": ["x"]}, "y": {}}}]}},
                    "if": {"properties": {"k": {"const": "x"}}},
                    "then": {"properties": {"t": {}}}, "else": {"properties": {"e": {}}},
                    "allOf": [{"properties": {"all": {}}}],
                }),
                json!({
                    "k": {"ui:widget": "select"}, "y": {"ui:field": "Y"}, "t": {"ui:help": "t"}, "e": {"ui:help": "e"},
                    "all": {"ui:help": "all"},
                }),
            ),
            (
                json!({"properties": {"a": {"$ref": "#/definitions/d"}}, "definitions": {"d": {"ui:field": "D"}}}),
                json!({"properties": {"a": {"$ref": "#/definitions/d"}}, "definitions": {"d": {}}}),
                json!({"a": {"ui:field": "D"}}),
            ),
            // A value is not a schema, and a field may be called anything.
            (
                json!({"properties": {"ui:x": {"default": {"ui:y": 1}}}}),
                json!({"properties": {"ui:x": {"default": {"ui:y": 1}}}}),
                json!({}),
            ),
        ] {
            let page = FormPage::of(&page);
            assert_eq!((page.schema, page.ui_schema), (schema, ui));
        }
    }

    #[test]
    fn a_schema_that_refers_to_itself_has_an_end() {
        let page = json!({"properties": {"a": {"$ref": "#"}}, "ui:help": "h"});
        assert_eq!(FormPage::of(&page).ui_schema["a"]["ui:help"], "h");
        let twice = json!({"properties": {"a": {"$ref": "#"}, "b": {"$ref": "#"}}, "ui:help": "h"});
        assert_eq!(FormPage::of(&twice).ui_schema["ui:help"], "h");
    }
}
