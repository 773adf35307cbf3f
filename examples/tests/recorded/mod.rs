//! What was recorded beside the real templates: parameters for each of them, and what its steps would answer.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use idp_core::{Entity, EntityRef, RefDefaults};
use idp_scaffolder::{Engine, Mode, Scope, Step, Template};
use serde_json::{Map, Value, json};

use crate::checking::corpus;

/// What was recorded of one template, where every field and every answer has a value, and where the least has.
#[derive(Clone, Debug, Default)]
#[allow(dead_code, reason = "not every test needs all of it")]
pub(crate) struct Recorded {
    full: Value,
    minimal: Value,
}

#[allow(dead_code, reason = "not every test needs all of it")]
impl Recorded {
    /// Parameters that fill every field.
    pub(crate) fn parameters(&self) -> Map<String, Value> {
        parameters(&self.full)
    }

    /// Parameters where every field is filled, and where only those are that have to be.
    pub(crate) fn choices(&self) -> [Map<String, Value>; 2] {
        [&self.full, &self.minimal].map(parameters)
    }

    /// What each step answers.
    pub(crate) fn outputs(&self) -> BTreeMap<String, Value> {
        let steps = self.full["steps"].as_object().cloned().unwrap_or_default();
        steps.into_iter().map(|(id, mut step)| (id, step["output"].take())).collect()
    }

    /// Who runs it.
    pub(crate) fn user(&self) -> Option<Entity> {
        Entity::from_value(self.full["user"]["entity"].clone()).ok()
    }

    /// The entities that the steps of a template read, as they were recorded, under the names that these parameters
    /// ask for.
    pub(crate) fn entities(&self, template: &Template, parameters: &Map<String, Value>) -> Vec<Entity> {
        let mut scope = Scope::new().with("parameters", Value::Object(parameters.clone()));
        for name in ["steps", "user"] {
            scope.set(name, self.full[name].clone());
        }
        let engine = Engine::new(Mode::Backstage);
        let mut found: BTreeMap<EntityRef, Map<String, Value>> = BTreeMap::new();
        for step in template.steps().filter(|step| step.spec.action == "catalog:fetch") {
            for (entity_ref, spec) in self.entities_of(step, &engine, &scope) {
                found.entry(entity_ref).or_default().extend(spec);
            }
        }
        found.into_iter().map(|(entity_ref, spec)| described(&entity_ref, spec)).collect()
    }

    fn entities_of(
        &self,
        step: Step<'_>,
        engine: &Engine,
        scope: &Scope,
    ) -> Vec<(EntityRef, Map<String, Value>)> {
        let input = step.spec.input.clone().map(Value::Object).unwrap_or_default();
        let input = engine.render_tree(&input, scope).value.unwrap_or_default();
        let output = &self.full["steps"][&step.id()]["output"];
        let defaults = RefDefaults {
            kind: input["defaultKind"].as_str(),
            namespace: input["defaultNamespace"].as_str(),
        };
        let one = [(&input["entityRef"], &output["entity"])].into_iter();
        let many = input["entityRefs"].as_array().into_iter().flatten().enumerate();
        let all = one.chain(many.map(|(index, it)| (it, &output["entities"][index])));
        let read = |(text, entity): (&Value, &Value)| {
            let spec = entity["spec"].as_object().cloned().unwrap_or_default();
            Some((EntityRef::parse(text.as_str()?, defaults).ok()?, spec))
        };
        all.filter_map(read).collect()
    }
}

/// What was recorded, by the file of a template below the corpus and its document there.
pub(crate) fn recorded() -> BTreeMap<(String, usize), Recorded> {
    let Ok(text) = std::fs::read_to_string(corpus().join("oracle/contexts.json")) else {
        return BTreeMap::new();
    };
    let contexts: BTreeMap<String, Value> = serde_json::from_str(&text).unwrap();
    let mut found: BTreeMap<_, Recorded> = BTreeMap::new();
    for mut context in contexts.into_values() {
        let file: PathBuf = Path::new(context["file"].as_str().unwrap()).iter().skip(1).collect();
        let document = context["document"].as_u64().and_then(|it| usize::try_from(it).ok()).unwrap();
        let of = found.entry((file.display().to_string(), document)).or_default();
        let slot = if context["mode"] == "full" { &mut of.full } else { &mut of.minimal };
        *slot = context["context"].take();
    }
    found
}

fn parameters(context: &Value) -> Map<String, Value> {
    context["parameters"].as_object().cloned().unwrap_or_default()
}

/// An entity as its author would write it.
fn described(entity_ref: &EntityRef, spec: Map<String, Value>) -> Entity {
    let (first, rest) = entity_ref.kind().split_at(1);
    let metadata = json!({"name": entity_ref.name(), "namespace": entity_ref.namespace()});
    let body = json!({
        "apiVersion": "backstage.io/v1alpha1", "kind": first.to_uppercase() + rest,
        "metadata": metadata, "spec": spec,
    });
    Entity::from_value(body).unwrap()
}
