//! What the workers of a pool, its owner and its jobs share.

use core::ops::Deref;
use core::sync::atomic::Ordering::{Acquire, Release};
use std::sync::{Arc, OnceLock};

use super::builder::Config;
use super::delay::Delays;
use super::deques::{Deque, Held, Injector, Left, Stealer};
use super::ending::Kept;
use super::entry::{Entry, PoolId, Refusal};
use super::futures::Futures;
use super::room::Room;
use super::sleep::{BROKEN, CLOSED, ENDED, Roster};
use super::summary::{CALL, Reach, Summary};
use super::worker;
use crate::event::thread::Event;
use crate::job::Outcome;
use crate::sys::{Apart, AtomicUsize, Mutex, Native, TracedPool, full_fence};

/// A place for one worker.
pub(super) struct Place {
    /// What its worker does, if that has a name.
    pub(super) doing: Mutex<Option<Box<str>>>,
    /// Who has submitted something there after the pool had been closed, the last of them.
    pub(super) submitter: Mutex<Option<String>>,
}

/// A pool. In the child of a `fork` it is closed, and nobody touches its state: not even to drop it, for
/// what other threads were about to do there is never finished.
pub(super) struct Shared {
    state: Native<State>,
    id: PoolId,
}

/// The state of a pool.
pub(super) struct State {
    /// What comes from outside.
    pub(super) injector: Injector,
    /// What belongs to jobs and futures that have begun, and has no deque to lie in: futures that are
    /// woken from outside, and what a blocked worker adds.
    inner: Injector,
    /// The way to each deque.
    stealers: Box<[OnceLock<Stealer>]>,
    /// How many deques there are.
    made: AtomicUsize,
    pub(super) places: Box<[Place]>,
    /// The summary of the roster.
    summary: AtomicUsize,
    roster: Apart<Mutex<Roster>>,
    pub(super) futures: Futures,
    pub(super) delays: Delays,
    pub(super) room: Room,
    /// What is dropped when the pool has ended.
    pub(super) kept: Mutex<Option<Kept>>,
    pub(super) ended: Event,
    pub(super) joined: Event,
    pub(super) config: Config,
    traced: TracedPool,
}

impl Deref for Shared {
    type Target = State;

    fn deref(&self) -> &State {
        &self.state
    }
}

/// Where something has just been added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Added {
    /// To the deque of a worker, who runs.
    Deque,
    /// To what belongs to jobs that have begun.
    Inner,
    /// To what comes from outside.
    Outside,
}

impl Shared {
    pub(super) fn new(config: Config) -> Self {
        let slots = config.limits.slots();
        let places = (0..slots).map(|_| Place {
            doing: Mutex::new(None),
            submitter: Mutex::new(None),
        });
        let roster = Roster::default();
        let state = State {
            injector: Injector::new(),
            inner: Injector::new(),
            stealers: (0..slots).map(|_| OnceLock::new()).collect(),
            made: AtomicUsize::new(0),
            places: places.collect(),
            summary: AtomicUsize::new(Summary::of(&roster, config.limits).0),
            roster: Apart(Mutex::new(roster)),
            futures: Futures::new(),
            delays: Delays::new(),
            room: Room::new(config.max_queued),
            kept: Mutex::new(None),
            ended: Event::new(),
            joined: Event::new(),
            traced: TracedPool::new(&config.name_prefix, config.limits.workers),
            config,
        };
        Self {
            state: Native::new(state),
            id: PoolId::fresh(),
        }
    }

    /// Whether it is a pool of this process.
    #[inline]
    pub(super) fn is_here(&self) -> bool {
        Native::is_here(&self.state)
    }

    /// The roster of a pool of this process: in a child of its process the lock may be held for ever.
    pub(super) fn roster(&self) -> &Mutex<Roster> {
        debug_assert!(self.is_here(), "a pool belongs to the process that made it");
        &self.roster.0
    }

    pub(super) const fn id(&self) -> PoolId {
        self.id
    }

    /// Whether nothing is taken in from outside any more.
    pub(super) fn is_closed(&self) -> bool {
        self.summary().has_any(CLOSED) || !self.is_here()
    }

    pub(super) fn is_broken(&self) -> bool {
        self.summary().has_any(BROKEN)
    }

    pub(super) fn summary(&self) -> Summary {
        // ORDERING: Acquire pairs with the Release in `change`: who sees that the pool is closed
        // or broken sees why.
        Summary(self.summary.load(Acquire))
    }

    /// Changes the roster, and says what those without the lock are to see.
    pub(super) fn change<R>(&self, change: impl FnOnce(&mut Roster) -> R) -> R {
        let mut roster = self.roster().lock();
        let result = change(&mut roster);
        // ORDERING: Release: see `summary`. The order of this store and the looks at the queues
        // comes from the fences.
        (self.summary).store(Summary::of(&roster, self.config.limits).0, Release);
        (self.traced).note(roster.running, roster.idle.len(), roster.blocked);
        drop(roster);
        result
    }

    /// Adds something to do: to the deque of this worker, or for everybody.
    pub(super) fn add(self: &Arc<Self>, entry: Entry) {
        if let Some(entry) = worker::add(self.id(), entry) {
            self.add_outside(entry);
        }
    }

    /// Adds something that comes from outside.
    pub(super) fn add_outside(self: &Arc<Self>, entry: Entry) {
        self.injector.push(entry);
        self.notify(Added::Outside);
    }

    /// Adds something that belongs to a job or a future that has begun, behind all others of the kind.
    pub(super) fn add_inner(self: &Arc<Self>, entry: Entry) {
        self.inner.push(entry);
        self.notify(Added::Inner);
    }

