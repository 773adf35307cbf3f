//! SQLite, in either layout.

use std::path::{Path, PathBuf};

use idp_benches::Synthetic;
use idp_core::Entity;
use rusqlite::{Connection, Result, Row, Transaction, params, params_from_iter};

use crate::database::{Cells, Database, Tables};
use crate::flat::{Flat, flat};
use crate::layout::Layout;
use crate::sql::Sql;

/// An SQLite file.
#[derive(Debug)]
pub(crate) struct Sqlite {
    file: PathBuf,
    connection: Connection,
}

/// Everything in one transaction, which need not survive anything; all that is read stays in memory.
const LOADING: &str = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -2000000; PRAGMA temp_store = MEMORY";
/// What an embedder would choose who wants a change to survive.
const DURABLE: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL";

/// Loads a company into a file of a folder.
pub(crate) fn load(layout: Layout, company: Synthetic, folder: &Path) -> Result<Tables<Sqlite>> {
    let file = folder.join("company.sqlite");
    let mut connection = Connection::open(&file)?;
    connection.set_prepared_statement_cache_capacity(64);
    connection.execute_batch(LOADING)?;
    let loading = connection.transaction()?;
    layout.tables("INTEGER").iter().try_for_each(|it| loading.execute_batch(it))?;
    flat(company).try_for_each(|entity| insert(&loading, layout, &entity))?;
    layout.indexes().iter().try_for_each(|it| loading.execute_batch(it))?;
    loading.execute_batch("ANALYZE")?;
    loading.commit()?;
    connection.execute_batch(DURABLE)?;
    Ok(Tables { layout, database: Sqlite { file, connection } })
}

impl Tables<Sqlite> {
    /// Bytes of the file.
    pub(crate) fn bytes(&self) -> u64 {
        self.database.file.metadata().map(|it| it.len()).unwrap_or_default()
    }

    /// Puts another version in the place of an entity, for good.
    pub(crate) fn upsert(&mut self, entity: &Entity) -> Result<()> {
        let change = self.database.connection.transaction()?;
        let find = "SELECT entity_id FROM final_entities WHERE entity_ref = $1";
        let id: i64 = change.query_row(find, [entity.entity_ref().as_str()], |row| row.get(0))?;
        change.execute("DELETE FROM final_entities WHERE entity_id = $1", [id])?;
        change.execute("DELETE FROM relations WHERE originating_entity_id = $1", [id])?;
        if self.layout == Layout::Rows {
            change.execute("DELETE FROM search WHERE entity_id = $1", [id])?;
        }
        insert(&change, self.layout, &Flat::new(id, entity))?;
        change.commit()
    }
}

fn insert(into: &Transaction<'_>, layout: Layout, entity: &Flat) -> Result<()> {
    let body = if layout == Layout::Json { "jsonb($3)" } else { "$3" };
    into.prepare_cached(&format!("INSERT INTO final_entities VALUES ($1, $2, {body})"))?.execute(params![
        entity.id,
        entity.entity_ref,
        entity.body
    ])?;
    let mut relation = into.prepare_cached("INSERT INTO relations VALUES ($1, $2, $3, $4)")?;
    for it in &entity.relations {
        relation.execute(params![entity.id, it.source, it.r#type, it.target])?;
    }
    if layout == Layout::Rows {
        let mut value = into.prepare_cached("INSERT INTO search VALUES ($1, $2, $3, $4)")?;
        for it in &entity.values {
            value.execute(params![entity.id, it.key, it.value, it.original])?;
        }
    }
    Ok(())
}

impl Database for Sqlite {
    fn each(&self, sql: &Sql, look: &mut dyn FnMut(&dyn Cells)) {
        let mut statement = self.connection.prepare_cached(&sql.text).expect("SQLite takes the statement");
        let mut rows = statement.query(params_from_iter(&sql.values)).expect("SQLite runs the statement");
        while let Some(row) = rows.next().expect("SQLite reads its file") {
            look(row);
        }
    }
}

impl Cells for Row<'_> {
    fn text(&self, column: usize) -> String {
        self.get(column).expect("the column holds text")
    }

    fn number(&self, column: usize) -> i64 {
        self.get(column).expect("the column holds a number")
    }
}
