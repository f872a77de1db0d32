//! The wait set of a condition: waiters that a notify moves to the line of a lock.
//!
//! ```text
//!   set:  next ticket 7                        line of the lock
//!         ┌───┐   ┌───┐   ┌───┐   notify(2)    ┌──────┐   ┌───┐   ┌───┐
//!         │ 3 │ ⇄ │ 4 │ ⇄ │ 6 │  ──────────▶   │ head │ ⇄ │ 3 │ ⇄ │ 4 │     stamp 7 in both
//!         └───┘   └───┘   └───┘                └──────┘   └───┘   └───┘
//! ```
//!
//! A waiter joins the set before it releases the lock, so that no notify between the two is lost.
//! A notified waiter is not woken to fight for the lock: it stands in the lock's line from then
//! on, and is granted the lock like everybody there (wait morphing, as in Linux's
//! `FUTEX_REQUEUE`). Only where the lock is free and nobody waits for it, the first thread is let
//! go to take it as a newcomer, which spares the line its flags and a fence; and a task that
//! borrows its lock always is (see below). The whole way it is one node of one [`Wait`].
//!
//! # Who decides
//!
//! The lock of the set is taken before that of the line, never the reverse. A node enters and
//! leaves the state `SET_ASIDE` only under the set's lock. Its owner may look at the state
//! without any lock: if it says `SET_ASIDE`, the owner looks again under the set's lock; if it
//! says anything else, the node is the line's or the owner's, and never returns to the set
//! without its owner. The store that lets a thread go as a newcomer is the notifier's last touch
//! of the node, as a grant is.
//!
//! # Why the line is alive while a notify uses it
//!
//! A notifier knows the line only through the waiters, and only through those who are *anchored*:
//! whose place keeps the line alive for as long as their node is linked. A thread's does, for the
//! thread is blocked; so does a task's that owns a share of the lock. The future of a task that
//! borrows its lock does not: it may be leaked, with its node in the set, and the lock be freed.
//! So it is not moved to a line, but let go to lock by itself.
//!
//! While somebody anchored is in the set, the line is alive. When the last one has been moved, the
//! notifier still holds the line's lock (a newcomer is let go after that has been released), and
//! whoever was moved takes that lock once more before it hands its place back: a task to claim its
//! grant, a woken thread to take the lock it waits for, and both to withdraw. The one exception is
//! a thread at the head to which the line hands over. The notifier itself does that only if a task
//! stands behind it that was moved as well, for a fresh head is not overdue; and that task keeps
//! the line alive until it has taken the line's lock.
//!
//! # Tickets and stamps
//!
//! Waiters draw tickets in order; a notify notes the next ticket as its stamp in those whom it
//! moves. A waiter that is dropped after it has been moved passes the notification on to the
//! first in the set, if that one was there at the time of the notify: its ticket is below the
//! stamp. A notification for all has the stamp 0, below which there is no ticket.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::ptr::NonNull;
use core::sync::atomic::Ordering::Relaxed;
use core::task::{Context, Poll, Waker, ready};

use pin_project_lite::pin_project;

use crate::identity::who;
use crate::line::{
    Asker, Line, Locked, Node, NodeList, Place, PolledBy, State, Wait, WakeBatch, Word, line_of,
};
use crate::sys::who::Traceable;
use crate::sys::{self, AtomicU32, Cell, RawLock, Traced, constructor};

/// How many wakers must fit into a batch when another waiter is notified: those of the threads that
/// are woken ahead by the line, and the newcomer's.
const MARGIN: usize = 16;

const VACANT: u32 = 0;
const OCCUPIED: u32 = 1;

/// Those who wait to be moved to the line of a lock.
pub(crate) struct WaitSet<W> {
    /// `OCCUPIED` while somebody is in the set.
    occupied: AtomicU32,
    waiting: NodeList,
    traced: Traced,
    next_ticket: Cell<u64>,
    /// The line of the lock that everybody in the set has released; `None` while it is empty.
    line: Cell<Option<NonNull<Line<W>>>>,
    lock: RawLock,
}

// SAFETY: a set owns nothing: its nodes belong to their owners, the line to those they wait for.
unsafe impl<W: Sync> Send for WaitSet<W> {}
// SAFETY: the cells are touched only with the set's lock held; the line is shared, hence
// `W: Sync`.
unsafe impl<W: Sync> Sync for WaitSet<W> {}

impl<W> WaitSet<W> {
    constructor! {
        #[track_caller]
        pub(crate) const fn new() -> Self {
            Self {
                occupied: AtomicU32::new(VACANT),
                waiting: NodeList::new(),
                traced: Traced::new(Traceable::Condition),
                next_ticket: Cell::new(1),
                line: Cell::new(None),
                lock: RawLock::new(),
            }
        }
    }

