//! The casts between the two faces of a semaphore.

use std::sync::Arc;

use super::kind::Kind;
use super::{task, thread};

impl<K: Kind> thread::BaseSemaphore<K> {
    /// Returns the same semaphore as tasks see it.
    ///
    /// Threads and tasks wait for it in one line.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{task, thread};
    ///
    /// let one = thread::Semaphore::new(1);
    /// let same: &task::Semaphore = one.as_task();
    /// assert!(std::ptr::eq(same.as_thread(), &one));
    /// ```
    #[must_use]
    pub const fn as_task(&self) -> &task::BaseSemaphore<K> {
        let face = core::ptr::from_ref(self).cast::<task::BaseSemaphore<K>>();
        // SAFETY: both faces are `repr(transparent)` over the same core, so the pointer is valid
        // for the other one; the borrow of `self` goes on in the result.
        unsafe { &*face }
    }

    /// Returns the same shared semaphore as tasks see it, without another reference count.
    #[must_use]
    pub fn into_task(self: Arc<Self>) -> Arc<task::BaseSemaphore<K>> {
        let face = Arc::into_raw(self).cast::<task::BaseSemaphore<K>>();
        // SAFETY: the pointer comes from `into_raw`, and both faces are `repr(transparent)` over
        // the same core, so size and alignment agree.
        unsafe { Arc::from_raw(face) }
    }

    /// Returns another owner of the same shared semaphore, as tasks see it; this one stays.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use syncline::{task, thread};
    ///
    /// let one = Arc::new(thread::Semaphore::new(1));
    /// let same: Arc<task::Semaphore> = one.to_task();
    /// assert!(std::ptr::eq(same.as_thread(), &*one));
    /// assert_eq!(Arc::strong_count(&one), 2);
    /// ```
    #[must_use]
    pub fn to_task(self: &Arc<Self>) -> Arc<task::BaseSemaphore<K>> {
        Arc::clone(self).into_task()
    }
}

impl<K: Kind> task::BaseSemaphore<K> {
    /// Returns the same semaphore as threads see it.
    ///
    /// Threads and tasks wait for it in one line.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{task, thread};
    ///
    /// let one = task::Semaphore::new(1);
    /// let same: &thread::Semaphore = one.as_thread();
    /// assert!(std::ptr::eq(same.as_task(), &one));
    /// ```
    #[must_use]
    pub const fn as_thread(&self) -> &thread::BaseSemaphore<K> {
        let face = core::ptr::from_ref(self).cast::<thread::BaseSemaphore<K>>();
        // SAFETY: both faces are `repr(transparent)` over the same core, so the pointer is valid
        // for the other one; the borrow of `self` goes on in the result.
        unsafe { &*face }
    }

    /// Returns the same shared semaphore as threads see it, without another reference count.
    #[must_use]
    pub fn into_thread(self: Arc<Self>) -> Arc<thread::BaseSemaphore<K>> {
        let face = Arc::into_raw(self).cast::<thread::BaseSemaphore<K>>();
        // SAFETY: the pointer comes from `into_raw`, and both faces are `repr(transparent)` over
        // the same core, so size and alignment agree.
        unsafe { Arc::from_raw(face) }
    }

    /// Returns another owner of the same shared semaphore, as threads see it; this one stays.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use syncline::{task, thread};
    ///
    /// let one = Arc::new(task::Semaphore::new(1));
    /// let same: Arc<thread::Semaphore> = one.to_thread();
    /// assert!(std::ptr::eq(same.as_task(), &*one));
    /// assert_eq!(Arc::strong_count(&one), 2);
    /// ```
    #[must_use]
    pub fn to_thread(self: &Arc<Self>) -> Arc<thread::BaseSemaphore<K>> {
        Arc::clone(self).into_thread()
    }
}

impl<K: Kind> AsRef<task::BaseSemaphore<K>> for thread::BaseSemaphore<K> {
    fn as_ref(&self) -> &task::BaseSemaphore<K> {
        self.as_task()
    }
}

impl<K: Kind> AsRef<thread::BaseSemaphore<K>> for task::BaseSemaphore<K> {
    fn as_ref(&self) -> &thread::BaseSemaphore<K> {
        self.as_thread()
    }
}
