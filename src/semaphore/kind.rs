//! The two kinds of semaphore: without a capacity, and with one.

use core::fmt;
use core::sync::atomic::Ordering::Relaxed;
use std::sync::Arc;

use super::permit::Owner;
use super::task::BaseSemaphore;
use super::word::{MAX_PERMITS, PermitWord};
use crate::line::Line;
use crate::sys::who::Traceable;
use crate::sys::{AtomicUsize, constructor};

/// What a semaphore limits: [`Plain`] or [`Bounded`].
///
/// It cannot be implemented outside this crate. Name it in code that works with both semaphores.
pub trait Kind: Limits {}

impl<K: Limits> Kind for K {}

pub(crate) mod sealed {
    use super::{Arc, BaseSemaphore, Line, Owner, PermitWord};

    /// What both kinds answer.
    pub trait Limits: Sized {
        /// What `Debug` calls the semaphore.
        const NAME: &'static str;

        /// The wait queue, whose word counts the permits.
        fn line(&self) -> &Line<PermitWord>;

        /// Panics if so many permits can never be granted.
        #[track_caller]
        fn check(&self, n: usize);

        /// How many permits there may be at this instant, where that is limited.
        fn capacity(&self) -> Option<usize>;

        /// Adds so many permits, unless there would be too many.
        fn add(&self, n: usize) -> bool {
            let added = self.line().word().grow(n);
            if added && n > 0 {
                self.line().release(n);
            }
            added
        }

        /// The semaphore as an owner of its permits.
        fn owner(semaphore: Arc<BaseSemaphore<Self>>) -> Owner;
    }
}
pub(crate) use self::sealed::Limits;

/// Lets anyone add permits: the kind of a `Semaphore`.
pub struct Plain(Line<PermitWord>);

impl Plain {
    constructor! {
        #[track_caller]
        pub(super) const fn new(permits: usize) -> Self {
            assert!(
                permits <= MAX_PERMITS,
                "a semaphore cannot have more than `MAX_PERMITS` permits"
            );
            Self(Line::of(Traceable::Semaphore, PermitWord::new(permits, MAX_PERMITS)))
        }
    }

    /// Sets the name, before anybody else has a reference.
    pub(super) const fn name(&mut self, name: &'static str) {
        self.0.name(name);
    }
}

impl Limits for Plain {
    const NAME: &'static str = "Semaphore";

    #[inline]
    fn line(&self) -> &Line<PermitWord> {
        &self.0
    }

    #[inline]
    #[track_caller]
    fn check(&self, n: usize) {
        assert!(
            n <= MAX_PERMITS,
            "a semaphore never has more than `MAX_PERMITS` permits to acquire"
        );
    }

    fn capacity(&self) -> Option<usize> {
        None
    }

    fn owner(semaphore: Arc<BaseSemaphore<Self>>) -> Owner {
        Owner::Plain(semaphore)
    }
}

/// Never has more permits than its capacity: the kind of a `BoundedSemaphore`.
pub struct Bounded {
    line: Line<PermitWord>,
    /// Changed with the line's lock held.
    capacity: AtomicUsize,
}

impl Bounded {
    constructor! {
        #[track_caller]
        pub(super) const fn new(capacity: usize) -> Self {
            assert!(
                capacity <= MAX_PERMITS,
                "a semaphore cannot have more than `MAX_PERMITS` permits"
            );
            Self {
                line: Line::of(Traceable::Semaphore, PermitWord::new(capacity, capacity)),
                capacity: AtomicUsize::new(capacity),
            }
        }
    }

    pub(super) fn capacity(&self) -> usize {
        // ORDERING: Relaxed: true at this instant; the word publishes the permits.
        self.capacity.load(Relaxed)
    }

    /// Adds or takes away as many permits as the capacities differ by, whoever has them.
    #[track_caller]
    pub(super) fn set_capacity(&self, capacity: usize) {
        assert!(
            capacity <= MAX_PERMITS,
            "a semaphore cannot have more than `MAX_PERMITS` permits"
        );
        // Under the lock: two that change it add up, and never let more in than one of them allows.
        self.line.adjust(|word| {
            let before = self.capacity();
            // ORDERING: Relaxed, as in `capacity`.
            self.capacity.store(capacity, Relaxed);
            word.lower(before.saturating_sub(capacity));
            capacity.saturating_sub(before)
        });
    }

    /// Sets the name, before anybody else has a reference.
    pub(super) const fn name(&mut self, name: &'static str) {
        self.line.name(name);
    }
}

impl Limits for Bounded {
    const NAME: &'static str = "BoundedSemaphore";

    #[inline]
    fn line(&self) -> &Line<PermitWord> {
        &self.line
    }

    #[inline]
    #[track_caller]
    fn check(&self, n: usize) {
        assert!(
            n <= self.capacity(),
            "a bounded semaphore never has more permits to acquire than its capacity"
        );
    }

    fn capacity(&self) -> Option<usize> {
        Some(self.capacity())
    }

    fn owner(semaphore: Arc<BaseSemaphore<Self>>) -> Owner {
        Owner::Bounded(semaphore)
    }
}

/// Shows a semaphore of either face.
pub(super) fn describe<K: Limits>(core: &K, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut debug = f.debug_struct(K::NAME);
    debug.field("available_permits", &core.line().word().available());
    if let Some(capacity) = core.capacity() {
        debug.field("capacity", &capacity);
    }
    debug.finish_non_exhaustive()
}

impl fmt::Debug for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        describe(self, f)
    }
}

impl fmt::Debug for Bounded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        describe(self, f)
    }
}
