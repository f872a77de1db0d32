//! Models of `CancelToken`: a cancel against those who are made, who leave, who wait and who are called.

use core::pin::pin;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use syncline::internals::fire_timers;
use syncline::loom::thread::{JoinHandle, spawn};
use syncline::service::CancelToken;
use syncline::task::{Event, block_on};

use crate::kit::{Check, CountingWaker, Guarded, Model, model, poll_once};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("token/service/cancel_against_child", child),
    model!("token/service/cancel_against_dropped_middle", middle),
    model!("token/service/cancel_against_waits", waits),
    model!("token/service/cancel_against_thread", thread),
    model!("token/service/cancel_against_sleep", sleep),
    model!("token/service/cancel_against_future", future),
    model!("token/service/cancel_against_callback", callback),
    model!("token/service/cancel_against_drop", dropped),
    model!("token/service/deadline_against_cancel", deadline),
    model!("token/service/deadline_against_drop", deadline_drop),
];

/// A token beside the cell that its canceller writes.
type Shared = Guarded<CancelToken>;

const LONG: Duration = Duration::from_secs(60);

fn shared() -> Arc<Shared> {
    Arc::new(Guarded::new(CancelToken::new()))
}

/// A thread that does something with the token.
fn with<R: 'static>(
    token: &Arc<Shared>,
    body: impl FnOnce(&Shared) -> R + 'static,
) -> JoinHandle<R> {
    let token = Arc::clone(token);
    spawn(move || body(&token))
}

fn cancels(token: &Arc<Shared>) -> JoinHandle<()> {
    with(token, |token| {
        token.bump();
        token.cancel();
    })
}

/// A child is reached by the cancel, or born cancelled; and who sees it sees what came before.
fn child(check: Check) {
    check
        .outcomes(&["cancelled at once", "cancelled later"])
        .run(|run| {
            let token = shared();
            let canceller = cancels(&token);
            let child = token.child();
            let below = child.child();
            let seen = child.is_cancelled();
            if seen {
                assert_eq!(token.value(), 1);
            }
            block_on(below.cancelled());
            assert_eq!(token.value(), 1);
            canceller.join().unwrap();
            assert!(child.is_cancelled() && child.check().is_err());
            run.saw(if seen {
                "cancelled at once"
            } else {
                "cancelled later"
            });
        });
}

/// A token between two others goes while the upper one is cancelled: the lower one is reached.
fn middle(check: Check) {
    check.outcomes(&["reached"]).run(|run| {
        let root = CancelToken::new();
        let middle = root.child();
        let (one, other) = (middle.child(), middle.child());
        let leaves = spawn(move || {
            drop(middle);
            drop(one);
        });
        let canceller = spawn(move || root.cancel());
        block_on(other.cancelled());
        leaves.join().unwrap();
        canceller.join().unwrap();
        run.saw("reached");
    });
}

/// A task waits for the root and a task for its child. Whoever is woken first finds both cancelled.
fn waits(check: Check) {
    check
        .outcomes(&["early", "late"])
        .expiries(&[None])
        .run(|run| {
            let token = shared();
            let child = token.child();
            let waits = with(&token, move |token| {
                let early = child.is_cancelled();
                block_on(token.cancelled());
                assert!(child.is_cancelled());
                assert_eq!(token.value(), 1);
                block_on(child.sleep(LONG)).unwrap_err();
                early
            });
            token.bump();
            token.cancel();
            let early = waits.join().unwrap();
            run.saw(if early { "early" } else { "late" });
        });
}

fn thread(check: Check) {
    check
        .outcomes(&["cancelled", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let token = shared();
            let child = token.child();
            let waits = spawn(move || {
                let cancelled = child.cancelled().wait_timeout(LONG).is_ok();
                child.cancelled().wait();
                assert!(child.is_cancelled());
                cancelled
            });
            token.bump();
            token.cancel();
            let cancelled = waits.join().unwrap();
            run.saw(if cancelled { "cancelled" } else { "timed out" });
        });
}

