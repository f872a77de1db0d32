//! Who owns a re-entrant lock: guards and requests of one task, wherever they are.

use crate::actor::Actor;
use crate::driver::Driver;
use crate::waker::{Call, Probe};
use crate::watch::{until_waiting, watched};
use core::panic::AssertUnwindSafe;
use core::sync::atomic::{AtomicBool, Ordering::SeqCst};
use core::task::Poll;
use core::time::Duration;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::thread;
use syncline::internals::Quiet;
use syncline::task::{OwnedRLockGuard, RLock, RLockGuard, block_on, current};

/// Runs something as a task of its own, which never waits.
fn as_task<R>(body: impl FnOnce() -> R) -> R {
    block_on(async { body() })
}

fn message_of(panic: &(dyn core::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .expect("a message")
}

#[test]
fn without_a_task_nobody_can_own_it_and_the_panic_says_what_to_do() {
    let lock = Arc::new(RLock::new(0));
    assert!(lock.try_lock().is_none());
    assert!(lock.try_lock_owned().is_none());
    let refused = [
        catch_unwind(AssertUnwindSafe(|| drop(Driver::new(lock.lock()).ready()))),
        catch_unwind(AssertUnwindSafe(|| {
            drop(Driver::new(lock.lock_owned()).ready());
        })),
        catch_unwind(AssertUnwindSafe(|| {
            drop(Driver::new(lock.lock_timeout(Duration::ZERO)).ready());
        })),
    ];
    for panic in refused {
        let panic = panic.unwrap_err();
        let message = message_of(&*panic);
        assert!(message.contains("task::block_on"), "{message}");
        assert!(message.contains("task::identified"), "{message}");
    }
    assert!(!lock.is_locked());
    assert_eq!(1, Arc::strong_count(&lock));
    lock.assert_quiet();
}

/// A request that is polled by nobody, after it has been queued, keeps its place and its grant.
#[test]
fn a_poll_without_a_task_changes_nothing_for_a_request_in_line() {
    let lock = RLock::new(0);
    let mut actor = Actor::new();
    let guard = actor.run(|| lock.try_lock().unwrap());
    let mut waiter = Driver::new(lock.lock());
    as_task(|| waiter.pending());
    catch_unwind(AssertUnwindSafe(|| waiter.poll().is_ready())).unwrap_err();
    assert_eq!(1, lock.waiting());
    drop(guard);
    assert_eq!(1, waiter.probe().wakes());
    catch_unwind(AssertUnwindSafe(|| waiter.poll().is_ready())).unwrap_err();
    assert!(lock.is_locked());
    drop(as_task(|| waiter.ready()));
    assert!(!lock.is_locked());
    lock.assert_quiet();
}

#[test]
fn two_futures_of_one_task_share_the_lock() {
    let lock = RLock::new(0);
    block_on(async {
        let (one, other) = futures_lite::future::zip(lock.lock(), lock.lock()).await;
        assert_eq!(2, RLockGuard::depth(&one));
        assert_eq!(2, RLockGuard::depth(&other));
    });
    assert!(!lock.is_locked());
    lock.assert_quiet();
}

/// Both are in line before anything is granted; one grant is enough, and no node is left behind.
#[test]
fn a_request_in_line_is_through_as_soon_as_its_task_owns_the_lock() {
    let lock = Arc::new(RLock::new(0));
    let held = block_on(lock.lock_owned());
    let mut actor = Actor::new();
    let (mut first, mut second) = (Driver::new(lock.lock()), Driver::new(lock.lock_owned()));
    let mut timed = Driver::new(lock.lock_timeout(Duration::from_secs(3600)));
    let (mut first, mut second, mut timed) = actor.run(move || {
        first.pending();
        second.pending();
        timed.pending();
        (first, second, timed)
    });
    let mut stranger = Driver::new(lock.lock());
    as_task(|| stranger.pending());
    assert_eq!(4, lock.waiting());
    drop(held);
    let guards = actor.run(move || {
        assert!(first.is_woken() && !second.is_woken() && !timed.is_woken());
        // Not the one that was granted: that one is still to be claimed.
        assert!(second.poll().is_pending() && timed.poll().is_pending());
        let Poll::Ready(first) = first.poll() else {
            panic!("it was granted")
        };
        let Poll::Ready(second) = second.poll() else {
            panic!("its task owns the lock")
        };
        let Poll::Ready(Ok(timed)) = timed.poll() else {
            panic!("its task owns the lock")
        };
        (first, second, timed)
    });
    assert_eq!(1, lock.waiting(), "a request is through and still in line");
    assert_eq!(3, RLockGuard::depth(&guards.0));
    assert!(!stranger.is_woken());
    drop(guards);
    drop(as_task(|| stranger.woken()));
    assert_eq!(1, Arc::strong_count(&lock));
    lock.assert_quiet();
}

/// The future itself lives on after it has returned: it must not stand in line meanwhile.
#[test]
fn a_request_that_is_through_keeps_neither_place_nor_waker_nor_lock() {
    let lock = Arc::new(RLock::new(0));
    let held = block_on(lock.lock_owned());
    let mut actor = Actor::new();
    let (mut first, mut second) = (
        Driver::new(lock.lock_owned()),
        Driver::new(lock.lock_owned()),
    );
    let (mut first, mut second) = actor.run(move || {
        first.pending();
        second.pending();
        (first, second)
    });
    drop(held);
    let (first, second) = actor.run(move || {
        // What they return is dropped at once, the last guard last.
        let Poll::Ready(guard) = first.poll() else {
            panic!("it was granted")
        };
        assert!(second.poll().is_ready());
        drop(guard);
        (first, second)
    });
    assert!(!lock.is_locked());
    lock.assert_quiet();
    assert_eq!((0, 0), (first.probe().alive(), second.probe().alive()));
    assert_eq!(1, Arc::strong_count(&lock));
    let mut second = second;
    let again = actor.run(move || catch_unwind(AssertUnwindSafe(|| second.poll().is_ready())));
    assert!(message_of(&*again.unwrap_err()).contains("polled after completion"));
}

/// A request that was polled by one task and is granted to another one is the latter's.
#[test]
fn the_task_that_polls_a_granted_request_is_its_owner() {
    let lock = Arc::new(RLock::new(0));
    let held = block_on(lock.lock_owned());
    let mut request = Driver::new(lock.lock_owned());
    let (mut one, mut other) = (Actor::new(), Actor::new());
    let request = one.run(move || {
        request.pending();
        request
    });
    drop(held);
    let guard = other.run(move || request.woken());
    let shared = Arc::clone(&lock);
    assert!(one.run(move || shared.try_lock_owned()).is_none());
    let shared = Arc::clone(&lock);
    let again = other.run(move || shared.try_lock_owned().expect("its own"));
    assert_eq!(2, OwnedRLockGuard::depth(&guard));
    drop((guard, again));
    lock.assert_quiet();
}

/// A guard that goes to another task still counts for the one that locked.
#[test]
fn a_guard_that_is_dropped_elsewhere_counts_down_its_owners_depth() {
    let lock = Arc::new(RLock::new(0));
    let mut actor = Actor::new();
    let (kept, sent) = actor.run(|| {
        (
            lock.try_lock_owned().unwrap(),
            lock.try_lock_owned().unwrap(),
        )
    });
    thread::spawn(move || {
        block_on(async move {
            assert_eq!(2, OwnedRLockGuard::depth(&sent));
            drop(sent);
        });
    })
    .join()
    .unwrap();
    assert_eq!(1, OwnedRLockGuard::depth(&kept));
    thread::spawn(move || drop(kept)).join().unwrap();
    assert!(!lock.is_locked());
    actor.run(|| assert_eq!(1, RLockGuard::depth(&lock.try_lock().unwrap())));
    lock.assert_quiet();
}

#[test]
fn a_task_inside_a_task_is_another_owner() {
    let lock = RLock::new(0);
    block_on(async {
        let guard = lock.lock().await;
        let outer = current();
        block_on(async {
            assert_ne!(outer, current());
            assert!(lock.try_lock().is_none());
            assert!(lock.lock_timeout(Duration::ZERO).await.is_err());
        });
        assert!(lock.try_lock().is_some());
        drop(guard);
    });
    lock.assert_quiet();
}

#[test]
fn a_thread_and_the_task_that_it_runs_are_two_owners() {
    let lock = RLock::new(0);
    let guard = lock.as_thread().lock();
    block_on(async {
        assert!(lock.try_lock().is_none());
        assert!(lock.lock_timeout(Duration::ZERO).await.is_err());
        assert!(
            lock.as_thread().try_lock().is_some(),
            "this is still the thread"
        );
    });
    drop(guard);
    block_on(async {
        let _guard = lock.lock().await;
        assert!(lock.as_thread().try_lock().is_none());
    });
    assert!(!lock.is_locked());
    lock.assert_quiet();
}

/// A task, a thread and a task: one line for both faces.
#[test]
fn threads_and_tasks_wait_in_one_line() {
    let lock = Arc::new(RLock::new(std::sync::Mutex::new(Vec::new())));
    let guard = block_on(lock.lock_owned());
    let mut first = Driver::new(lock.lock());
    as_task(|| first.pending());
    watched(&"a thread in line", || {
        let blocked = thread::spawn({
            let lock = Arc::clone(&lock).into_thread();
            move || {
                let outer = lock.lock();
                lock.lock().lock().unwrap().push("thread");
                drop(outer);
            }
        });
        until_waiting(&*lock, 2);
        let mut second = Driver::new(lock.lock());
        as_task(|| second.pending());
        drop(guard);
        as_task(|| first.woken().lock().unwrap().push("task"));
        blocked.join().unwrap();
        as_task(|| second.woken().lock().unwrap().push("last"));
    });
    let order = block_on(lock.lock_owned());
    assert_eq!(["task", "thread", "last"], order.lock().unwrap()[..]);
    drop(order);
    lock.assert_quiet();
}

/// Traps B26, C3: the program of the futurelock, with a lock that the task owns as well.
#[test]
fn a_queued_request_that_is_not_polled_does_not_block_its_own_task() {
    let lock = RLock::new(0);
    let held = as_task(|| lock.try_lock().unwrap());
    block_on(async {
        let mut queued = core::pin::pin!(lock.lock());
        core::future::poll_fn(|context| {
            assert!(queued.as_mut().poll(context).is_pending());
            Poll::Ready(())
        })
        .await;
        drop(held); // the queued request has been granted the lock
        let taken = lock.lock().await; // and this takes it over
        let again = queued.await; // which need not wait for it
        assert_eq!(2, RLockGuard::depth(&again));
        drop(taken);
    });
    assert!(!lock.is_locked());
    lock.assert_quiet();
}

/// The owner's word is right before anybody is woken.
#[test]
fn a_waker_that_panics_leaves_the_lock_to_whoever_was_granted_it() {
    let lock = RLock::new(0);
    let mut actor = Actor::new();
    let (outer, inner) = actor.run(|| (lock.try_lock().unwrap(), lock.try_lock().unwrap()));
    let mut waiter = Driver::with(lock.lock(), Probe::panicking());
    as_task(|| waiter.pending());
    drop(outer);
    catch_unwind(AssertUnwindSafe(|| drop(inner))).unwrap_err();
    assert!(lock.is_locked());
    assert!(
        actor.run(|| lock.try_lock().is_none()),
        "it is not its own any more"
    );
    drop(as_task(|| waiter.ready()));
    assert!(!lock.is_locked());
    lock.assert_quiet();

    let lock = lock.as_thread();
    let (outer, inner) = (lock.lock(), lock.lock());
    let mut waiter = Driver::with(lock.as_task().lock(), Probe::panicking());
    as_task(|| waiter.pending());
    drop(outer);
    catch_unwind(AssertUnwindSafe(|| drop(inner))).unwrap_err();
    assert!(lock.try_lock().is_none(), "it is not its own any more");
    drop(as_task(|| waiter.ready()));
    lock.assert_quiet();
}

/// A request that leaves the line drops its waker, which is foreign code.
#[test]
fn a_waker_that_panics_when_a_request_is_through_takes_no_level_with_it() {
    let lock = Arc::new(RLock::new(0));
    let held = block_on(lock.lock_owned());
    let armed = Arc::new(AtomicBool::new(false));
    let panics = Arc::clone(&armed);
    let probe = Probe::on(Call::Drop, move || {
        assert!(!panics.swap(false, SeqCst), "this waker panics");
    });
    let mut actor = Actor::new();
    let (mut first, mut second) = (
        Driver::new(lock.lock_owned()),
        Driver::with(lock.lock_owned(), probe),
    );
    let (mut first, mut second) = actor.run(move || {
        first.pending();
        second.pending();
        (first, second)
    });
    drop(held);
    let (guard, second) = actor.run(move || {
        let Poll::Ready(guard) = first.poll() else {
            panic!("it was granted")
        };
        armed.store(true, SeqCst);
        let waker = core::task::Waker::noop();
        catch_unwind(AssertUnwindSafe(|| second.poll_with(waker).is_ready())).unwrap_err();
        (guard, second)
    });
    assert_eq!(1, OwnedRLockGuard::depth(&guard), "a level without a guard");
    assert_eq!(0, lock.waiting());
    drop((guard, second));
    assert!(!lock.is_locked());
    assert_eq!(1, Arc::strong_count(&lock));
    lock.assert_quiet();
}

/// Traps B6, C6: a waker may do with the lock whatever it likes.
#[test]
fn a_waker_may_use_the_lock_whose_guard_wakes_it() {
    let lock = Arc::new(RLock::new(0));
    let held = block_on(lock.lock_owned());
    let used = Arc::clone(&lock);
    let probe = Probe::on(Call::Wake, move || {
        assert!(used.is_locked());
        as_task(|| assert!(used.try_lock().is_none()));
        assert!(used.as_thread().try_lock().is_none());
        assert!(!format!("{used:?}").is_empty());
    });
    let mut waiter = Driver::with(lock.lock(), probe);
    as_task(|| waiter.pending());
    drop(held);
    drop(as_task(|| waiter.woken()));
    lock.assert_quiet();
}

#[test]
fn the_depth_is_told_without_a_guard_to_each_task_for_itself() {
    let lock = Arc::new(RLock::new(0));
    let told = || (lock.is_owned(), lock.depth());
    block_on(async {
        assert_eq!((false, 0), told());
        let guards = (lock.lock().await, lock.lock_owned().await);
        assert_eq!((true, 2), told());
        assert_eq!((false, 0), as_task(told));
        // The thread is another owner.
        assert_eq!(0, lock.as_thread().depth());
        // Nobody counts where it is dropped.
        let foreign = guards.1;
        thread::scope(|scope| drop(scope.spawn(|| drop(foreign))));
        assert_eq!((true, 1), told());
    });
    assert_eq!((false, 0), told());
}
