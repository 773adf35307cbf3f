//! Parameters that a form accepts and that are as they are needed.

use std::cell::RefCell;
use std::collections::BTreeMap;

use idp_core::unknown;
use serde_json::{Map, Value};

use super::fill::Filler;
use super::sample::candidates;
use crate::check::draft::{Need, View, Want};
use crate::check::types::{Type, of_parameters, truthy};
use crate::parameters::{Field, find as find_field};
use crate::{Scope, Template, check_parameters};

/// How many of the values that a form enumerates are tried: some lead to questions that no answer fits.
const CHOICES: usize = 3;

/// Parameters that a form accepts.
#[derive(Debug)]
pub(crate) struct Setting {
    /// What is given.
    pub(crate) given: Map<String, Value>,
    /// What becomes of it, with the form's defaults.
    pub(crate) parameters: Map<String, Value>,
    /// What expressions saw with them, by the place they stood in.
    pub(super) scopes: RefCell<Vec<(View, Scope)>>,
    /// Whether steps run with them, where that was asked.
    pub(super) runs: RefCell<BTreeMap<usize, bool>>,
}

impl Setting {
    /// The same with every text and number left open that the form does not enumerate.
    pub(super) fn undecided(&self, template: &Template) -> Self {
        let types = of_parameters(&template.spec().parameters.0);
        let mut parameters = self.parameters.clone();
        for (name, value) in &mut parameters {
            leave_open(value, types.member(name).as_ref(), name);
        }
        Self { given: self.given.clone(), parameters, scopes: RefCell::default(), runs: RefCell::default() }
    }
}

fn leave_open(value: &mut Value, it: Option<&Type>, name: &str) {
    match value {
        Value::String(_) | Value::Number(_) if it.is_none_or(|it| it.values.is_none()) => {
            *value = unknown(format!("parameters.{name}"));
        }
        Value::Array(items) => {
            let inner = it.and_then(|it| it.items.as_deref());
            items.iter_mut().for_each(|item| leave_open(item, inner, name));
        }
        Value::Object(map) => {
            for (key, value) in map {
                leave_open(value, it.and_then(|it| it.member(key)).as_ref(), name);
            }
        }
        _ => {}
    }
}

/// Finds parameters that are as they are needed: as few as possible or, where `all` is true, as many.
pub(crate) fn find(template: &Template, needs: &[Need], all: bool) -> Option<Setting> {
    (0..CHOICES).find_map(|choice| attempt(template, needs, all, choice))
}

fn attempt(template: &Template, needs: &[Need], all: bool, choice: usize) -> Option<Setting> {
    let pages = &template.spec().parameters.0;
    let mut given = Value::Object(Map::new());
    for (index, need) in needs.iter().enumerate() {
        // Everything that is needed of one parameter is met by one answer.
        if !needs[..index].iter().any(|before| before.path == need.path) {
            let wants: Vec<_> =
                needs.iter().filter(|other| other.path == need.path).map(|other| &other.want).collect();
            give(pages, &need.path, &wants, &mut given);
        }
    }
    Filler { pages, validators: template.validators(), all, choice }.fill(&mut given);
    for need in needs.iter().filter(|need| need.want == Want::Absent) {
        take(&mut given, &need.path);
    }
    let Value::Object(given) = given else { return None };
    let parameters = check_parameters(template, &given).ok()?;
    let whole = Value::Object(parameters.clone());
    let met = needs.iter().all(|need| is_met(need, &whole));
    met.then(|| Setting { given, parameters, scopes: RefCell::default(), runs: RefCell::default() })
}

fn is_met(need: &Need, parameters: &Value) -> bool {
    need.want.suits(need.path.iter().try_fold(parameters, |value, name| value.get(name)))
}

/// Puts an answer that is as it is needed where it is needed, and whatever makes its field appear.
fn give(pages: &[Value], path: &[String], wants: &[&Want], given: &mut Value) {
    let field = find_field(pages, path);
    for (path, value) in field.iter().flat_map(|field| &field.before) {
        put(given, path, value.clone());
    }
    let there = path.iter().try_fold(&*given, |value, name| value.get(name));
    let suits = |value: Option<&Value>| wants.iter().all(|want| want.suits(value));
    if suits(there) {
        return;
    }
    let mut answers: Vec<Value> = wants
        .iter()
        .filter_map(|want| if let Want::Value(value) = want { Some(value.clone()) } else { None })
        .collect();
    if let Some((schema, root)) = field.as_ref().map(Field::schema) {
        answers.extend(candidates(schema, root));
    }
    if let Some(answer) = answers.into_iter().find(|answer| suits(Some(answer))) {
        put(given, path, answer);
    }
}

impl Want {
    /// Whether an answer, or none, is what is wanted.
    fn suits(&self, answer: Option<&Value>) -> bool {
        match self {
            Self::Absent => answer.is_none(),
            Self::True => answer.is_some_and(truthy),
            Self::False => !answer.is_some_and(truthy),
            Self::Value(value) => answer == Some(value),
            Self::Other(value) => answer != Some(value),
        }
    }
}

fn put(given: &mut Value, path: &[String], answer: Value) {
    let Some((name, rest)) = path.split_first() else {
        *given = answer;
        return;
    };
    if !given.is_object() {
        *given = Value::Object(Map::new());
    }
    if let Some(map) = given.as_object_mut() {
        put(map.entry(name.clone()).or_insert(Value::Null), rest, answer);
    }
}

fn take(given: &mut Value, path: &[String]) {
    let Some((last, parents)) = path.split_last() else { return };
    let holder = parents.iter().try_fold(given, |value, name| value.get_mut(name));
    if let Some(map) = holder.and_then(Value::as_object_mut) {
        map.remove(last);
    }
}
