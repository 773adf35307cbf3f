//! A company as large as you like: the same entities for the same size and seed, on every machine and in every language.
//!
//! 70 % components, 10 % APIs, 6 % users, 5 % systems, 5 % resources, 3 % groups, 1 % domains, in that order reversed.
//! An entity depends on its number only, so any of them can be made without the others. References prefer low numbers:
//! a few teams, systems and components are hubs. The tests hold the bytes to checksums.

use serde_json::{Map, Value, json};

const SEED: u32 = 20_260_101;

const SUBJECTS: [&str; 30] = [
    "payments",
    "billing",
    "orders",
    "catalog",
    "search",
    "shipping",
    "identity",
    "fraud",
    "pricing",
    "inventory",
    "checkout",
    "loyalty",
    "returns",
    "ledger",
    "notify",
    "media",
    "profile",
    "session",
    "audit",
    "metrics",
    "routing",
    "forecast",
    "supplier",
    "warehouse",
    "support",
    "content",
    "consent",
    "invoice",
    "tax",
    "refund",
];
const PARTS: [&str; 20] = [
    "gateway",
    "engine",
    "worker",
    "portal",
    "adapter",
    "bridge",
    "hub",
    "store",
    "monitor",
    "planner",
    "indexer",
    "resolver",
    "scheduler",
    "exporter",
    "importer",
    "console",
    "broker",
    "cache",
    "proxy",
    "registry",
];
const VERBS: [&str; 8] =
    ["Handles", "Coordinates", "Stores", "Publishes", "Validates", "Aggregates", "Transforms", "Serves"];
const WORDS: [&str; 32] = [
    "customer",
    "requests",
    "across",
    "regions",
    "with",
    "strict",
    "latency",
    "targets",
    "and",
    "daily",
    "reconciliation",
    "against",
    "upstream",
    "systems",
    "for",
    "internal",
    "teams",
    "using",
    "event",
    "streams",
    "batch",
    "jobs",
    "or",
    "synchronous",
    "calls",
    "while",
    "keeping",
    "records",
    "of",
    "every",
    "change",
    "made",
];
const TAGS: [&str; 20] = [
    "java",
    "go",
    "rust",
    "python",
    "typescript",
    "kotlin",
    "grpc",
    "rest",
    "kafka",
    "postgres",
    "redis",
    "frontend",
    "backend",
    "data",
    "ml",
    "legacy",
    "critical",
    "internal",
    "public",
    "pci",
];
const TIERS: [&str; 4] = ["1", "2", "3", "4"];
const REGIONS: [&str; 4] = ["eu", "us", "apac", "global"];
const COSTS: [&str; 8] = ["cc-100", "cc-200", "cc-300", "cc-400", "cc-500", "cc-600", "cc-700", "cc-800"];
const FIRST_NAMES: [&str; 16] = [
    "Ada",
    "Alan",
    "Barbara",
    "Dennis",
    "Edsger",
    "Frances",
    "Grace",
    "Hedy",
    "John",
    "Katherine",
    "Ken",
    "Leslie",
    "Margaret",
    "Niklaus",
    "Radia",
    "Tony",
];
const LAST_NAMES: [&str; 16] = [
    "Abel", "Brandt", "Castro", "Dahl", "Eriksen", "Fischer", "Garcia", "Hansen", "Ivanov", "Jansen",
    "Kimura", "Larsen", "Moreau", "Novak", "Olsen", "Petrov",
];

/// A kind of entity in a [`Synthetic`] company, in the order in which they come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// Teams, in a tree eight wide.
    Group,
    /// People in teams.
    User,
    /// Domains.
    Domain,
    /// Systems of domains.
    System,
    /// Databases, buckets, topics, queues.
    Resource,
    /// APIs.
    Api,
    /// Services, websites, libraries.
    Component,
}

const SORTS: [Sort; 7] =
    [Sort::Group, Sort::User, Sort::Domain, Sort::System, Sort::Resource, Sort::Api, Sort::Component];

