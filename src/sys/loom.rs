//! The platform under loom: every leaf is a loom object or a scripted choice, never wall time.

use core::ops::Range;
use core::time::Duration;
use std::io;
use std::time::Instant;

pub(crate) use ::loom::sync::MutexGuard;
use ::loom::sync::Notify;
use ::loom::sync::atomic::fence;
use core::sync::atomic::Ordering::{Acquire, Release, SeqCst};

pub(crate) use super::flavour::{AtomicU32, AtomicU64, AtomicUsize};

/// A cell whose every access loom checks against all others.
pub(crate) struct Cell<T>(::loom::cell::UnsafeCell<T>);

impl<T> Cell<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(::loom::cell::UnsafeCell::new(value))
    }

    pub(crate) fn set(&self, value: T) {
        // SAFETY: loom has just checked that no other access is concurrent; the closure ends
        // before another access can begin, for loom runs one thread at a time.
        self.0.with_mut(|place| unsafe { *place = value });
    }

    pub(crate) fn replace(&self, value: T) -> T {
        // SAFETY: as in `set`.
        self.0
            .with_mut(|place| unsafe { core::mem::replace(&mut *place, value) })
    }

    /// Lends the place to somebody who is alone with it until the body returns.
    pub(crate) fn with<R>(&self, body: impl FnOnce(*mut T) -> R) -> R {
        self.0.with_mut(body)
    }

    /// Says "from here on nobody else may know this cell"; loom reports it if somebody does.
    pub(crate) fn retire(&mut self) {
        self.0.with_mut(|_| ());
    }
}

impl<T: Copy> Cell<T> {
    pub(crate) fn get(&self) -> T {
        // SAFETY: as in `set`.
        self.0.with(|place| unsafe { *place })
    }
}

/// A mutual exclusion lock that holds no data. Freeing it before its holder has unlocked it is a
/// reported race.
pub(crate) struct RawLock {
    mutex: Mutex<()>,
    held: Cell<()>,
}

impl RawLock {
    pub(crate) fn new() -> Self {
        Self {
            mutex: Mutex::new(()),
            held: Cell::new(()),
        }
    }

    pub(crate) fn lock(&self) -> Held<'_> {
        Held {
            lock: self,
            _guard: self.mutex.lock(),
        }
    }

    pub(crate) fn try_lock(&self) -> Option<Held<'_>> {
        let guard = self.mutex.try_lock()?;
        Some(Held {
            lock: self,
            _guard: guard,
        })
    }
}

impl Drop for RawLock {
    fn drop(&mut self) {
        self.held.retire();
    }
}

/// A count that the holder of some lock changes. Nobody glances at it who could wait instead.
pub(crate) struct Shown(Cell<isize>);

impl Shown {
    pub(crate) fn new(count: isize) -> Self {
        Self(Cell::new(count))
    }

    pub(crate) fn get(&self) -> isize {
        self.0.get()
    }

    pub(crate) fn set(&self, count: isize) {
        self.0.set(count);
    }

    /// Always promising: what is there is seen under the lock.
    #[expect(clippy::unused_self, reason = "the real one looks")]
    pub(crate) fn glance(&self) -> isize {
        isize::MAX
    }
}

/// What guards an object of several lines. The crate's own lock has models of its own (`gate`);
/// where it guards something else its steps would multiply with those of that, so that a mutex of
/// loom's stands in for it.
pub(crate) type Guard<Own, Raw> = <(Own, Raw) as Second>::Type;

/// The second of two types.
pub(crate) trait Second {
    /// This one.
    type Type;
}

impl<A, B> Second for (A, B) {
    type Type = B;
}

/// The proof that a [`RawLock`] is held; dropping it unlocks.
pub(crate) struct Held<'a> {
    lock: &'a RawLock,
    _guard: MutexGuard<'a, ()>,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.lock.held.set(());
    }
}

/// How long a wait may take, as the caller said it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Timeout {
    Never,
    After(Duration),
    At(#[expect(dead_code, reason = "the script decides")] Instant),
}

impl Timeout {
    /// Whether there is no time at all; what a deadline says is left to the script.
    pub(crate) fn is_over(self) -> bool {
        matches!(self, Self::After(Duration::ZERO))
    }

    /// Zero is zero; every other limit follows the model's script.
    pub(crate) fn start(self) -> Deadline {
        Deadline(match self {
            Self::Never => None,
            Self::After(Duration::ZERO) => Some(0),
            Self::After(_) | Self::At(_) => script::expiry(),
        })
    }
}

/// How many parks are left before the wait gives up, or `None` for never.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(Option<usize>);

impl Deadline {
    /// Whether the script says that the moment has come; each "no" brings it nearer.
    pub(crate) fn expired(&mut self) -> bool {
        match &mut self.0 {
            None => false,
            Some(0) => true,
            Some(left) => {
                *left -= 1;
                false
            }
        }
    }

