//! Clauses on what comes.

use idp_core::{Fetched, Node};

use super::subject::{FetcherSubject, bytes, fetch, insert, paths, request, tree};
use crate::testkit::run::ensure;
use crate::testkit::{Outcome, Verdict};

/// A file comes back byte by byte, under its own name.
pub async fn files_round_trip<S: FetcherSubject>(subject: &S) -> Verdict {
    let all: Vec<u8> = (0..=255).collect();
    let files: [(&str, &[u8]); 4] = [
        ("plain.yaml", b"kind: X\r\n"),
        ("empty", b""),
        ("all bytes.bin", &all),
        ("docs/ä.md", "ü".as_bytes()),
    ];
    subject.put(&tree(&files)?).await;
    for (path, expected) in files {
        let fetched = fetch(subject, &request(subject, path)).await?;
        let (name, found) = bytes(&fetched)?;
        ensure(
            path.ends_with(name) && !name.contains('/'),
            format!("`{path}` comes under the name `{name}`"),
        )?;
        ensure(found == expected, format!("`{path}` came back changed"))?;
    }
    Ok(Outcome::Holds)
}

/// A folder comes with everything in it, and nothing beside it.
pub async fn folders_round_trip<S: FetcherSubject>(subject: &S) -> Verdict {
    if !subject.reads_folders() {
        return Ok(Outcome::NotOffered("folders"));
    }
    let files: [(&str, &[u8]); 4] = [("a/x", b"1"), ("a/b/c/y", b"2"), ("ab/z", b"3"), ("w", b"4")];
    subject.put(&tree(&files)?).await;
    for (folder, expected) in [("a", &["b/c/y", "x"][..]), ("a/b", &["c/y"]), ("ab", &["z"])] {
        let fetched = fetch(subject, &request(subject, folder)).await?;
        let found = paths(&fetched)?;
        ensure(found == expected, format!("`{folder}` holds {found:?}"))?;
    }
    Ok(Outcome::Holds)
}

/// A link is kept as its text.
pub async fn links_are_kept_as_links<S: FetcherSubject>(subject: &S) -> Verdict {
    if !subject.has_links() || !subject.reads_folders() {
        return Ok(Outcome::NotOffered("links"));
    }
    let mut files = tree(&[("a/file", b"1")])?;
    for (path, target) in [("a/inside", "file"), ("a/outside", "../../../../etc/hostname")] {
        insert(&mut files, path, Node::Symlink { target: target.to_owned() })?;
    }
    subject.put(&files).await;
    let Fetched::Folder { tree, .. } = fetch(subject, &request(subject, "a")).await? else {
        return Err("a folder was asked for".to_owned());
    };
    for (path, node) in tree.iter() {
        let is_link = matches!(node, Node::Symlink { .. });
        ensure(is_link == (path.as_str() != "file"), format!("`{path}` became {node:?}"))?;
    }
    ensure(tree.len() == 3, "a link is missing")?;
    let alone = fetch(subject, &request(subject, "a/outside")).await;
    let followed = alone.is_ok_and(|it| bytes(&it).is_ok());
    ensure(!followed, "a link that is asked for is followed").map(|()| Outcome::Holds)
}

/// Of a folder, nothing that the request does not want; and what is not wanted does not count for its limits.
pub async fn only_what_is_wanted<S: FetcherSubject>(subject: &S) -> Verdict {
    if !subject.reads_folders() {
        return Ok(Outcome::NotOffered("folders"));
    }
    let large = vec![b'x'; 4096];
    subject.put(&tree(&[("a/b/c.yaml", b"1"), ("a/large.bin", &large), ("a/d.yaml", b"2")])?).await;
    let mut request = request(subject, "a").only(|path| path.as_str().ends_with(".yaml"));
    request.limits.bytes = 1000;
    let fetched = fetch(subject, &request).await?;
    let found = paths(&fetched)?;
    ensure(found == ["b/c.yaml", "d.yaml"], format!("it holds {found:?}")).map(|()| Outcome::Holds)
}
