//! How a worker that finds nothing to do comes to rest: it sleeps, or leaves.

use core::cell::RefCell;
use core::time::Duration;
use std::sync::Arc;

use super::deques::Held;
use super::shared::Shared;
use super::sleep::{BROKEN, Roster, Sleeper};
use crate::line::{ThreadParker, Timeout};
use crate::sys::{self, Parked, Thread, ThreadState, full_fence, this_thread};

/// While many are blocked, so long passes before the next from outside may begin.
const PACE: Timeout = Timeout::After(Duration::from_millis(1));

/// So long a worker that is one too many waits for another to block, before it leaves.
const LINGER: Duration = Duration::from_millis(10);

/// How a worker's attempt to sleep ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slept {
    /// It is to search.
    Awake,
    /// It is to search, and may begin with something from outside.
    Paced,
    /// It is to end.
    Leave,
}

/// How a worker is counted that does not search any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rests {
    /// For as long as the pool keeps it.
    Asleep,
    /// For a moment: there are enough without it.
    Lingering,
    Leaving,
}

impl Rests {
    const fn why(self) -> Why {
        match self {
            Self::Lingering => Why::Lingers,
            Self::Asleep | Self::Leaving => Why::Sleeps,
        }
    }
}

/// What a worker sleeps for, besides being called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    /// Nothing.
    Sleeps,
    /// It is one too many, and waits for somebody to block.
    Lingers,
    /// Something from outside waits for its time.
    Paces,
}

/// How a sleep has ended.
enum Ended {
    Called,
    NotYet,
    /// By its limit; but it is not one too many any more.
    Needed,
    Tired,
}

impl Shared {
    /// A worker that is searching has found nothing, and sleeps until somebody calls it; or it is
    /// not needed any more.
    pub(super) fn sleep(self: &Arc<Self>, place: usize, parker: &ThreadParker) -> Slept {
        let (mut rests, broken) = self.change(|roster| {
            roster.searching -= 1;
            roster.running -= 1;
            (self.begin_rest(roster, place, parker), roster.has(BROKEN))
        });
        if broken {
            // What comes now is refused by whoever adds it.
            return Slept::Leave;
        }
        loop {
            // Either this sees what has been added, or the one who added it sees that it sleeps, or
            // that it is not there.
            full_fence();
            let summary = self.summary();
            if self.has_work_for_another(summary) {
                self.change(|roster| roster.search_again(place, rests));
                return Slept::Awake;
            }
            let paces = self.has_need_of_pacer(summary)
                && self.change(|roster| roster.becomes_pacer(place, parker, rests));
            if rests == Rests::Leaving && !paces {
                return Slept::Leave;
            }
            let why = if paces { Why::Paces } else { rests.why() };
            match self.park(place, parker, why) {
                Some(slept) => return slept,
                // It has slept for longer than the pool keeps it.
                None => rests = Rests::Leaving,
            }
        }
    }

    /// A worker has just done a job, and may be one too many, because others are back from a wait. Then
    /// it leaves its deque to others, and waits for a moment for somebody to block, in whose place it
    /// goes on. `None`: it is needed.
    #[cold]
    pub(super) fn give_way(
        self: &Arc<Self>,
        place: usize,
        parker: &ThreadParker,
        held: &RefCell<Option<Held>>,
    ) -> Option<Slept> {
        let rests = self.change(|roster| {
            // Those who are left will all look for something to do again: there is no need to look.
            if roster.running <= self.config.limits.workers {
                return None;
            }
            roster.running -= 1;
            if let Some(held) = held.take() {
                roster.deques.put_down(held);
            }
            Some(self.begin_rest(roster, place, parker))
        });
        if rests? == Rests::Leaving {
            return Some(Slept::Leave);
        }
        if let Some(slept) = self.park(place, parker, Why::Lingers) {
            return Some(slept);
        }
        full_fence();
        if self.has_work_for_another(self.summary()) {
            self.change(|roster| roster.search_again(place, Rests::Leaving));
            return Some(Slept::Awake);
        }
        Some(Slept::Leave)
    }