    /// Sees to it that somebody comes for what has just been added.
    #[inline]
    pub(super) fn notify(self: &Arc<Self>, added: Added) {
        // Either the one who is about to sleep sees what has been added, or this sees that it
        // sleeps.
        full_fence();
        let summary = self.summary();
        if summary.has_any(CALL | BROKEN | ENDED) {
            self.notify_slow(summary, added);
        }
    }

    #[cold]
    fn notify_slow(self: &Arc<Self>, summary: Summary, added: Added) {
        if summary.has_any(BROKEN) {
            self.sweep(&Refusal::Fixed(Outcome::PoolBroken));
        } else if summary.has_any(ENDED) {
            self.sweep(&Refusal::Fixed(Outcome::Closed));
        } else if summary.calls() && self.would_take(summary, added) {
            self.rouse();
        }
    }

    /// Whether one more worker would take what lies there, or see to it that somebody does in time.
    fn would_take(&self, summary: Summary, added: Added) -> bool {
        let reach = summary.reach_of_another(self.config.limits);
        match added {
            Added::Deque => reach >= Reach::Inside,
            Added::Inner => true,
            Added::Outside => reach == Reach::All || self.may_pace(summary),
        }
    }

    /// Whether what comes from outside waits for its time, and nobody wakes up then.
    pub(super) fn may_pace(&self, summary: Summary) -> bool {
        !summary.is_paced() && summary.reach_of_another(self.config.limits) == Reach::Inside
    }

    /// Whether there is anything that one more worker would take at once.
    pub(super) fn has_work_for_another(&self, summary: Summary) -> bool {
        let reach = summary.reach_of_another(self.config.limits);
        !self.inner.is_empty()
            || match reach {
                Reach::Orphans => summary.has_orphans(),
                Reach::Inside | Reach::All => self.has_inside_work(),
            }
            || reach == Reach::All && !self.injector.is_empty()
    }

    fn has_inside_work(&self) -> bool {
        self.stealers().any(|stealer| !stealer.is_empty())
    }

    pub(super) fn inner_len(&self) -> usize {
        self.inner.len()
    }

    /// Takes the oldest of what belongs to jobs that have begun.
    pub(super) fn take_inner(&self) -> Option<Entry> {
        // Most of the time it is empty, and a look is cheaper than a theft.
        (!self.inner.is_empty())
            .then(|| self.inner.steal())
            .flatten()
    }

    /// A deque for a worker that has none: its own, if nobody has adopted it. With the roster's lock
    /// held.
    pub(super) fn take_up(&self, roster: &mut Roster, own: Option<Left>) -> Held {
        roster.deques.take_up(own, |number| {
            let deque = Deque::new();
            let known = self.stealers[number].set(deque.stealer());
            debug_assert!(known.is_ok(), "a deque is made once");
            // ORDERING: Release pairs with the Acquire in `stealers`.
            self.made.store(number + 1, Release);
            deque
        })
    }

    pub(super) fn thread_name(&self, place: usize) -> String {
        format!("{}-{place}", self.config.name_prefix)
    }

    /// The way to every deque of the pool, by number.
    pub(super) fn stealers(&self) -> impl DoubleEndedIterator<Item = &Stealer> {
        // ORDERING: Acquire pairs with the Release in `take_up`: the deques that are counted are
        // there.
        let made = self.made.load(Acquire);
        (self.stealers[..made].iter()).filter_map(OnceLock::get)
    }

    /// The way to one of them.
    pub(super) fn stealer(&self, number: usize) -> Option<&Stealer> {
        self.stealers[number].get()
    }

    /// Whether there is anything to do, as far as can be seen.
    pub(super) fn has_work(&self) -> bool {
        !self.injector.is_empty() || !self.inner.is_empty() || self.has_inside_work()
    }

    /// Takes something out that nobody will do.
    pub(super) fn take_any(&self) -> Option<Entry> {
        (self.injector.steal())
            .or_else(|| self.inner.steal())
            .or_else(|| self.stealers().find_map(Stealer::steal))
    }

    /// A worker has been made, and begins to search.
    pub(super) fn arrive(&self, held: Option<Held>) -> Held {
        self.change(|roster| {
            roster.newcomers -= 1;
            roster.searching += 1;
            held.unwrap_or_else(|| self.take_up(roster, None))
        })
    }

    /// A worker has nothing to do, and begins to search.
    pub(super) fn begin_search(&self) {
        self.change(|roster| roster.searching += 1);
    }

    /// A worker that was searching has found something. If it was the only one, and there is
    /// more, somebody else is to search.
    pub(super) fn end_search(self: &Arc<Self>) {
        let last = self.change(|roster| {
            roster.searching -= 1;
            roster.searching == 0
        });
        if last {
            self.look_again();
        }
    }

    /// Calls somebody for what was added while everybody who could have seen it was taken to be
    /// there.
    pub(super) fn look_again(self: &Arc<Self>) {
        full_fence();
        let summary = self.summary();
        if summary.calls() && self.has_use_for_another(summary) {
            self.rouse();
        }
    }

    /// Whether one more worker would take something, at once or in time.
    fn has_use_for_another(&self, summary: Summary) -> bool {
        self.has_work_for_another(summary) || self.has_need_of_pacer(summary)
    }

    /// Whether something from outside waits for its time, and nobody wakes up then.
    pub(super) fn has_need_of_pacer(&self, summary: Summary) -> bool {
        self.may_pace(summary) && !self.injector.is_empty()
    }
}
