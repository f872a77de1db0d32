//! Which circles are found, which of them are certain, and what is none.

use core::future::{Future, poll_fn};
use core::time::Duration;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread as std_thread;

use syncline::diag::{self, Cycle, How};
use syncline::task::{self, block_on};
use syncline::thread::{Barrier, Condition, Event, Lock, RLock, ThreadPool, spawn_named, wait};
use syncline::{Job, Promise, Until};

use crate::looks::{circle_over, name_of, until_circle, until_waiting};
use crate::watch::{until, watched};

const LONG: Duration = Duration::from_secs(600);

fn members(cycle: &Cycle) -> Vec<Option<&str>> {
    let mut names: Vec<_> = cycle.links.iter().map(|link| name_of(&link.from)).collect();
    names.sort_unstable();
    names
}

/// A thread that is never heard of again.
fn lost(name: &'static str, body: impl FnOnce() + Send + 'static) {
    spawn_named(name, body).detach();
}

#[test]
fn two_threads_that_lock_in_opposite_orders_are_a_certain_deadlock() {
    static A: Lock<u32> = Lock::new(0).named("circle: a");
    static B: RLock<u32> = RLock::new(0).named("circle: b");
    static MET: Barrier = Barrier::new(2);
    watched(&A, || {
        lost("circle: ab", || {
            let _a = A.lock();
            MET.wait().expect("two come");
            let _b = B.lock();
        });
        lost("circle: ba", || {
            let _b = B.lock();
            MET.wait().expect("two come");
            let _a = A.lock();
        });
        let mut certain = None;
        until("a certain circle", || {
            certain = circle_over(&diag::snapshot(), "circle: a").filter(|cycle| cycle.certain);
            certain.is_some()
        });
        let cycle = certain.expect("found");
        assert_eq!(members(&cycle), [Some("circle: ab"), Some("circle: ba")]);
        let text = cycle.to_string();
        assert!(text.starts_with("DEADLOCK"), "{text}");
        assert!(
            text.contains("Lock \"circle: a\"") && text.contains("RLock \"circle: b\""),
            "{text}"
        );
    });
}

#[test]
fn locks_without_names_that_nobody_has_waited_for_before_are_found_too() {
    let locks = Arc::new((Lock::new(0), Lock::new(0)));
    let met = Arc::new(Barrier::new(2));
    watched(&locks.0, || {
        for turn in [false, true] {
            let (locks, met) = (Arc::clone(&locks), Arc::clone(&met));
            lost("circle: nameless", move || {
                let (first, second) = if turn {
                    (&locks.1, &locks.0)
                } else {
                    (&locks.0, &locks.1)
                };
                let _first = first.lock();
                met.wait().expect("two come");
                let _second = second.lock();
            });
        }
        until("a certain circle", || {
            let cycles = diag::snapshot().cycles;
            (cycles.iter())
                .any(|cycle| cycle.certain && members(cycle) == [Some("circle: nameless"); 2])
        });
    });
}

#[test]
fn a_thread_that_locks_what_it_has_locked_waits_for_itself() {
    static LOCK: Lock<u32> = Lock::new(0).named("circle: self");
    watched(&LOCK, || {
        lost("circle: itself", || {
            let _once = LOCK.lock();
            let _twice = LOCK.lock();
        });
        let cycle = until_circle("circle: self");
        assert_eq!(members(&cycle), [Some("circle: itself")]);
    });
}

#[test]
fn a_lock_that_was_forgotten_while_it_was_locked_is_held_for_ever() {
    static LOCK: Lock<u32> = Lock::new(0).named("circle: forgotten");
    watched(&LOCK, || {
        lost("circle: forgetful", || {
            #[expect(clippy::mem_forget, reason = "that is what is tested")]
            core::mem::forget(LOCK.lock());
            drop(LOCK.lock());
        });
        until("it is certain", || {
            let cycle = circle_over(&diag::snapshot(), "circle: forgotten");
            cycle.is_some_and(|cycle| cycle.certain)
        });
    });
}

#[test]
fn two_tasks_that_lock_in_opposite_orders_are_a_circle_that_is_not_certain() {
    static A: task::Lock<u32> = task::Lock::new(0).named("circle: task a");
    static B: task::Lock<u32> = task::Lock::new(0).named("circle: task b");
    let pool = ThreadPool::new(2);
    let met = Arc::new(task::Barrier::new(2));
    watched(&pool, || {
        let jobs: Vec<Job<()>> = [("circle: task ab", &A, &B), ("circle: task ba", &B, &A)]
            .into_iter()
            .map(|(name, first, second)| {
                let met = Arc::clone(&met);
                pool.spawner().spawn_named(name, async move {
                    let _first = first.lock().await;
                    met.wait().await.expect("two come");
                    let _second = second.lock().await;
                })
            })
            .collect();
        let cycle = until_circle("circle: task a");
        assert_eq!(
            members(&cycle),
            [Some("circle: task ab"), Some("circle: task ba")]
        );
        assert!(!cycle.certain);
        assert!(cycle.to_string().starts_with("A cycle, perhaps"));
        jobs[0].cancel();
        block_on(jobs.into_iter().nth(1).expect("two")).expect("it goes on");
        assert!(circle_over(&diag::snapshot(), "circle: task a").is_none());
    });
}

