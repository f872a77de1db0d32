//! A task that is always ready to go on does not keep its thread.
//!
//! Without a budget most tests here would never end: the greedy future returns to nobody.

use crate::watch::watched;
use core::cell::Cell;
use core::future::{Future, poll_fn, ready};
use core::pin::{Pin, pin};
use core::task::{Context, Poll, Waker};
use core::time::Duration;
use futures_lite::StreamExt;
use futures_lite::future::{block_on as foreign_block_on, poll_once, zip};
use std::sync::Arc;
use std::time::Instant;
use syncline::task::{
    self, Barrier, BoundedSemaphore, Condition, Event, Lock, Queue, RLock, Semaphore, TaskGroup,
    Until, as_completed, block_on, gather, sleep, timeout, timeout_at, timeout_with, try_gather,
    yield_now,
};
use syncline::thread::ThreadPool;
use syncline::{Promise, TimedOut};

/// How many operations a task may do in one poll.
const BUDGET: usize = 128;
const LONG: Duration = Duration::from_secs(600);
const SHORT: Duration = Duration::from_millis(2);

type Local<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// Runs a future, and counts its polls.
fn counted<F: Future>(future: F) -> (F::Output, usize) {
    let mut polls = 0;
    let mut future = pin!(future);
    let output = block_on(poll_fn(|context| {
        polls += 1;
        future.as_mut().poll(context)
    }));
    (output, polls)
}

/// Spends the whole budget of a fresh poll.
async fn spend() {
    yield_now().await;
    let semaphore = Semaphore::new(1);
    for _ in 0..BUDGET {
        drop(semaphore.acquire().await);
    }
}

/// Takes and gives a permit until the flag is set; for ever, if it never is.
async fn greedy(over: &Cell<bool>) {
    let semaphore = Semaphore::new(1);
    while !over.get() {
        drop(semaphore.acquire().await);
    }
}

fn never() -> Cell<bool> {
    Cell::new(false)
}

#[test]
fn a_task_yields_after_so_many_operations_that_were_ready() {
    let semaphore = Semaphore::new(1);
    let acquires = async |count: usize| {
        for _ in 0..count {
            drop(semaphore.acquire().await);
        }
    };
    assert_eq!(counted(acquires(BUDGET)).1, 1);
    assert_eq!(counted(acquires(BUDGET + 1)).1, 2);
    assert_eq!(counted(acquires(3 * BUDGET)).1, 3);
    assert_eq!(counted(acquires(3 * BUDGET + 1)).1, 4);
}

/// Each of these is always ready, so that only the budget lets the deadline end it.
#[test]
fn a_deadline_ends_a_loop_over_every_primitive_that_is_always_ready() {
    let (lock, rlock, event) = (
        Arc::new(Lock::new(0)),
        Arc::new(RLock::new(0)),
        Event::new(),
    );
    let (semaphore, bounded) = (Arc::new(Semaphore::new(9)), BoundedSemaphore::new(9));
    let (queue, barrier, condition) = (Queue::unbounded(), Barrier::new(1), Condition::new());
    let over = never();
    event.set();
    macro_rules! forever {
        ($($operation:expr),* $(,)?) => {
            [$(Box::pin(async { while !over.get() { let _done = $operation; } }) as Local<'_, ()>),*]
        };
    }
    let nested = async {
        let _outer = rlock.lock().await;
        while !over.get() {
            drop(rlock.lock().await);
        }
    };
    let predicate = async {
        let mut guard = lock.lock().await;
        while !over.get() {
            guard = condition.wait_for(guard, |_| true).await;
        }
    };
    let timed_predicate = async {
        let mut guard = lock.lock().await;
        while !over.get() {
            guard = condition.wait_for_timeout(guard, LONG, |_| true).await.0;
        }
    };
    let mut loops: Vec<Local<'_, ()>> = Vec::from(forever![
        lock.lock().await,
        lock.lock_timeout(LONG).await,
        lock.lock_owned().await,
        lock.lock_owned_timeout(LONG).await,
        rlock.lock().await,
        rlock.lock_timeout(LONG).await,
        rlock.lock_owned().await,
        semaphore.acquire_many(2).await,
        semaphore.acquire_timeout(LONG).await,
        semaphore.acquire_owned().await,
        semaphore.acquire_owned_timeout(LONG).await,
        bounded.acquire().await,
        event.wait().await,
        event.wait_timeout(LONG).await,
        barrier.wait().await,
        barrier.wait_timeout(LONG).await,
        (queue.put(1).await.unwrap(), queue.get().await.unwrap()),
        (
            queue.put_timeout(1, LONG).await.unwrap(),
            queue.get_timeout(LONG).await.unwrap(),
        ),
        (
            queue.put_many([1, 2]).await.unwrap(),
            queue.get_many(2).await.unwrap()
        ),
        queue.reserve().await.unwrap(),
        {
            queue.try_put(1).unwrap();
            pin!(queue.stream()).next().await
        },
        queue.get_many(0).await.unwrap(),
        Queue::<u8>::unbounded().join().await,
        {
            let (promise, job) = Promise::new();
            promise.set(1).unwrap();
            job.await.unwrap()
        },
        {
            let (promise, job) = Promise::new();
            promise.set(1).unwrap();
            task::wait([&job], Until::All, Some(LONG)).await
        },
        timeout(LONG, semaphore.acquire()).await,
        timeout_with(LONG, async |_| drop(semaphore.acquire().await)).await,
        gather([semaphore.acquire()]).await,
        try_gather([async { Ok::<_, ()>(semaphore.acquire().await) }]).await,
        as_completed([semaphore.acquire()]).next().await,
        yield_now().await,
    ]);
    loops.extend([
        Box::pin(nested) as Local<'_, ()>,
        Box::pin(predicate),
        Box::pin(timed_predicate),
    ]);
    watched(&"loops", || {
        for (place, body) in loops.into_iter().enumerate() {
            let start = Instant::now();
            assert!(block_on(timeout(SHORT, body)).is_err(), "loop {place}");
            assert!(start.elapsed() >= SHORT);
        }
    });
}

