//! What a checker of histories accepts, and what it does not.

use crate::history::{Did, Event, Order, Why, is_linearizable};

fn event(did: Did, begin: usize, end: usize) -> Event {
    Event {
        did,
        waits: true,
        begin,
        end,
    }
}

fn put(number: usize, begin: usize, end: usize) -> Event {
    event(Did::Put(vec![(0, number)], Some(1), Why::Done), begin, end)
}

fn got(number: usize, begin: usize, end: usize) -> Event {
    event(Did::Got(vec![(0, number)], 1, Why::Done), begin, end)
}

fn nothing(begin: usize, end: usize) -> Event {
    event(Did::Got(Vec::new(), 1, Why::Nothing), begin, end)
}

#[test]
fn what_overlaps_may_have_come_in_either_order() {
    let history = [put(1, 0, 3), put(2, 1, 2), got(2, 4, 5), got(1, 6, 7)];
    assert!(is_linearizable(Order::Oldest, 2, &history));
    let history = [put(1, 0, 1), put(2, 2, 3), got(2, 4, 5), got(1, 6, 7)];
    assert!(!is_linearizable(Order::Oldest, 2, &history));
    assert!(is_linearizable(Order::Newest, 2, &history));
}

#[test]
fn nothing_is_lost_got_twice_or_made_up() {
    assert!(!is_linearizable(
        Order::Oldest,
        1,
        &[put(1, 0, 1), nothing(2, 3)]
    ));
    let twice = [put(1, 0, 1), got(1, 2, 3), got(1, 4, 5)];
    assert!(!is_linearizable(Order::Oldest, 1, &twice));
    assert!(!is_linearizable(Order::Oldest, 1, &[got(1, 0, 1)]));
}

#[test]
fn a_place_is_free_for_one() {
    assert!(!is_linearizable(
        Order::Oldest,
        1,
        &[put(1, 0, 1), put(2, 2, 3)]
    ));
    let one = [put(1, 0, 1), put(2, 2, 5), got(1, 3, 4)];
    assert!(is_linearizable(Order::Oldest, 1, &one));
}

#[test]
fn who_waits_may_have_something_reserved() {
    let history = [put(1, 2, 3), got(1, 0, 9), nothing(4, 5)];
    assert!(is_linearizable(Order::Oldest, 1, &history));
}

#[test]
fn a_queue_that_is_shut_down_is_emptied_first() {
    let shutdown = |begin, end| event(Did::ShutDown(false, 0), begin, end);
    let told = |begin, end| event(Did::Got(Vec::new(), 1, Why::ShutDown), begin, end);
    let history = [put(1, 0, 1), shutdown(2, 3), got(1, 4, 5), told(6, 7)];
    assert!(is_linearizable(Order::Oldest, 1, &history));
    let history = [put(1, 0, 1), shutdown(2, 3), told(4, 5), got(1, 6, 7)];
    assert!(!is_linearizable(Order::Oldest, 1, &history));
    assert!(!is_linearizable(
        Order::Oldest,
        1,
        &[shutdown(0, 1), put(1, 2, 3)]
    ));
}
