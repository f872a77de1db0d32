//! A thread of a pool: what it does next, and what happens when it waits.

use core::cell::{Cell, RefCell};
use core::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::rc::Rc;
use std::sync::Arc;

use super::deques::{Held, Left};
use super::entry::{Entry, PoolId, ScopeId};
use super::look::LOOK_AROUND;
use super::rest::Slept;
use super::shared::{Added, Shared};
use crate::identity::task::as_nobody;
use crate::identity::{StandIn, set_stand_in, with_fresh_owner};
use crate::job::quietly;
use crate::line::{ThreadParker, discard_panic};
use crate::sys::{self, ThreadState, local};

/// How deep jobs may be called inside the waits of other jobs.
const MAX_DEPTH: u32 = 32;

/// Fewer entries than that may lie in a deque with nothing left to do.
const MANY_DEAD: usize = 32;

/// What a worker knows of itself.
pub(super) struct Worker {
    pub(super) shared: Arc<Shared>,
    /// Its deque; none while it is blocked.
    pub(super) held: RefCell<Option<Held>>,
    /// When it has left its deque to others, to block.
    left: Cell<Option<Left>>,
    /// How many waits it is in, each inside the one before.
    blocks: Cell<u32>,
    pub(super) place: usize,
    /// Whether it may begin with something from outside although many are blocked.
    pub(super) may_begin: Cell<bool>,
    /// Which of both shared queues it looks at first: not the one from which it has taken the last.
    pub(super) outside_first: Cell<bool>,
    /// How many jobs have been begun here, each inside a wait of the one before.
    depth: Cell<u32>,
    /// So many turns are left until it looks around for what has waited for long.
    pub(super) turns: Cell<u32>,
    /// Whether it looked at its own first when it did so last; then it looks outside first.
    pub(super) own_looked_at: Cell<bool>,
}

local! {
    static CURRENT: RefCell<Option<Rc<Worker>>> = RefCell::new(None)
}

local! {
    /// A plain cell, which can be read even while the thread's other locals are destroyed.
    static POOL: Cell<Option<PoolId>> = Cell::new(None)
}

/// Runs something with the worker of that pool, if this thread is one. It stays so meanwhile.
fn with<R>(pool: PoolId, body: impl FnOnce(&Worker) -> R) -> Option<R> {
    let ran = CURRENT.try_with(|current| {
        let current = current.borrow();
        let worker = (current.as_ref())
            .filter(|worker| worker.shared.id() == pool && worker.shared.is_here())?;
        Some(body(worker))
    });
    ran.ok().flatten()
}

/// Whether this thread runs a job of that pool; and notes that one of its worker's submits.
pub(super) fn is_late(pool: PoolId) -> bool {
    with(pool, |worker| worker.shared.note_submitter(worker.place)).is_some()
}

/// Whether this thread is of that pool; it is to its very end.
#[inline]
pub(super) fn is_of(pool: PoolId) -> bool {
    POOL.with(Cell::get) == Some(pool)
}

/// Adds something where this worker's own work lies, and sees to it that somebody comes for it; or hands
/// it back if this thread is none of that pool.
#[inline]
pub(super) fn add(pool: PoolId, entry: Entry) -> Option<Entry> {
    if is_of(pool) {
        add_here(entry)
    } else {
        Some(entry)
    }
}

/// The same on a thread of that pool, which is no worker any more where it ends.
fn add_here(entry: Entry) -> Option<Entry> {
    let mut entry = Some(entry);
    let _gone = CURRENT.try_with(|current| {
        if let Some(worker) = &*current.borrow() {
            if let Some(entry) = entry.take() {
                worker.add(entry);
            }
        }
    });
    entry
}

/// A future of that pool, which this thread has just polled, goes behind others: what comes from outside is
/// next, if this is a worker of that pool.
pub(super) fn yields(pool: PoolId) {
    with(pool, |worker| worker.outside_first.set(true));
}

