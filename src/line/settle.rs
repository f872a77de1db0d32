//! The line with its lock held: who can go, goes.

use core::ptr::NonNull;
use core::task::{Poll, Waker};

use super::guard::{LineGuard, Yields};
use super::waiter::{Node, State};
use super::wake::WakeBatch;
use super::word::{Flags, Word};
use super::{Line, OVERDUE, UNSTAMPED, WaitQueue};
use crate::identity::who;
use crate::sys;
use crate::sys::RawLock;

/// How many threads may be on their way to what one of them can have.
const AHEAD: u32 = 8;

/// A line whose lock is held.
pub(crate) struct Locked<'a, W: Word, L = RawLock, Y = LineGuard<'a, L>> {
    pub(super) line: &'a WaitQueue<W, L>,
    guard: Y,
}

impl<'a, W: Word> Locked<'a, W> {
    pub(crate) fn new(line: &'a Line<W>) -> Self {
        Self::with_guard(&line.wait_queue, LineGuard::new(&line.wait_queue.lock))
    }
}

impl<'a, W: Word, L, Y: Yields> Locked<'a, W, L, Y> {
    /// A line whose lock is held already.
    pub(crate) fn with_guard(line: &'a WaitQueue<W, L>, guard: Y) -> Self {
        Self { line, guard }
    }

    /// Re-examines the line: grants or wakes whoever can now go, in order.
    ///
    /// Every change of the line or of what is free ends here. The flags are set by
    /// read-modify-write before what is free is read (invariant 3), so whoever adds later sees
    /// them and settles again.
    pub(crate) fn settle(&mut self, batch: &mut WakeBatch) {
        loop {
            if batch.is_full() {
                self.normalise();
                self.guard.outside(|| batch.wake_all());
            }
            let flags = self.normalise();
            let moved = if flags.has(Flags::HANDOFF) {
                self.grant_first(batch)
            } else {
                !self.line.waiting.is_empty() && self.wake_next(batch)
            };
            if !moved {
                return;
            }
        }
    }

    /// Adds `n` that a release found to belong to the head, the head's share first.
    ///
    /// `fair` hands over also to a thread that is not overdue. A batch that is full ends this
    /// early, for nothing may be in hand while wakers run; `settle` goes on. So does a debt, which is
    /// paid first.
    pub(super) fn hand_over(&mut self, mut n: usize, fair: bool, batch: &mut WakeBatch) {
        let line = self.line;
        while let Some(head) = line.waiting.first() {
            let handed = (fair || self.hands_over()) && head.want.get() <= n;
            if !handed || line.word.is_in_debt() || batch.is_full() {
                break;
            }
            n -= head.want.get();
            self.grant(NonNull::from(head), batch);
        }
        if n == 0 {
            return;
        }
        if fair && W::BARGING && !line.waiting.is_empty() {
            line.stamp.set(OVERDUE);
        }
        // The flags first: what is given then belongs to the head already.
        self.normalise();
        line.word.give(n);
    }

    /// Looks at the clock: a head thread that has been passed for too long is handed over to.
    pub(crate) fn measure(&mut self) {
        let line = self.line;
        if W::BARGING
            && line.tasks.get() == 0
            && !matches!(line.stamp.get(), UNSTAMPED | OVERDUE)
            && sys::overdue(line.stamp.get())
        {
            line.stamp.set(OVERDUE);
        }
    }

    /// Puts a node at the end of the waiting list, or before everybody. The line must be settled afterwards.
    pub(crate) fn join(&mut self, node: &Node) {
        let line = self.line;
        node.set_state(State::Waiting);
        if is_upgrade::<W>(node) {
            line.waiting.push_front(node);
        } else {
            line.waiting.push_back(node);
        }
        (line.traced).joined(&node.traced, node.is_task(), || who(node.is_task()));
        line.tasks.set(line.tasks.get() + u32::from(node.is_task()));
    }

