//! Tokens: whom a cancel reaches, what is left of those that are gone, and who waits.

use crate::driver::Driver;
use crate::on_a_small_stack;
use crate::watch::{until, watched};
use core::cell::Cell;
use core::future::{pending, poll_fn, ready};
use core::task::Poll;
use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;
use syncline::service::CancelToken;
use syncline::task::{Event, block_on};
use syncline::thread::{self, Lock};

const SHORT: Duration = Duration::from_millis(2);
const FAR: Duration = Duration::from_secs(3600);

#[test]
fn a_cancel_reaches_all_that_are_below_and_nobody_above() {
    let root = CancelToken::new();
    let (one, other) = (root.child(), root.child());
    let below = [one.child(), one.child().child()];
    one.cancel();
    assert!(one.is_cancelled() && below.iter().all(CancelToken::is_cancelled));
    assert!(!root.is_cancelled() && !other.is_cancelled());
    assert!(one.child().is_cancelled(), "a child that comes later");
    root.cancel();
    assert!(other.is_cancelled());
}

#[test]
fn clones_are_one_token_and_dropping_them_cancels_nothing() {
    let token = CancelToken::new();
    let child = token.child();
    drop(token.clone());
    assert!(!child.is_cancelled());
    token.clone().cancel();
    assert!(child.is_cancelled());
}

#[test]
fn grandchildren_of_a_dropped_token_stay_attached() {
    let root = CancelToken::new();
    let middle = root.child();
    let below: Vec<_> = (0..3).map(|_| middle.child()).collect();
    drop(middle);
    let deeper: Vec<_> = below.iter().map(CancelToken::child).collect();
    drop(below);
    root.cancel();
    assert!(deeper.iter().all(CancelToken::is_cancelled));
}

#[test]
fn children_of_a_dropped_root_live_on_by_themselves() {
    let root = CancelToken::new();
    let children = [root.child(), root.child()];
    let below = children[0].child();
    drop(root);
    children[0].cancel();
    assert!(below.is_cancelled() && !children[1].is_cancelled());
}

#[test]
fn trees_as_deep_as_they_come_need_no_stack() {
    const DEPTH: usize = 100_000;
    let chain = || {
        let root = CancelToken::new();
        let mut last = root.clone();
        let mut all = Vec::with_capacity(DEPTH);
        for _ in 0..DEPTH {
            last = last.child();
            all.push(last.clone());
        }
        (root, all)
    };
    on_a_small_stack(move || {
        let (root, all) = chain();
        root.cancel();
        assert!(all.iter().all(CancelToken::is_cancelled));
        drop(all);
        // Dropped alive: from the top, and from the bottom.
        let (root, all) = chain();
        drop(root);
        drop(all);
        let (root, mut all) = chain();
        while all.pop().is_some() {}
        drop(root);
        // Only the ends are left.
        let (root, mut all) = chain();
        let last = all.pop();
        drop(all);
        root.cancel();
        assert!(last.is_some_and(|last| last.is_cancelled()));
    });
}

#[test]
fn trees_as_wide_as_they_come_need_no_stack() {
    on_a_small_stack(|| {
        let root = CancelToken::new();
        let all: Vec<_> = (0..100_000).map(|_| root.child()).collect();
        root.cancel();
        assert!(all.iter().all(CancelToken::is_cancelled));
        drop(all);
        let middle = CancelToken::new();
        let all: Vec<_> = (0..100_000).map(|_| middle.child()).collect();
        drop(middle);
        drop(all);
    });
}

#[test]
fn all_are_marked_before_the_first_waker_runs() {
    let root = CancelToken::new();
    let tokens: Arc<Vec<_>> = Arc::new((0..50).map(|_| root.child()).collect());
    let seen = Arc::clone(&tokens);
    let mut waits = Driver::with(
        {
            let root = root.clone();
            async move { root.cancelled().await }
        },
        crate::waker::Probe::on(crate::waker::Call::Wake, move || {
            assert!(seen.iter().all(CancelToken::is_cancelled));
        }),
    );
    waits.pending();
    root.cancel();
    waits.woken();
}

#[test]
fn a_waker_that_panics_stops_nobody() {
    let root = CancelToken::new();
    let child = root.child();
    let mut first = Driver::with(root.cancelled(), crate::waker::Probe::panicking());
    first.pending();
    let second = Driver::waiting(child.cancelled());
    root.cancel();
    second.woken();
    first.woken();
}

#[test]
fn a_thread_and_a_task_wait_for_one_token() {
    let token = CancelToken::new();
    watched(&token, || {
        let waits = thread::spawn_named("waits", {
            let token = token.clone();
            move || token.cancelled().wait()
        });
        let sleeps = thread::spawn_named("sleeps", {
            let token = token.clone();
            move || block_on(token.sleep(FAR)).is_err() && token.sleep(FAR).wait().is_err()
        });
        token.cancel();
        waits.wait().unwrap();
        assert!(sleeps.wait().unwrap());
    });
    assert!(token.cancelled().wait_timeout(Duration::ZERO).is_ok());
}

