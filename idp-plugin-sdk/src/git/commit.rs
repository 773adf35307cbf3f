//! Making commits.

use std::fmt::Write as _;
use std::path::Path;

use idp_core::{Cancel, Error, ErrorKind, Node, Result, Timestamp, Tree, TreePath};

use super::Git;
use super::program::check_branch;
use super::read::versioned;

/// Who made a commit, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
    /// When, to the second.
    pub time: Timestamp,
}

/// A commit to be made. The same commit has the same hash every time: a run that is resumed makes it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// The branch it is put on.
    pub branch: String,
    /// The commit before it; none for the first.
    pub parent: Option<String>,
    /// All files there are then.
    pub tree: Tree,
    /// Who wrote and committed it.
    pub author: Signature,
    /// The message.
    pub message: String,
}

impl Git {
    /// Makes a commit in a bare repository that holds its parent, moves the branch there, and answers with the hash.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for a file that Git cannot keep or a bad branch name; those of
    /// [`crate::process::Command::run`].
    pub async fn commit(&self, cancel: &Cancel, repository: &Path, commit: &Commit) -> Result<String> {
        check_branch(&commit.branch)?;
        let stream = stream(commit)?;
        let args = ["fast-import", "--quiet", "--force", "--date-format=raw"];
        let output = self.call_in(repository, &args).stdin(stream).run(cancel).await?.success()?;
        commit_id(output.text().trim())
    }
}

/// A hash as Git prints it.
pub(super) fn commit_id(text: &str) -> Result<String> {
    let is_hash = [40, 64].contains(&text.len()) && text.bytes().all(|it| it.is_ascii_hexdigit());
    if is_hash {
        Ok(text.to_owned())
    } else {
        Err(Error::new(ErrorKind::Corrupt, "Git answers with something that is no commit hash"))
    }
}

/// What `git fast-import` reads: one commit with every file inline, and the request to print its hash.
fn stream(commit: &Commit) -> Result<Vec<u8>> {
    let tree = versioned(&commit.tree)?;
    let mut out = Vec::with_capacity(usize::try_from(tree.bytes()).unwrap_or(0) + 256 * tree.len() + 512);
    out.extend(header(commit).into_bytes());
    push_data(&mut out, commit.message.trim_end().as_bytes(), "\n");
    if let Some(parent) = &commit.parent {
        out.extend(format!("from {}\n", commit_id(parent)?).into_bytes());
    }
    out.extend(b"deleteall\n");
    tree.iter().for_each(|(path, node)| push_node(&mut out, path, node));
    out.extend(b"\nget-mark :1\ndone\n");
    Ok(out)
}

fn header(commit: &Commit) -> String {
    let Signature { name, email, time } = &commit.author;
    let by = format!("{} <{}> {} +0000", plain(name), plain(email), time.as_seconds().max(0));
    let mut text = String::new();
    let _ = writeln!(
        text,
        "feature done\ncommit refs/heads/{}\nmark :1\nauthor {by}\ncommitter {by}",
        commit.branch
    );
    text
}

/// Without the characters that end a name or an address in a commit.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() && !"<>".contains(*c)).collect::<String>().trim().to_owned()
}

fn push_node(out: &mut Vec<u8>, path: &TreePath, node: &Node) {
    let (mode, bytes) = match node {
        Node::File { bytes, mode } if mode & 0o111 == 0 => ("100644", &**bytes),
        Node::File { bytes, .. } => ("100755", &**bytes),
        Node::Symlink { target } => ("120000", target.as_bytes()),
        Node::Folder => return,
    };
    out.extend(format!("M {mode} inline {}\n", quoted(path.as_str())).into_bytes());
    push_data(out, bytes, "");
}

fn push_data(out: &mut Vec<u8>, bytes: &[u8], end: &str) {
    out.extend(format!("data {}\n", bytes.len() + end.len()).into_bytes());
    out.extend_from_slice(bytes);
    out.extend(end.bytes().chain(*b"\n"));
}

fn quoted(path: &str) -> String {
    let escaped = path.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("\"{escaped}\"")
}
