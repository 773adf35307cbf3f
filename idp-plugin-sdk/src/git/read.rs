//! Reading the files of a commit.

use std::path::Path;

use idp_core::{Cancel, Error, ErrorKind, Node, Result, Tree, TreeLimits, TreePath};

use super::Git;

/// A tree as Git keeps it: without folders that hold nothing.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] where a path has a part that Git keeps for itself.
pub fn versioned(tree: &Tree) -> Result<Tree> {
    let mut kept = Tree::with_limits(tree.limits());
    for (path, node) in tree.iter().filter(|(_, node)| **node != Node::Folder) {
        if path.as_str().split('/').any(|part| part.eq_ignore_ascii_case(".git")) {
            return Err(Error::invalid("Git cannot keep a file of this name").with("path", path));
        }
        kept.insert(path.clone(), node.clone())?;
    }
    Ok(kept)
}

struct Entry {
    mode: String,
    object: String,
    size: u64,
    path: TreePath,
}

impl Git {
    /// The files of a commit in a local repository. Submodules are left out.
    ///
    /// # Errors
    /// As [`Git::read_some`].
    pub async fn read_tree(
        &self,
        cancel: &Cancel,
        repository: &Path,
        commit: &str,
        limits: TreeLimits,
    ) -> Result<Tree> {
        self.read_some(cancel, repository, commit, None, &|_| true, limits).await
    }

    /// Those files of a commit that stand at or below `at` and are wanted, under their whole paths. Nothing else is
    /// read, and nothing else counts for the limits. Submodules are left out.
    ///
    /// # Errors
    /// [`ErrorKind::LimitExceeded`] for more than the limits allow, [`ErrorKind::Corrupt`] where the repository cannot
    /// be read; those of [`crate::process::Command::run`].
    pub async fn read_some(
        &self,
        cancel: &Cancel,
        repository: &Path,
        commit: &str,
        at: Option<&TreePath>,
        wanted: &(dyn Fn(&TreePath) -> bool + Send + Sync),
        limits: TreeLimits,
    ) -> Result<Tree> {
        let mut entries = self.list(cancel, repository, commit, at).await?;
        entries.retain(|it| wanted(&it.path));
        let total: u64 = entries.iter().map(|it| it.size).sum();
        if total > limits.bytes || entries.len() > limits.nodes {
            return Err(Error::new(ErrorKind::LimitExceeded, "the repository holds too much")
                .with("files", entries.len())
                .with("bytes", total));
        }
        let wanted: String = entries.iter().map(|it| format!("{}\n", it.object)).collect();
        let output = self
            .call_in(repository, &["cat-file", "--batch"])
            .stdin(wanted)
            .output_limit(total + 128 * entries.len() as u64)
            .run(cancel)
            .await?
            .success()?;
        collect(&entries, &output.stdout, limits)
    }

    async fn list(
        &self,
        cancel: &Cancel,
        repository: &Path,
        commit: &str,
        at: Option<&TreePath>,
    ) -> Result<Vec<Entry>> {
        let place = at.map(|at| format!(":(literal){at}"));
        let mut args = vec!["ls-tree", "-r", "-z", "-l", "--full-tree", commit];
        args.extend(place.iter().flat_map(|place| ["--", place]));
        let output = self.call_in(repository, &args).run(cancel).await?;
        if !output.is_success() {
            return Err(output.error(ErrorKind::NotFound).with("commit", commit));
        }
        let lines = output.stdout.split(|it| *it == 0).filter(|it| !it.is_empty());
        let files = lines.map(parse_entry).filter(|it| !matches!(it, Ok(entry) if entry.mode == "160000"));
        files.collect()
    }
}

/// `<mode> <type> <object> <size>\t<path>`.
fn parse_entry(line: &[u8]) -> Result<Entry> {
    let bad = || Error::new(ErrorKind::Corrupt, "Git lists a file in an unknown form");
    let text = std::str::from_utf8(line).map_err(|_| Error::invalid("a file name is not UTF-8"))?;
    let (facts, path) = text.split_once('\t').ok_or_else(bad)?;
    let facts: Vec<_> = facts.split_ascii_whitespace().collect();
    let [mode, _, object, size] = facts[..] else { return Err(bad()) };
    Ok(Entry {
        mode: mode.to_owned(),
        object: object.to_owned(),
        size: size.parse().unwrap_or(0),
        path: TreePath::new(path)?,
    })
}

/// `<object> <type> <size>\n<bytes>\n` for each.
fn collect(entries: &[Entry], mut rest: &[u8], limits: TreeLimits) -> Result<Tree> {
    let mut tree = Tree::with_limits(limits);
    for entry in entries {
        let bytes = take_object(&mut rest).ok_or_else(|| {
            Error::new(ErrorKind::Corrupt, "Git does not have a file it lists").with("path", &entry.path)
        })?;
        tree.insert(entry.path.clone(), node(&entry.mode, bytes)?)?;
    }
    Ok(tree)
}

fn take_object<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let end = rest.iter().position(|it| *it == b'\n')?;
    let header = std::str::from_utf8(&rest[..end]).ok()?;
    let size: usize = header.rsplit(' ').next()?.parse().ok()?;
    let bytes = rest.get(end + 1..)?.get(..size)?;
    *rest = rest.get(end + size + 2..)?;
    Some(bytes)
}

fn node(mode: &str, bytes: &[u8]) -> Result<Node> {
    Ok(match mode {
        "120000" => Node::Symlink {
            target: String::from_utf8(bytes.to_vec())
                .map_err(|_| Error::invalid("a link's target is not UTF-8"))?,
        },
        "100755" => Node::File { bytes: bytes.into(), mode: 0o755 },
        _ => Node::file(bytes),
    })
}
