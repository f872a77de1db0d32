//! Calls and their answers: what is asked and answered is on the heap, and is freed once, by whoever
//! has it last.

use crate::driver::Driver;
use core::time::Duration;
use std::thread;
use syncline::CallError;
use syncline::bridge::Requests;
use syncline::task::block_on;

#[test]
fn an_answer_goes_back_to_who_asked_from_a_thread_to_a_task_and_the_other_way() {
    let (caller, responder) = Requests::<Box<i32>, Box<i32>>::new(1);
    let other = caller.clone();
    let awaits = thread::spawn(move || *block_on(other.call(Box::new(1))).unwrap());
    let waits = thread::spawn(move || *caller.call(Box::new(10)).wait().unwrap());
    let mut count = 0;
    for request in &responder {
        let answer = Box::new(**request + 1);
        count += 1;
        request.reply(answer).unwrap();
    }
    assert_eq!((awaits.join().unwrap(), waits.join().unwrap()), (2, 11));
    assert_eq!(count, 2);
}

/// A call gives up, is dropped, or loses its responder while its answer comes.
#[test]
fn an_answer_that_nobody_takes_is_freed_by_somebody() {
    let (caller, responder) = Requests::<Box<i32>, Box<i32>>::new(2);
    let answers = thread::spawn(move || {
        while let Ok(request) = block_on(responder.receive()) {
            if **request == 3 {
                return;
            }
            request.reply(Box::new(2)).ok();
        }
    });
    let timed = caller.call(Box::new(1)).wait_timeout(Duration::ZERO);
    assert!(timed.is_ok_and(|answer| *answer == 2) || !answers.is_finished());
    let mut dropped = Driver::new(caller.call(Box::new(2)));
    let _may_be_there = dropped.poll();
    drop(dropped);
    let outcome = caller.call(Box::new(3)).wait();
    assert!(matches!(outcome, Err(CallError::NoReply)));
    answers.join().unwrap();
    let outcome = caller.call(Box::new(4)).wait();
    assert_eq!(outcome, Err(CallError::Closed(Box::new(4))));
}
