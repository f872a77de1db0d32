//! Models of the bridge: calls and their answers, calls that block, and a runner that is stopped.

use core::sync::atomic::Ordering::Relaxed;
use core::task::Poll;
use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use syncline::bridge::{Caller, Requests, Responder, Runner, to_thread};
use syncline::internals::Quiet;
use syncline::loom::thread::{spawn, yield_now};
use syncline::task::{block_on, timeout};
use syncline::thread::Event;
use syncline::{CallError, JobError, Promise};

use crate::job::Counted;
use crate::kit::{Check, CountingWaker, Guarded, Model, model, poll_once};

/// The models of this file. Each is about two or three objects, so that the bound is low.
pub(crate) const MODELS: &[Model] = &[
    model!("bridge/thread/call_against_reply", call),
    model!("bridge/thread/timeout_against_reply", call_timeout),
    model!(
        "bridge/thread/deadline_against_dropped_request",
        call_deadline
    ),
    model!("bridge/thread/timeout_against_room", room).fewer_preemptions(1),
    model!(
        "bridge/thread/receive_timeout_against_call",
        receive_timeout
    ),
    model!("bridge/task/call_against_reply", task_call),
    model!("bridge/task/timeout_against_reply", task_timeout),
    model!("bridge/task/dropped_call_against_reply", task_drop),
    model!("bridge/mixed/last_responder_against_calls", last_responder),
    model!("bridge/mixed/last_caller_against_receive", last_caller),
    model!("bridge/task/to_thread_dropped_against_start", dropped_call)
        .fewer_preemptions(1)
        .untraced(),
    model!("bridge/thread/stop_against_run", stop_run).fewer_preemptions(2),
    model!("bridge/thread/stop_against_spawn", stop_spawn).fewer_preemptions(2),
    model!("bridge/thread/drain_against_spawn", drain_spawn)
        .dear()
        .fewer_preemptions(1),
    model!("bridge/mixed/cancel_across_sides", cancel)
        .dear()
        .fewer_preemptions(2),
];

const LONG: Duration = Duration::from_secs(60);

/// What one side writes before it answers, or asks, and the other reads after that.
fn cell() -> Arc<Guarded<()>> {
    Arc::new(Guarded::new(()))
}

/// Bumps a cell when it is dropped.
struct Bump(Arc<Guarded<()>>);

impl Drop for Bump {
    fn drop(&mut self) {
        self.0.bump();
    }
}

/// What happened before a call is seen by who answers, and what happened before the answer by who called.
fn call(check: Check) {
    check.outcomes(&["waits", "comes first"]).run(|run| {
        let (caller, responder) = Requests::new(1);
        let cell = cell();
        let asks = spawn({
            let cell = Arc::clone(&cell);
            move || {
                cell.bump();
                assert_eq!(caller.call(1).wait(), Ok(2));
                assert_eq!(cell.value(), 2);
                caller
            }
        });
        yield_now();
        run.saw(["waits", "comes first"][responder.waiting()]);
        let request = responder.receive().wait().unwrap();
        assert_eq!((*request, cell.value()), (1, 1));
        cell.bump();
        request.reply(2).unwrap();
        let caller = asks.join().unwrap();
        caller.assert_quiet();
    });
}

/// Answers the next request, and says what became of the answer.
fn reply(responder: &Responder<u32, Counted>, answer: Counted) -> &'static str {
    match responder.receive().wait() {
        Ok(request) => match request.reply(answer) {
            Ok(()) => "taken",
            Err(_answer) => "given back",
        },
        Err(_closed) => "passed over",
    }
}

/// An answer reaches its caller or is given back, whenever the caller gives up; a request that nobody waits for
/// is not received.
fn call_timeout(check: Check) {
    check
        .outcomes(&["answered", "given back", "passed over"])
        .expiries(&[None, Some(1)])
        .run(|run| {
            let (answer, drops) = Counted::new();
            let (caller, responder) = Requests::<u32, Counted>::new(1);
            let asks = spawn(move || match caller.call(1).wait_timeout(LONG) {
                Ok(answer) => Some(answer),
                Err(CallError::TimedOut(None)) => None,
                Err(error) => panic!("{error}"),
            });
            let replied = reply(&responder, answer);
            let answered = asks.join().unwrap();
            run.saw(match (&answered, replied) {
                (Some(_), "taken") => "answered",
                (None, "taken") => panic!("an answer that was taken is lost"),
                (None, how) => how,
                (Some(_), how) => panic!("{how}, and taken"),
            });
            drop(answered);
            drop(responder);
            assert_eq!(drops.load(Relaxed), 1);
        });
}

/// A request that is dropped ends its call, also while the caller gives up.
fn call_deadline(check: Check) {
    check
        .outcomes(&["no reply", "timed out"])
        .expiries(&[None, Some(1)])
        .run(|run| {
            let (caller, responder) = Requests::<u32, u32>::new(1);
            let asks = spawn(move || caller.call(1).wait_deadline(Instant::now() + LONG));
            drop(responder.receive().wait());
            run.saw(match asks.join().unwrap() {
                Err(CallError::NoReply) => "no reply",
                Err(CallError::TimedOut(None)) => "timed out",
                other => panic!("{other:?}"),
            });
        });
}

