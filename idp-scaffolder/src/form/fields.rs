//! The fields that a form has, given its answers.

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::QuestionKind;
use super::kind::{Asks, asks, widget};
use super::state::State;
use crate::Template;
use crate::parameters::{Branch, MAX_DEPTH, Schema, Walker, escape, last, with_defaults};

/// How many elements of a list are there without a question, whatever its schema wants.
const MOST_ADDED: usize = 20;

/// A field, or another question about what stands at its pointer.
#[derive(Debug)]
pub(super) struct Field<'s> {
    pub(super) page: usize,
    /// What it is called where it has no title.
    pub(super) name: String,
    /// Where its answer goes.
    pub(super) pointer: String,
    /// Where its schema stands in the template's document.
    pub(super) rule: String,
    pub(super) schema: Schema<'s>,
    pub(super) required: bool,
    /// What holds where nobody answers.
    pub(super) default: Option<Value>,
    pub(super) asks: Ask,
}

/// What a field is asked.
#[derive(Debug)]
pub(super) enum Ask {
    Question(QuestionKind),
    Constant(Value),
    /// How many elements there are, and have to be; and what one is before it is answered.
    Elements {
        count: usize,
        least: usize,
        blank: Value,
    },
}

/// The fields of every page in their order, as the answers with the defaults call for them.
pub(super) fn fields<'s>(template: &'s Template, state: &State) -> Vec<Field<'s>> {
    let mut found = Vec::new();
    let effective = Value::Object(with_defaults(template, &state.values));
    let nothing = Value::Object(Map::new());
    let pages = &template.spec().parameters.0;
    for (page, schema) in pages.iter().enumerate() {
        let reader = Reader {
            page,
            pages,
            base: template.page_pointer(page),
            walker: Walker::new(schema, template.validators()),
            state,
            effective: &effective,
            nothing: &nothing,
            above: RefCell::default(),
            found: RefCell::default(),
        };
        let schema = Schema::new(schema, schema);
        if !schema.is_off() {
            reader.above.borrow_mut().push(String::new());
            reader.object(schema, "", "", 0);
        }
        found.append(&mut reader.found.into_inner());
    }
    // A field of several pages is asked for on the first.
    let mut seen = BTreeSet::new();
    found.retain(|field| seen.insert(field.pointer.clone()));
    found
}

/// Goes through one page.
struct Reader<'s, 'a> {
    page: usize,
    /// Every page: each is asked about the whole of the parameters.
    pages: &'s [Value],
    /// Where the page stands in the template's document.
    base: String,
    walker: Walker<'s>,
    state: &'a State,
    effective: &'a Value,
    nothing: &'a Value,
    /// Where the schemas of the objects around stand.
    above: RefCell<Vec<String>>,
    found: RefCell<Vec<Field<'s>>>,
}

