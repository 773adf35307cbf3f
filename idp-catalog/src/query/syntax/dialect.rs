//! How much of a written form is understood.

/// Which dialect of Backstage's filter strings and JSON predicates to read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Dialect {
    /// What Backstage reads, as it reads it: no way to write a comma in a filter string, and of several operators on
    /// one field only the first counts.
    #[default]
    Backstage,
    /// Quotes around a value of a filter string, and the JSON operators `$gt`, `$gte`, `$lt`, `$lte`, `$regex` and
    /// `$elemMatch`; of several operators on one field all count.
    Extended,
}
