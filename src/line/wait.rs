//! The one future that waits.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

use super::Line;
use super::place::{Place, line_of};
use super::requester::{PolledBy, Requester};
use super::settle::Locked;
use super::transfer::Found;
use super::waiter::{Node, State};
use super::wake::WakeBatch;
use super::word::{Asker, Word};
use crate::identity::budget::Operation;
use crate::sys;

/// Waits in a line, and hands its place back when it has been granted what it asked for.
///
/// Dropping it at any point loses nothing: it leaves the line, and a grant that it has not
/// returned yet goes to whoever is next.
#[must_use = "futures do nothing unless polled"]
pub struct Wait<P: Place> {
    /// `None` once the wait has been granted.
    place: Option<P>,
    node: Node,
}

impl<P: Place> Wait<P> {
    /// A wait for `want` that has not begun.
    pub fn new(place: P, asker: Asker, want: usize) -> Self {
        Self {
            place: Some(place),
            node: Node::new(asker, want),
        }
    }

    /// A wait that gets its place when it begins.
    pub(crate) fn vacant(asker: Asker, want: usize) -> Self {
        Self {
            place: None,
            node: Node::new(asker, want),
        }
    }

    /// Begins a vacant wait: gives its node a waker, and the wait its place once the node has
    /// joined something.
    ///
    /// # Errors
    ///
    /// The place, if the node was refused.
    pub(crate) fn begin(
        self: Pin<&mut Self>,
        new: P,
        polled_by: PolledBy,
        join: impl FnOnce(&Node, &Line<P::Word>) -> bool,
    ) -> Result<&P, P> {
        let (place, node) = self.parts();
        debug_assert!(node.state() == State::Idle, "a wait begins once");
        // The node is new: there is nothing in it to be dropped.
        drop(polled_by.store(node));
        if join(node, line_of(&new)) {
            Ok(place.insert(new))
        } else {
            Err(new)
        }
    }

    /// The stamp of the notification that moved the node of a wait that is over.
    pub(crate) fn stamp(&self) -> u64 {
        debug_assert!(self.place.is_none(), "its node is in no list");
        self.node.stamp.get()
    }

    /// Keeps nothing of the task of a wait that is over. Foreign code may run.
    pub(crate) fn forget_task(&self) {
        debug_assert!(self.place.is_none(), "its node is in no list");
        self.node.forget_task();
    }

    /// The node of a wait that has begun and has not been granted.
    pub(crate) fn pending_node(&self) -> Option<&Node> {
        self.place.is_some().then_some(&self.node)
    }

    /// Leaves the line for good, gives back what has been granted, and then hands on the
    /// notification that brought it there, whatever wakers on the way do.
    pub(crate) fn abandon(self: Pin<&mut Self>, hand_on: impl FnOnce(u64)) {
        struct Last<'a, F: FnOnce(u64)>(&'a Node, Option<F>);

        impl<F: FnOnce(u64)> Drop for Last<'_, F> {
            fn drop(&mut self) {
                if let Some(hand_on) = self.1.take() {
                    hand_on(self.0.stamp.get());
                }
            }
        }

        let (place, node) = self.parts();
        let Some(place) = place.take() else { return };
        let _last = Last(node, Some(hand_on));
        give_up(&place, node);
    }

    /// Says that it may end without a grant: by a deadline, or since another one of several has come.
    pub(crate) fn may_end_otherwise(&self) {
        self.node.traced.may_end_otherwise();
    }

    /// Where it waits, until it has been granted what it asked for.
    pub fn place(&self) -> Option<&P> {
        self.place.as_ref()
    }

    /// Takes at once what this would wait for, if it need not wait.
    pub(crate) fn try_now(self: Pin<&mut Self>) -> Option<P> {
        let (place, node) = self.parts();
        let line = line_of(place.as_ref()?);
        if node.state() == State::Idle && line.try_take_in_wait(node.want.get(), node.asker()) {
            return place.take();
        }
        None
    }

    /// Leaves the line; what has been granted meanwhile is returned.
    pub(crate) fn withdraw(self: Pin<&mut Self>) -> Option<P> {
        let (place, node) = self.parts();
        if withdraw(line_of(place.as_ref()?), node) {
            return place.take();
        }
        None
    }

    /// Hands the place of a wait back that is in no line: it has not begun, or has been withdrawn in vain.
    pub(crate) fn take_back(self: Pin<&mut Self>) -> Option<P> {
        let (place, node) = self.parts();
        if node.state() == State::Idle {
            return place.take();
        }
        None
    }

    fn parts(self: Pin<&mut Self>) -> (&mut Option<P>, &Node) {
        // SAFETY: the node is only lent out shared, so it is not moved; the place is not pinned
        // structurally: nothing ever makes a `Pin` to it.
        let this = unsafe { self.get_unchecked_mut() };
        (&mut this.place, &this.node)
    }
}

