//! A binding as another language has it: handles and statuses, numbers in and numbers out.
//!
//! Any thread may call anything at any time, with any number. There is no guard that is kept anywhere, no map of what a thread
//! has, and no wait that is cut into slices: a call that waits is one wait of the primitive, with one deadline.
//!
//! | a handle that is closed | does what to those who wait |
//! |---|---|
//! | a lock, nobody's | they get it, find it closed, and pass it on |
//! | a lock that somebody has | it is `BUSY`, and stays open |
//! | a condition | they are notified |
//! | a queue | it is shut down |
//! | a job | it is cancelled |
//! | a get that has been started | nothing: what it has been granted goes to the next |

use core::future::Future;
use core::panic::AssertUnwindSafe;
use core::pin::Pin;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use core::task::{Context, Poll, Waker};
use core::time::Duration;
use std::collections::BTreeMap;
use std::panic::catch_unwind;
use std::sync::Arc;

use syncline::store::Fifo;
use syncline::task::future::{Get, OwnedWait};
use syncline::thread::{Condition, Lock, Queue, RawLock, RawRLock, RwLock};
use syncline::{GetError, Job, JobError, Promise, PutError, SharedJob, Shutdown, TimedOut, task};

/// What names an object; 0 names none.
pub(crate) type Handle = u64;
/// A result, or one of the constants.
pub(crate) type Status = i64;

pub(crate) const OK: Status = 0;
pub(crate) const TIMED_OUT: Status = -1;
/// The lock belongs to another thread, or to nobody.
pub(crate) const NOT_YOURS: Status = -2;
/// There is no such handle, or not any more.
pub(crate) const UNKNOWN: Status = -3;
pub(crate) const WRONG_KIND: Status = -4;
/// It was closed during the call. The caller holds nothing.
pub(crate) const CLOSED: Status = -5;
/// Somebody has it.
pub(crate) const BUSY: Status = -6;
/// The callback failed. The lock is held.
pub(crate) const FAILED: Status = -7;
pub(crate) const CANCELLED: Status = -8;
pub(crate) const PENDING: Status = -9;
/// It has been set.
pub(crate) const TOO_LATE: Status = -10;
/// A panic, which must not leave the binding.
pub(crate) const PANICKED: Status = -11;

/// A callback of the other language: positive if it holds, negative if it failed.
pub(crate) type Callback = extern "C" fn(u64) -> i32;

enum Object {
    Lock(RawLock),
    RLock(RawRLock),
    /// With the lock that it belongs to.
    Condition(Condition, Arc<Entry>),
    Queue(Arc<Queue<u64>>),
    Job(Lock<Option<Promise<u64>>>, SharedJob<u64>),
    Get(Lock<Started>),
}

type Started = Option<Pin<Box<OwnedWait<task::Queue<u64>, Get<'static, Fifo<u64>>>>>>;

struct Entry {
    object: Object,
    is_closed: AtomicBool,
}

static TABLE: RwLock<BTreeMap<Handle, Arc<Entry>>> = RwLock::new(BTreeMap::new());

fn add(object: Object) -> Handle {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let handle = LAST.fetch_add(1, SeqCst) + 1;
    let entry = Entry {
        object,
        is_closed: AtomicBool::new(false),
    };
    TABLE.write().insert(handle, Arc::new(entry));
    handle
}

fn find(handle: Handle) -> Result<Arc<Entry>, Status> {
    TABLE.read().get(&handle).cloned().ok_or(UNKNOWN)
}

/// A wait for one notification, as one whose callback cannot fail.
fn once<G>(
    (guard, notified): (G, Result<(), TimedOut>),
) -> (G, Result<Result<(), Status>, TimedOut>) {
    (guard, notified.map(Ok))
}

/// How a call ends, whatever happens in it.
fn status(body: impl FnOnce() -> Result<Status, Status>) -> Status {
    let result = catch_unwind(AssertUnwindSafe(body)).unwrap_or(Err(PANICKED));
    result.unwrap_or_else(|error| error)
}

/// Milliseconds; for ever, if negative.
fn limit(milliseconds: i64) -> Duration {
    u64::try_from(milliseconds).map_or(Duration::MAX, Duration::from_millis)
}

impl Entry {
    /// Whether it is still open, as those ask who have waited.
    fn check(&self) -> Result<(), Status> {
        if self.is_closed.load(SeqCst) {
            Err(CLOSED)
        } else {
            Ok(())
        }
    }

    fn acquire(&self, milliseconds: i64) -> Result<Status, Status> {
        let locked = match &self.object {
            Object::Lock(lock) => lock.lock_timeout(limit(milliseconds)),
            Object::RLock(lock) => lock.lock_timeout(limit(milliseconds)),
            _ => return Err(WRONG_KIND),
        };
        locked.map_err(|_| TIMED_OUT)?;
        self.check().inspect_err(|_| self.pass_on())?;
        Ok(OK)
    }

