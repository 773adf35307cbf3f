//! One pass over what a source has and what it points at.

use std::collections::BTreeSet;
use std::sync::Arc;

use idp_core::{
    Content, Diagnostic, Document, EntityRef, Error, ErrorKind, Result, SourceContext, SourceInfo,
    SourceText, Span,
};
use url::Url;

use super::Following;
use super::fetching::{Fetching, Wish};
use super::files::{File, Files};
use super::place::{FILE, Place};
use super::rules::{Origin, Rules};
use super::substitute::{self, Substitution};
use super::target::{Location, Target, Written};
use crate::catalog::{Judging, Remark};
use crate::parsed::{Parsed, parse};
use crate::source::FolderFetcher;
use crate::{Stage, YamlDocument};

/// What following gave besides verdicts.
#[derive(Debug, Default)]
pub(crate) struct Followed {
    pub(crate) problems: Vec<Diagnostic>,
    /// Whether anything could not be read.
    pub(crate) partial: bool,
    /// Why it ended early.
    pub(crate) failure: Option<Error>,
}

/// A file with documents, and how it came here.
#[derive(Debug)]
struct Item {
    place: Place,
    text: SourceText,
    documents: Arc<[YamlDocument]>,
    origin: Arc<Origin>,
    /// How many locations led here.
    depth: usize,
}

/// A document that waits for files.
#[derive(Debug)]
struct Held {
    item: Arc<Item>,
    index: usize,
    substitutions: Vec<Substitution>,
}

/// A target of a Location, ready to be fetched.
#[derive(Debug)]
struct Link {
    from: From,
    target: Target,
    optional: bool,
    origin: Arc<Origin>,
    depth: usize,
}

/// The place of a target in its Location: where problems with it are told.
#[derive(Debug, Clone)]
struct From {
    location: Arc<str>,
    entity_ref: EntityRef,
    text: SourceText,
    span: Span,
}

struct Pass<'a, 'j> {
    following: &'a Following,
    judging: &'a mut Judging<'j>,
    fetching: Fetching<'a>,
    /// The locations that have been read.
    taken: BTreeSet<Arc<str>>,
    /// The targets that have been asked for.
    asked: BTreeSet<String>,
    texts: substitute::Fetched,
    links: Vec<Link>,
    held: Vec<Held>,
    /// Whether a file that a document waits for could not be fetched.
    missed_text: bool,
    followed: Followed,
}

impl Following {
    /// Judges documents, and everything they lead to.
    pub(crate) async fn read(
        &self,
        cx: &SourceContext,
        source: &SourceInfo,
        documents: Vec<Document>,
        judging: &mut Judging<'_>,
    ) -> Followed {
        let base = source.base.clone().map(Arc::new);
        let root = base.as_ref().filter(|it| it.scheme() == FILE);
        let mut context = self.context.clone();
        context.cancel = cx.cancel.clone();
        context.clock = Arc::clone(&cx.clock);
        let mut fetchers = self.fetchers.clone();
        let folder = root.and_then(|root| FolderFetcher::new(root.to_file_path().ok()?).ok());
        fetchers.extend(folder.map(|it| Arc::new(it) as _));
        let kept = self.take_kept(&source.name);
        let mut pass = Pass {
            following: self,
            judging,
            fetching: Fetching::new(context, fetchers, &self.limits, root, kept),
            taken: BTreeSet::new(),
            asked: BTreeSet::new(),
            texts: substitute::Fetched::new(),
            links: Vec::new(),
            held: Vec::new(),
            missed_text: false,
            followed: Followed::default(),
        };
        pass.own(documents, base.as_ref());
        pass.rest().await;
        let mut followed = pass.followed;
        followed.failure = cx.cancel.check().err();
        self.put_kept(&source.name, pass.fetching.finish(followed.partial || pass.missed_text));
        followed
    }
}

