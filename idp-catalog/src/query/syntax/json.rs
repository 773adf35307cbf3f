//! Backstage's predicates in JSON: `{"kind": "component", "$not": …}`.

use idp_core::{Comparison, Diagnostic, Error, Predicate, SourceText, Span, similar};
use serde_json::{Map, Value};

use super::Dialect;
use crate::js;
use crate::query::test::{Case, MAX_PATTERNS, compile};

/// Deepest nesting of `$all`, `$any`, `$not` and `$elemMatch`.
const MAX_DEPTH: usize = 64;

/// How much of a part an error shows, in characters.
const MAX_EXCERPT: usize = 200;

/// The operators on a field that Backstage knows, in the order in which they count.
const OPERATORS: [&str; 4] = ["$exists", "$in", "$contains", "$hasPrefix"];

/// Those of [`Dialect::Extended`].
const EXTENSIONS: [&str; 6] = ["$gt", "$gte", "$lt", "$lte", "$regex", "$elemMatch"];

/// The operators that join predicates.
const LOGIC: [&str; 3] = ["$all", "$any", "$not"];

/// Reads a predicate as Backstage's query endpoints take it.
///
/// An object of `field: value` pairs that must all hold, or one of `{"$all": […]}`, `{"$any": […]}`, `{"$not": …}`. A
/// value is a string, number or boolean, or one of `{"$exists": true}`, `{"$in": […]}`, `{"$contains": …}`,
/// `{"$hasPrefix": "…"}`.
///
/// ```
/// use idp_catalog::predicate_from_json;
/// use serde_json::json;
/// predicate_from_json(&json!({"kind": "component", "metadata.tags": {"$contains": "java"}}))?;
/// predicate_from_json(&json!({"relations": {"$contains": {"type": "ownedBy", "targetRef": "group:default/a"}}}))?;
/// # Ok::<(), idp_core::Error>(())
/// ```
///
/// # Errors
/// [`idp_core::ErrorKind::InvalidInput`] for anything else, with a diagnostic that shows it; its place is called
/// `predicate#` and a JSON pointer.
pub fn predicate_from_json(value: &Value) -> idp_core::Result<Predicate> {
    predicate_from_json_in(value, Dialect::Backstage)
}

/// Reads a predicate in a dialect. [`Dialect::Extended`] adds `$gt`, `$gte`, `$lt`, `$lte`, `$regex` and
/// `$elemMatch`, which asks one element of a list; several operators on one field must all hold.
///
/// ```
/// use idp_catalog::{Dialect, predicate_from_json_in, print_predicate};
/// let ports = serde_json::json!({"spec.ports": {"$elemMatch": {"name": "http", "number": {"$gte": 8000, "$lt": 9000}}}});
/// let predicate = predicate_from_json_in(&ports, Dialect::Extended)?;
/// assert_eq!(
///     print_predicate(&predicate),
///     "all(spec.ports has (name = http and (number >= 8000 and number < 9000)))",
/// );
/// # Ok::<(), idp_core::Error>(())
/// ```
///
/// # Errors
/// As [`predicate_from_json`].
pub fn predicate_from_json_in(value: &Value, dialect: Dialect) -> idp_core::Result<Predicate> {
    let mut reader = Reader { dialect, patterns: 0 };
    reader.predicate(value, "", 0).map_err(|refusal| refusal.at(value))
}

struct Reader {
    dialect: Dialect,
    patterns: usize,
}

/// A part that is not accepted.
struct Refusal {
    /// Its JSON pointer.
    at: String,
    message: String,
    help: Option<String>,
}

type Result<T> = std::result::Result<T, Refusal>;

impl Refusal {
    /// An error that shows the part of a predicate.
    fn at(self, root: &Value) -> Error {
        let part = root.pointer(&self.at).map(ToString::to_string).unwrap_or_default();
        let excerpt: String = part.chars().take(MAX_EXCERPT).collect();
        let span = Span::new(0, excerpt.len());
        let source = SourceText::new(format!("predicate#{}", self.at), excerpt);
        let problem = Diagnostic::error("bad-predicate", self.message).at(&source, span);
        Error::diagnosed(vec![match self.help {
            Some(help) => problem.help(help),
            None => problem,
        }])
    }
}

impl Reader {
    /// `at` is the JSON pointer of the value.
    fn predicate(&mut self, value: &Value, at: &str, depth: usize) -> Result<Predicate> {
        let Value::Object(map) = value else {
            return Err(refused(at, "a predicate must be an object; wrap a value in a field expression"));
        };
        if depth > MAX_DEPTH {
            return Err(refused(at, "the predicate is nested too deeply"));
        }
        match map.keys().find(|key| key.starts_with('$')) {
            Some(operator) if map.len() == 1 => {
                self.logic(operator, &map[operator], &below(at, operator), depth)
            }
            Some(operator) => Err(refused(at, format!("`{operator}` must be the only key of its object"))),
            None => {
                let parts =
                    map.iter().map(|(field, value)| self.condition(field, value, &below(at, field), depth));
                Ok(Predicate::All(parts.collect::<Result<_>>()?))
            }
        }
    }

