//! The catalog's state as one text, so that a long log need not be read from its beginning.

use std::sync::Arc;

use idp_core::{Checkpoint, EntityRef, Error, ErrorKind, Result, Revision, Timestamp};
use serde::{Deserialize, Serialize};

use super::change::Cause;
use super::claim::Claim;
use super::departed::Departed;
use super::document::Document;
use super::precedence::Precedence;
use super::state::{Changed, State};
use crate::StoredDiagnostic;
use crate::body::{ENOUGH_TO_LEARN, Packer};
use crate::history::Attribution;

/// Says how to read the rest.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Stored {
    version: u32,
    revision: Revision,
    latest: Timestamp,
    entities: Vec<StoredEntity>,
    unread: Vec<StoredUnread>,
    #[serde(default)]
    precedence: Precedence,
    #[serde(default)]
    departed: Vec<StoredDeparture>,
}

/// What a state has besides the claims on entities.
#[derive(Serialize, Deserialize)]
pub(super) struct Rest {
    unread: Vec<StoredUnread>,
    precedence: Precedence,
    departed: Vec<StoredDeparture>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredDeparture {
    #[serde(rename = "ref")]
    entity_ref: EntityRef,
    claim: StoredClaim,
    cause: Cause,
    left: Changed,
    last_good: Option<Changed>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    changed: Option<Changed>,
}

#[derive(Serialize, Deserialize)]
struct StoredEntity {
    #[serde(rename = "ref")]
    entity_ref: EntityRef,
    claims: Vec<StoredClaim>,
    changed: Option<Changed>,
}

#[derive(Serialize, Deserialize)]
struct StoredClaim {
    source: Arc<str>,
    location: Arc<str>,
    entity: Option<Document>,
    quarantined: bool,
    #[serde(default)]
    incomplete: bool,
    diagnostics: Vec<StoredDiagnostic>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by: Option<Arc<Attribution>>,
}

#[derive(Serialize, Deserialize)]
struct StoredUnread {
    source: Arc<str>,
    location: Arc<str>,
    diagnostics: Vec<StoredDiagnostic>,
}

impl StoredEntity {
    fn document(&self) -> Option<String> {
        self.claims.iter().find_map(|claim| claim.entity.as_ref()).map(|document| document.text().to_owned())
    }
}

impl StoredClaim {
    fn of(claim: &Claim) -> Result<Self> {
        Ok(Self {
            source: Arc::clone(&claim.source),
            location: Arc::clone(&claim.location),
            entity: claim.body.as_ref().map(Document::of).transpose()?,
            quarantined: claim.quarantined,
            incomplete: claim.incomplete,
            diagnostics: claim.diagnostics.to_vec(),
            by: claim.by.clone(),
        })
    }

    fn read(self, entity_ref: &EntityRef, packer: &Packer) -> Result<Claim> {
        Ok(Claim {
            source: self.source,
            location: self.location,
            entity_ref: entity_ref.clone(),
            body: self.entity.map(|document| document.pack(packer)).transpose()?,
            quarantined: self.quarantined,
            incomplete: self.incomplete,
            diagnostics: self.diagnostics.into(),
            by: self.by,
        })
    }
}

/// Writes a state.
pub(crate) fn write(state: &State) -> Result<Checkpoint> {
    let Rest { unread, precedence, departed } = Rest::of(state)?;
    let (revision, latest, entities) = (state.revision, state.latest, entities(state)?);
    let stored = Stored { version: VERSION, revision, latest, entities, unread, precedence, departed };
    let payload = serde_json::to_string(&stored)
        .map_err(|error| Error::internal("checkpoint does not serialise").because(error))?;
    Ok(Checkpoint { revision: state.revision, payload: payload.into() })
}

/// The entities that somebody describes, in the order of their references.
fn entities(state: &State) -> Result<Vec<StoredEntity>> {
    let mut entities = Vec::new();
    for number in state.numbers() {
        let claims = state.claims(number);
        let Some(entity_ref) = state.directory.get(number).filter(|_| !claims.is_empty()) else { continue };
        entities.push(StoredEntity {
            entity_ref: entity_ref.clone(),
            claims: claims.iter().map(|claim| StoredClaim::of(claim)).collect::<Result<_>>()?,
            changed: state.changed(number),
        });
    }
    entities.sort_unstable_by(|a, b| a.entity_ref.cmp(&b.entity_ref));
    Ok(entities)
}

fn unread(state: &State) -> Vec<StoredUnread> {
    let unread = state.unread.iter().map(|((source, location), diagnostics)| StoredUnread {
        source: Arc::clone(source),
        location: Arc::clone(location),
        diagnostics: diagnostics.to_vec(),
    });
    unread.collect()
}

fn departed(state: &State) -> Result<Vec<StoredDeparture>> {
    let departed = state.departures.iter().map(|(entity_ref, departed)| {
        Ok(StoredDeparture {
            entity_ref: entity_ref.clone(),
            claim: StoredClaim::of(&departed.claim)?,
            cause: departed.cause,
            left: departed.left,
            last_good: departed.last_good,
            changed: state.changed_of(entity_ref),
        })
    });
    departed.collect()
}

/// Reads a state back.
pub(crate) fn read(checkpoint: &Checkpoint, packer: &Packer) -> Result<State> {
    let corrupt = || Error::new(ErrorKind::Corrupt, "the catalog's checkpoint does not read back");
    let mut stored: Stored =
        serde_json::from_str(&checkpoint.payload).map_err(|error| corrupt().because(error))?;
    if stored.version != VERSION {
        return Err(corrupt().with("version", stored.version));
    }
    let mut state = State::with(packer.clone());
    (state.revision, state.latest) = (checkpoint.revision, stored.latest);
    if stored.entities.len() >= ENOUGH_TO_LEARN {
        packer.learn(&stored.entities, StoredEntity::document);
    }
    for StoredEntity { entity_ref, claims, changed } in std::mem::take(&mut stored.entities) {
        let claims = claims.into_iter().map(|claim| claim.read(&entity_ref, packer));
        state.restore(&entity_ref, claims.collect::<Result<_>>()?, changed);
    }
    let Stored { unread, precedence, departed, .. } = stored;
    Rest { unread, precedence, departed }.restore(&mut state)?;
    Ok(state)
}

impl Rest {
    pub(super) fn of(state: &State) -> Result<Self> {
        Ok(Self { unread: unread(state), precedence: state.precedence.clone(), departed: departed(state)? })
    }

    /// Makes a state have it.
    pub(super) fn restore(self, state: &mut State) -> Result<()> {
        let unread = self.unread.into_iter().map(|it| ((it.source, it.location), it.diagnostics.into()));
        state.unread.extend(unread);
        state.precedence = self.precedence;
        for it in self.departed {
            let claim = Arc::new(it.claim.read(&it.entity_ref, &state.packer)?);
            let departed = Departed { claim, cause: it.cause, left: it.left, last_good: it.last_good };
            state.restore_departed(it.entity_ref, departed, it.changed);
        }
        Ok(())
    }

    pub(super) fn to_json(&self) -> Result<String> {
        serde_json::to_string(self)
            .map_err(|error| Error::internal("checkpoint does not serialise").because(error))
    }

    pub(super) fn from_json(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}
