//! The refusal of a stale plan: what has changed since it was made.

use idp_core::{Diagnostic, Error};

use crate::plan::{Plan, PlannedEffect};

/// The error that says how the world differs from what a plan assumes.
pub(super) fn stale(plan: &Plan, now: &Plan) -> Error {
    let mut found = Vec::new();
    if plan.plugins != now.plugins {
        found.push(changed("plugins-changed", "other plugins, or other versions, are installed".into()));
    }
    let files = plan.fetched.iter().filter(|(url, digest)| now.fetched.get(*url) != Some(digest));
    found
        .extend(files.map(|(url, _)| changed("files-changed", format!("the files at `{url}` have changed"))));
    let entities = plan.entities.iter().filter(|(entity, digest)| now.entities.get(entity) != Some(digest));
    found.extend(
        entities.map(|(it, _)| changed("entity-changed", format!("`{it}` has changed in the catalog"))),
    );
    let count = plan.effects.len().max(now.effects.len());
    found.extend((0..count).filter_map(|index| moved(plan.effects.get(index), now.effects.get(index))));
    let error = match found.is_empty() {
        true => Error::invalid("the plan no longer says what a run would do"),
        false => Error::diagnosed(found),
    };
    error.into_conflict("the plan is stale: make a new one")
}

/// How one effect differs.
fn moved(old: Option<&PlannedEffect>, new: Option<&PlannedEffect>) -> Option<Diagnostic> {
    let message = match (old, new) {
        (Some(old), Some(new)) if old == new => return None,
        (Some(old), Some(new)) if old.resource == new.resource => format!(
            "{}: planned to {}, and now it would be: {}",
            old.resource, old.change.summary, new.change.summary
        ),
        (Some(old), _) => format!("{} is no longer as planned", old.resource),
        (None, Some(new)) => format!("{} is new", new.resource),
        (None, None) => return None,
    };
    Some(changed("world-moved", message))
}

fn changed(code: &'static str, message: String) -> Diagnostic {
    Diagnostic::error(code, message)
}
