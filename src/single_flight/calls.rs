//! The calls that are under way, by their keys.
//!
//! A call is known by the hash of its key first, which is computed without the lock: a `Hash` may take its time, and may
//! panic. Only `Eq` runs with the lock held, while nothing has been changed.

use core::borrow::Borrow;
use core::fmt;
use core::hash::{BuildHasher, BuildHasherDefault, Hash, Hasher};
use core::ops::Deref;
use std::collections::HashMap;
use std::collections::hash_map::{Entry, RandomState};
use std::sync::Arc;

use crate::line::Quiet;
use crate::once::Once;
use crate::sys::who::Traceable;
use crate::sys::{ArcOrder, Cell, Mutex};

/// What several ask for at once.
pub(crate) struct Call<K, V> {
    pub(super) once: Once<V>,
    hash: u64,
    key: K,
    /// How many are at it.
    callers: Cell<usize>,
    /// Whether it is found by its key.
    is_listed: Cell<bool>,
    arc_order: ArcOrder,
}

// SAFETY: the cells and the key are touched with the lock of the table held, on whatever thread that is, but for the
// key's destructor, which runs where the last owner is: hence `K: Send`. The value is shared.
unsafe impl<K: Send, V: Send + Sync> Sync for Call<K, V> {}

impl<K, V> Drop for Call<K, V> {
    fn drop(&mut self) {
        self.arc_order.end();
        self.callers.retire();
        self.is_listed.retire();
    }
}

/// One of the owners of a call: somebody who is at it, or the table.
pub(crate) struct Owner<K, V>(Arc<Call<K, V>>);

impl<K, V> Owner<K, V> {
    /// The value, for who owns the call alone.
    pub(super) fn take_if_alone(&mut self) -> Option<V> {
        Arc::get_mut(&mut self.0)?.once.take()
    }
}

impl<K, V> Clone for Owner<K, V> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K, V> Deref for Owner<K, V> {
    type Target = Call<K, V>;

    fn deref(&self) -> &Call<K, V> {
        &self.0
    }
}

impl<K, V> Drop for Owner<K, V> {
    fn drop(&mut self) {
        self.0.arc_order.let_go();
    }
}

/// All calls of one hash: one, but for chance.
struct Bucket<K, V> {
    first: Owner<K, V>,
    others: Vec<Owner<K, V>>,
}

/// Takes the number that it is given for the hash of it.
#[derive(Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _bytes: &[u8]) {
        unreachable!("a hash is a number")
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// What lies under the lock.
struct Table<K, V> {
    buckets: HashMap<u64, Bucket<K, V>, BuildHasherDefault<Hashed>>,
    calls: usize,
}

impl<K, V> Table<K, V> {
    fn find(&self, hash: u64, mut is_it: impl FnMut(&K) -> bool) -> Option<&Owner<K, V>> {
        let bucket = self.buckets.get(&hash)?;
        let mut all = core::iter::once(&bucket.first).chain(&bucket.others);
        all.find(|call| is_it(&call.key))
    }

    fn add(&mut self, call: Owner<K, V>) {
        call.is_listed.set(true);
        self.calls += 1;
        match self.buckets.entry(call.hash) {
            Entry::Occupied(mut bucket) => bucket.get_mut().others.push(call),
            Entry::Vacant(place) => {
                place.insert(Bucket {
                    first: call,
                    others: Vec::new(),
                });
            }
        }
    }

    /// Takes a call out, to be dropped without the lock; `None` if it is not there any more.
    fn remove(&mut self, call: &Call<K, V>) -> Option<Owner<K, V>> {
        if !call.is_listed.replace(false) {
            return None;
        }
        self.calls -= 1;
        let Entry::Occupied(mut entry) = self.buckets.entry(call.hash) else {
            unreachable!("what is listed is there");
        };
        let bucket = entry.get_mut();
        if !core::ptr::eq(&raw const *bucket.first, call) {
            let place =
                (bucket.others.iter()).position(|other| core::ptr::eq(&raw const **other, call));
            return Some(
                bucket
                    .others
                    .swap_remove(place.expect("what is listed is there")),
            );
        }
        Some(match bucket.others.pop() {
            Some(other) => core::mem::replace(&mut bucket.first, other),
            None => entry.remove().first,
        })
    }
}

/// The calls that are under way: what both faces are views of.
pub(crate) struct Calls<K, V> {
    table: Mutex<Table<K, V>>,
    hasher: RandomState,
    pub(super) name: &'static str,
}

impl<K, V> Calls<K, V> {
    pub(super) fn new() -> Self {
        Self {
            table: Mutex::new(Table {
                buckets: HashMap::default(),
                calls: 0,
            }),
            hasher: RandomState::new(),
            name: "",
        }
    }

    pub(super) fn len(&self) -> usize {
        self.table.lock().calls
    }

    /// All calls that are found by their keys.
    pub(super) fn all(&self) -> Vec<Owner<K, V>> {
        let table = self.table.lock();
        let of_bucket = |bucket: &Bucket<K, V>| {
            let mut calls = vec![bucket.first.clone()];
            calls.extend(bucket.others.iter().cloned());
            calls
        };
        table.buckets.values().flat_map(of_bucket).collect()
    }

    /// One caller less. A call that nobody is at any more is gone.
    pub(super) fn leave(&self, call: &Call<K, V>) {
        let mut table = self.table.lock();
        let left = call.callers.get() - 1;
        call.callers.set(left);
        let gone = (left == 0).then(|| table.remove(call));
        drop(table);
        drop(gone);
    }

    /// Whoever comes from now on begins a new call.
    pub(super) fn unlist(&self, call: &Call<K, V>) {
        let gone = self.table.lock().remove(call);
        drop(gone);
    }
}

impl<K: Hash + Eq, V> Calls<K, V> {
    /// One caller more, at the call of this key that is under way, or at a new one.
    #[track_caller]
    pub(super) fn join(&self, key: K) -> Owner<K, V> {
        let hash = self.hasher.hash_one(&key);
        let mut table = self.table.lock();
        let found = table.find(hash, |other| *other == key).cloned();
        if let Some(call) = found {
            call.callers.set(call.callers.get() + 1);
            // Before the key is dropped, which this call does not need.
            drop(table);
            return call;
        }
        let mut once = Once::new(Traceable::SingleFlight);
        once.line.name(self.name);
        let call = Owner(Arc::new(Call {
            once,
            hash,
            key,
            callers: Cell::new(1),
            is_listed: Cell::new(false),
            arc_order: ArcOrder::new(),
        }));
        table.add(call.clone());
        call
    }

    /// Whoever comes for this key from now on begins a new call; `false` if there was none.
    pub(super) fn forget<Q: ?Sized + Hash + Eq>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        let hash = self.hasher.hash_one(key);
        let mut table = self.table.lock();
        let found = (table.find(hash, |other| other.borrow() == key)).cloned();
        let gone = found.as_ref().and_then(|call| table.remove(call));
        drop(table);
        gone.is_some()
    }
}

impl<K, V> Quiet for Calls<K, V> {
    fn assert_quiet(&self) {
        assert_eq!(self.len(), 0, "a call is still under way");
    }

    fn waiting(&self) -> usize {
        (self.all().iter())
            .map(|call| call.once.line.waiting())
            .sum()
    }
}

impl<K, V> fmt::Debug for Calls<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Calls").finish_non_exhaustive()
    }
}
