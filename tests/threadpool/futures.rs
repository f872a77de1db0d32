//! Futures on a pool.

use crate::kit::{Count, Log, OnDrop, fail, is_cancelled, occupy, panic_of, wait_for};
use crate::watch::{until, watched};
use core::future::{pending, poll_fn};
use core::task::Poll;
use futures_lite::future::yield_now;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use syncline::task::{self, block_on};
use syncline::thread::{Event, ThreadPool};
use syncline::{Job, Promise};

#[test]
fn a_future_is_awaited_waited_for_and_named() {
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        assert_eq!(block_on(pool.spawn(async { 1 })).unwrap(), 1);
        assert_eq!(pool.spawn(async { 2 }).wait().unwrap(), 2);
        let named = pool.spawner().spawn_named("three", async { 3 });
        assert_eq!(named.name(), Some("three"));
        assert_eq!(named.wait().unwrap(), 3);
    });
}

#[test]
fn a_future_is_polled_when_it_is_woken_from_anywhere() {
    let pool = ThreadPool::new(2);
    watched(&pool, || {
        let (promise, job) = Promise::new();
        let outer = pool.spawn(async move { job.await.unwrap() + 1 });
        assert!(!outer.is_done());
        promise.set(1).unwrap();
        assert_eq!(outer.wait().unwrap(), 2);
    });
}

#[test]
fn futures_that_wake_themselves_share_a_thread_with_all_others() {
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        let over = Arc::new(Event::new());
        let spinning: Vec<_> = (0..3)
            .map(|_| {
                let over = Arc::clone(&over);
                pool.spawn(async move {
                    while !over.is_set() {
                        yield_now().await;
                    }
                })
            })
            .collect();
        // From outside, and from inside by one of them.
        let spawner = pool.spawner();
        let inner = pool.spawn(async move { spawner.spawn(async { 1 }).await.unwrap() });
        assert_eq!(inner.wait().unwrap(), 1);
        pool.submit(move || over.set()).wait().unwrap();
        wait_for(spinning);
    });
}

#[test]
fn a_wakeup_while_it_is_polled_is_another_poll() {
    let pool = ThreadPool::new(1);
    let polls = Count::default();
    let count = polls.clone();
    let job = pool.spawn(poll_fn(move |context| {
        if count.add() < 1000 {
            context.waker().wake_by_ref();
            context.waker().wake_by_ref();
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    }));
    watched(&pool, || job.wait().unwrap());
    assert_eq!(polls.get(), 1001);
}

#[test]
fn a_cancelled_future_is_dropped_before_its_job_is_done() {
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        for queued in [false, true] {
            let dropped = Count::default();
            let (token, begun) = (dropped.token(), Arc::new(Event::new()));
            let busy = queued.then(|| occupy(&pool));
            let job = pool.spawn({
                let begun = Arc::clone(&begun);
                async move {
                    let _token = token;
                    begun.set();
                    pending::<()>().await;
                }
            });
            if !queued {
                begun.wait();
            }
            assert!(job.cancel() && job.is_cancelled() && job.cancel());
            if let Some(busy) = busy {
                assert!(!job.is_done());
                assert_eq!(dropped.get(), 0);
                busy.release();
            }
            let count = dropped.clone();
            let seen = Log::default();
            job.on_done({
                let seen = seen.clone();
                move || seen.note(count.get())
            });
            assert!(is_cancelled(&job.wait()));
            assert_eq!(dropped.get(), 1);
            until("the callback", || seen.take() == [1]);
            assert_eq!(begun.is_set(), !queued, "a cancelled future was polled");
        }
    });
}

