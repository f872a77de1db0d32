//! Scripts for the barrier.

use crate::driver::Driver;
use crate::oracle::Id;
use crate::oracle::barrier::{End, Model};
use crate::waker::{Call, Probe};
use core::panic::AssertUnwindSafe;
use core::pin::Pin;
use core::sync::atomic::Ordering::Relaxed;
use core::sync::atomic::{AtomicBool, AtomicUsize};
use core::task::Poll;
use core::time::Duration;
use proptest::prelude::*;
use std::panic::catch_unwind;
use std::sync::{Arc, Mutex};
use std::time::Instant;
use syncline::internals::Quiet;
use syncline::task::Barrier;
use syncline::{Arrival, BrokenBarrier};

type Met = Result<Arrival, BrokenBarrier>;
type Request<'a> = Pin<Box<dyn Future<Output = Met> + 'a>>;

/// Which form a request has.
#[derive(Clone, Copy, Debug)]
enum Form {
    Plain,
    Huge,
    Zero,
    Expired,
}

/// One step of a script. An `at` picks one of the requests that exist then.
#[derive(Clone, Debug)]
enum Step {
    Start(Form, usize),
    /// The blocking face: does not block if it is the last, or has no time.
    Thread(Form),
    Poll(usize),
    Drop(usize),
    Abort,
    Reset,
    /// The next actions panic, or do not.
    Panics(bool),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let form = prop_oneof![
        6 => Just(Form::Plain),
        2 => Just(Form::Huge),
        1 => Just(Form::Zero),
        1 => Just(Form::Expired),
    ];
    let expired = prop_oneof![Just(Form::Zero), Just(Form::Expired)];
    let count = prop_oneof![8 => 1..4_usize, 1 => 30..70_usize];
    let step = prop_oneof![
        8 => (form, count).prop_map(|(form, count)| Step::Start(form, count)),
        1 => expired.prop_map(Step::Thread),
        4 => any::<usize>().prop_map(Step::Poll),
        4 => any::<usize>().prop_map(Step::Drop),
        1 => Just(Step::Abort),
        3 => Just(Step::Reset),
        1 => prop::bool::weighted(0.4).prop_map(Step::Panics),
    ];
    proptest::collection::vec(step, 0..40)
}

/// What a wait answered, in the words of the model.
fn end(met: Met) -> End {
    match met {
        Ok(arrival) => End::Met(arrival.index()),
        Err(broken) if broken.timed_out() => End::TimedOut,
        Err(_) => End::Broken,
    }
}

/// A request after its first poll.
struct Entry<'a> {
    id: Id,
    driver: Driver<Request<'a>>,
    end: Option<End>,
}

/// The barrier and its model, side by side.
struct Bench<'a> {
    barrier: &'a Barrier,
    model: Model,
    requests: Vec<Entry<'a>>,
    next_id: Id,
    /// Who was woken, in order.
    woken: Arc<Mutex<Vec<Id>>>,
    panics: Arc<AtomicBool>,
    actions: Arc<AtomicUsize>,
}

