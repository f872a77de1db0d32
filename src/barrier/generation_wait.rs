//! How a party waits for the others: the futures of [`Generations`], and the thread that blocks.

use core::fmt;
use core::future::Future;
use core::pin::{Pin, pin};
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::arrival::Arrival;
use super::generations::{Arrived, Expiry, Generations};
use super::word::Outcome;
use crate::error::BrokenBarrier;
use crate::identity::budget::{self, Operation};
use crate::identity::may_block;
use crate::line::{Asker, FOR_A_SIGNAL, Node, State, ThreadParker, Timeout};
use crate::sys::{self, Parked};
use crate::timer::Limit;

/// What a wait ends with.
type Met = Result<Arrival, BrokenBarrier>;

/// One party's wait. It arrives at its first poll; dropping it before the round is over takes
/// the arrival back.
#[must_use = "futures do nothing unless polled"]
pub(crate) struct GenerationWait<'a> {
    /// `None` once the wait is over.
    rounds: Option<&'a Generations>,
    node: Node,
}

impl<'a> GenerationWait<'a> {
    /// A wait that has not begun.
    pub(crate) fn new(rounds: &'a Generations, asker: Asker) -> Self {
        Self {
            rounds: Some(rounds),
            node: Node::new(asker, 0),
        }
    }

    /// Arrives, and breaks the round if it would have to wait.
    fn try_now(self: Pin<&mut Self>) -> Met {
        let (rounds, node) = self.parts();
        let here = rounds.take().expect("a single try is polled once");
        let arrived = here.arrive(node, &mut None, false);
        finish(here, node, arrived).expect("who has no patience does not wait")
    }

    /// Breaks the round, for the deadline has passed; `None` if it is over already, and its
    /// parties are about to be told.
    fn expire(self: Pin<&mut Self>) -> Option<Met> {
        let (rounds, node) = self.parts();
        let met = expire((*rounds)?, node);
        if met.is_some() {
            *rounds = None;
        }
        met
    }

    fn parts(self: Pin<&mut Self>) -> (&mut Option<&'a Generations>, &Node) {
        // SAFETY: the node is only lent out shared, so it is not moved; the reference beside it
        // is not pinned structurally: nothing ever makes a `Pin` to it.
        let this = unsafe { self.get_unchecked_mut() };
        (&mut this.rounds, &this.node)
    }
}

impl Future for GenerationWait<'_> {
    type Output = Met;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Met> {
        let (rounds, node) = self.parts();
        let here = rounds.expect("a wait for a barrier was polled after completion");
        if node.is_granted() {
            *rounds = None;
            return Poll::Ready(told(here, node));
        }
        // Cloned, and dropped, without the lock: both are foreign code.
        let mut spare = Some(context.waker().clone());
        if node.state() == State::Idle {
            let arrived = here.arrive(node, &mut spare, true);
            if !matches!(arrived, Arrived::Waits) {
                // Before the action, which may panic: this wait is over either way.
                *rounds = None;
            }
            return finish(here, node, arrived).map_or(Poll::Pending, Poll::Ready);
        }
        if here.look(node, &mut spare) {
            *rounds = None;
            return Poll::Ready(told(here, node));
        }
        Poll::Pending
    }
}

impl Operation for GenerationWait<'_> {
    fn defer(self: Pin<&mut Self>) -> bool {
        self.node.defer()
    }
}

impl Drop for GenerationWait<'_> {
    fn drop(&mut self) {
        let Some(rounds) = self.rounds else { return };
        if self.node.state() != State::Idle && !sys::is_over() {
            rounds.leave(&self.node);
        }
    }
}

impl fmt::Debug for GenerationWait<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GenerationWait")
            .field("over", &self.rounds.is_none())
            .finish_non_exhaustive()
    }
}

/// What an arrival ends with, unless it has to wait. A leader runs the action here.
fn finish(rounds: &Generations, node: &Node, arrived: Arrived<'_>) -> Option<Met> {
    match arrived {
        Arrived::Waits | Arrived::Unready => return None,
        Arrived::Leads(ended) => ended.lead(),
        Arrived::Met => {}
        Arrived::Expired => return Some(Err(BrokenBarrier::by_deadline())),
        Arrived::Refused => return Some(Err(BrokenBarrier::by_others())),
    }
    Some(told(rounds, node))
}

