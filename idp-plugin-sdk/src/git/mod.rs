//! The system's Git, as a library that several plugins share.

mod auth;
mod commit;
mod fetch;
mod local;
mod program;
mod push;
mod read;
mod remote;
mod settings;
mod url;

pub use self::url::GitUrl;
pub use commit::{Commit, Signature};
pub use fetch::ScratchRepository;
pub use local::LocalRepository;
pub use program::Git;
pub use read::versioned;
pub use remote::RemoteRefs;
pub use settings::{Credential, GitSettings};
