//! What all queues offer to tasks: getting.

/// Writes these methods of a queue around a core, with what its items are called in examples.
macro_rules! queue_gets {
    (
        $Queue:ident [$($params:tt)*] [$($bounded:tt)*] [$($args:tt)*] ($Store:ty) ($Item:ty)
        |$($arg:ident: $Arg:ty),+| $item:expr,
        $one:literal, $got:literal, $many:literal
    ) => {
        impl<$($bounded)*> $Queue<$($args)*> {
            /// Waits until there is an item, and takes it.
            ///
            /// # Errors
            ///
            /// [`GetError::ShutDown`] if the queue has been shut down and there is nothing left for this getter.
            ///
            /// # Panics
            ///
            /// For a priority queue, if comparing priorities does.
            ///
            /// # Cancel safety
            ///
            /// Dropping the future loses no item: what it had been granted goes to the next getter.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let queue = syncline::task::", stringify!($Queue), "::unbounded();")]
            /// syncline::task::block_on(async {
            #[doc = concat!("    queue.put(", $one, ").await?;")]
            #[doc = concat!("    assert_eq!(queue.get().await?, ", $got, ");")]
            /// #   Ok::<(), Box<dyn std::error::Error>>(())
            /// })?;
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn get(&self) -> Get<'_, $Store> {
                Get::new(OperationWait::new(GetOperation::new(&self.core), Asker::Task))
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
            #[doc = concat!("let queue = syncline::task::", stringify!($Queue), "::unbounded();")]
            /// syncline::task::block_on(async {
            ///     assert!(queue.try_get().is_err());
            #[doc = concat!("    queue.try_put(", $one, ")?;")]
            #[doc = concat!("    assert_eq!(queue.try_get()?, ", $got, ");")]
            /// #   Ok::<(), Box<dyn std::error::Error>>(())
            /// })?;
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn try_get(&self) -> Result<$Item, GetError> {
                self.core.try_get(Asker::Task)
            }

            /// Takes an item, waiting for one for at most `timeout`, counted from the first poll; zero is one try.
            ///
            /// # Errors
            ///
            /// [`GetError::TimedOut`] or [`GetError::ShutDown`].
            ///
            /// # Panics
            ///
            /// For a priority queue, if comparing priorities does.
            ///
            /// # Cancel safety
            ///
            /// Dropping the future loses no item: what it had been granted goes to the next getter.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let queue = syncline::task::", stringify!($Queue), "::unbounded();")]
            /// syncline::task::block_on(async {
            ///     assert!(queue.get_timeout(core::time::Duration::ZERO).await.is_err());
            #[doc = concat!("    queue.put(", $one, ").await?;")]
            #[doc = concat!("    assert_eq!(queue.get_timeout(core::time::Duration::ZERO).await?, ", $got, ");")]
            /// #   Ok::<(), Box<dyn std::error::Error>>(())
            /// })?;
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn get_timeout(&self, timeout: Duration) -> GetTimed<'_, $Store> {
                GetTimed::new(TimedOperation::new(OperationWait::new(GetOperation::new(&self.core), Asker::Task), Timeout::After(timeout)))
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
            /// # Cancel safety
            ///
            /// Dropping the future loses no item: what it had been granted goes to the next getter.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let queue = syncline::task::", stringify!($Queue), "::unbounded();")]
            /// syncline::task::block_on(async {
            ///     assert!(queue.get_deadline(std::time::Instant::now()).await.is_err());
            #[doc = concat!("    queue.put(", $one, ").await?;")]
            #[doc = concat!("    assert_eq!(queue.get_deadline(std::time::Instant::now()).await?, ", $got, ");")]
            /// #   Ok::<(), Box<dyn std::error::Error>>(())
            /// })?;
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn get_deadline(&self, deadline: Instant) -> GetTimed<'_, $Store> {
                GetTimed::new(TimedOperation::new(OperationWait::new(GetOperation::new(&self.core), Asker::Task), Timeout::At(deadline)))
            }

            /// Waits until there is an item, and takes it together with what else is there, up to `max` items.
            ///
            /// With a `max` of zero this is an empty list at once.
            ///
            /// # Errors
            ///
            /// [`GetError::ShutDown`] if the queue has been shut down and there is nothing left for this getter.
            ///
            /// # Panics
            ///
            /// For a priority queue, if comparing priorities does.
            ///
            /// # Cancel safety
            ///
            /// Dropping the future loses no item: what it had been granted goes to the next getter.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let queue = syncline::task::", stringify!($Queue), "::unbounded();")]
            /// syncline::task::block_on(async {
            #[doc = concat!("    queue.put_many(", $many, ").await?;")]
            ///     assert_eq!(queue.get_many(10).await?.len(), 2);
            /// #   Ok::<(), Box<dyn std::error::Error>>(())
            /// })?;
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn get_many(&self, max: usize) -> GetSome<'_, $Store> {
                GetSome::new(OperationWait::new(GetMany::new(&self.core, max), Asker::Task))
            }

            /// Takes up to `max` items at once, waiting for the first for at most `timeout`, counted from the first poll; zero is one try.
            ///
            /// # Errors
            ///
            /// [`GetError::TimedOut`] or [`GetError::ShutDown`].
            ///
            /// # Panics
            ///
            /// For a priority queue, if the first comparison does; see [`get_many`](Self::get_many).
            ///
            /// # Cancel safety
            ///
            /// Dropping the future loses no item: what it had been granted goes to the next getter.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let queue = syncline::task::", stringify!($Queue), "::unbounded();")]
            /// syncline::task::block_on(async {
            ///     assert!(queue.get_many_timeout(10, core::time::Duration::ZERO).await.is_err());
            #[doc = concat!("    queue.put_many(", $many, ").await?;")]
            ///     assert_eq!(queue.get_many_timeout(10, core::time::Duration::ZERO).await?.len(), 2);
            /// #   Ok::<(), Box<dyn std::error::Error>>(())
            /// })?;
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn get_many_timeout(&self, max: usize, timeout: Duration) -> GetSomeTimed<'_, $Store> {
                GetSomeTimed::new(TimedOperation::new(OperationWait::new(GetMany::new(&self.core, max), Asker::Task), Timeout::After(timeout)))
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
            /// # Cancel safety
            ///
            /// Dropping the future loses no item: what it had been granted goes to the next getter.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let queue = syncline::task::", stringify!($Queue), "::unbounded();")]
            /// syncline::task::block_on(async {
            ///     assert!(queue.get_many_deadline(10, std::time::Instant::now()).await.is_err());
            #[doc = concat!("    queue.put_many(", $many, ").await?;")]
            ///     assert_eq!(queue.get_many_deadline(10, std::time::Instant::now()).await?.len(), 2);
            /// #   Ok::<(), Box<dyn std::error::Error>>(())
            /// })?;
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn get_many_deadline(&self, max: usize, deadline: Instant) -> GetSomeTimed<'_, $Store> {
                GetSomeTimed::new(TimedOperation::new(OperationWait::new(GetMany::new(&self.core, max), Asker::Task), Timeout::At(deadline)))
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
            #[doc = concat!("let queue = syncline::task::", stringify!($Queue), "::unbounded();")]
            /// syncline::task::block_on(async {
            #[doc = concat!("    queue.put_many(", $many, ").await?;")]
            ///     assert_eq!(queue.drain().len(), 2);
            ///     assert_eq!(queue.unfinished(), 0);
            /// #   Ok::<(), Box<dyn std::error::Error>>(())
            /// })?;
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn drain(&self) -> Vec<$Item> {
                self.core.drain()
            }

            /// A stream of items, which ends when the queue has been shut down and drained.
            ///
            /// # Panics
            ///
            /// For a priority queue, if comparing priorities does.
            ///
            /// # Cancel safety
            ///
            /// Dropping the stream loses no item.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let queue = syncline::task::", stringify!($Queue), "::unbounded();")]
            /// syncline::task::block_on(async {
            ///     use futures_lite::StreamExt;
            ///
            #[doc = concat!("    queue.put_many(", $many, ").await?;")]
            ///     queue.shutdown(syncline::Shutdown::Graceful);
            ///     assert_eq!(queue.stream().count().await, 2);
            /// #   Ok::<(), Box<dyn std::error::Error>>(())
            /// })?;
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn stream(&self) -> Items<'_, $Store> {
                Items::new(&self.core)
            }
        }
    };
}
pub(super) use queue_gets;
