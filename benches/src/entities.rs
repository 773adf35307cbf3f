//! A company that does not exist: as many entities as asked for, the same every time.

use serde_json::{Map, Value, json};

use crate::random::Random;

const AREAS: [&str; 16] = [
    "account",
    "basket",
    "claims",
    "delivery",
    "energy",
    "freight",
    "grading",
    "hiring",
    "insight",
    "journey",
    "kitchen",
    "lending",
    "mapping",
    "network",
    "onboarding",
    "parking",
];
const ROLES: [&str; 8] = ["agent", "backend", "crawler", "frontend", "job", "mirror", "reporter", "sync"];
const TAGS: [&str; 12] = [
    "async",
    "batch",
    "c-sharp",
    "edge",
    "go",
    "java",
    "mobile",
    "on-call",
    "python",
    "rust",
    "stateful",
    "typescript",
];
const SENTENCES: [&str; 5] = [
    "Takes what customers send and hands it to whoever asked for it.",
    "Runs every night and is expected to be done by six in the morning.",
    "Keeps its own copy of the data, which may be a minute old.",
    "Everything it does can be seen in the journal for ninety days.",
    "Ask the owning team before using it in a new region.",
];
const CITIES: [&str; 4] = ["aarhus", "bergen", "cork", "delft"];

/// How many of twenty entities are of each kind.
const SHARES: [(Kind, usize); 5] =
    [(Kind::Component, 12), (Kind::Api, 3), (Kind::System, 2), (Kind::User, 2), (Kind::Group, 1)];
const BLOCK: usize = 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Component,
    Api,
    System,
    User,
    Group,
}

impl Kind {
    /// The kind of the entity at a position, and its number among those of its kind.
    fn at(position: usize) -> (Self, usize) {
        let mut rest = position % BLOCK;
        for (kind, share) in SHARES {
            if rest < share {
                return (kind, position / BLOCK * share + rest);
            }
            rest -= share;
        }
        unreachable!("the shares add up to a block")
    }

    /// How many of the kind there are at least among so many entities.
    pub(crate) fn count(self, entities: usize) -> usize {
        let share = SHARES.iter().find(|(kind, _)| *kind == self).map_or(0, |(_, share)| *share);
        entities / BLOCK * share
    }

    fn name(self) -> &'static str {
        match self {
            Self::Component => "Component",
            Self::Api => "API",
            Self::System => "System",
            Self::User => "User",
            Self::Group => "Group",
        }
    }

    /// The name of the entity with a number: it can be referred to without being made.
    fn entity_name(self, number: usize) -> String {
        let area = AREAS[number % AREAS.len()];
        match self {
            Self::Component => format!("{area}-{}-{number}", ROLES[number / AREAS.len() % ROLES.len()]),
            Self::Api => format!("{area}-api-{number}"),
            Self::System => format!("{area}-system-{number}"),
            Self::User => format!("user-{number}"),
            Self::Group => format!("team-{area}-{number}"),
        }
    }

    /// A full reference to the entity with a number.
    pub(crate) fn reference(self, number: usize) -> String {
        format!("{}:default/{}", self.name().to_lowercase(), self.entity_name(number))
    }
}

/// The documents of so many entities.
///
/// Of every twenty, twelve are components, three APIs, two systems, two users and one a group. All but users and
/// groups have an owner and belong to a system; components depend on each other and on APIs; some teams and some
/// components are far more popular than others. Every reference is written in full and leads to an entity.
///
/// # Panics
/// Where fewer than twenty are asked for.
#[must_use]
pub fn entities(count: usize) -> Vec<Value> {
    assert!(count >= BLOCK, "a company has at least {BLOCK} entities");
    (0..count).map(|position| Author { count, random: Random::of(position) }.entity(position)).collect()
}

/// Who writes one entity.
struct Author {
    /// How many entities there are.
    count: usize,
    random: Random,
}

impl Author {
    fn entity(&mut self, position: usize) -> Value {
        let (kind, number) = Kind::at(position);
        let name = kind.entity_name(number);
        let metadata = self.metadata(&name);
        let spec = match kind {
            Kind::Component => self.component(),
            Kind::Api => self.api(&name),
            Kind::System => self.system(),
            Kind::User => self.user(&name),
            Kind::Group => group(&name, number),
        };
        json!({
            "apiVersion": "backstage.io/v1alpha1",
            "kind": kind.name(),
            "metadata": metadata,
            "spec": spec,
        })
    }

