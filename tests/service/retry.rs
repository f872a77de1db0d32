//! Retries on both faces: the order of what ends them, what is dropped when, and the budget. Times are in
//! `stepped`.

use crate::driver::Driver;
use crate::watch::watched;
use core::cell::{Cell, RefCell};
use core::future::{Future, pending, ready};
use core::time::Duration;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;
use syncline::service::{Backoff, CancelToken, GaveUp, RetryBudget, RetryError};
use syncline::{task, thread};

const FAR: Duration = Duration::from_secs(3600);

fn at_once(attempts: u32) -> Backoff {
    Backoff::fixed(Duration::ZERO).attempts(attempts)
}

fn never_ready<T>() -> impl Future<Output = T> {
    pending()
}

#[test]
fn attempts_are_counted_from_one_and_the_first_success_ends_it() {
    let seen = RefCell::new(Vec::new());
    let operation = |attempt| {
        seen.borrow_mut().push(attempt);
        if attempt == 3 {
            Ok("done")
        } else {
            Err(attempt)
        }
    };
    assert_eq!(thread::retry(operation).with(at_once(5)).wait(), Ok("done"));
    let tried = task::retry(|attempt| ready(operation(attempt))).with(at_once(5));
    assert_eq!(task::block_on(tried), Ok("done"));
    assert_eq!(*seen.borrow(), [1, 2, 3, 1, 2, 3]);
}

fn both<E: Clone>(error: &E, options: impl Fn(Backoff) -> Backoff) -> [RetryError<E>; 2] {
    let backoff = || options(at_once(3));
    let first = thread::retry(|_| Err::<(), _>(error.clone()))
        .with(backoff())
        .wait();
    let second = task::retry(|_| ready(Err::<(), _>(error.clone()))).with(backoff());
    [first.unwrap_err(), task::block_on(second).unwrap_err()]
}

#[test]
fn after_the_last_attempt_its_error_comes_back() {
    for error in both(&"down", |backoff| backoff) {
        assert_eq!(
            (error.last, error.attempts, error.why),
            (Some("down"), 3, GaveUp::Exhausted)
        );
    }
    for error in both(&"down", |backoff| backoff.attempts(1)) {
        assert_eq!(error.attempts, 1);
    }
}

#[test]
fn an_error_that_is_not_worth_it_ends_it_before_anything_else() {
    let token = CancelToken::new();
    let budget = RetryBudget::new(0.0, 0);
    let error = thread::retry(|_| Err::<(), _>(404))
        .when(|status| *status >= 500)
        .token(&token)
        .budget(&budget)
        .wait()
        .unwrap_err();
    assert_eq!((error.why, error.attempts), (GaveUp::NotRetryable, 1));
    let tried = task::retry(|_| ready(Err::<(), _>(404))).when(|status| *status >= 500);
    assert_eq!(task::block_on(tried).unwrap_err().why, GaveUp::NotRetryable);
}

#[test]
fn a_pause_that_would_end_after_the_deadline_is_not_begun() {
    let deadline = Instant::now() + FAR;
    let backoff = Backoff::fixed(FAR * 2);
    let error = thread::retry(|_| Err::<(), _>(()))
        .with(backoff.clone())
        .deadline(deadline)
        .wait()
        .unwrap_err();
    assert_eq!((error.why, error.attempts), (GaveUp::Deadline, 1));
    let tried = task::retry(|_| ready(Err::<(), _>(())))
        .with(backoff)
        .deadline(deadline);
    assert_eq!(task::block_on(tried).unwrap_err().why, GaveUp::Deadline);
    // What the server says counts as well.
    let error = thread::retry(|_| Err::<(), _>(()))
        .with(at_once(5))
        .retry_after(|()| Some(FAR * 2))
        .deadline(deadline)
        .wait()
        .unwrap_err();
    assert_eq!(error.why, GaveUp::Deadline);
}

#[test]
fn a_deadline_that_is_over_and_a_token_that_is_cancelled_allow_no_attempt() {
    let never = |_: u32| -> Result<(), ()> { unreachable!("no attempt") };
    let error = thread::retry(never)
        .deadline(Instant::now())
        .wait()
        .unwrap_err();
    assert_eq!(
        (error.why, error.attempts, error.last),
        (GaveUp::Deadline, 0, None)
    );
    let token = CancelToken::new();
    token.cancel();
    let error = thread::retry(never).token(&token).wait().unwrap_err();
    assert_eq!((error.why, error.attempts), (GaveUp::Cancelled, 0));
    let tried = task::retry(|attempt| ready(never(attempt))).token(&token);
    assert_eq!(task::block_on(tried).unwrap_err().why, GaveUp::Cancelled);
}

#[test]
fn a_token_ends_a_pause_at_once_on_both_faces() {
    let token = CancelToken::new();
    let pauses = Backoff::fixed(FAR);
    watched(&token, || {
        let thread = thread::spawn_named("retries", {
            let (token, pauses) = (token.clone(), pauses.clone());
            move || {
                let own = token.clone();
                thread::retry(|_| Err::<(), _>("down"))
                    .with(pauses)
                    .token(&token)
                    .on_retry(|_, _| own.cancel())
                    .wait()
                    .unwrap_err()
            }
        });
        let error = thread.wait().unwrap();
        assert_eq!((error.last, error.why), (Some("down"), GaveUp::Cancelled));
    });
    let token = CancelToken::new();
    let mut tried = Driver::new(
        task::retry(|_| ready(Err::<(), _>("down")))
            .with(pauses)
            .token(&token),
    );
    tried.pending();
    token.cancel();
    let error = tried.woken().unwrap_err();
    assert_eq!(
        (error.last, error.attempts, error.why),
        (Some("down"), 1, GaveUp::Cancelled)
    );
}

