//! What is known of a value before there is one.

mod kinds;
mod schema;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

pub(crate) use kinds::Kinds;
pub(crate) use schema::{is_computed, of_output, of_parameters, of_schema};

/// How many values are told apart before only their kinds count.
const MOST_VALUES: usize = 32;

/// What a value can be. What is not known is allowed: a finding needs a type that leaves no way out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Type {
    /// The kinds it can be of.
    pub(crate) kinds: Kinds,
    /// Every value it can have beside undefined, where they are few and known.
    pub(crate) values: Option<Vec<Value>>,
    /// What it has where it is an object; `None` where that is not known.
    pub(crate) members: Option<Arc<Members>>,
    /// What its items are where it is a list; `None` where that is not known.
    pub(crate) items: Option<Arc<Type>>,
    /// A list of it is never empty.
    pub(crate) filled: bool,
    /// The parameter that it is a copy of, as the names that lead to it.
    pub(crate) origin: Option<Vec<String>>,
}

/// The members of an object.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Members {
    /// The known ones. One that may be absent can be undefined.
    pub(crate) known: BTreeMap<String, Type>,
    /// There may be others.
    pub(crate) open: bool,
}

impl Type {
    pub(crate) fn of(kinds: Kinds) -> Self {
        Self { kinds, values: None, members: None, items: None, filled: false, origin: None }
    }

    /// Anything at all.
    pub(crate) fn any() -> Self {
        Self::of(Kinds::ANY)
    }

    pub(crate) fn undefined() -> Self {
        Self::of(Kinds::UNDEFINED)
    }

    pub(crate) fn string() -> Self {
        Self::of(Kinds::STRING)
    }

    pub(crate) fn number() -> Self {
        Self::of(Kinds::NUMBER)
    }

    pub(crate) fn boolean() -> Self {
        Self::of(Kinds::BOOL)
    }

    pub(crate) fn list(items: Self) -> Self {
        Self { items: Some(Arc::new(items)), ..Self::of(Kinds::ARRAY) }
    }

    pub(crate) fn object(members: Members) -> Self {
        Self { members: Some(Arc::new(members)), ..Self::of(Kinds::OBJECT) }
    }

    /// An object with these members and no others.
    pub(crate) fn closed(known: impl IntoIterator<Item = (String, Self)>) -> Self {
        Self::object(Members { known: known.into_iter().collect(), open: false })
    }

    /// Exactly this value, its insides included.
    pub(crate) fn literal(value: &Value) -> Self {
        let mut it = match value {
            Value::Array(items) => {
                let all = items.iter().map(Self::literal).reduce(Self::union);
                Self { filled: !items.is_empty(), ..Self::list(all.unwrap_or_else(Self::any)) }
            }
            Value::Object(map) => {
                Self::closed(map.iter().map(|(key, value)| (key.clone(), Self::literal(value))))
            }
            scalar => Self::of(Kinds::of(scalar)),
        };
        it.values = Some(vec![value.clone()]);
        it
    }

    /// One of these values.
    pub(crate) fn one_of(values: &[Value]) -> Self {
        values.iter().map(Self::literal).reduce(Self::union).unwrap_or_else(Self::any)
    }

    /// Whether it cannot be anything: nothing that is read there is ever reached.
    pub(crate) fn is_never(&self) -> bool {
        self.kinds == Kinds::NONE
    }

    /// The same, and possibly absent.
    pub(crate) fn optional(mut self) -> Self {
        self.kinds = self.kinds.or(Kinds::UNDEFINED);
        self
    }

    /// The same, where it is there.
    pub(crate) fn present(mut self) -> Self {
        self.kinds = self.kinds.without(Kinds::UNDEFINED);
        self
    }

    /// The same kinds of value, without knowing which.
    pub(crate) fn copied_from(mut self, origin: Option<Vec<String>>) -> Self {
        self.origin = origin;
        self
    }

    /// One or the other.
    pub(crate) fn union(self, other: Self) -> Self {
        let (mine, theirs) = (self.kinds, other.kinds);
        let origin = if self.origin == other.origin { self.origin.clone() } else { None };
        Self {
            kinds: mine.or(theirs),
            values: both_values(&self, &other),
            members: either(Kinds::OBJECT, mine, theirs, self.members, other.members, Members::union),
            items: either(Kinds::ARRAY, mine, theirs, self.items, other.items, Self::union),
            filled: (self.filled || !mine.meets(Kinds::ARRAY))
                && (other.filled || !theirs.meets(Kinds::ARRAY)),
            origin,
        }
    }

    /// Only the values that `keep` admits, where values are known.
    pub(crate) fn retain(mut self, keep: impl Fn(&Value) -> bool) -> Self {
        if let Some(values) = &mut self.values {
            values.retain(|value| keep(value));
            let left = values.iter().fold(Kinds::NONE, |kinds, value| kinds.or(Kinds::of(value)));
            self.kinds = left.or(self.kinds.and(Kinds::UNDEFINED));
        }
        self
    }