impl Sort {
    fn kind(self) -> &'static str {
        match self {
            Self::Api => "API",
            Self::Group => "Group",
            Self::User => "User",
            Self::Domain => "Domain",
            Self::System => "System",
            Self::Resource => "Resource",
            Self::Component => "Component",
        }
    }

    /// The name of the nth of its kind.
    #[must_use]
    pub fn name(self, number: usize) -> String {
        let subject = SUBJECTS[number % SUBJECTS.len()];
        match self {
            Self::Group => format!("team-{subject}-{number:06}"),
            Self::User => format!("user-{number:06}"),
            Self::Domain => format!("domain-{subject}-{number:06}"),
            Self::System => format!("system-{subject}-{number:06}"),
            Self::Resource => {
                format!("{}-{subject}-{number:06}", ["db", "bucket", "topic", "queue"][number % 4])
            }
            Self::Api => format!("{subject}-api-{number:06}"),
            Self::Component => {
                format!("{subject}-{}-{number:06}", PARTS[number / SUBJECTS.len() % PARTS.len()])
            }
        }
    }

    /// A whole reference to the nth of its kind.
    #[must_use]
    pub fn reference(self, number: usize) -> String {
        format!("{}:default/{}", self.kind().to_lowercase(), self.name(number))
    }
}

/// A company of so many entities.
#[derive(Clone, Copy, Debug)]
pub struct Synthetic {
    size: usize,
}

impl Synthetic {
    /// A company of so many entities, 100 at least.
    ///
    /// # Panics
    /// Where it is smaller.
    #[must_use]
    pub fn new(size: usize) -> Self {
        assert!(size >= 100, "a company has at least 100 entities");
        Self { size }
    }

    /// How many entities there are.
    #[must_use]
    pub fn size(self) -> usize {
        self.size
    }

    /// How many of a sort there are.
    #[must_use]
    pub fn count(self, sort: Sort) -> usize {
        let share = |hundredths: usize| self.size * hundredths / 100;
        match sort {
            Sort::Group => share(3),
            Sort::User => share(6),
            Sort::Domain => share(1),
            Sort::System | Sort::Resource => share(5),
            Sort::Api => share(10),
            Sort::Component => {
                let others = SORTS.into_iter().filter(|it| *it != Sort::Component);
                self.size - others.map(|it| self.count(it)).sum::<usize>()
            }
        }
    }

    /// Every entity.
    pub fn entities(self) -> impl Iterator<Item = Value> {
        (0..self.size).map(move |position| self.entity(position))
    }

    /// The entity at a position.
    ///
    /// # Panics
    /// Where there are not so many.
    #[must_use]
    pub fn entity(self, position: usize) -> Value {
        let (sort, number) = self.place(position);
        Author { company: self, random: Random::of(position) }.write(sort, number)
    }

    /// A whole reference to every entity, in their order.
    pub fn references(self) -> impl Iterator<Item = String> {
        (0..self.size).map(move |position| {
            let (sort, number) = self.place(position);
            sort.reference(number)
        })
    }

    /// Of which sort the entity at a position is, and its number among those.
    fn place(self, position: usize) -> (Sort, usize) {
        assert!(position < self.size, "a company has no more entities than its size");
        let mut number = position;
        for sort in SORTS {
            if number < self.count(sort) {
                return (sort, number);
            }
            number -= self.count(sort);
        }
        (Sort::Component, number)
    }

    /// One entity on each line.
    pub fn ndjson(self) -> impl Iterator<Item = String> {
        self.entities().map(|entity| format!("{entity}\n"))
    }

    /// One document for each entity.
    pub fn yaml(self) -> impl Iterator<Item = String> {
        (0..self.size).map(move |position| self.yaml_of(position))
    }

