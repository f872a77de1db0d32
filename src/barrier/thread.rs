//! `Barrier` for threads.

use core::fmt;
use core::time::Duration;
use std::time::Instant;

use super::arrival::Arrival;
use super::generations::Generations;
use super::word::Generation;
use crate::error::BrokenBarrier;
use crate::line::{Quiet, Timeout};
use crate::sys::constructor;

/// A barrier at which a fixed number of threads meet, round after round.
///
/// Each party waits until all `parties` have arrived. Then all continue, and the next round begins. Use it for work
/// in phases, if nobody may begin a phase before everybody has ended the last one. Do not use it if the number of
/// parties changes, to wait for something that happens once ([`Event`](crate::thread::Event)), or to wait until some
/// work is done (join the workers).
///
/// An incomplete round can be broken by a deadline ([`wait_timeout`]), or by anybody ([`abort`], [`reset`]). All
/// waits of that round then return [`BrokenBarrier`]. After a deadline or an abort, the barrier stays broken until it
/// is reset, and each wait fails at once.
///
/// With [`with_action`], the last party to arrive runs a closure before the others continue.
///
/// # Fairness
///
/// Indices follow the order of arrival, and parties are woken in that order. A party that arrives after a round is
/// complete belongs to the next round, even if some parties of the last one are not awake yet. So a fast party cannot
/// pass through twice.
///
/// # Memory effects
///
/// Everything before the arrival of each party happens before the action, and before everything after the wait of
/// each party of that round. Everything in the action happens before the return of every wait of the round.
/// Everything before a deadline, an abort or a reset that breaks a round happens before the waits that fail because
/// of it return.
///
/// # Deadlocks
///
/// A wait lasts for ever if fewer than `parties` arrive. The action must not wait for the barrier: its own round ends
/// after the action, and a wait inside it would need a whole new round of others. Calls that do not wait (`abort`,
/// `reset`, and the reads) concern the next round there.
///
/// # Examples
///
/// ## Two phases
///
/// ```
/// use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
/// use syncline::thread::Barrier;
///
/// let barrier = Barrier::new(3);
/// let written = AtomicUsize::new(0);
/// std::thread::scope(|threads| {
///     for _ in 0..3 {
///         threads.spawn(|| {
///             written.fetch_add(1, Relaxed);
///             barrier.wait().expect("nobody gives up");
///             assert_eq!(written.load(Relaxed), 3);
///         });
///     }
/// });
/// ```
///
/// ## Somebody does not come
///
/// ```
/// use core::time::Duration;
/// use syncline::thread::Barrier;
///
/// let barrier = Barrier::new(2);
/// let error = barrier.wait_timeout(Duration::from_millis(1)).unwrap_err();
/// assert!(error.timed_out() && barrier.is_broken());
/// barrier.reset();
/// assert!(!barrier.is_broken());
/// ```
///
/// [`wait_timeout`]: Self::wait_timeout
/// [`abort`]: Self::abort
/// [`reset`]: Self::reset
/// [`with_action`]: Self::with_action
#[doc(alias = "CyclicBarrier")]
#[repr(transparent)]
pub struct Barrier {
    pub(crate) rounds: Generations,
}

impl Barrier {
    constructor! {
        /// Creates a barrier for `parties`.
        ///
        /// # Panics
        ///
        /// Panics if `parties` is 0: nobody would ever arrive.
        ///
        /// # Examples
        ///
        /// ```
        /// use syncline::thread::Barrier;
        ///
        /// static START: Barrier = Barrier::new(2);
        /// assert_eq!(START.parties(), 2);
        /// ```
        #[must_use]
        #[track_caller]
        pub const fn new(parties: usize) -> Self {
            assert!(parties > 0, "a barrier needs at least one party");
            Self {
                rounds: Generations::new(parties, None),
            }
        }
    }

    /// Creates a barrier for `parties` with an action, which the last party to arrive runs before the others
    /// continue.
    ///
    /// After the last arrival, no deadline, drop, abort or reset affects that round. Only a panic of the action does:
    /// then the other parties get [`BrokenBarrier`], the barrier is broken, and the panic continues in the leader's
    /// wait.
    ///
    /// If more than `parties` use the barrier, the action of a round may run while that of the next
    /// one does. It must not touch the barrier (see *Deadlocks* above).
    ///
    /// # Panics
    ///
    /// Panics if `parties` is 0.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
    /// use syncline::thread::Barrier;
    ///
    /// let rounds = Arc::new(AtomicUsize::new(0));
    /// let counted = Arc::clone(&rounds);
    /// let barrier = Barrier::with_action(1, move || {
    ///     counted.fetch_add(1, Relaxed);
    /// });
    /// barrier.wait()?;
    /// barrier.wait()?;
    /// assert_eq!(rounds.load(Relaxed), 2);
    /// # Ok::<(), syncline::BrokenBarrier>(())
    /// ```
    #[must_use]
    #[track_caller]
    pub fn with_action(parties: usize, action: impl Fn() + Send + Sync + 'static) -> Self {
        assert!(parties > 0, "a barrier needs at least one party");
        Self {
            rounds: Generations::new(parties, Some(Box::new(action))),
        }
    }

