//! What a task may lock.

/// Data that the guards of a task's [`RLock`](crate::task::RLock) can share: all that is [`Sync`].
///
/// A task may continue on another thread. It can leave a guard behind on the first thread (in a thread-local, even
/// one that cannot be sent), and lock again on the second. Then both threads read the data at once. So the data
/// cannot be a [`Cell`](core::cell::Cell) or a [`RefCell`](core::cell::RefCell). It can be:
///
/// | instead of | use |
/// |---|---|
/// | a `Cell` of a number or a flag | an atomic |
/// | a `RefCell` | a [`Lock`](crate::thread::Lock) inside, which nobody else can contend for |
/// | either, where no task has to wait for the lock | [`thread::RLock`](crate::thread::RLock), which does not ask for this |
///
/// It says the same as `Sync`, and is implemented for all that is: it is there for the message of the compiler.
///
/// # Examples
///
/// ```
/// use core::sync::atomic::{AtomicU32, Ordering::Relaxed};
/// use syncline::task::{RLock, RLockData, block_on};
///
/// async fn shared<T: ?Sized + RLockData>(lock: &RLock<T>) {
///     let (_one, _other) = (lock.lock().await, lock.lock().await);
/// }
///
/// let lock = RLock::new(AtomicU32::new(0));
/// block_on(shared(&lock));
/// block_on(async { lock.lock().await.store(1, Relaxed) });
/// ```
#[diagnostic::on_unimplemented(
    message = "the guards of a task's `RLock` cannot share `{Self}`",
    label = "not `Sync`: a task has its guards on several threads",
    note = "use an atomic or a `Lock` in place of a `Cell` or a `RefCell`, or lock it as a thread does: `as_thread()`"
)]
pub trait RLockData: Sync {}

#[diagnostic::do_not_recommend]
impl<T: ?Sized + Sync> RLockData for T {}
