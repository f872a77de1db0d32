//! The casts between the two faces of a cell.

use std::sync::Arc;

use super::{task, thread};

impl<T> thread::OnceCell<T> {
    /// Returns the same cell as tasks see it.
    ///
    /// Threads and tasks wait for it together.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{task, thread};
    ///
    /// let one = thread::OnceCell::from(0);
    /// let same: &task::OnceCell<i32> = one.as_task();
    /// assert!(std::ptr::eq(same.as_thread(), &one));
    /// ```
    #[must_use]
    pub const fn as_task(&self) -> &task::OnceCell<T> {
        let face = core::ptr::from_ref(self).cast::<task::OnceCell<T>>();
        // SAFETY: both faces are `repr(transparent)` over the same core, so the pointer is valid
        // for the other one; the borrow of `self` goes on in the result.
        unsafe { &*face }
    }

    /// Returns the same shared cell as tasks see it, without another reference count.
    #[must_use]
    pub fn into_task(self: Arc<Self>) -> Arc<task::OnceCell<T>> {
        let face = Arc::into_raw(self).cast::<task::OnceCell<T>>();
        // SAFETY: the pointer comes from `into_raw`, and both faces are `repr(transparent)` over
        // the same core, so size and alignment agree.
        unsafe { Arc::from_raw(face) }
    }

    /// Returns another owner of the same shared cell, as tasks see it; this one stays.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use syncline::{task, thread};
    ///
    /// let one = Arc::new(thread::OnceCell::from(0));
    /// let same: Arc<task::OnceCell<i32>> = one.to_task();
    /// assert!(std::ptr::eq(same.as_thread(), &*one));
    /// assert_eq!(Arc::strong_count(&one), 2);
    /// ```
    #[must_use]
    pub fn to_task(self: &Arc<Self>) -> Arc<task::OnceCell<T>> {
        Arc::clone(self).into_task()
    }
}

impl<T> task::OnceCell<T> {
    /// Returns the same cell as threads see it.
    ///
    /// Threads and tasks wait for it together.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{task, thread};
    ///
    /// let one = task::OnceCell::from(0);
    /// let same: &thread::OnceCell<i32> = one.as_thread();
    /// assert!(std::ptr::eq(same.as_task(), &one));
    /// ```
    #[must_use]
    pub const fn as_thread(&self) -> &thread::OnceCell<T> {
        let face = core::ptr::from_ref(self).cast::<thread::OnceCell<T>>();
        // SAFETY: both faces are `repr(transparent)` over the same core, so the pointer is valid
        // for the other one; the borrow of `self` goes on in the result.
        unsafe { &*face }
    }

    /// Returns the same shared cell as threads see it, without another reference count.
    #[must_use]
    pub fn into_thread(self: Arc<Self>) -> Arc<thread::OnceCell<T>> {
        let face = Arc::into_raw(self).cast::<thread::OnceCell<T>>();
        // SAFETY: the pointer comes from `into_raw`, and both faces are `repr(transparent)` over
        // the same core, so size and alignment agree.
        unsafe { Arc::from_raw(face) }
    }

    /// Returns another owner of the same shared cell, as threads see it; this one stays.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use syncline::{task, thread};
    ///
    /// let one = Arc::new(task::OnceCell::from(0));
    /// let same: Arc<thread::OnceCell<i32>> = one.to_thread();
    /// assert!(std::ptr::eq(same.as_task(), &*one));
    /// assert_eq!(Arc::strong_count(&one), 2);
    /// ```
    #[must_use]
    pub fn to_thread(self: &Arc<Self>) -> Arc<thread::OnceCell<T>> {
        Arc::clone(self).into_thread()
    }
}

impl<T> AsRef<task::OnceCell<T>> for thread::OnceCell<T> {
    fn as_ref(&self) -> &task::OnceCell<T> {
        self.as_task()
    }
}

impl<T> AsRef<thread::OnceCell<T>> for task::OnceCell<T> {
    fn as_ref(&self) -> &thread::OnceCell<T> {
        self.as_thread()
    }
}
