//! Models of `OnceCell` for tasks: initializers that run, fail, and are dropped, against those who wait.

use core::future::pending;
use core::pin::pin;
use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use syncline::internals::Quiet;
use syncline::loom::thread::{JoinHandle, spawn};
use syncline::task::{self, block_on};

use crate::kit::{Check, CountingWaker, Guarded, Model, model, poll_once};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("once/task/two_initialize", two),
    model!("once/task/failed_initializer_passes_on", failed),
    model!("once/task/dropped_initializer_passes_on", dropped),
    model!("once/task/drop_against_grant", drop_against_grant),
    model!("once/task/set_against_wait", wait),
    model!("once/task/timeout_against_set", timeout),
];

/// A cell beside the data that whoever has the turn writes.
type Shared = Guarded<task::OnceCell<u8>>;

const LONG: Duration = Duration::from_secs(60);

fn shared() -> Arc<Shared> {
    Arc::new(Guarded::new(task::OnceCell::new()))
}

/// A thread that does something with the cell.
fn with<R: 'static>(
    cell: &Arc<Shared>,
    body: impl FnOnce(&Shared) -> R + 'static,
) -> JoinHandle<R> {
    let cell = Arc::clone(cell);
    spawn(move || body(&cell))
}

fn two(check: Check) {
    check.outcomes(&["the first", "the second"]).run(|run| {
        let cell = shared();
        let make = |number| {
            move |cell: &Shared| {
                let value = *block_on(cell.get_or_init(async || {
                    cell.bump();
                    number
                }));
                assert_eq!(cell.value(), 1);
                value
            }
        };
        let other = with(&cell, make(2));
        let value = make(1)(&cell);
        assert_eq!(other.join().unwrap(), value);
        run.saw(["the first", "the second"][usize::from(value) - 1]);
        cell.assert_quiet();
    });
}

fn failed(check: Check) {
    let check = check.outcomes(&["after the failure", "before it"]);
    check.run(|run| {
        let cell = shared();
        let fails = with(&cell, |cell| {
            let result = block_on(cell.get_or_try_init(async || {
                cell.bump();
                Err(())
            }));
            result.is_err()
        });
        let value = block_on(cell.get_or_try_init(async || {
            cell.bump();
            Ok::<_, ()>(2)
        }));
        assert_eq!(value, Ok(&2));
        let has_failed = fails.join().unwrap();
        assert_eq!(cell.value(), 1 + usize::from(has_failed));
        run.saw(if has_failed {
            "after the failure"
        } else {
            "before it"
        });
        cell.assert_quiet();
    });
}

/// An initializer that never ends is dropped; whoever waits for its turn has it then, and sees what was done.
fn dropped(check: Check) {
    let check = check.outcomes(&["in line", "comes later"]);
    check.run(|run| {
        let cell = shared();
        let waker = CountingWaker::new();
        let mut first = Box::pin(cell.get_or_init(async || {
            cell.bump();
            pending().await
        }));
        assert!(poll_once(first.as_mut(), &waker).is_pending());
        let next = with(&cell, |cell| {
            let value = *block_on(cell.get_or_init(async || {
                cell.bump();
                7
            }));
            assert_eq!((value, cell.value()), (7, 2));
        });
        run.saw(if cell.waiting() == 1 {
            "in line"
        } else {
            "comes later"
        });
        drop(first);
        next.join().unwrap();
        assert_eq!(waker.wakes(), 0);
        cell.assert_quiet();
    });
}

/// The first in line leaves while the turn is passed on: the second gets it in any case.
fn drop_against_grant(check: Check) {
    let check = check.outcomes(&["had its turn", "had left"]);
    check.min_executions(4).run(|run| {
        let cell = shared();
        let wakers = [(); 2].map(|()| CountingWaker::new());
        let mut first = Box::pin({
            let cell = Arc::clone(&cell);
            async move {
                let make = async || {
                    cell.bump();
                    pending().await
                };
                cell.get_or_init(make).await;
            }
        });
        let mut leaving =
            Box::pin(cell.get_or_init(async || unreachable!("it is not polled again")));
        let mut staying = pin!(cell.get_or_init(async || {
            cell.bump();
            7
        }));
        assert!(poll_once(first.as_mut(), &wakers[0]).is_pending());
        assert!(poll_once(leaving.as_mut(), &wakers[0]).is_pending());
        assert!(poll_once(staying.as_mut(), &wakers[1]).is_pending());
        let passes_on = spawn(move || drop(first));
        drop(leaving);
        run.saw(if wakers[0].wakes() > 0 {
            "had its turn"
        } else {
            "had left"
        });
        passes_on.join().unwrap();
        assert_eq!(wakers[1].wakes(), 1);
        assert!(poll_once(staying.as_mut(), &wakers[1]).is_ready());
        assert_eq!(cell.value(), 2);
        cell.assert_quiet();
    });
}

fn wait(check: Check) {
    check.outcomes(&["waits", "comes later"]).run(|run| {
        let cell = shared();
        let waiter = with(&cell, |cell| {
            assert_eq!(block_on(cell.wait()), &7);
            assert_eq!(cell.value(), 1);
        });
        let waits = cell.waiting() == 1;
        run.saw(if waits { "waits" } else { "comes later" });
        block_on(cell.get_or_init(async || {
            cell.bump();
            7
        }));
        waiter.join().unwrap();
        cell.assert_quiet();
    });
}

fn timeout(check: Check) {
    check
        .outcomes(&["set", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let cell = shared();
            let waiter = with(&cell, |cell| {
                let set = block_on(cell.wait_timeout(LONG)).is_ok();
                if set {
                    assert_eq!(cell.value(), 1);
                }
                set
            });
            cell.bump();
            cell.set(7).unwrap();
            let set = waiter.join().unwrap();
            run.saw(if set { "set" } else { "timed out" });
            assert_eq!(block_on(cell.wait_deadline(Instant::now())), Ok(&7));
            cell.assert_quiet();
        });
}
