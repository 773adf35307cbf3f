//! A plan: everything a run would do, as a value.

use std::collections::BTreeMap;

use idp_core::{
    Change, Diagnostic, Digest, Entity, EntityRef, Error, ErrorKind, PluginInfo, Principal, Redactor,
    ResourceId, Result, Revision, Timestamp,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::Url;

use crate::Template;

/// The form of plans that this version writes and reads.
const FORMAT: u32 = 1;

/// The effects a run would have, in order, with everything they depend on.
///
/// A value: it is shown, stored, sent for approval, and applied elsewhere. `id` is the content address of all that
/// matters; the time it was made and the catalog's revision do not. Secrets are in it by name only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Plan {
    /// The form of this document.
    pub format: u32,
    /// The content address.
    pub id: Digest,
    /// When it was made.
    pub created: Timestamp,
    /// The template.
    pub template: PlannedTemplate,
    /// The parameters, defaults included.
    pub parameters: Map<String, Value>,
    /// The names of the secrets that applying needs.
    pub secrets: Vec<String>,
    /// On whose behalf.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub principal: Option<Principal>,
    /// The catalog's revision when it was made.
    pub catalog_revision: Option<Revision>,
    /// Entities that were read, with their digests; null for one that is not there.
    pub entities: BTreeMap<EntityRef, Option<Digest>>,
    /// The plugins that were installed.
    pub plugins: Vec<PluginInfo>,
    /// What was fetched, with the digest of its files.
    pub fetched: BTreeMap<String, Digest>,
    /// What becomes of each step.
    pub steps: Vec<PlannedStep>,
    /// What would change in the world, in order.
    pub effects: Vec<PlannedEffect>,
    /// What the run would answer.
    pub output: Value,
    /// What to know before approving it.
    pub warnings: Vec<Warning>,
}

/// Which template a plan is of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PlannedTemplate {
    /// Its reference.
    pub entity_ref: EntityRef,
    /// The content address of its document.
    pub digest: Digest,
    /// Where its relative URLs start.
    pub base: Option<Url>,
    /// What they cannot leave.
    pub root: Option<Url>,
    /// The document itself, so that a plan can be applied without looking for it.
    pub document: Entity,
}

/// What becomes of a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PlannedStep {
    /// The step's id.
    pub id: String,
    /// The step's name.
    pub name: String,
    /// The action it names.
    pub action: String,
    /// Whether it runs.
    pub status: PlannedStatus,
    /// What the action would get, one for each iteration. Secrets masked.
    pub inputs: Vec<Value>,
}

/// Whether a planned step runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum PlannedStatus {
    /// It runs, and its effects are in the plan.
    Runs,
    /// Its condition is false.
    Skipped,
    /// It depends on values that are known after apply: what it does is decided then.
    Deferred {
        /// The values it waits for.
        needs: Vec<String>,
    },
}

/// One change to the world.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PlannedEffect {
    /// The step it comes from.
    pub step: String,
    /// The thing that changes.
    pub resource: ResourceId,
    /// The provider that changes it.
    pub provider: String,
    /// Why this provider.
    pub reason: String,
    /// The digest of the desired state.
    pub want: Digest,
    /// The digest of the state that was observed; null where nothing was there.
    pub precondition: Option<Digest>,
    /// What changes, and how it is undone. Secrets masked.
    pub change: Change,
    /// Values known after apply that decide the desired state in detail; empty for most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deferred: Vec<String>,
}

/// Something to know before approving a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Warning {
    /// A stable code.
    pub code: String,
    /// One sentence.
    pub message: String,
}

impl Warning {
    pub(crate) fn masked(diagnostic: &Diagnostic, redactor: &Redactor) -> Self {
        let message = redactor.text(&diagnostic.message).into_owned();
        Self { code: diagnostic.code.to_string(), message }
    }
}

