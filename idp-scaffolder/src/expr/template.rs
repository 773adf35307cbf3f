//! A template, read once.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;

use minijinja::{Captured, Environment, ErrorKind, Value};
use serde_json::Value as Json;

use idp_core::Span;

use super::error::{ErrorCode, TemplateError};
use super::fail::Fail;
use super::lower::{Form, Program, lower};
use super::programs::{NAME, Programs};
use super::run::Run;
use super::scope::Scope;
use super::settings::{Mode, Settings};
use super::strict;
use super::syntax::ast::Node;
use super::syntax::{LexOptions, parse};
use super::value::{View, number_json, to_json, view};

/// How the text of a file is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct TextOptions {
    /// Remove the line break after a tag.
    pub trim_blocks: bool,
    /// Remove the white space before a tag that begins its line.
    pub lstrip_blocks: bool,
    /// Outputs are `{{ … }}`; Python's constants, methods and `jsonify` exist.
    pub cookiecutter: bool,
}

/// What a template gave.
#[derive(Clone, Debug, PartialEq)]
pub enum Evaluated {
    /// A value.
    Value(Json),
    /// Nothing: the key that holds it is dropped, a list's place is null.
    Undefined,
    /// A number that JSON has no form for: NaN or an infinity.
    NotJson(f64),
    /// It depends on these values, which are known only after apply.
    Unknown(BTreeSet<String>),
}

/// The result of a template that makes a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// What it gave.
    pub value: Evaluated,
    /// What went wrong, where the engine keeps the source text as the value then.
    pub error: Option<TemplateError>,
    /// Whether `always()` or `failure()` was called.
    pub status_called: bool,
}

/// A template, read once and rendered as often as wanted. Cheap to clone.
#[derive(Clone, Debug)]
pub struct CompiledTemplate(Arc<Compiled>);

#[derive(Debug)]
struct Compiled {
    source: Arc<str>,
    settings: Arc<Settings>,
    body: Body,
}

#[derive(Debug)]
enum Body {
    /// No delimiter in it.
    Literal,
    /// Our grammar, lowered.
    Lowered(Box<Lowered>),
    /// What an older engine tries in turn: read back from JSON, then as text.
    Legacy { json: Option<Box<Lowered>>, text: Box<Lowered> },
    /// minijinja's own grammar.
    Strict(Box<strict::Compiled>),
}

#[derive(Debug)]
struct Lowered {
    program: Arc<Program>,
    environment: Arc<Environment<'static>>,
    /// About how many bytes it takes up.
    memory: usize,
}

/// What an operation takes up, with the instructions that call it.
const SITE_BYTES: usize = 256;

/// What minijinja makes of a byte of its own language, at most.
const STRICT_BYTES: usize = 32;

/// A text, and the work it took.
#[derive(Debug)]
pub(crate) struct RenderedText {
    pub(crate) text: String,
    pub(crate) work: u64,
}

/// What a rendering left behind.
struct Finished {
    text: String,
    work: u64,
    result: Option<Value>,
    unknown: BTreeSet<String>,
    status_called: bool,
}

impl CompiledTemplate {
    /// Reads a template that makes a value.
    pub(super) fn value(
        source: &str,
        settings: &Arc<Settings>,
        programs: &Programs,
    ) -> Result<Self, TemplateError> {
        let lowered = |form| Lowered::new(source, settings, TextOptions::default(), form, programs);
        let body = match settings.mode {
            _ if is_literal(source, false) => Body::Literal,
            Mode::Strict => Body::Strict(Box::new(strict::Compiled::value(source, settings)?)),
            Mode::Backstage => Body::Lowered(Box::new(lowered(Form::Value)?)),
            Mode::BackstageLegacy => {
                let nodes = read(source, settings, TextOptions::default(), Form::Text)?;
                let parts: Vec<_> = nodes.iter().filter(|node| **node != Node::Comment).collect();
                let single = matches!(parts[..], [node] if !matches!(node, Node::Text(_)));
                let json = if single { lowered(Form::Json).ok().map(Box::new) } else { None };
                Body::Legacy { json, text: Box::new(lowered(Form::Text)?) }
            }
        };
        Ok(Self::new(source, settings, body))
    }

    /// Reads the text of a file.
    pub(super) fn text(
        source: &str,
        settings: &Arc<Settings>,
        options: TextOptions,
        programs: &Programs,
    ) -> Result<Self, TemplateError> {
        let settings = match options.cookiecutter {
            true => Arc::new(Settings { cookiecutter: true, ..(**settings).clone() }),
            false => Arc::clone(settings),
        };
        let body = match settings.mode {
            _ if is_literal(source, options.cookiecutter) => Body::Literal,
            Mode::Strict => Body::Strict(Box::new(strict::Compiled::text(source, &settings, options)?)),
            _ => Body::Lowered(Box::new(Lowered::new(source, &settings, options, Form::Text, programs)?)),
        };
        Ok(Self::new(source, &settings, body))
    }

    fn new(source: &str, settings: &Arc<Settings>, body: Body) -> Self {
        Self(Arc::new(Compiled { source: source.into(), settings: Arc::clone(settings), body }))
    }

