//! A future of a queue that is polled after its end.

use core::cell::Cell;
use core::panic::{AssertUnwindSafe, Location};
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use core::time::Duration;
use std::panic::catch_unwind;
use syncline::internals::Quiet;
use syncline::task::Queue;

#[test]
fn a_poll_that_comes_too_late_names_its_caller() {
    thread_local! {
        static SEEN: Cell<Option<u32>> = const { Cell::new(None) };
    }
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let here = panic.location().filter(|at| at.file() == file!());
        SEEN.set(here.map(Location::line));
        default(panic);
    }));
    let queue = Queue::unbounded();
    queue.try_put(1).unwrap();
    let mut context = Context::from_waker(Waker::noop());
    let mut get = pin!(queue.get());
    assert_eq!(get.as_mut().poll(&mut context), Poll::Ready(Ok(1)));
    let late = || get.as_mut().poll(&mut context);
    let line = line!() - 1;
    catch_unwind(AssertUnwindSafe(late)).unwrap_err();
    assert_eq!(SEEN.take(), Some(line));
    let mut get = pin!(queue.get_timeout(Duration::ZERO));
    assert!(get.as_mut().poll(&mut context).is_ready());
    let late = || get.as_mut().poll(&mut context);
    let line = line!() - 1;
    catch_unwind(AssertUnwindSafe(late)).unwrap_err();
    assert_eq!(SEEN.take(), Some(line));
    queue.assert_quiet();
}
