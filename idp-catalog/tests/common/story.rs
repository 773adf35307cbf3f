//! Random histories: what two sources say, one answer after the other.

use idp_core::{Completeness, Page};
use proptest::prelude::*;

use super::script::{Script, file, resource};

/// What a source says in one step of a random history: per location, names with types; `None` is a broken file.
pub(crate) type Step = (usize, bool, Vec<(usize, Option<Vec<(usize, usize)>>)>);

pub(crate) fn steps() -> impl Strategy<Value = Vec<Step>> {
    let documents = prop::collection::vec((0..4_usize, 0..3_usize), 0..3);
    let locations = prop::collection::vec((0..2_usize, prop::option::weighted(0.8, documents)), 0..3);
    prop::collection::vec((0..2_usize, any::<bool>(), locations), 1..12)
}

/// Depends on the next one, and type 2 is not valid.
fn describe((name, kind): &(usize, usize)) -> String {
    let kind = ["x", "y", "[1]"][*kind];
    let next = (name + 1) % 4;
    resource(&format!("r{name}"), kind)
        .replace("owner: team", &format!("owner: team, dependsOn: ['resource:r{next}']"))
}

pub(crate) fn script((source, complete, locations): &Step) -> Script {
    let documents = locations.iter().map(|(location, entities)| {
        let texts = match entities {
            Some(entities) => entities.iter().map(describe).collect(),
            None => vec!["kind: [\n".to_owned()],
        };
        file(&format!("f{location}"), &texts)
    });
    let mut page = Page::complete(documents.collect());
    page.completeness = if *complete { Completeness::Complete } else { Completeness::Partial };
    Script::new(["one", "two"][*source], [Ok(page)])
}
