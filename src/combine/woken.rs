//! Which children of a future have been woken, and the wakers that say so.
//!
//! Children that are polled together need a waker each, so that only those are polled again that
//! were woken. All wakers of one parent share one block; a waker is a pointer to its child there.
//!
//! ```text
//!   head ──▶ 3 ──▶ 1          a stack of the children that were woken, the last one first
//!   child:  { marked, next }  × n
//! ```
//!
//! | head | means | who leaves it |
//! |---|---|---|
//! | `ASLEEP` | the parent's waker is stored | a wake, which then wakes the parent; or the parent, when it is polled |
//! | `AWAKE` | the parent is being polled, or has been told to come again | a wake, in silence; or the parent, before it sleeps |
//! | a child | the parent is being polled, or has been woken | the parent, which takes the whole stack |
//!
//! A child that is *marked* is in the stack, or its waker is about to push it, or the parent has
//! taken it and not polled it yet. Its `next` belongs to whoever marked it until it is pushed, and
//! to the parent from the moment at which the stack is taken until the mark is.

use core::mem::ManuallyDrop;
use core::ptr;
use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
use core::task::{RawWaker, RawWakerVTable, Waker};
use std::sync::{Arc, OnceLock};

use crate::line::{WakerSlot, drop_quietly};
use crate::sys::{AtomicU32, Cell, RawLock};

/// Nobody has been woken, and the parent's waker is there for the first who will be.
const ASLEEP: u32 = u32::MAX;
/// Nobody has been woken, and the parent will look again before it sleeps.
const AWAKE: u32 = ASLEEP - 1;
/// How many children there may be: the rest of the numbers.
pub(super) const MOST: usize = AWAKE as usize;

const UNMARKED: u32 = 0;
const MARKED: u32 = 1;

/// What the wakers of one parent's children share.
pub(super) struct Woken {
    head: AtomicU32,
    children: Box<[Child]>,
    /// Guards the parent's waker, and nothing else.
    lock: RawLock,
    parent: WakerSlot,
}

/// What a waker points to.
struct Child {
    /// The block that it is in, which every waker keeps alive.
    block: *const Woken,
    marked: AtomicU32,
    next: Cell<u32>,
}

// SAFETY: the children and the parent's waker may go to any thread; the pointers lead back here.
unsafe impl Send for Woken {}
// SAFETY: the parent's waker is touched only with the lock held, and a child's `next` only by
// whom it belongs to (the header says when to whom).
unsafe impl Sync for Woken {}

impl Woken {
    fn new(count: usize) -> Arc<Self> {
        Arc::new_cyclic(|block| Self {
            head: AtomicU32::new(AWAKE),
            children: (0..count).map(|_| Child::new(block.as_ptr())).collect(),
            lock: RawLock::new(),
            parent: WakerSlot::new(),
        })
    }

