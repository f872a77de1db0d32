//! What all queues offer to threads: making, counting and ending.

/// Writes these methods of a queue around a core, with what its items are called in examples.
macro_rules! queue_ends {
    (
        $Queue:ident [$($params:tt)*] [$($bounded:tt)*] [$($args:tt)*] ($Store:ty) ($Item:ty)
        |$($arg:ident: $Arg:ty),+| $item:expr,
        $one:literal, $got:literal, $many:literal
    ) => {
        impl<$($params)*> $Queue<$($args)*> {
            constructor! {
                /// A queue with room for `capacity` items; `usize::MAX` is no limit.
                ///
                /// # Panics
                ///
                /// If `capacity` is zero.
                ///
                /// # Examples
                ///
                /// ```
                #[doc = concat!("use syncline::thread::", stringify!($Queue), ";\n")]
                #[doc = concat!("let queue = ", stringify!($Queue), "::bounded(1);")]
                #[doc = concat!("queue.try_put(", $one, ")?;")]
                #[doc = concat!("assert!(queue.try_put(", $one, ").is_err());")]
                /// # Ok::<(), Box<dyn std::error::Error>>(())
                /// ```
                #[must_use]
                #[track_caller]
                pub const fn bounded(capacity: usize) -> Self {
                    Self { core: Core::new(<$Store>::new(), capacity) }
                }
            }

            constructor! {
                /// A queue without a limit: putting never waits.
                ///
                /// # Examples
                ///
                /// ```
                #[doc = concat!("use syncline::thread::", stringify!($Queue), ";\n")]
                #[doc = concat!("let queue = ", stringify!($Queue), "::unbounded();")]
                /// assert_eq!(queue.capacity(), None);
                #[doc = concat!("queue.try_put(", $one, ")?;")]
                /// # Ok::<(), Box<dyn std::error::Error>>(())
                /// ```
                #[must_use]
                pub const fn unbounded() -> Self {
                    Self { core: Core::new(<$Store>::new(), usize::MAX) }
                }
            }
        }

        impl<$($bounded)*> $Queue<$($args)*> {
            /// Says that one item that was got has been dealt with; see [`join`](Self::join).
            ///
            /// # Errors
            ///
            /// [`TooManyDone`] if nothing has been got that is not done. Nothing is changed then.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let queue = syncline::thread::", stringify!($Queue), "::unbounded();")]
            #[doc = concat!("queue.put(", $one, ")?;")]
            /// queue.get()?;
            /// queue.task_done()?;
            /// assert!(queue.task_done().is_err());
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn task_done(&self) -> Result<(), TooManyDone> {
                self.core.task_done()
            }

            /// Blocks until everything that was put has been got and is done.
            ///
            /// A shutdown does not end this wait: what has been got must still be done.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let queue = syncline::thread::", stringify!($Queue), "::unbounded();")]
            #[doc = concat!("queue.put(", $one, ")?;")]
            /// queue.get()?;
            /// queue.task_done()?;
            /// queue.join();
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            #[track_caller]
            pub fn join(&self) {
                let (Ok(()) | Err(_)) = block(JoinOperation::new(&self.core), Timeout::Never);
            }

            /// As [`join`](Self::join), for at most `timeout`; zero asks.
            ///
            /// # Errors
            ///
            /// [`TimedOut`] if something was still unfinished.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let queue = syncline::thread::", stringify!($Queue), "::unbounded();")]
            #[doc = concat!("queue.put(", $one, ")?;")]
            /// assert!(queue.join_timeout(core::time::Duration::ZERO).is_err());
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            #[track_caller]
            pub fn join_timeout(&self, timeout: Duration) -> Result<(), TimedOut> {
                block(JoinOperation::new(&self.core), Timeout::After(timeout))
            }

            /// As [`join`](Self::join), until `deadline`.
            ///
            /// # Errors
            ///
            /// [`TimedOut`] if something was still unfinished.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let queue = syncline::thread::", stringify!($Queue), "::unbounded();")]
            #[doc = concat!("queue.put(", $one, ")?;")]
            /// assert!(queue.join_deadline(std::time::Instant::now()).is_err());
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            #[track_caller]
            pub fn join_deadline(&self, deadline: Instant) -> Result<(), TimedOut> {
                block(JoinOperation::new(&self.core), Timeout::At(deadline))
            }

            /// Shuts the queue down, and says how many items were dropped for that.
            ///
            /// From now on every new put fails with its item, and so does every put that waits for a place.
            /// [`Shutdown::Graceful`] leaves the items to be got; a [`Slot`](crate::Slot) that lives, and a put that
            /// had been granted its place, may still be filled, and getters fail when the queue is empty and there
            /// is no such place any more. [`Shutdown::Immediate`] drops the items, counts them as done, and ends
            /// every get and put, also one that had been granted something and has not come for it. It does not end
            /// a [`join`](Self::join), which still waits for what has been got. To shut down again changes nothing,
            /// but a graceful shutdown may become an immediate one.
            ///
            /// # Panics
            ///
            /// If the destructor of an item does; the queue has been shut down then.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let queue = syncline::thread::", stringify!($Queue), "::unbounded();")]
            #[doc = concat!("queue.put(", $one, ")?;")]
            /// assert_eq!(queue.shutdown(syncline::Shutdown::Graceful), 0);
            #[doc = concat!("assert_eq!(queue.get()?, ", $got, ");")]
            /// assert!(queue.get().is_err());
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn shutdown(&self, how: Shutdown) -> usize {
                self.core.shut_down(how)
            }

            /// Changes the capacity; `usize::MAX` is no limit.
            ///
            /// A capacity below what is there leaves the queue full until enough has been got.
            ///
            /// # Panics
            ///
            /// If `capacity` is zero.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let queue = syncline::thread::", stringify!($Queue), "::unbounded();")]
            #[doc = concat!("queue.put_many(", $many, ")?;")]
            /// queue.set_capacity(1);
            /// assert!(queue.is_full());
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            #[track_caller]
            pub fn set_capacity(&self, capacity: usize) {
                assert!(capacity > 0, "a queue has a capacity of one at least");
                self.core.set_capacity(capacity);
            }

            /// How many items there are, at this instant; those that somebody has been granted are included.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let queue = syncline::thread::", stringify!($Queue), "::unbounded();")]
            #[doc = concat!("queue.put(", $one, ")?;")]
            /// assert_eq!(queue.len(), 1);
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn len(&self) -> usize {
                self.core.len()
            }

            /// Whether there is no item, at this instant.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let queue = syncline::thread::", stringify!($Queue), "::unbounded();")]
            #[doc = concat!("queue.put(", $one, ")?;")]
            /// assert!(!queue.is_empty());
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn is_empty(&self) -> bool {
                self.core.len() == 0
            }

            /// Whether there is no free place, at this instant: reserved places count.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let queue = syncline::thread::", stringify!($Queue), "::unbounded();")]
            #[doc = concat!("queue.put(", $one, ")?;")]
            /// assert!(!queue.is_full());
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn is_full(&self) -> bool {
                self.core.is_full()
            }

            /// How many items there may be, at this instant, or `None` for no limit.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let queue = syncline::thread::", stringify!($Queue), "::unbounded();")]
            #[doc = concat!("queue.put(", $one, ")?;")]
            /// assert!(queue.capacity().is_none());
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn capacity(&self) -> Option<usize> {
                self.core.capacity()
            }

            /// How many items are queued, or got and not done, at this instant.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let queue = syncline::thread::", stringify!($Queue), "::unbounded();")]
            #[doc = concat!("queue.put(", $one, ")?;")]
            /// assert_eq!(queue.unfinished(), 1);
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn unfinished(&self) -> usize {
                self.core.unfinished()
            }

            /// Whether the queue has been shut down, at this instant.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let queue = syncline::thread::", stringify!($Queue), "::unbounded();")]
            #[doc = concat!("queue.put(", $one, ")?;")]
            /// assert!(!queue.is_shut_down());
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn is_shut_down(&self) -> bool {
                self.core.is_shut_down()
            }
        }
    };
}
pub(super) use queue_ends;