/// A pause ends with its time or with the token; who is told of the token sees what came before.
fn sleep(check: Check) {
    check
        .outcomes(&["cancelled", "slept"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let token = shared();
            let sleeps = with(&token, |token| {
                let slept = token.sleep(LONG).wait().is_ok();
                if !slept {
                    assert_eq!(token.value(), 1);
                    assert!(token.cancelled().wait_deadline(Instant::now()).is_ok());
                }
                slept
            });
            token.bump();
            token.cancel();
            let slept = sleeps.join().unwrap();
            run.saw(if slept { "slept" } else { "cancelled" });
        });
}

/// A future ends, or is cut off; a result that is there wins.
fn future(check: Check) {
    check.outcomes(&["finished", "cut off"]).run(|run| {
        let token = shared();
        let event = Arc::new(Event::new());
        let runs = with(&token, {
            let event = Arc::clone(&event);
            move |token| block_on(token.run_until_cancelled(event.wait())).is_ok()
        });
        let canceller = with(&token, |token| token.cancel());
        event.set();
        let finished = runs.join().unwrap();
        canceller.join().unwrap();
        run.saw(if finished { "finished" } else { "cut off" });
    });
}

/// A callback is called by the canceller, or at once, or taken back in time; once, and never both.
fn callback(check: Check) {
    check.outcomes(&["called", "taken back"]).run(|run| {
        let token = shared();
        let calls = Arc::new(AtomicUsize::new(0));
        let canceller = cancels(&token);
        let counts = Arc::clone(&calls);
        // ORDERING: Relaxed: loom's threads are one thread.
        let registration = token.on_cancel(move || {
            counts.fetch_add(1, Relaxed);
        });
        let removed = registration.remove();
        let counts = Arc::clone(&calls);
        let stays = token.on_cancel(move || {
            counts.fetch_add(10, Relaxed);
        });
        canceller.join().unwrap();
        assert_eq!(calls.load(Relaxed), 10 + usize::from(!removed));
        drop(stays);
        assert_eq!(Arc::strong_count(&calls), 1, "the callback is gone");
        run.saw(if removed { "taken back" } else { "called" });
    });
}

/// The last handle of a child goes while its parent is cancelled: nothing of it is left, and nothing is lost.
fn dropped(check: Check) {
    check.outcomes(&["called", "dropped"]).run(|run| {
        let root = CancelToken::new();
        let child = root.child();
        let calls = Arc::new(AtomicUsize::new(0));
        let counts = Arc::clone(&calls);
        child
            .on_cancel(move || {
                counts.fetch_add(1, Relaxed);
            })
            .detach();
        let grandchild = child.child();
        let leaves = spawn(move || drop(child));
        root.cancel();
        leaves.join().unwrap();
        assert!(grandchild.is_cancelled());
        assert_eq!(Arc::strong_count(&calls), 1, "the callback is gone");
        run.saw(["dropped", "called"][calls.load(Relaxed)]);
    });
}

/// The timer and a canceller: one of them gives the reason, and both reach the child.
fn deadline(check: Check) {
    check
        .outcomes(&["by deadline", "by request"])
        .expiries(&[Some(1)])
        .min_executions(4)
        .run(|run| {
            let root = CancelToken::new();
            let token = root.child_timeout(LONG);
            let child = token.child();
            let waker = CountingWaker::new();
            let mut waits = pin!(child.cancelled());
            assert!(poll_once(waits.as_mut(), &waker).is_pending());
            let timer = spawn(fire_timers);
            root.cancel();
            timer.join().unwrap();
            assert_eq!(waker.wakes(), 1);
            assert!(poll_once(waits.as_mut(), &waker).is_ready());
            let (above, below) = (token.check().unwrap_err(), child.check().unwrap_err());
            assert_eq!(above, below);
            assert!(!root.check().unwrap_err().is_deadline());
            run.saw(if below.is_deadline() {
                "by deadline"
            } else {
                "by request"
            });
        });
}

/// A token with a deadline goes while the timer comes for it.
fn deadline_drop(check: Check) {
    check
        .outcomes(&["cancelled", "gone"])
        .expiries(&[Some(1)])
        .min_executions(4)
        .run(|run| {
            let token = CancelToken::new().child_deadline(Instant::now() + LONG);
            let child = token.child();
            let timer = spawn(fire_timers);
            drop(token);
            timer.join().unwrap();
            run.saw(if child.is_cancelled() {
                "cancelled"
            } else {
                "gone"
            });
        });
}
