//! Questions and answers.

use core::panic::AssertUnwindSafe;
use core::pin::pin;
use core::time::Duration;
use std::panic::{catch_unwind, resume_unwind};
use std::rc::Rc;
use std::sync::Arc;

use crate::executors::{on_every_executor, task};
use crate::watch::{until, watched};
use syncline::bridge::{Requests, Responder};
use syncline::task::{block_on, gather, timeout};
use syncline::thread::{self, Event};
use syncline::{CallError, Job, ReceiveError};

const LONG: Duration = Duration::from_secs(60);
const SOON: Duration = Duration::from_millis(1);

/// Answers with twice what it was asked, on a thread.
fn doubler(responder: Responder<u32, u32>) -> Job<()> {
    thread::spawn_named("doubler", move || {
        for request in &responder {
            let answer = *request * 2;
            request.reply(answer).ok();
        }
    })
}

#[test]
fn calls_go_from_either_side_to_either_side() {
    let (caller, responder) = Requests::new(1);
    let doubler = doubler(responder);
    assert_eq!(caller.call(1).wait(), Ok(2));
    assert_eq!(block_on(caller.call(2)), Ok(4));
    drop(caller);
    doubler.wait().unwrap();

    let (caller, responder) = Requests::<u32, u32>::new(1);
    let pool = thread::ThreadPool::new(1);
    let answers = pool.spawn(async move {
        while let Ok(request) = responder.receive().await {
            let answer = *request * 2;
            request.reply(answer).ok();
        }
    });
    assert_eq!(caller.call(1).wait(), Ok(2));
    assert_eq!(block_on(caller.call(2)), Ok(4));
    drop(caller);
    answers.wait().unwrap();
}

#[test]
fn every_executor_may_call_and_answer() {
    on_every_executor(|| {
        let (caller, responder) = Requests::<u32, u32>::new(2);
        let other = caller.clone();
        let asks = |caller: syncline::bridge::Caller<u32, u32>| async move {
            for number in 0..100 {
                assert_eq!(caller.call(number).await, Ok(number + 1));
            }
        };
        let answers = async move {
            let mut count = 0;
            let mut incoming = pin!(responder.iter());
            while let Some(request) = futures_lite::StreamExt::next(&mut incoming).await {
                let answer = *request + 1;
                request.reply(answer).unwrap();
                count += 1;
            }
            assert_eq!(count, 200);
        };
        vec![task(asks(caller)), task(asks(other)), task(answers)]
    });
}

#[test]
fn several_callers_and_responders_share_one_line() {
    let (caller, responder) = Requests::new(3);
    let doublers: Vec<_> = (0..3).map(|_| doubler(responder.clone())).collect();
    drop(responder);
    std::thread::scope(|threads| {
        for thread in 0..4 {
            let caller = caller.clone();
            threads.spawn(move || {
                for number in 0..200 {
                    let asked = thread * 1000 + number;
                    assert_eq!(caller.call(asked).wait(), Ok(asked * 2));
                }
            });
        }
    });
    drop(caller);
    for doubler in doublers {
        doubler.wait().unwrap();
    }
}

#[test]
fn a_request_that_is_dropped_ends_its_call() {
    let (caller, responder) = Requests::<u32, u32>::new(1);
    let drops = thread::spawn_named("drops", move || {
        drop(responder.receive().wait());
        let request = responder.receive().wait().unwrap();
        let panics = catch_unwind(AssertUnwindSafe(move || {
            let _request = request;
            panic!("no answer");
        }));
        assert!(panics.is_err());
        drop(responder.receive().wait());
    });
    assert_eq!(caller.call(1).wait(), Err(CallError::NoReply));
    assert_eq!(caller.call(2).wait_timeout(LONG), Err(CallError::NoReply));
    assert_eq!(block_on(caller.call(3)), Err(CallError::NoReply));
    drops.wait().unwrap();
}

#[test]
fn a_task_passes_over_a_request_whose_caller_waits_no_longer() {
    let (caller, responder) = Requests::<u32, u32>::new(4);
    let timed_out = caller.call(1).wait_timeout(Duration::ZERO);
    assert_eq!(timed_out, Err(CallError::TimedOut(None)));
    assert_eq!(responder.waiting(), 1);
    let asks = thread::spawn_named("asks", move || caller.call(2).wait());
    let request = block_on(responder.receive()).unwrap();
    assert!(*request == 2 && !request.is_abandoned());
    request.reply(9).unwrap();
    assert_eq!(asks.wait().unwrap(), Ok(9));
    // And as a stream.
    let (caller, responder) = Requests::<u32, u32>::new(4);
    assert!(caller.call(1).wait_timeout(Duration::ZERO).is_err());
    drop(caller);
    let mut incoming = pin!(responder.iter());
    assert!(block_on(futures_lite::StreamExt::next(&mut incoming)).is_none());
}

