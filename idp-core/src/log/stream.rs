//! Streams and positions in them.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// A position in a stream: the number of its last event, counted from 1. `Revision::START` is before the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Revision(pub u64);

impl Revision {
    /// Before the first event.
    pub const START: Self = Self(0);
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// The name of a stream: lower-case letters, digits and `._-` in parts joined by `/`, 200 bytes at most.
///
/// `catalog`, `run/0197f0…`
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct StreamName(Arc<str>);

impl StreamName {
    /// Checks and takes a name.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`] where it does not follow the grammar.
    pub fn new(name: &str) -> Result<Self> {
        let usable = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
        let good =
            name.len() <= 200 && name.split('/').all(|part| !part.is_empty() && part.chars().all(usable));
        if good {
            Ok(Self(name.into()))
        } else {
            Err(Error::invalid(
                "stream name is not lower-case letters, digits and `._-` in parts joined by `/`",
            )
            .with("name", name))
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StreamName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for StreamName {
    type Error = Error;

    fn try_from(name: String) -> Result<Self> {
        Self::new(&name)
    }
}

impl From<StreamName> for String {
    fn from(name: StreamName) -> Self {
        name.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stream_names_follow_the_grammar() {
        for good in ["catalog", "run/0197-a.b_c"] {
            assert!(StreamName::new(good).is_ok(), "{good}");
        }
        for bad in ["", "/", "a/", "A", "a b", "a//b", "ä", &"x".repeat(201)] {
            assert!(StreamName::new(bad).is_err(), "{bad}");
        }
    }
}