    /// The template's source.
    pub fn source(&self) -> &str {
        &self.0.source
    }

    /// About how many bytes it takes up.
    pub(super) fn memory(&self) -> usize {
        let source = self.0.source.len();
        source
            + match &self.0.body {
                Body::Literal => 0,
                Body::Lowered(lowered) => lowered.memory,
                Body::Legacy { json, text } => text.memory + json.as_ref().map_or(0, |json| json.memory),
                Body::Strict(_) => source * STRICT_BYTES,
            }
    }

    pub(super) fn shared_source(&self) -> Arc<str> {
        Arc::clone(&self.0.source)
    }

    /// Renders a text. Values known only after apply make it an error.
    ///
    /// # Errors
    /// The first thing that goes wrong.
    pub fn render_text(&self, scope: &Scope) -> Result<String, TemplateError> {
        self.render_counted(scope).map(|rendered| rendered.text)
    }

    /// As [`CompiledTemplate::render_text`], with what it cost.
    pub(crate) fn render_counted(&self, scope: &Scope) -> Result<RenderedText, TemplateError> {
        let finished = match &self.0.body {
            Body::Literal => return Ok(RenderedText { text: self.0.source.as_ref().to_owned(), work: 0 }),
            Body::Lowered(lowered) | Body::Legacy { text: lowered, .. } => self.run(lowered, scope)?,
            Body::Strict(compiled) => return compiled.render_text(&self.0.source, &self.0.settings, scope),
        };
        match finished.unknown.is_empty() {
            true => Ok(RenderedText { text: finished.text, work: finished.work }),
            false => Err(unknown_error(finished.unknown, &self.0.source)),
        }
    }

    /// Renders a value: one output alone keeps its type.
    ///
    /// # Errors
    /// The first thing that goes wrong, in every mode; [`Engine::render_value`](super::Engine::render_value) is what
    /// keeps the source text instead.
    pub fn render_value(&self, scope: &Scope) -> Result<Evaluation, TemplateError> {
        match &self.0.body {
            Body::Literal => Ok(evaluation(self.literal())),
            Body::Lowered(lowered) => self.finish(lowered, scope),
            Body::Legacy { json, text } => self.legacy_value(json.as_deref(), text, scope),
            Body::Strict(compiled) => compiled.render_value(&self.0.source, &self.0.settings, scope),
        }
    }

    fn literal(&self) -> Evaluated {
        let legacy = self.0.settings.mode == Mode::BackstageLegacy;
        match &*self.0.source {
            "" if legacy => Evaluated::Undefined,
            text => Evaluated::Value(text.into()),
        }
    }

    fn finish(&self, lowered: &Lowered, scope: &Scope) -> Result<Evaluation, TemplateError> {
        let finished = self.run(lowered, scope)?;
        let value = match finished.result {
            _ if !finished.unknown.is_empty() => Evaluated::Unknown(finished.unknown),
            Some(result) if lowered.program.whole_value => self.native(&result)?,
            _ => Evaluated::Value(finished.text.into()),
        };
        Ok(Evaluation { value, error: None, status_called: finished.status_called })
    }

    /// The value of a lone output.
    fn native(&self, value: &Value) -> Result<Evaluated, TemplateError> {
        Ok(match view(value) {
            View::Undefined => Evaluated::Undefined,
            View::Number(number) if !number.is_finite() => Evaluated::NotJson(number),
            View::Number(number) => Evaluated::Value(number_json(number)),
            View::Unknown(names) => Evaluated::Unknown(names.clone()),
            _ => match to_json(value) {
                Ok(json) => json.map_or(Evaluated::Undefined, Evaluated::Value),
                Err(fail) => return Err(self.failed(fail)),
            },
        })
    }

    fn failed(&self, fail: Fail) -> TemplateError {
        let whole = Span { start: 0, end: self.0.source.len() };
        match fail {
            Fail::Error(code, message) => TemplateError::new(code, message, whole, &self.0.source),
            Fail::Unknown(names) => unknown_error(names, &self.0.source),
            Fail::Reported(error) => engine_error(&error, whole, &self.0.source),
        }
    }

    /// Backstage before 4.0.3: what a lone tag or output gives is read back from JSON, and an empty text is nothing.
    fn legacy_value(
        &self,
        json: Option<&Lowered>,
        text: &Lowered,
        scope: &Scope,
    ) -> Result<Evaluation, TemplateError> {
        if let Some(Ok(finished)) = json.map(|json| self.run(json, scope)) {
            let status_called = finished.status_called;
            let value = match serde_json::from_str(&finished.text) {
                _ if !finished.unknown.is_empty() => Some(Evaluated::Unknown(finished.unknown)),
                _ if finished.text.is_empty() => Some(Evaluated::Undefined),
                parsed => parsed.ok().map(Evaluated::Value),
            };
            if let Some(value) = value {
                return Ok(Evaluation { value, error: None, status_called });
            }
        }
        let mut evaluation = self.finish(text, scope)?;
        if evaluation.value == Evaluated::Value(Json::from("")) {
            evaluation.value = Evaluated::Undefined;
        }
        Ok(evaluation)
    }

