//! Reading sources into the log, and the log into snapshots.

use std::fmt;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use arc_swap::ArcSwap;
use idp_core::{
    Clock, EntityRef, Error, ErrorKind, Event, Expected, Image, Log, Result, Revision, StreamName,
    SystemClock, Timestamp,
};

use super::change::{self, Change};
use super::checkpoint;
use super::options::{OrphanPolicy, RemovalGuard};
use super::outgoing::Outgoing;
use super::plan::Plan;
use super::precedence::Precedence;
use super::start::{ImagePolicy, Start};
use super::state::{Changed, State, Touched};
use crate::body::{ENOUGH_TO_LEARN, Packer};
use crate::history::{Changes, Recent};
use crate::snapshot::{CatalogChange, Draft, Explanation, Snapshot};
use crate::{Model, YamlLimits, parallel};

/// Events read from the log at once.
pub(crate) const PAGE: usize = 10_000;
/// How often a plan is made anew because another writer came first.
const ATTEMPTS: usize = 8;

/// How a catalog is opened.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CatalogOptions {
    /// The stream of the log. `catalog` by default; a host with several catalogs names them apart.
    pub stream: String,
    /// The kinds it knows.
    pub model: Model,
    /// Bounds on what one file may cost.
    pub limits: YamlLimits,
    /// When removals need a confirmation.
    pub removals: RemovalGuard,
    /// What becomes of an entity that nobody describes any more.
    pub orphans: OrphanPolicy,
    /// Whose word counts where several sources describe one entity. It is written to the log with the next ingestion,
    /// and holds for everybody who reads that log. `None` leaves what the log says; at first all sources are equal.
    pub precedence: Option<Precedence>,
    /// When an image of the catalog is kept in its log, to start from next time.
    pub images: ImagePolicy,
    /// Where the times of events come from.
    pub clock: Arc<dyn Clock>,
}

impl Default for CatalogOptions {
    fn default() -> Self {
        Self {
            stream: "catalog".to_owned(),
            model: Model::backstage(),
            limits: YamlLimits::default(),
            removals: RemovalGuard::default(),
            orphans: OrphanPolicy::default(),
            precedence: None,
            images: ImagePolicy::default(),
            clock: Arc::new(SystemClock),
        }
    }
}

/// A catalog over a log.
///
/// It is the only writer of its stream: [`Catalog::ingest`] turns what a source says into events, appends them at
/// the revision they were planned against, folds them into a new [`Snapshot`] and publishes that with one atomic
/// swap. Several processes may open one stream: whoever comes second plans anew.
///
/// ```
/// use std::sync::Arc;
/// use idp_catalog::{Catalog, DirectorySource};
/// use idp_core::MemoryLog;
///
/// # async fn example() -> idp_core::Result<()> {
/// let catalog = Catalog::open(Arc::new(MemoryLog::new())).await?;
/// let report = catalog.ingest(&DirectorySource::new("services", "./services")?).await?;
/// assert!(report.failure.is_none());
/// println!("{} entities", catalog.snapshot().len());
/// # Ok(())
/// # }
/// ```
pub struct Catalog {
    pub(crate) log: Arc<dyn Log>,
    pub(crate) stream: StreamName,
    pub(super) options: CatalogOptions,
    packer: Packer,
    folded: Mutex<Folded>,
    published: ArcSwap<Snapshot>,
    recent: Mutex<Recent>,
    /// The revision of the image that is kept; of one that could not be, so that the next try comes as late.
    pub(super) image: AtomicU64,
    /// Whether an image is being kept.
    pub(super) keeping: AtomicBool,
}

/// What was read of the log, and what of it is still to be published: only what reaches to the log's head is, so that
/// nobody sees half of what was appended at once.
#[derive(Default)]
pub(super) struct Folded {
    pub(super) state: State,
    touched: Touched,
    /// Whether the state does not follow from what is published.
    anew: bool,
}