    /// Arrives, and blocks until all have arrived.
    ///
    /// # Errors
    ///
    /// Returns [`BrokenBarrier`] if the barrier is broken, or this round was broken before all came.
    ///
    /// # Panics
    ///
    /// Panics in the last party to arrive, if the action panics.
    ///
    /// # Examples
    ///
    /// ```
    /// let barrier = syncline::thread::Barrier::new(2);
    /// std::thread::scope(|threads| {
    ///     threads.spawn(|| barrier.wait());
    ///     barrier.wait()
    /// })?;
    /// # Ok::<(), syncline::BrokenBarrier>(())
    /// ```
    #[track_caller]
    pub fn wait(&self) -> Result<Arrival, BrokenBarrier> {
        self.rounds.block(Timeout::Never)
    }

    /// Arrives, and blocks until all have arrived, for at most `timeout`.
    ///
    /// Breaks the barrier at the deadline. With zero, only the last to arrive succeeds, and anybody else breaks the
    /// barrier.
    ///
    /// A round that is complete is not broken by the time its action takes.
    ///
    /// # Errors
    ///
    /// Returns [`BrokenBarrier`] if the barrier is broken, or this round was broken before all came;
    /// [`timed_out`](BrokenBarrier::timed_out) says whether by this deadline.
    ///
    /// # Panics
    ///
    /// Panics in the last party to arrive, if the action panics.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    ///
    /// let barrier = syncline::thread::Barrier::new(2);
    /// assert!(barrier.wait_timeout(Duration::from_millis(1)).unwrap_err().timed_out());
    /// assert!(!barrier.wait_timeout(Duration::MAX).unwrap_err().timed_out());
    /// ```
    #[track_caller]
    pub fn wait_timeout(&self, timeout: Duration) -> Result<Arrival, BrokenBarrier> {
        self.rounds.block(Timeout::After(timeout))
    }

    /// Arrives, and blocks until all have arrived. Breaks the barrier at `deadline`.
    ///
    /// # Errors
    ///
    /// The same as for [`wait_timeout`](Self::wait_timeout).
    ///
    /// # Panics
    ///
    /// Panics in the last party to arrive, if the action panics.
    ///
    /// # Examples
    ///
    /// ```
    /// let barrier = syncline::thread::Barrier::new(2);
    /// let error = barrier.wait_deadline(std::time::Instant::now()).unwrap_err();
    /// assert!(error.timed_out());
    /// ```
    #[track_caller]
    pub fn wait_deadline(&self, deadline: Instant) -> Result<Arrival, BrokenBarrier> {
        self.rounds.block(Timeout::At(deadline))
    }

    /// Breaks the barrier. All waiters get [`BrokenBarrier`], and so does everybody who arrives, until it is
    /// [`reset`](Self::reset).
    ///
    /// # Examples
    ///
    /// ```
    /// let barrier = syncline::thread::Barrier::new(2);
    /// barrier.abort();
    /// assert!(barrier.wait().is_err());
    /// ```
    pub fn abort(&self) {
        self.rounds.break_off(Generation::BROKEN);
    }

    /// Resets the barrier. All waiters get [`BrokenBarrier`], and the next arrivals begin a new round.
    ///
    /// # Examples
    ///
    /// ```
    /// let barrier = syncline::thread::Barrier::new(1);
    /// barrier.abort();
    /// assert!(barrier.wait().is_err());
    /// barrier.reset();
    /// assert!(barrier.wait().is_ok());
    /// ```
    pub fn reset(&self) {
        self.rounds.break_off(Generation::FRESH);
    }

    /// Returns the number of parties.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(syncline::thread::Barrier::new(3).parties(), 3);
    /// ```
    #[must_use]
    pub const fn parties(&self) -> usize {
        self.rounds.parties()
    }

    /// Returns how many parties wait for the others at this instant, not counting complete rounds.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(syncline::thread::Barrier::new(3).waiting(), 0);
    /// ```
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.rounds.round().arrived()
    }

    /// Returns whether the barrier is broken at this instant.
    ///
    /// # Examples
    ///
    /// ```
    /// let barrier = syncline::thread::Barrier::new(2);
    /// assert!(!barrier.is_broken());
    /// barrier.abort();
    /// assert!(barrier.is_broken());
    /// ```
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.rounds.round().is_broken()
    }
}

impl fmt::Debug for Barrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Barrier")
            .field("parties", &self.parties())
            .field("waiting", &self.waiting())
            .field("is_broken", &self.is_broken())
            .finish_non_exhaustive()
    }
}

impl Quiet for Barrier {
    fn assert_quiet(&self) {
        self.rounds.assert_quiet();
    }

    fn waiting(&self) -> usize {
        self.waiting()
    }
}
