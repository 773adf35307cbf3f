//! What a Location entity points at.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use idp_core::{Diagnostic, FetchRequest};
use serde_json::Value;
use url::Url;

use super::place::Place;

/// One target, as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    /// Where in the document.
    pub(super) pointer: String,
    pub(super) text: String,
}

/// What all targets of a Location share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Location {
    /// `spec.type`, where it is given.
    pub(super) kind: Option<String>,
    /// Whether a target may be missing.
    pub(super) optional: bool,
    pub(super) targets: Vec<Written>,
}

impl Location {
    /// Reads a Location entity; `None` for another one.
    pub(super) fn read(entity: &Value) -> Option<Self> {
        let text = |pointer: &str| entity.pointer(pointer).and_then(Value::as_str);
        if text("/kind") != Some("Location") {
            return None;
        }
        let one = text("/spec/target").map(|it| ("/spec/target".to_owned(), it));
        let many = entity.pointer("/spec/targets").and_then(Value::as_array).into_iter().flatten();
        let many =
            many.enumerate().filter_map(|(index, it)| Some((format!("/spec/targets/{index}"), it.as_str()?)));
        let targets = one.into_iter().chain(many);
        Some(Self {
            kind: text("/spec/type").map(str::to_owned),
            optional: text("/spec/presence") == Some("optional"),
            targets: targets.map(|(pointer, text)| Written { pointer, text: text.to_owned() }).collect(),
        })
    }
}

/// What is to be fetched for a target.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) url: Url,
    /// Which files below the URL are meant; `None` where the URL names a file or a whole folder.
    pattern: Option<String>,
}

impl Target {
    /// Resolves a target where it stands. Everything from the first part with a `*` on is a pattern.
    pub(super) fn resolve(place: &Place, text: &str) -> Result<Self, Diagnostic> {
        let Some(star) = text.find('*') else { return Ok(Self { url: place.resolve(text)?, pattern: None }) };
        let cut = text[..star].rfind('/').map_or(0, |at| at + 1);
        let folder = if cut == 0 { "./" } else { &text[..cut] };
        matcher(&text[cut..])?;
        Ok(Self { url: place.resolve(folder)?, pattern: Some(text[cut..].to_owned()) })
    }

    /// The file at a URL.
    pub(super) fn file(url: Url) -> Self {
        Self { url, pattern: None }
    }

    /// What tells this target from others: targets that are alike are read once.
    pub(super) fn key(&self) -> String {
        match &self.pattern {
            None => self.url.to_string(),
            Some(pattern) => format!("{} {pattern}", self.url),
        }
    }

    /// The request that reads it. Of a folder without a pattern, files that are called like descriptors.
    pub(super) fn request(&self, descriptors: &GlobSet) -> FetchRequest {
        let wanted = match &self.pattern {
            Some(pattern) => matcher(pattern).unwrap_or_default(),
            None => descriptors.clone(),
        };
        FetchRequest::new(self.url.clone()).only(move |path| wanted.is_match(path.as_str()))
    }
}

/// The set of one pattern: `*` stays within a folder, `**` crosses.
fn matcher(pattern: &str) -> Result<GlobSet, Diagnostic> {
    let glob = GlobBuilder::new(pattern).literal_separator(true).build();
    glob.and_then(|glob| GlobSetBuilder::new().add(glob).build()).map_err(|error| {
        Diagnostic::error("bad-pattern", format!("`{pattern}` is not a file pattern: {error}"))
    })
}