#[test]
fn a_deadline_ends_a_greedy_future_on_a_foreign_executor_too() {
    watched(&"deadlines", || {
        assert!(foreign_block_on(timeout(SHORT, greedy(&never()))).is_err());
        let over = never();
        let past = timeout_at(Instant::now(), greedy(&over));
        assert!(foreign_block_on(past).is_err());
        let with = timeout_with(SHORT, async |_| greedy(&never()).await);
        assert!(foreign_block_on(with).is_err());
    });
}

/// futures-rs 2047: one child that is always ready kept `FuturesUnordered`, and what polls it.
#[test]
fn a_greedy_child_keeps_neither_its_siblings_nor_what_is_around_the_whole() {
    let run = |block_on: &dyn Fn(Local<'_, ()>)| {
        let over = never();
        let children: [Local<'_, ()>; 3] = [
            Box::pin(greedy(&over)),
            Box::pin(greedy(&over)),
            Box::pin(async {
                sleep(SHORT).await;
                over.set(true);
            }),
        ];
        block_on(Box::pin(async { drop(gather(children).await) }));

        let children: [Local<'_, Result<(), ()>>; 2] = [
            Box::pin(async {
                greedy(&never()).await;
                Ok(())
            }),
            Box::pin(ready(Err(()))),
        ];
        block_on(Box::pin(async {
            assert!(try_gather(children).await.is_err());
        }));

        let never = never();
        let children: [Local<'_, ()>; 2] = [Box::pin(greedy(&never)), Box::pin(yield_now())];
        block_on(Box::pin(async {
            let mut results = as_completed(children);
            assert_eq!(results.next().await, Some((1, ())));
            assert!(timeout(SHORT, results.next()).await.is_err());
        }));
    };
    watched(&"gathers", || {
        run(&|future| block_on(future));
        run(&|future| foreign_block_on(future));
    });
}

/// Whatever polls the two: it knows nothing of budgets and asks the greedy one first, each time.
#[test]
fn a_greedy_arm_of_a_join_does_not_starve_the_other() {
    let (lock, event, queue) = (Lock::new(()), Event::new(), Queue::unbounded());
    event.set();
    queue.try_put(1).unwrap();
    let (promise, job) = Promise::new();
    promise.set(1).unwrap();
    let group = async |_group| {
        event.wait().await;
        Ok::<_, ()>(())
    };
    let pool = ThreadPool::new(1);
    let others: Vec<Local<'_, ()>> = vec![
        Box::pin(sleep(SHORT)),
        Box::pin(async { drop(lock.lock().await) }),
        Box::pin(event.wait()),
        Box::pin(async { assert!(queue.get().await.is_ok()) }),
        Box::pin(async { assert!(job.await.is_ok()) }),
        Box::pin(async { assert!(timeout(LONG, event.wait()).await.is_ok()) }),
        Box::pin(async { drop(gather([event.wait(), event.wait(), event.wait()]).await) }),
        Box::pin(async { assert!(TaskGroup::run(&pool, group).await.is_ok()) }),
        Box::pin(async { assert!(timeout(SHORT, greedy(&never())).await.is_err()) }),
    ];
    watched(&"joins", || {
        for other in others {
            let over = never();
            let other = async {
                other.await;
                over.set(true);
            };
            block_on(zip(greedy(&over), other));
        }
    });
}

