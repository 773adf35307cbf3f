//! A point in the catalog's history.

use std::fmt;

use idp_core::{Revision, Timestamp};

/// A point in the catalog's history: after an event, or at a time.
///
/// The catalog at a time is what the longest beginning of the log says whose events all happened by then. Times are
/// those of the writers' clocks, to the millisecond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Moment {
    /// After this event.
    Revision(Revision),
    /// After everything that happened up to this time.
    Time(Timestamp),
}

impl Moment {
    /// Whether an event lies behind this point.
    pub(super) fn is_before(self, revision: Revision, time: Timestamp) -> bool {
        match self {
            Self::Revision(moment) => revision > moment,
            Self::Time(moment) => time > moment,
        }
    }
}

impl From<Revision> for Moment {
    fn from(revision: Revision) -> Self {
        Self::Revision(revision)
    }
}

impl From<Timestamp> for Moment {
    fn from(time: Timestamp) -> Self {
        Self::Time(time)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Revision(revision) => write!(f, "revision {revision}"),
            Self::Time(time) => write!(f, "{time}"),
        }
    }
}
