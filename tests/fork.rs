//! What the child of a `fork` can do with what its parent has used, and has made. Trap D1.
#![cfg(all(unix, feature = "pool", not(syncline_loom)))]
#![expect(unsafe_code, reason = "forks")]

use core::future::{Future, pending};
use core::panic::AssertUnwindSafe;
use core::sync::atomic::{AtomicBool, Ordering::SeqCst};
use core::task::{Context, Waker};
use core::time::Duration;
use std::io::{Read, Write};
use std::panic::catch_unwind;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Instant;
use syncline::bridge::{Runner, to_thread};
use syncline::task::{self, block_on};
use syncline::thread::{
    Event, Lock, PoolShutdown, Queue, ThreadPool, active_count, enumerate, spawn,
};
use syncline::{Job, JobError};

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
    has_ended_well(child);
}

/// Waits until a child has ended, and asserts that it has found everything as it should be.
#[track_caller]
fn has_ended_well(child: libc::pid_t) {
    let mut status = 0;
    // SAFETY: the child is ours, and nobody else waits for it.
    assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
    assert!(
        !libc::WIFSIGNALED(status),
        "the child was killed by signal {}; it hangs if that is {}",
        libc::WTERMSIG(status),
        libc::SIGALRM
    );
    assert_eq!(libc::WEXITSTATUS(status), 0, "the child has failed");
}

/// What the child does with its life.
fn leave_with(body: impl FnOnce()) -> ! {
    // SAFETY: these calls touch no memory of ours.
    unsafe { libc::alarm(LIMIT_SECONDS) };
    let ended = catch_unwind(AssertUnwindSafe(body));
    // SAFETY: as above.
    unsafe { libc::_exit(i32::from(ended.is_err())) }
}

/// Does something at its end, also if that is a panic.
struct OnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

