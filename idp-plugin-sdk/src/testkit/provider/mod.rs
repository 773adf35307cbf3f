//! What every [`Provider`](idp_core::Provider) is held to: its bullets, one function each.

mod apply;
mod observe;
mod propose;
mod subject;
mod undo;
mod world;

pub use apply::{
    after_is_what_apply_makes, apply_then_observe_agrees, applying_twice_makes_one_thing,
    cancellation_is_reported_truthfully, failure_tells_the_effect, stale_change_conflicts,
};
pub use observe::{
    absent_is_none, empty_answer_is_not_gone, observe_changes_nothing, observing_twice_agrees,
};
pub use propose::{
    as_wanted_is_nothing, no_secret_in_any_output, propose_changes_nothing, propose_is_repeatable,
};
pub use subject::{Fault, ProviderSubject};
pub use undo::{
    undo_keeps_what_others_changed, undo_of_never_applied_is_harmless, undo_returns_to_before,
    undo_twice_is_harmless,
};

use super::suite::suite;

suite! { ProviderSubject:
    observe_changes_nothing
    absent_is_none
    empty_answer_is_not_gone
    observing_twice_agrees
    propose_changes_nothing
    as_wanted_is_nothing
    propose_is_repeatable
    after_is_what_apply_makes
    apply_then_observe_agrees
    applying_twice_makes_one_thing
    failure_tells_the_effect
    stale_change_conflicts
    cancellation_is_reported_truthfully
    undo_returns_to_before
    undo_twice_is_harmless
    undo_of_never_applied_is_harmless
    undo_keeps_what_others_changed
    no_secret_in_any_output
}

/// Makes a test of every clause. The argument is an expression that makes a fresh subject, in a fresh world.
#[macro_export]
macro_rules! provider_conformance {
    ($subject:expr) => {
        $crate::conformance_tests! {
            $crate::testkit::provider, $crate::testkit::provider::ProviderSubject, $subject;
            observe_changes_nothing absent_is_none empty_answer_is_not_gone
            observing_twice_agrees propose_changes_nothing as_wanted_is_nothing
            propose_is_repeatable after_is_what_apply_makes apply_then_observe_agrees
            applying_twice_makes_one_thing failure_tells_the_effect stale_change_conflicts
            cancellation_is_reported_truthfully undo_returns_to_before undo_twice_is_harmless
            undo_of_never_applied_is_harmless undo_keeps_what_others_changed no_secret_in_any_output
        }
    };
}
