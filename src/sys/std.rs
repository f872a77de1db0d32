//! The real platform: core's atomics, `parking_lot`'s lock, the monotonic clock.

use core::cell;
use core::ops::Range;
use core::sync::atomic::AtomicIsize;
use core::sync::atomic::Ordering::Relaxed;
use core::time::Duration;
use std::time::Instant;
use std::{io, thread};

pub(crate) use parking_lot::MutexGuard;

#[cfg(feature = "diagnostics")]
pub(crate) use core::sync::atomic::AtomicPtr;
pub(crate) use core::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize};

use super::PerProcess;
pub(crate) use super::clock::{Parker, instant, nanos, now};
pub(crate) use super::os::{asymmetric, full_fence, heavy_fence, learn_fences, light_fence};

/// Short rounds of `pause` before a thread joins a line; each is twice as long as the last.
const PAUSE_ROUNDS: u32 = 3;
/// Rounds of `pause` before a thread tries again for a lock that is held for a few instructions: longer
/// ones, so that the holder can use it several times meanwhile.
const SPIN_ROUNDS: Range<u32> = 5..7;
/// How often a thread then offers its time slice to others before it joins the line.
const YIELD_ROUNDS: u32 = 7;
/// How often a worker of a pool that finds nothing to do yields before it sleeps: for longer than it
/// takes to wake whoever waits for its last job, or the two would go to sleep by turns for ever.
const SEARCH_ROUNDS: u32 = 32;
/// How long a head thread may be passed before the line hands over, in microseconds.
const BYPASS_MICROS: u32 = 500;

/// How many calls that block may be under way at once; as many as in tokio.
pub(crate) const THREADS_FOR_CALLS: usize = 512;

/// How many operations a task may do in one poll.
pub(crate) const fn operations() -> i32 {
    128
}

/// A cell for values that only the holder of some lock, or their only owner, may touch.
///
/// Under loom the same type reports every access that is not ordered.
#[repr(transparent)]
pub(crate) struct Cell<T>(cell::Cell<T>);

impl<T> Cell<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(cell::Cell::new(value))
    }

    pub(crate) fn set(&self, value: T) {
        self.0.set(value);
    }

    pub(crate) fn replace(&self, value: T) -> T {
        self.0.replace(value)
    }

    /// Lends the place to somebody who is alone with it until the body returns.
    #[inline]
    pub(crate) fn with<R>(&self, body: impl FnOnce(*mut T) -> R) -> R {
        body(self.0.as_ptr())
    }

    /// Lends the place to somebody beside whom others only read until the body returns.
    #[inline]
    pub(crate) fn look<R>(&self, body: impl FnOnce(*const T) -> R) -> R {
        body(self.0.as_ptr())
    }

    /// Says "from here on nobody else may know this cell": checked under loom, free here.
    #[expect(
        clippy::unused_self,
        reason = "the loom platform checks what `self` was used for"
    )]
    pub(crate) const fn retire(&mut self) {}
}

impl<T: Copy> Cell<T> {
    pub(crate) fn get(&self) -> T {
        self.0.get()
    }
}

/// A count that the holder of some lock changes, and at which anybody may glance.
pub(crate) struct Shown(AtomicIsize);

// ORDERING: Relaxed in all of it: the lock orders what its holders do, and a glance decides nothing:
// whoever finds it promising takes the lock, and looks again.
impl Shown {
    pub(crate) const fn new(count: isize) -> Self {
        Self(AtomicIsize::new(count))
    }

    /// The count, as the holder of the lock sees it.
    #[inline]
    pub(crate) fn get(&self) -> isize {
        self.0.load(Relaxed)
    }

    /// Replaces the count, with the lock held.
    #[inline]
    pub(crate) fn set(&self, count: isize) {
        self.0.store(count, Relaxed);
    }

    /// The count at some recent moment, without the lock.
    #[inline]
    pub(crate) fn glance(&self) -> isize {
        self.0.load(Relaxed)
    }
}

/// A mutual exclusion lock of one byte that holds no data.
pub(crate) struct RawLock(parking_lot::Mutex<()>);

impl RawLock {
    pub(crate) const fn new() -> Self {
        Self(parking_lot::Mutex::new(()))
    }

    #[inline]
    pub(crate) fn lock(&self) -> Held<'_> {
        Held(self.0.lock())
    }

    pub(crate) fn try_lock(&self) -> Option<Held<'_>> {
        self.0.try_lock().map(Held)
    }
}

/// What guards an object of several lines: the crate's own lock, or a raw one.
pub(crate) type Guard<Own, Raw> = <(Own, Raw) as First>::Type;

/// The first of two types.
pub(crate) trait First {
    /// This one.
    type Type;
}

impl<A, B> First for (A, B) {
    type Type = A;
}

