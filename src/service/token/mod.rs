//! `CancelToken`: a request to stop, for whatever cannot be dropped.

use core::fmt;
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

mod forest;
mod group;
mod guard;
mod hooks;
mod items;
mod node;
mod submit;
mod wait;

pub use self::guard::{CancelGuard, Registration};
pub use self::items::ItemsUntil;
pub use self::wait::{CancelSleep, CancelWait, RunUntilCancelled};

use self::node::Node;
use crate::error::Cancelled;

/// Asks threads, closures and trees of tasks to stop.
///
/// A future is cancelled by dropping it. A token is for work that cannot be dropped: threads, closures, and
/// trees of tasks that end by themselves. [`cancel`](Self::cancel) cancels the token and every
/// [`child`](Self::child) below it, however deep, but not its parent. The work can check
/// ([`is_cancelled`](Self::is_cancelled), [`check`](Self::check)), wait
/// ([`cancelled`](Self::cancelled), [`sleep`](Self::sleep)), register a
/// [callback](Self::on_cancel), or run a future that is dropped on cancellation
/// ([`run_until_cancelled`](Self::run_until_cancelled)). A token stays cancelled for ever.
///
/// A token is a handle: clones are the same token. Dropping a handle cancels nothing, unless it is a
/// [`drop_guard`](Self::drop_guard). A dropped child leaves nothing behind in its parent.
/// Children of a dropped token stay below the parent of that token.
///
/// Do not use it to stop a single future (drop it) or a [`Job`](crate::Job) ([`cancel`](crate::Job::cancel) it), or to
/// announce anything other than "stop" (use an [`Event`](crate::task::Event)).
///
/// # Order
///
/// When `cancel` wakes the first waiter or runs the first callback, the token and all tokens below it
/// are already cancelled. Waiters are woken first, parents before their children. Then the callbacks
/// run, one after the other, on the thread that cancels.
///
/// # Deadlines
///
/// A [`child_deadline`](Self::child_deadline) is cancelled, with all tokens below it, by the timer when its time comes. For a
/// moment after the deadline, `is_cancelled` may still return `false`. Callbacks run on a helper thread, or on the timer's own
/// thread if no helper can be started.
///
/// # Memory effects
///
/// Everything that happened before the `cancel` that takes effect happens before everything after an
/// `is_cancelled()` that returns `true`, after a wait that it ends, and before the callbacks.
///
/// # Deadlocks
///
/// A callback runs on the thread that cancels. It must not wait for
/// anything that this thread does afterwards.
///
/// # Examples
///
/// ## A closure on a thread looks now and then
///
/// ```
/// use syncline::{Cancelled, service::CancelToken, thread};
///
/// let token = CancelToken::new();
/// let worker = thread::spawn_named("worker", {
///     let token = token.child();
///     move || -> Result<u64, Cancelled> {
///         let mut steps = 0;
///         loop {
///             token.check()?;
///             steps += 1;
/// #           std::thread::yield_now();
/// #           let _ = steps;
///         }
///     }
/// });
/// token.cancel();
/// assert!(worker.wait()?.is_err());
/// # Ok::<(), syncline::JobError>(())
/// ```
///
/// ## A thread's wait that a token ends
///
/// ```
/// use syncline::{service::CancelToken, task::block_on, thread::Lock};
///
/// let (token, lock) = (CancelToken::new(), Lock::new(0));
/// let held = lock.lock();
/// token.cancel();
/// let waited = block_on(token.run_until_cancelled(lock.as_task().lock()));
/// assert!(waited.is_err());
/// # drop(held);
/// ```
///
/// ## A batch that may take a second at most
///
/// ```
/// use core::time::Duration;
/// use syncline::service::CancelToken;
///
/// let program = CancelToken::new();
/// let batch = program.child_timeout(Duration::from_secs(1));
/// for item in 0..10 {
///     if batch.is_cancelled() {
///         break; // Ctrl-C, or the second is over
///     }
/// #   let _ = item;
/// }
/// assert!(batch.deadline().is_some());
/// ```
#[doc(alias("CancelScope", "AbortController"))]
pub struct CancelToken {
    node: Arc<Node>,
}

/// The name that other crates give to a [`CancelToken`].
pub type CancellationToken = CancelToken;

