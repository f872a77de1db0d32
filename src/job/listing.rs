//! The threads of this crate, for whoever wants to see them.

use std::thread::ThreadId;

use crate::sys;
pub use crate::sys::ThreadState;

/// A thread that this crate has started; from [`enumerate`].
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

/// Returns the threads that this crate has started in this process and that have not ended, in the order in
/// which they began.
///
/// These are the threads of pools, of runners, and of [`spawn()`](super::spawn()). The timer of the crate is not among them, nor are
/// threads that others have started. The child of a `fork` sees only those that it has started itself.
///
/// The list is taken under a lock that a thread takes when it begins and when it ends. No thread is stopped for
/// it: each may do something else by the time the list is read.
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
