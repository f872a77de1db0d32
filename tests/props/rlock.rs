//! Scripts for the re-entrant lock: three tasks and a thread, with any number of guards.

use crate::actor::Actor;
use crate::driver::Driver;
use crate::oracle::rlock::{Model, Who};
use crate::oracle::{First, Id};
use core::pin::Pin;
use core::task::Poll;
use core::time::Duration;
use proptest::prelude::*;
use std::sync::Arc;
use std::time::Instant;
use syncline::TimedOut;
use syncline::internals::Quiet;
use syncline::{task, thread};

type Request<'a> = Pin<Box<dyn Future<Output = Result<Guard<'a>, TimedOut>> + 'a>>;

/// How many tasks take part; the thread that runs the script is one more owner.
const TASKS: usize = 3;
const THREAD: Who = TASKS;

/// A guard of any kind.
#[derive(Debug)]
enum Guard<'a> {
    Task(task::RLockGuard<'a, u8>),
    TaskOwned(task::OwnedRLockGuard<u8>),
    TaskMapped(task::MappedRLockGuard<'a, u8>),
    Thread(thread::RLockGuard<'a, u8>),
    ThreadOwned(thread::OwnedRLockGuard<u8>),
}

impl Guard<'_> {
    fn depth(&self) -> usize {
        match self {
            Self::Task(guard) => task::RLockGuard::depth(guard),
            Self::TaskOwned(guard) => task::OwnedRLockGuard::depth(guard),
            Self::TaskMapped(guard) => task::MappedRLockGuard::depth(guard),
            Self::Thread(guard) => thread::RLockGuard::depth(guard),
            Self::ThreadOwned(guard) => thread::OwnedRLockGuard::depth(guard),
        }
    }

    fn unlock_fair(self) {
        match self {
            Self::Task(guard) => task::RLockGuard::unlock_fair(guard),
            Self::TaskOwned(guard) => task::OwnedRLockGuard::unlock_fair(guard),
            Self::TaskMapped(guard) => task::MappedRLockGuard::unlock_fair(guard),
            Self::Thread(guard) => thread::RLockGuard::unlock_fair(guard),
            Self::ThreadOwned(guard) => thread::OwnedRLockGuard::unlock_fair(guard),
        }
    }
}

/// Which form a request of a task has.
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
    Task(Who),
    TaskOwned(Who),
    TaskMapped(Who),
    Thread,
    ThreadOwned,
    ThreadZero,
    ThreadExpired,
}

/// One step of a script. An `at` picks one of the requests or guards that exist then.
#[derive(Clone, Debug)]
enum Step {
    Start(Form, Who),
    Try(Try),
    /// A request is polled by any task, whether somebody has woken it or not.
    Poll {
        at: usize,
        who: Who,
    },
    DropRequest {
        at: usize,
    },
    Unlock {
        at: usize,
        fair: bool,
    },
    Look(Who),
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
    let who = 0..TASKS;
    let way = prop_oneof![
        who.clone().prop_map(Try::Task),
        who.clone().prop_map(Try::TaskOwned),
        who.clone().prop_map(Try::TaskMapped),
        Just(Try::Thread),
        Just(Try::ThreadOwned),
        Just(Try::ThreadZero),
        Just(Try::ThreadExpired),
    ];
    let at = any::<usize>();
    let step = prop_oneof![
        6 => (form, who.clone()).prop_map(|(form, who)| Step::Start(form, who)),
        4 => way.prop_map(Step::Try),
        6 => (at, who.clone()).prop_map(|(at, who)| Step::Poll { at, who }),
        3 => at.prop_map(|at| Step::DropRequest { at }),
        7 => (at, any::<bool>()).prop_map(|(at, fair)| Step::Unlock { at, fair }),
        1 => who.prop_map(Step::Look),
    ];
    proptest::collection::vec(step, 0..80)
}

