//! The vocabulary and the contracts of the IDP engine.
//!
//! Everything else is built from what stands here: entities and references to them, diagnostics that point into
//! a source, errors that say whether a retry can help and what became of the world, secrets that cannot be
//! printed, and the contracts that plugins fill in ([`Source`], [`Provider`], [`Action`], [`Log`], [`FactSource`],
//! [`Policy`], [`Plugin`]).
//!
//! **This crate does no IO and knows no runtime, HTTP client or template engine.** Hosts depend on `idp-catalog`
//! and `idp-scaffolder`; plugin authors depend on `idp-plugin-sdk`; both speak the types of this crate.
//!
//! # Features
//!
//! * `render`: [`Diagnostic::render`] prints a diagnostic with the excerpt it points at.

mod action;
mod cancel;
mod context;
mod diagnostic;
mod digest;
mod entity;
mod entity_ref;
mod error;
mod fact;
mod fetch;
mod hosts;
mod log;
mod memory_log;
mod pattern;
mod plugin;
mod policy;
mod predicate;
mod provider;
mod registration;
mod registry;
mod relation;
mod resource;
mod secret;
mod similar;
mod source;
mod source_text;
mod time;
mod tree;
mod unknown;
mod workspace;

// Vocabulary.
pub use cancel::Cancel;
pub use diagnostic::{Diagnostic, Severity};
pub use digest::{Digest, canonical_json};
pub use entity::Entity;
pub use entity_ref::{EntityRef, ParseRefError, RefDefaults, RefParts};
pub use error::{EffectState, Error, ErrorKind, Result, Retry};
pub use hosts::Hosts;
pub use predicate::{Comparison, Predicate, Test};
pub use relation::Relation;
pub use secret::{Redactor, Secret};
pub use similar::similar;
pub use source_text::{Place, SourceText, Span};
pub use time::{Clock, FixedClock, IdSource, RandomIds, SequentialIds, SystemClock, Timestamp};
pub use tree::{Node, Tree, TreeError, TreeLimits, TreePath};
pub use unknown::{unknown, unknown_origin, unknown_origins};
pub use workspace::{TreeRef, Workspace};

// Contracts.
pub use action::{Action, ActionContext, ActionInfo, Effects, EnsureRequest, StepInfo};
pub use context::{CatalogReader, GivenSecrets, Progress, ProviderContext, RunInfo, SecretStore, Silent};
pub use fact::{Fact, FactSource};
pub use fetch::{FetchRequest, Fetched, Fetcher, Validator};
pub use log::{
    Checkpoint, DeferredPayloads, Event, EventBatches, Expected, Image, Log, NewEvent, Payload, Revision,
    StreamName,
};
pub use memory_log::MemoryLog;
pub use plugin::{Plugin, PluginInfo, plugin_fn};
pub use policy::{Authenticator, Decision, Policy, PolicyRequest, Principal};
pub use provider::{
    Change, DynProvider, FieldChange, IdempotencyKey, Operation, Provider, ProviderInfo, Receipt,
    ResourceProfile, Reversal, erase,
};
pub use registration::{Registration, RegistrationState};
pub use registry::{Choice, Registry, Rule};
pub use resource::{Resource, ResourceId};
pub use source::{Completeness, Content, Cursor, Document, Page, Source, SourceContext, SourceInfo};
