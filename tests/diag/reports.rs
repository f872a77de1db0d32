//! What a watchdog reports, each thing once and once more when it is over, and what it is silent about.

use core::time::Duration;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread as std_thread;

use syncline::diag::{self, Report, Trouble, Watchdog, Watching};
use syncline::task::{self, block_on};
use syncline::thread::{Barrier, Event, Lock, ThreadPool, spawn_named};

use crate::looks::{name_of, until_waiting};
use crate::watch::{LIMIT, until, watched};

const SHORT: Duration = Duration::from_millis(10);

/// The reports of a watchdog that are about something of one test, which has this in its name.
fn watch(
    watchdog: Watchdog,
    is_mine: impl Fn(&Trouble) -> bool + Send + 'static,
) -> (Receiver<Report>, Watching) {
    let (sender, reports) = channel();
    let watching = watchdog.start(move |report| {
        if is_mine(&report.trouble) {
            drop(sender.send(report.clone()));
        }
    });
    (reports, watching.expect("a thread can be started"))
}

#[track_caller]
fn next(reports: &Receiver<Report>) -> Report {
    reports.recv_timeout(LIMIT).expect("a report comes")
}

#[test]
fn a_long_wait_is_reported_while_it_lasts_and_once_when_it_is_over() {
    static EVENT: Event = Event::new().named("report: event");
    watched(&EVENT, || {
        let (reports, watching) = watch(
            Watchdog::new().wait(SHORT),
            |trouble| matches!(trouble, Trouble::LongWait { target, .. } if target.name.as_deref() == Some("report: event")),
        );
        let waiter = spawn_named("report: waiter", || EVENT.wait());
        let report = next(&reports);
        assert!(!report.is_over && report.lasted >= SHORT);
        let Trouble::LongWait {
            owner, waiter: who, ..
        } = &report.trouble
        else {
            panic!("{report}")
        };
        assert_eq!(
            (owner, name_of(&who.party)),
            (&None, Some("report: waiter"))
        );
        assert!(
            report.to_string().contains("which needs someone to set it"),
            "{report}"
        );
        EVENT.set();
        waiter.wait().expect("it ends");
        let report = next(&reports);
        assert!(
            report.is_over && report.to_string().starts_with("over after"),
            "{report}"
        );
        drop(watching);
        assert!(reports.recv().is_err(), "and nothing more");
    });
}

#[test]
fn a_poll_that_keeps_its_thread_is_reported_with_where_the_task_was_made() {
    let (over, begun) = (Arc::new(Event::new()), Arc::new(Event::new()));
    watched(&over, || {
        let (reports, _watching) = watch(
            Watchdog::new().slow_poll(SHORT),
            |trouble| matches!(trouble, Trouble::SlowPoll { task, .. } if name_of(task) == Some("report: slow")),
        );
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .build();
        let runtime = runtime.expect("a runtime can be made");
        let task = runtime.spawn(diag::task("report: slow", {
            let (over, begun) = (Arc::clone(&over), Arc::clone(&begun));
            async move {
                begun.set();
                // As std's own locks do, it blocks where nobody sees it.
                while !over.is_set() {
                    std_thread::park_timeout(SHORT);
                }
            }
        }));
        begun.wait();
        let report = next(&reports);
        let Trouble::SlowPoll {
            task: slow, thread, ..
        } = &report.trouble
        else {
            panic!("{report}")
        };
        assert!(thread.is_some());
        assert!(slow.to_string().contains("reports.rs"), "{slow}");
        over.set();
        runtime.block_on(task).expect("it ends");
        assert!(next(&reports).is_over);
    });
}

#[test]
fn polls_that_come_back_are_not_reported_however_many_there_are() {
    let (reports, watching) = watch(
        Watchdog::new().slow_poll(Duration::from_secs(3)),
        |trouble| matches!(trouble, Trouble::SlowPoll { task, .. } if name_of(task) == Some("report: quick")),
    );
    let done = Arc::new(Event::new());
    let task = diag::task("report: quick", {
        let done = Arc::clone(&done);
        async move {
            for _ in 0..1000 {
                task::yield_now().await;
            }
            done.as_task().wait().await;
        }
    });
    std_thread::scope(|threads| {
        threads.spawn(|| block_on(task));
        until("it waits", || {
            let tasks = diag::snapshot().tasks;
            let mut mine = tasks
                .iter()
                .filter(|task| name_of(&task.party) == Some("report: quick"));
            mine.any(|task| task.polls > 1000)
        });
        done.set();
    });
    drop(watching);
    assert!(reports.recv().is_err());
}