    /// Takes out who has been woken, in the order of their wakes. From here on the parent counts
    /// as awake.
    pub(super) fn take(&self) -> Batch<'_> {
        // ORDERING: Acquire pairs with the Release in `push`: the links are seen. Nothing is
        // published.
        let mut newest = self.head.swap(AWAKE, Acquire);
        let mut oldest = AWAKE;
        while newest < AWAKE {
            let next = self.children[newest as usize].next.replace(oldest);
            oldest = newest;
            newest = next;
        }
        Batch {
            block: self,
            next: oldest,
        }
    }

    /// Goes on with what was left of a batch. Those children are still marked, so that their links are the
    /// parent's, and the parent has not slept meanwhile.
    pub(super) const fn resume(&self, rest: u32) -> Batch<'_> {
        Batch {
            block: self,
            next: rest,
        }
    }

    /// Lets the parent sleep, with this waker; or says that somebody has been woken meanwhile.
    pub(super) fn sleep(&self, waker: &Waker) -> bool {
        // ORDERING: Relaxed: a hint, which saves storing a waker in vain.
        if self.head.load(Relaxed) != AWAKE {
            return false;
        }
        // Cloned and dropped without the lock: both are foreign code.
        let mut spare = Some(waker.clone());
        let held = self.lock.lock();
        if !self.parent.will_wake(waker) {
            spare = spare.and_then(|new| self.parent.put(new));
        }
        drop(held);
        drop(spare);
        // ORDERING: Relaxed: whoever sees `ASLEEP` takes the lock, which was held before this was
        // stored, and finds the waker there. Relaxed on failure: the parent comes again.
        (self.head)
            .compare_exchange(AWAKE, ASLEEP, Relaxed, Relaxed)
            .is_ok()
    }

    /// Forgets the parent: wakers that are left wake nobody.
    pub(super) fn forget_parent(&self) {
        // The parent may have results in hand: a waker that panics here takes nothing with it.
        drop_quietly(self.take_parent());
    }

    fn take_parent(&self) -> Option<Waker> {
        let _held = self.lock.lock();
        self.parent.take()
    }

    fn push(&self, child: &Child) {
        let index = self.index(child);
        // ORDERING: Relaxed: only a number, which the exchange checks.
        let mut head = self.head.load(Relaxed);
        loop {
            child.next.set(head);
            // ORDERING: Release pairs with the Acquire in `take`: the link is published. Nothing is
            // read. Relaxed on failure: as above.
            match (self.head).compare_exchange_weak(head, index, Release, Relaxed) {
                Ok(_) => break,
                Err(now) => head = now,
            }
        }
        if head != ASLEEP {
            return;
        }
        if let Some(waker) = self.take_parent() {
            waker.wake();
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "there are fewer than 2^32")]
    fn index(&self, child: &Child) -> u32 {
        let distance = ptr::from_ref(child).addr() - self.children.as_ptr().addr();
        (distance / size_of::<Child>()) as u32
    }

    /// The waker of a child, borrowed: it must not outlive this reference, its clones may.
    pub(super) fn waker(&self, index: usize) -> ManuallyDrop<Waker> {
        let child = ptr::from_ref(&self.children[index]);
        // SAFETY: the functions of `OF_A_CHILD` take the pointer to a child of a block that an
        // `Arc` holds, which `self` is, for `new` makes no others. They may be called from any
        // thread, for a block is `Sync`. The waker is not dropped, so that it owns no share.
        ManuallyDrop::new(unsafe { Waker::new(child.cast(), &OF_A_CHILD) })
    }
}

impl Child {
    const fn unmarked(block: *const Woken, marked: AtomicU32, next: Cell<u32>) -> Self {
        Self {
            block,
            marked,
            next,
        }
    }

    fn new(block: *const Woken) -> Self {
        Self::unmarked(block, AtomicU32::new(UNMARKED), Cell::new(AWAKE))
    }

    /// Sees to it that the child is polled.
    fn wake(&self, block: &Woken) {
        // ORDERING: a swap even if it is marked, for what was done before this wake must be seen
        // by the poll that the first wake has asked for: Release pairs with the Acquire in
        // `Batch::next`. Acquire pairs with the Release there: the parent has read `next`.
        if self.marked.swap(MARKED, AcqRel) == UNMARKED {
            block.push(self);
        }
    }
}

impl Drop for Woken {
    fn drop(&mut self) {
        // Nobody is there any more. The lock is taken so that whoever touched the slot last did so
        // before, also in the eyes of a model checker that does not look into `Arc`.
        self.forget_parent();
    }
}

/// Children that have been woken and not polled yet. What is left of it when it is dropped stays
/// marked, and is polled no more, unless the parent [resumes](Woken::resume) with it.
pub(super) struct Batch<'a> {
    block: &'a Woken,
    next: u32,
}

impl Batch<'_> {
    /// Where to [resume](Woken::resume), if anything is left.
    pub(super) fn rest(&self) -> Option<u32> {
        (self.next != AWAKE).then_some(self.next)
    }
}

