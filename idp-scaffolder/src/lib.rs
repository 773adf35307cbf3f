//! Golden paths: templates become plans, plans become runs, and every run has a journal.
//!
//! ```text
//! Template ──plan──▶ Plan ──apply──▶ Run ──▶ the world
//!            │                │
//!     recording handles   journaling handles: intent, effect, result
//! ```
//!
//! A [`Scaffolder`] runs a template's steps twice. While planning, the handles that actions act through record what
//! would be done, over an overlay of the world as providers observe it; a dry run cannot lie, because it is the same
//! code. While applying, the handles write each effect's intent and undo into the run's journal before it happens,
//! and its result after. So a run that was killed is [resumed](Scaffolder::resume), and one that is regretted is
//! [undone](Scaffolder::undo).
//!
//! * **An action changes the world through its context's handles only.**
//! * **A plan is a value**: serialisable, content-addressed, applied exactly or refused.
//! * **A form is asked question by question**: a [`Form`] knows what comes next and whether an answer will do; a terminal,
//!   a bot or a portal shows it.
//! * **A template is a typed program**: a [`Checker`] reads it without running it, and shows what it finds.
//! * **Templates are hostile input**: files live in memory, paths are confined by their type, expressions have limits.

mod actions;
mod check;
mod disk;
mod effects;
mod expr;
mod form;
mod host;
mod journal;
mod parallel;
mod parameters;
mod pipeline;
mod places;
mod plan;
mod record;
mod render;
mod run;
mod scaffolder;
mod template;

pub use actions::Builtins;
pub use check::{Checker, Finding, TemplateReport};
pub use disk::{read_below, read_folder, write_folder};
pub use expr::{
    CompiledTemplate, Condition, Engine, EngineBuilder, ErrorCode, Evaluated, Evaluation, Integration,
    Limits, Mode, RenderedTree, Scope, TemplateError, TextOptions,
};
pub use form::{
    Answers, Belonging, Choice, EntityOptions, Form, Question, QuestionKind, RepoUrlOptions, RepoUrlPart,
};
pub use journal::{Failure, RunEvent, RunRecord, RunStatus, StepStatus};
pub use parameters::{FieldError, FormPage, check_parameters, field_errors, with_defaults};
pub use pipeline::check_input;
pub use places::Places;
pub use plan::{Plan, PlannedEffect, PlannedStatus, PlannedStep, PlannedTemplate, Warning};
pub use render::{RenderError, RenderOptions, RenderReport, copy_files, render_files};
pub use run::{Run, RunEvents, RunOptions};
pub use scaffolder::{PlanRequest, Scaffolder, ScaffolderBuilder};
pub use template::{Pages, SecretsSpec, Step, StepSpec, TEMPLATE_API_VERSION, Template, TemplateSpec};

/// Problems found on the way.
type Diagnostics = Vec<idp_core::Diagnostic>;