    /// Sets the name, before anybody else has a reference.
    pub(crate) const fn name(&mut self, name: &'static str) {
        self.traced.name(name);
    }
}

impl<W: Word> WaitSet<W> {
    /// Notifies the first `n`, and says how many there were.
    pub(crate) fn notify(&self, n: usize) -> usize {
        self.notify_first(n, None, |limit| limit)
    }

    /// Notifies everybody. Nobody passes such a notification on.
    pub(crate) fn notify_all(&self) -> usize {
        self.notify_first(usize::MAX, None, |_| 0)
    }

    /// Gives a notification to somebody who was here when it was made.
    fn pass_on(&self, stamp: u64) {
        self.notify_first(1, Some(stamp), |limit| limit);
    }

    /// Notifies up to `n` with a ticket below the limit, which is that of this moment if none is
    /// given, and leaves them a stamp.
    fn notify_first(&self, n: usize, limit: Option<u64>, stamp: impl Fn(u64) -> u64) -> usize {
        // ORDERING: Relaxed: a notify reaches those whose wait happens before it, and this load
        // sees their store then (or a later one).
        if n == 0 || self.occupied.load(Relaxed) == VACANT {
            return 0;
        }
        let mut batch = WakeBatch::new();
        let (mut limit, mut notified) = (limit, 0);
        loop {
            let held = self.lock.lock();
            let limit = *limit.get_or_insert(self.next_ticket.get());
            notified += self.notify_locked(n - notified, limit, stamp(limit), &mut batch);
            drop(held);
            let more = !batch.has_room(MARGIN);
            batch.wake_all();
            if !more {
                break;
            }
        }
        batch.finish();
        notified
    }

    /// As above, with the set's lock held, until the batch is full.
    fn notify_locked(&self, n: usize, limit: u64, stamp: u64, batch: &mut WakeBatch) -> usize {
        let (mut notified, mut newcomer, mut locked) = (0, None, None);
        while notified < n && batch.has_room(MARGIN) {
            let first = self.waiting.first();
            let Some(node) = first.filter(|node| node.stamp.get() < limit) else {
                break;
            };
            self.waiting.remove(node);
            node.stamp.set(stamp);
            notified += 1;
            if !node.anchored.get() {
                Self::let_go(node.into(), batch);
                continue;
            }
            let Some(line) = self.line.get() else {
                unreachable!("who is anchored has named its line");
            };
            let locked = locked.get_or_insert_with(|| {
                // SAFETY: this node is anchored: its owner keeps the line alive while it is in
                // the set, and until the line's lock is released below (the header says why).
                Locked::new(unsafe { line.as_ref() })
            });
            if !node.is_task() && newcomer.is_none() && locked.is_free() {
                newcomer = Some(NonNull::from(node));
            } else if !locked.join_granted(node, batch) {
                node.eager.set(true);
                locked.join(node);
            }
        }
        if let Some(mut locked) = locked {
            // A lock lets one go at a time, and a few are woken ahead: the margin is for them.
            locked.settle(batch);
            locked.note_owner();
        }
        self.close_if_empty();
        if let Some(newcomer) = newcomer {
            // Last of all: it takes no lock on its way to freeing the line.
            Self::let_go(newcomer, batch);
        }
        notified
    }

    /// Lets a waiter go that locks by itself, like a newcomer.
    ///
    /// By pointer: the node may be freed as soon as its new state is stored.
    fn let_go(pointer: NonNull<Node>, batch: &mut WakeBatch) {
        // SAFETY: the caller has taken the node from the set and holds the set's lock: its owner
        // cannot leave before it has seen the store below.
        if let Some(waker) = unsafe { pointer.as_ref() }.take_waker() {
            batch.push(waker);
        }
        // SAFETY: as above; the node is not used after this.
        unsafe { Node::let_go(pointer) };
    }

    /// Adds a node whose owner holds the lock of the line; `false` if others in the set have
    /// released another lock.
    fn join(&self, node: &Node, line: &Line<W>) -> bool {
        self.traced.prepare();
        // A notify moves it there, and has no time for that.
        line.prepare();
        let _held = self.lock.lock();
        let this = NonNull::from(line);
        if self.line.get().is_some_and(|other| other != this) {
            return false;
        }
        if node.anchored.get() || self.waiting.is_empty() {
            // The pointer of somebody who keeps the line alive; that of others is only compared.
            self.line.set(Some(this));
        }
        let ticket = self.next_ticket.get();
        self.next_ticket.set(ticket + 1);
        node.stamp.set(ticket);
        node.set_state(State::SetAside);
        self.waiting.push_back(node);
        (self.traced).joined(&node.traced, node.is_task(), || who(node.is_task()));
        // ORDERING: Relaxed: published by the release of the user's lock, which follows.
        self.occupied.store(OCCUPIED, Relaxed);
        true
    }

