//! A predicate on one entity's rows.

use idp_core::Predicate;

use super::bound::Bound;
use super::rows::Row;

/// Whether the predicate holds for an entity with these rows, which are sorted by key.
pub(crate) fn evaluate(predicate: &Predicate, rows: &[Row]) -> bool {
    match predicate {
        Predicate::All(all) => all.iter().all(|one| evaluate(one, rows)),
        Predicate::Any(any) => any.iter().any(|one| evaluate(one, rows)),
        Predicate::Not(one) => !evaluate(one, rows),
        Predicate::Exists(field) => !of_key(rows, &field.to_lowercase()).is_empty(),
        Predicate::In(field, values) => {
            let wanted: Vec<String> = values.iter().map(|value| value.to_lowercase()).collect();
            values_of(rows, field).any(|value| wanted.iter().any(|wanted| wanted == value))
        }
        Predicate::Prefix(field, prefix) => {
            let prefix = prefix.to_lowercase();
            values_of(rows, field).any(|value| value.starts_with(&prefix))
        }
        Predicate::Compare(field, comparison, bound) => {
            let bound = Bound::new(*comparison, bound);
            values_of(rows, field).any(|value| bound.holds(value))
        }
        // A condition this version does not know holds for nothing; the index says the same.
        _ => false,
    }
}

/// The values of a field that can be compared.
fn values_of<'r>(rows: &'r [Row], field: &str) -> impl Iterator<Item = &'r str> + use<'r> {
    of_key(rows, &field.to_lowercase()).iter().filter_map(|row| row.value.as_deref())
}

/// The rows of one key.
pub(crate) fn of_key<'r>(rows: &'r [Row], key: &str) -> &'r [Row] {
    let start = rows.partition_point(|row| &*row.key < key);
    let end = start + rows[start..].partition_point(|row| &*row.key == key);
    &rows[start..end]
}
