//! Strict templates: minijinja as it is, in which a name without a value is an error.

mod blame;
mod guard;
mod host;
pub(crate) mod inspect;
mod kinds;

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{DynObject, Enumerator, Object, ObjectRepr, Serde, ValueKind};
use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior, Value};
use serde_json::{Map, Value as Json};

use blame::tried;
use idp_core::Span;

use crate::expr::arguments::Arguments;
use crate::expr::error::{ErrorCode, TemplateError};
use crate::expr::fail::Fail;
use crate::expr::filters;
use crate::expr::scope::Scope;
use crate::expr::settings::Settings;
use crate::expr::template::{
    Evaluated, Evaluation, Output, RenderedText, TextOptions, evaluation, limit_error, unknown_error, work,
};
use crate::expr::value::{from_json, to_json, unknown_json};

/// A strict template, read.
#[derive(Debug)]
pub(crate) struct Compiled {
    environment: Environment<'static>,
    /// The bytes of the expression, where the template is one output and nothing else.
    expression: Option<Range<usize>>,
}

const NAME: &str = "template";
const OPEN: &str = "${{";
const CLOSE: &str = "}}";

/// Values known only after apply that were read.
type Sink = Arc<Mutex<BTreeSet<String>>>;

impl Compiled {
    pub(crate) fn value(source: &str, settings: &Arc<Settings>) -> Result<Self, TemplateError> {
        let mut compiled = Self::text(source, settings, TextOptions::default())?;
        let inner = source.strip_prefix(OPEN).and_then(|rest| rest.strip_suffix(CLOSE));
        let end = source.len() - CLOSE.len().min(source.len());
        compiled.expression = inner
            .map(|inner| inner.trim_start_matches('-'))
            .map(|inner| (end - inner.len(), inner.trim_end_matches('-')))
            .map(|(start, inner)| start..start + inner.len())
            .filter(|range| compiled.environment.compile_expression(&source[range.clone()]).is_ok());
        Ok(compiled)
    }

    pub(crate) fn text(
        source: &str,
        settings: &Arc<Settings>,
        options: TextOptions,
    ) -> Result<Self, TemplateError> {
        let open = if options.cookiecutter { "{{" } else { OPEN };
        if source.len() > settings.limits.source || !guard::is_modest(source, open) {
            return Err(limit_error(
                "the template is too long, or nested too deeply",
                Span::default(),
                source,
            ));
        }
        let mut environment = environment(settings, options, source)?;
        environment
            .add_template_owned(NAME, source.to_owned())
            .map_err(|error| located(&error, 0, source))?;
        Ok(Self { environment, expression: None })
    }

    pub(crate) fn render_text(
        &self,
        source: &str,
        settings: &Settings,
        scope: &Scope,
    ) -> Result<RenderedText, TemplateError> {
        let mut output = Output { bytes: Vec::new(), limit: settings.limits.output, full: false };
        let (rendered, unknown) = tried(&self.environment, settings, scope, |environment, context| {
            output.bytes.clear();
            let template = environment.get_template(NAME)?;
            template.render_captured_to(context, &mut output).map(|it| work(&it))
        });
        match rendered {
            _ if !unknown.is_empty() => Err(unknown_error(unknown, source)),
            Err(_) if output.full => Err(limit_error("the output is too long", Span::default(), source)),
            Err(error) => Err(located(&error, 0, source)),
            Ok(work) => Ok(RenderedText { text: output.into_text(), work }),
        }
    }

    pub(crate) fn render_value(
        &self,
        source: &str,
        settings: &Settings,
        scope: &Scope,
    ) -> Result<Evaluation, TemplateError> {
        let Some(range) = &self.expression else {
            return match self.render_text(source, settings, scope) {
                Ok(rendered) => Ok(evaluation(Evaluated::Value(rendered.text.into()))),
                Err(error) if error.code() == ErrorCode::UnknownValue => {
                    Ok(evaluation(Evaluated::Unknown(error.unknown().clone())))
                }
                Err(error) => Err(error),
            };
        };
        let expression = source.get(range.clone()).unwrap_or_default();
        let (value, unknown) = tried(&self.environment, settings, scope, |environment, context| {
            environment.compile_expression(expression)?.eval(context)
        });
        if !unknown.is_empty() {
            return Ok(evaluation(Evaluated::Unknown(unknown)));
        }
        let value = value.map_err(|error| located(&error, range.start, source))?;
        native(&value, source).map(evaluation)
    }
}

fn context(scope: &Scope, sink: &Sink) -> Value {
    Value::from_pairs(scope.iter().map(|(name, json)| (name, convert(json, sink))))
}

fn native(value: &Value, source: &str) -> Result<Evaluated, TemplateError> {
    let whole = Span { start: 0, end: source.len() };
    if value.is_undefined() {
        return Err(TemplateError::new(ErrorCode::Undefined, "the expression has no value", whole, source));
    }
    if let Some(probe) = value.downcast_object_ref::<Probe>() {
        return Ok(Evaluated::Unknown([probe.name.clone()].into()));
    }
    let number = if value.kind() == ValueKind::Number { f64::try_from(value.clone()).ok() } else { None };
    if let Some(number) = number.filter(|number| !number.is_finite()) {
        return Ok(Evaluated::NotJson(number));
    }
    json(value, 0).map(Evaluated::Value).ok_or_else(|| {
        TemplateError::new(ErrorCode::InvalidInput, "the value has no JSON form", whole, source)
    })
}

