//! Asking for parameters, one question after the other.

mod entities;
mod fields;
mod filling;
mod kind;
mod question;
mod repo_url;
mod rules;
mod secrets;
mod state;

pub use entities::{Belonging, EntityOptions};
pub use filling::{Answers, Form};
pub use question::{Choice, Question, QuestionKind};
pub use repo_url::{RepoUrlOptions, RepoUrlPart};
