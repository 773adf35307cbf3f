//! Kinds: which entities are known, what their `spec` holds, and which of its fields are relations.

use std::collections::BTreeMap;

use idp_core::RefDefaults;

use super::FieldPath;
use super::shape::{Field, Shape};

/// The declaration of one kind, in code. A [layer](crate::Model::with_layers) declares kinds without code.
///
/// ```
/// use idp_catalog::{Kind, RelationField, Shape};
/// let queue = Kind::new("Queue", ["acme.io/v1"])
///     .need("owner", Shape::Text)
///     .may("consumers", Shape::texts())
///     .relation(RelationField::new("owner", "ownedBy", "ownerOf").to("Group").only(["Group", "User"]))
///     .relation(RelationField::new("consumers", "consumedBy", "consumes").to("Component"));
/// assert_eq!(queue.name(), "Queue");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Kind {
    pub(super) name: String,
    pub(super) api_versions: Vec<String>,
    pub(super) spec: Spec,
    /// What `spec` holds instead, by the value of `spec.type`.
    pub(super) types: BTreeMap<String, Spec>,
}

/// What `spec` holds.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Spec {
    /// `None` where it may be left out, and may hold anything.
    pub(super) shape: Option<Shape>,
    pub(super) relations: Vec<RelationField>,
}

/// A field of `spec` whose values are references to other entities.
#[derive(Debug, Clone, PartialEq)]
pub struct RelationField {
    pub(super) field: String,
    pub(super) path: FieldPath,
    pub(super) outgoing: String,
    pub(super) reverse: String,
    pub(super) default_kind: Option<String>,
    /// `None` is the entity's own.
    pub(super) default_namespace: Option<String>,
    /// None are all.
    pub(super) allowed_kinds: Vec<String>,
    /// None are all.
    pub(super) reverse_kinds: Vec<String>,
}

impl RelationField {
    /// `spec.field` makes a relation of type `outgoing`, and one of type `reverse` on its target.
    #[must_use]
    pub fn new(field: &str, outgoing: &str, reverse: &str) -> Self {
        Self {
            field: field.into(),
            path: FieldPath::new(format!("spec.{field}")),
            outgoing: outgoing.into(),
            reverse: reverse.into(),
            default_kind: None,
            default_namespace: None,
            allowed_kinds: Vec::new(),
            reverse_kinds: Vec::new(),
        }
    }

    /// The kind of references that name none. Without it they are errors.
    #[must_use]
    pub fn to(mut self, kind: &str) -> Self {
        self.default_kind = Some(kind.into());
        self
    }

    /// The namespace of references that name none, instead of the entity's own.
    #[must_use]
    pub fn in_namespace(mut self, namespace: &str) -> Self {
        self.default_namespace = Some(namespace.into());
        self
    }

    /// The kinds that it may refer to. What becomes of others is for the [`Profile`](crate::Profile) to say.
    #[must_use]
    pub fn only<'a>(mut self, kinds: impl IntoIterator<Item = &'a str>) -> Self {
        self.allowed_kinds = kinds.into_iter().map(str::to_owned).collect();
        self
    }

    /// What a reference that does not say so means, in an entity of a namespace.
    pub(super) fn defaults<'r>(&'r self, namespace: &'r str) -> RefDefaults<'r> {
        let namespace = self.default_namespace.as_deref().unwrap_or(namespace);
        RefDefaults { kind: self.default_kind.as_deref(), namespace: Some(namespace) }
    }

    /// Whether it may refer to a kind.
    pub(super) fn allows(&self, kind: &str) -> bool {
        names(&self.allowed_kinds, kind)
    }

    /// Whether a target of a kind has the edge back, where only declared pairs are made.
    pub(super) fn pairs_with(&self, kind: &str) -> bool {
        names(&self.reverse_kinds, kind)
    }
}

/// Whether a list names a kind. An empty one names all.
pub(super) fn names(kinds: &[String], kind: &str) -> bool {
    kinds.is_empty() || kinds.iter().any(|it| it.eq_ignore_ascii_case(kind))
}

impl Kind {
    /// A kind known under these values of `apiVersion`, whose `spec` may hold anything.
    pub fn new<'a>(name: &str, api_versions: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            name: name.into(),
            api_versions: api_versions.into_iter().map(str::to_owned).collect(),
            spec: Spec::new(None, []),
            types: BTreeMap::new(),
        }
    }

    /// `spec.name` must be there.
    #[must_use]
    pub fn need(self, name: &str, shape: Shape) -> Self {
        self.field(Field::required(name, shape))
    }

    /// `spec.name` may be there.
    #[must_use]
    pub fn may(self, name: &str, shape: Shape) -> Self {
        self.field(Field::optional(name, shape))
    }

    /// A field holds references.
    #[must_use]
    pub fn relation(mut self, field: RelationField) -> Self {
        self.spec.relations.push(field);
        self
    }

    /// The value of `kind`, in the case it must have.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What of it relations depend on, as a text that differs where they may.
    pub(super) fn relations(&self) -> String {
        let types = self.types.iter().map(|(name, spec)| (name, &spec.relations)).collect::<Vec<_>>();
        format!("{:?}", (&self.name, &self.api_versions, &self.spec.relations, types))
    }

    fn field(mut self, field: Field) -> Self {
        let shape = self.spec.shape.get_or_insert_with(|| Shape::object([]));
        if let Shape::Object { fields, .. } = shape {
            fields.push(field);
        }
        self
    }

    /// What an entity's `spec` is to hold, which may depend on its `type`.
    pub(super) fn spec_of(&self, r#type: Option<&str>) -> &Spec {
        r#type.and_then(|name| self.types.get(name)).unwrap_or(&self.spec)
    }
}

impl Spec {
    pub(super) fn new(shape: Option<Shape>, relations: impl IntoIterator<Item = RelationField>) -> Self {
        Self { shape, relations: relations.into_iter().collect() }
    }
}
