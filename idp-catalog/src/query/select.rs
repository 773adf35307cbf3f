//! Predicates answered with the index.

use super::elements::RELATIONS;
use super::evaluate::evaluate;
use super::matcher::{Condition, Matcher};
use super::test::ValueTest;
use crate::index::{Ids, Index};
use crate::snapshot::Snapshot;

/// Up to so many entities are looked at one by one, where the index would have to look at every value.
const FEW: usize = 512;

/// The entities a predicate holds for.
pub(crate) fn select(snapshot: &Snapshot, matcher: &Matcher) -> Ids {
    Selector { snapshot, index: snapshot.index() }.find(matcher.condition(), None)
}

struct Selector<'s> {
    snapshot: &'s Snapshot,
    index: &'s Index,
}

impl Selector<'_> {
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
            Condition::Exists(key) => restrict(&self.index.present(key), within),
            Condition::Value(key, test) => narrow(self.with_value(key, test), within),
            Condition::Exactly(..) | Condition::Has(..) => {
                self.one_by_one(condition, &narrow(self.candidates(condition), within))
            }
        }
    }

    /// The most selective condition first: the others only need to look at what it leaves over.
    fn find_all(&self, parts: &[Condition], within: Option<&Ids>) -> Ids {
        let mut parts: Vec<&Condition> = parts.iter().collect();
        if parts.len() > 1 {
            parts.sort_by_cached_key(|part| (looks_at_every_value(part), self.at_most(part)));
        }
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
        let nodes = self.snapshot.nodes();
        let holds = |id: &u32| nodes.record(*id).is_some_and(|record| evaluate(condition, &**record));
        Ids::from_sorted(candidates.iter().filter(holds).collect())
    }

    fn all(&self) -> &Ids {
        self.snapshot.nodes().entities()
    }

    /// The index has values in lower case only: the test does too.
    fn with_value(&self, key: &str, test: &ValueTest) -> Ids {
        match test {
            ValueTest::In(values) => self.index.with_values(key, values.iter().map(String::as_str)),
            ValueTest::Prefix(prefix) => self.index.with_prefix(key, prefix),
            ValueTest::Substring(text) => self.index.containing(key, text),
            _ => self.index.passing(key, |value| test.holds(value)),
        }
    }

    /// How many entities a condition holds for, at most.
    fn at_most(&self, condition: &Condition) -> usize {
        let all = self.all().len();
        let most = match condition {
            Condition::All(parts) => parts.iter().map(|part| self.at_most(part)).min().unwrap_or(all),
            Condition::Any(parts) => parts.iter().map(|part| self.at_most(part)).sum(),
            Condition::Not(_) | Condition::Has(..) => all,
            Condition::Value(key, ValueTest::In(values)) => {
                self.index.most_with_values(key, values.iter().map(String::as_str))
            }
            Condition::Exists(key) | Condition::Value(key, _) | Condition::Exactly(key, _) => {
                self.index.column(key).map_or(all, |column| column.present().len())
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
            Condition::Exists(key) | Condition::Exactly(key, _) if !is_in(condition) => {
                self.index.present(key).into_owned()
            }
            Condition::Value(key, test) => self.with_value(key, test),
            Condition::Exactly(key, ValueTest::In(values)) => {
                let lower: Vec<String> = values.iter().map(|value| value.to_lowercase()).collect();
                self.index.with_values(key, lower.iter().map(String::as_str))
            }
            // Relations have rows of another form than the items of a list.
            Condition::Has(key, element) if key != RELATIONS => self.candidates(element),
            _ => self.all().clone(),
        }
    }
}

fn is_in(condition: &Condition) -> bool {
    matches!(condition, Condition::Exactly(_, ValueTest::In(_)))
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
