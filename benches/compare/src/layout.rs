//! The two ways in which entities are laid out in tables.

use idp_core::Test;

use crate::sql::Sql;

/// How entities are laid out in tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// As Backstage does: a row for each key and value of an entity.
    Rows,
    /// The body as binary JSON, and an index on each field that is asked for.
    Json,
}

/// The fields that questions name, but for tags: of those an entity has many, which no index on an expression can hold.
const FIELDS: [&str; 7] = [
    "kind",
    "metadata.name",
    "metadata.title",
    "metadata.annotations.pagerduty.com/service-id",
    "spec.type",
    "spec.owner",
    "spec.lifecycle",
];
const TAGS: &str = "metadata.tags";

impl Layout {
    /// The tables, without indexes. `id` is the type of an entity's number.
    pub(crate) fn tables(self, id: &str) -> Vec<String> {
        let entities = match self {
            Self::Rows => "final_entity TEXT NOT NULL",
            Self::Json => "body BLOB NOT NULL",
        };
        let mut tables = vec![
            format!(
                "CREATE TABLE final_entities (entity_id {id} PRIMARY KEY, entity_ref TEXT NOT NULL, {entities})"
            ),
            format!(
                "CREATE TABLE relations (originating_entity_id {id} NOT NULL, source_entity_ref TEXT NOT NULL, \
                 type TEXT NOT NULL, target_entity_ref TEXT NOT NULL)"
            ),
        ];
        if self == Self::Rows {
            tables.push(format!(
                "CREATE TABLE search (entity_id {id} NOT NULL, key TEXT NOT NULL, value TEXT, original_value TEXT)"
            ));
        }
        tables
    }

    /// The indexes.
    pub(crate) fn indexes(self) -> Vec<String> {
        let shared = [
            "CREATE UNIQUE INDEX by_ref ON final_entities (entity_ref)",
            "CREATE INDEX by_origin ON relations (originating_entity_id)",
            "CREATE INDEX by_target ON relations (target_entity_ref)",
            "CREATE INDEX by_source ON relations (source_entity_ref, type, target_entity_ref)",
        ];
        let own = match self {
            Self::Rows => vec![
                "CREATE UNIQUE INDEX by_entity ON search (entity_id, key, value)".to_owned(),
                "CREATE INDEX by_value ON search (key, value, entity_id)".to_owned(),
                "CREATE INDEX by_original ON search (key, original_value, entity_id) \
                 WHERE original_value IS NOT NULL"
                    .to_owned(),
            ],
            Self::Json => {
                let index = |(number, field): (usize, &&str)| {
                    format!(
                        "CREATE INDEX field_{number} ON final_entities ({}, entity_id)",
                        expression(field)
                    )
                };
                FIELDS.iter().enumerate().map(index).collect()
            }
        };
        shared.into_iter().map(str::to_owned).chain(own).collect()
    }

    /// The column that holds a body, as text.
    pub(crate) fn body(self) -> &'static str {
        match self {
            Self::Rows => "final_entity",
            Self::Json => "json(body)",
        }
    }

    /// Adds what an entity's value for a field has to pass; `None` for a test that no question has.
    pub(crate) fn test(self, sql: &mut Sql, field: &str, test: &Test) -> Option<()> {
        match self {
            Self::Rows => {
                sql.push("entity_id IN (SELECT entity_id FROM search WHERE key = ")
                    .bind(field.to_lowercase());
                passes(sql.push(" AND "), "value", test)?;
            }
            Self::Json if field == TAGS => {
                sql.push("EXISTS (SELECT 1 FROM json_each(body, '$.metadata.tags') WHERE ");
                passes(sql, "value", test)?;
            }
            Self::Json => passes(sql.push("("), &expression(field), test)?,
        }
        sql.push(")");
        Some(())
    }

    /// Adds where entities come from that are sorted by a field, and answers what they are sorted by.
    pub(crate) fn sorted(self, sql: &mut Sql, field: &str) -> String {
        match self {
            Self::Rows => {
                sql.push("search WHERE key = ").bind(field.to_lowercase());
                "value".to_owned()
            }
            Self::Json => {
                sql.push("final_entities WHERE TRUE");
                expression(field)
            }
        }
    }

    /// Adds where the values of a field come from, up to the condition on entities, and answers what they are.
    pub(crate) fn values(self, sql: &mut Sql, field: &str) -> &'static str {
        match self {
            Self::Rows => {
                sql.push(
                    "SELECT original_value, count(*) FROM search WHERE original_value IS NOT NULL AND key = ",
                );
                sql.bind(field.to_lowercase());
                "original_value"
            }
            Self::Json => {
                sql.push(&format!(
                    "SELECT each.value, count(*) FROM final_entities, json_each(body, '{}') AS each WHERE TRUE",
                    path(field)
                ));
                "each.value"
            }
        }
    }
}

fn passes(sql: &mut Sql, value: &str, test: &Test) -> Option<()> {
    match test {
        Test::In(one) if one.len() == 1 => sql.push(&format!("{value} = ")).bind(one[0].to_lowercase()),
        // A range, not `LIKE`: so that the index is used.
        Test::Prefix(prefix) => between(sql, value, prefix, &format!("{prefix}\u{10ffff}")),
        Test::Between(from, to) => between(sql, value, from, to),
        Test::Substring(part) => {
            sql.push(&format!("{value} LIKE ")).bind(format!("%{}%", part.to_lowercase()))
        }
        _ => return None,
    };
    Some(())
}

fn between<'s>(sql: &'s mut Sql, value: &str, from: &str, to: &str) -> &'s mut Sql {
    sql.push(&format!("{value} >= ")).bind(from.to_lowercase());
    sql.push(&format!(" AND {value} <= ")).bind(to.to_lowercase())
}

fn expression(field: &str) -> String {
    format!("lower(body ->> '{}')", path(field))
}

/// The JSON path of a field; the last key may hold dots.
fn path(field: &str) -> String {
    let keys = if field.contains(".annotations.") { 3 } else { 2 };
    let quoted = field.splitn(keys, '.').map(|key| format!(".\"{key}\""));
    format!("${}", quoted.collect::<String>())
}