/// What a wait that is over has been told. Its node is in no list, and belongs to the caller.
fn told(rounds: &Generations, node: &Node) -> Met {
    Outcome::of(node.want.get()).told(rounds.parties())
}

fn expire(rounds: &Generations, node: &Node) -> Option<Met> {
    match rounds.expire(node) {
        Expiry::Expired => Some(Err(BrokenBarrier::by_deadline())),
        Expiry::Told(outcome) => Some(outcome.told(rounds.parties())),
        Expiry::TooLate => None,
    }
}

pin_project! {
    /// A [`GenerationWait`] with a deadline, which begins to run when it is first polled.
    #[must_use = "futures do nothing unless polled"]
    #[project = TimedParts]
    pub(crate) struct TimedGenerationWait<'a> {
        #[pin]
        meeting: GenerationWait<'a>,
        #[pin]
        limit: Limit,
    }
}

impl<'a> TimedGenerationWait<'a> {
    /// A wait that breaks the round when the time is over.
    pub(crate) fn new(meeting: GenerationWait<'a>, timeout: Timeout) -> Self {
        Self {
            meeting,
            limit: Limit::new(timeout),
        }
    }
}

impl Future for TimedGenerationWait<'_> {
    type Output = Met;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Met> {
        let mut this = self.project();
        if this.limit.is_zero() {
            // A try costs nothing.
            budget::give_back();
            return Poll::Ready(this.meeting.try_now());
        }
        let met = match this.meeting.as_mut().poll(context) {
            Poll::Ready(met) => Some(met),
            Poll::Pending => {
                if !this.limit.as_mut().has_passed(context.waker()) {
                    return Poll::Pending;
                }
                this.meeting.expire()
            }
        };
        // If there is nothing yet, the others have come in time, and will say so.
        this.limit.lift();
        met.map_or(Poll::Pending, Poll::Ready)
    }
}

impl Operation for TimedGenerationWait<'_> {
    fn defer(self: Pin<&mut Self>) -> bool {
        let this = self.project();
        !this.limit.is_zero() && this.meeting.defer() && {
            this.limit.start();
            true
        }
    }
}

impl fmt::Debug for TimedGenerationWait<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TimedGenerationWait")
            .field("meeting", &self.meeting)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

impl Generations {
    /// Blocks this thread until all have arrived, or breaks the round when the time is over.
    #[track_caller]
    pub(crate) fn block(&self, timeout: Timeout) -> Met {
        let meeting = pin!(GenerationWait::new(self, Asker::Thread));
        let (rounds, node) = meeting.parts();
        let mut arrived = Arrived::Unready;
        if self.round().lacks_one(self.parties()) {
            // The last needs no parker.
            arrived = self.arrive(node, &mut None, true);
        }
        if matches!(arrived, Arrived::Unready) && timeout.is_over() {
            arrived = self.arrive(node, &mut None, false);
        }
        if matches!(arrived, Arrived::Unready) {
            may_block();
            match self.sit(node, timeout) {
                Ok(met) => {
                    *rounds = None;
                    return met;
                }
                Err(now) => arrived = now,
            }
        }
        *rounds = None;
        finish(self, node, arrived).expect("who waits has taken a parker")
    }

    /// Arrives and waits; or hands back what else came of the arrival, so that an action does not
    /// run while this thread's parker is taken.
    fn sit<'a>(&'a self, node: &'a Node, timeout: Timeout) -> Result<Met, Arrived<'a>> {
        ThreadParker::with(|parker| {
            let arrived = self.arrive(node, &mut Some(parker.waker().clone()), true);
            if !matches!(arrived, Arrived::Waits) {
                return Err(arrived);
            }
            let mut deadline = timeout.start();
            loop {
                if node.is_granted() {
                    return Ok(told(self, node));
                }
                if parker.sleep(&mut deadline, FOR_A_SIGNAL) == Parked::Expired {
                    if let Some(met) = expire(self, node) {
                        return Ok(met);
                    }
                    deadline = Timeout::Never.start();
                }
            }
        })
    }
}
