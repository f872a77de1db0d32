//! A list of nodes in order of arrival: intrusive, circular, known by its tail.
//!
//! ```text
//!            tail ─────────────────────────┐
//!                                          ▼
//!     ┌──▶ first ⇄ second ⇄ third ⇄ ... ⇄ last ──┐
//!     └───────────────────────────────────────────┘
//! ```
//!
//! Every operation but [`iter`](NodeList::iter) takes constant time, removal from anywhere
//! included. All of them need the lock of the line that owns the list (invariant 1).

use core::ptr::NonNull;

use super::waiter::Node;
use crate::sys::{self, Cell, constructor};

/// A list of linked nodes.
pub(crate) struct NodeList {
    tail: Cell<Option<NonNull<Node>>>,
}

impl NodeList {
    constructor! {
        pub(crate) const fn new() -> Self {
            Self { tail: Cell::new(None) }
        }
    }

    /// The last. A model that has failed leaves its nodes behind, so that a list in it is empty.
    #[inline]
    fn tail(&self) -> Option<NonNull<Node>> {
        if sys::is_over() {
            return None;
        }
        self.tail.get()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.tail().is_none()
    }

    pub(crate) fn first(&self) -> Option<&Node> {
        self.tail().map(|tail| next(node(tail)))
    }

    /// The first, if there is no other.
    pub(super) fn single(&self) -> Option<&Node> {
        let tail = node(self.tail()?);
        core::ptr::eq(next(tail), tail).then_some(tail)
    }

    pub(crate) fn is_first(&self, candidate: &Node) -> bool {
        self.first()
            .is_some_and(|first| core::ptr::eq(first, candidate))
    }

    pub(crate) fn push_back(&self, new: &Node) {
        let this = NonNull::from(new);
        if let Some(first) = self.first() {
            // Before the first of a circle is behind its last.
            self.insert_before(first, new);
        } else {
            new.prev.set(Some(this));
            new.next.set(Some(this));
        }
        self.tail.set(Some(this));
    }

    pub(super) fn push_front(&self, new: &Node) {
        match self.first() {
            Some(first) => self.insert_before(first, new),
            None => self.push_back(new),
        }
    }

    /// Adds a node in front of one that is in this list.
    #[expect(clippy::unused_self, reason = "the list is the one that `place` is in")]
    pub(super) fn insert_before(&self, place: &Node, new: &Node) {
        let (this, before) = (NonNull::from(new), prev(place));
        new.prev.set(Some(NonNull::from(before)));
        new.next.set(Some(NonNull::from(place)));
        before.next.set(Some(this));
        place.prev.set(Some(this));
    }

    /// Takes a node out. It must be in this list.
    #[inline]
    pub(crate) fn remove(&self, old: &Node) {
        if self.tail.get() == Some(NonNull::from(old)) {
            let before = prev(old);
            if core::ptr::eq(before, old) {
                return self.remove_single(old);
            }
            self.tail.set(Some(NonNull::from(before)));
        }
        unlink(old);
    }

    /// Takes a node out that is alone in this list.
    #[inline]
    pub(super) fn remove_single(&self, old: &Node) {
        old.traced.left();
        self.tail.set(None);
        old.next.set(None);
        old.prev.set(None);
    }

    /// Moves all nodes to in front of one that is in another list.
    pub(crate) fn pour_before(&self, place: &Node) {
        if self.is_empty() {
            return;
        }
        let Some(tail) = self.tail.replace(None) else {
            return;
        };
        let (last, before) = (node(tail), prev(place));
        let first = next(last);
        before.next.set(Some(NonNull::from(first)));
        first.prev.set(Some(NonNull::from(before)));
        last.next.set(Some(NonNull::from(place)));
        place.prev.set(Some(tail));
    }

    /// All nodes from the first to the last.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Node> {
        let tail = self.tail();
        let mut ahead = self.first();
        core::iter::from_fn(move || {
            let current = ahead?;
            ahead = (Some(NonNull::from(current)) != tail).then(|| next(current));
            Some(current)
        })
    }
}

/// Takes a node out of whichever list it is in. If it is the last there, the list must have been
/// told before.
pub(crate) fn unlink(old: &Node) {
    old.traced.left();
    let (before, after) = (prev(old), next(old));
    before.next.set(Some(NonNull::from(after)));
    after.prev.set(Some(NonNull::from(before)));
    old.next.set(None);
    old.prev.set(None);
}

fn next(of: &Node) -> &Node {
    node(of.next.get().expect("a linked node has a successor"))
}

fn prev(of: &Node) -> &Node {
    node(of.prev.get().expect("a linked node has a predecessor"))
}

fn node<'a>(pointer: NonNull<Node>) -> &'a Node {
    // SAFETY: a pointer is in a list only while its node is linked, and a node is pinned and
    // leaves its list under the line's lock before it is freed (invariant 2). The caller holds
    // that lock, and keeps no reference beyond it.
    unsafe { pointer.as_ref() }
}
