//! The handles that actions act through: recording while planning, journaling while applying.

mod applying;
mod fetching;
mod planning;
mod scratch;

pub(crate) use applying::Applying;
pub(crate) use fetching::{Place, Resolved, read_relative, resolve};
pub(crate) use planning::Planning;
pub(crate) use scratch::Scratch;

use idp_core::{Digest, Effects, Error, Redactor, ResourceId, Result};
use serde_json::Value;

/// Handles that know which step they are used by.
pub(crate) trait StepEffects: Effects {
    /// Calls from now on are of this step.
    fn enter(&self, step: &str);

    /// The step did not run, and what it does to the files is known after apply.
    fn defer_files(&self, step: &str);
}

/// The digest of a state or desired state, secrets masked: a digest of a secret would be an oracle for guessing it.
fn masked_digest(value: &Value, redactor: &Redactor) -> Digest {
    Digest::of_json(&redactor.json(value))
}

/// An identity is stored and shown as it is, so a secret must not be part of it.
fn refuse_secret_identity(id: &ResourceId, redactor: &Redactor) -> Result<()> {
    if redactor.finds(&id.name) {
        return Err(Error::invalid("the identity of a resource holds a secret").with("kind", &id.kind));
    }
    Ok(())
}
