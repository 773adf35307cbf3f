//! Entities in order, by walking the index where that costs less than sorting what was found.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use idp_core::EntityRef;

use super::cursor::Position;
use super::fields::{Field, FieldValue, Fields};
use super::order::{OrderBy, SortKey};
use super::page::{Found, Hits, smallest};
use super::scalar::Scalar;
use crate::index::Ids;
use crate::snapshot::Snapshot;

/// Up to so many entities are sorted without much thought.
const FEW: usize = 64;

/// A way through entities in an order, or against it, from the end or from a position.
pub(super) struct Walk<'q> {
    pub(super) snapshot: &'q Snapshot,
    pub(super) order: &'q [OrderBy],
    /// How many entities will be asked for.
    pub(super) wanted: usize,
    pub(super) backward: bool,
    pub(super) start: Option<Start<'q>>,
}

/// A position to start behind, or at.
pub(super) struct Start<'q> {
    keys: Vec<Option<SortKey>>,
    position: &'q Position,
    inclusive: bool,
}

impl<'q> Start<'q> {
    pub(super) fn new(position: &'q Position, order: &[OrderBy], inclusive: bool) -> Self {
        let read = |(by, key): (&OrderBy, &Option<Arc<str>>)| key.as_ref().map(|it| by.read(Arc::clone(it)));
        let keys = order.iter().zip(&position.keys).map(read).collect();
        Self { keys, position, inclusive }
    }
}

type Visit<'v> = &'v mut dyn FnMut(Found) -> ControlFlow<()>;
type Keys = Vec<Option<SortKey>>;

