//! Which task a request belongs to, so that a grant can move inside a task and nowhere else.
//!
//! | what the poll shows | kept in the node until the wait is over | the same task |
//! |---|---|---|
//! | the number of a task (`task::current`) | the number | the numbers are equal |
//! | no number | a clone of the waker | they wake the same task; the clone keeps its address from being used again |
//! | no number, and a waker whose data is null | nothing | never |

use core::num::NonZeroU64;
use core::task::Waker;

use super::waiter::Node;
use super::word::{Asker, Word};
use crate::identity::task;

/// What a node keeps of its task.
pub(super) enum Identity {
    /// The number of the task. 0 is no number, and nobody's.
    Task(u64),
    /// One of its wakers.
    Waker(Waker),
}

impl Identity {
    /// That of a node whose task is not known, or does not matter.
    pub(super) const NONE: Self = Self::Task(0);
}

/// What a node keeps while a grant may move inside its task.
pub(super) struct Kept {
    identity: Identity,
    /// While the node is offered a grant, the number by which those who have seen that offer know it;
    /// while it waits, the number of the offer that it saw at its previous poll. 0 is none. See
    /// `transfer`.
    mark: u64,
}

impl Kept {
    pub(super) const NOTHING: Self = Self {
        identity: Identity::NONE,
        mark: 0,
    };
}

// Each of these is for whoever is alone with the cells of the node: the holder of the line's lock while
// the node is linked, else its owner.
impl Node {
    fn with_kept<R>(&self, body: impl FnOnce(&mut Kept) -> R) -> R {
        // SAFETY: the caller is alone with the cell (invariant 1) until this returns, and what is called
        // looks at pointers and numbers, and replaces them: it does not come here again.
        self.kept.with(|kept| body(unsafe { &mut *kept }))
    }

    pub(super) fn mark(&self) -> u64 {
        self.with_kept(|kept| kept.mark)
    }

    pub(super) fn set_mark(&self, mark: u64) {
        self.with_kept(|kept| kept.mark = mark);
    }

    /// Hands back the identity that was there, to be dropped without any lock.
    pub(super) fn replace_identity(&self, new: Identity) -> Identity {
        self.note_kept();
        self.with_kept(|kept| core::mem::replace(&mut kept.identity, new))
    }
}

/// What a wait keeps of whoever begins it: a waker, and its task.
pub(crate) struct PolledBy {
    waker: Option<Waker>,
    identity: Identity,
}

impl PolledBy {
    /// Whoever polls with this waker. Foreign code runs.
    pub(crate) fn of<W: Word>(asker: Asker, waker: &Waker) -> Self {
        Self {
            identity: Requester::of::<W>(asker, waker).identity(),
            waker: Some(waker.clone()),
        }
    }

    /// Stores it in a node. What was there, or is there already, is handed back, to be dropped without
    /// the lock of the line, or of the wait set, that the node is in.
    #[must_use = "it is to be dropped without a lock"]
    pub(crate) fn store(mut self, node: &Node) -> Self {
        if let Some(new) = self.waker.take_if(|new| !node.will_wake(new)) {
            self.waker = node.put_waker(new);
        }
        self.identity = node.replace_identity(self.identity);
        self
    }
}

/// The task that polls a request, as this poll shows it.
#[derive(Clone, Copy)]
pub(super) enum Requester<'a> {
    /// No other request is of the same task.
    Nobody,
    Task(NonZeroU64),
    Waker(&'a Waker),
}

impl<'a> Requester<'a> {
    /// Who polls, if it may matter: a thread's grant is its own as soon as it is made.
    pub(super) fn of<W: Word>(asker: Asker, waker: &'a Waker) -> Self {
        if !W::TRANSFERS || asker == Asker::Thread {
            Self::Nobody
        } else if let Some(number) = task::number() {
            Self::Task(number)
        } else if waker.data().is_null() {
            // A waker without data is shared by everybody who has none, as `Waker::noop` is.
            Self::Nobody
        } else {
            Self::Waker(waker)
        }
    }

    /// Whether this is the task of a node, with the line's lock held.
    pub(super) fn is_of(self, node: &Node) -> bool {
        !matches!(self, Self::Nobody) && self.is_kept_by(node)
    }

    /// Whether a node has kept what there is to keep of it, with the line's lock held.
    pub(super) fn is_kept_by(self, node: &Node) -> bool {
        node.with_kept(|kept| match (self, &kept.identity) {
            (Self::Nobody, Identity::Task(0)) => true,
            (Self::Task(mine), Identity::Task(other)) => mine.get() == *other,
            (Self::Waker(mine), Identity::Waker(other)) => mine.will_wake(other),
            _ => false,
        })
    }

    /// What a node keeps of it. Foreign code may run: not under the lock of a line.
    pub(super) fn identity(self) -> Identity {
        match self {
            Self::Nobody => Identity::NONE,
            Self::Task(number) => Identity::Task(number.get()),
            Self::Waker(waker) => Identity::Waker(waker.clone()),
        }
    }
}
