//! Predicates answered with the index.

use super::elements::RELATIONS;
use super::evaluate::has_element;
use super::fields::Fields;
use super::matcher::{Condition, Matcher};
use super::test::ValueTest;
use crate::index::{Ids, Index};
use crate::snapshot::Snapshot;

/// Up to so many entities are looked at one by one, where the index would have to look at every value.
const FEW: usize = 512;

/// The entities a predicate holds for.
pub(crate) fn select(snapshot: &Snapshot, matcher: &Matcher) -> Ids {
    Selector::of(snapshot).find(matcher.condition(), None)
}

/// How many entities a predicate holds for.
pub(crate) fn count(snapshot: &Snapshot, matcher: &Matcher) -> usize {
    Selector::of(snapshot).count(matcher.condition())
}

/// Whether a predicate holds for an entity of a snapshot.
pub(crate) fn holds(snapshot: &Snapshot, matcher: &Matcher, id: u32) -> bool {
    Selector::of(snapshot).holds(matcher.condition(), id)
}

struct Selector<'s> {
    snapshot: &'s Snapshot,
    fields: Fields<'s>,
}

impl<'s> Selector<'s> {
    fn of(snapshot: &'s Snapshot) -> Self {
        Self { snapshot, fields: Fields::of(snapshot) }
    }

    /// The entities that a condition holds for: of all, or of `within`.
    fn find(&self, condition: &Condition, within: Option<&Ids>) -> Ids {
        if let Some(few) = within.filter(|it| it.len() <= FEW && looks_at_every_value(condition)) {
            return self.one_by_one(condition, few);
        }
        match condition {
            Condition::All(parts) => self.find_all(parts, within),
            Condition::Any(parts) => {
                let found: Vec<Ids> = parts.iter().map(|part| self.find(part, within)).collect();
                Ids::union(&found)
            }
            Condition::Not(part) => {
                let all = within.unwrap_or(self.all());
                all.difference(&self.find(part, within))
            }
            Condition::Exists(key) => restrict(&self.fields.present(key), within),
            Condition::Value(key, test) => narrow(self.fields.passing(key, test), within),
            Condition::Exactly(key, test) => narrow(self.fields.passing_exactly(key, test), within),
            Condition::Has(..) => self.one_by_one(condition, &narrow(self.candidates(condition), within)),
        }
    }

    fn find_all(&self, parts: &[Condition], within: Option<&Ids>) -> Ids {
        self.find_each(&self.most_selective_first(parts), within)
    }

    /// The most selective condition first: the others only need to look at what it leaves over.
    fn most_selective_first<'c>(&self, parts: &'c [Condition]) -> Vec<&'c Condition> {
        let mut parts: Vec<&Condition> = parts.iter().collect();
        if parts.len() > 1 {
            parts.sort_by_cached_key(|part| (looks_at_every_value(part), self.at_most(part)));
        }
        parts
    }

    /// How many entities a condition holds for.
    fn count(&self, condition: &Condition) -> usize {
        let Condition::All(parts) = condition else { return self.find(condition, None).len() };
        let parts = self.most_selective_first(parts);
        match &*parts {
            [first @ .., last] if !first.is_empty() => {
                let left = self.find_each(first, None);
                let is_set =
                    matches!(last, Condition::Exists(_) | Condition::Value(..) | Condition::Exactly(..));
                match is_set && left.len() > FEW {
                    // What is left over by the last one is counted, and never put together.
                    true => left.intersection_len(&self.find(last, None)),
                    false => self.find(last, Some(&left)).len(),
                }
            }
            parts => self.find_each(parts, None).len(),
        }
    }

    /// The entities that each of these conditions holds for, which are asked one after the other.
    fn find_each(&self, parts: &[&Condition], within: Option<&Ids>) -> Ids {
        let mut left: Option<Ids> = None;
        for part in parts {
            let found = self.find(part, left.as_ref().or(within));
            if found.is_empty() {
                return found;
            }
            left = Some(found);
        }
        left.unwrap_or_else(|| within.unwrap_or(self.all()).clone())
    }

    fn one_by_one(&self, condition: &Condition, candidates: &Ids) -> Ids {
        Ids::from_sorted(candidates.iter().filter(|id| self.holds(condition, *id)).collect())
    }

    /// Whether a condition holds for an entity. Only elements of lists need more than the index.
    fn holds(&self, condition: &Condition, id: u32) -> bool {
        match condition {
            Condition::All(parts) => parts.iter().all(|part| self.holds(part, id)),
            Condition::Any(parts) => parts.iter().any(|part| self.holds(part, id)),
            Condition::Not(part) => !self.holds(part, id),
            Condition::Exists(key) => self.fields.has(id, key),
            Condition::Value(key, test) => {
                self.fields.passes(id, key, |value| test.holds(&value.lower()), test.holds(Index::IMPLIED))
            }
            Condition::Exactly(key, test) => {
                self.fields.passes(id, key, |value| test.holds(&value.original()), test.holds(Index::IMPLIED))
            }
            Condition::Has(key, element) => {
                self.snapshot.record(id).is_some_and(|record| has_element(&record, key, element))
            }
        }
    }

    fn all(&self) -> &Ids {
        self.snapshot.entities()
    }

    /// How many entities a condition holds for, at most.
    fn at_most(&self, condition: &Condition) -> usize {
        let all = self.all().len();
        let most = match condition {
            Condition::All(parts) => parts.iter().map(|part| self.at_most(part)).min().unwrap_or(all),
            Condition::Any(parts) => parts.iter().map(|part| self.at_most(part)).sum(),
            Condition::Not(_) | Condition::Has(..) => all,
            Condition::Value(key, ValueTest::In(values)) => {
                self.fields.most_with_values(key, values.iter().map(String::as_str))
            }
            Condition::Exists(key) | Condition::Value(key, _) | Condition::Exactly(key, _) => {
                self.fields.field(key).map_or(all, |field| field.present().len())
            }
        };
        most.min(all)
    }

    /// At least the entities a condition holds for: all conditions are relaxed to what the index knows.
    fn candidates(&self, condition: &Condition) -> Ids {
        match condition {
            Condition::All(parts) => {
                let found = parts.iter().map(|part| self.candidates(part));
                found.reduce(|left, right| left.intersection(&right)).unwrap_or_else(|| self.all().clone())
            }
            Condition::Any(parts) => {
                let found: Vec<Ids> = parts.iter().map(|part| self.candidates(part)).collect();
                Ids::union(&found)
            }
            Condition::Exists(key) => self.fields.present(key).into_owned(),
            Condition::Value(key, test) => self.fields.passing(key, test),
            Condition::Exactly(key, test) => self.fields.passing_exactly(key, test),
            // Relations have rows of another form than the items of a list.
            Condition::Has(key, element) if key != RELATIONS => self.candidates(element),
            _ => self.all().clone(),
        }
    }
}

/// Whether the index has nothing better to offer than a look at every value of a key, or at every entity.
fn looks_at_every_value(condition: &Condition) -> bool {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().any(looks_at_every_value),
        Condition::Not(part) => looks_at_every_value(part),
        Condition::Exists(_) | Condition::Value(_, ValueTest::In(_) | ValueTest::Prefix(_)) => false,
        Condition::Value(..) | Condition::Exactly(..) | Condition::Has(..) => true,
    }
}

fn narrow(found: Ids, within: Option<&Ids>) -> Ids {
    match within {
        Some(within) => found.intersection(within),
        None => found,
    }
}

fn restrict(found: &Ids, within: Option<&Ids>) -> Ids {
    within.map_or_else(|| found.clone(), |within| found.intersection(within))
}