impl Walk<'_> {
    /// As many as are wanted, the first ones.
    pub(super) fn take(&self, hits: &Hits) -> Vec<Found> {
        let mut taken = Vec::new();
        let mut visit = |one| {
            taken.push(one);
            if taken.len() == self.wanted { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let _ = match hits {
            _ if self.wanted == 0 => ControlFlow::Break(()),
            Hits::Plain(found) => self.level(found, &mut Vec::new(), self.start.as_ref(), &mut visit),
            Hits::Ranked(hits) => self.sort(hits.iter().copied(), self.start.as_ref(), &mut visit),
        };
        taken
    }

    /// Visits entities whose first keys are these.
    fn level(
        &self,
        found: &Ids,
        keys: &mut Keys,
        start: Option<&Start<'_>>,
        visit: Visit<'_>,
    ) -> ControlFlow<()> {
        let Some(by) = self.order.get(keys.len()) else {
            return if self.pays(found, self.snapshot.len()) {
                self.walk_refs(found, keys, start, visit)
            } else {
                self.sort(found.iter().map(|id| (id, 0)), start, visit)
            };
        };
        let column = Fields::of(self.snapshot).field(by.field());
        match column.filter(|column| self.pays(found, column.distinct()) && by.is_order_of(*column)) {
            Some(column) => self.walk_column(column, by, found, keys, start, visit),
            None => self.sort(found.iter().map(|id| (id, 0)), start, visit),
        }
    }

    /// Whether walking so many steps, of which some lead to an entity of the set, costs less than sorting the set. A step
    /// costs about as much as sorting four entities' keys.
    fn pays(&self, found: &Ids, steps: usize) -> bool {
        let expected = self.wanted.saturating_mul(steps) / found.len().max(1);
        found.len() > FEW && expected.min(steps) < found.len().saturating_mul(4)
    }

    fn walk_column(
        &self,
        column: Field<'_>,
        by: &OrderBy,
        found: &Ids,
        keys: &mut Keys,
        start: Option<&Start<'_>>,
        visit: Visit<'_>,
    ) -> ControlFlow<()> {
        let nulls_first = by.has_nulls_first() != self.backward;
        let key = start.map(|start| start.keys[keys.len()].as_ref());
        if nulls_first && key.is_none_or(|key| key.is_none()) {
            self.group(&without_value(column, found), None, keys, start, visit)?;
        }
        match key {
            // The start lies in the last part of the walk.
            Some(None) if !nulls_first => {}
            _ => {
                self.walk_values(column, by, found, keys, start.filter(|_| key.flatten().is_some()), visit)?
            }
        }
        if nulls_first {
            return ControlFlow::Continue(());
        }
        let start = start.filter(|_| key.flatten().is_none());
        self.group(&without_value(column, found), None, keys, start, visit)
    }

    /// Visits the entities that have a value, from that of the start on.
    fn walk_values(
        &self,
        column: Field<'_>,
        by: &OrderBy,
        found: &Ids,
        keys: &mut Keys,
        start: Option<&Start<'_>>,
        visit: Visit<'_>,
    ) -> ControlFlow<()> {
        let first = start.and_then(|start| start.keys[keys.len()].as_ref());
        let mut values = self.values(column, by, first).peekable();
        while let Some(value) = values.next() {
            let key = Scalar::of(value.lower());
            let mut ids = value.ids().intersection(found);
            // Spellings of one value, and texts that say the same number, are one key.
            while let Some(same) = values.next_if(|it| Scalar::of(it.lower()).order(&key).is_eq()) {
                ids = Ids::union([ids, same.ids().intersection(found)]);
            }
            let ids = by.first_values(column, ids, &key);
            if ids.is_empty() {
                continue;
            }
            let start = start.filter(|_| first.is_some_and(|first| first.order(&key).is_eq()));
            self.group(&ids, Some(by.read(value.lower().into())), keys, start, visit)?;
        }
        ControlFlow::Continue(())
    }

    fn values<'c>(
        &self,
        column: Field<'c>,
        by: &OrderBy,
        first: Option<&SortKey>,
    ) -> Box<dyn Iterator<Item = FieldValue<'c>> + 'c> {
        match (by.is_ascending() != self.backward, first) {
            (true, None) => Box::new(column.in_order()),
            (true, Some(first)) => Box::new(column.at_least(first)),
            (false, None) => Box::new(column.in_reverse()),
            (false, Some(first)) => Box::new(column.at_most(first)),
        }
    }

    fn group(
        &self,
        ids: &Ids,
        key: Option<SortKey>,
        keys: &mut Keys,
        start: Option<&Start<'_>>,
        visit: Visit<'_>,
    ) -> ControlFlow<()> {
        if ids.is_empty() {
            return ControlFlow::Continue(());
        }
        keys.push(key);
        let flow = self.level(ids, keys, start, visit);
        keys.pop();
        flow
    }

    /// Visits entities with the same keys in the order of their references.
    fn walk_refs(
        &self,
        found: &Ids,
        keys: &Keys,
        start: Option<&Start<'_>>,
        visit: Visit<'_>,
    ) -> ControlFlow<()> {
        let excluded = start.filter(|start| !start.inclusive).map(|start| &start.position.entity_ref);
        for id in self.refs(found, start.map(|start| &start.position.entity_ref)) {
            if found.contains(id) && (excluded.is_none() || self.snapshot.reference(id) != excluded) {
                visit(Found { keys: keys.clone(), rank: 0, id })?;
            }
        }
        ControlFlow::Continue(())
    }

    /// Entities in the order of their references, from one of them on. A reference begins with its kind, so whole kinds
    /// that have nothing in the set are passed over.
    fn refs<'w>(
        &'w self,
        found: &'w Ids,
        first: Option<&'w EntityRef>,
    ) -> Box<dyn Iterator<Item = u32> + 'w> {
        let nodes = self.snapshot;
        let kinds = self.kinds();
        let first_kind = first.map(|first| format!("{}:", first.kind()));
        let inside = move |kind: &str| first.filter(|first| first.as_str().starts_with(kind));
        // Whoever reads on asks whether there is anything of the next kind.
        let is_met = |(_, ids): &(String, Vec<Ids>)| ids.iter().any(|ids| ids.intersects(found));
        if self.backward {
            let kinds = kinds.into_iter().rev();
            let kinds = kinds.filter(move |(kind, _)| first_kind.as_ref().is_none_or(|first| kind <= first));
            let met = kinds.filter(is_met);
            return Box::new(met.flat_map(move |(kind, _)| nodes.of_kind_backwards(&kind, inside(&kind))));
        }
        let kinds = kinds.into_iter();
        let kinds = kinds.filter(move |(kind, _)| first_kind.as_ref().is_none_or(|first| kind >= first));
        let met = kinds.filter(is_met);
        Box::new(met.flat_map(move |(kind, _)| nodes.of_kind(&kind, inside(&kind))))
    }

    /// The kinds as references begin with them, in order, and who is of each, in one set for each way to write it.
    fn kinds(&self) -> BTreeMap<String, Vec<Ids>> {
        let column = Fields::of(self.snapshot).field("kind");
        let mut kinds: BTreeMap<String, Vec<Ids>> = BTreeMap::new();
        for value in column.into_iter().flat_map(Field::in_order) {
            kinds.entry(format!("{}:", value.lower())).or_default().push(value.ids());
        }
        kinds
    }

    /// Visits entities, which come with their ranks, after sorting them.
    fn sort(
        &self,
        hits: impl Iterator<Item = (u32, u32)>,
        start: Option<&Start<'_>>,
        visit: Visit<'_>,
    ) -> ControlFlow<()> {
        let keys = Fields::of(self.snapshot);
        let found = hits.map(|(id, rank)| Found::new(keys, id, rank, self.order));
        let found = found.filter(|found| start.is_none_or(|start| self.is_ahead(found, start))).collect();
        let order = |a: &Found, b: &Found| {
            let order = a.order(b, self.order, self.snapshot);
            if self.backward { order.reverse() } else { order }
        };
        smallest(found, self.wanted, order).into_iter().try_for_each(visit)
    }

    fn is_ahead(&self, found: &Found, start: &Start<'_>) -> bool {
        match found.side(&start.keys, start.position, self.order, self.snapshot) {
            Ordering::Equal => start.inclusive,
            Ordering::Less => self.backward,
            Ordering::Greater => !self.backward,
        }
    }
}

