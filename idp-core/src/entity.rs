//! A described thing: the unit of the catalog.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{EntityRef, Error};

/// An entity: `apiVersion`, `kind`, `metadata`, `spec`, as its author wrote it.
///
/// Holds the whole document, unknown fields included, and offers the well-known ones by name. Immutable and cheap
/// to clone. Having one in hand promises an envelope (`apiVersion`, `kind` and `metadata.name` are non-empty
/// strings), and no more: whether it is valid is for the catalog's model to say.
///
/// ```
/// let entity = idp_core::Entity::from_value(serde_json::json!({
///     "apiVersion": "backstage.io/v1alpha1", "kind": "Component",
///     "metadata": {"name": "cart", "tags": ["java"]}, "spec": {"type": "service"},
/// }))?;
/// assert_eq!(entity.entity_ref().as_str(), "component:default/cart");
/// assert_eq!(entity.at("spec.type").and_then(|it| it.as_str()), Some("service"));
/// # Ok::<(), idp_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(into = "Value", try_from = "Value")]
pub struct Entity {
    entity_ref: EntityRef,
    body: Arc<Value>,
}

impl Entity {
    /// Reads an entity from its document.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`] where the document has no usable envelope.
    pub fn from_value(body: Value) -> Result<Self, Error> {
        Self::from_shared(Arc::new(body))
    }

    /// Reads an entity from a document that somebody else holds too, without a copy.
    ///
    /// # Errors
    /// As [`Entity::from_value`].
    pub fn from_shared(body: Arc<Value>) -> Result<Self, Error> {
        let text = |path: &[&str]| text_at(&body, path).filter(|it| !it.is_empty());
        let need = |path: &[&str]| {
            text(path).ok_or_else(|| Error::invalid(format!("entity has no `{}`", path.join("."))))
        };
        need(&["apiVersion"])?;
        let namespace = text(&["metadata", "namespace"]).unwrap_or("default");
        let entity_ref = EntityRef::new(need(&["kind"])?, namespace, need(&["metadata", "name"])?)?;
        Ok(Self { entity_ref, body })
    }

    /// The identity: kind, namespace and name in lower case.
    pub fn entity_ref(&self) -> &EntityRef {
        &self.entity_ref
    }

    /// `apiVersion` as written.
    pub fn api_version(&self) -> &str {
        self.text(&["apiVersion"]).unwrap_or_default()
    }

    /// `kind` as written.
    pub fn kind(&self) -> &str {
        self.text(&["kind"]).unwrap_or_default()
    }

    /// `metadata.name` as written.
    pub fn name(&self) -> &str {
        self.text(&["metadata", "name"]).unwrap_or_default()
    }

    /// `metadata.namespace` as written, or `default`.
    pub fn namespace(&self) -> &str {
        self.text(&["metadata", "namespace"]).unwrap_or("default")
    }

    /// `metadata.title`, where it is a string.
    pub fn title(&self) -> Option<&str> {
        self.text(&["metadata", "title"])
    }

    /// `metadata.description`, where it is a string.
    pub fn description(&self) -> Option<&str> {
        self.text(&["metadata", "description"])
    }

    /// One annotation, where it is a string.
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.text(&["metadata", "annotations", key])
    }

    /// One label, where it is a string.
    pub fn label(&self, key: &str) -> Option<&str> {
        self.text(&["metadata", "labels", key])
    }

    /// `metadata.tags`; whatever is no string is passed over.
    pub fn tags(&self) -> impl Iterator<Item = &str> {
        let tags = self.body.pointer("/metadata/tags").and_then(Value::as_array);
        tags.into_iter().flatten().filter_map(Value::as_str)
    }

    /// `spec`, where it is an object.
    pub fn spec(&self) -> Option<&Map<String, Value>> {
        self.body.get("spec")?.as_object()
    }

    /// The value at a dotted path, `spec.type`. Keys that contain dots are found too: the longest key wins.
    pub fn at(&self, path: &str) -> Option<&Value> {
        at_path(&self.body, path)
    }

    /// The whole document.
    pub fn as_value(&self) -> &Value {
        &self.body
    }

    /// The whole document, without a copy where this is the only handle.
    pub fn into_value(self) -> Value {
        Arc::try_unwrap(self.body).unwrap_or_else(|shared| (*shared).clone())
    }

    fn text(&self, path: &[&str]) -> Option<&str> {
        text_at(&self.body, path)
    }
}

/// The string at the end of some keys. A JSON pointer would say the same, and copies every key it passes.
fn text_at<'v>(value: &'v Value, path: &[&str]) -> Option<&'v str> {
    path.iter().try_fold(value, |value, key| value.get(key))?.as_str()
}

fn at_path<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    let map = value.as_object()?;
    if let Some(found) = map.get(path) {
        return Some(found);
    }
    path.rmatch_indices('.').find_map(|(dot, _)| at_path(map.get(&path[..dot])?, &path[dot + 1..]))
}

impl From<&EntityRef> for Entity {
    /// The least an entity can be: its envelope, with the parts of its reference.
    fn from(entity_ref: &EntityRef) -> Self {
        let body = json!({
            "apiVersion": "backstage.io/v1alpha1", "kind": entity_ref.kind(),
            "metadata": {"namespace": entity_ref.namespace(), "name": entity_ref.name()},
        });
        Self { entity_ref: entity_ref.clone(), body: Arc::new(body) }
    }
}

impl TryFrom<Value> for Entity {
    type Error = Error;

    fn try_from(body: Value) -> Result<Self, Error> {
        Self::from_value(body)
    }
}

impl From<Entity> for Value {
    fn from(entity: Entity) -> Self {
        entity.into_value()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_entity_is_named_by_its_reference() {
        let entity_ref: EntityRef = "group:shop/cart".parse().unwrap();
        let entity = Entity::from(&entity_ref);
        assert_eq!(Entity::from_value(entity.as_value().clone()).unwrap(), entity);
        assert_eq!(*entity.entity_ref(), entity_ref);
    }

    #[test]
    fn dotted_paths_reach_keys_with_dots() {
        let entity = Entity::from_value(json!({
            "apiVersion": "v1", "kind": "K",
            "metadata": {"name": "n", "annotations": {"backstage.io/x": "y"}},
        }))
        .unwrap();
        assert_eq!(entity.at("metadata.annotations.backstage.io/x"), Some(&json!("y")));
        assert_eq!(entity.at("metadata.nothing"), None);
    }

    #[test]
    fn an_envelope_needs_its_three_strings() {
        for body in
            [json!(null), json!({}), json!({"apiVersion": "v1", "kind": "", "metadata": {"name": "n"}})]
        {
            assert!(Entity::from_value(body).is_err());
        }
    }
}