/// A caller that finds no room in time has its request back; one that finds some has sent it.
fn room(check: Check) {
    check
        .outcomes(&["answered", "came back", "sent"])
        .expiries(&[None, Some(1), Some(2)])
        .run(|run| {
            let (caller, responder) = Requests::<u32, u32>::new(1);
            let waker = CountingWaker::new();
            let mut first = Box::pin(caller.call(1));
            assert!(poll_once(first.as_mut(), &waker).is_pending());
            drop(first);
            let asks = spawn({
                let caller = caller.clone();
                move || caller.call(2).wait_timeout(LONG)
            });
            drop(caller);
            yield_now();
            // The first is passed over, which makes room for the second.
            if let Ok(request) = responder.receive().wait() {
                assert_eq!(*request, 2);
                request.reply(3).ok();
            }
            run.saw(match asks.join().unwrap() {
                Ok(3) => "answered",
                Err(CallError::TimedOut(Some(2))) => "came back",
                Err(CallError::TimedOut(None)) => "sent",
                other => panic!("{other:?}"),
            });
        });
}

/// A receive that gives up loses no request.
fn receive_timeout(check: Check) {
    check
        .outcomes(&["in time", "later"])
        .expiries(&[None, Some(1)])
        .run(|run| {
            let (caller, responder) = Requests::<u32, u32>::new(1);
            let asks = spawn(move || caller.call(1).wait());
            let in_time = responder.receive().wait_timeout(LONG);
            run.saw(if in_time.is_ok() { "in time" } else { "later" });
            let request = in_time
                .or_else(|_| responder.receive().wait_deadline(Instant::now() + LONG))
                .or_else(|_| responder.receive().wait());
            request.unwrap().reply(2).unwrap();
            assert_eq!(asks.join().unwrap(), Ok(2));
        });
}

/// The same as between threads, between tasks.
fn task_call(check: Check) {
    check.outcomes(&["waits", "comes first"]).run(|run| {
        let (caller, responder) = Requests::new(1);
        let cell = cell();
        let asks = spawn({
            let cell = Arc::clone(&cell);
            move || {
                cell.bump();
                assert_eq!(block_on(caller.call(1)), Ok(2));
                assert_eq!(cell.value(), 2);
                caller
            }
        });
        yield_now();
        run.saw(["waits", "comes first"][responder.waiting()]);
        let request = block_on(responder.receive()).unwrap();
        assert_eq!((*request, cell.value()), (1, 1));
        cell.bump();
        request.reply(2).unwrap();
        asks.join().unwrap().assert_quiet();
    });
}

/// A timeout around a call, which is dropped then.
fn task_timeout(check: Check) {
    check
        .outcomes(&["answered", "timed out"])
        .expiries(&[None, Some(1)])
        .run(|run| {
            let (answer, drops) = Counted::new();
            let (caller, responder) = Requests::<u32, Counted>::new(1);
            let answers = spawn(move || {
                if let Ok(request) = responder.receive().wait() {
                    request.reply(answer).ok();
                }
            });
            let outcome = block_on(timeout(LONG, caller.call(1)));
            run.saw(if outcome.is_ok() {
                "answered"
            } else {
                "timed out"
            });
            drop(caller);
            drop(outcome);
            answers.join().unwrap();
            assert_eq!(drops.load(Relaxed), 1);
        });
}

/// A call is dropped while its answer comes.
fn task_drop(check: Check) {
    check
        .outcomes(&["given back", "taken", "passed over"])
        .run(|run| {
            let (answer, drops) = Counted::new();
            let (caller, responder) = Requests::<u32, Counted>::new(1);
            let waker = CountingWaker::new();
            let mut call = Box::pin(caller.call(1));
            assert!(poll_once(call.as_mut(), &waker).is_pending());
            let answers = spawn(move || reply(&responder, answer));
            drop(call);
            drop(caller);
            run.saw(answers.join().unwrap());
            assert_eq!((drops.load(Relaxed), waker.clones()), (1, 0));
        });
}

/// Asks, as a thread, and says how that ended.
fn ask(caller: &Caller<u32, u32>) -> &'static str {
    match caller.call(1).wait() {
        Err(CallError::Closed(1)) => "came back",
        Err(CallError::NoReply) => "no reply",
        other => panic!("{other:?}"),
    }
}

/// The last responder goes while a thread calls and a task has called: both are told.
fn last_responder(check: Check) {
    let check = check.outcomes(&["came back", "no reply"]);
    check.min_executions(5).run(|run| {
        let (caller, responder) = Requests::<u32, u32>::new(2);
        let waker = CountingWaker::new();
        let mut call = Box::pin(caller.call(1));
        assert!(poll_once(call.as_mut(), &waker).is_pending());
        let asks = spawn({
            let caller = caller.clone();
            move || ask(&caller)
        });
        drop(responder);
        assert_eq!(
            poll_once(call.as_mut(), &waker),
            Poll::Ready(Err(CallError::NoReply))
        );
        run.saw(asks.join().unwrap());
        drop(call);
        caller.assert_quiet();
    });
}

