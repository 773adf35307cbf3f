//! Which kinds may come from where.

use globset::{GlobBuilder, GlobMatcher};
use idp_core::Error;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Which kinds may come from where: Backstage's `catalog.rules`.
///
/// Rules only add: an entity is accepted where any rule allows its kind for the location that it came in by. That is the
/// *origin*, the document of the source itself from which a chain of locations started. Without rules every kind is
/// accepted; with an empty list none is.
///
/// ```
/// use idp_catalog::Rules;
/// let rules: Rules = serde_json::from_value(serde_json::json!([
///     {"allow": ["Component", "API", "Location"]},
///     {"allow": ["User", "Group"], "locations": [{"type": "file", "pattern": "org/**"}]},
/// ]))?;
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rules(Option<Vec<Rule>>);

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    allow: Vec<Allowed>,
    /// Absent: anywhere. Empty: nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    locations: Option<Vec<Where>>,
}

/// A kind, or a kind with one `spec.type`; the case does not matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum Allowed {
    Kind(String),
    #[serde(rename_all = "camelCase")]
    Typed {
        kind: String,
        #[serde(rename = "spec.type", default, skip_serializing_if = "Option::is_none")]
        spec_type: Option<String>,
    },
}

/// Which origins are meant.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "WhereText", into = "WhereText")]
struct Where {
    text: WhereText,
    pattern: Option<GlobMatcher>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WhereText {
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    exact: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pattern: Option<String>,
}

/// The document of the source itself from which a chain of locations started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Origin {
    /// `file` or `url`.
    pub(super) kind: &'static str,
    pub(super) target: std::sync::Arc<str>,
}

impl Rules {
    /// Every kind, from everywhere.
    #[must_use]
    pub fn any() -> Self {
        Self(None)
    }

    /// These kinds, from everywhere, and no others.
    #[must_use]
    pub fn only(kinds: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let allow = kinds.into_iter().map(|kind| Allowed::Kind(kind.into())).collect();
        Self(Some(vec![Rule { allow, locations: None }]))
    }

    pub(super) fn permit(&self, origin: &Origin, entity: &Value) -> bool {
        let Some(rules) = &self.0 else { return true };
        rules.iter().any(|rule| rule.is_for(origin) && rule.allow.iter().any(|it| it.permits(entity)))
    }
}

impl Rule {
    fn is_for(&self, origin: &Origin) -> bool {
        self.locations.as_ref().is_none_or(|places| places.iter().any(|it| it.matches(origin)))
    }
}

impl Allowed {
    fn permits(&self, entity: &Value) -> bool {
        let same = |pointer: &str, wanted: &str| {
            let found = entity.pointer(pointer).and_then(Value::as_str);
            found.is_some_and(|it| it.to_lowercase() == wanted.to_lowercase())
        };
        match self {
            Self::Kind(kind) => same("/kind", kind),
            Self::Typed { kind, spec_type } => {
                same("/kind", kind) && spec_type.as_ref().is_none_or(|it| same("/spec/type", it))
            }
        }
    }
}

impl Where {
    fn matches(&self, origin: &Origin) -> bool {
        self.text.kind.as_deref().is_none_or(|kind| kind == origin.kind)
            && self.text.exact.as_deref().is_none_or(|exact| exact == &*origin.target)
            && self.pattern.as_ref().is_none_or(|pattern| pattern.is_match(&*origin.target))
    }
}

impl PartialEq for Where {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Where {}

impl TryFrom<WhereText> for Where {
    type Error = Error;

    fn try_from(text: WhereText) -> Result<Self, Error> {
        if text.exact.is_some() && text.pattern.is_some() {
            return Err(Error::invalid("a location is matched by `exact` or by `pattern`, not by both"));
        }
        let compile = |pattern: &String| {
            let glob = GlobBuilder::new(pattern).case_insensitive(true).literal_separator(true).build();
            let bad = |error| Error::invalid("not a pattern").with("pattern", pattern).because(error);
            glob.map(|it| it.compile_matcher()).map_err(bad)
        };
        let pattern = text.pattern.as_ref().map(compile).transpose()?;
        Ok(Self { text, pattern })
    }
}

impl From<Where> for WhereText {
    fn from(place: Where) -> Self {
        place.text
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn permits(rules: Value, kind: &'static str, target: &str, entity: Value) -> bool {
        let rules: Rules = serde_json::from_value(rules).unwrap();
        rules.permit(&Origin { kind, target: target.into() }, &entity)
    }

    #[test]
    fn rules_only_add() {
        let group = || json!({"kind": "Group"});
        let rules = json!([
            {"allow": ["component", {"kind": "Template", "spec.type": "Service"}]},
            {"allow": ["GROUP"], "locations": [
                {"type": "url", "exact": "https://h/org.yaml"},
                {"type": "file", "pattern": "org/**/*.yaml"},
            ]},
            {"allow": ["User"], "locations": []},
        ]);
        let permits = |kind, target, entity| permits(rules.clone(), kind, target, entity);
        assert!(permits("url", "x", json!({"kind": "Component"})));
        assert!(permits("url", "x", json!({"kind": "Template", "spec": {"type": "service"}})));
        assert!(!permits("url", "x", json!({"kind": "Template", "spec": {"type": "library"}})));
        assert!(permits("url", "https://h/org.yaml", group()));
        assert!(!permits("file", "https://h/org.yaml", group()));
        assert!(permits("file", "org/a/B.YAML", group()));
        assert!(!permits("file", "team/org/a.yaml", group()));
        assert!(!permits("file", "org/a.yaml", json!({"kind": "User"})));
    }

    #[test]
    fn an_empty_list_denies_everything_and_no_list_nothing() {
        assert!(!permits(json!([]), "url", "x", json!({"kind": "Location"})));
        assert!(permits(json!(null), "url", "x", json!({"kind": "Location"})));
    }

    #[test]
    fn a_location_is_matched_one_way() {
        let both = json!([{"allow": [], "locations": [{"exact": "a", "pattern": "b"}]}]);
        assert!(serde_json::from_value::<Rules>(both).is_err());
    }
}
