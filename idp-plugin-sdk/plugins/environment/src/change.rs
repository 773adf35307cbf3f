//! What has to change, and how it is taken back.

use idp_plugin_sdk::{Change, Error, ErrorKind, Operation, Result, Reversal};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::slot::Files;

/// Files before and after a change: what apply relies on and what undo goes back to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Edit {
    /// What the commit says.
    pub title: String,
    /// None where there were none.
    pub before: Option<Files>,
    /// None where there will be none.
    pub after: Option<Files>,
}

impl Edit {
    /// The other way round.
    pub(crate) fn reversed(self) -> Self {
        Self { title: self.title, before: self.after, after: self.before }
    }

    /// What a change of this provider holds.
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

/// The change that makes `after` of `before`; `thing` is what a person calls it: "namespace orders in dev".
pub(crate) fn propose(thing: &str, before: Option<&Files>, after: &Files, state: Value) -> Result<Change> {
    if before == Some(after) {
        return Ok(Change::nothing(state));
    }
    let (operation, verb) = match before {
        None => (Operation::Create, "Create"),
        Some(_) => (Operation::Update, "Update"),
    };
    let title = format!("{verb} {thing}");
    let summary = format!("{} {thing}", verb.to_lowercase());
    let edit = Edit { title, before: before.cloned(), after: Some(after.clone()) };
    let data =
        serde_json::to_value(&edit).map_err(|it| Error::internal("files do not serialise").because(it))?;
    let change = Change::reversible(operation, summary, state, "restore the files in one more commit", data);
    let old = before.cloned().unwrap_or_default();
    let names = old.keys().chain(after.keys().filter(|it| !old.contains_key(*it)));
    Ok(names.filter(|it| old.get(*it) != after.get(*it)).fold(change, |change, name| {
        change.field(format!("files.{name}"), json!(old.get(name)), json!(after.get(name)))
    }))
}
