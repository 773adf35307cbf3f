//! The names that expressions see, and what conditions around them have settled.

use std::collections::BTreeMap;

use serde_json::Value;

use super::draft::{Need, Want};
use super::types::{Kinds, Type, truthy};
use crate::expr::inspect::{loosely_equal, strictly_equal};

/// How many facts are kept. Where there are more, everything counts as asked for.
const MOST_FACTS: usize = 128;

/// A chain of names: `parameters.repo.name`.
pub(crate) type Path = Vec<String>;

/// Names with their types.
#[derive(Clone, Debug, Default)]
pub(crate) struct Env {
    names: BTreeMap<String, Type>,
    /// In the order they were settled; `None` is one that does not hold any more.
    facts: Vec<Option<Fact>>,
    /// How often tags of the text give a name a value. One that gets several can have any of them.
    assigned: BTreeMap<String, usize>,
}

/// Something that a condition has settled about a path.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fact {
    pub(crate) path: Path,
    pub(crate) what: What,
}

/// What is settled.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum What {
    Truth(bool),
    Defined(bool),
    Equal(Value),
    Unequal(Value),
    OneOf(Vec<Value>),
    /// It is of these kinds or, where the last is false, of none of them.
    Kind(Kinds, bool),
    /// Something that is not understood: whether it is there is not asked any more.
    Mentioned,
}

impl Env {
    pub(crate) fn with(mut self, name: &str, it: Type) -> Self {
        self.declare(name, it);
        self
    }

    pub(crate) fn declare(&mut self, name: &str, it: Type) {
        self.forget(name);
        self.names.insert(name.to_owned(), it);
    }

    /// What was settled about a name's old value does not hold for its new one.
    fn forget(&mut self, name: &str) {
        for fact in &mut self.facts {
            fact.take_if(|fact| fact.path.first().is_some_and(|first| first == name));
        }
    }

    /// Gives a name another value.
    pub(crate) fn assign(&mut self, name: &str, it: Type) {
        let only = self.assigned.get(name) == Some(&1) && !self.names.contains_key(name);
        self.declare(name, if only { it } else { Type::any() });
    }

    pub(crate) fn will_assign(&mut self, name: &str) {
        *self.assigned.entry(name.to_owned()).or_default() += 1;
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.keys().map(String::as_str)
    }

    /// The type of a name; `None` where nothing has it.
    pub(crate) fn name(&self, name: &str) -> Option<Type> {
        match self.names.get(name) {
            Some(it) => Some(it.clone()),
            None => self.assigned.contains_key(name).then(Type::any),
        }
    }

    pub(crate) fn settle(&mut self, facts: impl IntoIterator<Item = Fact>) {
        for fact in facts {
            if self.is_full() {
                return;
            }
            if !self.facts().any(|known| *known == fact) {
                self.facts.push(Some(fact));
            }
        }
    }

    /// How much is settled now, to return to with [`Env::leave`].
    pub(crate) fn mark(&self) -> usize {
        self.facts.len()
    }

    pub(crate) fn leave(&mut self, mark: usize) {
        self.facts.truncate(mark);
    }

    fn facts(&self) -> impl Iterator<Item = &Fact> {
        self.facts.iter().flatten()
    }

    fn is_full(&self) -> bool {
        self.facts.len() >= MOST_FACTS
    }

    /// A type as the conditions around leave it.
    pub(crate) fn refine(&self, path: &[String], it: Type) -> Type {
        self.facts().filter(|fact| fact.path == path).fold(it, |it, fact| fact.what.refine(it))
    }

    /// Whether a condition around asks about a path, or about what it is read from.
    pub(crate) fn is_asked(&self, path: &[String]) -> bool {
        self.is_full() || self.facts().any(|fact| path.starts_with(&fact.path))
    }

    /// Whether a condition around has asked for this very path.
    pub(crate) fn is_settled(&self, path: &[String]) -> bool {
        self.is_full() || self.facts().any(|fact| fact.path == path)
    }

    /// What the parameters have to be like to get here.
    pub(crate) fn needs(&self) -> Vec<Need> {
        self.facts().filter_map(|fact| self.need(fact)).collect()
    }

    fn need(&self, fact: &Fact) -> Option<Need> {
        let path = self.origin(&fact.path)?;
        let want = match &fact.what {
            What::Truth(true) | What::Defined(true) => Want::True,
            What::Truth(false) => Want::False,
            What::Defined(false) => Want::Absent,
            What::Equal(value) => Want::Value(value.clone()),
            What::OneOf(values) => Want::Value(values.first()?.clone()),
            What::Unequal(value) => Want::Other(value.clone()),
            What::Kind(..) | What::Mentioned => return None,
        };
        Some(Need { path, want })
    }

    /// The parameter that a path is a copy of.
    pub(crate) fn origin(&self, path: &[String]) -> Option<Path> {
        let (first, rest) = path.split_first()?;
        let mut it = self.names.get(first)?.clone();
        for name in rest {
            it = member_of(&it, name)?;
        }
        it.origin.filter(|origin| !origin.is_empty())
    }
}

/// A member, knowing which parameter it is a copy of.
pub(crate) fn member_of(object: &Type, name: &str) -> Option<Type> {
    let origin = object.origin.as_ref().map(|origin| {
        let mut origin = origin.clone();
        origin.push(name.to_owned());
        origin
    });
    object.member(name).map(|it| match (&it.origin, origin) {
        (None, Some(origin)) => it.copied_from(Some(origin)),
        _ => it,
    })
}

impl What {
    fn refine(&self, mut it: Type) -> Type {
        let origin = it.origin.clone();
        match self {
            Self::Truth(true) => {
                it.kinds = it.kinds.without(Kinds::NULLISH);
                it.retain(truthy)
            }
            Self::Truth(false) => {
                it.kinds = it.kinds.without(Kinds::CONTAINERS.or(Kinds::OTHER));
                it.retain(|value| !truthy(value))
            }
            Self::Defined(true) => it.present(),
            Self::Defined(false) => Type::undefined().copied_from(origin),
            Self::Equal(value) if it.values.is_some() => {
                it.present().retain(|known| loosely_equal(known, value))
            }
            Self::Equal(value) => Type::literal(value).copied_from(origin),
            Self::OneOf(values) if it.values.is_some() => {
                it.present().retain(|known| values.iter().any(|value| strictly_equal(known, value)))
            }
            Self::OneOf(values) => Type::one_of(values).copied_from(origin),
            Self::Unequal(value) => it.retain(|known| !loosely_equal(known, value)),
            Self::Kind(kinds, is) => {
                let left = if *is { it.kinds.and(*kinds) } else { it.kinds.without(*kinds) };
                match left {
                    // Whoever asks for what the schema excludes knows of values that are not known here.
                    Kinds::NONE => Type::any().copied_from(origin),
                    kinds => Type { kinds, ..it }.retain(|known| Kinds::of(known).within(kinds)),
                }
            }
            Self::Mentioned => it,
        }
    }
}
