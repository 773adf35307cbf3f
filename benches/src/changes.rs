//! Changes to a catalog, and who hears of them.

use std::sync::Arc;

use idp_catalog::{Catalog, Delta, LiveQuery};
use idp_core::{Entity, Predicate};

use crate::now;
use crate::synthetic::{Sort, Synthetic};

/// The name of the source that a company's catalog is of.
pub const SOURCE: &str = "company";

/// Edits of a company's components: each gives another one another title.
#[derive(Clone, Debug)]
pub struct Edits {
    company: Synthetic,
    count: usize,
}

impl Edits {
    /// Edits of a company, from the first.
    #[must_use]
    pub fn of(company: Synthetic) -> Self {
        Self { company, count: 0 }
    }

    /// So many edits as one change.
    pub fn delta(&mut self, count: usize) -> Delta {
        self.take(count).fold(Delta::of(SOURCE), Delta::upsert)
    }
}

impl Iterator for Edits {
    type Item = Entity;

    fn next(&mut self) -> Option<Entity> {
        let components = self.company.count(Sort::Component);
        // A prime step: neighbours in the change are none in the catalog.
        let number = self.count * 7_919 % components;
        let mut entity = self.company.entity(self.company.size() - components + number);
        self.count += 1;
        entity["metadata"]["title"] = format!("Edit {}", self.count).into();
        Entity::from_value(entity).ok()
    }
}

/// Has a catalog make a change.
///
/// # Panics
/// Where the log fails, or the change is none.
pub fn apply(catalog: &Catalog, delta: &Delta) {
    let report = now(catalog.apply(delta)).expect("the log takes events");
    assert!(report.counts.added + report.counts.updated > 0, "an edit changes something");
}

/// Live queries about the components of teams.
#[derive(Debug)]
pub struct Audience(Vec<LiveQuery>);

impl Audience {
    /// So many, each about another team while there are enough.
    ///
    /// # Panics
    /// Never: the predicates are sound.
    #[must_use]
    pub fn of(catalog: &Arc<Catalog>, company: Synthetic, count: usize) -> Self {
        let about = |number| {
            let team = Sort::Group.name(number % company.count(Sort::Group));
            let predicate = Predicate::equals("kind", "component") & Predicate::equals("spec.owner", team);
            catalog.live(&predicate).expect("the predicate is sound")
        };
        Self((0..count).map(about).collect())
    }

    /// Has every one of them hear what is new, and answers how many found that their result changed.
    ///
    /// # Panics
    /// Where the log fails.
    pub fn hear(&mut self) -> usize {
        let hear = |query: &mut LiveQuery| now(query.try_next()).expect("the log answers").is_some();
        self.0.iter_mut().map(hear).filter(|heard| *heard).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::full_catalog;

    #[test]
    fn an_edit_is_heard_by_those_it_is_about() {
        let company = Synthetic::new(1_000);
        let catalog = Arc::new(full_catalog(company));
        let mut edits = Edits::of(company);
        let mut audience = Audience::of(&catalog, company, 100);
        assert_eq!(audience.hear(), 0);
        apply(&catalog, &edits.delta(1));
        let edit = Edits::of(company).next().expect("edits never end");
        let owner = &edit.as_value()["spec"]["owner"];
        let about =
            (0..100).filter(|number| *owner == *Sort::Group.name(number % company.count(Sort::Group)));
        assert_eq!(audience.hear(), about.count());
        apply(&catalog, &edits.delta(500));
        assert_eq!(catalog.snapshot().len(), company.size());
    }
}
