//! The cell, as tasks see it.

use crate::await_points::every_await_point;
use crate::driver::Driver;
use crate::executors::{on_every_executor, task};
use crate::subjects::once::turn;
use crate::waker::Probe;
use crate::watch::{until_waiting, watched};
use core::cell::Cell;
use core::future::{pending, poll_fn};
use core::panic::AssertUnwindSafe;
use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering::SeqCst;
use core::task::Poll;
use core::time::Duration;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::thread;
use std::time::Instant;
use syncline::SetError;
use syncline::internals::Quiet;
use syncline::task::{self as tasks, OnceCell, block_on};

/// Pending until it is told otherwise.
async fn until_told(told: &Cell<bool>) {
    poll_fn(|_| {
        if told.get() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

#[test]
fn a_set_cell_never_suspends() {
    let cell = OnceCell::from(7);
    let unused = async || unreachable!();
    assert_eq!(Driver::new(cell.get_or_init(unused)).ready(), &7);
    let unused = async || Err(());
    assert_eq!(Driver::new(cell.get_or_try_init(unused)).ready(), Ok(&7));
    assert_eq!(Driver::new(cell.wait()).ready(), &7);
    let zero = cell.wait_timeout(Duration::ZERO);
    assert_eq!(Driver::new(zero).ready(), Ok(&7));
    let now = cell.wait_deadline(Instant::now());
    assert_eq!(Driver::new(now).ready(), Ok(&7));
    cell.assert_quiet();
}

#[test]
fn one_initializer_runs_while_the_others_wait() {
    let cell = OnceCell::new();
    let told = Cell::new(false);
    let mut first = Driver::waiting(cell.get_or_init(async || {
        until_told(&told).await;
        1
    }));
    assert_eq!(cell.set(5), Err(SetError::Busy(5)));
    let second = Driver::waiting(cell.get_or_init(async || unreachable!()));
    let waiter = Driver::waiting(cell.wait());
    assert_eq!(cell.waiting(), 2);
    first.pending();
    told.set(true);
    assert_eq!(first.ready(), &1);
    assert_eq!((second.woken(), waiter.woken()), (&1, &1));
    cell.assert_quiet();
}

#[test]
fn an_initializer_that_fails_passes_its_turn_on_in_order() {
    let cell = OnceCell::new();
    let told = Cell::new(false);
    let first = Driver::waiting(cell.get_or_try_init(async || {
        until_told(&told).await;
        Err("the first")
    }));
    let second = Driver::waiting(cell.get_or_try_init(async || Err("the second")));
    let third = Driver::waiting(cell.get_or_try_init(async || Ok::<_, &str>(3)));
    let fourth = Driver::waiting(cell.get_or_try_init(async || Ok::<_, &str>(4)));
    told.set(true);
    assert_eq!(first.ready(), Err("the first"));
    assert!(!third.is_woken() && !fourth.is_woken());
    assert_eq!(second.woken(), Err("the second"));
    assert_eq!(third.woken(), Ok(&3));
    assert_eq!(fourth.woken(), Ok(&3));
    cell.assert_quiet();
}

/// What the initializer holds is gone before the next one begins.
#[test]
fn a_dropped_initializer_is_gone_before_its_turn_is_passed_on() {
    struct InUse<'a>(&'a Cell<usize>);

    impl Drop for InUse<'_> {
        fn drop(&mut self) {
            self.0.set(self.0.get() - 1);
        }
    }

    let cell = OnceCell::new();
    let in_use = Cell::new(0);
    let take = || {
        in_use.set(in_use.get() + 1);
        assert_eq!(in_use.get(), 1, "two initializers at once");
        InUse(&in_use)
    };
    let first = Driver::waiting(cell.get_or_init(async || {
        let _use = take();
        pending().await
    }));
    let second = Driver::waiting(cell.get_or_init(async || {
        let _use = take();
        2
    }));
    drop(first);
    assert_eq!(second.woken(), &2);
    assert_eq!(in_use.get(), 0);
    cell.assert_quiet();
}

#[test]
fn a_turn_dropped_at_any_await_point_loses_nothing() {
    every_await_point(&turn());
}

/// Dropped before its first poll, in line, granted and not polled since, under way, and done.
#[test]
fn a_future_dropped_at_any_point_leaves_the_turn_to_the_next() {
    for point in 0..5 {
        let cell = OnceCell::new();
        let first = Driver::waiting(cell.get_or_init(async || pending().await));
        let mut target = Driver::new(cell.get_or_init(async || {
            if point == 3 {
                pending::<()>().await;
            }
            point
        }));
        if point > 0 {
            target.pending();
        }
        let next = Driver::waiting(cell.get_or_init(async || 10));
        let waiter = Driver::waiting(cell.wait());
        if point == 1 {
            assert_eq!(target.cancel().alive(), 0);
            drop(first);
        } else {
            drop(first);
            assert_eq!(target.is_woken(), point > 0);
            match point {
                3 => target.pending(),
                4 => assert_eq!(target.poll(), Poll::Ready(&4)),
                _ => {}
            }
            assert_eq!(target.cancel().alive(), 0, "a waker leaked");
        }
        let expected = if point == 4 { &4 } else { &10 };
        assert_eq!(next.woken(), expected, "dropped at {point}");
        assert_eq!(waiter.woken(), expected);
        cell.assert_quiet();
    }
}

/// Trap G2.
#[test]
fn an_initializer_that_panics_passes_its_turn_on() {
    let cell = OnceCell::new();
    let told = Cell::new(false);
    let mut first = Driver::waiting(cell.get_or_init(async || {
        until_told(&told).await;
        panic!("on purpose")
    }));
    let second = Driver::waiting(cell.get_or_init(async || 2));
    told.set(true);
    catch_unwind(AssertUnwindSafe(|| first.poll().is_ready())).unwrap_err();
    // At once, although the future that panicked is still there.
    assert_eq!(second.woken(), &2);
    drop(first);
    cell.assert_quiet();
}

#[test]
fn a_closure_that_panics_before_it_returns_a_future_passes_its_turn_on() {
    fn panics() -> core::future::Ready<u8> {
        panic!("on purpose")
    }
    let cell = OnceCell::new();
    let mut first = Driver::new(cell.get_or_init(panics));
    catch_unwind(AssertUnwindSafe(|| first.poll().is_ready())).unwrap_err();
    assert_eq!(Driver::new(cell.get_or_init(async || 2)).ready(), &2);
    drop(first);
    cell.assert_quiet();
}

/// Trap G1.
#[test]
fn an_initializer_that_asks_for_its_own_value_panics_instead_of_hanging() {
    let cell = OnceCell::<u8>::new();
    let panics = |future: Driver<_>| {
        let mut future = future;
        catch_unwind(AssertUnwindSafe(|| future.poll().is_ready())).unwrap_err();
        drop(future);
        assert!(!cell.is_set());
        cell.assert_quiet();
    };
    panics(Driver::new(
        Box::pin(cell.get_or_init(async || *cell.get_or_init(async || 1).await))
            as core::pin::Pin<Box<dyn Future<Output = &u8>>>,
    ));
    panics(Driver::new(Box::pin(
        cell.get_or_init(async || *cell.wait().await),
    )));
    panics(Driver::new(Box::pin(cell.get_or_init(async || {
        let long = Duration::from_secs(3600);
        *cell.wait_timeout(long).await.unwrap()
    }))));
    // The other face, on the same stack.
    panics(Driver::new(Box::pin(
        cell.get_or_init(async || *cell.as_thread().get_or_init(|| 1)),
    )));
    assert_eq!(block_on(cell.get_or_init(async || 7)), &7);
}

/// Neither runs inside of the other, although both belong to one task.
#[test]
fn two_arms_of_one_join_may_ask_for_the_same_value() {
    let cell = OnceCell::new();
    watched(&"a join", || {
        let ask = async |number| {
            let make = async || {
                tasks::yield_now().await;
                number
            };
            *cell.get_or_init(make).await
        };
        let values = block_on(tasks::gather([ask(1), ask(2)]));
        assert_eq!(values, [1, 1]);
    });
    cell.assert_quiet();
}

/// Futurelock: a turn that was granted to a future which is not polled any more goes to the one that is.
#[test]
fn a_turn_moves_to_the_future_that_its_task_polls() {
    let cell = OnceCell::new();
    watched(&"a task with two futures", || {
        let first = Driver::waiting(cell.get_or_init(async || pending().await));
        block_on(async {
            let mut idle = Box::pin(cell.get_or_init(async || 1));
            poll_fn(|context| {
                assert!(idle.as_mut().poll(context).is_pending());
                Poll::Ready(())
            })
            .await;
            drop(first);
            assert_eq!(cell.get_or_init(async || 2).await, &2);
            assert_eq!(idle.await, &2);
        });
    });
    cell.assert_quiet();
}

#[test]
fn a_wait_that_expires_leaves_the_line() {
    let cell = OnceCell::<u8>::new();
    let zero = cell.wait_timeout(Duration::ZERO);
    Driver::new(zero).ready().unwrap_err();
    let late = cell.wait_deadline(Instant::now());
    Driver::new(late).ready().unwrap_err();
    let waiter = Driver::waiting(cell.wait_timeout(Duration::MAX));
    cell.set(7).unwrap();
    assert_eq!(waiter.woken(), Ok(&7));
    cell.assert_quiet();
}

/// Trap B11: the value stays, and everybody hears of it.
#[test]
fn a_panicking_waker_does_not_lose_the_value_or_the_wakes_of_others() {
    let cell = OnceCell::new();
    let told = Cell::new(false);
    let mut first = Driver::waiting(cell.get_or_init(async || {
        until_told(&told).await;
        1
    }));
    let with = |probe| {
        let mut driver = Driver::with(cell.wait(), probe);
        driver.pending();
        driver
    };
    let waiters = [with(Probe::panicking()), with(Probe::new())];
    let mut next = Driver::with(cell.get_or_init(async || 2), Probe::panicking());
    next.pending();
    let last = Driver::waiting(cell.get_or_init(async || 3));
    told.set(true);
    catch_unwind(AssertUnwindSafe(|| first.poll().is_ready())).unwrap_err();
    for waiter in waiters {
        assert_eq!(waiter.woken(), &1);
    }
    assert_eq!((next.woken(), last.woken()), (&1, &1));
    drop(first);
    cell.assert_quiet();
}

#[test]
fn threads_and_tasks_wait_for_one_value() {
    let cell = Arc::new(OnceCell::new());
    watched(&cell, || {
        let told = Cell::new(false);
        let first = Driver::waiting(cell.get_or_init(async || {
            until_told(&told).await;
            7
        }));
        let threads: Vec<_> = (0..4)
            .map(|number| {
                let cell = cell.to_thread();
                thread::spawn(move || match number % 2 {
                    0 => *cell.wait(),
                    _ => *cell.get_or_init(|| unreachable!()),
                })
            })
            .collect();
        until_waiting(&*cell, 4);
        told.set(true);
        assert_eq!(first.ready(), &7);
        for thread in threads {
            assert_eq!(thread.join().unwrap(), 7);
        }
    });
    cell.assert_quiet();
}

#[test]
fn one_initializer_runs_on_every_executor() {
    watched(&"a cell", || {
        let runs = Arc::new(AtomicUsize::new(0));
        on_every_executor(|| {
            let cell = Arc::new(OnceCell::new());
            let ask = |number| {
                let (cell, runs) = (Arc::clone(&cell), Arc::clone(&runs));
                task(async move {
                    let make = async || {
                        futures_lite::future::yield_now().await;
                        runs.fetch_add(1, SeqCst);
                        if number < 2 { Err(number) } else { Ok(number) }
                    };
                    let failed = cell.get_or_try_init(make).await.is_err();
                    assert!(!failed || number < 2);
                    assert!(*cell.wait().await >= 2);
                })
            };
            (0..6).map(ask).collect()
        });
        let runs = runs.load(SeqCst);
        assert!((4..=12).contains(&runs), "{runs}");
    });
}
