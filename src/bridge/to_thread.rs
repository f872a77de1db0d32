//! Calls that block, for tasks.

use crate::sys::{THREADS_FOR_CALLS, lazy};
use crate::thread::{Job, ThreadPool};

lazy! {
    /// The threads of all such calls. A call that waits for another needs no thread beyond these.
    static THREADS: ThreadPool = ThreadPool::builder()
        .workers(THREADS_FOR_CALLS)
        .max_blocked(THREADS_FOR_CALLS)
        .name_prefix("to_thread")
        .build()
}

/// Has something that blocks called on another thread, so that the thread of this task goes on.
///
/// The call begins at once, whether or not the [`Job`] is awaited. Dropping the job keeps a call that has not begun from
/// beginning; one that has begun runs on, unseen, for nobody can stop it. So a timeout around it is
/// safe, and what it does must be something that may happen after the timeout. Let the call look at an
/// [`Event`](crate::thread::Event) now and then, if it is to stop; [`Job::detach`] lets it happen in any case.
///
/// All such calls of the process share a pool of up to 512 threads, which are started when they are needed.
/// Further calls wait for one of them, first come, first served. The program may end while calls are under way: wait for
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
/// See above: a call that has not begun never begins.
///
/// # Errors
///
/// [`JobError::Panicked`](crate::JobError::Panicked) if the call panics, and
/// [`JobError::NotStarted`](crate::JobError::NotStarted) if there is no thread and none can be started.
///
/// # Deadlocks
///
/// More than 512 calls that wait, in a lock or a queue, for calls behind them.
///
/// # Examples
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
pub fn to_thread<F, T>(closure: F) -> Job<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    THREADS.submit(closure).cancel_on_drop()
}
