//! The floor of the query benches: what a few lines over a list cost.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use idp_core::{Entity, EntityRef, RefDefaults};
use serde_json::Value;

use crate::company::{Company, PAGE};
use crate::questions::Found;

/// The fields of a `spec` that refer to other entities, and the kind where a reference names none.
const REFERENCES: [(&str, &str); 8] = [
    ("owner", "group"),
    ("system", "system"),
    ("domain", "domain"),
    ("dependsOn", "component"),
    ("consumesApis", "api"),
    ("providesApis", "api"),
    ("memberOf", "group"),
    ("parent", "group"),
];

pub(crate) fn by_ref(company: &Company) -> Found {
    Found::Entities(
        company.list.iter().find(|it| *it.entity_ref() == company.system).cloned().into_iter().collect(),
    )
}

pub(crate) fn filter(company: &Company) -> Found {
    let owner = Some(company.team.name());
    keep(company, |it| is_service(it) && spec(it, "owner") == owner)
}

pub(crate) fn filter_broad(company: &Company) -> Found {
    keep(company, is_service)
}

pub(crate) fn or(company: &Company) -> Found {
    let (owner, system) = (Some(company.team.name()), Some(company.system.name()));
    keep(company, |it| spec(it, "owner") == owner || spec(it, "system") == system)
}

pub(crate) fn ordered_page(company: &Company) -> Found {
    page(company, 0)
}

pub(crate) fn cursor_page(company: &Company) -> Found {
    page(company, PAGE)
}

pub(crate) fn count(company: &Company) -> Found {
    Found::Count(company.list.iter().filter(|it| is_component(it) && has_tag(it, "rust")).count())
}

pub(crate) fn facet(company: &Company) -> Found {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let components = company.list.iter().filter(|it| is_component(it));
    for value in components.filter_map(|it| spec(it, "lifecycle")) {
        *counts.entry(value).or_default() += 1;
    }
    Found::Counts(counts.into_iter().map(|(value, count)| (value.to_owned(), count)).collect())
}

pub(crate) fn neighbours(company: &Company) -> Found {
    let mut around = BTreeSet::from([company.system.clone()]);
    for entity in &company.list {
        if *entity.entity_ref() == company.system {
            around.extend(references(entity));
        } else if references(entity).any(|it| it == company.system) {
            around.insert(entity.entity_ref().clone());
        }
    }
    Found::Around(around)
}

fn keep(company: &Company, holds: impl Fn(&Entity) -> bool) -> Found {
    Found::Entities(company.list.iter().filter(|it| holds(it)).cloned().collect())
}

fn page(company: &Company, skip: usize) -> Found {
    let mut services: Vec<&Arc<Entity>> = company.list.iter().filter(|it| is_service(it)).collect();
    services.sort_unstable_by_key(|it| (text(it, "metadata", "title"), it.entity_ref()));
    Found::Entities(services.into_iter().skip(skip).take(PAGE).cloned().collect())
}

fn is_component(entity: &Entity) -> bool {
    entity.entity_ref().kind() == "component"
}

fn is_service(entity: &Entity) -> bool {
    is_component(entity) && spec(entity, "type") == Some("service")
}

fn has_tag(entity: &Entity, tag: &str) -> bool {
    let tags = entity.as_value().get("metadata").and_then(|it| it.get("tags")).and_then(Value::as_array);
    tags.is_some_and(|tags| tags.iter().any(|it| it == tag))
}

fn references(entity: &Entity) -> impl Iterator<Item = EntityRef> {
    let values = REFERENCES.iter().filter_map(|(field, kind)| Some((entity.spec()?.get(*field)?, *kind)));
    values.flat_map(|(value, kind)| {
        let several = match value {
            Value::Array(many) => many.as_slice(),
            one => std::slice::from_ref(one),
        };
        let defaults = RefDefaults { kind: Some(kind), namespace: None };
        several.iter().filter_map(move |it| EntityRef::parse(it.as_str()?, defaults).ok())
    })
}

fn spec<'e>(entity: &'e Entity, field: &str) -> Option<&'e str> {
    entity.spec()?.get(field)?.as_str()
}

fn text<'e>(entity: &'e Entity, part: &str, field: &str) -> Option<&'e str> {
    entity.as_value().get(part)?.get(field)?.as_str()
}
