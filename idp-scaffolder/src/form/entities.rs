//! Which entities a field lets choose.

use idp_core::{EntityRef, Predicate, RefDefaults};
use serde::Serialize;
use serde_json::{Map, Value};

/// Which entities a field lets choose, and how what is typed is completed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct EntityOptions {
    /// What the entities have to be like; every one will do where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<Predicate>,
    /// The kind of a reference that names none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_kind: Option<String>,
    /// The namespace of a reference that names none; `None` where it has to be written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_namespace: Option<String>,
    /// Whether the answer may be no entity of the catalog.
    pub arbitrary: bool,
    /// Whose entities they have to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub belonging: Option<Belonging>,
}

/// What entities have to do with the one who asks for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Belonging {
    /// They are groups that somebody is a member of.
    MemberOf,
    /// Somebody owns them, or a group that they are a member of.
    Owned,
}

impl Belonging {
    /// The predicate of what belongs to somebody: `owner`, who is a member of `groups`.
    pub fn predicate(self, owner: &EntityRef, groups: &[EntityRef]) -> Predicate {
        match self {
            Self::MemberOf => Predicate::equals("relations.hasMember", owner),
            Self::Owned => Predicate::one_of("relations.ownedBy", groups.iter().chain([owner])),
        }
    }
}

impl EntityOptions {
    /// What a form extension of Backstage says with its `ui:options`.
    pub(super) fn of(extension: &str, options: Option<&Value>) -> Self {
        let option = |key: &str| options.and_then(|it| it.get(key));
        let text = |key: &str| option(key).and_then(Value::as_str).map(str::to_owned);
        let filter = option("catalogFilter").and_then(filter);
        let kinds = option("allowedKinds").or_else(|| option("kinds")).and_then(values);
        let kinds = kinds.or_else(|| match extension {
            "OwnerPicker" if filter.is_none() => Some(vec!["Group".to_owned(), "User".to_owned()]),
            "MyGroupsPicker" => Some(vec!["Group".to_owned()]),
            _ => None,
        });
        let of_kind = kinds.map(|kinds| Predicate::one_of("kind", kinds));
        let default_kind = match extension {
            "OwnerPicker" | "MyGroupsPicker" => Some("group".to_owned()),
            _ => text("defaultKind"),
        };
        Self {
            filter: match (filter, of_kind) {
                (Some(filter), Some(of_kind)) => Some(of_kind.and(filter)),
                (filter, of_kind) => filter.or(of_kind),
            },
            default_kind,
            default_namespace: match option("defaultNamespace") {
                Some(Value::Bool(false)) => None,
                _ => Some(text("defaultNamespace").unwrap_or_else(|| "default".to_owned())),
            },
            arbitrary: option("allowArbitraryValues") != Some(&Value::Bool(false)),
            belonging: match extension {
                "MyGroupsPicker" => Some(Belonging::MemberOf),
                "OwnedEntityPicker" => Some(Belonging::Owned),
                _ => None,
            },
        }
    }

    /// What somebody typed as a whole reference: `shop` may be `group:default/shop`. What is none stays as it is, and
    /// so does one whose namespace is missing and has to be written.
    pub fn complete(&self, text: &str) -> String {
        match self.read(text) {
            Some(reference) if !self.needs_namespace(text) => reference.to_string(),
            _ => text.to_owned(),
        }
    }

    /// What is wrong with an answer: a reference whose namespace is missing and has to be written.
    pub(super) fn problem(&self, text: &str) -> Option<String> {
        let reference = self.read(text).filter(|_| self.needs_namespace(text))?;
        let (kind, name) = (reference.kind(), reference.name());
        Some(format!("has to name its namespace: `{kind}:<namespace>/{name}`"))
    }

    fn read(&self, text: &str) -> Option<EntityRef> {
        let namespace = self.default_namespace.as_deref();
        EntityRef::parse(text, RefDefaults { kind: self.default_kind.as_deref(), namespace }).ok()
    }

    /// Whether a reference has no namespace and nothing stands in for it.
    fn needs_namespace(&self, text: &str) -> bool {
        self.default_namespace.is_none() && !text.contains('/')
    }
}

/// What a `catalogFilter` asks for: one of several maps, and of each everything.
fn filter(value: &Value) -> Option<Predicate> {
    match value {
        Value::Object(map) => Some(all(map)),
        Value::Array(maps) => {
            Some(Predicate::Any(maps.iter().filter_map(Value::as_object).map(all).collect()))
        }
        _ => None,
    }
}

fn all(map: &Map<String, Value>) -> Predicate {
    Predicate::All(map.iter().filter_map(|(field, value)| condition(field, value)).collect())
}

fn condition(field: &str, value: &Value) -> Option<Predicate> {
    if let Some(exists) = value.get("exists") {
        let exists = exists.as_bool()?;
        return Some(if exists { Predicate::exists(field) } else { Predicate::exists(field).negate() });
    }
    Some(Predicate::one_of(field, values(value)?))
}

/// A text, or a list of texts.
pub(super) fn values(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Array(items) => Some(items.iter().filter_map(Value::as_str).map(str::to_owned).collect()),
        value => Some(vec![value.as_str()?.to_owned()]),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn options(extension: &str, options: Value) -> EntityOptions {
        EntityOptions::of(extension, Some(&options))
    }

    #[test]
    fn a_filter_is_a_predicate() {
        let kind = |kinds: &[&str]| Predicate::one_of("kind", kinds);
        for (extension, given, filter) in [
            ("EntityPicker", json!({}), None),
            ("OwnerPicker", json!({}), Some(kind(&["Group", "User"]))),
            (
                "OwnerPicker",
                json!({"catalogFilter": {"kind": "Group"}}),
                Some(Predicate::All(vec![kind(&["Group"])])),
            ),
            ("EntityPicker", json!({"allowedKinds": ["System"]}), Some(kind(&["System"]))),
            (
                "EntityPicker",
                json!({"catalogFilter": [{"kind": ["A", "B"], "spec.type": "x"}, {"metadata.annotations.a": {"exists": true}}]}),
                Some(Predicate::Any(vec![
                    Predicate::All(vec![kind(&["A", "B"]), Predicate::one_of("spec.type", ["x"])]),
                    Predicate::All(vec![Predicate::exists("metadata.annotations.a")]),
                ])),
            ),
        ] {
            assert_eq!(options(extension, given.clone()).filter, filter, "{extension} {given}");
        }
    }

    #[test]
    fn what_is_typed_is_completed() {
        for (extension, given, typed, whole) in [
            ("OwnerPicker", json!({}), "shop", "group:default/shop"),
            ("OwnerPicker", json!({"defaultNamespace": "eu"}), "user:ada", "user:eu/ada"),
            ("EntityPicker", json!({"defaultKind": "System"}), "cart", "system:default/cart"),
            ("EntityPicker", json!({}), "cart", "cart"),
            ("EntityPicker", json!({}), "component:a/b", "component:a/b"),
            ("OwnerPicker", json!({"defaultNamespace": false}), "shop", "shop"),
            ("OwnerPicker", json!({"defaultNamespace": false}), "eu/shop", "group:eu/shop"),
        ] {
            assert_eq!(options(extension, given).complete(typed), whole);
        }
    }
}