    /// Takes a node out; `false` if it is not in the set (any more).
    fn leave(&self, node: &Node) -> bool {
        if !node.may_be_aside() {
            return false;
        }
        let _held = self.lock.lock();
        let here = node.state() == State::SetAside;
        if here {
            self.waiting.remove(node);
            node.stamp.set(0);
            node.set_state(State::Idle);
            self.close_if_empty();
        }
        here
    }

    /// Whether a node is still in the set; then the waker replaces the one that it has.
    fn keeps(&self, node: &Node, waker: &Waker) -> bool {
        if !node.may_be_aside() {
            return false;
        }
        if !node.is_task() {
            // A thread that was unparked for no reason: its waker is the one it came with.
            return true;
        }
        // Cloned and dropped without the lock: both are foreign code.
        let mut new = Some(PolledBy::of::<W>(node.asker(), waker));
        let held = self.lock.lock();
        let here = node.state() == State::SetAside;
        let old = new.take_if(|_| here).map(|new| new.store(node));
        drop(held);
        drop((new, old));
        here
    }

    /// Forgets the line when nobody is left who keeps it alive.
    fn close_if_empty(&self) {
        if self.waiting.is_empty() {
            self.line.set(None);
            // ORDERING: Relaxed: whoever joins later stores again, under the same lock.
            self.occupied.store(VACANT, Relaxed);
        }
    }

    /// How many are in the set, at this instant.
    pub(crate) fn waiting(&self) -> usize {
        let _held = self.lock.lock();
        self.waiting.iter().count()
    }
}

impl<W> fmt::Debug for WaitSet<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitSet").finish_non_exhaustive()
    }
}

pin_project! {
    /// Waits in a set, then in the line of the lock; hands back the place, whose lock it holds.
    ///
    /// Dropping it loses nothing: it leaves the set or the line, a lock that it had been granted
    /// goes to whoever is next, and so does its notification.
    #[must_use = "futures do nothing unless polled"]
    pub(crate) struct SetWait<'a, P: Place> {
        set: &'a WaitSet<P::Word>,
        #[pin]
        wait: Wait<P>,
    }

    impl<P: Place> PinnedDrop for SetWait<'_, P> {
        fn drop(this: Pin<&mut Self>) {
            if sys::is_over() {
                return;
            }
            let this = this.project();
            let set: &WaitSet<P::Word> = this.set;
            if this.wait.pending_node().is_some_and(|node| !set.leave(node)) {
                this.wait.abandon(|stamp| set.pass_on(stamp));
            }
        }
    }
}

impl<'a, P: Place> SetWait<'a, P> {
    /// A wait that has not begun.
    pub(crate) fn new(set: &'a WaitSet<P::Word>, asker: Asker) -> Self {
        Self {
            set,
            wait: Wait::vacant(asker, 1),
        }
    }

    /// Joins the set, and then releases the lock of the place, which the caller has.
    ///
    /// # Errors
    ///
    /// The place, if others in the set have released another lock. This one is still held.
    pub(crate) fn begin(self: Pin<&mut Self>, place: P, polled_by: PolledBy) -> Result<(), P> {
        let this = self.project();
        let set = this.set;
        let place = this.wait.begin(place, polled_by, |node, line| {
            // A thread is blocked here until its wait has ended, and cannot leak it.
            node.anchored.set(P::OWNS || !node.is_task());
            set.join(node, line)
        })?;
        // Last of all: wakers may panic.
        line_of(place).release(1);
        Ok(())
    }

    /// Gives the notification of a wait that is over, and had one, to whoever was there as well.
    pub(crate) fn pass_on(self: Pin<&mut Self>) {
        let this = self.project();
        this.set.pass_on(this.wait.stamp());
    }

    /// Whether it has not been notified, as far as can be seen.
    pub(super) fn is_aside(&self) -> bool {
        self.wait.pending_node().is_some_and(Node::may_be_aside)
    }

    /// Leaves the set to take the lock again without having been notified; `false` if a notify
    /// came first.
    pub(crate) fn leave(self: Pin<&mut Self>) -> bool {
        let this = self.project();
        this.wait
            .pending_node()
            .is_some_and(|node| this.set.leave(node))
    }
}

impl<P: Place> Future for SetWait<'_, P> {
    type Output = P;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<P> {
        let mut this = self.project();
        let node =
            (this.wait.pending_node()).expect("a wait for a condition was polled after completion");
        if this.set.keeps(node, context.waker()) {
            return Poll::Pending;
        }
        let place = ready!(this.wait.as_mut().poll(context));
        // Where it locked as a newcomer its node has still what it had in the set.
        this.wait.forget_task();
        Poll::Ready(place)
    }
}