#[test]
fn what_is_deferred_has_not_joined_its_line_and_is_deferred_once() {
    let (lock, event) = (Lock::new(()), Event::new());
    let queue = Queue::<u8>::unbounded();
    block_on(async {
        let held = lock.lock().await;
        spend().await;
        let (mut locks, mut waits, mut gets) =
            (pin!(lock.lock()), pin!(event.wait()), pin!(queue.get()));
        for round in 0..2 {
            assert!(poll_once(locks.as_mut()).await.is_none());
            assert!(poll_once(waits.as_mut()).await.is_none());
            assert!(poll_once(gets.as_mut()).await.is_none());
            assert_eq!(
                [lock.waiting(), event.waiting(), queue.waiting()],
                [round; 3]
            );
        }
        // A grant is never deferred.
        drop(held);
        event.set();
        queue.try_put(1).unwrap();
        assert!(poll_once(locks).await.is_some());
        assert!(poll_once(waits).await.is_some());
        assert!(poll_once(gets).await.is_some());
    });
}

/// Being deferred is no poll: the first real one decides.
#[test]
fn a_deadline_does_not_end_what_was_only_deferred() {
    const SHORTEST: Duration = Duration::from_nanos(1);
    let (lock, rlock, semaphore, event) = (
        Lock::new(()),
        RLock::new(()),
        Semaphore::new(1),
        Event::new(),
    );
    let (queue, barrier) = (Queue::bounded(1), Barrier::new(1));
    event.set();
    let (promise, job) = Promise::new();
    promise.set(1).unwrap();
    block_on(async {
        spend().await;
        assert!(lock.lock_timeout(SHORTEST).await.is_ok());
        spend().await;
        assert!(rlock.lock_timeout(SHORTEST).await.is_ok());
        spend().await;
        assert!(semaphore.acquire_timeout(SHORTEST).await.is_ok());
        spend().await;
        assert!(event.wait_timeout(SHORTEST).await.is_ok());
        spend().await;
        assert!(queue.put_timeout(1, SHORTEST).await.is_ok());
        spend().await;
        assert!(queue.get_timeout(SHORTEST).await.is_ok());
        spend().await;
        assert!(barrier.wait_timeout(SHORTEST).await.is_ok());
        spend().await;
        assert_eq!(
            task::wait([&job], Until::All, Some(SHORTEST)).await.done,
            [0]
        );
        for limit in [Duration::ZERO, SHORTEST] {
            spend().await;
            assert!(timeout(limit, event.wait()).await.is_ok());
            spend().await;
            assert!(
                timeout_with(limit, async |_| event.wait().await)
                    .await
                    .is_ok()
            );
        }
        spend().await;
        assert!(timeout_at(Instant::now(), event.wait()).await.is_ok());
    });
}

#[test]
fn a_try_neither_spends_nor_yields() {
    let (lock, queue, barrier) = (Lock::new(()), Queue::bounded(1), Barrier::new(1));
    let tries = async || {
        for _ in 0..3 {
            drop(lock.try_lock().unwrap());
            drop(lock.lock_timeout(Duration::ZERO).await.unwrap());
            queue.put_timeout(1, Duration::ZERO).await.unwrap();
            queue.get_timeout(Duration::ZERO).await.unwrap();
            barrier.wait_timeout(Duration::ZERO).await.unwrap();
            sleep(Duration::ZERO).await;
            assert_eq!(lock.lock_timeout(Duration::ZERO).await.map(drop), Ok(()));
        }
    };
    let (result, polls) = counted(async {
        spend().await; // which yields once, to begin with
        tries().await;
        Ok::<_, TimedOut>(())
    });
    assert_eq!((result, polls), (Ok(()), 2));
    let semaphore = Semaphore::new(1);
    let ((), polls) = counted(async {
        for _ in 0..40 {
            tries().await;
        }
        for _ in 0..BUDGET {
            drop(semaphore.acquire().await);
        }
    });
    assert_eq!(polls, 1);
}

