//! Cells that are set once, and calls of which one does the work for all.

use core::future::Future;

use syncline::{task, thread};

/// A cell that threads fill.
pub(crate) trait Once: Sized {
    /// Empty.
    fn new() -> Self;

    /// The value, once there is one.
    fn get(&self) -> Option<&u64>;

    /// The value, made by `make` if there is none.
    fn get_or_init(&self, make: impl FnOnce() -> u64 + Unpin) -> &u64;
}

/// How a task makes a value.
pub(crate) trait Making: Future<Output = u64> {}

impl<F: Future<Output = u64>> Making for F {}

/// A cell that tasks fill.
pub(crate) trait AsyncOnce: Sized {
    /// Empty.
    fn new() -> Self;

    /// The value, made by `make` if there is none.
    fn get_or_init<M: Making>(&self, make: impl FnOnce() -> M) -> impl Future<Output = &u64>;
}

/// Calls with one key that are joined to one.
pub(crate) trait Flights: Sized {
    /// No call is under way.
    fn new() -> Self;

    /// The result of `make`, or of somebody else's with the same key.
    fn work<M: Making>(&self, key: u64, make: impl FnOnce() -> M) -> impl Future<Output = u64>;
}

/// The cell of threads of a library whose functions have these names.
macro_rules! by_threads {
    ($($cell:ty),* $(,)?) => {$(
        impl Once for $cell {
            fn new() -> Self {
                Self::new()
            }

            #[inline]
            fn get(&self) -> Option<&u64> {
                self.get()
            }

            #[inline]
            fn get_or_init(&self, make: impl FnOnce() -> u64 + Unpin) -> &u64 {
                self.get_or_init(make)
            }
        }
    )*};
}

by_threads!(thread::OnceCell<u64>, std::sync::OnceLock<u64>);

impl Once for async_lock::OnceCell<u64> {
    fn new() -> Self {
        Self::new()
    }

    #[inline]
    fn get(&self) -> Option<&u64> {
        self.get()
    }

    #[inline]
    fn get_or_init(&self, make: impl FnOnce() -> u64 + Unpin) -> &u64 {
        self.get_or_init_blocking(make)
    }
}

/// The cell of tasks of a library whose functions have these names.
macro_rules! by_tasks {
    ($($cell:ty),* $(,)?) => {$(
        impl AsyncOnce for $cell {
            fn new() -> Self {
                Self::new()
            }

            #[inline]
            async fn get_or_init<M: Making>(&self, make: impl FnOnce() -> M) -> &u64 {
                self.get_or_init(make).await
            }
        }
    )*};
}

by_tasks!(
    task::OnceCell<u64>,
    tokio::sync::OnceCell<u64>,
    async_lock::OnceCell<u64>,
);

impl AsyncOnce for asyncband::once::OnceCell<u64> {
    fn new() -> Self {
        Self::new()
    }

    #[inline]
    async fn get_or_init<M: Making>(&self, make: impl FnOnce() -> M) -> &u64 {
        self.get_or_init(async || make().await).await
    }
}

impl Flights for task::SingleFlight<u64, u64> {
    fn new() -> Self {
        Self::new()
    }

    #[inline]
    async fn work<M: Making>(&self, key: u64, make: impl FnOnce() -> M) -> u64 {
        self.work(key, make).await
    }
}

impl Flights for asyncband::singleflight::Group<u64, u64> {
    fn new() -> Self {
        Self::new()
    }

    #[inline]
    async fn work<M: Making>(&self, key: u64, make: impl FnOnce() -> M) -> u64 {
        self.work(key, async || make().await).await
    }
}
