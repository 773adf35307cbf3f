//! From one snapshot to the next.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use idp_core::{EntityRef, Relation};

use super::explain::is_disputed;
use super::view::{Claimant, Conflict, Finding};
use super::{CatalogChange, Record, Snapshot};
use crate::catalog::{Claim, State, Touched};
use crate::index::IndexBuilder;
use crate::model::{Declared, Model};
use crate::query::rows;

impl Snapshot {
    /// The snapshot of a state, built from nothing.
    pub(crate) fn of(state: &State, model: &Model) -> Self {
        let touched = Touched { entities: state.references().cloned().collect(), unread: true };
        Self::default().evolve(state, model, &touched).0
    }

    /// The snapshot of a state that differs from this one's in what is touched, and what others see differently.
    pub(crate) fn evolve(
        &self,
        state: &State,
        model: &Model,
        touched: &Touched,
    ) -> (Self, Vec<CatalogChange>) {
        let mut next = self.clone();
        next.revision = state.revision;
        if touched.unread {
            next.unread(state);
        }
        if *next.precedence != state.precedence {
            next.precedence = Arc::new(state.precedence.clone());
        }
        let mut dirty = touched.entities.clone();
        for entity_ref in &touched.entities {
            next.review(state, entity_ref);
            next.relate(state, model, entity_ref, &mut dirty);
        }
        let changes: Vec<CatalogChange> =
            dirty.iter().filter_map(|entity_ref| next.rebuild(state, model, entity_ref)).collect();
        next.reindex(&changes);
        (next, changes)
    }

    /// Moves the edges that an entity declares from what it said to what it says.
    fn relate(
        &mut self,
        state: &State,
        model: &Model,
        entity_ref: &EntityRef,
        dirty: &mut BTreeSet<EntityRef>,
    ) {
        let known = self.get(entity_ref);
        let entity = state.winner(entity_ref).and_then(|claim| claim.entity.as_ref());
        if known.map(|record| &record.entity) == entity {
            return;
        }
        let before = known.map(|record| record.declared.clone()).unwrap_or_default();
        let after = entity.map(|entity| model.relations(entity)).unwrap_or_default();
        if before == after {
            return;
        }
        for declared in &before {
            let target = &declared.relation.target_ref;
            if let Some(edge) = back(declared, entity_ref) {
                self.nodes.remove_incoming(target, &edge);
            }
            dirty.insert(target.clone());
        }
        for declared in &after {
            let target = &declared.relation.target_ref;
            if let Some(edge) = back(declared, entity_ref) {
                self.nodes.add_incoming(target, edge);
            }
            dirty.insert(target.clone());
        }
    }

    /// Makes one entity's record anew. Says how it changed, if it did.
    fn rebuild(&mut self, state: &State, model: &Model, entity_ref: &EntityRef) -> Option<CatalogChange> {
        let record = state.winner(entity_ref).and_then(|claim| self.record(state, model, entity_ref, claim));
        match record {
            Some(record) => self.insert(record),
            None => self.remove(entity_ref),
        }
    }

    fn record(&self, state: &State, model: &Model, entity_ref: &EntityRef, claim: &Claim) -> Option<Record> {
        let entity = claim.entity.clone()?;
        let changed = state.changed.get(entity_ref)?;
        // Most records are made anew because somebody else points at them.
        let same = self.get(entity_ref).filter(|record| record.entity == entity);
        let declared = same.map_or_else(|| model.relations(&entity), |record| record.declared.clone());
        let outgoing = declared.iter().map(|declared| declared.relation.clone());
        let incoming = self.nodes.incoming(entity_ref).cloned();
        let relations: BTreeSet<Relation> = outgoing.chain(incoming).collect();
        let relations: Vec<Relation> = relations.into_iter().collect();
        let mut rows = rows(&entity, &relations);
        self.index.share(&mut rows);
        Some(Record {
            rows,
            entity,
            declared,
            relations,
            source: Arc::clone(&claim.source),
            location: Arc::clone(&claim.location),
            changed: changed.revision,
            changed_at: changed.time,
            quarantined: claim.quarantined,
            diagnostics: claim.diagnostics.clone(),
        })
    }

    fn insert(&mut self, record: Record) -> Option<CatalogChange> {
        if self.get(record.entity_ref()).is_some_and(|known| **known == record) {
            return None;
        }
        let record = Arc::new(record);
        let old = self.nodes.put(Arc::clone(&record));
        Some(CatalogChange::to(record, old))
    }

    fn remove(&mut self, entity_ref: &EntityRef) -> Option<CatalogChange> {
        let (number, old) = self.nodes.take(entity_ref)?;
        Arc::make_mut(&mut self.index).remove(number, &old.rows);
        Some(CatalogChange::gone(old))
    }

    /// Has the index follow what came and what changed.
    fn reindex(&mut self, changes: &[CatalogChange]) {
        let index = Arc::make_mut(&mut self.index);
        let come = changes.iter().filter_map(|change| Some((change.after()?, change.before())));
        let numbered = come
            .filter_map(|(record, before)| Some((self.nodes.number(record.entity_ref())?, record, before)));
        if index.is_empty() {
            let mut all: Vec<_> = numbered.collect();
            all.sort_unstable_by_key(|(number, ..)| *number);
            let mut builder = IndexBuilder::default();
            all.iter().for_each(|(number, record, _)| builder.insert(*number, &record.rows));
            *index = builder.build();
            return;
        }
        for (number, record, before) in numbered {
            index.replace(number, before.map_or(&[][..], |it| &it.rows), &record.rows);
        }
    }

    fn unread(&mut self, state: &State) {
        let findings = state.unread.iter().map(|((source, location), diagnostics)| Finding {
            claimant: Claimant { source: Arc::clone(source), location: Arc::clone(location) },
            entity_ref: None,
            diagnostics: diagnostics.clone(),
        });
        self.unread = Arc::new(findings.collect());
    }

    /// Notes what is wrong with the claims on an entity, whether there are too many, and what is left of it.
    fn review(&mut self, state: &State, entity_ref: &EntityRef) {
        let claims = state.ranked(entity_ref);
        let wrong = claims.iter().filter(|claim| !claim.diagnostics.is_empty());
        let wrong: Vec<Finding> = wrong.map(|claim| Finding::of(entity_ref, claim)).collect();
        set(&mut self.findings, entity_ref, (!wrong.is_empty()).then_some(wrong));
        let disputed = is_disputed(&claims).then(|| claims.iter().map(|it| (*it).clone()).collect());
        set(&mut self.disputed, entity_ref, disputed);
        set(&mut self.conflicts, entity_ref, Conflict::among(&claims));
        set(&mut self.departed, entity_ref, state.departures.get(entity_ref).cloned());
    }
}

/// Makes a shared map say this of an entity, without a copy where it says so already that there is nothing.
fn set<V: Clone>(map: &mut Arc<BTreeMap<EntityRef, V>>, entity_ref: &EntityRef, value: Option<V>) {
    match value {
        Some(value) => {
            Arc::make_mut(map).insert(entity_ref.clone(), value);
        }
        None if map.contains_key(entity_ref) => {
            Arc::make_mut(map).remove(entity_ref);
        }
        None => {}
    }
}

/// The edge as its target sees it, if it does.
fn back(declared: &Declared, from: &EntityRef) -> Option<Relation> {
    declared.reverse.as_ref().map(|reverse| Relation::new(&**reverse, from.clone()))
}
