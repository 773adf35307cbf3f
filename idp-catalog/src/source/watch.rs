//! Telling when files of a directory change.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use event_listener::Event as Signal;
use idp_core::{Error, ErrorKind, Result};
use notify::event::{CreateKind, EventKind, ModifyKind, RemoveKind};
use notify::{Config, PollWatcher, RecursiveMode, Watcher};

use super::{Changed, DirectorySource};

/// How long nothing has to happen before a change is told: an editor and a checkout do many things in a row.
const QUIET: Duration = Duration::from_millis(200);
/// How long a change is kept back at most.
const LATEST: Duration = Duration::from_secs(5);
/// How often is looked where the system does not tell.
const POLL: Duration = Duration::from_secs(2);
/// Files that are told one by one. More are a reason to look at everything.
const MOST: usize = 1000;

/// Tells when files of a [`DirectorySource`] change.
///
/// Listens where the system tells of changes, and looks every two seconds where it does not. Works on threads of its own
/// and needs no runtime; they end when this is dropped.
///
/// ```no_run
/// # use idp_catalog::{Catalog, DirectorySource, DirectoryWatch};
/// # async fn example(catalog: &Catalog) -> idp_core::Result<()> {
/// let source = DirectorySource::new("services", "./services")?;
/// let watch = DirectoryWatch::new(&source)?;
/// let mut report = catalog.ingest(&source).await?;
/// while report.failure.is_none() {
///     let changed = watch.changed().await;
///     report = match source.delta(&changed) {
///         Some(delta) => catalog.apply(&delta).await?,
///         None => catalog.ingest(&source).await?,
///     };
/// }
/// # Ok(())
/// # }
/// ```
pub struct DirectoryWatch {
    shared: Arc<Shared>,
    root: PathBuf,
    polls: bool,
    /// Watches as long as it is there.
    _watcher: Box<dyn Watcher + Send + Sync>,
}

#[derive(Default)]
struct Shared {
    pending: Mutex<Option<Changed>>,
    signal: Signal,
}

impl fmt::Debug for DirectoryWatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DirectoryWatch({}, polls: {})", self.root.display(), self.polls)
    }
}

impl DirectoryWatch {
    /// Watches from now on.
    ///
    /// # Errors
    /// [`ErrorKind::Unavailable`] where the directory can neither be listened to nor looked at.
    pub fn new(source: &DirectorySource) -> Result<Self> {
        let (events, received) = mpsc::channel();
        match notify::recommended_watcher(events) {
            Ok(watcher) => Self::start(source, Box::new(watcher), received, false)
                .or_else(|_| Self::polling(source, POLL)),
            Err(_) => Self::polling(source, POLL),
        }
    }

    /// Watches by looking, this often: for file systems that tell nothing, like many network ones.
    ///
    /// # Errors
    /// As [`DirectoryWatch::new`].
    pub fn polling(source: &DirectorySource, interval: Duration) -> Result<Self> {
        let (events, received) = mpsc::channel();
        let config = Config::default().with_poll_interval(interval).with_compare_contents(true);
        let watcher = PollWatcher::new(events, config).map_err(|error| failed(source.root(), error))?;
        Self::start(source, Box::new(watcher), received, true)
    }

    fn start(
        source: &DirectorySource,
        mut watcher: Box<dyn Watcher + Send + Sync>,
        received: Receiver<notify::Result<notify::Event>>,
        polls: bool,
    ) -> Result<Self> {
        let root = source.root().to_owned();
        // Of a single file the folder is watched: editors put a new file in the place of the old one.
        let folder = if root.is_file() { root.parent().unwrap_or(&root).to_owned() } else { root.clone() };
        let mode = if root.is_file() { RecursiveMode::NonRecursive } else { RecursiveMode::Recursive };
        watcher.watch(&folder, mode).map_err(|error| failed(&root, error))?;
        let shared = Arc::new(Shared::default());
        let (source, telling) = (source.clone(), Arc::clone(&shared));
        std::thread::spawn(move || tell(&source, &received, &telling));
        Ok(Self { shared, root, polls, _watcher: watcher })
    }