    /// Puts a task at the end of the granted list instead, without raising a flag, if nobody waits
    /// and what it wants is free.
    pub(crate) fn join_granted(&mut self, node: &Node, batch: &mut WakeBatch) -> bool {
        let line = self.line;
        if !node.is_task() || !line.waiting.is_empty() || !line.word.take(node.want.get()) {
            return false;
        }
        self.join(node);
        self.grant(NonNull::from(node), batch);
        true
    }

    /// Notes for those who wait who owns it, with the flags raised.
    pub(crate) fn note_owner(&self) {
        if W::OWNED && !self.line.waiting.is_empty() {
            self.line.traced.copy_owner();
        }
    }

    /// Whether a newcomer would find nobody before it.
    pub(crate) fn is_free(&self) -> bool {
        self.line.waiting.is_empty() && self.line.word.free() > 0
    }

    /// Moves a node on as far as it goes; ready when its wait is over.
    ///
    /// Where it has to wait, the spare waker is stored in it, and the replaced one is left in
    /// `spare`, to be dropped without the lock. Without a spare this may be `None`: make one and
    /// come again.
    pub(crate) fn advance(
        &mut self,
        node: &Node,
        waker: &Waker,
        spare: &mut Option<Waker>,
        batch: &mut WakeBatch,
    ) -> Option<Poll<()>> {
        let line = self.line;
        loop {
            match node.state() {
                State::Idle => {
                    node.want.set(line.word.enrol(node.want.get()));
                    // Those who stand in line already may have asked for what has not come.
                    if W::DUE_AT_JOIN && line.word.is_due(node.want.get()) {
                        node.finish();
                        return Some(Poll::Ready(()));
                    }
                    self.join(node);
                    // It has no waker yet: whatever it can have at once is stored, not woken.
                    self.settle(batch);
                }
                State::Woken => {
                    if self.take_woken(node) {
                        self.settle(batch);
                        return Some(Poll::Ready(()));
                    }
                    // It keeps its place, and is woken again when something is free.
                    line.woken.set(line.woken.get() - 1);
                    node.set_state(State::Waiting);
                    node.eager.set(false);
                    self.settle(batch);
                }
                State::Offered => {
                    self.claim(node);
                    return Some(Poll::Ready(()));
                }
                State::Granted => return Some(Poll::Ready(())),
                State::SetAside => unreachable!("a node in a wait set is in no line"),
                State::Waiting => {
                    spare.as_ref()?;
                    (line.traced).waits(&node.traced, || who(node.is_task()));
                    self.note_owner();
                    if !node.will_wake(waker) {
                        *spare = spare.take().and_then(|new| node.put_waker(new));
                    }
                    return Some(Poll::Pending);
                }
            }
        }
    }

    /// Takes a node out for good; `true` if a grant got there first, and the node's owner has it.
    ///
    /// The waker that is no longer needed is left in `spare`.
    pub(crate) fn withdraw(
        &mut self,
        node: &Node,
        spare: &mut Option<Waker>,
        batch: &mut WakeBatch,
    ) -> bool {
        let leaving = Leaving(self, node);
        let granted = match node.state() {
            State::Idle => return false,
            State::Granted => return true,
            State::Offered => {
                leaving.0.claim(node);
                return true;
            }
            State::SetAside => unreachable!("a node in a wait set is in no line"),
            State::Woken => leaving.0.take_woken(node),
            State::Waiting => leaving.0.take_due(node),
        };
        drop(leaving);
        *spare = node.take_waker();
        if W::OWNED && self.line.waiting.is_empty() {
            self.line.traced.nobody_waits();
        }
        self.settle(batch);
        granted
    }

    /// Sets the flags to what the line says, and stamps a head that has none (invariants 3, 4).
    pub(super) fn normalise(&mut self) -> Flags {
        let line = self.line;
        let before = line.word.flags();
        let flags = if line.waiting.is_empty() {
            if W::STICKY && before != Flags::NONE && line.word.free() == 0 {
                Flags::HAS_WAITERS
            } else {
                Flags::NONE
            }
        } else if self.hands_over() {
            Flags::BOTH
        } else {
            if line.stamp.get() == UNSTAMPED {
                line.stamp.set(sys::stamp());
            }
            Flags::HAS_WAITERS
        };
        if before != flags {
            line.word.set_flags(flags);
        }
        flags
    }

