//! What both databases have in common: a question is a statement, an answer is rows.

use std::fmt;

use idp_benches::{Ask, Engine, Found, Page, PageOf, Place, Prepared, Row};

use crate::layout::Layout;
use crate::sql::{After, Columns, Sql, half_way, statement};

/// A database that runs statements.
pub(crate) trait Database: fmt::Debug {
    /// Shows each row of an answer.
    ///
    /// # Panics
    /// Where the database refuses the statement: the answer would be worth nothing.
    fn each(&self, sql: &Sql, look: &mut dyn FnMut(&dyn Cells));
}

/// A row of an answer.
pub(crate) trait Cells {
    /// The text in a column.
    fn text(&self, column: usize) -> String;

    /// The number in a column.
    fn number(&self, column: usize) -> i64;
}

/// A company in the tables of a database.
#[derive(Debug)]
pub(crate) struct Tables<D> {
    pub(crate) layout: Layout,
    pub(crate) database: D,
}

impl<D: Database> Tables<D> {
    fn answer(&self, sql: &Sql, columns: Columns) -> Found {
        match columns {
            Columns::Entities => Found::Rows(Page { items: self.entities(sql, 0).0, total: None }),
            Columns::Page => {
                let (items, total) = self.entities(sql, 1);
                Found::Rows(Page { items, total: Some(total) })
            }
            Columns::Count => Found::Count(self.entities_counted(sql)),
            Columns::Counts => {
                let mut counts = Vec::new();
                self.database.each(sql, &mut |row| counts.push((row.text(0), size(row.number(1)))));
                Found::Counts(counts)
            }
            Columns::Names => {
                let mut names = Vec::new();
                self.database.each(sql, &mut |row| names.push(row.text(0)));
                Found::Names(names)
            }
        }
    }

    /// The entities of rows, behind so many columns of which the first is the total.
    fn entities(&self, sql: &Sql, behind: usize) -> (Vec<Row>, usize) {
        let (mut items, mut total) = (Vec::new(), 0);
        self.database.each(sql, &mut |row| {
            if behind > 0 {
                total = size(row.number(0));
            }
            items.push(Row { entity_ref: row.text(behind), body: row.text(behind + 1) });
        });
        (items, total)
    }

    fn entities_counted(&self, sql: &Sql) -> usize {
        let mut count = 0;
        self.database.each(sql, &mut |row| count = size(row.number(0)));
        count
    }

    /// The last one before the page half way.
    fn half_way(&self, of: &PageOf) -> Option<After> {
        let (count, _) = statement(self.layout, &Ask::Count(of.when.clone()), None)?;
        let sql = half_way(self.layout, of, self.entities_counted(&count))?;
        let mut after = None;
        self.database.each(&sql, &mut |row| after = Some(After { value: row.text(0), id: row.number(1) }));
        after
    }
}

impl<D: Database> Engine for Tables<D> {
    fn prepare<'e>(&'e self, ask: &'e Ask) -> Option<Prepared<'e>> {
        let after = match ask {
            Ask::Page(of) if of.place == Place::Middle => Some(self.half_way(of)?),
            _ => None,
        };
        let (sql, columns) = statement(self.layout, ask, after.as_ref())?;
        Some(Prepared::new(move || self.answer(&sql, columns)))
    }
}

fn size(number: i64) -> usize {
    usize::try_from(number).unwrap_or_default()
}
