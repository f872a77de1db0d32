//! The casts between the two faces of a watch and of an observer.

use super::{task, task_observer, thread, thread_observer};

impl<T> thread::Watch<T> {
    /// Returns the same watch as tasks see it.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{task, thread};
    ///
    /// let one = thread::Watch::new(0);
    /// let same: &task::Watch<i32> = one.as_task();
    /// assert!(std::ptr::eq(same.as_thread(), &one));
    /// ```
    #[must_use]
    pub const fn as_task(&self) -> &task::Watch<T> {
        let face = core::ptr::from_ref(self).cast::<task::Watch<T>>();
        // SAFETY: both faces are `repr(transparent)` over the same core, so the pointer is valid
        // for the other one; the borrow of `self` goes on in the result.
        unsafe { &*face }
    }

    /// Returns this handle as tasks see it.
    ///
    /// # Examples
    ///
    /// ```
    /// let one = syncline::thread::Watch::new(7);
    /// let same: syncline::task::Watch<i32> = one.into_task();
    /// assert_eq!(*same.borrow(), 7);
    /// ```
    #[must_use]
    pub fn into_task(self) -> task::Watch<T> {
        task::Watch {
            sender: self.sender,
        }
    }

    /// Returns another handle of the same watch, as tasks see it; this one stays.
    ///
    /// # Examples
    ///
    /// ```
    /// let one = syncline::thread::Watch::new(7);
    /// let other: syncline::task::Watch<i32> = one.to_task();
    /// other.send(8);
    /// assert_eq!(*one.borrow(), 8);
    /// ```
    #[must_use]
    pub fn to_task(&self) -> task::Watch<T> {
        self.clone().into_task()
    }
}

impl<T> AsRef<task::Watch<T>> for thread::Watch<T> {
    fn as_ref(&self) -> &task::Watch<T> {
        self.as_task()
    }
}

impl<T> task::Watch<T> {
    /// Returns the same watch as threads see it.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{task, thread};
    ///
    /// let one = task::Watch::new(0);
    /// let same: &thread::Watch<i32> = one.as_thread();
    /// assert!(std::ptr::eq(same.as_task(), &one));
    /// ```
    #[must_use]
    pub const fn as_thread(&self) -> &thread::Watch<T> {
        let face = core::ptr::from_ref(self).cast::<thread::Watch<T>>();
        // SAFETY: both faces are `repr(transparent)` over the same core, so the pointer is valid
        // for the other one; the borrow of `self` goes on in the result.
        unsafe { &*face }
    }

    /// Returns this handle as threads see it.
    ///
    /// # Examples
    ///
    /// ```
    /// let one = syncline::task::Watch::new(7);
    /// let same: syncline::thread::Watch<i32> = one.into_thread();
    /// assert_eq!(*same.borrow(), 7);
    /// ```
    #[must_use]
    pub fn into_thread(self) -> thread::Watch<T> {
        thread::Watch {
            sender: self.sender,
        }
    }

    /// Returns another handle of the same watch, as threads see it; this one stays.
    ///
    /// # Examples
    ///
    /// ```
    /// let one = syncline::task::Watch::new(7);
    /// let other: syncline::thread::Watch<i32> = one.to_thread();
    /// other.send(8);
    /// assert_eq!(*one.borrow(), 8);
    /// ```
    #[must_use]
    pub fn to_thread(&self) -> thread::Watch<T> {
        self.clone().into_thread()
    }
}

impl<T> AsRef<thread::Watch<T>> for task::Watch<T> {
    fn as_ref(&self) -> &thread::Watch<T> {
        self.as_thread()
    }
}

impl<T> thread_observer::Observer<T> {
    /// Returns this observer as tasks see it.
    ///
    /// # Examples
    ///
    /// ```
    /// let one = syncline::thread::Watch::new(7).subscribe();
    /// let same: syncline::task::Observer<i32> = one.into_task();
    /// assert_eq!(*same.borrow(), 7);
    /// ```
    #[must_use]
    pub fn into_task(self) -> task_observer::Observer<T> {
        task_observer::Observer {
            shared: self.shared,
            seen: self.seen,
        }
    }
}

impl<T> task_observer::Observer<T> {
    /// Returns this observer as threads see it.
    ///
    /// # Examples
    ///
    /// ```
    /// let one = syncline::task::Watch::new(7).subscribe();
    /// let same: syncline::thread::Observer<i32> = one.into_thread();
    /// assert_eq!(*same.borrow(), 7);
    /// ```
    #[must_use]
    pub fn into_thread(self) -> thread_observer::Observer<T> {
        thread_observer::Observer {
            shared: self.shared,
            seen: self.seen,
        }
    }
}
