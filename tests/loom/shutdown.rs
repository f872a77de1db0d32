//! Models of `Shutdown`: work that begins and ends against the request, and who runs it.

use core::pin::pin;
use core::task::Poll;
use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use syncline::loom::thread::{JoinHandle, spawn};
use syncline::service::{How, Shutdown};
use syncline::task::block_on;

use crate::kit::{Check, CountingWaker, Guarded, Model, model, poll_once};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("shutdown/service/track_against_request", track),
    model!("shutdown/service/last_ends_against_drain", last),
    model!("shutdown/service/two_run_one", two).dear(),
    model!("shutdown/service/drop_of_the_runner", dropped).dear(),
    model!("shutdown/service/force_against_end", force),
];

/// A shutdown beside the cell that those in flight write, and who comes behind the drain.
type Shared = Guarded<Shutdown>;

const LONG: Duration = Duration::from_secs(60);

fn shared(shutdown: Shutdown) -> Arc<Shared> {
    Arc::new(Guarded::new(shutdown))
}

fn draining() -> Arc<Shared> {
    shared(Shutdown::builder().drain("drain").build())
}

/// Work that has been taken on is waited for; work that is refused knows of the request.
fn track(check: Check) {
    check.outcomes(&["tracked", "refused"]).run(|run| {
        let shutdown = draining();
        let worker = {
            let shutdown = Arc::clone(&shutdown);
            spawn(move || {
                let Ok(work) = shutdown.track("work") else {
                    assert!(shutdown.is_requested() && shutdown.track("more").is_err());
                    return false;
                };
                block_on(work.run(async { shutdown.bump() }));
                true
            })
        };
        shutdown.request();
        block_on(shutdown.requested());
        assert!(shutdown.track("late").is_err());
        assert!(block_on(shutdown.run()).in_time);
        let seen = shutdown.value();
        let tracked = worker.join().unwrap();
        assert_eq!(seen, usize::from(tracked));
        run.saw(if tracked { "tracked" } else { "refused" });
    });
}

/// The last one ends, in a list of its own, while the request closes the lists one after the other: the drain sees what it
/// did, whoever counts the last list.
fn last(check: Check) {
    check.outcomes(&["before", "after"]).run(|run| {
        let shutdown = draining();
        let work = shutdown.track("work").unwrap();
        let ends = {
            let shutdown = Arc::clone(&shutdown);
            spawn(move || {
                shutdown.bump();
                let requested = shutdown.is_requested();
                drop(work);
                requested
            })
        };
        shutdown.request();
        // Nothing is asked here that would take the lock of a list, and with it what the worker did.
        assert!(shutdown.run().wait().in_time);
        assert_eq!(shutdown.value(), 1);
        let requested = ends.join().unwrap();
        assert_eq!(shutdown.in_flight(), 0);
        run.saw(if requested { "after" } else { "before" });
    });
}

/// A thread that runs the shutdown, and what its step did.
fn runs(shutdown: &Arc<Shared>) -> JoinHandle<usize> {
    let shutdown = Arc::clone(shutdown);
    spawn(move || {
        let report = shutdown.run().wait();
        assert_eq!(report.phases[0].steps[0].how, How::Done);
        shutdown.value()
    })
}

/// A shutdown with one step, which writes.
fn stepping() -> Arc<Shared> {
    let shutdown = shared(Shutdown::builder().phase("close").build());
    let inside = Arc::downgrade(&shutdown);
    shutdown.on_async("close", "database", async move {
        inside.upgrade().expect("whoever runs it has it").bump();
    });
    shutdown
}

/// Two run one shutdown: its step is done once, and both see what it did.
fn two(check: Check) {
    check
        .outcomes(&["requested first", "run first"])
        .run(|run| {
            let shutdown = stepping();
            let other = runs(&shutdown);
            let requester = {
                let shutdown = Arc::clone(&shutdown);
                spawn(move || shutdown.request())
            };
            let early = shutdown.is_requested();
            let report = shutdown.run().wait_deadline(Instant::now() + LONG).unwrap();
            assert!(report.in_time);
            assert_eq!(shutdown.value(), 1);
            assert_eq!(other.join().unwrap(), 1);
            requester.join().unwrap();
            run.saw(if early {
                "requested first"
            } else {
                "run first"
            });
        });
}

/// The one that polls is dropped while the request comes: the other goes on.
fn dropped(check: Check) {
    check.outcomes(&["before", "after"]).run(|run| {
        let shutdown = stepping();
        let waker = CountingWaker::new();
        let other = {
            let mut first = pin!(Some(shutdown.run()));
            let polls = first.as_mut().as_pin_mut().unwrap();
            assert!(poll_once(polls, &waker).is_pending());
            let other = {
                let shutdown = Arc::clone(&shutdown);
                spawn(move || {
                    let report = shutdown.run().wait_timeout(LONG).unwrap();
                    assert_eq!(report.phases[0].steps[0].how, How::Done);
                    shutdown.value()
                })
            };
            let requester = {
                let shutdown = Arc::clone(&shutdown);
                spawn(move || shutdown.request())
            };
            let early = shutdown.is_requested();
            first.set(None);
            run.saw(if early { "after" } else { "before" });
            requester.join().unwrap();
            other
        };
        assert_eq!(other.join().unwrap(), 1);
        assert_eq!(waker.clones(), 0);
    });
}

/// The time of the drain is over as the last one ends: either it is named and told, or neither.
fn force(check: Check) {
    check
        .outcomes(&["in time", "forced"])
        .expiries(&[Some(1)])
        .min_executions(4)
        .run(|run| {
            let builder = Shutdown::builder().drain("drain").limit("drain", LONG);
            let shutdown = shared(builder.build());
            let (force, work) = (shutdown.force_token(), shutdown.track("work").unwrap());
            shutdown.request();
            let waker = CountingWaker::new();
            let mut runs = pin!(shutdown.run());
            assert!(poll_once(runs.as_mut(), &waker).is_pending());
            let ends = {
                let shutdown = Arc::clone(&shutdown);
                spawn(move || {
                    shutdown.bump();
                    drop(work);
                })
            };
            let poll = poll_once(runs.as_mut(), &waker);
            let Poll::Ready(report) = poll else {
                panic!("the script says that the time is over")
            };
            assert_eq!(report.in_time, report.stragglers.is_empty());
            assert_eq!(report.in_time, !force.is_cancelled());
            if report.in_time {
                assert_eq!(shutdown.value(), 1);
            } else {
                assert_eq!(report.stragglers[0].name, "work");
            }
            run.saw(if report.in_time { "in time" } else { "forced" });
            ends.join().unwrap();
            assert_eq!(shutdown.in_flight(), 0);
        });
}
