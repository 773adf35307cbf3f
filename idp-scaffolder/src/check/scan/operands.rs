//! What the operators of strict templates take: nothing is converted there.

use serde_json::Value;

use super::Scan;
use super::samples::samples;
use crate::check::draft::{Draft, Sign};
use crate::check::types::{Kinds, Type};
use crate::expr::inspect::{Expr, operator_takes};

/// The kinds that values are told apart by.
const KINDS: [Kinds; 6] =
    [Kinds::NULL, Kinds::BOOL, Kinds::NUMBER, Kinds::STRING, Kinds::ARRAY, Kinds::OBJECT];

/// How many values stand for a kind.
const MOST: usize = 4;

impl Scan<'_> {
    /// Says that an operator takes no two values that its operands can have: asked of the operator itself, with values of
    /// each kind.
    pub(super) fn check_operands(
        &mut self,
        expr: &Expr,
        op: &str,
        left: (&Expr, &Type),
        right: (&Expr, &Type),
    ) {
        let (Some(first), Some(second)) = (values(left.1), values(right.1)) else { return };
        if operator_takes(self.engine, op, &first, &second) {
            return;
        }
        let is = |(expr, it): (&Expr, &Type)| {
            format!("`{}` is {}", self.slice(expr.span), it.kinds.without(Kinds::UNDEFINED))
        };
        let message = format!("{} and {}, which `{op}` does not take", is(left), is(right));
        let draft = Draft::error("operand-types", message, self.spot(expr.span));
        let text = |it: &Type| it.kinds.meets(Kinds::STRING);
        let draft = match op == "+" && (text(left.1) || text(right.1)) {
            true => draft.help("`~` joins what is printed of two values"),
            false => draft,
        };
        let draft = self.rendered(draft, Sign::Fails, expr.span);
        self.push(draft);
    }
}

/// Values that stand for all that something can be where it is there; `None` where that is not known.
fn values(it: &Type) -> Option<Vec<Value>> {
    let kinds = it.kinds.without(Kinds::UNDEFINED);
    if kinds == Kinds::NONE || kinds.meets(Kinds::OTHER) {
        return None;
    }
    let kinds = KINDS.into_iter().filter(|kind| kinds.meets(*kind));
    // What an operator takes depends on what a number is, not on what a text says.
    let most = |kind| if kind == Kinds::STRING { 1 } else { MOST };
    Some(kinds.flat_map(|kind| samples(kind, it).into_iter().flatten().take(most(kind))).collect())
}
