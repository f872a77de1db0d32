//! Futures put together, and bare sleeps.
//!
//! Each child of a cell is the same for every peer: ready at once, or after it has
//! woken itself one or more times. The executor is ours, so what is measured is how a
//! combinator finds out which child to poll.

use core::cell::Cell as Plain;
use core::future::{Future, poll_fn, ready};
use core::hint::black_box;
use core::pin::{Pin, pin};
use core::task::{Context, Poll, Waker};
use core::time::Duration;
use std::thread_local;

use futures::stream::{FuturesUnordered, StreamExt};
use futures_concurrency::future::Join;
use syncline::task;

use crate::cell::{Cell, Effort, Sample};
use crate::counts::Counts;
use crate::executor::{numbered_waker, yield_now};
use crate::random::Random;
use crate::stopwatch::Stopwatch;

/// No sleep ends before this, so none ends while it is measured.
const FAR: u64 = 600_000;

/// The cells about combinators.
pub(super) fn cells() -> Vec<Cell> {
    let mut cells = Vec::new();
    for children in [2, 1000] {
        cells.push(gathers(
            Cell::counted(
                format!("gather/ready/{children}"),
                5,
                "await n futures that are ready at once, per future",
            )
            .with_instructions(),
            children,
            ready,
        ));
        cells.push(gathers(
            Cell::counted(
                format!("gather/yield/{children}"),
                5,
                "await n futures that yield once, per future",
            )
            .with_instructions(),
            children,
            async |number| {
                yield_now().await;
                number
            },
        ));
        cells.push(gathers(
            Cell::counted(
                format!("gather/yield_10/{children}"),
                5,
                "await n futures that yield ten times, per future",
            ),
            children,
            async |number| {
                for _ in 0..10 {
                    yield_now().await;
                }
                number
            },
        ));
    }
    cells.push(one_of_many());
    for pending in [0, 100_000] {
        cells.push(sleeps(pending));
    }
    cells
}

/// All peers that await many futures, over the same children.
fn gathers<F>(cell: Cell, children: u64, child: impl Fn(u64) -> F + Copy + 'static) -> Cell
where
    F: Future<Output = u64> + 'static,
{
    cell.at_least(children)
        .peer("syncline", move |effort| {
            together(effort, children, || task::gather((0..children).map(child)))
        })
        .peer("syncline:as_completed", move |effort| {
            together(effort, children, async || {
                let mut results = task::as_completed((0..children).map(child));
                let mut all = Vec::with_capacity(results_len(children));
                while let Some((_, result)) = results.next().await {
                    all.push(result);
                }
                all
            })
        })
        .peer("futures:join_all", move |effort| {
            together(effort, children, || {
                futures::future::join_all((0..children).map(child))
            })
        })
        .peer("futures:unordered", move |effort| {
            together(effort, children, async || {
                let unordered: FuturesUnordered<F> = (0..children).map(child).collect();
                unordered.collect::<Vec<u64>>().await
            })
        })
        .peer("futures-concurrency", move |effort| {
            together(effort, children, || {
                (0..children).map(child).collect::<Vec<F>>().join()
            })
        })
}

fn results_len(children: u64) -> usize {
    usize::try_from(children).unwrap_or(0)
}

/// Awaits `children` futures together, again and again, until `ops` were awaited.
fn together<F: Future<Output = Vec<u64>>>(
    effort: &Effort,
    children: u64,
    all: impl Fn() -> F,
) -> Sample {
    let rounds = effort.ops.div_ceil(children);
    let start = Stopwatch::start();
    for _ in 0..rounds {
        let results = drive(all());
        assert_eq!(black_box(results).len() as u64, children);
    }
    Sample::new(start.elapsed(), rounds * children)
}

thread_local! {
    static WOKEN: Plain<bool> = const { Plain::new(false) };
}

/// Polls one future until it ends; it must have been woken before each poll.
fn drive<F: Future>(future: F) -> F::Output {
    let waker = flag_waker();
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
        assert!(WOKEN.replace(false), "nobody will ever wake it");
    }
}

