//! What every [`Log`](idp_core::Log) is held to: its bullets, one function each.

mod append;
mod changed;
mod compact;
mod image;
mod payload;
mod read;
mod subject;

pub use append::{
    appending_nothing_checks_and_answers_head, appends_all_with_consecutive_revisions,
    batches_are_one_append, durable_log_keeps_everything, one_of_concurrent_appends_wins,
    polled_append_goes_on, stale_append_conflicts_and_appends_nothing,
};
pub use changed::{changed_answers_at_once, changed_wakes_on_append, dropping_changed_is_harmless};
pub use compact::{
    checkpoint_ahead_of_head_is_invalid, compaction_keeps_newer_events, newest_checkpoint_replaces_older,
};
pub use image::{image_ahead_of_head_is_invalid, images_come_back_as_kept};
pub use payload::{
    deferred_payloads_come_back_as_their_texts, kept_payloads_are_not_made,
    payload_that_cannot_be_made_is_not_appended,
};
pub use read::{
    compacted_events_are_not_found, events_come_back_as_appended, nothing_behind_the_head,
    reads_in_order_up_to_limit, streams_by_prefix_in_byte_order,
};
pub use subject::LogSubject;

use super::suite::suite;

suite! { LogSubject:
    appends_all_with_consecutive_revisions
    stale_append_conflicts_and_appends_nothing
    one_of_concurrent_appends_wins
    appending_nothing_checks_and_answers_head
    batches_are_one_append
    durable_log_keeps_everything
    polled_append_goes_on
    nothing_behind_the_head
    events_come_back_as_appended
    reads_in_order_up_to_limit
    compacted_events_are_not_found
    streams_by_prefix_in_byte_order
    changed_answers_at_once
    changed_wakes_on_append
    dropping_changed_is_harmless
    newest_checkpoint_replaces_older
    checkpoint_ahead_of_head_is_invalid
    compaction_keeps_newer_events
    images_come_back_as_kept
    image_ahead_of_head_is_invalid
    deferred_payloads_come_back_as_their_texts
    payload_that_cannot_be_made_is_not_appended
    kept_payloads_are_not_made
}

/// Makes a test of every clause. The argument is an expression that makes a fresh subject with an empty log.
#[macro_export]
macro_rules! log_conformance {
    ($subject:expr) => {
        $crate::conformance_tests! {
            $crate::testkit::log, $crate::testkit::log::LogSubject, $subject;
            appends_all_with_consecutive_revisions stale_append_conflicts_and_appends_nothing one_of_concurrent_appends_wins
            appending_nothing_checks_and_answers_head batches_are_one_append durable_log_keeps_everything polled_append_goes_on nothing_behind_the_head
            events_come_back_as_appended reads_in_order_up_to_limit compacted_events_are_not_found
            streams_by_prefix_in_byte_order changed_answers_at_once changed_wakes_on_append
            dropping_changed_is_harmless newest_checkpoint_replaces_older checkpoint_ahead_of_head_is_invalid
            compaction_keeps_newer_events images_come_back_as_kept image_ahead_of_head_is_invalid
            deferred_payloads_come_back_as_their_texts payload_that_cannot_be_made_is_not_appended kept_payloads_are_not_made
        }
    };
}
