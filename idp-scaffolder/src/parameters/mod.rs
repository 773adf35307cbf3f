//! Parameters: what the forms of a template ask for, and whether what was given will do.

mod branches;
mod check;
mod defaults;
mod expansion;
mod field_error;
mod find;
mod rule;
mod schema;
mod secret_fields;
mod ui;
mod validators;

pub(crate) use branches::{Branch, MAX_DEPTH, Walker, escape, last, list, names, resolve};
pub use check::{check_parameters, field_errors, with_defaults};
pub(crate) use check::{check_secrets, diagnostics};
pub(crate) use defaults::fill_defaults;
pub use field_error::FieldError;
pub(crate) use find::{Field, find};
pub(crate) use rule::{admits, compile, repetition, violated, violations};
pub(crate) use schema::Schema;
pub(crate) use secret_fields::{secret_name, secret_way, starred, stars, take_secrets};
pub use ui::FormPage;
pub(crate) use validators::{Validators, with_definitions};

#[cfg(test)]
mod tests;
