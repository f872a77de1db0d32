//! What a snapshot shows of those who wait, and of what they wait for.

use core::time::Duration;
use std::sync::Arc;
use std::thread as std_thread;

use syncline::diag::{self, Kind, Party};
use syncline::task::{self, block_on};
use syncline::thread::{
    Barrier, Condition, Event, Lock, LockGuard, Queue, RLock, Semaphore, ThreadPool, ThreadState,
    spawn_named,
};

use crate::driver::Driver;
use crate::looks::{name_of, primitive, until_waiting};
use crate::watch::{until, watched};

const LONG: Duration = Duration::from_secs(600);

#[test]
fn a_lock_is_shown_with_its_owner_and_with_whoever_waits_where() {
    static LOCK: Lock<u32> = Lock::new(0).named("shown: lock");
    watched(&LOCK, || {
        let guard = LOCK.lock();
        let waiter = spawn_named("shown: waiter", || drop(LOCK.lock()));
        let line = line!() - 1;
        let seen = until_waiting("shown: lock", 1);
        assert_eq!(seen.target.kind, Kind::Lock);
        assert!(seen.target.made.file().ends_with("shown.rs"));
        let owner = seen.owner.as_ref().expect("this thread has it");
        let mine = std_thread::current();
        assert_eq!(name_of(owner), mine.name());
        assert!(!seen.may_have_moved);
        let [waiter_seen] = &seen.waiters[..] else {
            panic!("one waits: {seen:?}")
        };
        assert_eq!(name_of(&waiter_seen.party), Some("shown: waiter"));
        assert_eq!(
            waiter_seen.place.map(core::panic::Location::line),
            Some(line)
        );
        assert!(!waiter_seen.may_end_otherwise && !waiter_seen.is_granted);

        drop(guard);
        waiter.wait().expect("it ends");
        let seen = primitive("shown: lock").expect("it has a name");
        assert_eq!((seen.waiting, seen.waits, seen.owner), (0, 1, None));
        assert!(seen.longest <= seen.waited && seen.longest > Duration::ZERO);
    });
}

#[test]
fn a_thread_is_shown_with_what_it_has_and_what_it_waits_for() {
    static FIRST: RLock<u32> = RLock::new(0).named("shown: first");
    static SECOND: Event = Event::new().named("shown: second");
    watched(&SECOND, || {
        let thread = spawn_named("shown: thread", || {
            let _first = FIRST.lock();
            let _nested = FIRST.lock();
            SECOND.wait();
        });
        until_waiting("shown: second", 1);
        let snapshot = diag::snapshot();
        let seen = (snapshot.threads.iter())
            .find(|thread| name_of(&thread.party) == Some("shown: thread"))
            .expect("it waits");
        assert_eq!(seen.state, Some(ThreadState::Running));
        assert_eq!(seen.waits.len(), 1);
        assert_eq!(seen.waits[0].target.name.as_deref(), Some("shown: second"));
        let held: Vec<_> = seen
            .holds
            .iter()
            .map(|target| target.name.as_deref())
            .collect();
        assert_eq!(held, [Some("shown: first")]);
        if cfg!(target_os = "linux") && !cfg!(miri) {
            assert!(seen.os_id.is_some());
        }
        let text = snapshot.to_string();
        assert!(text.contains("thread"), "{text}");
        assert!(
            text.contains("Event \"shown: second\", needs someone to set it"),
            "{text}"
        );
        SECOND.set();
        thread.wait().expect("it ends");
        until("it is gone", || {
            let threads = diag::snapshot().threads;
            !threads
                .iter()
                .any(|thread| name_of(&thread.party) == Some("shown: thread"))
        });
    });
}

#[test]
fn waiters_are_shown_in_the_order_in_which_they_came_and_threads_beside_tasks() {
    static LOCK: Lock<u32> = Lock::new(0).named("shown: order");
    watched(&LOCK, || {
        let guard = LOCK.lock();
        let thread = spawn_named("shown: a thread", || drop(LOCK.lock()));
        until_waiting("shown: order", 1);
        let pool = ThreadPool::new(1);
        let task = pool
            .spawner()
            .spawn_named("shown: a task", async { drop(LOCK.as_task().lock().await) });
        let seen = until_waiting("shown: order", 2);
        let names: Vec<_> = seen
            .waiters
            .iter()
            .map(|waiter| name_of(&waiter.party))
            .collect();
        assert_eq!(names, [Some("shown: a thread"), Some("shown: a task")]);
        let Party::Task { made, .. } = &seen.waiters[1].party else {
            panic!("a task: {seen:?}")
        };
        assert!(
            made.expect("known").file().ends_with("shown.rs"),
            "{made:?}"
        );
        drop(guard);
        thread.wait().expect("it ends");
        block_on(task).expect("it ends");
    });
}

