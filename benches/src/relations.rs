//! The relations that the entities of a [`Synthetic`](crate::Synthetic) company declare.

use idp_core::{Entity, EntityRef, RefDefaults};
use serde_json::Value;

/// A field of `spec` that refers to other entities.
struct Field {
    name: &'static str,
    /// The kind where a reference names none.
    kind: &'static str,
    forward: &'static str,
    back: &'static str,
}

const FIELDS: [Field; 8] = [
    Field { name: "owner", kind: "group", forward: "ownedBy", back: "ownerOf" },
    Field { name: "system", kind: "system", forward: "partOf", back: "hasPart" },
    Field { name: "domain", kind: "domain", forward: "partOf", back: "hasPart" },
    Field { name: "dependsOn", kind: "component", forward: "dependsOn", back: "dependencyOf" },
    Field { name: "consumesApis", kind: "api", forward: "consumesApi", back: "apiConsumedBy" },
    Field { name: "providesApis", kind: "api", forward: "providesApi", back: "apiProvidedBy" },
    Field { name: "memberOf", kind: "group", forward: "memberOf", back: "hasMember" },
    Field { name: "parent", kind: "group", forward: "childOf", back: "parentOf" },
];

/// A relation as an entity declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// What it is called from the entity.
    pub forward: &'static str,
    /// What it is called from the other end.
    pub back: &'static str,
    /// The other end.
    pub target: EntityRef,
}

/// The relations that an entity declares, in the order of its fields.
pub fn links(entity: &Entity) -> impl Iterator<Item = Link> {
    let fields = FIELDS.iter().filter_map(|field| Some((field, entity.spec()?.get(field.name)?)));
    fields.flat_map(|(field, value)| {
        let several = match value {
            Value::Array(many) => many.as_slice(),
            one => std::slice::from_ref(one),
        };
        several.iter().filter_map(|it| link(field, it.as_str()?))
    })
}

fn link(field: &Field, target: &str) -> Option<Link> {
    let defaults = RefDefaults { kind: Some(field.kind), namespace: None };
    let target = EntityRef::parse(target, defaults).ok()?;
    Some(Link { forward: field.forward, back: field.back, target })
}