impl<'a> Bench<'a> {
    fn request(&self, form: Form) -> Request<'a> {
        let barrier = self.barrier;
        match form {
            Form::Plain => Box::pin(barrier.wait()),
            Form::Huge => Box::pin(barrier.wait_timeout(Duration::MAX)),
            Form::Zero => Box::pin(barrier.wait_timeout(Duration::ZERO)),
            Form::Expired => Box::pin(barrier.wait_deadline(Instant::now())),
        }
    }

    /// Notes who must have been told, and compares with who was woken.
    fn told(&mut self, told: &[(Id, End)]) {
        for entry in &mut self.requests {
            if let Some((_, end)) = told.iter().find(|(id, _)| *id == entry.id) {
                entry.end = Some(*end);
            }
        }
        let woken = core::mem::take(&mut *self.woken.lock().unwrap());
        let expected: Vec<_> = told.iter().map(|(id, _)| *id).collect();
        assert_eq!(expected, woken);
    }

    fn start(&mut self, form: Form) {
        let id = self.next_id;
        self.next_id += 1;
        let woken = Arc::clone(&self.woken);
        let probe = Probe::on(Call::Wake, move || woken.lock().unwrap().push(id));
        let mut driver = Driver::with(self.request(form), probe);
        let expired = matches!(form, Form::Zero | Form::Expired);
        let arrived = self.model.arrive(id, expired, self.panics.load(Relaxed));
        let got = match catch_unwind(AssertUnwindSafe(|| driver.poll())) {
            Ok(Poll::Ready(met)) => Some(end(met)),
            Ok(Poll::Pending) => None,
            Err(_) => Some(End::Panicked),
        };
        assert_eq!(arrived.own, got);
        self.told(&arrived.others);
        if got.is_none() {
            self.requests.push(Entry {
                id,
                driver,
                end: None,
            });
        } else {
            assert_eq!(0, driver.cancel().alive(), "a waker leaked");
        }
    }

    fn thread(&mut self, form: Form) {
        let arrived = self.model.arrive(0, true, self.panics.load(Relaxed));
        let barrier = self.barrier.as_thread();
        let waits = || match form {
            Form::Zero => barrier.wait_timeout(Duration::ZERO),
            _ => barrier.wait_deadline(Instant::now()),
        };
        let got = catch_unwind(AssertUnwindSafe(waits)).map_or(End::Panicked, end);
        assert_eq!(arrived.own, Some(got));
        self.told(&arrived.others);
    }

    fn poll(&mut self, at: usize) {
        let Some(at) = at.checked_rem(self.requests.len()) else {
            return;
        };
        let entry = &mut self.requests[at];
        let got = match entry.driver.poll() {
            Poll::Ready(met) => Some(end(met)),
            Poll::Pending => None,
        };
        assert_eq!(entry.end, got);
        if got.is_some() {
            drop(self.requests.remove(at));
        }
    }

    fn drop_request(&mut self, at: usize) {
        let Some(at) = at.checked_rem(self.requests.len()) else {
            return;
        };
        let Entry { id, driver, .. } = self.requests.remove(at);
        assert_eq!(0, driver.cancel().alive(), "a waker leaked");
        self.model.withdraw(id);
    }

    fn run(&mut self, step: &Step) {
        match *step {
            Step::Start(form, count) => (0..count).for_each(|_| self.start(form)),
            Step::Thread(form) => self.thread(form),
            Step::Poll(at) => self.poll(at),
            Step::Drop(at) => self.drop_request(at),
            Step::Abort => {
                let told = self.model.abort();
                self.barrier.abort();
                self.told(&told);
            }
            Step::Reset => {
                let told = self.model.reset();
                self.barrier.reset();
                self.told(&told);
            }
            Step::Panics(panics) => self.panics.store(panics, Relaxed),
        }
    }

    /// What must be true after every step.
    fn check(&self) {
        assert_eq!(self.model.is_broken(), self.barrier.is_broken());
        assert_eq!(self.model.waiting(), self.barrier.waiting());
        assert_eq!(self.model.actions(), self.actions.load(Relaxed));
        assert!(self.woken.lock().unwrap().is_empty(), "woken by nobody");
        for entry in &self.requests {
            let wakes = entry.driver.probe().wakes();
            assert_eq!(usize::from(entry.end.is_some()), wakes, "{}", entry.id);
        }
    }
}

/// Wide enough for two batches of wakers, and small enough to be filled.
fn parties() -> impl Strategy<Value = usize> {
    prop_oneof![6 => 1..6_usize, 1 => 40..80_usize]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Traps A56, B4, B12, C2.
    #[test]
    fn a_barrier_does_what_its_model_does(parties in parties(), script in steps()) {
        let panics = Arc::new(AtomicBool::new(false));
        let actions = Arc::new(AtomicUsize::new(0));
        let barrier = Barrier::with_action(parties, {
            let (panics, actions) = (Arc::clone(&panics), Arc::clone(&actions));
            move || {
                actions.fetch_add(1, Relaxed);
                assert!(!panics.load(Relaxed), "on purpose");
            }
        });
        let mut bench = Bench {
            barrier: &barrier,
            model: Model::new(parties),
            requests: Vec::new(),
            next_id: 1,
            woken: Arc::default(),
            panics,
            actions,
        };
        for step in &script {
            bench.run(step);
            bench.check();
        }
        while !bench.requests.is_empty() {
            bench.drop_request(0);
        }
        bench.check();
        barrier.assert_quiet();
    }
}
