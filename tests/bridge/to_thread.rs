//! Calls that block, made by tasks.

use core::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use core::time::Duration;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::executors::{on_every_executor, task};
use crate::watch::{until, watched};
use syncline::bridge::{MAX_CALLS, to_thread};
use syncline::task::{self, block_on, timeout};
use syncline::thread::{Event, Semaphore};
use syncline::{Job, JobError};

/// All tests share the threads; those that want to know how many are in use take turns.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn a_task_gets_what_the_call_returns_on_every_executor() {
    on_every_executor(|| {
        let call = async {
            let here = std::thread::current().id();
            let (there, number) = to_thread(|| (std::thread::current().id(), 7))
                .await
                .unwrap();
            assert_ne!(here, there);
            assert_eq!(number, 7);
        };
        vec![task(call), task(async { to_thread(|| ()).await.unwrap() })]
    });
}

#[test]
fn the_task_goes_on_while_its_call_blocks() {
    let _turn = turn();
    let goes_on = Arc::new(Event::new());
    let waits = Arc::clone(&goes_on);
    block_on(async {
        let call = to_thread(move || waits.wait());
        goes_on.set();
        call.await.unwrap();
    });
}

#[test]
fn a_call_begins_whether_or_not_it_is_awaited() {
    let begun = Arc::new(Event::new());
    let sets = Arc::clone(&begun);
    let call = to_thread(move || sets.set());
    watched(&call, || begun.wait());
    call.wait().unwrap();
}

#[test]
fn a_call_that_has_not_begun_never_begins_once_it_is_dropped() {
    let _turn = turn();
    let (all_stand, goes_on) = (Arc::new(Semaphore::new(0)), Arc::new(Event::new()));
    let stand = || {
        let (all_stand, goes_on) = (Arc::clone(&all_stand), Arc::clone(&goes_on));
        to_thread(move || {
            all_stand.release(1).unwrap();
            goes_on.wait();
        })
    };
    let stands: Vec<Job<()>> = (0..MAX_CALLS).map(|_| stand()).collect();
    watched(&all_stand, || all_stand.acquire_many(MAX_CALLS).forget());

    let runs = Arc::new(AtomicUsize::new(0));
    let count = || {
        let runs = Arc::clone(&runs);
        to_thread(move || runs.fetch_add(1, SeqCst))
    };
    let (dropped, kept) = (count(), count());
    let timed_out = block_on(timeout(Duration::from_millis(1), count()));
    assert!(timed_out.is_err());
    drop(dropped);
    goes_on.set();
    assert_eq!(block_on(kept).unwrap(), 0);
    for stand in stands {
        stand.wait().unwrap();
    }
    // Whatever was queued before this has been looked at.
    to_thread(|| ()).wait().unwrap();
    assert_eq!(runs.load(SeqCst), 1);
}

#[test]
fn a_call_that_has_begun_runs_on_unseen_when_it_is_dropped() {
    let (begun, goes_on, ended) = (Event::new(), Event::new(), Event::new());
    let events = Arc::new((begun, goes_on, ended));
    let call = to_thread({
        let events = Arc::clone(&events);
        move || {
            events.0.set();
            events.1.wait();
            events.2.set();
        }
    });
    events.0.wait();
    drop(call);
    events.1.set();
    watched(&events, || events.2.wait());
}

#[test]
fn a_call_that_panics_is_an_error_and_its_thread_goes_on() {
    let outcome = block_on(to_thread(|| -> i32 { panic!("no more tea") }));
    let Err(JobError::Panicked(panic)) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(panic.message().as_deref(), Some("no more tea"));
    assert_eq!(block_on(to_thread(|| 1)).unwrap(), 1);
}

#[test]
fn a_call_may_wait_for_calls_of_its_own() {
    let depth = |inner: Job<u32>| move || inner.wait().unwrap() + 1;
    let call = to_thread(depth(to_thread(depth(to_thread(|| 0)))));
    assert_eq!(block_on(call).unwrap(), 2);
}

#[test]
fn many_calls_at_once_use_many_threads() {
    let _turn = turn();
    // None of them comes back before all of them have begun.
    let barrier = Arc::new(syncline::thread::Barrier::new(100));
    let meet = || {
        let barrier = Arc::clone(&barrier);
        to_thread(move || barrier.wait().unwrap().is_leader())
    };
    let meetings: Vec<_> = (0..100).map(|_| meet()).collect();
    let leaders = watched(&barrier, || block_on(task::gather(meetings)));
    assert_eq!(
        leaders
            .into_iter()
            .filter(|leads| *leads.as_ref().unwrap())
            .count(),
        1
    );
}

#[test]
fn a_call_belongs_to_no_task_and_may_block() {
    let _no_blocking = syncline::bridge::forbid_blocking();
    let event = Arc::new(Event::new());
    let (waits, sets) = (Arc::clone(&event), Arc::clone(&event));
    block_on(async {
        let waiting = to_thread(move || {
            assert_eq!(task::current(), None);
            waits.wait();
        });
        until("the call waits", || {
            syncline::internals::Quiet::waiting(&*event) == 1
        });
        sets.set();
        waiting.await.unwrap();
    });
}
