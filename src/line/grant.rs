//! Grants: how what is free becomes somebody's, with the lock of the line held.

use core::ptr::NonNull;
use core::task::Waker;

use super::UNSTAMPED;
use super::guard::Yields;
use super::settle::Locked;
use super::waiter::{Node, State};
use super::wake::WakeBatch;
use super::word::{Flags, Word};

impl<W: Word, L, Y: Yields> Locked<'_, W, L, Y> {
    /// Settles a line in which one task waits alone; says whether it is one.
    #[expect(
        clippy::inline_always,
        reason = "part of the way from one task to the next"
    )]
    #[inline(always)]
    pub(crate) fn settle_single(&mut self, batch: &mut WakeBatch) -> bool {
        let Some(head) = self.line.waiting.single() else {
            return false;
        };
        if !head.is_task() || batch.is_full() {
            return false;
        }
        // The flags have been up since it joined.
        if self.take_for(head) {
            let line = self.line;
            line.waiting.remove_single(head);
            line.tasks.set(0);
            line.stamp.set(UNSTAMPED);
            line.word.set_flags(Flags::NONE);
            self.end_wait(NonNull::from(head), batch);
        }
        true
    }

    /// Whether there is nothing for anybody.
    pub(crate) fn has_nothing(&self) -> bool {
        self.line.word.free() == 0
    }

    /// Puts a task with its waker at the end of a line that has nothing to give.
    ///
    /// It need not be settled: nobody can go. Only where all that is free is guarded by the lock,
    /// for elsewhere somebody may add before the flags are up.
    pub(crate) fn join_for_later(&mut self, node: &Node, waker: Waker) {
        node.want.set(self.line.word.enrol(node.want.get()));
        drop(node.put_waker(waker));
        self.join(node);
        self.normalise();
    }

    /// Gives the head what it wants, if that is free.
    #[inline]
    pub(super) fn grant_first(&mut self, batch: &mut WakeBatch) -> bool {
        let Some(head) = self.line.waiting.first() else {
            return false;
        };
        let taken = self.take_for(head);
        if taken {
            self.grant(NonNull::from(head), batch);
        }
        taken
    }

    /// Takes what a node wants, and notes in it what it has been given.
    pub(super) fn take_for(&self, node: &Node) -> bool {
        let word = &self.line.word;
        let taken = word.take(node.want.get());
        if taken && word.refuses() {
            node.want.set(0);
        }
        taken
    }

    /// Ends a node's wait: what it wants has been taken for it.
    ///
    /// By pointer: the node may be freed as soon as its grant is stored, and a reference that is
    /// an argument must stay valid until the function returns.
    pub(super) fn grant(&mut self, pointer: NonNull<Node>, batch: &mut WakeBatch) {
        // SAFETY: the caller has the pointer from the waiting list, and holds the line's lock:
        // the node is pinned and alive until it is told that its wait is over (invariant 2).
        self.unlink(unsafe { pointer.as_ref() });
        self.end_wait(pointer, batch);
    }

    /// Ends the wait of a node that has just been taken out of the waiting list.
    #[inline]
    fn end_wait(&mut self, pointer: NonNull<Node>, batch: &mut WakeBatch) {
        // SAFETY: as in `grant`: nobody has told the node yet.
        let node = unsafe { pointer.as_ref() };
        // A woken thread, and one that is just joining the line, has no waker here: it comes by
        // itself.
        let waker = node.take_waker();
        if W::is_exclusive(node.want.get()) && self.line.word.is_owned() {
            self.line.traced.given_to(&node.traced);
        }
        if W::TRANSFERS && node.is_task() {
            // An offer that nobody has seen.
            node.set_mark(0);
            node.set_state(State::Offered);
            self.line.granted.push_back(node);
            self.line.traced.offered(&node.traced);
        } else {
            // SAFETY: as above; `node` is not used after this.
            unsafe { Node::finish_last(pointer) };
        }
        if let Some(waker) = waker {
            batch.push(waker);
        }
    }
}