/// A request after its first poll.
struct Entry<'a> {
    id: Id,
    driver: Driver<Request<'a>>,
    /// Who has polled it last.
    who: Who,
    granted: bool,
}

/// The lock and its model, side by side.
struct Bench<'a> {
    lock: &'a Arc<task::RLock<u8>>,
    same: &'a Arc<thread::RLock<u8>>,
    model: Model,
    tasks: [Actor<'a>; TASKS],
    requests: Vec<Entry<'a>>,
    guards: Vec<Guard<'a>>,
    next_id: Id,
}

impl<'a> Bench<'a> {
    fn request(&self, form: Form) -> Request<'a> {
        let lock = self.lock;
        let (huge, zero) = (Duration::MAX, Duration::ZERO);
        match form {
            Form::Plain => Box::pin(async { Ok(Guard::Task(lock.lock().await)) }),
            Form::Owned => Box::pin(async { Ok(Guard::TaskOwned(lock.lock_owned().await)) }),
            Form::Huge => Box::pin(async move { lock.lock_timeout(huge).await.map(Guard::Task) }),
            Form::Zero => Box::pin(async move { lock.lock_timeout(zero).await.map(Guard::Task) }),
            Form::OwnedHuge => Box::pin(async move {
                let guard = lock.lock_owned_timeout(huge).await;
                guard.map(Guard::TaskOwned)
            }),
            Form::OwnedExpired => Box::pin(async {
                let guard = lock.lock_owned_deadline(Instant::now()).await;
                guard.map(Guard::TaskOwned)
            }),
        }
    }

    /// Whether a request of this task has been granted and not polled since. What another request of that task
    /// does then (it may take the grant over, at its second poll) is told in `tests/task/futurelock.rs`.
    fn is_offered_to(&self, who: Who) -> bool {
        self.requests
            .iter()
            .any(|entry| entry.granted && entry.who == who)
    }

    fn start(&mut self, form: Form, who: Who) {
        if self.is_offered_to(who) {
            return;
        }
        let id = self.next_id;
        self.next_id += 1;
        let mut driver = Driver::new(self.request(form));
        let expired = matches!(form, Form::Zero | Form::OwnedExpired);
        let first = self.model.first_poll(id, who, expired);
        let (poll, driver) = self.tasks[who].run(move || (driver.poll(), driver));
        match (poll, first) {
            (Poll::Ready(Ok(guard)), First::Served) => self.guards.push(guard),
            (Poll::Ready(Err(TimedOut { .. })), First::TimedOut) => (),
            (Poll::Pending, First::Waits) => self.requests.push(Entry {
                id,
                driver,
                who,
                granted: false,
            }),
            (got, expected) => panic!("{got:?}, and not {expected:?}"),
        }
    }

    fn attempt(&mut self, way: Try) {
        let (lock, same) = (self.lock, self.same);
        let (who, got) = match way {
            Try::Task(who) => {
                let got = self.tasks[who].run(move || lock.try_lock());
                (who, got.map(Guard::Task))
            }
            Try::TaskOwned(who) => {
                let got = self.tasks[who].run(move || lock.try_lock_owned());
                (who, got.map(Guard::TaskOwned))
            }
            Try::TaskMapped(who) => {
                let got = self.tasks[who].run(move || lock.try_lock());
                let map = |guard| Guard::TaskMapped(task::RLockGuard::map(guard, |data| data));
                (who, got.map(map))
            }
            Try::Thread => (THREAD, same.try_lock().map(Guard::Thread)),
            Try::ThreadOwned => (THREAD, same.try_lock_owned().map(Guard::ThreadOwned)),
            Try::ThreadZero => {
                let got = same.lock_timeout(Duration::ZERO);
                (THREAD, got.ok().map(Guard::Thread))
            }
            Try::ThreadExpired => {
                let got = same.lock_owned_deadline(Instant::now());
                (THREAD, got.ok().map(Guard::ThreadOwned))
            }
        };
        assert_eq!(self.model.try_lock(who), got.is_some());
        self.guards.extend(got);
    }

    fn poll(&mut self, at: usize, who: Who) {
        let Some(at) = at.checked_rem(self.requests.len()) else {
            return;
        };
        if !self.requests[at].granted && self.is_offered_to(who) {
            return;
        }
        let mut entry = self.requests.remove(at);
        entry.who = who;
        let through = self.model.poll(entry.id, who);
        let (poll, entry) = self.tasks[who].run(move || (entry.driver.poll(), entry));
        match poll {
            Poll::Ready(guard) => {
                assert!(through, "served out of turn");
                assert_eq!(0, entry.driver.probe().alive(), "a waker leaked");
                self.guards.push(guard.unwrap());
            }
            Poll::Pending => {
                assert!(!through, "a grant was lost, or an owner not known");
                self.requests.insert(at, entry);
            }
        }
    }

    fn drop_request(&mut self, at: usize) {
        let Some(at) = at.checked_rem(self.requests.len()) else {
            return;
        };
        let Entry { id, driver, .. } = self.requests.remove(at);
        assert_eq!(0, driver.cancel().alive(), "a waker leaked");
        let next = self.model.withdraw(id);
        self.granted(next);
    }

    fn unlock(&mut self, at: usize, fair: bool) {
        let Some(at) = at.checked_rem(self.guards.len()) else {
            return;
        };
        let guard = self.guards.swap_remove(at);
        if fair {
            guard.unlock_fair();
        } else {
            drop(guard);
        }
        let next = self.model.unlock();
        self.granted(next);
    }

    fn granted(&mut self, next: Option<Id>) {
        for entry in &mut self.requests {
            entry.granted |= next == Some(entry.id);
        }
    }

    /// What a task sees of it: the data if it could lock, which it does for that moment.
    fn look(&mut self, who: Who) {
        let lock = self.lock;
        let shown = self.tasks[who].run(move || format!("{lock:?}"));
        let can = self.model.try_lock(who);
        assert_eq!(shown.contains("data: 7"), can, "{shown}");
        if can {
            assert_eq!(None, self.model.unlock());
        }
    }

    fn run(&mut self, step: &Step) {
        match *step {
            Step::Start(form, who) => self.start(form, who),
            Step::Try(way) => self.attempt(way),
            Step::Poll { at, who } => self.poll(at, who),
            Step::DropRequest { at } => self.drop_request(at),
            Step::Unlock { at, fair } => self.unlock(at, fair),
            Step::Look(who) => self.look(who),
        }
    }

    /// What must be true after every step.
    fn check(&self) {
        assert_eq!(self.model.is_locked(), self.lock.is_locked());
        assert_eq!(self.model.waiting(), self.lock.waiting());
        assert_eq!(self.model.depth(), self.guards.len());
        for guard in &self.guards {
            assert_eq!(self.guards.len(), guard.depth());
        }
        for entry in &self.requests {
            let wakes = entry.driver.probe().wakes();
            assert_eq!(usize::from(entry.granted), wakes, "wakes of {}", entry.id);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_re_entrant_lock_does_what_its_model_does(script in steps()) {
        let lock = Arc::new(task::RLock::new(7));
        let same = Arc::clone(&lock).into_thread();
        let mut bench = Bench {
            lock: &lock,
            same: &same,
            model: Model::default(),
            tasks: [(); TASKS].map(|()| Actor::new()),
            requests: Vec::new(),
            guards: Vec::new(),
            next_id: 0,
        };
        for step in &script {
            bench.run(step);
            bench.check();
        }
        while !bench.guards.is_empty() {
            bench.unlock(0, false);
            bench.check();
        }
        while !bench.requests.is_empty() {
            bench.drop_request(0);
            bench.check();
        }
        drop(bench);
        assert!(!lock.is_locked());
        assert_eq!(2, Arc::strong_count(&lock));
        lock.assert_quiet();
    }
}
