//! The orders in which threads take locks.

use core::fmt;
use core::panic::Location;
use std::sync::Arc;

use super::collect::party_of;
use super::report::Party;
use crate::sys::trace::{self, Class, Nested};

/// What [`lock_order`] does when it finds two conflicting orders.
#[non_exhaustive]
pub enum OnCycle {
    /// Calls this closure in the thread that is about to take a lock.
    Report(Box<dyn Fn(&OrderReport) + Send + Sync>),
    /// Panics in that thread, before it takes the lock.
    Panic,
}

impl OnCycle {
    /// Calls a closure in the thread that is about to take a lock.
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

/// Locks that were taken in conflicting orders. Reported by [`lock_order`].
///
/// `Display` prints it for people to read.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OrderReport {
    /// The steps: each lock was taken inside the one before, and the first one inside the last.
    pub orders: Vec<Order>,
}

/// One lock that was taken inside another.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Order {
    /// The name of the outer lock, or the place where it was created.
    pub outer: String,
    /// Where the outer lock was taken, unless by a `try_` form.
    pub outer_at: Option<&'static Location<'static>>,
    /// The name of the inner lock, or the place where it was created.
    pub inner: String,
    /// Where the inner lock was taken.
    pub inner_at: &'static Location<'static>,
    /// The thread that did so first.
    pub by: Party,
}

/// Finds locks that are taken in conflicting orders, before two threads deadlock over them.
///
/// While the result lives, every thread records which [`Lock`](crate::thread::Lock)s and
/// [`RLock`](crate::thread::RLock)s it holds when it takes another one on the blocking face. The first order that
/// closes a cycle with earlier ones, of any thread, is reported. No thread needs to wait for that: one run in which
/// each order occurs is enough.
///
/// * Locks are distinguished by name, or by the place where they were created. Taking two locks of the same class
///   inside each other is a cycle as well, because another thread may take them the other way round.
/// * Locks that [`lock_all`](crate::thread::lock_all()) takes together have no order among themselves.
/// * For an [`RwLock`](crate::thread::RwLock), only a writer counts as a holder; a reader is recorded when it takes
///   the lock.
/// * Taking a lock by a `try_` form is no order, because it does not wait. Taking another lock while that one is
///   held is.
///
/// Recorded orders are kept for as long as the process runs, so each is reported once, even if the result is dropped
/// and created again. Locks taken on the async face are not watched. A process has one watch, which parallel tests
/// share, for example in a `LazyLock`.
///
/// [`allow_order`] permits an order that you cannot avoid.
///
/// # Cost
///
/// When off, each lock and unlock checks a flag. When on, each lock that is taken inside another takes a process-wide
/// lock. Use it in tests, and while you investigate a program.
///
/// # Panics
///
/// Panics if the orders are being watched already. With [`OnCycle::Panic`], or if the closure panics, the call that
/// takes a lock in a conflicting order panics, unless its thread is already unwinding.
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

/// Allows the lock with the second name to be taken inside the one with the first.
///
/// Use it for an order that cannot occur at the same time as its opposite, for example while the program starts, or
/// under a third lock. Both arguments are [names](crate::thread::Lock::named) of locks. A name that no lock has
/// allows nothing.
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

/// Watches the orders of locks until it is dropped. Returned by [`lock_order`].
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
