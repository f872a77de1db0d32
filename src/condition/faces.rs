//! The casts between the two faces of a condition.

use std::sync::Arc;

use super::{task, thread};

impl thread::Condition {
    /// Returns the same condition as tasks see it.
    ///
    /// Threads and tasks wait for it in one line.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{task, thread};
    ///
    /// let one = thread::Condition::new();
    /// let same: &task::Condition = one.as_task();
    /// assert!(std::ptr::eq(same.as_thread(), &one));
    /// ```
    #[must_use]
    pub const fn as_task(&self) -> &task::Condition {
        let face = core::ptr::from_ref(self).cast::<task::Condition>();
        // SAFETY: both faces are `repr(transparent)` over the same core, so the pointer is valid
        // for the other one; the borrow of `self` goes on in the result.
        unsafe { &*face }
    }

    /// Returns the same shared condition as tasks see it, without another reference count.
    #[must_use]
    pub fn into_task(self: Arc<Self>) -> Arc<task::Condition> {
        let face = Arc::into_raw(self).cast::<task::Condition>();
        // SAFETY: the pointer comes from `into_raw`, and both faces are `repr(transparent)` over
        // the same core, so size and alignment agree.
        unsafe { Arc::from_raw(face) }
    }

    /// Returns another owner of the same shared condition, as tasks see it; this one stays.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use syncline::{task, thread};
    ///
    /// let one = Arc::new(thread::Condition::new());
    /// let same: Arc<task::Condition> = one.to_task();
    /// assert!(std::ptr::eq(same.as_thread(), &*one));
    /// assert_eq!(Arc::strong_count(&one), 2);
    /// ```
    #[must_use]
    pub fn to_task(self: &Arc<Self>) -> Arc<task::Condition> {
        Arc::clone(self).into_task()
    }
}

impl task::Condition {
    /// Returns the same condition as threads see it.
    ///
    /// Threads and tasks wait for it in one line.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{task, thread};
    ///
    /// let one = task::Condition::new();
    /// let same: &thread::Condition = one.as_thread();
    /// assert!(std::ptr::eq(same.as_task(), &one));
    /// ```
    #[must_use]
    pub const fn as_thread(&self) -> &thread::Condition {
        let face = core::ptr::from_ref(self).cast::<thread::Condition>();
        // SAFETY: both faces are `repr(transparent)` over the same core, so the pointer is valid
        // for the other one; the borrow of `self` goes on in the result.
        unsafe { &*face }
    }

    /// Returns the same shared condition as threads see it, without another reference count.
    #[must_use]
    pub fn into_thread(self: Arc<Self>) -> Arc<thread::Condition> {
        let face = Arc::into_raw(self).cast::<thread::Condition>();
        // SAFETY: the pointer comes from `into_raw`, and both faces are `repr(transparent)` over
        // the same core, so size and alignment agree.
        unsafe { Arc::from_raw(face) }
    }

    /// Returns another owner of the same shared condition, as threads see it; this one stays.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use syncline::{task, thread};
    ///
    /// let one = Arc::new(task::Condition::new());
    /// let same: Arc<thread::Condition> = one.to_thread();
    /// assert!(std::ptr::eq(same.as_task(), &*one));
    /// assert_eq!(Arc::strong_count(&one), 2);
    /// ```
    #[must_use]
    pub fn to_thread(self: &Arc<Self>) -> Arc<thread::Condition> {
        Arc::clone(self).into_thread()
    }
}

impl AsRef<task::Condition> for thread::Condition {
    fn as_ref(&self) -> &task::Condition {
        self.as_task()
    }
}

impl AsRef<thread::Condition> for task::Condition {
    fn as_ref(&self) -> &thread::Condition {
        self.as_thread()
    }
}