impl Folded {
    /// Starts from a state that was stored.
    pub(super) fn from(state: State) -> Self {
        Self { state, touched: Touched::default(), anew: true }
    }

    /// Starts from a state that a snapshot follows from which is published.
    pub(super) fn published(state: State) -> Self {
        Self { state, touched: Touched::default(), anew: false }
    }

    /// Whether everything in it is published.
    pub(super) fn is_published(&self) -> bool {
        !self.anew && self.touched.is_empty()
    }
}

impl fmt::Debug for Catalog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let snapshot = self.snapshot();
        write!(f, "Catalog({}, {} entities at {})", self.stream, snapshot.len(), snapshot.revision())
    }
}

impl Catalog {
    /// Opens the catalog of a log with default options.
    ///
    /// # Errors
    /// As [`Catalog::open_with`].
    pub async fn open(log: Arc<dyn Log>) -> Result<Self> {
        Self::open_with(log, CatalogOptions::default()).await
    }

    /// Opens the catalog of a log and folds what is there.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for a bad stream name, [`ErrorKind::Corrupt`] where the log does not read back,
    /// and whatever the log answers.
    pub async fn open_with(log: Arc<dyn Log>, options: CatalogOptions) -> Result<Self> {
        let stream = StreamName::new(&options.stream)?;
        let packer = Packer::default();
        let start = Start::of(&*log, &stream, &packer, &options.model).await?;
        let catalog = Self {
            folded: Mutex::new(start.folded),
            published: ArcSwap::from_pointee(start.snapshot),
            recent: Mutex::default(),
            image: start.image.0.into(),
            keeping: AtomicBool::default(),
            log,
            stream,
            options,
            packer,
        };
        catalog.refresh().await?;
        catalog.keep_image_if_due(None).await;
        Ok(catalog)
    }