#[test]
fn a_wait_that_ends_by_itself_is_shown_as_such() {
    static EVENT: Event = Event::new().named("shown: timed");
    watched(&EVENT, || {
        let thread = spawn_named("shown: timed", || EVENT.wait_timeout(LONG));
        let seen = until_waiting("shown: timed", 1);
        assert!(seen.waiters[0].may_end_otherwise);
        EVENT.set();
        thread.wait().expect("it ends").expect("it was set");
    });
}

#[test]
fn everything_that_can_be_waited_for_is_shown() {
    static SEMAPHORE: Semaphore = Semaphore::new(0).named("shown: semaphore");
    static BARRIER: Barrier = Barrier::new(2).named("shown: barrier");
    static LOCK: Lock<()> = Lock::new(());
    static CONDITION: Condition = Condition::new().named("shown: condition");
    static QUEUE: Queue<u32> = Queue::bounded(1).named("shown: queue");
    let kinds = |name: &str| -> Vec<Kind> {
        let snapshot = diag::snapshot();
        let named = snapshot
            .primitives
            .iter()
            .filter(|one| one.target.name.as_deref() == Some(name));
        let mut kinds: Vec<_> = named
            .filter(|one| one.waiting == 1)
            .map(|one| one.target.kind)
            .collect();
        kinds.sort_by_key(ToString::to_string);
        kinds
    };
    watched(&QUEUE, || {
        std_thread::scope(|threads| {
            threads.spawn(|| SEMAPHORE.acquire());
            threads.spawn(|| BARRIER.wait());
            threads.spawn(|| drop(CONDITION.wait(LOCK.lock())));
            threads.spawn(|| QUEUE.get());
            until("all wait", || {
                kinds("shown: semaphore") == [Kind::Semaphore]
                    && kinds("shown: barrier") == [Kind::Barrier]
                    && kinds("shown: condition") == [Kind::Condition]
                    && kinds("shown: queue") == [Kind::QueueGet]
            });
            QUEUE.put(1).expect("open");
            until("it was got", || QUEUE.is_empty());
            threads.spawn(|| QUEUE.join());
            until("one joins", || kinds("shown: queue") == [Kind::QueueJoin]);
            QUEUE.put(2).expect("open");
            threads.spawn(|| QUEUE.put(3));
            until("one puts", || {
                kinds("shown: queue") == [Kind::QueueJoin, Kind::QueuePut]
            });

            assert_eq!(QUEUE.get(), Ok(2));
            assert_eq!(QUEUE.get(), Ok(3));
            for _ in 0..3 {
                QUEUE.task_done().expect("it was got");
            }
            SEMAPHORE.release(1).expect("there is room");
            BARRIER.wait().expect("nobody breaks it");
            until("it waits no more", || {
                CONDITION.notify_one();
                kinds("shown: condition").is_empty()
            });
        });
    });
}

#[test]
fn a_task_that_does_not_come_for_its_grant_is_shown_with_who_waits_behind_it() {
    static LOCK: Lock<u32> = Lock::new(0).named("shown: granted");
    let guard = LOCK.lock();
    let lazy = Driver::waiting(task::identified(LOCK.as_task().lock()));
    watched(&LOCK, || {
        let behind = spawn_named("shown: behind", || drop(LOCK.lock()));
        until_waiting("shown: granted", 2);
        drop(guard);
        let seen = until_waiting("shown: granted", 2);
        assert!(
            seen.waiters.iter().any(|waiter| waiter.is_granted),
            "{seen:?}"
        );
        assert_eq!(
            seen.owner,
            seen.waiters
                .iter()
                .find(|one| one.is_granted)
                .map(|one| one.party.clone())
        );
        let text = seen.to_string();
        assert!(text.contains("and has not claimed it"), "{text}");
        drop(lazy.ready());
        behind.wait().expect("it ends");
    });
}

