//! The tasks that are known by a number of this crate.

use core::panic::Location;
use core::sync::atomic::AtomicU64;
use core::sync::atomic::Ordering::Relaxed;
use std::sync::OnceLock;

use super::super::global;
use super::super::who::Who;
use super::roster::{Owned, Roster};
use super::system::trace_clock;
use super::threads::{drive, guards, this_thread};

global! {
    static TASKS: Roster<Record> = Roster::new()
}

/// A task that has not ended.
struct Record {
    /// By which its waits are known. That of a runtime's task is known once it is polled.
    number: AtomicU64,
    name: Option<String>,
    made: &'static Location<'static>,
    born: u64,
    /// The thread that polls it; 0: none.
    polled_by: AtomicU64,
    /// How often it has been polled, this time included.
    polls: AtomicU64,
    /// How many guards of threads its polls have left behind, and not dropped.
    guards: AtomicU64,
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
                number: AtomicU64::new(number),
                name: name().map(str::to_owned),
                made: self.made,
                born: trace_clock(),
                polled_by: AtomicU64::new(0),
                polls: AtomicU64::new(0),
                guards: AtomicU64::new(0),
            })
        })
    }

    /// Polls it, or does something else as this task.
    pub(crate) fn run<R>(&self, number: u64, body: impl FnOnce() -> R) -> R {
        struct Restore<'a> {
            record: &'a Record,
            polled_by: u64,
            task: u64,
            guards: i64,
        }

        impl Drop for Restore<'_> {
            fn drop(&mut self) {
                self.record.polled_by.store(self.polled_by, Relaxed);
                drive(self.task);
                let more = guards() - self.guards;
                if more != 0 {
                    let left = self.record.guards.load(Relaxed).saturating_add_signed(more);
                    self.record.guards.store(left, Relaxed);
                }
            }
        }

        let record = self.listed(number, || None);
        record.number.store(number, Relaxed);
        let polled_by = record.polled_by.load(Relaxed);
        record.polled_by.store(this_thread().bits(), Relaxed);
        // It is polled by one at a time.
        record.polls.store(record.polls.load(Relaxed) + 1, Relaxed);
        let _restore = Restore {
            record,
            polled_by,
            task: drive(number),
            guards: guards(),
        };
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
    /// How many guards of threads it has kept beyond its last poll.
    pub(crate) guards: u64,
}

/// All of them.
pub(crate) fn tasks() -> Vec<SeenTask> {
    let see = |task: &Owned<Record>| SeenTask {
        number: task.number.load(Relaxed),
        name: task.name.clone(),
        made: task.made,
        born: task.born,
        polled_by: Who::from_bits(task.polled_by.load(Relaxed)),
        polls: task.polls.load(Relaxed),
        guards: task.guards.load(Relaxed),
    };
    TASKS.all().iter().map(see).collect()
}
