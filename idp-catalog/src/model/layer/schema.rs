//! The part of JSON Schema that layers use, as shapes.

use idp_core::{Diagnostic, similar};
use regex::RegexBuilder;
use serde_json::{Map, Value};

use crate::model::pointer::Pointer;
use crate::model::shape::{Field, Shape, TextRule};

/// Bytes that a compiled pattern may take.
const PATTERN_BYTES: usize = 1 << 20;
/// What a schema may say and nobody checks.
const NOTES: [&str; 7] = ["$schema", "$id", "$comment", "title", "description", "examples", "default"];
/// What is understood, by the type it belongs to.
const KEYWORDS: [&str; 13] = [
    "type",
    "enum",
    "const",
    "anyOf",
    "oneOf",
    "minLength",
    "maxLength",
    "pattern",
    "items",
    "minItems",
    "maxItems",
    "properties",
    "required",
];
/// Of these one is enough, and nothing else counts beside it.
const EITHER: [&str; 2] = ["anyOf", "oneOf"];
const REST: &str = "additionalProperties";

/// Reads schemas, and notes what is wrong with them by the pointers where it stands.
#[derive(Debug)]
pub(super) struct SchemaReader<'p> {
    pub(super) problems: &'p mut Vec<(String, Diagnostic)>,
}

