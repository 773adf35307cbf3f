//! Running clauses without a runtime.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::{Duration, Instant};

/// A future on the heap.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What came of a clause: an error says what does not hold.
pub type Verdict = Result<Outcome, String>;

/// What came of a clause that was not broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It holds.
    Holds,
    /// The subject does not offer what it takes to tell.
    NotOffered(&'static str),
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Runs a future to its end on this thread. For subjects that need no runtime.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
        std::thread::park();
    }
}

/// The future's answer, or `None` where there is none after `limit`: a subject that hangs fails its clause and does not
/// hang the tests.
pub async fn within<T>(limit: Duration, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let deadline = Instant::now() + limit;
    let mut alarm_is_set = false;
    std::future::poll_fn(|context| {
        if let Poll::Ready(value) = future.as_mut().poll(context) {
            return Poll::Ready(Some(value));
        }
        if Instant::now() >= deadline {
            return Poll::Ready(None);
        }
        if !std::mem::replace(&mut alarm_is_set, true) {
            set_alarm(deadline, context.waker().clone());
        }
        Poll::Pending
    })
    .await
}

fn set_alarm(at: Instant, waker: Waker) {
    std::thread::spawn(move || {
        std::thread::sleep(at.saturating_duration_since(Instant::now()));
        waker.wake();
    });
}

pub(super) fn ensure(holds: bool, otherwise: impl Into<String>) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise.into()) }
}

/// An error of the subject where it has no reason for one.
pub(super) fn unexpected(what: &str) -> impl Fn(idp_core::Error) -> String {
    move |error| format!("{what} fails: {}", error.chain())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_future_that_hangs_is_caught() {
        assert_eq!(block_on(within(Duration::from_millis(20), std::future::pending::<()>())), None);
        assert_eq!(block_on(within(Duration::from_secs(9), std::future::ready(7))), Some(7));
    }
}
