//! What `fetch:template` and `fetch:plain` do, as functions over trees in memory.
//!
//! Everything is staged: the destination changes when every file has been rendered, and not at all otherwise. Names are
//! rendered first, for they say which contents are wanted; contents are rendered on every core and staged in the order
//! of their paths, so that the result, the first error and the limits are those of one after the other.
//!
//! Beyond what Backstage does: files that are not UTF-8 keep their bytes, a folder whose name ends with the template
//! extension stays one folder, and an error names the file beside the line.

mod binary;
mod bytes;
mod error;
mod globs;
mod options;
mod staging;
mod targets;

use std::borrow::Cow;
use std::sync::Arc;

use idp_core::{Node, Tree, TreePath};
use serde_json::Value as Json;

use crate::expr::{Engine, Mode, Scope, TextOptions};
use crate::parallel::map_some;
use globs::Globs;
use staging::{Rendered, Staging};
use targets::Target;

pub use error::RenderError;
pub use options::RenderOptions;

/// How much is rendered before it is staged, and the limits are asked: bytes, or work that could have moved them.
const BUDGET: u64 = 64 << 20;

/// What a rendering did to the destination.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RenderReport {
    /// Files, links and empty folders that were written.
    pub written: Vec<TreePath>,
    /// Files that were there already and were left as they are.
    pub kept: Vec<TreePath>,
}

/// Renders a skeleton's names and contents into a destination, as `fetch:template` does.
///
/// On every core, but for what names a filter or function of the host: that is rendered by one thread, first all names
/// and then the contents, in the order of their paths.
///
/// # Errors
/// [`RenderError`] for the first name or content that cannot be rendered, a path that leads out of the destination,
/// or options that contradict each other. The destination is unchanged then.
pub fn render_files(
    engine: &Engine,
    skeleton: &Tree,
    values: &Json,
    options: &RenderOptions,
    destination: &mut Tree,
) -> Result<RenderReport, RenderError> {
    let rendering = Rendering::new(engine, values, options)?;
    let targets = rendering.targets(skeleton, destination);
    let mut staging = Staging { tree: destination.clone(), report: RenderReport::default(), work: 0 };
    let mut done = 0;
    while done < targets.len() {
        let some = map_some(&targets[done..], BUDGET, |target| {
            (!rendering.may_call_host(target)).then(|| rendering.node(target))
        });
        for rendered in some {
            let target = &targets[done];
            // What the host added is called in one order, whatever it remembers from call to call.
            let rendered = rendered.unwrap_or_else(|| rendering.node(target));
            staging.add(rendered, target, engine.limits().skeleton_work)?;
            done += 1;
        }
    }
    *destination = staging.tree;
    Ok(staging.report)
}

/// A file or folder of a skeleton, as a rendering takes it.
#[derive(Debug)]
pub(crate) struct Part<'t> {
    pub(crate) path: &'t TreePath,
    /// Whether its name is rendered.
    pub(crate) renders_name: bool,
    /// Its text, where that is rendered.
    pub(crate) content: Option<Cow<'t, str>>,
}

/// What a rendering would take for templates.
///
/// # Errors
/// [`RenderError`] for options that contradict each other.
pub(crate) fn parts<'t>(
    engine: &Engine,
    skeleton: &'t Tree,
    options: &RenderOptions,
) -> Result<Vec<Part<'t>>, RenderError> {
    let rendering = Rendering::new(engine, &Json::Null, options)?;
    Ok(skeleton.iter().map(|(path, node)| rendering.part(path, node)).collect())
}

/// Copies files into a destination as they are, as `fetch:plain` does. Files that are there are replaced.
///
/// # Errors
/// [`RenderError`] for a target path that leads out of the destination, or where a file stands in a folder's place.
pub fn copy_files(
    files: &Tree,
    target_path: &str,
    destination: &mut Tree,
) -> Result<RenderReport, RenderError> {
    let folder = TreePath::new_or_root(target_path).map_err(|error| RenderError::path(target_path, error))?;
    let mut staged = destination.clone();
    let mut report = RenderReport::default();
    for (path, node) in files.iter() {
        let target = path.below(folder.as_ref()).map_err(|error| RenderError::path(path.as_str(), error))?;
        put(&mut staged, target, node.clone(), &mut report)?;
    }
    *destination = staged;
    Ok(report)
}

