//! Real templates, where they are at hand: each of them is checked, and soon.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::print_stdout, reason = "what was found is for the reader of the log")]

mod checking;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use checking::{checker, real_templates};

/// The time for one template, and for one that is checked by a build without optimisations.
const SOON: Duration = Duration::from_millis(if cfg!(debug_assertions) { 4000 } else { 200 });

#[test]
fn every_real_template_is_checked_soon() {
    let (checker, samples) = (checker(), real_templates());
    if samples.is_empty() {
        println!("skipped: there are no real templates at hand");
        return;
    }
    let (mut codes, mut slowest) = (BTreeMap::new(), (Duration::ZERO, String::new()));
    let mut refused = 0;
    for sample in &samples {
        let Some(template) = sample.with(sample.value().clone()) else {
            refused += 1;
            continue;
        };
        // Another program may have had the processor: the best of a few counts.
        let times = (0..3).map(|round| {
            let start = Instant::now();
            let report = checker.check_file(&template, &sample.document);
            if round == 0 {
                for finding in report.findings {
                    let code = (finding.diagnostic.code, finding.diagnostic.severity);
                    *codes.entry(code).or_insert(0) += 1;
                }
            }
            start.elapsed()
        });
        let name = sample.file.display().to_string();
        slowest = slowest.max((times.min().unwrap(), name));
    }
    for ((code, severity), count) in codes {
        println!("{count:>5}  {severity} {code}");
    }
    println!("{} templates, {refused} of them are none; the slowest took {slowest:?}", samples.len());
    assert!(samples.len() >= 200, "{} templates", samples.len());
    assert!(slowest.0 < SOON, "{slowest:?}");
}