/// The parts of a plan that its maker collects.
pub(crate) struct PlanParts {
    pub(crate) created: Timestamp,
    pub(crate) parameters: Map<String, Value>,
    pub(crate) secrets: Vec<String>,
    pub(crate) principal: Option<Principal>,
    pub(crate) catalog_revision: Option<Revision>,
    pub(crate) plugins: Vec<PluginInfo>,
    pub(crate) observed: Observed,
    pub(crate) steps: Vec<PlannedStep>,
    pub(crate) output: Value,
    pub(crate) warnings: Vec<Warning>,
}

/// What planning handles recorded.
#[derive(Debug, Default)]
pub(crate) struct Observed {
    pub(crate) entities: BTreeMap<EntityRef, Option<Digest>>,
    pub(crate) fetched: BTreeMap<String, Digest>,
    pub(crate) effects: Vec<PlannedEffect>,
}

impl Plan {
    pub(crate) fn new(template: &Template, parts: PlanParts) -> Result<Self> {
        let mut plan = Self {
            format: FORMAT,
            id: Digest::of_bytes(b""),
            created: parts.created,
            template: PlannedTemplate {
                entity_ref: template.entity_ref().clone(),
                digest: template.digest(),
                base: template.base().cloned(),
                root: template.root().cloned(),
                document: template.entity().clone(),
            },
            parameters: parts.parameters,
            secrets: parts.secrets,
            principal: parts.principal,
            catalog_revision: parts.catalog_revision,
            entities: parts.observed.entities,
            plugins: parts.plugins,
            fetched: parts.observed.fetched,
            steps: parts.steps,
            effects: parts.observed.effects,
            output: parts.output,
            warnings: parts.warnings,
        };
        plan.id = plan.content_digest()?;
        Ok(plan)
    }

    /// Reads a plan back from JSON.
    ///
    /// # Errors
    /// [`ErrorKind::Corrupt`] where it is no plan or was changed since it was made, [`ErrorKind::Unsupported`] where it
    /// is of another form.
    pub fn from_json(text: &str) -> Result<Self> {
        let plan: Self = serde_json::from_str(text)
            .map_err(|error| Error::new(ErrorKind::Corrupt, "this is no plan").because(error))?;
        plan.verify()?;
        Ok(plan)
    }

    /// Holds the plan against its id.
    ///
    /// # Errors
    /// As [`Plan::from_json`].
    pub fn verify(&self) -> Result<()> {
        if self.format != FORMAT {
            return Err(
                Error::new(ErrorKind::Unsupported, "plan of an unknown form").with("format", self.format)
            );
        }
        if self.content_digest()? != self.id {
            return Err(
                Error::new(ErrorKind::Corrupt, "the plan was changed since it was made").with("id", self.id)
            );
        }
        Ok(())
    }

    /// The effects that change something.
    pub fn changes(&self) -> impl Iterator<Item = &PlannedEffect> {
        self.effects.iter().filter(|it| !it.change.is_nothing())
    }

    /// True where applying would change nothing, as far as can be told before.
    pub fn is_empty(&self) -> bool {
        let deferred = |it: &PlannedStep| matches!(it.status, PlannedStatus::Deferred { .. });
        self.changes().next().is_none() && !self.steps.iter().any(deferred)
    }

    /// The template, ready to run.
    ///
    /// # Errors
    /// As [`Template::from_entity`].
    pub fn template(&self) -> Result<Template> {
        let template = Template::from_entity(self.template.document.clone(), self.template.base.clone())?;
        match &self.template.root {
            Some(root) => template.within(root.clone()),
            None => Ok(template),
        }
    }

    fn content_digest(&self) -> Result<Digest> {
        let mut value = serde_json::to_value(self)
            .map_err(|error| Error::internal("the plan does not serialise").because(error))?;
        if let Some(map) = value.as_object_mut() {
            for key in ["id", "created", "catalogRevision"] {
                map.remove(key);
            }
        }
        Ok(Digest::of_json(&value))
    }
}
