//! How much work a schema is: how often parts of it are held against the same value.
//!
//! A schema without references is no more work than it is long. With them it can be: `d0` says twice that `d1` holds, `d1`
//! says twice that `d2` does, and so on. So the work is counted before a schema is read: one for each part, and for
//! everything that a part holds against the same value; of the values inside, those on the way to one of them. A schema
//! that comes back to itself inside of a value is counted again for every level of the value.

use std::collections::HashMap;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::branches::escape;
use super::rule::BadSchema;

/// How often parts of a schema may be held against values, on the way to any one value.
const BUDGET: u64 = 100_000;

/// How deep values may be nested at least within the budget, for a schema to be used at all.
const LEAST_DEPTH: usize = 8;

/// How deep values may be nested at all where a schema comes back to itself.
const MOST_DEPTH: usize = 128;

/// How often parts of a schema may be held against all the values of an answer.
const TOTAL: u64 = 20_000_000;

/// How large a schema is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    /// How deep values may be nested for it to hold them within the budget.
    pub(super) deepest: usize,
    /// The work on the way to any one value, by how deep values are nested; what comes last is that for all the others.
    work: Vec<u64>,
    /// How many parts it has, those included that it refers to.
    pub(super) parts: usize,
}

impl Extent {
    /// Measures a schema, which stands at a pointer of the root that its references start from.
    ///
    /// # Errors
    /// It is too much work for nearly any value, or has no end.
    pub(super) fn of(schema: &Value, root: &Value, pointer: &str) -> Result<Self, BadSchema> {
        let mut inner = schema.as_object().into_iter().flat_map(Map::values);
        if !refers(schema) && !inner.any(|it| has_key(it, "$schema")) {
            return Ok(Self { deepest: usize::MAX, work: Vec::new(), parts: count(schema) });
        }
        let graph = Graph::of(schema, root, pointer)?;
        let mut work = Vec::new();
        Ok(Self { deepest: graph.deepest(&mut work)?, work, parts: graph.parts.len() })
    }

    /// Whether a value has so many others in it that it would be too much work in all.
    pub(super) fn is_exceeded(&self, value: &Value) -> bool {
        let work = self.work.get(depth(value)).or(self.work.last());
        work.is_some_and(|work| work.saturating_mul(count(value) as u64) > TOTAL)
    }
}

/// How many values are in a value, itself included.
fn count(value: &Value) -> usize {
    match value {
        Value::Object(map) => map.values().map(count).sum::<usize>() + 1,
        Value::Array(items) => items.iter().map(count).sum::<usize>() + 1,
        _ => 1,
    }
}

/// How deep a value is nested: none where it holds no others.
pub(super) fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(|it| depth(it) + 1).max().unwrap_or_default(),
        Value::Object(map) => map.values().map(|it| depth(it) + 1).max().unwrap_or_default(),
        _ => 0,
    }
}

/// Whether there is a `$ref` in a schema.
pub(super) fn refers(schema: &Value) -> bool {
    has_key(schema, "$ref")
}

fn has_key(value: &Value, key: &str) -> bool {
    match value {
        Value::Object(map) => map.contains_key(key) || map.values().any(|it| has_key(it, key)),
        Value::Array(items) => items.iter().any(|it| has_key(it, key)),
        _ => false,
    }
}

/// Which values the schemas under a keyword are held against.
#[derive(Clone, Copy)]
enum Holds {
    /// The same value.
    Same,
    /// The same value, as alternatives.
    Union,
    /// One value inside, each another.
    Either,
    /// Values inside, beside other schemas.
    Inside,
}

/// The parts of a schema that are ever held against a value, and what they lead to.
struct Graph<'s> {
    root: &'s Value,
    parts: Vec<Part<'s>>,
    known: HashMap<*const Value, usize>,
}

/// A part of a schema: where it stands, and the parts it leads to, by what these are held against.
struct Part<'s> {
    schema: &'s Value,
    pointer: String,
    same: Vec<usize>,
    unions: Vec<Vec<usize>>,
    /// By the name or index of the value.
    either: Vec<(String, usize)>,
    inside: Vec<usize>,
}

impl Part<'_> {
    /// Everything that is held against the same value.
    fn alike(&self) -> impl Iterator<Item = usize> {
        self.same.iter().chain(self.unions.iter().flatten()).copied()
    }
}

/// How much work each part is.
struct Work {
    /// In all.
    whole: Vec<u64>,
    /// Without that for the one value inside, among several, that is the most.
    least: Vec<u64>,
}

