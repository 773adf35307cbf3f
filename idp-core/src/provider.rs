//! Making a desired state true in one real system.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use async_trait::async_trait;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Digest, Error, ErrorKind, ProviderContext, Resource, ResourceId, Result};

/// What a provider is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ProviderInfo {
    /// Unique for its resource kind in a registry: `git`, `terraform`.
    pub name: String,
    /// One sentence for a person.
    pub description: String,
}

impl ProviderInfo {
    /// A provider of this name.
    pub fn new(name: impl Into<String>, description: impl Into<String>) -> Self {
        Self { name: name.into(), description: description.into() }
    }
}

/// What a [`Change`] does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Operation {
    /// The thing is not there and will be.
    Create,
    /// The thing is there and will be different.
    Update,
    /// The thing is there, will be taken away, and made anew.
    Replace,
    /// The thing is as wanted.
    Nothing,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Replace => "replace",
            Self::Nothing => "nothing",
        })
    }
}

/// One field that a [`Change`] changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldChange {
    /// Dotted path in the state.
    pub path: String,
    /// The value there is; null where there is none.
    pub before: Value,
    /// The value there will be; may be [`crate::unknown`].
    pub after: Value,
}

/// Whether a [`Change`] can be taken back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Reversal {
    /// It can.
    Undo {
        /// What undoing does, for a person: "delete the repository".
        summary: String,
        /// What [`Provider::undo`] needs to know. Free of secrets: it is journaled.
        data: Value,
    },
    /// It cannot, and why.
    Irreversible(String),
}

/// What making a resource true would change. A value: it is shown, stored in a plan, and applied later.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Change {
    /// What it does.
    pub operation: Operation,
    /// One line for a person: "create repository with 12 files on main".
    pub summary: String,
    /// The fields that differ.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldChange>,
    /// More lines for a person: the resources of a stack, the files of a commit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<String>,
    /// The state there will be, with [`crate::unknown`] where only applying can tell.
    pub after: Value,
    /// Whether it can be taken back.
    pub reversal: Reversal,
}

impl Change {
    /// A change that can be undone with `undo_data`.
    pub fn reversible(
        operation: Operation,
        summary: impl Into<String>,
        after: Value,
        undo: impl Into<String>,
        undo_data: Value,
    ) -> Self {
        let reversal = Reversal::Undo { summary: undo.into(), data: undo_data };
        Self { operation, summary: summary.into(), fields: Vec::new(), details: Vec::new(), after, reversal }
    }

    /// The change that changes nothing: the state is as wanted.
    pub fn nothing(state: Value) -> Self {
        Self::reversible(Operation::Nothing, "as wanted", state, "nothing to undo", Value::Null)
    }

    /// A change that cannot be undone.
    pub fn irreversible(
        operation: Operation,
        summary: impl Into<String>,
        after: Value,
        why: impl Into<String>,
    ) -> Self {
        let reversal = Reversal::Irreversible(why.into());
        Self { operation, summary: summary.into(), fields: Vec::new(), details: Vec::new(), after, reversal }
    }

    /// With a field that differs.
    #[must_use]
    pub fn field(mut self, path: impl Into<String>, before: Value, after: Value) -> Self {
        self.fields.push(FieldChange { path: path.into(), before, after });
        self
    }

    /// With more lines for a person.
    #[must_use]
    pub fn details(mut self, lines: impl IntoIterator<Item = String>) -> Self {
        self.details.extend(lines);
        self
    }

    /// True where there is nothing to do.
    pub fn is_nothing(&self) -> bool {
        self.operation == Operation::Nothing
    }
}

/// The host's name for one application of one change: the same again after a crash, another in another run.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// A key from the parts that make an application unique: run, position, resource. 32 hex digits.
    pub fn new(parts: &[&str]) -> Self {
        Self(Digest::of_parts(parts.iter().map(|it| it.as_bytes())).hex()[..32].to_owned())
    }

    /// The key's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What is recorded before a change is applied, and all that undoing it has to go on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    /// The thing changed.
    pub resource: ResourceId,
    /// Its state before.
    pub before: Option<Value>,
    /// The change.
    pub change: Change,
    /// The key it was applied under.
    pub key: IdempotencyKey,
}

impl Receipt {
    /// The provider's undo data, read as a type.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] for an irreversible change, [`ErrorKind::Corrupt`] where the data is of another form.
    pub fn undo_data<T: DeserializeOwned>(&self) -> Result<T> {
        match &self.change.reversal {
            Reversal::Undo { data, .. } => decode(data.clone(), "undo data"),
            Reversal::Irreversible(why) => {
                Err(Error::new(ErrorKind::Unsupported, format!("this change cannot be undone: {why}")))
            }
        }
    }
}

