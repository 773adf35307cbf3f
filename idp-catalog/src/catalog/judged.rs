//! A source's documents as the model sees them.

use idp_core::{Diagnostic, EntityRef};

use super::descriptions::Descriptions;
use super::judgement::Judgement;
use crate::StoredDiagnostic;
use crate::body::Body;
use crate::model::More;
use crate::snapshot::Sketched;

/// Problems of one location's unreadable documents that are kept. They are in the log, and in every snapshot.
const MOST_UNREAD: usize = 100;

/// What one location holds.
#[derive(Debug, Default)]
pub(super) struct Judged {
    /// What it says about each entity.
    pub(super) entities: Descriptions,
    /// Problems of documents that do not even say which entity they mean.
    pub(super) unread: Vec<StoredDiagnostic>,
    /// Those that are too many.
    more_unread: More,
}

/// What a document says about an entity.
#[derive(Debug)]
pub(super) struct Said {
    /// `None` where it is not valid.
    pub(super) body: Option<Body>,
    /// Whether it is not valid only because a part of it could not be fetched.
    pub(super) incomplete: bool,
    pub(super) diagnostics: Vec<StoredDiagnostic>,
    /// What it is in a sketch of the first snapshot, where there is one.
    pub(super) sketched: Option<Sketched>,
}

impl Judged {
    /// Takes a judgement in. False where it is about an entity that there was one about already.
    pub(super) fn take(&mut self, judgement: Judgement) -> bool {
        let Judgement { entity_ref, said } = judgement;
        match entity_ref {
            Some(entity_ref) => return self.say(entity_ref, said),
            None => said.diagnostics.into_iter().for_each(|it| self.cannot_read(it)),
        }
        true
    }

    /// Puts what is said in order, and says how many problems there are besides those that are kept.
    pub(super) fn sum_up(&mut self) {
        self.entities.put_in_order();
        let summary = std::mem::take(&mut self.more_unread).summary();
        self.unread.extend(summary.as_ref().map(Into::into));
    }

    fn cannot_read(&mut self, problem: StoredDiagnostic) {
        if self.unread.len() < MOST_UNREAD {
            self.unread.push(problem);
        } else {
            self.more_unread.add(problem.severity);
        }
    }

    /// Of two documents about one entity in one location the last one counts.
    fn say(&mut self, entity_ref: EntityRef, said: Said) -> bool {
        let Err(mut said) = self.entities.insert(entity_ref.clone(), said) else { return true };
        let message = format!("`{entity_ref}` is described twice in this file; the last description counts");
        said.diagnostics.push((&Diagnostic::warning("described-twice", message)).into());
        if let Some(known) = self.entities.get_mut(&entity_ref) {
            *known = said;
        }
        false
    }
}
