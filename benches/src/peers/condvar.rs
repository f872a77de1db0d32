//! std and `parking_lot`: the locks themselves; and, with our lock and condition as well, what a
//! user builds from a mutex and condition variables where there is no semaphore, no event and no
//! queue.
//! Wakes come after the unlock, which is the faster order.

use core::cmp::Reverse;
use core::ops::Range;
use core::sync::atomic::{AtomicBool, Ordering};
use std::collections::{BinaryHeap, VecDeque};
use std::sync::{Arc, OnceLock, PoisonError};
use std::thread::{self, Thread};

use super::{
    BatchGetter, BatchPutter, Blocking, Flag, Getter, Meeting, Putter, Ranked, Resource, Signal,
    Trying,
};

impl Resource for std::sync::Mutex<u64> {
    type Guard<'a> = std::sync::MutexGuard<'a, u64>;

    fn new(_: usize) -> Self {
        Self::new(0)
    }
}

impl Blocking for std::sync::Mutex<u64> {
    fn take(&self) -> Self::Guard<'_> {
        self.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Trying for std::sync::Mutex<u64> {
    fn try_take(&self) -> Option<Self::Guard<'_>> {
        self.try_lock().ok()
    }
}

impl Resource for parking_lot::Mutex<u64> {
    type Guard<'a> = parking_lot::MutexGuard<'a, u64>;

    fn new(_: usize) -> Self {
        Self::new(0)
    }
}

impl Blocking for parking_lot::Mutex<u64> {
    fn take(&self) -> Self::Guard<'_> {
        self.lock()
    }
}

impl Trying for parking_lot::Mutex<u64> {
    fn try_take(&self) -> Option<Self::Guard<'_>> {
        self.try_lock()
    }
}

/// Writes a semaphore and a flag over one library's mutex and condition variable.
macro_rules! hand_written {
    (
        $semaphore:ident, $permit:ident, $flag:ident,
        $mutex:ty, $flag_mutex:ty, $condvar:ty,
        |$locked:ident| $lock:expr, |$try_locked:ident| $try_lock:expr,
        |$var:ident, $guard:ident| $wait:expr
    ) => {
        /// A semaphore from a mutex and a condition variable.
        pub(crate) struct $semaphore {
            permits: $mutex,
            released: $condvar,
        }

        /// One permit of it.
        pub(crate) struct $permit<'a>(&'a $semaphore);

        impl Drop for $permit<'_> {
            fn drop(&mut self) {
                self.0.release();
            }
        }

        impl $semaphore {
            fn acquire(&self) {
                let $locked = &self.permits;
                let mut $guard = $lock;
                while *$guard == 0 {
                    let $var = &self.released;
                    $wait;
                }
                *$guard -= 1;
            }

            fn release(&self) {
                let $locked = &self.permits;
                *$lock += 1;
                self.released.notify_one();
            }
        }

        impl Resource for $semaphore {
            type Guard<'a> = $permit<'a>;

            fn new(permits: usize) -> Self {
                Self {
                    permits: <$mutex>::new(permits),
                    released: <$condvar>::new(),
                }
            }
        }

        impl Blocking for $semaphore {
            fn take(&self) -> Self::Guard<'_> {
                self.acquire();
                $permit(self)
            }
        }

        impl Trying for $semaphore {
            fn try_take(&self) -> Option<Self::Guard<'_>> {
                let $try_locked = &self.permits;
                let mut permits = $try_lock?;
                *permits = permits.checked_sub(1)?;
                drop(permits);
                Some($permit(self))
            }
        }

        impl Signal for $semaphore {
            fn new() -> Self {
                Resource::new(0)
            }

            fn give(&self) {
                self.release();
            }

            fn take(&self) {
                self.acquire();
            }
        }

        /// An event from a mutex and a condition variable.
        pub(crate) struct $flag {
            is_set: $flag_mutex,
            changed: $condvar,
        }

        impl Flag for $flag {
            fn new() -> Self {
                Self {
                    is_set: <$flag_mutex>::new(false),
                    changed: <$condvar>::new(),
                }
            }

            fn set(&self) {
                let $locked = &self.is_set;
                *$lock = true;
                self.changed.notify_all();
            }

            fn clear(&self) {
                let $locked = &self.is_set;
                *$lock = false;
            }

            fn wait(&self) {
                let $locked = &self.is_set;
                let mut $guard = $lock;
                while !*$guard {
                    let $var = &self.changed;
                    $wait;
                }
                drop($guard);
            }
        }
    };
}

hand_written!(
    StdSemaphore,
    StdPermit,
    StdFlag,
    std::sync::Mutex<usize>,
    std::sync::Mutex<bool>,
    std::sync::Condvar,
    |mutex| mutex.lock().unwrap_or_else(PoisonError::into_inner),
    |mutex| mutex.try_lock().ok(),
    |condvar, guard| guard = condvar.wait(guard).unwrap_or_else(PoisonError::into_inner)
);

hand_written!(
    ParkingLotSemaphore,
    ParkingLotPermit,
    ParkingLotFlag,
    parking_lot::Mutex<usize>,
    parking_lot::Mutex<bool>,
    parking_lot::Condvar,
    |mutex| mutex.lock(),
    |mutex| mutex.try_lock(),
    |condvar, guard| condvar.wait(&mut guard)
);