impl Pass<'_, '_> {
    /// The source's own documents.
    fn own(&mut self, documents: Vec<Document>, base: Option<&Arc<Url>>) {
        self.taken = documents.iter().map(|it| it.location.as_str().into()).collect();
        let (plain, documents): (Vec<_>, Vec<_>) =
            documents.into_iter().partition(|it| self.leads_nowhere(it));
        self.judging.all(plain);
        for document in documents {
            let place = Place::of_document(&document.location, base);
            // A configured location is its target.
            let target = document.location.strip_prefix("location:").unwrap_or(&document.location).into();
            let origin = Arc::new(Origin { kind: place.kind(), target });
            for Parsed { text, documents } in parse(document, self.judging.limits()) {
                let (place, origin) = (place.clone(), Arc::clone(&origin));
                self.item(Item { place, text, documents: documents.into(), origin, depth: 0 });
            }
        }
    }

    /// Whether a document can be judged by itself: a quick look at its text, which most documents pass.
    fn leads_nowhere(&self, document: &Document) -> bool {
        let Content::Text(text) = &document.content else { return false };
        let located = self.following.locations && text.contains("Location");
        self.following.rules == Rules::any() && !located && !substitute::may_hold(text)
    }

    /// Everything that the source's own documents lead to, level by level.
    async fn rest(&mut self) {
        loop {
            let held = std::mem::take(&mut self.held);
            self.fetch_texts(&held).await;
            for held in held {
                self.substitute(held);
            }
            let links = std::mem::take(&mut self.links);
            if links.is_empty() || self.fetching.cx.cancel.is_cancelled() {
                return;
            }
            self.follow(links).await;
        }
    }

    fn item(&mut self, item: Item) {
        let item = Arc::new(item);
        self.judging.visit(&item.place.location);
        for (index, document) in item.documents.iter().enumerate().filter(|(_, it)| !it.is_blank()) {
            // An entity that was handed in has no text to look at.
            let may_hold = item.text.text().is_empty() || substitute::may_hold(item.text.text());
            let value = document.value().filter(|_| may_hold && !document.is_broken());
            let substitutions = value.map(|it| substitute::find(it, &item.place)).unwrap_or_default();
            if substitutions.is_empty() {
                self.document(&item, document, Vec::new());
            } else {
                self.held.push(Held { item: Arc::clone(&item), index, substitutions });
            }
        }
    }

    /// Judges a document, and notes where it leads.
    fn document(&mut self, item: &Item, document: &YamlDocument, mut remarks: Vec<Remark>) {
        let value = document.value().filter(|_| !document.is_broken());
        let kind = value.and_then(|it| it.get("kind")).filter(|it| it.is_string());
        let permitted =
            value.filter(|_| kind.is_some()).is_none_or(|it| self.following.rules.permit(&item.origin, it));
        if !permitted {
            let message =
                format!("this kind may not come from {} `{}`", item.origin.kind, item.origin.target);
            let problem =
                Diagnostic::error("kind-not-allowed", message).at(&item.text, document.locate("/kind"));
            remarks.push(Remark { stage: Stage::Kind, problem });
        }
        let verdict = self.judging.judge(&item.place.location, &item.text, document, remarks);
        if !self.following.locations {
            return;
        }
        match (value.and_then(Location::read), verdict) {
            (Some(location), Some(entity_ref)) => self.location(item, document, entity_ref, &location),
            (Some(_), None) => self.unknown_targets(item, "a Location that is not accepted"),
            (None, _) if document.is_broken() && item.text.text().contains("Location") => {
                self.unknown_targets(item, "a document that cannot be read and may be a Location");
            }
            _ => {}
        }
    }

    /// What a Location that is not accepted points at cannot be told: nothing is removed.
    fn unknown_targets(&mut self, item: &Item, what: &str) {
        let message = format!("`{}` holds {what}: what it leads to is kept as it was", item.place.location);
        self.followed.problems.push(Diagnostic::warning("unknown-targets", message));
        self.followed.partial = true;
    }

