//! The cast between the two faces of one object.
//!
//! The types of both faces with the same name are `#[repr(transparent)]` over the same core, so
//! turning one into the other costs nothing. A room calls this where `thread` and `task` name the
//! modules of its faces.

macro_rules! faces {
    ($Name:ident $(<$T:ident>)?, $kind:literal, $article:literal, $make:literal) => {
        crate::sys::faces! { $Name [$($T: ?Sized)?] [$($T)?], $kind, $article, $make }
    };
    ($Name:ident [$($params:tt)*] [$($T:tt)*], $kind:literal, $article:literal, $make:literal) => {
        impl<$($params)*> thread::$Name<$($T)*> {
            #[doc = concat!("The same ", $article, " as tasks see it.")]
            ///
            /// Threads and tasks wait for it in one line.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("use syncline::{task, thread};\n\nlet one = ", "thread::", $make, ";")]
            #[doc = concat!("let same: &task::", $kind, " = one.as_task();")]
            /// assert!(std::ptr::eq(same.as_thread(), &one));
            /// ```
            #[must_use]
            pub const fn as_task(&self) -> &task::$Name<$($T)*> {
                // SAFETY: both faces are `repr(transparent)` over the same core, with the same
                // generic argument; the borrow is kept.
                unsafe {
                    &*(core::ptr::from_ref(self) as *const task::$Name<$($T)*>)
                }
            }

            /// The same shared object as tasks see it, without another reference count.
            #[must_use]
            pub fn into_task(self: ::std::sync::Arc<Self>) -> ::std::sync::Arc<task::$Name<$($T)*>> {
                let core = ::std::sync::Arc::into_raw(self);
                // SAFETY: the pointer comes from `into_raw`, and both faces are
                // `repr(transparent)` over the same core, so size and alignment agree.
                unsafe {
                    ::std::sync::Arc::from_raw(core as *const task::$Name<$($T)*>)
                }
            }
        }

        impl<$($params)*> task::$Name<$($T)*> {
            #[doc = concat!("The same ", $article, " as threads see it.")]
            ///
            /// Threads and tasks wait for it in one line.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("use syncline::{task, thread};\n\nlet one = ", "task::", $make, ";")]
            #[doc = concat!("let same: &thread::", $kind, " = one.as_thread();")]
            /// assert!(std::ptr::eq(same.as_task(), &one));
            /// ```
            #[must_use]
            pub const fn as_thread(&self) -> &thread::$Name<$($T)*> {
                // SAFETY: both faces are `repr(transparent)` over the same core, with the same
                // generic argument; the borrow is kept.
                unsafe {
                    &*(core::ptr::from_ref(self) as *const thread::$Name<$($T)*>)
                }
            }

            /// The same shared object as threads see it, without another reference count.
            #[must_use]
            pub fn into_thread(self: ::std::sync::Arc<Self>) -> ::std::sync::Arc<thread::$Name<$($T)*>> {
                let core = ::std::sync::Arc::into_raw(self);
                // SAFETY: the pointer comes from `into_raw`, and both faces are
                // `repr(transparent)` over the same core, so size and alignment agree.
                unsafe {
                    ::std::sync::Arc::from_raw(core as *const thread::$Name<$($T)*>)
                }
            }
        }
    };
}
pub(crate) use faces;
