//! Running a template's steps: the same code for a plan and for a run.

mod condition;
mod inputs;
mod interpreter;
mod output;
mod variables;

pub use inputs::check_input;
pub(crate) use interpreter::{Interpreter, StepListener, StepReport, StepResult};
pub(crate) use output::render_output;
pub(crate) use variables::Variables;
