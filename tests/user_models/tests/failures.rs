//! A model that fails says so once, briefly, and names a line of its author.
//!
//! Each model here has a mistake: a wake that never comes, a race, an assertion that does not hold. What it prints is
//! read back.

#[cfg(not(syncline_loom))]
compile_error!(
    "models need --cfg syncline_loom: run `cargo test` in this directory, without RUSTFLAGS"
);

mod child;

use std::sync::Arc;
use std::time::Duration;

use syncline::loom;
use syncline::loom::cell::UnsafeCell;
use syncline::loom::thread::spawn;
use syncline::task;
use syncline::thread::{
    Barrier, Condition, Event, Lock, LockGuard, Queue, RLock, Semaphore, ThreadPool,
};

/// More lines than this are no message but a heap. A panic of loom's is three, libtest's frame ten.
const LINES: usize = 20;

/// Searches with the place of each operation, as `LOOM_LOCATION=1` does.
fn search(model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(2);
    builder.location = true;
    builder.check(model);
}

/// What the test called `name` prints when its model runs, which must fail.
fn report(name: &str) -> String {
    let (succeeded, report) = child::this_test_in_a_child(name);
    assert!(!succeeded, "the mistake was not found:\n{report}");
    assert_eq!(
        report.matches("panicked at").count(),
        1,
        "it did not panic once:\n{report}"
    );
    assert!(report.lines().count() <= LINES, "too long:\n{report}");
    report
}

/// The test called `name`: in a child `model` runs, and else what it printed there must name one of
/// the lines of this file that end with `// here: name`.
fn hangs(name: &str, model: impl Fn() + Send + Sync + 'static) {
    if child::is_child() {
        return search(model);
    }
    let report = report(name);
    assert!(report.contains("deadlock"), "no deadlock:\n{report}");
    let mark = format!("// here: {name}");
    let lines = include_str!("failures.rs").lines().zip(1..);
    let mut marked = lines.filter(|(line, _)| line.ends_with(&mark)).peekable();
    assert!(marked.peek().is_some(), "no line is marked `{mark}`");
    for (_, line) in marked {
        // As the crate says it, and as loom does.
        let ours = format!("failures.rs:{line}:");
        let looms = format!("failures.rs\", line: {line},");
        assert!(
            report.contains(&ours) || report.contains(&looms),
            "no {ours} in:\n{report}"
        );
    }
}

/// A model in which a thread waits for what never comes, and main for the thread.
fn alone(name: &str, wait: impl Fn() + Copy + Send + Sync + 'static) {
    hangs(name, move || spawn(wait).join().unwrap());
}

#[test]
fn a_lock() {
    hangs("a_lock", || {
        let lock = Arc::new(Lock::new(0));
        let guard = lock.lock();
        let rival = spawn({
            let lock = Arc::clone(&lock);
            move || *lock.lock() += 1 // here: a_lock
        });
        rival.join().unwrap(); // here: a_lock
        drop(guard);
    });
}

#[test]
fn a_lock_with_a_deadline_that_does_not_come() {
    hangs("a_lock_with_a_deadline_that_does_not_come", || {
        let lock = Lock::new(0);
        let _guard = lock.lock();
        let _never = lock.lock_timeout(Duration::from_secs(1)); // here: a_lock_with_a_deadline_that_does_not_come
    });
}

#[test]
fn a_re_entrant_lock() {
    hangs("a_re_entrant_lock", || {
        let lock = Arc::new(RLock::new(0));
        let _guard = lock.lock();
        let rival = spawn({
            let lock = Arc::clone(&lock);
            move || drop(lock.lock()) // here: a_re_entrant_lock
        });
        rival.join().unwrap();
    });
}

#[test]
fn an_event() {
    alone("an_event", || Event::new().wait()); // here: an_event
}

#[test]
fn a_semaphore() {
    alone("a_semaphore", || drop(Semaphore::new(0).acquire())); // here: a_semaphore
}

#[test]
fn a_barrier() {
    alone("a_barrier", || {
        let _never = Barrier::new(2).wait(); // here: a_barrier
    });
}

#[test]
fn a_queue_without_items() {
    alone("a_queue_without_items", || {
        let _never = Queue::<u8>::unbounded().get(); // here: a_queue_without_items
    });
}