hand_written!(
    SynclineSemaphore,
    SynclinePermit,
    SynclineFlag,
    syncline::thread::Lock<usize>,
    syncline::thread::Lock<bool>,
    syncline::thread::Condition,
    |mutex| mutex.lock(),
    |mutex| mutex.try_lock(),
    |condvar, guard| guard = condvar.wait(guard)
);

/// `std::thread::park` beside a flag.
pub(crate) struct Parking {
    given: AtomicBool,
    taker: OnceLock<Thread>,
}

impl Signal for Parking {
    fn new() -> Self {
        Self {
            given: AtomicBool::new(false),
            taker: OnceLock::new(),
        }
    }

    fn enrol(&self) {
        self.taker
            .set(thread::current())
            .expect("one thread takes a token");
    }

    fn give(&self) {
        // ORDERING: Release pairs with the Acquire in `take`: the taker sees what
        // happened before the token was given.
        self.given.store(true, Ordering::Release);
        self.taker.get().expect("the taker has enrolled").unpark();
    }

    fn take(&self) {
        // ORDERING: Acquire pairs with the Release in `give`.
        while !self.given.swap(false, Ordering::Acquire) {
            thread::park();
        }
    }
}

impl super::Reentrant for parking_lot::ReentrantMutex<u64> {
    type Guard<'a> = parking_lot::ReentrantMutexGuard<'a, u64>;

    fn new() -> Self {
        Self::new(0)
    }

    fn enter(&self) -> Self::Guard<'_> {
        self.lock()
    }
}

impl Meeting for std::sync::Barrier {
    fn new(parties: usize) -> Self {
        Self::new(parties)
    }

    fn meet(&self) {
        self.wait();
    }
}

/// A barrier from `parking_lot`'s mutex and condition variable, as std builds its own.
pub(crate) struct ParkingLotBarrier {
    /// How many have come, and in which round.
    state: parking_lot::Mutex<(usize, usize)>,
    round_over: parking_lot::Condvar,
    parties: usize,
}

impl Meeting for ParkingLotBarrier {
    fn new(parties: usize) -> Self {
        Self {
            state: parking_lot::Mutex::new((0, 0)),
            round_over: parking_lot::Condvar::new(),
            parties,
        }
    }

    fn meet(&self) {
        let mut state = self.state.lock();
        let round = state.1;
        state.0 += 1;
        if state.0 == self.parties {
            *state = (0, round.wrapping_add(1));
            drop(state);
            self.round_over.notify_all();
            return;
        }
        while state.1 == round {
            self.round_over.wait(&mut state);
        }
    }
}

/// A queue from `parking_lot`'s mutex and two condition variables.
pub(crate) struct ByCondvar {
    items: parking_lot::Mutex<VecDeque<u64>>,
    capacity: usize,
    has_item: parking_lot::Condvar,
    has_place: parking_lot::Condvar,
}

impl ByCondvar {
    /// With places for this many items at once.
    pub(crate) fn bounded(capacity: usize) -> Self {
        Self {
            items: parking_lot::Mutex::new(VecDeque::new()),
            capacity,
            has_item: parking_lot::Condvar::new(),
            has_place: parking_lot::Condvar::new(),
        }
    }

    /// With places for all items.
    pub(crate) fn unbounded() -> Self {
        Self::bounded(usize::MAX)
    }

    /// The items, as soon as there is a place.
    fn with_place(&self) -> parking_lot::MutexGuard<'_, VecDeque<u64>> {
        let mut items = self.items.lock();
        while items.len() >= self.capacity {
            self.has_place.wait(&mut items);
        }
        items
    }

    /// The items, as soon as there is one.
    fn with_item(&self) -> parking_lot::MutexGuard<'_, VecDeque<u64>> {
        let mut items = self.items.lock();
        while items.is_empty() {
            self.has_item.wait(&mut items);
        }
        items
    }
}

impl Putter for Arc<ByCondvar> {
    fn put(&mut self, item: u64) {
        self.with_place().push_back(item);
        self.has_item.notify_one();
    }
}

impl Getter for Arc<ByCondvar> {
    fn get(&mut self) -> u64 {
        let item = self.with_item().pop_front();
        self.has_place.notify_one();
        item.expect("an item was waited for")
    }
}

impl BatchPutter for Arc<ByCondvar> {
    fn put_many(&mut self, mut items: Range<u64>) {
        while !items.is_empty() {
            let mut queue = self.with_place();
            let places = self.capacity - queue.len();
            queue.extend(items.by_ref().take(places));
            drop(queue);
            self.has_item.notify_all();
        }
    }
}

impl BatchGetter for Arc<ByCondvar> {
    fn get_many(&mut self, max: u64, each: impl FnMut(u64)) {
        let mut queue = self.with_item();
        let count = queue.len().min(max as usize);
        let items: Vec<u64> = queue.drain(..count).collect();
        drop(queue);
        self.has_place.notify_all();
        items.into_iter().for_each(each);
    }
}

/// A priority queue under a mutex that never waits for an item, and keeps no
/// order among equal priorities.
pub(crate) type ParkingLotHeap = parking_lot::Mutex<BinaryHeap<Reverse<(u64, u64)>>>;

impl Ranked for ParkingLotHeap {
    fn new() -> Self {
        Self::new(BinaryHeap::new())
    }

    fn put(&self, priority: u64, item: u64) {
        self.lock().push(Reverse((priority, item)));
    }

    fn get(&self) -> (u64, u64) {
        let Reverse(first) = self.lock().pop().expect("there are residents");
        first
    }
}
