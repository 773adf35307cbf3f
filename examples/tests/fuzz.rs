//! The fuzz targets' bodies, with mutations of what is at hand, from a seed: no fuzzer and no nightly needed.
//!
//! `IDP_FUZZ_RUNS` says how often each is called, `IDP_FUZZ_SEED` from where. `fuzz/` has the targets for `cargo fuzz`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic is how a promise is broken")]

#[path = "../../fuzz/bodies.rs"]
mod bodies;
#[path = "../../fuzz/mutator.rs"]
mod mutator;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use mutator::{Random, mutate};

/// Much more than any input of a mebibyte needs, much less than a hang.
const SOON: Duration = Duration::from_secs(20);

fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// The files of the repository that are like what is fuzzed.
fn seeds() -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = Vec::new();
    for folder in ["idp-catalog/tests/data", "examples/company"] {
        collect(&root.join(folder), &mut files);
    }
    files.sort();
    let texts = files.iter().map(|file| std::fs::read(file).unwrap());
    let lines = [
        "component:default/cart",
        "Component:Shop/Cart/x:y",
        "kind=component and spec.type in (service, 'web site') and not metadata.tags contains legacy",
        "spec.replicas between 1 and 3 or metadata.name matches /^a.*b$/",
        "kind=component,metadata.annotations.a/b",
        r#"{"$all": [{"kind": "component"}, {"$not": {"spec.type": {"$in": ["a", "b"]}}}]}"#,
        r#"{"metadata.tags": {"$contains": "java"}, "relations": {"$contains": {"type": "ownedBy"}}}"#,
        "${{ parameters.name | upper }}-${{ values.tags[0] if values.n > 2 else 'x' }}",
        "{% for t in values.tags %}{{ t | replace('a', 'b') }}{% endfor %}{{ values.nested | dump }}",
        "{}\n${{ values.name }}/a.txt: ${{ values.tags | join }}\n${{ values.up }}/b: {% if values.up %}x{% endif %}\na/../c: y",
        "{\"replace\": true, \"targetPath\": \"x/y\", \"cookiecutterCompat\": true}\n{{ cookiecutter.root }}: {{ cookiecutter.name }}",
        "{\"templateFileExtension\": true}\na.njk: {% for x in range(99) %}${{ x }}{% endfor %}\na: b",
    ];
    texts.chain(lines.iter().map(|line| line.as_bytes().to_vec())).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if std::fs::metadata(&path).unwrap().len() < 20_000 {
            files.push(path);
        }
    }
}

#[test]
fn no_target_panics_or_hangs() {
    let (seeds, runs, first) = (seeds(), number("IDP_FUZZ_RUNS", 150), number("IDP_FUZZ_SEED", 1));
    for (name, body) in bodies::TARGETS {
        for seed in first..first + runs {
            let input = mutate(&seeds, &mut Random::new(seed));
            let start = Instant::now();
            let outcome = catch_unwind(AssertUnwindSafe(|| body(&input)));
            let again = format!("IDP_FUZZ_RUNS=1 IDP_FUZZ_SEED={seed}");
            assert!(outcome.is_ok(), "{name} panicked; {again} does it again");
            assert!(start.elapsed() < SOON, "{name} took {:?}; {again} does it again", start.elapsed());
        }
    }
}