    fn location(&mut self, item: &Item, document: &YamlDocument, entity_ref: EntityRef, location: &Location) {
        for written in &location.targets {
            let from = From {
                location: Arc::clone(&item.place.location),
                entity_ref: entity_ref.clone(),
                text: item.text.clone(),
                span: document.locate(&written.pointer),
            };
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
    fn allowed(&self, url: &Url) -> Result<(), Diagnostic> {
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

    async fn follow(&mut self, links: Vec<Link>) {
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

    /// Tells a problem of a target: now, and on the Location from now on.
    fn tell(&mut self, from: &From, problem: Diagnostic) {
        let problem = problem.at(&from.text, from.span);
        self.judging.remark(&from.location, &from.entity_ref, &problem);
        self.followed.problems.push(problem);
    }

    /// Fetches the files that documents wait for, and those that these refer to.
    async fn fetch_texts(&mut self, held: &[Held]) {
        let mut bundles: BTreeSet<Url> = BTreeSet::new();
        let mut wanted: BTreeSet<Url> = BTreeSet::new();
        for substitution in held.iter().flat_map(|it| &it.substitutions) {
            let Ok(url) = &substitution.url else { continue };
            wanted.insert(url.clone());
            if substitution.form == substitute::Form::Bundle {
                bundles.insert(url.clone());
            }
        }
        let mut looked_into = BTreeSet::new();
        while !wanted.is_empty() {
            self.fetch_each(std::mem::take(&mut wanted)).await;
            for url in std::mem::take(&mut bundles) {
                if looked_into.insert(url.clone()) {
                    let found = substitute::references(&url, &self.texts, self.judging.limits());
                    bundles.extend(found.into_iter().filter_map(Result::ok));
                }
            }
            wanted.extend(bundles.iter().filter(|it| !looked_into.contains(*it)).cloned());
        }
    }

    async fn fetch_each(&mut self, mut urls: BTreeSet<Url>) {
        urls.retain(|url| !self.texts.contains_key(url));
        let (allowed, refused): (Vec<_>, Vec<_>) = urls.into_iter().partition(|it| self.allowed(it).is_ok());
        for url in refused {
            let error = Error::new(ErrorKind::PermissionDenied, "the host is not allowed").with("url", &url);
            self.texts.insert(url, Err(error));
        }
        let wish = |url: &Url| {
            let target = Target::file(url.clone());
            Wish { key: target.key(), request: target.request(&self.following.descriptors) }
        };
        let wishes = allowed.iter().map(wish).collect();
        let answers = self.fetching.all(wishes).await;
        for (url, answer) in allowed.into_iter().zip(answers) {
            self.missed_text |= answer.as_ref().is_err_and(|it| it.kind() != ErrorKind::NotFound);
            self.texts.insert(url, answer);
        }
    }

    /// Puts files in the place of the substitutions of a document, and judges it.
    fn substitute(&mut self, held: Held) {
        let Held { item, index, substitutions } = held;
        let mut document = item.documents[index].clone();
        let mut remarks = Vec::new();
        if substitutions.len() > self.following.limits.substitutions {
            let limit = self.following.limits.substitutions;
            let message = format!("more than {limit} substitutions in one document");
            let span = document.locate_key(&substitutions[limit].key_pointer());
            let problem = Diagnostic::error("too-many-substitutions", message).at(&item.text, span);
            remarks.push(Remark { stage: Stage::Schema, problem });
            return self.document(&item, &document, remarks);
        }
        for substitution in &substitutions {
            let span = document.locate_key(&substitution.key_pointer());
            match substitute::value(substitution, &self.texts, self.judging.limits()) {
                Ok(value) => document.replace(&substitution.pointer, value),
                Err(problem) => {
                    // Only what could not be fetched may be there next time.
                    let fetched = substitution.url.as_ref().ok().and_then(|url| self.texts.get(url));
                    let stage =
                        if fetched.is_some_and(Result::is_err) { Stage::Content } else { Stage::Schema };
                    remarks.push(Remark { stage, problem: problem.at(&item.text, span) });
                }
            }
        }
        self.document(&item, &document, remarks);
    }
}
