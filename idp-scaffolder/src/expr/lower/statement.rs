//! Lowers text, outputs and tags.

use minijinja::Value;

use super::expression::keywords;
use super::{Form, Lowering, Op, Operand};
use crate::expr::syntax::ast::{Arg, Expr, ExprKind, Macro, Node};
use crate::expr::template::is_literal;
use idp_core::Span;

impl Lowering {
    pub(super) fn nodes(&mut self, nodes: &[Node]) {
        let mut rest = nodes;
        while let Some((first, after)) = rest.split_first() {
            let line = straight_line(rest);
            match rest.split_at_checked(line).filter(|_| line > 1) {
                Some((line, after)) => {
                    self.line(line);
                    rest = after;
                }
                None => {
                    self.template_node(first);
                    rest = after;
                }
            }
        }
    }

    /// Outputs with nothing but text between them: one operation, where minijinja would read and call one for each.
    fn line(&mut self, nodes: &[Node]) {
        let mut operands = Vec::new();
        for node in nodes {
            match node {
                Node::Text(text) => operands.push(Operand::Literal(Value::from(text.as_str()))),
                Node::Output(value) => {
                    let printed = self.printed(value);
                    operands.push(self.site(Op::Print, value.span, vec![printed]));
                }
                _ => {}
            }
        }
        self.push("{{");
        self.op(Op::Join, Span::default(), operands, &[]);
        self.push("}}");
    }

    fn template_node(&mut self, node: &Node) {
        match node {
            Node::Text(text) => self.text(text),
            Node::Comment => (),
            Node::Output(value) => self.output(value),
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

    /// A text stands in the program as it is, unless minijinja could see a delimiter in it.
    fn text(&mut self, text: &str) {
        if is_literal(text, true) && !text.ends_with('{') {
            return self.push(text);
        }
        self.push("{{");
        self.op(Op::Text, Span::default(), vec![Operand::Literal(Value::from(text))], &[]);
        self.push("}}");
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

/// How many nodes go from an output to the last one with nothing but text between them.
fn straight_line(nodes: &[Node]) -> usize {
    if !matches!(nodes.first(), Some(Node::Output(_))) {
        return 0;
    }
    let plain = nodes.iter().take_while(|it| matches!(it, Node::Text(_) | Node::Comment | Node::Output(_)));
    let outputs = plain.enumerate().filter(|(_, node)| matches!(node, Node::Output(_)));
    outputs.last().map_or(0, |(at, _)| at + 1)
}
