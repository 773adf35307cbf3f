//! Who set a field.

use std::collections::BTreeMap;

use idp_core::{EntityRef, Result, Revision, Timestamp};
use serde::Serialize;
use serde_json::Value;

use super::attribution::Attribution;
use super::past::Version;
use crate::Catalog;
use crate::snapshot::Claimant;

/// Who gave a field the value it has, and when.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Blame {
    /// The field, as a dotted path. Lists are one field.
    pub field: String,
    /// Its value; `None` where it was taken away.
    pub value: Option<Value>,
    /// Since when it is so.
    pub revision: Revision,
    /// Since when it is so, by the writer's clock.
    pub time: Timestamp,
    /// The location that says so.
    pub claimant: Option<Claimant>,
    /// On whose behalf, where the writer said so.
    pub by: Option<Attribution>,
}

impl Catalog {
    /// Who set a field of an entity, or each field below it; of an empty `field`, each of the entity's.
    ///
    /// Reaches as far back as the log: what was compacted is one version. Empty for an entity that is not there, and
    /// for a field that it never had.
    ///
    /// ```
    /// # use idp_catalog::Catalog;
    /// # async fn example(catalog: &Catalog) -> Result<(), Box<dyn std::error::Error>> {
    /// for blame in catalog.blame(&"component:default/cart".parse()?, "spec.owner").await? {
    ///     println!("{} since revision {}", blame.field, blame.revision);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Catalog::history`].
    pub async fn blame(&self, entity_ref: &EntityRef, field: &str) -> Result<Vec<Blame>> {
        let mut known = BTreeMap::new();
        for version in self.history(entity_ref).await? {
            take(&mut known, &version);
        }
        let inside = |path: &str| {
            field.is_empty()
                || path.strip_prefix(field).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        Ok(known.into_values().filter(|it| inside(&it.field)).collect())
    }
}

/// Lets a version account for the fields in which it differs from those before it.
fn take(known: &mut BTreeMap<String, Blame>, version: &Version) {
    let Some(entity) = &version.entity else { return known.clear() };
    let mut fields = BTreeMap::new();
    leaves(entity.as_value(), String::new(), &mut fields);
    for (field, blame) in known.iter_mut() {
        if blame.value.is_some() && !fields.contains_key(field) {
            *blame = blamed(version, field.clone(), None);
        }
    }
    for (field, value) in fields {
        if known.get(&field).and_then(|it| it.value.as_ref()) != Some(value) {
            known.insert(field.clone(), blamed(version, field, Some(value.clone())));
        }
    }
}

fn blamed(version: &Version, field: String, value: Option<Value>) -> Blame {
    Blame {
        field,
        value,
        revision: version.revision,
        time: version.time,
        claimant: version.claimant.clone(),
        by: version.by.clone(),
    }
}

/// Everything that is no object with fields of its own.
fn leaves<'v>(value: &'v Value, path: String, found: &mut BTreeMap<String, &'v Value>) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, inner) in map {
                let inner_path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                leaves(inner, inner_path, found);
            }
        }
        _ => {
            found.insert(path, value);
        }
    }
}
