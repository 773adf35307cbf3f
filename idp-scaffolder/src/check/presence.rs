//! The `if` of a step and of an entry of the output: when it is there, and what that settles for what is beside it.

use serde_json::Value;

use super::draft::{Draft, Need, Passage, Sign, Spot, View, Want};
use super::env::{Env, Path};
use super::facts::{facts, path};
use super::scan::{Origin, Scan};
use super::steps::Steps;
use super::types::{Kinds, Type};
use crate::expr::inspect::{Expr, ExprKind, Node, Reading};

/// What an `if` decides about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    /// Whether a step runs.
    Step,
    /// Whether an entry of the output's links or texts is shown.
    Entry,
}

impl Subject {
    fn always(self) -> &'static str {
        match self {
            Self::Step => "the step always runs",
            Self::Entry => "the entry is always shown",
        }
    }

    fn never(self) -> &'static str {
        match self {
            Self::Step => "the step never runs",
            Self::Entry => "the entry is never shown",
        }
    }

    /// The code of a finding that it is never there.
    fn unreachable(self) -> &'static str {
        match self {
            Self::Step => "unreachable-step",
            Self::Entry => "unreachable-output",
        }
    }
}

/// An `if`: what it decides about, what stands at a pointer, and what its expressions see.
#[derive(Clone, Copy, Debug)]
pub(super) struct Presence<'c> {
    pub(super) subject: Subject,
    pub(super) condition: &'c Value,
    pub(super) pointer: &'c str,
    pub(super) view: View,
}

impl Steps<'_> {
    /// Looks at an `if`; what it settles is put into the names that is seen beside it.
    pub(super) fn presence(&mut self, it: Presence<'_>, env: &mut Env) {
        let Presence { subject, condition, pointer, .. } = it;
        let spot = Spot::value(pointer);
        let holds = subject == Subject::Step || self.checker.engine.truthy(condition);
        let draft = match condition {
            Value::Bool(true) => return,
            Value::Bool(false) => {
                Draft::info(subject.unreachable(), format!("this never holds: {}", subject.never()), spot)
            }
            Value::String(text) => return self.text_condition(it, text, env),
            other if holds => {
                let message = format!("{other} is neither a boolean nor a text: {}", subject.always());
                Draft::warning("literal-condition", message, spot)
            }
            other => Draft::warning(
                subject.unreachable(),
                format!("{other} never holds: {}", subject.never()),
                spot,
            ),
        };
        self.seen.drafts.push(draft);
    }

    fn text_condition(&mut self, it: Presence<'_>, text: &str, env: &mut Env) {
        let Presence { subject, pointer, view, .. } = it;
        let passage = Passage { text: text.to_owned(), view };
        let origin = Origin::Pointer(pointer.to_owned());
        let before = self.seen.drafts.len();
        let mut scan =
            Scan::new(&self.checker.engine, &self.vocabulary, passage, origin, env.clone(), &mut self.seen);
        let reading = scan.parse();
        let nodes = match &reading {
            Reading::Tree(nodes) => nodes,
            Reading::Literal if scan.is_silent(before) => return self.literal_condition(it, text),
            Reading::Literal | Reading::Foreign => return,
        };
        let it = scan.presence_type(nodes, subject);
        if scan.is_silent(before) && it.truth() == Some(false) && it.is_looked_at(subject) {
            scan.never_holds(pointer, subject);
        }
        // An entry whose `if` comes to nothing is there as well: then nothing of it holds.
        if let Some(expr) = lone_output(nodes).filter(|_| scan.is_strict() || it.is_looked_at(subject)) {
            env.settle(facts(expr, true));
        }
    }

    /// A condition without an expression.
    fn literal_condition(&mut self, it: Presence<'_>, text: &str) {
        let (subject, spot) = (it.subject, Spot::value(it.pointer));
        let always = || {
            let message = format!(
                "this is a text, and every text that is not empty counts as true: {}",
                subject.always()
            );
            Draft::error("literal-condition", message, spot.clone())
        };
        let draft = match text {
            "true" => return,
            "" => {
                let message = format!("an empty text never holds: {}", subject.never());
                Draft::info(subject.unreachable(), message, spot.clone())
            }
            "false" => always().help("write `false` without quotes"),
            _ => always().help(format!("write it as an expression: `${{{{ {} }}}}`", text.trim())),
        };
        self.seen.drafts.push(draft);
    }
}

impl Type {
    /// Whether an `if` of this type is one: the output's entries do not have one that has come to nothing.
    fn is_looked_at(&self, subject: Subject) -> bool {
        subject == Subject::Step || !self.kinds.meets(Kinds::UNDEFINED)
    }
}

/// The expression that is all of a text.
pub(super) fn lone_output(nodes: &[Node]) -> Option<&Expr> {
    let mut parts = nodes.iter().filter(|node| **node != Node::Comment);
    match (parts.next(), parts.next()) {
        (Some(Node::Output(expr)), None) => Some(expr),
        _ => None,
    }
}

impl Scan<'_> {
    /// The type of an `if`. What is not one expression alone is a text, which nearly always holds.
    fn presence_type(&mut self, nodes: &[Node], subject: Subject) -> Type {
        if let Some(expr) = lone_output(nodes) {
            let it = self.whole_truth(expr);
            if !it.is_looked_at(subject) {
                self.shown_without(expr, &it);
            }
            return it;
        }
        let text = nodes.iter().any(|node| matches!(node, Node::Text(text) if !text.is_empty()));
        if text && nodes.iter().any(|node| matches!(node, Node::Output(_))) {
            self.condition_in_text(subject.always());
            return Type::any();
        }
        self.text_type(nodes)
    }

    /// Says that a condition never holds.
    fn never_holds(&mut self, pointer: &str, subject: Subject) {
        let message = format!("this never holds, so {}", subject.never());
        self.push(Draft::warning(subject.unreachable(), message, Spot::value(pointer)));
    }

    /// Says that an entry of the output is shown where what its `if` asks for is absent. In a strict template it fails.
    fn shown_without(&mut self, expr: &Expr, it: &Type) {
        if self.is_strict() || it.kinds.within(Kinds::NULLISH) {
            return;
        }
        let name = self.slice(expr.span).to_owned();
        let (what, help) = match path(expr) {
            Some(_) if it.origin.is_none() => return,
            Some(_) => ("is optional", format!("write `{name} or false`, or give the parameter a default")),
            // Of what nothing is known it is not known either whether it is ever absent.
            None if it.kinds == Kinds::ANY => return,
            None => ("can come to nothing", format!("write `({name}) or false`")),
        };
        let message = format!(
            "`{name}` {what}, and an `if` that comes to nothing is none: the entry is shown without it"
        );
        let draft = Draft::warning("shown-without", message, self.spot(expr.span)).help(help);
        let mark = self.env.mark();
        let absent = self.way_to_nothing(expr);
        let mut draft = self.rendered(draft, Sign::Undefined, expr.span);
        self.env.leave(mark);
        draft.needs.extend(absent.map(|path| Need { path, want: Want::Absent }));
        self.push(draft);
    }

    /// Settles what makes an expression come to its last part, and answers with the parameter that this is.
    fn way_to_nothing(&mut self, expr: &Expr) -> Option<Path> {
        match &expr.kind {
            ExprKind::Group(items) => self.way_to_nothing(items.last()?),
            ExprKind::And(left, right) => {
                self.env.settle(facts(left, true));
                self.way_to_nothing(right)
            }
            ExprKind::Or(left, right) => {
                self.env.settle(facts(left, false));
                self.way_to_nothing(right)
            }
            _ => self.env.origin(&path(expr)?),
        }
    }
}
