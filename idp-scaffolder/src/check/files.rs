//! The files that steps fetch: whether they are there, and what is in them.

use idp_core::{Error, ErrorKind, Severity, SourceText, Span, Tree, TreeLimits, TreePath};
use serde_json::{Map, Value};

use super::draft::{Draft, Need, Passage, Proof, Spot, View, Want};
use super::env::Env;
use super::inputs::Typed;
use super::later;
use super::scan::{Mark, Origin, Scan};
use super::steps::Steps;
use super::types::Type;
use crate::effects::{Place, Resolved, read_relative, resolve};
use crate::render::{Part, parts};
use crate::template::Step;
use crate::{RenderOptions, TextOptions};

/// Bytes and files of one skeleton that are looked at.
const LIMITS: (u64, usize) = (16 << 20, 20_000);

/// A descriptor that a step renders.
#[derive(Debug)]
pub(crate) struct Descriptor {
    pub(crate) step: usize,
    pub(crate) source: SourceText,
    pub(crate) options: TextOptions,
    pub(crate) needs: Vec<Need>,
    /// No step after it is of an unknown action, which could still change it.
    pub(crate) last: bool,
}

/// Files that a step renders, and how.
struct Skeleton<'s> {
    step: Step<'s>,
    options: RenderOptions,
    env: Env,
    /// What the parameters have to be like for it to be rendered.
    needs: &'s [Need],
    /// It is not beside the template.
    far: bool,
}

/// Files that were read.
struct Found<'f> {
    url: &'f str,
    far: bool,
    tree: &'f Tree,
}

impl Skeleton<'_> {
    /// Where a file goes in the workspace; `None` where that is no place in it.
    fn target(&self, part: &Part<'_>) -> Option<TreePath> {
        let (folder, name) = (&self.options.target_path, part.path.as_str());
        if self.step.spec.action.ends_with(":file") {
            return TreePath::new(folder).ok();
        }
        let bare = self.options.extension().and_then(|extension| name.strip_suffix(&extension));
        TreePath::new(&format!("./{folder}/{}", bare.unwrap_or(name))).ok()
    }
}

