//! Kinds: which entities are known, what their `spec` holds, and which of its fields are relations.

use super::shape::{Field, Shape};

/// The declaration of one kind.
///
/// ```
/// use idp_catalog::{Kind, RelationField, Shape};
/// let queue = Kind::new("Queue", ["acme.io/v1"])
///     .need("owner", Shape::Text)
///     .may("consumers", Shape::texts())
///     .relation(RelationField::new("owner", "ownedBy", "ownerOf").to("Group"))
///     .relation(RelationField::new("consumers", "consumedBy", "consumes").to("Component"));
/// assert_eq!(queue.name(), "Queue");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Kind {
    pub(super) name: String,
    pub(super) api_versions: Vec<String>,
    pub(super) fields: Vec<Field>,
    pub(super) relations: Vec<RelationField>,
}

/// A field of `spec` whose values are references to other entities.
#[derive(Debug, Clone, PartialEq)]
pub struct RelationField {
    pub(super) field: String,
    pub(super) outgoing: String,
    pub(super) reverse: String,
    pub(super) default_kind: Option<String>,
}

impl RelationField {
    /// `spec.field` makes a relation of type `outgoing`, and one of type `reverse` on its target.
    #[must_use]
    pub fn new(field: &str, outgoing: &str, reverse: &str) -> Self {
        Self { field: field.into(), outgoing: outgoing.into(), reverse: reverse.into(), default_kind: None }
    }

    /// The kind of references that name none. Without it they are errors.
    #[must_use]
    pub fn to(mut self, kind: &str) -> Self {
        self.default_kind = Some(kind.into());
        self
    }
}

impl Kind {
    /// A kind known under these values of `apiVersion`, whose `spec` may hold anything.
    pub fn new<'a>(name: &str, api_versions: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            name: name.into(),
            api_versions: api_versions.into_iter().map(str::to_owned).collect(),
            fields: Vec::new(),
            relations: Vec::new(),
        }
    }

    /// `spec.name` must be there.
    #[must_use]
    pub fn need(mut self, name: &str, shape: Shape) -> Self {
        self.fields.push(Field::required(name, shape));
        self
    }

    /// `spec.name` may be there.
    #[must_use]
    pub fn may(mut self, name: &str, shape: Shape) -> Self {
        self.fields.push(Field::optional(name, shape));
        self
    }

    /// A field holds references.
    #[must_use]
    pub fn relation(mut self, field: RelationField) -> Self {
        self.relations.push(field);
        self
    }

    /// The value of `kind`, in the case it must have.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn shape(&self) -> Shape {
        Shape::object(self.fields.clone())
    }

    fn texts<const N: usize>(self, names: [&str; N]) -> Self {
        names.into_iter().fold(self, |kind, name| kind.may(name, Shape::Text))
    }

    fn lists<const N: usize>(self, names: [&str; N]) -> Self {
        names.into_iter().fold(self, |kind, name| kind.may(name, Shape::texts()))
    }

    fn needs<const N: usize>(self, names: [&str; N]) -> Self {
        names.into_iter().fold(self, |kind, name| kind.need(name, Shape::Text))
    }

    fn refers(self, field: &str, outgoing: &str, reverse: &str, default_kind: &str) -> Self {
        self.relation(RelationField::new(field, outgoing, reverse).to(default_kind))
    }

    fn owned(self) -> Self {
        self.refers("owner", "ownedBy", "ownerOf", "Group")
    }

    fn part_of(self, field: &str, kind: &str) -> Self {
        self.refers(field, "partOf", "hasPart", kind)
    }

    fn depends(self) -> Self {
        self.relation(RelationField::new("dependsOn", "dependsOn", "dependencyOf"))
            .relation(RelationField::new("dependencyOf", "dependencyOf", "dependsOn"))
    }
}

/// The kinds that every Backstage knows.
pub(super) fn backstage() -> Vec<Kind> {
    vec![component(), api(), resource(), system(), domain(), group(), user(), location(), template()]
}

