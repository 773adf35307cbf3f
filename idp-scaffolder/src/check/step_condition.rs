//! A step's `if`: when it runs, and what that settles for its input.

use serde_json::Value;

use super::draft::{Draft, Passage, Spot, View};
use super::env::Env;
use super::facts::facts;
use super::scan::{Origin, Scan};
use super::steps::Steps;
use super::types::Type;
use crate::expr::inspect::{Expr, Node, Reading};
use crate::template::Step;

const ALWAYS: &str = "this is a text, and every text that is not empty counts as true: the step always runs";

impl Steps<'_> {
    /// Looks at a step's condition, which stands at a pointer; what it settles is put into the names that the input sees.
    pub(super) fn condition(&mut self, step: Step<'_>, pointer: &str, env: &mut Env) {
        let spot = Spot::value(pointer);
        match &step.spec.r#if {
            None | Some(Value::Bool(true)) => {}
            Some(Value::Bool(false)) => {
                self.seen.drafts.push(Draft::info("unreachable-step", "this step never runs", spot));
            }
            Some(Value::String(text)) => self.text_condition(step, pointer, text, env),
            Some(other) => {
                let message = format!("{other} is neither a boolean nor a text: the step always runs");
                self.seen.drafts.push(Draft::warning("literal-condition", message, spot));
            }
        }
    }

    fn text_condition(&mut self, step: Step<'_>, pointer: &str, text: &str, env: &mut Env) {
        let view = match step.spec.each {
            Some(_) => View::Step(step.index),
            None => View::Condition(step.index),
        };
        let passage = Passage { text: text.to_owned(), view };
        let origin = Origin::Pointer(pointer.to_owned());
        let before = self.seen.drafts.len();
        let mut scan =
            Scan::new(&self.checker.engine, &self.vocabulary, passage, origin, env.clone(), &mut self.seen);
        let reading = scan.parse();
        let nodes = match &reading {
            Reading::Tree(nodes) => nodes,
            Reading::Literal if scan.is_silent(before) => return self.literal_condition(text, pointer),
            Reading::Literal | Reading::Foreign => return,
        };
        let it = scan.step_condition(nodes);
        if scan.is_silent(before) && it.truth() == Some(false) {
            scan.never_runs(pointer);
        }
        if let Some(expr) = lone_output(nodes) {
            env.settle(facts(expr, true));
        }
    }

    /// A condition without an expression.
    fn literal_condition(&mut self, text: &str, pointer: &str) {
        let spot = Spot::value(pointer);
        let draft = match text {
            "true" => return,
            "" => Draft::info("unreachable-step", "an empty text never holds: the step never runs", spot),
            "false" => Draft::error("literal-condition", ALWAYS, spot).help("write `false` without quotes"),
            _ => {
                let help = format!("write it as an expression: `${{{{ {} }}}}`", text.trim());
                Draft::error("literal-condition", ALWAYS, spot).help(help)
            }
        };
        self.seen.drafts.push(draft);
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
    /// The type of a step's condition. What is not one expression alone is a text, which nearly always holds.
    fn step_condition(&mut self, nodes: &[Node]) -> Type {
        if let Some(expr) = lone_output(nodes) {
            return self.step_truth(expr);
        }
        let text = nodes.iter().any(|node| matches!(node, Node::Text(text) if !text.is_empty()));
        if text && nodes.iter().any(|node| matches!(node, Node::Output(_))) {
            self.condition_in_text();
            return Type::any();
        }
        self.text_type(nodes)
    }
}
