//! Conditions: what always holds, what never does, and what holds where it was not meant to.

use serde_json::{Value, json};

use idp_core::{Severity, Span, similar};

use super::Scan;
use super::members::Use;
use crate::check::draft::{Draft, Need, Sign, Want};
use crate::check::facts::{literal, path};
use crate::check::types::{Kinds, Type};
use crate::expr::inspect::{Expr, ExprKind, equal_in_minijinja, loosely_equal, strictly_equal};

/// Texts that say no and count as yes.
const DENIALS: [&str; 6] = ["false", "no", "off", "none", "0", "null"];

impl Scan<'_> {
    /// The type of an expression that decides a branch.
    pub(crate) fn condition(&mut self, expr: &Expr) -> Type {
        if let ExprKind::Group(items) = &expr.kind
            && let [item] = &items[..]
        {
            return self.condition(item);
        }
        let it = self.expression(expr, self.asked());
        if path(expr).is_some() {
            self.check_truth(expr, &it);
        }
        it
    }

    /// Says that a condition is a text because something stands around its expression.
    pub(crate) fn condition_in_text(&mut self, always: &str) {
        let whole = Span::new(0, self.passage.text.len());
        let message = format!(
            "what stands around the expression makes all of it a text, which counts as true: {always}"
        );
        let draft = Draft::error("literal-condition", message, self.spot(whole)).help(
            "write one expression with nothing around it, not even a line break: `and`, `or`, `not` go inside",
        );
        let draft = self.rendered(draft, Sign::BecomesText, whole);
        self.push(draft);
    }

    /// The type of a condition that is all of an `if` of the template: there, and only there, an empty list does not
    /// hold.
    pub(crate) fn whole_truth(&mut self, expr: &Expr) -> Type {
        let it = self.expression(expr, self.asked());
        if path(expr).is_some() && !it.kinds.meets(Kinds::ARRAY) {
            self.check_truth(expr, &it);
        }
        if it.kinds.meets(Kinds::ARRAY) { Type::any() } else { it }
    }

    /// What a condition is read for: to ask is to guard, except where asking fails as well.
    pub(super) fn asked(&self) -> Use {
        if self.is_strict() { Use::Value } else { Use::Guard }
    }

    /// Whether a value holds as a condition; `None` where that depends. An empty container does not in strict templates.
    pub(super) fn truth(&self, it: &Type) -> Option<bool> {
        let may_be_empty = self.is_strict() && it.kinds.meets(Kinds::CONTAINERS) && !it.filled;
        if may_be_empty { None } else { it.truth() }
    }

    /// Whether something that can be false in its author's mind can be so in the engine's.
    fn check_truth(&mut self, expr: &Expr, it: &Type) {
        let name = self.slice(expr.span).to_owned();
        if !self.is_strict()
            && it.kinds.meets(Kinds::ARRAY)
            && it.kinds.within(Kinds::ARRAY.or(Kinds::NULLISH))
            && !it.filled
        {
            let message = format!("an empty list counts as true, so this holds when `{name}` has no items");
            // A list that may be left out is asked for with good reason, if only for half of it.
            let optional = it.kinds.meets(Kinds::UNDEFINED);
            let severity = if optional { Severity::Info } else { Severity::Warning };
            let draft = Draft::new(severity, "list-truthiness", message, self.spot(expr.span))
                .help(format!("ask for `{name} | length`"));
            self.witnessed(draft, Sign::Holds, expr, it, Want::Value(json!([])));
        }
        let denial = it.values.iter().flatten().find(|value| {
            value.as_str().is_some_and(|text| DENIALS.contains(&text.trim().to_lowercase().as_str()))
        });
        if let Some(denial) = denial.cloned().filter(|_| it.kinds.within(Kinds::STRING.or(Kinds::NULLISH))) {
            let message =
                format!("the text {denial} counts as true, so this holds when `{name}` is {denial}");
            let draft = Draft::warning("text-truthiness", message, self.spot(expr.span))
                .help(format!("compare it: `{name} == 'true'`, or make it a boolean"));
            self.witnessed(draft, Sign::Holds, expr, it, Want::Value(denial));
        }
    }

    /// Says something that shows where the parameter behind a value is like this.
    fn witnessed(&mut self, draft: Draft, sign: Sign, expr: &Expr, it: &Type, want: Want) {
        let mut draft = self.rendered(draft, sign, expr.span);
        if let Some(path) = it.origin.clone() {
            draft.needs.push(Need { path, want });
        }
        self.push(draft);
    }

    /// The type of a comparison. One that can only come out one way is said so, where somebody chooses the value.
    pub(super) fn compare(
        &mut self,
        expr: &Expr,
        op: &str,
        left: (&Expr, &Type),
        right: (&Expr, &Type),
    ) -> Type {
        let (subject, it, other) = match (literal(left.0), literal(right.0)) {
            (None, Some(value)) => (left.0, left.1, value),
            (Some(value), None) => (right.0, right.1, value),
            _ => return Type::boolean(),
        };
        if path(subject).is_none() || it.is_never() || self.may_equal(it, &other, op.len() == 3) {
            return Type::boolean();
        }
        if self.is_choice(it) && (!self.is_file() || it.values.is_none() || meant(it, &other).is_some()) {
            self.never_equal(expr, op, subject, it, &other);
        }
        Type::literal(&op.starts_with('!').into())
    }

    fn never_equal(&mut self, expr: &Expr, op: &str, subject: &Expr, it: &Type, other: &Value) {
        let name = self.slice(subject.span).to_owned();
        let outcome = if op.starts_with('!') { "always holds" } else { "never holds" };
        let message = format!("`{name}` is {}, never {other}: this {outcome}", describe(it));
        let draft = Draft::warning("never-equal", message, self.spot(expr.span));
        let draft = match meant(it, other) {
            Some(meant) => draft.help(format!("did you mean {meant}?")),
            None => draft,
        };
        let sign = if op.starts_with('!') { Sign::Holds } else { Sign::Refuses };
        let draft = self.rendered(draft, sign, expr.span);
        self.push(draft);
    }

    /// Whether somebody chooses a value. One that is not there, or that a template passes on as a constant, decides which
    /// part of a shared file is meant: nothing is wrong with the other parts.
    fn is_choice(&self, it: &Type) -> bool {
        let constant = it.origin.is_none() && it.values.as_ref().is_some_and(|values| values.len() == 1);
        it.kinds.without(Kinds::NULLISH) != Kinds::NONE && !(self.is_file() && constant)
    }

    /// Says that a list never holds what is looked for.
    pub(super) fn never_in(&mut self, expr: &Expr, sought: &Type, held: &Type) {
        let (Some(values), Some(items)) = (&sought.values, &held.items) else { return };
        let ([value], true) = (&values[..], held.kinds.within(Kinds::ARRAY.or(Kinds::NULLISH))) else {
            return;
        };
        if items.is_never()
            || self.may_equal(items, value, true)
            || (self.is_file() && meant(items, value).is_none())
        {
            return;
        }
        let message = format!("the items are {}, never {value}: nothing is found", describe(items));
        let draft = Draft::warning("never-equal", message, self.spot(expr.span));
        let draft = match meant(items, value) {
            Some(meant) => draft.help(format!("did you mean {meant}?")),
            None => draft,
        };
        let draft = self.rendered(draft, Sign::Refuses, expr.span);
        self.push(draft);
    }

    fn may_equal(&self, it: &Type, other: &Value, identical: bool) -> bool {
        match self.is_strict() {
            true => may_equal_in_minijinja(it, other),
            false => may_equal(it, other, identical),
        }
    }
}

