//! In which orders threads take locks.

use core::fmt;
use core::panic::Location;
use std::sync::Arc;

use super::collect::party_of;
use super::report::Party;
use crate::sys::trace::{self, Class, Nested};

/// What [`lock_order`] does when it has found two orders that do not go together.
#[non_exhaustive]
pub enum OnCycle {
    /// Calls this, in the thread that is about to take a lock.
    Report(Box<dyn Fn(&OrderReport) + Send + Sync>),
    /// Panics in that thread, which has not taken the lock.
    Panic,
}

impl OnCycle {
    /// Calls a closure, in the thread that is about to take a lock.
    pub fn report(closure: impl Fn(&OrderReport) + Send + Sync + 'static) -> Self {
        Self::Report(Box::new(closure))
    }
}

impl fmt::Debug for OnCycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Report(_) => "Report",
            Self::Panic => "Panic",
        })
    }
}

/// Some locks that were taken in orders which do not go together; from [`lock_order`].
///
/// `Display` prints it for a person to read.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OrderReport {
    /// Each lock was taken inside of the one before, and the first one inside of the last.
    pub orders: Vec<Order>,
}

/// One lock was taken inside of another.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Order {
    /// The name of the outer one, or the place where it was made.
    pub outer: String,
    /// Where it was taken, unless that was tried without waiting.
    pub outer_at: Option<&'static Location<'static>>,
    /// The name of the inner one, or the place where it was made.
    pub inner: String,
    /// Where it was taken.
    pub inner_at: &'static Location<'static>,
    /// Who did so first.
    pub by: Party,
}

/// Finds locks that are taken in different orders, before two threads do so at the same time and deadlock.
///
/// While the result lives, every thread notes which [`Lock`](crate::thread::Lock)s and [`RLock`](crate::thread::RLock)s it has when it takes
/// another one on the blocking face. The first time that an order closes a circle with those that were seen before, by any thread and
/// at any time, it is reported. Nobody needs to wait for that, nor to be unlucky: one run in which each order occurs is enough.
///
/// Locks are told apart by their name, or by the place where they were made. Two of the same class inside of each other are a
/// circle, too: somebody else may take them the other way round. What is taken by [`lock_all`](crate::thread::lock_all()) is taken at once and has
/// no order in itself. Of an [`RwLock`](crate::thread::RwLock) only the writer is noted as one who has it; whoever reads is seen when it takes it. Whoever takes a lock by a `try_` form waits for nobody, so that this is no order; what is taken while that lock is held is one.
///
/// What was seen is kept for as long as the process runs, so that an order is reported once, also if the result is dropped and made anew. Locks that tasks
/// take on the async face are not watched. There is one watch in a process: tests that run side by side share it, in a
/// `LazyLock` for example.
///
/// An order that cannot be helped can be [allowed](allow_order).
///
/// # Cost
///
/// Off, one look at a flag for each lock that is taken or given back. On, each lock that is taken inside of another takes a lock of the whole process. For
/// tests, and for a program that is looked at.
///
/// # Panics
///
/// Panics if somebody watches already. With [`OnCycle::Panic`], or if the closure panics, whoever takes a lock in such an order does so in
/// the call that would lock it; not while the thread unwinds already.
///
/// # Examples
///
/// ```
/// use std::sync::mpsc::channel;
/// use syncline::{diag::{self, OnCycle}, thread::Lock};
///
/// static ACCOUNTS: Lock<u32> = Lock::new(0).named("accounts");
/// static JOURNAL: Lock<u32> = Lock::new(0).named("journal");
///
/// let (sender, reports) = channel();
/// let watching = diag::lock_order(OnCycle::report(move |report| drop(sender.send(report.to_string()))));
/// {
///     let _accounts = ACCOUNTS.lock();
///     let _journal = JOURNAL.lock();
/// }
/// {
///     let _journal = JOURNAL.lock();
///     let _accounts = ACCOUNTS.lock(); // one thread is enough to find it
/// }
/// drop(watching);
/// println!("{}", reports.recv().unwrap());
/// ```
#[track_caller]
pub fn lock_order(on: OnCycle) -> OrderWatch {
    let told = move |orders: &[Nested]| {
        let report = OrderReport::of(orders);
        match &on {
            OnCycle::Report(closure) => {
                closure(&report);
                None
            }
            OnCycle::Panic => Some(report.to_string()),
        }
    };
    assert!(
        trace::watch_orders(Arc::new(told)),
        "the orders of locks are being watched already"
    );
    OrderWatch(())
}

/// Says that the lock with the one name may be taken inside of the one with the other, whatever else is seen.
///
/// For an order that cannot happen at the same time as its opposite: while the program starts, say, or under a third lock. Both are given by their
/// [names](crate::thread::Lock::named); a name that no lock has allows nothing.
///
/// # Examples
///
/// ```
/// // At the start, when nobody else is there.
/// syncline::diag::allow_order("config", "registry");
/// ```
pub fn allow_order(outer: &'static str, inner: &'static str) {
    trace::allow_order(outer, inner);
}

/// Watches the orders of locks until it is dropped; from [`lock_order`].
#[derive(Debug)]
#[must_use = "the orders are watched until this is dropped"]
pub struct OrderWatch(());

impl Drop for OrderWatch {
    fn drop(&mut self) {
        trace::watch_orders_no_more();
    }
}

impl OrderReport {
    fn of(orders: &[Nested]) -> Self {
        let order = |nested: &Nested| Order {
            outer: name(nested.outer),
            outer_at: nested.outer_at,
            inner: name(nested.inner),
            inner_at: nested.inner_at,
            by: party_of(nested.who),
        };
        Self {
            orders: orders.iter().map(order).collect(),
        }
    }
}

fn name(class: Class) -> String {
    match class {
        Class::Named(name) => format!("{name:?}"),
        Class::Made(made) => format!("the lock made at {}:{}", made.file(), made.line()),
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            outer, inner, by, ..
        } = self;
        let at = self.inner_at;
        write!(
            f,
            "{by} took {inner} at {}:{}, while it held {outer}",
            at.file(),
            at.line()
        )?;
        match self.outer_at {
            Some(at) => write!(f, ", taken at {}:{}", at.file(), at.line()),
            None => Ok(()),
        }
    }
}

impl fmt::Display for OrderReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.orders[..] {
            [one] => write!(
                f,
                "two locks of one kind are taken inside of each other, and others may do so the other way round:\n  {one}"
            ),
            orders => {
                write!(f, "locks are taken in orders that can deadlock:")?;
                orders.iter().try_for_each(|order| write!(f, "\n  {order}"))
            }
        }
    }
}
