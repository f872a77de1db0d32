//! Scripts for the condition and its lock.

use crate::driver::Driver;
use crate::oracle::condition::Model;
use crate::oracle::{First, Id};
use core::pin::Pin;
use core::task::Poll;
use core::time::Duration;
use proptest::prelude::*;
use std::sync::Arc;
use std::time::Instant;
use syncline::TimedOut;
use syncline::internals::Quiet;
use syncline::task::{Condition, Lock, OwnedLockGuard};

/// Owned, so that a notify moves its waiter to the lock's line.
type Guard = OwnedLockGuard<usize>;
type Request<'a> = Pin<Box<dyn Future<Output = (Guard, Result<(), TimedOut>)> + 'a>>;

/// How long somebody waits for a notify.
#[derive(Clone, Copy, Debug)]
enum Form {
    Plain,
    Huge,
    Zero,
    Expired,
}

/// Whom a notify is for.
#[derive(Clone, Copy, Debug)]
enum Notify {
    One,
    Some(usize),
    All,
}

/// One step of a script. An `at` picks one of the requests that exist then.
#[derive(Clone, Debug)]
enum Step {
    Lock,
    Unlock,
    /// The owner of the lock waits with it.
    Wait(Form),
    Notify(Notify),
    Poll {
        at: usize,
    },
    Drop {
        at: usize,
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let form = prop_oneof![
        6 => Just(Form::Plain),
        3 => Just(Form::Huge),
        1 => Just(Form::Zero),
        1 => Just(Form::Expired),
    ];
    let notify = prop_oneof![
        4 => Just(Notify::One),
        2 => (0..4_usize).prop_map(Notify::Some),
        1 => Just(Notify::Some(usize::MAX)),
        2 => Just(Notify::All),
    ];
    let at = any::<usize>();
    let step = prop_oneof![
        4 => Just(Step::Lock),
        3 => Just(Step::Unlock),
        7 => form.prop_map(Step::Wait),
        4 => notify.prop_map(Step::Notify),
        6 => at.prop_map(|at| Step::Poll { at }),
        4 => at.prop_map(|at| Step::Drop { at }),
    ];
    proptest::collection::vec(step, 0..80)
}

/// A request for the lock, or a wait, after its first poll.
struct Entry<'a> {
    id: Id,
    driver: Driver<Request<'a>>,
    granted: bool,
    /// Its time was over at once: it reports that when it has the lock.
    expired: bool,
}

/// The lock, the condition and their model, side by side.
struct Bench<'a> {
    lock: &'a Arc<Lock<usize>>,
    changed: &'a Condition,
    model: Model,
    requests: Vec<Entry<'a>>,
    guard: Option<Guard>,
    next_id: Id,
}

impl<'a> Bench<'a> {
    fn id(&mut self) -> Id {
        self.next_id += 1;
        self.next_id
    }

    fn keep(&mut self, guard: Guard) {
        assert!(self.guard.is_none(), "two owners");
        self.guard = Some(guard);
    }

    fn granted(&mut self, next: Option<Id>) {
        for entry in &mut self.requests {
            entry.granted |= next == Some(entry.id);
        }
    }

    fn lock(&mut self) {
        let id = self.id();
        let lock = self.lock;
        let mut driver: Driver<Request<'a>> =
            Driver::new(Box::pin(async move { (lock.lock_owned().await, Ok(())) }));
        match (driver.poll(), self.model.lock.first_poll(id, false)) {
            (Poll::Ready((guard, _)), First::Served) => self.keep(guard),
            (Poll::Pending, First::Waits) => self.requests.push(Entry {
                id,
                driver,
                granted: false,
                expired: false,
            }),
            (got, expected) => panic!("{got:?}, and not {expected:?}"),
        }
    }