impl<'s> Reader<'s, '_> {
    /// Adds the fields of an object at `pointer`, whose schema stands at `rule` in the page.
    fn object(&self, schema: Schema<'s>, pointer: &str, rule: &str, depth: usize) {
        let value = self.effective.pointer(pointer).unwrap_or(self.nothing);
        // What is something else has no fields: another page may see a list in it.
        if !value.is_object() {
            return;
        }
        let mut parts = Vec::new();
        self.parts(schema, value, pointer, rule, depth, &mut parts);
        let fields = in_order(&parts);
        let pages = self.pages.iter().map(|page| Schema::new(page, page));
        let elsewhere = pages.filter(|_| pointer.is_empty());
        let all = parts.iter().map(|part| part.schema).chain(elsewhere);
        let required: BTreeSet<_> = all.flat_map(|schema| required(schema, value)).collect();
        for (name, field, at) in &fields {
            self.field(*field, required.contains(name), &format!("{pointer}/{}", escape(name)), at, depth);
        }
        for part in &parts {
            self.variants(part, value, pointer, &fields);
        }
    }

    /// The schema and the parts of it that hold for a value.
    fn parts(
        &self,
        schema: Schema<'s>,
        value: &Value,
        pointer: &str,
        rule: &str,
        depth: usize,
        parts: &mut Vec<Branch<'s>>,
    ) {
        let Some((schema, rule)) = self.follow(schema, rule).filter(|_| depth < MAX_DEPTH) else { return };
        parts.push(Branch { pointer: rule.clone(), schema });
        let choose = |key: &str| self.state.variants.get(&variant_key(pointer, &rule, key)).copied();
        for branch in self.walker.branches(schema, value, &choose) {
            self.parts(branch.schema, value, pointer, &format!("{rule}{}", branch.pointer), depth + 1, parts);
        }
    }

    /// A schema, and where what it refers to stands.
    fn follow(&self, schema: Schema<'s>, rule: &str) -> Option<(Schema<'s>, String)> {
        self.walker.spend().then(|| (schema, schema.target().unwrap_or(rule).to_owned()))
    }

    fn field(&self, schema: Schema<'s>, required: bool, pointer: &str, rule: &str, depth: usize) {
        let Some((schema, rule)) = self.follow(schema, rule).filter(|_| depth < MAX_DEPTH) else { return };
        let asks = asks(schema);
        let constant = matches!(asks, Asks::Constant(_));
        let fixed = is_fixed(schema) && (!required || schema.get("default").is_some());
        if schema.is_off() {
            return;
        }
        if fixed && !constant {
            // What an alternative says that somebody has chosen is not among the defaults.
            let missing = schema.get("default").filter(|_| self.effective.pointer(pointer).is_none());
            let default = missing.cloned().map(Ask::Constant);
            return default.into_iter().for_each(|it| self.push(schema, required, pointer, &rule, it));
        }
        match asks {
            Asks::Nothing => {}
            Asks::Fields if self.comes_back(&rule, pointer) && !self.is_wanted(required, pointer) => {}
            Asks::Fields => {
                self.above.borrow_mut().push(rule.clone());
                self.object(schema, pointer, &rule, depth + 1);
                self.above.borrow_mut().pop();
            }
            Asks::Elements => self.elements(schema, required, pointer, &rule, depth),
            Asks::Constant(value) => self.push(schema, required, pointer, &rule, Ask::Constant(value)),
            Asks::Answer(kind) => self.push(schema, required, pointer, &rule, Ask::Question(kind)),
        }
    }

    /// Whether a form would go on inside of itself, where nobody has begun to answer it: there is no end to that.
    fn comes_back(&self, rule: &str, pointer: &str) -> bool {
        self.effective.pointer(pointer).is_none() && self.above.borrow().iter().any(|above| above == rule)
    }

    /// Whether an answer asks for a field: one that has chosen the form of what is around it or, where the field is
    /// required, any answer there.
    fn is_wanted(&self, required: bool, pointer: &str) -> bool {
        let around = pointer.rsplit_once('/').map_or(pointer, |(around, _)| around);
        let variant = format!("{around}#");
        let answers = match around {
            "" => Some(&self.state.values),
            around => self.state.get(around).and_then(Value::as_object),
        };
        let begun = required && answers.is_some_and(|answers| !answers.is_empty());
        begun || self.state.variants.keys().any(|key| key.starts_with(&variant))
    }

    /// Adds the elements that there are, of which each is asked for by itself, and the question whether there is another
    /// one.
    fn elements(&self, schema: Schema<'s>, required: bool, pointer: &str, rule: &str, depth: usize) {
        let count = self.state.get(pointer).and_then(Value::as_array).map_or(0, Vec::len);
        let open = self.state.open.contains(pointer);
        let Some(items) = schema.get("items").map(|it| schema.inner(it)) else { return };
        let blank = match asks(items) {
            Asks::Fields => Value::Object(Map::new()),
            Asks::Elements => Value::Array(Vec::new()),
            _ => Value::Null,
        };
        let items_rule = format!("{rule}/items");
        for pointer in (0..count).filter(|_| open).map(|index| format!("{pointer}/{index}")) {
            match blank.is_object() {
                true => self.object(items, &pointer, &items_rule, depth + 1),
                false => self.field(items, true, &pointer, &items_rule, depth + 1),
            }
        }
        let bound = |key: &str| schema.get(key).and_then(Value::as_u64);
        let most = bound("maxItems").and_then(|it| usize::try_from(it).ok());
        if most.is_none_or(|most| count < most) {
            let least = bound("minItems").and_then(|it| usize::try_from(it).ok()).unwrap_or(0);
            // Where nobody answers the default holds, which elements by themselves would hide.
            let least = if self.default(schema, pointer).is_some() { 0 } else { least.min(MOST_ADDED) };
            self.push(schema, required, pointer, rule, Ask::Elements { count, least, blank });
        }
    }

    /// Adds the question which of several forms an object has, where none of its other fields says so.
    fn variants(&self, part: &Branch<'s>, value: &Value, pointer: &str, fields: &[Named<'s>]) {
        for key in ["oneOf", "anyOf"] {
            let alternatives = part.schema.list(key);
            let rule = format!("{}/{key}", part.pointer);
            let key = variant_key(pointer, &part.pointer, &format!("/{key}"));
            let own = |at: &str| !at.starts_with(&format!("{rule}/"));
            let decided = alternatives
                .iter()
                .flat_map(|it| constants(part.schema.inner(it)))
                .any(|name| fields.iter().any(|(field, _, at)| *field == name && own(at)));
            let many = alternatives.len() > 1
                && alternatives.iter().any(|it| part.schema.inner(it).get("properties").is_some());
            let decided = decided || self.walker.discriminated(alternatives, value).is_some();
            if many && !decided && !self.state.variants.contains_key(&key) {
                let titles = alternatives
                    .iter()
                    .enumerate()
                    .map(|(at, it)| title(at, part.schema.inner(it)))
                    .collect();
                self.push(part.schema, true, &key, &rule, Ask::Question(QuestionKind::Variant(titles)));
            }
        }
    }

    fn push(&self, schema: Schema<'s>, required: bool, pointer: &str, rule: &str, asks: Ask) {
        let rule = format!("{}{rule}", self.base);
        let (name, default) = (self.name(pointer), self.default(schema, pointer));
        let pointer = pointer.to_owned();
        self.found.borrow_mut().push(Field {
            page: self.page,
            name,
            pointer,
            rule,
            schema,
            required,
            default,
            asks,
        });
    }

    /// A field's own name or, where it is an element, its list's with a number.
    fn name(&self, pointer: &str) -> String {
        let name = last(pointer);
        let around = pointer.rsplit_once('/').map(|(around, _)| around);
        let list = around.filter(|it| self.state.get(it).is_some_and(Value::is_array));
        match list.zip(name.parse::<usize>().ok()) {
            Some((list, index)) => format!("{} {}", self.name(list), index.saturating_add(1)),
            None => name,
        }
    }

    /// What holds where a field is not answered: its part of the default of an object around it, or its own.
    fn default(&self, schema: Schema<'s>, pointer: &str) -> Option<Value> {
        let around = self.effective.pointer(pointer).filter(|_| self.state.get(pointer).is_none());
        around.or_else(|| schema.get("default")).cloned()
    }
}

