//! One waiter: the node that stands in a line, inside the future or on the stack that waits.
//!
//! # The states of a node
//!
//! | state | where it is | who leaves it |
//! |---|---|---|
//! | `IDLE` | in no list | its owner, by joining the line or a wait set |
//! | `SET_ASIDE` | in a wait set | a notify, which moves it to the line (→ `WAITING`) or lets it go (→ `IDLE`); its owner, by leaving (→ `IDLE`) |
//! | `WAITING` | in the waiting list | the line (→ `WOKEN`, `OFFERED`, `GRANTED`), or its owner, by withdrawing |
//! | `WOKEN` | in the waiting list; threads only | its owner, who takes or goes back to `WAITING`; the line, by a grant |
//! | `OFFERED` | in the granted list; tasks only, where grants can be transferred (in a barrier: see `rounds`) | its owner, by claiming or withdrawing; a request of the same task, by taking the grant over (→ `WAITING`) |
//! | `GRANTED` | in no list | final |
//!
//! All changes happen under the line's lock; those that have to do with a wait set, under that of the
//! set as well. `GRANTED` alone may be seen without it, for the
//! line does not touch a node after that store.

use core::fmt;
use core::marker::PhantomPinned;
use core::mem::ManuallyDrop;
use core::ptr::NonNull;
use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use core::task::{RawWakerVTable, Waker};

use super::requester::Kept;
use super::word::Asker;
use crate::sys::{AtomicU32, Cell, Waiter, constructor};

/// Where a node is in its life; the table is in the module's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Idle,
    SetAside,
    Waiting,
    Woken,
    Offered,
    Granted,
}

/// A waiter in a line.
pub(crate) struct Node {
    state: AtomicU32,
    asker: Asker,
    /// Whether it was notified, and is woken a little ahead of its turn; see `settle`.
    pub(crate) eager: Cell<bool>,
    /// Whether its place keeps the line of a wait set alive; see `wait_set`.
    pub(crate) anchored: Cell<bool>,
    /// Whether it may keep something of its task. Most waits are over before they do.
    keeps: Cell<bool>,
    /// How much it asks for.
    pub(crate) want: Cell<usize>,
    /// In a wait set its ticket, afterwards the stamp of the notify that moved it; see `wait_set`.
    pub(crate) stamp: Cell<u64>,
    pub(super) next: Cell<Option<NonNull<Node>>>,
    pub(super) prev: Cell<Option<NonNull<Node>>>,
    /// Dropped by the node, as `kept` is, if it has ever kept something.
    waker: ManuallyDrop<WakerSlot>,
    /// What is known of its task, where a grant may move inside a task.
    pub(super) kept: ManuallyDrop<Cell<Kept>>,
    /// What a snapshot sees of it.
    pub(crate) traced: Waiter,
    _pinned: PhantomPinned,
}

// SAFETY: a node holds no thread-bound data; its wakers are `Send + Sync` by `Waker`'s contract.
unsafe impl Send for Node {}
// SAFETY: the cells are touched only with the line's lock held while the node is linked
// (invariant 1), and only by its owner while it is not.
unsafe impl Sync for Node {}

impl Node {
    pub(crate) fn new(asker: Asker, want: usize) -> Self {
        Self {
            state: AtomicU32::new(State::Idle as u32),
            asker,
            eager: Cell::new(false),
            anchored: Cell::new(false),
            keeps: Cell::new(false),
            want: Cell::new(want),
            stamp: Cell::new(0),
            next: Cell::new(None),
            prev: Cell::new(None),
            waker: ManuallyDrop::new(WakerSlot::new()),
            kept: ManuallyDrop::new(Cell::new(Kept::NOTHING)),
            traced: Waiter::new(),
            _pinned: PhantomPinned,
        }
    }

    /// Notes that something of its task is kept in it from now on.
    pub(super) fn note_kept(&self) {
        self.keeps.set(true);
    }

    /// Stores a waker and hands back the one that was there, to be dropped without any lock.
    pub(crate) fn put_waker(&self, waker: Waker) -> Option<Waker> {
        self.note_kept();
        self.waker.put(waker)
    }

    /// Takes its waker out, if there is one.
    pub(crate) fn take_waker(&self) -> Option<Waker> {
        self.waker.take()
    }

    /// Whether there is a waker, and it wakes the same task as the other.
    pub(crate) fn will_wake(&self, other: &Waker) -> bool {
        self.waker.will_wake(other)
    }

    /// Forgets the task of a node that is in no list. Foreign code may run.
    // Out of line: what a wait that never joined its line pays for is only the look at `keeps`.
    #[inline(never)]
    pub(crate) fn forget_task(&self) {
        self.keeps.set(false);
        // One that panics as it is dropped does not keep the other.
        drop((self.waker.take(), self.kept.replace(Kept::NOTHING)));
    }

    pub(crate) fn is_task(&self) -> bool {
        self.asker == Asker::Task
    }

    pub(crate) fn asker(&self) -> Asker {
        self.asker
    }

    /// The state, as the holder of the line's lock sees it; for others a hint, but for `Idle`.
    pub(crate) fn state(&self) -> State {
        // ORDERING: Relaxed: every change was made under the lock that the caller holds, or by
        // the caller. A hint publishes nothing.
        State::from(self.state.load(Relaxed))
    }

    /// Whether it is in a wait set, seen without any lock; `true` may be out of date.
    pub(crate) fn may_be_aside(&self) -> bool {
        // ORDERING: Acquire pairs with the Release in `let_go`: the notifier's last touch of this
        // node is seen. Any other change was made under a lock that the caller takes next.
        self.state.load(Acquire) == State::SetAside as u32
    }

