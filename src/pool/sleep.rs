//! Who sleeps, who searches, who is woken. The protocol and its proof are in `README.md`.

use core::task::Waker;

use super::entry::Entry;
use super::shared::Shared;
use crate::sys::Thread;

/// Someone should be woken or started if something is added.
pub(super) const CALL: usize = 1;
/// Nothing is taken in any more.
pub(super) const CLOSED: usize = 2;
/// Nothing is done any more.
pub(super) const BROKEN: usize = 4;
/// The last worker has gone for good.
pub(super) const ENDED: usize = 8;
/// What had not begun when it was closed is not to begin.
pub(super) const CANCELS: usize = 16;
/// Somebody waits, or has waited, for the threads.
pub(super) const JOINED: usize = 32;

/// Its drop waits for nothing.
pub(super) const ABANDONED: usize = 64;

/// So many threads one pool may have, whatever it was told: more than systems allow.
pub(super) const MAX_SLOTS: usize = 1 << 15;

/// A worker that sleeps, or is about to.
pub(super) struct Sleeper {
    pub(super) slot: usize,
    pub(super) waker: Waker,
}

/// Who does what in a pool. Under its lock.
///
/// `alive = running + idle.len() + blocked`, and `searching + newcomers <= running`, unless a
/// newcomer waits.
#[derive(Default)]
pub(super) struct Roster {
    /// Those who sleep; the last to fall asleep is woken first.
    pub(super) idle: Vec<Sleeper>,
    /// Those who look for something to do, or have just been woken to.
    pub(super) searching: usize,
    /// Those who have been started, and will search when they are made.
    pub(super) newcomers: usize,
    /// Those who neither sleep nor wait inside a job.
    pub(super) running: usize,
    /// Those who wait inside a job.
    pub(super) blocked: usize,
    pub(super) alive: usize,
    /// Threads that are being started.
    pub(super) starting: usize,
    /// Slots that have been used and are free.
    pub(super) spare: Vec<usize>,
    /// How many slots have been used.
    pub(super) used: usize,
    pub(super) threads: Vec<Thread>,
    /// Closures whose time has not come, and registers of futures.
    pub(super) pending: usize,
    /// Registers of futures that have not been given up.
    pub(super) registers: usize,
    /// How far the pool has come: the bits below.
    phase: usize,
}

/// How many workers a pool may have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) workers: usize,
    pub(super) max_blocked: usize,
}

impl Limits {
    pub(super) const fn slots(self) -> usize {
        let slots = self.workers.saturating_add(self.max_blocked);
        if slots < MAX_SLOTS { slots } else { MAX_SLOTS }
    }
}

impl Roster {
    /// Whether somebody should be woken or started for what has been added. Not if somebody is
    /// searching already: whoever finds something asks this again. One newcomer at a time will do,
    /// but what makes it may take long, and those who sleep need not wait for it.
    pub(super) fn wants_more(&self, limits: Limits) -> bool {
        self.searching == 0
            && self.running < limits.workers
            && (!self.idle.is_empty() || self.newcomers == 0 && self.alive < limits.slots())
            && !self.has(BROKEN)
            && !self.has(ENDED)
    }

    /// Whether there are more workers than there should be, because some have come back from a
    /// wait.
    pub(super) fn has_surplus(&self, limits: Limits) -> bool {
        self.running + self.idle.len() > limits.workers
    }

    /// Whether all of that has been said.
    pub(super) const fn has(&self, phase: usize) -> bool {
        self.phase & phase == phase
    }

    /// Says something once and for all; `false` if it had been said.
    pub(super) const fn say(&mut self, phase: usize) -> bool {
        let new = !self.has(phase);
        self.phase |= phase;
        new
    }

    /// Whether a worker that finds nothing to do will never find anything again.
    pub(super) const fn is_through(&self) -> bool {
        self.has(BROKEN) || self.has(CLOSED) && self.pending == 0
    }

    /// What those who add something see without the lock.
    pub(super) fn summary(&self, limits: Limits) -> usize {
        let call = if self.wants_more(limits) { CALL } else { 0 };
        self.phase | call
    }

    /// Whether that worker sleeps, or is about to, and nobody has called it.
    pub(super) fn is_idle(&self, slot: usize) -> bool {
        self.idle.iter().any(|sleeper| sleeper.slot == slot)
    }

    /// Takes a worker out that sleeps; `false` if somebody has called it.
    pub(super) fn take_out(&mut self, slot: usize) -> bool {
        let place = self.idle.iter().position(|sleeper| sleeper.slot == slot);
        place.map(|place| self.idle.remove(place)).is_some()
    }

    /// Counts a worker in that has found something when it was about to sleep, or to leave.
    pub(super) const fn search_after_all(&mut self) {
        self.searching += 1;
        self.running += 1;
    }

    /// Takes out the threads of workers that were not needed any more, and have gone.
    pub(super) fn ended_threads(&mut self) -> Vec<Thread> {
        let ended = self.threads.extract_if(.., |thread| thread.has_ended());
        ended.collect()
    }

    /// Takes everybody out who sleeps: they are searching now.
    pub(super) fn rouse_all(&mut self) -> Vec<Sleeper> {
        let sleepers = core::mem::take(&mut self.idle);
        self.searching += sleepers.len();
        self.running += sleepers.len();
        sleepers
    }
}

impl Shared {
    /// How much is queued.
    pub(super) fn queued(&self) -> usize {
        if !self.is_here() {
            return 0;
        }
        self.injector.len() + self.stealers().map(Stealer::len).sum::<usize>()
    }

    /// How many have nothing to do.
    pub(super) fn idle(&self) -> usize {
        if !self.is_here() {
            return 0;
        }
        let roster = self.roster().lock();
        roster.idle.len() + roster.searching
    }
}

/// Keeps the type of what is queued in one place.
pub(super) type Stealer = crate::sys::Stealer<Entry>;
/// Keeps the type of what is queued in one place.
pub(super) type Deque = crate::sys::Deque<Entry>;
/// Keeps the type of what is queued in one place.
pub(super) type Injector = crate::sys::Injector<Entry>;