/// The proof that a [`RawLock`] is held; dropping it unlocks.
pub(crate) struct Held<'a>(#[expect(dead_code, reason = "held, not read")] MutexGuard<'a, ()>);

/// How long a wait may take, as the caller said it; the clock has not been read.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Timeout {
    Never,
    After(Duration),
    At(Instant),
}

impl Timeout {
    /// Whether there is no time at all. Reads the clock for a deadline alone.
    pub(crate) fn is_over(self) -> bool {
        match self {
            Self::Never => false,
            Self::After(duration) => duration == Duration::ZERO,
            Self::At(at) => at <= now(),
        }
    }

    /// Reads the clock, if need be. What the clock cannot represent is "never".
    pub(crate) fn start(self) -> Deadline {
        Deadline(match self {
            Self::Never => None,
            Self::After(duration) => now().checked_add(duration),
            Self::At(at) => Some(at),
        })
    }
}

/// The moment at which a wait gives up, or never.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(pub(super) Option<Instant>);

impl Deadline {
    /// Whether the moment has come.
    #[expect(
        clippy::needless_pass_by_ref_mut,
        reason = "under loom this consumes a script"
    )]
    pub(crate) fn expired(&mut self) -> bool {
        self.0.is_some_and(|at| at <= now())
    }

    /// The moment, or `None` for never.
    pub(crate) fn instant(&self) -> Option<Instant> {
        self.0
    }
}

/// How a park ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parked {
    /// By a wake, or for no reason at all.
    Woken,
    /// The deadline has passed.
    Expired,
}

/// Microseconds since some moment in the life of this process, wrapping, never 0 or `u32::MAX`.
#[expect(
    clippy::cast_possible_truncation,
    reason = "stamps are compared modulo 2^32"
)]
pub(crate) fn stamp() -> u32 {
    // Not a `OnceLock`, which the child of a fork may find half set.
    static START: PerProcess<Instant> = PerProcess::new(Instant::now);
    let micros = START.elapsed().as_micros() as u32;
    micros.clamp(1, u32::MAX - 1)
}

/// Whether a head that was stamped then has been passed for long enough.
pub(crate) fn overdue(stamped: u32) -> bool {
    stamp().wrapping_sub(stamped) >= BYPASS_MICROS
}

/// The rounds for which a thread lingers before it joins a line.
pub(crate) const fn linger_rounds() -> Range<u32> {
    0..PAUSE_ROUNDS + YIELD_ROUNDS
}

/// The rounds for which a worker of a pool looks for something to do before it sleeps.
pub(crate) const fn search_rounds() -> Range<u32> {
    0..PAUSE_ROUNDS + SEARCH_ROUNDS
}

/// Lets a moment pass: a few pauses of the processor first, then the rest of the time slice.
pub(crate) fn linger(round: u32) {
    if round >= PAUSE_ROUNDS {
        thread::yield_now();
        return;
    }
    spin(round);
}

/// The rounds for which a thread spins for a lock that is held for a few instructions.
pub(crate) const fn spin_rounds() -> Range<u32> {
    SPIN_ROUNDS
}

/// Lets a short moment pass; each round is twice as long as the last.
pub(crate) fn spin(round: u32) {
    for _ in 0..1_u32 << round {
        core::hint::spin_loop();
    }
}

/// Starts a thread that lives as long as the process.
pub(crate) fn spawn_daemon(name: &str, body: fn()) -> io::Result<()> {
    thread::Builder::new().name(name.to_owned()).spawn(body)?;
    Ok(())
}

/// A mutual exclusion lock around data.
pub(crate) struct Mutex<T>(parking_lot::Mutex<T>);

impl<T> Mutex<T> {
    pub(crate) const fn new(data: T) -> Self {
        Self(parking_lot::Mutex::new(data))
    }

    #[inline]
    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock()
    }

    pub(crate) fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        self.0.try_lock()
    }
}

/// What the model checker has to be told of an `Arc`: that the last owner has seen what all others
/// did before they let go.
pub(crate) struct ArcOrder;

impl ArcOrder {
    pub(crate) const fn new() -> Self {
        Self
    }

    /// An owner is about to let go.
    #[expect(clippy::unused_self, reason = "the real `Arc` does it")]
    pub(crate) const fn let_go(&self) {}

    /// The last owner has let go.
    #[expect(clippy::unused_self, reason = "the real `Arc` does it")]
    pub(crate) const fn end(&self) {}
}

/// As soon as so many times as many threads of a pool are blocked as it has workers, it begins with what
/// comes from outside at a pace.
pub(crate) const fn few_blocked() -> usize {
    4
}

/// Over how many locks a pool spreads what it knows of its futures.
pub(crate) const REGISTERS: usize = 4;

/// How deep user code that ends other user code's waits nests.
pub(crate) const NESTED_CALLS: u32 = 32;