#[test]
fn a_call_to_nobody_gives_the_request_back() {
    let (caller, responder) = Requests::<String, u32>::new(1);
    drop(responder);
    assert!(caller.is_closed());
    let error = caller.call("one".to_owned()).wait().unwrap_err();
    assert_eq!(error, CallError::Closed("one".to_owned()));
    let error = block_on(caller.call("two".to_owned())).unwrap_err();
    assert_eq!(error.into_inner().as_deref(), Some("two"));
    let error = caller.call("three".to_owned()).wait_timeout(SOON);
    assert_eq!(error, Err(CallError::Closed("three".to_owned())));
}

#[test]
fn the_last_responder_ends_all_calls_that_wait_sent_or_not() {
    let (caller, responder) = Requests::<u32, u32>::new(1);
    let other = responder.clone();
    drop(responder);
    std::thread::scope(|threads| {
        let calls = [1, 2, 3].map(|number| {
            let caller = &caller;
            threads.spawn(move || caller.call(number).wait().unwrap_err())
        });
        // One is sent, two wait for room.
        until("one is sent", || other.waiting() == 1);
        until("two wait", || {
            syncline::internals::Quiet::waiting(&caller) == 2
        });
        drop(other);
        let mut back: Vec<_> = calls.map(|call| call.join().unwrap().into_inner()).to_vec();
        back.sort_unstable();
        assert_eq!(back.iter().filter(|request| request.is_none()).count(), 1);
    });
}

#[test]
fn a_call_that_timed_out_is_not_received_if_it_was_not() {
    let (caller, responder) = Requests::<u32, u32>::new(2);
    assert_eq!(
        caller.call(1).wait_timeout(SOON),
        Err(CallError::TimedOut(None))
    );
    assert!(block_on(timeout(SOON, caller.call(2))).is_err());
    // Both still lie there, and there is no room.
    assert_eq!(
        caller.call(3).wait_timeout(SOON),
        Err(CallError::TimedOut(Some(3)))
    );
    assert_eq!(
        caller.call(4).wait_timeout(Duration::ZERO),
        Err(CallError::TimedOut(Some(4)))
    );
    assert_eq!(responder.waiting(), 2);
    let received = responder.receive().wait_timeout(Duration::ZERO);
    assert_eq!(received.err(), Some(ReceiveError::TimedOut));
    assert_eq!(responder.waiting(), 0);
    let asks = thread::spawn_named("asks", move || caller.call(5).wait());
    let request = responder.receive().wait().unwrap();
    assert_eq!(*request, 5);
    request.reply(6).unwrap();
    assert_eq!(asks.wait().unwrap(), Ok(6));
}

#[test]
fn the_answer_to_a_caller_that_has_gone_is_given_back() {
    let (caller, responder) = Requests::<u32, u32>::new(1);
    let gives_up = thread::spawn_named("gives up", {
        let caller = caller.clone();
        move || caller.call(1).wait_timeout(Duration::from_millis(20))
    });
    let request = responder.receive().wait().unwrap();
    assert_eq!(gives_up.wait().unwrap(), Err(CallError::TimedOut(None)));
    assert!(request.is_abandoned());
    assert_eq!(request.reply(2), Err(2));

    // A future that is dropped says so too.
    let received = Event::new();
    block_on(async {
        let call = timeout(LONG, async {
            let mut call = pin!(caller.call(3));
            let mut request = pin!(responder.receive());
            // The call is polled once, then the other side receives it.
            let first = core::future::poll_fn(|context| {
                assert!(call.as_mut().poll(context).is_pending());
                request.as_mut().poll(context)
            });
            first.await.unwrap()
        });
        let request = call.await.unwrap();
        received.set();
        assert!(request.is_abandoned());
        assert_eq!(request.reply(4), Err(4));
    });
    assert!(received.is_set());
}

