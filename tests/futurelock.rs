//! The program of Oxide's RFD 609 ("futurelock"), on two executors: a queued request that is no
//! longer polled must not keep its own task waiting. tokio's and async-lock's mutexes hang here.
//! Traps B26 and C3.
#![cfg(not(syncline_loom))]

use core::pin::pin;
use core::time::Duration;
use std::sync::Arc;
use std::sync::mpsc;
use std::thread;

use syncline::internals::Quiet;
use syncline::task::{self, Lock, RLock, RLockGuard, Semaphore, block_on};

/// Runs something that must not hang.
fn in_time(what: impl FnOnce() + Send + 'static) {
    let (done, ended) = mpsc::channel();
    let worker = thread::spawn(move || {
        what();
        done.send(()).unwrap();
    });
    ended
        .recv_timeout(Duration::from_secs(30))
        .expect("the program ends, and does not wait for itself");
    worker.join().unwrap();
}

/// The task of the program: it queues for a lock that somebody else holds, gives that up for a
/// moment when something else is ready, and locks again there.
async fn do_stuff(lock: Arc<Lock<u32>>) {
    let guard = lock.lock().await;
    let mut queued = pin!(lock.lock());
    tokio::select! {
        biased;
        _ = &mut queued => unreachable!("the lock is held"),
        () = core::future::ready(()) => {
            // The holder goes; the queued request is granted the lock, and is not polled.
            drop(guard);
            *lock.lock().await += 1;
        }
    }
    *queued.await += 1;
}

async fn do_stuff_with_permits(semaphore: Arc<Semaphore>) {
    let permit = semaphore.acquire_many(3).await;
    let mut queued = pin!(semaphore.acquire_many(3));
    tokio::select! {
        biased;
        _ = &mut queued => unreachable!("there is no permit"),
        () = core::future::ready(()) => {
            drop(permit);
            // Two of the three permits that the queued request was granted; one is free again.
            let two = semaphore.acquire_many(2).await;
            assert_eq!(semaphore.available_permits(), 1);
            drop(two);
        }
    }
    assert_eq!(queued.await.count(), 3);
}

/// The same with a re-entrant lock: the queued request need not wait for the one that passed it.
async fn do_stuff_re_entrantly(lock: Arc<RLock<u32>>) {
    let guard = lock.lock().await;
    // In line as another task, and polled by this one when that is through.
    let mut queued = pin!(lock.lock());
    let polled = block_on(core::future::poll_fn(|context| {
        core::task::Poll::Ready(queued.as_mut().poll(context).is_pending())
    }));
    assert!(polled, "the lock is held");
    drop(guard);
    let mut first = pin!(lock.lock());
    let taken = tokio::select! {
        biased;
        // It was granted the lock, and now it is this task's.
        guard = &mut queued => guard,
        _ = &mut first => unreachable!("the queued request comes first"),
    };
    let again = first.await;
    assert_eq!(RLockGuard::depth(&again), 2);
    drop(taken);
}

#[test]
fn two_requests_of_one_task_do_not_block_each_other_where_the_lock_is_re_entrant() {
    in_time(|| {
        let lock = Arc::new(RLock::new(0));
        block_on(do_stuff_re_entrantly(Arc::clone(&lock)));
        let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
        let tasks: Vec<_> = (0..8)
            .map(|_| runtime.spawn(task::identified(do_stuff_re_entrantly(Arc::clone(&lock)))))
            .collect();
        for task in tasks {
            runtime.block_on(task).unwrap();
        }
        assert!(!lock.is_locked());
        lock.assert_quiet();
    });
}

#[test]
fn a_queued_lock_that_is_not_polled_does_not_block_its_own_task() {
    in_time(|| {
        let lock = Arc::new(Lock::new(0));
        block_on(do_stuff(Arc::clone(&lock)));
        assert_eq!(*lock.try_lock().unwrap(), 2);
        lock.assert_quiet();
    });
}

#[test]
fn the_same_on_tokio_in_both_flavours() {
    in_time(|| {
        for builder in [
            tokio::runtime::Builder::new_current_thread,
            tokio::runtime::Builder::new_multi_thread,
        ] {
            let runtime = builder().enable_all().build().unwrap();
            let lock = Arc::new(Lock::new(0));
            runtime.block_on(do_stuff(Arc::clone(&lock)));
            let spawned = runtime.spawn(do_stuff(Arc::clone(&lock)));
            runtime.block_on(spawned).unwrap();
            assert_eq!(*lock.try_lock().unwrap(), 4);
            lock.assert_quiet();
        }
    });
}

#[test]
fn queued_permits_that_are_not_polled_do_not_block_their_own_task() {
    in_time(|| {
        let semaphore = Arc::new(Semaphore::new(3));
        block_on(do_stuff_with_permits(Arc::clone(&semaphore)));
        assert_eq!(semaphore.available_permits(), 3);
        semaphore.assert_quiet();
    });
}

/// A rival from another task stands between the two requests: it is passed by neither wrongly.
#[test]
fn a_rival_in_line_is_served_as_well() {
    in_time(|| {
        let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
        let lock = Arc::new(Lock::new(0));
        let tasks: Vec<_> = (0..8)
            .map(|_| runtime.spawn(do_stuff(Arc::clone(&lock))))
            .collect();
        for task in tasks {
            runtime.block_on(task).unwrap();
        }
        assert_eq!(*lock.try_lock().unwrap(), 16);
        lock.assert_quiet();
    });
}

/// One arm that locks again and again takes its sibling's grants, but passes no other task.
#[test]
fn a_task_that_takes_over_its_own_grants_starves_no_other_task() {
    use core::task::{Context, Waker};

    struct Other;
    impl std::task::Wake for Other {
        fn wake(self: Arc<Self>) {}
    }

    let lock = Lock::new(0);
    let (mine, other) = (Waker::from(Arc::new(Other)), Waker::from(Arc::new(Other)));
    let (mut mine, mut other) = (Context::from_waker(&mine), Context::from_waker(&other));
    let mut guard = lock.try_lock();
    let mut sibling = pin!(lock.lock());
    assert!(sibling.as_mut().poll(&mut mine).is_pending());
    let mut stranger = pin!(lock.lock());
    assert!(stranger.as_mut().poll(&mut other).is_pending());
    for round in 0.. {
        assert!(round < 3, "the stranger's turn must come");
        drop(guard.take());
        if stranger.as_mut().poll(&mut other).is_ready() {
            break;
        }
        // Seen at the first poll, taken over at the second.
        let mut again = Box::pin(lock.lock());
        assert!(again.as_mut().poll(&mut mine).is_pending());
        if let core::task::Poll::Ready(taken) = again.as_mut().poll(&mut mine) {
            guard = Some(taken);
        }
    }
}
