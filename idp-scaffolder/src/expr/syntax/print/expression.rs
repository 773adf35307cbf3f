//! Prints expressions.

use super::Printer;
use crate::expr::syntax::ast::{Arg, Expr, ExprKind};

impl Printer {
    pub(super) fn expression(&mut self, value: &Expr) {
        match &value.kind {
            ExprKind::Null => self.push("none"),
            ExprKind::Bool(value) => self.push(if *value { "true" } else { "false" }),
            ExprKind::Number(value) => self.number(*value),
            ExprKind::Str(text) => self.string(text),
            ExprKind::Regex { pattern, flags } => self.push(&format!("r/{pattern}/{flags}")),
            ExprKind::Name(name) => self.push(name),
            ExprKind::Array(items) => self.between("[", items, "]"),
            ExprKind::Group(items) => self.between("(", items, ")"),
            ExprKind::Dict(entries) => self.dictionary(entries),
            ExprKind::Member { object, key, dotted } => self.member(object, key, *dotted),
            ExprKind::Slice { object, bounds } => self.slice(object, bounds),
            ExprKind::Call { callee, args } => {
                self.expression(callee);
                self.arguments(args);
            }
            ExprKind::Filter { name, input, args } => {
                self.expression(input);
                self.push(" | ");
                self.applied(name, args);
            }
            ExprKind::Test { name, input, args, negated } => {
                self.expression(input);
                self.push(if *negated { " is not " } else { " is " });
                self.applied(name, args);
            }
            ExprKind::Unary { op, operand } => {
                self.push(op);
                self.expression(operand);
            }
            ExprKind::Not(operand) => {
                self.push("not ");
                self.expression(operand);
            }
            ExprKind::And(left, right) => self.infix(left, "and", right),
            ExprKind::Or(left, right) => self.infix(left, "or", right),
            ExprKind::In { item, container, negated } => {
                self.infix(item, if *negated { "not in" } else { "in" }, container);
            }
            ExprKind::Binary { op, left, right } => match floored_chain(op, left, right) {
                Some((left, divisors)) => self.floored(left, &divisors),
                None => self.infix(left, op, right),
            },
            ExprKind::Inline { then, condition, otherwise } => {
                self.infix(then, "if", condition);
                if let Some(otherwise) = otherwise {
                    self.push(" else ");
                    self.expression(otherwise);
                }
            }
        }
    }

    fn infix(&mut self, left: &Expr, operator: &str, right: &Expr) {
        self.expression(left);
        self.push(&format!(" {operator} "));
        self.expression(right);
    }

    /// Digits and a point: the grammar has no exponents.
    fn number(&mut self, value: f64) {
        match value.is_finite() {
            true => self.push(&value.to_string()),
            // More digits than a number can hold.
            false => self.push(&format!("1{}", "0".repeat(309))),
        }
    }

    fn string(&mut self, text: &str) {
        self.push("'");
        for c in text.chars() {
            match c {
                '\n' => self.push("\\n"),
                '\t' => self.push("\\t"),
                '\r' => self.push("\\r"),
                '\'' | '\\' => self.out.extend(['\\', c]),
                c => self.out.push(c),
            }
        }
        self.push("'");
    }

    fn between(&mut self, open: &str, items: &[Expr], close: &str) {
        self.push(open);
        self.list(items, Self::expression);
        self.push(close);
    }

    /// A space before the closing brace: two of them would end the output.
    fn dictionary(&mut self, entries: &[(String, Expr)]) {
        self.push("{");
        self.list(entries, |printer, (key, value)| {
            printer.string(key);
            printer.push(": ");
            printer.expression(value);
        });
        self.push(" }");
    }

    fn member(&mut self, object: &Expr, key: &Expr, dotted: bool) {
        self.expression(object);
        match &key.kind {
            ExprKind::Str(name) if dotted => {
                // `5.a` would be half a number.
                self.push(if matches!(object.kind, ExprKind::Number(_)) { " ." } else { "." });
                self.push(name);
            }
            _ => {
                self.push("[");
                self.expression(key);
                self.push("]");
            }
        }
    }

    fn slice(&mut self, object: &Expr, bounds: &[Option<Box<Expr>>; 3]) {
        self.expression(object);
        self.push("[");
        let [start, stop, step] = bounds;
        start.iter().for_each(|bound| self.expression(bound));
        self.push(":");
        stop.iter().for_each(|bound| self.expression(bound));
        if let Some(step) = step {
            self.push(":");
            self.expression(step);
        }
        self.push("]");
    }

    /// A filter's or test's name, with arguments where there are some.
    pub(super) fn applied(&mut self, name: &str, args: &[Arg]) {
        self.push(name);
        if !args.is_empty() {
            self.arguments(args);
        }
    }

    fn arguments(&mut self, args: &[Arg]) {
        self.push("(");
        self.list(args, |printer, arg| {
            if let Some(name) = &arg.name {
                printer.push(&format!("{name}="));
            }
            printer.expression(&arg.value);
        });
        self.push(")");
    }

    fn floored(&mut self, left: &Expr, divisors: &[&Expr]) {
        self.expression(left);
        for (index, divisor) in divisors.iter().enumerate() {
            self.push(if index == 0 { " // " } else { " % " });
            self.expression(divisor);
        }
    }
}

/// `a // b % c`, which the parser reads as the floor of `a / b % c`: a tree that nothing else makes.
fn floored_chain<'e>(op: &str, left: &'e Expr, right: &Expr) -> Option<(&'e Expr, Vec<&'e Expr>)> {
    let (mut divisors, mut at) = (Vec::new(), left);
    while let ExprKind::Binary { op: "%", left, right } = &at.kind {
        divisors.push(&**right);
        at = left;
    }
    let ExprKind::Binary { op: "/", left, right: first } = &at.kind else { return None };
    if op != "//" || right.kind != ExprKind::Number(1.0) || divisors.is_empty() {
        return None;
    }
    divisors.push(first);
    divisors.reverse();
    Some((left, divisors))
}
