//! `steps.a-b`: a subtraction that was meant as a name.

use super::members::Use;
use super::{Scan, Seen};
use crate::check::draft::{Draft, Sign};
use crate::check::facts::{children, path};
use crate::check::types::Type;
use crate::expr::inspect::{Expr, ExprKind};

impl Scan<'_> {
    /// Whether a subtraction was meant as a name with dashes; says so.
    pub(super) fn dashed(&mut self, expr: &Expr) -> bool {
        let Some((object, name)) = self.dashed_name(expr) else { return false };
        if self.part_is_known(expr) && !self.is_meant(object, &name) {
            return false;
        }
        let subject = self.slice(object.span).to_owned();
        let message = format!("`{}` is a subtraction, and no number comes of it", self.slice(expr.span));
        let draft = Draft::error("dashed-name", message, self.spot(expr.span))
            .help(format!("write `{subject}['{name}']`"));
        let draft = self.rendered(draft, Sign::Undefined, expr.span);
        self.push(draft);
        true
    }

    /// Whether there is something of a dashed name. What is not read from a chain of names is not asked: it may have
    /// dashes of its own, all of which would be read twice.
    fn is_meant(&mut self, object: &Expr, name: &str) -> bool {
        if path(object).is_none() {
            return false;
        }
        let held = self.quietly(|scan| scan.expression(object, Use::Value));
        let is_step = self.slice(object.span) == "steps" && self.vocabulary.steps.iter().any(|id| id == name);
        is_step || held.members.is_some_and(|members| members.known.contains_key(name))
    }

    /// The object and the name that `object.a-b` was meant for.
    fn dashed_name<'e>(&self, expr: &'e Expr) -> Option<(&'e Expr, String)> {
        let ExprKind::Binary { op: "-", left, right } = &expr.kind else { return None };
        if self.passage.text.get(left.span.end..right.span.start)? != "-" {
            return None;
        }
        let last = leftmost(right)?;
        let (object, first) = match &left.kind {
            ExprKind::Member { object, key, dotted: true } => match &key.kind {
                ExprKind::Str(name) => (&**object, name.clone()),
                _ => return None,
            },
            ExprKind::Binary { .. } => self.dashed_name(left)?,
            _ => return None,
        };
        Some((object, format!("{first}-{last}")))
    }

    /// Whether what follows the dash is something of its own.
    fn part_is_known(&self, expr: &Expr) -> bool {
        let ExprKind::Binary { right, .. } = &expr.kind else { return true };
        leftmost(right).is_none_or(|name| self.env.name(name).is_some())
    }

    /// Looks at an expression without saying anything of it.
    fn quietly(&mut self, part: impl FnOnce(&mut Scan<'_>) -> Type) -> Type {
        let mut seen = Seen::default();
        let mut scan = Scan {
            engine: self.engine,
            vocabulary: self.vocabulary,
            passage: self.passage.clone(),
            origin: self.origin.clone(),
            env: self.env.clone(),
            seen: &mut seen,
        };
        part(&mut scan)
    }
}

/// The name that an expression begins with.
fn leftmost(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Name(name) => Some(name),
        ExprKind::Member { .. } | ExprKind::Call { .. } => leftmost(children(expr).first()?),
        _ => None,
    }
}
