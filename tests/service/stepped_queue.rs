//! How long requests wait in the lines of a queue, by a clock that the test moves.

use crate::driver::Driver;
use crate::stepped::{HOUR, clock, until_woken};
use crate::watch::{until, watched};
use core::pin::Pin;
use core::task::Poll;
use core::time::Duration;
use proptest::prelude::*;
use std::sync::Arc;
use std::time::Instant;
use syncline::clock::{advance, now, sleepers};
use syncline::task::Queue;
use syncline::{GetError, thread};

const SECOND: Duration = Duration::from_secs(1);

/// How long requests have waited for places, and for items.
fn waited<T>(queue: &Queue<T>) -> (Duration, Duration) {
    let stats = queue.stats().unwrap();
    (stats.put_waited, stats.get_waited)
}

#[test]
fn the_times_of_all_waits_are_added_up_those_under_way_included() {
    let _clock = clock();
    let queue = Queue::bounded(1).with_stats();
    let first = Driver::waiting(queue.get());
    advance(HOUR);
    let second = Driver::waiting(queue.get());
    advance(HOUR);
    assert_eq!(waited(&queue), (Duration::ZERO, 3 * HOUR));
    first.cancel();
    queue.try_put(1).unwrap();
    advance(HOUR);
    // Its item is there; it waits until it comes for it.
    assert_eq!(second.woken(), Ok(1));
    advance(HOUR);
    assert_eq!(waited(&queue), (Duration::ZERO, 4 * HOUR));
    queue.try_put(2).unwrap();
    let put = Driver::waiting(queue.put(3));
    advance(HOUR);
    assert_eq!(queue.try_get(), Ok(2));
    assert_eq!(put.woken(), Ok(()));
    advance(HOUR);
    assert_eq!(waited(&queue), (HOUR, 4 * HOUR));
}

#[test]
fn a_wait_whose_time_is_over_took_that_time() {
    let _clock = clock();
    let queue = Arc::new(Queue::<u8>::unbounded().with_stats());
    let before = sleepers();
    let waits = thread::spawn_named("waits", {
        let queue = Arc::clone(&queue);
        move || queue.as_thread().get_timeout(HOUR)
    });
    watched(&queue, || {
        until("it sleeps", || sleepers() > before);
        advance(HOUR);
        assert_eq!(waits.wait().unwrap(), Err(GetError::TimedOut));
    });
    let task = Driver::waiting(queue.get_timeout(HOUR));
    advance(HOUR);
    until_woken(&task);
    assert_eq!(task.ready(), Err(GetError::TimedOut));
    advance(HOUR);
    assert_eq!(waited(&queue), (Duration::ZERO, 2 * HOUR));
    assert_eq!(queue.stats().unwrap().get_waits, 2);
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Pass(u32),
    Put,
    Get,
    TryPut,
    TryGet,
    Poll(usize),
    Drop(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (1..9_u32).prop_map(Step::Pass),
        3 => Just(Step::Put),
        3 => Just(Step::Get),
        2 => Just(Step::TryPut),
        2 => Just(Step::TryGet),
        4 => any::<usize>().prop_map(Step::Poll),
        2 => any::<usize>().prop_map(Step::Drop),
    ];
    proptest::collection::vec(step, 0..60)
}

type Request<'a> = Driver<Pin<Box<dyn Future<Output = ()> + 'a>>>;

/// A request that waits, since when, and whether for a place.
struct Waiting<'a>(Request<'a>, Instant, bool);

/// What a queue is said to have counted, the slowest way: each wait by itself.
#[derive(Default)]
struct Naive<'a> {
    requests: Vec<Waiting<'a>>,
    over: (Duration, Duration),
    waits: (u64, u64),
}

/// The one of two that is said to be of putters.
fn side<T>((putters, getters): &mut (T, T), is_put: bool) -> &mut T {
    if is_put { putters } else { getters }
}

impl<'a> Naive<'a> {
    fn start(&mut self, request: Pin<Box<dyn Future<Output = ()> + 'a>>, is_put: bool) {
        let mut driver = Driver::new(request);
        if driver.poll().is_pending() {
            *side(&mut self.waits, is_put) += 1;
            self.requests.push(Waiting(driver, now(), is_put));
        }
    }

    fn pick(&mut self, at: usize) -> Option<&mut Waiting<'a>> {
        let at = at.checked_rem(self.requests.len())?;
        Some(&mut self.requests[at])
    }

    fn end(&mut self, at: usize) {
        let Waiting(_, since, is_put) = self.requests.remove(at % self.requests.len());
        *side(&mut self.over, is_put) += now() - since;
    }

    fn waited(&self) -> (Duration, Duration) {
        let mut all = self.over;
        for Waiting(_, since, is_put) in &self.requests {
            *side(&mut all, *is_put) += now() - *since;
        }
        all
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn waits_take_as_long_as_each_of_them_took(
        capacity in 1..3_usize,
        marked in any::<bool>(),
        script in steps(),
    ) {
        let _clock = clock();
        let mut queue = Queue::bounded(capacity).with_stats();
        if marked {
            queue = queue.watermarks(capacity, capacity - 1);
        }
        let queue = &queue;
        let mut naive = Naive::default();
        for step in script {
            match step {
                Step::Pass(seconds) => advance(SECOND * seconds),
                Step::Put => naive.start(Box::pin(async { queue.put(1).await.unwrap() }), true),
                Step::Get => naive.start(Box::pin(async { assert_eq!(queue.get().await, Ok(1)) }), false),
                Step::TryPut => drop(queue.try_put(1)),
                Step::TryGet => drop(queue.try_get()),
                Step::Poll(at) => {
                    let polled = naive.pick(at).map(|waiting| waiting.0.poll());
                    if polled == Some(Poll::Ready(())) {
                        naive.end(at);
                    }
                }
                Step::Drop(at) if !naive.requests.is_empty() => naive.end(at),
                Step::Drop(_) => {}
            }
            let stats = queue.stats().unwrap();
            prop_assert_eq!((stats.put_waited, stats.get_waited), naive.waited());
            prop_assert_eq!((stats.put_waits, stats.get_waits), naive.waits);
        }
    }
}
