//! The casts between the two faces of a queue.

use std::sync::Arc;

use super::store::Store;
use super::{task, thread};

impl<S: Store> thread::BaseQueue<S> {
    /// Returns the same queue as tasks see it.
    ///
    /// Threads and tasks wait for it in one line.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{task, thread};
    ///
    /// let one = thread::Queue::unbounded();
    /// let same: &task::Queue<i32> = one.as_task();
    /// assert!(std::ptr::eq(same.as_thread(), &one));
    /// ```
    #[must_use]
    pub const fn as_task(&self) -> &task::BaseQueue<S> {
        let face = core::ptr::from_ref(self).cast::<task::BaseQueue<S>>();
        // SAFETY: both faces are `repr(transparent)` over the same core, so the pointer is valid
        // for the other one; the borrow of `self` goes on in the result.
        unsafe { &*face }
    }

    /// Returns the same shared queue as tasks see it, without another reference count.
    #[must_use]
    pub fn into_task(self: Arc<Self>) -> Arc<task::BaseQueue<S>> {
        let face = Arc::into_raw(self).cast::<task::BaseQueue<S>>();
        // SAFETY: the pointer comes from `into_raw`, and both faces are `repr(transparent)` over
        // the same core, so size and alignment agree.
        unsafe { Arc::from_raw(face) }
    }

    /// Returns another owner of the same shared queue, as tasks see it; this one stays.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use syncline::{task, thread};
    ///
    /// let one = Arc::new(thread::Queue::<i32>::unbounded());
    /// let same: Arc<task::Queue<i32>> = one.to_task();
    /// assert!(std::ptr::eq(same.as_thread(), &*one));
    /// assert_eq!(Arc::strong_count(&one), 2);
    /// ```
    #[must_use]
    pub fn to_task(self: &Arc<Self>) -> Arc<task::BaseQueue<S>> {
        Arc::clone(self).into_task()
    }
}

impl<S: Store> task::BaseQueue<S> {
    /// Returns the same queue as threads see it.
    ///
    /// Threads and tasks wait for it in one line.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{task, thread};
    ///
    /// let one = task::Queue::unbounded();
    /// let same: &thread::Queue<i32> = one.as_thread();
    /// assert!(std::ptr::eq(same.as_task(), &one));
    /// ```
    #[must_use]
    pub const fn as_thread(&self) -> &thread::BaseQueue<S> {
        let face = core::ptr::from_ref(self).cast::<thread::BaseQueue<S>>();
        // SAFETY: both faces are `repr(transparent)` over the same core, so the pointer is valid
        // for the other one; the borrow of `self` goes on in the result.
        unsafe { &*face }
    }

    /// Returns the same shared queue as threads see it, without another reference count.
    #[must_use]
    pub fn into_thread(self: Arc<Self>) -> Arc<thread::BaseQueue<S>> {
        let face = Arc::into_raw(self).cast::<thread::BaseQueue<S>>();
        // SAFETY: the pointer comes from `into_raw`, and both faces are `repr(transparent)` over
        // the same core, so size and alignment agree.
        unsafe { Arc::from_raw(face) }
    }

    /// Returns another owner of the same shared queue, as threads see it; this one stays.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use syncline::{task, thread};
    ///
    /// let one = Arc::new(task::Queue::<i32>::unbounded());
    /// let same: Arc<thread::Queue<i32>> = one.to_thread();
    /// assert!(std::ptr::eq(same.as_task(), &*one));
    /// assert_eq!(Arc::strong_count(&one), 2);
    /// ```
    #[must_use]
    pub fn to_thread(self: &Arc<Self>) -> Arc<thread::BaseQueue<S>> {
        Arc::clone(self).into_thread()
    }
}

impl<S: Store> AsRef<task::BaseQueue<S>> for thread::BaseQueue<S> {
    fn as_ref(&self) -> &task::BaseQueue<S> {
        self.as_task()
    }
}

impl<S: Store> AsRef<thread::BaseQueue<S>> for task::BaseQueue<S> {
    fn as_ref(&self) -> &thread::BaseQueue<S> {
        self.as_thread()
    }
}