fn is_closed<T>(job: Job<T>) -> bool {
    matches!(job.wait(), Err(JobError::Closed))
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

/// Everything that a pool can be asked, of one that belongs to another process.
fn a_pool_of_the_parent_is_closed(pool: &ThreadPool) {
    assert!(pool.is_closing());
    assert!(is_closed(pool.submit(|| ())));
    assert!(is_closed(pool.spawn(async {})));
    assert!(is_closed(pool.spawn(pending::<()>())));
    assert!(is_closed(pool.submit_after(SHORT, || ())));
    assert_eq!(pool.try_submit(|| 5).unwrap_err().into_inner()(), 5);
    pool.scope(|scope| assert!(is_closed(scope.submit(|| ()))));
    let mut outcomes = pool.map(0..3, |n| n);
    assert!(outcomes.all(|one| matches!(one, Err(JobError::Closed))));
    pool.close();
    for how in [PoolShutdown::Drain, PoolShutdown::CancelQueued] {
        pool.shutdown(how);
        pool.shutdown_timeout(how, Duration::MAX).unwrap();
    }
    pool.abandon();
    assert_eq!((pool.idle(), pool.queued()), (0, 0));
    assert!(format!("{pool:?}").contains("ThreadPool"));
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

#[test]
fn a_child_lists_the_threads_that_it_has_started() {
    alone(|| {
        let pool = ThreadPool::new(1);
        pool.submit(|| ()).wait().unwrap();
        assert!(active_count() >= 1);
        in_a_child(|| {
            assert_eq!(active_count(), 0);
            let mine = spawn(enumerate).wait().unwrap();
            assert_eq!(mine.len(), 1);
        });
        // The one that has forked goes on there, and is in no list.
        pool.submit(|| {
            in_a_child(|| {
                assert_eq!(active_count(), 0);
                ThreadPool::new(1).submit(|| ()).wait().unwrap();
            });
        })
        .wait()
        .unwrap();
        assert!(active_count() >= 1);
    });
}

#[test]
fn a_child_is_told_that_a_pool_of_its_parent_is_closed() {
    alone(|| {
        let pool = ThreadPool::new(2);
        let go = Arc::new(Event::new());
        let waits = Arc::clone(&go);
        // Something runs, something is queued, something waits, something is delayed.
        let jobs = [
            pool.submit(move || waits.wait()),
            pool.spawn(pending::<()>()),
            pool.submit_after(Duration::MAX, || ()),
        ];
        let idle = ThreadPool::new(1);
        idle.submit(|| ()).wait().unwrap();
        let owned = Arc::new(idle);
        let spawner = pool.spawner();
        in_a_child(|| {
            a_pool_of_the_parent_is_closed(&pool);
            a_pool_of_the_parent_is_closed(&owned);
            assert!(is_closed(spawner.spawn(async {})));
            drop(owned);
            for job in &jobs {
                job.cancel();
            }
        });
        go.set();
        jobs[1].cancel();
        jobs[2].cancel();
        assert!(pool.submit(|| ()).wait().is_ok());
    });
}

#[test]
fn a_child_may_drop_what_its_parent_made() {
    alone(|| {
        let pool = ThreadPool::new(1);
        let go = Arc::new(Event::new());
        let waits = Arc::clone(&go);
        pool.submit(move || waits.wait()).detach();
        let never = pool.submit_after(Duration::MAX, || ());
        let runner = Runner::start().unwrap();
        let hangs = runner.spawn(pending::<()>());
        let cancels = runner.spawn(pending::<()>()).cancel_on_drop();
        let parents = (cancels, hangs, runner, pool);
        let mut mine = Some(parents);
        in_a_child(|| {
            let (_, _, runner, _) = mine.as_ref().unwrap();
            assert!(is_closed(runner.spawn(async {})));
            assert!(matches!(runner.run(async {}), Err(JobError::Closed)));
            runner.drain(None).unwrap();
            runner.stop(None).unwrap();
            drop(mine.take());
            all_that_is_made_here_works();
        });
        go.set();
        assert!(never.cancel());
        drop(mine);
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
            let mut wait = Box::pin(event.wait_timeout(Duration::from_secs(3600)));
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

/// The child has a copy of the thread of a pool that has no other.
#[test]
fn a_job_that_forks_goes_on_in_both_and_the_rest_is_done_once() {
    alone(|| {
        let (mut reader, writer) = std::io::pipe().unwrap();
        let (tell, told) = std::sync::mpsc::channel();
        let pool = Arc::new(ThreadPool::new(1));
        let go = Arc::new(Event::new());
        let job = {
            let (pool, go) = (Arc::clone(&pool), Arc::clone(&go));
            let mut writer = writer.try_clone().unwrap();
            move || {
                go.wait();
                // SAFETY: see `in_a_child`. This child comes back into the pool, and ends with its only thread.
                let child = unsafe { libc::fork() };
                if child != 0 {
                    tell.send(child).unwrap();
                    return;
                }
                // SAFETY: the call touches no memory of ours.
                unsafe { libc::alarm(LIMIT_SECONDS) };
                a_pool_of_the_parent_is_closed(&pool);
                let own = ThreadPool::new(1);
                // It blocks on what is a thread of a pool no more.
                assert_eq!(block_on(own.spawn(async { 1 })).unwrap(), 1);
                drop(own);
                writer.write_all(b"c").unwrap();
            }
        };
        pool.submit(job).detach();
        for _ in 0..10 {
            let mut writer = writer.try_clone().unwrap();
            pool.submit(move || writer.write_all(b"q").unwrap())
                .detach();
        }
        drop(writer);
        go.set();
        let mut all = String::new();
        reader.read_to_string(&mut all).unwrap();
        // All have let go of the pipe: the child has ended.
        assert_eq!(all.matches('c').count(), 1, "{all}");
        assert_eq!(all.matches('q').count(), 10, "{all}");
        has_ended_well(told.recv().unwrap());
    });
}

#[test]
fn a_child_of_a_busy_parent_finds_no_lock_held() {
    alone(|| {
        let pool = ThreadPool::new(2);
        let over = AtomicBool::new(false);
        thread::scope(|threads| {
            for _ in 0..2 {
                threads.spawn(|| {
                    while !over.load(SeqCst) {
                        block_on(task::sleep(Duration::from_micros(20)));
                    }
                });
                threads.spawn(|| {
                    while !over.load(SeqCst) {
                        pool.submit_after(Duration::from_micros(20), || ())
                            .wait()
                            .unwrap();
                        pool.spawn(async {}).wait().unwrap();
                    }
                });
            }
            let _over = OnDrop(|| over.store(true, SeqCst));
            for _ in 0..30 {
                in_a_child(|| {
                    a_pool_of_the_parent_is_closed(&pool);
                    all_that_is_made_here_works();
                });
            }
        });
    });
}

/// The lists that a snapshot is taken from are locked for moments, by other threads of the parent as well.
#[cfg(feature = "diagnostics")]
#[test]
fn a_child_takes_snapshots_of_what_it_makes_while_its_parent_takes_its_own() {
    alone(|| {
        let theirs = Lock::new(()).named("fork: of the parent");
        let over = AtomicBool::new(false);
        thread::scope(|threads| {
            threads.spawn(|| {
                while !over.load(SeqCst) {
                    drop(Lock::new(()).named("fork: for a moment").lock());
                }
            });
            threads.spawn(|| {
                while !over.load(SeqCst) {
                    drop(syncline::diag::snapshot());
                }
            });
            let _over = OnDrop(|| over.store(true, SeqCst));
            let _held = theirs.lock();
            for _ in 0..50 {
                in_a_child(|| {
                    let mine = Lock::new(()).named("fork: of the child");
                    let _held = mine.lock();
                    let seen = syncline::diag::snapshot();
                    let names: Vec<_> = (seen.primitives.iter())
                        .filter_map(|primitive| primitive.target.name.as_deref())
                        .collect();
                    assert_eq!(names, ["fork: of the child"], "{seen}");
                });
            }
        });
    });
}

/// A child that no handler of the C library hears of.
#[cfg(target_os = "linux")]
#[test]
fn a_child_of_a_bare_clone_is_told_as_well() {
    alone(|| {
        let pool = ThreadPool::new(1);
        pool.submit(|| ()).wait().unwrap();
        // SAFETY: it makes a process with a copy of this thread and of its stack, as `fork` does.
        let child = unsafe { libc::syscall(libc::SYS_clone, libc::SIGCHLD, 0, 0, 0, 0) };
        if child == 0 {
            // Nothing is allocated here: the C library knows nothing of this child.
            let refused = pool.try_submit(|| ()).is_err();
            // SAFETY: the call touches no memory of ours.
            unsafe { libc::_exit(i32::from(!refused)) }
        }
        has_ended_well(libc::pid_t::try_from(child).unwrap());
    });
}

/// What a fork meets differs from time to time: most often threads that are just being started.
#[test]
#[ignore = "runs minutes; cargo test --release --test fork -- --ignored"]
fn children_of_any_moment_come_to_their_end() {
    let seconds = std::env::var("SYNCLINE_STRESS_SECONDS").ok();
    let seconds = seconds.and_then(|seconds| seconds.parse().ok());
    let end = Instant::now() + Duration::from_secs(seconds.unwrap_or(180));
    while Instant::now() < end {
        a_child_can_use_all_that_is_made_there();
        a_child_is_told_that_a_pool_of_its_parent_is_closed();
        a_child_may_drop_what_its_parent_made();
        a_job_that_forks_goes_on_in_both_and_the_rest_is_done_once();
    }
}
