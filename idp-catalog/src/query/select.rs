//! Predicates answered with the index.

use super::elements::RELATIONS;
use super::evaluate::evaluate;
use super::ids::Ids;
use super::index::Index;
use super::matcher::{Condition, Matcher};
use super::test::ValueTest;
use crate::snapshot::Record;

/// Where a predicate is answered.
pub(crate) struct Selector<'a> {
    /// Every entity there is.
    pub(crate) all: &'a dyn Fn() -> Ids,
    pub(crate) index: &'a Index,
    /// The entity of a number.
    pub(crate) record: &'a dyn Fn(u32) -> Option<&'a Record>,
}

impl Selector<'_> {
    /// The entities a predicate holds for.
    pub(crate) fn select(&self, matcher: &Matcher) -> Ids {
        self.find(matcher.condition(), None)
    }

    /// The entities that a condition holds for: of all, or of `within`.
    fn find(&self, condition: &Condition, within: Option<&Ids>) -> Ids {
        match condition {
            Condition::All(parts) => self.find_all(parts, within),
            Condition::Any(parts) => {
                let found: Vec<Ids> = parts.iter().map(|part| self.find(part, within)).collect();
                Ids::union(&found)
            }
            Condition::Not(part) => {
                let holds = self.find(part, within);
                within.map_or_else(|| (self.all)().difference(&holds), |within| within.difference(&holds))
            }
            Condition::Exists(key) => restrict(&self.index.present(key), within),
            Condition::Value(key, test) => narrow(self.with_value(key, test), within),
            Condition::Exactly(..) | Condition::Has(..) => {
                let mut candidates = narrow(self.candidates(condition), within);
                candidates.retain(|id| (self.record)(id).is_some_and(|record| evaluate(condition, record)));
                candidates
            }
        }
    }

    /// Later conditions only need to look at what earlier ones left over.
    fn find_all(&self, parts: &[Condition], within: Option<&Ids>) -> Ids {
        let mut left: Option<Ids> = None;
        for part in parts {
            let found = self.find(part, left.as_ref().or(within));
            if found.is_empty() {
                return found;
            }
            left = Some(found);
        }
        left.or_else(|| within.cloned()).unwrap_or_else(|| (self.all)())
    }

    /// The index has values in lower case only: the test does too.
    fn with_value(&self, key: &str, test: &ValueTest) -> Ids {
        match test {
            ValueTest::In(values) => self.index.with_values(key, values),
            ValueTest::Prefix(prefix) => self.index.with_prefix(key, prefix),
            _ => self.index.passing(key, |value| test.holds(value)),
        }
    }

    /// At least the entities a condition holds for: all conditions are relaxed to what the index knows.
    fn candidates(&self, condition: &Condition) -> Ids {
        match condition {
            Condition::All(parts) => {
                let found = parts.iter().map(|part| self.candidates(part));
                found.reduce(|left, right| left.intersection(&right)).unwrap_or_else(|| (self.all)())
            }
            Condition::Any(parts) => {
                let found: Vec<Ids> = parts.iter().map(|part| self.candidates(part)).collect();
                Ids::union(&found)
            }
            Condition::Not(_) => (self.all)(),
            Condition::Exists(key) => self.index.present(key).into_owned(),
            Condition::Value(key, test) => self.with_value(key, test),
            Condition::Exactly(key, ValueTest::In(values)) => {
                let lower: Vec<String> = values.iter().map(|value| value.to_lowercase()).collect();
                self.index.with_values(key, &lower)
            }
            Condition::Exactly(key, _) => self.index.present(key).into_owned(),
            // Relations have rows of another form than the items of a list.
            Condition::Has(key, _) if key == RELATIONS => (self.all)(),
            Condition::Has(_, element) => self.candidates(element),
        }
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
