//! The engine: what was configured once, for every template.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value as Json;

use super::cache::{Cache, Reading};
use super::error::TemplateError;
use super::limits::Limits;
use super::programs::Programs;
use super::scope::Scope;
use super::settings::{Function, Global, Integration, Mode, Settings};
use super::syntax::print;
use super::template::{
    CompiledTemplate, Evaluated, Evaluation, RenderedText, TextOptions, is_literal, read_nodes,
};

/// Renders templates. Cheap to clone.
///
/// An engine and its clones keep the templates that they have read last ([`Limits::kept`]): a skeleton that is rendered
/// again is not read again.
#[derive(Clone, Debug)]
pub struct Engine {
    settings: Arc<Settings>,
    cache: Arc<Cache>,
    programs: Arc<Programs>,
}

impl Engine {
    /// An engine of a mode, with the usual limits and the public source-code hosts.
    pub fn new(mode: Mode) -> Self {
        Self::builder(mode).build()
    }

    /// Starts to build an engine.
    pub fn builder(mode: Mode) -> EngineBuilder {
        EngineBuilder {
            mode,
            limits: Limits::default(),
            filters: BTreeMap::new(),
            globals: BTreeMap::new(),
            integrations: Integration::public(),
        }
    }

    pub(super) fn settings(&self) -> &Arc<Settings> {
        &self.settings
    }

    /// How much templates may ask for.
    pub(crate) fn limits(&self) -> Limits {
        self.settings.limits
    }

    /// What the host added and templates can call, by name.
    pub(crate) fn host_names(&self) -> impl Iterator<Item = &str> {
        let functions = self.settings.globals.iter().filter(|(_, it)| matches!(it, Global::Function(_)));
        self.settings.filters.keys().chain(functions.map(|(name, _)| name)).map(String::as_str)
    }

    /// Which rules apply.
    pub fn mode(&self) -> Mode {
        self.settings.mode
    }

    /// The same engine, in which `failure()` answers whether a step failed.
    #[must_use]
    pub fn with_failed(&self, failed: bool) -> Self {
        match self.settings.failed == failed {
            true => self.clone(),
            false => Self::of(Settings { failed, ..(*self.settings).clone() }),
        }
    }

    /// The same engine, which gives up on a template after so much work.
    pub(crate) fn with_work(&self, work: u64) -> Self {
        let limits = Limits { work, ..self.settings.limits };
        Self::of(Settings { limits, ..(*self.settings).clone() })
    }

    fn of(settings: Settings) -> Self {
        Self { settings: Arc::new(settings), cache: Arc::default(), programs: Arc::default() }
    }