#[test]
fn a_guard_of_the_blocking_face_that_lives_across_an_await_is_reported_on_a_local_set_too() {
    let lock = Rc::new(Lock::new(0));
    let (reports, watching) = watch(
        Watchdog::new().slow_poll(Duration::from_millis(40)),
        |trouble| matches!(trouble, Trouble::GuardAcrossAwait { task, .. } if name_of(task).is_some_and(|name| name.starts_with("report: guard"))),
    );
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    let local = tokio::task::LocalSet::new();
    let done = Arc::new(task::Event::new());
    let keeps = local.spawn_local(diag::task("report: guard is kept", {
        let (lock, done) = (Rc::clone(&lock), Arc::clone(&done));
        async move {
            let guard = lock.lock();
            done.wait().await;
            drop(guard);
        }
    }));
    let drops = local.spawn_local(diag::task("report: guard is dropped", {
        let done = Arc::clone(&done);
        async move {
            let other = Lock::new(0);
            drop(other.lock());
            done.wait().await;
            let _awaited = other.as_task().lock().await;
            task::yield_now().await;
        }
    }));
    let report = local.block_on(&runtime, async {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let waiter = std_thread::spawn(move || {
            drop(sender.send(next(&reports)));
            reports
        });
        let report = receiver.await.expect("a report comes");
        done.set();
        keeps.await.expect("it ends");
        drops.await.expect("it ends");
        (report, waiter.join().expect("it ends"))
    });
    let (report, reports) = report;
    let text = report.to_string();
    assert!(
        text.contains("guard is kept") && text.contains("reports.rs"),
        "{text}"
    );
    assert!(text.contains("1 guard of the blocking face"), "{text}");
    drop(watching);
    assert!(reports.iter().all(|report| report.is_over), "nothing else");
}

#[test]
fn a_guard_that_is_dropped_in_its_poll_is_not_reported_however_it_was_taken() {
    let lock = Arc::new(Lock::new(0));
    let rounds = if cfg!(miri) { 3 } else { 300 };
    let task = |name| {
        let lock = Arc::clone(&lock);
        diag::task(name, async move {
            for round in 0..rounds {
                *lock.lock() += 1;
                if let Ok(mut guard) = lock.lock_timeout(SHORT) {
                    *guard += 1;
                }
                let condition = syncline::thread::Condition::new();
                drop(condition.wait_timeout(lock.lock(), Duration::ZERO));
                if round % 8 == 0 {
                    task::yield_now().await;
                }
            }
            let tasks = diag::snapshot().tasks;
            let mut mine = tasks
                .iter()
                .filter(|task| name_of(&task.party) == Some(name));
            assert_eq!(mine.next().map(|task| task.guards), Some(0), "{name}");
        })
    };
    watched(&lock, || {
        std_thread::scope(|threads| {
            for name in ["report: drops 1", "report: drops 2", "report: drops 3"] {
                let task = task(name);
                threads.spawn(|| block_on(task));
            }
        });
    });
}

#[test]
fn a_lock_that_one_owner_holds_is_reported_and_one_that_changes_hands_is_not() {
    static HELD: Lock<u32> = Lock::new(0).named("report: held");
    static BUSY: Lock<u32> = Lock::new(0).named("report: busy");
    watched(&HELD, || {
        let (reports, watching) = watch(
            Watchdog::new().held(Duration::from_millis(40)),
            |trouble| matches!(trouble, Trouble::LongHold { target, .. } if matches!(target.name.as_deref(), Some("report: held" | "report: busy"))),
        );
        let guard = HELD.lock();
        std_thread::scope(|threads| {
            let (stop, stopped) = channel::<()>();
            threads.spawn(move || {
                while stopped.try_recv() == Err(std::sync::mpsc::TryRecvError::Empty) {
                    *BUSY.lock() += 1;
                }
            });
            let report = next(&reports);
            assert!(report.to_string().contains("\"report: held\""), "{report}");
            drop(stop);
        });
        drop(guard);
        assert!(next(&reports).is_over);
        drop(watching);
        let more: Vec<_> = reports.iter().map(|report| report.to_string()).collect();
        assert!(more.is_empty(), "{more:?}");
    });
}

