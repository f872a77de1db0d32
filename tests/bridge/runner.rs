//! Futures on a thread of their own, for programs of threads.

use core::future::pending;
use core::panic::AssertUnwindSafe;
use core::pin::Pin;
use core::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use core::task::{Context, Poll};
use core::time::Duration;
use std::panic::{catch_unwind, resume_unwind};
use std::sync::Arc;
use std::time::Instant;

use crate::watch::{until, watched};
use syncline::bridge::Runner;
use syncline::task::{self, TaskGroup, block_on};
use syncline::thread::{Event, OnDrop};
use syncline::{Job, JobError, Promise};

fn runner() -> Runner {
    Runner::start().unwrap()
}

/// Sets an event when it is dropped.
struct Sets(Arc<Event>);

impl Drop for Sets {
    fn drop(&mut self) {
        self.0.set();
    }
}

#[test]
fn a_future_is_polled_on_the_thread_of_its_runner_and_nowhere_else() {
    let runner = Runner::builder().name("mine").start().unwrap();
    let here = || std::thread::current().id();
    let first = runner.run(async { here() }).unwrap();
    let second = runner.spawn(async move {
        task::sleep(Duration::from_millis(1)).await;
        here()
    });
    assert_eq!(second.wait().unwrap(), first);
    assert_ne!(first, here());
    let name = runner.run(async { std::thread::current().name().map(str::to_owned) });
    assert_eq!(name.unwrap().as_deref(), Some("mine-0"));
}

#[test]
fn a_future_that_is_run_may_borrow_and_bring_what_it_borrows() {
    let runner = runner();
    let text = String::from("some words");
    let mut lengths = Vec::new();
    let longest: &str = runner
        .run(async {
            for word in text.split(' ') {
                task::sleep(Duration::ZERO).await;
                lengths.push(word.len());
            }
            text.split(' ').max_by_key(|word| word.len()).unwrap()
        })
        .unwrap();
    assert_eq!((longest, &lengths[..]), ("words", &[4, 5][..]));
}

#[test]
fn what_a_future_borrows_is_free_again_when_run_returns_however_it_ends() {
    struct Bumps<'a>(&'a AtomicUsize);

    impl Drop for Bumps<'_> {
        fn drop(&mut self) {
            self.0.fetch_add(1, SeqCst);
        }
    }

    let drops = AtomicUsize::new(0);
    let runner = runner();
    let held = Bumps(&drops);
    let panicked = runner.run(async move {
        let _held = held;
        panic!("on purpose");
    });
    assert!(matches!(panicked, Err::<(), _>(JobError::Panicked(_))));
    assert_eq!(drops.load(SeqCst), 1);

    std::thread::scope(|threads| {
        let begun = Arc::new(Event::new());
        let (stops, tells) = (&runner, Arc::clone(&begun));
        threads.spawn(move || {
            begun.wait();
            stops.stop(None).unwrap();
        });
        let held = Bumps(&drops);
        let cancelled = runner.run(async move {
            let _held = held;
            tells.set();
            pending::<()>().await;
        });
        assert!(matches!(cancelled, Err(JobError::Cancelled)));
        assert_eq!(drops.load(SeqCst), 2);
    });

    let held = Bumps(&drops);
    let refused = runner.run(async move { drop(held) });
    assert!(matches!(refused, Err(JobError::Closed)));
    assert_eq!(drops.load(SeqCst), 3);
}

#[test]
fn a_value_is_not_lost_to_a_destructor_of_its_future() {
    /// Ready at once, and panics when it is dropped.
    struct Brittle(Option<Box<u32>>);

    impl Future for Brittle {
        type Output = Box<u32>;

        fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Box<u32>> {
            Poll::Ready(self.0.take().expect("it is ready once"))
        }
    }

    impl Drop for Brittle {
        fn drop(&mut self) {
            resume_unwind(Box::new("a destructor"));
        }
    }

    let runner = runner();
    let brittle = || Brittle(Some(Box::new(7)));
    assert_eq!(*runner.spawn(brittle()).wait().unwrap(), 7);
    assert_eq!(*runner.run(brittle()).unwrap(), 7);
}

#[test]
fn a_run_inside_one_of_its_own_futures_panics_and_says_what_to_do() {
    let runner = Arc::new(runner());
    let inner = Arc::clone(&runner);
    let outcome = runner.run(async move {
        let panic = catch_unwind(AssertUnwindSafe(|| inner.run(async { 1 }))).unwrap_err();
        // The last owner must not be the thread itself.
        drop(inner);
        panic
            .downcast::<&str>()
            .map(|text| text.to_string())
            .unwrap()
    });
    assert!(outcome.unwrap().contains("await it"));
}

