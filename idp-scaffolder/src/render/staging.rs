//! What was rendered, put together in the order of its paths.

use idp_core::{Node, Tree, TreePath};

use super::targets::{Place, Target};
use super::{RenderError, RenderReport, put};
use crate::parallel::Weigh;

/// A node of a skeleton, rendered.
pub(super) struct Rendered {
    /// What is written, unless what is there stays.
    pub(super) node: Node,
    /// The work that its content took.
    pub(super) work: u64,
}

impl Weigh for Result<Rendered, RenderError> {
    /// Bytes, and work, which counts as much as the bytes that it could have moved.
    fn weight(&self) -> u64 {
        match self.as_ref().map(|rendered| (&rendered.node, rendered.work.saturating_mul(64))) {
            Ok((Node::File { bytes, .. }, work)) => work.saturating_add(bytes.len() as u64),
            Ok((_, work)) => work,
            // Nothing after it needs to be rendered.
            Err(_) => u64::MAX,
        }
    }
}

/// The destination as it will be.
pub(super) struct Staging {
    pub(super) tree: Tree,
    pub(super) report: RenderReport,
    /// The work of everything so far.
    pub(super) work: u64,
}

impl Staging {
    /// Adds the next node, within a limit on the work of all.
    pub(super) fn add(
        &mut self,
        rendered: Result<Rendered, RenderError>,
        target: &Target<'_>,
        limit: u64,
    ) -> Result<(), RenderError> {
        self.charge(target.work, target.path, limit)?;
        let place = target.place.as_ref().map_err(Clone::clone)?;
        let rendered = rendered?;
        self.charge(rendered.work, target.path, limit)?;
        match place {
            Place::Nowhere => Ok(()),
            Place::Taken(place) => {
                self.report.kept.push(place.clone());
                Ok(())
            }
            Place::Free(place) => put(&mut self.tree, place.clone(), rendered.node, &mut self.report),
        }
    }

    fn charge(&mut self, work: u64, path: &TreePath, limit: u64) -> Result<(), RenderError> {
        self.work = self.work.saturating_add(work);
        if self.work > limit { Err(RenderError::work(path)) } else { Ok(()) }
    }
}
