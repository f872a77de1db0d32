//! The leaves of the pool: its deques, its mailbox, its threads.

use std::{io, thread};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use crossbeam_deque as deque;

pub(crate) use std::thread::ThreadId;

/// How many lists those in flight are spread over, so that threads seldom meet in one.
pub(crate) const LISTS_IN_FLIGHT: usize = 16;

use super::threads::Listed;
use super::{Deadline, Native, Parked};

/// What everybody may add to and take from: first in, first out.
pub(crate) struct Injector<T>(deque::Injector<T>);

/// What one worker adds to and takes from, newest first, and others steal from.
pub(crate) struct Deque<T>(deque::Worker<T>);

/// The way to somebody else's deque.
pub(crate) struct Stealer<T>(deque::Stealer<T>);

/// Tries again for as long as somebody else was faster: each time one of them got on.
fn insist<T>(mut steal: impl FnMut() -> deque::Steal<T>) -> Option<T> {
    loop {
        match steal() {
            deque::Steal::Success(item) => return Some(item),
            deque::Steal::Empty => return None,
            deque::Steal::Retry => {}
        }
    }
}

/// Has what all deques of the process share made now, on the thread that makes a pool.
///
/// The first theft makes it, inside a `Once`. In the child of a `fork` that came meanwhile the `Once` would
/// stay half done, and whoever steals there would wait for ever.
fn settle() {
    let theft = deque::Worker::<()>::new_lifo().stealer().steal();
    debug_assert!(theft.is_empty());
}

impl<T> Injector<T> {
    pub(crate) fn new() -> Self {
        settle();
        Self(deque::Injector::new())
    }

    pub(crate) fn push(&self, item: T) {
        self.0.push(item);
    }

    /// Takes the oldest.
    pub(crate) fn steal(&self) -> Option<T> {
        insist(|| self.0.steal())
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T> Deque<T> {
    pub(crate) fn new() -> Self {
        Self(deque::Worker::new_lifo())
    }

    pub(crate) fn stealer(&self) -> Stealer<T> {
        Stealer(self.0.stealer())
    }

    pub(crate) fn push(&self, item: T) {
        self.0.push(item);
    }

    /// Takes the newest.
    pub(crate) fn pop(&self) -> Option<T> {
        self.0.pop()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T> Stealer<T> {
    /// Takes the oldest.
    pub(crate) fn steal(&self) -> Option<T> {
        insist(|| self.0.steal())
    }

    /// Takes the oldest, and moves some of those behind it.
    pub(crate) fn steal_into(&self, own: &Deque<T>) -> Option<T> {
        insist(|| self.0.steal_batch_and_pop(&own.0))
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Where many leave things that one thread takes, first come, first served.
pub(crate) struct Mailbox<T>(Receiver<T>);

/// The slot of a mailbox.
pub(crate) struct Mailer<T>(Sender<T>);

impl<T> Mailbox<T> {
    pub(crate) fn new() -> (Mailer<T>, Self) {
        let (sender, receiver) = crossbeam_channel::unbounded();
        (Mailer(sender), Self(receiver))
    }

    /// Takes what lies there.
    pub(crate) fn try_take(&self) -> Option<T> {
        self.0.try_recv().ok()
    }

    /// Waits for something, until the deadline. Nothing comes if nobody can send any more.
    pub(crate) fn take(&self, deadline: &Deadline) -> Result<Option<T>, Parked> {
        match deadline.0 {
            None => Ok(self.0.recv().ok()),
            Some(at) => match self.0.recv_deadline(at) {
                Ok(item) => Ok(Some(item)),
                Err(RecvTimeoutError::Disconnected) => Ok(None),
                Err(RecvTimeoutError::Timeout) => Err(Parked::Expired),
            },
        }
    }
}

impl<T> Mailer<T> {
    /// Leaves something; if nobody will take it any more it is dropped.
    pub(crate) fn send(&self, item: T) {
        let _nobody = self.0.send(item);
    }
}

impl<T> Clone for Mailer<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// A thread that can be waited for; but not in another process, which has no such thread.
pub(crate) struct Thread(Native<thread::JoinHandle<()>>);

impl Thread {
    /// Starts a thread. Its body does not panic.
    pub(crate) fn start(
        name: Option<String>,
        stack_size: Option<usize>,
        body: impl FnOnce() + Send + 'static,
    ) -> io::Result<Self> {
        let mut builder = thread::Builder::new();
        if let Some(mut name) = name {
            // No system has names with this in them; std panics.
            name.retain(|letter| letter != '\0');
            builder = builder.name(name);
        }
        if let Some(size) = stack_size {
            builder = builder.stack_size(size);
        }
        let listed = move || {
            let _listed = Listed::new();
            body();
        };
        builder.spawn(listed).map(Native::new).map(Self)
    }

    /// Waits until the thread has ended, its thread-locals destroyed.
    pub(crate) fn join(self) {
        let _panic = Native::into_inner(self.0).map(thread::JoinHandle::join);
    }

    /// Which thread it is.
    pub(crate) fn id(&self) -> ThreadId {
        self.0.thread().id()
    }

    /// Whether it is this thread.
    pub(crate) fn is_current(&self) -> bool {
        self.0.thread().id() == thread::current().id()
    }
}

/// Which thread this is.
#[expect(clippy::unnecessary_wraps, reason = "a model may be over")]
pub(crate) fn this_thread() -> Option<ThreadId> {
    Some(thread::current().id())
}
