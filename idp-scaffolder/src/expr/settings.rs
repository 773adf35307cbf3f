//! What an engine was built with.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use minijinja::Value;
use serde_json::Value as Json;

use super::limits::Limits;
use super::run::Callable;
use super::value::from_json;

/// Which engine's rules apply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mode {
    /// Backstage since scaffolder-backend 4.0.3: JavaScript semantics, errors in values keep the source text.
    #[default]
    Backstage,
    /// Backstage before that: a value is also read back from JSON where a block made it, and more methods exist.
    BackstageLegacy,
    /// minijinja's own semantics, in which a name without a value is an error, as is every other error.
    Strict,
}

/// A function that the host adds: plain JSON in, JSON (or nothing) or a message out.
#[derive(Clone)]
pub(crate) struct Function(Arc<dyn Fn(&[Json]) -> Result<Option<Json>, String> + Send + Sync>);

impl Function {
    pub(crate) fn new(call: impl Fn(&[Json]) -> Result<Option<Json>, String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(call))
    }

    pub(crate) fn call(&self, args: &[Json]) -> Result<Option<Json>, String> {
        (self.0)(args)
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Function")
    }
}

/// A name that the host adds.
#[derive(Clone, Debug)]
pub(crate) enum Global {
    Value(Json),
    Function(Function),
}

/// A source-code host that `parseRepoUrl` accepts, and what it needs to know of a repository there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Integration {
    /// The host, as it stands in a repository URL.
    pub host: String,
    /// What kind of host it is: `github`, `gitlab`, `gitea`, `gerrit`, `azure`, `bitbucketCloud`, `bitbucketServer`, …
    pub kind: String,
}

impl Integration {
    /// An integration.
    pub fn new(host: impl Into<String>, kind: impl Into<String>) -> Self {
        Self { host: host.into(), kind: kind.into() }
    }

    /// The public hosts, which Backstage knows without configuration.
    pub(crate) fn public() -> Vec<Self> {
        [
            ("github.com", "github"),
            ("gitlab.com", "gitlab"),
            ("bitbucket.org", "bitbucketCloud"),
            ("dev.azure.com", "azure"),
        ]
        .map(|(host, kind)| Self::new(host, kind))
        .into()
    }
}

/// What an engine was built with.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) mode: Mode,
    pub(crate) limits: Limits,
    pub(crate) legacy: bool,
    /// The template is a cookiecutter one.
    pub(crate) cookiecutter: bool,
    /// What `failure()` answers.
    pub(crate) failed: bool,
    pub(crate) filters: Arc<BTreeMap<String, Function>>,
    pub(crate) globals: Arc<BTreeMap<String, Global>>,
    pub(crate) integrations: Arc<Vec<Integration>>,
}

impl Settings {
    pub(crate) fn filter(&self, name: &str) -> Option<&Function> {
        self.filters.get(name)
    }

    /// The value of a name that no scope has.
    pub(crate) fn global(&self, name: &str) -> Value {
        let callable = match (name, self.globals.get(name)) {
            ("always", _) => Callable::Status { answer: true },
            ("failure", _) => Callable::Status { answer: self.failed },
            (_, Some(Global::Value(value))) => return from_json(value),
            (_, Some(Global::Function(function))) => Callable::Host(function.clone()),
            ("range", None) => Callable::Range,
            ("cycler", None) => Callable::CyclerMaker,
            ("joiner", None) => Callable::JoinerMaker,
            ("True", None) if self.cookiecutter => return true.into(),
            ("False", None) if self.cookiecutter => return false.into(),
            ("None", None) if self.cookiecutter => return ().into(),
            _ => return Value::UNDEFINED,
        };
        callable.into_value()
    }
}
