//! The conformance kit: what every implementation of a contract is held to. Outside of semver.
//!
//! One function for each bullet of a contract, named after it, and a macro that makes a test of each, so that a
//! failing implementation names what it does not keep.
//!
//! * [`provider`]: describe your system in a [`ProviderSubject`](provider::ProviderSubject), and write
//!   `idp_plugin_sdk::provider_conformance!(MySubject::new());` in a file of `tests/`.
//! * [`fetcher`]: the same with a [`FetcherSubject`](fetcher::FetcherSubject) and
//!   `idp_plugin_sdk::fetcher_conformance!(…)`.
//! * [`log`]: the same with a [`LogSubject`](log::LogSubject) and `idp_plugin_sdk::log_conformance!(…)`.
//! * [`RecordingEffects`] stands for the engine when an action is tested.

mod effects;
pub mod fetcher;
mod fingerprint;
pub mod log;
pub mod provider;
mod run;
mod suite;

pub use effects::{RecordingEffects, run_action};
pub use fingerprint::fingerprint;
pub use run::{BoxFuture, Outcome, Verdict, block_on, within};