    fn wait(&mut self, form: Form) {
        let Some(guard) = self.guard.take() else {
            return;
        };
        let id = self.id();
        let changed = self.changed;
        let (huge, zero) = (Duration::MAX, Duration::ZERO);
        let mut driver: Driver<Request<'a>> = Driver::new(match form {
            Form::Plain => Box::pin(async { (changed.wait(guard).await, Ok(())) }),
            Form::Huge => Box::pin(changed.wait_timeout(guard, huge)),
            Form::Zero => Box::pin(changed.wait_timeout(guard, zero)),
            Form::Expired => Box::pin(changed.wait_deadline(guard, Instant::now())),
        });
        let expired = matches!(form, Form::Zero | Form::Expired);
        let poll = driver.poll();
        let (next, served) = if expired {
            // Released, and at once a request like any other.
            let next = self.model.lock.unlock();
            (next, self.model.lock.first_poll(id, false) == First::Served)
        } else {
            (self.model.wait(id), false)
        };
        self.granted(next);
        match poll {
            Poll::Ready((guard, result)) => {
                assert!(served && expired && result.is_err());
                self.keep(guard);
            }
            Poll::Pending => {
                assert!(!served, "could have been through");
                self.requests.push(Entry {
                    id,
                    driver,
                    granted: false,
                    expired,
                });
            }
        }
    }

    fn unlock(&mut self) {
        if self.guard.take().is_some() {
            let next = self.model.lock.unlock();
            self.granted(next);
        }
    }

    fn notify(&mut self, whom: Notify) {
        let (reached, next) = match whom {
            Notify::One => {
                let (reached, next) = self.model.notify(1);
                assert_eq!(reached == 1, self.changed.notify_one());
                (reached, next)
            }
            Notify::Some(n) => {
                let (reached, next) = self.model.notify(n);
                assert_eq!(reached, self.changed.notify(n));
                (reached, next)
            }
            Notify::All => {
                let (reached, next) = self.model.notify_all();
                assert_eq!(reached, self.changed.notify_all());
                (reached, next)
            }
        };
        assert!(next.is_none() || reached > 0);
        self.granted(next);
    }

    fn poll(&mut self, at: usize) {
        let Some(at) = at.checked_rem(self.requests.len()) else {
            return;
        };
        let entry = &mut self.requests[at];
        match entry.driver.poll() {
            Poll::Ready((guard, result)) => {
                assert!(entry.granted, "served out of turn");
                assert_eq!(entry.expired, result.is_err());
                let entry = self.requests.remove(at);
                self.model.through(entry.id);
                assert_eq!(0, entry.driver.cancel().alive(), "a waker leaked");
                self.keep(guard);
            }
            Poll::Pending => assert!(!entry.granted, "a grant was lost"),
        }
    }

    fn drop_one(&mut self, at: usize) {
        let Some(at) = at.checked_rem(self.requests.len()) else {
            return;
        };
        let Entry {
            id,
            driver,
            granted,
            ..
        } = self.requests.remove(at);
        assert_eq!(0, driver.cancel().alive(), "a waker leaked");
        let next = self.model.drop(id, granted);
        self.granted(next);
    }

    fn run(&mut self, step: &Step) {
        match *step {
            Step::Lock => self.lock(),
            Step::Unlock => self.unlock(),
            Step::Wait(form) => self.wait(form),
            Step::Notify(whom) => self.notify(whom),
            Step::Poll { at } => self.poll(at),
            Step::Drop { at } => self.drop_one(at),
        }
    }

    /// What must be true after every step.
    fn check(&self) {
        assert_eq!(self.model.lock.is_locked(), self.lock.is_locked());
        assert_eq!(self.model.lock.waiting(), self.lock.waiting());
        assert_eq!(self.model.waiting(), self.changed.waiting());
        for entry in &self.requests {
            let wakes = entry.driver.probe().wakes();
            assert_eq!(usize::from(entry.granted), wakes, "wakes of {}", entry.id);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_condition_does_what_its_model_does(script in steps()) {
        let (lock, changed) = (Arc::new(Lock::new(0)), Condition::new());
        let mut bench = Bench {
            lock: &lock,
            changed: &changed,
            model: Model::default(),
            requests: Vec::new(),
            guard: None,
            next_id: 0,
        };
        for step in &script {
            bench.run(step);
            bench.check();
        }
        bench.unlock();
        while !bench.requests.is_empty() {
            bench.drop_one(0);
            bench.check();
        }
        drop(bench);
        assert!(!lock.is_locked());
        changed.assert_quiet();
        lock.assert_quiet();
    }
}
