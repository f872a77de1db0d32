//! The casts between the two faces of a lock.

use std::sync::Arc;

use super::{task, thread};

impl<T: ?Sized> thread::RwLock<T> {
    /// Returns the same lock as tasks see it.
    ///
    /// Threads and tasks wait for it in one line.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{task, thread};
    ///
    /// let one = thread::RwLock::new(0);
    /// let same: &task::RwLock<i32> = one.as_task();
    /// assert!(std::ptr::eq(same.as_thread(), &one));
    /// ```
    #[must_use]
    pub const fn as_task(&self) -> &task::RwLock<T> {
        let face = core::ptr::from_ref(self) as *const task::RwLock<T>;
        // SAFETY: both faces are `repr(transparent)` over the same core, so the pointer is valid
        // for the other one; the borrow of `self` goes on in the result.
        unsafe { &*face }
    }

    /// Returns the same shared lock as tasks see it, without another reference count.
    #[must_use]
    pub fn into_task(self: Arc<Self>) -> Arc<task::RwLock<T>> {
        let face = Arc::into_raw(self) as *const task::RwLock<T>;
        // SAFETY: the pointer comes from `into_raw`, and both faces are `repr(transparent)` over
        // the same core, so size and alignment agree.
        unsafe { Arc::from_raw(face) }
    }

    /// Returns another owner of the same shared lock, as tasks see it; this one stays.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use syncline::{task, thread};
    ///
    /// let one = Arc::new(thread::RwLock::new(0));
    /// let same: Arc<task::RwLock<i32>> = one.to_task();
    /// assert!(std::ptr::eq(same.as_thread(), &*one));
    /// assert_eq!(Arc::strong_count(&one), 2);
    /// ```
    #[must_use]
    pub fn to_task(self: &Arc<Self>) -> Arc<task::RwLock<T>> {
        Arc::clone(self).into_task()
    }
}

impl<T: ?Sized> task::RwLock<T> {
    /// Returns the same lock as threads see it.
    ///
    /// Threads and tasks wait for it in one line.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{task, thread};
    ///
    /// let one = task::RwLock::new(0);
    /// let same: &thread::RwLock<i32> = one.as_thread();
    /// assert!(std::ptr::eq(same.as_task(), &one));
    /// ```
    #[must_use]
    pub const fn as_thread(&self) -> &thread::RwLock<T> {
        let face = core::ptr::from_ref(self) as *const thread::RwLock<T>;
        // SAFETY: both faces are `repr(transparent)` over the same core, so the pointer is valid
        // for the other one; the borrow of `self` goes on in the result.
        unsafe { &*face }
    }

    /// Returns the same shared lock as threads see it, without another reference count.
    #[must_use]
    pub fn into_thread(self: Arc<Self>) -> Arc<thread::RwLock<T>> {
        let face = Arc::into_raw(self) as *const thread::RwLock<T>;
        // SAFETY: the pointer comes from `into_raw`, and both faces are `repr(transparent)` over
        // the same core, so size and alignment agree.
        unsafe { Arc::from_raw(face) }
    }

    /// Returns another owner of the same shared lock, as threads see it; this one stays.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use syncline::{task, thread};
    ///
    /// let one = Arc::new(task::RwLock::new(0));
    /// let same: Arc<thread::RwLock<i32>> = one.to_thread();
    /// assert!(std::ptr::eq(same.as_task(), &*one));
    /// assert_eq!(Arc::strong_count(&one), 2);
    /// ```
    #[must_use]
    pub fn to_thread(self: &Arc<Self>) -> Arc<thread::RwLock<T>> {
        Arc::clone(self).into_thread()
    }
}

impl<T: ?Sized> AsRef<task::RwLock<T>> for thread::RwLock<T> {
    fn as_ref(&self) -> &task::RwLock<T> {
        self.as_task()
    }
}

impl<T: ?Sized> AsRef<thread::RwLock<T>> for task::RwLock<T> {
    fn as_ref(&self) -> &thread::RwLock<T> {
        self.as_thread()
    }
}
