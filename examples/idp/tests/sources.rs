//! Descriptors from everywhere: patterns, lines, locations, a web server, a Git repository; and a watch.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Lines, Write};
use std::net::TcpListener;
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use support::Company;

fn resource(name: &str, kind: &str) -> String {
    format!(
        "apiVersion: backstage.io/v1alpha1\nkind: Resource\nmetadata:\n  name: {name}\nspec:\n  type: {kind}\n  owner: group:shop\n"
    )
}

fn location(name: &str, target: &str) -> String {
    format!(
        "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata:\n  name: {name}\nspec:\n  target: {target}\n"
    )
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[track_caller]
fn ingest(company: &Company, arguments: &[&str], status: i32) -> String {
    let output = company.run(&[&["ingest", "--state", "c.db"], arguments].concat());
    assert_eq!(output.status.code(), Some(status), "{}", text(&output));
    text(&output)
}

/// The names of a kind, in order.
fn names(company: &Company, kind: &str) -> Vec<String> {
    let found = company.json(&[
        "query",
        "--catalog",
        "c.db",
        &format!("kind={kind}"),
        "--format",
        "json",
        "--limit",
        "100",
    ]);
    let items = found["items"].as_array().unwrap();
    items.iter().map(|it| it["metadata"]["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn locations_of_a_directory_are_followed_and_parts_put_in() {
    let company = Company::new();
    let told = ingest(&company, &["--follow", "company=*/*.yaml"], 0);
    assert!(told.starts_with("company: "), "{told}");
    assert!(names(&company, "component").contains(&"checkout".to_owned()));
    let api = company.json(&["show", "api:checkout-api", "--catalog", "c.db", "--format", "json"]);
    let definition =
        api["entity"]["spec"]["definition"].as_str().or(api["spec"]["definition"].as_str()).unwrap();
    assert!(definition.contains("\"cart\"") && !definition.contains("schemas.yaml"), "{definition}");

    // Without following, the Location is an entity like any other.
    let other = Company::new();
    ingest(&other, &["company=*/*.yaml"], 0);
    assert!(!names(&other, "component").contains(&"checkout".to_owned()));
}

#[test]
fn lines_come_from_a_file_or_from_standard_input() {
    let company = Company::new();
    let line = |name: &str| {
        format!(
            "{{\"apiVersion\":\"backstage.io/v1alpha1\",\"kind\":\"Resource\",\"metadata\":{{\"name\":\"{name}\"}},\"spec\":{{\"type\":\"x\",\"owner\":\"y\"}}}}\n"
        )
    };
    fs::write(company.path("all.ndjson"), format!("{}{}{{\n", line("a"), line("b"))).unwrap();
    let told = ingest(&company, &["all.ndjson"], 1);
    assert!(
        told.contains(
            "all.ndjson:3:1: error[json-syntax]: the line is not JSON: EOF while parsing an object\n"
        ),
        "{told}"
    );

    let checked = company.run(&["check", "all.ndjson"]);
    assert_eq!(checked.status.code(), Some(1));
    assert!(text(&checked).contains("all.ndjson:3:"), "{}", text(&checked));

    let mut child = company
        .command(&["ingest", "--state", "c.db", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(line("c").as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(names(&company, "resource"), ["a", "b", "c"]);
}

#[test]
fn a_dry_run_read_standard_input_twice() {
    let company = Company::new();
    let entity = r#"{"apiVersion":"backstage.io/v1alpha1","kind":"Resource","metadata":{"name":"c"},"spec":{"type":"x","owner":"y"}}"#;
    let mut child = company
        .command(&["ingest", "--state", "c.db", "--dry-run", "lines=-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(entity.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", text(&output));
    assert!(text(&output).contains("  + resource:default/c\n"), "{}", text(&output));
}

/// Serves pages over real connections until the test ends.
struct Web {
    address: String,
    pages: Arc<Mutex<BTreeMap<String, String>>>,
}

impl Web {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let pages: Arc<Mutex<BTreeMap<String, String>>> = Arc::default();
        let served = Arc::clone(&pages);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let mut request = String::new();
                let _ = reader.read_line(&mut request);
                let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
                let mut header = String::new();
                while reader.read_line(&mut header).is_ok_and(|it| it > 2) {
                    header.clear();
                }
                let (status, body) = match served.lock().unwrap().get(&path) {
                    Some(page) => ("200 OK", page.clone()),
                    None => ("404 Not Found", String::new()),
                };
                let length = body.len();
                let _ = write!(
                    stream,
                    "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
                );
            }
        });
        Self { address, pages }
    }

    fn put(&self, path: &str, text: String) {
        self.pages.lock().unwrap().insert(path.to_owned(), text);
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

#[test]
fn a_url_is_followed_and_what_is_gone_or_not_allowed_is_told() {
    let (company, web, other) = (Company::new(), Web::start(), Web::start());
    web.put("/all.yaml", format!("{}---\n{}", location("all", "./b.yaml"), resource("a", "x")));
    web.put("/b.yaml", format!("{}---\n{}", resource("b", "x"), location("far", &other.url("/c.yaml"))));
    other.put("/c.yaml", resource("c", "x"));
    let url = web.url("/all.yaml");

    let told = ingest(&company, &[&url], 1);
    assert!(told.contains("error[host-not-allowed]: the host `127.0.0.1` is not allowed"), "{told}");
    assert_eq!(names(&company, "resource"), ["a", "b"]);
    ingest(&company, &["--allow-host", &other.address, &url], 0);
    assert_eq!(names(&company, "resource"), ["a", "b", "c"]);

    let told = ingest(&company, &["--allow-host", &other.address, "--allow-kind", "Location", &url], 1);
    assert!(told.contains("error[kind-not-allowed]"), "{told}");

    web.pages.lock().unwrap().remove("/b.yaml");
    let told = ingest(&company, &["--allow-host", &other.address, &url], 1);
    assert!(told.contains("error[target-gone]"), "{told}");
    assert_eq!(names(&company, "resource"), ["a", "b", "c"], "what is gone keeps its entities");
    web.put("/all.yaml", resource("a", "x"));
    ingest(&company, &["--confirm-removals", &url], 0);
    assert_eq!(names(&company, "resource"), ["a"]);
}

#[test]
fn a_repository_is_read_by_the_urls_of_its_host() {
    let company = Company::new();
    let (work, bare) = (company.path("work"), company.path(".idp/git/example/orders.git"));
    fs::create_dir_all(work.join("parts")).unwrap();
    fs::write(work.join("all.yaml"), location("orders", "./parts/*.yaml")).unwrap();
    fs::write(work.join("parts/q.yaml"), resource("q", "queue")).unwrap();
    let git = |arguments: &[&str]| {
        let identity =
            ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "init.defaultBranch=main"];
        let status = Command::new("git").current_dir(&work).args(identity).args(arguments).status().unwrap();
        assert!(status.success(), "{arguments:?}");
    };
    git(&["init", "-q"]);
    git(&["add", "."]);
    git(&["commit", "-qm", "x"]);
    git(&["clone", "-q", "--bare", ".", bare.to_str().unwrap()]);
    ingest(&company, &["https://github.com/example/orders/blob/main/all.yaml"], 0);
    assert_eq!(names(&company, "resource"), ["q"]);
}

#[test]
fn a_url_beside_a_directory_made_it_follow_locations() {
    let (company, web) = (Company::new(), Web::start());
    fs::create_dir(company.path("fleet")).unwrap();
    fs::write(company.path("fleet/all.yaml"), location("fleet", "./other.txt")).unwrap();
    fs::write(company.path("fleet/other.txt"), resource("other", "x")).unwrap();
    web.put("/web.yaml", resource("web", "x"));
    ingest(&company, &["fleet", &web.url("/web.yaml")], 0);
    assert_eq!(names(&company, "resource"), ["web"]);
}

/// A program that goes on; it ends when the test does.
struct Running {
    child: Child,
    told: Lines<BufReader<ChildStdout>>,
}

impl Running {
    fn start(company: &Company, arguments: &[&str]) -> Self {
        let mut child = company.command(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let told = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, told }
    }

    /// Reads what it prints up to a line with these words.
    fn wait_for(&mut self, words: &str) {
        let started = Instant::now();
        while !self.told.next().unwrap().unwrap().contains(words) {
            assert!(started.elapsed() < Duration::from_secs(30), "{words}");
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_watch_takes_in_what_changes() {
    let company = Company::new();
    fs::create_dir(company.path("fleet")).unwrap();
    fs::write(company.path("fleet/a.yaml"), resource("a", "x")).unwrap();
    let arguments = ["ingest", "--state", "c.db", "--watch", "fleet"];
    let mut running = Running::start(&company, &arguments);
    running.wait_for("c.db has 1 entities");
    fs::write(company.path("fleet/b.yaml"), resource("b", "x")).unwrap();
    running.wait_for("c.db has 2 entities");
    fs::remove_file(company.path("fleet/a.yaml")).unwrap();
    running.wait_for("c.db has 1 entities");
    assert_eq!(names(&company, "resource"), ["b"]);
}

#[test]
fn a_watch_undid_substitutions_and_skipped_rules() {
    let company = Company::new();
    fs::create_dir(company.path("fleet")).unwrap();
    let with_part = |name: &str| resource(name, "{$text: ./part.txt}");
    fs::write(company.path("fleet/part.txt"), "queue").unwrap();
    fs::write(company.path("fleet/a.yaml"), with_part("a")).unwrap();
    let arguments = ["ingest", "--state", "c.db", "--watch", "--allow-kind", "Resource", "fleet"];
    let mut running = Running::start(&company, &arguments);
    running.wait_for("c.db has 1 entities");
    let mut second = with_part("a") + "---\n" + &with_part("b");
    second += "---\napiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: g}\nspec: {type: team, children: []}\n";
    fs::write(company.path("fleet/a.yaml"), second).unwrap();
    running.wait_for("c.db has 2 entities");
    let found = company.json(&["query", "--catalog", "c.db", "spec.type=queue", "--format", "json"]);
    assert_eq!(found["totalItems"], 2, "{found}");
    assert_eq!(names(&company, "group"), [""; 0]);
}
