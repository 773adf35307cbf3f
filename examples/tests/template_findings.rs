//! What the checker says of templates, word by word: a folder below `tests/templates` is a case, with the template in
//! `template.yaml` and what is found in `findings.txt`, or in `strict.txt` by an engine that is strict.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod checking;

use std::fmt::Write;
use std::path::Path;

use checking::{Sample, checker};
use idp_scaffolder::{Engine, Finding, Mode};

/// A finding as `findings.txt` has it.
fn shown(finding: &Finding) -> String {
    let mut text = format!("{}\n", finding.diagnostic);
    if let Some(help) = &finding.diagnostic.help {
        writeln!(text, "    help: {help}").unwrap();
    }
    if let Some(witness) = &finding.witness {
        writeln!(text, "    shows with: {}", serde_json::to_string(witness).unwrap()).unwrap();
    }
    text
}

fn found(folder: &Path, mode: Mode) -> String {
    let checker = checker().engine(Engine::new(mode));
    let samples = Sample::read(&folder.join("template.yaml"), folder, "template.yaml");
    let reports = samples.iter().map(|sample| {
        let template = sample.with(sample.value().clone()).unwrap();
        checker.check_file(&template, &sample.document)
    });
    reports.flat_map(|report| report.findings).map(|finding| shown(&finding)).collect()
}

#[test]
fn every_case_is_found_as_it_is_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/templates");
    let mut different = Vec::new();
    let mut cases = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let case = entry.unwrap().path();
        let expected = |file| std::fs::read_to_string(case.join(file)).ok();
        let strict = expected("strict.txt").map(|text| (Mode::Strict, text));
        let usual = (Mode::Backstage, expected("findings.txt").unwrap_or_default());
        cases += 1;
        for (mode, expected) in [usual].into_iter().chain(strict) {
            let actual = found(&case, mode);
            if actual != expected {
                let name = case.file_name().unwrap().to_string_lossy();
                different.push(format!("── {name}, {mode:?} ──\n{actual}"));
            }
        }
    }
    assert!(cases >= 8, "{cases} cases");
    assert!(different.is_empty(), "found otherwise than written:\n{}", different.join("\n"));
}
