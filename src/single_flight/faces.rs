//! The casts between the two faces of a set of calls.

use std::sync::Arc;

use super::{task, thread};

impl<K, V> thread::SingleFlight<K, V> {
    /// Returns the same calls as tasks see it.
    ///
    /// Threads and tasks share its calls.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{task, thread};
    ///
    /// let one = thread::SingleFlight::<u8, u8>::new();
    /// let same: &task::SingleFlight<u8, u8> = one.as_task();
    /// assert!(std::ptr::eq(same.as_thread(), &one));
    /// ```
    #[must_use]
    pub const fn as_task(&self) -> &task::SingleFlight<K, V> {
        let face = core::ptr::from_ref(self).cast::<task::SingleFlight<K, V>>();
        // SAFETY: both faces are `repr(transparent)` over the same core, so the pointer is valid
        // for the other one; the borrow of `self` goes on in the result.
        unsafe { &*face }
    }

    /// Returns the same shared calls as tasks see it, without another reference count.
    #[must_use]
    pub fn into_task(self: Arc<Self>) -> Arc<task::SingleFlight<K, V>> {
        let face = Arc::into_raw(self).cast::<task::SingleFlight<K, V>>();
        // SAFETY: the pointer comes from `into_raw`, and both faces are `repr(transparent)` over
        // the same core, so size and alignment agree.
        unsafe { Arc::from_raw(face) }
    }

    /// Returns another owner of the same shared calls, as tasks see it; this one stays.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use syncline::{task, thread};
    ///
    /// let one = Arc::new(thread::SingleFlight::<u8, u8>::new());
    /// let same: Arc<task::SingleFlight<u8, u8>> = one.to_task();
    /// assert!(std::ptr::eq(same.as_thread(), &*one));
    /// assert_eq!(Arc::strong_count(&one), 2);
    /// ```
    #[must_use]
    pub fn to_task(self: &Arc<Self>) -> Arc<task::SingleFlight<K, V>> {
        Arc::clone(self).into_task()
    }
}

impl<K, V> task::SingleFlight<K, V> {
    /// Returns the same calls as threads see it.
    ///
    /// Threads and tasks share its calls.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{task, thread};
    ///
    /// let one = task::SingleFlight::<u8, u8>::new();
    /// let same: &thread::SingleFlight<u8, u8> = one.as_thread();
    /// assert!(std::ptr::eq(same.as_task(), &one));
    /// ```
    #[must_use]
    pub const fn as_thread(&self) -> &thread::SingleFlight<K, V> {
        let face = core::ptr::from_ref(self).cast::<thread::SingleFlight<K, V>>();
        // SAFETY: both faces are `repr(transparent)` over the same core, so the pointer is valid
        // for the other one; the borrow of `self` goes on in the result.
        unsafe { &*face }
    }

    /// Returns the same shared calls as threads see it, without another reference count.
    #[must_use]
    pub fn into_thread(self: Arc<Self>) -> Arc<thread::SingleFlight<K, V>> {
        let face = Arc::into_raw(self).cast::<thread::SingleFlight<K, V>>();
        // SAFETY: the pointer comes from `into_raw`, and both faces are `repr(transparent)` over
        // the same core, so size and alignment agree.
        unsafe { Arc::from_raw(face) }
    }

    /// Returns another owner of the same shared calls, as threads see it; this one stays.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use syncline::{task, thread};
    ///
    /// let one = Arc::new(task::SingleFlight::<u8, u8>::new());
    /// let same: Arc<thread::SingleFlight<u8, u8>> = one.to_thread();
    /// assert!(std::ptr::eq(same.as_task(), &*one));
    /// assert_eq!(Arc::strong_count(&one), 2);
    /// ```
    #[must_use]
    pub fn to_thread(self: &Arc<Self>) -> Arc<thread::SingleFlight<K, V>> {
        Arc::clone(self).into_thread()
    }
}

impl<K, V> AsRef<task::SingleFlight<K, V>> for thread::SingleFlight<K, V> {
    fn as_ref(&self) -> &task::SingleFlight<K, V> {
        self.as_task()
    }
}

impl<K, V> AsRef<thread::SingleFlight<K, V>> for task::SingleFlight<K, V> {
    fn as_ref(&self) -> &thread::SingleFlight<K, V> {
        self.as_thread()
    }
}
