//! A thread of a pool: what it does next, and what happens when it waits.

use core::cell::{Cell, RefCell};
use core::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::rc::Rc;
use std::sync::Arc;

use super::entry::{Entry, PoolId, ScopeId};
use super::shared::{Shared, Slept};
use super::sleep::Deque;
use crate::identity::task::as_nobody;
use crate::identity::{StandIn, set_stand_in, with_fresh_owner};
use crate::job::quietly;
use crate::line::{ThreadParker, discard_panic};
use crate::sys;
use crate::sys::local;

/// How deep jobs may be called inside the waits of other jobs.
const MAX_DEPTH: u32 = 32;

/// So often a worker looks for what has waited for long before it goes on with its own: by turns at
/// what came from outside, and at the oldest of its own.
const LOOK_AROUND: u32 = 61;

/// What a worker knows of itself.
struct Worker {
    shared: Arc<Shared>,
    deque: Deque,
    slot: usize,
    /// How many jobs have been begun here, each inside a wait of the one before.
    depth: Cell<u32>,
    turns: Cell<u32>,
}

local! {
    static CURRENT: RefCell<Option<Rc<Worker>>> = RefCell::new(None)
}

local! {
    /// A plain cell, which can be read even while the thread's other locals are destroyed.
    static POOL: Cell<Option<PoolId>> = Cell::new(None)
}

local! {
    /// The pool for which this thread ends what nobody will do, and runs foreign code meanwhile.
    static ENDING: Cell<Option<PoolId>> = Cell::new(None)
}

/// Whether this thread is ending what nobody of that pool will do.
pub(super) fn is_ending(pool: PoolId) -> bool {
    ENDING.try_with(Cell::get).ok().flatten() == Some(pool)
}

/// Ends what nobody of that pool will do. A shutdown in there, by what runs when a job has ended,
/// waits for nothing: it would wait for this.
pub(super) fn ending(pool: PoolId, body: impl FnOnce()) {
    struct Before(Option<PoolId>);

    impl Drop for Before {
        fn drop(&mut self) {
            let _gone = ENDING.try_with(|ending| ending.set(self.0));
        }
    }

    let before = ENDING.try_with(|ending| ending.replace(Some(pool)));
    let _before = Before(before.ok().flatten());
    body();
}

/// The worker that this thread is.
fn current() -> Option<Rc<Worker>> {
    CURRENT
        .try_with(|current| current.borrow().clone())
        .ok()
        .flatten()
}

/// Runs something with the worker of that pool, if this thread is one.
fn with<R>(pool: PoolId, body: impl FnOnce(&Rc<Worker>) -> R) -> Option<R> {
    let worker =
        current().filter(|worker| worker.shared.id() == pool && worker.shared.is_here())?;
    Some(body(&worker))
}

/// Whether this thread runs a job of that pool; and notes that one of its worker's submits.
pub(super) fn is_late(pool: PoolId) -> bool {
    with(pool, |worker| worker.shared.note_submitter(worker.slot)).is_some()
}

/// Whether this thread is of that pool; it is to its very end.
pub(super) fn is_of(pool: PoolId) -> bool {
    POOL.with(Cell::get) == Some(pool)
}

/// Adds something to the deque of this worker and sees to it that somebody comes for it, or hands it
/// back if this thread is none of that pool.
pub(super) fn add(pool: PoolId, entry: Entry) -> Option<Entry> {
    let mut entry = Some(entry);
    CURRENT
        .try_with(|current| {
            if let Some(worker) = &*current.borrow()
                && worker.shared.id() == pool
                && let Some(entry) = entry.take()
            {
                worker.deque.push(entry);
                worker.shared.notify();
            }
        })
        .ok();
    entry
}

/// Does somebody's job on this thread, which is about to wait for it, if it is a worker of that
/// pool and not too deep in others already.
///
/// If it is the last that was added here it is taken out of the deque; else its entry stays where
/// it is, with nothing left to do.
pub(super) fn help(pool: PoolId, address: *const (), job: impl FnOnce()) {
    with(pool, |worker| {
        if worker.depth.get() >= MAX_DEPTH {
            return;
        }
        match worker.deque.pop() {
            Some(entry) if entry.address() == address => worker.inside(|| entry.run()),
            other => {
                if let Some(other) = other {
                    worker.put_back(other);
                }
                worker.inside(job);
            }
        }
    });
}

impl StandIn for Worker {
    fn block(&self) {
        if !self.shared.is_here() {
            return;
        }
        self.shared.block();
    }

