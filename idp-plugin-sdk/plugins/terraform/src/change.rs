//! What has to change.

use idp_plugin_sdk::resources::{Stack, StackState};
use idp_plugin_sdk::{Change, Digest, Error, ErrorKind, Operation, Result, Reversal, canonical_json};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::plan::TfPlan;

/// What apply relies on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Basis {
    /// The version that is there; none for a stack that is not.
    pub before: Option<Digest>,
    /// The version there will be.
    pub after: Digest,
}

impl Basis {
    pub(crate) fn of(change: &Change) -> Result<Self> {
        let corrupt = || Error::new(ErrorKind::Corrupt, "the change was not proposed by this provider");
        match &change.reversal {
            Reversal::Undo { data, .. } => {
                serde_json::from_value(data.clone()).map_err(|it| corrupt().because(it))
            }
            Reversal::Irreversible(_) => Err(corrupt()),
        }
    }
}

/// The content address of code and variables together.
pub(crate) fn version(want: &Stack) -> Digest {
    let variables = canonical_json(&json!(want.variables));
    Digest::of_parts([want.content.digest.to_string().as_bytes(), variables.as_bytes()])
}

/// The change that a plan of the program amounts to.
pub(crate) fn change(want: &Stack, have: Option<&StackState>, plan: TfPlan) -> Result<Change> {
    let (operation, undo) = match have {
        None => (Operation::Create, "destroy the stack"),
        Some(_) => (Operation::Update, "apply the previous code"),
    };
    let after = version(want);
    let basis = Basis { before: have.map(|it| it.digest), after };
    let state = StackState {
        name: want.name.clone(),
        environment: want.environment.clone(),
        digest: after,
        resources: plan.addresses,
        outputs: plan.outputs,
    };
    let summary = format!("{operation} stack {}: {}", want.name, counts(&plan.lines));
    let change = Change::reversible(operation, summary, encode(&state)?, undo, encode(&basis)?);
    Ok(change.details(plan.lines))
}

fn counts(lines: &[String]) -> String {
    let count = |sign: &str| lines.iter().filter(|it| it.split(' ').next() == Some(sign)).count();
    format!(
        "{} to add, {} to change, {} to destroy",
        count("+") + count("-/+"),
        count("~"),
        count("-") + count("-/+")
    )
}

pub(crate) fn encode(value: &impl Serialize) -> Result<Value> {
    serde_json::to_value(value).map_err(|error| Error::internal("a state does not serialise").because(error))
}
