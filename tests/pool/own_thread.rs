//! Jobs on threads of their own.

use crate::counted::{Counted, Counter, Thorny};
use crate::watch::{until, watched};
use core::cell::RefCell;
use core::sync::atomic::AtomicBool;
use core::sync::atomic::Ordering::SeqCst;
use core::time::Duration;
use std::process::Command;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use syncline::thread::{spawn, spawn_named};
use syncline::{Job, JobError};

#[test]
fn a_thread_has_the_name_of_its_job() {
    let name = || thread::current().name().map(str::to_owned);
    let job = spawn_named("reader", name);
    assert_eq!(job.name(), Some("reader"));
    assert_eq!(job.wait().unwrap().as_deref(), Some("reader"));
    // What no system allows in a name is left out there, and nothing panics.
    let odd = spawn_named("no\0thing", name);
    assert_eq!(odd.name(), Some("no\0thing"));
    assert_eq!(odd.wait().unwrap().as_deref(), Some("nothing"));
    assert_eq!(spawn_named("", || 1).wait().unwrap(), 1);
}

#[test]
fn a_panic_on_the_thread_is_the_outcome_with_its_payload() {
    let job = spawn_named("careless", || -> i32 { std::panic::panic_any(7) });
    let Err(JobError::Panicked(panic)) = job.wait() else {
        panic!("it panicked")
    };
    assert_eq!(*panic.into_payload().downcast::<i32>().unwrap(), 7);
}

#[test]
fn a_thread_without_a_name_has_none_and_neither_has_its_job() {
    let job = spawn(|| thread::current().name().map(str::to_owned));
    assert_eq!(job.name(), None);
    assert_eq!(job.wait().unwrap(), None);
}

/// Trap A5: a wait that was given up leaves the thread as it was.
#[test]
fn a_thread_can_be_waited_for_after_a_wait_that_expired() {
    let (go, gone) = channel();
    let mut job = spawn_named("slow", move || gone.recv().unwrap());
    job.wait_timeout(Duration::from_millis(1)).unwrap_err();
    assert!(!job.is_done());
    go.send(5).unwrap();
    assert_eq!(job.wait().unwrap(), 5);
}

/// Trap A6.
#[test]
fn a_wait_returns_when_the_threads_locals_have_been_destroyed() {
    struct Late(Arc<AtomicBool>);
    impl Drop for Late {
        fn drop(&mut self) {
            (0..100).for_each(|_| thread::yield_now());
            self.0.store(true, SeqCst);
        }
    }
    thread_local! {
        static LATE: RefCell<Option<Late>> = const { RefCell::new(None) };
    }
    for _ in 0..20 {
        let destroyed = Arc::new(AtomicBool::new(false));
        let late = Late(Arc::clone(&destroyed));
        let job = spawn_named("late", move || LATE.set(Some(late)));
        job.wait().unwrap();
        assert!(destroyed.load(SeqCst));
    }
}

#[test]
fn a_thread_that_waits_for_itself_after_its_closure_does_not_hang() {
    struct WaitsForItself(Option<Job<i32>>, Sender<i32>);
    impl Drop for WaitsForItself {
        fn drop(&mut self) {
            let outcome = self.0.take().unwrap().wait();
            self.1.send(outcome.unwrap()).unwrap();
        }
    }
    thread_local! {
        static LAST: RefCell<Option<WaitsForItself>> = const { RefCell::new(None) };
    }
    let (give, given) = channel();
    let (tell, told) = channel();
    let job = spawn_named("itself", move || {
        let own = given.recv().unwrap();
        LAST.set(Some(WaitsForItself(Some(own), tell)));
        6
    });
    watched(&"itself", || {
        give.send(job).unwrap();
        assert_eq!(told.recv().unwrap(), 6);
    });
}

/// Trap A7: a detached thread leaves nothing behind, and nobody keeps a list of them.
#[test]
fn ten_thousand_detached_threads_leave_nothing_behind() {
    let counter = Counter::default();
    for _ in 0..10_000 {
        let value = counter.value();
        spawn_named("unseen", move || -> Counted { value }).detach();
    }
    until("the end of all", || counter.dropped() == 10_000);
    assert_eq!(counter.alive(), 0);
}

