//! The threads of this crate, for whoever wants to see them.

use std::thread::ThreadId;

use crate::sys;
pub use crate::sys::ThreadState;

/// A thread that this crate has started. Returned by [`enumerate`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ThreadInfo {
    /// Its name, if it has one.
    pub name: Option<String>,
    /// Its id, by which `std` knows it.
    pub id: ThreadId,
    /// What it does, at this instant.
    pub state: ThreadState,
}

/// Returns the threads that this crate has started and that have not ended, in order of their
/// start.
///
/// These are the threads of pools, of runners, and of [`spawn()`](super::spawn()), but not the timer of the crate, and not
/// threads that others have started. The child of a `fork` sees only threads that it has started itself.
///
/// The list is a snapshot. No thread is stopped for it, so each may do something else by the time you read it.
///
/// # Examples
///
/// ```
/// use syncline::thread::{self, ThreadPool, ThreadState};
///
/// let pool = ThreadPool::builder().name_prefix("worker").workers(1).build();
/// pool.submit(|| ()).wait()?;
/// let all = thread::enumerate();
/// let worker = all.iter().find(|thread| thread.name.as_deref() == Some("worker-0")).unwrap();
/// println!("{:?} is {:?}", worker.id, worker.state); // probably idle by now
/// assert_ne!(worker.state, ThreadState::Blocked);
/// # Ok::<(), syncline::JobError>(())
/// ```
#[must_use]
pub fn enumerate() -> Vec<ThreadInfo> {
    let threads = sys::threads().into_iter();
    (threads.map(|(name, id, state)| ThreadInfo { name, id, state })).collect()
}

/// Returns how many threads [`enumerate`] would list.
///
/// # Examples
///
/// ```
/// use syncline::thread::{active_count, spawn};
///
/// let job = spawn(active_count);
/// assert!(job.wait()? >= 1);
/// # Ok::<(), syncline::JobError>(())
/// ```
#[must_use]
pub fn active_count() -> usize {
    sys::thread_count()
}
