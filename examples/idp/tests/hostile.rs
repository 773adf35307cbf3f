//! Hostile templates and descriptors: each is a clear diagnostic within a second or two, and nothing outside is touched.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::time::{Duration, Instant};

use support::Company;

/// Much more than any of these needs, much less than a hang.
const SOON: Duration = Duration::from_secs(10);

struct Answer {
    code: Option<i32>,
    error: String,
}

/// Plans a template with these steps, and says how it was refused.
fn plan(company: &Company, steps: &str) -> Answer {
    let template = format!(
        "apiVersion: scaffolder.backstage.io/v1beta3\nkind: Template\nmetadata: {{name: hostile}}\nspec:\n  \
         type: service\n  steps:\n{steps}"
    );
    std::fs::create_dir_all(company.path("hostile/skeleton")).unwrap();
    std::fs::write(company.path("hostile/template.yaml"), template).unwrap();
    timed(company, &["template", "plan", "hostile/template.yaml"])
}

fn timed(company: &Company, arguments: &[&str]) -> Answer {
    let begun = Instant::now();
    let output = company.run(arguments);
    assert!(begun.elapsed() < SOON, "{arguments:?} took {:?}", begun.elapsed());
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Answer { code: output.status.code(), error: text(&output.stderr) + &text(&output.stdout) }
}

fn refused(answer: &Answer, why: &str) {
    assert_eq!(answer.code, Some(2), "{}", answer.error);
    assert!(answer.error.contains(why), "`{why}` is not in: {}", answer.error);
}

#[test]
fn paths_do_not_leave_the_workspace_or_the_template() {
    let company = Company::new();
    std::fs::write(company.path("secret.txt"), "outside").unwrap();
    for (steps, why) in [
        ("    - action: fetch:plain\n      input: {url: ../../../../etc}\n", "outside"),
        ("    - action: fetch:plain\n      input: {url: ./skeleton, targetPath: ../out}\n", "outside"),
        ("    - action: fetch:template\n      input: {url: ./skeleton, targetPath: /etc}\n", "outside"),
        (
            "    - action: fetch:plain:file\n      input: {url: 'file:///etc/passwd', targetPath: p}\n",
            "no plugin fetches",
        ),
        ("    - action: fs:delete\n      input: {files: ['../**']}\n", "outside"),
        ("    - action: fs:rename\n      input: {files: [{from: a, to: ../../b}]}\n", "outside"),
        (
            "    - action: ensure\n      input: {resource: repository, spec: {url: 'file:///tmp/x', content: {$workspace: ../..}}}\n",
            "outside",
        ),
    ] {
        refused(&plan(&company, steps), why);
    }
    assert_eq!(std::fs::read_to_string(company.path("secret.txt")).unwrap(), "outside");
}

#[test]
fn a_name_in_a_skeleton_cannot_lead_out() {
    let company = Company::new();
    std::fs::create_dir_all(company.path("hostile/skeleton")).unwrap();
    std::fs::write(company.path("hostile/skeleton/${{ values.name }}"), "x").unwrap();
    let steps =
        "    - action: fetch:template\n      input: {url: ./skeleton, values: {name: ../../escaped}}\n";
    refused(&plan(&company, steps), "outside");
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_template_is_not_followed() {
    let company = Company::new();
    std::fs::create_dir_all(company.path("hostile")).unwrap();
    std::os::unix::fs::symlink("/etc", company.path("hostile/etc")).unwrap();
    let steps = "    - action: fetch:plain\n      input: {url: ./etc}\n";
    refused(&plan(&company, steps), "outside");
}

#[test]
fn loops_and_floods_are_stopped() {
    let company = Company::new();
    let nested = "{% for a in range(100000) %}{% for b in range(100000) %}x{% endfor %}{% endfor %}";
    let doubling =
        "{% set s = 'xxxxxxxxxxxxxxxx' %}{% for i in range(30) %}{% set s = s + s %}{% endfor %}${{ s }}";
    for text in [nested, doubling] {
        std::fs::create_dir_all(company.path("hostile/skeleton")).unwrap();
        std::fs::write(company.path("hostile/skeleton/file.txt"), text).unwrap();
        let steps = "    - action: fetch:template\n      input: {url: ./skeleton}\n";
        refused(&plan(&company, steps), "file.txt");
    }
}

#[test]
fn an_alias_bomb_is_a_finding() {
    let company = Company::new();
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let alias = format!("*a{}, ", level - 1).repeat(10);
        bomb += &format!("a{level}: &a{level} [{}]\n", alias.trim_end_matches(", "));
    }
    std::fs::write(company.path("bomb.yaml"), bomb).unwrap();
    std::fs::write(company.path("deep.yaml"), "[".repeat(100_000)).unwrap();
    for file in ["bomb.yaml", "deep.yaml"] {
        let answer = timed(&company, &["check", file]);
        assert_eq!(answer.code, Some(1), "{file}: {}", answer.error);
    }
}

#[test]
fn a_secret_reaches_what_asked_for_it_and_nothing_else() {
    let company = Company::new();
    let steps = "    - id: repo\n      action: catalog:write\n      input:\n        entity:\n          apiVersion: v1\n          \
                 kind: Thing\n          metadata: {name: x}\n          spec: {token: \"${{ secrets.TOKEN }}\"}\n    \
                 - action: debug:log\n      input: {message: \"using ${{ secrets.TOKEN }} and ${{ secrets.TOKEN | urlencode }}\", listWorkspace: with-contents}\n    \
                 - action: publish:github\n      input: {repoUrl: 'github.com?owner=o&repo=r', description: \"${{ secrets.TOKEN }}\"}\n    \
                 - action: fs:rename\n      input: {files: [{from: \"${{ secrets.TOKEN }}\", to: y}]}\n      if: ${{ steps.repo.output.never }}\n";
    plan(&company, steps);
    let secret = "s3cr3t/with+odd=chars";
    let run = |arguments: &[&str]| {
        let output = company.command(arguments).env("THE_TOKEN", secret).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
    };
    let given = ["--secret", "TOKEN=THE_TOKEN"];
    let mut seen = run(&[
        &["template", "plan", "hostile/template.yaml", "--out", "plan.json", "--format", "json"],
        &given[..],
    ]
    .concat());
    seen += &run(&[&["apply", "plan.json", "--id", "r"], &given[..]].concat());
    seen += &run(&["runs", "r"]);
    seen += &run(&["runs", "r", "--format", "json"]);
    seen += &std::fs::read_to_string(company.path("plan.json")).unwrap();
    assert!(seen.contains("***") && seen.contains("completed"), "{seen}");
    assert!(!seen.contains("s3cr3t"), "{seen}");
    for file in ["idp.db", "idp.db-wal"] {
        let bytes = std::fs::read(company.path(".idp").join(file)).unwrap_or_default();
        assert!(!String::from_utf8_lossy(&bytes).contains("s3cr3t"), "{file}");
    }
    assert!(
        company.git("o/r.git", &["show", "main:catalog-info.yaml"]).contains(secret),
        "the file asked for it"
    );
}
