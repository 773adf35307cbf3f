//! An entity in a snapshot.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use idp_core::{Entity, EntityRef, Relation, Revision, Timestamp};
use serde_json::{Value, json};

use super::Claimant;
use super::adjacency::Link;
use super::network::Network;
use super::seen::Seen;
use crate::StoredDiagnostic;
use crate::body::Body;
use crate::query::{Row, rows};

/// An entity as a snapshot has it: the body, its relations both ways, where it comes from, how it is. Cheap to clone;
/// stays what it is however the catalog changes.
#[derive(Clone)]
pub struct Record {
    seen: Seen,
    number: u32,
    network: Arc<Network>,
}

impl Record {
    pub(super) fn new(seen: &Seen, number: u32, network: &Arc<Network>) -> Self {
        Self { seen: seen.clone(), number, network: Arc::clone(network) }
    }

    /// Its identity.
    #[must_use]
    pub fn entity_ref(&self) -> &EntityRef {
        &self.seen.claim.entity_ref
    }

    /// The body: the last good one where what the source says now is not valid.
    ///
    /// It is read anew with every call: some microseconds.
    #[must_use]
    pub fn entity(&self) -> Entity {
        self.seen.claim.entity().unwrap_or_else(|| self.entity_ref().into())
    }

    /// The body with its relations as `relations`: what a reader of a catalog is shown.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut value = self.entity().into_value();
        if let Value::Object(body) = &mut value {
            body.insert("relations".to_owned(), json!(self.relations()));
        }
        value
    }

    /// Its relations, those that others declare included, sorted by type and target.
    #[must_use]
    pub fn relations(&self) -> Vec<Relation> {
        let relations: BTreeSet<Relation> =
            self.declared().chain(incoming(self.number, &self.network)).collect();
        relations.into_iter().collect()
    }

    /// The relations that the entity itself declares, sorted by type and target.
    pub fn declared(&self) -> impl Iterator<Item = Relation> {
        self.links().filter_map(|link| relation(link, &self.network))
    }

    fn links(&self) -> impl Iterator<Item = Link> {
        self.network.adjacency.out(self.number)
    }

    /// The source it comes from.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.seen.claim.source
    }

    /// Where in the source it stands.
    #[must_use]
    pub fn location(&self) -> &str {
        &self.seen.claim.location
    }

    pub(super) fn claimant(&self) -> Claimant {
        Claimant::of(&self.seen.claim)
    }

    /// The revision that gave it the body it has.
    #[must_use]
    pub fn changed(&self) -> Revision {
        self.seen.changed.revision
    }

    /// When that was.
    #[must_use]
    pub fn changed_at(&self) -> Timestamp {
        self.seen.changed.time
    }

    /// Whether its document is broken now, so that an older body stands in.
    #[must_use]
    pub fn is_quarantined(&self) -> bool {
        self.seen.claim.quarantined
    }

    /// What is to be said about its document.
    #[must_use]
    pub fn diagnostics(&self) -> &[StoredDiagnostic] {
        &self.seen.claim.diagnostics
    }

    /// The body in JSON, as it was packed.
    pub(crate) fn body_text(&self) -> String {
        self.seen.claim.body.as_ref().map(Body::text).unwrap_or_default()
    }

    /// What a searcher sees of the body.
    pub(crate) fn rows(&self) -> Vec<Row<'static>> {
        rows(&self.entity(), &[]).into_iter().map(Row::into_owned).collect()
    }
}

impl PartialEq for Record {
    fn eq(&self, other: &Self) -> bool {
        self.seen == other.seen
            && (self.number == other.number && Arc::ptr_eq(&self.network, &other.network)
                || (same_links(self, other) && self.relations() == other.relations()))
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("seen", &self.seen)
            .field("relations", &self.relations())
            .finish_non_exhaustive()
    }
}

/// Whether both declare the same relations, in the same fields.
fn same_links(a: &Record, b: &Record) -> bool {
    let links = |record: &Record| -> Vec<_> {
        let describe = |link: Link| {
            let kind = record.network.kinds.get(link.kind);
            (relation(link, &record.network), kind.reverse.clone(), kind.field.clone(), link.item)
        };
        record.links().map(describe).collect()
    };
    links(a) == links(b)
}

fn relation(link: Link, network: &Network) -> Option<Relation> {
    let target = network.directory.get(link.other)?;
    Some(Relation::new(&*network.kinds.get(link.kind).r#type, target.clone()))
}

/// The relations back to those who declare relations on a number.
pub(super) fn incoming(number: u32, network: &Network) -> impl Iterator<Item = Relation> {
    network.adjacency.back(number).flat_map(|(kind, others)| {
        let reverse = network.kinds.get(kind).reverse.as_deref();
        let from = others.iter().filter_map(|from| network.directory.get(from));
        from.filter_map(move |from| Some(Relation::new(reverse?, from.clone())))
    })
}
