//! A job on a thread of its own.

use core::any::type_name;
use std::sync::Arc;

use super::handle::Job;
use super::head::{Head, Unit, Work, quietly};
use super::word::Outcome;
use crate::error::JobError;
use crate::error::name::Name;
use crate::identity::blocking_firmly;
use crate::line::trampoline;
use crate::sys::{Mutex, Thread};

struct Own<F, T> {
    work: Work<F, T>,
    name: Option<Name>,
    thread: Mutex<Option<Thread>>,
}

impl<F: Send + 'static, T: Send + 'static> Own<F, T> {
    /// Drops the closure, which is foreign code, and ends the job. Its outcome is fixed.
    fn end_unrun(self: Arc<Self>) {
        trampoline::run(move || {
            self.work.end_unrun();
            self.work.head.let_go();
            quietly(|| drop(self));
        });
    }
}

impl<F, T> Unit<T> for Own<F, T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    fn head(&self) -> &Head<T> {
        &self.work.head
    }

    fn name(&self) -> Option<&Name> {
        self.name.as_ref()
    }

    fn body(&self) -> Option<&'static str> {
        Some(type_name::<F>())
    }

    fn cancel(self: Arc<Self>) {
        if self.work.fix(Outcome::Cancelled) {
            self.end_unrun();
        }
    }

    fn join(&self) {
        let thread = self.thread.lock().take();
        if let Some(thread) = thread.filter(|thread| !thread.is_current()) {
            // The job is done, so this takes no longer than the thread's locals.
            blocking_firmly(|| thread.join());
        }
    }
}

/// Runs a closure on a thread of its own, and returns a [`Job`] for its result.
///
/// [`Job::wait`] returns when the thread has ended and all its thread-locals have been destroyed. Every other way to
/// observe the job sees the end of the closure, which comes a moment earlier. Dropping the job
/// detaches the thread.
///
/// # Errors
///
/// None here. If no thread can be started, the job ends as
/// [`JobError::NotStarted`].
///
/// # Examples
///
/// ```
/// let job = syncline::thread::spawn(|| 6 * 7);
/// assert_eq!(job.wait()?, 42);
/// # Ok::<(), syncline::JobError>(())
/// ```
pub fn spawn<F, T>(closure: F) -> Job<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    start(None, closure)
}

/// Runs a closure on a thread of its own as [`spawn`] does, with a name for the thread and the job.
///
/// Zero bytes, which no system accepts, are removed from the thread's name.
///
/// # Errors
///
/// None here; see [`spawn`].
///
/// # Examples
///
/// ```
/// use syncline::thread::spawn_named;
///
/// let job = spawn_named("reader", || std::thread::current().name().map(str::to_owned));
/// assert_eq!(job.name(), Some("reader"));
/// assert_eq!(job.wait()?.as_deref(), Some("reader"));
/// # Ok::<(), syncline::JobError>(())
/// ```
pub fn spawn_named<F, T>(name: impl Into<String>, closure: F) -> Job<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    start(Some(name.into()), closure)
}

fn start<F, T>(name: Option<String>, closure: F) -> Job<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    let unit = Arc::new(Own {
        work: Work::new(name.as_deref(), closure),
        name: name.clone().map(Name::from),
        thread: Mutex::new(None),
    });
    let body = {
        let unit = Arc::clone(&unit);
        move || {
            unit.work.run();
            unit.work.head.let_go();
            // What nobody took is foreign data.
            quietly(|| drop(unit));
        }
    };
    match Thread::start(name, None, body) {
        Ok(thread) => *unit.thread.lock() = Some(thread),
        Err(error) => {
            if unit.work.fix_error(JobError::NotStarted(error)) {
                Arc::clone(&unit).end_unrun();
            }
        }
    }
    Job::new(unit)
}