impl<P: Place> Future for Wait<P> {
    type Output = P;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<P> {
        let (place, node) = self.parts();
        let line = line_of((place.as_ref()).expect("a wait was polled after completion"));
        let granted = match node.state() {
            State::Idle => line.try_take_in_wait(node.want.get(), node.asker()),
            State::Offered => claim(line, node),
            _ => node.is_granted(),
        };
        if granted || advance(line, node, context.waker()) {
            return place.take().map_or(Poll::Pending, Poll::Ready);
        }
        Poll::Pending
    }
}

impl<P: Place> Operation for Wait<P> {
    fn defer(self: Pin<&mut Self>) -> bool {
        self.node.defer()
    }
}

/// The stamp of a node that has been deferred. Only the nodes of a wait set have stamps otherwise, and
/// those are never deferred.
const DEFERRED: u64 = u64::MAX;

impl Node {
    /// Notes that its wait is deferred; `false` if it has begun, or has been deferred before.
    pub(crate) fn defer(&self) -> bool {
        self.state() == State::Idle && self.stamp.replace(DEFERRED) != DEFERRED
    }
}

impl<P: Place> Drop for Wait<P> {
    fn drop(&mut self) {
        if let Some(place) = &self.place {
            give_up(place, &self.node);
        }
    }
}

/// Leaves the line, and gives back what has been granted.
fn give_up<P: Place>(place: &P, node: &Node) {
    // A node that never joined the line, or has left it, has nothing to give back.
    if node.state() != State::Idle && !sys::is_over() {
        let line = line_of(place);
        if withdraw(line, node) && P::Word::CLAIMS {
            line.release(node.want.get());
        }
    }
}

impl<P: Place> fmt::Debug for Wait<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wait")
            .field("over", &self.place.is_none())
            .field("node", &self.node)
            .finish()
    }
}

/// Claims what was offered a moment ago, unless another request of this task has taken it over.
fn claim<W: Word>(line: &Line<W>, node: &Node) -> bool {
    let claimed = Locked::new(line).claim_offered(node);
    if claimed {
        node.forget_task();
    }
    claimed
}

/// Joins the line, or looks at what has become of the node there.
#[cold]
pub(crate) fn advance<W: Word>(line: &Line<W>, node: &Node, waker: &Waker) -> bool {
    let seen = node.state();
    if !node.is_task() && seen == State::Waiting {
        // A thread that was unparked for no reason: its waker is the one it joined with.
        return false;
    }
    if seen == State::Idle {
        line.wait_queue.prepare();
    }
    let moves = W::TRANSFERS && node.is_task();
    let requester = Requester::of::<W>(node.asker(), waker);
    // Cloned and dropped without the lock: both are foreign code. An offer needs no waker, but
    // another request of this task may take it over before the lock is held.
    let mut spare = (seen != State::Offered).then(|| waker.clone());
    let mut identity = (seen == State::Idle).then(|| requester.identity());
    let mut batch = WakeBatch::new();
    loop {
        let mut locked = Locked::new(line);
        // Before the waker is stored: who comes again has not been woken for what it finds then.
        let has_to_keep = moves
            && identity.is_none()
            && node.state() == State::Waiting
            && !requester.is_kept_by(node);
        let poll = if has_to_keep {
            None
        } else {
            locked.advance(node, waker, &mut spare, &mut batch)
        };
        let found = match poll {
            Some(Poll::Pending) if moves => {
                locked.look_for_own(node, requester, &mut identity, &mut spare, &mut batch)
            }
            Some(Poll::Pending) => Found::Nothing,
            Some(Poll::Ready(())) => Found::Grant,
            None => Found::Unready,
        };
        drop(locked);
        match found {
            Found::Unready => {
                spare = Some(waker.clone());
                identity = Some(requester.identity());
                continue;
            }
            // First of all: who has to come again comes, whatever other wakers do.
            Found::Offer => waker.wake_by_ref(),
            Found::Nothing | Found::Grant => {}
        }
        batch.finish();
        if found == Found::Grant {
            // The wait is over: the node keeps nothing of its task.
            node.forget_task();
        }
        return found == Found::Grant;
    }
}

/// Leaves the line; `true` if a grant got there first.
#[cold]
pub(crate) fn withdraw<W: Word>(line: &Line<W>, node: &Node) -> bool {
    let mut spare = None;
    let mut batch = WakeBatch::new();
    let mut locked = Locked::new(line);
    let granted = locked.withdraw(node, &mut spare, &mut batch);
    drop(locked);
    batch.finish();
    node.forget_task();
    granted
}
