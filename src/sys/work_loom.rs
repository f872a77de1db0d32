//! The leaves of the pool under loom: simple queues under loom's locks, loom's threads.

use core::sync::atomic::Ordering::{Acquire, Release};
use std::collections::VecDeque;
use std::io;
use std::sync::Arc;

use ::loom::sync::Condvar;
use ::loom::thread::JoinHandle;

pub(crate) use ::loom::thread::ThreadId;

use super::failed::{Object, asleep, end};
use super::script;
use super::{AtomicUsize, Deadline, Mutex, Native, Parked, ThreadState, is_over};

/// How many lists those in flight are spread over.
pub(crate) const LISTS_IN_FLIGHT: usize = 2;

fn with<T, R>(queue: &Mutex<VecDeque<T>>, body: impl FnOnce(&mut VecDeque<T>) -> R) -> R {
    body(&mut queue.lock())
}

/// A queue, and its length for those who only look: as with a queue that has no lock, a look orders
/// nothing but what comes before the push that it sees.
struct Glass<T> {
    queue: Mutex<VecDeque<T>>,
    len: AtomicUsize,
}

impl<T> Glass<T> {
    fn new() -> Self {
        Self {
            queue: Mutex::new(VecDeque::new()),
            len: AtomicUsize::new(0),
        }
    }

    fn with<R>(&self, body: impl FnOnce(&mut VecDeque<T>) -> R) -> R {
        with(&self.queue, |queue| {
            let before = queue.len();
            let result = body(queue);
            if queue.len() != before {
                self.len.store(queue.len(), Release);
            }
            result
        })
    }

    fn len(&self) -> usize {
        self.len.load(Acquire)
    }
}

/// What everybody may add to and take from: first in, first out.
pub(crate) struct Injector<T>(Glass<T>);

/// What one worker adds to and takes from, newest first, and others steal from.
pub(crate) struct Deque<T>(Arc<Glass<T>>);

/// The way to somebody else's deque.
pub(crate) struct Stealer<T>(Arc<Glass<T>>);

impl<T> Injector<T> {
    pub(crate) fn new() -> Self {
        Self(Glass::new())
    }

    pub(crate) fn push(&self, item: T) {
        self.0.with(|queue| queue.push_back(item));
    }

    /// Takes the oldest.
    pub(crate) fn steal(&self) -> Option<T> {
        self.0.with(VecDeque::pop_front)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<T> Deque<T> {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Glass::new()))
    }

    pub(crate) fn stealer(&self) -> Stealer<T> {
        Stealer(Arc::clone(&self.0))
    }

    pub(crate) fn push(&self, item: T) {
        self.0.with(|queue| queue.push_back(item));
    }

    /// Takes the newest.
    pub(crate) fn pop(&self) -> Option<T> {
        self.0.with(VecDeque::pop_back)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<T> Stealer<T> {
    /// Takes the oldest.
    pub(crate) fn steal(&self) -> Option<T> {
        self.0.with(VecDeque::pop_front)
    }

    /// Takes the oldest, and moves as many of those behind it as the script says, one by one, each of which
    /// is in neither deque on its way.
    pub(crate) fn steal_into(&self, own: &Deque<T>) -> Option<T> {
        let oldest = self.steal()?;
        for item in core::iter::from_fn(|| self.steal()).take(script::batch()) {
            own.push(item);
        }
        Some(oldest)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

struct Letters<T> {
    queue: Mutex<VecDeque<T>>,
    came: Object<Condvar>,
}

/// Where many leave things that one thread takes, first come, first served.
pub(crate) struct Mailbox<T>(Arc<Letters<T>>);

/// The slot of a mailbox.
pub(crate) struct Mailer<T>(Arc<Letters<T>>);

impl<T> Mailbox<T> {
    pub(crate) fn new() -> (Mailer<T>, Self) {
        let inner = Arc::new(Letters {
            queue: Mutex::new(VecDeque::new()),
            came: Object::new(Condvar::new),
        });
        (Mailer(Arc::clone(&inner)), Self(inner))
    }

    /// Takes what lies there.
    pub(crate) fn try_take(&self) -> Option<T> {
        with(&self.0.queue, VecDeque::pop_front)
    }

    /// Waits for something, unless the script says that the deadline comes first.
    #[track_caller]
    pub(crate) fn take(&self, deadline: &Deadline) -> Result<Option<T>, Parked> {
        let mut deadline = *deadline;
        let mut queue = self.0.queue.lock();
        loop {
            if let Some(item) = queue.pop_front() {
                return Ok(Some(item));
            }
            if deadline.expired() {
                return Err(Parked::Expired);
            }
            queue.wait(&self.0.came);
        }
    }
}

impl<T> Mailer<T> {
    /// Leaves something.
    pub(crate) fn send(&self, item: T) {
        with(&self.0.queue, |queue| queue.push_back(item));
        if let Some(came) = self.0.came.live() {
            came.notify_one();
        }
    }
}

impl<T> Clone for Mailer<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// A thread that can be waited for.
pub(crate) struct Thread(Native<JoinHandle<()>>);

impl Thread {
    /// Starts a thread, unless the script refuses it.
    #[track_caller]
    pub(crate) fn start(
        _name: Option<String>,
        _stack_size: Option<usize>,
        body: impl FnOnce() + Send + 'static,
    ) -> io::Result<Self> {
        if is_over() || script::start_fails() {
            return Err(io::Error::other("the model starts no such thread"));
        }
        Ok(Self(Native::new(::loom::thread::spawn(body))))
    }

    /// Waits until the thread has ended.
    #[track_caller]
    pub(crate) fn join(self) {
        if is_over() {
            return end();
        }
        if let Some(thread) = Native::into_inner(self.0) {
            asleep(|| thread.join()).expect("a model ends at its first panic");
        }
    }

    /// Which thread it is.
    pub(crate) fn id(&self) -> ThreadId {
        self.0.thread().id()
    }

    /// Whether it is this thread.
    pub(crate) fn is_current(&self) -> bool {
        !is_over() && self.0.thread().id() == ::loom::thread::current().id()
    }
}

/// Nobody asks a model for its threads.
pub(crate) const fn note_state(_state: ThreadState) {}

/// The threads that could be named.
pub(crate) const fn threads() -> Vec<(Option<String>, std::thread::ThreadId, ThreadState)> {
    Vec::new()
}

/// How many these are.
pub(crate) const fn thread_count() -> usize {
    0
}

/// Which thread this is; nobody knows when the model is over.
pub(crate) fn this_thread() -> Option<ThreadId> {
    (!is_over()).then(|| ::loom::thread::current().id())
}
