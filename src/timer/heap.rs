//! A pairing heap of moments, linked through its entries: no allocation, O(1) insertion, and
//! removal from anywhere in amortised O(log n).
//!
//! Every node's children hang on `child`, linked through `next`; `prev` is the left sibling, or
//! the parent for the first child. Source: Fredman, Sedgewick, Sleator, Tarjan, *The Pairing
//! Heap*, 1986.

use core::marker::PhantomPinned;
use core::ptr::NonNull;
use std::time::Instant;

use crate::line::WakerSlot;
use crate::sys::Cell;

type Link = Cell<Option<NonNull<Entry>>>;

/// A moment in a heap, and whom to wake then.
pub(super) struct Entry {
    at: Cell<Option<Instant>>,
    child: Link,
    next: Link,
    prev: Link,
    pub(super) queued: Cell<bool>,
    pub(super) waker: WakerSlot,
    _pinned: PhantomPinned,
}

// SAFETY: an entry holds no thread-bound data.
unsafe impl Send for Entry {}
// SAFETY: the cells are touched only with the timer's lock held while the entry is queued, and
// only by its owner while it is not.
unsafe impl Sync for Entry {}

impl Entry {
    #[inline]
    pub(super) fn new() -> Self {
        Self {
            at: Cell::new(None),
            child: Cell::new(None),
            next: Cell::new(None),
            prev: Cell::new(None),
            queued: Cell::new(false),
            waker: WakerSlot::new(),
            _pinned: PhantomPinned,
        }
    }
}

impl Entry {
    /// Makes it a new one, for its owner, who has found it in the heap of another process: there it is in a
    /// copy that nobody uses. What its waker was is anybody's guess: somebody may have been about to take it.
    #[cold]
    pub(super) fn forsake(&self) {
        self.at.set(None);
        self.child.set(None);
        self.next.set(None);
        self.prev.set(None);
        self.queued.set(false);
        self.waker.forsake();
    }
}

impl Drop for Entry {
    #[inline]
    fn drop(&mut self) {
        self.at.retire();
        self.child.retire();
        self.next.retire();
        self.prev.retire();
        self.queued.retire();
        self.waker.retire();
    }
}

/// Entries, the earliest at the root. The caller holds the lock that guards them all.
pub(super) struct Heap {
    root: Link,
}

impl Heap {
    pub(super) fn new() -> Self {
        Self {
            root: Cell::new(None),
        }
    }

    /// The earliest moment.
    pub(super) fn earliest(&self) -> Option<Instant> {
        self.root.get().and_then(|root| entry(root).at.get())
    }

    /// Adds an entry, which must not be queued.
    pub(super) fn insert(&self, new: &Entry, at: Instant) {
        new.at.set(Some(at));
        new.queued.set(true);
        self.root
            .set(merge(self.root.get(), Some(NonNull::from(new))));
    }

    /// Removes the earliest entry if its moment has come.
    pub(super) fn pop(&self, now: Option<Instant>) -> Option<&Entry> {
        let root = entry(self.root.get()?);
        if now.is_some_and(|now| root.at.get() > Some(now)) {
            return None;
        }
        self.remove(root);
        Some(root)
    }

    /// Removes an entry, which must be queued here.
    pub(super) fn remove(&self, old: &Entry) {
        let children = merge_pairs(old.child.replace(None));
        if self.root.get() == Some(NonNull::from(old)) {
            self.root.set(children);
        } else {
            cut(old);
            self.root.set(merge(self.root.get(), children));
        }
        old.queued.set(false);
    }
}

/// Takes an entry, with all below it, from its parent.
fn cut(old: &Entry) {
    let (before, after) = (old.prev.replace(None), old.next.replace(None));
    if let Some(before) = before.map(entry) {
        if before.child.get() == Some(NonNull::from(old)) {
            before.child.set(after);
        } else {
            before.next.set(after);
        }
    }
    if let Some(after) = after {
        entry(after).prev.set(before);
    }
}

/// Makes one tree of two; on a tie the first stays on top.
fn merge(a: Option<NonNull<Entry>>, b: Option<NonNull<Entry>>) -> Option<NonNull<Entry>> {
    let (Some(left), Some(right)) = (a, b) else {
        return a.or(b);
    };
    let (top, below) = if entry(right).at.get() < entry(left).at.get() {
        (right, left)
    } else {
        (left, right)
    };
    let first = entry(top).child.replace(Some(below));
    entry(below).prev.set(Some(top));
    entry(below).next.set(first);
    if let Some(first) = first {
        entry(first).prev.set(Some(below));
    }
    Some(top)
}

/// Makes one tree of a list of siblings: pairs from left to right, then all from right to left.
fn merge_pairs(mut siblings: Option<NonNull<Entry>>) -> Option<NonNull<Entry>> {
    let mut pairs = None;
    while let Some(first) = siblings {
        let second = detach(first);
        siblings = second.and_then(detach);
        let pair = merge(Some(first), second);
        if let Some(pair) = pair {
            entry(pair).next.set(pairs);
        }
        pairs = pair;
    }
    let mut root = None;
    while let Some(pair) = pairs {
        pairs = detach(pair);
        root = merge(root, Some(pair));
    }
    root
}

/// Takes a tree from its siblings and returns the next of them.
fn detach(tree: NonNull<Entry>) -> Option<NonNull<Entry>> {
    entry(tree).prev.set(None);
    entry(tree).next.replace(None)
}

fn entry<'a>(pointer: NonNull<Entry>) -> &'a Entry {
    // SAFETY: an entry is pinned, and leaves its heap under the lock before it is freed; the
    // caller holds that lock, and keeps no reference beyond it.
    unsafe { pointer.as_ref() }
}
