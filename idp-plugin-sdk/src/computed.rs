//! A value in a state that only applying can tell.

use idp_core::{unknown, unknown_origin};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// A value in a [`crate::Resource::State`] that is not there yet while planning: a commit's hash, a stack's output.
///
/// Serialises as the value, or as [`unknown`], so that one state type serves plans and the observed world.
///
/// ```
/// use idp_plugin_sdk::Computed;
/// let commit: Computed<String> = Computed::unknown("repository.commit");
/// assert_eq!(serde_json::to_string(&commit).unwrap(), r#"{"$unknown":"repository.commit"}"#);
/// assert_eq!(commit.known(), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Computed<T> {
    /// The value.
    Known(T),
    /// Not there yet; where it comes from.
    Unknown(String),
}

impl<T> Computed<T> {
    /// A value that is known after apply, and where it comes from.
    pub fn unknown(origin: impl Into<String>) -> Self {
        Self::Unknown(origin.into())
    }

    /// The value, if it is there.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unknown(_) => None,
        }
    }
}

impl<T> From<T> for Computed<T> {
    fn from(value: T) -> Self {
        Self::Known(value)
    }
}

impl<T: Serialize> Serialize for Computed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Known(value) => value.serialize(serializer),
            Self::Unknown(origin) => unknown(origin).serialize(serializer),
        }
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Computed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        match unknown_origin(&value) {
            Some(origin) => Ok(Self::unknown(origin)),
            None => serde_json::from_value(value).map(Self::Known).map_err(D::Error::custom),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_round_trip() {
        for value in [Computed::Known(7), Computed::unknown("a.b")] {
            let text = serde_json::to_string(&value).unwrap();
            assert_eq!(serde_json::from_str::<Computed<i32>>(&text).unwrap(), value);
        }
        assert!(serde_json::from_str::<Computed<i32>>("\"x\"").is_err());
    }
}
