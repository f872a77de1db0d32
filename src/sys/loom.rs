//! The platform under loom: every leaf is a loom object or a scripted choice, never wall time.

use core::cell::UnsafeCell;
use core::ops::{Deref, Range};
use core::time::Duration;
use std::io;
use std::time::Instant;

use ::loom::sync::Notify;
use core::sync::atomic::Ordering::{Acquire, Release};

pub(super) use super::clock::advance;
pub(crate) use super::clock::{instant, nanos, now};
use super::failed::{Object, asleep, end};
pub(crate) use super::failed::{is_over, must_not_wait, note_wait};
pub(crate) use super::fences::{asymmetric, full_fence, heavy_fence, learn_fences, light_fence};
#[cfg(feature = "diagnostics")]
pub(crate) use super::flavour::AtomicPtr;
pub(crate) use super::flavour::{AtomicU32, AtomicU64, AtomicUsize};
pub(crate) use super::mutex::{Mutex, MutexGuard};
use super::script;

/// A cell whose every access loom checks against all others.
pub(crate) struct Cell<T> {
    watched: Object<::loom::cell::UnsafeCell<()>>,
    value: UnsafeCell<T>,
}

impl<T> Cell<T> {
    pub(crate) fn new(value: T) -> Self {
        Self {
            watched: Object::new(|| ::loom::cell::UnsafeCell::new(())),
            value: UnsafeCell::new(value),
        }
    }

    #[track_caller]
    pub(crate) fn set(&self, value: T) {
        // SAFETY: loom has just checked that no other access is concurrent; the closure ends
        // before another access can begin, for loom runs one thread at a time.
        self.with(|place| unsafe { *place = value });
    }

    #[track_caller]
    pub(crate) fn replace(&self, value: T) -> T {
        // SAFETY: as in `set`.
        self.with(|place| unsafe { core::mem::replace(&mut *place, value) })
    }

    /// Lends the place to somebody who is alone with it until the body returns.
    #[track_caller]
    pub(crate) fn with<R>(&self, body: impl FnOnce(*mut T) -> R) -> R {
        let place = self.value.get();
        match self.watched.live() {
            Some(watched) => watched.with_mut(|_| body(place)),
            None => body(place),
        }
    }

    /// Lends the place to somebody beside whom others only read until the body returns.
    #[track_caller]
    pub(crate) fn look<R>(&self, body: impl FnOnce(*const T) -> R) -> R {
        let place = self.value.get();
        match self.watched.live() {
            Some(watched) => watched.with(|_| body(place)),
            None => body(place),
        }
    }

    /// Says "from here on nobody else may know this cell"; loom reports it if somebody does.
    #[track_caller]
    pub(crate) fn retire(&mut self) {
        self.with(|_| ());
    }
}

impl<T: Copy> Cell<T> {
    #[track_caller]
    pub(crate) fn get(&self) -> T {
        let place = self.value.get();
        // SAFETY: as in `set`.
        let read = || unsafe { *place };
        match self.watched.live() {
            Some(watched) => watched.with(|_| read()),
            None => read(),
        }
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

    #[track_caller]
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
        self.0.map(|_| now())
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
pub(crate) struct Parker(Object<Notify>);

impl Parker {
    pub(crate) fn new() -> Self {
        Self(Object::new(Notify::new))
    }

    /// Unknown: loom explores the schedules in which the token is there when the thread sleeps.
    #[expect(clippy::unused_self, reason = "a real thread looks, and yields")]
    pub(crate) const fn is_woken_within(&self, _yields: u32) -> bool {
        false
    }

    /// Sleeps until there is a token, unless the script says that the deadline comes first.
    pub(crate) fn park(&self, deadline: &mut Deadline, _yields: u32) -> Parked {
        if deadline.expired() {
            return Parked::Expired;
        }
        match self.0.live() {
            Some(notify) => asleep(|| notify.wait()),
            None => end(),
        }
        Parked::Woken
    }

    /// Leaves a token and wakes the owner if it sleeps.
    pub(crate) fn unpark(&self) {
        if let Some(notify) = self.0.live() {
            notify.notify();
        }
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

/// None: loom explores the schedules in which the thread joins the line later anyway.
pub(crate) fn linger_rounds() -> Range<u32> {
    Range::default()
}

/// As many as the script says.
pub(crate) fn operations() -> i32 {
    script::operations()
}

/// None, as above.
pub(crate) fn spin_rounds() -> Range<u32> {
    Range::default()
}

/// A model has few threads.
pub(crate) const THREADS_FOR_CALLS: usize = 2;
/// How deep user code that ends other user code's waits nests.
pub(crate) const NESTED_CALLS: u32 = 2;

/// None: loom explores the schedules in which the worker looks later anyway.
pub(crate) fn search_rounds() -> Range<u32> {
    Range::default()
}

/// Lets others go first.
pub(crate) fn spin(_round: u32) {
    if !is_over() {
        ::loom::thread::yield_now();
    }
}

/// Lets others go first.
pub(crate) fn linger(_round: u32) {
    if !is_over() {
        ::loom::thread::yield_now();
    }
}

/// Starts nothing: a model that wants a timer fires it from a thread of its own.
#[expect(clippy::unnecessary_wraps, reason = "a real system may refuse")]
pub(crate) fn spawn_daemon(_name: &str, _body: fn()) -> io::Result<()> {
    Ok(())
}

/// The order that a real `Arc` makes, which loom does not see: the last owner has seen what all
/// others did before they let go.
pub(crate) struct ArcOrder(Object<::loom::sync::atomic::AtomicUsize>);

impl ArcOrder {
    pub(crate) fn new() -> Self {
        Self(Object::new(|| ::loom::sync::atomic::AtomicUsize::new(0)))
    }

    /// An owner is about to let go.
    pub(crate) fn let_go(&self) {
        if let Some(owners) = self.0.live() {
            owners.fetch_add(1, Release);
        }
    }

    /// The last owner has let go.
    pub(crate) fn end(&self) {
        if let Some(owners) = self.0.live() {
            owners.fetch_add(1, Acquire);
        }
    }
}

/// How many times as many blocked threads as workers are many: what the script says, for a model has few
/// threads.
pub(crate) fn few_blocked() -> usize {
    script::few_blocked()
}

/// Over how many locks a pool spreads what it knows of its futures.
pub(crate) const REGISTERS: usize = 1;

/// A thread-local of loom's.
pub(crate) struct Local<T: 'static> {
    pub(crate) key: &'static ::loom::thread::LocalKey<T>,
}

impl<T: 'static> Local<T> {
    /// Lends what this thread has; once the model is over, what it would have had at first.
    pub(crate) fn with<R>(&'static self, body: impl FnOnce(&T) -> R) -> R {
        if is_over() {
            return body(&(self.key.init)());
        }
        self.key.with(body)
    }

    /// The same, unless the thread is ending and has let go of it.
    pub(crate) fn try_with<R>(
        &'static self,
        body: impl FnOnce(&T) -> R,
    ) -> Result<R, ::loom::thread::AccessError> {
        if is_over() {
            return Ok(body(&(self.key.init)()));
        }
        self.key.try_with(body)
    }
}

/// A static that loom makes anew for every execution.
pub(crate) struct Global<T: 'static> {
    pub(crate) lazy: &'static ::loom::lazy_static::Lazy<T>,
}

impl<T: 'static> Deref for Global<T> {
    type Target = T;

    fn deref(&self) -> &T {
        if is_over() {
            // Leaked, once or twice in a process that is about to fail.
            return Box::leak(Box::new((self.lazy.init)()));
        }
        self.lazy.get()
    }
}
