//! How a pool comes to its end.

use core::any::Any;
use core::panic::RefUnwindSafe;
use std::io;

use super::delay::Key;
use super::ends;
use super::entry::{Refusal, same};
use super::shared::Shared;
use super::sleep::{ABANDONED, BROKEN, CANCELS, CLOSED, ENDED, JOINED, Roster};
use crate::error::{Abandon, TimedOut};
use crate::identity::blocking_firmly;
use crate::job::{Outcome, quietly};
use crate::line::Timeout;
use crate::sys::{Thread, full_fence};

/// Something that a pool keeps until it has ended.
pub(super) type Kept = Box<dyn Any + Send>;

impl Shared {
    /// Changes the roster, and ends the pool if that was what it waited for.
    pub(super) fn settle<R>(&self, change: impl FnOnce(&mut Roster) -> R) -> R {
        let (result, sleepers, ended) = self.change(|roster| {
            let result = change(roster);
            let sleepers = if roster.is_through() {
                roster.rouse_all()
            } else {
                Vec::new()
            };
            let ended = roster.is_through()
                && roster.alive == 0
                && roster.starting == 0
                // Whoever has left last may have retired before somebody added this.
                && (roster.has(BROKEN) || !self.has_work())
                && roster.say(ENDED);
            (result, sleepers, ended)
        });
        for sleeper in sleepers {
            sleeper.waker.wake();
        }
        if ended {
            // What came too late has been seen by nobody.
            full_fence();
            self.sweep_up(&Refusal::Fixed(self.outcome()), true);
        }
        result
    }

    /// Counts something that will be queued later; `false` if it would come too late.
    pub(super) fn expect_one(&self) -> bool {
        self.is_here()
            && self.change(|roster| {
                let open = !roster.has(CLOSED);
                roster.pending += usize::from(open);
                open
            })
    }

    /// What was expected has ended, or is in the queue.
    pub(super) fn expected_one(&self) {
        self.settle(|roster| roster.pending -= 1);
    }

    /// Lets go of a closure that was cancelled before its time.
    pub(super) fn forget(&self, key: Key) {
        if self.is_here() && self.delays.forget(key) {
            self.expected_one();
        }
    }

    /// Nobody is there, and nobody can be started.
    pub(super) fn give_up(&self, error: &io::Error) {
        self.sweep(&Refusal::NotStarted(same(error)));
    }

    /// Ends all that is queued, without doing it.
    pub(super) fn sweep(&self, how: &Refusal) {
        self.sweep_up(how, false);
    }

    /// The same, and says that the pool has ended if this is the last.
    fn sweep_up(&self, how: &Refusal, last: bool) {
        let ended = ends::sweeping(self.id(), last, || {
            while let Some(entry) = self.take_any() {
                entry.refuse(how);
            }
        });
        if ended {
            self.end_kept();
            self.ended.set();
        }
    }

    /// Why nothing is taken in any more.
    pub(super) fn outcome(&self) -> Outcome {
        if self.is_broken() {
            Outcome::PoolBroken
        } else {
            Outcome::Closed
        }
    }

    /// Says that the pool is closed, and what else there is to say.
    fn say(&self, phase: usize) {
        let registers = self.settle(|roster| {
            roster.say(phase);
            roster.registers
        });
        // Whoever comes to another one now is refused.
        if registers > 0 {
            self.give_up_registers();
        }
        self.room.open();
    }

    /// Takes nothing in any more.
    pub(super) fn close(&self) {
        if !self.is_here() {
            return;
        }
        self.say(CLOSED);
    }

    /// Takes nothing in any more, and is not waited for when it is dropped.
    pub(super) fn abandon(&self) {
        if self.is_here() {
            self.say(CLOSED | ABANDONED);
        }
    }

    pub(super) fn is_abandoned(&self) -> bool {
        self.roster().lock().has(ABANDONED)
    }