#[test]
fn a_queue_without_room() {
    alone("a_queue_without_room", || {
        let queue = Queue::bounded(1);
        queue.put(1).unwrap();
        let _full = queue.put(2); // here: a_queue_without_room
    });
}

#[test]
fn a_condition() {
    alone("a_condition", || {
        let lock = Lock::new(0);
        drop(Condition::new().wait(lock.lock())); // here: a_condition
    });
}

#[test]
fn a_future() {
    alone("a_future", || {
        let event = task::Event::new();
        task::block_on(event.wait()); // here: a_future
    });
}

#[test]
fn a_job() {
    alone("a_job", || {
        let (promise, job) = syncline::thread::Promise::<u8>::new();
        let _never = job.wait(); // here: a_job
        drop(promise);
    });
}

/// A pool that is dropped while its model fails waits for nobody.
#[test]
fn a_job_of_a_pool() {
    alone("a_job_of_a_pool", || {
        let pool = ThreadPool::new(1);
        let job = pool.submit(|| Event::new().wait()); // here: a_job_of_a_pool
        let _never = job.wait(); // here: a_job_of_a_pool
    });
}

#[test]
fn a_lost_wake_up() {
    hangs("a_lost_wake_up", || {
        let (stock, arrived) = (Lock::new(0), Condition::new());
        let shared = Arc::new((stock, arrived));
        let putter = spawn({
            let shared = Arc::clone(&shared);
            move || {
                *shared.0.lock() += 1;
                shared.1.notify_one();
            }
        });
        // The mistake: looked at before the lock that the wait gives up.
        let empty = *shared.0.lock() == 0;
        if empty {
            let stock = shared.0.lock();
            drop(shared.1.wait(stock)); // here: a_lost_wake_up
        }
        putter.join().unwrap();
    });
}

/// Two threads that write without a lock, with a guard and a permit of other things in hand.
#[test]
#[expect(
    clippy::arc_with_non_send_sync,
    reason = "loom's threads run on one of the system's"
)]
fn a_race() {
    if child::is_child() {
        return search(|| {
            let shared = Arc::new((Lock::new(0), Semaphore::new(2), UnsafeCell::new(0)));
            let write = |shared: &(Lock<i32>, Semaphore, UnsafeCell<i32>)| {
                let _permit = shared.1.acquire();
                shared.2.with_mut(|_| ()); // here
            };
            let rival = spawn({
                let shared = Arc::clone(&shared);
                move || write(&shared)
            });
            let guard: LockGuard<'_, i32> = shared.0.lock();
            write(&shared);
            drop(guard);
            rival.join().unwrap();
        });
    }
    let report = report("a_race");
    assert!(report.contains("Causality violation"), "no race:\n{report}");
    assert!(
        report.contains("tests/failures.rs:"),
        "no line of ours:\n{report}"
    );
}

/// An assertion that fails with a guard in hand, while another thread waits for it.
#[test]
fn an_assertion() {
    if child::is_child() {
        return search(|| {
            let lock = Arc::new(Lock::new(0));
            let rival = spawn({
                let lock = Arc::clone(&lock);
                move || *lock.lock() += 1
            });
            let guard = lock.lock();
            assert_eq!(*guard, 0, "somebody was faster");
            drop(guard);
            rival.join().unwrap();
        });
    }
    let report = report("an_assertion");
    assert!(
        report.contains("somebody was faster"),
        "no message:\n{report}"
    );
}

/// The process goes on after a model that failed, and other models run in it.
#[test]
fn a_model_may_fail_and_others_go_on() {
    let failing = || {
        search(|| {
            let lock = Lock::new(0);
            let _guard = lock.lock();
            drop(lock.lock());
        });
    };
    for _ in 0..3 {
        let panic = std::panic::catch_unwind(failing).unwrap_err();
        let message = panic.downcast_ref::<String>().expect("loom says why");
        assert!(message.contains("deadlock"), "{message}");
        search(|| {
            let lock = Arc::new(Lock::new(0));
            let rival = spawn({
                let lock = Arc::clone(&lock);
                move || *lock.lock() += 1
            });
            *lock.lock() += 1;
            rival.join().unwrap();
            assert_eq!(*lock.lock(), 2);
        });
    }
}