#[test]
fn an_empty_name_is_none_and_odd_ones_do_not_break_the_dump() {
    let lock = Lock::new(0).named("");
    let line = line!() - 1;
    let odd = Lock::new(0).named("shown: \"odd\"\n");
    let guards = (lock.lock(), odd.lock());
    let snapshot = diag::snapshot();
    assert!(
        !snapshot
            .primitives
            .iter()
            .any(|one| one.target.made.line() == line)
    );
    let text = snapshot.to_string();
    assert!(text.contains(r#"Lock "shown: \"odd\"\n""#), "{text}");
    drop(guards);
}

#[test]
fn a_lock_that_was_given_up_for_a_while_has_no_owner() {
    static LOCK: Lock<u32> = Lock::new(0).named("shown: given up");
    let mut guard = LOCK.lock();
    assert!(primitive("shown: given up").expect("named").owner.is_some());
    LockGuard::unlocked(&mut guard, || {
        assert_eq!(primitive("shown: given up").expect("named").owner, None);
    });
    assert!(primitive("shown: given up").expect("named").owner.is_some());
}

#[test]
fn a_lock_without_a_name_is_shown_once_somebody_has_waited_for_it() {
    let lock = Arc::new(Lock::new(0));
    let line = line!() - 1;
    let is_shown = || {
        diag::snapshot().primitives.into_iter().find(|one| {
            one.target.made.line() == line && one.target.made.file().ends_with("shown.rs")
        })
    };
    watched(&lock, || {
        let guard = lock.lock();
        assert!(is_shown().is_none());
        let waiter = spawn_named("shown: nameless", {
            let lock = Arc::clone(&lock);
            move || drop(lock.lock())
        });
        until("it is shown with its owner", || {
            is_shown().is_some_and(|one| one.waiting == 1 && one.owner.is_some())
        });
        drop(guard);
        waiter.wait().expect("it ends");
        assert!(is_shown().is_some_and(|one| one.waiting == 0));
    });
    drop(lock);
    until("it is gone", || is_shown().is_none());
}

#[test]
fn a_worker_that_does_a_job_is_shown_as_whoever_that_job_waits_for() {
    let (begun, over) = (Arc::new(Event::new()), Arc::new(Event::new()));
    watched(&over, || {
        let job = spawn_named("shown: worker", {
            let (begun, over) = (Arc::clone(&begun), Arc::clone(&over));
            move || {
                begun.set();
                over.wait();
            }
        });
        begun.wait();
        std_thread::scope(|threads| {
            threads.spawn(|| job.wait());
            until("somebody waits for the job", || {
                diag::snapshot().primitives.iter().any(|one| {
                    one.target.kind == Kind::Job
                        && one.waiting == 1
                        && one.owner.as_ref().and_then(name_of) == Some("shown: worker")
                })
            });
            over.set();
        });
    });
}

#[test]
fn only_the_first_waiters_are_shown_and_all_are_counted() {
    static EVENT: task::Event = task::Event::new().named("shown: many");
    let count = if cfg!(miri) { 100 } else { 10_000 };
    let waiters: Vec<_> = (0..count).map(|_| Driver::waiting(EVENT.wait())).collect();
    let seen = primitive("shown: many").expect("many wait");
    assert_eq!((seen.waiting, seen.waiters.len()), (count, 64));
    assert!(
        seen.to_string()
            .ends_with(&format!("and {} more", count - 64))
    );
    drop(waiters);
    let seen = primitive("shown: many").expect("it has a name");
    assert_eq!((seen.waiting, seen.waits), (0, count as u64));
}

/// One without a name is shown by the type of its closure, which is a path to the user's code.
#[test]
fn jobs_are_shown_by_their_names_or_by_the_types_of_their_closures() {
    let pool = ThreadPool::builder().workers(2).max_blocked(4).build();
    let go = Arc::new(Event::new());
    watched(&*go, || {
        let wait_for_it = || {
            let go = Arc::clone(&go);
            move || go.wait()
        };
        let named = pool.submit_named("shown: upload", wait_for_it());
        let unnamed = pool.submit(wait_for_it());
        let waiting = [
            pool.submit(move || named.wait()),
            pool.submit(move || unnamed.wait()),
        ];
        let named = until_waiting("shown: upload", 1);
        assert_eq!(named.target.to_string(), "Job \"shown: upload\"");
        until("the wait for the other one", || {
            let shown = diag::snapshot().to_string();
            shown.contains("Job \"diag::shown::jobs_are_shown_by_their_names_or_by")
        });
        go.set();
        for job in waiting {
            job.wait().unwrap().unwrap();
        }
    });
}
