//! A lease: an item that is out.

use core::fmt;
use core::ops::{Deref, DerefMut};

use super::manage::Managed;
use super::shared::{Entry, Place};
use crate::job::quietly;
use crate::sys;

/// An item of a [`LeasePool`](super::LeasePool), for as long as its lessee needs it.
///
/// [`give_back`](Self::give_back) returns the item to the pool. Dropping the lease *discards* the item, because it
/// may be in the middle of something: a query that was cut off by a timeout has sent its request, and the next lessee
/// would read the answer. So an early return, a `?`, a panic or a dropped future costs a connection, but never gives
/// a wrong answer.
///
/// It borrows nothing: it may be kept in a struct, and moved to another thread or task.
///
/// # Examples
///
/// ```
/// # use syncline::service::{LeasePool, Manage};
/// # struct Server;
/// # impl Manage for Server {
/// #     type Item = Vec<u8>;
/// #     type Error = std::io::Error;
/// #     async fn open(&self) -> std::io::Result<Vec<u8>> { Ok(Vec::new()) }
/// # }
/// let pool = LeasePool::builder(Server).build();
/// let mut lease = pool.lease().wait()?;
/// lease.push(7);
/// lease.give_back();
/// assert_eq!(*pool.lease().wait()?, [7]); // and dropped, so that it is discarded
/// assert_eq!(pool.stats().size, 0);
/// # Ok::<(), syncline::service::LeaseError<std::io::Error>>(())
/// ```
#[must_use = "the item is discarded as soon as this is dropped"]
pub struct Lease<M: Managed> {
    // Both are there until it is given back or taken.
    entry: Option<Entry<M::Item>>,
    place: Option<Place<M>>,
}

impl<M: Managed> Lease<M> {
    pub(super) const fn new(place: Place<M>, entry: Entry<M::Item>) -> Self {
        Self {
            entry: Some(entry),
            place: Some(place),
        }
    }

    /// Returns the item to the pool, for the next lessee.
    ///
    /// The item is discarded instead if its manager finds it [broken](super::Manage::is_broken), or if the pool is closed and
    /// nobody waits for its end. It waits for nothing.
    ///
    /// # Examples
    ///
    /// See [`Lease`].
    pub fn give_back(mut self) {
        let (Some(mut entry), Some(place)) = (self.entry.take(), self.place.take()) else {
            unreachable!("a lease ends once")
        };
        let pool = &*place.pool;
        // A panic says the same.
        let mut is_broken = true;
        quietly(|| is_broken = pool.manager.finds_broken(&mut entry.item));
        if is_broken {
            return pool.discard(entry.item);
        }
        let now = sys::now();
        entry.ages.idle_since = now;
        entry.ages.checked = now;
        place.put(entry);
    }

    /// Takes the item out of the pool, which has room for another one then.
    ///
    /// # Examples
    ///
    /// ```
    /// # use syncline::service::{LeasePool, Manage};
    /// # struct Server;
    /// # impl Manage for Server {
    /// #     type Item = u32;
    /// #     type Error = std::io::Error;
    /// #     async fn open(&self) -> std::io::Result<u32> { Ok(7) }
    /// # }
    /// let pool = LeasePool::builder(Server).max(1).build();
    /// let mine = pool.lease().wait()?.take(); // to stream for an hour, say
    /// assert_eq!((mine, pool.stats().size), (7, 0));
    /// # Ok::<(), syncline::service::LeaseError<std::io::Error>>(())
    /// ```
    #[must_use = "the item is gone from the pool"]
    pub fn take(mut self) -> M::Item {
        let Some(entry) = self.entry.take() else {
            unreachable!("a lease ends once")
        };
        entry.item
    }
}

impl<M: Managed> Deref for Lease<M> {
    type Target = M::Item;

    fn deref(&self) -> &M::Item {
        let Some(entry) = &self.entry else {
            unreachable!("a lease has its item until it ends")
        };
        &entry.item
    }
}

impl<M: Managed> DerefMut for Lease<M> {
    fn deref_mut(&mut self) -> &mut M::Item {
        let Some(entry) = &mut self.entry else {
            unreachable!("a lease has its item until it ends")
        };
        &mut entry.item
    }
}

impl<M: Managed> Drop for Lease<M> {
    fn drop(&mut self) {
        if let (Some(entry), Some(place)) = (self.entry.take(), &self.place) {
            place.pool.discard(entry.item);
        }
    }
}

impl<M: Managed<Item: fmt::Debug>> fmt::Debug for Lease<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Lease").field(&**self).finish()
    }
}
