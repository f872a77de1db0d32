//! Scripts for the event.

use crate::driver::Driver;
use crate::oracle::event::Model;
use crate::oracle::{First, Id};
use crate::waker::{Call, Probe};
use core::pin::Pin;
use core::task::Poll;
use core::time::Duration;
use proptest::prelude::*;
use std::sync::{Arc, Mutex};
use std::time::Instant;
use syncline::TimedOut;
use syncline::internals::Quiet;
use syncline::task::Event;

type Request<'a> = Pin<Box<dyn Future<Output = Result<(), TimedOut>> + 'a>>;

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
    /// Requests of one form; many of them, so that a set takes more than one batch of wakers.
    Start(Form, usize),
    Thread(Form),
    Poll(usize),
    Drop(usize),
    Set,
    Clear,
    SetAndClear,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let form = prop_oneof![
        4 => Just(Form::Plain),
        1 => Just(Form::Huge),
        1 => Just(Form::Zero),
        1 => Just(Form::Expired),
    ];
    let expired = prop_oneof![Just(Form::Zero), Just(Form::Expired)];
    let count = prop_oneof![8 => 1..4_usize, 1 => 30..70_usize];
    let step = prop_oneof![
        6 => (form, count).prop_map(|(form, count)| Step::Start(form, count)),
        1 => expired.prop_map(Step::Thread),
        4 => any::<usize>().prop_map(Step::Poll),
        4 => any::<usize>().prop_map(Step::Drop),
        1 => Just(Step::Set),
        2 => Just(Step::Clear),
        2 => Just(Step::SetAndClear),
    ];
    proptest::collection::vec(step, 0..40)
}

/// A request after its first poll.
struct Entry<'a> {
    id: Id,
    driver: Driver<Request<'a>>,
    released: bool,
}

/// The event and its model, side by side.
struct Bench<'a> {
    event: &'a Event,
    model: Model,
    requests: Vec<Entry<'a>>,
    next_id: Id,
    /// Who was woken, in order.
    woken: Arc<Mutex<Vec<Id>>>,
}

impl<'a> Bench<'a> {
    fn request(&self, form: Form) -> Request<'a> {
        let event = self.event;
        match form {
            Form::Plain => Box::pin(async {
                event.wait().await;
                Ok(())
            }),
            Form::Huge => Box::pin(event.wait_timeout(Duration::MAX)),
            Form::Zero => Box::pin(event.wait_timeout(Duration::ZERO)),
            Form::Expired => Box::pin(event.wait_deadline(Instant::now())),
        }
    }

    fn start(&mut self, form: Form) {
        let id = self.next_id;
        self.next_id += 1;
        let woken = Arc::clone(&self.woken);
        let probe = Probe::on(Call::Wake, move || woken.lock().unwrap().push(id));
        let mut driver = Driver::with(self.request(form), probe);
        let expired = matches!(form, Form::Zero | Form::Expired);
        match (driver.poll(), self.model.first_poll(id, expired)) {
            (Poll::Ready(Ok(())), First::Served)
            | (Poll::Ready(Err(TimedOut { .. })), First::TimedOut) => (),
            (Poll::Pending, First::Waits) => self.requests.push(Entry {
                id,
                driver,
                released: false,
            }),
            (got, expected) => panic!("{got:?}, and not {expected:?}"),
        }
    }

    fn pick(&self, at: usize) -> Option<usize> {
        at.checked_rem(self.requests.len())
    }

    fn poll(&mut self, at: usize) {
        let Some(at) = self.pick(at) else {
            return;
        };
        let entry = &mut self.requests[at];
        match entry.driver.poll() {
            Poll::Ready(released) => {
                released.unwrap();
                assert!(entry.released, "released by nobody");
                drop(self.requests.remove(at));
            }
            Poll::Pending => assert!(!entry.released, "not released"),
        }
    }

    fn drop_request(&mut self, at: usize) {
        let Some(at) = self.pick(at) else {
            return;
        };
        let Entry { id, driver, .. } = self.requests.remove(at);
        assert_eq!(0, driver.cancel().alive(), "a waker leaked");
        self.model.withdraw(id);
    }

    fn set(&mut self) {
        let released = self.model.set();
        self.event.set();
        for entry in &mut self.requests {
            entry.released |= released.contains(&entry.id);
        }
        let woken = core::mem::take(&mut *self.woken.lock().unwrap());
        assert_eq!(released, woken);
    }

    fn clear(&mut self) {
        self.model.clear();
        self.event.clear();
    }

    fn run(&mut self, step: &Step) {
        match *step {
            Step::Start(form, count) => (0..count).for_each(|_| self.start(form)),
            Step::Thread(form) => {
                let event = self.event.as_thread();
                let got = if matches!(form, Form::Zero) {
                    event.wait_timeout(Duration::ZERO)
                } else {
                    event.wait_deadline(Instant::now())
                };
                assert_eq!(self.model.is_set(), got.is_ok());
            }
            Step::Poll(at) => self.poll(at),
            Step::Drop(at) => self.drop_request(at),
            Step::Set => self.set(),
            Step::Clear => self.clear(),
            Step::SetAndClear => {
                self.set();
                self.clear();
            }
        }
    }

    /// What must be true after every step.
    fn check(&self) {
        assert_eq!(self.model.is_set(), self.event.is_set());
        assert_eq!(self.model.waiting(), self.event.waiting());
        assert!(self.woken.lock().unwrap().is_empty(), "woken by no set");
        for entry in &self.requests {
            let wakes = entry.driver.probe().wakes();
            assert_eq!(usize::from(entry.released), wakes, "wakes of {}", entry.id);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Traps A1, B4, B12.
    #[test]
    fn an_event_does_what_its_model_does(script in steps()) {
        let event = Event::new();
        let mut bench = Bench {
            event: &event,
            model: Model::default(),
            requests: Vec::new(),
            next_id: 0,
            woken: Arc::default(),
        };
        for step in &script {
            bench.run(step);
            bench.check();
        }
        while !bench.requests.is_empty() {
            bench.drop_request(0);
        }
        bench.check();
        event.assert_quiet();
    }
}
