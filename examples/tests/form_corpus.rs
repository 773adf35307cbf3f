//! The forms of templates that nobody here wrote, answered question by question.
//!
//! They are read from the folder that `IDP_CORPUS` names, or `shared/corpus` beside the checkout; without one this test
//! says that it was skipped.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod checking;
mod filling;

use checking::real_templates;
use filling::{Way, fill};

#[test]
fn the_forms_of_real_templates_can_be_filled_in() {
    let samples = real_templates();
    if samples.is_empty() {
        println!("skipped: no corpus of real templates; set IDP_CORPUS");
        return;
    }
    let (mut done, mut questions, mut failed) = (0, 0, Vec::new());
    for sample in &samples {
        let Some(template) = sample.with(sample.value().clone()) else { continue };
        for way in [Way::Short, Way::First, Way::Last] {
            match fill(&template, way) {
                Ok((_, count)) => (done, questions) = (done + 1, questions + count),
                Err(reason) => failed.push(format!("{} {way:?}: {reason}", sample.file.display())),
            }
        }
    }
    println!("{done} forms were filled in with {questions} answers; not: {failed:#?}");
    // One asks for a field that it shows for one answer only, whatever the answer.
    assert!(failed.len() * 100 < done, "{} of {} were not filled in", failed.len(), done + failed.len());
}
