//! Which entities have which values: posting lists per key, and per key and value.

use std::collections::{BTreeMap, HashMap};
use std::ops;
use std::sync::Arc;

use idp_core::Predicate;

use super::bound::Bound;
use super::rows::Row;

/// Numbers of entities, ascending.
pub(crate) type Ids = Vec<u32>;

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
            add(&mut postings.present, id);
            if let Some(value) = &row.value {
                add(postings.values.entry(Arc::clone(value)).or_default(), id);
            }
        }
    }

    /// Takes out the rows an entity was added with.
    pub(crate) fn remove(&mut self, id: u32, rows: &[Row]) {
        for row in rows {
            let Some(postings) = self.keys.get_mut(&row.key).map(Arc::make_mut) else { continue };
            take(&mut postings.present, id);
            if let Some(value) = &row.value
                && let Some(ids) = postings.values.get_mut(value)
            {
                take(ids, id);
                if ids.is_empty() {
                    postings.values.remove(value);
                }
            }
            if postings.present.is_empty() {
                self.keys.remove(&row.key);
            }
        }
    }

    /// The entities a predicate holds for; `all` is every entity there is.
    pub(crate) fn select(&self, predicate: &Predicate, all: &[u32]) -> Ids {
        match predicate {
            Predicate::All(parts) => {
                let mut parts = parts.iter();
                let Some(first) = parts.next() else { return all.to_vec() };
                let first = self.select(first, all);
                // Later conditions only need to look at what earlier ones left over.
                parts.fold(
                    first,
                    |left, part| if left.is_empty() { left } else { self.select_in(part, &left) },
                )
            }
            Predicate::Any(parts) => {
                parts.iter().fold(Ids::new(), |ids, part| union(&ids, &self.select(part, all)))
            }
            Predicate::Not(part) => difference(all, &self.select(part, all)),
            Predicate::Exists(field) => self.postings(field).map(|it| it.present.clone()).unwrap_or_default(),
            Predicate::In(field, values) => self.with_values(field, values),
            Predicate::Prefix(field, prefix) => self.with_prefix(field, &prefix.to_lowercase()),
            Predicate::Compare(field, comparison, bound) => {
                self.with_bound(field, &Bound::new(*comparison, bound))
            }
            _ => Ids::new(),
        }
    }

    /// The entities of `within` that a predicate holds for.
    fn select_in(&self, predicate: &Predicate, within: &[u32]) -> Ids {
        match predicate {
            Predicate::All(parts) => {
                parts.iter().fold(within.to_vec(), |left, part| self.select_in(part, &left))
            }
            Predicate::Not(part) => difference(within, &self.select_in(part, within)),
            _ => intersection(within, &self.select(predicate, within)),
        }
    }

    fn with_values(&self, field: &str, values: &[String]) -> Ids {
        let Some(postings) = self.postings(field) else { return Ids::new() };
        values
            .iter()
            .filter_map(|value| postings.values.get(value.to_lowercase().as_str()))
            .fold(Ids::new(), |ids, more| union(&ids, more))
    }

    fn with_prefix(&self, field: &str, prefix: &str) -> Ids {
        let Some(postings) = self.postings(field) else { return Ids::new() };
        let from = (ops::Bound::Included(prefix), ops::Bound::Unbounded);
        let matching =
            postings.values.range::<str, _>(from).take_while(|(value, _)| value.starts_with(prefix));
        gather(matching.map(|(_, ids)| ids))
    }

    /// Looks at every value of the field: texts that are numbers are not in the order of their size.
    fn with_bound(&self, field: &str, bound: &Bound) -> Ids {
        let Some(postings) = self.postings(field) else { return Ids::new() };
        gather(postings.values.iter().filter(|(value, _)| bound.holds(value)).map(|(_, ids)| ids))
    }

    fn postings(&self, field: &str) -> Option<&Postings> {
        self.keys.get(field.to_lowercase().as_str()).map(|it| &**it)
    }
}

fn gather<'i>(lists: impl Iterator<Item = &'i Ids>) -> Ids {
    let mut ids: Ids = lists.flatten().copied().collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn add(ids: &mut Ids, id: u32) {
    match ids.last() {
        Some(last) if *last < id => ids.push(id),
        None => ids.push(id),
        _ => {
            if let Err(at) = ids.binary_search(&id) {
                ids.insert(at, id);
            }
        }
    }
}

fn take(ids: &mut Ids, id: u32) {
    if let Ok(at) = ids.binary_search(&id) {
        ids.remove(at);
    }
}

fn union(a: &[u32], b: &[u32]) -> Ids {
    let (mut i, mut j) = (0, 0);
    let mut out = Ids::with_capacity(a.len() + b.len());
    while i < a.len() && j < b.len() {
        let next = a[i].min(b[j]);
        i += usize::from(a[i] == next);
        j += usize::from(b[j] == next);
        out.push(next);
    }
    out.extend_from_slice(&a[i..]);
    out.extend_from_slice(&b[j..]);
    out
}

fn intersection(a: &[u32], b: &[u32]) -> Ids {
    let (small, large) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let mut rest = large;
    let mut out = Ids::with_capacity(small.len());
    for id in small {
        rest = &rest[rest.partition_point(|other| other < id)..];
        if rest.first() == Some(id) {
            out.push(*id);
        }
    }
    out
}

fn difference(a: &[u32], b: &[u32]) -> Ids {
    let mut rest = b;
    let mut out = Ids::with_capacity(a.len().saturating_sub(b.len()));
    for id in a {
        rest = &rest[rest.partition_point(|other| other < id)..];
        if rest.first() != Some(id) {
            out.push(*id);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn set_algebra() {
        assert_eq!(union(&[1, 3], &[1, 2, 9]), [1, 2, 3, 9]);
        assert_eq!(intersection(&[1, 3, 9], &[1, 2, 9]), [1, 9]);
        assert_eq!(difference(&[1, 3, 9], &[3]), [1, 9]);
    }
}
