//! Waiting for one's turn at something that is done under the lock of the line.
//!
//! The word of a [`Line`](super::Line) is taken without its lock, and what was taken is the
//! waiter's. A queue is different: its items, its counts and its lines are guarded by one lock,
//! and whoever is granted something comes back to fetch it. So a wait here is an [`Errand`]:
//! what is tried at first, and what is done when its turn has come, in the same section in which
//! the grant is claimed.

use core::future::Future;
use core::pin::{Pin, pin};
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::Lane;
use super::alarm::Alarm;
use super::key::{Key, Latch};
use super::park::{Seat, Timeout};
use super::settle::Locked;
use super::waiter::{Node, State};
use super::wake::{WakeBatch, drop_quietly};
use super::word::{Asker, Flags, Word};
use crate::sys::{self, Deadline, Parked};

/// A lock that is held, and whom to wake when it has been released.
pub(crate) struct Section<'a, L: Latch> {
    key: Key<'a, L>,
    batch: WakeBatch,
}

impl<'a, L: Latch> Section<'a, L> {
    pub(crate) fn new(key: Key<'a, L>) -> Self {
        Self {
            key,
            batch: WakeBatch::new(),
        }
    }

    /// Lets everybody go who can, after something has become free.
    pub(crate) fn settle<W: Word>(&mut self, lane: &Lane<W>) {
        let mut locked = Locked::with_key(lane, &mut self.key);
        locked.measure();
        locked.settle(&mut self.batch);
    }

    /// Unlocks, and wakes; the first panic of a waker is raised when all have run.
    pub(crate) fn end(self) {
        let Self { key, mut batch } = self;
        drop(key);
        batch.finish();
    }

    /// Unlocks, and wakes; the first panic of a waker is kept in what is returned.
    pub(crate) fn wake(self) -> WakeBatch {
        let Self { key, mut batch } = self;
        drop(key);
        batch.wake_all();
        batch
    }

    /// Unlocks, and wakes. A panic of a waker has been reported by the panic hook, and goes no
    /// further: there is something in hand that would be lost with it.
    pub(crate) fn end_quietly(self) {
        let Self { key, mut batch } = self;
        drop(key);
        batch.wake_all();
    }
}

/// What somebody waits in a lane for. All of it but [`attempt`](Self::attempt) and
/// [`expired`](Self::expired) runs with the lock held.
pub(crate) trait Errand<'a> {
    /// What the lane counts.
    type Word: Word + 'a;
    /// What guards the lane.
    type Latch: Latch + 'a;
    /// How it ends.
    type Output;
    /// Whether the output is something that must not be lost to the panic of a waker.
    const PRECIOUS: bool;

    fn latch(&self) -> &'a Self::Latch;

    fn lane(&self) -> &'a Lane<Self::Word>;

    /// Does it at once if a newcomer may, or says what the lane's flags are.
    fn attempt(&mut self, asker: Asker) -> Result<Self::Output, Flags>;

    /// Does it with the share that has been granted; zero is a refusal. `None` if there is
    /// more to do, for which it has to wait again.
    fn finish(
        &mut self,
        share: usize,
        section: &mut Section<'a, Self::Latch>,
    ) -> Option<Self::Output>;

    /// Gives back what has been granted and is not wanted any more.
    fn give_back(&mut self, share: usize, section: &mut Section<'a, Self::Latch>);

    /// Gives up.
    fn expired(&mut self) -> Self::Output;
}

/// An errand and the place in line for it.
///
/// Dropping it at any point leaves the line, and gives back what has been granted.
#[must_use = "futures do nothing unless polled"]
pub(crate) struct Turn<'a, E: Errand<'a>> {
    errand: E,
    node: Node,
    over: bool,
    _core: core::marker::PhantomData<&'a E::Latch>,
}

/// How much each errand asks for: one item, one place, or to be told.
const ONE: usize = 1;

