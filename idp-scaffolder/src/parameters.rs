//! Parameters: defaults applied, every page checked against its JSON schema.

use idp_core::{Diagnostic, unknown_origins};
use jsonschema::{Draft, PatternOptions, Validator};
use serde_json::{Map, Value};

use crate::Template;

/// How deep defaults are looked for in a schema.
const MAX_DEPTH: usize = 32;

/// The parameters of one run: what was given, with the defaults of the template's schemas filled in.
///
/// Every page is checked against the whole of the parameters, as Backstage does; what no page describes is kept.
/// Keys starting `ui:` and `backstage:` are for forms and are passed over.
///
/// # Errors
/// One diagnostic for each violation, with the path of the field and of the schema's rule.
pub fn check_parameters(
    template: &Template,
    given: &Map<String, Value>,
) -> Result<Map<String, Value>, Vec<Diagnostic>> {
    let mut value = Value::Object(given.clone());
    if !unknown_origins(&value).is_empty() {
        return Err(vec![Diagnostic::error(
            "parameter-reserved",
            "`$unknown` is reserved and cannot be a parameter",
        )]);
    }
    for page in &template.spec().parameters.0 {
        apply_defaults(page, &mut value, 0);
    }
    let problems: Vec<_> = template
        .spec()
        .parameters
        .0
        .iter()
        .enumerate()
        .flat_map(|(index, page)| violations(page, &value, &format!("/spec/parameters/{index}"), "parameter"))
        .collect();
    match value {
        Value::Object(map) if problems.is_empty() => Ok(map),
        _ => Err(problems),
    }
}

/// Checks the *names* and *shapes* of secrets against `spec.secrets.schema`; no value appears in a diagnostic.
pub(crate) fn check_secrets(template: &Template, secrets: &Value) -> Vec<Diagnostic> {
    let Some(schema) = &template.spec().secrets.schema else { return Vec::new() };
    match compile(schema) {
        Err(problem) => vec![problem.into()],
        Ok(validator) => validator
            .iter_errors(secrets)
            .map(|error| {
                let path = error.instance_path().to_string();
                Diagnostic::error("secret-invalid", format!("secret `{path}`: {}", error.masked()))
            })
            .collect(),
    }
}

/// The violations of a schema, one diagnostic each.
pub(crate) fn violations(schema: &Value, value: &Value, place: &str, what: &'static str) -> Vec<Diagnostic> {
    let validator = match compile(schema) {
        Ok(validator) => validator,
        Err(problem) => return vec![problem.into()],
    };
    validator
        .iter_errors(value)
        .map(|error| {
            let path = error.instance_path().to_string();
            let field = if path.is_empty() { "the whole".to_owned() } else { format!("`{path}`") };
            let rule = error.schema_path().to_string();
            Diagnostic::error(format!("{what}-invalid"), format!("{what} {field}: {error}"))
                .help(format!("the rule is at {place}{rule}"))
        })
        .collect()
}

/// The paths of what violates a schema.
pub(crate) fn violated(schema: &Value, value: &Value) -> Vec<String> {
    let errors = compile(schema)
        .map(|it| it.iter_errors(value).map(|error| error.instance_path().to_string()).collect());
    errors.unwrap_or_default()
}

/// Keywords of a schema that say nothing of its values, or what [`admits`] sees without reading all of it.
const PLAIN: [&str; 9] =
    ["default", "description", "enum", "enumNames", "items", "properties", "required", "title", "type"];

/// Whether a schema admits a value. A schema that is none admits everything.
pub(crate) fn admits(schema: &Value, value: &Value) -> bool {
    // Nearly every schema of a form says a type and perhaps some values: reading it takes longer than looking.
    let plain = |key: &String| PLAIN.contains(&key.as_str()) || key.starts_with("ui:");
    let nested = value.as_array().is_some_and(|it| !it.is_empty()) || value.is_object();
    let name = schema.get("type").and_then(Value::as_str);
    match (schema.as_object(), name) {
        (Some(map), Some(name)) if !nested && map.keys().all(plain) => {
            let listed = map.get("enum").and_then(Value::as_array).is_none_or(|it| it.contains(value));
            listed && is_of_type(value, name)
        }
        _ => compile(schema).map_or(true, |it| it.is_valid(value)),
    }
}

fn is_of_type(value: &Value, name: &str) -> bool {
    match (name, value) {
        ("integer", Value::Number(number)) => number.as_f64().is_some_and(|it| it.fract() == 0.0),
        ("number", Value::Number(_)) | ("null", Value::Null) | ("boolean", Value::Bool(_)) => true,
        ("string", Value::String(_)) | ("array", Value::Array(_)) | ("object", Value::Object(_)) => true,
        _ => false,
    }
}

/// A schema that cannot be used.
#[derive(Debug)]
pub(crate) struct BadSchema {
    /// Where in it, as a JSON pointer.
    pub(crate) place: String,
    /// What is wrong there.
    pub(crate) reason: String,
}

impl From<BadSchema> for Diagnostic {
    fn from(BadSchema { place, reason }: BadSchema) -> Self {
        Self::error("schema-invalid", format!("the template's own schema is wrong at `{place}`: {reason}"))
    }
}

/// Reads a schema.
pub(crate) fn compile(schema: &Value) -> Result<Validator, BadSchema> {
    // A template's patterns are somebody else's input: the linear engine cannot be made to hang. Look-around is not
    // in it, so a schema that needs it gets the engine with a back-track limit.
    let linear = jsonschema::options()
        .with_draft(Draft::Draft7)
        .should_validate_formats(true)
        .with_pattern_options(PatternOptions::regex())
        .build(schema);
    linear
        .or_else(|_| {
            jsonschema::options().with_draft(Draft::Draft7).should_validate_formats(true).build(schema)
        })
        .map_err(|error| BadSchema { place: error.instance_path().to_string(), reason: error.to_string() })
}

