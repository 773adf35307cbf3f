//! Reads one text with expressions: what type it has, and what is wrong in it.

mod calls;
mod conditions;
mod dashes;
mod expressions;
mod members;
mod nodes;
mod printing;

use std::collections::BTreeSet;
use std::sync::Arc;

use idp_core::{SourceText, Span};

use super::checker::MOST;
use super::draft::{Draft, Passage, Proof, Sign, Spot, View};
use super::env::{Env, Path};
use super::types::Type;
use crate::expr::inspect::{self, Node};
use crate::{Engine, TextOptions};

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
    /// The parameters that were read; an empty path is all of them.
    pub(crate) used: BTreeSet<Path>,
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

    /// The tree of the text. One that cannot be read is said so.
    pub(crate) fn parse(&mut self) -> Option<Vec<Node>> {
        match inspect::parse(self.engine, &self.passage.text, self.options()) {
            Ok(nodes) => nodes,
            Err(error) => {
                let span = error.span();
                let draft = Draft::error("template-syntax", error.message(), self.spot(span));
                let draft = draft.help(self.syntax_help(span));
                self.push(self.rendered(draft, Sign::Fails, span));
                None
            }
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
            false => "the text stays as it is written, braces and all".to_owned(),
        }
    }

    fn spot(&self, span: Span) -> Spot {
        match &self.origin {
            Origin::Pointer(pointer) => Spot::Text(pointer.clone(), Some(span)),
            Origin::File(source) => Spot::File(source.clone(), span),
        }
    }

    /// A suspicion that rendering the text confirms, where the conditions around it hold.
    fn rendered(&self, draft: Draft, sign: Sign, span: Span) -> Draft {
        let needs = self.env.needs();
        draft.proof(Proof::Rendered(Arc::clone(&self.passage), sign, span)).needs(needs)
    }

    fn push(&mut self, draft: Draft) {
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
    fn slice(&self, span: Span) -> &str {
        self.passage.text.get(span.start..span.end).unwrap_or_default()
    }
}
