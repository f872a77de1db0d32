//! A waiter that lies beside its line, in the same allocation.
//!
//! A [`Wait`](crate::line::Wait) is pinned inside the future that waits. A handle that can be moved
//! while it waits has no such place; what it is the handle of has.

use core::pin::Pin;
use core::task::Context;

use crate::line::{Asker, Line, Node, State, Word, advance, withdraw};

/// A place in line for one task at a time.
pub(crate) struct InlineWaiter(Node);

impl InlineWaiter {
    pub(crate) fn new() -> Self {
        Self(Node::new(Asker::Task, 0))
    }

    /// Whether its owner has been granted what it waits for; otherwise the waker is used then.
    ///
    /// # Safety
    ///
    /// * It is always the same line.
    /// * The line and this are freed together, or it has [left](Self::leave) before either is.
    /// * Nobody else uses this at the same time.
    pub(crate) unsafe fn poll<W: Word>(
        self: Pin<&Self>,
        line: &Line<W>,
        context: &Context<'_>,
    ) -> bool {
        let node = &self.get_ref().0;
        let fresh = node.state() == State::Idle;
        fresh && line.try_take(0, Asker::Task)
            || !fresh && node.is_granted()
            || advance(line, node, context.waker())
    }

    /// Leaves the line, and drops the waker.
    ///
    /// # Safety
    ///
    /// See [`poll`](Self::poll).
    pub(crate) unsafe fn leave<W: Word>(self: Pin<&Self>, line: &Line<W>) {
        let node = &self.get_ref().0;
        if node.state() != State::Idle && !node.is_granted() {
            withdraw(line, node);
        }
    }
}
