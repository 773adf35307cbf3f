//! Lowers text, outputs and tags.

use minijinja::Value;

use super::expression::keywords;
use super::{Form, Lowering, Op, Operand};
use crate::expr::syntax::ast::{Arg, Expr, ExprKind, Macro, Node};
use idp_core::Span;

impl Lowering {
    pub(super) fn nodes(&mut self, nodes: &[Node]) {
        let mut rest = nodes;
        while let Some((first, after)) = rest.split_first() {
            let line = rest.iter().take_while(|it| is_straight(it)).count();
            match line {
                0 => {
                    self.tag(first);
                    rest = after;
                }
                _ => {
                    self.line(&rest[..line]);
                    rest = &rest[line..];
                }
            }
        }
    }

    /// Texts and outputs up to the next tag: one operation, where minijinja would read and call one for each.
    fn line(&mut self, nodes: &[Node]) {
        match nodes {
            [Node::Output(value)] => self.output(value),
            nodes => {
                let operands: Vec<_> = nodes.iter().filter_map(|node| self.piece(node)).collect();
                if !operands.is_empty() {
                    self.push("{{");
                    self.op(Op::Join, Span::default(), operands, &[]);
                    self.push("}}");
                }
            }
        }
    }

    /// What a text or an output adds to a line.
    fn piece(&mut self, node: &Node) -> Option<Operand> {
        match node {
            Node::Text(text) => Some(Operand::Literal(Value::from(text.as_str()))),
            Node::Output(value) => {
                let printed = self.printed(value);
                Some(self.site(Op::Print, value.span, vec![printed]))
            }
            _ => None,
        }
    }

    /// A tag with what is in it.
    fn tag(&mut self, node: &Node) {
        match node {
            Node::Text(_) | Node::Comment | Node::Output(_) => self.line(std::slice::from_ref(node)),
            Node::If { arms, otherwise } => self.conditional(arms, otherwise),
            Node::For { names, items, body, otherwise, span } => {
                self.iteration(names, items, body, otherwise, *span);
            }
            Node::Set { names, value } => {
                let operand = self.expression(value);
                self.statement(Op::Set(names.clone()), value.span, vec![operand], &[]);
            }
            Node::SetBlock { names, body, span } => {
                let text = self.capture(body);
                self.statement(Op::Set(names.clone()), *span, vec![Operand::Given(0)], &[&text]);
            }
            Node::Macro(definition) => {
                self.definition(definition, false);
            }
            Node::Call { call, caller } => self.call_tag(call, caller),
            Node::Filter { name, args, body, span } => self.filter_tag(name, args, body, *span),
            Node::Switch { subject, cases, default } => self.switch(subject, cases, default),
            Node::Block { body, span, .. } => {
                self.statement(Op::Enter, *span, Vec::new(), &[]);
                self.nodes(body);
                self.statement(Op::Leave, *span, Vec::new(), &[]);
            }
        }
    }

    fn output(&mut self, value: &Expr) {
        let operand = self.printed(value);
        self.print(value.span, operand, &[]);
    }

    /// What an output prints.
    fn printed(&mut self, value: &Expr) -> Operand {
        let operand = self.expression(value);
        match self.form {
            Form::Json => {
                let op = Op::Filter { name: "dump".to_owned(), keywords: Vec::new() };
                self.site(op, value.span, vec![operand])
            }
            Form::Value | Form::Text => operand,
        }
    }

    fn print(&mut self, span: Span, operand: Operand, given: &[&str]) {
        self.push("{{");
        self.op(Op::Print, span, vec![operand], given);
        self.push("}}");
    }

    /// Renders nodes into a new variable of the program.
    fn capture(&mut self, nodes: &[Node]) -> String {
        let name = self.fresh();
        self.push(&format!("{{%set {name}%}}"));
        self.nodes(nodes);
        self.push("{%endset%}");
        name
    }

