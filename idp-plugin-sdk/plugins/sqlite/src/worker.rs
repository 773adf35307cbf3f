//! The thread that owns the connection.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use event_listener::{Event, EventListener};
use idp_plugin_sdk::{EffectState, Error, Result};
use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::store;

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// Runs jobs one after the other, and looks for other processes' changes while somebody waits for one.
#[derive(Debug)]
pub(crate) struct Worker {
    /// Taken when the worker ends.
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    changes: Arc<Changes>,
}

/// Who waits for a change of the file.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    signal: Event,
    waiting: AtomicUsize,
}

impl Changes {
    pub(crate) fn announce(&self) {
        self.signal.notify(usize::MAX);
    }

    pub(crate) fn listen(&self) -> EventListener {
        self.signal.listen()
    }

    /// Keeps the worker looking until the answer is dropped.
    pub(crate) fn wait(self: &Arc<Self>) -> Waiting {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        Waiting(Arc::clone(self))
    }

    fn is_awaited(&self) -> bool {
        self.waiting.load(Ordering::SeqCst) > 0
    }
}

/// Somebody waits.
#[derive(Debug)]
pub(crate) struct Waiting(Arc<Changes>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Worker {
    pub(crate) fn start(connection: Connection, poll: Duration) -> Result<Self> {
        let (jobs, queue) = channel();
        let changes = Arc::new(Changes::default());
        let shared = Arc::clone(&changes);
        let thread = std::thread::Builder::new()
            .name("idp-sqlite".to_owned())
            .spawn(move || Loop { connection, queue, changes: shared, poll, seen: None }.run())
            .map_err(|error| Error::internal("cannot start the log's thread").because(error))?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread), changes })
    }

    pub(crate) fn changes(&self) -> &Arc<Changes> {
        &self.changes
    }

    /// Does a job on the worker's thread and answers with its result. It is done even where nobody awaits it.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (answer, result) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            // An error means that nobody waits for it any more.
            let _ = answer.send(job(connection));
        });
        let ended = || Error::internal("the log's thread has ended").effect(EffectState::Unknown);
        self.jobs.as_ref().and_then(|jobs| jobs.send(job).ok()).ok_or_else(ended)?;
        result.await.map_err(|_| ended())?
    }
}

/// Waits until the file is closed, so that it can be moved or opened again at once.
impl Drop for Worker {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Loop {
    connection: Connection,
    queue: Receiver<Job>,
    changes: Arc<Changes>,
    poll: Duration,
    seen: Option<i64>,
}

impl Loop {
    fn run(mut self) {
        let mut looked = Instant::now();
        while let Some(job) = self.next() {
            if let Some(job) = job {
                job(&mut self.connection);
            }
            if self.changes.is_awaited() && looked.elapsed() >= self.poll {
                self.look();
                looked = Instant::now();
            }
        }
    }

    /// `None` at the end; `Some(None)` where it is time to look.
    fn next(&self) -> Option<Option<Job>> {
        if !self.changes.is_awaited() {
            return self.queue.recv().ok().map(Some);
        }
        match self.queue.recv_timeout(self.poll) {
            Ok(job) => Some(Some(job)),
            Err(RecvTimeoutError::Timeout) => Some(None),
            Err(RecvTimeoutError::Disconnected) => None,
        }
    }

    fn look(&mut self) {
        // A failure here shows up in the next job, which has somebody to tell.
        let Ok(version) = store::version(&self.connection) else { return };
        if self.seen.replace(version) != Some(version) {
            self.changes.announce();
        }
    }
}
