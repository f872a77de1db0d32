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
    model!("programs/mixed/bounded_buffer", buffer),
    model!("programs/mixed/readers_and_writer", readers_and_writer),
    model!("programs/mixed/barrier", barrier)
        .preemptions_at_most(2)
        .limit(600),
];

/// Room for one, and two items for one getter: the putter may have to wait. What was done to an
/// item before it was put is seen by whoever gets it.
fn buffer(check: Check) {
    check.outcomes(&["found room", "found it full"]).run(|run| {
        let shared = Arc::new((Buffer::new(1), [(); 2].map(|()| Guarded::new(()))));
        // The model's own knowledge, of which loom and the program know nothing.
        let got = Arc::new(AtomicUsize::new(0));
        let getter = spawn({
            let (shared, got) = (Arc::clone(&shared), Arc::clone(&got));
            move || {
                assert_eq!(shared.0.get(), 0);
                got.store(1, Relaxed);
                assert_eq!(shared.1[0].value(), 1);
                assert_eq!(block_on(shared.0.get_async()), 1);
                assert_eq!(shared.1[1].value(), 1);
            }
        });
        shared.1[0].bump();
        shared.0.put(0_usize);
        shared.1[1].bump();
        run.saw(if got.load(Relaxed) == 1 {
            "found room"
        } else {
            "found it full"
        });
        block_on(shared.0.put_async(1));
        getter.join().unwrap();
        shared.0.assert_quiet();
    });
}

/// A writer and a reader, each first as a thread and then as a task: none is with the other.
fn readers_and_writer(check: Check) {
    check
        .outcomes(&["both read the old", "one read the old", "both read the new"])
        .run(|run| {
            let shared = Arc::new(Guarded::new(ReadWrite::new()));
            shared.write(|| shared.bump());
            let reader = spawn({
                let shared = Arc::clone(&shared);
                move || {
                    let first = shared.read(|| shared.value());
                    let second = block_on(shared.read_async(|| shared.value()));
                    assert!(first <= second);
                    first + second - 2
                }
            });
            block_on(shared.write_async(|| shared.bump()));
            let news = reader.join().unwrap();
            run.saw(["both read the old", "one read the old", "both read the new"][news]);
            shared.assert_quiet();
        });
}

/// Two rounds of two: what the other did before it arrived is seen, and nobody laps the other.
fn barrier(check: Check) {
    check
        .outcomes(&["the task was last", "once each", "the thread was last"])
        .run(|run| {
            let cells = || [(); 2].map(|()| Guarded::new(()));
            let shared = Arc::new((Cycle::new(2), [(); 2].map(|()| cells())));
            let task = spawn({
                let shared = Arc::clone(&shared);
                move || {
                    let rounds = shared.1.iter().enumerate().map(|(round, cells)| {
                        cells[0].bump();
                        let (number, last) = block_on(shared.0.arrive_async());
                        assert_eq!((number, cells[1].value()), (round, 1));
                        usize::from(last)
                    });
                    rounds.sum::<usize>()
                }
            });
            let rounds = shared.1.iter().enumerate().map(|(round, cells)| {
                cells[1].bump();
                let (number, last) = shared.0.arrive();
                assert_eq!((number, cells[0].value()), (round, 1));
                usize::from(last)
            });
            let last = rounds.sum::<usize>();
            assert_eq!(last + task.join().unwrap(), 2);
            run.saw(["the task was last", "once each", "the thread was last"][last]);
            shared.0.assert_quiet();
        });
}