/// One rendering: the options, prepared.
struct Rendering<'e> {
    engine: &'e Engine,
    scope: Scope,
    text: TextOptions,
    folder: Option<TreePath>,
    replace: bool,
    extension: Option<String>,
    /// Content is copied.
    untemplated: Globs,
    /// Name and content are copied.
    unrendered: Globs,
}

impl<'e> Rendering<'e> {
    fn new(engine: &'e Engine, values: &Json, options: &RenderOptions) -> Result<Self, RenderError> {
        options.check()?;
        let name = if options.cookiecutter_compat { "cookiecutter" } else { "values" };
        let target = options.target_path.as_str();
        // Backstage accepts this option and ignores it; older versions, and we where not bound to it, honour it.
        let unrendered =
            if engine.mode() == Mode::Backstage { &[][..] } else { &options.copy_without_render };
        Ok(Self {
            engine,
            scope: Scope::new().with(name, values.clone()),
            text: options.text(),
            folder: TreePath::new_or_root(target).map_err(|error| RenderError::path(target, error))?,
            replace: options.replace,
            extension: options.extension(),
            untemplated: Globs::new(&options.copy_without_templating)?,
            unrendered: Globs::new(unrendered)?,
        })
    }

    /// A node as it will be; its content is rendered only where it is written.
    fn node(&self, target: &Target<'_>) -> Result<Rendered, RenderError> {
        let mut work = 0;
        let node = match target.node {
            Node::File { bytes, mode } if target.renders_content => {
                Node::File { bytes: self.content(target.path, bytes, &mut work)?, mode: *mode }
            }
            other => other.clone(),
        };
        Ok(Rendered { node, work })
    }

    /// Whether rendering a content may call what the host added: only where its name stands there.
    fn may_call_host(&self, target: &Target<'_>) -> bool {
        let mut names = self.engine.host_names().peekable();
        let (Node::File { bytes, .. }, true, Some(_)) = (target.node, target.renders_content, names.peek())
        else {
            return false;
        };
        let text = String::from_utf8_lossy(bytes);
        // minijinja's own `map` takes the name of a filter as a text, which can be put together.
        let indirect = self.engine.mode() == Mode::Strict && text.contains("map");
        // Blanks may stand around the dots of a name.
        let first = |name: &str| name.split('.').next().unwrap_or_default().to_owned();
        indirect || names.any(|name| text.contains(&first(name)))
    }

    fn part<'t>(&self, path: &'t TreePath, node: &'t Node) -> Part<'t> {
        let renders_name = !self.unrendered.matches(path);
        let content = match node {
            Node::File { bytes, .. }
                if renders_name && self.is_template(path) && !binary::is_binary(bytes) =>
            {
                bytes::to_text(bytes)
            }
            _ => None,
        };
        Part { path, renders_name, content }
    }

    fn is_template(&self, path: &TreePath) -> bool {
        match &self.extension {
            Some(extension) => path.as_str().ends_with(extension.as_str()),
            None => !self.untemplated.matches(path),
        }
    }

    fn content(
        &self,
        path: &TreePath,
        content: &Arc<[u8]>,
        work: &mut u64,
    ) -> Result<Arc<[u8]>, RenderError> {
        if binary::is_binary(content) {
            return Ok(Arc::clone(content));
        }
        let Some(text) = bytes::to_text(content) else { return Ok(Arc::clone(content)) };
        if self.engine.is_literal(&text, self.text) {
            return Ok(Arc::clone(content));
        }
        let rendered = self.engine.render_counted(&text, &self.scope, self.text);
        let rendered = rendered.map_err(|error| RenderError::content(path, error))?;
        *work += rendered.work;
        Ok(match text {
            _ if rendered.text == *text => Arc::clone(content),
            Cow::Borrowed(_) => rendered.text.into_bytes().into(),
            Cow::Owned(_) => bytes::from_text(&rendered.text).into(),
        })
    }
}

/// Writes a node over whatever of its kind is there.
fn put(
    staged: &mut Tree,
    target: TreePath,
    node: Node,
    report: &mut RenderReport,
) -> Result<(), RenderError> {
    if node == Node::Folder && staged.is_folder(&target) {
        return Ok(());
    }
    staged.insert(target.clone(), node).map_err(|error| RenderError::path(target.as_str(), error))?;
    report.written.push(target);
    Ok(())
}
