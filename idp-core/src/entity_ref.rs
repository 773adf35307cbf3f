//! References to entities: `[kind:][namespace/]name`.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The namespace of a reference that names none.
const DEFAULT_NAMESPACE: &str = "default";

/// A full reference, `kind:namespace/name`, in lower case: the identity of an entity.
///
/// Identity ignores case, as in Backstage: two spellings are one entity. What an author wrote is kept in the
/// entity itself; [`RefParts`] splits a text without changing its case.
///
/// ```
/// use idp_core::{EntityRef, RefDefaults};
/// let full: EntityRef = "Component:Shop/Cart".parse()?;
/// assert_eq!(full.to_string(), "component:shop/cart");
/// let owner = EntityRef::parse("team-a", RefDefaults { kind: Some("Group"), namespace: Some("shop") })?;
/// assert_eq!(owner.as_str(), "group:shop/team-a");
/// assert!("no-kind".parse::<EntityRef>().is_err());
/// # Ok::<(), idp_core::ParseRefError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct EntityRef {
    /// Shared: references are cloned into every index.
    text: Arc<str>,
    /// Byte offset of the `:` after the kind.
    colon: u32,
    /// Byte offset of the `/` after the namespace.
    slash: u32,
}

/// What stands in for the parts a reference leaves out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RefDefaults<'a> {
    /// The kind, where the reference names none. Without one, such a reference is an error.
    pub kind: Option<&'a str>,
    /// The namespace; `default` where this is `None` or empty too.
    pub namespace: Option<&'a str>,
}

/// Why a text is no reference.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseRefError {
    /// A part is empty, or nothing is there at all.
    #[error("entity reference `{0}` is not of the form [kind:][namespace/]name")]
    Form(String),
    /// It names no kind and the context has none to offer.
    #[error("entity reference `{0}` names no kind (start it with `component:` or the like)")]
    NoKind(String),
    /// It is longer than any store accepts.
    #[error("entity reference of {0} bytes is too long")]
    TooLong(usize),
}

/// The parts of a reference as they were written: no defaults, no change of case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefParts<'a> {
    /// Before the first `:`, unless a `/` comes earlier.
    pub kind: Option<&'a str>,
    /// Between kind and the first `/`.
    pub namespace: Option<&'a str>,
    /// The rest.
    pub name: &'a str,
}

impl<'a> RefParts<'a> {
    /// Splits `[kind:][namespace/]name` at the first `:` and the first `/`. A `:` behind a `/` belongs to the name.
    ///
    /// # Errors
    /// [`ParseRefError::Form`] where a part is empty.
    pub fn split(text: &'a str) -> Result<Self, ParseRefError> {
        // Byte by byte: references are short, and both are ASCII.
        let slash = text.bytes().position(|byte| byte == b'/');
        let colon = text.as_bytes()[..slash.unwrap_or(text.len())].iter().position(|byte| *byte == b':');
        let rest = colon.map_or(0, |at| at + 1);
        let parts = Self {
            kind: colon.map(|at| &text[..at]),
            namespace: slash.map(|at| &text[rest..at]),
            name: &text[slash.map_or(rest, |at| at + 1)..],
        };
        let empty = parts.name.is_empty() || parts.kind == Some("") || parts.namespace == Some("");
        if empty { Err(ParseRefError::Form(text.to_owned())) } else { Ok(parts) }
    }
}

impl EntityRef {
    /// Bytes a reference may have; kind, namespace and name of 63 characters each stay far below.
    const MAX_LEN: usize = 4096;

    /// A reference from its parts, lower-cased.
    ///
    /// # Errors
    /// [`ParseRefError`] where a part is empty, or `kind` or `namespace` contains a separator.
    pub fn new(kind: &str, namespace: &str, name: &str) -> Result<Self, ParseRefError> {
        let length = kind.len() + namespace.len() + name.len() + 2;
        if length > Self::MAX_LEN {
            return Err(ParseRefError::TooLong(length));
        }
        let split = kind.bytes().any(|byte| matches!(byte, b':' | b'/'))
            || namespace.bytes().any(|byte| byte == b'/');
        if split || kind.is_empty() || namespace.is_empty() || name.is_empty() {
            return Err(ParseRefError::Form(format!("{kind}:{namespace}/{name}")));
        }
        let mut text = String::with_capacity(length);
        push_lower(&mut text, kind);
        let colon = text.len() as u32;
        text.push(':');
        push_lower(&mut text, namespace);
        let slash = text.len() as u32;
        text.push('/');
        push_lower(&mut text, name);
        Ok(Self { text: text.into(), colon, slash })
    }

