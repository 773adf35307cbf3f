//! Diagnostics as the catalog keeps them.

use std::sync::Arc;

use idp_core::{Diagnostic, Severity};
use serde::{Deserialize, Serialize};

/// Diagnostics as claims keep them: most have none, and that costs nothing.
pub(crate) fn shared(diagnostics: Vec<StoredDiagnostic>) -> Arc<[StoredDiagnostic]> {
    if diagnostics.is_empty() { Arc::default() } else { diagnostics.into() }
}

/// A diagnostic without its text: what is stored in the log and shown for an entity.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StoredDiagnostic {
    /// The stable identifier of the problem.
    pub code: String,
    /// How much it matters.
    pub severity: Severity,
    /// One sentence.
    pub message: String,
    /// Line in the document's location, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// Column in characters, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl From<&Diagnostic> for StoredDiagnostic {
    fn from(diagnostic: &Diagnostic) -> Self {
        let place = diagnostic.place.as_ref().filter(|place| !place.source.text().is_empty());
        Self {
            code: diagnostic.code.clone().into_owned(),
            severity: diagnostic.severity,
            message: diagnostic.message.clone(),
            line: place.map(idp_core::Place::line),
            column: place.map(idp_core::Place::column),
            help: diagnostic.help.clone(),
        }
    }
}
