//! Reads one text with expressions: what type it has, and what is wrong in it.

mod calls;
mod conditions;
mod dashes;
mod expressions;
mod members;
mod nodes;
mod operands;
mod printing;
mod samples;

use std::collections::BTreeSet;
use std::sync::Arc;

use idp_core::{SourceText, Span};

use super::checker::MOST;
use super::draft::{Draft, Passage, Proof, Sign, Spot, View};
use super::env::{Env, Path};
use super::types::Type;
use crate::expr::inspect::{self, Reading};
use crate::{Engine, TextOptions};

/// How many strict texts of one template are tried as a whole.
const MOST_ATTEMPTS: usize = 10_000;

/// What a template has beside the names that expressions see: to say what was meant.
#[derive(Clone, Debug, Default)]
pub(crate) struct Vocabulary {
    /// The ids of every step.
    pub(crate) steps: Vec<String>,
    /// The step that runs next, of those.
    pub(crate) next: usize,
}

/// What was found and seen in texts.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) drafts: Vec<Draft>,
    /// Strict texts to be tried as a whole.
    pub(crate) attempts: Vec<Draft>,
    /// The parameters that were read; an empty path is all of them.
    pub(crate) used: BTreeSet<Path>,
}

/// How much had been found at some time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    drafts: usize,
    attempts: usize,
}

impl Seen {
    pub(crate) fn mark(&self) -> Mark {
        Mark { drafts: self.drafts.len(), attempts: self.attempts.len() }
    }

    /// What was found since.
    pub(crate) fn since(&mut self, mark: Mark) -> impl Iterator<Item = &mut Draft> {
        self.drafts.iter_mut().skip(mark.drafts).chain(self.attempts.iter_mut().skip(mark.attempts))
    }

    /// Keeps of what has been found since, attempts aside, what is to be kept.
    pub(crate) fn retain_since(&mut self, mark: Mark, keep: impl Fn(&Draft) -> bool) {
        let fresh = self.drafts.split_off(mark.drafts);
        self.drafts.extend(fresh.into_iter().filter(keep));
    }
}

/// Where a text stands.
#[derive(Clone, Debug)]
pub(crate) enum Origin {
    /// At a JSON pointer of the template.
    Pointer(String),
    /// It is a file, or the name of one.
    File(SourceText),
}

/// A text that is read.
pub(crate) struct Scan<'a> {
    engine: &'a Engine,
    vocabulary: &'a Vocabulary,
    passage: Arc<Passage>,
    origin: Origin,
    pub(crate) env: Env,
    seen: &'a mut Seen,
}

impl<'a> Scan<'a> {
    pub(crate) fn new(
        engine: &'a Engine,
        vocabulary: &'a Vocabulary,
        passage: Passage,
        origin: Origin,
        env: Env,
        seen: &'a mut Seen,
    ) -> Self {
        Self { engine, vocabulary, passage: Arc::new(passage), origin, env, seen }
    }

    fn options(&self) -> TextOptions {
        match self.passage.view {
            View::File(_, options) => options,
            _ => TextOptions::default(),
        }
    }

    fn is_file(&self) -> bool {
        matches!(self.passage.view, View::File(..))
    }

    /// Whether minijinja's own rules apply: nothing is silently undefined there, and what is asked fails as well.
    pub(crate) fn is_strict(&self) -> bool {
        inspect::is_strict(self.engine)
    }

    /// Whether Python's constants and methods exist.
    fn is_python(&self) -> bool {
        self.options().cookiecutter && !self.is_strict()
    }

    /// Reads the text. One that does not follow the grammar is said so; in Backstage's modes it stands as it is then.
    pub(crate) fn parse(&mut self) -> Reading {
        match inspect::parse(self.engine, &self.passage.text, self.options()) {
            Ok(reading) => {
                if self.is_strict() && !matches!(reading, Reading::Literal) {
                    self.attempt();
                }
                reading
            }
            Err(error) => {
                let span = error.span();
                let draft = Draft::error("template-syntax", error.message(), self.spot(span));
                let draft = draft.help(self.syntax_help(span));
                self.push(self.rendered(draft, Sign::Fails, span));
                if self.is_strict() { Reading::Foreign } else { Reading::Literal }
            }
        }
    }

    /// Has a strict text tried as a whole: what fails there is wrong, whether the types have shown it or not.
    fn attempt(&mut self) {
        let whole = Span::new(0, self.passage.text.len());
        let draft = Draft::error("expression-fails", String::new(), self.spot(whole));
        let draft = draft.proof(Proof::Attempted(Arc::clone(&self.passage))).needs(self.env.needs());
        if self.seen.attempts.len() < MOST_ATTEMPTS {
            self.seen.attempts.push(draft);
        }
    }

    fn syntax_help(&self, span: Span) -> String {
        let foreign = ["&", "|", "!", "?"];
        let rest = self.passage.text.get(span.start..).unwrap_or_default();
        match self.is_file() {
            _ if foreign.iter().any(|operator| rest.starts_with(operator)) => {
                "the operators are `and`, `or`, `not`, and `a if b else c`".to_owned()
            }
            true => format!("the step fails here; {}", members::LEAVE_ALONE),
            false if self.is_strict() => "the step fails here".to_owned(),
            false => "the text stays as it is written, braces and all".to_owned(),
        }
    }

    pub(crate) fn spot(&self, span: Span) -> Spot {
        match &self.origin {
            Origin::Pointer(pointer) => Spot::Text(pointer.clone(), Some(span)),
            Origin::File(source) => Spot::File(source.clone(), span),
        }
    }

    /// A suspicion that rendering the text confirms, where the conditions around it hold.
    pub(crate) fn rendered(&self, draft: Draft, sign: Sign, span: Span) -> Draft {
        let needs = self.env.needs();
        draft.proof(Proof::Rendered(Arc::clone(&self.passage), sign, span)).needs(needs)
    }

    /// Whether nothing has been said since there were so many drafts.
    pub(crate) fn is_silent(&self, before: usize) -> bool {
        self.seen.drafts.len() == before
    }

    pub(crate) fn push(&mut self, draft: Draft) {
        if self.seen.drafts.len() < MOST {
            self.seen.drafts.push(draft);
        }
    }

    /// Remembers which parameter a value comes from.
    fn note_use(&mut self, it: &Type) {
        if let Some(origin) = &it.origin {
            self.seen.used.insert(origin.clone());
        }
    }

    /// The text of an expression.
    pub(crate) fn slice(&self, span: Span) -> &str {
        self.passage.text.get(span.start..span.end).unwrap_or_default()
    }
}