fn without_value(column: Field<'_>, found: &Ids) -> Ids {
    Ids::union([found.difference(column.present()), found.intersection(column.null())])
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use idp_core::{Cursor, Document, MemoryLog, Page, Source, SourceContext, SourceInfo};
    use proptest::prelude::*;
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::{Catalog, Collation, Direction, Nulls};

    /// Entities with few values, many values, several values, none, and values of several sorts.
    #[derive(Debug)]
    struct Fleet;

    fn entity(number: usize) -> Json {
        let mixed = ["10", "9", "9.0", "2026-03-01", "x", "X", "y"][number * 5 % 7];
        let few = ["a", "b", "A"][number % 3];
        let kind = ["System", "Resource", "Domain"][number % 5 % 3];
        let mut spec = json!({
            "type": few, "owner": "team", "unique": format!("u{}", number * 37 % 500),
            "list": [mixed, "m", format!("n{}", number % 11)], "mixed": mixed,
        });
        if number.is_multiple_of(4) {
            spec["rare"] = json!(["s", "t"][number % 8 / 4]);
        }
        json!({
            "apiVersion": "backstage.io/v1alpha1", "kind": kind,
            "metadata": {"name": format!("r{}", number * 73 % 500)}, "spec": spec,
        })
    }

    #[async_trait::async_trait]
    impl Source for Fleet {
        fn info(&self) -> SourceInfo {
            SourceInfo::new("fleet", "many resources")
        }

        async fn page(&self, _: &SourceContext, _: Option<&Cursor>) -> idp_core::Result<Page> {
            let documents = (0..500).map(|it| Document::entity(format!("f{it}"), entity(it)));
            Ok(Page::complete(documents.collect()))
        }
    }

    fn snapshot() -> Arc<Snapshot> {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
            let catalog = Catalog::open(Arc::new(MemoryLog::new())).await.unwrap();
            assert_eq!(catalog.ingest(&Fleet).await.unwrap().counts.added, 500);
            catalog.snapshot()
        })
    }

    fn orders() -> impl Strategy<Value = Vec<OrderBy>> {
        let fields = [
            "spec.type",
            "spec.unique",
            "spec.list",
            "spec.mixed",
            "spec.rare",
            "spec.none",
            "metadata.name",
        ];
        let one = (
            prop::sample::select(fields.to_vec()),
            prop::sample::select(vec![Direction::Ascending, Direction::Descending]),
            prop::sample::select(vec![Nulls::First, Nulls::Last]),
            prop::sample::select(vec![Collation::Values, Collation::Letters]),
        );
        let one = one.prop_map(|(field, direction, nulls, collation)| {
            OrderBy::new(field, direction).nulls(nulls).collation(collation)
        });
        prop::collection::vec(one, 0..3)
    }

    fn refs(snapshot: &Snapshot, found: &[Found]) -> Vec<String> {
        found.iter().map(|it| snapshot.reference(it.id).unwrap().to_string()).collect()
    }

    fn sorted(walk: &Walk<'_>, found: &Ids) -> Vec<Found> {
        let mut taken = Vec::new();
        let _ = walk.sort(found.iter().map(|id| (id, 0)), walk.start.as_ref(), &mut |one| {
            taken.push(one);
            ControlFlow::Continue(())
        });
        taken
    }

    #[test]
    fn walking_finds_what_sorting_finds() {
        let snapshot = snapshot();
        let config = ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() };
        proptest!(config, |(
            order in orders(),
            keep in 1_u32..5,
            wanted in 1_usize..30,
            at in prop::option::of(0_usize..500),
            inclusive: bool,
            backward: bool,
        )| {
            let all = snapshot.entities();
            let found: Ids = all.iter().filter(|id| id % keep == 0).collect();
            // A position that may be in the set or not.
            let position = at.map(|at| {
                let id = all.iter().nth(at).unwrap();
                Found::new(Fields::of(&snapshot), id, 0, &order).position("q", &snapshot, false).unwrap()
            });
            let start = position.as_ref().map(|it| Start::new(it, &order, inclusive));
            let walk = Walk { snapshot: &snapshot, order: &order, wanted, backward, start };
            let walked = walk.take(&Hits::Plain(found.clone()));
            prop_assert_eq!(refs(&snapshot, &walked), refs(&snapshot, &sorted(&walk, &found)));
        });
    }
}
