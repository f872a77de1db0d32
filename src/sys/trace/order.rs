//! In which orders threads take locks: every order that was ever seen is kept, and one that closes a circle is told.
//!
//! Locks are told apart by their name, or by the place where they were made: what is made at one place is one *class*. So there are
//! as many classes as there are such names and places in the program's text, and what is kept does not grow with time.
//! The idea is that of lockdep, in the kernel of Linux.

use core::cell::{Cell, RefCell};
use core::panic::Location;
use core::sync::atomic::Ordering::Relaxed;
use core::sync::atomic::{AtomicBool, AtomicU64};
use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::who::Who;
use super::super::{Mutex, global, local};
use super::threads::this_thread;

/// Whether anybody wants to know.
static IS_ON: AtomicBool = AtomicBool::new(false);
/// How often it has been turned on. What a thread took before that is not known to be still held.
static TIMES: AtomicU64 = AtomicU64::new(0);

global! {
    static ORDERS: Mutex<Orders> = Mutex::new(Orders::default())
}

local! {
    /// What this thread has, in the order in which it took them.
    static HELD: RefCell<Vec<Held>> = RefCell::new(Vec::new())
}

local! {
    /// Where the lock is wanted that this thread will take next.
    static WANTED: Cell<Option<&'static Location<'static>>> = Cell::new(None)
}

local! {
    /// The number of those that are being taken together; 0: none.
    static TOGETHER: Cell<u64> = Cell::new(0)
}

/// A lock that this thread has.
#[derive(Clone, Copy)]
struct Held {
    address: usize,
    class: Class,
    taken_at: Option<&'static Location<'static>>,
    together: u64,
    times: u64,
}

/// A class of locks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    Named(&'static str),
    Made(&'static Location<'static>),
}

/// Somebody has taken one lock while it had another one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Nested {
    pub(crate) who: Who,
    pub(crate) outer: Class,
    pub(crate) outer_at: Option<&'static Location<'static>>,
    pub(crate) inner: Class,
    pub(crate) inner_at: &'static Location<'static>,
}

/// Is told of a circle, and may have the thread panic with a message, which has not taken the lock.
pub(crate) type Told = Arc<dyn Fn(&[Nested]) -> Option<String> + Send + Sync>;

#[derive(Default)]
struct Orders {
    told: Option<Told>,
    seen: BTreeMap<Class, BTreeMap<Class, Nested>>,
    allowed: Vec<(&'static str, &'static str)>,
}

impl Orders {
    /// Notes an order; if it closes a circle that was not there before, the orders that make it.
    fn note(&mut self, new: Nested) -> Option<Vec<Nested>> {
        let inner = self.seen.entry(new.outer).or_default();
        if inner.contains_key(&new.inner) {
            return None;
        }
        if let (Class::Named(outer), Class::Named(inner)) = (new.outer, new.inner) {
            if self.allowed.contains(&(outer, inner)) {
                return None;
            }
        }
        inner.insert(new.inner, new);
        let mut circle = vec![new];
        if new.outer != new.inner {
            circle.extend(self.path(new.inner, new.outer)?);
        }
        Some(circle)
    }

    /// The orders that lead from one class to another.
    fn path(&self, from: Class, to: Class) -> Option<Vec<Nested>> {
        let mut came_by: BTreeMap<Class, Nested> = BTreeMap::new();
        let mut unread = vec![from];
        while let Some(class) = unread.pop() {
            for (inner, nested) in self.seen.get(&class).into_iter().flatten() {
                if *inner != from && !came_by.contains_key(inner) {
                    came_by.insert(*inner, *nested);
                    unread.push(*inner);
                }
            }
        }
        let mut path = Vec::new();
        let mut at = to;
        while at != from {
            let nested = came_by.get(&at)?;
            path.push(*nested);
            at = nested.outer;
        }
        path.reverse();
        Some(path)
    }
}

/// Begins to look, and tells what is found, unless somebody does so already.
pub(crate) fn watch_orders(told: Told) -> bool {
    let mut orders = ORDERS.lock();
    if orders.told.is_some() {
        return false;
    }
    orders.told = Some(told);
    drop(orders);
    // ORDERING: Relaxed, twice: who is early or late is seen early or late.
    TIMES.fetch_add(1, Relaxed);
    IS_ON.store(true, Relaxed);
    true
}

/// Looks no more. What was seen is kept.
pub(crate) fn watch_orders_no_more() {
    // ORDERING: Relaxed, as above.
    IS_ON.store(false, Relaxed);
    let told = ORDERS.lock().told.take();
    drop(told);
}

/// Says that one may be taken while one has the other, whatever the other way round.
pub(crate) fn allow_order(outer: &'static str, inner: &'static str) {
    ORDERS.lock().allowed.push((outer, inner));
}

/// Whether anybody wants to know.
#[inline]
pub(super) fn is_on() -> bool {
    // ORDERING: Relaxed, as above.
    IS_ON.load(Relaxed)
}

/// This thread is about to wait for a lock, if need be.
#[cold]
#[track_caller]
pub(super) fn wants(class: Class, place: &'static Location<'static>) {
    let together = TOGETHER.try_with(Cell::get).unwrap_or(0);
    let held: Vec<Held> = HELD
        .try_with(|held| {
            held.try_borrow()
                .map(|held| held.clone())
                .unwrap_or_default()
        })
        .unwrap_or_default();
    let _gone = WANTED.try_with(|wanted| wanted.set(Some(place)));
    // ORDERING: Relaxed, as above.
    let times = TIMES.load(Relaxed);
    for outer in held {
        if outer.times != times || together != 0 && outer.together == together {
            continue;
        }
        let mut orders = ORDERS.lock();
        let circle = orders.note(Nested {
            who: this_thread(),
            outer: outer.class,
            outer_at: outer.taken_at,
            inner: class,
            inner_at: place,
        });
        let told = orders.told.clone();
        drop(orders);
        if let (Some(circle), Some(told)) = (circle, told) {
            // A second panic would end the process.
            if let Some(message) = told(&circle).filter(|_| !std::thread::panicking()) {
                panic!("{message}");
            }
        }
    }
}

/// This thread has taken a lock.
#[cold]
pub(super) fn has(address: usize, class: Class) {
    let new = Held {
        address,
        class,
        taken_at: WANTED.try_with(Cell::take).ok().flatten(),
        together: TOGETHER.try_with(Cell::get).unwrap_or(0),
        // ORDERING: Relaxed, as above.
        times: TIMES.load(Relaxed),
    };
    let _gone = HELD.try_with(|held| {
        if let Ok(mut held) = held.try_borrow_mut() {
            held.retain(|held| held.times == new.times && held.address != address);
            held.push(new);
        }
    });
}

/// This thread has a lock no more.
#[cold]
pub(super) fn has_not(address: usize) {
    let _gone = HELD.try_with(|held| {
        if let Ok(mut held) = held.try_borrow_mut() {
            if let Some(place) = held.iter().rposition(|held| held.address == address) {
                held.remove(place);
            }
        }
    });
}

/// While this lives, this thread takes several locks that are as good as one: how they nest in each other says nothing.
pub(crate) struct Together(u64);

impl Together {
    pub(crate) fn new() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        // ORDERING: Relaxed: only that the numbers differ matters.
        let number = if is_on() {
            LAST.fetch_add(1, Relaxed) + 1
        } else {
            0
        };
        let before = TOGETHER.try_with(|together| together.replace(number));
        Self(before.unwrap_or(0))
    }
}

impl Drop for Together {
    fn drop(&mut self) {
        let _gone = TOGETHER.try_with(|together| together.set(self.0));
    }
}
