//! Namespaces and manifests, made true.

use idp_plugin_sdk::resources::{Location, Manifest, ManifestState, Namespace, NamespaceState};
use idp_plugin_sdk::{
    Change, EffectState, Error, ErrorKind, IdempotencyKey, Provider, ProviderContext, ProviderInfo, Receipt,
    Resource, ResourceId, Result, async_trait,
};
use serde::Serialize;
use serde_json::Value;

use crate::change::Edit;
use crate::gitops::{GitOps, Purpose};
use crate::names::folder;
use crate::slot::{Files, Slot, digest};
use crate::{EnvironmentConfig, change, manifest, namespace};

/// Provides [`Namespace`] and [`Manifest`] by commits to a GitOps repository.
///
/// - One commit for each change; others may push to the same branch at any time.
/// - Undo is one more commit, unless somebody has changed the same files since.
/// - What it wrote last to a repository on this machine is observed without starting a program.
#[derive(Clone, Debug, Default)]
pub struct EnvironmentProvider(EnvironmentConfig);

impl EnvironmentProvider {
    /// A provider, so configured.
    pub fn new(config: EnvironmentConfig) -> Self {
        Self(config)
    }

    async fn read(&self, cx: &ProviderContext, location: &Location) -> Result<Option<Files>> {
        let place = self.0.place(location)?;
        let slot = self.slot(location)?;
        GitOps::new(&self.0.git, cx, place).await?.read(&slot).await
    }

    /// Where the files of a thing are.
    fn slot(&self, location: &Location) -> Result<Slot> {
        let folder = folder(self.0.place(location)?, location)?;
        Ok(match location.names.get(1) {
            None => Slot::folder(format!("{folder}/namespace")),
            Some(name) => Slot::file(format!("{folder}/manifests"), manifest::file_name(name)),
        })
    }

    async fn write(
        &self,
        cx: &ProviderContext,
        location: &Location,
        change: &Change,
        key: &IdempotencyKey,
    ) -> Result<()> {
        cx.cancel.check()?;
        let (slot, gitops) =
            (self.slot(location)?, GitOps::new(&self.0.git, cx, self.0.place(location)?).await?);
        if change.is_nothing() {
            return Ok(());
        }
        gitops.write(&slot, &Edit::of(change)?, Purpose::Apply(key)).await
    }

    async fn take_back(&self, cx: &ProviderContext, location: &Location, receipt: &Receipt) -> Result<()> {
        cx.cancel.check()?;
        let (slot, gitops) =
            (self.slot(location)?, GitOps::new(&self.0.git, cx, self.0.place(location)?).await?);
        let key = &receipt.key;
        let applied = !receipt.change.is_nothing() && gitops.holds(Purpose::Apply(key)).await?;
        if !applied || gitops.holds(Purpose::Undo(key)).await? {
            return Ok(());
        }
        gitops.write(&slot, &Edit::of(&receipt.change)?.reversed(), Purpose::Undo(key)).await
    }

    fn namespace_state(&self, location: &Location, files: Files) -> Result<NamespaceState> {
        Ok(NamespaceState {
            environment: location.environment.clone(),
            name: location.names.first().cloned().unwrap_or_default(),
            repository: self.0.place(location)?.url.clone(),
            path: self.slot(location)?.path(),
            digest: digest(&files),
            files,
        })
    }

    fn manifest_state(&self, location: &Location, files: Files) -> Result<ManifestState> {
        let mut names = location.names.iter().cloned();
        Ok(ManifestState {
            environment: location.environment.clone(),
            namespace: names.next().unwrap_or_default(),
            name: names.next().unwrap_or_default(),
            repository: self.0.place(location)?.url.clone(),
            path: self.slot(location)?.path(),
            digest: digest(&files),
            text: files.into_values().next().unwrap_or_default(),
        })
    }
}

#[async_trait]
impl Provider<Namespace> for EnvironmentProvider {
    fn info(&self) -> ProviderInfo {
        ProviderInfo::new("environment", "Namespaces, as commits to a GitOps repository.")
    }

    async fn observe(&self, cx: &ProviderContext, id: &ResourceId) -> Result<Option<NamespaceState>> {
        let location = Location::parse(id, 1)?;
        let files = self.read(cx, &location).await?;
        files.map(|it| self.namespace_state(&location, it)).transpose()
    }

    async fn propose(
        &self,
        _: &ProviderContext,
        want: &Namespace,
        have: Option<&NamespaceState>,
    ) -> Result<Change> {
        let (location, files) = (want.location(), namespace::render(want)?);
        let state = self.namespace_state(&location, files.clone())?;
        let thing = format!("namespace {} in {}", want.name, want.environment);
        change::propose(&thing, have.map(|it| &it.files), &files, encode(&state)?)
    }

    async fn apply(
        &self,
        cx: &ProviderContext,
        want: &Namespace,
        change: &Change,
        key: &IdempotencyKey,
    ) -> Result<NamespaceState> {
        self.write(cx, &want.location(), change, key).await?;
        let state = Provider::<Namespace>::observe(self, cx, &want.id()).await;
        settled(state, change)
    }

    async fn undo(&self, cx: &ProviderContext, receipt: &Receipt) -> Result<()> {
        self.take_back(cx, &Location::parse(&receipt.resource, 1)?, receipt).await
    }
}

#[async_trait]
impl Provider<Manifest> for EnvironmentProvider {
    fn info(&self) -> ProviderInfo {
        ProviderInfo::new("environment", "Kubernetes objects, as commits to a GitOps repository.")
    }

    async fn observe(&self, cx: &ProviderContext, id: &ResourceId) -> Result<Option<ManifestState>> {
        let location = Location::parse(id, 2)?;
        let files = self.read(cx, &location).await?;
        files.map(|it| self.manifest_state(&location, it)).transpose()
    }

    async fn propose(
        &self,
        _: &ProviderContext,
        want: &Manifest,
        have: Option<&ManifestState>,
    ) -> Result<Change> {
        let (location, files) = (want.location(), manifest::render(want)?);
        let state = self.manifest_state(&location, files.clone())?;
        let thing = format!("manifest {} of namespace {} in {}", want.name, want.namespace, want.environment);
        let before = have.map(|it| Files::from([(manifest::file_name(&it.name), it.text.clone())]));
        change::propose(&thing, before.as_ref(), &files, encode(&state)?)
    }

    async fn apply(
        &self,
        cx: &ProviderContext,
        want: &Manifest,
        change: &Change,
        key: &IdempotencyKey,
    ) -> Result<ManifestState> {
        self.write(cx, &want.location(), change, key).await?;
        let state = Provider::<Manifest>::observe(self, cx, &want.id()).await;
        settled(state, change)
    }

    async fn undo(&self, cx: &ProviderContext, receipt: &Receipt) -> Result<()> {
        self.take_back(cx, &Location::parse(&receipt.resource, 2)?, receipt).await
    }
}

/// The state after a change was made, which nobody has touched since.
fn settled<S: Serialize>(observed: Result<Option<S>>, change: &Change) -> Result<S> {
    let applied = if change.is_nothing() { EffectState::NotStarted } else { EffectState::Applied };
    let moved = || Error::new(ErrorKind::Conflict, "somebody else has changed these files").effect(applied);
    let state = observed.map_err(|error| error.effect(applied))?.ok_or_else(moved)?;
    if encode(&state)? == change.after { Ok(state) } else { Err(moved()) }
}

fn encode(value: &impl Serialize) -> Result<Value> {
    serde_json::to_value(value).map_err(|error| Error::internal("state does not serialise").because(error))
}