    /// The document of the entity at a position.
    ///
    /// # Panics
    /// Where there are not so many.
    #[must_use]
    pub fn yaml_of(self, position: usize) -> String {
        yaml_document(&self.entity(position))
    }
}

/// The generator mulberry32: one independent stream for each entity.
struct Random(u32);

impl Random {
    fn of(position: usize) -> Self {
        Self(SEED.wrapping_add((position as u32).wrapping_add(1).wrapping_mul(0x9e37_79b1)))
    }

    /// From 0 to 1, without 1.
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x6d2b_79f5);
        let a = self.0;
        let mut t = (a ^ (a >> 15)).wrapping_mul(1 | a);
        t = t.wrapping_add((t ^ (t >> 7)).wrapping_mul(61 | t)) ^ t;
        f64::from(t ^ (t >> 14)) / 4_294_967_296.0
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() * bound as f64) as usize
    }

    /// Low numbers are popular.
    fn skewed(&mut self, bound: usize) -> usize {
        let u = self.next();
        (bound as f64 * u * u) as usize
    }

    fn pick(&mut self, from: &[&'static str]) -> &'static str {
        from[self.below(from.len())]
    }

    fn weighted(&mut self, choices: [(&'static str, f64); 3]) -> &'static str {
        let mut u = self.next();
        for (choice, weight) in choices {
            if u < weight {
                return choice;
            }
            u -= weight;
        }
        choices[2].0
    }
}

struct Author {
    company: Synthetic,
    random: Random,
}

impl Author {
    fn write(&mut self, sort: Sort, number: usize) -> Value {
        let name = sort.name(number);
        let title = title(&name);
        let metadata = self.metadata(sort, &name, &title);
        let spec = match sort {
            Sort::Group => group(number, &name, &title),
            Sort::User => self.user(&name),
            Sort::Domain => json!({"owner": self.owner()}),
            Sort::System => json!({"owner": self.owner(), "domain": self.some(Sort::Domain)}),
            Sort::Resource => self.resource(number),
            Sort::Api => self.api(number, &name),
            Sort::Component => self.component(),
        };
        json!({"apiVersion": "backstage.io/v1alpha1", "kind": sort.kind(), "metadata": metadata, "spec": spec})
    }

    fn metadata(&mut self, sort: Sort, name: &str, title: &str) -> Value {
        let description = self.description();
        let tags = self.tags();
        let tier = self.random.pick(&TIERS);
        let region = self.random.pick(&REGIONS);
        let cost = self.random.pick(&COSTS);
        let pager = format!("P{:010}", self.random.below(0x7fff_ffff));
        json!({
            "name": name,
            "namespace": "default",
            "title": title,
            "description": description,
            "labels": {"example.com/tier": tier, "example.com/region": region, "example.com/cost-center": cost},
            "annotations": {
                "github.com/project-slug": format!("example-org/{name}"),
                "backstage.io/techdocs-ref": "dir:.",
                "pagerduty.com/service-id": pager,
                "sonarqube.org/project-key": format!("example:{name}"),
                "example.com/runbook":
                    format!("https://runbooks.example.com/{}/{name}", sort.kind().to_lowercase()),
            },
            "tags": tags,
            "links": [
                {"url": format!("https://grafana.example.com/d/{name}"), "title": "Dashboard", "icon": "dashboard"},
                {"url": format!("https://wiki.example.com/display/{name}"), "title": "Wiki", "icon": "docs"},
            ],
        })
    }

    fn description(&mut self) -> String {
        let mut text = format!(
            "{} {} {}",
            self.random.pick(&VERBS),
            self.random.pick(&SUBJECTS),
            self.random.pick(&WORDS)
        );
        for _ in 0..18 + self.random.below(10) {
            text.push(' ');
            text.push_str(self.random.pick(&WORDS));
        }
        text.push('.');
        text
    }

    fn tags(&mut self) -> Vec<&'static str> {
        let mut tags = Vec::new();
        while tags.len() < 3 {
            let tag = self.random.pick(&TAGS);
            if !tags.contains(&tag) {
                tags.push(tag);
            }
        }
        tags
    }

    fn owner(&mut self) -> String {
        self.some(Sort::Group)
    }

    /// The name of a popular one.
    fn some(&mut self, sort: Sort) -> String {
        sort.name(self.random.skewed(self.company.count(sort)))
    }

    fn distinct(&mut self, count: usize, mut make: impl FnMut(&mut Self) -> String) -> Vec<String> {
        let mut made = Vec::new();
        for _ in 0..count {
            let one = make(self);
            if !made.contains(&one) {
                made.push(one);
            }
        }
        made
    }

    fn lifecycle(&mut self) -> &'static str {
        self.random.weighted([("production", 0.7), ("experimental", 0.2), ("deprecated", 0.1)])
    }

    fn user(&mut self, name: &str) -> Value {
        let display = format!("{} {}", self.random.pick(&FIRST_NAMES), self.random.pick(&LAST_NAMES));
        let count = 1 + self.random.below(2);
        let groups = self.company.count(Sort::Group);
        let member_of = self.distinct(count, |it| Sort::Group.name(it.random.below(groups)));
        json!({
            "profile": {"displayName": display, "email": format!("{name}@example.com")},
            "memberOf": member_of,
        })
    }

    fn resource(&mut self, number: usize) -> Value {
        let r#type = ["database", "s3-bucket", "kafka-topic", "queue"][number % 4];
        json!({"type": r#type, "owner": self.owner(), "system": self.some(Sort::System)})
    }

    fn api(&mut self, number: usize, name: &str) -> Value {
        let r#type = self.random.weighted([("openapi", 0.7), ("grpc", 0.2), ("asyncapi", 0.1)]);
        let (lifecycle, owner, system) = (self.lifecycle(), self.owner(), self.some(Sort::System));
        let (minor, patch) = (self.random.below(20), self.random.below(50));
        let subject = SUBJECTS[number % SUBJECTS.len()];
        let definition = format!(
            "openapi: 3.0.0\ninfo:\n  title: {name}\n  version: 1.{minor}.{patch}\npaths:\n  /{subject}:\n    get:\n      \
             responses:\n        '200':\n          description: ok\n"
        );
        json!({
            "type": r#type, "lifecycle": lifecycle, "owner": owner, "system": system, "definition": definition,
        })
    }

    fn component(&mut self) -> Value {
        let r#type = self.random.weighted([("service", 0.6), ("website", 0.2), ("library", 0.2)]);
        let mut spec = Map::new();
        spec.insert("type".into(), r#type.into());
        spec.insert("lifecycle".into(), self.lifecycle().into());
        spec.insert("owner".into(), self.owner().into());
        spec.insert("system".into(), self.some(Sort::System).into());
        let count = self.random.below(4);
        let depends_on = self.distinct(count, |it| {
            let sort = if it.random.next() < 0.7 { Sort::Component } else { Sort::Resource };
            sort.reference(it.random.skewed(it.company.count(sort)))
        });
        if !depends_on.is_empty() {
            spec.insert("dependsOn".into(), depends_on.into());
        }
        if r#type == "service" && self.random.next() < 0.4 {
            let api = Sort::Api.name(self.random.below(self.company.count(Sort::Api)));
            spec.insert("providesApis".into(), json!([api]));
        }
        let count = self.random.below(3);
        let consumed = self.distinct(count, |it| it.some(Sort::Api));
        if !consumed.is_empty() {
            spec.insert("consumesApis".into(), consumed.into());
        }
        spec.into()
    }
}

fn group(number: usize, name: &str, title: &str) -> Value {
    let mut spec = json!({
        "type": if number < 3 { "division" } else { "team" },
        "profile": {"displayName": title, "email": format!("{name}@example.com")},
    });
    if number > 0 {
        spec["parent"] = Sort::Group.name((number - 1) / 8).into();
    }
    spec["children"] = json!([]);
    spec
}

/// `payments-gateway` as `Payments Gateway`.
fn title(name: &str) -> String {
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    name.split('-').map(capital).collect::<Vec<_>>().join(" ")
}

/// An entity as people write it: plain scalars where they are unambiguous, blocks for texts of several lines.
fn yaml_document(entity: &Value) -> String {
    let mut text = "---\n".to_owned();
    if let Value::Object(map) = entity {
        write_map(map, 0, &mut text);
    }
    text
}

fn write_map(map: &Map<String, Value>, indent: usize, out: &mut String) {
    let space = " ".repeat(indent);
    for (key, value) in map {
        match value {
            Value::Array(items) if items.is_empty() => out.push_str(&format!("{space}{key}: []\n")),
            Value::Array(items) => {
                out.push_str(&format!("{space}{key}:\n"));
                items.iter().for_each(|item| write_item(item, indent, out));
            }
            Value::Object(inner) => {
                out.push_str(&format!("{space}{key}:\n"));
                write_map(inner, indent + 2, out);
            }
            Value::String(text) if text.contains('\n') => {
                out.push_str(&format!("{space}{key}: |\n"));
                text.trim_end().lines().for_each(|line| out.push_str(&format!("{space}  {line}\n")));
            }
            scalar => out.push_str(&format!("{space}{key}: {}\n", scalar_text(scalar))),
        }
    }
}

fn write_item(item: &Value, indent: usize, out: &mut String) {
    let space = " ".repeat(indent);
    match item {
        Value::Object(map) => {
            let mut body = String::new();
            write_map(map, indent + 4, &mut body);
            out.push_str(&format!("{space}  - {}", &body[indent + 4..]));
        }
        scalar => out.push_str(&format!("{space}  - {}\n", scalar_text(scalar))),
    }
}

fn scalar_text(value: &Value) -> String {
    match value {
        Value::String(text) if is_plain(text) => text.clone(),
        other => other.to_string(),
    }
}

fn is_plain(text: &str) -> bool {
    let all = |text: &str, extra: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || extra.contains(c));
    let reserved = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"];
    let word = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && all(text, " ._/@-")
        && !text.ends_with(' ')
        && !reserved.iter().any(|it| text.eq_ignore_ascii_case(it));
    let rest_of =
        |scheme: &str| text.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty() && all(rest, "._/-"));
    word || ["https://", "component:", "resource:", "dir:", "example:"].into_iter().any(rest_of)
}

#[cfg(test)]
mod tests {
    use idp_core::Digest;

    use super::*;

    /// What the generator's specification gives for these sizes.
    #[test]
    fn the_bytes_are_those_of_the_specification() {
        for (size, ndjson, yaml) in [
            (
                100,
                "2bcd0659a66bb807101cb6e15a51c3da7c4f5da87d395c466a9d23c1f79368ff",
                "65d86ae01575d31a6dc3e3fd2a3f3c62cd31a7a8ca5331ccc4103d451d28c1de",
            ),
            (
                1_000,
                "62b3b370a46a2a0d9b92270fcf1b8f6cc639efd935b7b621af5205c0695f8584",
                "2e981974b706df96128da6eda020c6e17397f99a7f2b91ac4cc733c41529777f",
            ),
            (
                20_000,
                "d890bac332fb04d4f262c78909fa43f587d688fb40bf6ccb7790a3214be5c82d",
                "9ee27d069224a2cd0bbed6aed550cd07694c5b0e6291655c5add7ff25bd42abb",
            ),
        ] {
            let company = Synthetic::new(size);
            assert_eq!(
                Digest::of_bytes(company.ndjson().collect::<String>().as_bytes()).hex(),
                ndjson,
                "{size}"
            );
            assert_eq!(Digest::of_bytes(company.yaml().collect::<String>().as_bytes()).hex(), yaml, "{size}");
        }
    }
}
