//! A document in its file.

use idp_catalog::YamlDocument;
use idp_core::{SourceText, Span};
use idp_scaffolder::Places;

/// A template's document and its file.
#[derive(Debug)]
pub(crate) struct Located {
    pub(crate) source: SourceText,
    pub(crate) document: YamlDocument,
}

impl Places for Located {
    fn source(&self) -> &SourceText {
        &self.source
    }

    fn value(&self, pointer: &str) -> Span {
        self.document.locate(pointer)
    }

    fn key(&self, pointer: &str) -> Span {
        self.document.locate_key(pointer)
    }
}
