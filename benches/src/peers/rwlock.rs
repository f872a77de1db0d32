//! Locks for readers and writers, each as a resource that is read, written, or now and then written.

use core::cell::Cell;
use core::future::Future;

use super::{Awaiting, Blocking, Resource};

/// One of so many operations of a mixture is a write.
const MIXTURE: u32 = 16;

/// A lock of readers and writers that threads wait for.
pub(crate) trait ReadWrite: Send + Sync + Sized + 'static {
    /// Unlocks when dropped.
    type Read<'a>;
    /// Unlocks when dropped.
    type Write<'a>;

    /// Unlocked.
    fn new() -> Self;

    /// Waits until it can read.
    fn read(&self) -> Self::Read<'_>;

    /// Waits until it can write.
    fn write(&self) -> Self::Write<'_>;
}

/// A lock of readers and writers that tasks wait for.
pub(crate) trait AsyncReadWrite: Send + Sync + Sized + 'static {
    /// Unlocks when dropped.
    type Read<'a>: Send;
    /// Unlocks when dropped.
    type Write<'a>: Send;

    /// Unlocked.
    fn new() -> Self;

    /// Waits until it can read.
    fn read(&self) -> impl Future<Output = Self::Read<'_>> + Send;

    /// Waits until it can write.
    fn write(&self) -> impl Future<Output = Self::Write<'_>> + Send;
}

/// The lock, read.
#[derive(Debug)]
pub(crate) struct Read<L>(L);

/// The lock, written.
#[derive(Debug)]
pub(crate) struct Write<L>(L);

/// The lock, read, and once in a while written.
#[derive(Debug)]
pub(crate) struct Mixed<L>(L);

/// A guard of either kind.
#[derive(Debug)]
pub(crate) enum Either<R, W> {
    /// For reading.
    Read(R),
    /// For writing.
    Write(W),
}

/// Whether the next operation of this thread is a write.
fn writes() -> bool {
    thread_local!(static TURN: Cell<u32> = const { Cell::new(0) });
    let turn = TURN.get();
    TURN.set(turn.wrapping_add(1));
    turn.is_multiple_of(MIXTURE)
}

impl<L: ReadWrite> Resource for Read<L> {
    type Guard<'a> = L::Read<'a>;

    fn new(_permits: usize) -> Self {
        Self(L::new())
    }
}

impl<L: ReadWrite> Blocking for Read<L> {
    fn take(&self) -> L::Read<'_> {
        self.0.read()
    }
}

impl<L: ReadWrite> Resource for Write<L> {
    type Guard<'a> = L::Write<'a>;

    fn new(_permits: usize) -> Self {
        Self(L::new())
    }
}

impl<L: ReadWrite> Blocking for Write<L> {
    fn take(&self) -> L::Write<'_> {
        self.0.write()
    }
}

impl<L: ReadWrite> Resource for Mixed<L> {
    type Guard<'a> = Either<L::Read<'a>, L::Write<'a>>;

    fn new(_permits: usize) -> Self {
        Self(L::new())
    }
}

impl<L: ReadWrite> Blocking for Mixed<L> {
    fn take(&self) -> Self::Guard<'_> {
        if writes() {
            Either::Write(self.0.write())
        } else {
            Either::Read(self.0.read())
        }
    }
}

impl<L: AsyncReadWrite> Awaiting for Read<L> {
    type Held<'a> = L::Read<'a>;

    fn create(_permits: usize) -> Self {
        Self(L::new())
    }

    fn acquire(&self) -> impl Future<Output = L::Read<'_>> + Send {
        self.0.read()
    }
}

impl<L: AsyncReadWrite> Awaiting for Write<L> {
    type Held<'a> = L::Write<'a>;

    fn create(_permits: usize) -> Self {
        Self(L::new())
    }

    fn acquire(&self) -> impl Future<Output = L::Write<'_>> + Send {
        self.0.write()
    }
}

impl<L: AsyncReadWrite> Awaiting for Mixed<L> {
    type Held<'a> = Either<L::Read<'a>, L::Write<'a>>;

    fn create(_permits: usize) -> Self {
        Self(L::new())
    }

    async fn acquire(&self) -> Self::Held<'_> {
        if writes() {
            Either::Write(self.0.write().await)
        } else {
            Either::Read(self.0.read().await)
        }
    }
}

/// Reads and writes a lock whose methods have the usual names.
macro_rules! by_threads {
    ($Lock:ty, $Read:ty, $Write:ty, |$lock:ident| $read:expr, $write:expr) => {
        impl ReadWrite for $Lock {
            type Read<'a> = $Read;
            type Write<'a> = $Write;

            fn new() -> Self {
                Self::new(0)
            }

            fn read(&self) -> Self::Read<'_> {
                let $lock = self;
                $read
            }

            fn write(&self) -> Self::Write<'_> {
                let $lock = self;
                $write
            }
        }
    };
}

/// The same of one that tasks wait for.
macro_rules! by_tasks {
    ($Lock:ty, $Read:ty, $Write:ty) => {
        impl AsyncReadWrite for $Lock {
            type Read<'a> = $Read;
            type Write<'a> = $Write;

            fn new() -> Self {
                Self::new(0)
            }

            fn read(&self) -> impl Future<Output = Self::Read<'_>> + Send {
                self.read()
            }

            fn write(&self) -> impl Future<Output = Self::Write<'_>> + Send {
                self.write()
            }
        }
    };
}

by_threads!(
    syncline::thread::RwLock<u64>,
    syncline::thread::RwLockReadGuard<'a, u64>,
    syncline::thread::RwLockWriteGuard<'a, u64>,
    |lock| lock.read(),
    lock.write()
);
by_threads!(
    parking_lot::RwLock<u64>,
    parking_lot::RwLockReadGuard<'a, u64>,
    parking_lot::RwLockWriteGuard<'a, u64>,
    |lock| lock.read(),
    lock.write()
);
by_threads!(
    std::sync::RwLock<u64>,
    std::sync::RwLockReadGuard<'a, u64>,
    std::sync::RwLockWriteGuard<'a, u64>,
    |lock| lock.read().expect("nobody panics"),
    lock.write().expect("nobody panics")
);
by_threads!(
    tokio::sync::RwLock<u64>,
    tokio::sync::RwLockReadGuard<'a, u64>,
    tokio::sync::RwLockWriteGuard<'a, u64>,
    |lock| lock.blocking_read(),
    lock.blocking_write()
);
by_threads!(
    async_lock::RwLock<u64>,
    async_lock::RwLockReadGuard<'a, u64>,
    async_lock::RwLockWriteGuard<'a, u64>,
    |lock| lock.read_blocking(),
    lock.write_blocking()
);

by_tasks!(
    syncline::task::RwLock<u64>,
    syncline::task::RwLockReadGuard<'a, u64>,
    syncline::task::RwLockWriteGuard<'a, u64>
);
by_tasks!(
    tokio::sync::RwLock<u64>,
    tokio::sync::RwLockReadGuard<'a, u64>,
    tokio::sync::RwLockWriteGuard<'a, u64>
);
by_tasks!(
    async_lock::RwLock<u64>,
    async_lock::RwLockReadGuard<'a, u64>,
    async_lock::RwLockWriteGuard<'a, u64>
);
by_tasks!(
    asyncband::rwlock::RwLock<u64>,
    asyncband::rwlock::RwLockReadGuard<'a, u64>,
    asyncband::rwlock::RwLockWriteGuard<'a, u64>
);
