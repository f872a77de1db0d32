//! Generations of a fixed number of parties: whoever arrives waits until all have arrived.
//!
//! This is a line without a word that somebody could take from: what ends a wait is the last
//! arrival, or whoever breaks the round. Nodes, list and wake batch are those of [`Line`](crate::line::Line),
//! and invariants 1, 2, 6 and 7 hold here, too.
//!
//! ```text
//!   lock ──▶ waiting:  ┌───┐   ┌───┐                 the round that is being filled
//!     │                │ a │ ⇄ │ b │
//!     │                └───┘   └───┘
//!     └──▶ an ended    ┌───┐   ┌───┐   ┌──────┐      one list for each round that is over and
//!          round:      │ c │ ⇄ │ d │ ⇄ │ last │      not told yet, on the stack of who ended it
//!                      └───┘   └───┘   └──────┘
//! ```
//!
//! | state of a node | where it is | a poll | a drop | its deadline |
//! |---|---|---|---|---|
//! | `IDLE` | in no list | arrives | nothing | one try |
//! | `WAITING` | in the waiting list | looks | the arrival is taken back | breaks the round |
//! | `OFFERED` | in an ended round, with its outcome in `want` | looks | it leaves; its place stays empty | comes too late: waits on |
//! | `GRANTED` | in no list | over | nothing | comes too late |
//!
//! # Who does what
//!
//! A round ends in one critical section. Its nodes move from the waiting list to in front of the
//! node of whoever ends it ([`Ended::last`]), get their outcome, and are `OFFERED`: from then on
//! neither a deadline nor a drop nor a later abort changes the outcome of anybody else. `last` is
//! the leader's node, or that of the wait whose deadline has passed, or (for an abort or a reset)
//! one that stands on the stack for this alone. It is the last of its list until the end, so that
//! everybody else in it can leave in constant time without knowing which list that is.
//!
//! Then the leader runs the action without the lock, and tells the others: `GRANTED` is stored in
//! order of arrival, and their wakers run in batches without the lock. If the action panics,
//! [`Ended`] is dropped instead: the outcome of those who are still there becomes "broken", and so
//! does the round that is being filled, which is told together with them.

use core::fmt;
use core::pin::pin;
use core::ptr::NonNull;
use core::sync::atomic::Ordering::Relaxed;
use core::task::Waker;

use super::word::{Generation, Outcome, Step};
use crate::identity::who;
use crate::line::{Asker, Node, NodeList, State, WakeBatch, unlink};
use crate::sys::who::Traceable;
use crate::sys::{AtomicUsize, Held, RawLock, Traced, constructor};

/// What the last to arrive runs before the others are told.
pub(crate) type Action = Box<dyn Fn() + Send + Sync>;

/// The parties that meet, round after round.
pub(crate) struct Generations {
    /// The [`Generation`] that is being filled. Changed under the lock alone.
    word: AtomicUsize,
    parties: usize,
    waiting: NodeList,
    traced: Traced,
    lock: RawLock,
    action: Option<Action>,
}

// SAFETY: it owns its word and its action, which is `Send`; the nodes in its list belong to their
// owners, and hold wakers, which are `Send`.
unsafe impl Send for Generations {}
// SAFETY: the list is touched only with the lock held (invariant 1); the action is `Sync`.
unsafe impl Sync for Generations {}

/// What became of an arrival.
pub(super) enum Arrived<'a> {
    /// It stands in line, with its waker.
    Waits,
    /// It has to wait and brought no waker: make one and come again. Nothing has happened.
    Unready,
    /// It was the last. Run the action, and tell the others.
    Leads(Ended<'a>),
    /// It was the last, there is no action, and the others have been told.
    Met,
    /// It broke the round, for it could not wait.
    Expired,
    /// The barrier is broken.
    Refused,
}

/// What became of a wait whose deadline has passed.
pub(super) enum Expiry {
    /// It broke the round.
    Expired,
    /// The round was over before that, and this is how.
    Told(Outcome),
    /// The round is over, but not told: wait on, without a deadline.
    TooLate,
}

