//! What it costs to read the text of every entity, and nothing else, on every core: the floor of taking them in.

use std::thread;

use idp_benches::Synthetic;
use idp_catalog::{YamlLimits, parse_yaml};
use idp_core::SourceText;
use serde_json::Value;

use crate::measure::timed;

/// Texts that are in memory at once.
const PAGE: usize = 20_000;

/// Seconds to read lines of JSON into trees of values.
pub(crate) fn json(company: Synthetic) -> f64 {
    let line = |number| company.entity(number).to_string();
    seconds(company, line, |line| serde_json::from_str::<Value>(&line).is_ok())
}

/// Seconds to read YAML with the catalog's own reader, which keeps the place of every node.
pub(crate) fn yaml(company: Synthetic) -> f64 {
    let limits = YamlLimits::default();
    let read = |text| parse_yaml(&SourceText::new("catalog-info.yaml", text), &limits).len() == 1;
    seconds(company, |number| company.yaml_of(number), read)
}

/// Seconds to read the texts of all entities, without those in which they are written.
fn seconds(company: Synthetic, write: impl Fn(usize) -> String, read: impl Fn(String) -> bool + Sync) -> f64 {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let mut seconds = 0.0;
    for start in (0..company.size()).step_by(PAGE) {
        let end = company.size().min(start + PAGE);
        let shares = (0..cores).map(|core| (start + core..end).step_by(cores).map(&write).collect());
        let shares: Vec<Vec<String>> = shares.collect();
        let ((), time) = timed(|| {
            thread::scope(|scope| {
                for share in shares {
                    scope.spawn(|| assert!(share.into_iter().all(&read), "every text can be read"));
                }
            });
        });
        seconds += time.as_secs_f64();
    }
    seconds
}
