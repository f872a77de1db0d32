//! Tasks that block their thread, where that is forbidden.

use core::cell::RefCell;
use core::panic::AssertUnwindSafe;
use core::time::Duration;
use std::panic::{catch_unwind, set_hook, take_hook};
use std::sync::{Arc, Once};

use crate::watch::watched;
use syncline::bridge::{Requests, forbid_blocking};
use syncline::internals::Quiet;
use syncline::task::{self, block_on};
use syncline::thread::{self, Barrier, Condition, Event, Lock, LockGuard, Queue, RLock, Semaphore};
use syncline::{CallError, JobError, PoolShutdown, Promise, Shutdown, TimedOut, Until};

const LONG: Duration = Duration::from_secs(60);

thread_local! {
    /// Where the last panic of this thread was raised.
    static RAISED: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs something as a task that may not block, and gives its panic: the message, and the file.
fn refused(body: impl FnOnce()) -> Option<(String, String)> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |info| {
            let file = info.location().map(|location| location.file().to_owned());
            RAISED.set(file);
            before(info);
        }));
    });
    let _no_blocking = forbid_blocking();
    let panic = catch_unwind(AssertUnwindSafe(|| block_on(async { body() }))).err()?;
    let message = panic.downcast_ref::<&str>().expect("a text");
    Some(((*message).to_owned(), RAISED.take().expect("the hook ran")))
}

/// What comes of a wait that does not come back.
fn ignore<T>(_never: T) {}

#[track_caller]
fn assert_refused(what: &str, body: impl FnOnce()) {
    let (message, file) = refused(body).unwrap_or_else(|| panic!("{what} was not refused"));
    assert!(message.contains("forbid_blocking"), "{what}: {message}");
    assert!(file.ends_with("forbid.rs"), "{what} points at {file}");
}

#[test]
fn a_wait_for_a_lock_inside_a_task_is_refused_where_it_is_called() {
    let lock = Lock::new(0);
    let (rlock, owned) = (RLock::new(0), Arc::new(Lock::new(0)));
    let (guard, rguard, oguard) = (lock.lock(), rlock.lock(), owned.lock());
    assert_refused("lock", || drop(lock.lock()));
    assert_refused("lock_timeout", || drop(lock.lock_timeout(LONG)));
    assert_refused("lock_owned", || drop(Lock::lock_owned(&owned)));
    std::thread::scope(|threads| {
        // As another thread: this one owns it.
        threads.spawn(|| assert_refused("RLock::lock", || drop(rlock.lock())));
    });
    drop((guard, rguard, oguard));
    for quiet in [&lock as &dyn Quiet, &rlock, &*owned] {
        quiet.assert_quiet();
    }
}

#[test]
fn a_wait_for_a_primitive_inside_a_task_is_refused_and_changes_nothing() {
    let semaphore = Semaphore::new(0);
    let (event, barrier) = (Event::new(), Barrier::new(2));
    assert_refused("acquire", || semaphore.acquire().forget());
    assert_refused("acquire_many", || semaphore.acquire_many(2).forget());
    assert_refused("acquire_timeout", || drop(semaphore.acquire_timeout(LONG)));
    assert_refused("Event::wait", || event.wait());
    assert_refused("Event::wait_timeout", || ignore(event.wait_timeout(LONG)));
    assert_refused("Barrier::wait", || ignore(barrier.wait()));
    assert!(!barrier.is_broken());
    assert_eq!(barrier.waiting(), 0);
    semaphore.assert_quiet();
    event.assert_quiet();
}

#[test]
fn a_wait_for_a_queue_inside_a_task_is_refused() {
    let queue = Queue::bounded(1);
    assert_refused("get", || ignore(queue.get()));
    assert_refused("get_timeout", || ignore(queue.get_timeout(LONG)));
    assert_refused("get_many", || drop(queue.get_many(2)));
    assert_refused("next", || ignore(queue.iter().next()));
    queue.put(1).unwrap();
    assert_refused("put", || ignore(queue.put(2)));
    assert_refused("put_many", || drop(queue.put_many([2, 3])));
    assert_refused("reserve", || drop(queue.reserve()));
    assert_refused("join", || queue.join());
    assert_eq!(queue.drain(), [1]);
    queue.task_done().unwrap_err();
    queue.shutdown(Shutdown::Immediate);
    queue.assert_quiet();
}

#[test]
fn a_wait_for_a_condition_inside_a_task_is_refused_and_unlocks() {
    let (lock, condition) = (Lock::new(0), Condition::new());
    assert_refused("wait", || drop(condition.wait(lock.lock())));
    assert_refused("wait_for", || {
        drop(condition.wait_for(lock.lock(), |number| *number == 1));
    });
    assert_refused("wait_timeout", || {
        drop(condition.wait_timeout(lock.lock(), LONG));
    });
    let rlock = RLock::new(0);
    assert_refused("wait_nested", || {
        drop(condition.wait_nested(rlock.lock()));
    });
    assert!(!lock.is_locked() && !rlock.is_locked());
    assert_eq!(condition.notify_all(), 0);
}

