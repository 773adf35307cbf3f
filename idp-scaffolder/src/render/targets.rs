//! Where the nodes of a skeleton go.

use idp_core::{Node, Tree, TreePath};

use super::{RenderError, Rendering};
use crate::expr::RenderedText;

/// A node of a skeleton, and where it goes.
pub(super) struct Target<'t> {
    pub(super) path: &'t TreePath,
    pub(super) node: &'t Node,
    pub(super) place: Result<Place, RenderError>,
    /// Whether what is written there is rendered first.
    pub(super) renders_content: bool,
    /// The work that its name took.
    pub(super) work: u64,
}

/// Where a node goes.
pub(super) enum Place {
    /// Its name, or that of a folder it is in, came to nothing.
    Nowhere,
    /// What is there already stays as it is.
    Taken(TreePath),
    /// It is written there.
    Free(TreePath),
}

impl Rendering<'_> {
    /// Where each node goes, one after the other; none after a name that fails or goes beyond the limit.
    pub(super) fn targets<'t>(&self, skeleton: &'t Tree, destination: &Tree) -> Vec<Target<'t>> {
        let mut taken = destination.clone();
        let (mut targets, mut work) = (Vec::new(), 0_u64);
        for (path, node) in skeleton.iter() {
            let target = self.target(path, node, &mut taken);
            work = work.saturating_add(target.work);
            let is_last = target.place.is_err() || work > self.engine.limits().skeleton_work;
            targets.push(target);
            if is_last {
                break;
            }
        }
        targets
    }

    fn target<'t>(&self, path: &'t TreePath, node: &'t Node, taken: &mut Tree) -> Target<'t> {
        let verbatim = self.unrendered.matches(path);
        let mut work = 0;
        let found = self.found(path, node, verbatim, &mut work);
        let place = found.map(|found| found.map_or(Place::Nowhere, |found| self.take(found, node, taken)));
        let renders_content = !verbatim && self.is_template(path) && matches!(place, Ok(Place::Free(_)));
        Target { path, node, place, renders_content, work }
    }

    /// Takes a place, unless what is there stays.
    fn take(&self, place: TreePath, node: &Node, taken: &mut Tree) -> Place {
        if self.replace {
            return Place::Free(place);
        }
        let known = if *node == Node::Folder { taken.is_folder(&place) } else { taken.exists(&place) };
        if known {
            return Place::Taken(place);
        }
        // What cannot stand there is an error when it is staged.
        let _ = taken.insert(place.clone(), empty(node));
        Place::Free(place)
    }

    /// Where a node's name leads. None where it came to nothing, or that of a folder it is in.
    fn found(
        &self,
        path: &TreePath,
        node: &Node,
        verbatim: bool,
        work: &mut u64,
    ) -> Result<Option<TreePath>, RenderError> {
        let source = path.as_str();
        let mut name = if verbatim { source.to_owned() } else { self.name(path, work)? };
        let extension = if matches!(node, Node::File { .. }) { self.extension.as_deref() } else { None };
        if let Some(bare) = extension.and_then(|extension| name.strip_suffix(extension)) {
            name.truncate(bare.len());
        }
        let folder = if *node == Node::Folder { "/" } else { "" };
        let whole = format!("{name}{folder}");
        if name.is_empty() || whole.starts_with('/') || whole.contains("//") {
            return Ok(None);
        }
        let failed = |error| RenderError::path(source, error);
        let Some(target) = TreePath::new_or_root(&name).map_err(failed)? else { return Ok(None) };
        target.below(self.folder.as_ref()).map(Some).map_err(failed)
    }

    fn name(&self, path: &TreePath, work: &mut u64) -> Result<String, RenderError> {
        let rendered = self.engine.render_counted(path.as_str(), &self.scope, self.text);
        let RenderedText { text, work: took } = rendered.map_err(|error| RenderError::name(path, error))?;
        *work = took;
        Ok(text)
    }
}

/// A node of the same kind: what is in it is not known yet.
fn empty(node: &Node) -> Node {
    match node {
        Node::File { mode, .. } => Node::File { bytes: [].into(), mode: *mode },
        other => other.clone(),
    }
}
