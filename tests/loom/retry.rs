//! Models of retries: a token against the pause of a thread, and against the attempt of a task.

use core::future::pending;
use core::time::Duration;
use std::sync::Arc;

use syncline::loom::thread::spawn;
use syncline::service::{Backoff, CancelToken, GaveUp};
use syncline::task::{Event, block_on};
use syncline::{task, thread};

use crate::kit::{Check, Guarded, Model, model};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("retry/service/token_against_pause", pause),
    model!("retry/service/token_against_attempt", attempt),
    model!("retry/service/token_against_attempt_that_hangs", hangs),
];

const LONG: Duration = Duration::from_secs(60);

/// A thread pauses, and is cancelled before, in, or after the pause.
fn pause(check: Check) {
    check
        .outcomes(&["before the first", "in the pause", "after the second"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let token = Arc::new(Guarded::new(CancelToken::new()));
            let retries = spawn({
                let token = Arc::clone(&token);
                move || {
                    let error = thread::retry(|_| Err::<(), _>("down"))
                        .with(Backoff::fixed(LONG).attempts(2))
                        .token(&token)
                        .wait()
                        .unwrap_err();
                    if error.why == GaveUp::Cancelled {
                        assert_eq!(token.value(), 1);
                    }
                    error
                }
            });
            token.bump();
            token.cancel();
            let error = retries.join().unwrap();
            run.saw(match (error.attempts, error.why) {
                (0, GaveUp::Cancelled) => "before the first",
                (1, GaveUp::Cancelled) => "in the pause",
                (2, GaveUp::Exhausted) => "after the second",
                _ => panic!("{error:?}"),
            });
        });
}

/// A task waits in its attempt, which ends, or is cut off.
fn attempt(check: Check) {
    check.outcomes(&["finished", "cut off"]).run(|run| {
        let (token, event) = (CancelToken::new(), Arc::new(Event::new()));
        let retries = spawn({
            let (token, event) = (token.clone(), Arc::clone(&event));
            move || {
                let tried = task::retry(|_| {
                    let event = &event;
                    async move {
                        event.wait().await;
                        Ok::<_, ()>(())
                    }
                });
                block_on(tried.token(&token)).is_ok()
            }
        });
        let sets = spawn({
            let event = Arc::clone(&event);
            move || event.set()
        });
        token.cancel();
        let finished = retries.join().unwrap();
        sets.join().unwrap();
        run.saw(if finished { "finished" } else { "cut off" });
    });
}

/// Nothing but the token ends an attempt that hangs.
fn hangs(check: Check) {
    check.outcomes(&["before it", "in it"]).run(|run| {
        let token = Arc::new(Guarded::new(CancelToken::new()));
        let retries = spawn({
            let token = Arc::clone(&token);
            move || {
                let tried = task::retry(|_| pending::<Result<(), ()>>());
                let error = block_on(tried.token(&token)).unwrap_err();
                assert_eq!((error.why, token.value()), (GaveUp::Cancelled, 1));
                error
            }
        });
        token.bump();
        token.cancel();
        let error = retries.join().unwrap();
        run.saw(if error.attempts == 0 {
            "before it"
        } else {
            "in it"
        });
    });
}
