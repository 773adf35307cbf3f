//! Where a form asks for something, and what has to be answered before it does.

use serde_json::Value;

use super::branches::resolve;

/// How deep schemas are searched, and how many parts of them.
const DEPTH: usize = 24;
const PARTS: usize = 500;

/// A field of a form.
#[derive(Clone, Debug)]
pub(crate) struct Field<'s> {
    schema: &'s Value,
    root: &'s Value,
    /// Answers without which it is not asked for.
    pub(crate) before: Vec<(Vec<String>, Value)>,
}

impl<'s> Field<'s> {
    /// Its schema, and what `$ref`s in it start from.
    pub(crate) fn schema(&self) -> (&'s Value, &'s Value) {
        (self.schema, self.root)
    }
}

/// The field that a path leads to.
pub(crate) fn find<'s>(pages: &'s [Value], path: &[String]) -> Option<Field<'s>> {
    let mut left = PARTS;
    pages
        .iter()
        .find_map(|page| search(Field { schema: page, root: page, before: Vec::new() }, path, &[], &mut left))
}

fn search<'s>(at: Field<'s>, path: &[String], above: &[String], left: &mut usize) -> Option<Field<'s>> {
    *left = left.checked_sub(1)?;
    let schema = resolve(at.schema, at.root).filter(|_| at.before.len() + above.len() < DEPTH)?;
    let Some((name, rest)) = path.split_first() else { return Some(Field { schema, ..at }) };
    if let Some(field) = schema.get("properties").and_then(|it| it.get(name)) {
        let mut above = above.to_vec();
        above.push(name.clone());
        let inner = Field { schema: field, ..at.clone() };
        if let Some(found) = search(inner, rest, &above, left) {
            return Some(found);
        }
    }
    branches(&at, schema, above).into_iter().find_map(|branch| search(branch, path, above, left))
}

/// The parts of a schema that ask for more, each with the answers that make it do so.
fn branches<'s>(at: &Field<'s>, schema: &'s Value, above: &[String]) -> Vec<Field<'s>> {
    let mut found = Vec::new();
    let mut add = |schema: &'s Value, before: Vec<(String, Value)>| {
        let mut branch = Field { schema, ..at.clone() };
        for (name, value) in before {
            let mut path = above.to_vec();
            path.push(name);
            branch.before.push((path, value));
        }
        found.push(branch);
    };
    let list = |schema: &'s Value, key: &str| schema.get(key).and_then(Value::as_array).into_iter().flatten();
    list(schema, "allOf").for_each(|part| add(part, Vec::new()));
    for part in list(schema, "oneOf").chain(list(schema, "anyOf")) {
        add(part, constants(part));
    }
    if let (Some(condition), Some(then)) = (schema.get("if"), schema.get("then")) {
        add(then, constants(condition));
    }
    if let Some(otherwise) = schema.get("else") {
        add(otherwise, Vec::new());
    }
    for (name, rule) in schema.get("dependencies").and_then(Value::as_object).into_iter().flatten() {
        for part in list(rule, "oneOf") {
            add(part, constants(part));
        }
        add(rule, vec![(name.clone(), Value::Bool(true))]);
    }
    found
}

/// The fields that a schema wants to have one value.
fn constants(schema: &Value) -> Vec<(String, Value)> {
    let fields = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    fields
        .filter_map(|(name, field)| {
            let value = field.get("const").or_else(|| field.get("enum")?.get(0))?;
            Some((name.clone(), value.clone()))
        })
        .collect()
}