#[test]
fn a_wait_and_a_sleep_end_with_their_time() {
    let token = CancelToken::new();
    let start = Instant::now();
    assert!(token.cancelled().wait_timeout(SHORT).is_err());
    assert!(token.cancelled().wait_deadline(start).is_err());
    assert!(token.sleep(SHORT).wait().is_ok());
    assert!(block_on(token.sleep(SHORT)).is_ok());
    assert!(start.elapsed() >= SHORT * 3);
}

#[test]
fn a_cancelled_token_never_begins_with_a_future() {
    let token = CancelToken::new();
    token.cancel();
    let polled = Cell::new(false);
    let future = poll_fn(|_| {
        polled.set(true);
        Poll::Ready(())
    });
    assert!(block_on(token.run_until_cancelled(future)).is_err());
    assert!(!polled.get());
}

#[test]
fn a_result_that_is_there_with_the_cancel_wins() {
    let (token, event) = (CancelToken::new(), Event::new());
    let mut runs = Driver::new(token.run_until_cancelled(event.wait()));
    runs.pending();
    token.cancel();
    event.set();
    assert_eq!(runs.woken(), Ok(()));
    let mut runs = Driver::new(token.run_until_cancelled(ready(1)));
    assert!(runs.poll().is_ready());
}

/// Trap B25: whatever is inside, the cancel is looked at.
#[test]
fn a_future_that_wakes_itself_again_and_again_is_cancelled() {
    let token = CancelToken::new();
    let canceller = token.clone();
    let mut polls = 0;
    let restless = poll_fn(|context| {
        polls += 1;
        if polls == 3 {
            canceller.cancel();
        }
        context.waker().wake_by_ref();
        Poll::<()>::Pending
    });
    assert!(block_on(token.run_until_cancelled(restless)).is_err());
    assert_eq!(polls, 3);
}

#[test]
fn a_future_that_is_cut_off_is_dropped_before_the_error_is_returned() {
    let token = CancelToken::new();
    let alive = Arc::new(());
    let mine = Arc::clone(&alive);
    let mut runs = Driver::new(token.run_until_cancelled(async move {
        pending::<()>().await;
        drop(mine);
    }));
    runs.pending();
    token.cancel();
    assert!(runs.poll().is_ready());
    assert_eq!(Arc::strong_count(&alive), 1);
}

#[test]
fn dropped_waits_leave_no_waker_behind() {
    let token = CancelToken::new();
    let waits = Driver::waiting(token.cancelled());
    assert_eq!(waits.cancel().alive(), 0);
    let sleeps = Driver::waiting(token.sleep(FAR));
    assert_eq!(sleeps.cancel().alive(), 0);
    let runs = Driver::waiting(token.run_until_cancelled(pending::<()>()));
    assert_eq!(runs.cancel().alive(), 0);
}

#[test]
fn a_deadline_cancels_all_below_and_says_so() {
    let root = CancelToken::new();
    let request = root.child_timeout(SHORT);
    let step = request.child();
    watched(&request, || step.cancelled().wait());
    assert!(step.check().unwrap_err().is_deadline());
    assert!(request.child().check().unwrap_err().is_deadline());
    assert!(!root.is_cancelled());
    assert!(root.child_timeout(Duration::ZERO).is_cancelled());
    assert!(root.child_deadline(Instant::now()).is_cancelled());
}

#[test]
fn the_earlier_deadline_holds_and_one_that_is_too_far_is_none() {
    let root = CancelToken::new();
    assert_eq!(root.child_timeout(Duration::MAX).deadline(), None);
    let near = root.child_timeout(FAR);
    assert_eq!(near.child_timeout(FAR * 2).deadline(), near.deadline());
    assert_eq!(near.child().deadline(), near.deadline());
    let nearer = near.child_timeout(FAR / 2);
    assert!(nearer.deadline() < near.deadline());
}

#[test]
fn a_cancel_comes_before_the_deadline_and_the_reason_stays() {
    let token = CancelToken::new().child_timeout(SHORT);
    token.cancel();
    let deadline = token.deadline().unwrap();
    watched(&token, || {
        until("the deadline", || Instant::now() > deadline);
    });
    assert!(!token.check().unwrap_err().is_deadline());
}

#[test]
fn a_guard_cancels_when_it_is_dropped_also_by_a_panic_and_not_when_disarmed() {
    let token = CancelToken::new();
    drop(token.clone().drop_guard().disarm());
    assert!(!token.is_cancelled());
    let guard = token.clone().drop_guard();
    let panicked = std::panic::catch_unwind(move || {
        let _guard = guard;
        panic!("on purpose");
    });
    assert!(panicked.is_err() && token.is_cancelled());
}

/// The recipe of the type page, for one primitive of each kind.
#[test]
fn a_token_ends_a_threads_wait_for_a_primitive_and_the_wait_loses_nothing() {
    let lock = Arc::new(Lock::new(0));
    let held = lock.lock();
    let token = CancelToken::new();
    let waits = thread::spawn_named("waits", {
        let (lock, token) = (Arc::clone(&lock), token.clone());
        move || block_on(token.run_until_cancelled(lock.as_task().lock())).is_err()
    });
    watched(&lock, || {
        crate::watch::until_waiting(&*lock, 1);
        token.cancel();
        assert!(waits.wait().unwrap());
    });
    drop(held);
    assert!(lock.try_lock().is_some());
}
