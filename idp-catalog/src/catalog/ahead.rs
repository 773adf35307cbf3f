//! Working out what many changes make of the catalog while the log writes them.
//!
//! A log that is to survive takes as long to write a million events as it takes to index the entities in them, and has a
//! thread of its own for it. What is worked out is shown to nobody until the log has taken the events in; where it has
//! not, nothing has happened.

use idp_core::{Image, Revision, Timestamp};

use super::change::Change;
use super::image;
use super::state::State;
use super::writer::{Catalog, Folded};
use crate::snapshot::{CatalogChange, Draft, Snapshot};

/// From so many changes on.
const MANY: usize = 1024;
/// For each change so many things that are copied with the state and not shared.
const COPIED: usize = 4;

/// What a catalog is once changes are in the log.
pub(super) struct Ahead {
    /// The revision that they follow.
    base: Revision,
    state: State,
    snapshot: Snapshot,
    changes: Vec<CatalogChange>,
}

impl Catalog {
    /// Whether it pays to work out so many changes while they are written.
    pub(super) fn looks_ahead(&self, changes: usize) -> bool {
        changes >= MANY && self.log().appends_unpolled() && self.lock().state.unshared() / COPIED <= changes
    }

    /// Works out what changes to the state of a revision come to; nothing where the state is elsewhere.
    pub(super) fn look_ahead(
        &self,
        base: Revision,
        changes: &[Change],
        time: Timestamp,
        draft: Option<Draft>,
    ) -> Option<Ahead> {
        let (mut state, before) = {
            let folded = self.lock();
            let is_there = folded.is_published() && folded.state.revision == base;
            is_there.then(|| (folded.state.clone(), self.snapshot()))?
        };
        let change = |state: &mut State| state.apply_all(changes, base, time);
        let (snapshot, changes) = before.follow(&mut state, self.model(), draft, change);
        Some(Ahead { base, state, snapshot, changes })
    }

    /// The image of what was worked out, where one is due: it is kept once the changes are in the log.
    pub(super) fn image_ahead(&self, ahead: &Ahead) -> Option<Image> {
        // What goes wrong about it will go wrong again, and is told then.
        let image = || image::write(&ahead.state, &ahead.snapshot, self.model()).ok();
        self.is_image_due(&ahead.snapshot).then(image).flatten()
    }

    /// Publishes what was worked out. False where the state is elsewhere meanwhile.
    pub(super) fn catch_up(&self, ahead: Ahead) -> bool {
        let Ahead { base, state, snapshot, changes } = ahead;
        let mut folded = self.lock();
        if !folded.is_published() || folded.state.revision != base {
            return false;
        }
        let latest = state.latest;
        let before = std::mem::replace(&mut *folded, Folded::published(state));
        self.show(snapshot, latest, changes);
        drop(folded);
        // It may be much, and nobody has to wait for it.
        drop(before);
        true
    }
}
