//! Models of two requests of one task: a grant that one of them cannot use goes to the other.

use core::task::Poll;
use std::sync::Arc;

use syncline::internals::Quiet;
use syncline::loom::thread::{JoinHandle, spawn};
use syncline::task::{self, block_on};

use crate::kit::{Check, CountingWaker, Guarded, Model, model, poll_once};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!(
        "semaphore/task/transfer_releases_the_rest",
        releases_the_rest
    ),
    model!("semaphore/task/transfer_against_forget", against_forget),
    model!("semaphore/task/transfer_covers_the_request", covers),
    model!(
        "semaphore/task/rest_of_a_transfer_goes_to_the_next",
        rest_goes_to_the_next
    ),
];

/// A semaphore beside the cell that it is said to guard.
type Shared = Guarded<Arc<task::Semaphore>>;

fn shared(permits: usize) -> Arc<Shared> {
    Arc::new(Guarded::new(Arc::new(task::Semaphore::new(permits))))
}

/// A thread that does something with the semaphore.
fn with<R: 'static>(
    semaphore: &Arc<Shared>,
    body: impl FnOnce(&Shared) -> R + 'static,
) -> JoinHandle<R> {
    let semaphore = Arc::clone(semaphore);
    spawn(move || body(&semaphore))
}

/// A task that waits for one permit gets it from its own grant of two; the other one is free.
fn releases_the_rest(check: Check) {
    check
        .outcomes(&["transferred at the second poll", "transferred at the third"])
        .run(|run| {
            let semaphore = shared(2);
            let held = semaphore.try_acquire_many_owned(2).unwrap();
            let waker = CountingWaker::new();
            let mut first = Box::pin(semaphore.acquire_many(2));
            assert!(poll_once(first.as_mut(), &waker).is_pending());
            let other = with(&semaphore, |semaphore| {
                let permit = block_on(semaphore.acquire());
                assert_eq!(semaphore.value(), 1);
                drop(permit);
            });
            let holder = with(&semaphore, |semaphore| {
                semaphore.bump();
                drop(held);
            });
            let mut second = Box::pin(semaphore.acquire());
            assert!(poll_once(second.as_mut(), &waker).is_pending());
            holder.join().unwrap();
            let early = poll_once(second.as_mut(), &waker);
            run.saw(match early {
                Poll::Ready(_) => "transferred at the second poll",
                Poll::Pending => "transferred at the third",
            });
            let permit = match early {
                Poll::Ready(permit) => permit,
                Poll::Pending => match poll_once(second.as_mut(), &waker) {
                    Poll::Ready(permit) => permit,
                    Poll::Pending => panic!("its task has been granted two"),
                },
            };
            assert_eq!(semaphore.value(), 1);
            // The other request of this task is first in line again, and keeps what is left.
            assert!(poll_once(first.as_mut(), &waker).is_pending());
            drop(first);
            other.join().unwrap();
            drop(permit);
            drop(second);
            assert_eq!(semaphore.available_permits(), 2);
            assert_eq!(waker.clones(), 0);
            semaphore.assert_quiet();
        });
}

/// The rest of a transferred grant is free, and can be taken away like any other permit.
fn against_forget(check: Check) {
    check
        .outcomes(&["rest forgotten", "nothing was free"])
        .min_executions(4)
        .run(|run| {
            let semaphore = shared(2);
            let held = semaphore.try_acquire_many(2).unwrap();
            let waker = CountingWaker::new();
            let mut first = Box::pin(semaphore.acquire_many(2));
            assert!(poll_once(first.as_mut(), &waker).is_pending());
            drop(held);
            let forgetter = with(&semaphore, |semaphore| semaphore.forget(2));
            let mut second = Box::pin(semaphore.acquire());
            assert!(poll_once(second.as_mut(), &waker).is_pending());
            let Poll::Ready(permit) = poll_once(second.as_mut(), &waker) else {
                panic!("its task has been granted two")
            };
            let forgotten = forgetter.join().unwrap();
            run.saw(["nothing was free", "rest forgotten"][forgotten]);
            semaphore.release(forgotten).unwrap();
            assert_eq!(semaphore.available_permits(), 1);
            assert!(poll_once(first.as_mut(), &waker).is_pending());
            drop(permit);
            let Poll::Ready(both) = poll_once(first.as_mut(), &waker) else {
                panic!("it is the only one in line")
            };
            drop(both);
            assert_eq!(semaphore.available_permits(), 2);
            semaphore.assert_quiet();
        });
}