#[test]
fn a_thread_and_a_task_in_one_circle_are_found_by_way_of_the_join() {
    static LOCK: Lock<u32> = Lock::new(0).named("circle: join");
    watched(&LOCK, || {
        let pool = ThreadPool::new(1);
        let (sender, receiver) = channel::<Job<()>>();
        let begun = Arc::new(Event::new());
        lost("circle: joiner", {
            let begun = Arc::clone(&begun);
            move || {
                let _guard = LOCK.lock();
                begun.set();
                let job = receiver.recv().expect("it comes");
                // The task wants the lock.
                job.wait().expect("never");
            }
        });
        begun.wait();
        let job = pool.spawner().spawn_named("circle: joined", async {
            drop(LOCK.as_task().lock().await);
        });
        sender.send(job).expect("it listens");
        let cycle = until_circle("circle: join");
        assert_eq!(
            members(&cycle),
            [Some("circle: joined"), Some("circle: joiner")]
        );
        assert!(!cycle.certain);
        // The pool would wait for its task.
        #[expect(clippy::mem_forget, reason = "what is stuck is left behind")]
        core::mem::forget(pool);
    });
}

#[test]
fn a_job_that_waits_for_itself_by_way_of_a_lock_is_a_certain_deadlock() {
    static LOCK: Lock<u32> = Lock::new(0).named("circle: closure");
    watched(&LOCK, || {
        let (sender, receiver) = channel::<Job<()>>();
        let (begun, go) = (Arc::new(Event::new()), Arc::new(Event::new()));
        lost("circle: waits", {
            let begun = Arc::clone(&begun);
            move || {
                let _guard = LOCK.lock();
                begun.set();
                receiver.recv().expect("it comes").wait().expect("never");
            }
        });
        begun.wait();
        let job = spawn_named("circle: runs", {
            let go = Arc::clone(&go);
            move || {
                go.wait();
                drop(LOCK.lock());
            }
        });
        sender.send(job).expect("it listens");
        go.set();
        until("it is certain", || {
            circle_over(&diag::snapshot(), "circle: closure").is_some_and(|cycle| cycle.certain)
        });
    });
}

#[test]
fn a_block_on_whose_future_waits_for_its_own_thread_is_a_circle() {
    static LOCK: Lock<u32> = Lock::new(0).named("circle: block_on");
    watched(&LOCK, || {
        lost("circle: blocks", || {
            let _guard = LOCK.lock();
            block_on(async { drop(LOCK.as_task().lock().await) });
        });
        let cycle = until_circle("circle: block_on");
        assert_eq!(cycle.links.len(), 2);
        assert!(
            cycle.links.iter().any(|link| matches!(link.how, How::Runs)),
            "{cycle}"
        );
    });
}

#[test]
fn a_timed_wait_in_a_circle_makes_it_uncertain() {
    static A: Lock<u32> = Lock::new(0).named("circle: timed a");
    static B: Lock<u32> = Lock::new(0).named("circle: timed b");
    static MET: Barrier = Barrier::new(2);
    watched(&A, || {
        lost("circle: patient", || {
            let _a = A.lock();
            MET.wait().expect("two come");
            let _b = B.lock();
        });
        lost("circle: impatient", || {
            let _b = B.lock();
            MET.wait().expect("two come");
            let _a = A.lock_timeout(LONG);
        });
        assert!(!until_circle("circle: timed a").certain);
        for _ in 0..100 {
            let cycle = circle_over(&diag::snapshot(), "circle: timed a").expect("it stays");
            assert!(!cycle.certain);
        }
    });
}

#[test]
fn a_guard_that_can_be_given_away_makes_a_circle_uncertain() {
    static B: Lock<u32> = Lock::new(0).named("circle: owned b");
    static MET: Barrier = Barrier::new(2);
    let a = Arc::new(Lock::new(0).named("circle: owned a"));
    watched(&a, || {
        let (sender, receiver) = channel();
        lost("circle: gave", {
            let a = Arc::clone(&a);
            move || {
                // It has sent its guard away, and waits for somebody who waits for that.
                sender.send(a.lock_owned()).expect("somebody listens");
                MET.wait().expect("two come");
                drop(B.lock());
            }
        });
        let guard = receiver.recv().expect("it comes");
        let waits = spawn_named("circle: waits for it", {
            let a = Arc::clone(&a);
            move || {
                let _b = B.lock();
                MET.wait().expect("two come");
                drop(a.lock());
            }
        });
        let cycle = until_circle("circle: owned a");
        assert!(!cycle.certain);
        drop(guard);
        waits.wait().expect("that was no deadlock");
    });
}

