//! What all queues offer to threads: getting.

/// Writes these methods of a queue around a core, with what its items are called in examples.
macro_rules! queue_gets {
    (
        $Queue:ident [$($params:tt)*] [$($bounded:tt)*] [$($args:tt)*] ($Store:ty) ($Item:ty)
        |$($arg:ident: $Arg:ty),+| $item:expr,
        $one:literal, $got:literal, $many:literal
    ) => {
        impl<$($bounded)*> $Queue<$($args)*> {
            /// Blocks until there is an item, and takes it.
            ///
            /// # Errors
            ///
            /// [`GetError::ShutDown`] if the queue has been shut down and there is nothing left for this getter.
            ///
            /// # Panics
            ///
            /// For a priority queue, if comparing priorities does.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let queue = syncline::thread::", stringify!($Queue), "::unbounded();")]
            #[doc = concat!("queue.put(", $one, ")?;")]
            #[doc = concat!("assert_eq!(queue.get()?, ", $got, ");")]
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            #[track_caller]
            pub fn get(&self) -> Result<$Item, GetError> {
                block(GetOperation::new(&self.core), Timeout::Never)
            }

            /// Takes an item if there is one at once, and nobody waits who must not be passed.
            ///
            /// # Errors
            ///
            /// [`GetError::Empty`] or [`GetError::ShutDown`].
            ///
            /// # Panics
            ///
            /// For a priority queue, if comparing priorities does.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let queue = syncline::thread::", stringify!($Queue), "::unbounded();")]
            /// assert!(queue.try_get().is_err());
            #[doc = concat!("queue.try_put(", $one, ")?;")]
            #[doc = concat!("assert_eq!(queue.try_get()?, ", $got, ");")]
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn try_get(&self) -> Result<$Item, GetError> {
                self.core.try_get(Asker::Thread)
            }

            /// Takes an item, waiting for one for at most `timeout`; zero is one try.
            ///
            /// # Errors
            ///
            /// [`GetError::TimedOut`] or [`GetError::ShutDown`].
            ///
            /// # Panics
            ///
            /// For a priority queue, if comparing priorities does.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let queue = syncline::thread::", stringify!($Queue), "::unbounded();")]
            /// assert!(queue.get_timeout(core::time::Duration::ZERO).is_err());
            #[doc = concat!("queue.put(", $one, ")?;")]
            #[doc = concat!("assert_eq!(queue.get_timeout(core::time::Duration::ZERO)?, ", $got, ");")]
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            #[track_caller]
            pub fn get_timeout(&self, timeout: Duration) -> Result<$Item, GetError> {
                block(GetOperation::new(&self.core), Timeout::After(timeout))
            }

            /// Takes an item, waiting for one until `deadline`.
            ///
            /// # Errors
            ///
            /// [`GetError::TimedOut`] or [`GetError::ShutDown`].
            ///
            /// # Panics
            ///
            /// For a priority queue, if comparing priorities does.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let queue = syncline::thread::", stringify!($Queue), "::unbounded();")]
            /// assert!(queue.get_deadline(std::time::Instant::now()).is_err());
            #[doc = concat!("queue.put(", $one, ")?;")]
            #[doc = concat!("assert_eq!(queue.get_deadline(std::time::Instant::now())?, ", $got, ");")]
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            #[track_caller]
            pub fn get_deadline(&self, deadline: Instant) -> Result<$Item, GetError> {
                block(GetOperation::new(&self.core), Timeout::At(deadline))
            }

            /// Blocks until there is an item, and takes it together with what else is there, up to `max` items.
            ///
            /// With a `max` of zero this is an empty list at once.
            ///
            /// # Errors
            ///
            /// [`GetError::ShutDown`] if the queue has been shut down and there is nothing left for this getter.
            ///
            /// # Panics
            ///
            /// For a priority queue, if the first comparison does. If a later one panics, what has been taken is
            /// returned, the panic has been reported by the panic hook, and the next get meets it again.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let queue = syncline::thread::", stringify!($Queue), "::unbounded();")]
            #[doc = concat!("queue.put_many(", $many, ")?;")]
            /// assert_eq!(queue.get_many(10)?.len(), 2);
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            #[track_caller]
            pub fn get_many(&self, max: usize) -> Result<Vec<$Item>, GetError> {
                block(GetMany::new(&self.core, max), Timeout::Never)
            }

            /// Takes up to `max` items at once, waiting for the first for at most `timeout`; zero is one try.
            ///
            /// # Errors
            ///
            /// [`GetError::TimedOut`] or [`GetError::ShutDown`].
            ///
            /// # Panics
            ///
            /// For a priority queue, if the first comparison does; see [`get_many`](Self::get_many).
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let queue = syncline::thread::", stringify!($Queue), "::unbounded();")]
            /// assert!(queue.get_many_timeout(10, core::time::Duration::ZERO).is_err());
            #[doc = concat!("queue.put_many(", $many, ")?;")]
            /// assert_eq!(queue.get_many_timeout(10, core::time::Duration::ZERO)?.len(), 2);
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            #[track_caller]
            pub fn get_many_timeout(&self, max: usize, timeout: Duration) -> Result<Vec<$Item>, GetError> {
                block(GetMany::new(&self.core, max), Timeout::After(timeout))
            }

            /// Takes up to `max` items at once, waiting for the first until `deadline`.
            ///
            /// # Errors
            ///
            /// [`GetError::TimedOut`] or [`GetError::ShutDown`].
            ///
            /// # Panics
            ///
            /// For a priority queue, if the first comparison does; see [`get_many`](Self::get_many).
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let queue = syncline::thread::", stringify!($Queue), "::unbounded();")]
            /// assert!(queue.get_many_deadline(10, std::time::Instant::now()).is_err());
            #[doc = concat!("queue.put_many(", $many, ")?;")]
            /// assert_eq!(queue.get_many_deadline(10, std::time::Instant::now())?.len(), 2);
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            #[track_caller]
            pub fn get_many_deadline(&self, max: usize, deadline: Instant) -> Result<Vec<$Item>, GetError> {
                block(GetMany::new(&self.core, max), Timeout::At(deadline))
            }

            /// Takes all items that nobody has been granted yet, and counts them as done.
            ///
            /// # Panics
            ///
            /// For a priority queue, if comparing priorities does.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let queue = syncline::thread::", stringify!($Queue), "::unbounded();")]
            #[doc = concat!("queue.put_many(", $many, ")?;")]
            /// assert_eq!(queue.drain().len(), 2);
            /// assert_eq!(queue.unfinished(), 0);
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn drain(&self) -> Vec<$Item> {
                self.core.drain()
            }

            /// Gets items until the queue has been shut down and drained.
            ///
            /// # Panics
            ///
            /// For a priority queue, if comparing priorities does.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let queue = syncline::thread::", stringify!($Queue), "::unbounded();")]
            #[doc = concat!("queue.put_many(", $many, ")?;")]
            /// queue.shutdown(syncline::Shutdown::Graceful);
            /// assert_eq!(queue.iter().count(), 2);
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn iter(&self) -> Items<'_, $Store> {
                Items::new(&self.core)
            }
        }
    };
}
pub(super) use queue_gets;
