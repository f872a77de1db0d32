//! A place in a queue that belongs to somebody.

use core::fmt;
use core::mem::ManuallyDrop;

use super::core::Core;
use super::store::Store;
use crate::error::PutError;

/// A place in a queue, kept free for one item.
///
/// Returned by the `reserve` methods of the queues. Putting into it never waits. It fails, and returns the item, only
/// after an immediate shutdown. A slot outlives a graceful shutdown: the queue is not drained while a slot exists.
/// Dropping it frees the place for the next putter.
///
/// Reserving first and making the item afterwards is the way to put that cannot lose anything: a
/// task that is cancelled while it waits for a place has not made its item yet.
///
/// # Examples
///
/// ```
/// use syncline::thread::Queue;
///
/// let queue = Queue::bounded(1);
/// let slot = queue.reserve()?;
/// assert!(queue.is_full());
/// slot.put("made now")?;
/// assert_eq!(queue.get()?, "made now");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "dropping a slot gives its place back"]
pub struct Slot<'a, S: Store> {
    core: &'a Core<S>,
}

impl<'a, S: Store> Slot<'a, S> {
    pub(super) const fn new(core: &'a Core<S>) -> Self {
        Self { core }
    }

    /// Puts an item into this place, at once.
    ///
    /// # Errors
    ///
    /// Returns [`PutError::ShutDown`] with the item after an immediate shutdown.
    ///
    /// # Panics
    ///
    /// Panics if the comparison of two priorities panics; the place is free again then.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = syncline::thread::PriorityQueue::bounded(1);
    /// queue.reserve()?.put((0, "first"))?;
    /// assert_eq!(queue.try_get()?, (0, "first"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn put(self, item: S::Item) -> Result<(), PutError<S::Item>> {
        // It gives its place back here, or uses it up; if a comparison panics, `fill` gives it back.
        let core = ManuallyDrop::new(self).core;
        let mut item = Some(item);
        let mut section = core.section();
        if core.is_void() {
            core.free_place(&mut section);
        } else {
            core.fill(&mut item, &mut section);
        }
        // What is given back must not be lost to the panic of a waker.
        if item.is_some() {
            section.end_quietly();
        } else {
            section.end();
        }
        drop(section);
        item.map_or(Ok(()), |item| Err(PutError::ShutDown(item)))
    }
}

impl<S: Store> Drop for Slot<'_, S> {
    fn drop(&mut self) {
        self.core.within(|section| self.core.free_place(section));
    }
}

impl<S: Store> fmt::Debug for Slot<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot").finish_non_exhaustive()
    }
}
