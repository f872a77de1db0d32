//! The casts between the two faces of a barrier.

use std::sync::Arc;

use super::{task, thread};

impl thread::Barrier {
    /// Returns the same barrier as tasks see it.
    ///
    /// Threads and tasks wait for it in one line.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{task, thread};
    ///
    /// let one = thread::Barrier::new(1);
    /// let same: &task::Barrier = one.as_task();
    /// assert!(std::ptr::eq(same.as_thread(), &one));
    /// ```
    #[must_use]
    pub const fn as_task(&self) -> &task::Barrier {
        let face = core::ptr::from_ref(self).cast::<task::Barrier>();
        // SAFETY: both faces are `repr(transparent)` over the same core, so the pointer is valid
        // for the other one; the borrow of `self` goes on in the result.
        unsafe { &*face }
    }

    /// Returns the same shared barrier as tasks see it, without another reference count.
    #[must_use]
    pub fn into_task(self: Arc<Self>) -> Arc<task::Barrier> {
        let face = Arc::into_raw(self).cast::<task::Barrier>();
        // SAFETY: the pointer comes from `into_raw`, and both faces are `repr(transparent)` over
        // the same core, so size and alignment agree.
        unsafe { Arc::from_raw(face) }
    }

    /// Returns another owner of the same shared barrier, as tasks see it; this one stays.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use syncline::{task, thread};
    ///
    /// let one = Arc::new(thread::Barrier::new(2));
    /// let same: Arc<task::Barrier> = one.to_task();
    /// assert!(std::ptr::eq(same.as_thread(), &*one));
    /// assert_eq!(Arc::strong_count(&one), 2);
    /// ```
    #[must_use]
    pub fn to_task(self: &Arc<Self>) -> Arc<task::Barrier> {
        Arc::clone(self).into_task()
    }
}

impl task::Barrier {
    /// Returns the same barrier as threads see it.
    ///
    /// Threads and tasks wait for it in one line.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{task, thread};
    ///
    /// let one = task::Barrier::new(1);
    /// let same: &thread::Barrier = one.as_thread();
    /// assert!(std::ptr::eq(same.as_task(), &one));
    /// ```
    #[must_use]
    pub const fn as_thread(&self) -> &thread::Barrier {
        let face = core::ptr::from_ref(self).cast::<thread::Barrier>();
        // SAFETY: both faces are `repr(transparent)` over the same core, so the pointer is valid
        // for the other one; the borrow of `self` goes on in the result.
        unsafe { &*face }
    }

    /// Returns the same shared barrier as threads see it, without another reference count.
    #[must_use]
    pub fn into_thread(self: Arc<Self>) -> Arc<thread::Barrier> {
        let face = Arc::into_raw(self).cast::<thread::Barrier>();
        // SAFETY: the pointer comes from `into_raw`, and both faces are `repr(transparent)` over
        // the same core, so size and alignment agree.
        unsafe { Arc::from_raw(face) }
    }

    /// Returns another owner of the same shared barrier, as threads see it; this one stays.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use syncline::{task, thread};
    ///
    /// let one = Arc::new(task::Barrier::new(2));
    /// let same: Arc<thread::Barrier> = one.to_thread();
    /// assert!(std::ptr::eq(same.as_task(), &*one));
    /// assert_eq!(Arc::strong_count(&one), 2);
    /// ```
    #[must_use]
    pub fn to_thread(self: &Arc<Self>) -> Arc<thread::Barrier> {
        Arc::clone(self).into_thread()
    }
}

impl AsRef<task::Barrier> for thread::Barrier {
    fn as_ref(&self) -> &task::Barrier {
        self.as_task()
    }
}

impl AsRef<thread::Barrier> for task::Barrier {
    fn as_ref(&self) -> &thread::Barrier {
        self.as_thread()
    }
}
