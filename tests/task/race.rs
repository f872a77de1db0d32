//! Races, and gathers of futures of different types.

use crate::driver::Driver;
use crate::watch::watched;
use core::cell::RefCell;
use core::future::{pending, poll_fn, ready};
use core::panic::AssertUnwindSafe;
use core::pin::{Pin, pin};
use core::task::Poll;
use std::panic::catch_unwind;
use std::rc::Rc;
use syncline::task::{Event, Semaphore, block_on, gather, race};

/// Leaves its name when it is dropped.
struct Named(&'static str, Rc<RefCell<Vec<&'static str>>>);

impl Drop for Named {
    fn drop(&mut self) {
        self.1.borrow_mut().push(self.0);
    }
}

#[test]
fn the_first_that_ends_wins_and_on_a_tie_the_first_in_order() {
    assert_eq!(block_on(race([ready(1), ready(2)])), 1);
    assert_eq!(block_on(race((pending(), ready(2), ready(3)))), 2);
    let events = [Event::new(), Event::new(), Event::new()];
    let waits = |place: usize| {
        let event = &events[place];
        async move {
            event.wait().await;
            place
        }
    };
    let mut runs = Driver::new(race((0..3).map(waits)));
    runs.pending();
    events[2].set();
    events[1].set();
    assert_eq!(runs.woken(), 1);
}

#[test]
fn losers_are_dropped_before_the_race_returns() {
    let gone = Rc::new(RefCell::new(Vec::new()));
    let loser = |name| {
        let own = Named(name, Rc::clone(&gone));
        async move {
            pending::<()>().await;
            drop(own);
        }
    };
    let (one, other) = (loser("one"), loser("other"));
    let after = async {
        race((one, ready(()), other)).await;
        gone.borrow().clone()
    };
    assert_eq!(block_on(after), ["one", "other"]);
    gone.borrow_mut().clear();
    let mut raced = Driver::new(race([loser("a"), loser("b")]));
    raced.pending();
    drop(raced);
    assert_eq!(*gone.borrow(), ["a", "b"]);
}

#[test]
fn a_loser_of_this_crate_loses_nothing() {
    let semaphore = Semaphore::new(0);
    let event = Event::new();
    let acquires = async {
        drop(semaphore.acquire().await);
        "acquired"
    };
    let mut raced = Driver::new(race((
        async {
            event.wait().await;
            "set"
        },
        acquires,
    )));
    raced.pending();
    semaphore.release(1).unwrap();
    event.set();
    assert_eq!(raced.woken(), "set");
    assert_eq!(semaphore.available_permits(), 1);
}

/// Whoever polls them, and although the first never has to wait.
#[test]
fn a_greedy_future_keeps_no_sibling_from_its_end() {
    let semaphore = Semaphore::new(1);
    let greedy = async || loop {
        drop(semaphore.acquire().await);
    };
    let other = async || {
        drop(semaphore.acquire().await);
        "other"
    };
    watched(&"greedy siblings", || {
        assert_eq!(Driver::new(race((greedy(), other()))).ready(), "other");
        assert_eq!(block_on(race((greedy(), other()))), "other");
        let both: [Pin<Box<dyn Future<Output = _>>>; 2] = [Box::pin(greedy()), Box::pin(other())];
        assert_eq!(Driver::new(race(both)).ready(), "other");
        let ended = Event::new();
        let mut all = Driver::new(gather((greedy(), async {
            other().await;
            ended.set();
        })));
        all.pending();
        assert!(ended.is_set());
        assert!(all.is_woken(), "the greedy one goes on");
    });
}

