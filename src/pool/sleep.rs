//! Who sleeps, who searches, who is woken. The protocol and its proof are in `README.md`.

use core::task::Waker;

use super::deques::{Deques, Stealer};
use super::shared::Shared;
use crate::sys;
use crate::sys::{Thread, ThreadId};

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
    pub(super) place: usize,
    pub(super) waker: Waker,
}

/// Who does what in a pool. Under its lock.
///
/// `alive = running + idle.len() + blocked + leaving`, and `searching + newcomers <= running`,
/// unless a newcomer waits.
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
    /// Those who are about to end, and do nothing any more.
    pub(super) leaving: usize,
    pub(super) alive: usize,
    /// Threads that are being started.
    pub(super) starting: usize,
    /// The one of those who sleep that wakes when the next from outside may begin.
    pub(super) pacer: Option<usize>,
    pub(super) deques: Deques,
    /// Places that have been used and are free.
    pub(super) spare: Vec<usize>,
    /// How many places have been used.
    pub(super) used: usize,
    /// Those that have been started, and have not left.
    pub(super) threads: Vec<Thread>,
    /// Those that have left, and that nobody has joined.
    pub(super) left: Vec<Thread>,
    /// Those that have left before whoever started them came back with their handles.
    early: Vec<ThreadId>,
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
    /// How many may live at once.
    pub(super) const fn slots(self) -> usize {
        let slots = self.workers.saturating_add(self.max_blocked);
        if slots < MAX_SLOTS { slots } else { MAX_SLOTS }
    }

    /// How many may run or be blocked when one of them begins with something from outside. The others
    /// are kept for what the blocked ones wait for.
    pub(super) fn beginners(self) -> usize {
        (self.slots() - self.workers).max(self.workers)
    }

    /// As soon as so many are blocked, what comes from outside is begun at a pace.
    pub(super) fn few(self) -> usize {
        self.workers.saturating_mul(sys::few_blocked())
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

    /// Whether there are as many workers as there should be if one of those goes who sleep.
    pub(super) fn has_enough_without_one(&self, limits: Limits) -> bool {
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

    /// How far the pool has come, in bits.
    pub(super) const fn phase(&self) -> usize {
        self.phase
    }

    /// Whether nobody is there who will look for something to do: all wait inside jobs, or leave.
    pub(super) fn is_deserted(&self) -> bool {
        self.running == 0 && self.idle.is_empty()
    }

    /// Whether that worker sleeps, or is about to, and nobody has called it.
    pub(super) fn is_idle(&self, place: usize) -> bool {
        self.idle.iter().any(|sleeper| sleeper.place == place)
    }

    /// Takes a worker out that sleeps; `false` if somebody has called it.
    pub(super) fn take_out(&mut self, place: usize) -> bool {
        let found = self.idle.iter().position(|sleeper| sleeper.place == place);
        let found = found.map(|found| self.idle.remove(found));
        self.no_pacer(found.as_ref());
        found.is_some()
    }

    /// Takes out the one who is to be woken, if somebody sleeps.
    pub(super) fn take_sleeper(&mut self) -> Option<Sleeper> {
        let sleeper = self.idle.pop();
        self.no_pacer(sleeper.as_ref());
        sleeper
    }

    /// Who does not sleep any more does not pace.
    fn no_pacer(&mut self, gone: Option<&Sleeper>) {
        if gone.is_some_and(|sleeper| self.pacer == Some(sleeper.place)) {
            self.pacer = None;
        }
    }

    /// Counts a worker in that has found something when it was about to sleep, or to leave.
    pub(super) const fn search_after_all(&mut self) {
        self.searching += 1;
        self.running += 1;
    }

    /// A thread has been started, and may have left already.
    pub(super) fn has_started(&mut self, thread: Thread) {
        debug_assert!(
            !self.has(ENDED),
            "whoever has seen the end joins all threads"
        );
        match self.early.iter().position(|early| *early == thread.id()) {
            Some(place) => {
                self.early.swap_remove(place);
                self.left.push(thread);
            }
            None => self.threads.push(thread),
        }
    }

    /// A thread is about to end. It is to join those that it gets, which have left before it.
    pub(super) fn has_left(&mut self, thread: Option<ThreadId>) -> Vec<Thread> {
        let before = core::mem::take(&mut self.left);
        let Some(thread) = thread else {
            return before;
        };
        match self.threads.iter().position(|mine| mine.id() == thread) {
            Some(place) => self.left.push(self.threads.swap_remove(place)),
            None => self.early.push(thread),
        }
        before
    }

    /// Takes everybody out who sleeps: they are searching now.
    pub(super) fn rouse_all(&mut self) -> Vec<Sleeper> {
        let sleepers = core::mem::take(&mut self.idle);
        self.pacer = None;
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
        self.injector.len() + self.inner_len() + self.stealers().map(Stealer::len).sum::<usize>()
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
