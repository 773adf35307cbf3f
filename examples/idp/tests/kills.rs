//! `kill -9` at any moment of an apply, then `idp apply --resume`: the world ends as if nothing had happened.
//!
//! `IDP_KILLS` says how often; the moments are spread over the time that an undisturbed apply takes.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::process::Stdio;
use std::time::{Duration, Instant};

use support::Company;

/// What an observer sees of the world: files, number of commits, entities, and whether anything is left to do.
#[derive(Debug, PartialEq, Eq)]
struct World {
    service: String,
    service_commits: usize,
    environments: String,
    environment_commits: usize,
    entry: bool,
    nothing_left: bool,
}

impl World {
    fn of(company: &Company) -> Self {
        // Every company lies in a folder of its own, and its manifests name it.
        let folder = company.path(".").canonicalize().unwrap().display().to_string();
        let tree = |repository| {
            let names = company.git(repository, &["ls-tree", "-r", "--name-only", "main"]);
            let show = |name| company.git(repository, &["show", &format!("main:{name}")]);
            names.lines().map(|it| format!("{it}:\n{}", show(it).replace(&folder, "FOLDER"))).collect()
        };
        let commits = |repository| company.git(repository, &["log", "--format=%H", "--all"]).lines().count();
        let plan = company.plan();
        let effects = plan["effects"].as_array().unwrap();
        let entry = company.run(&["show", "--catalog", ".idp/idp.db", "component:default/payments"]);
        Self {
            service: tree("example/payments.git"),
            service_commits: commits("example/payments.git"),
            environments: tree("platform/environments.git"),
            environment_commits: commits("platform/environments.git"),
            entry: entry.status.success(),
            nothing_left: effects.iter().all(|it| it["change"]["operation"] == "nothing"),
        }
    }
}

fn undisturbed() -> (World, Duration) {
    let company = Company::new();
    company.plan();
    let begun = Instant::now();
    assert!(company.run(&["apply", "plan.json"]).status.success());
    let took = begun.elapsed();
    (World::of(&company), took)
}

#[test]
fn a_killed_apply_resumes_to_the_same_world() {
    let kills: u32 = std::env::var("IDP_KILLS").ok().and_then(|it| it.parse().ok()).unwrap_or(6);
    let (expected, took) = undisturbed();
    assert!(expected.entry && expected.nothing_left, "{expected:?}");
    let mut interrupted = 0;
    for round in 0..kills {
        let company = Company::new();
        company.plan();
        // The golden ratio spreads the moments evenly, however many there are.
        let moment = took.mul_f64((f64::from(round) * 0.618_033_988_75).fract());
        let mut child = company
            .command(&["apply", "plan.json", "--id", "r"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(moment);
        child.kill().unwrap();
        interrupted += u32::from(!child.wait().unwrap().success());
        resume(&company);
        assert_eq!(World::of(&company), expected, "killed after {moment:?}");
    }
    println!("{interrupted} of {kills} applies were killed before they ended");
    assert!(interrupted > kills / 2, "too few kills hit: {interrupted} of {kills}");
}

/// Goes on with the run; begins it where it was killed before it existed, and leaves it where it had ended.
fn resume(company: &Company) {
    let runs = company.run(&["runs", "--format", "json"]);
    let runs = String::from_utf8(runs.stdout).unwrap();
    let arguments = match runs.lines().next() {
        None => ["apply", "plan.json"].as_slice(),
        Some(run) if run.contains(r#""status":"completed""#) => return,
        Some(_) => &["apply", "--resume", "r"],
    };
    let output = company.run(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}