    /// Keeps something until the pool has ended. In a child of its process it has.
    pub(super) fn keep(&self, kept: Kept) {
        if !self.is_here() {
            return;
        }
        let mut place = self.kept.lock();
        // Whoever says that it has ended comes here afterwards, or has been here.
        let kept = if self.roster().lock().has(ENDED) {
            Some(kept)
        } else {
            place.replace(kept)
        };
        drop(place);
        drop(kept);
    }

    fn end_kept(&self) {
        let kept = self.kept.lock().take();
        quietly(|| drop(kept));
    }

    /// Takes nothing in any more, and begins with nothing any more.
    pub(super) fn cancel(&self) {
        if !self.is_here() {
            return;
        }
        self.say(CLOSED | CANCELS);
        full_fence();
        self.drop_all(Outcome::Cancelled);
    }

    /// What has just been added may have come too late to be cancelled with the rest. Whoever asks
    /// has held the lock under which that is known: of the two who did, one sees the other.
    pub(super) fn cancel_latecomers(&self) {
        let summary = self.summary();
        if summary.has_any(BROKEN) {
            self.drop_all(Outcome::PoolBroken);
        } else if summary.has_any(CANCELS) {
            self.drop_all(Outcome::Cancelled);
        }
    }

    /// Does nothing any more: a worker could not be made.
    pub(super) fn break_up(&self) {
        self.say(CLOSED | BROKEN);
        full_fence();
        self.drop_all(Outcome::PoolBroken);
    }

    /// Ends everything that has not begun, and all futures.
    pub(super) fn drop_all(&self, outcome: Outcome) {
        self.stop_all(outcome);
        self.drop_delayed(&Refusal::Fixed(outcome));
        self.sweep(&Refusal::Fixed(outcome));
        // What was queued has kept the pool from its end.
        self.settle(|_| {});
    }

    /// Ends all closures whose time has not come.
    pub(super) fn drop_delayed(&self, how: &Refusal) {
        let delayed = self.delays.take_all();
        let count = delayed.len();
        ends::ending(self.id(), || {
            for entry in delayed {
                entry.refuse(how);
            }
        });
        if count > 0 {
            self.settle(|roster| roster.pending -= count);
        }
    }

    /// Waits for the threads, whose work has ended.
    pub(super) fn join(&self, timeout: Timeout) -> Result<(), TimedOut> {
        let threads = {
            let mut roster = self.roster().lock();
            // All have left, and each has joined those that left before it.
            (roster.say(JOINED)).then(|| core::mem::take(&mut roster.left))
        };
        let Some(threads) = threads else {
            // Somebody else waits for them.
            return blocking_firmly(|| self.joined.line.block_until(0, timeout));
        };
        blocking_firmly(|| threads.into_iter().for_each(Thread::join));
        self.joined.set();
        Ok(())
    }

    /// The names of the threads that have not ended, and of what they do; then those of the
    /// futures.
    pub(super) fn stragglers(&self) -> Vec<String> {
        let threads = self.in_use().into_iter().map(|place| self.label(place));
        threads.chain(self.futures()).collect()
    }

    /// The names of the threads whose jobs have submitted something after the close, and of those jobs.
    pub(super) fn submitters(&self) -> Vec<String> {
        let submitter = |place: usize| self.places[place].submitter.lock().clone();
        self.in_use().into_iter().filter_map(submitter).collect()
    }

    pub(super) fn note_submitter(&self, place: usize) {
        let label = self.label(place);
        *self.places[place].submitter.lock() = Some(label);
    }

    /// The places whose threads have not ended.
    fn in_use(&self) -> Vec<usize> {
        let roster = self.roster().lock();
        (0..roster.used)
            .filter(|place| !roster.spare.contains(place))
            .collect()
    }

    /// The name of a thread, and of what it does.
    fn label(&self, place: usize) -> String {
        let thread = self.thread_name(place);
        match &*self.places[place].doing.lock() {
            Some(job) => format!("{thread} ({job})"),
            None => thread,
        }
    }
}

impl Abandon for Shared {
    fn abandon(&self) {
        Self::abandon(self);
    }
}

/// What is guarded by locks that do not stay held for a panic is there for whoever comes after one.
impl RefUnwindSafe for Shared {}
