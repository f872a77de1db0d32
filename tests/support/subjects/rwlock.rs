//! The waiting forms of the lock for readers and writers.

use super::{Form, Subject, Waiting, boxed, boxed_ok};
use core::time::Duration;
use std::sync::{Arc, Mutex};
use std::time::Instant;
use syncline::internals::Quiet;
use syncline::task::{RwLock, RwLockUpgradableReadGuard};
use syncline::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard};

/// Far enough for every test, near enough to be put in a timer.
const FAR: Duration = Duration::from_secs(3600);

const MODES: [Mode; 4] = [Mode::Read, Mode::Write, Mode::Upgradable, Mode::Upgrade];
const LIMITS: [Limit; 3] = [Limit::None, Limit::Timeout, Limit::Deadline];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Mode {
    Read,
    Write,
    Upgradable,
    /// An upgradable guard, and then its upgrade.
    Upgrade,
}

#[derive(Clone, Copy, Debug)]
enum Limit {
    None,
    Timeout,
    Deadline,
}

#[derive(Clone, Copy, Debug)]
struct Way {
    mode: Mode,
    owned: bool,
    limit: Limit,
}

pub(super) fn forms() -> Vec<Form> {
    let mut forms = Vec::new();
    for mode in MODES {
        for owned in [false, true] {
            for limit in LIMITS {
                let way = Way { mode, owned, limit };
                let name = format!("RwLock, {way:?}");
                forms.push(Form::new(name, move || Taken::new(way)));
            }
        }
    }
    forms
}

/// Who has the lock until the first step.
#[derive(Debug)]
#[expect(dead_code, reason = "guards are there to be dropped")]
enum Holder {
    Reader(OwnedRwLockReadGuard<u32>),
    Writer(OwnedRwLockWriteGuard<u32>),
}

/// A lock that somebody has until the first step: a reader, if an upgrade is to wait for it.
#[derive(Debug)]
struct Taken {
    lock: Arc<RwLock<u32>>,
    held: Mutex<Option<Holder>>,
    way: Way,
}

impl Taken {
    fn new(way: Way) -> Self {
        let lock = Arc::new(RwLock::new(0));
        let held = if way.mode == Mode::Upgrade {
            lock.try_read_owned().map(Holder::Reader)
        } else {
            lock.try_write_owned().map(Holder::Writer)
        };
        let held = Mutex::new(held);
        Self { lock, held, way }
    }

    fn borrowed(&self) -> Waiting<'_> {
        let (lock, at) = (&self.lock, Instant::now() + FAR);
        match (self.way.mode, self.way.limit) {
            (Mode::Read, Limit::None) => boxed(lock.read()),
            (Mode::Read, Limit::Timeout) => boxed_ok(lock.read_timeout(FAR)),
            (Mode::Read, Limit::Deadline) => boxed_ok(lock.read_deadline(at)),
            (Mode::Write, Limit::None) => boxed(lock.write()),
            (Mode::Write, Limit::Timeout) => boxed_ok(lock.write_timeout(FAR)),
            (Mode::Write, Limit::Deadline) => boxed_ok(lock.write_deadline(at)),
            (Mode::Upgradable, Limit::None) => boxed(lock.upgradable_read()),
            (Mode::Upgradable, Limit::Timeout) => boxed_ok(lock.upgradable_read_timeout(FAR)),
            (Mode::Upgradable, Limit::Deadline) => boxed_ok(lock.upgradable_read_deadline(at)),
            (Mode::Upgrade, limit) => boxed(async move {
                let guard = lock.upgradable_read().await;
                match limit {
                    Limit::None => RwLockUpgradableReadGuard::upgrade(guard).await,
                    Limit::Timeout => (RwLockUpgradableReadGuard::upgrade_timeout(guard, FAR)
                        .await)
                        .expect("the deadline is far"),
                    Limit::Deadline => (RwLockUpgradableReadGuard::upgrade_deadline(guard, at)
                        .await)
                        .expect("the deadline is far"),
                }
            }),
        }
    }

    fn owned(&self) -> Waiting<'_> {
        let (lock, at) = (&self.lock, Instant::now() + FAR);
        match (self.way.mode, self.way.limit) {
            (Mode::Read, Limit::None) => boxed(lock.read_owned()),
            (Mode::Read, Limit::Timeout) => boxed_ok(lock.read_owned_timeout(FAR)),
            (Mode::Read, Limit::Deadline) => boxed_ok(lock.read_owned_deadline(at)),
            (Mode::Write, Limit::None) => boxed(lock.write_owned()),
            (Mode::Write, Limit::Timeout) => boxed_ok(lock.write_owned_timeout(FAR)),
            (Mode::Write, Limit::Deadline) => boxed_ok(lock.write_owned_deadline(at)),
            (Mode::Upgradable, Limit::None) => boxed(lock.upgradable_read_owned()),
            (Mode::Upgradable, Limit::Timeout) => boxed_ok(lock.upgradable_read_owned_timeout(FAR)),
            (Mode::Upgradable, Limit::Deadline) => {
                boxed_ok(lock.upgradable_read_owned_deadline(at))
            }
            (Mode::Upgrade, limit) => boxed(async move {
                let guard = lock.upgradable_read_owned().await;
                match limit {
                    Limit::None => RwLock::upgrade_owned(guard).await,
                    Limit::Timeout => (RwLock::upgrade_owned_timeout(guard, FAR).await)
                        .expect("the deadline is far"),
                    Limit::Deadline => (RwLock::upgrade_owned_deadline(guard, at).await)
                        .expect("the deadline is far"),
                }
            }),
        }
    }
}

impl Subject for Taken {
    fn start(&self) -> Waiting<'_> {
        if self.way.owned {
            self.owned()
        } else {
            self.borrowed()
        }
    }

    fn advance(&self, _step: usize) {
        let guard = self.held.lock().unwrap().take();
        drop(guard.expect("held until the first step"));
    }

    /// Readers are let in together.
    fn is_broadcast(&self) -> bool {
        self.way.mode == Mode::Read
    }

    fn waiting(&self) -> usize {
        self.lock.waiting()
    }

    fn assert_conserved(&self) {
        self.lock.assert_quiet();
        assert!(!self.lock.is_locked(), "a lock nobody holds is locked");
        assert!(self.lock.try_write().is_some());
        assert_eq!(1, Arc::strong_count(&self.lock), "an owned form leaked");
    }
}
