//! Code that a step of a template names.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value;

use crate::{
    Cancel, Clock, Entity, EntityRef, Progress, Resource, Result, RunInfo, Secret, Tree, TreeRef, Workspace,
};

/// What an action is.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ActionInfo {
    /// What a step names: `fetch:template`.
    pub id: String,
    /// What it does, for a person. Markdown.
    pub description: String,
    /// JSON schema of the input.
    pub input: Value,
    /// JSON schema of the output.
    pub output: Value,
    /// True where it never changes the workspace: a step that is deferred does not make the files unknown then.
    pub keeps_files: bool,
}

impl ActionInfo {
    /// An action whose input and output may be anything.
    pub fn new(id: impl Into<String>, description: impl Into<String>) -> Self {
        let any = || Value::Bool(true);
        Self {
            id: id.into(),
            description: description.into(),
            input: any(),
            output: any(),
            keeps_files: false,
        }
    }

    /// Promises that it never changes the workspace.
    #[must_use]
    pub fn keeps_files(mut self) -> Self {
        self.keeps_files = true;
        self
    }

    /// With the schema of its input.
    #[must_use]
    pub fn input(mut self, schema: Value) -> Self {
        self.input = schema;
        self
    }

    /// With the schema of its output.
    #[must_use]
    pub fn output(mut self, schema: Value) -> Self {
        self.output = schema;
        self
    }
}

/// Code that a step names.
///
/// The same code runs when a plan is made and when it is applied: **an action changes the world through its context's
/// handles only**, and the handles record or apply. So a dry run cannot lie, and no action needs to support it.
#[async_trait]
pub trait Action: fmt::Debug + Send + Sync + 'static {
    /// What this is. The same answer every time.
    fn info(&self) -> ActionInfo;

    /// Does its work and answers with its output.
    ///
    /// - The input was checked against the schema, unless it holds [`crate::unknown`] values.
    /// - Has no effect but through `cx`; the same input and the same answers of `cx` give the same output and the same
    ///   calls in the same order, as a resumed run relies on.
    /// - A state that [`ActionContext::ensure`] answers may hold [`crate::unknown`] values while planning.
    async fn run(&self, cx: &ActionContext<'_>, input: Value) -> Result<Value>;
}

/// The desired state that an action asks for, with the files it refers to.
#[derive(Clone, Debug)]
pub struct EnsureRequest {
    /// [`Resource::KIND`].
    pub kind: String,
    /// The desired state.
    pub want: Value,
    /// The files that [`TreeRef`]s in it stand for.
    pub trees: Vec<Tree>,
}

/// The host's side of an [`ActionContext`]: records while planning, journals while applying.
#[async_trait]
pub trait Effects: fmt::Debug + Send + Sync {
    /// Makes a desired state true, or records that it would be; answers with the state there is or will be.
    async fn ensure(&self, request: EnsureRequest) -> Result<Value>;

    /// Reads files by a URL, absolute or relative to the template.
    async fn fetch(&self, url: &str) -> Result<Tree>;

    /// Lets time pass; none while planning.
    async fn sleep(&self, time: Duration) -> Result<()>;

    /// Reads one entity of the catalog.
    async fn entity(&self, entity: &EntityRef) -> Result<Option<Entity>>;
}

/// Which step an action runs for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StepInfo {
    /// The step's id.
    pub id: String,
    /// The step's name.
    pub name: String,
    /// The template it stands in.
    pub template: EntityRef,
    /// True while a plan is made.
    pub planning: bool,
}

impl StepInfo {
    /// A step of a template.
    pub fn new(id: impl Into<String>, name: impl Into<String>, template: EntityRef, planning: bool) -> Self {
        Self { id: id.into(), name: name.into(), template, planning }
    }
}

/// Everything an action may use: there is no other way out.
#[derive(Debug)]
#[non_exhaustive]
pub struct ActionContext<'a> {
    /// The run the step is part of.
    pub run: &'a RunInfo,
    /// The step.
    pub step: &'a StepInfo,
    /// The files of the run.
    pub workspace: &'a Workspace,
    /// The secrets given to the run.
    pub secrets: &'a BTreeMap<String, Secret>,
    /// Raised when the run is to stop.
    pub cancel: &'a Cancel,
    /// The host's clock.
    pub clock: &'a Arc<dyn Clock>,
    /// Where to report progress.
    pub progress: &'a dyn Progress,
    effects: &'a dyn Effects,
}