impl Iterator for Batch<'_> {
    type Item = usize;

    /// The next child; from here on it can be woken again.
    fn next(&mut self) -> Option<usize> {
        if self.next == AWAKE {
            return None;
        }
        let index = self.next as usize;
        let child = &self.block.children[index];
        self.next = child.next.get();
        // ORDERING: a swap, so that it follows every wake that found the mark: Acquire pairs with
        // the Release in `wake`, and what those who woke it did is seen by the poll that comes.
        // Release: `next` has been read.
        child.marked.swap(UNMARKED, AcqRel);
        Some(index)
    }
}

/// Wakers that point to a [`Child`] and own a share of its block.
static OF_A_CHILD: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, drop_waker);

/// # Safety
///
/// * `data` points to a [`Child`] whose block lives for `'a`.
unsafe fn child<'a>(data: *const ()) -> &'a Child {
    // SAFETY: by the caller's promise; a block lends its children out shared.
    unsafe { &*data.cast::<Child>() }
}

unsafe fn clone(data: *const ()) -> RawWaker {
    // SAFETY: the waker that is cloned keeps the block alive, or is borrowed from somebody who does.
    let child = unsafe { child(data) };
    // SAFETY: the block lies in an `Arc`, which is alive (see above).
    unsafe { Arc::increment_strong_count(child.block) };
    RawWaker::new(data, &OF_A_CHILD)
}

unsafe fn wake(data: *const ()) {
    // SAFETY: the waker that is given up here has kept the block alive.
    let child = unsafe { child(data) };
    // SAFETY: its share was made by `clone`, and is taken over here, once.
    let block = unsafe { Arc::from_raw(child.block) };
    child.wake(&block);
}

unsafe fn wake_by_ref(data: *const ()) {
    // SAFETY: as in `clone`.
    let child = unsafe { child(data) };
    // SAFETY: as in `clone`: the block is alive until this returns.
    child.wake(unsafe { &*child.block });
}

unsafe fn drop_waker(data: *const ()) {
    // SAFETY: as in `wake`.
    let child = unsafe { child(data) };
    // SAFETY: as in `wake`.
    drop(unsafe { Arc::from_raw(child.block) });
}

/// A place for a block that is made when a child first wants a waker to keep, or is woken.
pub(super) type Later = OnceLock<Arc<Woken>>;

/// What a waker points to whose block may not have been made yet.
pub(super) struct Unmade<'a> {
    pub(super) block: &'a Later,
    pub(super) count: usize,
    pub(super) index: usize,
}

impl Unmade<'_> {
    /// The waker of a child, borrowed: it must not outlive this reference, its clones may.
    pub(super) fn waker(&self) -> ManuallyDrop<Waker> {
        // SAFETY: the functions of `OF_NOBODY_YET` take a pointer to an `Unmade` that is alive;
        // their clones do not point to it. They may be called from any thread, for an `Unmade`
        // is `Sync`.
        ManuallyDrop::new(unsafe { Waker::new(ptr::from_ref(self).cast(), &OF_NOBODY_YET) })
    }

    fn make(&self) -> &Woken {
        self.block.get_or_init(|| Woken::new(self.count))
    }
}

/// Wakers that point to an [`Unmade`], and are never owned.
static OF_NOBODY_YET: RawWakerVTable =
    RawWakerVTable::new(clone_unmade, wake_unmade, wake_unmade, |_| {});

/// # Safety
///
/// * `data` points to an [`Unmade`] that lives for `'a`.
unsafe fn unmade<'a>(data: *const ()) -> &'a Unmade<'a> {
    // SAFETY: by the caller's promise.
    unsafe { &*data.cast::<Unmade<'a>>() }
}

unsafe fn clone_unmade(data: *const ()) -> RawWaker {
    // SAFETY: the waker that is cloned is borrowed from its `Unmade`.
    let unmade = unsafe { unmade(data) };
    let waker = unmade.make().waker(unmade.index);
    let owned = ManuallyDrop::new(Waker::clone(&waker));
    RawWaker::new(owned.data(), owned.vtable())
}

unsafe fn wake_unmade(data: *const ()) {
    // SAFETY: as in `clone_unmade`.
    let unmade = unsafe { unmade(data) };
    unmade.make().waker(unmade.index).wake_by_ref();
}
