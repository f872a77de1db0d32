//! Scripts for the two semaphores, which differ in what a release may add.

use crate::driver::Driver;
use crate::oracle::semaphore::Model;
use crate::oracle::{First, Id};
use crate::subject::{Patience, Request, Subject, Way};
use core::task::Poll;
use proptest::prelude::*;
use syncline::task::{BoundedSemaphore, Semaphore};
use syncline::{Permit, TimedOut};

const MAX: usize = Semaphore::MAX_PERMITS;

/// One step of a script. An `at` picks one of the requests or permits that exist then.
#[derive(Clone, Debug)]
enum Step {
    Start {
        count: usize,
        patience: Patience,
    },
    TryTask(usize),
    TryThread(usize, Way),
    /// A request that waits or is granted is polled; it may be one that nobody has woken.
    Poll {
        at: usize,
    },
    /// As `Poll`, by another task from now on.
    Move {
        at: usize,
    },
    DropRequest {
        at: usize,
    },
    DropPermit {
        at: usize,
        fair: bool,
    },
    ForgetPermit {
        at: usize,
    },
    Split {
        at: usize,
        count: usize,
    },
    Merge {
        at: usize,
        from: usize,
    },
    Release(usize),
    ReleaseTooMany,
    Forget(usize),
    /// Of a bounded one.
    SetCapacity(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    proptest::collection::vec(step(), 0..60)
}

/// Steps between which the capacity is moved, also to the ends of what is possible.
fn moving_steps() -> impl Strategy<Value = Vec<Step>> {
    let capacity = prop_oneof![6 => 0..=2 * MOST, 1 => MAX - MOST..=MAX];
    let step = prop_oneof![9 => step(), 1 => capacity.prop_map(Step::SetCapacity)];
    proptest::collection::vec(step, 0..80)
}

fn step() -> impl Strategy<Value = Step> {
    let count = 0..=MOST;
    let at = any::<usize>();
    let patience = prop_oneof![
        4 => Just(Patience::Endless),
        1 => Just(Patience::Huge),
        1 => Just(Patience::Zero),
        1 => Just(Patience::Expired),
    ];
    let way = prop_oneof![Just(Way::Try), Just(Way::Zero), Just(Way::Expired)];
    prop_oneof![
        8 => (count.clone(), patience).prop_map(|(count, patience)| Step::Start { count, patience }),
        1 => count.clone().prop_map(Step::TryTask),
        2 => (count.clone(), way).prop_map(|(count, way)| Step::TryThread(count, way)),
        6 => at.prop_map(|at| Step::Poll { at }),
        1 => at.prop_map(|at| Step::Move { at }),
        4 => at.prop_map(|at| Step::DropRequest { at }),
        4 => (at, any::<bool>()).prop_map(|(at, fair)| Step::DropPermit { at, fair }),
        1 => at.prop_map(|at| Step::ForgetPermit { at }),
        1 => (at, count.clone()).prop_map(|(at, count)| Step::Split { at, count }),
        1 => (at, at).prop_map(|(at, from)| Step::Merge { at, from }),
        4 => count.clone().prop_map(Step::Release),
        1 => Just(Step::ReleaseTooMany),
        1 => count.prop_map(Step::Forget),
    ]
}

/// A request after its first poll.
struct Entry<'a> {
    id: Id,
    count: usize,
    driver: Driver<Request<'a>>,
    granted: bool,
}

/// The semaphore and its model, side by side.
struct Bench<'a> {
    semaphore: Subject<'a>,
    model: Model,
    requests: Vec<Entry<'a>>,
    permits: Vec<Permit<'a>>,
    next_id: Id,
}

impl<'a> Bench<'a> {
    fn new(semaphore: Subject<'a>, model: Model) -> Self {
        Self {
            semaphore,
            model,
            requests: Vec::new(),
            permits: Vec::new(),
            next_id: 0,
        }
    }