/// Does somebody's job on this thread, which is about to wait for it, if it is a worker of that
/// pool and not too deep in others already.
///
/// If it is the last that was added here it is taken out of the deque; else its entry stays where
/// it is for a while, with nothing left to do.
pub(super) fn help(pool: PoolId, address: *const (), job: impl FnOnce()) {
    with(pool, |worker| {
        if worker.depth.get() >= MAX_DEPTH {
            return;
        }
        let popped = worker.with_deque(|held| (held.deque.pop(), held.dead));
        let (mut top, dead) = popped.unwrap_or((None, 0));
        if (top.as_ref()).is_some_and(|entry| entry.address() != address) {
            top = top.and_then(|entry| worker.live_or_next(entry));
        }
        match top {
            Some(entry) if entry.address() == address => {
                worker.inside(|| entry.run());
                if dead == 0 {
                    return;
                }
            }
            other => {
                if let Some(other) = other {
                    worker.put_back(other);
                }
                worker.inside(job);
                worker.with_deque(|held| held.dead += 1);
            }
        }
        worker.bury();
    });
}

/// Does what is at the top of this worker's deque, as long as it belongs to that scope.
pub(super) fn help_scope(pool: PoolId, scope: ScopeId, is_over: impl Fn() -> bool) {
    with(pool, |worker| {
        while !is_over() && worker.depth.get() < MAX_DEPTH {
            let Some(entry) = worker.pop_live() else {
                return;
            };
            if entry.scope() != Some(scope) {
                worker.put_back(entry);
                return;
            }
            worker.inside(|| entry.run());
        }
    });
}

/// A wait inside a wait, by a waker that is run there, is no other.
impl StandIn for Worker {
    fn block(&self) {
        if !self.shared.is_here() {
            return;
        }
        let depth = self.blocks.get();
        self.blocks.set(depth + 1);
        if depth == 0 {
            sys::note_state(ThreadState::Blocked);
            self.left.set(self.shared.block(self.held.take()));
        }
    }

    fn unblock(&self) {
        if !self.shared.is_here() {
            return;
        }
        let depth = self.blocks.get() - 1;
        if depth == 0 {
            let held = self.shared.unblock(self.left.get());
            self.held.replace(Some(held));
            sys::note_state(ThreadState::Running);
        }
        self.blocks.set(depth);
    }
}

impl Worker {
    /// Runs something with the deque of this worker, which it has unless it is blocked, or is being
    /// made.
    pub(super) fn with_deque<R>(&self, body: impl FnOnce(&mut Held) -> R) -> Option<R> {
        self.held.borrow_mut().as_mut().map(body)
    }

    fn add(&self, entry: Entry) {
        let held = self.held.borrow();
        let Some(Held { deque, .. }) = &*held else {
            drop(held);
            return self.shared.add_inner(entry);
        };
        deque.push(entry);
        drop(held);
        self.shared.notify(Added::Deque);
    }

    /// Takes the newest that was added here.
    pub(super) fn pop(&self) -> Option<Entry> {
        self.with_deque(|held| held.deque.pop()).flatten()
    }

    /// The same, if there is anything left to do.
    fn pop_live(&self) -> Option<Entry> {
        self.pop().and_then(|entry| self.live_or_next(entry))
    }

    /// What has been taken out, if there is anything left to do, or else the next that has.
    fn live_or_next(&self, mut entry: Entry) -> Option<Entry> {
        while entry.is_dead() {
            self.with_deque(|held| held.dead = held.dead.saturating_sub(1));
            // It may be the last to know of an outcome that nobody took, which is foreign data.
            self.inside(|| entry.run());
            entry = self.pop()?;
        }
        Some(entry)
    }

    /// Puts back what is not to be done now. It was in no queue for a moment, in which somebody
    /// may have looked, and fallen asleep.
    fn put_back(&self, entry: Entry) {
        self.add(entry);
    }