    fn logic(&mut self, operator: &str, value: &Value, at: &str, depth: usize) -> Result<Predicate> {
        match (operator, value) {
            ("$all", Value::Array(items)) => Ok(Predicate::All(self.predicates(items, at, depth)?)),
            ("$any", Value::Array(items)) => Ok(Predicate::Any(self.predicates(items, at, depth)?)),
            ("$all" | "$any", _) => Err(refused(at, format!("`{operator}` needs a list"))),
            ("$not", value) => Ok(self.predicate(value, at, depth + 1)?.negate()),
            _ => Err(unknown(operator, &LOGIC, at)),
        }
    }

    fn predicates(&mut self, items: &[Value], at: &str, depth: usize) -> Result<Vec<Predicate>> {
        let numbered = items.iter().enumerate();
        numbered
            .map(|(index, item)| self.predicate(item, &below(at, &index.to_string()), depth + 1))
            .collect()
    }

    fn condition(&mut self, field: &str, value: &Value, at: &str, depth: usize) -> Result<Predicate> {
        if field.contains(['\r', '\n']) {
            return Err(refused(at, "a field may not contain line breaks"));
        }
        let Value::Object(operators) = value else {
            return Ok(Predicate::equals(field, scalar(value, at)?));
        };
        let known = self.known();
        if let Some(strange) = operators.keys().find(|key| !known.contains(&key.as_str())) {
            return Err(unknown(strange, &known, at));
        }
        let mut parts = Vec::new();
        for operator in known {
            let Some(value) = operators.get(operator) else { continue };
            parts.push(self.operator(field, operator, value, &below(at, operator), depth)?);
            if self.dialect == Dialect::Backstage {
                break;
            }
        }
        match parts.len() {
            0 => Err(refused(at, "a field expression needs an operator")),
            1 => Ok(parts.remove(0)),
            _ => Ok(Predicate::All(parts)),
        }
    }

    fn known(&self) -> Vec<&'static str> {
        let extensions: &[&str] = if self.dialect == Dialect::Extended { &EXTENSIONS } else { &[] };
        OPERATORS.iter().chain(extensions).copied().collect()
    }

    fn operator(
        &mut self,
        field: &str,
        operator: &str,
        value: &Value,
        at: &str,
        depth: usize,
    ) -> Result<Predicate> {
        if let Some(comparison) = comparison(operator) {
            return Ok(Predicate::compare(field, comparison, scalar(value, at)?));
        }
        match (operator, value) {
            ("$exists", Value::Bool(true)) => Ok(Predicate::exists(field)),
            ("$exists", Value::Bool(false)) => Ok(Predicate::exists(field).negate()),
            ("$in", Value::Array(values)) => Ok(Predicate::one_of(field, scalars(values, at)?)),
            ("$contains", Value::Object(edge)) => relation(field, edge, at),
            ("$contains", value) => Ok(Predicate::equals(field, scalar(value, at)?)),
            ("$hasPrefix", Value::String(prefix)) => Ok(Predicate::prefix(field, prefix)),
            ("$regex", Value::String(pattern)) => {
                self.patterns += 1;
                if self.patterns > MAX_PATTERNS {
                    return Err(refused(at, "there are too many patterns"));
                }
                compile(pattern, Case::Ignored).map_err(|error| refused(at, error.message()))?;
                Ok(Predicate::matches(field, pattern))
            }
            ("$elemMatch", value) => Ok(Predicate::has(field, self.predicate(value, at, depth + 1)?)),
            _ => Err(refused(at, format!("`{operator}` does not take this"))),
        }
    }
}

fn comparison(operator: &str) -> Option<Comparison> {
    match operator {
        "$gt" => Some(Comparison::Greater),
        "$gte" => Some(Comparison::AtLeast),
        "$lt" => Some(Comparison::Less),
        "$lte" => Some(Comparison::AtMost),
        _ => None,
    }
}

fn scalars(values: &[Value], at: &str) -> Result<Vec<String>> {
    let numbered = values.iter().enumerate();
    numbered.map(|(index, value)| scalar(value, &below(at, &index.to_string()))).collect()
}

fn scalar(value: &Value, at: &str) -> Result<String> {
    match value {
        Value::String(_) | Value::Number(_) | Value::Bool(_) => Ok(js::scalar_text(value).into_owned()),
        _ => Err(refused(at, "a value must be a string, a number or a boolean")),
    }
}

