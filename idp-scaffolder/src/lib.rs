//! Golden paths: templates, plans, runs, journals and the template engine.

mod expr;

pub use expr::{
    Condition, Engine, EngineBuilder, ErrorCode, Evaluated, Evaluation, Integration, Limits, Mode, RenderedTree, Scope,
    Span, Template, TemplateError, TextOptions,
};
