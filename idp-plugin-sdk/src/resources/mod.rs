//! The portable resource types: what templates, hosts and providers share.

mod gitops;
mod manifest;
mod namespace;
mod repository;
mod stack;

pub use gitops::{GitOpsPlace, Location};
pub use manifest::{Manifest, ManifestState};
pub use namespace::{Amount, Limits, Namespace, NamespaceState, Quota};
pub use repository::{Author, CommitInfo, Repository, RepositoryState};
pub use stack::{Stack, StackState};