/// A grant of one permit is no help to a request for two: both requests keep what they have.
fn covers(check: Check) {
    check
        .outcomes(&["granted before", "granted after"])
        .min_executions(4)
        .run(|run| {
            let semaphore = shared(2);
            let kept = semaphore.try_acquire().unwrap();
            let held = semaphore.try_acquire_owned().unwrap();
            let waker = CountingWaker::new();
            let mut small = Box::pin(semaphore.acquire());
            assert!(poll_once(small.as_mut(), &waker).is_pending());
            let holder = with(&semaphore, |semaphore| {
                semaphore.bump();
                drop(held);
            });
            let mut large = Box::pin(semaphore.acquire_many(2));
            assert!(poll_once(large.as_mut(), &waker).is_pending());
            run.saw(["granted after", "granted before"][waker.wakes()]);
            holder.join().unwrap();
            assert!(poll_once(large.as_mut(), &waker).is_pending());
            let Poll::Ready(permit) = poll_once(small.as_mut(), &waker) else {
                panic!("it is the first in line")
            };
            assert_eq!(semaphore.value(), 1);
            drop((permit, kept));
            let Poll::Ready(both) = poll_once(large.as_mut(), &waker) else {
                panic!("it is the only one in line")
            };
            drop(both);
            assert_eq!(semaphore.available_permits(), 2);
            semaphore.assert_quiet();
        });
}

/// What is left of a transferred grant goes to a stranger who is ahead of the other request.
fn rest_goes_to_the_next(check: Check) {
    check
        .outcomes(&["transferred at the second poll", "transferred at the third"])
        .min_executions(4)
        .run(|run| {
            let semaphore = shared(2);
            let held = semaphore.try_acquire_many_owned(2).unwrap();
            let (waker, stranger) = (CountingWaker::new(), CountingWaker::new());
            let mut first = Box::pin(semaphore.acquire_many(2));
            assert!(poll_once(first.as_mut(), &waker).is_pending());
            let mut ahead = Box::pin(semaphore.acquire());
            assert!(poll_once(ahead.as_mut(), &stranger).is_pending());
            let holder = with(&semaphore, |semaphore| {
                semaphore.bump();
                drop(held);
            });
            let mut second = Box::pin(semaphore.acquire());
            assert!(poll_once(second.as_mut(), &waker).is_pending());
            holder.join().unwrap();
            assert_eq!(
                stranger.wakes(),
                0,
                "both permits were granted to the first"
            );
            let early = poll_once(second.as_mut(), &waker);
            run.saw(match early {
                Poll::Ready(_) => "transferred at the second poll",
                Poll::Pending => "transferred at the third",
            });
            let permit = match early {
                Poll::Ready(permit) => permit,
                Poll::Pending => match poll_once(second.as_mut(), &waker) {
                    Poll::Ready(permit) => permit,
                    Poll::Pending => panic!("its task has been granted two"),
                },
            };
            assert_eq!(semaphore.value(), 1);
            assert_eq!(stranger.wakes(), 1, "the next in line is told of the rest");
            let Poll::Ready(rest) = poll_once(ahead.as_mut(), &stranger) else {
                panic!("the rest is the next one's")
            };
            drop((permit, rest));
            drop(first);
            drop((second, ahead));
            assert_eq!(semaphore.available_permits(), 2);
            assert_eq!((waker.clones(), stranger.clones()), (0, 0));
            semaphore.assert_quiet();
        });
}