impl<'a, E: Errand<'a>> Turn<'a, E> {
    pub(crate) fn new(errand: E, asker: Asker) -> Self {
        Self {
            errand,
            node: Node::new(asker, ONE),
            over: false,
            _core: core::marker::PhantomData,
        }
    }

    fn parts(self: Pin<&mut Self>) -> (&mut E, &Node, &mut bool) {
        // SAFETY: the node is only lent out shared, so it is not moved; the errand is not pinned
        // structurally: nothing ever makes a `Pin` to it.
        let this = unsafe { self.get_unchecked_mut() };
        (&mut this.errand, &this.node, &mut this.over)
    }

    /// Does it at once if it need not wait.
    fn try_now(self: Pin<&mut Self>) -> Option<E::Output> {
        let (errand, node, over) = self.parts();
        assert!(!*over, "a wait must not be polled after it has ended");
        if node.state() != State::Idle {
            return None;
        }
        // Set before, for what is done may raise the panic of a waker when it has been done.
        *over = true;
        let done = errand.attempt(node.asker()).ok();
        *over = done.is_some();
        done
    }

    /// Leaves the line for good; what has been granted meanwhile is used.
    fn withdraw(self: Pin<&mut Self>) -> E::Output {
        let (errand, node, over) = self.parts();
        let mut spare = None;
        let mut section = Section::new(Key::new(errand.latch()));
        let granted = Locked::with_key(errand.lane(), &mut section.key).withdraw(
            node,
            &mut spare,
            &mut section.batch,
        );
        *over = true;
        let output = granted.then(|| errand.finish(node.want.get(), &mut section));
        end::<E>(section);
        drop(spare);
        output.flatten().unwrap_or_else(|| errand.expired())
    }
}

fn end<'a, E: Errand<'a>>(section: Section<'a, E::Latch>) {
    if E::PRECIOUS {
        section.end_quietly();
    } else {
        section.end();
    }
}

impl<'a, E: Errand<'a>> Future for Turn<'a, E> {
    type Output = E::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<E::Output> {
        if let Some(output) = self.as_mut().try_now() {
            return Poll::Ready(output);
        }
        let (errand, node, over) = self.parts();
        let seen = node.state();
        if !node.is_task() && seen == State::Waiting {
            // A thread that was unparked for no reason: its waker is the one it joined with.
            return Poll::Pending;
        }
        let waker = context.waker();
        // Cloned and dropped without the lock: both are foreign code.
        let mut spare = (!matches!(seen, State::Offered | State::Granted)).then(|| waker.clone());
        let mut section = Section::new(Key::new(errand.latch()));
        loop {
            let lane = errand.lane();
            let poll = Locked::with_key(lane, &mut section.key).advance(
                node,
                waker,
                &mut spare,
                &mut section.batch,
            );
            match poll {
                Some(Poll::Ready(())) => {
                    // What is left of the wait is done here, or by nobody.
                    *over = true;
                    let output = errand.finish(node.want.get(), &mut section);
                    if let Some(output) = output {
                        end::<E>(section);
                        // The wait is over: the node keeps nothing of its task. The output is in
                        // hand, so a waker whose destructor panics must not take it away.
                        drop_quietly((spare.take(), node.waker.take()));
                        return Poll::Ready(output);
                    }
                    *over = false;
                    node.want.set(ONE);
                    node.set_state(State::Idle);
                }
                Some(Poll::Pending) => {
                    end::<E>(section);
                    return Poll::Pending;
                }
                None => {
                    end::<E>(section);
                    spare = Some(waker.clone());
                    section = Section::new(Key::new(errand.latch()));
                }
            }
        }
    }
}

