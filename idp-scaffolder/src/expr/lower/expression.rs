//! Lowers expressions.

use std::sync::Arc;

use minijinja::Value;

use super::{Key, Lowering, Op, path_of};
use crate::expr::syntax::ast::{Arg, Expr, ExprKind};
use crate::expr::value::number;

impl Lowering {
    pub(super) fn expression(&mut self, value: &Expr) {
        let span = value.span;
        match &value.kind {
            ExprKind::Null => self.push("none"),
            ExprKind::Bool(value) => self.push(if *value { "true" } else { "false" }),
            ExprKind::Number(value) => self.constant(number(*value)),
            ExprKind::Str(text) => self.constant(Value::from(text.as_str())),
            ExprKind::Regex { pattern, flags } => {
                self.op(Op::Regex { pattern: pattern.clone(), flags: flags.clone() }, span, |_| ());
            }
            ExprKind::Name(name) => {
                self.uses_loop |= name == "loop";
                self.op(Op::Name(name.clone()), span, |_| ());
            }
            ExprKind::Array(items) => self.op(Op::Array, span, |l| items.iter().for_each(|i| l.operand(i))),
            ExprKind::Dict(entries) => {
                let keys = entries.iter().map(|(key, _)| Arc::from(key.as_str())).collect();
                self.op(Op::Dict(keys), span, |l| entries.iter().for_each(|(_, value)| l.operand(value)));
            }
            ExprKind::Group(items) => self.group(items, value),
            ExprKind::Member { .. } => self.path(value),
            ExprKind::Slice { object, bounds } => {
                let present = [0, 1, 2].map(|at: usize| bounds[at].is_some());
                self.op(Op::Slice(present), span, |l| {
                    l.operand(object);
                    bounds.iter().flatten().for_each(|bound| l.operand(bound));
                });
            }
            ExprKind::Call { callee, args } => self.call(value, callee, args, ""),
            ExprKind::Filter { name, input, args } => {
                self.op(Op::Filter { name: name.clone(), keywords: keywords(args) }, span, |l| {
                    l.operand(input);
                    l.arguments(args);
                });
            }
            ExprKind::Test { name, input, args, negated } => {
                let op = Op::Test { name: name.clone(), keywords: keywords(args), negated: *negated };
                self.op(op, span, |l| {
                    l.operand(input);
                    l.arguments(args);
                });
            }
            ExprKind::Unary { op, operand } => self.op(Op::Sign(op), span, |l| l.operand(operand)),
            ExprKind::Not(operand) => self.op(Op::Not, span, |l| l.operand(operand)),
            ExprKind::And(..) | ExprKind::Or(..) => self.logical(value),
            ExprKind::In { item, container, negated } => {
                self.op(Op::In { negated: *negated }, span, |l| {
                    l.operand(item);
                    l.operand(container);
                });
            }
            ExprKind::Binary { .. } => self.chain(value),
            ExprKind::Inline { then, condition, otherwise } => {
                self.inline(then, condition, otherwise.as_deref());
            }
        }
    }

    fn group(&mut self, items: &[Expr], group: &Expr) {
        match items {
            [only] => self.expression(only),
            items => self.op(Op::Last, group.span, |l| items.iter().for_each(|item| l.operand(item))),
        }
    }

    /// `a.b[c].d` as one operation, so that long paths do not nest.
    fn path(&mut self, value: &Expr) {
        let (mut keys, mut operands, mut base) = (Vec::new(), Vec::new(), value);
        while let ExprKind::Member { object, key, .. } = &base.kind {
            match &key.kind {
                ExprKind::Str(name) => keys.push(Key::Name(Arc::from(name.as_str()))),
                _ => {
                    keys.push(Key::Operand);
                    operands.push(&**key);
                }
            }
            base = object;
        }
        keys.reverse();
        self.op(Op::Path(keys), value.span, |l| {
            l.operand(base);
            operands.into_iter().rev().for_each(|key| l.operand(key));
        });
    }

    /// `a + b - c` as one operation, so that long sums do not nest.
    fn chain(&mut self, value: &Expr) {
        let (mut operators, mut operands, mut first) = (Vec::new(), Vec::new(), value);
        while let ExprKind::Binary { op, left, right } = &first.kind {
            operators.push(*op);
            operands.push(&**right);
            first = left;
        }
        operators.reverse();
        self.op(Op::Chain(operators), value.span, |l| {
            l.operand(first);
            operands.into_iter().rev().for_each(|operand| l.operand(operand));
        });
    }

    /// `a or b or c` without parentheses inside, so that long ones do not nest.
    fn logical(&mut self, value: &Expr) {
        let is_and = matches!(value.kind, ExprKind::And(..));
        let (mut operands, mut first) = (Vec::new(), value);
        while let (ExprKind::And(left, right), true) | (ExprKind::Or(left, right), false) = (&first.kind, is_and) {
            operands.push(&**right);
            first = left;
        }
        let last = operands.first().copied();
        self.push("(");
        for operand in std::iter::once(first).chain(operands.iter().rev().copied()) {
            if last.is_some_and(|last| std::ptr::eq(last, operand)) {
                self.expression(operand);
            } else {
                self.op(Op::Operand, operand.span, |l| l.operand(operand));
                self.push(if is_and { " and " } else { " or " });
            }
        }
        self.push(")");
    }

    /// An inline `if` without `else` is an empty text, not undefined.
    fn inline(&mut self, then: &Expr, condition: &Expr, otherwise: Option<&Expr>) {
        self.push("(");
        self.expression(then);
        self.push(" if ");
        self.truth(condition);
        self.push(" else ");
        match otherwise {
            Some(value) => self.expression(value),
            None => self.push("''"),
        }
        self.push(")");
    }

    pub(super) fn truth(&mut self, condition: &Expr) {
        self.op(Op::Truth, condition.span, |l| l.operand(condition));
    }

    /// A call; `caller` names the program's variable with the body of a `call` tag, or is empty.
    pub(super) fn call(&mut self, call: &Expr, callee: &Expr, args: &[Arg], caller: &str) {
        let mut keywords = keywords(args);
        if !caller.is_empty() {
            keywords.push("caller".to_owned());
        }
        let path = path_of(callee);
        let (op, object, key) = match &callee.kind {
            ExprKind::Member { object, key, .. } => {
                let name = match &key.kind {
                    ExprKind::Str(name) => Some(name.clone()),
                    _ => None,
                };
                let key = if name.is_none() { Some(&**key) } else { None };
                (Op::Method { path, name, keywords }, &**object, key)
            }
            _ => (Op::Call { path, keywords }, callee, None),
        };
        self.op(op, call.span, |l| {
            l.operand(object);
            key.into_iter().for_each(|key| l.operand(key));
            l.arguments(args);
            if !caller.is_empty() {
                l.push(",");
                l.push(caller);
            }
        });
    }

    /// Positional arguments, then named ones in the order of [`keywords`].
    pub(super) fn arguments(&mut self, args: &[Arg]) {
        let (named, positional): (Vec<_>, Vec<_>) = args.iter().partition(|arg| arg.name.is_some());
        positional.into_iter().chain(named).for_each(|arg| self.operand(&arg.value));
    }
}

/// The names of the named arguments.
pub(super) fn keywords(args: &[Arg]) -> Vec<String> {
    args.iter().filter_map(|arg| arg.name.clone()).collect()
}