#[test]
fn a_deadlock_is_reported_once() {
    static A: Lock<u32> = Lock::new(0).named("report: a");
    static B: Lock<u32> = Lock::new(0).named("report: b");
    static MET: Barrier = Barrier::new(2);
    watched(&A, || {
        let (reports, watching) = watch(
            Watchdog::new().wait(SHORT),
            |trouble| matches!(trouble, Trouble::Circle(cycle) if cycle.to_string().contains("report: a")),
        );
        for (first, second) in [(&A, &B), (&B, &A)] {
            spawn_named("report: deadlocks", || {
                let _first = first.lock();
                MET.wait().expect("two come");
                let _second = second.lock();
            })
            .detach();
        }
        let report = next(&reports);
        assert!(report.to_string().contains("DEADLOCK"), "{report}");
        drop(watching);
        assert!(reports.recv().is_err(), "it is not reported again");
    });
}

#[test]
fn a_closure_that_panics_keeps_its_watchdog() {
    static EVENT: Event = Event::new().named("report: panics");
    watched(&EVENT, || {
        let (sender, reports) = channel();
        let watching = Watchdog::new().wait(SHORT).start(move |report| {
            if report.to_string().contains("report: panics") {
                sender.send(report.is_over).ok();
                panic!("in a report");
            }
        });
        let waiter = spawn_named("report: a waiter", || EVENT.wait());
        assert_eq!(reports.recv_timeout(LIMIT), Ok(false));
        EVENT.set();
        waiter.wait().expect("it ends");
        assert_eq!(reports.recv_timeout(LIMIT), Ok(true));
        drop(watching.expect("a thread can be started"));
    });
}

#[test]
fn a_watchdog_that_is_dropped_in_its_own_report_stops() {
    static EVENT: Event = Event::new().named("report: dropped");
    watched(&EVENT, || {
        let (give, given) = channel::<Watching>();
        let (sender, reports) = channel();
        let watching = Watchdog::new().wait(SHORT).start(move |report| {
            if report.to_string().contains("report: dropped") {
                drop(given.recv().expect("it comes"));
                sender.send(()).ok();
            }
        });
        give.send(watching.expect("a thread can be started"))
            .expect("it listens");
        let waiter = spawn_named("report: one more", || EVENT.wait());
        assert_eq!(reports.recv_timeout(LIMIT), Ok(()));
        // The closure is gone with its thread.
        assert!(reports.recv().is_err());
        EVENT.set();
        waiter.wait().expect("it ends");
    });
}

#[test]
#[should_panic(expected = "a watchdog needs limits above zero")]
fn a_limit_of_zero_is_refused() {
    drop(Watchdog::new().held(Duration::ZERO).start(|_| ()));
}

#[test]
fn the_lag_of_a_pool_is_measured_and_reported_while_nothing_comes() {
    let pool = ThreadPool::builder().workers(1).max_blocked(0).build();
    watched(&pool, || {
        let monitor = diag::lag("report: lag", &pool, Duration::from_millis(1));
        until("some have come", || monitor.count() >= 3);
        assert!(monitor.worst() > Duration::ZERO);
        assert_eq!(
            monitor.histogram().map(|(_, count)| count).sum::<u64>(),
            monitor.count()
        );
        let (reports, _watching) = watch(
            Watchdog::new().lag(Duration::from_millis(100)),
            |trouble| matches!(trouble, Trouble::Lag { name, .. } if name == "report: lag"),
        );
        let (go, gone) = channel::<()>();
        let job = pool.submit(move || gone.recv().is_ok());
        let report = next(&reports);
        assert!(monitor.current() >= Duration::from_millis(100), "{report}");
        drop(go);
        job.wait().expect("it ends");
        until("it comes again", || {
            monitor.worst() >= Duration::from_millis(100)
        });
        drop(monitor);
    });
}

