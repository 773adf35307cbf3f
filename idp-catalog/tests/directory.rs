//! The directory source: what it reads, and what it never does.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::fs;
use std::path::Path;

use idp_catalog::{DirectoryLimits, DirectorySource};
use idp_core::{Cancel, Completeness, Cursor, ErrorKind, Page, Source, SourceContext};
use tempfile::TempDir;

fn folder(files: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in files {
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, format!("# {file}\n")).unwrap();
    }
    folder
}

fn source(root: &Path) -> DirectorySource {
    DirectorySource::new("d", root).unwrap()
}

async fn page(source: &DirectorySource) -> Page {
    source.page(&SourceContext::default(), None).await.unwrap()
}

fn locations(page: &Page) -> Vec<&str> {
    page.documents.iter().map(|document| &*document.location).collect()
}

#[tokio::test]
async fn reads_descriptors_below_the_root_in_order() {
    let folder = folder(&["b/x.yml", "a.yaml", "b/c/y.yaml", "notes.txt", ".git/z.yaml"]);
    let all = page(&source(folder.path())).await;
    assert_eq!(locations(&all), ["a.yaml", "b/c/y.yaml", "b/x.yml"]);
    assert_eq!((all.completeness, all.next), (Completeness::Complete, None));
    let some = source(folder.path()).matching(&["b/**/*.yaml"]).unwrap();
    assert_eq!(locations(&page(&some).await), ["b/c/y.yaml"]);
    let others = source(folder.path()).excluding(&["**/c", "a.*"]).unwrap();
    assert_eq!(locations(&page(&others).await), ["b/x.yml"]);
    assert_eq!(locations(&page(&source(&folder.path().join("a.yaml"))).await), ["a.yaml"]);
}

#[tokio::test]
async fn pages_follow_each_other() {
    let folder = folder(&["a.yaml", "b.yaml", "c.yaml"]);
    let mut limits = DirectoryLimits::default();
    limits.page = 2;
    let source = source(folder.path()).with_limits(limits);
    let cx = SourceContext::default();
    let first = source.page(&cx, None).await.unwrap();
    let second = source.page(&cx, first.next.as_ref()).await.unwrap();
    assert_eq!((locations(&first), locations(&second)), (vec!["a.yaml", "b.yaml"], vec!["c.yaml"]));
    assert_eq!(second.next, None);
    let foreign = source.page(&cx, Some(&Cursor("x".into()))).await.unwrap_err();
    assert_eq!(foreign.kind(), ErrorKind::InvalidInput);
}

#[cfg(unix)]
#[tokio::test]
async fn links_are_not_followed() {
    let outside = folder(&["secret.yaml"]);
    let inside = folder(&["a.yaml"]);
    std::os::unix::fs::symlink(outside.path(), inside.path().join("folder")).unwrap();
    std::os::unix::fs::symlink(outside.path().join("secret.yaml"), inside.path().join("file.yaml")).unwrap();
    assert_eq!(locations(&page(&source(inside.path())).await), ["a.yaml"]);
}

#[tokio::test]
async fn what_cannot_be_read_makes_the_answer_partial() {
    let folder = folder(&["a.yaml", "b.yaml"]);
    fs::write(folder.path().join("a.yaml"), [0xff, 0xfe, 0x00]).unwrap();
    let answer = page(&source(folder.path())).await;
    assert_eq!((answer.completeness, locations(&answer)), (Completeness::Partial, vec!["b.yaml"]));
    assert!(answer.problems[0].message.contains("a.yaml"), "{:?}", answer.problems);

    let mut limits = DirectoryLimits::default();
    limits.file_bytes = 3;
    let answer = page(&source(folder.path()).with_limits(limits)).await;
    assert_eq!((answer.completeness, answer.problems.len()), (Completeness::Partial, 2));
}

#[tokio::test]
async fn a_root_that_is_gone_is_a_failure_and_not_an_empty_answer() {
    let folder = folder(&["a.yaml"]);
    let source = source(folder.path());
    drop(folder);
    let error = source.page(&SourceContext::default(), None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_cancelled_call_ends() {
    let folder = folder(&["a.yaml"]);
    let mut cx = SourceContext::default();
    cx.cancel = Cancel::new();
    cx.cancel.cancel();
    let error = source(folder.path()).page(&cx, None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
}
