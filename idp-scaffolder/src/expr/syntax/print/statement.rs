//! Prints text, outputs and tags.

use super::Printer;
use crate::expr::syntax::ast::{Expr, Macro, Node};
use crate::expr::syntax::lexer::plain_tag;

impl Printer {
    pub(super) fn nodes(&mut self, nodes: &[Node]) {
        let mut after_text = false;
        for node in nodes {
            after_text = match node {
                Node::Text(text) => self.text(text, after_text),
                node => {
                    self.node(node);
                    false
                }
            };
        }
    }

    fn node(&mut self, node: &Node) {
        match node {
            Node::Text(text) => drop(self.text(text, false)),
            Node::Comment => self.push("{##}"),
            Node::Output(value) => {
                self.push(&format!("{} ", self.open));
                self.expression(value);
                self.push(" }}");
            }
            Node::If { arms, otherwise } => self.conditional(arms, otherwise),
            Node::For { names, items, body, otherwise, .. } => {
                self.tag(&format!("for {} in ", names.join(", ")), |it| it.expression(items));
                self.nodes(body);
                self.otherwise("else", otherwise);
                self.end("for");
            }
            Node::Set { names, value } => {
                self.tag(&format!("set {} = ", names.join(", ")), |it| it.expression(value));
            }
            Node::SetBlock { names, body, .. } => {
                self.tag(&format!("set {}", names.join(", ")), |_| ());
                self.nodes(body);
                self.end("set");
            }
            Node::Macro(definition) => {
                self.tag(&format!("macro {}", definition.name), |it| it.parameters(definition));
                self.nodes(&definition.body);
                self.end("macro");
            }
            Node::Call { call, caller } => self.call(call, caller),
            Node::Filter { name, args, body, .. } => {
                self.tag("filter ", |it| it.applied(name, args));
                self.nodes(body);
                self.end("filter");
            }
            Node::Switch { subject, cases, default } => self.switch(subject, cases, default),
            Node::Block { name, body, .. } => {
                self.tag(&format!("block {name}"), |_| ());
                self.nodes(body);
                self.end("block");
            }
        }
    }

    /// A text; whether one that follows it would become a part of it.
    ///
    /// What could be taken for the beginning of a delimiter, alone or with what follows, is printed as it was written:
    /// raw.
    fn text(&mut self, text: &str, after_text: bool) -> bool {
        let opens = ["{{", "{%", "{#"].iter().any(|it| text.contains(it)) || text.ends_with(['{', '$']);
        if !opens && !after_text {
            self.push(text);
            return true;
        }
        let tag = if is_closed("raw", text) { "verbatim" } else { "raw" };
        self.tag(tag, |_| ());
        self.push(text);
        self.end(tag);
        false
    }

    fn tag(&mut self, head: &str, rest: impl FnOnce(&mut Self)) {
        self.push("{% ");
        self.push(head);
        rest(self);
        self.push(" %}");
    }

    fn end(&mut self, tag: &str) {
        self.push(&format!("{{% end{tag} %}}"));
    }

    /// A branch that is taken where no other is.
    fn otherwise(&mut self, tag: &str, nodes: &[Node]) {
        if !nodes.is_empty() {
            self.tag(tag, |_| ());
            self.nodes(nodes);
        }
    }

    fn conditional(&mut self, arms: &[(Expr, Vec<Node>)], otherwise: &[Node]) {
        for (index, (condition, body)) in arms.iter().enumerate() {
            self.tag(if index == 0 { "if " } else { "elif " }, |it| it.expression(condition));
            self.nodes(body);
        }
        self.otherwise("else", otherwise);
        self.end("if");
    }

    fn switch(&mut self, subject: &Expr, cases: &[(Expr, Vec<Node>)], default: &[Node]) {
        self.tag("switch ", |it| it.expression(subject));
        for (value, body) in cases {
            self.tag("case ", |it| it.expression(value));
            self.nodes(body);
        }
        self.otherwise("default", default);
        self.end("switch");
    }

    /// The parameters are there even where there are none: without them a call that begins with a parenthesis would be
    /// taken for some.
    fn call(&mut self, call: &Expr, caller: &Macro) {
        self.tag("call", |it| {
            it.parameters(caller);
            it.push(" ");
            it.expression(call);
        });
        self.nodes(&caller.body);
        self.end("call");
    }

    fn parameters(&mut self, definition: &Macro) {
        self.push("(");
        self.list(&definition.parameters, |printer, (name, default)| {
            printer.push(name);
            if let Some(default) = default {
                printer.push("=");
                printer.expression(default);
            }
        });
        self.push(")");
    }
}

/// Whether a text would end a verbatim block of this tag, or go beyond it: its tags do not come in pairs.
fn is_closed(tag: &str, text: &str) -> bool {
    let (mut depth, mut from) = (0_usize, 0);
    while let Some(offset) = text[from..].find("{%") {
        let at = from + offset;
        let Some((name, end)) = plain_tag(text, at) else {
            from = at + 2;
            continue;
        };
        from = end;
        if name == tag {
            depth += 1;
        } else if name.strip_prefix("end") == Some(tag) {
            match depth.checked_sub(1) {
                Some(less) => depth = less,
                None => return true,
            }
        }
    }
    depth > 0
}
