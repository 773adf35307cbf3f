//! What a condition settles where it holds, and where it does not.

use serde_json::Value;

use super::env::{Fact, Path, What};
use super::types::Kinds;
use crate::expr::inspect::{Arg, Expr, ExprKind};

/// The names of a chain such as `parameters.repo['name']`; `None` for any other expression.
pub(crate) fn path(expr: &Expr) -> Option<Path> {
    match &expr.kind {
        ExprKind::Name(name) => Some(vec![name.clone()]),
        ExprKind::Group(items) => match &items[..] {
            [item] => path(item),
            _ => None,
        },
        ExprKind::Member { object, key, .. } => {
            let ExprKind::Str(name) = &key.kind else { return None };
            let mut path = path(object)?;
            path.push(name.clone());
            Some(path)
        }
        _ => None,
    }
}

/// The value of a literal.
pub(crate) fn literal(expr: &Expr) -> Option<Value> {
    match &expr.kind {
        ExprKind::Null => Some(Value::Null),
        ExprKind::Bool(value) => Some((*value).into()),
        ExprKind::Number(value) => Some(crate::expr::inspect::number_json(*value)),
        ExprKind::Str(text) => Some(text.as_str().into()),
        ExprKind::Array(items) => items.iter().map(literal).collect::<Option<Vec<_>>>().map(Value::Array),
        ExprKind::Group(items) => match &items[..] {
            [item] => literal(item),
            _ => None,
        },
        _ => None,
    }
}

/// What is settled where `condition` has come out as `holds`.
pub(crate) fn facts(condition: &Expr, holds: bool) -> Vec<Fact> {
    if let Some(path) = path(condition) {
        return about(path, What::Truth(holds), holds);
    }
    match &condition.kind {
        ExprKind::Group(items) => items.last().map(|it| facts(it, holds)).unwrap_or_default(),
        ExprKind::Not(inner) => facts(inner, !holds),
        ExprKind::And(left, right) if holds => both(left, right, true),
        ExprKind::Or(left, right) if !holds => both(left, right, false),
        ExprKind::Or(..) => match choice(condition) {
            Some((path, values)) => about(path, What::OneOf(values), true),
            None => mentioned(condition),
        },
        ExprKind::Binary { op, left, right } if is_equality(op) => {
            equality(left, right, holds != op.starts_with('!'))
        }
        ExprKind::Test { name, input, args, negated } => test(name, input, args, holds != *negated),
        ExprKind::In { item, container, negated } if holds != *negated => membership(item, container),
        _ => mentioned(condition),
    }
}

pub(crate) fn is_equality(op: &str) -> bool {
    matches!(op, "==" | "===" | "!=" | "!==")
}

/// A fact, and that everything on the way to it is there. A name itself always is.
fn about(path: Path, what: What, there: bool) -> Vec<Fact> {
    let parents = (2..path.len()).filter(|_| there);
    let mut facts: Vec<_> =
        parents.map(|length| Fact { path: path[..length].to_vec(), what: What::Truth(true) }).collect();
    facts.push(Fact { path, what });
    facts
}

fn both(left: &Expr, right: &Expr, hold: bool) -> Vec<Fact> {
    let mut found = facts(left, hold);
    found.extend(facts(right, hold));
    found
}

fn equality(left: &Expr, right: &Expr, equal: bool) -> Vec<Fact> {
    let pair = |a: &Expr, b: &Expr| Some((path(a)?, literal(b)?));
    let Some((path, value)) = pair(left, right).or_else(|| pair(right, left)) else {
        let mut found = mentioned(left);
        found.extend(mentioned(right));
        return found;
    };
    let nullish = value.is_null();
    let what = if equal { What::Equal(value) } else { What::Unequal(value) };
    match (nullish, equal) {
        // Undefined equals null.
        (true, true) => about(path, What::Truth(false), false),
        (true, false) => about(path, What::Defined(true), true),
        _ => about(path, what, equal),
    }
}

/// The path of which `path == 'a' or path == 'b'` asks whether it is one of some texts, and those.
fn choice(expr: &Expr) -> Option<(Path, Vec<Value>)> {
    match &expr.kind {
        ExprKind::Group(items) => match &items[..] {
            [item] => choice(item),
            _ => None,
        },
        ExprKind::Or(left, right) => {
            let ((path, mut values), (other, more)) = (choice(left)?, choice(right)?);
            values.extend(more);
            (path == other).then_some((path, values))
        }
        ExprKind::Binary { op: "==" | "===", left, right } => {
            Some((path(left)?, vec![literal(right).filter(Value::is_string)?]))
        }
        _ => None,
    }
}

fn test(name: &str, input: &Expr, args: &[Arg], holds: bool) -> Vec<Fact> {
    let Some(path) = path(input) else { return mentioned(input) };
    match (name, args) {
        ("defined", _) => about(path, What::Defined(holds), holds),
        ("undefined", _) => about(path, What::Defined(!holds), !holds),
        ("truthy", _) => about(path, What::Truth(holds), holds),
        ("falsy", _) => about(path, What::Truth(!holds), !holds),
        _ => match kind(name) {
            Some(kinds) => about(path, What::Kind(kinds, holds), holds),
            None => vec![Fact { path, what: What::Mentioned }],
        },
    }
}

/// The kind of value that a test asks for.
fn kind(test: &str) -> Option<Kinds> {
    Some(match test {
        "boolean" => Kinds::BOOL,
        "number" => Kinds::NUMBER,
        "string" => Kinds::STRING,
        "sequence" => Kinds::ARRAY,
        "mapping" => Kinds::OBJECT,
        _ => return None,
    })
}

fn membership(item: &Expr, container: &Expr) -> Vec<Fact> {
    match (path(item), literal(container)) {
        (Some(path), Some(Value::Array(values))) => about(path, What::OneOf(values), true),
        _ => {
            let mut found = mentioned(item);
            found.extend(mentioned(container));
            found
        }
    }
}

/// Every path in an expression, of which nothing is known but that somebody has thought of it.
fn mentioned(expr: &Expr) -> Vec<Fact> {
    let mut found = Vec::new();
    mention(expr, &mut found);
    found
}

fn mention(expr: &Expr, found: &mut Vec<Fact>) {
    if let Some(path) = path(expr) {
        found.push(Fact { path, what: What::Mentioned });
        return;
    }
    children(expr).into_iter().for_each(|child| mention(child, found));
}

/// The names that an expression reads.
pub(crate) fn names(expr: &Expr) -> Vec<&str> {
    match &expr.kind {
        ExprKind::Name(name) => vec![name],
        _ => children(expr).into_iter().flat_map(names).collect(),
    }
}

/// The expressions directly inside an expression.
pub(crate) fn children(expr: &Expr) -> Vec<&Expr> {
    expr.kind.children()
}
