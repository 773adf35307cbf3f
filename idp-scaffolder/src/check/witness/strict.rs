//! Strict templates are tried as a whole: there, what is wrong makes the text fail.

use idp_core::Span;

use super::{Outcome, Prover};
use crate::check::draft::{Draft, Passage};
use crate::expr::inspect::{ExprKind, Node, Reading, parse};
use crate::{ErrorCode, Scope, TemplateError, TextOptions};

impl Prover<'_> {
    /// Looks for parameters with which a text fails, whatever it fails of.
    pub(super) fn attempted(&mut self, passage: &Passage, draft: &Draft) -> Outcome {
        let least = self.setting_of(&draft.proof, &draft.needs);
        let full = self.full_setting(&draft.needs).filter(|full| match self.runs_for(&draft.proof) {
            Some(step) => self.runs(step, full),
            None => true,
        });
        let mut failures = Vec::new();
        for setting in least.iter().chain(&full) {
            let failure = self.failure(passage, &self.scope(passage.view, setting));
            let failure = failure.filter(|error| error.code() != ErrorCode::UnknownValue);
            failures.push(failure.map(|error| (error, setting.given.clone())));
        }
        let always = failures.iter().all(Option::is_some);
        match failures.into_iter().flatten().next() {
            Some((error, given)) => Outcome::Failed(error, given, always),
            None => Outcome::Refuted,
        }
    }

    /// Whether an expression of a strict text fails: by itself, and the text because of it.
    pub(super) fn fails_strictly(
        &self,
        passage: &Passage,
        slice: &str,
        span: Span,
        scope: &Scope,
    ) -> Option<bool> {
        let by_itself = self.is_name(slice) || self.knows_names(slice, scope);
        let alone = if by_itself { Some(self.alone(slice, scope)?) } else { None };
        if alone == Some(false) {
            return alone;
        }
        match self.failure(passage, scope) {
            None => None,
            Some(error) if meets(&error, span) => Some(true),
            // Something else fails before it, or waits for the run.
            Some(_) => alone,
        }
    }

    fn is_name(&self, slice: &str) -> bool {
        let nodes = parse(&self.engine, &format!("${{{{ {slice} }}}}"), TextOptions::default());
        let Ok(Reading::Tree(nodes)) = nodes else { return false };
        matches!(&nodes[..], [Node::Output(expr)] if matches!(expr.kind, ExprKind::Name(_)))
    }
}

/// Whether an error is about what stands at some bytes.
fn meets(error: &TemplateError, span: Span) -> bool {
    let at = error.span();
    error.code() != ErrorCode::UnknownValue && at.start <= span.end && span.start <= at.end
}
