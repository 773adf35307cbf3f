//! What relations are, by number.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::model::{Declared, FieldPath};

/// The number of a kind of relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct KindId(u32);

/// The number of a type of relation, whose case does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TypeId(pub(super) u32);

/// What relations of one field are.
#[derive(Debug)]
pub(super) struct Kind {
    pub(super) r#type: String,
    /// The type as the target sees it, if it does.
    pub(super) reverse: Option<String>,
    /// The field that declares it, without the item.
    pub(super) field: FieldPath,
    pub(super) type_id: TypeId,
    pub(super) reverse_id: Option<TypeId>,
}

/// A kind of relation as it is kept.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct WrittenKind {
    r#type: String,
    reverse: Option<String>,
    field: String,
}

/// The kinds of relations that were ever seen: a few for each kind of entity. Copies share them.
#[derive(Debug, Clone, Default)]
pub(super) struct Kinds {
    kinds: Arc<Vec<Arc<Kind>>>,
    /// In lower case, by number.
    types: Arc<Vec<Arc<str>>>,
}

impl Kinds {
    pub(super) fn get(&self, id: KindId) -> &Kind {
        &self.kinds[id.0 as usize]
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Kind> {
        self.kinds.iter().map(|kind| &**kind)
    }

    /// The type of a name in lower case.
    pub(super) fn type_id(&self, lower: &str) -> Option<TypeId> {
        let at = self.types.iter().position(|it| **it == *lower)?;
        u32::try_from(at).ok().map(TypeId)
    }

    pub(super) fn len(&self) -> usize {
        self.kinds.len()
    }

    /// All of them, by number.
    pub(super) fn written(&self) -> Vec<WrittenKind> {
        let written = self.iter().map(|Kind { r#type, reverse, field, .. }| WrittenKind {
            r#type: r#type.clone(),
            reverse: reverse.clone(),
            field: field.field().to_owned(),
        });
        written.collect()
    }

    /// The kinds that were written, with the numbers they had.
    pub(super) fn read(written: Vec<WrittenKind>) -> Self {
        let mut kinds = Self::default();
        for WrittenKind { r#type, reverse, field } in written {
            kinds.add(&r#type, reverse.as_deref(), FieldPath::new(field));
        }
        kinds
    }

    /// The kind of what is declared.
    pub(super) fn ensure(&mut self, declared: &Declared) -> KindId {
        let Declared { relation, reverse, field } = declared;
        self.find_or_add(&relation.r#type, reverse.as_deref(), field)
    }

    /// A kind of others that are counted elsewhere.
    pub(super) fn ensure_kind(&mut self, kind: &Kind) -> KindId {
        self.find_or_add(&kind.r#type, kind.reverse.as_deref(), &kind.field)
    }

    fn find_or_add(&mut self, r#type: &str, reverse: Option<&str>, field: &FieldPath) -> KindId {
        let is_it = |kind: &Arc<Kind>| {
            kind.field.field() == field.field() && kind.r#type == r#type && kind.reverse.as_deref() == reverse
        };
        match self.kinds.iter().position(is_it) {
            Some(at) => KindId(number(at)),
            None => self.add(r#type, reverse, field.whole()),
        }
    }

    fn add(&mut self, r#type: &str, reverse: Option<&str>, field: FieldPath) -> KindId {
        let kind = Kind {
            type_id: self.ensure_type(r#type),
            reverse_id: reverse.map(|reverse| self.ensure_type(reverse)),
            r#type: r#type.to_owned(),
            reverse: reverse.map(str::to_owned),
            field,
        };
        let kinds = Arc::make_mut(&mut self.kinds);
        kinds.push(Arc::new(kind));
        KindId(number(kinds.len() - 1))
    }

    fn ensure_type(&mut self, name: &str) -> TypeId {
        let lower = name.to_lowercase();
        self.type_id(&lower).unwrap_or_else(|| {
            let types = Arc::make_mut(&mut self.types);
            types.push(lower.into());
            TypeId(number(types.len() - 1))
        })
    }
}

impl Kind {
    /// Puts kinds in an order that is the same in every snapshot.
    pub(super) fn rank(&self) -> (&str, Option<&str>, &str) {
        (&self.r#type, self.reverse.as_deref(), self.field.field())
    }
}

impl KindId {
    pub(super) fn of(number: u32) -> Self {
        Self(number)
    }

    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
