//! Faults planted in templates that are in order: the checker has to find them, and show them.
//!
//! The faults are planted mechanically in the sample company's template and in those below `tests/templates`, and in
//! real ones where they are at hand: every tenth of them, or all where `IDP_ALL_FAULTS` is set.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::print_stdout, reason = "how much was found is for the reader of the log")]

mod checking;
mod planting;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use checking::{Sample, checker, real_templates};
use idp_scaffolder::{Checker, Finding, check_parameters};
use planting::{Fault, faults};

/// Of the kinds of faults, one in so many is planted in each real template: all of them take minutes.
const SPARSE: usize = 10;

/// What has to be found, in per cent.
const ENOUGH: usize = 95;

#[derive(Default)]
struct Score {
    planted: usize,
    found: usize,
    missed: Vec<String>,
}

fn own_templates() -> Vec<Sample> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/templates/in-order");
    let company = Path::new(env!("CARGO_MANIFEST_DIR")).join("company/templates/java-service");
    [tests, company]
        .iter()
        .flat_map(|folder| Sample::read(&folder.join("template.yaml"), folder, "template.yaml"))
        .collect()
}

fn key(finding: &Finding) -> (String, String) {
    (finding.diagnostic.code.to_string(), finding.diagnostic.message.clone())
}

/// Plants a fault of each kind in a template, one after the other; some of the kinds where there is a `turn`.
fn plant(
    checker: &Checker,
    sample: &Sample,
    turn: Option<usize>,
    scores: &mut BTreeMap<&'static str, Score>,
) {
    let Some(template) = sample.with(sample.value().clone()) else { return };
    let before: BTreeSet<_> = checker.check(&template).findings.iter().map(key).collect();
    let mut kinds = BTreeMap::new();
    for fault in faults(sample) {
        // One of each kind.
        kinds.entry(fault.kind).or_insert(fault);
    }
    for (index, fault) in kinds.into_values().enumerate() {
        if turn.is_none_or(|turn| (turn + index) % SPARSE == 0) {
            look_for(checker, sample, &fault, &before, scores.entry(fault.kind).or_default());
        }
    }
}

fn look_for(
    checker: &Checker,
    sample: &Sample,
    fault: &Fault,
    before: &BTreeSet<(String, String)>,
    score: &mut Score,
) {
    score.planted += 1;
    let place = format!("{}: {}", sample.file.display(), fault.what);
    // A document that is no template any more is refused before it is checked.
    let Some(template) = sample.with(fault.document.clone()) else { return score.found += 1 };
    let report = checker.check(&template);
    let fresh = |it: &&Finding| fault.codes.contains(&&*it.diagnostic.code) && !before.contains(&key(it));
    let Some(found) = report.findings.iter().find(fresh) else { return score.missed.push(place) };
    if !fault.shown {
        return score.found += 1;
    }
    match &found.witness {
        // The default itself is what the form refuses.
        Some(witness) if found.diagnostic.code == "default-invalid" => {
            assert!(check_parameters(&template, witness).is_err(), "{place}: {found:?}");
            score.found += 1;
        }
        Some(witness) => {
            assert!(check_parameters(&template, witness).is_ok(), "{place}: {found:?}");
            score.found += 1;
        }
        None => score.missed.push(format!("{place}: without a witness")),
    }
}

fn judge(samples: &[Sample], some: bool) -> usize {
    let (checker, mut scores) = (checker(), BTreeMap::new());
    for (index, sample) in samples.iter().enumerate() {
        plant(&checker, sample, some.then_some(index), &mut scores);
    }
    let (mut planted, mut found) = (0, 0);
    for (kind, score) in &scores {
        println!("{:>4} of {:>4}  {kind}", score.found, score.planted);
        score.missed.iter().take(5).for_each(|it| println!("              missed: {it}"));
        planted += score.planted;
        found += score.found;
    }
    println!("{found} of {planted} planted faults found in {} templates", samples.len());
    assert!(found * 100 >= planted * ENOUGH, "{found} of {planted}");
    planted
}

#[test]
fn faults_in_our_own_templates_are_found() {
    let samples = own_templates();
    assert_eq!(samples.len(), 2);
    let planted = judge(&samples, false);
    assert!(planted >= 30, "{planted} faults are too few to say anything");
}

#[test]
fn faults_in_real_templates_are_found() {
    let samples = real_templates();
    if samples.is_empty() {
        println!("skipped: there are no real templates at hand");
        return;
    }
    let planted = judge(&samples, std::env::var_os("IDP_ALL_FAULTS").is_none());
    assert!(planted >= 500, "{planted} faults are too few to say anything");
}
