//! From the targets of a Location to the documents that stand there.

use std::cmp::Ordering;
use std::sync::Arc;

use idp_core::{Diagnostic, EntityRef, Error, ErrorKind, SourceText, Span};
use url::Url;

use super::fetching::Wish;
use super::files::{File, Files};
use super::pass::{Item, Pass};
use super::place::{FILE, Place};
use super::rules::Origin;
use super::target::{Location, Target, Written};
use crate::YamlDocument;

/// A target of a Location, ready to be fetched.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) from: From,
    pub(super) target: Target,
    pub(super) optional: bool,
    pub(super) origin: Arc<Origin>,
    pub(super) depth: usize,
}

/// The place of a target in its Location: where problems with it are told.
#[derive(Debug, Clone)]
pub(super) struct From {
    pub(super) location: Arc<str>,
    pub(super) entity_ref: EntityRef,
    pub(super) text: SourceText,
    pub(super) span: Span,
}

impl Pass<'_, '_> {
    /// Notes the targets of a Location, as far as they may be followed.
    pub(super) fn location(
        &mut self,
        item: &Item,
        document: &YamlDocument,
        entity_ref: EntityRef,
        location: &Location,
    ) {
        let limit = self.following.limits.targets;
        let from = |written: &Written| From {
            location: Arc::clone(&item.place.location),
            entity_ref: entity_ref.clone(),
            text: item.text.clone(),
            span: document.locate(&written.pointer),
        };
        if let Some(first) = location.targets.get(limit) {
            let message = format!("more than {limit} targets in one Location");
            self.complain(&from(first), Diagnostic::error("too-many-targets", message));
        }
        for written in location.targets.iter().take(limit) {
            let from = from(written);
            match self.target(item, location, written) {
                Ok(target) => self.link(item, location, from, target),
                Err(problem) => self.complain(&from, problem),
            }
        }
    }

    /// What a target means, where it may be followed.
    fn target(&self, item: &Item, location: &Location, written: &Written) -> Result<Target, Diagnostic> {
        let kind = location.kind.as_deref().unwrap_or(item.place.kind());
        if kind != item.place.kind() && !self.following.types.contains(kind) {
            let allowed: Vec<&str> = self.following.types.iter().map(String::as_str).collect();
            let message = format!("a location of type `{kind}` is not allowed here");
            return Err(Diagnostic::error("location-type-not-allowed", message).help(format!(
                "allowed are `{}` and `{}`",
                allowed.join("`, `"),
                item.place.kind()
            )));
        }
        if item.depth >= self.following.limits.depth {
            let message = format!("more than {} locations lead here", self.following.limits.depth);
            return Err(Diagnostic::error("locations-too-deep", message));
        }
        let target = Target::resolve(&item.place, &written.text)?;
        self.allowed(&target.url)?;
        Ok(target)
    }

    /// Files were confined when they were resolved; everything else is on an allowed host.
    pub(super) fn allowed(&self, url: &Url) -> Result<(), Diagnostic> {
        if url.scheme() == FILE || self.following.hosts.permit(url) {
            return Ok(());
        }
        let host = url.host_str().unwrap_or_default();
        Err(Diagnostic::error("host-not-allowed", format!("the host `{host}` is not allowed"))
            .help("allow it where the catalog is configured"))
    }

    fn link(&mut self, item: &Item, location: &Location, from: From, target: Target) {
        let there = Place::of_url(&target.url, self.fetching.root).location;
        if self.taken.contains(&there) || !self.asked.insert(target.key()) {
            return;
        }
        let (origin, depth) = (Arc::clone(&item.origin), item.depth + 1);
        self.links.push(Link { from, target, optional: location.optional, origin, depth });
    }

    /// Fetches targets, and takes in what comes.
    pub(super) async fn follow(&mut self, links: Vec<Link>) {
        let wish = |link: &Link| Wish {
            key: link.target.key(),
            request: link.target.request(&self.following.descriptors),
        };
        let wishes = links.iter().map(wish).collect();
        let answers = self.fetching.all(wishes).await;
        for (link, answer) in links.into_iter().zip(answers) {
            match answer {
                Ok(files) => self.arrived(&link, &files),
                Err(error) => self.missed(&link, &error),
            }
        }
    }

    fn arrived(&mut self, link: &Link, files: &Files) {
        for why in &files.unusable {
            self.complain(&link.from, Diagnostic::error("target-not-text", why.clone()));
        }
        if files.files.is_empty() && files.unusable.is_empty() && !link.optional {
            let message = format!("no file below `{}` is a descriptor", link.target.url);
            self.tell(&link.from, Diagnostic::warning("no-descriptors", message));
        }
        for file in &files.files {
            // A server that has a file and sends nothing is more likely broken than right.
            if file.text.text().trim().is_empty() && file.place.kind() != FILE {
                let message = format!("`{}` is empty", file.place.location);
                self.complain(&link.from, Diagnostic::error("target-empty", message));
            }
            if self.taken.insert(Arc::clone(&file.place.location)) {
                self.item(self.fetched(link, file));
            }
        }
    }

    fn fetched(&self, link: &Link, file: &File) -> Item {
        Item {
            place: file.place.clone(),
            text: file.text.clone(),
            documents: Arc::clone(file.documents(self.judging.limits())),
            origin: Arc::clone(&link.origin),
            depth: link.depth,
        }
    }

    fn missed(&mut self, link: &Link, error: &Error) {
        let url = &link.target.url;
        if error.kind() != ErrorKind::NotFound {
            let message = format!("`{url}` cannot be read: {}", error.chain());
            return self.complain(&link.from, Diagnostic::error("target-unreadable", message));
        }
        if link.optional {
            return;
        }
        let problem = Diagnostic::error("target-gone", format!("there is nothing at `{url}`"))
            .help("remove the target, or say `presence: optional`");
        if self.following.release_gone {
            self.tell(&link.from, problem);
        } else {
            self.complain(&link.from, problem);
        }
    }

    /// Tells a problem because of which something is missing.
    fn complain(&mut self, from: &From, problem: Diagnostic) {
        self.followed.partial = true;
        self.tell(from, problem);
    }

    /// Tells a problem of a target: now, and on the Location from now on. Each costs a look at the Location's text.
    fn tell(&mut self, from: &From, mut problem: Diagnostic) {
        let told = self.told.entry((Arc::clone(&from.location), from.entity_ref.clone())).or_default();
        *told += 1;
        let limit = self.following.limits.problems;
        match (*told).cmp(&limit.saturating_add(1)) {
            Ordering::Less => {}
            Ordering::Equal => {
                let message = format!("more than {limit} problems with the targets of one Location");
                problem = Diagnostic::warning("more-problems", message);
            }
            Ordering::Greater => return,
        }
        let problem = problem.at(&from.text, from.span);
        self.judging.remark(&from.location, &from.entity_ref, &problem);
        self.followed.problems.push(problem);
    }
}
