//! The cell.

use crate::watch::until_waiting;
use core::future::pending;
use core::task::{Context, Waker};
use std::sync::Arc;
use std::thread;
use syncline::internals::Quiet;
use syncline::task::block_on;
use syncline::thread::OnceCell;

#[test]
fn a_value_that_one_makes_is_read_by_threads_and_tasks() {
    let cell = Arc::new(OnceCell::new());
    let ask = |number: usize| {
        let cell = Arc::clone(&cell);
        thread::spawn(move || match number {
            0 => cell.get_or_init(|| vec![7]).len(),
            1 => block_on(cell.as_task().get_or_init(async || vec![7])).len(),
            _ => cell.wait().len(),
        })
    };
    let threads: Vec<_> = (0..3).map(ask).collect();
    for thread in threads {
        assert_eq!(thread.join().unwrap(), 1);
    }
    cell.assert_quiet();
    let mut cell = Arc::into_inner(cell).unwrap();
    cell.get_mut().unwrap().push(8);
    assert_eq!(cell.take(), Some(vec![7, 8]));
    assert_eq!(cell.into_inner(), None);
}

#[test]
fn a_dropped_initializer_passes_its_turn_on_to_a_thread() {
    let cell = Arc::new(OnceCell::new());
    let mut first = Box::pin(cell.as_task().get_or_init(async || {
        let _held = Box::new(1);
        pending().await
    }));
    let poll = (first.as_mut()).poll(&mut Context::from_waker(Waker::noop()));
    assert!(poll.is_pending());
    let next = thread::spawn({
        let cell = Arc::clone(&cell);
        move || cell.get_or_init(|| Box::new(2)).as_ref() == &2
    });
    until_waiting(&*cell, 1);
    drop(first);
    assert!(next.join().unwrap());
    cell.assert_quiet();
}