    fn run(&self, lowered: &Lowered, scope: &Scope) -> Result<Finished, TemplateError> {
        let Compiled { source, settings, .. } = &*self.0;
        let program = Arc::clone(&lowered.program);
        let run = Arc::new(Run::new(Arc::clone(settings), program, scope.clone()));
        let context = Value::from_pairs([("op", Value::from_dyn_object(Arc::clone(&run)))]);
        let mut output = Output { bytes: Vec::new(), limit: settings.limits.output, full: false };
        let rendered = lowered
            .environment
            .get_template(NAME)
            .and_then(|template| template.render_captured_to(context, &mut output).map(|it| work(&it)));
        let mut memory = run.memory();
        let memory = std::mem::take(&mut *memory);
        if let Some(failure) = memory.failure {
            return Err(TemplateError::new(failure.code, failure.message, failure.span, source));
        }
        match &rendered {
            Err(_) if output.full => return Err(limit_error("the output is too long", run.place(), source)),
            Err(error) if memory.unknown.is_empty() => return Err(engine_error(error, run.place(), source)),
            _ => (),
        }
        Ok(Finished {
            text: output.into_text(),
            work: rendered.unwrap_or(settings.limits.work),
            result: memory.result,
            unknown: memory.unknown,
            status_called: memory.status_called,
        })
    }
}

impl Lowered {
    fn new(
        source: &str,
        settings: &Settings,
        options: TextOptions,
        form: Form,
        programs: &Programs,
    ) -> Result<Self, TemplateError> {
        let mut program = lower(&read(source, settings, options, form)?, form);
        let too_deep = |span| limit_error("the template is nested too deeply", span, source);
        if let Some(span) = program.too_deep {
            return Err(too_deep(span));
        }
        let memory = source.len() + 2 * program.source.len() + SITE_BYTES * program.sites.len();
        let environment = programs.read(std::mem::take(&mut program.source), settings.limits);
        let environment = environment.map_err(|_| too_deep(Span::default()))?;
        Ok(Self { program: Arc::new(program), environment, memory })
    }
}

/// Whether a text has no delimiter, so that it stands for itself.
pub(super) fn is_literal(source: &str, cookiecutter: bool) -> bool {
    let bytes = source.as_bytes();
    !source.match_indices('{').any(|(at, _)| match bytes.get(at + 1) {
        Some(b'%' | b'#') => true,
        Some(b'{') => cookiecutter || at > 0 && bytes[at - 1] == b'$',
        _ => false,
    })
}

/// The tree of a text; `None` where it has no delimiter.
pub(super) fn read_nodes(
    source: &str,
    settings: &Settings,
    options: TextOptions,
) -> Result<Option<Vec<Node>>, TemplateError> {
    match is_literal(source, options.cookiecutter) {
        true => Ok(None),
        false => read(source, settings, options, Form::Text).map(Some),
    }
}

fn read(
    source: &str,
    settings: &Settings,
    options: TextOptions,
    form: Form,
) -> Result<Vec<Node>, TemplateError> {
    if source.len() > settings.limits.source {
        return Err(limit_error("the template is too long", Span::default(), source));
    }
    let options = LexOptions {
        cookiecutter: options.cookiecutter,
        trim_blocks: options.trim_blocks,
        lstrip_blocks: options.lstrip_blocks,
        legacy: settings.legacy,
        strict: settings.mode == Mode::Strict,
        // An older engine writes `(…) | dump` around what stands between the delimiters.
        minus: form == Form::Json,
    };
    parse(source, options, settings.limits.nodes)
}

pub(super) fn evaluation(value: Evaluated) -> Evaluation {
    Evaluation { value, error: None, status_called: false }
}

pub(super) fn limit_error(message: &str, span: Span, source: &str) -> TemplateError {
    TemplateError::new(ErrorCode::Limit, message, span, source)
}

pub(super) fn unknown_error(names: BTreeSet<String>, source: &str) -> TemplateError {
    let list = names.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    let message = format!("the text depends on values known only after apply: {list}");
    TemplateError::new(ErrorCode::UnknownValue, message, Span::default(), source).with_unknown(names)
}

/// An error of minijinja itself: the program is ours, so it is a limit.
fn engine_error(error: &minijinja::Error, span: Span, source: &str) -> TemplateError {
    let message = match error.kind() {
        ErrorKind::OutOfFuel => "the template does too much work".to_owned(),
        _ => format!("the template could not be run: {error}"),
    };
    limit_error(&message, span, source)
}

/// The fuel that a rendering used up.
pub(super) fn work(captured: &Captured<'_>) -> u64 {
    captured.state().fuel_levels().map_or(0, |(consumed, _)| consumed)
}

/// Output up to a limit.
pub(super) struct Output {
    pub(super) bytes: Vec<u8>,
    pub(super) limit: usize,
    pub(super) full: bool,
}

impl Output {
    /// What was written: whole texts, so that nothing is lost.
    pub(super) fn into_text(self) -> String {
        String::from_utf8(self.bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }
}

impl io::Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > self.limit {
            self.full = true;
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