    /// The catalog as it is now. Costs a pointer; stays as it is however the catalog changes.
    #[must_use]
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.published.load_full()
    }

    /// The whole story of a reference now: see [`Snapshot::explain`].
    #[must_use]
    pub fn explain(&self, entity_ref: &EntityRef) -> Explanation {
        self.snapshot().explain(entity_ref)
    }

    /// The kinds this catalog knows.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.options.model
    }

    /// The log it is kept in.
    #[must_use]
    pub fn log(&self) -> &Arc<dyn Log> {
        &self.log
    }

    /// Folds what others have appended to the stream, all of it, and publishes it.
    ///
    /// # Errors
    /// [`ErrorKind::Corrupt`] where an event does not read back, and whatever the log answers.
    pub async fn refresh(&self) -> Result<Arc<Snapshot>> {
        loop {
            let after = self.lock().state.revision;
            match self.log.read(&self.stream, after, PAGE).await {
                Err(error) if error.kind() == ErrorKind::NotFound => self.restart(after, error).await?,
                Err(error) => return Err(error),
                Ok(events) if !events.is_empty() => self.fold(&events)?,
                Ok(_) if self.publish_head(after) => return Ok(self.snapshot()),
                Ok(_) => {}
            }
        }
    }

    /// The first snapshot at or behind a revision: read your own writes, on whichever node.
    ///
    /// # Errors
    /// As [`Catalog::refresh`].
    pub async fn wait_for(&self, revision: Revision) -> Result<Arc<Snapshot>> {
        loop {
            let snapshot = self.snapshot();
            if snapshot.revision() >= revision {
                return Ok(snapshot);
            }
            self.log.changed(&self.stream, snapshot.revision()).await?;
            self.refresh().await?;
        }
    }

    /// The next snapshot behind a revision, once there is one.
    ///
    /// # Errors
    /// As [`Catalog::refresh`].
    pub async fn changed(&self, after: Revision) -> Result<Arc<Snapshot>> {
        self.wait_for(Revision(after.0.saturating_add(1))).await
    }

    /// Plans against the current state, appends at its revision, and folds. Plans anew where another was faster. The
    /// changes of the plan that comes back were moved into the log.
    pub(super) async fn write(&self, plan: impl Fn(&State) -> Plan) -> Result<(Revision, Plan)> {
        self.try_write(|state| Ok(plan(state)), |_| (), None).await
    }

    /// As [`Catalog::write`], where planning may refuse. Tells of each plan before it is carried out. What the first one comes
    /// to may have been drafted.
    pub(super) async fn try_write(
        &self,
        plan: impl Fn(&State) -> Result<Plan>,
        tell: impl Fn(&Plan),
        mut draft: Option<Draft>,
    ) -> Result<(Revision, Plan)> {
        let mut attempt = 1;
        loop {
            let (base, mut made) = {
                let folded = self.lock();
                let large = draft.as_mut().filter(|draft| draft.is_large()).into_iter().collect();
                (folded.state.revision, parallel::beside(large, Draft::prepare, || plan(&folded.state))?)
            };
            tell(&made);
            match self.append(base, std::mem::take(&mut made.changes), draft.take()).await {
                Ok((revision, image)) => {
                    self.keep_image_if_due(image).await;
                    return Ok((revision, made));
                }
                Err(error) if error.kind() == ErrorKind::Conflict && attempt < ATTEMPTS => {
                    attempt += 1;
                    self.refresh().await?;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Appends changes and folds them. With the revision comes an image, where one was made meanwhile.
    async fn append(
        &self,
        base: Revision,
        changes: Vec<Change>,
        draft: Option<Draft>,
    ) -> Result<(Revision, Option<Image>)> {
        if changes.is_empty() {
            return Ok((base, None));
        }
        let outgoing = Outgoing::of(changes, self.options.clock.now());
        let (changes, time) = (&outgoing.changes, outgoing.time);
        let mut append = pin!(outgoing.append(&*self.log, &self.stream, Expected::Exactly(base)));
        let mut image = None;
        let (revision, is_folded) = match poll_once(append.as_mut()).await {
            Poll::Ready(appended) => (appended?, self.fold_own(base, changes, time, draft)),
            Poll::Pending if self.looks_ahead(changes.len()) => {
                let ahead = self.look_ahead(base, changes, time, draft);
                let revision = match poll_once(append.as_mut()).await {
                    // What is in the log is shown before anything else is done.
                    Poll::Ready(appended) => appended?,
                    Poll::Pending => {
                        image = ahead.as_ref().and_then(|ahead| self.image_ahead(ahead));
                        append.await?
                    }
                };
                (revision, ahead.is_some_and(|ahead| self.catch_up(ahead)))
            }
            Poll::Pending => (append.await?, self.fold_own(base, changes, time, draft)),
        };
        if !is_folded {
            self.refresh().await?;
        }
        Ok((revision, image))
    }

    /// Folds changes this process has just appended, without reading them back. False where the state is elsewhere.
    fn fold_own(&self, base: Revision, changes: &[Change], time: Timestamp, draft: Option<Draft>) -> bool {
        let mut folded = self.lock();
        if folded.state.revision != base {
            return false;
        }
        let Folded { state, touched, anew } = &mut *folded;
        let mut touched = std::mem::take(touched);
        let change = |state: &mut State| {
            touched.add(state.apply_all(changes, base, time));
            touched
        };
        if *anew {
            folded.touched = change(state);
            self.publish(&mut folded);
        } else {
            let (next, changes) = self.snapshot().follow(state, &self.options.model, draft, change);
            self.show(next, state.latest, changes);
        }
        true
    }

    fn fold(&self, events: &[Event]) -> Result<()> {
        let mut folded = self.lock();
        let Folded { state, touched, .. } = &mut *folded;
        let behind = events.iter().position(|event| event.revision > state.revision);
        // Another call of this process may have folded some of them meanwhile.
        let Some(start) = behind else { return Ok(()) };
        if events[start].revision.0 != state.revision.0 + 1 {
            return Err(Error::new(ErrorKind::Corrupt, "events are missing from the log")
                .with("after", state.revision)
                .with("next", events[start].revision));
        }
        touched.add(take(state, &events[start..])?);
        Ok(())
    }

    /// Starts over at the log's checkpoint, where the events this catalog is waiting for were compacted away.
    async fn restart(&self, after: Revision, gone: Error) -> Result<()> {
        let stored = self.log.checkpoint(&self.stream).await?;
        let fresh = stored.as_ref().map(|stored| checkpoint::read(stored, &self.packer)).transpose()?;
        let mut folded = self.lock();
        match fresh.filter(|fresh| fresh.revision > folded.state.revision) {
            Some(fresh) => {
                *folded = Folded::from(fresh);
                // Nothing leads from an image that there is to what is in the log.
                self.image.store(0, Ordering::SeqCst);
            }
            // Another call of this process has started over meanwhile.
            None if folded.state.revision > after => {}
            None => return Err(gone),
        }
        Ok(())
    }

    /// Publishes what was folded up to the log's head. False where more was folded meanwhile.
    fn publish_head(&self, head: Revision) -> bool {
        let mut folded = self.lock();
        if folded.state.revision != head {
            return false;
        }
        if folded.anew || self.published.load().revision() != head {
            self.publish(&mut folded);
        }
        true
    }

    /// Publishes under the state's lock, so that snapshots appear in the order of their revisions.
    fn publish(&self, folded: &mut Folded) {
        let touched = std::mem::take(&mut folded.touched);
        let (state, model) = (&mut folded.state, &self.options.model);
        if std::mem::take(&mut folded.anew) {
            self.lock_recent().clear();
            self.published.store(Arc::new(Snapshot::of(state, model)));
            return;
        }
        let before = self.published.load();
        let (next, changes) = before.evolve(state, model, &touched);
        self.show(next, state.latest, changes);
    }

    /// Lets everybody see a snapshot that follows from the one they see, under the state's lock.
    pub(super) fn show(&self, next: Snapshot, time: Timestamp, changes: Vec<CatalogChange>) {
        let before = self.published.load().revision();
        self.lock_recent().push(before, next.revision(), time, changes);
        self.published.store(Arc::new(next));
    }

    /// What was published on top of a revision, if that is not long ago.
    pub(crate) fn recent(&self, after: Revision) -> Option<Changes> {
        self.lock_recent().after(after)
    }

    /// The latest time of any event so far.
    pub(crate) fn time(&self) -> Timestamp {
        self.lock().state.latest
    }

    /// What the documents of this catalog are packed with.
    pub(crate) fn packer(&self) -> &Packer {
        &self.packer
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.options.clock.now()
    }

    fn lock_recent(&self) -> MutexGuard<'_, Recent> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Folded> {
        self.folded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How far something is, without waiting for it.
async fn poll_once<F: Future>(mut future: Pin<&mut F>) -> Poll<F::Output> {
    poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx))).await
}

/// Takes events into a state.
pub(crate) fn take(state: &mut State, events: &[Event]) -> Result<Touched> {
    let mut touched = Touched::default();
    if events.len() >= ENOUGH_TO_LEARN {
        state.packer.learn(events, change::document);
    }
    // Decode all before changing anything: a corrupt event must not leave half a page behind.
    let decoded = parallel::map(events.iter().collect(), |event| Change::decode(event, &state.packer));
    let decoded: Vec<_> = decoded.into_iter().collect::<Result<_>>()?;
    for (event, change) in events.iter().zip(decoded) {
        let at = Changed { revision: event.revision, time: event.time };
        match change {
            Some(change) => state.apply(change, at, &mut touched),
            None => state.pass(at),
        }
    }
    Ok(touched)
}