/// Trap A20: what the closure held is gone when its job is done.
#[test]
fn a_closure_is_gone_when_its_job_is_done() {
    let counter = Counter::default();
    for _ in 0..50 {
        let value = counter.value();
        let job = spawn_named("holder", move || {
            let _holds: &Counted = &value;
        });
        until("the end", || job.is_done());
        assert_eq!(counter.alive(), 0);
        job.wait().unwrap();
    }
}

#[test]
fn a_thread_survives_what_nobody_took_from_it() {
    let (tell, told) = channel::<()>();
    let (go, gone) = channel::<()>();
    let job = spawn_named("thorny", move || {
        gone.recv().unwrap_err();
        drop(tell);
        Thorny
    });
    drop(job);
    drop(go);
    told.recv().unwrap_err();
}

#[test]
fn a_closure_that_is_cancelled_in_time_is_never_called_and_otherwise_is() {
    let counter = Counter::default();
    let (mut called, mut cancelled) = (0, 0);
    for _ in 0..200 {
        let value = counter.value();
        let ran = Arc::new(Mutex::new(false));
        let job = spawn_named("perhaps", {
            let ran = Arc::clone(&ran);
            move || {
                *ran.lock().unwrap() = true;
                value
            }
        });
        let in_time = job.cancel();
        assert_eq!(job.is_cancelled(), in_time);
        let outcome = job.wait();
        assert_eq!(outcome.is_err(), in_time);
        assert_eq!(*ran.lock().unwrap(), !in_time);
        if in_time {
            cancelled += 1;
        } else {
            called += 1;
        }
    }
    assert_eq!(called + cancelled, 200);
    assert_eq!((counter.alive(), counter.dropped()), (0, 200));
}

#[test]
fn a_closure_whose_destructor_panics_and_cancels_again_is_cancelled_all_the_same() {
    struct Again(Arc<Mutex<Option<Job<()>>>>);
    impl Drop for Again {
        fn drop(&mut self) {
            if let Ok(job) = self.0.try_lock()
                && let Some(job) = &*job
            {
                job.cancel();
            }
        }
    }
    for _ in 0..50 {
        let place = Arc::new(Mutex::new(None::<Job<()>>));
        let (again, thorn) = (Again(Arc::clone(&place)), Thorny);
        let job = spawn_named("thorny", move || drop((again, thorn)));
        *place.lock().unwrap() = Some(job);
        let job = place.lock().unwrap().take().unwrap();
        let in_time = job.cancel();
        let error = watched(&"thorny", || job.wait()).unwrap_err();
        assert_eq!(matches!(error, JobError::Cancelled), in_time);
        assert_eq!(matches!(error, JobError::Panicked(_)), !in_time);
    }
}

/// Trap A8: in a process in which no thread can have the stack that it asks for.
#[test]
fn a_thread_that_cannot_be_started_is_the_outcome_of_its_job() {
    let tests = std::env::current_exe().unwrap();
    let output = Command::new(tests)
        .args(["own_thread::without_threads", "--exact", "--ignored"])
        .args(["--test-threads", "1", "--nocapture"])
        .env("RUST_MIN_STACK", (1_u64 << 47).to_string())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}"
    );
}

#[test]
#[ignore = "runs in a process of its own, without threads"]
fn without_threads() {
    let counter = Counter::default();
    let value = counter.value();
    let (tell, told) = channel();
    let job = spawn_named("never", move || value);
    job.on_done(move || tell.send(()).unwrap());
    told.try_recv().unwrap();
    assert!(job.is_done() && !job.is_cancelled() && !job.is_running());
    assert_eq!((counter.alive(), counter.dropped()), (0, 1));
    assert!(matches!(job.wait(), Err(JobError::NotStarted(_))));
    // Each has an error of its own.
    assert!(matches!(
        spawn_named("never", || 1).wait(),
        Err(JobError::NotStarted(_))
    ));
}
