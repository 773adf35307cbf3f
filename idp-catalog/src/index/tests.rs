use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::Bound::{self, Excluded, Included, Unbounded};

use idp_core::Entity;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::{Cell, Ids, Index, IndexBuilder, Keys};
use crate::query::{Row, Scalar, of_key, rows};

/// Values that meet each other: cases, numbers, dates, lists, lists of lists and objects, keys with dots.
fn value() -> impl Strategy<Value = Json> {
    let text =
        prop::sample::select(vec!["a", "A", "b", "ab", "true", "10", "9", "2026-03-01", "", "x.y", "Σ"]);
    let scalar = prop_oneof![
        4 => text.clone().prop_map(Json::from),
        1 => (0..12_i32).prop_map(Json::from),
        1 => any::<bool>().prop_map(Json::from),
        1 => Just(Json::Null),
        1 => Just(Json::from("long".repeat(60))),
    ];
    let texts = prop::collection::vec(text, 0..4).prop_map(|it| json!(it));
    let list = prop::collection::vec(scalar.clone(), 0..3).prop_map(|it| json!(it));
    let object =
        (prop::sample::select(vec!["a", "b", "x.y"]), scalar.clone()).prop_map(|(k, v)| json!({k: v}));
    prop_oneof![3 => scalar, 2 => texts, 1 => list, 2 => object]
}

/// What is told of an entity, and the rows that are the truth about it.
#[derive(Debug, Clone)]
struct Told {
    document: Json,
    rows: Vec<Row<'static>>,
}

impl Told {
    fn of(document: Json) -> Self {
        let entity = Entity::from_value(document.clone()).unwrap();
        let rows = rows(&entity, &[]).into_iter().map(Row::into_owned).collect();
        Self { document, rows }
    }

    fn cells(&self, keys: &mut Keys) -> Vec<Cell<'_>> {
        keys.cells_of((&self.document).into())
    }
}

/// Changes the index from what was told of an entity, if anything was.
fn replace(index: &mut Index, id: u32, old: Option<&Told>, new: Option<&Told>) {
    let mut keys = Keys::default();
    let [old, new] = [old, new].map(|told| told.map(|it| it.cells(&mut keys)).unwrap_or_default());
    index.replace(id, &keys, &old, &new);
}

fn entity() -> impl Strategy<Value = Told> {
    let spec = prop::collection::btree_map(
        prop::sample::select(vec!["k", "K", "l", "l.a", "m", "ΤΑΓΣ"]),
        value(),
        0..4,
    );
    let name = prop::sample::select(vec!["payments", "Repay", "Straße-ÄB", "straße-äb", "true", "10"]);
    (name, spec).prop_map(|(name, spec)| {
        Told::of(json!({"apiVersion": "v1", "kind": "K", "metadata": {"name": name}, "spec": spec}))
    })
}

const KEYS: [&str; 14] = [
    "metadata.name",
    "spec.k",
    "spec.k.a",
    "spec.k.true",
    "spec.k.x.y",
    "spec.k.",
    "spec.l",
    "spec.l.a",
    "spec.l.a.a",
    "spec.m",
    "nope",
    "spec.ταγς",
    "spec.ταγσ.a",
    "spec.k.ς",
];
const VALUES: [&str; 9] = ["a", "b", "ab", "true", "10", "9", "2026-03-01", "", "x.y"];

const PARTS: [&str; 11] = ["", "a", "b", "ru", "ong", "-0", "pay", "ßE", "ße-ä", "äb", "payment"];

