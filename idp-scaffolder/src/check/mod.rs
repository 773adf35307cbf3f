//! The checker: a template read as a typed program.
//!
//! ```text
//! forms ──types──▶ steps ──▶ texts ──▶ drafts ──tried by the engine──▶ findings
//!                    └─────▶ files ─────┘
//! ```
//!
//! [`types`] is what is known of values; [`scan`] reads one text with expressions; [`steps`], [`inputs`], [`files`] and
//! [`forms`] go through a template and draft what looks wrong; [`witness`] makes up parameters and tries it.

mod checker;
mod descriptors;
mod draft;
mod env;
mod facts;
mod files;
mod forms;
mod inputs;
mod later;
mod place;
mod presence;
mod report;
mod scan;
mod steps;
mod types;
mod witness;

pub use checker::Checker;
pub use report::{Finding, TemplateReport};
