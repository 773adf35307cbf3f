//! Changes of a directory, picked up.

#![cfg(feature = "watch")]
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use common::script::{empty, resource};
use idp_catalog::{Catalog, Changed, DirectorySource, DirectoryWatch};

async fn next(watch: &DirectoryWatch) -> Changed {
    tokio::time::timeout(Duration::from_secs(20), watch.changed()).await.unwrap()
}

/// Takes in a change, and says whether it was a whole pass.
async fn take(catalog: &Catalog, source: &DirectorySource, watch: &DirectoryWatch) -> bool {
    let changed = next(watch).await;
    let delta = source.delta(&changed);
    let report = match &delta {
        Some(delta) => catalog.apply(delta).await.unwrap(),
        None => catalog.ingest(source).await.unwrap(),
    };
    assert!(report.failure.is_none());
    delta.is_none()
}

fn names(catalog: &Catalog) -> Vec<String> {
    catalog.snapshot().iter().map(|it| it.entity_ref().name().to_owned()).collect()
}

fn files(names: &[&str]) -> Changed {
    Changed::Files(names.iter().map(|it| (*it).to_owned()).collect::<BTreeSet<_>>())
}

async fn follows_a_directory(folder: &Path, watch: impl Fn(&DirectorySource) -> DirectoryWatch) {
    fs::write(folder.join("a.yaml"), resource("a", "x")).unwrap();
    fs::create_dir_all(folder.join("sub")).unwrap();
    let source = DirectorySource::new("d", folder).unwrap().excluding(&["ignored*"]).unwrap();
    let (catalog, watch) = (empty().await, watch(&source));
    let _ = catalog.ingest(&source).await.unwrap();

    fs::write(folder.join("notes.txt"), "x").unwrap();
    fs::write(folder.join("ignored.yaml"), resource("ignored", "x")).unwrap();
    fs::write(folder.join("sub/b.yaml"), resource("b", "x")).unwrap();
    assert_eq!(next(&watch).await, files(&["sub/b.yaml"]));
    let _ = catalog.apply(&source.delta(&files(&["sub/b.yaml"])).unwrap()).await.unwrap();
    assert_eq!(names(&catalog), ["a", "b"]);

    fs::remove_file(folder.join("a.yaml")).unwrap();
    take(&catalog, &source, &watch).await;
    assert_eq!(names(&catalog), ["b"]);

    // A folder that appears with files in it.
    let aside = folder.with_extension("aside");
    fs::create_dir_all(aside.join("deep")).unwrap();
    fs::write(aside.join("deep/c.yaml"), resource("c", "x")).unwrap();
    fs::rename(&aside, folder.join("moved")).unwrap();
    take(&catalog, &source, &watch).await;
    assert_eq!(names(&catalog), ["b", "c"]);
    fs::remove_dir_all(folder.join("moved")).unwrap();
    while names(&catalog) != ["b"] {
        take(&catalog, &source, &watch).await;
    }
}

#[tokio::test]
async fn a_directory_is_followed_by_listening() {
    let folder = tempfile::tempdir().unwrap();
    follows_a_directory(&folder.path().join("d").canonical(), |source| DirectoryWatch::new(source).unwrap())
        .await;
}

#[tokio::test]
async fn a_directory_is_followed_by_looking() {
    let folder = tempfile::tempdir().unwrap();
    let watch = |source: &DirectorySource| {
        let watch = DirectoryWatch::polling(source, Duration::from_millis(50)).unwrap();
        assert!(watch.polls());
        watch
    };
    follows_a_directory(&folder.path().join("d").canonical(), watch).await;
}

#[tokio::test]
async fn a_folder_with_a_dot_in_its_name_went_unnoticed() {
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("d").canonical();
    fs::create_dir(folder.join("shop.example.org")).unwrap();
    fs::write(folder.join("shop.example.org/a.yaml"), resource("a", "x")).unwrap();
    let source = DirectorySource::new("d", &folder).unwrap();
    let watch = DirectoryWatch::new(&source).unwrap();
    fs::rename(folder.join("shop.example.org"), outer.path().join("elsewhere")).unwrap();
    assert_eq!(next(&watch).await, Changed::Anything);
}

#[test]
fn what_cannot_be_told_is_a_reason_for_a_whole_pass() {
    let folder = tempfile::tempdir().unwrap();
    let source = DirectorySource::new("d", folder.path()).unwrap();
    assert!(source.delta(&Changed::Anything).is_none());
    fs::write(folder.path().join("a.yaml"), [0xff]).unwrap();
    assert!(source.delta(&files(&["a.yaml"])).is_none(), "a file that cannot be read");
    let delta = source.delta(&files(&["gone.yaml", "notes.txt"])).unwrap();
    assert!(!delta.is_empty());
    assert!(source.delta(&files(&["notes.txt"])).unwrap().is_empty());
}

trait Canonical {
    fn canonical(&self) -> std::path::PathBuf;
}

impl Canonical for std::path::PathBuf {
    fn canonical(&self) -> std::path::PathBuf {
        fs::create_dir_all(self).unwrap();
        self.canonicalize().unwrap()
    }
}
