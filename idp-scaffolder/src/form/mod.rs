//! Asking for parameters, one question after the other.

mod entities;
mod fields;
mod form;
mod kind;
mod question;
mod repo_url;
mod state;

pub use entities::EntityOptions;
pub use form::{Answers, Form};
pub use question::{Choice, Question, QuestionKind};
pub use repo_url::{RepoUrlOptions, RepoUrlPart};
