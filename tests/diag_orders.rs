//! Orders of locks that can deadlock, and those that cannot. One test in a process of its own, for all of that is watched.
#![cfg(all(feature = "diagnostics", not(syncline_loom)))]

use core::panic::AssertUnwindSafe;
use core::time::Duration;
use std::panic::catch_unwind;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::sync::{Arc, Mutex};
use std::thread::spawn;

use syncline::diag::{self, OnCycle, OrderReport, OrderWatch};
use syncline::thread::{Condition, Lock, RLock, RwLock, RwLockWriteGuard, lock_all, try_lock_all};

/// What has been reported so far.
struct Reports(Receiver<OrderReport>);

impl Reports {
    fn watch() -> (Self, OrderWatch) {
        let (sender, reports) = channel();
        let sender = Mutex::new(sender);
        let watch = diag::lock_order(OnCycle::report(move |report| {
            sender.lock().unwrap().send(report.clone()).unwrap();
        }));
        (Self(reports), watch)
    }

    #[track_caller]
    fn none(&self) {
        let next = self.0.try_recv().map(|report| report.to_string());
        assert_eq!(next, Err(TryRecvError::Empty));
    }

    #[track_caller]
    fn one(&self) -> OrderReport {
        let report = self
            .0
            .try_recv()
            .expect("it is reported before the lock is taken");
        self.none();
        report
    }
}

#[test]
fn orders_that_can_deadlock_are_told_once_and_others_never() {
    let (reports, watch) = Reports::watch();
    a_circle_of_three_is_told_by_whoever_closes_it(&reports);
    two_of_a_kind_are_told_unless_they_are_taken_at_once(&reports);
    what_was_given_up_or_away_is_not_held(&reports);
    what_is_tried_waits_for_nobody(&reports);
    who_writes_has_it_and_who_reads_takes_it(&reports);
    what_is_allowed_is_not_told(&reports);
    drop(watch);
    nobody_is_told_when_nobody_watches(&reports);
    a_panic_has_taken_nothing();
}

fn who_writes_has_it_and_who_reads_takes_it(reports: &Reports) {
    static A: RwLock<u32> = RwLock::new(0).named("order: rw a");
    static B: Lock<u32> = Lock::new(0).named("order: rw b");
    static C: RwLock<u32> = RwLock::new(0).named("order: rw c");
    let writer = A.write();
    drop(B.lock());
    drop(writer);
    let held = B.lock();
    drop(A.read());
    let report = reports.one().to_string();
    assert!(report.contains("order: rw a"), "{report}");
    drop(held);

    let reader = RwLockWriteGuard::downgrade(C.write());
    drop(B.lock());
    drop(reader);
    let held = B.lock();
    drop(C.write());
    drop(held);
    reports.none();
}

fn a_circle_of_three_is_told_by_whoever_closes_it(reports: &Reports) {
    static A: Lock<u32> = Lock::new(0).named("order: a");
    static B: RLock<u32> = RLock::new(0).named("order: b");
    static C: Lock<u32> = Lock::new(0).named("order: c");

    // Each by a thread of its own: no two of them are ever there at the same time.
    let orders: [fn(); 3] = [
        || {
            let _outer = A.lock();
            let _inner = B.lock();
            let _again = B.lock();
        },
        || {
            let _outer = B.lock();
            let _inner = C.lock();
        },
        || {
            let _outer = C.lock();
            let _inner = A.lock_timeout(Duration::from_secs(60));
        },
    ];
    for order in [orders[0], orders[1]] {
        spawn(order).join().unwrap();
        reports.none();
    }
    spawn(orders[2]).join().unwrap();
    let report = reports.one();
    assert_eq!(report.orders.len(), 3);
    let text = report.to_string();
    for name in ["order: a", "order: b", "order: c", "diag_orders.rs"] {
        assert!(text.contains(name), "{text}");
    }
    for order in orders {
        spawn(order).join().unwrap();
    }
    reports.none();
}

