//! The catalog's state as one text, so that a long log need not be read from its beginning.

use std::sync::Arc;

use idp_core::{Checkpoint, EntityRef, Error, ErrorKind, Result, Revision, Timestamp};
use serde::{Deserialize, Serialize};

use super::departed::Departed;
use super::precedence::Precedence;
use super::state::{Changed, Claim, State};
use crate::StoredDiagnostic;

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

#[derive(Serialize, Deserialize)]
struct StoredDeparture {
    #[serde(rename = "ref")]
    entity_ref: EntityRef,
    #[serde(flatten)]
    departed: Departed,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    changed: Option<Changed>,
}

#[derive(Serialize, Deserialize)]
struct StoredEntity {
    #[serde(rename = "ref")]
    entity_ref: EntityRef,
    claims: Vec<Claim>,
    changed: Option<Changed>,
}

#[derive(Serialize, Deserialize)]
struct StoredUnread {
    source: Arc<str>,
    location: Arc<str>,
    diagnostics: Vec<StoredDiagnostic>,
}

/// Writes a state.
pub(crate) fn write(state: &State) -> Result<Checkpoint> {
    let entities = state.claims.iter().map(|(entity_ref, claims)| StoredEntity {
        entity_ref: entity_ref.clone(),
        claims: claims.clone(),
        changed: state.changed.get(entity_ref).copied(),
    });
    let unread = state.unread.iter().map(|((source, location), diagnostics)| StoredUnread {
        source: Arc::clone(source),
        location: Arc::clone(location),
        diagnostics: diagnostics.clone(),
    });
    let departed = state.departures.iter().map(|(entity_ref, departed)| StoredDeparture {
        entity_ref: entity_ref.clone(),
        departed: departed.clone(),
        changed: state.changed.get(entity_ref).copied(),
    });
    let stored = Stored {
        version: VERSION,
        revision: state.revision,
        latest: state.latest,
        entities: entities.collect(),
        unread: unread.collect(),
        precedence: state.precedence.clone(),
        departed: departed.collect(),
    };
    let payload = serde_json::to_string(&stored)
        .map_err(|error| Error::internal("checkpoint does not serialise").because(error))?;
    Ok(Checkpoint { revision: state.revision, payload: payload.into() })
}

/// Reads a state back.
pub(crate) fn read(checkpoint: &Checkpoint) -> Result<State> {
    let corrupt = || Error::new(ErrorKind::Corrupt, "the catalog's checkpoint does not read back");
    let stored: Stored =
        serde_json::from_str(&checkpoint.payload).map_err(|error| corrupt().because(error))?;
    if stored.version != VERSION {
        return Err(corrupt().with("version", stored.version));
    }
    let mut state = State { revision: checkpoint.revision, latest: stored.latest, ..State::default() };
    for entity in stored.entities {
        for claim in &entity.claims {
            let locations = state.spoken.entry(Arc::clone(&claim.source)).or_default();
            locations.entry(Arc::clone(&claim.location)).or_default().insert(entity.entity_ref.clone());
        }
        state.changed.extend(entity.changed.map(|changed| (entity.entity_ref.clone(), changed)));
        state.claims.insert(entity.entity_ref, entity.claims);
    }
    let unread = stored.unread.into_iter().map(|it| ((it.source, it.location), it.diagnostics));
    state.unread.extend(unread);
    state.precedence = stored.precedence;
    for it in stored.departed {
        state.changed.extend(it.changed.map(|changed| (it.entity_ref.clone(), changed)));
        state.departures.insert(it.entity_ref, it.departed);
    }
    Ok(state)
}