#[test]
fn a_wait_for_a_job_inside_a_task_is_refused() {
    let (promise, job) = Promise::<i32>::new();
    assert_refused("thread::wait", || {
        thread::wait([&job], Until::All, None);
    });
    let mut job = job;
    assert_refused("wait_timeout", || drop(job.wait_timeout(LONG)));
    let mut ended = thread::as_completed([job]);
    assert_refused("as_completed", || drop(ended.next()));
    assert_refused("next_timeout", || drop(ended.next_timeout(LONG)));
    promise.set(1).unwrap();
    let job = ended.next().expect("it has ended");
    assert!(refused(move || assert_eq!(job.1.wait().unwrap(), 1)).is_none());
    let (_promise, job) = Promise::<i32>::new();
    assert_refused("Job::wait", || drop(job.wait()));
}

#[test]
fn a_block_on_that_waits_inside_a_task_is_refused() {
    let event = task::Event::new();
    assert_refused("block_on", || block_on(event.wait()));
    event.set();
    assert!(refused(|| block_on(event.wait())).is_none());
    event.assert_quiet();
}

#[test]
fn a_pool_that_waits_inside_a_task_is_refused_and_ends_all_the_same() {
    let pool = thread::ThreadPool::new(1);
    assert_refused("scope", || pool.scope(|_| ()));
    let goes_on = Arc::new(Event::new());
    let job = {
        let goes_on = Arc::clone(&goes_on);
        pool.submit(move || goes_on.wait())
    };
    for how in [PoolShutdown::Drain, PoolShutdown::CancelQueued] {
        assert_refused("shutdown", || pool.shutdown(how));
        assert_refused("shutdown_timeout", || {
            pool.shutdown_timeout(how, LONG).unwrap();
        });
    }
    // What is refused has closed nothing.
    pool.try_submit(|| ()).unwrap().detach();
    assert!(refused(|| drop(pool.shutdown_timeout(PoolShutdown::Drain, Duration::ZERO))).is_none());
    // A destructor does not know who dropped.
    let (message, _) = refused(|| drop(pool)).expect("a drop that waits");
    assert!(message.contains("forbid_blocking"), "{message}");
    goes_on.set();
    job.wait().unwrap();
}

#[test]
fn a_call_that_is_refused_inside_a_task_has_not_been_sent() {
    let (caller, responder) = Requests::<u32, u32>::new(2);
    assert_refused("CallWait::wait", || ignore(caller.call(1).wait()));
    assert_refused("CallWait::wait_timeout", || {
        ignore(caller.call(2).wait_timeout(LONG));
    });
    assert_eq!(responder.waiting(), 0);
    // A call that waits for nothing is allowed.
    let asked = refused(|| {
        let timed_out = caller.call(3).wait_timeout(Duration::ZERO);
        assert_eq!(timed_out, Err(CallError::TimedOut(None)));
    });
    assert!(asked.is_none());
    assert_eq!(responder.waiting(), 1);
}

#[test]
fn a_stop_that_is_refused_inside_a_task_has_stopped_nothing() {
    let runner = syncline::bridge::Runner::start().unwrap();
    assert_refused("stop", || runner.stop(None).unwrap());
    assert_refused("drain", || runner.drain(None).unwrap());
    assert_eq!(runner.run(async { 7 }).unwrap(), 7);
}

#[test]
fn a_map_that_waits_inside_a_task_is_refused_and_loses_nothing() {
    let (pool, goes_on) = (thread::ThreadPool::new(1), Arc::new(Event::new()));
    let waits = Arc::clone(&goes_on);
    let mut map = pool.map(0..3, move |n| {
        waits.wait();
        n
    });
    assert_refused("map", || drop(map.next()));
    assert_refused("map_timeout", || {
        let events = [Arc::clone(&goes_on)];
        drop(pool.map_timeout(events, LONG, |event| event.wait()).next());
    });
    goes_on.set();
    assert!(map.map(Result::unwrap).eq(0..3));
}

#[test]
fn a_runner_that_is_dropped_inside_a_task_is_refused_once_and_waits_for_nothing() {
    let runner = syncline::bridge::Runner::start().unwrap();
    let (begun, goes_on) = (Arc::new(Event::new()), Arc::new(Event::new()));
    let (tells, waits) = (Arc::clone(&begun), Arc::clone(&goes_on));
    let job = runner.spawn(async move {
        tells.set();
        waits.wait();
    });
    begun.wait();
    watched(&"the drop of a runner", || {
        let (message, _) = refused(|| drop(runner)).expect("a drop that waits");
        assert!(message.contains("forbid_blocking"), "{message}");
        assert!(job.is_cancelled() && !job.is_done());
        goes_on.set();
    });
    assert!(matches!(job.wait(), Err(JobError::Cancelled)));
}