    /// Whether it looks every now and then, because the system tells nothing.
    #[must_use]
    pub fn polls(&self) -> bool {
        self.polls
    }

    /// Waits for the next change, and answers with what changed since the last answer. What changes while nobody waits
    /// is not lost.
    pub async fn changed(&self) -> Changed {
        loop {
            let listener = self.shared.signal.listen();
            if let Some(changed) = self.shared.take() {
                return changed;
            }
            listener.await;
        }
    }
}

impl Shared {
    fn take(&self) -> Option<Changed> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn put(&self, changed: Changed) {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        *pending = Some(match pending.take() {
            None => changed,
            Some(before) => merged(before, changed),
        });
        drop(pending);
        self.signal.notify(usize::MAX);
    }
}

fn merged(before: Changed, after: Changed) -> Changed {
    match (before, after) {
        (Changed::Files(mut files), Changed::Files(more)) if files.len() + more.len() <= MOST => {
            files.extend(more);
            Changed::Files(files)
        }
        _ => Changed::Anything,
    }
}

/// Collects events until nothing happens for a while, and tells them together.
fn tell(source: &DirectorySource, events: &Receiver<notify::Result<notify::Event>>, shared: &Shared) {
    while let Ok(first) = events.recv() {
        let (mut changed, started) = (of(source, first), Instant::now());
        while started.elapsed() < LATEST {
            match events.recv_timeout(QUIET) {
                Ok(event) => changed = merged(changed, of(source, event)),
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
        if changed != Changed::Files(BTreeSet::new()) {
            shared.put(changed);
        }
    }
}

/// What an event means for the source.
fn of(source: &DirectorySource, event: notify::Result<notify::Event>) -> Changed {
    let Ok(event) = event else { return Changed::Anything };
    if event.need_rescan() {
        return Changed::Anything;
    }
    if matches!(event.kind, EventKind::Access(_) | EventKind::Modify(ModifyKind::Metadata(_))) {
        return Changed::Files(BTreeSet::new());
    }
    let each = event.paths.iter().map(|path| of_path(source, path, event.kind));
    each.fold(Changed::Files(BTreeSet::new()), merged)
}

fn of_path(source: &DirectorySource, path: &Path, kind: EventKind) -> Changed {
    let nothing = Changed::Files(BTreeSet::new());
    if source.root().is_file() {
        return if path == source.root() { Changed::Anything } else { nothing };
    }
    let Some(inner) = path.strip_prefix(source.root()).ok().and_then(Path::to_str) else { return nothing };
    let inner = inner.replace(std::path::MAIN_SEPARATOR, "/");
    if inner.is_empty() {
        // The directory itself: its content is told of by paths below it, unless it is gone.
        return if path.exists() { nothing } else { Changed::Anything };
    }
    if source.leaves_out(&inner) {
        return nothing;
    }
    if path.is_dir() {
        // What a folder holds when it appears may have been there before anybody listened.
        return if matches!(kind, EventKind::Create(_) | EventKind::Modify(ModifyKind::Name(_))) {
            Changed::Anything
        } else {
            nothing
        };
    }
    if source.wants(&inner) {
        return Changed::Files(BTreeSet::from([inner]));
    }
    // What is gone without a word of what it was may have been a folder, however it was called.
    let was_file = matches!(
        kind,
        EventKind::Remove(RemoveKind::File)
            | EventKind::Create(CreateKind::File)
            | EventKind::Modify(ModifyKind::Data(_))
    );
    if was_file || path.exists() { nothing } else { Changed::Anything }
}

fn failed(root: &Path, error: notify::Error) -> Error {
    Error::new(ErrorKind::Unavailable, "cannot watch the directory")
        .with("path", root.display())
        .because(error)
}
