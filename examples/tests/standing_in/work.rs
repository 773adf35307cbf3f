//! Actions that no plugin here has: each makes one thing, and answers as was recorded.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use idp_core::Resource;
use idp_plugin_sdk::prelude::*;
use idp_plugin_sdk::unknown;

/// What the steps of a template answer.
#[derive(Clone, Debug)]
pub(crate) enum Answers {
    /// What was recorded, by the step: known before.
    Recorded(Arc<BTreeMap<String, Value>>),
    /// What only applying can tell.
    Later,
}

/// The work of one step.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Work {
    action: String,
    step: String,
    input: Value,
}

impl Resource for Work {
    const KIND: &'static str = "work";
    type State = Value;

    /// The input is part of it: a step that repeats makes a thing each time.
    fn id(&self) -> ResourceId {
        ResourceId::new(Self::KIND, format!("{} {} {}", self.action, self.step, Digest::of_json(&self.input)))
    }

    fn schema() -> Value {
        json!({"type": "object", "required": ["action", "step", "input"]})
    }
}

/// A plugin with these actions.
#[derive(Clone, Debug)]
pub(crate) struct StandIns {
    pub(crate) actions: BTreeSet<String>,
    pub(crate) answers: Answers,
}

impl Plugin for StandIns {
    fn info(&self) -> PluginInfo {
        PluginInfo::new("stand-ins", "1")
    }

    fn register(&self, registry: &mut Registry) -> Result<()> {
        registry.provider::<Work>(Works(self.answers.clone()))?;
        self.actions.iter().try_for_each(|id| registry.action(StandIn(id.clone())))
    }
}

#[derive(Debug)]
struct StandIn(String);

#[async_trait]
impl Action for StandIn {
    fn info(&self) -> idp_plugin_sdk::ActionInfo {
        idp_plugin_sdk::ActionInfo::new(&self.0, "Stands in for an action that no plugin here has.")
    }

    async fn run(&self, cx: &ActionContext<'_>, input: Value) -> Result<Value> {
        cx.ensure(&Work { action: self.0.clone(), step: cx.step.id.clone(), input }).await
    }
}

/// Nothing is there before, and nothing is ever made: it is for plans.
#[derive(Debug)]
struct Works(Answers);

#[async_trait]
impl Provider<Work> for Works {
    fn info(&self) -> ProviderInfo {
        ProviderInfo::new("stand-ins", "plans what an action that is not here would make")
    }

    async fn observe(&self, _: &ProviderContext, _: &ResourceId) -> Result<Option<Value>> {
        Ok(None)
    }

    async fn propose(&self, _: &ProviderContext, want: &Work, have: Option<&Value>) -> Result<Change> {
        let after = match &self.0 {
            Answers::Recorded(answers) => answers.get(&want.step).cloned().unwrap_or_else(|| json!({})),
            Answers::Later => unknown("what was made"),
        };
        Ok(match have {
            Some(have) => Change::nothing(have.clone()),
            None => Change::irreversible(Operation::Create, want.action.clone(), after, "it is never made"),
        })
    }

    async fn apply(&self, _: &ProviderContext, _: &Work, _: &Change, _: &IdempotencyKey) -> Result<Value> {
        Err(Error::new(ErrorKind::Unsupported, "a stand-in makes nothing"))
    }

    async fn undo(&self, _: &ProviderContext, _: &Receipt) -> Result<()> {
        Err(Error::new(ErrorKind::Unsupported, "a stand-in has nothing to undo"))
    }
}
