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

mod diagnostic;
mod digest;
mod entity;
mod entity_ref;
mod error;
mod relation;
mod secret;
mod source_text;
mod time;
mod tree;

pub use diagnostic::{Diagnostic, Severity};
pub use digest::{Digest, canonical_json};
pub use entity::Entity;
pub use entity_ref::{EntityRef, ParseRefError, RefDefaults, RefParts};
pub use error::{EffectState, Error, ErrorKind, Result, Retry};
pub use relation::Relation;
pub use secret::{Redactor, Secret};
pub use source_text::{Place, SourceText, Span};
pub use time::{Clock, FixedClock, IdSource, RandomIds, SequentialIds, SystemClock, Timestamp};
pub use tree::{Node, Tree, TreeError, TreeLimits, TreePath};
