//! Lowers expressions.

use std::sync::Arc;

use minijinja::Value;

use super::{DEPTH, Key, Lowering, Op, Operand, path_of};
use crate::expr::syntax::ast::{Arg, Expr, ExprKind};
use crate::expr::value::number;

impl Lowering {
    /// An expression as an operand of another, or of what the program does with it.
    pub(super) fn expression(&mut self, value: &Expr) -> Operand {
        if self.depth == DEPTH {
            self.too_deep.get_or_insert(value.span);
            return Operand::Literal(Value::UNDEFINED);
        }
        self.depth += 1;
        let operand = self.lowered(value);
        self.depth -= 1;
        operand
    }

    fn lowered(&mut self, value: &Expr) -> Operand {
        let (op, operands) = match &value.kind {
            ExprKind::Null => return Operand::Literal(Value::from(())),
            ExprKind::Bool(value) => return Operand::Literal(Value::from(*value)),
            ExprKind::Number(value) => return Operand::Literal(number(*value)),
            ExprKind::Str(text) => return Operand::Literal(Value::from(text.as_str())),
            ExprKind::Group(items) if items.len() == 1 => return self.expression(&items[0]),
            ExprKind::Regex { pattern, flags } => {
                (Op::Regex { pattern: pattern.clone(), flags: flags.clone() }, Vec::new())
            }
            ExprKind::Name(name) => {
                self.uses_loop |= name == "loop";
                (Op::Name(name.clone()), Vec::new())
            }
            ExprKind::Array(items) => (Op::Array, self.all(items)),
            ExprKind::Dict(entries) => {
                let keys = entries.iter().map(|(key, _)| Arc::from(key.as_str())).collect();
                (Op::Dict(keys), self.all(entries.iter().map(|(_, value)| value)))
            }
            ExprKind::Group(items) => (Op::Last, self.all(items)),
            ExprKind::Member { .. } => self.path(value),
            ExprKind::Slice { object, bounds } => {
                let present = [0, 1, 2].map(|at: usize| bounds[at].is_some());
                let bounds = bounds.iter().flatten().map(|bound| &**bound);
                (Op::Slice(present), self.all(std::iter::once(&**object).chain(bounds)))
            }
            ExprKind::Call { callee, args } => return self.call(value, callee, args, false),
            ExprKind::Filter { name, input, args } => {
                (Op::Filter { name: name.clone(), keywords: keywords(args) }, self.applied(input, args))
            }
            ExprKind::Test { name, input, args, negated } => {
                let op = Op::Test { name: name.clone(), keywords: keywords(args), negated: *negated };
                (op, self.applied(input, args))
            }
            ExprKind::Unary { op, operand } => (Op::Sign(op), vec![self.expression(operand)]),
            ExprKind::Not(operand) => (Op::Not, vec![self.expression(operand)]),
            ExprKind::And(..) | ExprKind::Or(..) => self.logical(value),
            ExprKind::In { item, container, negated } => {
                (Op::In { negated: *negated }, self.all([&**item, &**container]))
            }
            ExprKind::Binary { .. } => self.chain(value),
            ExprKind::Inline { then, condition, otherwise } => {
                let mut operands = self.all([&**condition, &**then]);
                // An inline `if` without `else` is an empty text, not undefined.
                let empty = || Operand::Literal(Value::from(""));
                operands.push(otherwise.as_deref().map_or_else(empty, |value| self.expression(value)));
                (Op::Inline, operands)
            }
        };
        self.site(op, value.span, operands)
    }

    fn all<'e>(&mut self, values: impl IntoIterator<Item = &'e Expr>) -> Vec<Operand> {
        values.into_iter().map(|value| self.expression(value)).collect()
    }

    /// A filter's or test's input, and its arguments.
    fn applied(&mut self, input: &Expr, args: &[Arg]) -> Vec<Operand> {
        let mut operands = vec![self.expression(input)];
        operands.extend(self.arguments(args));
        operands
    }

    /// `a.b[c].d` as one operation, so that long paths do not nest.
    fn path(&mut self, value: &Expr) -> (Op, Vec<Operand>) {
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
        (Op::Path(keys), self.all(std::iter::once(base).chain(operands.into_iter().rev())))
    }

    /// `a + b - c` as one operation, so that long sums do not nest.
    fn chain(&mut self, value: &Expr) -> (Op, Vec<Operand>) {
        let (mut operators, mut operands, mut first) = (Vec::new(), Vec::new(), value);
        while let ExprKind::Binary { op, left, right } = &first.kind {
            operators.push(*op);
            operands.push(&**right);
            first = left;
        }
        operators.reverse();
        (Op::Chain(operators), self.all(std::iter::once(first).chain(operands.into_iter().rev())))
    }

    /// `a or b or c` as one operation, so that long ones do not nest.
    fn logical(&mut self, value: &Expr) -> (Op, Vec<Operand>) {
        let is_and = matches!(value.kind, ExprKind::And(..));
        let (mut operands, mut first) = (Vec::new(), value);
        while let (ExprKind::And(left, right), true) | (ExprKind::Or(left, right), false) =
            (&first.kind, is_and)
        {
            operands.push(&**right);
            first = left;
        }
        let operands = self.all(std::iter::once(first).chain(operands.into_iter().rev()));
        (if is_and { Op::And } else { Op::Or }, operands)
    }

    /// A call. With the body of a `call` tag as its last argument, that is what the operation is given.
    pub(super) fn call(&mut self, call: &Expr, callee: &Expr, args: &[Arg], caller: bool) -> Operand {
        let mut keywords = keywords(args);
        if caller {
            keywords.push("caller".to_owned());
        }
        let path = path_of(callee);
        let (op, mut operands) = match &callee.kind {
            ExprKind::Member { object, key, .. } => {
                let (name, key) = match &key.kind {
                    ExprKind::Str(name) => (Some(name.clone()), None),
                    _ => (None, Some(&**key)),
                };
                let operands = self.all(std::iter::once(&**object).chain(key));
                (Op::Method { path, name, keywords }, operands)
            }
            _ => (Op::Call { path, keywords }, vec![self.expression(callee)]),
        };
        operands.extend(self.arguments(args));
        operands.extend(caller.then_some(Operand::Given(0)));
        self.site(op, call.span, operands)
    }

    /// Positional arguments, then named ones in the order of [`keywords`].
    pub(super) fn arguments(&mut self, args: &[Arg]) -> Vec<Operand> {
        let (named, positional): (Vec<_>, Vec<_>) = args.iter().partition(|arg| arg.name.is_some());
        self.all(positional.into_iter().chain(named).map(|arg| &arg.value))
    }
}

/// The names of the named arguments.
pub(super) fn keywords(args: &[Arg]) -> Vec<String> {
    args.iter().filter_map(|arg| arg.name.clone()).collect()
}
