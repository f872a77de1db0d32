//! Models of waits for several jobs, on both faces.

use core::task::Poll;
use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use syncline::internals::{Kept, Quiet};
use syncline::loom::thread::{JoinHandle, spawn};
use syncline::task::{self, block_on};
use syncline::{Job, Promise, Until, thread};

use crate::kit::{Check, CountingWaker, Guarded, Model, model, poll_once};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("job/thread/first_of_two", first),
    model!("job/thread/first_error_of_two", first_error),
    model!("job/thread/all_of_two", all),
    model!("job/thread/one_job_twice", twice),
    model!("job/thread/limit_against_end", limit),
    model!("job/thread/as_completed", completed),
    model!("job/thread/as_completed_with_limits", completed_timed),
    model!("job/task/first_of_two", first_task),
    model!("job/task/first_error_of_two", first_error_task),
    model!("job/task/value_is_no_error", no_error),
    model!("job/task/all_of_two", all_task),
    model!("job/task/limit_against_end", limit_task),
    model!("job/task/dropped_wait_against_end", dropped),
    model!("job/task/wait_moves_between_polls", waker_moves),
    model!("job/mixed/both_faces_wait_for_one", mixed),
];

const LONG: Duration = Duration::from_secs(60);

/// Two jobs, each beside the cell that is written before its end.
struct Pair {
    cells: [Arc<Guarded<()>>; 2],
    kept: [Kept<usize>; 2],
    producer: JoinHandle<Vec<Promise<usize>>>,
}

/// How one of a pair ends.
#[derive(Clone, Copy)]
enum End {
    Value,
    Error,
    /// When nobody waits any more.
    Later,
}

/// Two jobs, and a thread that ends one after the other.
fn pair(ends: [End; 2]) -> (Pair, [Job<usize>; 2]) {
    let cells = [(); 2].map(|()| Arc::new(Guarded::new(())));
    let [(first, one), (second, other)] = [(); 2].map(|()| Promise::new());
    let kept = [&one, &other].map(Kept::of);
    let own = cells.clone();
    let producer = spawn(move || {
        let mut later = Vec::new();
        for (index, promise) in [first, second].into_iter().enumerate() {
            own[index].bump();
            match ends[index] {
                End::Value => promise.set(index).unwrap(),
                End::Error => drop(promise),
                End::Later => later.push(promise),
            }
        }
        later
    });
    let pair = Pair {
        cells,
        kept,
        producer,
    };
    (pair, [one, other])
}

impl Pair {
    /// Whoever is reported has published what it did.
    fn check(&self, done: &[usize]) {
        for &index in done {
            assert_eq!(self.cells[index].value(), 1);
        }
    }

    fn end(self) {
        self.producer.join().unwrap();
        self.kept.iter().for_each(Quiet::assert_quiet);
    }
}

/// What a wait for any finds: the one that ends first, or that both have ended by then.
fn found(done: &[usize]) -> &'static str {
    match done {
        [0] => "the first",
        [0, 1] => "both",
        _ => panic!("{done:?}"),
    }
}

/// Which of a pair had ended before the wait.
fn early(jobs: &[Job<usize>; 2]) -> &'static str {
    let done = jobs.iter().filter(|job| job.is_done()).count();
    ["none before", "one before", "both before"][done]
}

fn first(check: Check) {
    check.outcomes(&["the first", "both"]).run(|run| {
        let (pair, jobs) = pair([End::Value; 2]);
        let waited = thread::wait([&jobs[0], &jobs[1]], Until::First, None);
        pair.check(&waited.done);
        run.saw(found(&waited.done));
        assert_eq!(waited.done.len() + waited.pending.len(), 2);
        pair.end();
    });
}

/// The other job does not end: an error that is missed is never made good.
fn first_error(check: Check) {
    check.outcomes(&["none before", "one before"]).run(|run| {
        let (pair, jobs) = pair([End::Error, End::Later]);
        run.saw(early(&jobs));
        let waited = thread::wait([&jobs[0], &jobs[1]], Until::FirstError, None);
        assert_eq!(
            (&waited.done[..], &waited.pending[..]),
            (&[0][..], &[1][..])
        );
        pair.check(&waited.done);
        pair.end();
    });
}

fn all(check: Check) {
    check
        .outcomes(&["none before", "one before", "both before"])
        .run(|run| {
            let (pair, jobs) = pair([End::Value, End::Error]);
            run.saw(early(&jobs));
            let waited = thread::wait([&jobs[0], &jobs[1]], Until::All, None);
            assert_eq!((waited.done.len(), waited.pending.len()), (2, 0));
            pair.check(&waited.done);
            pair.end();
        });
}

