//! The test that catches most cancellation bugs: drive a future to each of its
//! await points, drop it there, then check that nothing is lost and that whoever
//! is next moves.

use crate::driver::Driver;
use crate::subjects::{Form, Subject, Waiting};

/// Who else waits while the future is dropped.
#[derive(Clone, Copy, Debug)]
struct Neighbours {
    ahead: usize,
    behind: usize,
}

/// Where the future is dropped: `step` steps were made, and it was polled after
/// the last of them, or not.
#[derive(Clone, Copy, Debug)]
struct Point {
    step: usize,
    polled: bool,
}

/// Drops a request of `form` at each of its await points, alone and with others
/// before and behind it; then all others must get through without being polled
/// before they are woken, and the subject must be as it was.
pub(crate) fn every_await_point(form: &Form) {
    let steps = (form.make)().steps();
    for ahead in 0..=1 {
        for behind in 0..=2 {
            for step in 0..=steps {
                for polled in [false, true] {
                    let subject = (form.make)();
                    let neighbours = Neighbours { ahead, behind };
                    drop_at(&*subject, Point { step, polled }, neighbours);
                    subject.assert_conserved();
                }
            }
        }
    }
}

fn drop_at(subject: &dyn Subject, point: Point, neighbours: Neighbours) {
    let context = format!("dropped at {point:?} among {neighbours:?}");
    let wait = || Some(Driver::waiting(subject.start()));
    let mut others: Vec<Slot<'_>> = (0..neighbours.ahead).map(|_| wait()).collect();
    let mut target = Driver::new(subject.start());
    if point.step > 0 || point.polled {
        target.pending();
    }
    others.extend((0..neighbours.behind).map(|_| wait()));
    for step in 0..point.step {
        subject.advance(step);
        // Those before the target must be through before it is its turn.
        settle(&mut others[..neighbours.ahead]);
        let through = step + 1 == subject.steps();
        assert!(target.is_woken() || !through, "not woken, {context}");
        if point.polled || step + 1 < point.step {
            assert_eq!(through, target.poll().is_ready(), "{context}");
        }
    }
    let probe = target.cancel();
    assert_eq!(0, probe.alive(), "a waker leaked, {context}");
    for step in point.step..subject.steps() {
        subject.advance(step);
    }
    settle(&mut others);
    assert!(others.iter().all(Option::is_none), "stranded, {context}");
}

/// A request of somebody else, until it is through.
type Slot<'a> = Option<Driver<Waiting<'a>>>;

/// Polls whoever was woken, and drops what they are given, until nobody moves.
fn settle(slots: &mut [Slot<'_>]) {
    let mut moved = true;
    while moved {
        moved = false;
        for slot in &mut *slots {
            if let Some(driver) = slot
                && driver.is_woken()
            {
                moved = true;
                if driver.poll().is_ready() {
                    let probe = slot.take().map(Driver::cancel);
                    assert_eq!(Some(0), probe.map(|probe| probe.alive()), "a waker leaked");
                }
            }
        }
    }
}