    /// Runs a script, and ends what is left of it.
    fn play(mut self, script: &[Step]) {
        for step in script {
            self.run(step);
            self.check();
        }
        while !self.requests.is_empty() {
            self.drop_request(0);
            self.check();
        }
        while !self.permits.is_empty() {
            self.drop_permit(0, false);
            self.check();
        }
        self.semaphore.assert_quiet();
    }

    fn start(&mut self, count: usize, patience: Patience) {
        let id = self.next_id;
        self.next_id += 1;
        let mut driver = Driver::new(self.semaphore.request(count, patience));
        let expired = matches!(patience, Patience::Zero | Patience::Expired);
        let first = self.model.first_poll(id, count, expired);
        match (driver.poll(), first) {
            (Poll::Ready(Ok(permit)), First::Served) => self.keep(permit, count),
            (Poll::Ready(Err(TimedOut { .. })), First::TimedOut) => (),
            (Poll::Pending, First::Waits) => self.requests.push(Entry {
                id,
                count,
                driver,
                granted: false,
            }),
            (got, expected) => panic!("{got:?}, and not {expected:?}"),
        }
    }

    fn keep(&mut self, permit: Permit<'a>, count: usize) {
        assert_eq!(count, permit.count());
        self.permits.push(permit);
    }

    fn tried(&mut self, got: Option<Permit<'a>>, count: usize) {
        assert_eq!(self.model.try_acquire(count), got.is_some());
        if let Some(permit) = got {
            self.keep(permit, count);
        }
    }

    fn poll(&mut self, at: usize, moves: bool) {
        let Some(at) = pick(at, &self.requests) else {
            return;
        };
        let entry = &mut self.requests[at];
        if moves {
            // A foreign waker is replaced by that of the task in the next poll.
            let foreign = crate::waker::Probe::new();
            let polled = entry.driver.poll_with(&foreign.waker());
            assert_eq!(entry.granted, polled.is_ready());
            if let Poll::Ready(permit) = polled {
                let Entry { count, .. } = self.requests.remove(at);
                return self.keep(permit.unwrap(), count);
            }
        }
        match entry.driver.poll() {
            Poll::Ready(permit) => {
                assert!(entry.granted, "served out of turn");
                let Entry { count, .. } = self.requests.remove(at);
                self.keep(permit.unwrap(), count);
            }
            Poll::Pending => assert!(!entry.granted, "a grant was lost"),
        }
    }

    fn drop_request(&mut self, at: usize) {
        let Some(at) = pick(at, &self.requests) else {
            return;
        };
        let Entry {
            id,
            count,
            driver,
            granted,
        } = self.requests.remove(at);
        assert_eq!(0, driver.cancel().alive(), "a waker leaked");
        let woken = if granted {
            self.model.give_back(count)
        } else {
            self.model.withdraw(id)
        };
        self.granted(&woken);
    }

    fn drop_permit(&mut self, at: usize, fair: bool) {
        let Some(permit) = self.take_permit(at) else {
            return;
        };
        let woken = self.model.give_back(permit.count());
        if fair {
            permit.release_fair();
        } else {
            drop(permit);
        }
        self.granted(&woken);
    }