/// A value as JSON, unknown values as markers.
fn json(value: &Value, depth: usize) -> Option<Json> {
    if depth > 200 {
        return None;
    }
    if let Some(probe) = value.downcast_object_ref::<Probe>() {
        return Some(unknown_json(&[probe.name.clone()].into()));
    }
    match value.kind() {
        ValueKind::Map => {
            let mut map = Map::new();
            for key in value.try_iter().ok()? {
                map.insert(key.to_string(), json(&value.get_item(&key).ok()?, depth + 1)?);
            }
            Some(Json::Object(map))
        }
        ValueKind::Seq | ValueKind::Iterable => {
            value.try_iter().ok()?.map(|item| json(&item, depth + 1)).collect::<Option<_>>().map(Json::Array)
        }
        _ => serde_json::to_value(value).ok(),
    }
}

fn environment(
    settings: &Arc<Settings>,
    options: TextOptions,
    source: &str,
) -> Result<Environment<'static>, TemplateError> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(settings.limits.work));
    environment.set_debug(true);
    let syntax = SyntaxConfig::builder()
        .variable_delimiters(if options.cookiecutter { "{{" } else { OPEN }, CLOSE)
        .trim_blocks(options.trim_blocks)
        .lstrip_blocks(options.lstrip_blocks)
        .keep_trailing_newline(true)
        .build()
        .map_err(|_| limit_error("the delimiters cannot be used", Span::default(), source))?;
    environment.set_syntax(syntax);
    kinds::register(&mut environment);
    for name in ["parseEntityRef", "parseRepoUrl", "pick", "projectSlug"] {
        add_backstage_filter(&mut environment, name, settings);
    }
    host::register(&mut environment, settings);
    let failed = settings.failed;
    environment.add_function("always", || true);
    environment.add_function("failure", move || failed);
    Ok(environment)
}

fn add_backstage_filter(
    environment: &mut Environment<'static>,
    name: &'static str,
    settings: &Arc<Settings>,
) {
    let settings = Arc::clone(settings);
    environment.add_filter(name, move |input: Value, args: minijinja::value::Rest<Value>| {
        let refuse = |message: String| minijinja::Error::new(ErrorKind::InvalidOperation, message);
        let filter = filters::find(name, &settings).ok_or_else(|| refuse(format!("no filter {name}")))?;
        let args: Vec<Value> = args.iter().map(|it| ours(&kinds::read(it.clone()))).collect();
        let answer = filter(&ours(&input), &Arguments::new(&args, &[]), &settings);
        match answer.and_then(|value| to_json(&value)) {
            Ok(answer) => Ok(answer.as_ref().map_or(Value::UNDEFINED, plain)),
            Err(Fail::Error(_, message)) => Err(refuse(message)),
            Err(_) => {
                kinds::read(input);
                Err(refuse(format!("{name} could not be applied")))
            }
        }
    });
}

/// A value of minijinja's as our filters see it.
fn ours(value: &Value) -> Value {
    json(value, 0).map_or(Value::UNDEFINED, |json| from_json(&json))
}

/// JSON as minijinja's own values.
fn plain(json: &Json) -> Value {
    Value::from(Serde(json))
}

fn convert(json: &Json, sink: &Sink) -> Value {
    match json {
        Json::Array(items) => Value::from(items.iter().map(|item| convert(item, sink)).collect::<Vec<_>>()),
        Json::Object(entries) => match idp_core::unknown_origin(json) {
            Some(name) => Value::from_object(Probe { name: name.to_owned(), sink: Arc::clone(sink) }),
            None => {
                Value::from_pairs(entries.iter().map(|(key, value)| (key.as_str(), convert(value, sink))))
            }
        },
        other => plain(other),
    }
}

/// A value known only after apply: notes when it is read.
struct Probe {
    name: String,
    sink: Sink,
}

impl Probe {
    fn note(&self) {
        self.sink.lock().unwrap_or_else(PoisonError::into_inner).insert(self.name.clone());
    }
}

impl fmt::Debug for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.note();
        f.write_str(&self.name)
    }
}

impl Object for Probe {
    /// Asked for by what wants another kind of value, such as arithmetic, which fails then without reading it.
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        self.note();
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, _: &Value) -> Option<Value> {
        self.note();
        Some(Value::from_dyn_object(Arc::clone(self)))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        self.note();
        Enumerator::Empty
    }

    fn is_true(self: &Arc<Self>) -> bool {
        self.note();
        false
    }

    fn custom_cmp(self: &Arc<Self>, _: &DynObject) -> Option<std::cmp::Ordering> {
        self.note();
        None
    }

    fn render(self: &Arc<Self>, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.note();
        Ok(())
    }
}

/// An error of minijinja with its place; what minijinja has read starts at `start`.
fn located(error: &minijinja::Error, start: usize, source: &str) -> TemplateError {
    let code = match error.kind() {
        ErrorKind::SyntaxError => ErrorCode::Syntax,
        ErrorKind::UndefinedError => ErrorCode::Undefined,
        ErrorKind::UnknownFilter => ErrorCode::UnknownFilter,
        ErrorKind::UnknownTest => ErrorCode::UnknownTest,
        ErrorKind::UnknownFunction | ErrorKind::UnknownMethod => ErrorCode::NotCallable,
        ErrorKind::OutOfFuel => ErrorCode::Limit,
        _ => ErrorCode::InvalidInput,
    };
    let message = match error.detail() {
        Some(detail) => format!("{}: {detail}", error.kind()),
        None => error.kind().to_string(),
    };
    let range = error.range().map(|range| Span::new(start + range.start, start + range.end));
    let span = range.filter(|span| span.end <= source.len()).unwrap_or(Span::new(0, source.len()));
    TemplateError::new(code, message, span, source)
}
