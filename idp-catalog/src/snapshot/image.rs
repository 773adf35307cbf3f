//! What an image keeps of a snapshot: what would take long to make of the state again.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Snapshot;
use super::kinds::{KindId, Kinds, WrittenKind};
use super::node::{Link, Named, Node};
use super::reading::seen;
use super::relations::ByType;
use crate::catalog::State;
use crate::index::{Ids, Index, Keyed, Ordered};

/// How a reference is related.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Links<'n> {
    out: Cow<'n, [Link]>,
    incoming: Cow<'n, [(KindId, Ids)]>,
}

/// What a snapshot has once, and not for each reference.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Frame {
    kinds: Vec<WrittenKind>,
    entities: Ids,
    order: Ordered,
    by_type: ByType,
}

impl Links<'_> {
    pub(crate) fn into_owned(self) -> Links<'static> {
        Links { out: Cow::Owned(self.out.into_owned()), incoming: Cow::Owned(self.incoming.into_owned()) }
    }

    /// Whether every kind in it is one of so many.
    fn is_sound(&self, kinds: usize) -> bool {
        let mut all =
            self.out.iter().map(|link| link.kind).chain(self.incoming.iter().map(|(kind, _)| *kind));
        all.all(|kind| kind.index() < kinds)
    }
}

impl Snapshot {
    /// What it has once.
    pub(crate) fn frame(&self) -> Frame {
        Frame {
            kinds: self.named.kinds.written(),
            entities: self.entities.clone(),
            order: self.order.clone(),
            by_type: self.by_type.clone(),
        }
    }

    /// How a number is related.
    pub(crate) fn links(&self, number: u32) -> Links<'_> {
        let (out, incoming) = self.node(number).map_or((&[][..], &[][..]), |it| (&it.out, &it.incoming));
        Links { out: Cow::Borrowed(out), incoming: Cow::Borrowed(incoming) }
    }

    /// The snapshot of a state from what was kept; `None` where that does not fit together.
    pub(crate) fn restore(
        state: &State,
        frame: Frame,
        links: Vec<Links<'static>>,
        columns: Vec<Keyed>,
    ) -> Option<Self> {
        let Frame { kinds, entities, order, by_type } = frame;
        let (kinds, end) = (Kinds::read(kinds), state.directory.end());
        let is_sound =
            order.is_sound(end) && by_type.is_sound(end) && links.iter().all(|it| it.is_sound(kinds.len()));
        if !is_sound {
            return None;
        }
        let index = Arc::new(Index::of_columns(columns));
        let named = Arc::new(Named { directory: state.directory.clone(), kinds });
        let precedence = Arc::new(state.precedence.clone());
        let mut snapshot = Self {
            revision: state.revision,
            named,
            entities,
            order,
            by_type,
            index,
            precedence,
            ..Self::default()
        };
        snapshot.note_unread(state);
        for (links, number) in links.into_iter().zip(0..) {
            snapshot.restore_node(number, links, state);
        }
        Some(snapshot)
    }

    fn restore_node(&mut self, number: u32, links: Links<'static>, state: &State) {
        let Links { out, incoming } = links;
        let (out, incoming) = (out.into_owned().into(), incoming.into_owned().into());
        let node = Node { seen: seen(number, state), out, incoming };
        if !node.is_empty() {
            self.nodes.set(number, Some(Arc::new(node)));
        }
        // Nearly all entities are described once, and well: of those there is nothing to be noted.
        let is_plain =
            matches!(state.claims(number), [claim] if claim.body.is_some() && claim.diagnostics.is_empty());
        if !is_plain {
            self.review(number, state);
        }
    }
}
