//! The template language: Backstage's, which is Jinja's syntax with JavaScript's semantics.
//!
//! A template is read by a grammar of ours ([`syntax`]), lowered to a program for minijinja ([`lower`]) and run there;
//! what JavaScript does differently from minijinja (truth, equality, numbers, printing, members, methods, filters) are
//! operations that the program calls back ([`run`]). minijinja contributes control flow, macros, captures, output and
//! the fuel that ends every loop; expressions are evaluated by the operations alone.
//!
//! Three cases lowering does not reach, and what is done instead: **variables** are kept in frames of ours, because
//! nunjucks lets a loop change a name outside of it; **NaN** is an object, because minijinja takes it for true; an
//! expression nested deeper than minijinja's own parser goes is refused as a limit.
//!
//! [`Mode::Strict`] goes around all of that: it is minijinja itself.

mod arguments;
mod cache;
mod engine;
mod error;
mod fail;
mod filters;
pub(crate) mod inspect;
mod limits;
mod lower;
mod methods;
mod ops;
mod programs;
mod regex;
mod run;
mod scope;
mod settings;
mod strict;
mod syntax;
mod template;
mod tests;
mod tree;
mod value;

pub use engine::{Engine, EngineBuilder};
pub use error::{ErrorCode, TemplateError};
pub use limits::Limits;
pub use scope::Scope;
pub use settings::{Integration, Mode};
pub(crate) use template::RenderedText;
pub use template::{CompiledTemplate, Evaluated, Evaluation, TextOptions};
pub use tree::{Condition, RenderedTree};
