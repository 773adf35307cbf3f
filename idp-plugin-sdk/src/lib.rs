//! What a plugin author depends on.
//!
//! # Your first plugin
//!
//! A plugin connects the engine to one system. This one makes notes: a resource that templates can ask for, a provider
//! that makes it true, and the plugin that brings it to a host.
//!
//! ```
//! use std::sync::Mutex;
//! use idp_plugin_sdk::prelude::*;
//!
//! /// A note that says something.
//! #[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
//! struct Note { name: String, text: String }
//!
//! impl Resource for Note {
//!     const KIND: &'static str = "note";
//!     type State = String;
//!     fn id(&self) -> ResourceId { ResourceId::new(Self::KIND, &self.name) }
//!     fn schema() -> Value { schema_of::<Self>() }
//! }
//!
//! #[derive(Debug, Default)]
//! struct Wall(Mutex<std::collections::BTreeMap<String, String>>);
//!
//! #[async_trait]
//! impl Provider<Note> for Wall {
//!     fn info(&self) -> ProviderInfo { ProviderInfo::new("wall", "Pins notes to a wall.") }
//!     async fn observe(&self, _: &ProviderContext, id: &ResourceId) -> Result<Option<String>> {
//!         Ok(self.0.lock().unwrap().get(&id.name).cloned())
//!     }
//!     async fn propose(&self, _: &ProviderContext, want: &Note, have: Option<&String>) -> Result<Change> {
//!         let after = json!(want.text);
//!         Ok(match have {
//!             Some(text) if *text == want.text => Change::nothing(after),
//!             Some(_) => Change::reversible(Operation::Update, "rewrite the note", after, "restore it", json!(have)),
//!             None => Change::reversible(Operation::Create, "pin a note", after, "take it down", json!(have)),
//!         })
//!     }
//!     async fn apply(&self, _: &ProviderContext, want: &Note, _: &Change, _: &IdempotencyKey) -> Result<String> {
//!         self.0.lock().unwrap().insert(want.name.clone(), want.text.clone());
//!         Ok(want.text.clone())
//!     }
//!     async fn undo(&self, _: &ProviderContext, receipt: &Receipt) -> Result<()> {
//!         let mut notes = self.0.lock().unwrap();
//!         match receipt.undo_data::<Option<String>>()? {
//!             Some(text) => notes.insert(receipt.resource.name.clone(), text),
//!             None => notes.remove(&receipt.resource.name),
//!         };
//!         Ok(())
//!     }
//! }
//!
//! let plugin = plugin_fn(PluginInfo::new("wall", "0.1.0"), |registry| registry.provider::<Note>(Wall::default()));
//! let mut registry = Registry::new();
//! registry.install(&plugin)?;
//! assert_eq!(registry.resource_kinds().collect::<Vec<_>>(), ["note"]);
//! # Ok::<(), Error>(())
//! ```
//!
//! A plugin that is used needs more: to refuse a stale change, to leave alone on undo what somebody else changed. The
//! bullets of [`Provider`] say what, and the conformance kit (`testkit`) tells which of them do not hold yet.
//! The crates in `plugins/` are written to be copied.
//!
//! # Features
//!
//! * `git`: the system's Git as a library (module `git`).
//! * `process`: external programs (module `process`).
//! * `testkit`: the conformance kit and fakes (module `testkit`). Outside of semver.

mod computed;
#[cfg(feature = "git")]
pub mod git;
#[cfg(feature = "process")]
pub mod process;
pub mod resources;
mod schema;
#[cfg(feature = "testkit")]
pub mod testkit;
mod typed_action;

// Vocabulary.
pub use idp_core::{
    Cancel, Clock, Comparison, Diagnostic, Digest, EffectState, Entity, EntityRef, Error, ErrorKind,
    FixedClock, Hosts, IdSource, Node, ParseRefError, Place, Predicate, Principal, RandomIds, Redactor,
    RefDefaults, RefParts, Relation, Result, Retry, Secret, SequentialIds, Severity, SourceText, Span,
    SystemClock, Test, Timestamp, Tree, TreeError, TreeLimits, TreePath, TreeRef, Workspace, canonical_json,
    unknown, unknown_origin, unknown_origins,
};

// Contracts.
pub use idp_core::{
    Action, ActionContext, ActionInfo, Authenticator, CatalogReader, Change, Checkpoint, Choice,
    Completeness, Content, Cursor, Decision, DeferredPayloads, Document, DynProvider, Effects, EnsureRequest,
    Event, EventBatches, Expected, Fact, FactSource, FetchRequest, Fetched, Fetcher, FieldChange,
    GivenSecrets, IdempotencyKey, Image, Log, MemoryLog, NewEvent, Operation, Page, Payload, Plugin,
    PluginInfo, Policy, PolicyRequest, Progress, Provider, ProviderContext, ProviderInfo, Receipt,
    Registration, RegistrationState, Registry, Resource, ResourceId, ResourceProfile, Reversal, Revision,
    Rule, RunInfo, SecretStore, Silent, Source, SourceContext, SourceInfo, StepInfo, StreamName, Validator,
    erase, plugin_fn,
};

// Helpers.
pub use async_trait::async_trait;
pub use computed::Computed;
pub use schema::{optional_tree_schema, schema_of, tree_schema};
pub use typed_action::{TypedAction, typed};
pub use url::Url;

/// What most plugins use, for `use idp_plugin_sdk::prelude::*`.
pub mod prelude {
    pub use idp_core::{
        Action, ActionContext, Change, Digest, EffectState, Error, ErrorKind, IdempotencyKey, Operation,
        Plugin, PluginInfo, Provider, ProviderContext, ProviderInfo, Receipt, Registry, Resource, ResourceId,
        Result, Retry, Rule, Secret, Timestamp, Tree, TreeRef, plugin_fn,
    };
    pub use schemars::JsonSchema;
    pub use serde::{Deserialize, Serialize};
    pub use serde_json::{Value, json};

    pub use crate::{Computed, TypedAction, async_trait, schema_of, typed};
}
