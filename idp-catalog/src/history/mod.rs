//! What the log remembers: the catalog as it was, what became of an entity, who set a field, and what changes next.
//!
//! Everything here is a reading of the catalog's stream. It reaches as far back as [`Catalog::compact`] left it:
//! [`Retention`] says what is promised.
//!
//! [`Catalog::compact`]: crate::Catalog::compact

mod attribution;
mod blame;
mod consumer;
mod live;
mod moment;
mod past;
mod recent;
mod replay;
mod retention;
mod watch;

pub use attribution::Attribution;
pub use blame::Blame;
pub use consumer::{Consumer, ConsumerInfo};
pub use live::{LiveQuery, ResultChange};
pub use moment::Moment;
pub use past::Version;
pub(crate) use recent::Recent;
pub use retention::Retention;
pub use watch::{Changes, Watch};
