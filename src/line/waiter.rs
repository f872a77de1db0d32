//! One waiter: the node that stands in a line, inside the future or on the stack that waits.
//!
//! # The states of a node
//!
//! | state | where it is | who leaves it |
//! |---|---|---|
//! | `IDLE` | in no list | its owner, by joining the line |
//! | `WAITING` | in the waiting list | the line (→ `WOKEN`, `OFFERED`, `GRANTED`), or its owner, by withdrawing |
//! | `WOKEN` | in the waiting list; threads only | its owner, who takes or goes back to `WAITING`; the line, by a grant |
//! | `OFFERED` | in the granted list; tasks only | its owner, by claiming or withdrawing; a request of the same task, by transfer (→ `WAITING`) |
//! | `GRANTED` | in no list | final |
//!
//! All changes happen under the line's lock. `GRANTED` alone may be seen without it, for the
//! line does not touch a node after that store.

use core::fmt;
use core::marker::PhantomPinned;
use core::mem::ManuallyDrop;
use core::ptr::NonNull;
use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use core::task::{RawWakerVTable, Waker};

use super::word::Asker;
use crate::sys::{AtomicU32, Cell, constructor};

/// Where a node is in its life; the table is in the module's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Idle,
    Waiting,
    Woken,
    Offered,
    Granted,
}

/// A waiter in a line.
pub(crate) struct Node {
    state: AtomicU32,
    asker: Asker,
    /// How much it asks for.
    pub(super) want: Cell<usize>,
    pub(super) next: Cell<Option<NonNull<Node>>>,
    pub(super) prev: Cell<Option<NonNull<Node>>>,
    pub(super) waker: WakerSlot,
    _pinned: PhantomPinned,
}

// SAFETY: a node holds no thread-bound data; its wakers are `Send + Sync` by `Waker`'s contract.
unsafe impl Send for Node {}
// SAFETY: the cells are touched only with the line's lock held while the node is linked
// (invariant 1), and only by its owner while it is not.
unsafe impl Sync for Node {}

impl Node {
    pub(super) fn new(asker: Asker, want: usize) -> Self {
        Self {
            state: AtomicU32::new(State::Idle as u32),
            asker,
            want: Cell::new(want),
            next: Cell::new(None),
            prev: Cell::new(None),
            waker: WakerSlot::new(),
            _pinned: PhantomPinned,
        }
    }

    pub(super) fn is_task(&self) -> bool {
        self.asker == Asker::Task
    }

    pub(super) fn asker(&self) -> Asker {
        self.asker
    }

    /// The state, as the holder of the line's lock sees it.
    pub(super) fn state(&self) -> State {
        // ORDERING: Relaxed: every change was made under the lock that the caller holds, or by
        // the caller.
        State::from(self.state.load(Relaxed))
    }

    /// Whether the wait is over, seen without the lock.
    pub(super) fn is_granted(&self) -> bool {
        // ORDERING: Acquire pairs with the Release in `finish`: what was done before the
        // release that this grant comes from is seen, and so is the line's last touch of this
        // node.
        self.state.load(Acquire) == State::Granted as u32
    }

    /// Changes the state, with the line's lock held.
    pub(super) fn set_state(&self, state: State) {
        // ORDERING: Relaxed: published by the unlock of the line's lock.
        self.state.store(state as u32, Relaxed);
    }

    /// Makes the state final, by the node's owner.
    pub(super) fn finish(&self) {
        // ORDERING: Relaxed: the owner told itself.
        self.state.store(State::Granted as u32, Relaxed);
    }

    /// Makes the state final, by somebody else. The node may be gone as soon as this is stored.
    ///
    /// # Safety
    ///
    /// * The node is alive, and the caller does not use it afterwards.
    pub(super) unsafe fn finish_last(this: NonNull<Self>) {
        // SAFETY: the node is alive, by the caller's promise; no reference to all of it is made,
        // for that would have to stay valid beyond the store.
        let state = unsafe { &(*this.as_ptr()).state };
        // ORDERING: Release pairs with the Acquire in `is_granted`: it publishes the releaser's
        // writes and the line's last touch of this node.
        state.store(State::Granted as u32, Release);
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.want.retire();
        self.next.retire();
        self.prev.retire();
        self.waker.retire();
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Node")
            .field("asker", &self.asker)
            .finish_non_exhaustive()
    }
}

impl From<u32> for State {
    fn from(state: u32) -> Self {
        [
            Self::Idle,
            Self::Waiting,
            Self::Woken,
            Self::Offered,
            Self::Granted,
        ][state as usize]
    }
}

/// A waker taken apart, so that its identity outlives it.
#[derive(Clone, Copy)]
struct Parts {
    data: *const (),
    vtable: &'static RawWakerVTable,
}

/// The waker of a waiter. After it has been taken, the slot still knows whose it was.
pub(super) struct WakerSlot {
    parts: Cell<Option<Parts>>,
    armed: Cell<bool>,
}

impl WakerSlot {
    constructor! {
        pub(super) const fn new() -> Self {
            Self {
                parts: Cell::new(None),
                armed: Cell::new(false),
            }
        }
    }

    /// Stores a waker and hands back the one that was there, to be dropped without any lock.
    pub(super) fn put(&self, waker: Waker) -> Option<Waker> {
        let old = self.take();
        let waker = ManuallyDrop::new(waker);
        self.parts.set(Some(Parts {
            data: waker.data(),
            vtable: waker.vtable(),
        }));
        self.armed.set(true);
        old
    }

    /// Takes the waker out, if there is one.
    pub(super) fn take(&self) -> Option<Waker> {
        if !self.armed.get() {
            return None;
        }
        self.armed.set(false);
        let Parts { data, vtable } = self.parts.get()?;
        // SAFETY: the parts are those of the waker that `put` took apart and did not drop;
        // `armed`, which is false from now on, lets this happen once for each.
        Some(unsafe { Waker::new(data, vtable) })
    }

    /// Whether there is a waker, and it wakes the same task as the other.
    pub(super) fn will_wake(&self, other: &Waker) -> bool {
        self.armed.get() && self.came_from(other)
    }

    /// Whether the waker that is or was here wakes the same task as the other.
    pub(super) fn came_from(&self, other: &Waker) -> bool {
        self.parts.get().is_some_and(|parts| {
            parts.data == other.data() && core::ptr::eq(parts.vtable, other.vtable())
        })
    }

    pub(super) fn retire(&mut self) {
        self.parts.retire();
        self.armed.retire();
    }
}

impl Drop for WakerSlot {
    fn drop(&mut self) {
        drop(self.take());
    }
}
