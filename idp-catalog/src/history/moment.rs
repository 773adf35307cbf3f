//! A point in the catalog's history.

use std::fmt;
use std::str::FromStr;

use idp_core::{Error, Revision, Timestamp};

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

impl FromStr for Moment {
    type Err = Error;

    /// Reads a revision's number, or a time as in `2026-03-01T12:00:00Z`.
    fn from_str(text: &str) -> Result<Self, Error> {
        match text.parse() {
            Ok(revision) => Ok(Self::Revision(Revision(revision))),
            Err(_) => Timestamp::try_from(text.to_owned()).map(Self::Time).map_err(|_| {
                Error::invalid("neither a revision's number nor a time as in `2026-03-01T12:00:00Z`")
                    .with("moment", text)
            }),
        }
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
