//! The threads that have held something, or waited.

use core::cell::{Cell, RefCell};
use core::panic::Location;
use core::sync::atomic::AtomicU64;
use core::sync::atomic::Ordering::Relaxed;
use std::thread::{self, ThreadId};

use super::super::who::Who;
use super::super::{global, local};
use super::roster::{Owned, Roster};
use super::system::{STATICS_OUTLIVE_LOCALS, os_thread};

global! {
    static THREADS: Roster<Record> = Roster::new()
}

/// A thread that has not ended.
struct Record {
    number: u64,
    name: Option<String>,
    id: ThreadId,
    os: Option<u64>,
    /// The task that it polls, or in whose `block_on` it is; 0: none.
    task: AtomicU64,
}

local! {
    /// The number of this thread; 0: none yet. Can be read to the very end of the thread.
    static NUMBER: Cell<u64> = Cell::new(0)
}

local! {
    /// Keeps this thread in the list.
    static LISTED: RefCell<Option<Listed>> = RefCell::new(None)
}

local! {
    /// Where this thread has begun to wait last.
    static BEGAN: Cell<Option<&'static Location<'static>>> = Cell::new(None)
}

local! {
    /// How many guards of locks this thread has that cannot leave it.
    static GUARDS: Cell<i64> = Cell::new(0)
}

struct Listed(Owned<Record>);

impl Drop for Listed {
    fn drop(&mut self) {
        if STATICS_OUTLIVE_LOCALS {
            THREADS.remove(&self.0);
        }
    }
}

/// This thread.
#[inline]
pub(crate) fn this_thread() -> Who {
    match NUMBER.try_with(Cell::get) {
        Ok(0) => enlist(),
        Ok(number) => Who::thread(number),
        Err(_gone) => Who::UNKNOWN,
    }
}

#[cold]
#[inline(never)]
fn enlist() -> Who {
    static LAST: AtomicU64 = AtomicU64::new(0);
    // ORDERING: Relaxed: only that the numbers differ matters.
    let number = LAST.fetch_add(1, Relaxed) + 1;
    let _gone = NUMBER.try_with(|mine| mine.set(number));
    let _gone = LISTED.try_with(|listed| {
        let this = thread::current();
        let record = THREADS.add(Record {
            number,
            name: this.name().map(str::to_owned),
            id: this.id(),
            os: os_thread(),
            task: AtomicU64::new(0),
        });
        *listed.borrow_mut() = Some(Listed(record));
    });
    Who::thread(number)
}

/// Notes that this thread has so many guards more.
#[inline]
pub(super) fn count_guards(more: i64) {
    let _gone = GUARDS.try_with(|guards| guards.set(guards.get() + more));
}

/// How many guards this thread has.
pub(super) fn guards() -> i64 {
    GUARDS.try_with(Cell::get).unwrap_or(0)
}

/// Notes where this thread begins to wait.
pub(crate) fn wait_begins(place: &'static Location<'static>) {
    let _gone = BEGAN.try_with(|began| began.set(Some(place)));
}

/// Where this thread has begun to wait.
pub(super) fn wait_began() -> Option<&'static Location<'static>> {
    BEGAN.try_with(Cell::get).ok().flatten()
}

/// Notes which task this thread runs from now on, and returns which one it ran before. 0 is none.
pub(crate) fn drive(task: u64) -> u64 {
    this_thread();
    let before = LISTED.try_with(|listed| {
        // ORDERING: Relaxed: nothing is read by way of it.
        (listed.try_borrow().ok()).and_then(|listed| {
            listed.as_ref().map(|listed| {
                let before = listed.0.task.load(Relaxed);
                listed.0.task.store(task, Relaxed);
                before
            })
        })
    });
    before.ok().flatten().unwrap_or(0)
}

/// What a snapshot sees of a thread.
pub(crate) struct SeenThread {
    pub(crate) number: u64,
    pub(crate) name: Option<String>,
    pub(crate) id: ThreadId,
    pub(crate) os: Option<u64>,
    pub(crate) task: u64,
}

/// All threads that have held something, or waited, and have not ended.
pub(crate) fn seen_threads() -> Vec<SeenThread> {
    let see = |thread: &Owned<Record>| SeenThread {
        number: thread.number,
        name: thread.name.clone(),
        id: thread.id,
        os: thread.os,
        // ORDERING: Relaxed, as in `drive`.
        task: thread.task.load(Relaxed),
    };
    THREADS.all().iter().map(see).collect()
}
