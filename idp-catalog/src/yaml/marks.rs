//! Where every node of a document stands in its file.

use std::borrow::Cow;

use idp_core::Span;
use serde_json::Value;

/// The positions of one node and of everything below it, in the order of the value's members.
///
/// Kept beside the value instead of inside it, so that the rest of the engine works on plain JSON.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Marks {
    pub(super) span: Span,
    pub(super) key: Option<Span>,
    pub(super) children: Vec<Marks>,
}

impl Marks {
    pub(super) fn leaf(span: Span) -> Self {
        Self { span, key: None, children: Vec::new() }
    }

    /// The span of the node itself.
    #[must_use]
    pub fn span(&self) -> Span {
        self.span
    }

    /// The span of the key that holds the node, where a mapping does.
    #[must_use]
    pub fn key(&self) -> Option<Span> {
        self.key
    }

    /// The node at a JSON pointer (RFC 6901) of `value`, the value these marks belong to.
    #[must_use]
    pub fn at(&self, value: &Value, pointer: &str) -> Option<&Self> {
        let mut marks = self;
        let mut value = value;
        for token in pointer.split('/').skip(1) {
            let (index, child) = step(value, token)?;
            marks = marks.children.get(index)?;
            value = child;
        }
        Some(marks)
    }

    /// Forgets what is below the node at a pointer: all of it stands where the node stands.
    pub(super) fn flatten(&mut self, value: &Value, pointer: &str) {
        let (mut marks, mut value) = (self, value);
        for token in pointer.split('/').skip(1) {
            let Some((index, child)) = step(value, token) else { return };
            let Some(inner) = marks.children.get_mut(index) else { return };
            (marks, value) = (inner, child);
        }
        marks.children.clear();
    }

    /// The node at a pointer or, where there is none, its nearest ancestor: where to point for something missing.
    #[must_use]
    pub fn nearest(&self, value: &Value, pointer: &str) -> &Self {
        let mut end = pointer.len();
        loop {
            if let Some(found) = self.at(value, &pointer[..end]) {
                return found;
            }
            match pointer[..end].rfind('/') {
                Some(cut) => end = cut,
                None => return self,
            }
        }
    }
}

fn step<'a>(value: &'a Value, token: &str) -> Option<(usize, &'a Value)> {
    match value {
        Value::Array(items) => {
            let index: usize = token.parse().ok()?;
            Some((index, items.get(index)?))
        }
        Value::Object(map) => {
            let name = unescape(token);
            let (index, (_, child)) = map.iter().enumerate().find(|(_, (key, _))| **key == *name)?;
            Some((index, child))
        }
        _ => None,
    }
}

/// The key that a pointer's token means.
fn unescape(token: &str) -> Cow<'_, str> {
    if token.contains('~') { token.replace("~1", "/").replace("~0", "~").into() } else { token.into() }
}