    fn conditional(&mut self, arms: &[(Expr, Vec<Node>)], otherwise: &[Node]) {
        for (index, (condition, body)) in arms.iter().enumerate() {
            self.push(if index == 0 { "{%if " } else { "{%elif " });
            let operand = self.expression(condition);
            self.op(Op::Truth, condition.span, vec![operand], &[]);
            self.push("%}");
            self.nodes(body);
        }
        self.push("{%else%}");
        self.nodes(otherwise);
        self.push("{%endif%}");
    }

    fn iteration(&mut self, names: &[String], items: &Expr, body: &[Node], otherwise: &[Node], span: Span) {
        let item = self.fresh();
        self.push(&format!("{{%for {item} in "));
        let operand = self.expression(items);
        self.op(Op::Iterate { width: names.len() }, items.span, vec![operand], &[]);
        self.push("%}");
        self.statement(Op::Bind(names.to_vec()), span, vec![Operand::Given(0)], &[&item]);
        self.nodes(body);
        self.push("{%else%}");
        self.nodes(otherwise);
        self.push("{%endfor%}");
        self.statement(Op::Leave, span, Vec::new(), &[]);
    }

    /// Defines a macro. One that belongs to a `call` tag is left in the variable of the program that is answered.
    fn definition(&mut self, definition: &Macro, caller: bool) -> String {
        let Macro { name, parameters, body, span } = definition;
        let compiled = self.fresh();
        self.push(&format!("{{%macro {compiled}()%}}"));
        for (parameter, default) in parameters {
            if let Some(default) = default {
                self.push("{%if ");
                self.op(Op::Missing(parameter.clone()), default.span, Vec::new(), &[]);
                self.push("%}");
                let operand = self.expression(default);
                self.statement(Op::Set(vec![parameter.clone()]), default.span, vec![operand], &[]);
                self.push("{%endif%}");
            }
        }
        self.nodes(body);
        self.push("{%endmacro%}");
        let names = parameters.iter().map(|(name, _)| name.clone()).collect();
        let op = Op::Macro { name: name.clone(), parameters: names, caller };
        let result = self.fresh();
        self.push(&format!("{{%set {result}="));
        self.op(op, *span, vec![Operand::Given(0)], &[&compiled]);
        self.push("%}");
        result
    }

    fn call_tag(&mut self, call: &Expr, caller: &Macro) {
        let ExprKind::Call { callee, args } = &call.kind else { return };
        let body = self.definition(caller, true);
        let operand = self.call(call, callee, args, true);
        self.print(call.span, operand, &[&body]);
    }

    fn filter_tag(&mut self, name: &str, args: &[Arg], body: &[Node], span: Span) {
        let text = self.capture(body);
        let mut operands = vec![Operand::Given(0)];
        operands.extend(self.arguments(args));
        let filtered =
            self.site(Op::Filter { name: name.to_owned(), keywords: keywords(args) }, span, operands);
        self.print(span, filtered, &[&text]);
    }

    /// A case without a body shares that of the next one.
    fn switch(&mut self, subject: &Expr, cases: &[(Expr, Vec<Node>)], default: &[Node]) {
        let value = self.fresh();
        let operand = self.expression(subject);
        self.push(&format!("{{%set {value}="));
        self.op(Op::Last, subject.span, vec![operand], &[]);
        self.push("%}");
        let (mut first, mut index) = (true, 0);
        while index < cases.len() {
            let shared = cases[index..].iter().take_while(|(_, body)| body.is_empty()).count();
            let Some((_, body)) = cases.get(index + shared) else { break };
            self.push(if first { "{%if " } else { "{%elif " });
            for (offset, (case, _)) in cases[index..=index + shared].iter().enumerate() {
                self.push(if offset == 0 { "" } else { " or " });
                let operand = self.expression(case);
                self.op(Op::Matches, case.span, vec![Operand::Given(0), operand], &[&value]);
            }
            self.push("%}");
            self.nodes(body);
            first = false;
            index += shared + 1;
        }
        match first {
            true => self.nodes(default),
            false => {
                self.push("{%else%}");
                self.nodes(default);
                self.push("{%endif%}");
            }
        }
    }
}

/// Whether a node is no tag.
fn is_straight(node: &Node) -> bool {
    matches!(node, Node::Text(_) | Node::Comment | Node::Output(_))
}
