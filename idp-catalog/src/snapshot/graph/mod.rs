//! Questions about who is related to whom.
//!
//! Relations are followed breadth first, each entity once: every question ends, cycles or not, and answers the same way
//! every time. Nothing recurses. What was met is a set of bits, and each distance is visited in the order of numbers, as
//! the [adjacency](super::adjacency) has them; in which order things are told, and how they were reached, is found out
//! when somebody asks.

mod cycles;
mod draw;
mod edge;
mod follow;
mod ownership;
mod query;
mod reach;
mod walk;

pub(super) use cycles::cycles;
pub use edge::{Edge, Hop};
pub(super) use edge::{dangling_of, declared_on};
pub use follow::{Follow, Way};
pub use ownership::Ownership;
pub(super) use ownership::{groups_of, members_of, owned_by, ownership};
pub(super) use query::collect;
pub use query::{Graph, GraphQuery};
pub use reach::{Reach, Reached};
pub(super) use reach::{path, reach};