/// `{"relations": {"$contains": {"type": …, "targetRef": …}}}`: the one place where an object may be asked for.
fn relation(field: &str, edge: &Map<String, Value>, at: &str) -> Result<Predicate> {
    if !field.eq_ignore_ascii_case("relations") {
        let message = format!("the object form of `$contains` is for `relations`, not for `{field}`");
        return Err(refused(at, message));
    }
    let (mut kind, mut target) = (None, None);
    for (key, value) in edge {
        let slot = match key.to_lowercase().as_str() {
            "type" => &mut kind,
            "targetref" => &mut target,
            _ => return Err(refused(at, format!("a relation has no `{key}`"))),
        };
        if slot.replace(value).is_some() {
            return Err(refused(at, format!("`{key}` occurs twice")));
        }
    }
    let Some(Value::String(kind)) = kind else {
        return Err(refused(at, "a relation needs its `type` as a string"));
    };
    let field = format!("relations.{kind}");
    match target {
        None => Ok(Predicate::exists(field)),
        Some(Value::String(target)) => Ok(Predicate::equals(field, target)),
        Some(target) => match target.get("$in").and_then(Value::as_array) {
            Some(targets) if !targets.is_empty() => Ok(Predicate::one_of(field, scalars(targets, at)?)),
            _ => Err(refused(at, "`targetRef` is a string, or `{\"$in\": […]}`")),
        },
    }
}

fn unknown(operator: &str, known: &[&str], at: &str) -> Refusal {
    let help = match similar(operator, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("use one of {}", known.join(", ")),
    };
    Refusal { help: Some(help), ..refused(at, format!("the operator `{operator}` is not known")) }
}

fn refused(at: &str, message: impl Into<String>) -> Refusal {
    Refusal { at: at.to_owned(), message: message.into(), help: None }
}

fn below(at: &str, key: &str) -> String {
    format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn accepted() {
        let all = |part: Predicate| Predicate::All(vec![part]);
        for (value, want) in [
            (json!({}), Predicate::All(vec![])),
            (json!({"a": 1}), all(Predicate::equals("a", "1"))),
            (json!({"a": {"$exists": false}}), all(Predicate::exists("a").negate())),
            (json!({"a": {"$in": ["x", true]}}), all(Predicate::one_of("a", ["x", "true"]))),
            (json!({"a": {"$in": ["x"], "$exists": true}}), all(Predicate::exists("a"))),
            (json!({"a": {"$hasPrefix": "x"}}), all(Predicate::prefix("a", "x"))),
            (json!({"a": {"$contains": "x"}}), all(Predicate::equals("a", "x"))),
            (json!({"$any": []}), Predicate::Any(vec![])),
            (json!({"$not": {"$all": []}}), Predicate::All(vec![]).negate()),
            (json!({"relations": {"$contains": {"TYPE": "x"}}}), all(Predicate::exists("relations.x"))),
            (
                json!({"relations": {"$contains": {"type": "x", "targetRef": {"$in": ["a"]}}}}),
                all(Predicate::equals("relations.x", "a")),
            ),
        ] {
            assert_eq!(predicate_from_json(&value).unwrap(), want, "{value}");
        }
    }

    #[test]
    fn extensions_only_where_they_are_asked_for() {
        let bounds = json!({"n": {"$gt": 3, "$lte": 5}});
        assert!(predicate_from_json(&bounds).is_err());
        let want = Predicate::All(vec![Predicate::greater("n", 3) & Predicate::at_most("n", 5)]);
        assert_eq!(predicate_from_json_in(&bounds, Dialect::Extended).unwrap(), want);
        for bad in
            [json!({"n": {"$regex": "("}}), json!({"n": {"$gt": null}}), json!({"n": {"$elemMatch": 1}})]
        {
            assert!(predicate_from_json_in(&bad, Dialect::Extended).is_err(), "{bad}");
        }
    }

    #[test]
    fn errors_say_where_and_what_was_meant() {
        let error = predicate_from_json(&json!({"$all": [{"a": {"$exist": true}}]})).unwrap_err();
        let problem = &error.diagnostics()[0];
        assert_eq!(
            (problem.to_string().as_str(), problem.help.as_deref()),
            (
                "predicate#/$all/0/a:1:1: error[bad-predicate]: the operator `$exist` is not known",
                Some("did you mean `$exists`?")
            )
        );
        assert_eq!(problem.place.as_ref().unwrap().source.text(), r#"{"$exist":true}"#);
    }

    #[test]
    fn refused() {
        for value in [
            json!([]),
            json!(null),
            json!("x"),
            json!({"kind": {"foo": "bar"}}),
            json!({"kind": {"$in": "foo"}}),
            json!({"kind": {"$in": [null]}}),
            json!({"spec.type": null}),
            json!({"$unknown": "foo"}),
            json!({"a": ["x"]}),
            json!({"a": {}}),
            json!({"$all": [], "x": 1}),
            json!({"$all": [], "$any": []}),
            json!({"$all": ["x"]}),
            json!({"a": {"$exists": "true"}}),
            json!({"a": {"$hasPrefix": 1}}),
            json!({"a\nb": "x"}),
            json!({"metadata.tags": {"$contains": {"a": 1}}}),
            json!({"relations": {"$contains": {"targetRef": "x"}}}),
            json!({"relations": {"$contains": {"type": "x", "Type": "y"}}}),
            json!({"relations": {"$contains": {"type": "x", "targetRef": {"$in": []}}}}),
        ] {
            assert!(predicate_from_json(&value).is_err(), "{value}");
        }
    }
}
