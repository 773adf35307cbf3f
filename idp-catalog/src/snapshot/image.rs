//! What an image keeps of a snapshot: what would take long to make of the state again.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Snapshot;
use super::adjacency::{AdjacencyBuilder, Link};
use super::kinds::{Kinds, WrittenKind};
use super::network::Network;
use super::reading::seen;
use super::relations::ByType;
use crate::catalog::State;
use crate::index::{Ids, Index, Keyed, Ordered};

/// The relations that a reference declares. Those that are declared on it follow from what others declare.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Links(Vec<Link>);

/// What a snapshot has once, and not for each reference.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Frame {
    kinds: Vec<WrittenKind>,
    entities: Ids,
    order: Ordered,
    by_type: ByType,
}

impl Links {
    /// Whether every kind in it is one of so many, and every number below an end.
    fn is_sound(&self, kinds: usize, end: u32) -> bool {
        self.0.iter().all(|link| link.kind.index() < kinds && link.other < end)
    }
}

impl Snapshot {
    /// What it has once.
    pub(crate) fn frame(&self) -> Frame {
        Frame {
            kinds: self.network.kinds.written(),
            entities: self.entities.clone(),
            order: self.order.clone(),
            by_type: self.by_type.clone(),
        }
    }

    /// What a number declares.
    pub(crate) fn links(&self, number: u32) -> Links {
        Links(self.network.adjacency.out(number).collect())
    }

    /// The snapshot of a state from what was kept; `None` where that does not fit together.
    pub(crate) fn restore(
        state: &State,
        frame: Frame,
        links: Vec<Links>,
        columns: Vec<Keyed>,
    ) -> Option<Self> {
        let Frame { kinds, entities, order, by_type } = frame;
        let (kinds, end) = (Kinds::read(kinds), state.directory.end());
        let is_sound = entities.is_sound(end)
            && order.is_sound(end)
            && by_type.is_sound(end)
            && links.iter().all(|it| it.is_sound(kinds.len(), end))
            && columns.iter().all(|it| it.is_sound(end));
        if !is_sound {
            return None;
        }
        let index = Arc::new(Index::of_columns(columns));
        let mut declared = AdjacencyBuilder::default();
        (0..).zip(&links).for_each(|(number, links)| declared.push(number, links.0.iter().copied()));
        let network =
            Arc::new(Network { directory: state.directory.clone(), kinds, adjacency: declared.build(end) });
        let precedence = Arc::new(state.precedence.clone());
        let mut snapshot = Self {
            revision: state.revision,
            network,
            entities,
            order,
            by_type,
            index,
            precedence,
            ..Self::default()
        };
        snapshot.note_unread(state);
        (0..end).for_each(|number| snapshot.restore_seen(number, state));
        Some(snapshot)
    }

    fn restore_seen(&mut self, number: u32, state: &State) {
        if let Some(seen) = seen(number, state) {
            self.seen.set(number, Some(seen));
        }
        // Nearly all entities are described once, and well: of those there is nothing to be noted.
        let is_plain =
            matches!(state.claims(number), [claim] if claim.body.is_some() && claim.diagnostics.is_empty());
        if !is_plain {
            self.review(number, state);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::kinds::KindId;

    #[test]
    fn links_lead_to_what_is_there() {
        let link = |kind, other| Link { kind: KindId::of(kind), other, item: u32::MAX };
        let is_sound = |links: &[Link]| Links(links.to_vec()).is_sound(3, 10);
        assert!(is_sound(&[]) && is_sound(&[link(2, 9), link(2, 9), link(0, 0)]));
        assert!(!is_sound(&[link(0, 0), link(3, 0)]));
        assert!(!is_sound(&[link(0, 10)]));
        assert!(!is_sound(&[link(u32::MAX, u32::MAX)]));
    }
}
