//! The tasks that are known by a number of this crate.

use core::panic::Location;
use core::sync::atomic::AtomicU64;
use core::sync::atomic::Ordering::Relaxed;
use std::sync::OnceLock;

use super::super::global;
use super::super::who::Who;
use super::roster::{Owned, Roster};
use super::system::trace_clock;
use super::threads::{drive, this_thread};

global! {
    static TASKS: Roster<Record> = Roster::new()
}

/// A task that has not ended.
struct Record {
    number: u64,
    name: Option<String>,
    made: &'static Location<'static>,
    born: u64,
    /// The thread that polls it; 0: none.
    polled_by: AtomicU64,
    /// How often it has been polled, this time included.
    polls: AtomicU64,
}

/// What a task carries.
pub(crate) struct TracedTask {
    made: &'static Location<'static>,
    record: OnceLock<Owned<Record>>,
}

// ORDERING: Relaxed in all of it: nothing is read by way of these.
impl TracedTask {
    /// That of a task which the caller makes.
    #[track_caller]
    pub(crate) fn new() -> Self {
        Self {
            made: Location::caller(),
            record: OnceLock::new(),
        }
    }

    /// Puts it into the list, if it is not there.
    pub(crate) fn list(&self, number: u64, name: Option<&str>) {
        self.listed(number, || name);
    }

    fn listed<'a>(&self, number: u64, name: impl FnOnce() -> Option<&'a str>) -> &Record {
        self.record.get_or_init(|| {
            TASKS.add(Record {
                number,
                name: name().map(str::to_owned),
                made: self.made,
                born: trace_clock(),
                polled_by: AtomicU64::new(0),
                polls: AtomicU64::new(0),
            })
        })
    }

    /// Polls it, or does something else as this task.
    pub(crate) fn run<R>(&self, number: u64, body: impl FnOnce() -> R) -> R {
        struct Restore<'a>(&'a Record, (u64, u64));

        impl Drop for Restore<'_> {
            fn drop(&mut self) {
                self.0.polled_by.store(self.1.0, Relaxed);
                drive(self.1.1);
            }
        }

        let record = self.listed(number, || None);
        let before = record.polled_by.swap(this_thread().bits(), Relaxed);
        record.polls.fetch_add(1, Relaxed);
        let _restore = Restore(record, (before, drive(number)));
        body()
    }
}

impl Drop for TracedTask {
    fn drop(&mut self) {
        if let Some(record) = self.record.get() {
            TASKS.remove(record);
        }
    }
}

/// What a snapshot sees of a task.
pub(crate) struct SeenTask {
    pub(crate) number: u64,
    pub(crate) name: Option<String>,
    pub(crate) made: &'static Location<'static>,
    pub(crate) born: u64,
    pub(crate) polled_by: Who,
    pub(crate) polls: u64,
}

/// All of them.
pub(crate) fn tasks() -> Vec<SeenTask> {
    let see = |task: &Owned<Record>| SeenTask {
        number: task.number,
        name: task.name.clone(),
        made: task.made,
        born: task.born,
        polled_by: Who::from_bits(task.polled_by.load(Relaxed)),
        polls: task.polls.load(Relaxed),
    };
    TASKS.all().iter().map(see).collect()
}
