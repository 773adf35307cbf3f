//! Questions as SQL.

use idp_benches::{Ask, PAGE, PageOf, ReachOf};
use idp_core::{EntityRef, Predicate};

use crate::layout::Layout;

/// A statement, and what its placeholders stand for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sql {
    pub(crate) text: String,
    pub(crate) values: Vec<String>,
}

impl Sql {
    /// Adds text.
    pub(crate) fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Adds a placeholder for a text. Both databases understand `$1`.
    pub(crate) fn bind(&mut self, value: impl Into<String>) -> &mut Self {
        self.values.push(value.into());
        self.text.push_str(&format!("${}", self.values.len()));
        self
    }

    fn bind_all<V: Into<String>>(&mut self, values: impl IntoIterator<Item = V>) -> &mut Self {
        self.push("(");
        for (number, value) in values.into_iter().enumerate() {
            self.push(if number == 0 { "" } else { ", " }).bind(value);
        }
        self.push(")")
    }
}

/// What the rows of an answer hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Columns {
    /// Reference and body.
    Entities,
    /// The number on all pages; reference and body.
    Page,
    /// One number.
    Count,
    /// Value and number.
    Counts,
    /// Reference.
    Names,
}

/// Where a page starts: behind this value and this entity.
#[derive(Clone, Debug)]
pub(crate) struct After {
    pub(crate) value: String,
    pub(crate) id: i64,
}

/// The statement that answers a question; `None` where the layout has no answer.
pub(crate) fn statement(layout: Layout, ask: &Ask, after: Option<&After>) -> Option<(Sql, Columns)> {
    let mut sql = Sql::default();
    let columns = match ask {
        Ask::Entity(it) => by_refs(&mut sql, layout, std::slice::from_ref(it)),
        Ask::Entities(refs) => by_refs(&mut sql, layout, refs),
        Ask::Page(of) => page(&mut sql, layout, of, after)?,
        Ask::Count(when) => count(&mut sql, layout, when)?,
        Ask::Facet(field, when) => facet(&mut sql, layout, field, when)?,
        Ask::Text(_) => return None,
        Ask::Neighbours(of) => neighbours(&mut sql, of),
        Ask::Reach(of) => reach(&mut sql, of),
        Ask::OwnedBy(group) => owned_by(&mut sql, group),
    };
    Some((sql, columns))
}

/// The statement that finds the last one before the page half way, of so many.
pub(crate) fn half_way(layout: Layout, of: &PageOf, total: usize) -> Option<Sql> {
    let mut from = Sql::default();
    let value = layout.sorted(&mut from, of.order?);
    let mut sql = Sql::default();
    sql.push(&format!("SELECT {value}, entity_id FROM "));
    layout.sorted(&mut sql, of.order?);
    condition(sql.push(" AND "), layout, &of.when)?;
    sql.push(&format!(" ORDER BY {value}, entity_id LIMIT 1 OFFSET {}", total / 2 - 1));
    Some(sql)
}

fn by_refs(sql: &mut Sql, layout: Layout, refs: &[EntityRef]) -> Columns {
    sql.push(&format!("SELECT entity_ref, {} FROM final_entities WHERE entity_ref IN ", layout.body()));
    sql.bind_all(refs.iter().map(EntityRef::as_str));
    Columns::Entities
}

/// As Backstage asks for a page: what is filtered is counted, cut and sorted. The bodies are joined to what is left of
/// it, which is faster than to carry them along.
fn page(sql: &mut Sql, layout: Layout, of: &PageOf, after: Option<&After>) -> Option<Columns> {
    let sort = of.order.map(|field| layout.sorted(&mut Sql::default(), field));
    let order = if sort.is_some() { "sort, entity_id" } else { "entity_id" };
    filtered(sql, layout, of, sort.as_deref())?;
    let (counted, total, join) = match of.total {
        true => (", counted AS (SELECT count(*) AS total FROM filtered)", "total, ", ", counted"),
        false => ("", "", ""),
    };
    sql.push(&format!("{counted} SELECT {total}entity_ref, {} FROM (SELECT * FROM filtered", layout.body()));
    if let Some(after) = after {
        sql.push(" WHERE (sort, entity_id) > (").bind(&after.value).push(&format!(", {})", after.id));
    }
    sql.push(&format!(" ORDER BY {order} LIMIT {PAGE}) AS page "));
    sql.push(&format!("JOIN final_entities USING (entity_id){join} ORDER BY {order}"));
    Some(if of.total { Columns::Page } else { Columns::Entities })
}

