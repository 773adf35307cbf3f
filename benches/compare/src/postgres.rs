//! PostgreSQL, in Backstage's layout: a cluster of our own, gone with the folder it is in.

use std::cell::RefCell;
use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use idp_benches::Synthetic;
use postgres::types::ToSql;
use postgres::{Client, Config, NoTls, Row, Statement};

use crate::database::{Cells, Database, Tables};
use crate::flat::flat;
use crate::layout::Layout;
use crate::sql::Sql;

/// A PostgreSQL that runs as long as this lives.
pub(crate) struct Postgres {
    // Before the cluster: it is closed first.
    client: RefCell<Client>,
    statements: RefCell<HashMap<String, Statement>>,
    _cluster: Cluster,
}

impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Postgres")
    }
}

/// A server on a socket of its own.
struct Cluster {
    data: PathBuf,
}

/// What its documentation asks for on a machine of its own, and no waiting: for disks, or for code to be compiled.
const SETTINGS: &str = "-c listen_addresses='' -c shared_buffers=2GB -c work_mem=256MB -c maintenance_work_mem=1GB \
     -c effective_cache_size=8GB -c random_page_cost=1.1 -c jit=off -c fsync=off -c max_wal_size=8GB";

/// Whether the machine has the programs.
pub(crate) fn is_present() -> bool {
    ["initdb", "pg_ctl"].iter().all(|it| Command::new(it).arg("--version").output().is_ok())
}

/// Starts a server in a folder, and loads a company.
pub(crate) fn load(company: Synthetic, folder: &Path) -> Result<Tables<Postgres>, Box<dyn Error>> {
    let cluster = Cluster::start(folder)?;
    let mut config = Config::new();
    config.host_path(folder).user("idp").dbname("postgres");
    let mut client = config.connect(NoTls)?;
    let layout = Layout::Rows;
    layout.tables("BIGINT").iter().try_for_each(|it| client.batch_execute(it))?;
    copy(&config, company)?;
    layout.indexes().iter().try_for_each(|it| client.batch_execute(it))?;
    client.batch_execute("CREATE STATISTICS together ON key, value FROM search")?;
    client.batch_execute("VACUUM ANALYZE")?;
    let (client, statements) = (RefCell::new(client), RefCell::default());
    Ok(Tables { layout, database: Postgres { client, statements, _cluster: cluster } })
}

impl Cluster {
    fn start(folder: &Path) -> Result<Self, Box<dyn Error>> {
        let data = folder.join("data");
        if is_root() {
            run(Command::new("chown").arg("nobody").arg(folder))?;
        }
        run(program("initdb").arg("-D").arg(&data).args([
            "-U",
            "idp",
            "-A",
            "trust",
            "--locale=C.UTF-8",
            "-N",
        ]))?;
        let options = format!("{SETTINGS} -k {}", folder.display());
        let log = folder.join("log");
        run(program("pg_ctl").arg("-D").arg(&data).arg("-l").arg(log).args(["-w", "-o", &options, "start"]))?;
        Ok(Self { data })
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // If it does not stop there is nobody left to tell.
        let _ = run(program("pg_ctl").arg("-D").arg(&self.data).args(["-m", "immediate", "stop"]));
    }
}

/// PostgreSQL refuses to run as root.
fn program(name: &str) -> Command {
    let mut command = Command::new(if is_root() { "setpriv" } else { name });
    if is_root() {
        command.args(["--reuid=nobody", "--clear-groups", name]);
    }
    command
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|it| it.stdout.trim_ascii() == b"0")
}

fn run(command: &mut Command) -> Result<(), Box<dyn Error>> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)).into())
}

/// The fast way in: a stream of lines into each table.
fn copy(config: &Config, company: Synthetic) -> Result<(), Box<dyn Error>> {
    let [mut a, mut b, mut c] = [config.connect(NoTls)?, config.connect(NoTls)?, config.connect(NoTls)?];
    let mut entities = a.copy_in("COPY final_entities FROM STDIN")?;
    let mut relations = b.copy_in("COPY relations FROM STDIN")?;
    let mut values = c.copy_in("COPY search FROM STDIN")?;
    for entity in flat(company) {
        let id = entity.id;
        writeln!(entities, "{id}\t{}\t{}", entity.entity_ref, escaped(Some(&entity.body)))?;
        for it in &entity.relations {
            writeln!(relations, "{id}\t{}\t{}\t{}", it.source, it.r#type, it.target)?;
        }
        for it in &entity.values {
            let [value, original] = [&it.value, &it.original].map(|it| escaped(it.as_deref()));
            writeln!(values, "{id}\t{}\t{value}\t{original}", it.key)?;
        }
    }
    entities.finish()?;
    relations.finish()?;
    values.finish()?;
    Ok(())
}

fn escaped(text: Option<&str>) -> String {
    match text {
        Some(text) => text.replace('\\', "\\\\").replace('\n', "\\n").replace('\t', "\\t"),
        None => "\\N".to_owned(),
    }
}

impl Postgres {
    /// The statement, prepared once.
    fn statement(&self, text: &str) -> Statement {
        let mut statements = self.statements.borrow_mut();
        let prepare = || self.client.borrow_mut().prepare(text).expect("PostgreSQL takes the statement");
        statements.entry(text.to_owned()).or_insert_with(prepare).clone()
    }
}

impl Database for Postgres {
    fn each(&self, sql: &Sql, look: &mut dyn FnMut(&dyn Cells)) {
        let statement = self.statement(&sql.text);
        let values: Vec<&(dyn ToSql + Sync)> =
            sql.values.iter().map(|it| it as &(dyn ToSql + Sync)).collect();
        let rows = self.client.borrow_mut().query(&statement, &values);
        rows.expect("PostgreSQL runs the statement").iter().for_each(|row| look(row));
    }
}

impl Cells for Row {
    fn text(&self, column: usize) -> String {
        self.get(column)
    }

    fn number(&self, column: usize) -> i64 {
        self.get(column)
    }
}