/// What is spent before the race begins defers it once, not for ever.
#[test]
fn a_race_and_a_gather_that_find_no_budget_begin_in_the_next_poll() {
    let semaphore = Semaphore::new(1);
    let mut polls = 0;
    let mut task = pin!(async {
        for _ in 0..2 {
            while polls_of(semaphore.acquire()).await == 1 {}
            assert_eq!(race((ready(1), ready(2))).await, 1);
            while polls_of(semaphore.acquire()).await == 1 {}
            assert_eq!(gather((ready(1), ready(2))).await, (1, 2));
            while polls_of(semaphore.acquire()).await == 1 {}
            assert_eq!(race([ready(1), ready(2)]).await, 1);
        }
    });
    block_on(poll_fn(|context| {
        polls += 1;
        task.as_mut().poll(context)
    }));
    assert_eq!(polls, 7);
}

/// Awaits a future and counts its polls.
async fn polls_of<F: Future>(future: F) -> usize {
    let mut future = pin!(future);
    let mut polls = 0;
    poll_fn(|context| {
        polls += 1;
        future.as_mut().poll(context).map(drop)
    })
    .await;
    polls
}

/// What is left of it is dropped with the future that ran it, and never polled again.
#[test]
fn a_panic_of_one_ends_a_race_and_a_gather() {
    let gone = Rc::new(RefCell::new(Vec::new()));
    let other = |name| {
        let own = Named(name, Rc::clone(&gone));
        async move {
            pending::<()>().await;
            drop(own);
        }
    };
    let panics = || async { panic!("one of them") };
    let raced = race((other("raced"), panics()));
    catch_unwind(AssertUnwindSafe(|| block_on(raced))).unwrap_err();
    let gathered = gather((other("gathered"), panics()));
    catch_unwind(AssertUnwindSafe(|| block_on(gathered))).unwrap_err();
    assert_eq!(*gone.borrow(), ["raced", "gathered"]);
}

#[test]
fn no_future_at_all_and_a_second_result_are_misuse() {
    let nobody: [core::future::Ready<()>; 0] = [];
    catch_unwind(AssertUnwindSafe(|| drop(race(nobody)))).unwrap_err();
    let mut raced = Driver::new(race([ready(())]));
    assert!(raced.poll().is_ready());
    catch_unwind(AssertUnwindSafe(|| raced.poll())).unwrap_err();
}

#[test]
fn eight_futures_of_different_types_are_gathered_in_order() {
    let event = Event::new();
    let text = async {
        event.wait().await;
        "text"
    };
    let mut all = Driver::new(gather((
        ready(1_u8),
        text,
        ready('c'),
        ready(4.0),
        async { vec![5] },
        ready(Some(6)),
        ready(()),
        ready([8; 8]),
    )));
    all.pending();
    event.set();
    let (one, text, c, four, five, six, (), eight) = all.woken();
    assert_eq!(
        (one, text, c, five, six, eight),
        (1, "text", 'c', vec![5], Some(6), [8; 8])
    );
    assert!(four > 3.9);
    assert_eq!(block_on(gather((ready(1), ready("two")))), (1, "two"));
}

#[test]
fn a_future_that_has_ended_is_dropped_at_once_and_not_polled_again() {
    let gone = Rc::new(RefCell::new(Vec::new()));
    let own = Named("first", Rc::clone(&gone));
    let mut polls = 0;
    let first = async move { drop(own) };
    let second = poll_fn(|_| {
        polls += 1;
        if polls == 3 {
            Poll::Ready(polls)
        } else {
            Poll::Pending
        }
    });
    let mut all = Driver::new(gather((first, second)));
    all.pending();
    assert_eq!(*gone.borrow(), ["first"]);
    all.pending();
    assert_eq!(all.ready(), ((), 3));
}

#[test]
fn a_gather_that_is_dropped_leaves_no_waker_behind() {
    let (one, other) = (Event::new(), Semaphore::new(0));
    let all = Driver::waiting(gather((one.wait(), async { drop(other.acquire().await) })));
    assert_eq!(all.cancel().alive(), 0);
    let raced = Driver::waiting(race((one.wait(), async { drop(other.acquire().await) })));
    assert_eq!(raced.cancel().alive(), 0);
}