fn two_of_a_kind_are_told_unless_they_are_taken_at_once(reports: &Reports) {
    let make = || Lock::new(0);
    let (one, other) = (make(), make());
    drop(lock_all((&one, &other)));
    drop(lock_all(&[make(), make()]));
    reports.none();
    let outer = one.lock();
    drop(other.lock());
    drop(outer);
    let report = reports.one();
    assert!(
        report.to_string().starts_with("two locks of one kind"),
        "{report}"
    );
}

fn what_was_given_up_or_away_is_not_held(reports: &Reports) {
    static OTHER: Lock<u32> = Lock::new(0).named("order: other");
    static WAITS: Lock<u32> = Lock::new(0).named("order: waits");

    let shared = Arc::new(Lock::new(0).named("order: owned"));
    let owned = shared.lock_owned();
    drop(OTHER.lock());
    drop(owned);
    let outer = OTHER.lock();
    drop(shared.lock());
    drop(outer);
    reports.none();

    // While it waits for the condition it has only the other one, and then it comes back.
    let changed = Condition::new();
    let outer = WAITS.lock();
    let outer = changed.wait_timeout(outer, Duration::from_millis(1));
    drop(outer);
    drop(OTHER.lock());
    reports.none();
}

fn what_is_tried_waits_for_nobody(reports: &Reports) {
    static TRIED: Lock<u32> = Lock::new(0).named("order: tried");
    static OUTER: Lock<u32> = Lock::new(0).named("order: outer");

    let outer = OUTER.lock();
    let tried = TRIED.try_lock();
    assert!(tried.is_some());
    drop(tried);
    drop(outer);
    let outer = OUTER.lock();
    assert!(try_lock_all((&TRIED, &Lock::new(0))).is_some());
    assert!(TRIED.lock_timeout(Duration::ZERO).is_ok());
    drop(outer);
    // The other way round is thus the first order of the two.
    let tried = TRIED.try_lock();
    drop(OUTER.lock());
    drop(tried);
    reports.none();
    // And what was tried is the beginning of one.
    let outer = OUTER.lock();
    drop(TRIED.lock());
    drop(outer);
    assert_eq!(reports.one().orders.len(), 2);
}

fn what_is_allowed_is_not_told(reports: &Reports) {
    static FIRST: Lock<u32> = Lock::new(0).named("order: first");
    static SECOND: Lock<u32> = Lock::new(0).named("order: second");

    diag::allow_order("order: second", "order: first");
    for (outer, inner) in [(&FIRST, &SECOND), (&SECOND, &FIRST)] {
        let outer = outer.lock();
        drop(inner.lock());
        drop(outer);
    }
    reports.none();
}

fn nobody_is_told_when_nobody_watches(reports: &Reports) {
    static OFF: [Lock<u32>; 2] = [
        Lock::new(0).named("order: off 1"),
        Lock::new(0).named("order: off 2"),
    ];
    for (outer, inner) in [(0, 1), (1, 0)] {
        let outer = OFF[outer].lock();
        drop(OFF[inner].lock());
        drop(outer);
    }
    let gone = reports.0.try_recv().map(|report| report.to_string());
    assert_eq!(gone, Err(TryRecvError::Disconnected));
}

fn a_panic_has_taken_nothing() {
    static FIRST: Lock<u32> = Lock::new(0).named("order: panics 1");
    static SECOND: Lock<u32> = Lock::new(0).named("order: panics 2");

    let watch = diag::lock_order(OnCycle::Panic);
    let outer = FIRST.lock();
    drop(SECOND.lock());
    drop(outer);
    let outer = SECOND.lock();
    let panic = catch_unwind(AssertUnwindSafe(|| drop(FIRST.lock()))).unwrap_err();
    let message = panic.downcast_ref::<String>().expect("it says why");
    assert!(message.contains("order: panics 1"), "{message}");
    assert!(!FIRST.is_locked());
    drop(outer);
    let twice = catch_unwind(|| diag::lock_order(OnCycle::Panic));
    assert!(twice.is_err(), "one watches already");
    drop(watch);
}