    /// Whether what is free belongs to the head alone.
    fn hands_over(&self) -> bool {
        !W::BARGING
            || self.line.tasks.get() > 0
            || self.line.stamp.get() == OVERDUE
            || self.line.word.refuses()
            || W::UPGRADE.is_some() && self.line.waiting.first().is_some_and(is_upgrade::<W>)
    }

    /// Wakes the first thread that has not been woken, if there is more free than the woken
    /// ones want. It may take or be passed; its place is kept.
    ///
    /// One that was notified is woken up to `AHEAD` turns before its own, for those before it are
    /// gone by the time it runs; where they are not, it sleeps again, and is woken early no more.
    fn wake_next(&mut self, batch: &mut WakeBatch) -> bool {
        let line = self.line;
        let free = line.word.free();
        if free == 0 {
            return false;
        }
        let (mut woken, mut demand, mut next) = (line.woken.get(), 0_usize, None);
        for node in line.waiting.iter() {
            if node.state() == State::Woken {
                woken -= 1;
                demand = demand.saturating_add(node.want.get());
            } else if next.is_none() {
                next = Some(node);
            }
            if woken == 0 && next.is_some() {
                break;
            }
        }
        match next {
            Some(node)
                if demand < free && node.want.get() <= free - demand
                    || node.eager.get() && line.woken.get() < AHEAD =>
            {
                node.set_state(State::Woken);
                line.woken.set(line.woken.get() + 1);
                if let Some(waker) = node.take_waker() {
                    batch.push(waker);
                }
                true
            }
            _ => false,
        }
    }

    /// Lets a woken thread take what it came for, unless that belongs to the head.
    fn take_woken(&mut self, node: &Node) -> bool {
        let taken = !self.hands_over() && self.take_for(node);
        if taken {
            self.unlink(node);
            if W::is_exclusive(node.want.get()) && self.line.word.is_owned() {
                self.line.traced.given_to(&node.traced);
            }
            node.finish();
        }
        taken
    }

    /// Ends the wait of a node that the line would come to anyway.
    fn take_due(&mut self, node: &Node) -> bool {
        let due = self.line.word.is_due(node.want.get());
        if due {
            self.unlink(node);
            node.finish();
        }
        due
    }

    /// Makes a grant that may still be offered its owner's.
    pub(super) fn claim_offered(&mut self, node: &Node) -> bool {
        let offered = node.state() == State::Offered;
        if offered {
            self.claim(node);
        }
        offered
    }

    /// Makes an offered grant its owner's.
    fn claim(&mut self, node: &Node) {
        self.line.granted.remove(node);
        node.finish();
    }

    /// Takes a node out of the waiting list and out of its counts.
    #[inline]
    pub(super) fn unlink(&mut self, node: &Node) {
        let line = self.line;
        // The stamp is that of the first in order: whoever went before it leaves it as it is. Where that
        // one leaves from behind, the next may be handed over to a little early.
        if line.waiting.is_first(node) && !is_upgrade::<W>(node) {
            line.stamp.set(UNSTAMPED);
        }
        line.waiting.remove(node);
        line.tasks.set(line.tasks.get() - u32::from(node.is_task()));
        if node.state() == State::Woken {
            line.woken.set(line.woken.get() - 1);
        }
    }
}

/// Whether a node goes before everybody.
#[inline]
pub(super) fn is_upgrade<W: Word>(node: &Node) -> bool {
    W::UPGRADE.is_some_and(|upgrade| upgrade == node.want.get())
}

/// A node that leaves the line: when this is dropped it is in no list, even if a rule of the word
/// has panicked, for its memory may be freed then.
struct Leaving<'a, 'b, W: Word, L, Y: Yields>(&'a mut Locked<'b, W, L, Y>, &'a Node);

impl<W: Word, L, Y: Yields> Drop for Leaving<'_, '_, W, L, Y> {
    fn drop(&mut self) {
        if matches!(self.1.state(), State::Waiting | State::Woken) {
            self.0.unlink(self.1);
            self.1.set_state(State::Idle);
        }
    }
}