impl<'a> ActionContext<'a> {
    /// A context over the host's handles.
    #[expect(clippy::too_many_arguments, reason = "called by engines only; each argument is one handle")]
    pub fn new(
        run: &'a RunInfo,
        step: &'a StepInfo,
        workspace: &'a Workspace,
        secrets: &'a BTreeMap<String, Secret>,
        cancel: &'a Cancel,
        clock: &'a Arc<dyn Clock>,
        progress: &'a dyn Progress,
        effects: &'a dyn Effects,
    ) -> Self {
        Self { run, step, workspace, secrets, cancel, clock, progress, effects }
    }

    /// Makes a resource true, or records that it would be. Answers with its state, in which values may be
    /// [`crate::unknown`] while planning.
    ///
    /// # Errors
    /// Whatever the provider answers; [`crate::ErrorKind::Unsupported`] where none serves the resource;
    /// [`crate::ErrorKind::Conflict`] where the plan being applied does not hold this effect.
    pub async fn ensure<R: Resource>(&self, resource: &R) -> Result<Value> {
        let want = serde_json::to_value(resource)
            .map_err(|error| crate::Error::internal("resource does not serialise").because(error))?;
        self.ensure_value(R::KIND, want).await
    }

    /// As [`ActionContext::ensure`], for a kind known by name. `{"$workspace": "path"}` inside `want` stands for the
    /// files there, and becomes a [`TreeRef`].
    ///
    /// # Errors
    /// As [`ActionContext::ensure`], and for a path that leads outside the workspace.
    pub async fn ensure_value(&self, kind: &str, mut want: Value) -> Result<Value> {
        let mut trees = Vec::new();
        self.capture_marked(&mut want, &mut trees)?;
        self.effects.ensure(EnsureRequest { kind: kind.to_owned(), want, trees }).await
    }

    /// Reads files by a URL: absolute, or relative to the template.
    ///
    /// # Errors
    /// Whatever the fetcher answers; [`crate::ErrorKind::PermissionDenied`] for a path that leaves the template's folder.
    pub async fn fetch(&self, url: &str) -> Result<Tree> {
        self.effects.fetch(url).await
    }

    /// Reads one entity of the catalog.
    ///
    /// # Errors
    /// Where the catalog cannot answer.
    pub async fn entity(&self, entity: &EntityRef) -> Result<Option<Entity>> {
        self.effects.entity(entity).await
    }

    /// Lets time pass; none while planning.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Cancelled`] where the run is to stop.
    pub async fn sleep(&self, time: Duration) -> Result<()> {
        self.effects.sleep(time).await
    }

    /// The mark that [`ActionContext::ensure`] replaces by the files at a path of the workspace.
    pub fn workspace_mark(path: &str) -> Value {
        serde_json::json!({ "$workspace": path })
    }

    fn capture_marked(&self, value: &mut Value, trees: &mut Vec<Tree>) -> Result<()> {
        if let Some(path) = marked_path(value) {
            let folder = crate::TreePath::new_or_root(path)?;
            let tree = self.workspace.tree().subtree(folder.as_ref());
            *value = serde_json::to_value(TreeRef::of(&tree)).map_err(|error| {
                crate::Error::internal("tree reference does not serialise").because(error)
            })?;
            trees.push(tree);
            return Ok(());
        }
        match value {
            Value::Array(items) => items.iter_mut().try_for_each(|it| self.capture_marked(it, trees)),
            Value::Object(map) => map.values_mut().try_for_each(|it| self.capture_marked(it, trees)),
            _ => Ok(()),
        }
    }
}

fn marked_path(value: &Value) -> Option<&str> {
    let map = value.as_object().filter(|map| map.len() == 1)?;
    map.get("$workspace")?.as_str()
}
