//! What has to change.

use std::collections::BTreeSet;

use idp_plugin_sdk::resources::{Repository, RepositoryState};
use idp_plugin_sdk::{
    Change, Computed, Digest, Error, ErrorKind, FieldChange, Node, Operation, Result, Tree,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::marker::{Marker, fingerprints};
use crate::target::Target;

/// What was there before: what apply relies on, and what undo goes back to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "was")]
pub(crate) enum Before {
    /// No repository.
    Absent,
    /// This repository.
    At(Was),
}

/// A repository as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Was {
    /// Its default branch.
    pub branch: Option<String>,
    /// The commit that was at. Unknown where one plan changes a repository twice; `tree` says which one is meant.
    pub commit: Option<Computed<String>>,
    /// The content address of the files there.
    pub tree: Option<Digest>,
    pub description: Option<String>,
}

/// How many files a change lists.
const LISTED: usize = 100;

pub(crate) fn create(target: &Target<'_>, want: &Repository) -> Result<Change> {
    target.path()?;
    let tree = wanted_tree(target, want)?;
    let after = RepositoryState {
        url: want.url.clone(),
        remote_url: target.url.as_str().to_owned(),
        default_branch: Some(want.default_branch.clone()),
        description: want.description.clone(),
        commit: tree.as_ref().map(|_| unknown_commit()),
        tree: tree.as_ref().map(Tree::digest),
    };
    let summary = match &tree {
        Some(tree) => format!("create repository with {} on {}", files(tree), want.default_branch),
        None => format!("create empty repository with default branch {}", want.default_branch),
    };
    let change = reversible(Operation::Create, summary, &after, "delete the repository", &Before::Absent)?;
    Ok(change.details(tree.iter().flat_map(listed)))
}

pub(crate) fn update(target: &Target<'_>, want: &Repository, have: &RepositoryState) -> Result<Change> {
    check_branch(want, have)?;
    let tree = wanted_tree(target, want)?;
    let after = after_update(target, want, have, tree.as_ref());
    if after == *have {
        return Ok(Change::nothing(encode(have)?));
    }
    let new_files = tree.filter(|it| Some(it.digest()) != have.tree);
    let summary = match &new_files {
        Some(tree) => format!("replace the content of {} by {}", want.default_branch, files(tree)),
        None => "change the repository's settings".to_owned(),
    };
    let change = reversible(Operation::Update, summary, &after, "move the branch back", &before(have))?;
    let details = new_files.map_or_else(|| Ok(Vec::new()), |tree| differences(target, have, &tree))?;
    let change = change.details(details);
    Ok(fields(&encode(have)?, &encode(&after)?)
        .into_iter()
        .fold(change, |change, it| change.field(it.path, it.before, it.after)))
}

fn after_update(
    target: &Target<'_>,
    want: &Repository,
    have: &RepositoryState,
    tree: Option<&Tree>,
) -> RepositoryState {
    let mut after = have.clone();
    if have.commit.is_none() && (target.url.local().is_some() || tree.is_some()) {
        after.default_branch = Some(want.default_branch.clone());
    }
    // Servers keep descriptions where plain Git does not reach.
    if target.url.local().is_some() && want.description.is_some() {
        after.description.clone_from(&want.description);
    }
    if let Some(tree) = tree.filter(|it| Some(it.digest()) != have.tree) {
        after.commit = Some(unknown_commit());
        after.tree = Some(tree.digest());
    }
    after
}

fn check_branch(want: &Repository, have: &RepositoryState) -> Result<()> {
    let moves = have.commit.is_some() && have.default_branch.as_ref() != Some(&want.default_branch);
    if !moves {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Unsupported, "the repository has another default branch, with commits on it")
        .with("repository", &want.url)
        .with("wanted", &want.default_branch)
        .with("found", have.default_branch.as_deref().unwrap_or("none")))
}

fn before(have: &RepositoryState) -> Before {
    Before::At(Was {
        branch: have.default_branch.clone(),
        commit: have.commit.clone(),
        tree: have.tree,
        description: have.description.clone(),
    })
}

fn wanted_tree(target: &Target<'_>, want: &Repository) -> Result<Option<Tree>> {
    want.content.as_ref().map(|it| target.wanted_tree(it)).transpose()
}

fn reversible(
    operation: Operation,
    summary: String,
    after: &RepositoryState,
    undo: &str,
    before: &Before,
) -> Result<Change> {
    Ok(Change::reversible(operation, summary, encode(after)?, undo, encode(before)?))
}

fn fields(before: &Value, after: &Value) -> Vec<FieldChange> {
    let Some(after) = after.as_object() else { return Vec::new() };
    let changed = after.iter().filter(|(name, value)| before.get(*name) != Some(*value));
    let field = |(name, value): (&String, &Value)| FieldChange {
        path: name.clone(),
        before: before.get(name).cloned().unwrap_or_default(),
        after: value.clone(),
    };
    changed.map(field).collect()
}

fn files(tree: &Tree) -> String {
    if tree.len() == 1 { "1 file".to_owned() } else { format!("{} files", tree.len()) }
}

fn listed(tree: &Tree) -> Vec<String> {
    let mark = |node: &Node| if matches!(node, Node::Symlink { .. }) { " (link)" } else { "" };
    shortened(tree.iter().map(|(path, node)| format!("{path}{}", mark(node))).collect())
}

/// The files that differ from those of our last commit; all files where somebody else has committed since.
fn differences(target: &Target<'_>, have: &RepositoryState, tree: &Tree) -> Result<Vec<String>> {
    let marker = target.local()?.as_ref().map(Marker::read).transpose()?;
    let commit = have.commit.as_ref().and_then(Computed::known);
    let Some(old) = marker.zip(commit).and_then(|(marker, commit)| marker.files_of(commit)) else {
        return Ok(listed(tree));
    };
    let new = fingerprints(tree);
    let paths: BTreeSet<_> = old.keys().chain(new.keys()).collect();
    let line = |path: &String| match (old.get(path), new.get(path)) {
        (None, _) => Some(format!("+ {path}")),
        (_, None) => Some(format!("- {path}")),
        (before, after) => (before != after).then(|| format!("~ {path}")),
    };
    Ok(shortened(paths.into_iter().filter_map(line).collect()))
}

fn shortened(mut lines: Vec<String>) -> Vec<String> {
    let more = lines.len().saturating_sub(LISTED);
    lines.truncate(LISTED);
    lines.extend((more > 0).then(|| format!("and {more} more")));
    lines
}

fn unknown_commit() -> Computed<String> {
    Computed::unknown("repository.commit")
}

pub(crate) fn encode(value: &impl Serialize) -> Result<Value> {
    serde_json::to_value(value).map_err(|error| Error::internal("does not serialise").because(error))
}
