//! Documents that wait for files, and the files.

use std::collections::BTreeSet;
use std::sync::Arc;

use idp_core::{Diagnostic, Error, ErrorKind};
use serde_json::Value;
use url::Url;

use super::fetching::Wish;
use super::pass::{Item, Pass};
use super::place::Repository;
use super::substitute::{self, Substitution};
use super::target::Target;
use crate::catalog::Remark;
use crate::{Stage, YamlDocument};

/// A document that waits for files.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) item: Arc<Item>,
    pub(super) index: usize,
    pub(super) substitutions: Vec<Substitution>,
}

impl Pass<'_, '_> {
    /// Fetches the files that documents wait for, and those that these refer to.
    pub(super) async fn fetch_texts(&mut self, held: &[Held]) {
        // With the repository of the entity that wants them: what it may name, its references may.
        let mut bundles: BTreeSet<(Url, Option<Repository>)> = BTreeSet::new();
        let mut wanted: BTreeSet<Url> = BTreeSet::new();
        for substitution in held.iter().flat_map(|it| &it.substitutions) {
            let Ok(url) = &substitution.url else { continue };
            wanted.insert(url.clone());
            if substitution.form == substitute::Form::Bundle {
                bundles.insert((url.clone(), substitution.home.clone()));
            }
        }
        let mut looked_into = BTreeSet::new();
        while !wanted.is_empty() {
            self.fetch_each(std::mem::take(&mut wanted)).await;
            for (url, home) in std::mem::take(&mut bundles) {
                if looked_into.insert((url.clone(), home.clone())) {
                    let limits = self.judging.limits();
                    let found = substitute::references(&url, home.as_ref(), &self.texts, limits);
                    bundles.extend(found.into_iter().filter_map(|it| Some((it.ok()?, home.clone()))));
                }
            }
            wanted.extend(bundles.iter().filter(|it| !looked_into.contains(*it)).map(|(url, _)| url.clone()));
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

    /// Refuses a document that waits for more files than one may.
    pub(super) fn too_many(&self, item: &Item, document: &YamlDocument, first: &Substitution) -> Remark {
        let limit = self.following.limits.substitutions;
        let message = format!("more than {limit} substitutions in one document");
        let span = document.locate_key(&first.key_pointer());
        let problem = Diagnostic::error("too-many-substitutions", message).at(&item.text, span);
        Remark { stage: Stage::Schema, problem }
    }

    /// Puts files in the place of the substitutions of a document, and judges it.
    pub(super) fn substitute(&mut self, held: Held) {
        let Held { item, index, substitutions } = held;
        let mut document = item.documents[index].clone();
        let (mut remarks, mut bytes) = (Vec::new(), 0);
        for substitution in &substitutions {
            let span = document.locate_key(&substitution.key_pointer());
            match self.value(substitution, &mut bytes) {
                Ok(value) => document.replace(&substitution.pointer, value),
                Err((stage, problem)) => {
                    remarks.push(Remark { stage, problem: problem.at(&item.text, span) });
                }
            }
        }
        self.document(&item, &document, remarks);
    }

    /// What is put in the place of a substitution. `bytes` counts what its document has got already.
    fn value(
        &mut self,
        substitution: &Substitution,
        bytes: &mut usize,
    ) -> Result<Value, (Stage, Diagnostic)> {
        let limits = &self.following.limits;
        let room = limits.document_bytes.saturating_sub(*bytes);
        let found = substitute::value(substitution, &self.texts, self.judging.limits(), room);
        let value = found.map_err(|problem| {
            // Only what could not be fetched may be there next time.
            let fetched = substitution.url.as_ref().ok().and_then(|url| self.texts.get(url));
            (if fetched.is_some_and(Result::is_err) { Stage::Content } else { Stage::Schema }, problem)
        })?;
        let size = substitute::size(&value);
        if self.substituted + size > limits.substituted_bytes {
            let message = format!("more than {} bytes to put into documents", limits.substituted_bytes);
            return Err((Stage::Content, Diagnostic::error("too-much-substituted", message)));
        }
        self.substituted += size;
        *bytes += size;
        Ok(value)
    }
}