#[test]
fn a_cancel_from_a_thread_drops_the_future_where_it_is_driven() {
    let runner = runner();
    let (begun, dropped) = (Arc::new(Event::new()), Arc::new(Event::new()));
    let (tells, sets) = (Arc::clone(&begun), Sets(Arc::clone(&dropped)));
    let job = runner.spawn(async move {
        let _sets = sets;
        tells.set();
        pending::<()>().await;
    });
    begun.wait();
    assert!(job.cancel());
    assert!(matches!(watched(&job, || dropped.wait()), ()));
    assert!(matches!(job.wait(), Err(JobError::Cancelled)));
    // The runner goes on.
    assert_eq!(runner.run(async { 1 }).unwrap(), 1);
}

#[test]
fn a_stop_cancels_what_runs_and_what_comes_later_is_refused() {
    let runner = runner();
    let jobs: Vec<_> = (0..100).map(|_| runner.spawn(pending::<()>())).collect();
    watched(&runner, || runner.stop(None)).unwrap();
    for job in jobs {
        assert!(matches!(job.wait(), Err(JobError::Cancelled)));
    }
    let late = runner.spawn(async { 1 });
    assert!(matches!(late.wait(), Err(JobError::Closed)));
    runner.stop(Instant::now()).unwrap();
    runner.drain(None).unwrap();
}

#[test]
fn a_drain_lets_futures_end_and_a_stop_after_it_ends_those_that_do_not() {
    let runner = runner();
    let (promise, awaited) = Promise::new();
    let waits = runner.spawn_named("waits", async move { awaited.await.unwrap() });
    let never = runner.spawn_named("never", pending::<()>());
    let error = runner.drain(Instant::now()).unwrap_err();
    assert!(!error.names().is_empty());
    promise.set(3).unwrap();
    assert_eq!(waits.wait().unwrap(), 3);
    watched(&runner, || runner.stop(None)).unwrap();
    assert!(matches!(never.wait(), Err(JobError::Cancelled)));
}

#[test]
fn a_drop_cancels_what_runs_and_waits_until_it_is_gone() {
    let dropped = Arc::new(Event::new());
    let sets = Sets(Arc::clone(&dropped));
    let runner = runner();
    let job = runner.spawn(async move {
        let _sets = sets;
        pending::<()>().await;
    });
    drop(runner);
    assert!(dropped.is_set() && job.is_done());
    drop(job);
}

/// Whether what is spawned now is refused, at last.
async fn job_or_cancelled(spawner: &syncline::thread::PoolSpawner) -> bool {
    while spawner.spawn(async {}).await.is_ok() {}
    true
}

#[test]
fn a_runner_that_its_own_future_drops_ends_and_waits_for_nothing() {
    let runner = runner();
    let spawner = runner.spawner();
    let job = spawner.spawn(async move { drop(runner) });
    let outcome = watched(&job, || block_on(job_or_cancelled(&spawner)));
    assert!(outcome);
    drop(job);
}

#[test]
fn several_threads_may_run_futures_at_once() {
    let runner = runner();
    let total = AtomicUsize::new(0);
    std::thread::scope(|threads| {
        for number in 0..8 {
            let (runner, total) = (&runner, &total);
            threads.spawn(move || {
                for _ in 0..100 {
                    let number = runner.run(async move {
                        task::sleep(Duration::ZERO).await;
                        number
                    });
                    total.fetch_add(number.unwrap(), SeqCst);
                }
            });
        }
    });
    assert_eq!(total.load(SeqCst), 100 * (0..8).sum::<usize>());
}

#[test]
fn a_runner_is_a_place_for_the_children_of_a_group() {
    let runner = runner();
    let group = TaskGroup::run(&runner, async |group| {
        let jobs: Vec<_> = (0..10)
            .map(|n| group.spawn_named("child", async move { Ok(n) }))
            .collect();
        let mut sum = 0;
        for job in jobs {
            sum += job.await.unwrap();
        }
        Ok::<_, ()>(sum)
    });
    assert_eq!(block_on(group).unwrap(), 45);
    // And inside of a future of the same runner.
    let spawner = runner.spawner();
    let inside = runner.run(async move {
        TaskGroup::run(&spawner, async |group| {
            let job = group.spawn_named("child", async { Ok(1) });
            Ok::<_, ()>(job.await.unwrap())
        })
        .await
    });
    assert_eq!(inside.unwrap().unwrap(), 1);
}

