//! Which threads are listed, and as what. Other tests have threads as well: each of these looks for names of its own.

use std::sync::{Arc, Barrier};

use syncline::bridge::Runner;
use syncline::thread::{
    Event, PoolShutdown, ThreadInfo, ThreadPool, ThreadState, active_count, enumerate, spawn,
    spawn_named,
};

use crate::watch::until;

fn named(prefix: &str) -> Vec<ThreadInfo> {
    let is_wanted = |thread: &ThreadInfo| {
        thread
            .name
            .as_deref()
            .is_some_and(|name| name.starts_with(prefix))
    };
    enumerate().into_iter().filter(is_wanted).collect()
}

/// The state of the only thread of that name.
#[track_caller]
fn state(name: &str) -> ThreadState {
    let threads = named(name);
    assert_eq!(threads.len(), 1, "{threads:?}");
    threads[0].state
}

#[test]
fn a_worker_is_listed_as_running_blocked_and_idle() {
    let pool = ThreadPool::builder()
        .name_prefix("listed")
        .workers(1)
        .build();
    assert_eq!(named("listed"), [], "no thread has been needed");
    let meet = Arc::new(Barrier::new(2));
    let came = Arc::new(Event::new());
    let (meets, waits) = (Arc::clone(&meet), Arc::clone(&came));
    let job = pool.submit(move || {
        meets.wait();
        meets.wait();
        waits.wait();
        meets.wait();
        std::thread::current().id()
    });
    meet.wait();
    assert_eq!(state("listed-0"), ThreadState::Running);
    assert!(active_count() >= 1);
    meet.wait();
    until("a wait that its pool sees", || {
        state("listed-0") == ThreadState::Blocked
    });
    came.set();
    meet.wait();
    assert_ne!(state("listed-0"), ThreadState::Blocked);
    let id = job.wait().unwrap();
    assert_eq!(named("listed")[0].id, id);
    until("sleep", || state("listed-0") == ThreadState::Idle);
    pool.submit(|| assert_eq!(state("listed-0"), ThreadState::Running))
        .wait()
        .unwrap();
    pool.shutdown(PoolShutdown::Drain);
    assert_eq!(named("listed"), []);
}

#[test]
fn a_thread_of_its_own_is_listed_until_its_job_has_been_waited_for() {
    let meet = Arc::new(Barrier::new(2));
    let meets = Arc::clone(&meet);
    let job = spawn_named("by itself", move || {
        assert_eq!(state("by itself"), ThreadState::Running);
        meets.wait();
    });
    until("its begin", || named("by itself").len() == 1);
    meet.wait();
    job.wait().unwrap();
    assert_eq!(named("by itself"), []);
    let id = spawn(|| {
        let this = std::thread::current().id();
        let mut all = enumerate().into_iter();
        let mine = all.find(|thread| thread.id == this).unwrap();
        assert_eq!(mine.name, None);
        this
    });
    let id = id.wait().unwrap();
    assert!(enumerate().iter().all(|thread| thread.id != id));
}

#[test]
fn a_thread_that_panics_is_listed_no_longer() {
    let job = spawn_named("panics", || panic!("on purpose"));
    job.wait().unwrap_err();
    assert_eq!(named("panics"), []);
}

#[test]
fn the_thread_of_a_runner_is_listed() {
    let runner = Runner::start().unwrap();
    let id = runner.run(async { std::thread::current().id() }).unwrap();
    assert!(enumerate().iter().any(|thread| thread.id == id));
    drop(runner);
    assert!(enumerate().iter().all(|thread| thread.id != id));
}

/// Those that began first come first.
#[test]
fn threads_are_listed_in_the_order_in_which_they_began() {
    let go = Arc::new(Event::new());
    let jobs: Vec<_> = (0..4)
        .map(|place| {
            let waits = Arc::clone(&go);
            let job = spawn_named(format!("in order {place}"), move || waits.wait());
            until("its begin", || named("in order").len() == place + 1);
            job
        })
        .collect();
    let threads = named("in order").into_iter();
    let names: Vec<_> = threads.map(|thread| thread.name.unwrap()).collect();
    assert_eq!(
        names,
        ["in order 0", "in order 1", "in order 2", "in order 3"]
    );
    go.set();
    for job in jobs {
        job.wait().unwrap();
    }
    assert_eq!(named("in order"), []);
}
