//! A step's input beside the schema of its action.

use idp_core::{ActionInfo, similar};
use serde_json::{Map, Value};

use super::draft::{Draft, Need, Proof, Spot, Want};
use super::types::{Kinds, Type, of_schema};
use crate::parameters::{escape, resolve, violations};

/// A value as it is written, with the type of what comes of it.
#[derive(Clone, Debug)]
pub(crate) struct Typed {
    pub(crate) it: Type,
    /// The value itself, where no expression is in it.
    pub(crate) literal: Option<Value>,
    pub(crate) members: Vec<(String, Typed)>,
    pub(crate) items: Vec<Typed>,
}

impl Typed {
    pub(crate) fn member(&self, name: &str) -> Option<&Self> {
        self.members.iter().find(|(key, _)| key == name).map(|(_, it)| it)
    }

    fn leaf(it: Type, literal: Option<Value>) -> Self {
        Self { it, literal, members: Vec::new(), items: Vec::new() }
    }
}

/// Types the texts of a value.
pub(crate) struct Reader<'r> {
    pub(crate) root: Option<&'r Value>,
    /// Reads one text at a pointer, and whether a text is wanted there.
    pub(crate) read: &'r mut dyn FnMut(&str, &str, bool) -> Type,
}

impl Reader<'_> {
    pub(crate) fn value(&mut self, value: &Value, pointer: &str, schema: Option<&Value>) -> Typed {
        let schema = schema.and_then(|schema| resolve(schema, self.root.unwrap_or(schema)));
        match value {
            Value::String(text) => self.text(text, pointer, schema),
            Value::Array(items) => {
                let schema = schema.and_then(|it| it.get("items"));
                let items: Vec<_> = items
                    .iter()
                    .enumerate()
                    .map(|(index, it)| self.value(it, &format!("{pointer}/{index}"), schema))
                    .collect();
                let all = items.iter().map(|it| it.it.clone()).reduce(Type::union);
                let literal = items.iter().map(|it| it.literal.clone()).collect::<Option<_>>();
                let it = Type {
                    filled: !items.is_empty(),
                    values: literal.clone().map(|items| vec![Value::Array(items)]),
                    ..Type::list(all.unwrap_or_else(Type::any))
                };
                Typed { items, ..Typed::leaf(it, literal.map(Value::Array)) }
            }
            Value::Object(map) => self.object(map, pointer, schema),
            scalar => Typed::leaf(Type::literal(scalar), Some(scalar.clone())),
        }
    }

    fn object(&mut self, map: &Map<String, Value>, pointer: &str, schema: Option<&Value>) -> Typed {
        let mut members = Vec::new();
        for (key, value) in map {
            let schema = schema.and_then(|it| it.get("properties")?.get(key));
            members.push((key.clone(), self.value(value, &format!("{pointer}/{}", escape(key)), schema)));
        }
        let literal = members.iter().map(|(key, it)| Some((key.clone(), it.literal.clone()?)));
        let literal = literal.collect::<Option<Map<_, _>>>().map(Value::Object);
        let it = Type::closed(members.iter().map(|(key, it)| (key.clone(), it.it.clone())));
        Typed { members, ..Typed::leaf(it, literal) }
    }

    fn text(&mut self, text: &str, pointer: &str, schema: Option<&Value>) -> Typed {
        let wanted = schema.is_some_and(|schema| {
            let root = self.root.unwrap_or(schema);
            of_schema(schema, root).kinds.within(Kinds::STRING.or(Kinds::NULLISH))
        });
        let it = (self.read)(text, pointer, wanted);
        let plain = it.origin.is_none() && it.values.as_deref() == Some(&[Value::from(text)]);
        Typed::leaf(it, plain.then(|| text.into()))
    }
}

/// Holds an input against its action's schema.
pub(crate) fn check(
    action: &ActionInfo,
    step: usize,
    pointer: &str,
    input: &Typed,
    needs: &[Need],
    drafts: &mut Vec<Draft>,
) {
    let mut check = Check { action, step, base: pointer.len(), needs, drafts };
    check.value(input, &action.input, pointer);
}

struct Check<'c> {
    action: &'c ActionInfo,
    step: usize,
    /// Length of the pointer to the input itself.
    base: usize,
    needs: &'c [Need],
    drafts: &'c mut Vec<Draft>,
}

