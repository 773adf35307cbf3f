//! An entity that is in no snapshot yet, to ask conditions about.

use idp_core::{Entity, Relation};

use super::elements::{Element, elements};
use super::evaluate::{Subject, evaluate};
use super::matcher::Matcher;
use super::rows::{Row, rows};

/// An entity with the relations it declares.
pub(crate) struct Probe<'e> {
    entity: &'e Entity,
    relations: &'e [Relation],
    rows: Vec<Row<'e>>,
}

impl<'e> Probe<'e> {
    pub(crate) fn new(entity: &'e Entity, relations: &'e [Relation]) -> Self {
        Self { entity, relations, rows: rows(entity, relations) }
    }
}

impl Subject for Probe<'_> {
    fn rows(&self) -> &[Row<'_>] {
        &self.rows
    }

    fn elements(&self, key: &str) -> Vec<Element<'_>> {
        elements(self.entity.as_value(), self.relations, key)
    }
}

impl Matcher {
    /// Whether the predicate holds for an entity that is in no snapshot yet.
    pub(crate) fn holds(&self, probe: &Probe<'_>) -> bool {
        evaluate(self.condition(), probe)
    }
}
