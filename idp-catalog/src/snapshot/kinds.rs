//! What relations are, by number.

use std::sync::Arc;

use crate::model::{Declared, FieldPath};

/// The number of a kind of relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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

    pub(super) fn ensure(&mut self, declared: &Declared) -> KindId {
        let field = declared.field.whole();
        let is_it = |kind: &Arc<Kind>| {
            kind.field == field && kind.r#type == declared.relation.r#type && kind.reverse == declared.reverse
        };
        if let Some(at) = self.kinds.iter().position(is_it) {
            return KindId(number(at));
        }
        let kind = Kind {
            type_id: self.ensure_type(&declared.relation.r#type),
            reverse_id: declared.reverse.as_deref().map(|reverse| self.ensure_type(reverse)),
            r#type: declared.relation.r#type.clone(),
            reverse: declared.reverse.clone(),
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
    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