/// The same job stands twice in the list, and the wait twice in its line (trap A18).
fn twice(check: Check) {
    check.outcomes(&["in line", "not in line"]).run(|run| {
        let (promise, job) = Promise::new();
        let kept = Kept::of(&job);
        let waiter = spawn(move || {
            let found = thread::wait([&job, &job], Until::FirstError, None);
            assert_eq!(found.done, [0, 1]);
            assert_eq!(job.wait().unwrap(), 7);
        });
        run.saw(if kept.waiting() == 0 {
            "not in line"
        } else {
            "in line"
        });
        promise.set(7).unwrap();
        waiter.join().unwrap();
        kept.assert_quiet();
    });
}

fn limit(check: Check) {
    check
        .outcomes(&["in time", "too late"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let (promise, job) = Promise::new();
            let kept = Kept::of(&job);
            let producer = spawn(move || promise.set(7).unwrap());
            let found = thread::wait([&job], Until::First, Some(LONG));
            let late = found.done.is_empty();
            run.saw(if late { "too late" } else { "in time" });
            assert_eq!(job.wait().unwrap(), 7);
            producer.join().unwrap();
            kept.assert_quiet();
        });
}

/// Two threads end one each.
fn completed(check: Check) {
    check
        .outcomes(&["the one first", "the other first"])
        .run(|run| {
            let cells = [(); 2].map(|()| Arc::new(Guarded::new(())));
            let [(first, one), (second, other)] = [(); 2].map(|()| Promise::new());
            let kept = [&one, &other].map(Kept::of);
            let producers = [(0, first), (1, second)].map(|(index, promise)| {
                let cell = Arc::clone(&cells[index]);
                spawn(move || {
                    cell.bump();
                    promise.set(index).unwrap();
                })
            });
            let mut ended = thread::as_completed([one, other]);
            let values = [(); 2].map(|()| {
                let (index, job) = ended.next().unwrap();
                let value = job.wait().unwrap();
                assert_eq!(index, value);
                value
            });
            assert!(ended.next().is_none());
            run.saw(["the one first", "the other first"][values[0]]);
            assert_ne!(values[0], values[1]);
            assert_eq!(cells.each_ref().map(|cell| cell.value()), [1, 1]);
            for producer in producers {
                producer.join().unwrap();
            }
            kept.iter().for_each(Quiet::assert_quiet);
        });
}

fn completed_timed(check: Check) {
    check
        .outcomes(&["in time", "too late"])
        .expiries(&[Some(0), None])
        .run(|run| {
            let (promise, job) = Promise::new();
            let kept = Kept::of(&job);
            let producer = spawn(move || promise.set(7).unwrap());
            let mut ended = thread::as_completed([job]);
            let mut next = ended.next_timeout(LONG);
            run.saw(if next.is_ok() { "in time" } else { "too late" });
            if next.is_err() {
                next = ended.next_deadline(Instant::now());
            }
            let next = next.unwrap_or_else(|_| ended.next()).unwrap();
            assert_eq!(next.1.wait().unwrap(), 7);
            producer.join().unwrap();
            kept.assert_quiet();
        });
}

fn first_task(check: Check) {
    check.outcomes(&["the first", "both"]).run(|run| {
        let (pair, jobs) = pair([End::Value; 2]);
        let waited = block_on(task::wait([&jobs[0], &jobs[1]], Until::First, None));
        pair.check(&waited.done);
        run.saw(found(&waited.done));
        assert_eq!(waited.done.len() + waited.pending.len(), 2);
        pair.end();
    });
}

/// The other job does not end: an error that is missed is never made good.
fn first_error_task(check: Check) {
    check.outcomes(&["none before", "one before"]).run(|run| {
        let (pair, jobs) = pair([End::Error, End::Later]);
        run.saw(early(&jobs));
        let waited = block_on(task::wait([&jobs[0], &jobs[1]], Until::FirstError, None));
        assert_eq!(
            (&waited.done[..], &waited.pending[..]),
            (&[0][..], &[1][..])
        );
        pair.check(&waited.done);
        pair.end();
    });
}

