//! What was rendered, put together in the order of its paths.

use idp_core::{Node, Tree, TreePath};

use super::{RenderError, RenderReport, Rendering, put};
use crate::parallel::Weigh;

/// A node of a skeleton, rendered.
pub(super) struct Rendered {
    /// Where it goes. None where its name came to nothing.
    pub(super) target: Option<TreePath>,
    /// What is written there, unless what is there stays.
    pub(super) node: Result<Node, RenderError>,
    /// The work it took.
    pub(super) work: u64,
}

impl Rendered {
    pub(super) fn nothing(work: u64) -> Self {
        Self { target: None, node: Ok(Node::Folder), work }
    }
}

impl Weigh for Result<Rendered, RenderError> {
    /// Bytes, and work, which counts as much as the bytes that it could have moved.
    fn weight(&self) -> u64 {
        match self.as_ref().map(|rendered| (&rendered.node, rendered.work.saturating_mul(64))) {
            Ok((Ok(Node::File { bytes, .. }), work)) => work.saturating_add(bytes.len() as u64),
            Ok((Ok(_), work)) => work,
            // Nothing after it needs to be rendered.
            _ => u64::MAX,
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
    /// Adds the next node.
    pub(super) fn add(
        &mut self,
        rendered: Result<Rendered, RenderError>,
        (path, node): &(&TreePath, &Node),
        rendering: &Rendering<'_>,
    ) -> Result<(), RenderError> {
        let rendered = rendered?;
        self.work = self.work.saturating_add(rendered.work);
        if self.work > rendering.engine.limits().skeleton_work {
            return Err(RenderError::work(path));
        }
        let Some(target) = rendered.target else { return Ok(()) };
        if rendering.keeps(&self.tree, &target, node) {
            self.report.kept.push(target);
            return Ok(());
        }
        put(&mut self.tree, target, rendered.node?, &mut self.report)
    }
}
