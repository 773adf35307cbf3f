//! What stands in for the systems of the companies that real templates are of.

mod work;
mod world;

pub(crate) use work::{Answers, StandIns};
pub(crate) use world::World;
