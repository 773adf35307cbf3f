//! What every [`Log`](idp_core::Log) is held to: its bullets, one function each.

mod append;
mod changed;
mod compact;
mod read;
mod subject;

pub use append::{
    appending_nothing_checks_and_answers_head, appends_all_with_consecutive_revisions,
    durable_log_keeps_everything, one_of_concurrent_appends_wins, stale_append_conflicts_and_appends_nothing,
};
pub use changed::{changed_answers_at_once, changed_wakes_on_append, dropping_changed_is_harmless};
pub use compact::{
    checkpoint_ahead_of_head_is_invalid, compaction_keeps_newer_events, newest_checkpoint_replaces_older,
};
pub use read::{
    compacted_events_are_not_found, events_come_back_as_appended, nothing_behind_the_head,
    reads_in_order_up_to_limit, streams_by_prefix_in_byte_order,
};
pub use subject::LogSubject;

use super::{BoxFuture, Verdict};

/// A clause and its name.
pub type Clause<S> = (&'static str, for<'a> fn(&'a S) -> BoxFuture<'a, Verdict>);

macro_rules! clauses {
    ($($name:ident)*) => {
        /// Every clause, in the order of the contract: for runners of your own.
        pub fn clauses<S: LogSubject>() -> Vec<Clause<S>> {
            vec![$((stringify!($name), |subject| Box::pin($name(subject)))),*]
        }
    };
}

clauses! {
    appends_all_with_consecutive_revisions
    stale_append_conflicts_and_appends_nothing
    one_of_concurrent_appends_wins
    appending_nothing_checks_and_answers_head
    durable_log_keeps_everything
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
}

/// Runs one clause by name.
///
/// # Errors
/// What does not hold, or that there is no such clause.
pub fn judge<S: LogSubject>(subject: &S, name: &str) -> Verdict {
    let found = clauses::<S>().into_iter().find(|(it, _)| *it == name);
    let (_, clause) = found.ok_or_else(|| format!("no clause `{name}`"))?;
    let mut verdict = Err("the subject's runner did not run the clause".to_owned());
    subject.run(Box::pin(async { verdict = clause(subject).await }));
    verdict
}

/// Makes a test of every clause. The argument is an expression that makes a fresh subject with an empty log.
#[macro_export]
macro_rules! log_conformance {
    ($subject:expr) => {
        $crate::log_conformance! { @tests $subject;
            appends_all_with_consecutive_revisions stale_append_conflicts_and_appends_nothing
            one_of_concurrent_appends_wins appending_nothing_checks_and_answers_head
            durable_log_keeps_everything nothing_behind_the_head events_come_back_as_appended
            reads_in_order_up_to_limit compacted_events_are_not_found streams_by_prefix_in_byte_order
            changed_answers_at_once changed_wakes_on_append dropping_changed_is_harmless
            newest_checkpoint_replaces_older checkpoint_ahead_of_head_is_invalid compaction_keeps_newer_events
        }

        #[test]
        fn every_clause_has_a_test() {
            fn count<S: $crate::testkit::log::LogSubject>(_: &S) -> usize {
                $crate::testkit::log::clauses::<S>().len()
            }
            assert_eq!(count(&$subject), 16);
        }
    };
    (@tests $subject:expr; $($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                if let Err(broken) = $crate::testkit::log::judge(&$subject, stringify!($name)) {
                    panic!("{}: {broken}", stringify!($name));
                }
            }
        )*
    };
}