#[test]
fn a_thread_that_a_notify_has_moved_to_the_lock_is_seen_to_wait_for_it() {
    static OTHER: Lock<u32> = Lock::new(0).named("circle: moved");
    let both = Arc::new((Lock::new(false), Condition::new()));
    watched(&OTHER, || {
        let waits = Arc::new(Event::new());
        lost("circle: is moved", {
            let (both, waits) = (Arc::clone(&both), Arc::clone(&waits));
            move || {
                let _other = OTHER.lock();
                let mut guard = both.0.lock();
                waits.set();
                while !*guard {
                    guard = both.1.wait(guard);
                }
            }
        });
        lost("circle: notifies", {
            let both = Arc::clone(&both);
            move || {
                waits.wait();
                let mut guard = both.0.lock();
                *guard = true;
                both.1.notify_one();
                let _other = OTHER.lock();
            }
        });
        until("it is certain", || {
            let cycle = circle_over(&diag::snapshot(), "circle: moved");
            cycle.is_some_and(|cycle| cycle.certain)
        });
    });
}

#[test]
fn a_wait_for_one_of_several_jobs_makes_a_circle_uncertain() {
    static LOCK: Lock<u32> = Lock::new(0).named("circle: several");
    let (promise, other) = Promise::<()>::new();
    watched(&LOCK, || {
        let begun = Arc::new(Event::new());
        let waiter = spawn_named("circle: waits for one", {
            let begun = Arc::clone(&begun);
            move || {
                let guard = LOCK.lock();
                begun.set();
                let stuck = spawn_named("circle: stuck", || drop(LOCK.lock()));
                wait([&stuck, &other], Until::First, None);
                drop(guard);
                stuck.wait().expect("it goes on");
            }
        });
        begun.wait();
        let cycle = until_circle("circle: several");
        assert!(!cycle.certain, "{cycle}");
        promise.set(()).expect("it is awaited");
        waiter.wait().expect("it was no deadlock");
    });
}

#[test]
fn waits_for_what_anybody_can_end_make_no_circle() {
    static LOCK: Lock<u32> = Lock::new(0).named("chain: lock");
    static EVENT: Event = Event::new().named("chain: event");
    watched(&EVENT, || {
        let holder = spawn_named("chain: holder", || {
            let _guard = LOCK.lock();
            EVENT.wait();
        });
        until_waiting("chain: event", 1);
        let waiter = spawn_named("chain: waiter", || drop(LOCK.lock()));
        until_waiting("chain: lock", 1);
        assert!(circle_over(&diag::snapshot(), "chain: lock").is_none());
        EVENT.set();
        holder.wait().expect("it ends");
        waiter.wait().expect("it ends");
    });
}

#[test]
fn a_select_with_something_that_ends_is_never_certain_and_goes_on() {
    static A: task::Lock<u32> = task::Lock::new(0).named("circle: select");
    watched(&A, || {
        // It has the lock, waits for it once more, and for something else that comes.
        let other = Arc::new(task::Event::new());
        let job = spawn_named("circle: selects", {
            let other = Arc::clone(&other);
            move || {
                block_on(async {
                    let guard = A.lock().await;
                    let mut again = core::pin::pin!(A.lock());
                    let mut comes = core::pin::pin!(other.wait());
                    poll_fn(|context| {
                        assert!(again.as_mut().poll(context).is_pending());
                        comes.as_mut().poll(context)
                    })
                    .await;
                    drop(guard);
                });
            }
        });
        let cycle = until_circle("circle: select");
        assert!(!cycle.certain);
        other.set();
        job.wait().expect("it was no deadlock");
    });
}

#[test]
fn busy_locks_are_never_said_to_be_a_certain_deadlock() {
    static LOCKS: [Lock<u32>; 3] = [
        Lock::new(0).named("busy: 1"),
        Lock::new(0).named("busy: 2"),
        Lock::new(0).named("busy: 3"),
    ];
    let rounds = if cfg!(miri) { 5 } else { 2000 };
    watched(&LOCKS, || {
        std_thread::scope(|threads| {
            for start in 0..3 {
                threads.spawn(move || {
                    for round in 0..rounds {
                        // In order, so that it is no deadlock, and never the same two.
                        let (low, high) = [(0, 1), (1, 2), (0, 2)][(start + round) % 3];
                        let _low = LOCKS[low].lock();
                        let _high = LOCKS[high].lock();
                    }
                });
            }
            for _ in 0..rounds / 4 {
                let cycles = diag::snapshot().cycles;
                for name in ["busy: 1", "busy: 2", "busy: 3"] {
                    let of = cycles.iter().find(|cycle| {
                        cycle.links.iter().any(|link| {
                            matches!(&link.how, How::Waits(wait) if wait.target.name.as_deref() == Some(name))
                        })
                    });
                    assert!(of.is_none_or(|cycle| !cycle.certain), "{of:?}");
                }
            }
        });
    });
}