    /// Reads a template that makes a value.
    ///
    /// # Errors
    /// The template does not follow the grammar, or is too large.
    pub fn compile_value(&self, source: &str) -> Result<CompiledTemplate, TemplateError> {
        self.read(Reading::Value, source)
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    /// The template does not follow the grammar, or is too large.
    pub fn compile_text(
        &self,
        source: &str,
        options: TextOptions,
    ) -> Result<CompiledTemplate, TemplateError> {
        self.read(Reading::Text(options), source)
    }

    /// Reads a template, unless it was read before.
    fn read(&self, reading: Reading, source: &str) -> Result<CompiledTemplate, TemplateError> {
        let kept = self.settings.limits.kept;
        let compile = || match reading {
            Reading::Value => CompiledTemplate::value(source, &self.settings, &self.programs),
            Reading::Text(options) => CompiledTemplate::text(source, &self.settings, options, &self.programs),
        };
        if self.is_literal(source, reading.options()) {
            return compile();
        }
        if let Some(found) = self.cache.get(reading, source, kept) {
            return Ok(found);
        }
        let template = compile()?;
        self.cache.put(reading, template.clone(), kept);
        Ok(template)
    }

    /// Whether a text has no delimiter, so that it stands for itself.
    pub(crate) fn is_literal(&self, source: &str, options: TextOptions) -> bool {
        is_literal(source, options.cookiecutter)
    }

    /// A template as the engine has understood it, in one spelling: read again without trimming, it is the same tree.
    /// In [`Mode::Strict`], whose grammar is minijinja's, and where there is nothing to render, the source itself.
    ///
    /// ```
    /// use idp_scaffolder::{Engine, TextOptions};
    /// let printed = Engine::default().reprint("{%if a==\"b\" -%}  x{%endif%}", TextOptions::default())?;
    /// assert_eq!(printed, "{% if a == 'b' %}x{% endif %}");
    /// # Ok::<(), idp_scaffolder::TemplateError>(())
    /// ```
    ///
    /// # Errors
    /// The template does not follow the grammar, or is too large.
    pub fn reprint(&self, source: &str, options: TextOptions) -> Result<String, TemplateError> {
        if self.settings.mode == Mode::Strict {
            return Ok(source.to_owned());
        }
        let nodes = read_nodes(source, &self.settings, options)?;
        Ok(nodes.map_or_else(|| source.to_owned(), |nodes| print(&nodes, options.cookiecutter)))
    }

    /// A step's value. In the Backstage modes an error leaves the source text as the value and stands beside it.
    ///
    /// # Errors
    /// In [`Mode::Strict`], whatever goes wrong.
    pub fn render_value(&self, source: &str, scope: &Scope) -> Result<Evaluation, TemplateError> {
        let rendered = self.compile_value(source).and_then(|template| template.render_value(scope));
        match rendered {
            Err(error) if self.settings.mode != Mode::Strict => {
                let value = Evaluated::Value(source.into());
                Ok(Evaluation { value, error: Some(error), status_called: false })
            }
            rendered => rendered,
        }
    }

    /// A file's content.
    ///
    /// # Errors
    /// Whatever goes wrong, in every mode.
    pub fn render_text(
        &self,
        source: &str,
        scope: &Scope,
        options: TextOptions,
    ) -> Result<String, TemplateError> {
        self.compile_text(source, options)?.render_text(scope)
    }

    /// As [`Engine::render_text`], with what it cost.
    pub(crate) fn render_counted(
        &self,
        source: &str,
        scope: &Scope,
        options: TextOptions,
    ) -> Result<RenderedText, TemplateError> {
        self.compile_text(source, options)?.render_counted(scope)
    }
}

impl Default for Engine {
    /// An engine of Backstage's current rules.
    fn default() -> Self {
        Self::new(Mode::default())
    }
}

/// Builds an [`Engine`].
#[derive(Debug)]
pub struct EngineBuilder {
    mode: Mode,
    limits: Limits,
    filters: BTreeMap<String, Function>,
    globals: BTreeMap<String, Global>,
    integrations: Vec<Integration>,
}

impl EngineBuilder {
    /// Sets how much templates may ask for.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Adds a filter, or replaces one. It gets the input and then the arguments; answering nothing is undefined.
    ///
    /// Files that name it are rendered by one thread, in a fixed order ([`render_files`](crate::render_files)).
    #[must_use]
    pub fn filter(
        mut self,
        name: impl Into<String>,
        call: impl Fn(&[Json]) -> Result<Option<Json>, String> + Send + Sync + 'static,
    ) -> Self {
        self.filters.insert(name.into(), Function::new(call));
        self
    }

    /// Adds a function. It gets the arguments; answering nothing is undefined.
    ///
    /// Files that name it are rendered by one thread, as with a [`filter`](Self::filter).
    #[must_use]
    pub fn function(
        mut self,
        name: impl Into<String>,
        call: impl Fn(&[Json]) -> Result<Option<Json>, String> + Send + Sync + 'static,
    ) -> Self {
        self.globals.insert(name.into(), Global::Function(Function::new(call)));
        self
    }

    /// Adds a variable that every template sees.
    #[must_use]
    pub fn global(mut self, name: impl Into<String>, value: Json) -> Self {
        self.globals.insert(name.into(), Global::Value(value));
        self
    }

    /// Adds a source-code host that `parseRepoUrl` accepts.
    #[must_use]
    pub fn integration(mut self, integration: Integration) -> Self {
        self.integrations.retain(|known| known.host != integration.host);
        self.integrations.push(integration);
        self
    }

    /// The engine.
    pub fn build(self) -> Engine {
        Engine::of(Settings {
            mode: self.mode,
            limits: self.limits,
            legacy: self.mode == Mode::BackstageLegacy,
            cookiecutter: false,
            failed: false,
            filters: Arc::new(self.filters),
            globals: Arc::new(self.globals),
            integrations: Arc::new(self.integrations),
        })
    }
}
