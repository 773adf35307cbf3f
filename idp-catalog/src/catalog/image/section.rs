//! Sections of bytes in parts, with digests.

use std::borrow::Cow;
use std::sync::Arc;
use std::{iter, slice};

use idp_core::{Digest, Error, Image, Result, Revision};
use serde::{Deserialize, Serialize};

use super::Maker;
use crate::parallel;

/// Bytes of a part, at most.
const PART: usize = 8 << 20;

/// What the first part says of the others. Before it stands its own digest.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    maker: Maker,
    revision: Revision,
    /// How many of the sections behind the first one are about references.
    entries: usize,
    /// How many parts each section has.
    sections: Vec<usize>,
    /// The digest of each part but this one.
    digests: Vec<Digest>,
}

/// Sections on their way into parts.
#[derive(Debug, Default)]
pub(super) struct Writer {
    parts: Vec<Arc<[u8]>>,
    sections: Vec<usize>,
}

impl Writer {
    pub(super) fn add(&mut self, section: &[u8]) {
        let before = self.parts.len();
        self.parts.extend(section.chunks(PART).map(Arc::from));
        self.sections.push(self.parts.len() - before);
    }

    pub(super) fn finish(self, revision: Revision, maker: Maker, entries: usize) -> Result<Image> {
        let Self { mut parts, sections } = self;
        let digests = digests(&parts);
        let head = Head { maker, revision, entries, sections, digests };
        let head = serde_json::to_vec(&head)
            .map_err(|error| Error::internal("an image does not serialise").because(error))?;
        let digest = Digest::of_bytes(&head).to_string();
        parts.insert(0, [digest.as_bytes(), &head].concat().into());
        Ok(Image { revision, parts })
    }
}

fn digests(parts: &[Arc<[u8]>]) -> Vec<Digest> {
    parallel::map_one_by_one(parts.iter().collect(), |part| Digest::of_bytes(part))
}

/// The sections of an image, from the first one on.
#[derive(Debug)]
pub(super) struct Sections<'i> {
    pub(super) entries: usize,
    sections: std::vec::IntoIter<usize>,
    parts: slice::Iter<'i, Arc<[u8]>>,
}

impl<'i> Sections<'i> {
    /// Looks at an image; `None` where it was made by something else, or is not what was made.
    pub(super) fn of(image: &'i Image, maker: &Maker) -> Option<Self> {
        let (first, parts) = image.parts.split_first()?;
        let (digest, head) = first.split_at_checked(Digest::of_bytes(b"").to_string().len())?;
        if Digest::of_bytes(head).to_string().as_bytes() != digest {
            return None;
        }
        let head: Head = serde_json::from_slice(head).ok()?;
        let is_whole =
            head.maker == *maker && head.revision == image.revision && head.digests == digests(parts);
        let Head { entries, sections, .. } = head;
        is_whole.then(|| Self { entries, sections: sections.into_iter(), parts: parts.iter() })
    }
}

impl<'i> Iterator for Sections<'i> {
    type Item = Cow<'i, [u8]>;

    fn next(&mut self) -> Option<Self::Item> {
        let count = self.sections.next()?;
        let mut parts = iter::from_fn(|| self.parts.next()).take(count);
        match (count, parts.next()) {
            (1, Some(part)) => Some(Cow::Borrowed(part)),
            (_, first) => Some(Cow::Owned(
                first.into_iter().chain(parts).flat_map(|part| part.iter()).copied().collect(),
            )),
        }
    }
}