#[test]
fn a_future_that_stands_is_told_of_by_its_name() {
    let runner = runner();
    let (begun, goes_on) = (Arc::new(Event::new()), Arc::new(Event::new()));
    let (tells, waits) = (Arc::clone(&begun), Arc::clone(&goes_on));
    let job = runner.spawn_named("stubborn", async move {
        tells.set();
        waits.wait();
    });
    begun.wait();
    let error = runner.stop(Instant::now() + Duration::from_millis(5));
    goes_on.set();
    assert_eq!(error.unwrap_err().names(), ["runner-0", "stubborn"]);
    runner.stop(None).unwrap();
    assert!(job.is_done());
    drop(job);
}

#[test]
fn its_futures_have_an_identity_each() {
    let runner = runner();
    let ids = [(); 2].map(|()| runner.run(async { task::current() }).unwrap());
    assert!(ids[0].is_some() && ids[1].is_some() && ids[0] != ids[1]);
}

#[test]
fn an_idle_runner_is_woken_by_threads() {
    let runner = runner();
    let event = Arc::new(Event::new());
    for _ in 0..100 {
        let waits = Arc::clone(&event);
        let job = runner.spawn(async move { waits.as_task().wait().await });
        until("it waits", || {
            syncline::internals::Quiet::waiting(&*event) == 1
        });
        event.set();
        job.wait().unwrap();
        event.clear();
    }
}

/// A runner whose thread is kept by a future, until the event is set.
fn stuck(builder: syncline::bridge::Builder) -> (Runner, Arc<Event>, Job<()>) {
    let runner = builder.start().unwrap();
    let (begun, goes_on) = (Arc::new(Event::new()), Arc::new(Event::new()));
    let (tells, waits) = (Arc::clone(&begun), Arc::clone(&goes_on));
    let job = runner.spawn(async move {
        tells.set();
        waits.wait();
    });
    begun.wait();
    (runner, goes_on, job)
}

/// Trap D2.
#[test]
fn an_abandoned_runner_is_dropped_at_once_and_its_futures_go_on() {
    let (runner, goes_on, job) = stuck(Runner::builder());
    let behind = runner.spawn(async { 7 });
    runner.abandon();
    assert!(runner.is_closing());
    drop(runner);
    assert!(!job.is_done() && !behind.is_done());
    goes_on.set();
    job.wait().unwrap();
    assert_eq!(behind.wait().unwrap(), 7);
}

/// Trap D2.
#[test]
fn who_was_named_the_stragglers_of_a_runner_may_let_go_of_it() {
    let (runner, goes_on, job) = stuck(Runner::builder());
    let behind = runner.spawn(async { 7 });
    runner.stop(Instant::now()).unwrap_err().abandon();
    drop(runner);
    assert!(!job.is_done());
    goes_on.set();
    assert!(matches!(behind.wait(), Err(JobError::Cancelled)));
    assert!(matches!(job.wait(), Err(JobError::Cancelled)));
}

#[test]
fn a_runner_that_was_told_so_drains_when_it_is_dropped() {
    let runner = Runner::builder().on_drop(OnDrop::Drain).start().unwrap();
    let spawner = runner.spawner();
    let job = runner.spawn(async move { spawner.spawn(async { 2 }).await.unwrap() + 1 });
    drop(runner);
    assert!(job.is_done());
    assert_eq!(job.wait().unwrap(), 3);
}

#[test]
fn a_panic_does_not_wait_for_the_runner_that_it_drops() {
    let (runner, goes_on, job) = stuck(Runner::builder());
    let panics = AssertUnwindSafe(|| {
        let _runner = runner;
        resume_unwind(Box::new("on purpose"))
    });
    catch_unwind(panics).unwrap_err();
    assert!(!job.is_done());
    goes_on.set();
    assert!(matches!(job.wait(), Err(JobError::Cancelled)));
}

/// Also with a backlog that never ends: each of them lets the others run.
#[test]
fn a_future_that_is_always_ready_does_not_keep_the_runner() {
    let runner = runner();
    let queue = Arc::new(task::Queue::unbounded());
    let busy: Vec<_> = (0..3)
        .map(|_| {
            let queue = Arc::clone(&queue);
            runner.spawn(async move {
                while queue.put(()).await.is_ok() {
                    queue.get().await.unwrap();
                }
            })
        })
        .collect();
    assert_eq!(runner.run(async { 1 }).unwrap(), 1);
    runner.run(task::sleep(Duration::from_millis(1))).unwrap();
    runner.stop(None).unwrap();
    assert!(busy.iter().all(Job::is_cancelled));
}