impl SchemaReader<'_> {
    /// Reads the schema at a pointer. What is wrong with it accepts anything.
    pub(super) fn read(&mut self, schema: &Value, at: &Pointer<'_>) -> Shape {
        let map = match schema {
            Value::Object(map) => map,
            Value::Bool(true) => return Shape::Any,
            Value::Bool(false) => return Shape::Never,
            _ => return self.wrong(at, "a schema is an object"),
        };
        for key in map.keys() {
            self.keyword(key, at);
        }
        if let Some(keyword) = EITHER.into_iter().find(|keyword| map.contains_key(*keyword)) {
            return self.either(map, keyword, at);
        }
        if let Some(word) = map.get("const") {
            return self.words(std::slice::from_ref(word), at);
        }
        match (map.get("enum"), map.get("type")) {
            (Some(Value::Array(words)), _) => self.words(words, at),
            (Some(_), _) => self.wrong(at, "`enum` is a list"),
            (None, Some(Value::String(name))) => self.typed(name, map, at),
            (None, Some(Value::Array(names))) => {
                let shapes = names.iter().map(|name| self.typed(name.as_str().unwrap_or("?"), map, at));
                Shape::Either(shapes.collect())
            }
            (None, Some(_)) => self.wrong(at, "`type` is a name, or a list of names"),
            (None, None) => self.untyped(map, at),
        }
    }

    fn keyword(&mut self, key: &str, at: &Pointer<'_>) {
        if key == REST || KEYWORDS.contains(&key) || NOTES.contains(&key) {
            return;
        }
        let known: Vec<String> = KEYWORDS.iter().chain([&REST]).map(|it| (*it).to_owned()).collect();
        let help = match similar(key, &known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("understood are `{}`", known.join("`, `")),
        };
        let message = format!("the schema's keyword `{key}` is not understood");
        let problem = Diagnostic::error("unknown-keyword", message).help(help);
        let pointer = at.with_key(key, |at| at.to_string());
        self.problems.push((pointer, problem));
    }

    fn wrong(&mut self, at: &Pointer<'_>, message: &str) -> Shape {
        self.problems.push((at.to_string(), Diagnostic::error("bad-schema", message.to_owned())));
        Shape::Any
    }

    fn either(&mut self, map: &Map<String, Value>, keyword: &str, at: &Pointer<'_>) -> Shape {
        for neighbour in map.keys().filter(|it| *it != keyword && !NOTES.contains(&it.as_str())) {
            let message = format!("`{neighbour}` does not count beside `{keyword}`");
            let problem = Diagnostic::error("bad-schema", message)
                .help(format!("say it in each of the schemas of `{keyword}`"));
            self.problems.push((at.with_key(neighbour, |at| at.to_string()), problem));
        }
        let Some(Value::Array(schemas)) = map.get(keyword) else {
            return self.wrong(at, &format!("`{keyword}` is a list of schemas"));
        };
        at.with_key(keyword, |at| {
            let read = |(index, schema)| at.with_index(index, |at| self.read(schema, at));
            Shape::Either(schemas.iter().enumerate().map(read).collect())
        })
    }

    fn words(&mut self, words: &[Value], at: &Pointer<'_>) -> Shape {
        let texts: Option<Vec<String>> = words.iter().map(|word| word.as_str().map(str::to_owned)).collect();
        match texts {
            Some(words) => Shape::OneOf(words),
            None => self.wrong(at, "`enum` and `const` take strings"),
        }
    }

    /// Without a type, the keywords tell.
    fn untyped(&mut self, map: &Map<String, Value>, at: &Pointer<'_>) -> Shape {
        let has = |keys: &[&str]| keys.iter().any(|key| map.contains_key(*key));
        match () {
            () if has(&["properties", "required", REST]) => self.typed("object", map, at),
            () if has(&["items", "minItems", "maxItems"]) => self.typed("array", map, at),
            () if has(&["minLength", "maxLength", "pattern"]) => self.typed("string", map, at),
            () => Shape::Any,
        }
    }

    fn typed(&mut self, name: &str, map: &Map<String, Value>, at: &Pointer<'_>) -> Shape {
        match name {
            "string" => self.text(map, at),
            "boolean" => Shape::Bool,
            "number" => Shape::Number,
            "integer" => Shape::Integer,
            "array" => self.list(map, at),
            "object" => self.object(map, at),
            _ => self.wrong(at, "`type` is `string`, `boolean`, `number`, `integer`, `array` or `object`"),
        }
    }

    fn text(&mut self, map: &Map<String, Value>, at: &Pointer<'_>) -> Shape {
        let (least, most) = self.bounds(map, "minLength", "maxLength", at);
        let pattern = map.get("pattern").and_then(|pattern| self.pattern(pattern, at));
        match (least, most, pattern) {
            (0, usize::MAX, None) => Shape::String,
            (1, usize::MAX, None) => Shape::Text,
            (least, most, pattern) => Shape::Words(TextRule { least, most, pattern }),
        }
    }

    fn pattern(&mut self, pattern: &Value, at: &Pointer<'_>) -> Option<regex::Regex> {
        let Value::String(text) = pattern else {
            self.wrong(at, "`pattern` is a string");
            return None;
        };
        match RegexBuilder::new(text).size_limit(PATTERN_BYTES).build() {
            Ok(pattern) => Some(pattern),
            Err(error) => {
                self.wrong(at, &format!("`pattern` is no regular expression: {error}"));
                None
            }
        }
    }

    fn bounds(
        &mut self,
        map: &Map<String, Value>,
        least: &str,
        most: &str,
        at: &Pointer<'_>,
    ) -> (usize, usize) {
        let mut bound = |key: &str, absent| match map.get(key) {
            None => absent,
            Some(value) => match value.as_u64().and_then(|it| usize::try_from(it).ok()) {
                Some(bound) => bound,
                None => {
                    self.wrong(at, &format!("`{key}` is a whole number"));
                    absent
                }
            },
        };
        (bound(least, 0), bound(most, usize::MAX))
    }

    fn list(&mut self, map: &Map<String, Value>, at: &Pointer<'_>) -> Shape {
        let item = match map.get("items") {
            Some(items) => at.with_key("items", |at| self.read(items, at)),
            None => Shape::Any,
        };
        match self.bounds(map, "minItems", "maxItems", at) {
            (0, usize::MAX) => Shape::List(Box::new(item)),
            (least, most) => Shape::Sized { least, most, item: Box::new(item) },
        }
    }

    fn object(&mut self, map: &Map<String, Value>, at: &Pointer<'_>) -> Shape {
        let mut fields = match map.get("properties") {
            Some(Value::Object(properties)) => at.with_key("properties", |at| {
                let field = |(name, schema): (&String, &Value)| {
                    at.with_key(name, |at| Field::optional(name, self.read(schema, at)))
                };
                properties.iter().map(field).collect()
            }),
            Some(_) => {
                self.wrong(at, "`properties` is an object");
                Vec::new()
            }
            None => Vec::new(),
        };
        for name in self.required(map, at) {
            match fields.iter_mut().find(|field: &&mut Field| field.name == name) {
                Some(field) => field.required = true,
                None => fields.push(Field::required(name, Shape::Any)),
            }
        }
        let rest = match map.get(REST) {
            Some(rest) => at.with_key(REST, |at| self.read(rest, at)),
            None => Shape::Any,
        };
        Shape::Object { fields, rest: Box::new(rest) }
    }

    fn required(&mut self, map: &Map<String, Value>, at: &Pointer<'_>) -> Vec<String> {
        let Some(required) = map.get("required") else { return Vec::new() };
        let names = required.as_array().map(|names| names.iter().map(Value::as_str).collect());
        match names {
            Some(Some::<Vec<&str>>(names)) => names.into_iter().map(str::to_owned).collect(),
            _ => {
                self.wrong(at, "`required` is a list of names");
                Vec::new()
            }
        }
    }
}