#[test]
fn a_monitor_whose_task_is_gone_is_not_late_for_ever() {
    let pool = ThreadPool::new(1);
    let monitor = diag::lag("report: gone", &pool, Duration::from_millis(1));
    until("one has come", || monitor.count() > 0);
    pool.shutdown(syncline::PoolShutdown::CancelQueued);
    let (worst, count) = (monitor.worst(), monitor.count());
    std_thread::sleep(Duration::from_millis(20));
    assert!(monitor.current() <= worst && monitor.count() == count);
    // One that cannot begin, and one that never comes.
    let closed = diag::lag("report: closed", &pool, Duration::from_millis(1));
    let never = diag::lag("report: never", &ThreadPool::new(1), Duration::MAX);
    assert_eq!((closed.current(), closed.count()), (Duration::ZERO, 0));
    assert_eq!((never.current(), never.count()), (Duration::ZERO, 0));
}

#[cfg(feature = "tokio")]
#[test]
fn a_task_of_tokio_bears_the_name_that_it_was_given_and_what_waits_in_it_says_so() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .build();
    let runtime = runtime.expect("a runtime can be made");
    let done = Arc::new(Event::new().named("report: tokio"));
    let task = runtime.spawn(diag::task("report: of tokio", {
        let done = Arc::clone(&done);
        async move { done.as_task().wait().await }
    }));
    watched(&done, || {
        let seen = until_waiting("report: tokio", 1);
        assert_eq!(
            name_of(&seen.waiters[0].party),
            Some("report: of tokio"),
            "{seen}"
        );
        let tasks = diag::snapshot().tasks;
        let mut mine = tasks
            .iter()
            .filter(|task| name_of(&task.party) == Some("report: of tokio"));
        assert_eq!(mine.next().map(|task| task.waits.len()), Some(1));
        done.set();
        runtime.block_on(task).expect("it ends");
    });
}

#[test]
#[should_panic(expected = "the interval of a lag monitor must be above zero")]
fn a_lag_without_an_interval_is_refused() {
    drop(diag::lag("zero", &ThreadPool::new(1), Duration::ZERO));
}

#[test]
fn a_pool_is_shown_with_what_its_threads_do() {
    let pool = ThreadPool::builder()
        .name_prefix("report-pool")
        .workers(2)
        .build();
    let seen = || {
        let mut pools = diag::snapshot().pools.into_iter();
        pools.find(|pool| pool.name == "report-pool")
    };
    let over = Arc::new(Event::new());
    watched(&pool, || {
        let job = pool.submit({
            let over = Arc::clone(&over);
            move || over.wait()
        });
        until("it is blocked", || {
            seen().is_some_and(|pool| pool.blocked == 1)
        });
        assert_eq!(seen().map(|pool| pool.workers), Some(2));
        over.set();
        job.wait().expect("it ends");
        until("all are idle", || {
            seen().is_some_and(|pool| pool.running + pool.blocked == 0)
        });
    });
    drop(pool);
    until("it is gone", || seen().is_none());
}

#[test]
fn a_named_stretch_inside_a_task_is_shown_beside_it() {
    let done = Arc::new(Event::new());
    watched(&done, || {
        let pool = ThreadPool::new(1);
        let job = pool.spawner().spawn_named("report: outer", {
            let done = Arc::clone(&done);
            async move {
                let outer = task::current();
                diag::task("report: stretch", async {
                    assert_eq!(task::current(), outer);
                    done.as_task().wait().await;
                })
                .await;
            }
        });
        until("both are shown", || {
            let tasks = diag::snapshot().tasks;
            ["report: outer", "report: stretch"].iter().all(|name| {
                tasks
                    .iter()
                    .any(|task| name_of(&task.party) == Some(*name) && task.polls > 0)
            })
        });
        done.set();
        job.wait().expect("it ends");
    });
}
