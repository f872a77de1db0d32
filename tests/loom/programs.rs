//! Models of programs that users write with a lock and conditions.

#[path = "../support/programs.rs"]
mod program;

use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::Arc;

use syncline::loom::thread::spawn;
use syncline::task::block_on;

use crate::kit::{Check, Guarded, Model, model};
use program::{Buffer, Cycle, ReadWrite};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("programs/thread/bounded_buffer", buffer),
    model!("programs/mixed/readers_and_writer", readers_and_writer),
    model!("programs/mixed/barrier", barrier),
];

/// There is room for one item, and one is there; another one is put, and two get them: a thread and
/// a task. What was done to an item before it was put is seen by whoever gets it.
fn buffer(check: Check) {
    check
        .outcomes(&["the thread got the first", "the task got the first"])
        .run(|run| {
            let shared = Arc::new((Buffer::new(1), [(); 2].map(|()| Guarded::new(()))));
            shared.1[0].bump();
            shared.0.put(0);
            let thread = spawn({
                let shared = Arc::clone(&shared);
                move || {
                    let item: usize = shared.0.get();
                    assert_eq!(shared.1[item].value(), 1);
                    item
                }
            });
            let task = spawn({
                let shared = Arc::clone(&shared);
                move || {
                    let item: usize = block_on(shared.0.get_async());
                    assert_eq!(shared.1[item].value(), 1);
                    item
                }
            });
            shared.1[1].bump();
            block_on(shared.0.put_async(1));
            let (first, second) = (thread.join().unwrap(), task.join().unwrap());
            assert_eq!(first + second, 1, "each is got once");
            run.saw(if first == 0 {
                "the thread got the first"
            } else {
                "the task got the first"
            });
            shared.0.assert_quiet();
        });
}

/// A writer, and two readers: a thread and a task.
fn readers_and_writer(check: Check) {
    check
        .outcomes(&["both read the old", "one read the old", "both read the new"])
        .run(|run| {
            let shared = Arc::new(Guarded::new(ReadWrite::new()));
            shared.write(|| shared.bump());
            let thread = spawn({
                let shared = Arc::clone(&shared);
                move || shared.read(|| shared.value())
            });
            let task = spawn({
                let shared = Arc::clone(&shared);
                move || block_on(shared.read_async(|| shared.value()))
            });
            block_on(shared.write_async(|| shared.bump()));
            let news = thread.join().unwrap() + task.join().unwrap() - 2;
            run.saw(["both read the old", "one read the old", "both read the new"][news]);
            shared.assert_quiet();
        });
}

/// Two rounds of two: what the other did before it arrived is seen.
fn barrier(check: Check) {
    check
        .outcomes(&["the thread came first", "the task came first"])
        .run(|run| {
            let cells = || [(); 2].map(|()| Guarded::new(()));
            let shared = Arc::new((Cycle::new(2), [(); 2].map(|()| cells())));
            // The model's own knowledge, of which loom and the program know nothing.
            let arrivals = Arc::new(AtomicUsize::new(0));
            let task = spawn({
                let shared = Arc::clone(&shared);
                let arrivals = Arc::clone(&arrivals);
                move || {
                    let first = arrivals.fetch_add(1, Relaxed) == 0;
                    for (round, cells) in shared.1.iter().enumerate() {
                        cells[0].bump();
                        assert_eq!(block_on(shared.0.arrive_async()), round);
                        assert_eq!(cells[1].value(), 1);
                    }
                    first
                }
            });
            arrivals.fetch_add(1, Relaxed);
            for (round, cells) in shared.1.iter().enumerate() {
                cells[1].bump();
                assert_eq!(shared.0.arrive(), round);
                assert_eq!(cells[0].value(), 1);
            }
            run.saw(if task.join().unwrap() {
                "the task came first"
            } else {
                "the thread came first"
            });
            shared.0.assert_quiet();
        });
}
