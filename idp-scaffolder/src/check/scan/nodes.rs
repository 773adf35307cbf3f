//! Text, outputs and tags, in the order they run.

use serde_json::Value;

use super::Scan;
use super::members::Use;
use super::printing::{append, printed};
use crate::check::facts::facts;
use crate::check::types::{Kinds, Members, Type};
use crate::expr::inspect::{Expr, Macro, Node, Reading};

/// Every text that some nodes can give, where they are few.
type Texts = Option<Vec<String>>;

impl Scan<'_> {
    /// Reads a whole text that is printed: the content or the name of a file.
    pub(crate) fn text(&mut self) {
        if let Reading::Tree(nodes) = self.parse() {
            self.assignments(&nodes);
            self.sequence(&nodes);
        }
    }

    /// The type of the text that nodes print, their own assignments included.
    pub(crate) fn text_type(&mut self, nodes: &[Node]) -> Type {
        self.assignments(nodes);
        self.nodes(nodes)
    }

    /// The type of the text that nodes print.
    pub(super) fn nodes(&mut self, nodes: &[Node]) -> Type {
        let texts = self.sequence(nodes);
        let values = texts.map(|texts| texts.into_iter().map(Value::from).collect());
        Type { values, ..Type::string() }
    }

    fn sequence(&mut self, nodes: &[Node]) -> Texts {
        let mut texts = Some(vec![String::new()]);
        for node in nodes {
            let more = self.node(node);
            texts = append(texts, more);
        }
        texts
    }

    fn node(&mut self, node: &Node) -> Texts {
        match node {
            Node::Text(text) => Some(vec![text.clone()]),
            Node::Comment => Some(vec![String::new()]),
            Node::Output(expr) => {
                let it = self.value(expr);
                self.print(expr, &it);
                printed(&it)
            }
            Node::If { arms, otherwise } => {
                self.branches(arms, otherwise);
                None
            }
            Node::For { names, items, body, otherwise, .. } => {
                self.repeat(names, items, body);
                self.sequence(otherwise);
                None
            }
            Node::Set { names, value } => {
                // Whether the name is used, and how, is seen where it is.
                let it = self.expression(value, Use::Guard);
                // minijinja takes what is given apart.
                let it = if self.is_strict() && names.len() > 1 { Type::any() } else { it };
                names.iter().for_each(|name| self.env.assign(name, it.clone()));
                Some(vec![String::new()])
            }
            Node::SetBlock { names, body, .. } => {
                let it = self.nodes(body);
                names.iter().for_each(|name| self.env.assign(name, it.clone()));
                Some(vec![String::new()])
            }
            other => {
                self.rarer(other);
                None
            }
        }
    }

    fn rarer(&mut self, node: &Node) {
        match node {
            Node::Macro(definition) => self.define(definition),
            Node::Call { call, caller } => {
                self.value(call);
                self.define(caller);
            }
            Node::Filter { args, body, .. } => {
                args.iter().for_each(|arg| drop(self.value(&arg.value)));
                self.sequence(body);
            }
            Node::Switch { subject, cases, default } => {
                self.value(subject);
                for (case, body) in cases {
                    self.value(case);
                    self.sequence(body);
                }
                self.sequence(default);
            }
            Node::Block { body, .. } => drop(self.sequence(body)),
            _ => {}
        }
    }

    fn branches(&mut self, arms: &[(Expr, Vec<Node>)], otherwise: &[Node]) {
        let mark = self.env.mark();
        let mut taken = false;
        for (condition, body) in arms {
            let before = self.seen.drafts.len();
            let it = self.condition(condition);
            let truth = self.truth(&it);
            self.branch(condition, true, truth, |scan| drop(scan.sequence(body)));
            self.env.settle(facts(condition, false));
            if taken {
                self.seen.drafts.truncate(before);
            }
            taken |= truth == Some(true);
        }
        let before = self.seen.drafts.len();
        self.sequence(otherwise);
        if taken {
            self.seen.drafts.truncate(before);
        }
        self.env.leave(mark);
    }

    /// The body of a loop, its names declared. A loop over what may be absent goes around no times.
    fn repeat(&mut self, names: &[String], items: &Expr, body: &[Node]) {
        let it = self.expression(items, self.asked());
        let outer = self.env.clone();
        let element = it.items.as_ref().filter(|_| it.kinds.within(Kinds::ARRAY.or(Kinds::NULLISH)));
        match names {
            [name] => {
                let element = element.map_or_else(Type::any, |it| Type { origin: None, ..(**it).clone() });
                self.env.declare(name, element);
            }
            _ => names.iter().for_each(|name| self.env.declare(name, Type::any())),
        }
        self.env.declare("loop", loop_type());
        self.env.settle(facts(items, true));
        self.sequence(body);
        self.env = outer;
    }

    fn define(&mut self, definition: &Macro) {
        self.env.declare(&definition.name, Type::any());
        let outer = self.env.clone();
        for (name, default) in &definition.parameters {
            default.iter().for_each(|value| drop(self.value(value)));
            self.env.declare(name, Type::any());
        }
        self.env.declare("caller", Type::any());
        self.sequence(&definition.body);
        self.env = outer;
    }

    /// Notes every name that tags give a value, wherever they stand.
    pub(super) fn assignments(&mut self, nodes: &[Node]) {
        for node in nodes {
            match node {
                Node::Set { names, .. } | Node::SetBlock { names, .. } => {
                    names.iter().for_each(|name| self.env.will_assign(name));
                }
                Node::Macro(definition) => self.env.will_assign(&definition.name),
                _ => {}
            }
            bodies(node).into_iter().for_each(|body| self.assignments(body));
        }
    }
}

/// The lists of nodes inside a node.
fn bodies(node: &Node) -> Vec<&[Node]> {
    match node {
        Node::If { arms, otherwise } => {
            arms.iter().map(|(_, body)| &body[..]).chain([&otherwise[..]]).collect()
        }
        Node::For { body, otherwise, .. } => vec![body, otherwise],
        Node::SetBlock { body, .. } | Node::Filter { body, .. } | Node::Block { body, .. } => vec![body],
        Node::Macro(it) | Node::Call { caller: it, .. } => vec![&it.body],
        Node::Switch { cases, default, .. } => {
            cases.iter().map(|(_, body)| &body[..]).chain([&default[..]]).collect()
        }
        _ => Vec::new(),
    }
}

fn loop_type() -> Type {
    let numbers = ["index", "index0", "revindex", "revindex0", "length"].map(|name| (name, Type::number()));
    let flags = ["first", "last"].map(|name| (name, Type::boolean()));
    let known = numbers.into_iter().chain(flags).map(|(name, it)| (name.to_owned(), it)).collect();
    Type::object(Members { known, open: false })
}