    fn release(&self) -> Result<Status, Status> {
        match &self.object {
            Object::Lock(lock) => lock.try_unlock().map_err(|_| NOT_YOURS)?,
            Object::RLock(lock) => lock.try_unlock().map_err(|_| NOT_YOURS)?,
            _ => return Err(WRONG_KIND),
        }
        Ok(OK)
    }

    /// Releases what has been acquired of a lock that is closed; whoever waits for it comes next.
    fn pass_on(&self) {
        while self.release().is_ok() {}
    }

    /// Waits for a condition of this lock, with all of its levels released; until a callback says so, if there is one.
    fn wait(
        &self,
        changed: &Condition,
        milliseconds: i64,
        holds: Option<impl Fn() -> Result<bool, Status>>,
    ) -> Result<Status, Status> {
        let limit = limit(milliseconds);
        let waited = match (&self.object, holds) {
            (Object::Lock(lock), None) => lock
                .with_guard(|guard| once(changed.wait_timeout(guard, limit)))
                .map_err(|_| NOT_YOURS)?,
            (Object::Lock(lock), Some(holds)) => lock
                .with_guard(|guard| changed.try_wait_for_timeout(guard, limit, |()| holds()))
                .map_err(|_| NOT_YOURS)?,
            (Object::RLock(lock), None) => lock
                .with_guard(|guard| once(changed.wait_nested_timeout(guard, limit)))
                .map_err(|_| NOT_YOURS)?,
            (Object::RLock(lock), Some(holds)) => lock
                .with_guard(|guard| changed.try_wait_nested_for_timeout(guard, limit, |()| holds()))
                .map_err(|_| NOT_YOURS)?,
            _ => return Err(WRONG_KIND),
        };
        // Whoever closed it had it meanwhile.
        self.check().inspect_err(|_| self.pass_on())?;
        waited.map_err(|_| TIMED_OUT)??;
        Ok(OK)
    }

    /// Closes it, unless somebody has it.
    fn close(&self) -> Result<(), Status> {
        let is_lock = matches!(self.object, Object::Lock(_) | Object::RLock(_));
        if is_lock {
            self.acquire(0)
                .map_err(|error| if error == TIMED_OUT { BUSY } else { UNKNOWN })?;
        }
        if matches!(&self.object, Object::RLock(lock) if lock.depth() > 1) {
            self.release()?;
            return Err(BUSY);
        }
        let is_first = !self.is_closed.swap(true, SeqCst);
        match &self.object {
            // Whoever waits is let in, and finds that it is closed.
            Object::Lock(_) | Object::RLock(_) => self.pass_on(),
            Object::Condition(changed, _) => {
                changed.notify_all();
            }
            Object::Queue(queue) => {
                queue.shutdown(Shutdown::Immediate);
            }
            Object::Job(promise, _) => drop(promise.lock().take()),
            Object::Get(started) => drop(started.lock().take()),
        }
        if is_first { Ok(()) } else { Err(UNKNOWN) }
    }
}

pub(crate) extern "C" fn lock_new() -> Handle {
    add(Object::Lock(RawLock::new()))
}

pub(crate) extern "C" fn rlock_new() -> Handle {
    add(Object::RLock(RawRLock::new()))
}

/// 0 if there is no such lock.
pub(crate) extern "C" fn condition_new(lock: Handle) -> Handle {
    let is_lock = |entry: &Arc<Entry>| matches!(entry.object, Object::Lock(_) | Object::RLock(_));
    let Some(lock) = find(lock).ok().filter(is_lock) else {
        return 0;
    };
    add(Object::Condition(Condition::new(), lock))
}

/// Unbounded, if the capacity is 0.
pub(crate) extern "C" fn queue_new(capacity: usize) -> Handle {
    add(Object::Queue(Arc::new(match capacity {
        0 => Queue::unbounded(),
        n => Queue::bounded(n),
    })))
}

pub(crate) extern "C" fn job_new() -> Handle {
    let (promise, job): (_, Job<u64>) = Promise::new();
    add(Object::Job(Lock::new(Some(promise)), job.shared()))
}

pub(crate) extern "C" fn close(handle: Handle) -> Status {
    status(|| {
        find(handle)?.close()?;
        // Others have found it before, and keep it alive.
        drop(TABLE.write().remove(&handle));
        Ok(OK)
    })
}

pub(crate) extern "C" fn acquire(handle: Handle, milliseconds: i64) -> Status {
    status(|| find(handle)?.acquire(milliseconds))
}

pub(crate) extern "C" fn release(handle: Handle) -> Status {
    status(|| find(handle)?.release())
}

/// How often the calling thread has a re-entrant lock.
pub(crate) extern "C" fn depth(handle: Handle) -> Status {
    status(|| match &find(handle)?.object {
        Object::RLock(lock) => Ok(Status::try_from(lock.depth()).expect("at most 65,535")),
        _ => Err(WRONG_KIND),
    })
}

