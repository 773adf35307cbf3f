//! What every [`Fetcher`](idp_core::Fetcher) is held to: its bullets, one function each.

mod content;
mod refuse;
mod subject;
mod validate;

pub use content::{files_round_trip, folders_round_trip, links_are_kept_as_links, only_what_is_wanted};
pub use refuse::{
    answers_only_what_it_handles, cancelled_call_ends, fetching_changes_nothing, limits_are_kept,
    nothing_there_is_not_found, unreachable_is_not_gone,
};
pub use subject::FetcherSubject;
pub use validate::{
    changed_content_is_told, foreign_validator_gives_content, known_validator_is_unchanged,
    what_is_gone_is_not_unchanged,
};

use super::suite::suite;

suite! { FetcherSubject:
    answers_only_what_it_handles
    nothing_there_is_not_found
    unreachable_is_not_gone
    files_round_trip
    folders_round_trip
    known_validator_is_unchanged
    changed_content_is_told
    foreign_validator_gives_content
    what_is_gone_is_not_unchanged
    links_are_kept_as_links
    limits_are_kept
    only_what_is_wanted
    cancelled_call_ends
    fetching_changes_nothing
}

/// Makes a test of every clause. The argument is an expression that makes a fresh subject, with an empty place.
#[macro_export]
macro_rules! fetcher_conformance {
    ($subject:expr) => {
        $crate::conformance_tests! {
            $crate::testkit::fetcher, $crate::testkit::fetcher::FetcherSubject, $subject;
            answers_only_what_it_handles nothing_there_is_not_found unreachable_is_not_gone
            files_round_trip folders_round_trip known_validator_is_unchanged changed_content_is_told
            foreign_validator_gives_content what_is_gone_is_not_unchanged links_are_kept_as_links
            limits_are_kept only_what_is_wanted cancelled_call_ends fetching_changes_nothing
        }
    };
}
