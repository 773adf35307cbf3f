//! An entity as a database that knows nothing of entities holds it: values by key, relations, a body.

use std::collections::BTreeSet;

use idp_benches::{Synthetic, links};
use idp_core::Entity;
use serde_json::Value;

/// Longest key and value that get a row, in characters.
const LONGEST: usize = 200;

/// An entity in rows.
#[derive(Debug)]
pub(crate) struct Flat {
    /// Its place in the order of references, from 1.
    pub(crate) id: i64,
    pub(crate) entity_ref: String,
    pub(crate) body: String,
    pub(crate) values: Vec<FlatValue>,
    pub(crate) relations: Vec<FlatRelation>,
}

/// A value of a field.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FlatValue {
    /// In lower case.
    pub(crate) key: String,
    /// In lower case; `None` where there is none, or it is too long.
    pub(crate) value: Option<String>,
    /// As it was written.
    pub(crate) original: Option<String>,
}

/// A relation, from either end.
#[derive(Debug)]
pub(crate) struct FlatRelation {
    pub(crate) source: String,
    pub(crate) r#type: &'static str,
    pub(crate) target: String,
}

/// The entities of a company in the order of their references, one at a time.
pub(crate) fn flat(company: Synthetic) -> impl Iterator<Item = Flat> {
    let refs = company.references().enumerate();
    let mut order: Vec<(String, usize)> = refs.map(|(position, it)| (it, position)).collect();
    order.sort_unstable();
    let order: Vec<usize> = order.into_iter().map(|(_, position)| position).collect();
    (1..).zip(order).map(move |(id, position)| {
        let entity = Entity::from_value(company.entity(position)).expect("it has an envelope");
        Flat::new(id, &entity)
    })
}

impl Flat {
    /// An entity of this number.
    pub(crate) fn new(id: i64, entity: &Entity) -> Self {
        let entity_ref = entity.entity_ref().to_string();
        let relations = links(entity).flat_map(|link| {
            let target = link.target.to_string();
            let back = FlatRelation { source: target.clone(), r#type: link.back, target: entity_ref.clone() };
            [FlatRelation { source: entity_ref.clone(), r#type: link.forward, target }, back]
        });
        let relations: Vec<FlatRelation> = relations.collect();
        Self {
            id,
            body: entity.as_value().to_string(),
            values: values(entity, &relations),
            entity_ref,
            relations,
        }
    }
}

/// The values of an entity, as Backstage flattens them: each once for a key.
fn values(entity: &Entity, relations: &[FlatRelation]) -> Vec<FlatValue> {
    let mut all = Vec::new();
    visit("", entity.as_value(), &mut all);
    all.push(("metadata.name".to_owned(), Some(entity.name().to_owned())));
    all.push(("metadata.namespace".to_owned(), Some(entity.namespace().to_owned())));
    all.push(("metadata.uid".to_owned(), None));
    let own = relations.iter().filter(|it| it.source == entity.entity_ref().as_str());
    all.extend(own.map(|it| (format!("relations.{}", it.r#type), Some(it.target.clone()))));
    let mut seen = BTreeSet::new();
    let rows = all.into_iter().filter_map(|(key, original)| row(&key, original));
    rows.filter(|row| seen.insert((row.key.clone(), row.value.clone()))).collect()
}

fn visit(path: &str, value: &Value, all: &mut Vec<(String, Option<String>)>) {
    match value {
        _ if ["metadata.name", "metadata.namespace"].contains(&path) => {}
        Value::Object(map) => {
            let below = |key: &String| if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            map.iter().for_each(|(key, value)| visit(&below(key), value, all));
        }
        Value::Array(items) => items.iter().for_each(|item| {
            visit(path, item, all);
            if let Value::String(text) = item {
                all.push((format!("{path}.{text}"), Some("true".to_owned())));
            }
        }),
        Value::Null => all.push((path.to_owned(), None)),
        Value::String(text) => all.push((path.to_owned(), Some(text.clone()))),
        other => all.push((path.to_owned(), Some(other.to_string()))),
    }
}

fn row(key: &str, original: Option<String>) -> Option<FlatValue> {
    let key = key.to_lowercase();
    let original = original.filter(|it| it.chars().count() <= LONGEST);
    let value = original.as_ref().map(|it| it.to_lowercase());
    (key.chars().count() <= LONGEST).then_some(FlatValue { key, value, original })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_entity_is_flattened_as_backstage_does() {
        let entity = Entity::from_value(json!({
            "apiVersion": "backstage.io/v1alpha1",
            "kind": "Component",
            "metadata": {"name": "Cart", "tags": ["Java"], "description": "x".repeat(201)},
            "spec": {"owner": "shop", "list": [{"a": 1}, {"a": 2}, null]},
        }));
        let flat = Flat::new(1, &entity.expect("it has an envelope"));
        let shown = |it: &FlatValue| format!("{}={}", it.key, it.value.as_deref().unwrap_or("-"));
        assert_eq!(
            flat.values.iter().map(shown).collect::<Vec<_>>(),
            [
                "apiversion=backstage.io/v1alpha1",
                "kind=component",
                "metadata.tags=java",
                "metadata.tags.java=true",
                "metadata.description=-",
                "spec.owner=shop",
                "spec.list.a=1",
                "spec.list.a=2",
                "spec.list=-",
                "metadata.name=cart",
                "metadata.namespace=default",
                "metadata.uid=-",
                "relations.ownedby=group:default/shop",
            ]
        );
        assert_eq!(flat.values[2].original.as_deref(), Some("Java"));
    }
}
