//! Calls that block, for tasks.

use core::time::Duration;

use crate::job::Job;
use crate::pool::ThreadPool;
use crate::sys::{THREADS_FOR_CALLS, global};

/// The most calls of [`to_thread`] that run at once, in the whole process.
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

/// Runs a blocking closure on a helper thread. Await the returned [`Job`] for its result.
///
/// The call starts at once, whether or not the job is awaited. Dropping the job cancels a call that has not started:
/// the closure is dropped, with everything it captures. A call that has started runs to its end, because nothing can stop
/// it. So a timeout around it loses nothing, but the call may complete after the timeout. Set a timeout in the library that it
/// calls as well, so that the thread comes back, or let the closure look at a
/// [`CancelToken`](crate::service::CancelToken) now and then. [`Job::detach`] lets a call happen in any case.
///
/// All calls of the process share up to [`MAX_CALLS`] threads, which are started on demand and end after ten idle seconds. Further
/// calls wait for one of them, first come, first served. Calls made inside such a call go to its own thread first, newest first. The
/// program may end while calls are under way: wait for what must be finished.
///
/// Use it for calls that wait: files, a database, a library without futures. Computation belongs on a
/// [`ThreadPool`] with a worker for each processor; its jobs are awaited in the same way.
///
/// # Memory effects
///
/// What happened before `to_thread` happens before the call, and that before everything after the await.
///
/// # Cancel safety
///
/// Dropping the job cancels a call that has not started; see above.
///
/// # Errors
///
/// Returns [`JobError::Panicked`](crate::JobError::Panicked) if the call panics, and
/// [`JobError::NotStarted`](crate::JobError::NotStarted) if there is no thread and none can be started.
///
/// # Deadlocks
///
/// More than [`MAX_CALLS`] calls that wait for calls which have not started.
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
/// A limit on calls rather than on tasks. The permit moves into the closure, so an abandoned call that still runs
/// counts, and a call that never starts releases its permit:
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
#[doc(alias("spawn_blocking", "run_in_executor", "block_in_place"))]
pub fn to_thread<F, T>(closure: F) -> Job<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    THREADS.submit(closure).cancel_on_drop()
}