/// What ends with a value does not end a wait for an error, and the error behind it is not missed.
fn no_error(check: Check) {
    check
        .outcomes(&["ready at the second poll", "ready after it"])
        .min_executions(4)
        .run(|run| {
            let waker = CountingWaker::new();
            let [(first, one), (second, other)] = [(); 2].map(|()| Promise::new());
            let jobs = [&one, &other];
            let mut waits = Box::pin(task::wait(jobs, Until::FirstError, None));
            assert!(poll_once(waits.as_mut(), &waker).is_pending());
            let producer = spawn(move || {
                first.set(7).unwrap();
                drop(second);
            });
            let mut waited = poll_once(waits.as_mut(), &waker);
            run.saw(if waited.is_ready() {
                "ready at the second poll"
            } else {
                "ready after it"
            });
            producer.join().unwrap();
            if waited.is_pending() {
                assert!(waker.wakes() > 0);
                waited = poll_once(waits.as_mut(), &waker);
            }
            assert!(matches!(waited, Poll::Ready(waited) if waited.done == [0, 1]));
            drop(waits);
            assert_eq!(waker.clones(), 0);
            one.assert_quiet();
            other.assert_quiet();
        });
}

fn all_task(check: Check) {
    check
        .outcomes(&["none before", "one before", "both before"])
        .run(|run| {
            let (pair, jobs) = pair([End::Value, End::Error]);
            run.saw(early(&jobs));
            let waited = block_on(task::wait([&jobs[0], &jobs[1]], Until::All, None));
            assert_eq!((waited.done.len(), waited.pending.len()), (2, 0));
            pair.check(&waited.done);
            pair.end();
        });
}

fn limit_task(check: Check) {
    check
        .outcomes(&["in time", "too late"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let (promise, job) = Promise::new();
            let kept = Kept::of(&job);
            let producer = spawn(move || promise.set(7).unwrap());
            let found = block_on(task::wait([&job], Until::First, Some(LONG)));
            let late = found.done.is_empty();
            run.saw(if late { "too late" } else { "in time" });
            assert_eq!(job.wait().unwrap(), 7);
            producer.join().unwrap();
            kept.assert_quiet();
        });
}

/// A wait that is dropped while one of its jobs ends leaves both lines, and no waker.
fn dropped(check: Check) {
    check.outcomes(&["woken", "not woken"]).run(|run| {
        let waker = CountingWaker::new();
        let (promise, job) = Promise::new();
        let (_other, pending) = Promise::<usize>::new();
        let jobs = [&pending, &job];
        let mut waits = Box::pin(task::wait(jobs, Until::First, None));
        assert!(poll_once(waits.as_mut(), &waker).is_pending());
        let producer = spawn(move || promise.set(7).unwrap());
        drop(waits);
        run.saw(["not woken", "woken"][waker.wakes()]);
        producer.join().unwrap();
        assert_eq!(waker.clones(), 0);
        job.assert_quiet();
        pending.assert_quiet();
        assert_eq!(job.wait().unwrap(), 7);
    });
}

fn waker_moves(check: Check) {
    check
        .outcomes(&["ready at the second poll", "ready after it"])
        .min_executions(4)
        .run(|run| {
            let (old, new) = (CountingWaker::new(), CountingWaker::new());
            let (promise, job) = Promise::new();
            let jobs = [&job];
            let mut waits = Box::pin(task::wait(jobs, Until::FirstError, None));
            assert!(poll_once(waits.as_mut(), &old).is_pending());
            let producer = spawn(move || promise.set(7).unwrap());
            let early = poll_once(waits.as_mut(), &new).is_ready();
            producer.join().unwrap();
            if early {
                run.saw("ready at the second poll");
            } else {
                run.saw("ready after it");
                assert_eq!((old.wakes(), new.wakes()), (0, 1));
                assert!(poll_once(waits.as_mut(), &new).is_ready());
            }
            drop(waits);
            assert_eq!((old.clones(), new.clones()), (0, 0));
            job.assert_quiet();
            assert_eq!(job.wait().unwrap(), 7);
        });
}

/// A thread and a task wait for the same job.
fn mixed(check: Check) {
    check.outcomes(&["both wait", "the task alone"]).run(|run| {
        let waker = CountingWaker::new();
        let (promise, job) = Promise::new();
        let (kept, job) = (Kept::of(&job), Arc::new(job));
        let jobs = [&*job];
        let mut task = Box::pin(task::wait(jobs, Until::All, None));
        assert!(poll_once(task.as_mut(), &waker).is_pending());
        let thread = spawn({
            let job = Arc::clone(&job);
            move || assert_eq!(thread::wait([&*job], Until::All, None).done, [0])
        });
        run.saw(["", "the task alone", "both wait"][kept.waiting()]);
        promise.set(7).unwrap();
        thread.join().unwrap();
        assert_eq!(waker.wakes(), 1);
        assert!(poll_once(task.as_mut(), &waker).is_ready());
        kept.assert_quiet();
    });
}