/// Makes resources of one type true in one real system.
///
/// Run `idp_plugin_sdk::testkit::provider` on every implementation; its clauses are the bullets below. Retries, time
/// limits and concurrency are the host's: a provider tries once and says in its [`Error`] whether a retry can help
/// and what became of the effect.
#[async_trait]
pub trait Provider<R: Resource>: fmt::Debug + Send + Sync + 'static {
    /// What this is. The same answer every time.
    fn info(&self) -> ProviderInfo;

    /// What is there now; `None` where there is nothing.
    ///
    /// - Changes nothing outside `cx.scratch()`.
    /// - `None` only where the system *said* that it is not there; where it cannot tell, an error.
    /// - Two calls without a change between them agree.
    async fn observe(&self, cx: &ProviderContext, id: &ResourceId) -> Result<Option<R::State>>;

    /// What has to change so that `want` is true, given what is there.
    ///
    /// - Changes nothing outside `cx.scratch()`.
    /// - Where `have` already is as wanted: [`Operation::Nothing`].
    /// - The same arguments give the same change.
    /// - `after` is what `apply` will return, with [`crate::unknown`] where only applying can tell.
    async fn propose(&self, cx: &ProviderContext, want: &R, have: Option<&R::State>) -> Result<Change>;

    /// Makes the change, and answers with the state there is then.
    ///
    /// - The answer equals what `observe` says next, and `propose` with it says [`Operation::Nothing`].
    /// - Applying twice with one key makes one thing: the second time finds it done and answers the same.
    /// - On failure, [`Error::effect_state`] tells the truth.
    /// - Where the world is not as the change assumes: [`ErrorKind::Conflict`], and nothing is changed.
    /// - A raised cancel flag ends it at the next safe point with [`ErrorKind::Cancelled`] and the true effect state.
    async fn apply(
        &self,
        cx: &ProviderContext,
        want: &R,
        change: &Change,
        key: &IdempotencyKey,
    ) -> Result<R::State>;

    /// Takes a change back, from its receipt alone.
    ///
    /// - `observe` says afterwards what it said before the change.
    /// - Undoing twice, or undoing what was never applied, changes nothing and is no error.
    /// - What somebody else changed since is not destroyed: [`ErrorKind::Conflict`].
    async fn undo(&self, cx: &ProviderContext, receipt: &Receipt) -> Result<()>;
}

/// A [`Provider`] with its resource type erased: what registries hold and engines call.
///
/// Not implemented by hand; [`erase`] makes one.
#[async_trait]
pub trait DynProvider: fmt::Debug + Send + Sync + 'static {
    /// As [`Provider::info`].
    fn info(&self) -> ProviderInfo;

    /// [`Resource::KIND`].
    fn kind(&self) -> &'static str;

    /// [`Resource::schema`].
    fn schema(&self) -> Value;

    /// The identity and traits of a desired state.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] where `want` is no such resource.
    fn describe(&self, want: &Value) -> Result<ResourceProfile>;

    /// As [`Provider::observe`].
    async fn observe(&self, cx: &ProviderContext, id: &ResourceId) -> Result<Option<Value>>;

    /// As [`Provider::propose`].
    async fn propose(&self, cx: &ProviderContext, want: &Value, have: Option<&Value>) -> Result<Change>;

    /// As [`Provider::apply`].
    async fn apply(
        &self,
        cx: &ProviderContext,
        want: &Value,
        change: &Change,
        key: &IdempotencyKey,
    ) -> Result<Value>;

    /// As [`Provider::undo`].
    async fn undo(&self, cx: &ProviderContext, receipt: &Receipt) -> Result<()>;
}

/// What is known of a desired state without asking anybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceProfile {
    /// [`Resource::id`].
    pub id: ResourceId,
    /// [`Resource::traits`].
    pub traits: std::collections::BTreeMap<String, String>,
}

/// Erases the resource type of a provider.
pub fn erase<R: Resource, P: Provider<R>>(provider: P) -> Arc<dyn DynProvider> {
    Arc::new(Erased { provider, resource: PhantomData::<fn() -> R> })
}

struct Erased<R, P> {
    provider: P,
    resource: PhantomData<fn() -> R>,
}

impl<R: Resource, P: Provider<R>> fmt::Debug for Erased<R, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.provider.fmt(f)
    }
}

#[async_trait]
impl<R: Resource, P: Provider<R>> DynProvider for Erased<R, P> {
    fn info(&self) -> ProviderInfo {
        self.provider.info()
    }

    fn kind(&self) -> &'static str {
        R::KIND
    }

    fn schema(&self) -> Value {
        R::schema()
    }

    fn describe(&self, want: &Value) -> Result<ResourceProfile> {
        let want: R = decode(want.clone(), R::KIND)?;
        Ok(ResourceProfile { id: want.id(), traits: want.traits() })
    }

    async fn observe(&self, cx: &ProviderContext, id: &ResourceId) -> Result<Option<Value>> {
        self.provider.observe(cx, id).await?.as_ref().map(encode).transpose()
    }

    async fn propose(&self, cx: &ProviderContext, want: &Value, have: Option<&Value>) -> Result<Change> {
        let want: R = decode(want.clone(), R::KIND)?;
        let have: Option<R::State> = have.map(|have| decode(have.clone(), "state")).transpose()?;
        self.provider.propose(cx, &want, have.as_ref()).await
    }

    async fn apply(
        &self,
        cx: &ProviderContext,
        want: &Value,
        change: &Change,
        key: &IdempotencyKey,
    ) -> Result<Value> {
        let want: R = decode(want.clone(), R::KIND)?;
        let state = self.provider.apply(cx, &want, change, key).await?;
        encode(&state).map_err(|error| error.effect(crate::EffectState::Applied))
    }

    async fn undo(&self, cx: &ProviderContext, receipt: &Receipt) -> Result<()> {
        self.provider.undo(cx, receipt).await
    }
}

fn decode<T: DeserializeOwned>(value: Value, what: &str) -> Result<T> {
    serde_json::from_value(value)
        .map_err(|error| Error::invalid(format!("not a valid {what}")).because(error))
}

fn encode<T: Serialize>(value: &T) -> Result<Value> {
    serde_json::to_value(value).map_err(|error| Error::internal("state does not serialise").because(error))
}