    /// Gets rid of entries that have nothing left to do, if there may be any: of those on top, and when
    /// half of the deque is of that kind, of all.
    fn bury(&self) {
        if self.with_deque(|held| held.dead).unwrap_or(0) == 0 {
            return;
        }
        if let Some(top) = self.pop_live() {
            self.put_back(top);
        }
        let rounds = self.with_deque(|held| {
            let len = held.deque.len();
            let many = held.dead >= MANY_DEAD && 2 * held.dead >= len;
            if many || len == 0 {
                held.dead = 0;
            }
            if many { len } else { 0 }
        });
        for _ in 0..rounds.unwrap_or(0) {
            // Once round: the order stays.
            let Some(oldest) = self.oldest_own() else {
                return;
            };
            if oldest.is_dead() {
                self.inside(|| oldest.run());
            } else {
                self.put_back(oldest);
            }
        }
    }

    /// Does a job inside the wait of another: not as the owner of that one's locks, nor as its
    /// task.
    fn inside(&self, job: impl FnOnce()) {
        struct Depth<'a>(&'a Cell<u32>);

        impl Drop for Depth<'_> {
            fn drop(&mut self) {
                self.0.set(self.0.get() - 1);
            }
        }

        self.depth.set(self.depth.get() + 1);
        let _depth = Depth(&self.depth);
        with_fresh_owner(|| as_nobody(job));
    }

    fn work(&self) {
        // It has been started to search.
        let mut searching = true;
        let parker = ThreadParker::new();
        while let Some(entry) = self.wait_for_next(&mut searching, &parker) {
            let name = entry.name().map(Box::from);
            let has_name = name.is_some();
            if has_name {
                *self.shared.places[self.place].doing.lock() = name;
            }
            entry.run();
            if !self.shared.is_here() {
                // It has forked, and this is the child.
                return;
            }
            if has_name {
                *self.shared.places[self.place].doing.lock() = None;
            }
            if self.shared.summary().has_surplus() {
                match self.shared.give_way(self.place, &parker, &self.held) {
                    None => {}
                    Some(Slept::Leave) => return,
                    Some(Slept::Awake | Slept::Paced) => {
                        searching = true;
                        self.find_deque();
                    }
                }
            }
        }
    }

    /// Takes a deque, if this worker has left its own to others.
    fn find_deque(&self) {
        if self.held.borrow().is_none() {
            let held = self.shared.find_deque();
            self.held.replace(Some(held));
        }
    }
}

/// The life of a worker.
pub(super) fn main(shared: &Arc<Shared>, place: usize) {
    let worker = Rc::new(Worker {
        shared: Arc::clone(shared),
        held: RefCell::new(None),
        left: Cell::new(None),
        blocks: Cell::new(0),
        place,
        may_begin: Cell::new(false),
        outside_first: Cell::new(true),
        depth: Cell::new(0),
        turns: Cell::new(LOOK_AROUND),
        own_looked_at: Cell::new(false),
    });
    POOL.with(|pool| pool.set(Some(shared.id())));
    CURRENT.with(|current| *current.borrow_mut() = Some(Rc::clone(&worker)));
    set_stand_in(Some(Rc::<Worker>::clone(&worker)));
    let made = catch_unwind(AssertUnwindSafe(|| shared.config.started()));
    let held = shared.arrive(worker.held.take());
    worker.held.replace(Some(held));
    match made {
        Ok(()) => shared.config.surround(|| worker.work()),
        Err(panic) => {
            // The panic hook has reported it.
            discard_panic(panic);
            shared.break_up();
            // It does nothing, also not what comes at this very moment.
            let slept = shared.sleep(place, &ThreadParker::new());
            debug_assert_eq!(slept, Slept::Leave, "a broken pool needs nobody");
        }
    }
    // Nobody counts on it any more, so it needs no replacement when it waits.
    CURRENT.with(|current| *current.borrow_mut() = None);
    set_stand_in(None);
    if !shared.is_here() {
        return;
    }
    quietly(|| shared.config.exits());
    let worker = Rc::into_inner(worker).expect("nobody else keeps a worker");
    shared.leave(place, worker.held.into_inner());
}
