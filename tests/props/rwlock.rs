//! Scripts for the lock of readers and writers.

use crate::driver::Driver;
use crate::oracle::rwlock::{Mode, Model};
use crate::oracle::{First, Id};
use core::pin::Pin;
use core::task::Poll;
use core::time::Duration;
use proptest::prelude::*;
use std::sync::Arc;
use std::time::Instant;
use syncline::internals::Quiet;
use syncline::task::{
    OwnedRwLockReadGuard, OwnedRwLockUpgradableReadGuard, OwnedRwLockWriteGuard, RwLock,
    RwLockReadGuard, RwLockUpgradableReadGuard, RwLockWriteGuard,
};

/// What a request comes to; one whose time is over may give a guard back.
type Request<'a> = Pin<Box<dyn Future<Output = Result<Guard<'a>, Option<Guard<'a>>>> + 'a>>;

/// A guard of any kind.
#[derive(Debug)]
enum Guard<'a> {
    Read(RwLockReadGuard<'a, usize>),
    Upgradable(RwLockUpgradableReadGuard<'a, usize>),
    Write(RwLockWriteGuard<'a, usize>),
    OwnedRead(OwnedRwLockReadGuard<usize>),
    OwnedUpgradable(OwnedRwLockUpgradableReadGuard<usize>),
    OwnedWrite(OwnedRwLockWriteGuard<usize>),
}

impl Guard<'_> {
    fn mode(&self) -> Mode {
        match self {
            Self::Read(_) | Self::OwnedRead(_) => Mode::Read,
            Self::Upgradable(_) | Self::OwnedUpgradable(_) => Mode::Upgradable,
            Self::Write(_) | Self::OwnedWrite(_) => Mode::Write,
        }
    }

    /// Looks at the data, and counts one more writer if it may. Answers how many have been there.
    fn enter(&mut self) -> usize {
        match self {
            Self::Read(guard) => **guard,
            Self::OwnedRead(guard) => **guard,
            Self::Upgradable(guard) => **guard,
            Self::OwnedUpgradable(guard) => **guard,
            Self::Write(guard) => {
                **guard += 1;
                **guard
            }
            Self::OwnedWrite(guard) => {
                **guard += 1;
                **guard
            }
        }
    }
}

/// Which form a request has.
#[derive(Clone, Copy, Debug)]
enum Form {
    Plain,
    Owned,
    Huge,
    OwnedHuge,
    Zero,
    OwnedExpired,
}

impl Form {
    fn is_expired(self) -> bool {
        matches!(self, Self::Zero | Self::OwnedExpired)
    }
}

/// One step of a script. An `at` picks one of the requests, or of the guards, that exist then.
#[derive(Clone, Debug)]
enum Step {
    Start(Mode, Form),
    Try(Mode, bool),
    /// The blocking face tries, and gives back what it gets.
    TryThread(Mode),
    ReadRecursive,
    /// Whoever has an upgradable guard waits to write.
    Upgrade(Form),
    TryUpgrade,
    /// A request that waits or is granted is polled; it may be one that nobody has woken.
    Poll {
        at: usize,
    },
    DropRequest {
        at: usize,
    },
    Downgrade {
        at: usize,
        upgradable: bool,
    },
    Unlock {
        at: usize,
    },
    Look,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let form = || {
        prop_oneof![
            3 => Just(Form::Plain),
            3 => Just(Form::Owned),
            1 => Just(Form::Huge),
            1 => Just(Form::OwnedHuge),
            1 => Just(Form::Zero),
            1 => Just(Form::OwnedExpired),
        ]
    };
    let mode = || {
        prop_oneof![
            3 => Just(Mode::Read),
            2 => Just(Mode::Upgradable),
            2 => Just(Mode::Write),
        ]
    };
    let at = any::<usize>();
    let step = prop_oneof![
        8 => (mode(), form()).prop_map(|(mode, form)| Step::Start(mode, form)),
        2 => (mode(), any::<bool>()).prop_map(|(mode, owned)| Step::Try(mode, owned)),
        1 => mode().prop_map(Step::TryThread),
        1 => Just(Step::ReadRecursive),
        3 => form().prop_map(Step::Upgrade),
        1 => Just(Step::TryUpgrade),
        6 => at.prop_map(|at| Step::Poll { at }),
        4 => at.prop_map(|at| Step::DropRequest { at }),
        2 => (at, any::<bool>()).prop_map(|(at, upgradable)| Step::Downgrade { at, upgradable }),
        7 => at.prop_map(|at| Step::Unlock { at }),
        1 => Just(Step::Look),
    ];
    proptest::collection::vec(step, 0..80)
}

/// A request after its first poll.
struct Entry<'a> {
    id: Id,
    driver: Driver<Request<'a>>,
    /// What it will have; `None` is an upgrade.
    mode: Option<Mode>,
    granted: bool,
}