    fn unblock(&self) {
        if !self.shared.is_here() {
            return;
        }
        self.shared.unblock();
    }
}

impl Worker {
    /// Puts back what is not to be done now. It was in no queue for a moment, in which somebody
    /// may have looked, and fallen asleep.
    fn put_back(&self, entry: Entry) {
        self.deque.push(entry);
        self.shared.notify();
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

    /// Something to do, if there is any.
    fn next(&self) -> Option<Entry> {
        let turn = self.turns.get();
        self.turns.set((turn + 1) % (2 * LOOK_AROUND));
        if turn.is_multiple_of(LOOK_AROUND)
            && let Some(entry) = self.oldest(turn == 0)
        {
            return Some(entry);
        }
        (self.deque.pop())
            // One at a time: what lies in a deque is out of the order in which it came.
            .or_else(|| self.shared.injector.steal())
            .or_else(|| self.steal())
    }

    /// What has come from outside, or has lain in this deque, for longest: the one of these first,
    /// or the other.
    fn oldest(&self, outside_first: bool) -> Option<Entry> {
        let own = || self.shared.stealers().nth(self.slot)?.steal();
        let outside = || self.shared.injector.steal();
        if outside_first {
            outside().or_else(own)
        } else {
            own().or_else(outside)
        }
    }

    /// Something that lies in the deque of another; those behind this one first, so that not
    /// everybody comes to the same.
    fn steal(&self) -> Option<Entry> {
        let (behind, before) = (self.slot + 1, self.slot);
        let mut others =
            (self.shared.stealers().skip(behind)).chain(self.shared.stealers().take(before));
        let found = others.find_map(|stealer| stealer.steal_into(&self.deque))?;
        let own = self.shared.slots[self.slot].stealer.get();
        if own.is_some_and(|own| !own.is_empty()) {
            // More has come along, which was in no queue on its way.
            self.shared.notify();
        }
        Some(found)
    }

    /// Something to do, as soon as there is any; `None`: it is not needed any more.
    fn wait_for_next(&self, searching: &mut bool, parker: &ThreadParker) -> Option<Entry> {
        loop {
            let mut found = self.next();
            if found.is_none() && !*searching {
                self.shared.begin_search();
                *searching = true;
            }
            for round in sys::search_rounds() {
                if found.is_some() {
                    break;
                }
                // What it waits for is often on its way.
                sys::linger(round);
                found = self.next();
            }
            if found.is_some() {
                if core::mem::take(searching) {
                    self.shared.end_search();
                }
                return found;
            }
            if self.shared.sleep(self.slot, parker) == Slept::Leave {
                return None;
            }
        }
    }

    fn work(&self) {
        // It has been started to search.
        let mut searching = true;
        let parker = ThreadParker::new();
        while let Some(entry) = self.wait_for_next(&mut searching, &parker) {
            let name = entry.name().map(Box::from);
            let has_name = name.is_some();
            if has_name {
                *self.shared.slots[self.slot].doing.lock() = name;
            }
            entry.run();
            if !self.shared.is_here() {
                // It has forked, and this is the child.
                return;
            }
            if has_name {
                *self.shared.slots[self.slot].doing.lock() = None;
            }
        }
    }
}

/// The life of a worker.
pub(super) fn main(shared: &Arc<Shared>, slot: usize) {
    let deque = shared.slots[slot].deque.lock().take();
    let worker = Rc::new(Worker {
        shared: Arc::clone(shared),
        deque: deque.expect("a slot has one worker at a time"),
        slot,
        depth: Cell::new(0),
        turns: Cell::new(1),
    });
    POOL.with(|pool| pool.set(Some(shared.id())));
    CURRENT.with(|current| *current.borrow_mut() = Some(Rc::clone(&worker)));
    set_stand_in(Some(Rc::<Worker>::clone(&worker)));
    let made = catch_unwind(AssertUnwindSafe(|| shared.config.started()));
    shared.arrive();
    match made {
        Ok(()) => shared.config.surround(|| worker.work()),
        Err(panic) => {
            // The panic hook has reported it.
            discard_panic(panic);
            shared.break_up();
            // It does nothing, also not what comes at this very moment.
            let slept = shared.sleep(slot, &ThreadParker::new());
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
    shared.leave(slot, worker.deque);
}

/// Does what is at the top of this worker's deque, as long as it belongs to that scope.
pub(super) fn help_scope(pool: PoolId, scope: ScopeId, is_over: impl Fn() -> bool) {
    with(pool, |worker| {
        while !is_over() && worker.depth.get() < MAX_DEPTH {
            let Some(entry) = worker.deque.pop() else {
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
