//! Who is related to whom, and what the numbers in it stand for.

use super::adjacency::Adjacency;
use super::kinds::Kinds;
use crate::directory::Directory;

/// References and the relations between them, by number. Records look up here what they are related to.
#[derive(Debug, Clone, Default)]
pub(super) struct Network {
    pub(super) directory: Directory,
    pub(super) kinds: Kinds,
    pub(super) adjacency: Adjacency,
}