impl<'a, E: Errand<'a>> Drop for Turn<'a, E> {
    fn drop(&mut self) {
        let Self { errand, node, .. } = self;
        // A node that never joined the line, or has left it, has nothing to give back.
        if self.over || node.state() == State::Idle {
            return;
        }
        let mut spare = None;
        let mut section = Section::new(Key::new(errand.latch()));
        let granted = Locked::with_key(errand.lane(), &mut section.key).withdraw(
            node,
            &mut spare,
            &mut section.batch,
        );
        if granted {
            errand.give_back(node.want.get(), &mut section);
        }
        section.end();
        drop(spare);
    }
}

pin_project! {
    /// A [`Turn`] with a deadline, which begins to run when it is first polled.
    #[must_use = "futures do nothing unless polled"]
    pub(crate) struct TimedTurn<'a, E: Errand<'a>> {
        #[pin]
        turn: Turn<'a, E>,
        timeout: Timeout,
        deadline: Option<Deadline>,
        #[pin]
        alarm: Alarm,
    }

    impl<'a, E: Errand<'a>> PinnedDrop for TimedTurn<'a, E> {
        fn drop(this: Pin<&mut Self>) {
            if this.deadline.is_some() {
                this.alarm.cancel();
            }
        }
    }
}

impl<'a, E: Errand<'a>> TimedTurn<'a, E> {
    pub(crate) fn new(turn: Turn<'a, E>, timeout: Timeout) -> Self {
        Self {
            turn,
            timeout,
            deadline: None,
            alarm: Alarm::new(),
        }
    }
}

impl<'a, E: Errand<'a>> Future for TimedTurn<'a, E> {
    type Output = E::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<E::Output> {
        let mut this = self.project();
        if this.deadline.is_none() && this.timeout.is_over() {
            let done = this.turn.as_mut().try_now();
            return Poll::Ready(done.unwrap_or_else(|| this.turn.withdraw()));
        }
        let output = match this.turn.as_mut().poll(context) {
            Poll::Ready(output) => output,
            Poll::Pending => {
                let timeout = *this.timeout;
                let deadline = this.deadline.get_or_insert_with(|| timeout.start());
                if !deadline.expired() {
                    this.alarm.as_ref().arm(deadline, context.waker());
                    return Poll::Pending;
                }
                this.turn.withdraw()
            }
        };
        // The wait is over: the timer keeps nothing of it.
        if this.deadline.take().is_some() {
            this.alarm.cancel();
        }
        Poll::Ready(output)
    }
}

/// Does an errand as a thread, which sleeps until it is its turn or the time is over.
#[inline]
pub(crate) fn block<'a, E: Errand<'a>>(mut errand: E, timeout: Timeout) -> E::Output {
    match errand.attempt(Asker::Thread) {
        Ok(output) => output,
        Err(flags) => block_slow(errand, flags, timeout),
    }
}

#[cold]
fn block_slow<'a, E: Errand<'a>>(mut errand: E, flags: Flags, timeout: Timeout) -> E::Output {
    if timeout.is_over() {
        return errand.expired();
    }
    if E::Word::BARGING
        && let Some(output) = hurry(&mut errand, flags)
    {
        return output;
    }
    let mut deadline = timeout.start();
    Seat::with(|seat| {
        let mut turn = pin!(Turn::new(errand, Asker::Thread));
        let mut context = Context::from_waker(seat.waker());
        loop {
            if let Poll::Ready(output) = turn.as_mut().poll(&mut context) {
                return output;
            }
            if seat.park(&mut deadline, E::Word::PATIENCE) == Parked::Expired {
                return turn.withdraw();
            }
        }
    })
}

/// Tries for a moment before joining the line, as long as the line does not hand over.
fn hurry<'a, E: Errand<'a>>(errand: &mut E, mut flags: Flags) -> Option<E::Output> {
    for round in sys::linger_rounds() {
        if flags.has(Flags::HANDOFF) {
            return None;
        }
        sys::linger(round);
        match errand.attempt(Asker::Thread) {
            Ok(output) => return Some(output),
            Err(now) => flags = now,
        }
    }
    None
}