fn core(name: &str) -> Kind {
    Kind::new(name, ["backstage.io/v1alpha1", "backstage.io/v1beta1"])
}

fn component() -> Kind {
    core("Component")
        .needs(["type", "lifecycle", "owner"])
        .texts(["system", "subcomponentOf"])
        .lists(["providesApis", "consumesApis", "dependsOn"])
        .owned()
        .part_of("subcomponentOf", "Component")
        .refers("providesApis", "providesApi", "apiProvidedBy", "API")
        .refers("consumesApis", "consumesApi", "apiConsumedBy", "API")
        .depends()
        .part_of("system", "System")
}

fn api() -> Kind {
    core("API")
        .needs(["type", "lifecycle", "owner", "definition"])
        .texts(["system"])
        .owned()
        .part_of("system", "System")
}

fn resource() -> Kind {
    core("Resource")
        .needs(["type", "owner"])
        .texts(["system"])
        .lists(["dependsOn"])
        .owned()
        .depends()
        .part_of("system", "System")
}

fn system() -> Kind {
    core("System").needs(["owner"]).texts(["domain", "type"]).owned().part_of("domain", "Domain")
}

fn domain() -> Kind {
    core("Domain").needs(["owner"]).texts(["subdomainOf", "type"]).owned().part_of("subdomainOf", "Domain")
}

fn group() -> Kind {
    core("Group")
        .needs(["type"])
        .need("children", Shape::texts())
        .may("profile", profile())
        .texts(["parent"])
        .lists(["members"])
        .refers("parent", "childOf", "parentOf", "Group")
        .refers("children", "parentOf", "childOf", "Group")
        .refers("members", "hasMember", "memberOf", "User")
}

fn user() -> Kind {
    core("User").need("memberOf", Shape::texts()).may("profile", profile()).refers(
        "memberOf",
        "memberOf",
        "hasMember",
        "Group",
    )
}

fn profile() -> Shape {
    Shape::object(["displayName", "email", "picture"].map(|name| Field::optional(name, Shape::Text)))
}

fn location() -> Kind {
    core("Location")
        .texts(["type", "target"])
        .lists(["targets"])
        .may("presence", Shape::one_of(&["required", "optional"]))
}

fn template() -> Kind {
    Kind::new("Template", ["scaffolder.backstage.io/v1beta3"])
        .needs(["type"])
        .need("steps", Shape::List(Box::new(step())))
        .texts(["owner", "lifecycle"])
        .may("parameters", Shape::Either(vec![empty_object(), Shape::List(Box::new(empty_object()))]))
        .may("secrets", Shape::object([Field::optional("schema", empty_object())]))
        .may("presentation", presentation())
        .may("output", output())
        .owned()
}

fn empty_object() -> Shape {
    Shape::object([])
}

fn step() -> Shape {
    let text_list_or_object = vec![Shape::String, Shape::List(Box::new(Shape::Any)), empty_object()];
    Shape::object([
        Field::required("action", Shape::String),
        Field::optional("id", Shape::String),
        Field::optional("name", Shape::String),
        Field::optional("input", empty_object()),
        Field::optional("if", Shape::Either(vec![Shape::String, Shape::Bool])),
        Field::optional("each", Shape::Either(text_list_or_object)),
    ])
}

fn presentation() -> Shape {
    let labels = ["backButtonText", "createButtonText", "reviewButtonText"];
    let labels = Shape::object(labels.map(|name| Field::optional(name, Shape::String)));
    Shape::object([Field::optional("buttonLabels", labels)])
}

fn output() -> Shape {
    let link =
        Shape::object(["url", "entityRef", "title", "icon"].map(|it| Field::optional(it, Shape::String)));
    let text = Shape::object(["title", "icon", "content"].map(|it| Field::optional(it, Shape::String)));
    Shape::Object {
        fields: vec![
            Field::optional("links", Shape::List(Box::new(link))),
            Field::optional("text", Shape::List(Box::new(text))),
        ],
        rest: Box::new(Shape::String),
    }
}
