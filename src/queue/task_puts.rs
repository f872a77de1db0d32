//! What all queues offer to tasks: putting.

/// Writes these methods of a queue around a core, with what its items are called in examples.
macro_rules! queue_puts {
    (
        $Queue:ident [$($params:tt)*] [$($bounded:tt)*] [$($args:tt)*] ($Store:ty) ($Item:ty)
        |$($arg:ident: $Arg:ty),+| $item:expr,
        $one:literal, $got:literal, $many:literal
    ) => {
        impl<$($bounded)*> $Queue<$($args)*> {
            /// Waits until there is a place, and puts an item into it.
            ///
            /// # Errors
            ///
            /// [`PutError::ShutDown`], with the item, if the queue is or has been shut down.
            ///
            /// # Panics
            ///
            /// For a priority queue, if comparing priorities does.
            ///
            /// # Cancel safety
            ///
            /// Dropping the future drops the item with it, unless it has been put already. [`reserve`](Self::reserve)
            /// is the form that cannot lose an item.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let queue = syncline::task::", stringify!($Queue), "::unbounded();")]
            /// syncline::task::block_on(async {
            #[doc = concat!("    queue.put(", $one, ").await?;")]
            ///     assert_eq!(queue.len(), 1);
            /// #   Ok::<(), Box<dyn std::error::Error>>(())
            /// })?;
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn put(&self, $($arg: $Arg),+) -> Put<'_, $Store> {
                Put::new(OperationWait::new(PutOperation::new(&self.core, $item), Asker::Task))
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
            #[doc = concat!("let queue = syncline::task::", stringify!($Queue), "::bounded(1);")]
            /// syncline::task::block_on(async {
            #[doc = concat!("    queue.try_put(", $one, ")?;")]
            #[doc = concat!("    let error = queue.try_put(", $one, ").unwrap_err();")]
            #[doc = concat!("    assert_eq!(error.into_inner(), ", $got, ");")]
            /// #   Ok::<(), Box<dyn std::error::Error>>(())
            /// })?;
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn try_put(&self, $($arg: $Arg),+) -> Result<(), PutError<$Item>> {
                self.core.try_put($item, Asker::Task)
            }

            /// Puts an item, waiting for a place for at most `timeout`, counted from the first poll; zero is one try.
            ///
            /// # Errors
            ///
            /// [`PutError::TimedOut`] or [`PutError::ShutDown`], with the item.
            ///
            /// # Panics
            ///
            /// For a priority queue, if comparing priorities does.
            ///
            /// # Cancel safety
            ///
            /// Dropping the future drops the item with it, unless it has been put already. [`reserve`](Self::reserve)
            /// is the form that cannot lose an item.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let queue = syncline::task::", stringify!($Queue), "::bounded(1);")]
            /// syncline::task::block_on(async {
            #[doc = concat!("    queue.put(", $one, ").await?;")]
            #[doc = concat!("    assert!(queue.put_timeout(", $one, ", core::time::Duration::ZERO).await.is_err());")]
            /// #   Ok::<(), Box<dyn std::error::Error>>(())
            /// })?;
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn put_timeout(&self, $($arg: $Arg),+, timeout: Duration) -> PutTimed<'_, $Store> {
                PutTimed::new(TimedOperation::new(OperationWait::new(PutOperation::new(&self.core, $item), Asker::Task), Timeout::After(timeout)))
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
            /// # Cancel safety
            ///
            /// Dropping the future drops the item with it, unless it has been put already. [`reserve`](Self::reserve)
            /// is the form that cannot lose an item.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let queue = syncline::task::", stringify!($Queue), "::bounded(1);")]
            /// syncline::task::block_on(async {
            #[doc = concat!("    queue.put(", $one, ").await?;")]
            #[doc = concat!("    assert!(queue.put_deadline(", $one, ", std::time::Instant::now()).await.is_err());")]
            /// #   Ok::<(), Box<dyn std::error::Error>>(())
            /// })?;
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn put_deadline(&self, $($arg: $Arg),+, deadline: Instant) -> PutTimed<'_, $Store> {
                PutTimed::new(TimedOperation::new(OperationWait::new(PutOperation::new(&self.core, $item), Asker::Task), Timeout::At(deadline)))
            }

            /// Waits until there is a place, and keeps it for an item that comes later.
            ///
            /// # Errors
            ///
            /// [`PutError::ShutDown`] if the queue is or has been shut down.
            ///
            /// # Cancel safety
            ///
            /// Dropping the future loses nothing but the place in line.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let queue = syncline::task::", stringify!($Queue), "::bounded(1);")]
            /// syncline::task::block_on(async {
            ///     let slot = queue.reserve().await?;
            #[doc = concat!("    slot.put(", $one, ")?;")]
            #[doc = concat!("    assert_eq!(queue.try_get()?, ", $got, ");")]
            /// #   Ok::<(), Box<dyn std::error::Error>>(())
            /// })?;
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn reserve(&self) -> Reserve<'_, $Store> {
                Reserve::new(OperationWait::new(ReserveOperation::new(&self.core), Asker::Task))
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
            #[doc = concat!("let queue = syncline::task::", stringify!($Queue), "::bounded(1);")]
            /// syncline::task::block_on(async {
            ///     let slot = queue.try_reserve()?;
            ///     assert!(queue.try_reserve().is_err());
            #[doc = concat!("    slot.put(", $one, ")?;")]
            /// #   Ok::<(), Box<dyn std::error::Error>>(())
            /// })?;
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn try_reserve(&self) -> Result<Slot<'_, $Store>, PutError<()>> {
                self.core.try_reserve(Asker::Task)
            }

            /// Keeps a place for an item that comes later, waiting for one for at most `timeout`, counted from the first poll; zero is one try.
            ///
            /// # Errors
            ///
            /// [`PutError::TimedOut`] or [`PutError::ShutDown`].
            ///
            /// # Cancel safety
            ///
            /// Dropping the future loses nothing but the place in line.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let queue = syncline::task::", stringify!($Queue), "::bounded(1);")]
            /// syncline::task::block_on(async {
            ///     let slot = queue.reserve_timeout(core::time::Duration::ZERO).await?;
            #[doc = concat!("    slot.put(", $one, ")?;")]
            /// #   Ok::<(), Box<dyn std::error::Error>>(())
            /// })?;
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn reserve_timeout(&self, timeout: Duration) -> ReserveTimed<'_, $Store> {
                ReserveTimed::new(TimedOperation::new(OperationWait::new(ReserveOperation::new(&self.core), Asker::Task), Timeout::After(timeout)))
            }

            /// Keeps a place for an item that comes later, waiting for one until `deadline`.
            ///
            /// # Errors
            ///
            /// [`PutError::TimedOut`] or [`PutError::ShutDown`].
            ///
            /// # Cancel safety
            ///
            /// Dropping the future loses nothing but the place in line.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let queue = syncline::task::", stringify!($Queue), "::bounded(1);")]
            /// syncline::task::block_on(async {
            ///     let slot = queue.reserve_deadline(std::time::Instant::now()).await?;
            #[doc = concat!("    slot.put(", $one, ")?;")]
            /// #   Ok::<(), Box<dyn std::error::Error>>(())
            /// })?;
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn reserve_deadline(&self, deadline: Instant) -> ReserveTimed<'_, $Store> {
                ReserveTimed::new(TimedOperation::new(OperationWait::new(ReserveOperation::new(&self.core), Asker::Task), Timeout::At(deadline)))
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
            /// # Cancel safety
            ///
            /// Dropping the future drops what has not been put; what has been put stays.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let queue = syncline::task::", stringify!($Queue), "::unbounded();")]
            /// syncline::task::block_on(async {
            #[doc = concat!("    queue.put_many(", $many, ").await?;")]
            ///     assert_eq!(queue.len(), 2);
            /// #   Ok::<(), Box<dyn std::error::Error>>(())
            /// })?;
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn put_many(&self, items: impl IntoIterator<Item = $Item>) -> PutAll<'_, $Store> {
                PutAll::new(OperationWait::new(PutMany::new(&self.core, items), Asker::Task))
            }

            /// Puts all items of an iterator, waiting for places for at most `timeout` in all, counted from the first poll; zero is one try.
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
            /// # Cancel safety
            ///
            /// Dropping the future drops the items that have not been put.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let queue = syncline::task::", stringify!($Queue), "::bounded(1);")]
            /// syncline::task::block_on(async {
            #[doc = concat!("    let rest = queue.put_many_timeout(", $many, ", core::time::Duration::ZERO).await.unwrap_err();")]
            ///     assert_eq!(rest.into_inner().len(), 1);
            /// });
            /// ```
            pub fn put_many_timeout(&self, items: impl IntoIterator<Item = $Item>, timeout: Duration) -> PutAllTimed<'_, $Store> {
                PutAllTimed::new(TimedOperation::new(OperationWait::new(PutMany::new(&self.core, items), Asker::Task), Timeout::After(timeout)))
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
            /// # Cancel safety
            ///
            /// Dropping the future drops the items that have not been put.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let queue = syncline::task::", stringify!($Queue), "::bounded(1);")]
            /// syncline::task::block_on(async {
            #[doc = concat!("    let rest = queue.put_many_deadline(", $many, ", std::time::Instant::now()).await.unwrap_err();")]
            ///     assert_eq!(rest.into_inner().len(), 1);
            /// });
            /// ```
            pub fn put_many_deadline(&self, items: impl IntoIterator<Item = $Item>, deadline: Instant) -> PutAllTimed<'_, $Store> {
                PutAllTimed::new(TimedOperation::new(OperationWait::new(PutMany::new(&self.core, items), Asker::Task), Timeout::At(deadline)))
            }
        }
    };
}
pub(super) use queue_puts;
