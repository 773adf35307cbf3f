//! Predicates, made ready to be asked about many entities.

use std::cell::OnceCell;

use idp_core::{Error, Predicate, Result, Test};

use super::elements::RELATIONS;
use super::evaluate::{Body, evaluate};
use super::probe::Probe;
use super::rows::Row;
use super::test::{Case, MAX_PATTERNS, ValueTest};
use crate::snapshot::Record;

/// Deepest nesting of a predicate.
const MAX_DEPTH: usize = 128;

/// Most conditions of a predicate.
const MAX_CONDITIONS: usize = 10_000;

/// A predicate that was checked and prepared: patterns are compiled, texts folded. Cheap to ask again and again.
///
/// ```
/// use idp_catalog::Matcher;
/// use idp_core::Predicate;
/// let matcher = Matcher::new(&Predicate::matches("metadata.name", "^pay"))?;
/// assert!(Matcher::new(&Predicate::matches("metadata.name", "(")).is_err());
/// # let _ = matcher;
/// # Ok::<(), idp_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Matcher {
    condition: Condition,
    /// Whether it asks about relations.
    relations: bool,
}

/// A checked predicate. Keys are lower-case and whole: inside `Has` they begin with the list's.
#[derive(Debug, Clone)]
pub(super) enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Exists(String),
    Value(String, ValueTest),
    Exactly(String, ValueTest),
    Has(String, Box<Condition>),
}

impl Condition {
    fn is_about_relations(&self) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().any(Self::is_about_relations),
            Self::Not(part) => part.is_about_relations(),
            Self::Exists(key) | Self::Value(key, _) | Self::Exactly(key, _) => key.starts_with(RELATIONS),
            Self::Has(key, element) => key.starts_with(RELATIONS) || element.is_about_relations(),
        }
    }
}

impl Matcher {
    /// Checks and prepares a predicate.
    ///
    /// # Errors
    /// [`idp_core::ErrorKind::InvalidInput`] for a pattern that is none or too large, bounds that do not compare, and a
    /// predicate that is nested deeper than 128, or has more than 10,000 conditions or 100 patterns.
    pub fn new(predicate: &Predicate) -> Result<Self> {
        let mut builder = Builder { conditions: 0, patterns: 0 };
        let condition = builder.condition(predicate, "", 0)?;
        Ok(Self { relations: condition.is_about_relations(), condition })
    }

    /// Whether the predicate holds for an entity.
    #[must_use]
    pub fn matches(&self, record: &Record) -> bool {
        let relations = if self.relations { record.relations() } else { Vec::new() };
        self.holds(&Probe::new(&record.entity(), &relations))
    }

    /// Whether it asks about relations.
    pub(crate) fn is_about_relations(&self) -> bool {
        self.relations
    }

    /// As [`Matcher::matches`], where it does not ask about relations: of an entity whose rows are these.
    pub(crate) fn matches_rows(&self, record: &Record, rows: &[Row<'_>]) -> bool {
        evaluate(&self.condition, &Body { record, rows, entity: OnceCell::new() })
    }

    /// Whether it holds for everything.
    pub(crate) fn is_everything(&self) -> bool {
        matches!(&self.condition, Condition::All(parts) if parts.is_empty())
    }

    pub(super) fn condition(&self) -> &Condition {
        &self.condition
    }
}

struct Builder {
    conditions: usize,
    patterns: usize,
}

impl Builder {
    /// `list` is the key of the list whose elements the predicate is about; empty for the entity itself.
    fn condition(&mut self, predicate: &Predicate, list: &str, depth: usize) -> Result<Condition> {
        self.conditions += 1;
        if depth > MAX_DEPTH || self.conditions > MAX_CONDITIONS {
            return Err(Error::invalid(format!(
                "a predicate has at most {MAX_DEPTH} levels and {MAX_CONDITIONS} conditions"
            )));
        }
        Ok(match predicate {
            Predicate::All(parts) => Condition::All(self.conditions(parts, list, depth)?),
            Predicate::Any(parts) => Condition::Any(self.conditions(parts, list, depth)?),
            Predicate::Not(part) => Condition::Not(Box::new(self.condition(part, list, depth + 1)?)),
            Predicate::Exists(field) => Condition::Exists(key(list, field)),
            Predicate::Value(field, test) => {
                Condition::Value(key(list, field), self.test(test, Case::Ignored)?)
            }
            Predicate::Exactly(field, test) => {
                Condition::Exactly(key(list, field), self.test(test, Case::Exact)?)
            }
            Predicate::Has(field, element) => {
                let key = key(list, field);
                let element = self.condition(element, &key, depth + 1)?;
                Condition::Has(key, Box::new(element))
            }
            _ => return Err(Error::internal("this version of the catalog does not know the predicate")),
        })
    }

    fn test(&mut self, test: &Test, case: Case) -> Result<ValueTest> {
        self.patterns += usize::from(matches!(test, Test::Pattern(_)));
        if self.patterns > MAX_PATTERNS {
            return Err(Error::invalid(format!("a predicate has at most {MAX_PATTERNS} patterns")));
        }
        ValueTest::new(test, case)
    }

    fn conditions(&mut self, parts: &[Predicate], list: &str, depth: usize) -> Result<Vec<Condition>> {
        parts.iter().map(|part| self.condition(part, list, depth + 1)).collect()
    }
}

fn key(list: &str, field: &str) -> String {
    let field = field.to_lowercase();
    match (list, &*field) {
        ("", _) => field,
        (_, "") => list.to_owned(),
        _ => format!("{list}.{field}"),
    }
}
