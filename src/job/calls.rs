//! What runs when a job has ended.
//!
//! The callbacks lie beside the job, not in it: deep in a chain they are put off
//! (`line/trampoline.rs`), and the job may be gone when they run.

use std::collections::VecDeque;
use std::sync::Arc;

use super::handle::Job;
use super::head::quietly;
use crate::line::trampoline::{self, Level};
use crate::sys::Mutex;

/// What runs when a job has ended.
pub(super) type Call = Box<dyn FnOnce() + Send>;

/// The callbacks of a job.
pub(super) struct Calls(Mutex<State>);

struct State {
    /// Those of users, the oldest first.
    waiting: VecDeque<Call>,
    /// What tells of the end, and runs nothing of the user's.
    notices: Vec<Call>,
    /// Nobody will come back for more.
    over: bool,
}

impl Calls {
    pub(super) fn new() -> Self {
        Self(Mutex::new(State {
            waiting: VecDeque::new(),
            notices: Vec::new(),
            over: false,
        }))
    }

    /// Adds a callback, or hands it back if nobody comes for it: `awaited` says whether the end of
    /// the job is still to come, or has seen that there are callbacks.
    pub(super) fn add(&self, call: Call, awaited: bool) -> Option<Call> {
        let mut state = self.0.lock();
        if state.over || !awaited {
            state.over = true;
            return Some(call);
        }
        state.waiting.push_back(call);
        None
    }

    /// Adds a notice, for the end that is still to come.
    pub(super) fn add_notice(&self, notice: Call) {
        self.0.lock().notices.push(notice);
    }

    /// The job has ended. A callback that panics stops no other: the panic hook has reported it.
    pub(super) fn run(self: Arc<Self>) {
        let notices = core::mem::take(&mut self.0.lock().notices);
        for notice in notices {
            notice();
        }
        self.run_waiting();
    }

    /// Each in a level of its own: what one of them puts off runs before the next.
    fn run_waiting(self: Arc<Self>) {
        loop {
            let Some(_level) = Level::enter() else {
                return trampoline::put_off(move || self.run_waiting());
            };
            let Some(call) = self.next() else { return };
            quietly(call);
        }
    }

    fn next(&self) -> Option<Call> {
        let mut state = self.0.lock();
        let next = state.waiting.pop_front();
        state.over = next.is_none();
        next
    }
}

impl<T> Job<T> {
    /// Runs a callback when the job has ended. If it has ended already, the callback runs now.
    ///
    /// Each callback runs once, in the order in which they were added, on the thread that ends the
    /// job, after all waiters have been woken. A callback that is added while others run comes after
    /// them. A panic is reported by the panic hook and stops no other callback. A callback that
    /// runs now panics in the caller.
    ///
    /// A callback may end further jobs, whose callbacks end others. A chain of any length needs no more
    /// stack than one of 32: deeper callbacks run on the same thread when the outermost
    /// one returns, or as soon as the callback that triggered them blocks.
    ///
    /// # Deadlocks
    ///
    /// The thread that ends the job runs the callback, so a callback must not wait for what that thread does later.
    /// If a callback ends another job and then blocks while it holds a lock, the callbacks of that job may run at
    /// this point: they must not take the same lock.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{Promise, thread::Event};
    ///
    /// static DONE: Event = Event::new();
    /// let (promise, job) = Promise::new();
    /// job.on_done(|| DONE.set());
    /// promise.set(1).unwrap();
    /// DONE.wait();
    /// # job.detach();
    /// ```
    pub fn on_done(&self, call: impl FnOnce() + Send + 'static) {
        self.head().on_done(Box::new(call));
    }

    /// As [`on_done`](Self::on_done), for what runs nothing of the user's.
    pub(super) fn notice(&self, notice: impl FnOnce() + Send + 'static) {
        self.head().notice(Box::new(notice));
    }
}
