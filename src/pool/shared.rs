//! What the workers of a pool, its owner and its jobs share.

use core::ops::Deref;
use core::sync::atomic::Ordering::{Acquire, Release};
use std::sync::{Arc, OnceLock};

use super::builder::Config;
use super::delay::Delays;
use super::ending::Kept;
use super::entry::{Entry, PoolId, Refusal};
use super::futures::Futures;
use super::sleep::{BROKEN, CALL, CLOSED, Deque, ENDED, Injector, Roster, Sleeper, Stealer};
use super::worker;
use crate::event::thread::Event;
use crate::job::Outcome;
use crate::line::ThreadParker;
use crate::sys::{Apart, AtomicUsize, Mutex, Native, Parked, Thread, full_fence};

/// A place for one worker.
pub(super) struct Slot {
    pub(super) stealer: OnceLock<Stealer>,
    /// Here while no worker has it.
    pub(super) deque: Mutex<Option<Deque>>,
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
    pub(super) injector: Injector,
    pub(super) slots: Box<[Slot]>,
    /// How many slots have been used; the others are empty.
    used: AtomicUsize,
    /// The summary of the roster.
    summary: AtomicUsize,
    roster: Apart<Mutex<Roster>>,
    pub(super) futures: Futures,
    pub(super) delays: Delays,
    /// What is dropped when the pool has ended.
    pub(super) kept: Mutex<Option<Kept>>,
    pub(super) ended: Event,
    pub(super) joined: Event,
    pub(super) config: Config,
}

impl Deref for Shared {
    type Target = State;

    fn deref(&self) -> &State {
        &self.state
    }
}

/// How a worker's attempt to sleep ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slept {
    /// It is to search.
    Awake,
    /// It is to end.
    Leave,
}

