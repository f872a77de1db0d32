//! Every interleaving of a countdown, and of a first attempt that was wrong.

use std::sync::Arc;

use syncline::loom::{model::Builder, thread};
use syncline::task;
use syncline::thread::{Condition, Lock};
use user_models::Countdown;

/// Runs `model` in every interleaving with at most three preemptions.
fn check(model: impl Fn() + Send + Sync + 'static) {
    let mut builder = Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(model);
}

#[test]
fn the_last_arrival_releases_a_thread_and_a_task() {
    check(|| {
        let countdown = Arc::new(Countdown::new(2));
        let theirs = Arc::clone(&countdown);
        let rival = thread::spawn(move || {
            theirs.arrive();
            theirs.wait();
        });
        countdown.arrive();
        task::block_on(countdown.arrived());
        rival.join().unwrap();
    });
}

/// The first attempt: it looks at the count, unlocks, and only then begins to wait.
struct Hasty {
    left: Lock<usize>,
    zero: Condition,
}

impl Hasty {
    fn arrive(&self) {
        *self.left.lock() -= 1;
        self.zero.notify_all();
    }

    fn wait(&self) {
        if *self.left.lock() > 0 {
            drop(self.zero.wait(self.left.lock()));
        }
    }
}

#[test]
#[should_panic(expected = "deadlock")]
fn a_hasty_wait_sleeps_through_the_last_arrival() {
    check(|| {
        let countdown = Arc::new(Hasty {
            left: Lock::new(1),
            zero: Condition::new(),
        });
        let theirs = Arc::clone(&countdown);
        let arrives = thread::spawn(move || theirs.arrive());
        countdown.wait();
        arrives.join().unwrap();
    });
}