/// The last caller goes while a task receives, which is told.
fn last_caller(check: Check) {
    check.outcomes(&["waits", "has gone"]).run(|run| {
        let (caller, responder) = Requests::<u32, u32>::new(1);
        let other = caller.clone();
        let gone = spawn(move || drop(other));
        let receives = spawn(move || {
            assert!(block_on(responder.receive()).is_err());
            responder
        });
        yield_now();
        run.saw(["has gone", "waits"][caller.waiting().min(1)]);
        drop(caller);
        gone.join().unwrap();
        let responder = receives.join().unwrap();
        assert_eq!(responder.waiting(), 0);
    });
}

/// A call that blocks is dropped: it has begun, or never begins, and then its closure is dropped.
fn dropped_call(check: Check) {
    check.outcomes(&["begun", "never"]).run(|run| {
        let cell = cell();
        let (promise, ended) = Promise::new();
        let bumps = Arc::clone(&cell);
        let call = to_thread(move || {
            bumps.bump();
            drop(bumps);
            promise.set(()).unwrap();
        });
        yield_now();
        drop(call);
        let begun = match ended.wait() {
            Ok(()) => true,
            Err(JobError::Cancelled) => false,
            Err(error) => panic!("{error}"),
        };
        run.saw(if begun { "begun" } else { "never" });
        assert_eq!(cell.value(), usize::from(begun));
    });
}

/// Bumps what it borrows when it is dropped.
struct Late<'a>(&'a Guarded<()>);

impl Drop for Late<'_> {
    fn drop(&mut self) {
        self.0.bump();
    }
}

/// A runner is stopped while a future is run, which borrows: it is gone when `run` returns.
fn stop_run(check: Check) {
    check
        .outcomes(&["done", "cancelled", "refused"])
        .run(|run| {
            let runner = Arc::new(Runner::start().unwrap());
            let event = Arc::new(Event::new());
            let runs = spawn({
                let (runner, event) = (Arc::clone(&runner), Arc::clone(&event));
                move || {
                    let cell = Guarded::new(());
                    let late = Late(&cell);
                    let outcome = runner.run(async {
                        let _late = late;
                        cell.bump();
                        event.as_task().wait().await;
                    });
                    // Nobody else has it any more.
                    cell.bump();
                    match outcome {
                        Ok(()) => "done",
                        Err(JobError::Cancelled) => "cancelled",
                        Err(JobError::Closed) => "refused",
                        Err(error) => panic!("{error}"),
                    }
                }
            });
            event.set();
            runner.stop(None).unwrap();
            run.saw(runs.join().unwrap());
        });
}

/// A future that is spawned while its runner is stopped is done, dropped or refused.
fn stop_spawn(check: Check) {
    check
        .outcomes(&["done", "cancelled", "refused"])
        .run(|run| {
            let runner = Arc::new(Runner::start().unwrap());
            let cell = cell();
            let spawns = spawn({
                let (runner, inside) = (Arc::clone(&runner), Bump(Arc::clone(&cell)));
                move || {
                    runner.spawn(async move {
                        let _inside = inside;
                    })
                }
            });
            runner.stop(Instant::now() + LONG).unwrap();
            let job = spawns.join().unwrap();
            let outcome = job.wait();
            assert_eq!(cell.value(), 1);
            run.saw(match outcome {
                Ok(()) => "done",
                Err(JobError::Cancelled) => "cancelled",
                Err(JobError::Closed) => "refused",
                Err(error) => panic!("{error}"),
            });
        });
}

/// A future that is spawned while its runner is drained is done or refused.
fn drain_spawn(check: Check) {
    check.outcomes(&["done", "refused"]).run(|run| {
        let runner = Arc::new(Runner::builder().start().unwrap());
        let cell = cell();
        let spawns = spawn({
            let (runner, inside) = (Arc::clone(&runner), Arc::clone(&cell));
            move || runner.spawn(async move { inside.bump() })
        });
        runner.drain(None).unwrap();
        run.saw(match spawns.join().unwrap().wait() {
            Ok(()) => "done",
            Err(JobError::Closed) => "refused",
            Err(error) => panic!("{error}"),
        });
        assert!(cell.value() <= 1);
    });
}

/// A thread cancels what a runner polls, and waits: the future is gone then.
fn cancel(check: Check) {
    check.outcomes(&["done", "cancelled"]).run(|run| {
        let runner = Runner::start().unwrap();
        let cell = cell();
        let event = Arc::new(Event::new());
        let (inside, waits) = (Bump(Arc::clone(&cell)), Arc::clone(&event));
        let job = runner.spawn(async move {
            let _inside = inside;
            waits.as_task().wait().await;
        });
        event.set();
        let cancelled = job.cancel();
        let outcome = job.wait();
        assert_eq!(cell.value(), 1);
        assert_eq!(outcome.is_err(), cancelled);
        run.saw(if cancelled { "cancelled" } else { "done" });
        runner.stop(None).unwrap();
    });
}