    /// A member that is read by name. `None` where it certainly is no member.
    pub(crate) fn member(&self, name: &str) -> Option<Self> {
        match &self.members {
            None => Some(Self::any()),
            Some(members) => match members.known.get(name) {
                Some(known) => Some(known.clone()),
                None if members.open => Some(Self::any()),
                None => None,
            },
        }
    }

    /// Whether it holds as a condition; `None` where that depends.
    pub(crate) fn truth(&self) -> Option<bool> {
        let seen = self.values.as_ref().map(|values| {
            let mut truths: Vec<_> = values.iter().map(truthy).collect();
            if self.kinds.meets(Kinds::UNDEFINED) {
                truths.push(false);
            }
            truths.dedup();
            if let [truth] = truths[..] { Some(truth) } else { None }
        });
        match seen {
            Some(truth) => truth,
            None if self.kinds.within(Kinds::NULLISH) => Some(false),
            None if self.kinds.within(Kinds::CONTAINERS) => Some(true),
            None => None,
        }
    }
}

/// Whether JavaScript takes a value for true.
pub(crate) fn truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}

fn both_values(left: &Type, right: &Type) -> Option<Vec<Value>> {
    let values = |it: &Type| match it.kinds {
        Kinds::UNDEFINED | Kinds::NONE => Some(Vec::new()),
        _ => it.values.clone(),
    };
    let (mut all, more) = (values(left)?, values(right)?);
    for value in more {
        if !all.contains(&value) {
            all.push(value);
        }
    }
    (all.len() <= MOST_VALUES).then_some(all)
}

/// What two types say of one kind. A type that cannot be of it has no say.
fn either<T: Clone>(
    kind: Kinds,
    mine: Kinds,
    theirs: Kinds,
    left: Option<Arc<T>>,
    right: Option<Arc<T>>,
    both: fn(T, T) -> T,
) -> Option<Arc<T>> {
    match (mine.meets(kind), theirs.meets(kind)) {
        (true, false) => left,
        (false, true) => right,
        _ => Some(Arc::new(both(Arc::unwrap_or_clone(left?), Arc::unwrap_or_clone(right?)))),
    }
}

impl Members {
    /// What is in one of two objects; what only one has may be absent.
    fn union(mut self, other: Self) -> Self {
        let open = (self.open, other.open);
        for (name, theirs) in &other.known {
            let merged = match self.known.remove(name) {
                Some(mine) => mine.union(theirs.clone()),
                None if open.0 => Type::any(),
                None => theirs.clone().optional(),
            };
            self.known.insert(name.clone(), merged);
        }
        for (name, mine) in &mut self.known {
            if !other.known.contains_key(name) {
                *mine = if open.1 { Type::any() } else { mine.clone().optional() };
            }
        }
        self.open = open.0 || open.1;
        self
    }

    /// What two descriptions of the same object say together.
    pub(crate) fn merge(&mut self, other: Self) {
        for (name, theirs) in other.known {
            let merged = match self.known.remove(&name) {
                Some(mine) => narrower(mine, theirs),
                None => theirs,
            };
            self.known.insert(name, merged);
        }
        self.open |= other.open;
    }
}

/// What holds of a value that two descriptions speak of: the kinds that both allow, and what either knows more.
fn narrower(mine: Type, theirs: Type) -> Type {
    let kinds = mine.kinds.and(theirs.kinds);
    if kinds.without(Kinds::UNDEFINED) == Kinds::NONE {
        return mine.union(theirs);
    }
    Type {
        kinds,
        // One may be the branch of a condition: its values are not all there are.
        values: both_values(&mine, &theirs),
        members: match (mine.members, theirs.members) {
            (Some(left), Some(right)) => {
                let mut left = Arc::unwrap_or_clone(left);
                left.merge(Arc::unwrap_or_clone(right));
                Some(Arc::new(left))
            }
            (left, right) => left.or(right),
        },
        items: mine.items.or(theirs.items),
        filled: mine.filled || theirs.filled,
        origin: mine.origin,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_only_one_has_may_be_absent() {
        let (one, other) = (Type::literal(&json!({"a": 1, "b": 2})), Type::literal(&json!({"a": "x"})));
        let both = one.union(other);
        assert_eq!(both.member("a").unwrap().kinds, Kinds::NUMBER.or(Kinds::STRING));
        assert_eq!(both.member("b").unwrap().kinds, Kinds::NUMBER.or(Kinds::UNDEFINED));
        assert_eq!(both.member("c"), None);
    }

    #[test]
    fn truth_is_known_where_every_value_agrees() {
        for (values, truth) in [
            (json!(["a", "false"]), Some(true)),
            (json!([0, ""]), Some(false)),
            (json!([true, false]), None),
            (json!([[]]), Some(true)),
        ] {
            assert_eq!(Type::one_of(values.as_array().unwrap()).truth(), truth, "{values}");
        }
        assert_eq!(Type::string().truth(), None);
        assert_eq!(Type::string().optional().truth(), None);
        assert_eq!(Type::undefined().truth(), Some(false));
    }
}
