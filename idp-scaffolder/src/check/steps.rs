//! The steps of a template, in the order they run.

use std::collections::BTreeMap;

use idp_core::{ActionInfo, similar};
use serde_json::Value;

use super::checker::Checker;
use super::draft::{Draft, Passage, Spot, View};
use super::env::Env;
use super::files::Descriptor;
use super::inputs::{self, Typed};
use super::presence::{Presence, Subject};
use super::scan::{Origin, Scan, Seen, Vocabulary};
use super::types::{Kinds, Type, of_output, of_parameters};
use crate::parameters::escape;
use crate::template::Step;
use crate::{Mode, Template};

/// The keys of a step.
const KEYS: [&str; 7] = ["action", "backstage:permissions", "each", "id", "if", "input", "name"];

/// Walks through the steps of one template.
pub(crate) struct Steps<'a> {
    pub(crate) checker: &'a Checker,
    pub(crate) template: &'a Template,
    pub(crate) vocabulary: Vocabulary,
    pub(crate) seen: Seen,
    /// Descriptors among the files that steps render.
    pub(crate) descriptors: Vec<Descriptor>,
    /// The template's file, by the name a person knows it by.
    pub(crate) file: &'a str,
    parameters: Type,
    /// What the steps so far have answered.
    outputs: BTreeMap<String, Type>,
}

impl<'a> Steps<'a> {
    pub(crate) fn new(checker: &'a Checker, template: &'a Template, file: &'a str) -> Self {
        let steps = template.steps().map(|step| step.id()).collect();
        let mut parameters = of_parameters(&template.spec().parameters.0).copied_from(Some(Vec::new()));
        if is_decorated(template) {
            parameters = Type::of(Kinds::OBJECT).copied_from(Some(Vec::new()));
        }
        Self {
            checker,
            template,
            vocabulary: Vocabulary { steps, next: 0 },
            seen: Seen::default(),
            descriptors: Vec::new(),
            file,
            parameters,
            outputs: BTreeMap::new(),
        }
    }

    /// Looks at every step, the files it renders, and the output.
    pub(crate) fn run(&mut self) {
        let template = self.template;
        for step in template.steps() {
            self.vocabulary.next = step.index;
            self.step(step);
        }
        self.vocabulary.next = self.vocabulary.steps.len();
        self.output(&template.spec().output);
    }

    /// Looks at the output of the run; entries of its links and texts may have an `if`.
    fn output(&mut self, output: &Value) {
        let (mut rest, pointer) = (output.clone(), "/spec/output");
        for list in ["links", "text"] {
            let items = rest.get_mut(list).and_then(Value::as_array_mut);
            for (index, item) in items.into_iter().flatten().enumerate() {
                self.entry(item.take(), &format!("{pointer}/{list}/{index}"));
            }
        }
        self.typed(&rest, pointer, None, &self.open(), View::Output);
    }

    /// An entry of the output. All of a strict one is rendered, whether it is shown or not.
    fn entry(&mut self, mut entry: Value, pointer: &str) {
        let mut env = self.open();
        if let Some(condition) = entry.as_object_mut().and_then(|entry| entry.remove("if")) {
            let (subject, at) = (Subject::Entry, format!("{pointer}/if"));
            let it = Presence { subject, condition: &condition, pointer: &at, view: View::Output };
            self.presence(it, &mut env);
            if self.checker.engine.mode() == Mode::Strict {
                env = self.open();
            }
        }
        self.typed(&entry, pointer, None, &env, View::Output);
    }

    /// What a plain condition and the output see.
    fn open(&self) -> Env {
        Env::default()
            .with("parameters", self.parameters.clone())
            .with("steps", Type::closed(self.outputs.clone()))
            .with("user", Type::any())
            .with("context", Type::any())
            .with("environment", Type::any())
    }