    /// Parses `[kind:][namespace/]name`, taking what is left out from `defaults`.
    ///
    /// # Errors
    /// [`ParseRefError`]: an empty part, or no kind anywhere.
    pub fn parse(text: &str, defaults: RefDefaults<'_>) -> Result<Self, ParseRefError> {
        let parts = RefParts::split(text)?;
        let kind = parts.kind.or(defaults.kind).ok_or_else(|| ParseRefError::NoKind(text.to_owned()))?;
        let namespace = parts.namespace.or(defaults.namespace.filter(|it| !it.is_empty()));
        Self::new(kind, namespace.unwrap_or(DEFAULT_NAMESPACE), parts.name)
    }

    /// The kind, lower-case.
    pub fn kind(&self) -> &str {
        &self.text[..self.colon as usize]
    }

    /// The namespace, lower-case.
    pub fn namespace(&self) -> &str {
        &self.text[self.colon as usize + 1..self.slash as usize]
    }

    /// The name, lower-case.
    pub fn name(&self) -> &str {
        &self.text[self.slash as usize + 1..]
    }

    /// The whole: `kind:namespace/name`.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// Adds a text in lower case: nearly all are ASCII.
fn push_lower(out: &mut String, text: &str) {
    if text.is_ascii() {
        let start = out.len();
        out.push_str(text);
        out[start..].make_ascii_lowercase();
    } else {
        out.push_str(&text.to_lowercase());
    }
}

impl fmt::Display for EntityRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for EntityRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for EntityRef {
    type Err = ParseRefError;

    /// Parses with the default namespace and no default kind.
    fn from_str(text: &str) -> Result<Self, ParseRefError> {
        Self::parse(text, RefDefaults::default())
    }
}

impl TryFrom<String> for EntityRef {
    type Error = ParseRefError;

    fn try_from(text: String) -> Result<Self, ParseRefError> {
        text.parse()
    }
}

impl From<EntityRef> for String {
    fn from(it: EntityRef) -> Self {
        it.text.as_ref().to_owned()
    }
}

impl From<ParseRefError> for crate::Error {
    fn from(error: ParseRefError) -> Self {
        Self::invalid(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn splits_as_backstage_does() {
        for (text, kind, namespace, name) in [
            ("a", None, None, "a"),
            ("k:a", Some("k"), None, "a"),
            ("n/a", None, Some("n"), "a"),
            ("k:n/a", Some("k"), Some("n"), "a"),
            ("n/a:b", None, Some("n"), "a:b"),
            ("k:n/a/b:c", Some("k"), Some("n"), "a/b:c"),
            ("k:a:b", Some("k"), None, "a:b"),
        ] {
            assert_eq!(RefParts::split(text), Ok(RefParts { kind, namespace, name }), "{text}");
        }
        for text in ["", ":a", "/a", "k:", "k:/a", "k:n/", "n/"] {
            assert!(RefParts::split(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn print_then_parse_is_the_identity(kind in "[A-Za-z][A-Za-z0-9]{0,9}", ns in "[a-z0-9ÄÖ]{1,9}", name in "[^/:]{1,12}") {
            let made = EntityRef::new(&kind, &ns, &name).unwrap();
            prop_assert_eq!(made.as_str().parse::<EntityRef>().unwrap(), made);
        }

        #[test]
        fn parsing_anything_never_panics(text in ".*") {
            if let Ok(parsed) = text.parse::<EntityRef>() {
                prop_assert_eq!(format!("{}:{}/{}", parsed.kind(), parsed.namespace(), parsed.name()), parsed.as_str());
            }
        }
    }
}