impl Generations {
    constructor! {
        /// Generations of `parties`, of which there must be one.
        #[track_caller]
        pub(crate) const fn new(parties: usize, action: Option<Action>) -> Self {
            Self {
                word: AtomicUsize::new(Generation::FRESH.word()),
                parties,
                waiting: NodeList::new(),
                traced: Traced::new(Traceable::Barrier),
                lock: RawLock::new(),
                action,
            }
        }
    }

    /// Sets the name, before anybody else has a reference.
    pub(crate) const fn name(&mut self, name: &'static str) {
        self.traced.name(name);
    }

    pub(crate) const fn parties(&self) -> usize {
        self.parties
    }

    /// The round that is being filled: exact with the lock held, a hint without.
    pub(crate) fn round(&self) -> Generation {
        // ORDERING: Relaxed: changed under the lock, which those who rely on it hold.
        Generation::of(self.word.load(Relaxed))
    }

    /// Replaces the round, with the lock held.
    fn set_round(&self, round: Generation) {
        // ORDERING: Relaxed: published by the unlock.
        self.word.store(round.word(), Relaxed);
    }

    /// Breaks the round that is being filled, and begins `next`.
    pub(crate) fn break_off(&self, next: Generation) {
        let last = pin!(Node::new(Asker::Thread, 0));
        let held = self.lock.lock();
        self.set_round(next);
        if !self.waiting.is_empty() {
            self.end(&last, false).tell(held);
        }
    }

    /// Arrives. Where it has to wait, the spare waker goes into the node; without `patience` it
    /// breaks the round instead.
    pub(super) fn arrive<'a>(
        &'a self,
        node: &'a Node,
        spare: &mut Option<Waker>,
        patience: bool,
    ) -> Arrived<'a> {
        self.traced.prepare();
        let held = self.lock.lock();
        match self.round().arrival(self.parties) {
            Step::Refused => {
                drop(held);
                Arrived::Refused
            }
            Step::Completes(next) => {
                self.set_round(next);
                let ended = self.end(node, true);
                if self.action.is_some() {
                    drop(held);
                    return Arrived::Leads(ended);
                }
                ended.tell(held);
                Arrived::Met
            }
            Step::Joins(_) if !patience => {
                self.set_round(Generation::BROKEN);
                self.end(node, false).tell(held);
                Arrived::Expired
            }
            Step::Joins(round) => {
                let waits = self.join(round, node, spare);
                drop(held);
                if waits {
                    Arrived::Waits
                } else {
                    Arrived::Unready
                }
            }
        }
    }

    /// Puts a node in line, with the lock held; `false` if there is no waker for it.
    fn join(&self, round: Generation, node: &Node, spare: &mut Option<Waker>) -> bool {
        let Some(waker) = spare.take() else {
            return false;
        };
        self.set_round(round);
        // The slot is empty: a node joins once, and this is its first waker.
        *spare = node.put_waker(waker);
        node.set_state(State::Waiting);
        self.waiting.push_back(node);
        (self.traced).joined(&node.traced, node.is_task(), || who(node.is_task()));
        true
    }

    /// Looks at a node that has arrived; the waker is renewed unless its wait is over.
    ///
    /// The replaced waker is left in `spare`, to be dropped without the lock.
    pub(super) fn look(&self, node: &Node, spare: &mut Option<Waker>) -> bool {
        let _held = self.lock.lock();
        let over = node.state() == State::Granted;
        if !over && !spare.as_ref().is_some_and(|new| node.will_wake(new)) {
            *spare = spare.take().and_then(|new| node.put_waker(new));
        }
        over
    }

    /// Takes back an arrival that nobody waits for any more.
    ///
    /// Nobody can go because of that, so nobody is woken.
    pub(super) fn leave(&self, node: &Node) {
        let held = self.lock.lock();
        let state = node.state();
        match state {
            State::Idle | State::SetAside | State::Granted => return,
            State::Waiting => {
                self.waiting.remove(node);
                self.set_round(self.round().departure());
            }
            State::Offered | State::Woken => unlink(node),
        }
        node.set_state(State::Idle);
        let waker = node.take_waker();
        drop(held);
        drop(waker);
    }

    /// Breaks the round because the deadline of somebody in it has passed.
    pub(super) fn expire(&self, node: &Node) -> Expiry {
        let held = self.lock.lock();
        match node.state() {
            State::Granted => Expiry::Told(Outcome::of(node.want.get())),
            State::Waiting => {
                self.waiting.remove(node);
                self.set_round(Generation::BROKEN);
                let _waker = node.take_waker();
                self.end(node, false).tell(held);
                Expiry::Expired
            }
            State::Idle | State::SetAside | State::Offered | State::Woken => Expiry::TooLate,
        }
    }

    /// Ends the round that has been filled so far, with the lock held: completed by `last`, or
    /// broken.
    fn end<'a>(&'a self, last: &'a Node, completed: bool) -> Ended<'a> {
        let queue = NodeList::new();
        queue.push_back(last);
        let ended = Ended {
            rounds: self,
            queue,
            last,
            told: false,
        };
        ended.absorb(completed);
        ended
    }

    /// Checks that nobody waits.
    ///
    /// # Panics
    ///
    /// Panics if somebody does.
    pub(crate) fn assert_quiet(&self) {
        let held = self.lock.lock();
        let (empty, round) = (self.waiting.is_empty(), self.round());
        drop(held);
        assert!(empty, "somebody still waits");
        assert_eq!(round.arrived(), 0, "arrivals are still counted");
    }
}

