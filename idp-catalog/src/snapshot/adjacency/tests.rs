use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

/// What each number declares, as plainly as can be.
type Plain = BTreeMap<u32, Vec<Link>>;

/// Every number is below.
const END: u32 = 300;

/// Links of every shape: few or too many for a page, to a few targets or to one that everybody names, of kinds and in
/// items that are too large for a page.
fn links() -> impl Strategy<Value = Vec<Link>> {
    let link = |others: std::ops::Range<u32>| {
        let kinds = prop_oneof![20 => 0..3_u32, 1 => Just(70_000)];
        let items = prop_oneof![20 => 0..9_u32, 1 => Just(u32::MAX)];
        (kinds, others, items).prop_map(|(kind, other, item)| Link { kind: KindId::of(kind), other, item })
    };
    let lists = prop_oneof![
        6 => prop::collection::vec(link(0..END), 0..4),
        3 => prop::collection::vec(link(7..8), 1..3),
        1 => prop::collection::vec(link(0..END), 30..60),
    ];
    lists.prop_map(sorted)
}

/// Sorted, and each kind and target once, as a model declares them.
fn sorted(mut links: Vec<Link>) -> Vec<Link> {
    links.sort_by_key(|it| (it.kind, it.other));
    links.dedup_by_key(|it| (it.kind, it.other));
    links
}

/// One number declares what it says now.
fn declare(adjacency: &mut Adjacency, plain: &mut Plain, number: u32, links: &[Link]) {
    let before = plain.insert(number, links.to_vec()).unwrap_or_default();
    before.iter().for_each(|link| adjacency.remove_back(link.other, link.kind, number));
    links.iter().for_each(|link| adjacency.add_back(link.other, link.kind, number));
    adjacency.set_out(number, links);
}

fn built(plain: &Plain) -> Adjacency {
    let mut builder = AdjacencyBuilder::default();
    plain.iter().for_each(|(number, links)| builder.push(*number, links.iter().copied()));
    builder.build(END)
}

/// Who declares relations on each number.
fn backwards(plain: &Plain) -> BTreeMap<u32, BTreeSet<(KindId, u32)>> {
    let mut back: BTreeMap<u32, BTreeSet<_>> = BTreeMap::new();
    for (number, links) in plain {
        links.iter().for_each(|link| _ = back.entry(link.other).or_default().insert((link.kind, *number)));
    }
    back
}

/// Holds every question to the plain answer.
fn check(adjacency: &Adjacency, plain: &Plain) -> Result<(), TestCaseError> {
    let (back, kinds) = (backwards(plain), (0..70_001).map(|kind| kind != 1).collect::<KindSet>());
    let taken = |kind: &KindId| kinds.has(*kind);
    for number in 0..END + 100 {
        let (out, empty) = (plain.get(&number).cloned().unwrap_or_default(), BTreeSet::new());
        prop_assert_eq!(adjacency.out(number).collect::<Vec<_>>(), out.clone());
        for (at, link) in out.iter().enumerate() {
            let key = (link.kind, link.other);
            let found = adjacency.find_out(number, key, |it| (it.kind, it.other) < key);
            prop_assert_eq!(found, Some(out[at]));
        }
        prop_assert_eq!(adjacency.find_out(number, (KindId::of(9), 0), |_| true), None);
        let from = back.get(&number).unwrap_or(&empty);
        let all = adjacency.back(number).flat_map(|(kind, others)| others.iter().map(move |it| (kind, it)));
        prop_assert!(all.eq(from.iter().copied()));
        for (kind, others) in adjacency.back(number) {
            let of_kind: Vec<u32> =
                from.iter().filter(|(it, _)| *it == kind).map(|(_, number)| *number).collect();
            prop_assert_eq!(others.len(), of_kind.len());
            prop_assert!(others.ids().iter().eq(of_kind));
        }
        prop_assert_eq!(adjacency.has_back(number), !from.is_empty());
        let (mut outwards, mut inwards) = (Vec::new(), Vec::new());
        adjacency.visit_out(number, &kinds, |other, is_taken| outwards.extend(is_taken.then_some(other)));
        adjacency.visit_back(number, &kinds, |other, is_taken| inwards.extend(is_taken.then_some(other)));
        prop_assert!(outwards.into_iter().eq(out.iter().filter(|it| taken(&it.kind)).map(|it| it.other)));
        prop_assert!(inwards.into_iter().eq(from.iter().filter(|(kind, _)| taken(kind)).map(|it| it.1)));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn as_a_map_of_lists_and_a_map_of_sets(
        start in prop::collection::btree_map(0..END, links(), 0..80),
        steps in prop::collection::vec((0..END, links()), 0..60),
    ) {
        let (mut adjacency, mut plain) = (built(&start), start.clone());
        let kept = adjacency.clone();
        for (number, links) in steps {
            declare(&mut adjacency, &mut plain, number, &links);
        }
        check(&adjacency, &plain)?;
        check(&kept, &start)?;
        check(&built(&plain), &plain)?;
    }
}

#[test]
fn what_everybody_names_comes_and_goes() {
    let (mut adjacency, mut plain) = (Adjacency::default(), Plain::new());
    let hub = Link { kind: KindId::of(0), other: 7, item: 0 };
    for number in 0..END {
        declare(&mut adjacency, &mut plain, number, &[hub]);
    }
    assert!(matches!(adjacency.back.get(7), Row::Long(_)));
    check(&adjacency, &plain).unwrap();
    for number in 0..END {
        declare(&mut adjacency, &mut plain, number, &[]);
    }
    assert!(matches!(adjacency.back.get(7), Row::Short([])));
    check(&adjacency, &plain).unwrap();
}
