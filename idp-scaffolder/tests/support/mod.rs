//! A small real system for the engine's tests: notes, which are files in a folder.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use idp_core::{
    Change, Entity, Error, ErrorKind, IdempotencyKey, Operation, PluginInfo, Provider, ProviderContext,
    ProviderInfo, Receipt, Registry, Resource, ResourceId, Result, plugin_fn, unknown,
};
use idp_scaffolder::{Builtins, Template};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

/// A text in a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Note {
    pub(crate) name: String,
    pub(crate) text: String,
}

/// A note that is there.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct NoteState {
    pub(crate) text: String,
    /// The file's path: known after apply.
    pub(crate) path: String,
}

impl Resource for Note {
    const KIND: &'static str = "note";
    type State = NoteState;

    fn id(&self) -> ResourceId {
        ResourceId::new(Self::KIND, &self.name)
    }

    fn schema() -> Value {
        json!({"type": "object"})
    }
}

/// Keeps notes in a folder, and counts how often it wrote.
#[derive(Clone, Debug)]
pub(crate) struct Notes {
    pub(crate) folder: PathBuf,
    pub(crate) writes: Arc<AtomicUsize>,
}

impl Notes {
    fn path(&self, id: &ResourceId) -> PathBuf {
        self.folder.join(&id.name)
    }
}

#[async_trait]
impl Provider<Note> for Notes {
    fn info(&self) -> ProviderInfo {
        ProviderInfo::new("notes", "notes in a folder")
    }

    async fn observe(&self, _: &ProviderContext, id: &ResourceId) -> Result<Option<NoteState>> {
        let path = self.path(id);
        let state = |text| NoteState { text, path: path.display().to_string() };
        Ok(std::fs::read_to_string(&path).ok().map(state))
    }

    async fn propose(&self, _: &ProviderContext, want: &Note, have: Option<&NoteState>) -> Result<Change> {
        match have {
            Some(have) if have.text == want.text => Ok(Change::nothing(json!(have))),
            Some(have) => {
                let after = json!({"text": want.text, "path": have.path});
                let undo = json!({"text": have.text});
                Ok(Change::reversible(
                    Operation::Update,
                    "rewrite the note",
                    after,
                    "write the old text",
                    undo,
                ))
            }
            None => {
                let after = json!({"text": want.text, "path": unknown("path")});
                let undo = json!({"text": null});
                Ok(Change::reversible(Operation::Create, "write the note", after, "remove the note", undo))
            }
        }
    }

    async fn apply(
        &self,
        cx: &ProviderContext,
        want: &Note,
        _: &Change,
        _: &IdempotencyKey,
    ) -> Result<NoteState> {
        if want.text == "fail" {
            return Err(Error::new(ErrorKind::PermissionDenied, "this note is refused"));
        }
        if self.observe(cx, &want.id()).await?.is_none_or(|it| it.text != want.text) {
            self.writes.fetch_add(1, Ordering::SeqCst);
            std::fs::write(self.path(&want.id()), &want.text)
                .map_err(|error| Error::new(ErrorKind::Unavailable, "cannot write").because(error))?;
        }
        self.observe(cx, &want.id()).await?.ok_or_else(|| Error::internal("the note is gone"))
    }

    async fn undo(&self, _: &ProviderContext, receipt: &Receipt) -> Result<()> {
        let data: Value = receipt.undo_data()?;
        let path = self.path(&receipt.resource);
        let _ = match data["text"].as_str() {
            Some(text) => std::fs::write(path, text),
            None => std::fs::remove_file(path),
        };
        Ok(())
    }
}

/// A registry with the built-in actions and notes in a folder.
pub(crate) fn registry(folder: &Path) -> (Registry, Arc<AtomicUsize>) {
    let writes = Arc::new(AtomicUsize::new(0));
    let notes = Notes { folder: folder.to_owned(), writes: Arc::clone(&writes) };
    let mut registry = Registry::new();
    registry.install(&Builtins::default()).unwrap();
    let plugin =
        plugin_fn(PluginInfo::new("notes", "1.0.0"), move |registry| registry.provider(notes.clone()));
    registry.install(&plugin).unwrap();
    (registry, writes)
}

/// A template with these steps and output.
pub(crate) fn template(spec: Value, base: Option<&Path>) -> Template {
    let mut spec = spec;
    spec["type"] = "test".into();
    let entity = Entity::from_value(json!({
        "apiVersion": "scaffolder.backstage.io/v1beta3", "kind": "Template", "metadata": {"name": "t"}, "spec": spec,
    }));
    let base = base.map(|it| Url::from_directory_path(it).unwrap());
    Template::from_entity(entity.unwrap(), base).unwrap()
}

/// A step that ensures a note.
pub(crate) fn note(id: &str, name: &str, text: &str) -> Value {
    json!({"id": id, "action": "ensure", "input": {"resource": "note", "spec": {"name": name, "text": text}}})
}

/// The notes there are: name and text.
pub(crate) fn notes(folder: &Path) -> Vec<(String, String)> {
    let mut found: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, std::fs::read_to_string(entry.path()).unwrap())
        })
        .collect();
    found.sort();
    found
}
