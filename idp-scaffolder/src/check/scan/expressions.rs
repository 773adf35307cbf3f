//! The type of an expression.

use idp_core::Span;
use serde_json::Value;

use super::Scan;
use super::members::Use;
use crate::check::draft::{Draft, Need, Sign, Want};
use crate::check::facts::{children, facts, is_equality, literal, path};
use crate::check::types::{Kinds, Type};
use crate::expr::inspect::{Expr, ExprKind};

/// The operators that want operands of some kinds.
const ARITHMETIC: [&str; 7] = ["+", "-", "*", "/", "//", "%", "**"];

impl Scan<'_> {
    /// The type of an expression whose value is used.
    pub(super) fn value(&mut self, expr: &Expr) -> Type {
        self.expression(expr, Use::Value)
    }

    pub(super) fn expression(&mut self, expr: &Expr, r#use: Use) -> Type {
        match &expr.kind {
            ExprKind::Null | ExprKind::Bool(_) | ExprKind::Number(_) | ExprKind::Str(_) => {
                literal(expr).as_ref().map_or_else(Type::any, Type::literal)
            }
            ExprKind::Regex { .. } => Type::of(Kinds::OTHER),
            ExprKind::Name(_) | ExprKind::Member { .. } => {
                let it = self.access(expr, r#use);
                self.note_use(&it);
                it
            }
            ExprKind::Array(items) => {
                let all = items.iter().map(|it| self.value(it)).reduce(Type::union);
                let list = Type::list(all.unwrap_or_else(Type::any));
                Type { filled: !items.is_empty(), ..list }
            }
            ExprKind::Dict(entries) => {
                let entries: Vec<_> =
                    entries.iter().map(|(key, value)| (key.clone(), self.value(value))).collect();
                Type::closed(entries)
            }
            ExprKind::Group(items) => self.group(items, r#use),
            ExprKind::Slice { object, bounds } => {
                self.value(object);
                bounds.iter().flatten().for_each(|bound| drop(self.value(bound)));
                Type::any()
            }
            ExprKind::Call { callee, args } => self.call(expr, callee, args),
            ExprKind::Filter { name, input, args } => self.filter(expr, name, input, args),
            ExprKind::Test { name, input, args, .. } => self.test(expr, name, input, args),
            ExprKind::Unary { operand, .. } => {
                self.value(operand);
                Type::number()
            }
            ExprKind::Not(inner) => {
                self.condition(inner);
                Type::boolean()
            }
            ExprKind::And(..) => self.and(expr),
            ExprKind::Or(..) => self.or(expr, r#use),
            ExprKind::In { item, container, .. } => self.membership(expr, item, container),
            ExprKind::Binary { op, left, right } => self.binary(expr, op, left, right),
            ExprKind::Inline { then, condition, otherwise } => {
                self.inline(then, condition, otherwise.as_deref())
            }
        }
    }

    /// The last of several; where minijinja's rules apply, those are a list.
    fn group(&mut self, items: &[Expr], r#use: Use) -> Type {
        let last = items.iter().map(|it| self.expression(it, r#use)).last();
        let is_list = self.is_strict() && items.len() > 1;
        last.filter(|_| !is_list).unwrap_or_else(Type::any)
    }

    /// Runs a part of the walk with more facts than hold around it.
    pub(super) fn under<T>(&mut self, condition: &Expr, holds: bool, part: impl FnOnce(&mut Self) -> T) -> T {
        let mark = self.env.mark();
        self.env.settle(facts(condition, holds));
        let answer = part(self);
        self.env.leave(mark);
        answer
    }

    /// Reads a branch. One that is never taken is read without saying anything of it: why it is not has been said.
    pub(super) fn branch<T>(
        &mut self,
        condition: &Expr,
        holds: bool,
        truth: Option<bool>,
        part: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let before = self.seen.drafts.len();
        let answer = self.under(condition, holds, part);
        if truth == Some(!holds) {
            self.seen.drafts.truncate(before);
        }
        answer
    }

    fn and(&mut self, expr: &Expr) -> Type {
        let (first, others) = operands(expr, |it| match &it.kind {
            ExprKind::And(left, right) => Some((left, right)),
            _ => None,
        });
        // Who also asks how long a list is knows that an empty one counts as true.
        let counted =
            path(first).zip(others.first()).is_some_and(|(path, second)| asks_length(second, &path));
        let mut it = if counted { self.expression(first, self.asked()) } else { self.condition(first) };
        let (mark, mut left) = (self.env.mark(), first);
        for right in others {
            self.env.settle(facts(left, true));
            let before = self.seen.drafts.len();
            let next = self.expression(right, self.asked());
            it = match self.truth(&it) {
                Some(true) => next,
                Some(false) => {
                    self.seen.drafts.truncate(before);
                    it
                }
                None => it.union(next),
            };
            left = right;
        }
        self.env.leave(mark);
        it
    }

    fn or(&mut self, expr: &Expr, r#use: Use) -> Type {
        let (first, others) = operands(expr, |it| match &it.kind {
            ExprKind::Or(left, right) => Some((left, right)),
            _ => None,
        });
        let mut it = self.expression(first, self.asked());
        let (mark, mut left) = (self.env.mark(), first);
        for (index, right) in others.iter().enumerate() {
            self.env.settle(facts(left, false));
            let last = index + 1 == others.len();
            let next = self.expression(right, if last { r#use } else { self.asked() });
            it = match self.truth(&it) {
                Some(true) => it,
                Some(false) => next,
                None => Type { kinds: it.kinds.without(Kinds::NULLISH), ..it }.union(next),
            };
            left = right;
        }
        self.env.leave(mark);
        it
    }

    fn inline(&mut self, then: &Expr, condition: &Expr, otherwise: Option<&Expr>) -> Type {
        let it = self.condition(condition);
        let truth = self.truth(&it);
        let first = self.branch(condition, true, truth, |scan| scan.value(then));
        let second = match otherwise {
            Some(otherwise) => self.branch(condition, false, truth, |scan| scan.value(otherwise)),
            // Nothing there that prints as such.
            None if self.is_strict() => Type::any(),
            None => Type::literal(&Value::from("")),
        };
        match truth {
            Some(true) => first,
            Some(false) => second,
            None => first.union(second),
        }
    }

    fn binary(&mut self, expr: &Expr, op: &'static str, left: &Expr, right: &Expr) -> Type {
        if op == "-" && self.dashed(expr) {
            return Type::any();
        }
        // To compare with something is also to ask whether it is there.
        let r#use = if is_equality(op) { self.asked() } else { Use::Value };
        let (first, second) = (self.expression(left, r#use), self.expression(right, r#use));
        if self.is_strict() && ARITHMETIC.contains(&op) {
            self.check_operands(expr, op, (left, &first), (right, &second));
        }
        match op {
            _ if is_equality(op) => self.compare(expr, op, (left, &first), (right, &second)),
            "<" | "<=" | ">" | ">=" => Type::boolean(),
            // They join and repeat texts and lists as well.
            "+" | "*" if self.is_strict() => Type::any(),
            "+" => sum(&first, &second),
            "~" => Type::string(),
            _ => Type::number(),
        }
    }

    fn membership(&mut self, expr: &Expr, item: &Expr, container: &Expr) -> Type {
        let (sought, held) = (self.value(item), self.value(container));
        self.never_in(expr, &sought, &held);
        if held.kinds.meets(Kinds::UNDEFINED) && !self.is_strict() {
            self.may_be_absent(container, &held, "`in` needs a list, a text or an object", expr.span);
        }
        Type::boolean()
    }

    /// Says that an expression fails where what it needs is absent. Only where nobody has asked, and a parameter
    /// decides.
    pub(super) fn may_be_absent(&mut self, subject: &Expr, it: &Type, why: &str, span: Span) {
        let (Some(path), Some(origin)) = (path(subject), it.origin.clone()) else { return };
        if it.kinds.within(Kinds::NULLISH) || self.env.is_asked(&path) {
            return;
        }
        let name = self.slice(subject.span).to_owned();
        let what =
            if self.is_file() || self.is_strict() { "the step fails" } else { "the text stays unrendered" };
        let defined = if self.is_strict() { " is defined" } else { "" };
        let draft = Draft::warning(
            "maybe-undefined",
            format!("`{name}` is optional, and {what} without it: {why}"),
            self.spot(span),
        )
        .help(format!("ask for it with `if {name}{defined}`, give it a default, or require the parameter"));
        let mut draft = self.rendered(draft, Sign::Fails, span);
        draft.needs.push(Need { path: origin, want: Want::Absent });
        self.push(draft);
    }
}

/// The operands of `a and b and c`: what is settled by each counts for those after it. Going from pair to pair instead
/// would settle the first one again for every other.
fn operands<'e>(
    mut expr: &'e Expr,
    split: impl Fn(&'e Expr) -> Option<(&'e Expr, &'e Expr)>,
) -> (&'e Expr, Vec<&'e Expr>) {
    let mut others = Vec::new();
    while let Some((left, right)) = split(expr) {
        others.push(right);
        expr = left;
    }
    others.reverse();
    (expr, others)
}

/// Whether an expression asks for the length of what a path leads to.
fn asks_length(expr: &Expr, of: &[String]) -> bool {
    let counted = match &expr.kind {
        ExprKind::Filter { name, input, .. } if name == "length" => path(input),
        ExprKind::Member { object, key, .. } if key.kind == ExprKind::Str("length".to_owned()) => {
            path(object)
        }
        _ => None,
    };
    counted.is_some_and(|path| path == of) || children(expr).into_iter().any(|inner| asks_length(inner, of))
}

fn sum(left: &Type, right: &Type) -> Type {
    let numeric = Kinds::NULLISH.or(Kinds::BOOL).or(Kinds::NUMBER);
    match () {
        () if left.kinds.within(numeric) && right.kinds.within(numeric) => Type::number(),
        () if left.kinds.meets(numeric) && right.kinds.meets(numeric) => {
            Type::of(Kinds::NUMBER.or(Kinds::STRING))
        }
        () => Type::string(),
    }
}