impl Check<'_> {
    fn value(&mut self, given: &Typed, schema: &Value, pointer: &str) {
        let Some(schema) = resolve(schema, &self.action.input) else { return };
        let Some(map) = schema.as_object() else { return };
        if self.kind(given, schema, pointer) {
            return;
        }
        if let Some(value) = given.literal.as_ref().filter(|it| !it.is_object()) {
            return self.literal(value, schema, pointer);
        }
        if !given.members.is_empty() || given.it.members.is_some() {
            self.object(given, map, pointer);
        }
        if let Some(items) = map.get("items") {
            for (index, item) in given.items.iter().enumerate() {
                self.value(item, items, &format!("{pointer}/{index}"));
            }
        }
    }

    /// Whether a value is of a kind, or has a value, that the schema never admits; says so.
    fn kind(&mut self, given: &Typed, schema: &Value, pointer: &str) -> bool {
        let wanted = of_schema(schema, &self.action.input);
        let definite = given.it.kinds.without(Kinds::UNDEFINED);
        if definite == Kinds::NONE || wanted.kinds == Kinds::ANY {
            return false;
        }
        let name = self.name(pointer);
        let wrong_value = match (&given.it.values, &wanted.values) {
            (Some(given), Some(wanted)) => !given.is_empty() && !given.iter().any(|it| wanted.contains(it)),
            _ => false,
        };
        if definite.meets(wanted.kinds) && !wrong_value {
            return false;
        }
        let message = match &wanted.values {
            Some(values) if wrong_value => {
                let values: Vec<_> = values.iter().map(ToString::to_string).collect();
                format!("`{name}` of `{}` is one of {}", self.action.id, values.join(", "))
            }
            _ => format!("`{name}` of `{}` is {}, and gets {definite}", self.action.id, wanted.kinds),
        };
        let draft = Draft::error("input-type", message, Spot::value(pointer));
        self.push(draft, pointer);
        true
    }

    fn literal(&mut self, value: &Value, schema: &Value, pointer: &str) {
        let mut whole = schema.clone();
        // References of a part start from the whole.
        if let (Some(map), Some(definitions)) = (whole.as_object_mut(), self.action.input.get("$defs")) {
            map.entry("$defs").or_insert_with(|| definitions.clone());
        }
        if let Some(problem) = violations(&whole, value, "input").into_iter().next() {
            let reason = problem.message.trim_start_matches("input the whole: ");
            let message = format!("`{}` of `{}`: {reason}", self.name(pointer), self.action.id);
            let draft = Draft::error("input-invalid", message, Spot::value(pointer));
            self.push(draft, pointer);
        }
    }

    fn object(&mut self, given: &Typed, map: &Map<String, Value>, pointer: &str) {
        let composed = ["allOf", "anyOf", "oneOf", "if", "$ref"].iter().any(|key| map.contains_key(*key));
        let properties = map.get("properties").and_then(Value::as_object);
        for name in map.get("required").and_then(Value::as_array).into_iter().flatten() {
            if let Some(name) = name.as_str() {
                self.required(given, name, pointer);
            }
        }
        let Some(properties) = properties else { return };
        let closed = map.get("additionalProperties") == Some(&Value::Bool(false));
        for (key, value) in &given.members {
            let inner = format!("{pointer}/{}", escape(key));
            match properties.get(key) {
                Some(schema) => self.value(value, schema, &inner),
                None if !composed => self.unknown(key, &inner, properties, given, closed),
                None => {}
            }
        }
    }

    fn required(&mut self, given: &Typed, name: &str, pointer: &str) {
        let it = given.member(name).map(|it| it.it.clone()).or_else(|| given.it.member(name));
        let message = format!("`{}` needs `{name}`", self.action.id);
        let written = given.member(name).is_some();
        let inner = format!("{pointer}/{}", escape(name));
        match it {
            Some(it) if it.kinds.meets(Kinds::UNDEFINED) && written => {
                let Some(origin) = it.origin.filter(|_| it.kinds != Kinds::UNDEFINED) else { return };
                if self.needs.iter().any(|need| origin.starts_with(&need.path)) {
                    return;
                }
                let mut draft = Draft::warning(
                    "maybe-missing-input",
                    format!("{message}, and `{}` is optional", origin.join(".")),
                    Spot::value(inner),
                );
                draft.needs = vec![Need { path: origin, want: Want::Absent }];
                self.push(draft.help("require the parameter or give it a default"), pointer);
            }
            None => {
                let spot = if pointer.len() == self.base {
                    Spot::Key(format!("{}/action", pointer.trim_end_matches("/input")))
                } else {
                    Spot::Key(pointer.to_owned())
                };
                self.push(Draft::error("missing-input", message, spot), pointer);
            }
            _ => {}
        }
    }

    fn unknown(
        &mut self,
        key: &str,
        pointer: &str,
        properties: &Map<String, Value>,
        given: &Typed,
        closed: bool,
    ) {
        let free = properties.keys().filter(|name| given.member(name).is_none());
        let near = similar(key, free).map(str::to_owned);
        let message = format!("`{}` has no input `{}`", self.action.id, self.name(pointer));
        let spot = Spot::Key(pointer.to_owned());
        match (closed, near) {
            (true, near) => {
                let draft = Draft::error("unknown-input", message, spot);
                let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent).to_owned();
                let draft = match near {
                    Some(near) => draft.suggest(Some(&near)),
                    None => {
                        let names: Vec<_> = properties.keys().map(String::as_str).collect();
                        draft.help(format!("it has {}", names.join(", ")))
                    }
                };
                self.push(draft, &parent);
            }
            (false, Some(near)) => {
                self.drafts.push(Draft::warning("unknown-input", message, spot).suggest(Some(&near)));
            }
            (false, None) => {}
        }
    }

    /// The name of what stands at a pointer, from the input on.
    fn name(&self, pointer: &str) -> String {
        pointer.get(self.base + 1..).unwrap_or("input").replace('/', ".")
    }

    fn push(&mut self, mut draft: Draft, pointer: &str) {
        let at = pointer.get(self.base..).unwrap_or_default().to_owned();
        draft.needs.splice(0..0, self.needs.iter().cloned());
        self.drafts.push(draft.proof(Proof::Input { step: self.step, pointer: at }));
    }
}
