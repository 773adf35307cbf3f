//! One rendering: the object that a program calls back, with its frames, its budget and what it found.

mod callable;
mod calls;
mod dispatch;
mod evaluate;
mod frames;

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use foldhash::fast::RandomState;
use minijinja::value::{Enumerator, Object};
use minijinja::{Error, ErrorKind, State, Value};

use idp_core::Span;

use super::error::ErrorCode;
use super::fail::Fail;
use super::lower::Program;
use super::scope::Scope;
use super::settings::Settings;
use super::value::from_json;
use frames::Frames;

pub(crate) use callable::Callable;

/// A rendering in progress.
pub(crate) struct Run {
    pub(crate) settings: Arc<Settings>,
    program: Arc<Program>,
    scope: Scope,
    memory: Mutex<Memory>,
    /// How deep evaluation is, across macros.
    nesting: AtomicUsize,
    /// The operation that was begun last.
    last: AtomicUsize,
}

/// What changes while a template runs.
#[derive(Default)]
pub(crate) struct Memory {
    frames: Frames,
    /// The scope's values, converted when first read; a template may change its own copies.
    variables: HashMap<String, Value, RandomState>,
    /// Values known only after apply that were read.
    pub(crate) unknown: BTreeSet<String>,
    /// What stopped the rendering.
    pub(crate) failure: Option<Failure>,
    /// The template's value, where it is one.
    pub(crate) result: Option<Value>,
    /// `always()` or `failure()` was called.
    pub(crate) status_called: bool,
    built: usize,
    depth: usize,
}

/// Why a rendering stopped.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: ErrorCode,
    pub(crate) message: String,
    pub(crate) span: Span,
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run").finish_non_exhaustive()
    }
}

impl Run {
    pub(crate) fn new(settings: Arc<Settings>, program: Arc<Program>, scope: Scope) -> Self {
        Self {
            settings,
            program,
            scope,
            memory: Mutex::default(),
            nesting: AtomicUsize::new(0),
            last: AtomicUsize::new(0),
        }
    }

    /// Where the template is.
    pub(crate) fn place(&self) -> Span {
        let site = self.program.sites.get(self.last.load(Ordering::Relaxed));
        site.map(|site| site.span).unwrap_or_default()
    }

    /// Everything that changes. Never held while template code runs.
    pub(crate) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The value of a name: a template's own, then the scope's, then the engine's.
    fn lookup(&self, name: &str) -> Value {
        let mut memory = self.memory();
        if let Some(value) = memory.frames.get(name).or_else(|| memory.variables.get(name).cloned()) {
            return value;
        }
        let Some(json) = self.scope.get(name) else {
            return self.settings.global(name);
        };
        let value = from_json(json);
        memory.variables.insert(name.to_owned(), value.clone());
        value
    }

    /// Counts the bytes that an operation built.
    fn charge(&self, size: usize) -> Result<(), Fail> {
        let mut memory = self.memory();
        memory.built += size;
        match memory.built > self.settings.limits.scratch {
            true => Err(Fail::limit("the template builds too many values")),
            false => Ok(()),
        }
    }

    /// Notes why an operation stopped the rendering.
    fn stop(&self, fail: Fail, span: Span) -> Error {
        let stopped = || Error::new(ErrorKind::InvalidOperation, "stopped");
        match fail {
            Fail::Reported(error) => return error,
            Fail::Unknown(names) => self.memory().unknown.extend(names),
            Fail::Error(code, message) => {
                self.memory().failure.get_or_insert(Failure { code, message, span });
            }
        }
        stopped()
    }
}

impl Object for Run {
    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }

    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let number = args.first().and_then(|number| usize::try_from(number.clone()).ok());
        let site = number.and_then(|number| self.program.entries.get(number).copied());
        let given = args.get(1..).unwrap_or_default();
        self.evaluate(state, site.unwrap_or(usize::MAX), given)
    }
}
