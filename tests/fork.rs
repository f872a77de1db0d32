//! What the child of a `fork` can do with what its parent has used. Trap D1.
#![cfg(all(unix, not(syncline_loom)))]
#![expect(unsafe_code, reason = "forks")]

use core::future::Future;
use core::panic::AssertUnwindSafe;
use core::task::{Context, Waker};
use core::time::Duration;
use std::panic::catch_unwind;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;
use syncline::bridge::{Runner, to_thread};
use syncline::task::{self, block_on};
use syncline::thread::{Event, Lock, PoolShutdown, Queue, ThreadPool};

#[path = "support/watch.rs"]
mod watch;

const SHORT: Duration = Duration::from_millis(2);

/// So long a child may take, even on a busy machine.
const LIMIT_SECONDS: libc::c_uint = 60;

/// Runs one test at a time, under a watchdog: the others wait without holding a lock of the allocator or of std's
/// streams, which a child would find held.
fn alone(test: impl FnOnce()) {
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    watch::watched(&"the parent", test);
}

/// Forks, calls the body in the child, and asserts that it has come to its end. The system ends a child that
/// hangs.
#[track_caller]
fn in_a_child(body: impl FnOnce()) {
    // SAFETY: the child does what this file is to show that it can do, and leaves without running what other
    // threads of the parent would run at their exit.
    let child = unsafe { libc::fork() };
    assert!(child >= 0, "fork: {}", std::io::Error::last_os_error());
    if child == 0 {
        leave_with(body);
    }
    let mut status = 0;
    // SAFETY: the child is ours, and nobody else waits for it.
    assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
    assert!(
        !libc::WIFSIGNALED(status),
        "the child was killed by signal {}; it hangs if that is {}",
        libc::WTERMSIG(status),
        libc::SIGALRM
    );
    assert_eq!(
        libc::WEXITSTATUS(status),
        0,
        "something is wrong in the child"
    );
}

/// What the child does with its life.
fn leave_with(body: impl FnOnce()) -> ! {
    // SAFETY: these calls touch no memory of ours.
    unsafe { libc::alarm(LIMIT_SECONDS) };
    let ended = catch_unwind(AssertUnwindSafe(body));
    // SAFETY: as above.
    unsafe { libc::_exit(i32::from(ended.is_err())) }
}

/// Has used whatever a process has only one of.
fn used() {
    block_on(task::sleep(SHORT));
    to_thread(|| ()).wait().unwrap();
}

/// Everything that a process can make.
fn all_that_is_made_here_works() {
    let begun = Instant::now();
    block_on(task::sleep(SHORT));
    assert!(begun.elapsed() >= SHORT);
    block_on(async { assert!(task::Event::new().wait_timeout(SHORT).await.is_err()) });
    let queue = Queue::<u8>::unbounded();
    assert!(block_on(queue.as_task().get_timeout(SHORT)).is_err());
    assert!(Event::new().wait_timeout(SHORT).is_err());
    *Lock::new(0).lock() += 1;
    assert_eq!(to_thread(|| 1).wait().unwrap(), 1);
    let pool = ThreadPool::new(2);
    let sum: i32 = pool.map(0..100, |n| n).map(Result::unwrap).sum();
    assert_eq!(sum, 4950);
    assert_eq!(pool.submit_after(SHORT, || 2).wait().unwrap(), 2);
    assert_eq!(pool.spawn(async { 3 }).wait().unwrap(), 3);
    pool.shutdown(PoolShutdown::Drain);
    let runner = Runner::start().unwrap();
    assert_eq!(runner.run(async { 4 }).unwrap(), 4);
}

#[test]
fn a_child_can_use_all_that_is_made_there() {
    alone(|| {
        used();
        in_a_child(|| {
            all_that_is_made_here_works();
            in_a_child(all_that_is_made_here_works);
        });
        used();
    });
}

/// The alarm of such a wait lies in the timer of the parent, of which the child has a dead copy.
#[test]
fn a_wait_that_began_in_the_parent_goes_on_in_the_child() {
    alone(|| {
        used();
        let mut context = Context::from_waker(Waker::noop());
        let mut sleep = Box::pin(task::sleep(Duration::from_millis(100)));
        assert!(sleep.as_mut().poll(&mut context).is_pending());
        let event = task::Event::new();
        let [mut is_set, mut is_dropped] = [(); 2].map(|()| {
            let mut wait = Box::pin(event.wait_timeout(Duration::from_hours(1)));
            assert!(wait.as_mut().poll(&mut context).is_pending());
            wait
        });
        in_a_child(|| {
            let mut context = Context::from_waker(Waker::noop());
            assert!(is_set.as_mut().poll(&mut context).is_pending());
            assert!(is_dropped.as_mut().poll(&mut context).is_pending());
            block_on(sleep.as_mut());
            drop(is_dropped);
            event.set();
            assert_eq!(block_on(is_set.as_mut()), Ok(()));
            all_that_is_made_here_works();
        });
        block_on(sleep.as_mut());
    });
}