/// A field: its name, its schema, and where that stands in the page.
type Named<'s> = (&'s str, Schema<'s>, String);

/// The fields of an object's parts, in the order that `ui:order` wants. What the first part says of a field holds.
fn in_order<'s>(parts: &[Branch<'s>]) -> Vec<Named<'s>> {
    let mut fields: Vec<Named<'s>> = Vec::new();
    let mut seen = BTreeSet::new();
    for part in parts {
        for (name, schema) in part.schema.properties() {
            if seen.insert(name) {
                fields.push((name, schema, format!("{}/properties/{}", part.pointer, escape(name))));
            }
        }
    }
    let order = parts.iter().find_map(|part| part.schema.get("ui:order")?.as_array());
    if let Some(order) = order {
        let place = |name: &str| order.iter().position(|it| it == name);
        let rest = place("*").unwrap_or(order.len());
        fields.sort_by_key(|(name, ..)| place(name).unwrap_or(rest));
    }
    fields
}

/// The fields that a schema requires of an object.
fn required<'s>(schema: Schema<'s>, value: &Value) -> Vec<&'s str> {
    let dependencies = schema.get("dependencies").and_then(Value::as_object).into_iter().flatten();
    let active = dependencies.filter(|(trigger, _)| value.get(*trigger).is_some());
    let depending = active.filter_map(|(_, names)| names.as_array()).flatten();
    schema.list("required").iter().chain(depending).filter_map(Value::as_str).collect()
}

/// The fields that an alternative wants to have one value.
fn constants<'s>(schema: Schema<'s>) -> impl Iterator<Item = &'s str> {
    schema.properties().filter(|(_, rule)| rule.is_constant()).map(|(name, _)| name.as_str())
}

/// What an alternative is called.
fn title(index: usize, schema: Schema<'_>) -> String {
    let title = schema.get("title").and_then(Value::as_str).map(str::to_owned);
    title.unwrap_or_else(|| {
        let names: Vec<_> = schema.properties().map(|(name, _)| name.as_str()).collect();
        if names.is_empty() { format!("{}", index + 1) } else { names.join(", ") }
    })
}

/// A pointer that no field has: the rule is part of it.
fn variant_key(pointer: &str, rule: &str, key: &str) -> String {
    format!("{pointer}#{rule}{key}")
}

/// Whether nobody may answer a field.
fn is_fixed(schema: Schema<'_>) -> bool {
    let keys = ["readOnly", "ui:readonly", "ui:disabled"];
    widget(schema) == Some("hidden") || keys.iter().any(|key| schema.get(key) == Some(&Value::Bool(true)))
}
