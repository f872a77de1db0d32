//! The waiting forms of the barrier.

use super::{Form, Subject, Waiting, boxed};
use core::pin::Pin;
use core::task::{Context, Waker};
use core::time::Duration;
use std::time::Instant;
use syncline::internals::Quiet;
use syncline::task::Barrier;
use syncline::task::future::BarrierWait;
use syncline::{Arrival, BrokenBarrier};

/// Far enough for every test, near enough to be put in a timer.
const FAR: Duration = Duration::from_secs(3600);

#[derive(Clone, Copy, Debug)]
enum Way {
    Plain,
    Timeout,
    Deadline,
}

/// How the round ends.
#[derive(Clone, Copy, Debug)]
enum Ends {
    Met,
    Aborted,
    Reset,
}

pub(super) fn forms() -> Vec<Form> {
    let mut forms = Vec::new();
    for way in [Way::Plain, Way::Timeout, Way::Deadline] {
        for ends in [Ends::Met, Ends::Aborted, Ends::Reset] {
            let name = format!("Barrier, {way:?}, {ends:?}");
            forms.push(Form::new(name, move || Unmet {
                barrier: Barrier::new(60),
                way,
                ends,
            }));
        }
    }
    forms
}

/// A barrier with room for many: its first step ends the round for all.
#[derive(Debug)]
struct Unmet {
    barrier: Barrier,
    way: Way,
    ends: Ends,
}

/// A wait that must end as its round does.
async fn ended(wait: impl Future<Output = Result<Arrival, BrokenBarrier>>, ends: Ends) {
    match wait.await {
        Ok(arrival) => assert!(matches!(ends, Ends::Met) && !arrival.is_leader()),
        Err(broken) => assert!(!matches!(ends, Ends::Met) && !broken.timed_out()),
    }
}

impl Subject for Unmet {
    fn start(&self) -> Waiting<'_> {
        let (barrier, ends) = (&self.barrier, self.ends);
        match self.way {
            Way::Plain => boxed(ended(barrier.wait(), ends)),
            Way::Timeout => boxed(ended(barrier.wait_timeout(FAR), ends)),
            Way::Deadline => boxed(ended(barrier.wait_deadline(Instant::now() + FAR), ends)),
        }
    }

    fn advance(&self, _step: usize) {
        // Also when a waker panics inside of `abort`.
        let _reset = Resets(&self.barrier);
        match self.ends {
            Ends::Reset => {}
            Ends::Aborted => self.barrier.abort(),
            Ends::Met => {
                let mut others = Vec::new();
                while !self.arrives(&mut others) {}
            }
        }
    }

    fn is_broadcast(&self) -> bool {
        true
    }

    fn waiting(&self) -> usize {
        self.barrier.waiting()
    }

    fn assert_conserved(&self) {
        self.barrier.assert_quiet();
        assert!(!self.barrier.is_broken());
    }
}

impl Unmet {
    /// One more arrives; `true` if it was the last.
    fn arrives<'a>(&'a self, others: &mut Vec<Pin<Box<BarrierWait<'a>>>>) -> bool {
        let mut wait = Box::pin(self.barrier.wait());
        let met = (wait.as_mut()).poll(&mut Context::from_waker(Waker::noop()));
        others.push(wait);
        met.is_ready()
    }
}

/// Resets the barrier when it is dropped.
struct Resets<'a>(&'a Barrier);

impl Drop for Resets<'_> {
    fn drop(&mut self) {
        self.0.reset();
    }
}