/// Fills in `default`s where the value has nothing: through `properties`, `items`, `allOf`, the branch of
/// `if`/`then`/`else` that holds, and the matching branch of `dependencies`.
pub(crate) fn apply_defaults(schema: &Value, value: &mut Value, depth: usize) {
    if depth > MAX_DEPTH {
        return;
    }
    if let (Some(properties), Some(map)) =
        (schema.get("properties").and_then(Value::as_object), value.as_object_mut())
    {
        for (name, property) in properties {
            fill(name, property, map, depth);
        }
    }
    if let (Some(items @ Value::Object(_)), Some(list)) = (schema.get("items"), value.as_array_mut()) {
        list.iter_mut().for_each(|it| apply_defaults(items, it, depth + 1));
    }
    for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
        apply_defaults(part, value, depth + 1);
    }
    if let Some(branch) = conditional_branch(schema, value) {
        apply_defaults(branch, value, depth + 1);
    }
    for branch in dependency_branches(schema, value) {
        apply_defaults(&branch, value, depth + 1);
    }
}

fn fill(name: &str, property: &Value, map: &mut Map<String, Value>, depth: usize) {
    if !map.contains_key(name) {
        if let Some(default) = property.get("default") {
            map.insert(name.to_owned(), default.clone());
        } else if property.get("properties").is_some() {
            // An object whose fields have defaults comes into being with them, and only with them.
            let mut inner = Value::Object(Map::new());
            apply_defaults(property, &mut inner, depth + 1);
            if inner.as_object().is_some_and(|it| !it.is_empty()) {
                map.insert(name.to_owned(), inner);
            }
            return;
        }
    }
    if let Some(inner) = map.get_mut(name) {
        apply_defaults(property, inner, depth + 1);
    }
}

/// The branch of `if` that a value takes.
pub(crate) fn conditional_branch<'a>(schema: &'a Value, value: &Value) -> Option<&'a Value> {
    let holds = compile(schema.get("if")?).ok()?.is_valid(value);
    schema.get(if holds { "then" } else { "else" })
}

/// What `dependencies` ask of a value beside what is there.
pub(crate) fn dependency_branches(schema: &Value, value: &Value) -> Vec<Value> {
    let (Some(dependencies), Some(map)) =
        (schema.get("dependencies").and_then(Value::as_object), value.as_object())
    else {
        return Vec::new();
    };
    let active = dependencies.iter().filter(|(name, rule)| map.contains_key(*name) && rule.is_object());
    active
        .flat_map(|(name, rule)| match rule.get("oneOf").and_then(Value::as_array) {
            Some(branches) => {
                branches.iter().find(|it| is_chosen(it, name, map)).cloned().into_iter().collect()
            }
            None => vec![rule.clone()],
        })
        .collect()
}

/// Whether a branch of `oneOf` is the one that the discriminating field chooses.
fn is_chosen(branch: &Value, field: &str, map: &Map<String, Value>) -> bool {
    let Some(rule) = branch.get("properties").and_then(|it| it.get(field)) else { return false };
    compile(rule).is_ok_and(|it| map.get(field).is_some_and(|value| it.is_valid(value)))
}

#[cfg(test)]
mod tests {
    use idp_core::Entity;
    use serde_json::json;

    use super::*;

    fn template(parameters: Value) -> Template {
        let entity = Entity::from_value(json!({
            "apiVersion": "scaffolder.backstage.io/v1beta3", "kind": "Template", "metadata": {"name": "t"},
            "spec": {"type": "service", "parameters": parameters, "steps": []},
        }));
        Template::from_entity(entity.unwrap(), None).unwrap()
    }

    fn check(parameters: Value, given: Value) -> Result<Value, Vec<String>> {
        check_parameters(&template(parameters), given.as_object().unwrap())
            .map(Value::Object)
            .map_err(|problems| problems.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn every_page_is_checked_against_the_whole() {
        let pages = json!([
            {"required": ["a"], "properties": {"a": {"type": "string"}}},
            {"required": ["b"], "properties": {"b": {"type": "integer", "default": 3}}},
        ]);
        assert_eq!(
            check(pages.clone(), json!({"a": "x", "extra": true})),
            Ok(json!({"a": "x", "extra": true, "b": 3}))
        );
        assert_eq!(check(pages, json!({"b": "no"})).unwrap_err().len(), 2);
    }

    #[test]
    fn defaults_reach_nested_and_conditional_fields() {
        let page = json!({
            "properties": {
                "kind": {"type": "string", "default": "db"},
                "opts": {"type": "object", "properties": {"size": {"default": "small"}, "none": {}}},
                "list": {"type": "array", "items": {"properties": {"on": {"default": true}}}},
            },
            "dependencies": {"kind": {"oneOf": [
                {"properties": {"kind": {"enum": ["none"]}, "engine": {"default": "no"}}},
                {"properties": {"kind": {"enum": ["db"]}, "engine": {"default": "pg"}}},
            ]}},
            "if": {"properties": {"kind": {"const": "db"}}}, "then": {"properties": {"port": {"default": 5432}}},
        });
        assert_eq!(
            check(page, json!({"list": [{}, {"on": false}]})),
            Ok(json!({
                "list": [{"on": true}, {"on": false}], "kind": "db", "opts": {"size": "small"},
                "port": 5432, "engine": "pg",
            }))
        );
    }

    #[test]
    fn a_broken_schema_is_a_diagnostic() {
        let problems = check(json!({"properties": {"a": {"type": "strin"}}}), json!({})).unwrap_err();
        assert!(problems[0].contains("schema-invalid"), "{problems:?}");
    }
}
