//! Events: the flag that is already up, and the set that wakes a crowd.

use core::hint::black_box;
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use core::time::Duration;
use std::sync::Mutex;
use std::thread::{self, Thread};
use std::time::Instant;

use futures::executor::block_on;
use syncline::{task, thread as blocking};

use crate::cell::{Cell, Effort, Sample, peers};
use crate::peers::{AsyncFlag, Flag, ListenerFlag, NotifyFlag, ParkingLotFlag, StdFlag};
use crate::place;
use crate::stopwatch::Stopwatch;

/// How long waiters get to fall asleep before the set is timed.
const SETTLE: Duration = Duration::from_millis(1);

/// Adds every peer whose event threads can wait for.
macro_rules! thread_events {
    ($cell:expr, $type:ident => $body:expr) => {
        peers!($cell, $type => $body, {
            "syncline" => blocking::Event,
            "std" => StdFlag,
            "parking_lot" => ParkingLotFlag,
            "event-listener" => ListenerFlag,
            "tokio" => NotifyFlag,
            "asyncband" => asyncband::event::ManualResetEvent,
        })
    };
}

/// Adds every peer whose event tasks can wait for.
macro_rules! task_events {
    ($cell:expr, $type:ident => $body:expr) => {
        peers!($cell, $type => $body, {
            "syncline" => task::Event,
            "event-listener" => ListenerFlag,
            "tokio" => NotifyFlag,
            "asyncband" => asyncband::event::ManualResetEvent,
        })
    };
}

/// The cells about events.
pub(super) fn cells() -> Vec<Cell> {
    let mut cells = vec![
        thread_events!(
            Cell::counted(
                "event/wait_set",
                5,
                "wait for an event that is set, one thread"
            )
            .with_instructions(),
            P => wait_set::<P>
        ),
        task_events!(
            Cell::counted(
                "event/await_set",
                5,
                "wait().await of an event that is set, one task"
            )
            .with_instructions(),
            P => await_set::<P>
        ),
        thread_events!(
            Cell::counted(
                "event/set_clear",
                5,
                "set + clear, nobody waits, one thread"
            )
            .with_instructions(),
            P => set_clear::<P>
        ),
    ];
    for waiters in [16, 64] {
        cells.push(thread_events!(
            Cell::counted(
                format!("event/set_all/{waiters}"),
                10,
                "set until the last of the sleeping threads runs, per waiter"
            )
            .at_least(20 * waiters as u64)
            .of_threads(),
            P => move |effort| set_all::<P>(effort, waiters)
        ));
    }
    cells
}

fn wait_set<F: Flag>(effort: &Effort) -> Sample {
    let flag = F::new();
    flag.set();
    let flag = black_box(&flag);
    let start = Stopwatch::start();
    for _ in 0..effort.ops {
        flag.wait();
        black_box(flag);
    }
    Sample::new(start.elapsed(), effort.ops)
}

fn await_set<F: AsyncFlag>(effort: &Effort) -> Sample {
    let flag = F::new();
    flag.set();
    let flag = black_box(&flag);
    let elapsed = block_on(async {
        let start = Stopwatch::start();
        for _ in 0..effort.ops {
            flag.wait().await;
            black_box(flag);
        }
        start.elapsed()
    });
    Sample::new(elapsed, effort.ops)
}

fn set_clear<F: Flag>(effort: &Effort) -> Sample {
    let flag = F::new();
    let flag = black_box(&flag);
    let start = Stopwatch::start();
    for _ in 0..effort.ops {
        flag.set();
        black_box(flag).clear();
    }
    Sample::new(start.elapsed(), effort.ops)
}

/// A crowd that waits for two events in turn: while one is set, all gather at
/// the other.
struct Crowd<F> {
    flags: [F; 2],
    about_to_wait: AtomicUsize,
    awake: AtomicUsize,
    last_awake: Mutex<Option<Instant>>,
    all_awake: AtomicBool,
    setter: Thread,
}

// ORDERING: AcqRel on `awake`: the last to arrive sees all others' arrivals. Release
// and Acquire on `all_awake` pass `last_awake` and the reset counters on; the
// counter `about_to_wait` only paces, Relaxed would do, and is given the same.

impl<F: Flag> Crowd<F> {
    /// One waiter of `waiters`.
    fn wait(&self, waiters: usize, cycles: usize) {
        for cycle in 0..cycles {
            self.about_to_wait.fetch_add(1, Ordering::AcqRel);
            self.flags[cycle % 2].wait();
            if self.awake.fetch_add(1, Ordering::AcqRel) + 1 == waiters {
                let now = Instant::now();
                *self.last_awake.lock().expect("nobody panics under it") = Some(now);
                self.all_awake.store(true, Ordering::Release);
                self.setter.unpark();
            }
        }
    }

    /// Sets the event of this cycle and returns how long it took to reach everybody.
    fn set(&self, waiters: usize, cycle: usize) -> Duration {
        while self.about_to_wait.load(Ordering::Acquire) < waiters * (cycle + 1) {
            thread::yield_now();
        }
        thread::sleep(SETTLE);
        let start = Instant::now();
        self.flags[cycle % 2].set();
        while !self.all_awake.swap(false, Ordering::Acquire) {
            thread::park();
        }
        let end = self
            .last_awake
            .lock()
            .expect("nobody panics under it")
            .expect("the last waiter left its time");
        self.flags[cycle % 2].clear();
        self.awake.store(0, Ordering::Release);
        end.duration_since(start)
    }
}

/// Sets an event that `waiters` threads sleep on, often enough for `ops` wake-ups.
pub(super) fn set_all<F: Flag>(effort: &Effort, waiters: usize) -> Sample {
    let cycles = (effort.ops as usize / waiters).max(1);
    let crowd = Crowd {
        flags: [F::new(), F::new()],
        about_to_wait: AtomicUsize::new(0),
        awake: AtomicUsize::new(0),
        last_awake: Mutex::new(None),
        all_awake: AtomicBool::new(false),
        setter: thread::current(),
    };
    let elapsed = thread::scope(|scope| {
        for number in 1..=waiters {
            let crowd = &crowd;
            scope.spawn(move || {
                place::join(number);
                crowd.wait(waiters, cycles);
            });
        }
        (0..cycles).map(|cycle| crowd.set(waiters, cycle)).sum()
    });
    Sample::new(elapsed, (cycles * waiters) as u64)
}
