//! Which relations to follow, which way, and how far.

use super::edge::Step;
use crate::snapshot::adjacency::{Adjacency, KindSet};
use crate::snapshot::kinds::{Kind, Kinds};

/// Which way to follow relations.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Way {
    /// From the entity that has a relation of the type to the one it leads to.
    Out,
    /// The other way.
    In,
    /// Both ways.
    #[default]
    Both,
}

/// Which relations to follow, which way, and how far.
///
/// A relation has two names, one from either end, whoever declares it: to follow `dependsOn` out is to follow
/// `dependencyOf` in. Without a type, out is the way from the entity that declares a relation to the one it names.
///
/// ```
/// use idp_catalog::{Follow, Way};
/// let below = Follow::only(["parentOf", "hasMember"]);
/// let around = Follow::all(Way::Both).depth(2).limit(500);
/// # let _ = (below, around);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Follow {
    types: Vec<String>,
    pub(super) way: Way,
    pub(super) depth: usize,
    pub(super) limit: usize,
}

/// The relations through which the end of an entity reaches others: who depends on it, what it provides, who consumes that.
const DEPENDENCE: [&str; 3] = ["dependencyOf", "providesApi", "apiConsumedBy"];

impl Follow {
    /// Relations of every type.
    #[must_use]
    pub fn all(way: Way) -> Self {
        Self { types: Vec::new(), way, depth: usize::MAX, limit: usize::MAX }
    }

    /// Relations of these types, out. The case of a type does not count.
    #[must_use]
    pub fn only<'t>(types: impl IntoIterator<Item = &'t str>) -> Self {
        types.into_iter().fold(Self::all(Way::Out), Self::and)
    }

    /// From an entity to what is affected when it goes: out along `dependencyOf`, `providesApi` and `apiConsumedBy`.
    #[must_use]
    pub fn dependents() -> Self {
        Self::only(DEPENDENCE)
    }

    /// Relations of this type too.
    #[must_use]
    pub fn and(mut self, r#type: &str) -> Self {
        self.types.push(r#type.to_owned());
        self
    }

    /// Which way.
    #[must_use]
    pub fn way(mut self, way: Way) -> Self {
        self.way = way;
        self
    }

    /// So many relations away from the start at most.
    #[must_use]
    pub fn depth(mut self, depth: usize) -> Self {
        self.depth = depth;
        self
    }

    /// So many entities at most, the start included; the nearest.
    #[must_use]
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    /// Which steps are taken, among these kinds of relations.
    pub(super) fn among(&self, kinds: &Kinds) -> Taken {
        let takes = |forward| kinds.iter().map(|kind| self.takes(kind, forward)).collect();
        Taken { forward: takes(true), back: takes(false) }
    }

    fn takes(&self, kind: &Kind, forward: bool) -> bool {
        if self.types.is_empty() {
            return match self.way {
                Way::Out => forward,
                Way::In => !forward,
                Way::Both => true,
            };
        }
        let (there, back) = (Some(&*kind.r#type), kind.reverse.as_deref());
        let (name, opposite) = if forward { (there, back) } else { (back, there) };
        match self.way {
            Way::Out => self.names(name),
            Way::In => self.names(opposite),
            Way::Both => self.names(name) || self.names(opposite),
        }
    }

    fn names(&self, r#type: Option<&str>) -> bool {
        r#type.is_some_and(|name| self.types.iter().any(|it| it.eq_ignore_ascii_case(name)))
    }
}

/// Which steps are taken, by the kind of the relation.
#[derive(Debug, Clone, Default)]
pub(super) struct Taken {
    forward: KindSet,
    back: KindSet,
}

impl Taken {
    pub(super) fn has(&self, step: Step) -> bool {
        let taken = if step.forward { &self.forward } else { &self.back };
        taken.has(step.link.kind)
    }

    /// Visits where the steps from a number lead, each with whether it is taken.
    #[inline]
    pub(super) fn visit(&self, adjacency: &Adjacency, from: u32, mut visit: impl FnMut(u32, bool)) {
        adjacency.visit_out(from, &self.forward, &mut visit);
        adjacency.visit_back(from, &self.back, visit);
    }
}
