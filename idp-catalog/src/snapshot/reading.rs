//! What touched entities say now, read on every core.

use super::Snapshot;
use super::seen::Seen;
use crate::body::Body;
use crate::catalog::State;
use crate::index::{Cell, IndexBuilder, Keys};
use crate::json::Json;
use crate::model::{Declared, Model};

/// What is said about one entity now, read as far as it differs from before.
pub(super) struct Reading {
    number: u32,
    seen: Option<Seen>,
    /// The bodies before and now, in JSON; `None` where they are the same.
    bodies: Option<[Option<String>; 2]>,
}

/// What becomes of entities that were read together.
#[derive(Default)]
pub(super) struct Share<'r> {
    pub(super) keys: Keys,
    pub(super) parts: Vec<Parts<'r>>,
}

/// What becomes of an entity.
pub(super) struct Parts<'r> {
    pub(super) number: u32,
    pub(super) seen: &'r Option<Seen>,
    /// `None` where the body is the same.
    pub(super) body: Option<BodyParts<'r>>,
}

/// What a body declares, and what the index takes of it before and now, where something was before.
pub(super) struct BodyParts<'r> {
    pub(super) declared: Vec<Declared>,
    pub(super) before: Vec<Cell<'r>>,
    pub(super) after: Vec<Cell<'r>>,
}

impl Reading {
    pub(super) fn of(number: u32, state: &State, known: &Snapshot) -> Self {
        let seen = seen(number, state);
        let before = known.seen(number);
        let same = match (body_of(before), body_of(seen.as_ref())) {
            (Some(before), Some(after)) => before.is_same(after),
            (None, None) => true,
            _ => false,
        };
        let text = |seen| body_of(seen).map(Body::text);
        let bodies = (!same).then(|| [text(before), text(seen.as_ref())]);
        Self { number, seen, bodies }
    }
}

/// What others see of a number.
pub(super) fn seen(number: u32, state: &State) -> Option<Seen> {
    let claim = state.winner(number).filter(|claim| claim.body.is_some());
    claim.cloned().zip(state.changed(number)).map(|(claim, changed)| Seen { claim, changed })
}

fn body_of(seen: Option<&Seen>) -> Option<&Body> {
    seen.and_then(|seen| seen.claim.body.as_ref())
}

impl<'r> Share<'r> {
    /// What becomes of these entities. Where nothing was before of any, somebody collects what the index takes of them.
    pub(super) fn of(read: &'r [Reading], model: &Model, mut builder: Option<&mut IndexBuilder>) -> Self {
        let mut share = Self::default();
        for reading in read {
            let body = reading.body(model, &mut share.keys, builder.as_deref_mut());
            share.parts.push(Parts { number: reading.number, seen: &reading.seen, body });
        }
        share
    }
}

impl Reading {
    /// What the body declares and what the index takes of it, where it is another one than before.
    fn body<'r>(
        &'r self,
        model: &Model,
        keys: &mut Keys,
        builder: Option<&mut IndexBuilder>,
    ) -> Option<BodyParts<'r>> {
        let [before, after] = self.bodies.as_ref()?;
        let [before, after] = [before, after].map(|text| document(text.as_deref()));
        let own = self.seen.as_ref().map(|seen| &seen.claim.entity_ref);
        let declared = own.map(|own| model.relations_of(own, &after)).unwrap_or_default();
        let Some(builder) = builder else {
            return Some(BodyParts { declared, before: cells(keys, before), after: cells(keys, after) });
        };
        if after != Json::Null {
            builder.insert(self.number, after);
        }
        Some(BodyParts { declared, before: Vec::new(), after: Vec::new() })
    }
}

/// What is packed was read before it was packed: it reads back. It borrows from the text, which saves most of the work.
fn document(text: Option<&str>) -> Json<'_> {
    text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

/// The cells of a document, if there is one.
fn cells<'r>(keys: &mut Keys, document: Json<'r>) -> Vec<Cell<'r>> {
    if document == Json::Null { Vec::new() } else { keys.cells_of(document) }
}