    fn take_permit(&mut self, at: usize) -> Option<Permit<'a>> {
        let at = pick(at, &self.permits)?;
        Some(self.permits.remove(at))
    }

    fn release(&mut self, count: usize) {
        let woken = self.model.release(count);
        assert_eq!(woken.is_none(), !self.semaphore.release(count));
        self.granted(&woken.unwrap_or_default());
    }

    fn granted(&mut self, woken: &[Id]) {
        for entry in &mut self.requests {
            entry.granted |= woken.contains(&entry.id);
        }
    }

    fn run(&mut self, step: &Step) {
        let semaphore = self.semaphore;
        match *step {
            // It would panic, for it could wait for ever.
            Step::Start { count, .. } if count > self.model.limit() => (),
            Step::TryThread(count, Way::Zero | Way::Expired) if count > self.model.limit() => (),
            Step::Start { count, patience } => self.start(count, patience),
            Step::TryTask(count) => self.tried(semaphore.try_task(count), count),
            Step::TryThread(count, way) => self.tried(semaphore.try_thread(count, way), count),
            Step::Poll { at } => self.poll(at, false),
            Step::Move { at } => self.poll(at, true),
            Step::DropRequest { at } => self.drop_request(at),
            Step::DropPermit { at, fair } => self.drop_permit(at, fair),
            Step::ForgetPermit { at } => {
                if let Some(permit) = self.take_permit(at) {
                    self.model.forget_out(permit.count());
                    permit.forget();
                }
            }
            Step::Split { at, count } => {
                if let Some(at) = pick(at, &self.permits) {
                    let whole = self.permits[at].count();
                    let part = self.permits[at].split(count);
                    assert_eq!(count <= whole, part.is_some());
                    self.permits.extend(part);
                }
            }
            Step::Merge { at, from } => {
                if let Some(from) = self.take_permit(from) {
                    match pick(at, &self.permits) {
                        Some(at) => self.permits[at].merge(from),
                        None => self.permits.push(from),
                    }
                }
            }
            Step::Release(count) => self.release(count),
            Step::ReleaseTooMany => self.release(MAX + 1),
            Step::Forget(count) => {
                assert_eq!(self.model.forget(count), semaphore.forget(count));
            }
            Step::SetCapacity(capacity) => {
                let woken = self.model.set_limit(capacity);
                semaphore.set_capacity(capacity);
                self.granted(&woken);
            }
        }
    }

    /// What must be true after every step.
    fn check(&self) {
        assert_eq!(self.model.free(), self.semaphore.available_permits());
        assert_eq!(self.model.waiting(), self.semaphore.waiting());
        for entry in &self.requests {
            let wakes = entry.driver.probe().wakes();
            assert_eq!(usize::from(entry.granted), wakes, "wakes of {}", entry.id);
        }
    }
}

/// The place that `at` picks.
fn pick<T>(at: usize, from: &[T]) -> Option<usize> {
    at.checked_rem(from.len())
}

fn run(semaphore: Subject<'_>, model: Model, script: &[Step]) {
    Bench::new(semaphore, model).play(script);
}

/// No request of a script asks for more permits than this.
const MOST: usize = 4;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_semaphore_does_what_its_model_does(permits in 0..6_usize, script in steps()) {
        let semaphore = Semaphore::new(permits);
        run(Subject::Plain(&semaphore), Model::new(permits, MAX), &script);
    }

    /// Trap B10.
    #[test]
    fn a_full_semaphore_does_what_its_model_does(missing in 0..6_usize, script in steps()) {
        let semaphore = Semaphore::new(MAX - missing);
        run(Subject::Plain(&semaphore), Model::new(MAX - missing, MAX), &script);
    }

    #[test]
    fn a_bounded_semaphore_does_what_its_model_does(permits in 0..6_usize, script in steps()) {
        let semaphore = BoundedSemaphore::new(permits + MOST);
        assert_eq!(MOST, semaphore.forget(MOST));
        run(Subject::Bounded(&semaphore), Model::new(permits, permits + MOST), &script);
    }

    #[test]
    fn a_semaphore_whose_capacity_moves_does_what_its_model_does(
        capacity in 0..2 * MOST,
        script in moving_steps(),
    ) {
        let semaphore = BoundedSemaphore::new(capacity);
        run(Subject::Bounded(&semaphore), Model::new(capacity, capacity), &script);
    }

    /// All but a few are out when the capacity falls: the debt is as large as it can be.
    #[test]
    fn a_semaphore_in_the_deepest_debt_does_what_its_model_does(
        free in 0..MOST,
        script in moving_steps(),
    ) {
        let semaphore = BoundedSemaphore::new(MAX);
        let mut model = Model::new(MAX, MAX);
        assert!(model.try_acquire(MAX - free));
        let held = semaphore.try_acquire_many(MAX - free).unwrap();
        let mut bench = Bench::new(Subject::Bounded(&semaphore), model);
        bench.keep(held, MAX - free);
        bench.play(&script);
    }
}
