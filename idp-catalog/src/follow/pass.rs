//! One pass over what a source has and what it points at.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use idp_core::{Content, Diagnostic, Document, EntityRef, Error, SourceContext, SourceInfo, SourceText};
use url::Url;

use super::fetching::Fetching;
use super::links::Link;
use super::place::{FILE, Place};
use super::rules::{Origin, Rules};
use super::substitute;
use super::target::Location;
use super::texts::Held;
use super::{Following, unknown_targets};
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
pub(super) struct Item {
    pub(super) place: Place,
    pub(super) text: SourceText,
    pub(super) documents: Arc<[YamlDocument]>,
    pub(super) origin: Arc<Origin>,
    /// How many locations led here.
    pub(super) depth: usize,
}

/// What a pass has, and has yet to do.
pub(super) struct Pass<'a, 'j> {
    pub(super) following: &'a Following,
    pub(super) judging: &'a mut Judging<'j>,
    pub(super) fetching: Fetching<'a>,
    /// The locations that have been read.
    pub(super) taken: BTreeSet<Arc<str>>,
    /// The targets that have been asked for.
    pub(super) asked: BTreeSet<String>,
    pub(super) texts: substitute::Fetched,
    /// Bytes that were put into documents.
    pub(super) substituted: usize,
    pub(super) links: Vec<Link>,
    pub(super) held: Vec<Held>,
    /// The locations of what is held.
    pub(super) waiting: BTreeSet<Arc<str>>,
    /// How many problems of each Location were told.
    pub(super) told: BTreeMap<(Arc<str>, EntityRef), usize>,
    /// Whether a file that a document waits for could not be fetched.
    pub(super) missed_text: bool,
    pub(super) followed: Followed,
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
        let excluded: Vec<&str> = source.excluded.iter().map(String::as_str).collect();
        let folder = root.and_then(|root| {
            FolderFetcher::new(root.to_file_path().ok()?).and_then(|it| it.excluding(&excluded)).ok()
        });
        fetchers.extend(folder.map(|it| Arc::new(it) as _));
        let kept = self.take_kept(&source.name);
        let mut pass = Pass {
            following: self,
            judging,
            fetching: Fetching::new(context, fetchers, &self.limits, root, kept),
            taken: BTreeSet::new(),
            asked: BTreeSet::new(),
            texts: substitute::Fetched::new(),
            substituted: 0,
            links: Vec::new(),
            held: Vec::new(),
            waiting: BTreeSet::new(),
            told: BTreeMap::new(),
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
        self.judging.all(plain, || ());
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
            self.waiting.clear();
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

    pub(super) fn item(&mut self, item: Item) {
        let item = Arc::new(item);
        self.judging.visit(&item.place.location);
        for (index, document) in item.documents.iter().enumerate().filter(|(_, it)| !it.is_blank()) {
            // An entity that was handed in has no text to look at.
            let may_hold = item.text.text().is_empty() || substitute::may_hold(item.text.text());
            let value = document.value().filter(|_| may_hold && !document.is_broken());
            let substitutions = value.map(|it| substitute::find(it, &item.place)).unwrap_or_default();
            match substitutions.get(self.following.limits.substitutions) {
                // Before anything is fetched for it.
                Some(first) => {
                    let remark = self.too_many(&item, document, first);
                    self.document(&item, document, vec![remark]);
                }
                // Of two descriptions in one location the last one counts: none overtakes one that waits.
                None if substitutions.is_empty() && !self.waiting.contains(&item.place.location) => {
                    self.document(&item, document, Vec::new());
                }
                None => {
                    self.waiting.insert(Arc::clone(&item.place.location));
                    self.held.push(Held { item: Arc::clone(&item), index, substitutions });
                }
            }
        }
    }

    /// Judges a document, and notes where it leads.
    pub(super) fn document(&mut self, item: &Item, document: &YamlDocument, mut remarks: Vec<Remark>) {
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
            // What it points at cannot be told.
            (Some(_), None) => {
                let why = "holds a Location that is not accepted";
                self.followed.problems.push(unknown_targets(&item.place.location, why));
                self.followed.partial = true;
            }
            (None, _) => {}
        }
    }
}
