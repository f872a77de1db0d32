//! Calls that block, for tasks.

use core::time::Duration;

use crate::job::Job;
use crate::pool::ThreadPool;
use crate::sys::{THREADS_FOR_CALLS, global};

/// How many calls of [`to_thread`] may be under way at once, in the whole process.
///
/// # Examples
///
/// A library that allows itself no more than half of them, so that something is left for others:
///
/// ```
/// use syncline::{bridge::MAX_CALLS, task::Semaphore};
///
/// let calls = Semaphore::new(MAX_CALLS / 2);
/// assert!(calls.available_permits() > 0);
/// ```
pub const MAX_CALLS: usize = THREADS_FOR_CALLS;

/// How long a thread without a call stays: as long as tokio's do.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

global! {
    /// The threads of all such calls. A call that waits for another needs no thread beyond these.
    static THREADS: ThreadPool = ThreadPool::builder()
        .workers(MAX_CALLS)
        .max_blocked(MAX_CALLS)
        .name_prefix("to_thread")
        .keep_alive(KEEP_ALIVE)
        .build()
}

/// Has something that blocks called on another thread, so that the thread of this task goes on.
///
/// The call begins at once, whether or not the [`Job`] is awaited. Dropping the job keeps a call that has not begun from
/// beginning: the closure is dropped, with all that it captures. One that has begun runs on, unseen, for nobody can stop
/// it. So a timeout around it is safe, and what it does must be something that may happen after the timeout. Set the timeout
/// of the library that it calls as well, so that its thread comes back; or let the call look at an
/// [`Event`](crate::thread::Event) now and then. [`Job::detach`] lets it happen in any case.
///
/// All such calls of the process share a pool of up to [`MAX_CALLS`] threads, which are started when they are needed, and end
/// when they have had no call for ten seconds. Further calls wait for one of them, first come, first served; but those that
/// are made inside such a call are for its thread first, the newest before the others. The program may end while calls are under way: wait for
/// what has to be finished.
///
/// Use it for calls that wait: files, a database, a library that knows no futures. Work that keeps a processor busy
/// belongs on a [`ThreadPool`] with as many workers as there are processors; its jobs are awaited in the same way.
///
/// # Memory effects
///
/// What happened before `to_thread` happens before the call, and that before everything after the await.
///
/// # Cancel safety
///
/// See above: a call that has not begun never begins, and its closure is dropped.
///
/// # Errors
///
/// [`JobError::Panicked`](crate::JobError::Panicked) if the call panics, and
/// [`JobError::NotStarted`](crate::JobError::NotStarted) if there is no thread and none can be started.
///
/// # Deadlocks
///
/// More than [`MAX_CALLS`] calls that wait, in a lock or a queue, for calls behind them.
///
/// # Examples
///
/// A file, from a task:
///
/// ```
/// use syncline::{bridge::to_thread, task};
///
/// let length = task::block_on(async {
///     let read = to_thread(|| std::fs::read("Cargo.toml"));
///     // Here the task could do something else.
///     Ok::<_, Box<dyn std::error::Error>>(read.await??.len())
/// })?;
/// assert!(length > 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A limit that holds for calls, not for those who wait for them. The permit moves into the closure, so that a
/// call that nobody waits for any more still counts, and one that never begins gives it back:
///
/// ```
/// use core::time::Duration;
/// use std::sync::Arc;
/// use syncline::{bridge::to_thread, task::{self, Semaphore}, thread::Event};
///
/// let places = Arc::new(Semaphore::new(1));
/// let (begun, answer) = (Arc::new(Event::new()), Arc::new(Event::new()));
/// task::block_on(async {
///     let place = places.acquire_owned().await;
///     let (begins, slow) = (Arc::clone(&begun), Arc::clone(&answer));
///     let call = to_thread(move || {
///         begins.set();
///         slow.wait(); // a server that does not answer
///         drop(place);
///     });
///     begun.as_task().wait().await;
///     assert!(task::timeout(Duration::from_millis(1), call).await.is_err());
///     assert!(places.try_acquire().is_none()); // given up, but its thread is still at it
///     answer.set();
///     let _place = places.acquire().await;
/// });
/// ```
#[doc(alias = "spawn_blocking")]
pub fn to_thread<F, T>(closure: F) -> Job<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    THREADS.submit(closure).cancel_on_drop()
}