    /// A moment for the timer's order; only the script decides when it has come.
    pub(crate) fn instant(&self) -> Option<Instant> {
        self.0.map(|_| Instant::now())
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

/// A place for one thread to sleep, with one token.
#[derive(Debug)]
pub(crate) struct Parker(Notify);

impl Parker {
    pub(crate) fn new() -> Self {
        Self(Notify::new())
    }

    /// Sleeps until there is a token, unless the script says that the deadline comes first.
    pub(crate) fn park(&self, deadline: &mut Deadline, _yields: u32) -> Parked {
        if deadline.expired() {
            return Parked::Expired;
        }
        self.0.wait();
        Parked::Woken
    }

    /// Leaves a token and wakes the owner if it sleeps.
    pub(crate) fn unpark(&self) {
        self.0.notify();
    }
}

/// Some moment; models do not measure.
pub(crate) fn stamp() -> u32 {
    1
}

/// What the script says of every head.
pub(crate) fn overdue(_stamped: u32) -> bool {
    script::overdue()
}

/// Whether the script says that the light side may rely on the heavy side.
pub(crate) fn asymmetric() -> bool {
    script::asymmetric()
}

/// The light half of the pair. What `membarrier` makes of it is a full fence.
pub(crate) fn light_fence() {
    fence(SeqCst);
}

/// The heavy half of the pair.
pub(crate) fn heavy_fence() {
    fence(SeqCst);
}

/// Nothing to learn: the script knows.
pub(crate) fn learn_fences() {}

/// None: loom explores the schedules in which the thread joins the line later anyway.
pub(crate) fn linger_rounds() -> Range<u32> {
    Range::default()
}

/// None, as above.
pub(crate) fn spin_rounds() -> Range<u32> {
    Range::default()
}

/// A model has few threads.
pub(crate) const THREADS_FOR_CALLS: usize = 2;

/// None: loom explores the schedules in which the worker looks later anyway.
pub(crate) fn search_rounds() -> Range<u32> {
    Range::default()
}

/// Lets others go first.
pub(crate) fn spin(_round: u32) {
    ::loom::thread::yield_now();
}

/// Lets others go first.
pub(crate) fn linger(_round: u32) {
    ::loom::thread::yield_now();
}

/// Starts nothing: a model that wants a timer fires it from a thread of its own.
#[expect(clippy::unnecessary_wraps, reason = "a real system may refuse")]
pub(crate) fn spawn_daemon(_name: &str, _body: fn()) -> io::Result<()> {
    Ok(())
}

/// What a model fixes before it runs: the flavour of the atomics, and the choices that time
/// makes in real life. Process-wide; set it outside of `loom::model` only.
pub mod script {
    use core::sync::atomic::Ordering::SeqCst;
    use core::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize};

    /// How loads reach loom, which remembers one last access per object (loom #166, #392).
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum Flavour {
        /// Loom's own atomics: stale reads, but some interleavings are missed.
        Plain,
        /// A load is a compare-exchange that fails: all interleavings, no stale reads.
        Rmw,
        /// A read-modify-write on a twin precedes every operation: both, at a price.
        Shadow,
    }

    static FLAVOUR: AtomicU8 = AtomicU8::new(0);
    static EXPIRY: AtomicUsize = AtomicUsize::new(usize::MAX);
    static OVERDUE: AtomicBool = AtomicBool::new(false);
    static ASYMMETRIC: AtomicBool = AtomicBool::new(true);

    /// Chooses the atomics.
    pub fn set_flavour(flavour: Flavour) {
        FLAVOUR.store(flavour as u8, SeqCst);
    }

    /// Makes every wait with a limit expire at its k-th park, or never.
    pub fn set_expiry(park: Option<usize>) {
        EXPIRY.store(park.unwrap_or(usize::MAX), SeqCst);
    }

    /// Makes every head thread overdue when a releaser looks, or none.
    pub fn set_overdue(overdue: bool) {
        OVERDUE.store(overdue, SeqCst);
    }

    /// Chooses the unlock of `Lock`: a store and a light fence, or a swap.
    pub fn set_asymmetric(asymmetric: bool) {
        ASYMMETRIC.store(asymmetric, SeqCst);
    }

    pub(crate) fn flavour() -> Flavour {
        match FLAVOUR.load(SeqCst) {
            0 => Flavour::Plain,
            1 => Flavour::Rmw,
            _ => Flavour::Shadow,
        }
    }

    pub(crate) fn expiry() -> Option<usize> {
        Some(EXPIRY.load(SeqCst)).filter(|park| *park != usize::MAX)
    }

    pub(crate) fn overdue() -> bool {
        OVERDUE.load(SeqCst)
    }

    pub(crate) fn asymmetric() -> bool {
        ASYMMETRIC.load(SeqCst)
    }
}

/// A mutual exclusion lock around data.
pub(crate) struct Mutex<T>(::loom::sync::Mutex<T>);

impl<T> Mutex<T> {
    pub(crate) fn new(data: T) -> Self {
        Self(::loom::sync::Mutex::new(data))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().expect("a model ends at its first panic")
    }

    pub(crate) fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        self.0.try_lock().ok()
    }
}

/// Keeps what comes before it from being seen after what comes behind it, by everybody.
pub(crate) fn full_fence() {
    fence(SeqCst);
}

/// The order that a real `Arc` makes, which loom does not see: the last owner has seen what all
/// others did before they let go.
pub(crate) struct ArcOrder(::loom::sync::atomic::AtomicUsize);

impl ArcOrder {
    pub(crate) fn new() -> Self {
        Self(::loom::sync::atomic::AtomicUsize::new(0))
    }

    /// An owner is about to let go.
    pub(crate) fn let_go(&self) {
        self.0.fetch_add(1, Release);
    }

    /// The last owner has let go.
    pub(crate) fn end(&self) {
        self.0.fetch_add(1, Acquire);
    }
}

/// Over how many locks a pool spreads what it knows of its futures.
pub(crate) const REGISTERS: usize = 1;