    /// Whether the wait is over, seen without the lock.
    pub(crate) fn is_granted(&self) -> bool {
        // ORDERING: Acquire pairs with the Release in `finish`: what was done before the
        // release that this grant comes from is seen, and so is the line's last touch of this
        // node.
        self.state.load(Acquire) == State::Granted as u32
    }

    /// Changes the state, with the line's lock held.
    pub(crate) fn set_state(&self, state: State) {
        // ORDERING: Relaxed: published by the unlock of the line's lock.
        self.state.store(state as u32, Relaxed);
    }

    /// Makes the state final, by the node's owner.
    pub(crate) fn finish(&self) {
        // ORDERING: Relaxed: the owner told itself.
        self.state.store(State::Granted as u32, Relaxed);
    }

    /// Sends a waiter out of a wait set to lock by itself. The node may be gone as soon as this is
    /// stored.
    ///
    /// # Safety
    ///
    /// * The node is alive, and the caller does not use it afterwards.
    pub(crate) unsafe fn let_go(this: NonNull<Self>) {
        // SAFETY: as in `finish_last`.
        let state = unsafe { &(*this.as_ptr()).state };
        // ORDERING: Release pairs with the Acquire in `may_be_aside`: it publishes the notifier's
        // last touch of this node.
        state.store(State::Idle as u32, Release);
    }

    /// Makes the state final, by somebody else. The node may be gone as soon as this is stored.
    ///
    /// # Safety
    ///
    /// * The node is alive, and the caller does not use it afterwards.
    pub(crate) unsafe fn finish_last(this: NonNull<Self>) {
        // SAFETY: the node is alive, by the caller's promise; no reference to all of it is made,
        // for that would have to stay valid beyond the store.
        let state = unsafe { &(*this.as_ptr()).state };
        // ORDERING: Release pairs with the Acquire in `is_granted`: it publishes the releaser's
        // writes and the line's last touch of this node.
        state.store(State::Granted as u32, Release);
    }
}

impl Drop for Node {
    #[inline]
    fn drop(&mut self) {
        if self.keeps.get() {
            self.forget_task();
        }
        self.eager.retire();
        self.anchored.retire();
        self.keeps.retire();
        self.want.retire();
        self.stamp.retire();
        self.next.retire();
        self.prev.retire();
        self.waker.retire();
        self.kept.retire();
        self.traced.retire();
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
    #[inline]
    fn from(state: u32) -> Self {
        match state {
            0 => Self::Idle,
            1 => Self::SetAside,
            2 => Self::Waiting,
            3 => Self::Woken,
            4 => Self::Offered,
            _ => Self::Granted,
        }
    }
}

/// The waker of a waiter, kept as the two pointers that it consists of.
pub(crate) struct WakerSlot {
    data: Cell<*const ()>,
    /// Null: there is no waker.
    vtable: Cell<*const RawWakerVTable>,
}

impl WakerSlot {
    constructor! {
        pub(crate) const fn new() -> Self {
            Self {
                data: Cell::new(core::ptr::null()),
                vtable: Cell::new(core::ptr::null()),
            }
        }
    }

    /// Stores a waker and hands back the one that was there, to be dropped without any lock.
    pub(crate) fn put(&self, waker: Waker) -> Option<Waker> {
        let old = self.take();
        let waker = ManuallyDrop::new(waker);
        self.data.set(waker.data());
        self.vtable.set(waker.vtable());
        old
    }

    /// Takes the waker out, if there is one.
    pub(crate) fn take(&self) -> Option<Waker> {
        let table = self.vtable.replace(core::ptr::null());
        // SAFETY: it is null, or the reference to a static table that `put` stored.
        let vtable = unsafe { table.as_ref() }?;
        // SAFETY: these are the parts of the waker that `put` took apart and did not drop; the
        // table is stored once for each, and has just been taken out.
        Some(unsafe { Waker::new(self.data.get(), vtable) })
    }

    /// Forgets the waker, if there is one, without a look at it.
    pub(crate) fn forsake(&self) {
        self.vtable.set(core::ptr::null());
    }

    /// Whether there is a waker, and it wakes the same task as the other.
    pub(crate) fn will_wake(&self, other: &Waker) -> bool {
        self.data.get() == other.data() && core::ptr::eq(self.vtable.get(), other.vtable())
    }

    pub(crate) fn retire(&mut self) {
        self.data.retire();
        self.vtable.retire();
    }
}

impl Drop for WakerSlot {
    fn drop(&mut self) {
        drop(self.take());
    }
}

#[cfg(test)]
mod tests {
    use core::task::Waker;
    use std::sync::Arc;
    use std::task::Wake;

    use super::super::requester::Identity;
    use super::{Asker, Node};

    struct Task;

    impl Wake for Task {
        fn wake(self: Arc<Self>) {}
    }

    #[test]
    fn a_node_that_is_dropped_drops_what_it_keeps_of_its_task() {
        let task = Arc::new(Task);
        let waker = || Waker::from(Arc::clone(&task));
        let woken = Node::new(Asker::Task, 1);
        assert!(woken.put_waker(waker()).is_none());
        let identified = Node::new(Asker::Task, 1);
        drop(identified.replace_identity(Identity::Waker(waker())));
        assert_eq!(Arc::strong_count(&task), 3);
        drop(woken);
        assert_eq!(Arc::strong_count(&task), 2, "the waker");
        drop(identified);
        assert_eq!(Arc::strong_count(&task), 1, "the identity");
    }
}