impl CancelToken {
    /// Returns a token that is not cancelled and has no parent.
    ///
    /// # Examples
    ///
    /// ```
    /// let token = syncline::service::CancelToken::new();
    /// assert!(!token.is_cancelled());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::of(Node::root())
    }

    /// Returns a token that is cancelled together with this one, and can be cancelled alone.
    ///
    /// A child of a cancelled token is cancelled.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::service::CancelToken;
    ///
    /// let program = CancelToken::new();
    /// let (request, other) = (program.child(), program.child());
    /// request.cancel();
    /// assert!(request.is_cancelled() && !other.is_cancelled() && !program.is_cancelled());
    /// program.cancel();
    /// assert!(other.is_cancelled());
    /// ```
    #[must_use]
    pub fn child(&self) -> Self {
        Self::of(self.node.child(None))
    }

    /// Returns a child that is cancelled when `timeout` is over, counted from now.
    ///
    /// A duration that overflows the clock means "never"; zero cancels at once. If the parent is cancelled first, so is the
    /// child.
    ///
    /// # Panics
    ///
    /// Panics if the timer's thread cannot be started.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use syncline::service::CancelToken;
    ///
    /// let token = CancelToken::new().child_timeout(Duration::ZERO);
    /// assert!(token.check().unwrap_err().is_deadline());
    /// ```
    #[must_use]
    pub fn child_timeout(&self, timeout: Duration) -> Self {
        match crate::sys::now().checked_add(timeout) {
            Some(at) => self.child_deadline(at),
            None => self.child(),
        }
    }

    /// Returns a child that is cancelled at `deadline`.
    ///
    /// # Panics
    ///
    /// Panics if the timer's thread cannot be started.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use std::time::Instant;
    /// use syncline::service::CancelToken;
    ///
    /// let soon = Instant::now() + Duration::from_millis(1);
    /// let request = CancelToken::new().child_deadline(soon);
    /// assert_eq!(request.deadline(), Some(soon));
    /// request.cancelled().wait(); // ends when the deadline comes
    /// assert!(request.check().unwrap_err().is_deadline());
    /// ```
    #[must_use]
    pub fn child_deadline(&self, deadline: Instant) -> Self {
        Self::of(self.node.child(Some(deadline)))
    }

    /// Cancels this token and all tokens below it, and runs their callbacks.
    ///
    /// Calling it again does nothing. A callback that panics is reported by the panic hook and stops no other;
    /// neither does a waker that panics.
    ///
    /// # Examples
    ///
    /// ```
    /// let token = syncline::service::CancelToken::new();
    /// let deep = token.child().child().child();
    /// token.cancel();
    /// assert!(deep.is_cancelled());
    /// ```
    pub fn cancel(&self) {
        self.node.cancel();
    }

    /// Returns whether the token has been cancelled, at this instant.
    ///
    /// # Examples
    ///
    /// ```
    /// let token = syncline::service::CancelToken::new();
    /// token.cancel();
    /// assert!(token.is_cancelled());
    /// ```
    #[inline]
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.node.cancelled().is_some()
    }

    /// Returns when the token will be cancelled by a deadline: its own, or one above it.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use syncline::service::CancelToken;
    ///
    /// let request = CancelToken::new().child_timeout(Duration::from_secs(1));
    /// let step = request.child_timeout(Duration::from_secs(5));
    /// assert_eq!(step.deadline(), request.deadline()); // the earlier one
    /// ```
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.node.deadline()
    }

    /// Returns an error if the token has been cancelled, for use with the `?` operator.
    ///
    /// # Errors
    ///
    /// Returns [`Cancelled`], which says whether a deadline was the cause.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{Cancelled, service::CancelToken};
    ///
    /// fn checksum(bytes: &[u8], token: &CancelToken) -> Result<u32, Cancelled> {
    ///     let mut sum = 0;
    ///     for block in bytes.chunks(4096) {
    ///         token.check()?;
    ///         sum += block.iter().map(|byte| u32::from(*byte)).sum::<u32>();
    ///     }
    ///     Ok(sum)
    /// }
    /// assert_eq!(checksum(&[1, 2, 3], &CancelToken::new()), Ok(6));
    /// ```
    #[inline]
    pub fn check(&self) -> Result<(), Cancelled> {
        self.node.cancelled().map_or(Ok(()), Err)
    }

    /// Adds a callback that runs when the token is cancelled. If it has been, the callback runs now.
    ///
    /// Each callback of a token runs once, in the order in which they were added, on the thread that
    /// cancels, or on a helper thread if a deadline cancels. No lock is held: callbacks may use the token,
    /// and add and remove callbacks. A panic is reported by the panic hook and stops no other callback. A callback
    /// that runs now panics in the caller.
    ///
    /// Dropping the [`Registration`] removes the callback. [`detach`](Registration::detach) keeps it for
    /// as long as a handle of the token lives.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::net::{Shutdown, TcpListener, TcpStream};
    /// use syncline::service::CancelToken;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let listener = TcpListener::bind("127.0.0.1:0")?;
    /// let stream = TcpStream::connect(listener.local_addr()?)?;
    /// let token = CancelToken::new();
    /// // A read that blocks ends when the token is cancelled.
    /// let ends_reads = stream.try_clone()?;
    /// let registration = token.on_cancel(move || drop(ends_reads.shutdown(Shutdown::Both)));
    /// token.cancel();
    /// assert_eq!(std::io::Read::read(&mut &stream, &mut [0; 8])?, 0);
    /// assert!(!registration.remove()); // it has run
    /// # Ok(())
    /// # }
    /// ```
    pub fn on_cancel(&self, callback: impl FnOnce() + Send + 'static) -> Registration {
        let node = &self.node;
        node.watch();
        match node
            .hooks
            .add(Box::new(callback), || node.cancelled().is_some())
        {
            Ok(id) => Registration::new(self.clone(), Some(id)),
            Err(callback) => {
                callback();
                Registration::new(self.clone(), None)
            }
        }
    }

    /// Turns this handle into a guard that cancels the token when it is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::service::CancelToken;
    ///
    /// fn serve(token: CancelToken) -> Result<(), &'static str> {
    ///     let _stop_helpers = token.drop_guard(); // however this returns
    ///     Err("no socket")
    /// }
    /// let token = CancelToken::new();
    /// assert!(serve(token.clone()).is_err());
    /// assert!(token.is_cancelled());
    /// ```
    pub fn drop_guard(self) -> CancelGuard {
        CancelGuard::new(self)
    }

    const fn of(node: Arc<Node>) -> Self {
        Self { node }
    }
}

impl Clone for CancelToken {
    fn clone(&self) -> Self {
        Self::of(self.node.share())
    }
}

impl Drop for CancelToken {
    fn drop(&mut self) {
        self.node.leave();
    }
}

// A panic leaves nothing of a token half done: no user code runs while it is changed.
impl UnwindSafe for CancelToken {}
impl RefUnwindSafe for CancelToken {}

impl Default for CancelToken {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for CancelToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancelToken")
            .field("is_cancelled", &self.is_cancelled())
            .field("deadline", &self.deadline())
            .finish_non_exhaustive()
    }
}
