//! The casts between the two faces of an event.

use std::sync::Arc;

use super::{task, thread};

impl thread::Event {
    /// Returns the same event as tasks see it.
    ///
    /// Threads and tasks wait for it in one line.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{task, thread};
    ///
    /// let one = thread::Event::new();
    /// let same: &task::Event = one.as_task();
    /// assert!(std::ptr::eq(same.as_thread(), &one));
    /// ```
    #[must_use]
    pub const fn as_task(&self) -> &task::Event {
        let face = core::ptr::from_ref(self).cast::<task::Event>();
        // SAFETY: both faces are `repr(transparent)` over the same core, so the pointer is valid
        // for the other one; the borrow of `self` goes on in the result.
        unsafe { &*face }
    }

    /// Returns the same shared event as tasks see it, without another reference count.
    #[must_use]
    pub fn into_task(self: Arc<Self>) -> Arc<task::Event> {
        let face = Arc::into_raw(self).cast::<task::Event>();
        // SAFETY: the pointer comes from `into_raw`, and both faces are `repr(transparent)` over
        // the same core, so size and alignment agree.
        unsafe { Arc::from_raw(face) }
    }

    /// Returns another owner of the same shared event, as tasks see it; this one stays.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use syncline::{task, thread};
    ///
    /// let one = Arc::new(thread::Event::new());
    /// let same: Arc<task::Event> = one.to_task();
    /// assert!(std::ptr::eq(same.as_thread(), &*one));
    /// assert_eq!(Arc::strong_count(&one), 2);
    /// ```
    #[must_use]
    pub fn to_task(self: &Arc<Self>) -> Arc<task::Event> {
        Arc::clone(self).into_task()
    }
}

impl task::Event {
    /// Returns the same event as threads see it.
    ///
    /// Threads and tasks wait for it in one line.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{task, thread};
    ///
    /// let one = task::Event::new();
    /// let same: &thread::Event = one.as_thread();
    /// assert!(std::ptr::eq(same.as_task(), &one));
    /// ```
    #[must_use]
    pub const fn as_thread(&self) -> &thread::Event {
        let face = core::ptr::from_ref(self).cast::<thread::Event>();
        // SAFETY: both faces are `repr(transparent)` over the same core, so the pointer is valid
        // for the other one; the borrow of `self` goes on in the result.
        unsafe { &*face }
    }

    /// Returns the same shared event as threads see it, without another reference count.
    #[must_use]
    pub fn into_thread(self: Arc<Self>) -> Arc<thread::Event> {
        let face = Arc::into_raw(self).cast::<thread::Event>();
        // SAFETY: the pointer comes from `into_raw`, and both faces are `repr(transparent)` over
        // the same core, so size and alignment agree.
        unsafe { Arc::from_raw(face) }
    }

    /// Returns another owner of the same shared event, as threads see it; this one stays.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use syncline::{task, thread};
    ///
    /// let one = Arc::new(task::Event::new());
    /// let same: Arc<thread::Event> = one.to_thread();
    /// assert!(std::ptr::eq(same.as_task(), &*one));
    /// assert_eq!(Arc::strong_count(&one), 2);
    /// ```
    #[must_use]
    pub fn to_thread(self: &Arc<Self>) -> Arc<thread::Event> {
        Arc::clone(self).into_thread()
    }
}

impl AsRef<task::Event> for thread::Event {
    fn as_ref(&self) -> &task::Event {
        self.as_task()
    }
}

impl AsRef<thread::Event> for task::Event {
    fn as_ref(&self) -> &thread::Event {
        self.as_thread()
    }
}