#[test]
fn a_token_drops_the_attempt_of_a_task() {
    let token = CancelToken::new();
    let alive = Arc::new(());
    let attempt = |_| {
        let mine = Arc::clone(&alive);
        async move {
            let result = never_ready::<Result<(), ()>>().await;
            drop(mine);
            result
        }
    };
    let mut tried = Driver::new(task::retry(attempt).token(&token));
    tried.pending();
    assert_eq!(Arc::strong_count(&alive), 2);
    token.cancel();
    assert!(tried.poll().is_ready());
    assert_eq!(Arc::strong_count(&alive), 1);
    assert_eq!(tried.cancel().alive(), 0);
}

/// Says that it is gone.
struct Attempt(Rc<Cell<u32>>);

impl Drop for Attempt {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

#[test]
fn an_attempt_is_dropped_before_the_next_one_is_made() {
    let alive = Rc::new(Cell::new(0));
    let tried = task::retry(|_| {
        assert_eq!(alive.get(), 0);
        alive.set(1);
        let own = Attempt(Rc::clone(&alive));
        async move {
            let _own = own;
            Err::<(), _>(())
        }
    });
    task::block_on(tried.with(at_once(4))).unwrap_err();
}

#[test]
fn a_retry_that_is_dropped_while_it_pauses_leaves_no_waker_behind() {
    let token = CancelToken::new();
    let tried = task::retry(|_| ready(Err::<(), _>(())))
        .with(Backoff::fixed(FAR))
        .token(&token);
    assert_eq!(Driver::waiting(tried).cancel().alive(), 0);
}

#[test]
fn a_budget_is_shared_by_all_calls() {
    let budget = RetryBudget::new(0.5, 0);
    let tries = Cell::new(0);
    let call = || {
        thread::retry(|_| {
            tries.set(tries.get() + 1);
            Err::<(), _>(())
        })
        .with(at_once(10))
        .budget(&budget)
        .wait()
        .unwrap_err()
        .why
    };
    let ends: Vec<_> = (0..10).map(|_| call()).collect();
    assert!(ends.iter().all(|why| *why == GaveUp::NoBudget));
    assert_eq!(tries.get(), 10 + 5, "a retry for every second call");
}

#[test]
fn no_pause_is_above_the_cap_but_one_that_the_server_asks_for() {
    let cap = Duration::from_micros(10);
    let asked = cap * 3;
    let pauses = RefCell::new(Vec::new());
    let operation = |attempt| Err::<(), u32>(attempt);
    // The server speaks after every third attempt, and says less than the cap after every fifth.
    let server = |attempt: &u32| match attempt % 15 {
        3 | 6 | 9 | 12 => Some(asked),
        5 | 10 => Some(cap / 10),
        _ => None,
    };
    let note = |attempt: &u32, pause| pauses.borrow_mut().push((*attempt, pause));
    let backoff = Backoff::exponential(cap / 4).cap(cap).attempts(60);
    thread::retry(operation)
        .with(backoff.clone())
        .retry_after(server)
        .on_retry(note)
        .wait()
        .unwrap_err();
    let tried = task::retry(|attempt| ready(operation(attempt)))
        .with(backoff)
        .retry_after(server)
        .on_retry(note);
    task::block_on(tried).unwrap_err();
    let pauses = pauses.into_inner();
    assert_eq!(pauses.len(), 59 * 2);
    for (attempt, pause) in pauses {
        match server(&attempt) {
            Some(said) if said > cap => assert_eq!(pause, said, "attempt {attempt}"),
            said => assert!(
                pause <= cap && pause >= said.unwrap_or_default(),
                "attempt {attempt}: {pause:?}"
            ),
        }
    }
}

/// Each of the three closures that are asked after a failure, as one that panics.
#[test]
fn a_closure_of_a_retry_that_panics_ends_it_and_leaves_nothing_behind() {
    for which in 0..3 {
        let panics_at = |place| assert!(which != place, "on purpose");
        let (token, alive) = (CancelToken::new(), Arc::new(()));
        let tried = task::retry(|_| {
            let mine = Arc::clone(&alive);
            async move {
                task::yield_now().await;
                drop(mine);
                Err::<(), _>(())
            }
        });
        let mut tried = Driver::new(
            tried
                .with(Backoff::fixed(FAR))
                .token(&token)
                .when(|()| {
                    panics_at(0);
                    true
                })
                .retry_after(|()| {
                    panics_at(1);
                    None
                })
                .on_retry(|(), _| panics_at(2)),
        );
        tried.pending();
        assert_eq!(Arc::strong_count(&alive), 2);
        let polled = core::panic::AssertUnwindSafe(|| tried.poll());
        std::panic::catch_unwind(polled).unwrap_err();
        assert_eq!(Arc::strong_count(&alive), 1);
        assert_eq!(tried.cancel().alive(), 0);
    }
}

#[test]
fn a_panic_of_the_operation_goes_through() {
    let operation = |_| -> Result<(), ()> { panic!("on purpose") };
    let waits = || thread::retry(operation).wait();
    std::panic::catch_unwind(core::panic::AssertUnwindSafe(waits)).unwrap_err();
}

/// Backoff's iterator is all that `backon` and `tokio-retry` ask for.
#[test]
fn a_backoff_is_an_iterator_of_pauses_for_others() {
    fn retries(pauses: impl IntoIterator<Item = Duration>) -> usize {
        pauses.into_iter().count()
    }
    assert_eq!(retries(Backoff::exponential(FAR).attempts(4)), 3);
}
