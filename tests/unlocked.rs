//! A waker that panics while a guard is unlocked for a moment: the guard must hold the lock again
//! before anybody can use it.
#![cfg(not(syncline_loom))]

use core::panic::AssertUnwindSafe;
use core::pin::pin;
use core::task::{Context, Waker};
use std::panic::catch_unwind;
use std::sync::Arc;
use std::sync::mpsc;
use std::task::Wake;
use std::thread::spawn;

use syncline::thread::{Lock, LockGuard};

/// A waker that panics when it is used.
struct Panics;

impl Wake for Panics {
    fn wake(self: Arc<Self>) {
        panic!("a waker that panics");
    }
}

#[test]
fn an_unlocked_guard_never_comes_back_without_its_lock() {
    let lock = Arc::new(Lock::new(0));
    let waker = Waker::from(Arc::new(Panics));
    let (tell, told) = mpsc::channel();
    let holder = spawn({
        let lock = Arc::clone(&lock);
        move || {
            let mut guard = lock.lock();
            tell.send(()).unwrap();
            while syncline::internals::Quiet::waiting(&*lock) == 0 {
                std::thread::yield_now();
            }
            // The release hands the lock to the task, whose waker panics here.
            let caught = catch_unwind(AssertUnwindSafe(|| {
                LockGuard::unlocked(&mut guard, || ());
            }));
            assert!(caught.is_err());
            // It comes back only when the task has given the lock back.
            *guard += 1;
            assert!(lock.try_lock().is_none());
        }
    });
    told.recv().unwrap();
    {
        let mut task = pin!(lock.as_task().lock());
        let mut context = Context::from_waker(&waker);
        assert!(task.as_mut().poll(&mut context).is_pending());
        let mut granted = loop {
            // Polled with the same waker until the holder has let go.
            if let core::task::Poll::Ready(granted) = task.as_mut().poll(&mut context) {
                break granted;
            }
            std::thread::yield_now();
        };
        *granted += 10;
    }
    holder.join().unwrap();
    assert_eq!(*lock.lock(), 11);
}