/// Those whose rows of a key pass a test.
fn scan(entities: &BTreeMap<u32, Told>, key: &str, test: impl Fn(&Row<'_>) -> bool) -> Vec<u32> {
    entities.iter().filter(|(_, told)| of_key(&told.rows, key).iter().any(&test)).map(|(id, _)| *id).collect()
}

fn list(ids: &Ids) -> Vec<u32> {
    ids.iter().collect()
}

/// How many entities have each value of a key, in lower case: by the index.
fn counted(index: &Index, key: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for (value, count) in index.counts(key, None) {
        *counts.entry(value.to_lowercase()).or_default() += count;
    }
    counts
}

/// The same by the rows.
fn told(entities: &BTreeMap<u32, Told>, key: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for value in
        entities.values().flat_map(|told| of_key(&told.rows, key)).filter_map(|row| row.value.as_deref())
    {
        *counts.entry(value.to_owned()).or_default() += 1;
    }
    counts
}

fn check(index: &Index, entities: &BTreeMap<u32, Told>) -> Result<(), TestCaseError> {
    for key in KEYS {
        prop_assert_eq!(counted(index, key), told(entities, key), "{}", key);
        prop_assert_eq!(list(&index.present(key)), scan(entities, key, |_| true), "{}", key);
        for value in VALUES {
            let is = |row: &Row<'_>| row.value.as_deref() == Some(value);
            prop_assert_eq!(
                list(&index.with_values(key, [value])),
                scan(entities, key, is),
                "{} {}",
                key,
                value
            );
            let starts = |row: &Row<'_>| row.value.as_deref().is_some_and(|it| it.starts_with(value));
            prop_assert_eq!(
                list(&index.with_prefix(key, value)),
                scan(entities, key, starts),
                "{} {}",
                key,
                value
            );
        }
        for part in PARTS {
            let contains = |row: &Row<'_>| row.value.as_deref().is_some_and(|it| it.contains(part));
            prop_assert_eq!(
                list(&index.containing(key, part)),
                scan(entities, key, contains),
                "{} {}",
                key,
                part
            );
        }
        for (from, to) in BOUNDS {
            check_range(index, entities, key, from, to)?;
        }
        let odd = |value: &str| value.len() % 2 == 1;
        let is_odd = |row: &Row<'_>| row.value.as_deref().is_some_and(odd);
        prop_assert_eq!(list(&index.passing(key, odd)), scan(entities, key, is_odd), "{}", key);
        if let Some(column) = index.column(key) {
            check_column(column, key, entities)?;
        }
    }
    Ok(())
}

/// Bounds of every sort, some of which no value can lie between.
const BOUNDS: [(Bound<&str>, Bound<&str>); 11] = [
    (Unbounded, Included("9.0")),
    (Unbounded, Excluded("9")),
    (Included("1"), Unbounded),
    (Excluded("9.0"), Unbounded),
    (Included("9"), Included("10")),
    (Included("10"), Included("9")),
    (Included("2026-03-01t00:00:00z"), Unbounded),
    (Unbounded, Excluded("2026-03-01")),
    (Included("ab"), Unbounded),
    (Unbounded, Excluded("ab")),
    (Included("2026-"), Included("b")),
];

/// On which side of a bound a value lies, as the documentation of comparisons has it.
fn side(value: &str, bound: &str) -> Option<Ordering> {
    let (value, bound) = (Scalar::of(value), Scalar::of(bound));
    match bound.is_letters() {
        true => (!value.is_like(&Scalar::of("0"))).then(|| value.text.cmp(bound.text)),
        false => value.is_like(&bound).then(|| value.order(&bound)),
    }
}

fn check_range(
    index: &Index,
    entities: &BTreeMap<u32, Told>,
    key: &str,
    from: Bound<&str>,
    to: Bound<&str>,
) -> Result<(), TestCaseError> {
    let holds = |value: &str| {
        let above = match from {
            Included(bound) => side(value, bound).is_some_and(Ordering::is_ge),
            Excluded(bound) => side(value, bound).is_some_and(Ordering::is_gt),
            Unbounded => true,
        };
        let below = match to {
            Included(bound) => side(value, bound).is_some_and(Ordering::is_le),
            Excluded(bound) => side(value, bound).is_some_and(Ordering::is_lt),
            Unbounded => true,
        };
        above && below
    };
    let [lower, upper] = [from, to].map(|bound| bound.map(|it| Scalar::of(it.to_owned())));
    let found = index.within(key, (lower.as_ref(), upper.as_ref()), holds);
    let want = scan(entities, key, |row| row.value.as_deref().is_some_and(holds));
    prop_assert_eq!(list(&found), want, "{} {:?} {:?}", key, from, to);
    Ok(())
}

fn check_column(
    column: &super::Column,
    key: &str,
    entities: &BTreeMap<u32, Told>,
) -> Result<(), TestCaseError> {
    let order: Vec<Cow<'_, str>> = column.in_order().map(|it| it.lower()).collect();
    let mut reverse: Vec<Cow<'_, str>> = column.in_reverse().map(|it| it.lower()).collect();
    reverse.reverse();
    prop_assert_eq!(&order, &reverse);
    prop_assert_eq!(column.distinct(), order.len());
    for value in VALUES {
        let bound = Scalar::of(value);
        let from: Vec<Cow<'_, str>> = column.at_least(&bound).map(|it| it.lower()).collect();
        let is = |side: fn(Ordering) -> bool| {
            order.iter().filter(move |it| side(Scalar::of(&***it).order(&bound))).cloned().collect::<Vec<_>>()
        };
        prop_assert_eq!(from, is(Ordering::is_ge));
        let mut to: Vec<Cow<'_, str>> = column.at_most(&bound).map(|it| it.lower()).collect();
        to.reverse();
        prop_assert_eq!(to, is(Ordering::is_le));
    }
    let within: Ids = entities.keys().copied().filter(|id| id % 2 == 0).collect();
    let by_entity: Vec<_> = column
        .counts_by_entity(&within)
        .into_iter()
        .filter(|it| it.1 > 0)
        .map(|(v, n)| (v.original(), n))
        .collect();
    let by_value: Vec<_> = column
        .in_order()
        .map(|it| (it.original(), it.ids().intersection_len(&within)))
        .filter(|it| it.1 > 0)
        .collect();
    prop_assert_eq!(&by_entity, &by_value);
    prop_assert_eq!(column.counts(Some(&within)), by_value);
    for (id, told) in entities {
        let mut of_column: Vec<Cow<'_, str>> = column.values_of(*id).map(|it| it.original()).collect();
        of_column.sort_unstable();
        if column.present().contains(*id) {
            let mut want: Vec<&str> =
                of_key(&told.rows, key).iter().filter_map(|it| it.original.as_deref()).collect();
            want.sort_unstable();
            prop_assert_eq!(of_column, want);
        }
    }
    Ok(())
}

#[test]
fn a_list_of_many_texts_is_looked_through_once() {
    let many: Vec<String> = (0..30_000).map(|it| format!("t{it}")).collect();
    let entity = json!({"apiVersion": "v1", "kind": "K", "metadata": {"name": "n"}, "spec": {"list": many}});
    let mut keys = Keys::default();
    let cells = keys.cells_of((&entity).into());
    let groups = super::groups(&cells).count();
    assert!(groups < 10, "the implied values are not in columns of their own: {groups}");
    let mut index = Index::default();
    index.replace(1, &keys, &[], &cells);
    assert_eq!(list(&index.present("spec.list.t29999")), [1]);
}

#[test]
fn values_that_repeat_late_are_one_value() {
    const APART: u32 = 40_000;
    let mut builder = IndexBuilder::default();
    for id in 0..APART + 100 {
        let told = json!({"kind": "K", "spec": {"k": format!("t{}", id % APART), "n": id % APART}});
        builder.insert(id, (&told).into());
    }
    let index = IndexBuilder::build([(builder, None)], || ());
    for key in ["spec.k", "spec.n"] {
        let counts = counted(&index, key);
        assert_eq!(counts.len(), APART as usize, "{key}");
        assert_eq!(counts.values().filter(|count| **count == 2).count(), 100, "{key}");
    }
    assert_eq!(list(&index.with_values("spec.k", ["t7"])), [7, APART + 7]);
    assert_eq!(index.columns().map(|keyed| keyed.column.scalars).max(), Some(APART as usize));
}

/// The index of entities, of which so many builders were told. It numbers them by their places among what they came as.
fn built(entities: &BTreeMap<u32, Told>, builders: usize, came_as: Option<&[u32]>) -> Index {
    let mut all: Vec<_> = (0..builders).map(|_| (IndexBuilder::default(), Vec::new())).collect();
    for (id, told) in entities {
        let (builder, ids) = &mut all[*id as usize % builders];
        let number = if came_as.is_some() { ids.len() as u32 } else { *id };
        builder.insert(number, (&told.document).into());
        ids.push(
            came_as.and_then(|came_as| came_as.iter().position(|it| it == id)).unwrap_or_default() as u32
        );
    }
    let all =
        all.iter_mut().map(|(builder, ids)| (std::mem::take(builder), came_as.is_some().then_some(&**ids)));
    IndexBuilder::build(all, || ())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_index_finds_what_a_scan_finds(
        steps in prop::collection::vec((0..40_u32, prop::option::weighted(0.8, entity())), 1..60),
        cut in 0..60_usize,
    ) {
        let (mut index, mut entities) = (Index::default(), BTreeMap::<u32, Told>::new());
        let mut kept = None;
        for (at, (id, told)) in steps.iter().enumerate() {
            if at == cut {
                kept = Some((index.clone(), entities.clone()));
            }
            replace(&mut index, *id, entities.get(id), told.as_ref());
            match told {
                Some(told) => entities.insert(*id, told.clone()),
                None => entities.remove(id),
            };
        }
        check(&index, &entities)?;
        let [one, some] = [1, cut % 3 + 1].map(|builders| built(&entities, builders, None));
        check(&some, &entities)?;
        prop_assert!(one.columns().map(|it| &it.key).eq(some.columns().map(|it| &it.key)));
        // A permutation: where each number stands is the number that it becomes.
        let came_as: Vec<u32> = (0..40).map(|number| (number * 7 + cut as u32) % 40).collect();
        let renumbered = (0..).zip(&came_as).filter_map(|(number, came_as)| {
            Some((number, entities.get(came_as)?.clone()))
        });
        check(&built(&entities, cut % 3 + 1, Some(&came_as)), &renumbered.collect())?;
        if let Some((index, entities)) = kept {
            check(&index, &entities)?;
        }
    }
}
