//! Scripts for the lock.

use crate::driver::Driver;
use crate::oracle::lock::Model;
use crate::oracle::{First, Id};
use core::pin::Pin;
use core::task::Poll;
use core::time::Duration;
use proptest::prelude::*;
use std::sync::Arc;
use std::time::Instant;
use syncline::internals::Quiet;
use syncline::task::{Lock, LockGuard};
use syncline::{OwnedLockGuard, TimedOut};

type Request<'a> = Pin<Box<dyn Future<Output = Result<Guard<'a>, TimedOut>> + 'a>>;

/// A guard of either kind.
#[derive(Debug)]
enum Guard<'a> {
    Borrowed(LockGuard<'a, usize>),
    Owned(OwnedLockGuard<usize>),
}

impl Guard<'_> {
    /// Counts the entries into the lock.
    fn enter(&mut self) -> usize {
        let count = match self {
            Self::Borrowed(guard) => &mut **guard,
            Self::Owned(guard) => &mut **guard,
        };
        *count += 1;
        *count
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

/// A way of taking the lock that does not wait.
#[derive(Clone, Copy, Debug)]
enum Try {
    Task,
    TaskOwned,
    Thread,
    ThreadZero,
    ThreadExpired,
}

/// One step of a script. An `at` picks one of the requests that exist then.
#[derive(Clone, Debug)]
enum Step {
    Start(Form),
    Try(Try),
    /// A request that waits or is granted is polled; it may be one that nobody has woken.
    Poll {
        at: usize,
    },
    DropRequest {
        at: usize,
    },
    Unlock {
        fair: bool,
    },
    Look,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let form = prop_oneof![
        3 => Just(Form::Plain),
        3 => Just(Form::Owned),
        1 => Just(Form::Huge),
        1 => Just(Form::OwnedHuge),
        1 => Just(Form::Zero),
        1 => Just(Form::OwnedExpired),
    ];
    let way = prop_oneof![
        Just(Try::Task),
        Just(Try::TaskOwned),
        Just(Try::Thread),
        Just(Try::ThreadZero),
        Just(Try::ThreadExpired),
    ];
    let at = any::<usize>();
    let step = prop_oneof![
        6 => form.prop_map(Step::Start),
        2 => way.prop_map(Step::Try),
        6 => at.prop_map(|at| Step::Poll { at }),
        4 => at.prop_map(|at| Step::DropRequest { at }),
        5 => any::<bool>().prop_map(|fair| Step::Unlock { fair }),
        1 => Just(Step::Look),
    ];
    proptest::collection::vec(step, 0..60)
}

/// A request after its first poll.
struct Entry<'a> {
    id: Id,
    driver: Driver<Request<'a>>,
    granted: bool,
}

/// The lock and its model, side by side.
struct Bench<'a> {
    lock: &'a Arc<Lock<usize>>,
    model: Model,
    requests: Vec<Entry<'a>>,
    guard: Option<Guard<'a>>,
    entries: usize,
    next_id: Id,
}

impl<'a> Bench<'a> {
    fn request(&self, form: Form) -> Request<'a> {
        let lock = self.lock;
        let (huge, zero) = (Duration::MAX, Duration::ZERO);
        let borrowed = Guard::Borrowed;
        match form {
            Form::Plain => Box::pin(async move { Ok(borrowed(lock.lock().await)) }),
            Form::Owned => Box::pin(async { Ok(Guard::Owned(lock.lock_owned().await)) }),
            Form::Huge => Box::pin(async move { lock.lock_timeout(huge).await.map(borrowed) }),
            Form::Zero => Box::pin(async move { lock.lock_timeout(zero).await.map(borrowed) }),
            Form::OwnedHuge => {
                Box::pin(async move { lock.lock_owned_timeout(huge).await.map(Guard::Owned) })
            }
            Form::OwnedExpired => {
                let at = Instant::now();
                Box::pin(async move { lock.lock_owned_deadline(at).await.map(Guard::Owned) })
            }
        }
    }

    fn start(&mut self, form: Form) {
        let id = self.next_id;
        self.next_id += 1;
        let mut driver = Driver::new(self.request(form));
        let expired = matches!(form, Form::Zero | Form::OwnedExpired);
        let first = self.model.first_poll(id, expired);
        match (driver.poll(), first) {
            (Poll::Ready(Ok(guard)), First::Served) => self.keep(guard),
            (Poll::Ready(Err(TimedOut { .. })), First::TimedOut) => (),
            (Poll::Pending, First::Waits) => self.requests.push(Entry {
                id,
                driver,
                granted: false,
            }),
            (got, expected) => panic!("{got:?}, and not {expected:?}"),
        }
    }

    fn keep(&mut self, mut guard: Guard<'a>) {
        assert!(self.guard.is_none(), "two owners");
        self.entries += 1;
        assert_eq!(self.entries, guard.enter());
        self.guard = Some(guard);
    }

    fn attempt(&mut self, way: Try) {
        let lock = self.lock;
        let got = match way {
            Try::Task => lock.try_lock().map(Guard::Borrowed),
            Try::TaskOwned => lock.try_lock_owned().map(Guard::Owned),
            // The guards of the blocking face are of another type: taken, and given back.
            Try::Thread => return self.glance(lock.as_thread().try_lock().is_some()),
            Try::ThreadZero => {
                let got = lock.as_thread().lock_timeout(Duration::ZERO);
                return self.glance(got.is_ok());
            }
            Try::ThreadExpired => {
                let got = lock.as_thread().lock_deadline(Instant::now());
                return self.glance(got.is_ok());
            }
        };
        assert_eq!(self.model.try_lock(), got.is_some());
        if let Some(guard) = got {
            self.keep(guard);
        }
    }

    /// Somebody took the lock, or not, and has given it back.
    fn glance(&mut self, got: bool) {
        assert_eq!(self.model.try_lock(), got);
        if got {
            assert_eq!(None, self.model.unlock());
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
            granted,
        } = self.requests.remove(at);
        assert_eq!(0, driver.cancel().alive(), "a waker leaked");
        if granted {
            let next = self.model.unlock();
            self.granted(next);
        } else {
            self.model.withdraw(id);
        }
    }

    fn unlock(&mut self, fair: bool) {
        match self.guard.take() {
            None => return,
            Some(Guard::Borrowed(guard)) if fair => LockGuard::unlock_fair(guard),
            guard => drop(guard),
        }
        let next = self.model.unlock();
        self.granted(next);
    }

    fn granted(&mut self, next: Option<Id>) {
        for entry in &mut self.requests {
            entry.granted |= next == Some(entry.id);
        }
    }

    fn run(&mut self, step: &Step) {
        match *step {
            Step::Start(form) => self.start(form),
            Step::Try(way) => self.attempt(way),
            Step::Poll { at } => self.poll(at),
            Step::DropRequest { at } => self.drop_request(at),
            Step::Unlock { fair } => self.unlock(fair),
            Step::Look => assert!(!format!("{:?}", self.lock).is_empty()),
        }
    }

    /// What must be true after every step.
    fn check(&self) {
        assert_eq!(self.model.is_locked(), self.lock.is_locked());
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
    fn a_lock_does_what_its_model_does(script in steps()) {
        let lock = Arc::new(Lock::new(0));
        let mut bench = Bench {
            lock: &lock,
            model: Model::default(),
            requests: Vec::new(),
            guard: None,
            entries: 0,
            next_id: 0,
        };
        for step in &script {
            bench.run(step);
            bench.check();
        }
        bench.unlock(false);
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