    /// Counts a worker among those who sleep, or leave. It is not counted otherwise any more.
    fn begin_rest(&self, roster: &mut Roster, place: usize, parker: &ThreadParker) -> Rests {
        let workers = self.config.limits.workers;
        let others = roster.running + roster.idle.len();
        let rests = if roster.is_through() || others >= workers.saturating_mul(2) {
            Rests::Leaving
        } else if others >= workers {
            Rests::Lingering
        } else {
            Rests::Asleep
        };
        if rests == Rests::Leaving {
            roster.leaving += 1;
        } else {
            roster.fall_asleep(place, parker);
        }
        rests
    }

    /// How long a worker sleeps.
    fn limit(&self, why: Why) -> Timeout {
        match (why, self.config.keep_alive) {
            (Why::Paces, _) => PACE,
            (Why::Lingers, Timeout::After(keep_alive)) => Timeout::After(keep_alive.min(LINGER)),
            (Why::Lingers, Timeout::Never | Timeout::At(_)) => Timeout::After(LINGER),
            (Why::Sleeps, keep_alive) => keep_alive,
        }
    }

    /// Sleeps; `None`: nobody has called it for so long that it leaves.
    fn park(&self, place: usize, parker: &ThreadParker, why: Why) -> Option<Slept> {
        sys::note_state(ThreadState::Idle);
        let slept = self.park_until_called(place, parker, why);
        sys::note_state(ThreadState::Running);
        slept
    }

    fn park_until_called(
        &self,
        place: usize,
        parker: &ThreadParker,
        mut why: Why,
    ) -> Option<Slept> {
        let mut limit = self.limit(why).start();
        loop {
            let tired = parker.park(&mut limit, 0) == Parked::Expired;
            let ended = self.change(|roster| {
                if !roster.is_idle(place) {
                    return Ended::Called;
                }
                if !tired {
                    return Ended::NotYet;
                }
                if why == Why::Lingers && !roster.has_enough_without_one(self.config.limits) {
                    return Ended::Needed;
                }
                roster.take_out(place);
                if why == Why::Paces {
                    roster.search_after_all();
                } else {
                    roster.leaving += 1;
                }
                Ended::Tired
            });
            match ended {
                Ended::Called => return Some(Slept::Awake),
                Ended::NotYet => {}
                Ended::Needed => {
                    // Others have gone meanwhile: it is one of those whom the pool keeps.
                    why = Why::Sleeps;
                    limit = self.limit(why).start();
                }
                Ended::Tired => return (why == Why::Paces).then_some(Slept::Paced),
            }
        }
    }

    /// A worker has gone.
    pub(super) fn leave(self: &Arc<Self>, place: usize, held: Option<Held>) {
        let before = self.settle(|roster| {
            roster.leaving -= 1;
            roster.alive -= 1;
            roster.spare.push(place);
            if let Some(held) = held {
                roster.deques.put_down(held);
            }
            roster.has_left(this_thread())
        });
        // Somebody may have looked for a place while this one was taken.
        self.look_again();
        // Whoever joins this thread has joined those that left before, with the destructors of their locals.
        before.into_iter().for_each(Thread::join);
    }
}

impl Roster {
    fn fall_asleep(&mut self, place: usize, parker: &ThreadParker) {
        let waker = parker.waker().clone();
        self.idle.push(Sleeper { place, waker });
    }

    /// A worker that has found something after all is counted in again, unless somebody has called it
    /// meanwhile, and counted it in.
    fn search_again(&mut self, place: usize, rests: Rests) {
        let counts = match rests {
            Rests::Asleep | Rests::Lingering => self.take_out(place),
            Rests::Leaving => {
                self.leaving -= 1;
                true
            }
        };
        if counts {
            self.search_after_all();
        }
    }

    /// Makes a worker the one who wakes up when the next from outside may begin, unless there is one,
    /// or somebody has called it.
    fn becomes_pacer(&mut self, place: usize, parker: &ThreadParker, rests: Rests) -> bool {
        if self.pacer.is_some() || rests != Rests::Leaving && !self.is_idle(place) {
            return false;
        }
        if rests == Rests::Leaving {
            self.leaving -= 1;
            self.fall_asleep(place, parker);
        }
        self.pacer = Some(place);
        true
    }
}
