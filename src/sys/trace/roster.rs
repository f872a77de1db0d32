//! A list of what exists, in no particular order.

use core::mem::ManuallyDrop;
use core::ops::Deref;
use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering::Relaxed;
use std::sync::Arc;

use super::super::{ArcOrder, Mutex};

/// Something that is in a roster, and knows where.
pub(super) struct Entry<T> {
    value: T,
    /// Changed with the roster's lock held alone.
    place: AtomicUsize,
    order: ArcOrder,
}

impl<T> Deref for Entry<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> Drop for Entry<T> {
    fn drop(&mut self) {
        self.order.end();
    }
}

/// An owner of an entry.
pub(super) struct Owned<T>(Arc<Entry<T>>);

impl<T> Owned<T> {
    /// Gives the pointer, of which this is an owner until it is made [of it](Self::from_raw) again.
    pub(super) fn into_raw(self) -> *const Entry<T> {
        let this = ManuallyDrop::new(self);
        Arc::as_ptr(&this.0)
    }

    /// # Safety
    ///
    /// * The pointer was given by [`into_raw`](Self::into_raw), and this is the owner that was given for it.
    pub(super) unsafe fn from_raw(pointer: *const Entry<T>) -> Self {
        // SAFETY: by the caller's promise it is the pointer of an `Arc` that was not dropped.
        Self(unsafe { Arc::from_raw(pointer) })
    }
}

impl<T> Clone for Owned<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Deref for Owned<T> {
    type Target = Entry<T>;

    fn deref(&self) -> &Entry<T> {
        &self.0
    }
}

impl<T> Drop for Owned<T> {
    fn drop(&mut self) {
        self.0.order.let_go();
    }
}

pub(super) struct Roster<T>(Mutex<Vec<Owned<T>>>);

// ORDERING: Relaxed for all places: the lock orders them.
impl<T> Roster<T> {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    pub(super) fn add(&self, value: T) -> Owned<T> {
        let entry = Owned(Arc::new(Entry {
            value,
            place: AtomicUsize::new(0),
            order: ArcOrder::new(),
        }));
        let mut entries = self.0.lock();
        entry.place.store(entries.len(), Relaxed);
        entries.push(entry.clone());
        entry
    }

    /// Takes something out. In the child of a `fork` the roster is another one, without it.
    pub(super) fn remove(&self, entry: &Owned<T>) {
        let mut entries = self.0.lock();
        let place = entry.place.load(Relaxed);
        let gone = (entries.get(place))
            .is_some_and(|there| Arc::ptr_eq(&there.0, &entry.0))
            .then(|| entries.swap_remove(place));
        if let Some(moved) = entries.get(place).filter(|_| gone.is_some()) {
            moved.place.store(place, Relaxed);
        }
        drop(entries);
        drop(gone);
    }

    /// All that exists.
    pub(super) fn all(&self) -> Vec<Owned<T>> {
        self.0.lock().clone()
    }
}