/// A round that is over, and whose parties have not been told yet.
pub(super) struct Ended<'a> {
    rounds: &'a Generations,
    /// Those who are still in it, in order of arrival. Touched with the lock held.
    queue: NodeList,
    /// The node of whoever ended it: the last of `queue`, until the end.
    last: &'a Node,
    told: bool,
}

impl<'a> Ended<'a> {
    /// Runs the action without the lock, and tells the others.
    pub(super) fn lead(self) {
        if let Some(action) = &self.rounds.action {
            action();
        }
        let held = self.rounds.lock.lock();
        self.tell(held);
    }

    /// Adds those who wait, and decides what all are told, with the lock held.
    fn absorb(&self, completed: bool) {
        self.rounds.waiting.pour_before(self.last);
        for (place, node) in self.queue.iter().enumerate() {
            let outcome = if completed {
                Outcome::place(place)
            } else {
                Outcome::BROKEN
            };
            node.want.set(outcome.want());
            node.set_state(State::Offered);
        }
    }

    /// Tells everybody who is still there, in order; whoever ended the round tells itself.
    fn tell(mut self, held: Held<'a>) {
        self.tell_all(held);
    }

    fn tell_all(&mut self, mut held: Held<'a>) {
        self.told = true;
        let mut batch = WakeBatch::new();
        loop {
            while !self.queue.is_first(self.last) && !batch.is_full() {
                self.tell_first(&mut batch);
            }
            if self.queue.is_first(self.last) {
                break;
            }
            drop(held);
            batch.wake_all();
            held = self.rounds.lock.lock();
        }
        self.queue.remove(self.last);
        self.last.finish();
        drop(held);
        batch.finish();
    }

    /// Ends the wait of the first.
    fn tell_first(&self, batch: &mut WakeBatch) {
        let Some(first) = self.queue.first() else {
            return;
        };
        self.queue.remove(first);
        if let Some(waker) = first.take_waker() {
            batch.push(waker);
        }
        let pointer = NonNull::from(first);
        // SAFETY: the node was in the list, whose lock is held: it is pinned and alive until it is
        // told that its wait is over (invariant 2). Neither it nor `first` is used after this.
        unsafe { Node::finish_last(pointer) };
    }
}

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        if !self.told {
            // The action panicked, and the panic goes on.
            let held = self.rounds.lock.lock();
            self.rounds.set_round(Generation::BROKEN);
            self.absorb(false);
            self.tell_all(held);
        }
    }
}

impl fmt::Debug for Generations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Generations").finish_non_exhaustive()
    }
}