impl<'s> Graph<'s> {
    fn of(schema: &'s Value, root: &'s Value, pointer: &str) -> Result<Self, BadSchema> {
        let mut graph = Self { root, parts: Vec::new(), known: HashMap::new() };
        graph.part(schema, pointer.to_owned());
        let mut next = 0;
        while let Some(part) = graph.parts.get(next) {
            let (schema, pointer) = (part.schema, part.pointer.clone());
            graph.read(next, schema, &pointer)?;
            next += 1;
        }
        Ok(graph)
    }

    fn part(&mut self, schema: &'s Value, pointer: String) -> usize {
        let next = self.parts.len();
        let index = *self.known.entry(schema).or_insert(next);
        if index == next {
            let (same, unions, either, inside) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
            self.parts.push(Part { schema, pointer, same, unions, either, inside });
        }
        index
    }

    /// Finds what a part leads to.
    fn read(&mut self, index: usize, schema: &'s Value, pointer: &str) -> Result<(), BadSchema> {
        let Some(map) = schema.as_object() else { return Ok(()) };
        if !std::ptr::eq(schema, self.root) {
            is_of_the_root(map, pointer)?;
        }
        if let Some(reference) = map.get("$ref").and_then(Value::as_str) {
            let target = self.target(reference, pointer)?;
            self.parts[index].same.extend(target);
        }
        for (key, value) in map {
            let Some((holds, each)) = role(key, value) else { continue };
            let pointer = format!("{pointer}/{}", escape(key));
            let found = if each { self.each(value, &pointer) } else { vec![self.part(value, pointer)] };
            let part = &mut self.parts[index];
            match holds {
                Holds::Same => part.same.extend(found),
                Holds::Union => part.unions.push(found),
                Holds::Either => part.either.extend(member_names(value).zip(found)),
                Holds::Inside => part.inside.extend(found),
            }
        }
        Ok(())
    }

