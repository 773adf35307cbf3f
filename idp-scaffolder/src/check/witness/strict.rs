//! Strict templates are tried as a whole: there, what is wrong makes the text fail.

use idp_core::Span;

use serde_json::Value;

use super::{Outcome, Prover, Setting};
use crate::check::draft::{Draft, Passage, View};
use crate::check::facts::children;
use crate::expr::inspect::{Expr, ExprKind, Node, Reading, parse};
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
        let settings = least.iter().chain(&full).filter(|setting| self.has_rounds(passage, setting));
        for setting in settings {
            let failure = self.failure(passage, &self.scope(passage.view, setting));
            let failure = failure.filter(|error| error.code() != ErrorCode::UnknownValue);
            failures.push(failure.map(|error| (error, &**setting)));
        }
        let always = failures.iter().all(Option::is_some);
        // What fails with every answer given is not for want of an answer. As few answers as do show it.
        let failures: Vec<_> = failures.into_iter().flatten().collect();
        let Some(span) = failures.last().map(|(error, _)| error.span()) else { return Outcome::Refuted };
        match failures.into_iter().find(|(error, _)| error.span() == span) {
            Some((error, setting)) => {
                let always = always && self.fails_for_everybody(passage, span, setting);
                Outcome::Failed(error, setting.given.clone(), always)
            }
            None => Outcome::Refuted,
        }
    }

    /// Whether what fails does not read what everybody answers as they like, of which one answer was tried.
    fn fails_for_everybody(&self, passage: &Passage, span: Span, setting: &Setting) -> bool {
        let scope = self.scope(passage.view, &setting.undecided(self.template));
        let slice = output_around(&passage.text, span).filter(|slice| self.knows_names(slice, &scope));
        match slice {
            Some(slice) => self.alone(slice, &scope) == Some(true),
            None => {
                self.failure(passage, &scope).is_some_and(|error| error.code() != ErrorCode::UnknownValue)
            }
        }
    }

    /// Whether a text is rendered at all where its step repeats: not for an empty list, which itself is.
    fn has_rounds(&self, passage: &Passage, setting: &Setting) -> bool {
        let (View::Step(step) | View::File(step, _)) = passage.view else { return true };
        let each = self.template.spec().steps.get(step).and_then(|it| it.each.as_ref());
        let Some(each) = each.filter(|each| **each != *passage.text) else { return true };
        match self.engine.render_tree(each, &self.scope(View::Condition(step), setting)).value {
            Some(Value::Array(items)) => !items.is_empty(),
            Some(Value::Object(entries)) => !entries.is_empty(),
            _ => true,
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
            // All of it waits for the run, which may pass by the expression.
            Some(error) if error.code() == ErrorCode::UnknownValue => {
                alone.filter(|_| self.is_always_read(passage, span))
            }
            // Something else fails before it.
            Some(_) => alone,
        }
    }

    /// Whether rendering a text always comes to some bytes: no tag and no operator decides about it.
    fn is_always_read(&self, passage: &Passage, span: Span) -> bool {
        let options = match passage.view {
            View::File(_, options) => options,
            _ => TextOptions::default(),
        };
        let Ok(Reading::Tree(nodes)) = parse(&self.engine, &passage.text, options) else { return false };
        nodes.iter().any(|node| match node {
            Node::Output(expr) | Node::Set { value: expr, .. } | Node::For { items: expr, .. } => {
                comes_to(expr, span)
            }
            Node::If { arms, .. } => arms.first().is_some_and(|(condition, _)| comes_to(condition, span)),
            _ => false,
        })
    }

    fn is_name(&self, slice: &str) -> bool {
        let nodes = parse(&self.engine, &format!("${{{{ {slice} }}}}"), TextOptions::default());
        let Ok(Reading::Tree(nodes)) = nodes else { return false };
        matches!(&nodes[..], [Node::Output(expr)] if matches!(expr.kind, ExprKind::Name(_)))
    }
}

/// Whether evaluating an expression always comes to some bytes.
fn comes_to(expr: &Expr, span: Span) -> bool {
    if expr.span.start > span.start || expr.span.end < span.end {
        return false;
    }
    match &expr.kind {
        _ if expr.span == span => true,
        ExprKind::And(first, _) | ExprKind::Or(first, _) => comes_to(first, span),
        ExprKind::Inline { condition, .. } => comes_to(condition, span),
        _ => children(expr).into_iter().any(|it| comes_to(it, span)),
    }
}

/// What is between the braces around some bytes.
fn output_around(text: &str, span: Span) -> Option<&str> {
    let start = text.get(..span.start)?.rfind("{{")? + 2;
    let length = text.get(start..)?.find("}}")?;
    text.get(start..start + length).filter(|_| span.end <= start + length)
}

/// Whether an error is about what stands at some bytes.
fn meets(error: &TemplateError, span: Span) -> bool {
    let at = error.span();
    error.code() != ErrorCode::UnknownValue && at.start <= span.end && span.start <= at.end
}