/// A waker that sets a flag of its thread, and costs nothing to clone.
fn flag_waker() -> Waker {
    crate::executor::waker_of(|| WOKEN.set(true))
}

/// A thousand children sleep, and one of them goes on at a time.
fn one_of_many() -> Cell {
    const CHILDREN: u64 = 1000;
    /// Waits until a turn that is its own comes, and passes the turn on.
    async fn in_turn(number: u64, turns: u64) -> u64 {
        let mut at = number;
        poll_fn(|context| {
            TURN.with_borrow_mut(|turn| {
                while turn.now == at {
                    turn.now += 1;
                    at += CHILDREN;
                    let next = usize::try_from(turn.now % CHILDREN).unwrap_or(0);
                    if let Some(waker) = &turn.wakers[next] {
                        waker.wake_by_ref();
                    }
                }
                if at >= turns * CHILDREN {
                    return Poll::Ready(());
                }
                let place = &mut turn.wakers[usize::try_from(number).unwrap_or(0)];
                if !(place.as_ref()).is_some_and(|old| old.will_wake(context.waker())) {
                    *place = Some(context.waker().clone());
                }
                Poll::Pending
            })
        })
        .await;
        number
    }
    const ROUNDS: u64 = 10;
    let child = |number| {
        if number == 0 {
            TURN.with_borrow_mut(|turn| {
                turn.now = 0;
                turn.wakers = vec![None; 1000];
            });
        }
        in_turn(number, ROUNDS)
    };
    let cell = Cell::counted(
        format!("gather/one_of_many/{CHILDREN}"),
        5,
        "a thousand children, of which one at a time is woken, ten times each; per child",
    );
    gathers(cell, CHILDREN, child)
}

/// Whose turn it is, and how to wake whom.
struct Turn {
    now: u64,
    wakers: Vec<Option<Waker>>,
}

thread_local! {
    static TURN: core::cell::RefCell<Turn> =
        const { core::cell::RefCell::new(Turn { now: 0, wakers: Vec::new() }) };
}

/// Sleeps that do not end: created, polled once and dropped beside many others.
fn sleeps(pending: usize) -> Cell {
    Cell::counted(
        format!("sleep/create_cancel/{pending}_pending"),
        5,
        "create a sleep, poll it once, drop it",
    )
    .peer("syncline", move |effort| {
        churn(effort, pending, task::sleep)
    })
    .peer("tokio", move |effort| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .expect("a clock needs nothing from the system");
        runtime.block_on(tokio::task::coop::unconstrained(async {
            churn(effort, pending, tokio::time::sleep)
        }))
    })
    .peer("async-io", move |effort| {
        churn(effort, pending, async_io::Timer::after)
    })
    .peer("futures-timer", move |effort| {
        churn(effort, pending, futures_timer::Delay::new)
    })
}

fn churn<F: Future>(effort: &Effort, pending: usize, sleep: impl Fn(Duration) -> F) -> Sample {
    let mut random = Random::new();
    let mut duration = || Duration::from_millis(FAR + random.below(FAR));
    let begin = |sleep: Pin<&mut F>, number| {
        let waker = numbered_waker(number);
        let poll = sleep.poll(&mut Context::from_waker(&waker));
        assert!(poll.is_pending(), "the end is far");
    };
    let beside: Vec<Pin<Box<F>>> = (1..=pending)
        .map(|number| {
            let mut sleep = Box::pin(sleep(duration()));
            begin(sleep.as_mut(), number);
            sleep
        })
        .collect();
    let before = Counts::now();
    let start = Stopwatch::start_for_all_threads();
    for _ in 0..effort.ops {
        begin(pin!(sleep(duration())), 0);
    }
    let elapsed = start.elapsed();
    let counts = Counts::now() - before;
    drop(beside);
    let mut sample = Sample::new(elapsed, effort.ops);
    sample.counts = Some(counts);
    sample
}
