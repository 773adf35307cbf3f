//! Where entities come from.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;
use url::Url;

use crate::{Cancel, Clock, Diagnostic, Result, SystemClock};

/// What a source is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SourceInfo {
    /// Unique in a catalog and stable: claims are kept under it. Lower-case letters, digits and `._:/-`.
    pub name: String,
    /// One sentence for a person.
    pub description: String,
    /// Where its documents' locations start from, where they are relative: the URL of a folder.
    pub base: Option<Url>,
    /// Patterns of what is left out below `base`, as in `**/secrets`: no document may name it either.
    pub excluded: Vec<String>,
}

impl SourceInfo {
    /// A source of this name.
    pub fn new(name: impl Into<String>, description: impl Into<String>) -> Self {
        Self { name: name.into(), description: description.into(), base: None, excluded: Vec::new() }
    }

    /// With the URL of the folder that its documents' locations start from.
    #[must_use]
    pub fn based_at(mut self, base: Option<Url>) -> Self {
        self.base = base;
        self
    }

    /// With patterns of what is left out below the base.
    #[must_use]
    pub fn excluding(mut self, patterns: &[String]) -> Self {
        self.excluded = patterns.to_vec();
        self
    }
}

/// What the host hands to a source with every call.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SourceContext {
    /// Raised when the host wants the call to end.
    pub cancel: Cancel,
    /// The host's clock.
    pub clock: Arc<dyn Clock>,
}

impl Default for SourceContext {
    fn default() -> Self {
        Self { cancel: Cancel::new(), clock: Arc::new(SystemClock) }
    }
}

/// Where a next page starts: opaque to everybody but its source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(pub String);

/// What one document holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// YAML or JSON text, of one or many YAML documents. Problems found in it point at line and column.
    Text(String),
    /// JSON text, of one entity a line. Blank lines are nothing.
    Lines {
        /// The lines.
        text: String,
        /// The number that the first of them has in its file, from 1.
        first: usize,
    },
    /// One entity, read already.
    Entity(Value),
}

/// A piece of content and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// Unique within the source and stable: a path, a URL.
    pub location: String,
    /// What is there.
    pub content: Content,
}

impl Document {
    /// A text at a location.
    pub fn text(location: impl Into<String>, text: impl Into<String>) -> Self {
        Self { location: location.into(), content: Content::Text(text.into()) }
    }

    /// An entity at a location.
    pub fn entity(location: impl Into<String>, entity: Value) -> Self {
        Self { location: location.into(), content: Content::Entity(entity) }
    }
}

/// Whether an answer is all there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completeness {
    /// Nothing of this page is missing.
    Complete,
    /// Something could not be read: the catalog deletes nothing on this answer.
    Partial,
}

/// A part of a source's answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// What was read.
    pub documents: Vec<Document>,
    /// What could not be read, and why.
    pub problems: Vec<Diagnostic>,
    /// Whether anything of this page is missing.
    pub completeness: Completeness,
    /// Where the next page starts; `None` on the last.
    pub next: Option<Cursor>,
}

impl Page {
    /// The only and complete page.
    pub fn complete(documents: Vec<Document>) -> Self {
        Self { documents, problems: Vec::new(), completeness: Completeness::Complete, next: None }
    }
}

/// Where entities come from: a directory, a host's repositories, an inventory.
#[async_trait]
pub trait Source: fmt::Debug + Send + Sync + 'static {
    /// What this is. The same answer every time.
    fn info(&self) -> SourceInfo;

    /// One page of everything the source has.
    ///
    /// - Following `next` from `None` covers every document once and ends.
    /// - An answer from which something is missing says [`Completeness::Partial`]: an empty answer of a flaky server
    ///   never reads as "gone".
    /// - A cursor it did not hand out is [`crate::ErrorKind::InvalidInput`].
    /// - A raised cancel flag ends the call soon, with [`crate::ErrorKind::Cancelled`].
    /// - Changes nothing anywhere.
    ///
    /// A catalog may ask for the next page while it judges the one before: then the call is polled once, and not again
    /// before that is done, which may take seconds where a page is large.
    async fn page(&self, cx: &SourceContext, cursor: Option<&Cursor>) -> Result<Page>;
}
