//! The state and the snapshot as bytes, so that a start neither reads the log from its beginning nor indexes anew.
//!
//! An image is what memory holds, in a form that this version of the crate understands: it says which version and which
//! model made it, and whoever finds another one there, or finds it damaged, reads the log instead. Its first part says
//! what the others are, and their digests:
//!
//! - one section with what there is once: places, dictionaries, the order of entities;
//! - sections of references in the order of their numbers, with what is said about each and how it is related;
//! - sections of columns of the index.
//!
//! A section is one part, or several where it is large. Sections are written and read on every core.

mod entry;
mod names;
mod section;

use std::borrow::Cow;
use std::sync::Arc;

use idp_core::{Digest, Error, Image, Result, Timestamp};
use serde::{Deserialize, Serialize};

use self::entry::Entry;
use self::names::Names;
use self::section::{Sections, Writer};
use super::checkpoint::Rest;
use super::state::State;
use crate::body::Packer;
use crate::index::Keyed;
use crate::snapshot::{Frame, Snapshot};
use crate::{Model, parallel};

/// To be raised whenever something in it means something else, which the version of the crate does not tell while both
/// are being worked on.
const FORMAT: u32 = 4;
/// References in a section: some megabytes.
const ENTRIES: u32 = 8192;
/// Bytes of columns in a section, if they are small.
const COLUMNS: usize = 1 << 20;

/// What an image was made by. One made by anything else is none.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Maker {
    format: u32,
    version: String,
    model: Digest,
}

impl Maker {
    fn of(model: &Model) -> Self {
        Self {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            model: model.relations_digest(),
        }
    }
}

/// What there is once.
#[derive(Serialize, Deserialize)]
struct Common<'c> {
    latest: i64,
    #[serde(borrow)]
    names: Names<'c>,
    frame: Frame,
    /// What few catalogs have much of, as JSON.
    rest: String,
}

/// Writes a state, and the snapshot that follows from it.
pub(super) fn write(state: &State, snapshot: &Snapshot, model: &Model) -> Result<Image> {
    let names = Names::of(state);
    let (latest, frame, rest) = (state.latest.as_millis(), snapshot.frame(), Rest::of(state)?.to_json()?);
    let mut writer = Writer::default();
    let common = Common { latest, names, frame, rest };
    writer.add(&encode(&common)?);
    let numbers = common.names.numbers();
    let starts: Vec<u32> = (0..state.directory.end()).step_by(ENTRIES as usize).collect();
    let entries = starts.len();
    let section = |start: u32| {
        let range = start..state.directory.end().min(start + ENTRIES);
        let entries = range.map(|number| Entry::of(number, state, snapshot, &numbers));
        encode(&entries.collect::<Result<Vec<_>>>()?)
    };
    for section in parallel::map_one_by_one(starts, section) {
        writer.add(&section?);
    }
    let mut open = Vec::new();
    let columns = snapshot.index().columns().collect();
    for column in parallel::map_one_by_one(columns, |column: &Arc<Keyed>| encode(&**column)) {
        open.extend(column?);
        if open.len() >= COLUMNS {
            writer.add(&open);
            open.clear();
        }
    }
    writer.add(&open);
    writer.finish(state.revision, Maker::of(model), entries)
}

/// Reads an image; `None` where it is not one that this version made of a catalog with such a model, or is damaged.
pub(super) fn read(image: &Image, packer: &Packer, model: &Model) -> Option<(State, Snapshot)> {
    let mut sections = Sections::of(image, &Maker::of(model))?;
    let first = sections.next()?;
    let Common { latest, names, frame, rest } = postcard::from_bytes(&first).ok()?;
    let (places, dictionaries) = (names.places(), names.dictionaries());
    packer.take_over(&dictionaries);
    let entries = sections.entries;
    let about_references = sections.by_ref().take(entries).collect();
    let read = |section: Cow<'_, [u8]>| {
        let entries: Vec<Entry<'_>> = postcard::from_bytes(&section).ok()?;
        entries.into_iter().map(|entry| entry.read(&places, &dictionaries)).collect::<Option<Vec<_>>>()
    };
    let restored =
        parallel::map_one_by_one(about_references, read).into_iter().collect::<Option<Vec<_>>>()?;
    let columns =
        parallel::map_one_by_one(sections.collect(), columns).into_iter().collect::<Option<Vec<_>>>()?;
    let mut state = State::with(packer.clone());
    (state.revision, state.latest) = (image.revision, Timestamp::from_millis(latest));
    let links = state.restore_all(restored, &places);
    Rest::from_json(&rest)?.restore(&mut state).ok()?;
    let snapshot = Snapshot::restore(&state, frame, links, columns.into_iter().flatten().collect())?;
    Some((state, snapshot))
}

/// The columns of a section.
fn columns(section: Cow<'_, [u8]>) -> Option<Vec<Keyed>> {
    let (mut columns, mut left): (Vec<Keyed>, &[u8]) = (Vec::new(), &section);
    while !left.is_empty() {
        let column;
        (column, left) = postcard::take_from_bytes(left).ok()?;
        columns.push(column);
    }
    Some(columns)
}

fn encode(value: &impl Serialize) -> Result<Vec<u8>> {
    postcard::to_allocvec(value)
        .map_err(|error| Error::internal("an image does not serialise").because(error))
}