    fn metadata(&mut self, name: &str) -> Value {
        json!({
            "name": name,
            "title": name.replace('-', " "),
            "description": self.random.sample(3, &SENTENCES).join(" "),
            "labels": {"example.org/city": self.random.pick(&CITIES)},
            "annotations": {
                "backstage.io/techdocs-ref": "dir:.",
                "example.org/dashboard": format!("https://dashboards.example.org/{name}"),
                "example.org/repository": format!("https://git.example.org/company/{name}"),
            },
            "tags": self.random.sample(3, &TAGS),
            "links": [{"url": format!("https://handbook.example.org/{name}"), "title": "Handbook"}],
        })
    }

    fn component(&mut self) -> Value {
        let mut spec = self.owned();
        let r#type = self.weighted("service", "website", "library");
        let lifecycle = self.weighted("production", "experimental", "deprecated");
        spec.extend([("type".to_owned(), r#type.into()), ("lifecycle".to_owned(), lifecycle.into())]);
        let uses = [
            ("dependsOn", Kind::Component, 4),
            ("consumesApis", Kind::Api, 3),
            ("providesApis", Kind::Api, 2),
        ];
        for (field, kind, most) in uses {
            let some = self.some(kind, most);
            if !some.is_empty() {
                spec.insert(field.to_owned(), some.into());
            }
        }
        spec.into()
    }

    fn api(&mut self, name: &str) -> Value {
        let mut spec = self.owned();
        let lifecycle = self.weighted("production", "experimental", "deprecated");
        let definition = format!("openapi: 3.1.0\ninfo:\n  title: {name}\n  version: 1.0.0\npaths: {{}}\n");
        spec.extend([
            ("type".to_owned(), "openapi".into()),
            ("lifecycle".to_owned(), lifecycle.into()),
            ("definition".to_owned(), definition.into()),
        ]);
        spec.into()
    }

    fn system(&mut self) -> Value {
        json!({"owner": self.popular(Kind::Group)})
    }

    fn user(&mut self, name: &str) -> Value {
        let group = self.any(Kind::Group);
        json!({"profile": {"displayName": name, "email": format!("{name}@example.org")}, "memberOf": [group]})
    }

    /// An owner and a system.
    fn owned(&mut self) -> Map<String, Value> {
        let (owner, system) = (self.popular(Kind::Group), self.any(Kind::System));
        Map::from_iter([("owner".to_owned(), owner.into()), ("system".to_owned(), system.into())])
    }

    /// The first six times of ten, the second three times.
    fn weighted(
        &mut self,
        often: &'static str,
        sometimes: &'static str,
        rarely: &'static str,
    ) -> &'static str {
        match self.random.below(10) {
            0..6 => often,
            6..9 => sometimes,
            _ => rarely,
        }
    }

    /// Fewer than so many references, sorted, each once.
    fn some(&mut self, kind: Kind, fewer_than: usize) -> Vec<String> {
        let count = self.random.below(fewer_than);
        let mut some: Vec<String> = (0..count).map(|_| self.popular(kind)).collect();
        some.sort();
        some.dedup();
        some
    }

    fn any(&mut self, kind: Kind) -> String {
        kind.reference(self.random.below(kind.count(self.count)))
    }

    fn popular(&mut self, kind: Kind) -> String {
        kind.reference(self.random.skewed(kind.count(self.count)))
    }
}

/// Groups are a tree, each with up to eight others below it.
fn group(name: &str, number: usize) -> Value {
    let profile = json!({"displayName": name, "email": format!("{name}@example.org")});
    let mut spec = json!({"type": "team", "profile": profile, "children": []});
    if let Some(before) = number.checked_sub(1) {
        spec["parent"] = Kind::Group.reference(before / 8).into();
    }
    spec
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_every_time_and_each_name_once() {
        let made = entities(1_000);
        assert_eq!(made, entities(1_000));
        let mut names: Vec<_> =
            made.iter().map(|it| (it["kind"].to_string(), it["metadata"]["name"].to_string())).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 1_000);
    }
}