/// As [`may_equal`], where nothing is converted; a boolean is a number.
fn may_equal_in_minijinja(it: &Type, other: &Value) -> bool {
    let numeric = Kinds::BOOL.or(Kinds::NUMBER);
    let kind = Kinds::of(other);
    let kinds = if kind.within(numeric) { numeric } else { kind };
    match &it.values {
        Some(values) => values.iter().any(|value| equal_in_minijinja(value, other)),
        None => it.kinds.meets(kinds.or(Kinds::OTHER)),
    }
}

/// Whether a value of a type can equal a literal.
fn may_equal(it: &Type, other: &Value, strict: bool) -> bool {
    let equal = if strict { strictly_equal } else { loosely_equal };
    if it.kinds.meets(Kinds::UNDEFINED) && other.is_null() && !strict {
        return true;
    }
    if let Some(values) = &it.values {
        return values.iter().any(|value| equal(value, other));
    }
    let kind = Kinds::of(other);
    if strict || it.kinds.meets(kind) {
        return it.kinds.meets(kind);
    }
    // Numbers, texts, lists and objects turn into each other; a boolean turns into 0 or 1.
    let convertible = it.kinds.without(Kinds::NULLISH);
    match other {
        Value::Null => it.kinds.meets(Kinds::NULLISH),
        Value::String(text) if convertible == Kinds::BOOL => {
            [true, false].iter().any(|flag| equal(&json!(flag), &json!(text)))
        }
        Value::String(text) if convertible == Kinds::NUMBER => text.trim().parse::<f64>().is_ok(),
        _ => convertible != Kinds::NONE,
    }
}

/// What a type can be, for a person.
fn describe(it: &Type) -> String {
    match &it.values {
        Some(values) if !values.is_empty() && values.len() <= 8 => {
            let values: Vec<_> = values.iter().map(ToString::to_string).collect();
            values.join(" or ")
        }
        _ => it.kinds.without(Kinds::UNDEFINED).to_string(),
    }
}

/// The value of a type that a literal was meant to be.
fn meant(it: &Type, other: &Value) -> Option<Value> {
    let text = other.as_str()?;
    let values = it.values.as_ref()?;
    let printed: Vec<String> =
        values.iter().map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)).collect();
    let near = similar(text, &printed)?;
    values.get(printed.iter().position(|it| it == near)?).cloned()
}