/// The entities of all pages. Where they are counted too they are kept, so that they are found once.
fn filtered(sql: &mut Sql, layout: Layout, of: &PageOf, sort: Option<&str>) -> Option<()> {
    let kept = if of.total { "MATERIALIZED " } else { "" };
    let sort = sort.map_or(String::new(), |sort| format!(", {sort} AS sort"));
    sql.push(&format!("WITH filtered AS {kept}(SELECT entity_id{sort} FROM "));
    match of.order {
        Some(field) => drop(layout.sorted(sql, field)),
        None => drop(sql.push("final_entities WHERE TRUE")),
    }
    condition(sql.push(" AND "), layout, &of.when)?;
    sql.push(")");
    Some(())
}

fn count(sql: &mut Sql, layout: Layout, when: &Predicate) -> Option<Columns> {
    condition(sql.push("SELECT count(*) FROM final_entities WHERE "), layout, when)?;
    Some(Columns::Count)
}

fn facet(sql: &mut Sql, layout: Layout, field: &str, when: &Predicate) -> Option<Columns> {
    let value = layout.values(sql, field);
    condition(sql.push(" AND "), layout, when)?;
    sql.push(&format!(" GROUP BY {value}"));
    Some(Columns::Counts)
}

fn neighbours(sql: &mut Sql, of: &EntityRef) -> Columns {
    sql.push("SELECT target_entity_ref FROM relations WHERE source_entity_ref = ").bind(of.as_str());
    sql.push(" UNION SELECT entity_ref FROM final_entities WHERE entity_ref = ").bind(of.as_str());
    Columns::Names
}

/// `CROSS JOIN` tells SQLite which table comes first; without it, it guesses wrong.
fn reach(sql: &mut Sql, of: &ReachOf) -> Columns {
    let counts = of.depth != usize::MAX;
    let [column, start, next] = if counts { [", depth", ", 0", ", depth + 1"] } else { [""; 3] };
    sql.push(&format!("WITH RECURSIVE reached(ref{column}) AS (SELECT CAST(")).bind(of.start.as_str());
    sql.push(&format!(" AS TEXT){start} UNION SELECT target_entity_ref{next} FROM reached "));
    sql.push("CROSS JOIN relations WHERE source_entity_ref = ref AND type IN ")
        .bind_all(of.types.iter().copied());
    if counts {
        sql.push(&format!(" AND depth < {}", of.depth));
    }
    sql.push(") SELECT DISTINCT ref FROM reached WHERE ref <> ").bind(of.start.as_str());
    Columns::Names
}

fn owned_by(sql: &mut Sql, group: &EntityRef) -> Columns {
    sql.push("WITH RECURSIVE below(ref) AS (SELECT CAST(").bind(group.as_str());
    sql.push(
        " AS TEXT) UNION SELECT target_entity_ref FROM below \
         CROSS JOIN relations WHERE source_entity_ref = ref AND type = 'parentOf') \
         SELECT DISTINCT target_entity_ref FROM below \
         CROSS JOIN relations WHERE source_entity_ref = ref AND type = 'ownerOf'",
    );
    Columns::Names
}

/// Adds a condition on an entity; `None` for one of a form that no question has.
fn condition(sql: &mut Sql, layout: Layout, when: &Predicate) -> Option<()> {
    match when {
        Predicate::All(parts) => join(sql, layout, parts, " AND ", "TRUE"),
        Predicate::Any(parts) => join(sql, layout, parts, " OR ", "FALSE"),
        Predicate::Not(part) => condition(sql.push("NOT "), layout, part),
        Predicate::Value(field, test) => layout.test(sql, field, test),
        _ => None,
    }
}

fn join(sql: &mut Sql, layout: Layout, parts: &[Predicate], with: &str, none: &str) -> Option<()> {
    sql.push(if parts.is_empty() { none } else { "(" });
    for (number, part) in parts.iter().enumerate() {
        condition(sql.push(if number == 0 { "" } else { with }), layout, part)?;
    }
    sql.push(if parts.is_empty() { "" } else { ")" });
    Some(())
}
