//! Where a catalog starts: at its image, at the log's checkpoint, or at the first event.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use idp_core::{ErrorKind, Image, Log, Result, Revision, StreamName};

use super::image;
use super::state::State;
use super::writer::{Catalog, Folded};
use crate::Model;
use crate::body::Packer;
use crate::snapshot::Snapshot;

/// Events behind an image that are taken in one by one, where the catalog is small.
const FEW: u64 = 10_000;
/// The share of the catalog's entities that are few, where it is large.
const SHARE: u64 = 32;

/// When a catalog keeps an [image](Catalog::keep_image) of itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ImagePolicy {
    /// Whenever so much was written that the next start would take long: ten thousand events, or one for every 32
    /// entities if that is more. The call that wrote the last of them keeps it.
    #[default]
    Automatic,
    /// Whenever more events than this were written.
    Behind(u64),
    /// When the host says so.
    ByHand,
}

/// What a catalog starts with.
pub(super) struct Start {
    pub(super) folded: Folded,
    pub(super) snapshot: Snapshot,
    /// The revision of the image it was started with.
    pub(super) image: Revision,
}

impl Start {
    /// Starts at the image, if it is near enough to the head of the log. Nothing depends on it: whatever is wrong with it,
    /// the catalog starts at the checkpoint.
    pub(super) async fn of(
        log: &dyn Log,
        stream: &StreamName,
        packer: &Packer,
        model: &Model,
    ) -> Result<Self> {
        if let Some(start) = Self::at_image(log, stream, packer, model).await? {
            return Ok(start);
        }
        let state = match log.checkpoint(stream).await? {
            Some(stored) => super::checkpoint::read(&stored, packer)?,
            None => State::with(packer.clone()),
        };
        Ok(Self { folded: Folded::from(state), snapshot: Snapshot::default(), image: Revision::START })
    }

    async fn at_image(
        log: &dyn Log,
        stream: &StreamName,
        packer: &Packer,
        model: &Model,
    ) -> Result<Option<Self>> {
        let image = log.image(stream).await.unwrap_or_else(|error| {
            tracing::warn!(%stream, %error, "the catalog's image cannot be read; the log is read instead");
            None
        });
        let Some(image) = image else { return Ok(None) };
        let behind = log.read(stream, image.revision, 1).await;
        if behind.is_err_and(|error| error.kind() == ErrorKind::NotFound) {
            // What came next was compacted away.
            return Ok(None);
        }
        let head = log.head(stream).await?;
        let Some((state, snapshot)) = image::read(&image, packer, model).filter(|_| image.revision <= head)
        else {
            tracing::warn!(%stream, "the catalog's image is damaged, or of another version; the log is read instead");
            return Ok(None);
        };
        let revision = image.revision;
        let is_near = head.0 - revision.0 <= few(&snapshot);
        let (folded, snapshot) = match is_near {
            true => (Folded::published(state), snapshot),
            // Indexing everything at once costs less than following so many changes one by one.
            false => (Folded::from(state), Snapshot::default()),
        };
        Ok(Some(Self { folded, snapshot, image: revision }))
    }
}

/// How many events behind an image are few.
fn few(snapshot: &Snapshot) -> u64 {
    FEW.max(snapshot.len() as u64 / SHARE)
}

/// Somebody keeps an image, to the end or until it is dropped.
struct Keeping<'c>(&'c AtomicBool);

impl Drop for Keeping<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

impl Catalog {
    /// Keeps an image of the catalog in its log: the next start reads it instead of the whole log. False where the log
    /// [keeps none](Log::keeps_images), or another call is at it.
    ///
    /// It is bytes that only this version of the crate reads, with digests; a start that finds it damaged, or made by
    /// another version or with another model, reads the log as if there were none. Catalogs do this by themselves: see
    /// [`ImagePolicy`].
    ///
    /// # Errors
    /// What the log answers.
    pub async fn keep_image(&self) -> Result<bool> {
        self.keep(None).await
    }

    /// Keeps an image, which may have been made already.
    async fn keep(&self, made: Option<Image>) -> Result<bool> {
        // Nothing ever happened: there is nothing to start from.
        let is_blank = self.lock().state.revision == Revision::START;
        if is_blank || !self.log.keeps_images() || self.keeping.swap(true, Ordering::SeqCst) {
            return Ok(false);
        }
        let _keeping = Keeping(&self.keeping);
        let image = match made {
            Some(image) => {
                self.image.store(image.revision.0, Ordering::SeqCst);
                image
            }
            None => self.make_image().await?,
        };
        let revision = image.revision;
        self.log.keep_image(&self.stream, image).await?;
        tracing::debug!(stream = %self.stream, %revision, "kept an image of the catalog");
        Ok(true)
    }

    async fn make_image(&self) -> Result<Image> {
        // They share pages with what is published: whoever changes those would copy them as long as these are there.
        let (state, snapshot) = self.current().await?;
        // One that cannot be made is not tried again with every change.
        self.image.store(state.revision.0, Ordering::SeqCst);
        image::write(&state, &snapshot, &self.options.model)
    }

    /// The state, and the snapshot that follows from it.
    async fn current(&self) -> Result<(State, Arc<Snapshot>)> {
        loop {
            {
                let folded = self.lock();
                let snapshot = self.snapshot();
                if folded.is_published() && snapshot.revision() == folded.state.revision {
                    return Ok((folded.state.clone(), snapshot));
                }
            }
            self.refresh().await?;
        }
    }

    /// Keeps an image again if there is one: that one holds what was to go.
    pub(crate) async fn renew_image(&self) {
        if self.log.keeps_images() && self.image.load(Ordering::SeqCst) > 0 {
            self.try_to_keep_image(None).await;
        }
    }

    /// Keeps an image if the last one is far behind. It may have been made already.
    pub(super) async fn keep_image_if_due(&self, made: Option<Image>) {
        let snapshot = self.snapshot();
        if self.is_image_due(&snapshot) {
            // Others may have changed and compacted the log meanwhile.
            let made = made.filter(|image| image.revision == snapshot.revision());
            drop(snapshot);
            self.try_to_keep_image(made).await;
        }
    }

    /// Whether the last image is far behind a snapshot.
    pub(super) fn is_image_due(&self, snapshot: &Snapshot) -> bool {
        let behind = snapshot.revision().0.saturating_sub(self.image.load(Ordering::SeqCst));
        let enough = match self.options.images {
            ImagePolicy::Automatic => few(snapshot),
            ImagePolicy::Behind(events) => events,
            ImagePolicy::ByHand => return false,
        };
        behind > enough && self.log.keeps_images()
    }

    /// What fails about it is told, and nothing else comes of it.
    async fn try_to_keep_image(&self, made: Option<Image>) {
        if let Err(error) = self.keep(made).await {
            tracing::warn!(stream = %self.stream, %error, "no image of the catalog was kept");
        }
    }
}
