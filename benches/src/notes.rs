//! The fixtures of the benches of runs: the smallest system there is, and a template that changes it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use idp_core::{
    Change, Entity, IdempotencyKey, MemoryLog, Operation, PluginInfo, Provider, ProviderContext,
    ProviderInfo, Receipt, Registry, Resource, ResourceId, Result, plugin_fn,
};
use idp_scaffolder::{Builtins, PlanRequest, Scaffolder, Template};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::now;

/// A text under a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Where it stands.
    pub name: String,
    /// What it says.
    pub text: String,
}

impl Resource for Note {
    const KIND: &'static str = "note";
    type State = Self;

    fn id(&self) -> ResourceId {
        ResourceId::new(Self::KIND, &self.name)
    }

    fn schema() -> Value {
        json!({
            "type": "object",
            "required": ["name", "text"],
            "properties": {"name": {"type": "string"}, "text": {"type": "string"}},
        })
    }
}

/// A system that keeps notes in memory. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Notes(Arc<Mutex<BTreeMap<String, String>>>);

impl Notes {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Provider<Note> for Notes {
    fn info(&self) -> ProviderInfo {
        ProviderInfo::new("notes", "notes in memory")
    }

    async fn observe(&self, _: &ProviderContext, id: &ResourceId) -> Result<Option<Note>> {
        Ok(self.lock().get(&id.name).map(|text| Note { name: id.name.clone(), text: text.clone() }))
    }

    async fn propose(&self, _: &ProviderContext, want: &Note, have: Option<&Note>) -> Result<Change> {
        let operation = match have {
            Some(have) if have == want => return Ok(Change::nothing(json!(have))),
            Some(_) => Operation::Update,
            None => Operation::Create,
        };
        let before = json!(have.map(|it| &it.text));
        Ok(Change::reversible(operation, "write the note", json!(want), "write what was there", before))
    }

    async fn apply(&self, _: &ProviderContext, want: &Note, _: &Change, _: &IdempotencyKey) -> Result<Note> {
        self.lock().insert(want.name.clone(), want.text.clone());
        Ok(want.clone())
    }

    async fn undo(&self, _: &ProviderContext, receipt: &Receipt) -> Result<()> {
        let name = receipt.resource.name.clone();
        match receipt.undo_data::<Option<String>>()? {
            Some(text) => self.lock().insert(name, text),
            None => self.lock().remove(&name),
        };
        Ok(())
    }
}

/// What the template wants: the resources of its effects.
#[must_use]
pub fn wanted() -> [Note; 2] {
    let note = |name: &str, text: &str| Note { name: name.to_owned(), text: text.to_owned() };
    [note("parking", "hello parking"), note("parking-copy", "HELLO PARKING")]
}

/// The parameters it is planned with.
#[must_use]
pub fn request() -> PlanRequest {
    let given = Map::from_iter([("name".to_owned(), "parking".into())]);
    PlanRequest::with_defaults(&template(), &given)
}

/// A template with three steps: a note, a line in the journal, and a note made of the first one's output.
///
/// # Panics
/// Never: the template is well-formed.
#[must_use]
pub fn template() -> Template {
    let entity = Entity::from_value(json!({
        "apiVersion": "scaffolder.backstage.io/v1beta3",
        "kind": "Template",
        "metadata": {"name": "notes"},
        "spec": {
            "type": "note",
            "parameters": {
                "required": ["name"],
                "properties": {"name": {"type": "string"}, "greeting": {"type": "string", "default": "hello"}},
            },
            "steps": [
                note("first", "${{ parameters.name }}", "${{ parameters.greeting }} ${{ parameters.name }}"),
                {"id": "say", "action": "debug:log", "input": {"message": "${{ steps.first.output.text }}"}},
                note("second", "${{ parameters.name }}-copy", "${{ steps.first.output.text | upper }}"),
            ],
            "output": {"text": "${{ steps.second.output.text }}"},
        },
    }));
    Template::from_entity(entity.expect("it has an envelope"), None).expect("it is a template")
}

fn note(id: &str, name: &str, text: &str) -> Value {
    json!({"id": id, "action": "ensure", "input": {"resource": "note", "spec": {"name": name, "text": text}}})
}

/// A scaffolder over these notes, with the built-in actions and a log of its own in memory.
///
/// # Panics
/// Never: no two plugins have one name.
#[must_use]
pub fn scaffolder(notes: &Notes) -> Scaffolder {
    let notes = notes.clone();
    let plugin =
        plugin_fn(PluginInfo::new("notes", "1.0.0"), move |registry| registry.provider(notes.clone()));
    let mut registry = Registry::new();
    registry.install(&Builtins::default()).expect("the registry is empty");
    registry.install(&plugin).expect("its names are its own");
    Scaffolder::builder(registry).log(Arc::new(MemoryLog::new())).build()
}

/// Makes the wanted notes true with the provider alone, without plan, journal or template: the floor.
///
/// # Panics
/// Never: these notes refuse nothing.
pub fn apply_by_hand(notes: &Notes, wanted: &[Note]) {
    let cx = ProviderContext::default();
    now(async {
        for note in wanted {
            let have = notes.observe(&cx, &note.id()).await?;
            let change = notes.propose(&cx, note, have.as_ref()).await?;
            notes.apply(&cx, note, &change, &IdempotencyKey::new(&["by hand", &note.name])).await?;
        }
        Ok::<_, idp_core::Error>(())
    })
    .expect("notes in memory refuse nothing");
}

#[cfg(test)]
mod tests {
    use idp_scaffolder::{RunOptions, RunStatus};

    use super::*;

    #[test]
    fn engine_and_hand_agree() {
        let (ours, by_hand) = (Notes::default(), Notes::default());
        let scaffolder = scaffolder(&ours);
        let plan = now(scaffolder.plan(&template(), &request())).unwrap();
        assert_eq!(plan.effects.len(), wanted().len());
        let run = now(scaffolder.apply(&plan, &RunOptions::default())).unwrap();
        assert_eq!(run.status, RunStatus::Completed, "{:?}", run.error);
        apply_by_hand(&by_hand, &wanted());
        assert_eq!(*ours.lock(), *by_hand.lock());
    }
}