#[test]
fn requests_are_received_until_the_last_caller_has_gone_and_nothing_is_left() {
    let (caller, responder) = Requests::<u32, u32>::new(4);
    let pool = thread::ThreadPool::new(1);
    let other = caller.clone();
    let calls = pool.spawn(async move { gather((0..3).map(|n| caller.call(n))).await });
    until("three are sent", || responder.waiting() == 3);
    drop(other);
    let mut received = 0;
    for request in &responder {
        let answer = *request;
        request.reply(answer).unwrap();
        received += 1;
    }
    assert_eq!(received, 3);
    assert_eq!(calls.wait().unwrap(), [Ok(0), Ok(1), Ok(2)]);
    let closed = Some(ReceiveError::Closed);
    assert_eq!(responder.receive().wait().err(), closed);
    assert_eq!(responder.receive().wait_timeout(LONG).err(), closed);
    assert_eq!(block_on(responder.receive()).err(), closed);
}

#[test]
fn a_receive_that_is_dropped_loses_no_request() {
    let (caller, responder) = Requests::<u32, u32>::new(1);
    let pool = thread::ThreadPool::new(1);
    let receives = Box::pin(responder.receive());
    block_on(async {
        let mut receives = receives;
        let pending = core::future::poll_fn(|context| {
            core::task::Poll::Ready(receives.as_mut().poll(context).is_pending())
        });
        assert!(pending.await);
        let call = pool.spawn(async move { caller.call(7).await });
        until("it is sent", || responder.waiting() == 1);
        drop(receives);
        let request = responder.receive().await.unwrap();
        assert_eq!(*request, 7);
        request.reply(8).unwrap();
        assert_eq!(call.await.unwrap(), Ok(8));
    });
}

#[test]
fn what_is_asked_need_not_be_cloned_nor_compared_and_may_stay_on_its_thread() {
    // The ends of such requests cannot be sent, and need not be.
    let (caller, responder) = Requests::<Rc<u32>, u32>::new(1);
    block_on(async {
        let mut call = pin!(caller.call(Rc::new(3)));
        let mut receive = pin!(responder.receive());
        let request = core::future::poll_fn(|context| {
            assert!(call.as_mut().poll(context).is_pending());
            receive.as_mut().poll(context)
        });
        let (asked, promise) = request.await.unwrap().into_parts();
        promise.set(*asked + 1).unwrap();
        assert_eq!(call.await, Ok(4));
    });
}

#[test]
fn what_is_asked_when_a_responder_goes_is_dropped_once() {
    let token = Arc::new(());
    let (caller, responder) = Requests::<Arc<()>, Arc<()>>::new(2);
    assert_eq!(
        caller
            .call(Arc::clone(&token))
            .wait_timeout(SOON)
            .unwrap_err()
            .into_inner(),
        None
    );
    assert_eq!(Arc::strong_count(&token), 2);
    drop(responder);
    assert_eq!(Arc::strong_count(&token), 1);
    drop(caller);
}

#[test]
#[should_panic(expected = "capacity")]
fn a_capacity_of_zero_panics() {
    drop(Requests::<u32, u32>::new(0));
}

#[test]
fn a_responder_that_calls_itself_times_out_as_anybody() {
    let (caller, responder) = Requests::<u32, u32>::new(1);
    let inner = caller.clone();
    let answers = thread::spawn_named("answers", move || {
        let request = responder.receive().wait().unwrap();
        let nested = inner.call(0).wait_timeout(SOON);
        assert_eq!(nested, Err(CallError::TimedOut(None)));
        request.reply(1).unwrap();
    });
    assert_eq!(watched(&caller, || caller.call(1).wait()), Ok(1));
    answers.wait().unwrap();
}

/// Panics when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        resume_unwind(Box::new("a request"));
    }
}

#[test]
fn a_request_whose_destructor_panics_stops_no_responder() {
    let (caller, responder) = Requests::<Bomb, i32>::new(4);
    watched(&"requests that panic", || {
        for _ in 0..2 {
            let answer = caller.call(Bomb).wait_timeout(SOON);
            assert!(matches!(answer, Err(CallError::TimedOut(None))));
        }
        // Both have been abandoned, and are passed over.
        assert!(responder.receive().wait_timeout(SOON).is_err());
        let waits = caller.clone();
        let call = thread::spawn_named("call", move || {
            matches!(waits.call(Bomb).wait(), Err(CallError::NoReply))
        });
        until("it has been sent", || responder.waiting() == 1);
        drop(responder);
        assert!(call.wait().unwrap());
    });
}