impl Steps<'_> {
    /// Looks at the files that a step fetches from beside the template.
    pub(crate) fn files(&mut self, step: Step<'_>, input: &Typed, env: &Env) {
        if !step.spec.action.starts_with("fetch:") {
            return;
        }
        let Some(url) = input.member("url") else { return };
        let urls: Vec<_> =
            url.it.values.iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
        for it in &urls {
            let mut needs = env.needs();
            if let (Some(path), true) = (&url.it.origin, urls.len() > 1) {
                needs.push(Need { path: path.clone(), want: Want::Value(it.as_str().into()) });
            }
            self.fetched(step, it, input, &needs);
        }
    }

    fn fetched(&mut self, step: Step<'_>, url: &str, input: &Typed, needs: &[Need]) {
        let renders = matches!(&*step.spec.action, "fetch:template" | "fetch:template:file");
        let (bytes, nodes) = LIMITS;
        let mut limits = TreeLimits::default();
        (limits.bytes, limits.nodes) = (bytes, nodes);
        let place = Place { base: self.template.base(), root: self.template.root() };
        let (tree, far) = match resolve(place, url) {
            Ok(Resolved::Below { base, root }) => (read_relative(base, root, url, limits), false),
            // Of what is not rendered nothing is checked: it is not read for that.
            Ok(Resolved::At(_)) if !renders => return,
            Ok(Resolved::At(absolute)) => (self.checker.read(&absolute, limits), true),
            Err(error) => (Err(error), false),
        };
        match tree {
            Ok(tree) if renders => self.rendered_files(step, &Found { url, far, tree: &tree }, input, needs),
            Ok(_) => {}
            Err(error) => self.unread(step, url, far, &error, needs),
        }
    }

    /// Says that files are not there, or not read. Of what is far away only an answer tells that it is not there.
    fn unread(&mut self, step: Step<'_>, url: &str, far: bool, error: &Error, needs: &[Need]) {
        let spot = Spot::value(format!("/spec/steps/{}/input/url", step.index));
        let draft = match error.kind() {
            ErrorKind::NotFound => {
                Draft::error("missing-files", format!("there is nothing at `{url}`"), spot)
            }
            ErrorKind::PermissionDenied if !far => {
                let message = format!("`{url}` leads out of what the template may read");
                Draft::error("missing-files", message, spot)
            }
            _ if far => {
                let message = format!("what is at `{url}` is not checked: {}", error.message());
                Draft::info("unread-files", message, spot)
            }
            _ => return,
        };
        let proof = Proof::Fetches { step: step.index, url: url.to_owned() };
        self.seen.drafts.push(draft.needs(needs.to_vec()).proof(proof));
    }

    fn rendered_files(&mut self, step: Step<'_>, found: &Found<'_>, input: &Typed, needs: &[Need]) {
        let Found { url, far, tree } = *found;
        let Some(options) = options(input) else { return };
        let name = if options.cookiecutter_compat { "cookiecutter" } else { "values" };
        let values = input.member("values").map_or_else(|| Type::closed([]), |values| values.it.clone());
        let env = Env::default().with(name, values);
        let Ok(parts) = parts(&self.checker.engine, tree, &options) else { return };
        let folder = if step.spec.action.ends_with(":file") { folder_of(url) } else { url.to_owned() };
        let folder = folder.trim_end_matches('/');
        let skeleton = Skeleton { step, options, env, needs, far };
        for part in parts {
            let name = format!("{folder}/{}", part.path);
            let name = if far { name } else { self.display(&name) };
            let before = self.seen.mark();
            self.name_of(&skeleton, &name, &part);
            self.content_of(&skeleton, &name, &part);
            self.settle(&skeleton, &name, &part, before);
        }
    }

    /// The name of a file beside the template, as a person would write it who has written the template's name.
    fn display(&self, path: &str) -> String {
        let folder = folder_of(self.file);
        let mut parts: Vec<&str> = match folder.is_empty() {
            true => Vec::new(),
            false => folder.split('/').filter(|part| *part != ".").collect(),
        };
        for part in path.split('/') {
            match part {
                "" | "." => {}
                ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
                part => parts.push(part),
            }
        }
        parts.join("/")
    }

    fn name_of(&mut self, skeleton: &Skeleton<'_>, name: &str, part: &Part<'_>) {
        if part.renders_name && skeleton.step.spec.action == "fetch:template" {
            let path = part.path.as_str();
            let offset = name.strip_suffix(path).map_or(0, str::len);
            self.scan(SourceText::new(name, name), offset, path, skeleton);
        }
    }

    fn content_of(&mut self, skeleton: &Skeleton<'_>, name: &str, part: &Part<'_>) {
        let Some(content) = &part.content else { return };
        let source = SourceText::new(name, content.clone());
        self.scan(source.clone(), 0, source.text(), skeleton);
        let target = skeleton.target(part);
        let changed = |step| target.as_ref().is_some_and(|target| later::changes(step, target));
        if is_descriptor(part.path.as_str()) && !self.after(skeleton.step).any(changed) {
            let step = skeleton.step.index;
            let last = self.after(skeleton.step).all(|it| self.checker.action(&it.spec.action).is_some());
            let (options, needs) = (skeleton.options.text(), skeleton.needs.to_vec());
            self.descriptors.push(Descriptor { step, source, options, needs, last });
        }
    }

    /// Weighs what was found in a file, and adds what it takes for the file to be rendered.
    fn settle(&mut self, skeleton: &Skeleton<'_>, name: &str, part: &Part<'_>, before: Mark) {
        let target = skeleton.target(part);
        let deletes = |step| target.as_ref().is_some_and(|target| later::deletes(step, target));
        let deleted = self.after(skeleton.step).any(deletes);
        let own = match self.display("") {
            _ if skeleton.far => false,
            folder if folder.is_empty() => !name.starts_with("../"),
            folder => name.starts_with(&format!("{folder}/")),
        };
        if !own {
            self.seen.retain_since(before, |draft| !may_be_others(draft));
        }
        for draft in self.seen.since(before) {
            // What is wrong with a file that is deleted later may never matter.
            draft.severity = if deleted { Severity::Info } else { draft.severity };
            draft.needs.splice(0..0, skeleton.needs.iter().cloned());
        }
    }

    fn after(&self, step: Step<'_>) -> impl Iterator<Item = Step<'_>> {
        self.template.steps().skip(step.index + 1)
    }

    /// Reads a text that stands `offset` bytes into its source.
    fn scan(&mut self, source: SourceText, offset: usize, text: &str, skeleton: &Skeleton<'_>) {
        let before = self.seen.mark();
        let view = View::File(skeleton.step.index, skeleton.options.text());
        let passage = Passage { text: text.to_owned(), view };
        let (engine, vocabulary, env) = (&self.checker.engine, &self.vocabulary, skeleton.env.clone());
        Scan::new(engine, vocabulary, passage, Origin::File(source), env, &mut self.seen).text();
        for draft in self.seen.since(before) {
            if let Spot::File(_, span) = &mut draft.spot {
                *span = Span::new(span.start + offset, span.end + offset);
            }
        }
    }
}

/// Whether this is what a shared file asks for and this template has not: other templates have it.
fn may_be_others(draft: &Draft) -> bool {
    draft.severity == Severity::Info
        || draft.severity < Severity::Error && matches!(draft.code, "undefined-value" | "undefined-member")
}

/// The options of a step, where those that matter are written out.
fn options(input: &Typed) -> Option<RenderOptions> {
    let mut map = Map::new();
    for (name, it) in &input.members {
        match name.as_str() {
            "url" | "values" | "token" => {}
            // Where it goes is of use where it is written out, and nothing else depends on it.
            "targetPath" => map.extend(it.literal.clone().map(|it| (name.clone(), it))),
            _ => drop(map.insert(name.clone(), it.literal.clone()?)),
        }
    }
    serde_json::from_value(Value::Object(map)).ok()
}

fn is_descriptor(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let name = name.strip_suffix(".njk").unwrap_or(name);
    matches!(name, "catalog-info.yaml" | "catalog-info.yml")
}

fn folder_of(path: &str) -> String {
    path.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned())
}