/// The lock and its model, side by side.
struct Bench<'a> {
    lock: &'a Arc<RwLock<usize>>,
    model: Model,
    requests: Vec<Entry<'a>>,
    guards: Vec<Guard<'a>>,
    writers: usize,
    next_id: Id,
}

impl<'a> Bench<'a> {
    fn request(&self, mode: Mode, form: Form) -> Request<'a> {
        let (lock, huge, zero) = (self.lock, Duration::MAX, Duration::ZERO);
        let at = Instant::now();
        macro_rules! request {
            ($Plain:ident $Owned:ident $wait:ident $wait_timeout:ident $wait_owned:ident $wait_owned_timeout:ident $wait_owned_deadline:ident) => {
                match form {
                    Form::Plain => Box::pin(async move { Ok(Guard::$Plain(lock.$wait().await)) }),
                    Form::Owned => Box::pin(async { Ok(Guard::$Owned(lock.$wait_owned().await)) }),
                    Form::Huge => Box::pin(async move {
                        (lock.$wait_timeout(huge).await)
                            .map(Guard::$Plain)
                            .map_err(|_| None)
                    }),
                    Form::Zero => Box::pin(async move {
                        (lock.$wait_timeout(zero).await)
                            .map(Guard::$Plain)
                            .map_err(|_| None)
                    }),
                    Form::OwnedHuge => Box::pin(async move {
                        (lock.$wait_owned_timeout(huge).await)
                            .map(Guard::$Owned)
                            .map_err(|_| None)
                    }),
                    Form::OwnedExpired => Box::pin(async move {
                        (lock.$wait_owned_deadline(at).await)
                            .map(Guard::$Owned)
                            .map_err(|_| None)
                    }),
                }
            };
        }
        match mode {
            Mode::Read => request!(Read OwnedRead read read_timeout
                read_owned read_owned_timeout read_owned_deadline),
            Mode::Upgradable => {
                request!(Upgradable OwnedUpgradable upgradable_read upgradable_read_timeout
                upgradable_read_owned upgradable_read_owned_timeout upgradable_read_owned_deadline)
            }
            Mode::Write => request!(Write OwnedWrite write write_timeout
                write_owned write_owned_timeout write_owned_deadline),
        }
    }

    /// The upgrade of a guard. Of the forms only the limit of time matters.
    fn upgrade(guard: Guard<'a>, form: Form) -> Request<'a> {
        let at = Instant::now();
        match guard {
            Guard::Upgradable(guard) => Box::pin(async move {
                let timeout = match form {
                    Form::Plain | Form::Owned => {
                        return Ok(Guard::Write(
                            RwLockUpgradableReadGuard::upgrade(guard).await,
                        ));
                    }
                    Form::Huge | Form::OwnedHuge => Duration::MAX,
                    Form::Zero => Duration::ZERO,
                    Form::OwnedExpired => {
                        let upgrade = RwLockUpgradableReadGuard::upgrade_deadline(guard, at).await;
                        return (upgrade.map(Guard::Write))
                            .map_err(|guard| Some(Guard::Upgradable(guard)));
                    }
                };
                (RwLockUpgradableReadGuard::upgrade_timeout(guard, timeout).await)
                    .map(Guard::Write)
                    .map_err(|guard| Some(Guard::Upgradable(guard)))
            }),
            Guard::OwnedUpgradable(guard) => Box::pin(async move {
                let timeout = match form {
                    Form::Plain | Form::Owned => {
                        return Ok(Guard::OwnedWrite(RwLock::upgrade_owned(guard).await));
                    }
                    Form::Huge | Form::OwnedHuge => Duration::MAX,
                    Form::Zero => Duration::ZERO,
                    Form::OwnedExpired => {
                        let upgrade = RwLock::upgrade_owned_deadline(guard, at).await;
                        return (upgrade.map(Guard::OwnedWrite))
                            .map_err(|guard| Some(Guard::OwnedUpgradable(guard)));
                    }
                };
                (RwLock::upgrade_owned_timeout(guard, timeout).await)
                    .map(Guard::OwnedWrite)
                    .map_err(|guard| Some(Guard::OwnedUpgradable(guard)))
            }),
            other => panic!("{other:?} cannot be upgraded"),
        }
    }

    fn start(
        &mut self,
        mode: Option<Mode>,
        request: Request<'a>,
        first: impl FnOnce(&mut Model, Id) -> First,
    ) {
        let id = self.next_id;
        self.next_id += 1;
        let mut driver = Driver::new(request);
        let first = first(&mut self.model, id);
        match (driver.poll(), first) {
            (Poll::Ready(Ok(guard)), First::Served) => self.keep(guard),
            (Poll::Ready(Err(given_back)), First::TimedOut) => {
                assert_eq!(mode.is_none(), given_back.is_some());
                self.guards.extend(given_back);
            }
            (Poll::Pending, First::Waits) => self.requests.push(Entry {
                id,
                driver,
                mode,
                granted: false,
            }),
            (got, expected) => panic!("{got:?}, and not {expected:?}"),
        }
    }

    fn keep(&mut self, mut guard: Guard<'a>) {
        self.writers += usize::from(guard.mode() == Mode::Write);
        assert_eq!(self.writers, guard.enter());
        self.guards.push(guard);
    }

    fn attempt(&mut self, mode: Mode, owned: bool) {
        let lock = self.lock;
        let got = match (mode, owned) {
            (Mode::Read, false) => lock.try_read().map(Guard::Read),
            (Mode::Read, true) => lock.try_read_owned().map(Guard::OwnedRead),
            (Mode::Upgradable, false) => lock.try_upgradable_read().map(Guard::Upgradable),
            (Mode::Upgradable, true) => {
                (lock.try_upgradable_read_owned()).map(Guard::OwnedUpgradable)
            }
            (Mode::Write, false) => lock.try_write().map(Guard::Write),
            (Mode::Write, true) => lock.try_write_owned().map(Guard::OwnedWrite),
        };
        assert_eq!(self.model.try_lock(mode), got.is_some());
        if let Some(guard) = got {
            self.keep(guard);
        }
    }

    /// A thread has the lock, or not, and gives it back.
    fn glance(&mut self, mode: Mode) {
        let lock = self.lock.as_thread();
        let got = match mode {
            Mode::Read => lock.try_read().is_some(),
            Mode::Upgradable => lock.upgradable_read_timeout(Duration::ZERO).is_ok(),
            Mode::Write => lock.write_deadline(Instant::now()).is_ok(),
        };
        assert_eq!(self.model.try_lock(mode), got);
        if got {
            let granted = self.model.change(mode, None);
            self.grant(&granted);
        }
    }

    fn glance_past_the_line(&mut self) {
        let got = self.lock.as_thread().try_read_recursive();
        assert_eq!(self.model.try_read_recursive(), got.is_some());
        if got.is_some() {
            drop(got);
            let granted = self.model.change(Mode::Read, None);
            self.grant(&granted);
        }
    }

    fn take_upgradable(&mut self) -> Option<Guard<'a>> {
        let is = |guard: &Guard<'_>| guard.mode() == Mode::Upgradable;
        let at = self.guards.iter().position(is)?;
        Some(self.guards.remove(at))
    }

    fn start_upgrade(&mut self, form: Form) {
        if let Some(guard) = self.take_upgradable() {
            let upgrade = Self::upgrade(guard, form);
            self.start(None, upgrade, |model, id| {
                model.first_poll_of_upgrade(id, form.is_expired())
            });
        }
    }

    fn attempt_upgrade(&mut self) {
        let upgraded = match self.take_upgradable() {
            None => return,
            Some(Guard::Upgradable(guard)) => RwLockUpgradableReadGuard::try_upgrade(guard)
                .map(Guard::Write)
                .map_err(Guard::Upgradable),
            Some(Guard::OwnedUpgradable(guard)) => {
                OwnedRwLockUpgradableReadGuard::try_upgrade(guard)
                    .map(Guard::OwnedWrite)
                    .map_err(Guard::OwnedUpgradable)
            }
            other => panic!("{other:?} is not upgradable"),
        };
        assert_eq!(self.model.try_upgrade(), upgraded.is_ok());
        match upgraded {
            Ok(guard) => self.keep(guard),
            Err(guard) => self.guards.push(guard),
        }
    }

    fn poll(&mut self, at: usize) {
        let Some(at) = at.checked_rem(self.requests.len()) else {
            return;
        };
        let entry = &mut self.requests[at];
        match entry.driver.poll() {
            Poll::Ready(guard) => {
                assert!(entry.granted, "served out of turn");
                drop(self.requests.remove(at));
                self.keep(guard.unwrap());
            }
            Poll::Pending => assert!(!entry.granted, "a grant was lost"),
        }
    }

    fn drop_request(&mut self, at: usize) {
        let Some(at) = at.checked_rem(self.requests.len()) else {
            return;
        };
        let Entry {
            id,
            driver,
            mode,
            granted,
        } = self.requests.remove(at);
        assert_eq!(0, driver.cancel().alive(), "a waker leaked");
        let mut next = match (mode, granted) {
            (Some(mode), true) => self.model.change(mode, None),
            // What an upgrade was granted goes back first, and then its guard.
            (None, true) => self.model.change(Mode::Write, Some(Mode::Upgradable)),
            (_, false) => self.model.withdraw(id),
        };
        if mode.is_none() {
            next.extend(self.model.change(Mode::Upgradable, None));
        }
        self.grant(&next);
    }

    fn downgrade(&mut self, at: usize, upgradable: bool) {
        let Some(at) = at.checked_rem(self.guards.len()) else {
            return;
        };
        let before = self.guards.remove(at);
        let from = before.mode();
        let after = match (before, upgradable) {
            (Guard::Write(guard), true) => {
                Guard::Upgradable(RwLockWriteGuard::downgrade_to_upgradable(guard))
            }
            (Guard::Write(guard), false) => Guard::Read(RwLockWriteGuard::downgrade(guard)),
            (Guard::OwnedWrite(guard), true) => {
                Guard::OwnedUpgradable(OwnedRwLockWriteGuard::downgrade_to_upgradable(guard))
            }
            (Guard::OwnedWrite(guard), false) => {
                Guard::OwnedRead(OwnedRwLockWriteGuard::downgrade(guard))
            }
            (Guard::Upgradable(guard), _) => {
                Guard::Read(RwLockUpgradableReadGuard::downgrade(guard))
            }
            (Guard::OwnedUpgradable(guard), _) => {
                Guard::OwnedRead(OwnedRwLockUpgradableReadGuard::downgrade(guard))
            }
            (reader, _) => return self.guards.push(reader),
        };
        let next = self.model.change(from, Some(after.mode()));
        self.guards.push(after);
        self.grant(&next);
    }

    fn unlock(&mut self, at: usize) {
        let Some(at) = at.checked_rem(self.guards.len()) else {
            return;
        };
        let guard = self.guards.remove(at);
        let mode = guard.mode();
        drop(guard);
        let next = self.model.change(mode, None);
        self.grant(&next);
    }

    fn grant(&mut self, next: &[Id]) {
        for entry in &mut self.requests {
            entry.granted |= next.contains(&entry.id);
        }
    }

    fn run(&mut self, step: &Step) {
        match *step {
            Step::Start(mode, form) => {
                let request = self.request(mode, form);
                self.start(Some(mode), request, |model, id| {
                    model.first_poll(id, mode, form.is_expired())
                });
            }
            Step::Try(mode, owned) => self.attempt(mode, owned),
            Step::TryThread(mode) => self.glance(mode),
            Step::ReadRecursive => self.glance_past_the_line(),
            Step::Upgrade(form) => self.start_upgrade(form),
            Step::TryUpgrade => self.attempt_upgrade(),
            Step::Poll { at } => self.poll(at),
            Step::DropRequest { at } => self.drop_request(at),
            Step::Downgrade { at, upgradable } => self.downgrade(at, upgradable),
            Step::Unlock { at } => self.unlock(at),
            Step::Look => assert!(!format!("{:?}", self.lock).is_empty()),
        }
    }

    /// What must be true after every step.
    fn check(&self) {
        assert_eq!(self.model.is_locked(), self.lock.is_locked());
        assert_eq!(self.model.is_write_locked(), self.lock.is_write_locked());
        assert_eq!(self.model.reader_count(), self.lock.reader_count());
        assert_eq!(self.model.waiting(), self.lock.waiting());
        for entry in &self.requests {
            let wakes = entry.driver.probe().wakes();
            assert_eq!(usize::from(entry.granted), wakes, "wakes of {}", entry.id);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_lock_of_readers_and_writers_does_what_its_model_does(script in steps()) {
        let lock = Arc::new(RwLock::new(0));
        let mut bench = Bench {
            lock: &lock,
            model: Model::default(),
            requests: Vec::new(),
            guards: Vec::new(),
            writers: 0,
            next_id: 0,
        };
        for step in &script {
            bench.run(step);
            bench.check();
        }
        while !bench.guards.is_empty() {
            bench.unlock(0);
            bench.check();
        }
        while !bench.requests.is_empty() {
            bench.drop_request(0);
            bench.check();
        }
        drop(bench);
        assert!(!lock.is_locked());
        assert_eq!(1, Arc::strong_count(&lock));
        lock.assert_quiet();
    }
}
