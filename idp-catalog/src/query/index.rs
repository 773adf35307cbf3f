//! Which entities have which values: posting lists per key, and per key and value.
//!
//! Knows rows and numbers, and nothing of predicates: `select` asks it what it needs.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::ops;
use std::sync::Arc;

use super::ids::Ids;
use super::rows::Row;

/// The postings of every key. Cloning shares every key's postings; changing one key copies that key's only.
#[derive(Debug, Clone, Default)]
pub(crate) struct Index {
    keys: HashMap<Arc<str>, Arc<Postings>>,
}

/// The postings of one key.
#[derive(Debug, Clone, Default)]
struct Postings {
    present: Ids,
    values: BTreeMap<Arc<str>, Ids>,
}

impl Index {
    /// Makes rows use the texts that the index has already: most keys and many values are the same everywhere.
    pub(crate) fn share(&self, rows: &mut [Row]) {
        for row in rows {
            let Some((key, postings)) = self.keys.get_key_value(&row.key) else { continue };
            row.key = Arc::clone(key);
            let Some(value) = &row.value else { continue };
            if let Some((shared, _)) = postings.values.get_key_value(value) {
                if row.original.as_ref().is_some_and(|original| Arc::ptr_eq(original, value)) {
                    row.original = Some(Arc::clone(shared));
                }
                row.value = Some(Arc::clone(shared));
            }
        }
    }

    /// Adds an entity's rows, which are sorted by key.
    pub(crate) fn insert(&mut self, id: u32, rows: &[Row]) {
        for row in rows {
            let postings = Arc::make_mut(self.keys.entry(Arc::clone(&row.key)).or_default());
            postings.present.insert(id);
            if let Some(value) = &row.value {
                postings.values.entry(Arc::clone(value)).or_default().insert(id);
            }
        }
    }

    /// Takes out the rows an entity was added with.
    pub(crate) fn remove(&mut self, id: u32, rows: &[Row]) {
        for row in rows {
            let Some(postings) = self.keys.get_mut(&row.key).map(Arc::make_mut) else { continue };
            postings.present.remove(id);
            if let Some(value) = &row.value
                && let Some(ids) = postings.values.get_mut(value)
            {
                ids.remove(id);
                if ids.is_empty() {
                    postings.values.remove(value);
                }
            }
            if postings.present.is_empty() {
                self.keys.remove(&row.key);
            }
        }
    }

    /// The entities with a row for a key.
    pub(super) fn present(&self, key: &str) -> Cow<'_, Ids> {
        self.keys.get(key).map_or(Cow::Owned(Ids::default()), |postings| Cow::Borrowed(&postings.present))
    }

    /// The entities with one of these values.
    pub(super) fn with_values<'v>(&self, key: &str, values: impl IntoIterator<Item = &'v String>) -> Ids {
        let Some(postings) = self.keys.get(key) else { return Ids::default() };
        Ids::union(values.into_iter().filter_map(|value| postings.values.get(value.as_str())))
    }

    /// The entities with a value that starts with this.
    pub(super) fn with_prefix(&self, key: &str, prefix: &str) -> Ids {
        let Some(postings) = self.keys.get(key) else { return Ids::default() };
        let from = (ops::Bound::Included(prefix), ops::Bound::Unbounded);
        let values = postings.values.range::<str, _>(from);
        Ids::union(values.take_while(|(value, _)| value.starts_with(prefix)).map(|(_, ids)| ids))
    }

    /// The entities with a value that passes a test. Looks at every value of the key.
    pub(super) fn passing(&self, key: &str, test: impl Fn(&str) -> bool) -> Ids {
        let Some(postings) = self.keys.get(key) else { return Ids::default() };
        Ids::union(postings.values.iter().filter(|(value, _)| test(value)).map(|(_, ids)| ids))
    }
}