impl Shared {
    pub(super) fn new(config: Config) -> Self {
        let slots = (0..config.limits.slots()).map(|_| Slot {
            stealer: OnceLock::new(),
            deque: Mutex::new(None),
            doing: Mutex::new(None),
            submitter: Mutex::new(None),
        });
        let roster = Roster::default();
        let state = State {
            injector: Injector::new(),
            slots: slots.collect(),
            used: AtomicUsize::new(0),
            summary: AtomicUsize::new(roster.summary(config.limits)),
            roster: Apart(Mutex::new(roster)),
            futures: Futures::new(),
            delays: Delays::new(),
            kept: Mutex::new(None),
            ended: Event::new(),
            joined: Event::new(),
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

    pub(super) fn roster(&self) -> &Mutex<Roster> {
        &self.roster.0
    }

    pub(super) const fn id(&self) -> PoolId {
        self.id
    }

    /// Whether nothing is taken in from outside any more.
    pub(super) fn is_closed(&self) -> bool {
        self.summary() & CLOSED != 0 || !self.is_here()
    }

    pub(super) fn is_broken(&self) -> bool {
        self.summary() & BROKEN != 0
    }

    pub(super) fn summary(&self) -> usize {
        // ORDERING: Acquire pairs with the Release in `change`: who sees that the pool is closed
        // or broken sees why.
        self.summary.load(Acquire)
    }

    /// Changes the roster, and says what those without the lock are to see.
    pub(super) fn change<R>(&self, change: impl FnOnce(&mut Roster) -> R) -> R {
        let mut roster = self.roster().lock();
        let result = change(&mut roster);
        // ORDERING: Release: see `summary`. The order of this store and the looks at the queues
        // comes from the fences.
        (self.summary).store(roster.summary(self.config.limits), Release);
        result
    }

    /// Adds something to do: to the deque of this worker, or for everybody.
    pub(super) fn add(self: &Arc<Self>, entry: Entry) {
        if let Some(entry) = worker::add(self.id(), entry) {
            self.injector.push(entry);
            self.notify();
        }
    }

    /// Sees to it that somebody comes for what has just been added.
    pub(super) fn notify(self: &Arc<Self>) {
        // Either the one who is about to sleep sees what has been added, or this sees that it
        // sleeps.
        full_fence();
        let summary = self.summary();
        if summary & (CALL | BROKEN | ENDED) != 0 {
            self.notify_slow(summary);
        }
    }

    #[cold]
    fn notify_slow(self: &Arc<Self>, summary: usize) {
        if summary & BROKEN != 0 {
            self.sweep(&Refusal::Fixed(Outcome::PoolBroken));
        } else if summary & ENDED != 0 {
            self.sweep(&Refusal::Fixed(Outcome::PoolClosed));
        } else if summary & CALL != 0 {
            self.rouse();
        }
    }

    /// Wakes or starts a worker, if that would help.
    pub(super) fn rouse(self: &Arc<Self>) {
        enum Call {
            Nobody,
            Wake(Sleeper),
            Start(usize, Vec<Thread>),
        }
        let call = self.change(|roster| {
            if !roster.wants_more(self.config.limits) {
                return Call::Nobody;
            }
            roster.running += 1;
            if let Some(sleeper) = roster.idle.pop() {
                roster.searching += 1;
                return Call::Wake(sleeper);
            }
            roster.newcomers += 1;
            roster.alive += 1;
            roster.starting += 1;
            let slot = roster.spare.pop().unwrap_or_else(|| {
                let slot = roster.used;
                let deque = Deque::new();
                let known = self.slots[slot].stealer.set(deque.stealer());
                debug_assert!(known.is_ok(), "a slot is used for the first time once");
                *self.slots[slot].deque.lock() = Some(deque);
                roster.used += 1;
                // ORDERING: Release pairs with the Acquire in `stealers`.
                self.used.store(roster.used, Release);
                slot
            });
            Call::Start(slot, roster.ended_threads())
        });
        match call {
            Call::Nobody => {}
            Call::Wake(sleeper) => sleeper.waker.wake(),
            Call::Start(slot, ended) => {
                drop(ended);
                self.start(slot);
            }
        }
    }

    #[cold]
    fn start(self: &Arc<Self>, slot: usize) {
        let name = self.thread_name(slot);
        let body = {
            let shared = Arc::clone(self);
            move || worker::main(&shared, slot)
        };
        match Thread::start(name, self.config.stack_size, body) {
            Ok(thread) => self.settle(|roster| {
                roster.starting -= 1;
                roster.threads.push(thread);
            }),
            Err(error) => {
                let (alone, sleeper) = self.change(|roster| {
                    roster.starting -= 1;
                    roster.newcomers -= 1;
                    roster.running -= 1;
                    roster.alive -= 1;
                    roster.spare.push(slot);
                    let sleeper = roster.idle.pop();
                    if sleeper.is_some() {
                        roster.search_after_all();
                    }
                    (roster.alive == 0, sleeper)
                });
                // Those who added something meanwhile counted on this one.
                full_fence();
                if alone {
                    self.give_up(&error);
                } else if let Some(sleeper) = sleeper {
                    sleeper.waker.wake();
                }
                self.settle(|_| {});
            }
        }
    }

    pub(super) fn thread_name(&self, slot: usize) -> String {
        format!("{}-{slot}", self.config.name_prefix)
    }

    /// Every deque of the pool.
    pub(super) fn stealers(&self) -> impl DoubleEndedIterator<Item = &Stealer> {
        // ORDERING: Acquire pairs with the Release in `rouse`: the slots that are counted are
        // there.
        let used = self.used.load(Acquire);
        (self.slots[..used].iter()).filter_map(|slot| slot.stealer.get())
    }

    /// Whether there is anything to do, as far as can be seen.
    pub(super) fn has_work(&self) -> bool {
        !self.injector.is_empty() || self.stealers().any(|stealer| !stealer.is_empty())
    }

    /// A worker has been made, and begins to search.
    pub(super) fn arrive(&self) {
        self.change(|roster| {
            roster.newcomers -= 1;
            roster.searching += 1;
        });
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
        if self.summary() & CALL != 0 && self.has_work() {
            self.rouse();
        }
    }

    /// A worker that is searching has found nothing, and sleeps until somebody calls it; or it is
    /// not needed any more.
    pub(super) fn sleep(self: &Arc<Self>, slot: usize, parker: &ThreadParker) -> Slept {
        let limits = self.config.limits;
        let (leaves, broken) = self.change(|roster| {
            let leaves = roster.is_through() || roster.has_surplus(limits);
            roster.searching -= 1;
            roster.running -= 1;
            if leaves {
                // It is alive until it has left, but is not counted on.
                roster.blocked += 1;
            } else {
                let waker = parker.waker().clone();
                roster.idle.push(Sleeper { slot, waker });
            }
            (leaves, roster.has(BROKEN))
        });
        if broken {
            // What comes now is refused by whoever adds it.
            return Slept::Leave;
        }
        if leaves {
            return self.last_look();
        }
        // Either this sees what has been added, or the one who added it sees that it sleeps.
        full_fence();
        if self.has_work() {
            self.change(|roster| {
                if roster.take_out(slot) {
                    roster.search_after_all();
                }
            });
            return Slept::Awake;
        }
        let mut limit = self.config.keep_alive.start();
        loop {
            let tired = parker.park(&mut limit, 0) == Parked::Expired;
            let called = self.change(|roster| {
                let called = !roster.is_idle(slot);
                if tired && !called {
                    roster.take_out(slot);
                    // As above.
                    roster.blocked += 1;
                }
                called
            });
            if called {
                return Slept::Awake;
            }
            if tired {
                return self.last_look();
            }
        }
    }

    /// A worker that nobody counts on leaves, unless it finds something: then another would have to
    /// be started for it.
    fn last_look(&self) -> Slept {
        full_fence();
        if !self.has_work() {
            return Slept::Leave;
        }
        self.change(|roster| {
            roster.blocked -= 1;
            roster.search_after_all();
        });
        Slept::Awake
    }

    /// A worker has gone.
    pub(super) fn leave(self: &Arc<Self>, slot: usize, deque: Deque) {
        *self.slots[slot].deque.lock() = Some(deque);
        let ended = self.settle(|roster| {
            roster.blocked -= 1;
            roster.alive -= 1;
            roster.spare.push(slot);
            // Most are taken out when another is started; here, so that not many are left if none is.
            let many = roster.threads.len() > 2 * roster.alive + 2;
            many.then(|| roster.ended_threads())
        });
        drop(ended);
        // Somebody may have looked for a slot while this one was taken.
        self.look_again();
    }

    /// A worker is about to wait inside a job.
    pub(super) fn block(self: &Arc<Self>) {
        self.change(|roster| {
            roster.running -= 1;
            roster.blocked += 1;
        });
        self.look_again();
    }

    /// A worker is back from a wait inside a job.
    pub(super) fn unblock(&self) {
        self.change(|roster| {
            roster.running += 1;
            roster.blocked -= 1;
        });
    }
}