/// How many wait, at this instant.
pub(crate) extern "C" fn waiting(handle: Handle) -> Status {
    status(|| {
        let waiting = match &find(handle)?.object {
            Object::Lock(lock) => lock.waiting(),
            Object::RLock(lock) => lock.waiting(),
            Object::Condition(changed, _) => changed.waiting(),
            Object::Queue(queue) => queue.waiting(),
            Object::Job(..) | Object::Get(_) => return Err(WRONG_KIND),
        };
        Ok(Status::try_from(waiting).expect("so many threads"))
    })
}

/// Waits for one notification.
pub(crate) extern "C" fn condition_wait(handle: Handle, milliseconds: i64) -> Status {
    condition_wait_until(handle, milliseconds, None::<fn() -> Result<bool, Status>>)
}

/// Waits until the callback says so, or fails.
pub(crate) extern "C" fn condition_wait_for(
    handle: Handle,
    milliseconds: i64,
    callback: Callback,
    argument: u64,
) -> Status {
    let holds = || match callback(argument) {
        failed if failed < 0 => Err(FAILED),
        holds => Ok(holds > 0),
    };
    condition_wait_until(handle, milliseconds, Some(holds))
}

fn condition_wait_until(
    handle: Handle,
    milliseconds: i64,
    holds: Option<impl Fn() -> Result<bool, Status>>,
) -> Status {
    status(|| match &find(handle)?.object {
        Object::Condition(changed, lock) => lock.wait(changed, milliseconds, holds),
        _ => Err(WRONG_KIND),
    })
}

/// Notifies so many, and says how many there were.
pub(crate) extern "C" fn condition_notify(handle: Handle, n: usize) -> Status {
    status(|| match &find(handle)?.object {
        Object::Condition(changed, _) => {
            Ok(Status::try_from(changed.notify(n)).expect("so many threads"))
        }
        _ => Err(WRONG_KIND),
    })
}

pub(crate) extern "C" fn queue_put(handle: Handle, item: u64, milliseconds: i64) -> Status {
    status(|| match &find(handle)?.object {
        Object::Queue(queue) => match queue.put_timeout(item, limit(milliseconds)) {
            Ok(()) => Ok(OK),
            Err(PutError::ShutDown(_)) => Err(CLOSED),
            Err(_) => Err(TIMED_OUT),
        },
        _ => Err(WRONG_KIND),
    })
}

/// The item, which is a small number.
pub(crate) extern "C" fn queue_get(handle: Handle, milliseconds: i64) -> Status {
    status(|| match &find(handle)?.object {
        Object::Queue(queue) => got(queue.get_timeout(limit(milliseconds))),
        _ => Err(WRONG_KIND),
    })
}

fn got(item: Result<u64, GetError>) -> Result<Status, Status> {
    match item {
        Ok(item) => Ok(Status::try_from(item).expect("a small number")),
        Err(GetError::ShutDown) => Err(CLOSED),
        Err(_) => Err(TIMED_OUT),
    }
}

/// Starts to get an item, for an event loop that looks for it with `get_poll`; 0 if there is no such queue.
pub(crate) extern "C" fn get_start(queue: Handle) -> Handle {
    let Ok(entry) = find(queue) else { return 0 };
    let Object::Queue(queue) = &entry.object else {
        return 0;
    };
    add(Object::Get(Lock::new(Some(Box::pin(
        queue.to_task().get_owned(),
    )))))
}

/// The item, once there is one; after that the handle is of no more use.
pub(crate) extern "C" fn get_poll(handle: Handle) -> Status {
    status(|| {
        let entry = find(handle)?;
        let Object::Get(started) = &entry.object else {
            return Err(WRONG_KIND);
        };
        let mut started = started.lock();
        let get = started.as_mut().ok_or(CLOSED)?;
        match get.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Pending => Err(PENDING),
            Poll::Ready(item) => {
                *started = None;
                got(item)
            }
        }
    })
}

pub(crate) extern "C" fn job_set(handle: Handle, value: u64) -> Status {
    status(|| match &find(handle)?.object {
        Object::Job(promise, _) => {
            let promise = promise.lock().take().ok_or(TOO_LATE)?;
            promise.set(value).map_err(|_| CANCELLED)?;
            Ok(OK)
        }
        _ => Err(WRONG_KIND),
    })
}

pub(crate) extern "C" fn job_cancel(handle: Handle) -> Status {
    status(|| match &find(handle)?.object {
        Object::Job(_, job) if job.as_job().cancel() => Ok(OK),
        Object::Job(..) => Err(TOO_LATE),
        _ => Err(WRONG_KIND),
    })
}

/// The value, for as many as ask.
pub(crate) extern "C" fn job_wait(handle: Handle, milliseconds: i64) -> Status {
    status(|| match &find(handle)?.object {
        Object::Job(_, job) => match job
            .wait_timeout(limit(milliseconds))
            .map_err(|_| TIMED_OUT)?
        {
            Ok(value) => Ok(Status::try_from(value).expect("a small number")),
            Err(error) if matches!(*error, JobError::Cancelled) => Err(CANCELLED),
            Err(_) => Err(PANICKED),
        },
        _ => Err(WRONG_KIND),
    })
}