    fn each(&mut self, schemas: &'s Value, pointer: &str) -> Vec<usize> {
        match schemas {
            Value::Array(items) => {
                let each = items.iter().enumerate();
                each.map(|(at, it)| self.part(it, format!("{pointer}/{at}"))).collect()
            }
            Value::Object(map) => {
                map.iter().map(|(key, it)| self.part(it, format!("{pointer}/{}", escape(key)))).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The part that a reference leads to; none where that is a known schema elsewhere.
    fn target(&mut self, reference: &str, pointer: &str) -> Result<Option<usize>, BadSchema> {
        let Some(fragment) = reference.strip_prefix('#') else {
            if ["http://json-schema.org/", "https://json-schema.org/"]
                .iter()
                .any(|it| reference.starts_with(it))
            {
                return Ok(None);
            }
            let reason = format!("`{reference}` leads out of the schema: references start with `#`");
            return Err(BadSchema { place: format!("{pointer}/$ref"), reason });
        };
        let target = percent_decode_str(fragment).decode_utf8_lossy();
        match self.root.pointer(&target) {
            Some(schema) => Ok(Some(self.part(schema, target.into_owned()))),
            None => {
                let reason = format!("`{reference}` leads to nothing in the schema");
                Err(BadSchema { place: format!("{pointer}/$ref"), reason })
            }
        }
    }

    /// How deep values may be nested, with the work by depth.
    fn deepest(&self, by_depth: &mut Vec<u64>) -> Result<usize, BadSchema> {
        let order = self.order()?;
        let mut before = vec![0; self.parts.len()];
        for depth in 0..=MOST_DEPTH {
            let now = self.work(&order, &before).whole;
            match now[0] > BUDGET {
                true if depth < LEAST_DEPTH => return Err(self.too_much(self.culprit(&now, &before))),
                true => return Ok(depth - 1),
                false if now == before => return Ok(usize::MAX),
                false => {
                    by_depth.push(now[0]);
                    before = now;
                }
            }
        }
        Ok(MOST_DEPTH)
    }

    /// The parts in such an order that those that hold for the same value come before what leads to them.
    fn order(&self) -> Result<Vec<usize>, BadSchema> {
        let mut waits: Vec<usize> = self.parts.iter().map(|part| part.alike().count()).collect();
        let mut leaders = vec![Vec::new(); self.parts.len()];
        for (index, part) in self.parts.iter().enumerate() {
            part.alike().for_each(|target| leaders[target].push(index));
        }
        let mut order: Vec<usize> = (0..self.parts.len()).filter(|index| waits[*index] == 0).collect();
        let mut next = 0;
        while let Some(part) = order.get(next) {
            for leader in &leaders[*part] {
                waits[*leader] -= 1;
                if waits[*leader] == 0 {
                    order.push(*leader);
                }
            }
            next += 1;
        }
        match waits.iter().position(|waits| *waits > 0) {
            Some(endless) => Err(BadSchema {
                place: self.parts[endless].pointer.clone(),
                reason: "it comes back to itself for the same value, without an end".to_owned(),
            }),
            None => Ok(order),
        }
    }

    /// The work of each part, where `before` is that for a value that is nested one level less.
    fn work(&self, order: &[usize], before: &[u64]) -> Work {
        let mut work = Work { whole: vec![0; self.parts.len()], least: vec![0; self.parts.len()] };
        for index in order {
            let part = &self.parts[*index];
            let same = sum(part.same.iter().map(|it| work.whole[*it]));
            let unions = sum(part.unions.iter().map(|union| self.union(union, &work.least, before)));
            let inside = sum(part.inside.iter().map(|it| before[*it]));
            let either = part.either.iter().map(|(_, it)| before[*it]).max().unwrap_or_default();
            work.least[*index] = sum([1, same, unions, inside]);
            work.whole[*index] = sum([work.least[*index], either]);
        }
        work
    }

    /// The work of alternatives. Where they are for values of different names, only one of them is on the way to any one.
    fn union(&self, alternatives: &[usize], least: &[u64], before: &[u64]) -> u64 {
        let mut names: HashMap<&str, u64> = HashMap::new();
        for (name, it) in alternatives.iter().flat_map(|at| &self.parts[*at].either) {
            let work = names.entry(name).or_default();
            *work = work.saturating_add(before[*it]);
        }
        let most = names.into_values().max().unwrap_or_default();
        sum(alternatives.iter().map(|at| least[*at]).chain([most]))
    }

    /// The part that exceeds the budget though nothing that it leads to does; the whole where there is none.
    fn culprit(&self, work: &[u64], before: &[u64]) -> usize {
        let first = (0..self.parts.len()).find(|index| {
            let part = &self.parts[*index];
            let inside = part.inside.iter().chain(part.either.iter().map(|(_, it)| it));
            let below =
                part.alike().any(|it| work[it] > BUDGET) || inside.copied().any(|it| before[it] > BUDGET);
            work[*index] > BUDGET && !below
        });
        first.unwrap_or_default()
    }

    fn too_much(&self, part: usize) -> BadSchema {
        let reason = format!(
            "with what it refers to it is too much work: more than {BUDGET} schemas to hold against one value"
        );
        BadSchema { place: self.parts[part].pointer.clone(), reason }
    }
}

/// That a part of a schema is read as the whole is.
fn is_of_the_root(map: &Map<String, Value>, pointer: &str) -> Result<(), BadSchema> {
    // Such as starts with `#` is another name of the part: references to it are not taken, and it does no harm.
    let id = map.get("$id").and_then(Value::as_str).filter(|id| !id.starts_with('#'));
    let (key, reason) = match (id, map.get("$schema")) {
        (Some(_), _) => ("$id", "an `$id` inside a schema makes references lead elsewhere, and is not taken"),
        (_, Some(_)) => {
            ("$schema", "a `$schema` inside a schema gives its part other rules, and is not taken")
        }
        (None, None) => return Ok(()),
    };
    Err(BadSchema { place: format!("{pointer}/{key}"), reason: reason.to_owned() })
}

fn sum(work: impl IntoIterator<Item = u64>) -> u64 {
    work.into_iter().fold(0, u64::saturating_add)
}

/// The names or indices of the values that schemas are for.
fn member_names(schemas: &Value) -> impl Iterator<Item = String> {
    let names = schemas.as_object().into_iter().flat_map(Map::keys).cloned();
    let indices = 0..schemas.as_array().map_or(0, Vec::len);
    names.chain(indices.map(|index| index.to_string()))
}

/// What the schemas under a keyword are held against, and whether there are several.
fn role(key: &str, value: &Value) -> Option<(Holds, bool)> {
    Some(match key {
        "anyOf" | "oneOf" => (Holds::Union, true),
        "allOf" | "dependencies" => (Holds::Same, true),
        "not" | "if" | "then" | "else" => (Holds::Same, false),
        "properties" => (Holds::Either, true),
        "items" if value.is_array() => (Holds::Either, true),
        "patternProperties" => (Holds::Inside, true),
        "items" | "additionalItems" | "additionalProperties" | "contains" | "propertyNames" => {
            (Holds::Inside, false)
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// `d0` leads to `d1`, and so on; the last is a text.
    fn chain(length: usize, link: impl Fn(Value) -> Value) -> Value {
        let definition = |at| match at + 1 == length {
            true => json!({"type": "string"}),
            false => link(json!({"$ref": format!("#/definitions/d{}", at + 1)})),
        };
        let definitions: Map<_, _> = (0..length).map(|at| (format!("d{at}"), definition(at))).collect();
        json!({"properties": {"a": {"$ref": "#/definitions/d0"}}, "definitions": definitions})
    }

    #[test]
    fn schemas_are_taken_by_the_work_they_are() {
        let twice = |key: &'static str| move |next: Value| json!({key: [next, next]});
        let both = |next: Value| json!({"properties": {"a": next}, "patternProperties": {"a": next}});
        let beside = |next: Value| json!({"properties": {"a": next, "b": next}});
        let own = |schema: Value| json!({"properties": {"a": {"$ref": "#"}}, "allOf": [schema]});
        let inside = json!({"properties": {"a": {"$ref": "#"}}});
        let tagged: Vec<_> = ["not", "if", "then", "else"]
            .iter()
            .map(|name| json!({"required": [name], "properties": {*name: {"$ref": "#"}}}))
            .chain([json!({"properties": {"is": {"type": "string"}}})])
            .collect();
        let again = json!({"a": {"$ref": "#/definitions/q"}});
        let twice_below = json!({"properties": again, "definitions": {"q": {"properties": again, "patternProperties": again}}});
        let mut wrong = Vec::new();
        for (name, schema, wanted) in [
            ("no references", json!({"anyOf": [{}, {}]}), Ok(usize::MAX)),
            ("a chain", chain(100, |next| json!({"allOf": [next]})), Ok(usize::MAX)),
            ("ten doublings", chain(10, twice("anyOf")), Ok(usize::MAX)),
            ("many", chain(28, twice("anyOf")), Err("/definitions/d12")),
            ("many", chain(28, twice("allOf")), Err("/definitions/d12")),
            ("many", chain(28, twice("oneOf")), Err("/definitions/d12")),
            ("many inside each other", chain(28, both), Ok(15)),
            ("many beside each other", chain(28, beside), Ok(usize::MAX)),
            ("a tree", own(json!({"properties": {"b": {"items": {"$ref": "#"}}}})), Ok(19)),
            ("a list", own(json!({})), Ok(MOST_DEPTH)),
            ("twice itself", own(inside.clone()), Ok(14)),
            ("many times itself", json!({"allOf": vec![inside.clone(); 20]}), Err("")),
            ("endless", json!({"allOf": [{"$ref": "#"}]}), Err("")),
            (
                "in a name",
                json!({"allOf": [{"$ref": "#/definitions/a%20b"}], "definitions": {"a b": {"not": {"$ref": "#"}}}}),
                Err(""),
            ),
            ("elsewhere", json!({"items": {"$ref": "other.json"}}), Err("/items/$ref")),
            ("the same by another name", json!({"items": {"$ref": "json-schema:///#"}}), Err("/items/$ref")),
            ("by an id", json!({"items": {"$id": "x", "$ref": "#/a"}}), Err("/items/$id")),
            ("by an anchor", json!({"items": {"$ref": "#a"}, "not": {"$id": "#a"}}), Err("/items/$ref")),
            (
                "an index by another name",
                json!({"items": {"$ref": "#/allOf/00"}, "allOf": [{}]}),
                Err("/items/$ref"),
            ),
            (
                "an index by another name",
                json!({"items": {"$ref": "#/allOf/+0"}, "allOf": [{}]}),
                Err("/items/$ref"),
            ),
            ("nothing", json!({"items": {"$ref": "#/nothing"}}), Err("/items/$ref")),
            (
                "an id as generators write it",
                json!({"items": {"$id": "#/items", "not": {"$ref": "#/a"}}, "a": {}}),
                Ok(usize::MAX),
            ),
            (
                "other rules",
                json!({"items": {"$schema": "x", "not": {"$ref": "#/a"}}, "a": {}}),
                Err("/items/$schema"),
            ),
            ("other rules", json!({"items": {"$schema": "x"}}), Err("/items/$schema")),
            ("rules of the whole", json!({"$schema": "x", "items": {}}), Ok(usize::MAX)),
            ("alternatives of different names", json!({"oneOf": tagged}), Ok(MOST_DEPTH)),
            ("alternatives of one name", json!({"anyOf": vec![inside; 20]}), Err("")),
            ("twice itself below the root", twice_below.clone(), Ok(15)),
            ("known", json!({"items": {"$ref": "http://json-schema.org/draft-07/schema#"}}), Ok(usize::MAX)),
        ] {
            let found = Extent::of(&schema, &schema, "").map(|it| it.deepest).map_err(|it| it.place);
            let wanted = wanted.map_err(str::to_owned);
            wrong.extend((found != wanted).then(|| format!("{name}: {found:?} is not {wanted:?}")));
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn values_are_as_deep_as_they_are_nested() {
        for (value, wanted) in [(json!(1), 0), (json!([]), 0), (json!([1]), 1), (json!({"a": [{"b": 1}]}), 3)]
        {
            assert_eq!(depth(&value), wanted, "{value}");
        }
    }
}