#[test]
fn what_has_to_wait_costs_nothing() {
    let (event, semaphore) = (Event::new(), Semaphore::new(1));
    let mut polls = 0;
    let mut all = pin!(async {
        let waits = (0..10 * BUDGET).map(|_| event.wait());
        zip(gather(waits), async {
            for _ in 0..BUDGET {
                drop(semaphore.acquire().await);
            }
        })
        .await
    });
    block_on(poll_fn(|context| {
        polls += 1;
        assert!(all.as_mut().poll(context).is_pending());
        Poll::Ready(())
    }));
    assert_eq!((polls, event.waiting()), (1, 10 * BUDGET));
    event.set();
    block_on(all);
}

/// Each has its turn, and no poll of the whole does more than one task may.
#[test]
fn a_thousand_greedy_children_share_one_budget() {
    const CHILDREN: usize = 1000;
    let (operations, semaphore) = (Cell::new(0), Semaphore::new(1));
    let rounds: Vec<Cell<usize>> = (0..CHILDREN).map(|_| Cell::new(0)).collect();
    let children = rounds.iter().map(async |rounds| {
        for _ in 0..3 {
            drop(semaphore.acquire().await);
            operations.set(operations.get() + 1);
            rounds.set(rounds.get() + 1);
        }
    });
    let mut all = pin!(gather(children));
    let mut most = 0;
    block_on(poll_fn(|context| {
        operations.set(0);
        let poll = all.as_mut().poll(context);
        most = most.max(operations.get());
        poll
    }));
    assert!(rounds.iter().all(|rounds| rounds.get() == 3));
    assert!(most <= BUDGET, "{most} in one poll");
}

#[test]
fn a_child_that_was_woken_keeps_its_turn_when_the_budget_is_spent() {
    let events: Vec<Event> = (0..40).map(|_| Event::new()).collect();
    let (order, semaphore) = (Cell::new(Vec::new()), Semaphore::new(1));
    let child = async |place: usize| {
        events[place].wait().await;
        for _ in 0..BUDGET {
            drop(semaphore.acquire().await);
        }
        let mut ended = order.take();
        ended.push(place);
        order.set(ended);
    };
    let mut all = pin!(gather((0..events.len()).map(child)));
    block_on(async {
        assert!(poll_once(all.as_mut()).await.is_none());
        for event in &events {
            event.set();
        }
        all.await;
    });
    assert_eq!(order.take(), (0..40).collect::<Vec<_>>());
}

#[test]
fn a_future_that_is_polled_by_hand_has_no_budget() {
    let semaphore = Semaphore::new(1);
    for _ in 0..100 * BUDGET {
        let acquire = pin!(semaphore.acquire());
        assert!(
            acquire
                .poll(&mut Context::from_waker(Waker::noop()))
                .is_ready()
        );
    }
}

#[test]
fn a_task_inside_a_task_has_a_budget_of_its_own() {
    let semaphore = Semaphore::new(1);
    let ((), polls) = counted(async {
        for _ in 0..3 {
            let ((), polls) = counted(async {
                for _ in 0..BUDGET {
                    drop(semaphore.acquire().await);
                }
            });
            assert_eq!(polls, 1);
        }
    });
    assert_eq!(polls, 1);
}

#[test]
fn a_greedy_body_of_a_group_is_ended_by_a_child_that_fails() {
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        let group = TaskGroup::run(&pool, async |group| {
            group
                .spawn_named("fails", async { Err::<(), _>("no") })
                .detach();
            greedy(&never()).await;
            Ok(())
        });
        assert_eq!(block_on(group).unwrap_err().first.1, "no");
    });
}

#[test]
fn a_task_that_yields_comes_back_after_its_siblings() {
    let order = Cell::new(Vec::new());
    let child = async |name: usize| {
        for round in 0..3 {
            let mut seen = order.take();
            seen.push((round, name));
            order.set(seen);
            yield_now().await;
        }
    };
    block_on(gather([child(0), child(1)]));
    let expected: Vec<_> = (0..3).flat_map(|round| [(round, 0), (round, 1)]).collect();
    assert_eq!(order.take(), expected);
}