    fn step(&mut self, step: Step<'_>) {
        let pointer = format!("/spec/steps/{}", step.index);
        let action = self.checker.action(&step.spec.action).cloned();
        self.action(step, &pointer, action.is_some());
        self.keys(&pointer);
        let mut env = self.open().with("secrets", Type::any());
        if let Some(each) = &step.spec.each {
            let it = self.typed(each, &format!("{pointer}/each"), None, &env, View::Step(step.index)).it;
            env.declare("each", element(&it));
        } else {
            env = self.open();
        }
        if let Some(condition) = &step.spec.r#if {
            let (subject, at) = (Subject::Step, format!("{pointer}/if"));
            let view = match step.spec.each {
                Some(_) => View::Step(step.index),
                None => View::Condition(step.index),
            };
            self.presence(Presence { subject, condition, pointer: &at, view }, &mut env);
        }
        env.declare("secrets", Type::any());
        let input = step.spec.input.clone().map(Value::Object).unwrap_or_else(|| serde_json::json!({}));
        let schema = action.as_ref().map(|action| &action.input);
        let pointer = format!("{pointer}/input");
        let typed = self.typed(&input, &pointer, schema, &env, View::Step(step.index));
        if let Some(action) = &action {
            let needs = env.needs();
            inputs::check(action, step.index, &pointer, &typed, &needs, &mut self.seen.drafts);
        }
        self.files(step, &typed, &env);
        self.remember(step, action.as_ref());
    }

    fn remember(&mut self, step: Step<'_>, action: Option<&ActionInfo>) {
        let output = match action {
            Some(action) if step.spec.each.is_some() => listed(&of_output(&action.output)),
            Some(action) => of_output(&action.output),
            None => Type::any(),
        };
        let entry = Type::closed([("output".to_owned(), output)]);
        let entry = if step.spec.r#if.is_some() { entry.optional() } else { entry };
        self.outputs.insert(step.id(), entry);
    }

    fn action(&mut self, step: Step<'_>, pointer: &str, known: bool) {
        if known {
            return;
        }
        let id = &step.spec.action;
        let message = format!("this host has no action `{id}`");
        let spot = Spot::value(format!("{pointer}/action"));
        let draft = match similar(id, self.checker.action_ids()) {
            Some(near) => Draft::warning("unknown-action", message, spot).suggest(Some(near)),
            None => Draft::info("unknown-action", message, spot).help(
                "its input and output are not checked; the plugin that brings it would have to be installed",
            ),
        };
        self.seen.drafts.push(draft);
    }

    /// Keys of a step that are not looked at, where one that is was meant.
    fn keys(&mut self, pointer: &str) {
        let Some(step) = self.template.entity().as_value().pointer(pointer).and_then(Value::as_object) else {
            return;
        };
        for key in step.keys().filter(|key| !KEYS.contains(&key.as_str())) {
            let near = if key == "parameters" { Some("input") } else { similar(key, KEYS) };
            if let Some(near) = near.filter(|near| !step.contains_key(*near)) {
                let spot = Spot::Key(format!("{pointer}/{}", escape(key)));
                let message = format!("a step's `{key}` is not looked at");
                self.seen.drafts.push(Draft::warning("unknown-step-key", message, spot).suggest(Some(near)));
            }
        }
    }

    /// The types of a value's texts, and of the value.
    fn typed(
        &mut self,
        value: &Value,
        pointer: &str,
        schema: Option<&Value>,
        env: &Env,
        view: View,
    ) -> Typed {
        let mut reader = inputs::Reader {
            root: schema,
            read: &mut |text: &str, pointer: &str, text_wanted: bool| {
                let passage = Passage { text: text.to_owned(), view };
                let origin = Origin::Pointer(pointer.to_owned());
                let mut scan = Scan::new(
                    &self.checker.engine,
                    &self.vocabulary,
                    passage,
                    origin,
                    env.clone(),
                    &mut self.seen,
                );
                scan.whole(text_wanted)
            },
        };
        reader.value(value, pointer, schema)
    }
}

/// The elements that a step repeats for.
fn element(each: &Type) -> Type {
    let value = match &each.items {
        Some(items) if each.kinds.within(Kinds::ARRAY.or(Kinds::NULLISH)) => {
            Type { origin: None, ..(**items).clone() }
        }
        _ => Type::any(),
    };
    Type::closed([("key".to_owned(), Type::string()), ("value".to_owned(), value)])
}

/// The output of a step that repeats: a list for each member.
fn listed(output: &Type) -> Type {
    match &output.members {
        Some(members) => Type::closed(
            members.known.iter().map(|(name, it)| (name.clone(), Type::list(it.clone()).optional())),
        ),
        None => Type::any(),
    }
}

/// Whether something beside the form gives parameters.
fn is_decorated(template: &Template) -> bool {
    let spec = template.entity().spec();
    ["formDecorators", "EXPERIMENTAL_formDecorators"]
        .iter()
        .any(|key| spec.is_some_and(|spec| spec.contains_key(*key)))
}