#[test]
fn a_job_on_a_thread_of_its_own_that_is_done_need_not_be_waited_for() {
    let job = thread::spawn_named("short", || 1);
    while !job.is_done() {
        std::thread::yield_now();
    }
    assert!(refused(move || assert_eq!(job.wait().unwrap(), 1)).is_none());
}

#[test]
fn what_need_not_wait_and_what_only_tries_is_not_refused() {
    let (lock, semaphore, queue) = (Lock::new(0), Semaphore::new(1), Queue::bounded(1));
    let (event, held) = (Event::new(), Lock::new(0));
    event.set();
    let _held = held.lock();
    let (_promise, mut job) = Promise::<i32>::new();
    let panic = refused(|| {
        *lock.lock() += 1;
        drop(semaphore.acquire());
        queue.put(1).unwrap();
        assert_eq!(queue.get(), Ok(1));
        event.wait();
        assert!(held.try_lock().is_none());
        assert_eq!(
            held.lock_timeout(Duration::ZERO).err(),
            held.lock_timeout(Duration::ZERO).err()
        );
        assert!(queue.get_timeout(Duration::ZERO).is_err());
        assert!(job.wait_timeout(Duration::ZERO).is_err());
        assert_eq!(
            thread::wait([&job], Until::All, Some(Duration::ZERO)).pending,
            [0]
        );
        assert_eq!(Condition::new().notify_all(), 0);
    });
    assert_eq!(panic, None);
    let timed_out: TimedOut = job.wait_timeout(Duration::ZERO).unwrap_err();
    assert_eq!(timed_out.to_string(), "the wait timed out");
}

#[test]
fn what_is_no_task_may_wait() {
    let _no_blocking = forbid_blocking();
    let event = Arc::new(Event::new());
    let setter = Arc::clone(&event);
    let job = thread::spawn_named("sets", move || setter.set());
    watched(&event, || event.wait());
    job.wait().unwrap();
    // The root of `block_on` is polled; between its polls the thread sleeps.
    block_on(task::sleep(Duration::from_millis(1)));
}

#[test]
fn it_is_forbidden_as_long_as_the_scope_lives_and_no_longer() {
    let event = Event::new();
    let blocks = || catch_unwind(AssertUnwindSafe(|| block_on(async { event.wait() })));
    {
        let outer = forbid_blocking();
        let inner = forbid_blocking();
        drop(inner);
        blocks().unwrap_err();
        drop(outer);
    }
    event.set();
    blocks().unwrap();
}

#[test]
fn a_lock_is_locked_again_after_its_guard_was_unlocked_for_something() {
    let lock = Lock::new(0);
    let (begun, goes_on) = (Event::new(), Event::new());
    std::thread::scope(|threads| {
        let panic = refused(|| {
            let mut guard = lock.lock();
            LockGuard::unlocked(&mut guard, || {
                threads.spawn(|| {
                    let mut guard = lock.lock();
                    begun.set();
                    goes_on.wait();
                    *guard += 1;
                });
                // Not a wait of the task: it is done for it, elsewhere.
                while !begun.is_set() {
                    std::thread::yield_now();
                }
                goes_on.set();
            });
            assert_eq!(*guard, 1);
        });
        assert_eq!(panic, None);
    });
}

#[test]
fn a_destructor_that_waits_because_of_a_panic_is_not_refused() {
    struct Waits<'a>(&'a Event);

    impl Drop for Waits<'_> {
        fn drop(&mut self) {
            self.0.wait();
        }
    }

    let event = Event::new();
    let panic = std::thread::scope(|threads| {
        refused(|| {
            let _waits = Waits(&event);
            threads.spawn(|| {
                crate::watch::until_waiting(&event, 1);
                event.set();
            });
            panic!("another one");
        })
    });
    assert_eq!(panic.expect("a panic").0, "another one");
}

#[test]
fn a_pool_that_forbids_it_says_so_in_the_job() {
    let pool = thread::ThreadPool::builder()
        .workers(1)
        .forbid_blocking()
        .build();
    let event = Arc::new(Event::new());
    let (waits, awaits) = (Arc::clone(&event), Arc::clone(&event));
    let blocking = pool.spawn(async move { waits.wait() });
    let Err(JobError::Panicked(panic)) = watched(&pool, || blocking.wait()) else {
        panic!("it was not refused");
    };
    assert!(panic.message().expect("a text").contains("forbid_blocking"));
    let awaiting = pool.spawn(async move { awaits.as_task().wait().await });
    let setter = Arc::clone(&event);
    pool.submit(move || setter.set()).wait().unwrap();
    awaiting.wait().unwrap();
}
