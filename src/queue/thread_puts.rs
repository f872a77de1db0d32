//! What all queues offer to threads: putting.

/// Writes these methods of a queue around a core, with what its items are called in examples.
macro_rules! queue_puts {
    (
        $Queue:ident [$($params:tt)*] [$($bounded:tt)*] [$($args:tt)*] ($Store:ty) ($Item:ty)
        |$($arg:ident: $Arg:ty),+| $item:expr,
        $one:literal, $got:literal, $many:literal
    ) => {
        impl<$($bounded)*> $Queue<$($args)*> {
            /// Blocks until there is a place, and puts an item into it.
            ///
            /// # Errors
            ///
            /// [`PutError::ShutDown`], with the item, if the queue is or has been shut down.
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
            /// assert_eq!(queue.len(), 1);
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            #[track_caller]
            pub fn put(&self, $($arg: $Arg),+) -> Result<(), PutError<$Item>> {
                block(PutOperation::new(&self.core, $item), Timeout::Never)
            }

            /// Puts an item if there is a place at once, and nobody waits who must not be passed.
            ///
            /// # Errors
            ///
            /// [`PutError::Full`] or [`PutError::ShutDown`], with the item.
            ///
            /// # Panics
            ///
            /// For a priority queue, if comparing priorities does.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let queue = syncline::thread::", stringify!($Queue), "::bounded(1);")]
            #[doc = concat!("queue.try_put(", $one, ")?;")]
            #[doc = concat!("let error = queue.try_put(", $one, ").unwrap_err();")]
            #[doc = concat!("assert_eq!(error.into_inner(), ", $got, ");")]
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn try_put(&self, $($arg: $Arg),+) -> Result<(), PutError<$Item>> {
                self.core.try_put($item, Asker::Thread)
            }

            /// Puts an item, waiting for a place for at most `timeout`; zero is one try.
            ///
            /// # Errors
            ///
            /// [`PutError::TimedOut`] or [`PutError::ShutDown`], with the item.
            ///
            /// # Panics
            ///
            /// For a priority queue, if comparing priorities does.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let queue = syncline::thread::", stringify!($Queue), "::bounded(1);")]
            #[doc = concat!("queue.put(", $one, ")?;")]
            #[doc = concat!("assert!(queue.put_timeout(", $one, ", core::time::Duration::ZERO).is_err());")]
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            #[track_caller]
            pub fn put_timeout(&self, $($arg: $Arg),+, timeout: Duration) -> Result<(), PutError<$Item>> {
                block(PutOperation::new(&self.core, $item), Timeout::After(timeout))
            }

            /// Puts an item, waiting for a place until `deadline`.
            ///
            /// # Errors
            ///
            /// [`PutError::TimedOut`] or [`PutError::ShutDown`], with the item.
            ///
            /// # Panics
            ///
            /// For a priority queue, if comparing priorities does.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let queue = syncline::thread::", stringify!($Queue), "::bounded(1);")]
            #[doc = concat!("queue.put(", $one, ")?;")]
            #[doc = concat!("assert!(queue.put_deadline(", $one, ", std::time::Instant::now()).is_err());")]
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            #[track_caller]
            pub fn put_deadline(&self, $($arg: $Arg),+, deadline: Instant) -> Result<(), PutError<$Item>> {
                block(PutOperation::new(&self.core, $item), Timeout::At(deadline))
            }

            /// Blocks until there is a place, and keeps it for an item that comes later.
            ///
            /// # Errors
            ///
            /// [`PutError::ShutDown`] if the queue is or has been shut down.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let queue = syncline::thread::", stringify!($Queue), "::bounded(1);")]
            /// let slot = queue.reserve()?;
            #[doc = concat!("slot.put(", $one, ")?;")]
            #[doc = concat!("assert_eq!(queue.try_get()?, ", $got, ");")]
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            #[track_caller]
            pub fn reserve(&self) -> Result<Slot<'_, $Store>, PutError<()>> {
                block(ReserveOperation::new(&self.core), Timeout::Never)
            }

            /// Keeps a place if there is one at once, and nobody waits who must not be passed.
            ///
            /// # Errors
            ///
            /// [`PutError::Full`] or [`PutError::ShutDown`].
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let queue = syncline::thread::", stringify!($Queue), "::bounded(1);")]
            /// let slot = queue.try_reserve()?;
            /// assert!(queue.try_reserve().is_err());
            #[doc = concat!("slot.put(", $one, ")?;")]
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn try_reserve(&self) -> Result<Slot<'_, $Store>, PutError<()>> {
                self.core.try_reserve(Asker::Thread)
            }

            /// Keeps a place for an item that comes later, waiting for one for at most `timeout`; zero is one try.
            ///
            /// # Errors
            ///
            /// [`PutError::TimedOut`] or [`PutError::ShutDown`].
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let queue = syncline::thread::", stringify!($Queue), "::bounded(1);")]
            /// let slot = queue.reserve_timeout(core::time::Duration::ZERO)?;
            #[doc = concat!("slot.put(", $one, ")?;")]
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            #[track_caller]
            pub fn reserve_timeout(&self, timeout: Duration) -> Result<Slot<'_, $Store>, PutError<()>> {
                block(ReserveOperation::new(&self.core), Timeout::After(timeout))
            }

            /// Keeps a place for an item that comes later, waiting for one until `deadline`.
            ///
            /// # Errors
            ///
            /// [`PutError::TimedOut`] or [`PutError::ShutDown`].
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let queue = syncline::thread::", stringify!($Queue), "::bounded(1);")]
            /// let slot = queue.reserve_deadline(std::time::Instant::now())?;
            #[doc = concat!("slot.put(", $one, ")?;")]
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            #[track_caller]
            pub fn reserve_deadline(&self, deadline: Instant) -> Result<Slot<'_, $Store>, PutError<()>> {
                block(ReserveOperation::new(&self.core), Timeout::At(deadline))
            }

            /// Puts all items of an iterator, several at a time, waiting for places as need be.
            ///
            /// The iterator is collected at once, in this call; if it panics, the panic goes on here. Other items may come between these; their own order is kept.
            ///
            /// # Errors
            ///
            /// [`PutError::ShutDown`], with the items that have not been put, if the queue is shut down on the way.
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
            /// assert_eq!(queue.len(), 2);
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            #[track_caller]
            pub fn put_many(&self, items: impl IntoIterator<Item = $Item>) -> Result<(), PutError<Vec<$Item>>> {
                block(PutMany::new(&self.core, items), Timeout::Never)
            }

            /// Puts all items of an iterator, waiting for places for at most `timeout` in all; zero is one try.
            ///
            /// The iterator is collected at once, in this call.
            ///
            /// # Errors
            ///
            /// [`PutError::TimedOut`] or [`PutError::ShutDown`], with the items that have not been put.
            ///
            /// # Panics
            ///
            /// For a priority queue, if comparing priorities does.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let queue = syncline::thread::", stringify!($Queue), "::bounded(1);")]
            #[doc = concat!("let rest = queue.put_many_timeout(", $many, ", core::time::Duration::ZERO).unwrap_err();")]
            /// assert_eq!(rest.into_inner().len(), 1);
            /// ```
            #[track_caller]
            pub fn put_many_timeout(&self, items: impl IntoIterator<Item = $Item>, timeout: Duration) -> Result<(), PutError<Vec<$Item>>> {
                block(PutMany::new(&self.core, items), Timeout::After(timeout))
            }

            /// Puts all items of an iterator, waiting for places until `deadline`.
            ///
            /// The iterator is collected at once, in this call.
            ///
            /// # Errors
            ///
            /// [`PutError::TimedOut`] or [`PutError::ShutDown`], with the items that have not been put.
            ///
            /// # Panics
            ///
            /// For a priority queue, if comparing priorities does.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let queue = syncline::thread::", stringify!($Queue), "::bounded(1);")]
            #[doc = concat!("let rest = queue.put_many_deadline(", $many, ", std::time::Instant::now()).unwrap_err();")]
            /// assert_eq!(rest.into_inner().len(), 1);
            /// ```
            #[track_caller]
            pub fn put_many_deadline(&self, items: impl IntoIterator<Item = $Item>, deadline: Instant) -> Result<(), PutError<Vec<$Item>>> {
                block(PutMany::new(&self.core, items), Timeout::At(deadline))
            }
        }
    };
}
pub(super) use queue_puts;