#[test]
fn a_future_that_is_cancelled_while_it_is_polled_is_dropped_afterwards_with_what_it_brings() {
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        for ends in [false, true] {
            let dropped = Count::default();
            let (begun, go) = (Arc::new(Event::new()), Arc::new(Event::new()));
            let (token, output) = (dropped.token(), dropped.token());
            let job = pool.spawn({
                let (begun, go) = (Arc::clone(&begun), Arc::clone(&go));
                async move {
                    let _token = token;
                    begun.set();
                    go.wait();
                    if !ends {
                        pending::<()>().await;
                    }
                    output
                }
            });
            begun.wait();
            assert!(job.is_running() && job.cancel());
            assert!(!job.is_done() && dropped.get() == 0);
            go.set();
            assert!(is_cancelled(&job.wait()));
            until("both drops", || dropped.get() == 2);
        }
    });
}

#[test]
fn a_future_may_cancel_itself() {
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        for ends in [false, true] {
            let (sender, receiver) = channel::<Arc<Job<()>>>();
            let dropped = Count::default();
            let token = dropped.token();
            let job = Arc::new(pool.spawn(async move {
                let _token = token;
                assert!(receiver.recv().unwrap().cancel());
                if !ends {
                    pending::<()>().await;
                }
            }));
            sender.send(Arc::clone(&job)).unwrap();
            until("its end", || job.is_done());
            assert!(job.is_cancelled());
            assert_eq!(dropped.get(), 1);
        }
    });
}

#[test]
fn a_cancellation_that_comes_too_late_says_so() {
    let pool = ThreadPool::new(1);
    let job = pool.spawn(async { 1 });
    watched(&pool, || until("its end", || job.is_done()));
    assert!(!job.cancel() && !job.is_cancelled());
    assert_eq!(job.wait().unwrap(), 1);
}

#[test]
fn a_future_that_panics_is_dropped_and_the_panic_is_its_outcome() {
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        let dropped = Count::default();
        let token = dropped.token();
        let job = pool.spawn(async move {
            let _token = token;
            yield_now().await;
            fail::<()>("after a while");
        });
        assert_eq!(panic_of(job.wait()), "after a while");
        assert_eq!(dropped.get(), 1);
    });
}

#[test]
fn a_future_is_one_task_from_its_first_poll_to_its_destructor() {
    let pool = ThreadPool::new(2);
    watched(&pool, || {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let note = {
            let seen = Arc::clone(&seen);
            move || seen.lock().unwrap().push(task::current())
        };
        let job = pool.spawn({
            let at_end = OnDrop::new(note.clone());
            async move {
                let _at_end = at_end;
                for _ in 0..10 {
                    note();
                    yield_now().await;
                }
            }
        });
        job.wait().unwrap();
        let seen = core::mem::take(&mut *seen.lock().unwrap());
        assert_eq!(seen.len(), 11);
        assert!(seen[0].is_some() && seen.iter().all(|id| *id == seen[0]));
        let other = pool.spawn(async { task::current() }).wait().unwrap();
        assert!(other.is_some() && other != seen[0]);
        assert_eq!(pool.submit(task::current).wait().unwrap(), None);
    });
}

/// The future is freed although somebody still has its waker.
#[test]
fn a_waker_that_is_kept_keeps_nothing_of_the_future() {
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        let dropped = Count::default();
        let (token, kept) = (dropped.token(), Arc::new(Mutex::new(None)));
        let job = pool.spawn({
            let kept = Arc::clone(&kept);
            async move {
                let _token = token;
                poll_fn(|context| {
                    *kept.lock().unwrap() = Some(context.waker().clone());
                    Poll::Ready(())
                })
                .await;
            }
        });
        job.wait().unwrap();
        assert_eq!(dropped.get(), 1);
        let waker = kept.lock().unwrap().take().unwrap();
        waker.wake_by_ref();
        waker.wake();
        pool.submit(|| ()).wait().unwrap();
    });
}

#[test]
fn a_detached_future_goes_on_and_one_that_cancels_on_drop_does_not() {
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        let done = Arc::new(Event::new());
        let inner = Arc::clone(&done);
        pool.spawn(async move { inner.set() }).detach();
        done.wait();
        let dropped = Count::default();
        let token = dropped.token();
        let job = pool.spawn(async move {
            let _token = token;
            pending::<()>().await;
        });
        drop(job.cancel_on_drop());
        until("its drop", || dropped.get() == 1);
    });
}
