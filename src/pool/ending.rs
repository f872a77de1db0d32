//! How a pool comes to its end.

use std::io;
use std::sync::Arc;

use super::entry::{Refusal, same};
use super::job::quietly;
use super::shared::Shared;
use super::sleep::{BROKEN, CANCELS, CLOSED, JOINED, Stealer};
use super::worker;
use crate::error::TimedOut;
use crate::line::Timeout;
use crate::rule::job::Verdict;
use crate::sys::{Thread, full_fence};

impl Shared {
    /// Nobody is there, and nobody can be started.
    pub(super) fn give_up(&self, error: &io::Error) {
        let futures: Vec<_> = (self.futures.lock().iter())
            .map(|(_, future)| Arc::clone(future))
            .collect();
        for future in futures {
            quietly(move || {
                future.not_started(same(error));
                future.let_go();
            });
        }
        self.sweep(&Refusal::NotStarted(same(error)));
    }

    /// Ends all that is queued, without doing it.
    pub(super) fn sweep(&self, how: &Refusal) {
        let next = || (self.injector.steal()).or_else(|| self.stealers().find_map(Stealer::steal));
        while let Some(entry) = next() {
            entry.refuse(how);
        }
    }

    /// Why nothing is taken in any more.
    pub(super) fn verdict(&self) -> Verdict {
        if self.is_broken() {
            Verdict::PoolBroken
        } else {
            Verdict::PoolClosed
        }
    }

    /// Takes nothing in any more.
    pub(super) fn close(&self) {
        self.settle(|roster| roster.say(CLOSED));
    }

    /// Takes nothing in any more, and begins with nothing any more.
    pub(super) fn cancel(&self) {
        self.settle(|roster| roster.say(CLOSED | CANCELS));
        full_fence();
        self.drop_all(Verdict::Cancelled);
    }

    /// What has just been expected may have come too late to be cancelled with the rest.
    pub(super) fn cancel_latecomers(&self) {
        full_fence();
        let summary = self.summary();
        if summary & BROKEN != 0 {
            self.drop_all(Verdict::PoolBroken);
        } else if summary & CANCELS != 0 {
            self.drop_all(Verdict::Cancelled);
        }
    }

    /// Does nothing any more: a worker could not be made.
    pub(super) fn break_up(&self) {
        self.settle(|roster| roster.say(CLOSED | BROKEN));
        full_fence();
        self.drop_all(Verdict::PoolBroken);
    }

    /// Ends everything that has not begun, and all futures.
    pub(super) fn drop_all(&self, verdict: Verdict) {
        let futures: Vec<_> = (self.futures.lock().iter())
            .map(|(_, future)| Arc::clone(future))
            .collect();
        for future in futures {
            quietly(move || {
                future.stop(verdict);
                future.let_go();
            });
        }
        let delayed = self.delays.take_all();
        let count = delayed.len();
        for entry in delayed {
            entry.refuse(&Refusal::Fixed(verdict));
        }
        if count > 0 {
            self.settle(|roster| roster.pending -= count);
        }
        self.sweep(&Refusal::Fixed(verdict));
    }

    /// Waits for the threads, whose work has ended.
    pub(super) fn join(&self, timeout: Timeout) -> Result<(), TimedOut> {
        let threads = {
            let mut roster = self.roster.lock();
            (roster.say(JOINED)).then(|| core::mem::take(&mut roster.threads))
        };
        let Some(threads) = threads else {
            // Somebody else waits for them.
            return worker::blocking_firmly(|| self.joined.line.block_until(0, timeout));
        };
        worker::blocking_firmly(|| threads.into_iter().for_each(Thread::join));
        self.joined.set();
        Ok(())
    }

    /// The names of the threads that have not ended, and of what they do.
    pub(super) fn stragglers(&self) -> Vec<String> {
        let used = {
            let roster = self.roster.lock();
            (0..roster.used)
                .filter(|slot| !roster.spare.contains(slot))
                .collect::<Vec<_>>()
        };
        let name = |slot| {
            let thread = self.thread_name(slot);
            match &*self.slots[slot].doing.lock() {
                Some(job) => format!("{thread} ({job})"),
                None => thread,
            }
        };
        used.into_iter().map(name).collect()
    }
}
