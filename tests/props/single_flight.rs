//! Scripts for calls that are shared.

use crate::driver::Driver;
use crate::oracle::Id;
use crate::oracle::once::{Found, Model};
use crate::waker::{Call, Probe};
use core::cell::Cell;
use core::future::poll_fn;
use core::panic::AssertUnwindSafe;
use core::pin::Pin;
use core::task::Poll;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::panic::catch_unwind;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use syncline::internals::Quiet;
use syncline::task::SingleFlight;

type Key = u8;
type Request<'a> = Pin<Box<dyn Future<Output = Result<usize, ()>> + 'a>>;

/// How a call ends.
#[derive(Clone, Copy, Debug)]
enum End {
    Value,
    Error,
    Panic,
}

/// One step of a script. An `at` picks one of the requests that exist then.
#[derive(Clone, Debug)]
enum Step {
    Start(Key),
    /// On the face of threads, for a key that nobody is at; its call ends so.
    Thread(Key, End),
    Tell(usize, End),
    Poll(usize),
    Drop(usize),
    Forget(Key),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let key = || 0..3_u8;
    let end = || prop_oneof![2 => Just(End::Value), 3 => Just(End::Error), 1 => Just(End::Panic)];
    let step = prop_oneof![
        8 => key().prop_map(Step::Start),
        1 => (key(), end()).prop_map(|(key, end)| Step::Thread(key, end)),
        6 => (any::<usize>(), end()).prop_map(|(at, end)| Step::Tell(at, end)),
        6 => any::<usize>().prop_map(Step::Poll),
        4 => any::<usize>().prop_map(Step::Drop),
        1 => key().prop_map(Step::Forget),
    ];
    proptest::collection::vec(step, 0..60)
}

/// A request after its first poll.
struct Entry<'a> {
    id: Id,
    /// Which call it is at.
    call: usize,
    driver: Driver<Request<'a>>,
    /// How its own is to end, once it runs.
    told: Rc<Cell<Option<End>>>,
    wakes: usize,
}

/// A call as the model knows it.
struct Shared {
    key: Key,
    turn: Model,
    callers: usize,
}

/// The calls and their model, side by side.
struct Bench<'a> {
    calls: &'a SingleFlight<Key, usize>,
    model: Vec<Shared>,
    /// Which call a newcomer joins.
    listed: BTreeMap<Key, usize>,
    requests: Vec<Entry<'a>>,
    next_id: Id,
    /// Who was woken, in order.
    woken: Arc<Mutex<Vec<Id>>>,
}

async fn ends_as_told(id: Id, told: Rc<Cell<Option<End>>>) -> Result<usize, ()> {
    let end = poll_fn(|_| told.get().map_or(Poll::Pending, Poll::Ready)).await;
    match end {
        End::Value => Ok(id),
        End::Error => Err(()),
        End::Panic => panic!("on purpose"),
    }
}

impl<'a> Bench<'a> {
    fn start(&mut self, key: Key) {
        let id = self.next_id;
        self.next_id += 1;
        let call = *self.listed.entry(key).or_insert_with(|| {
            self.model.push(Shared {
                key,
                turn: Model::default(),
                callers: 0,
            });
            self.model.len() - 1
        });
        let told = Rc::new(Cell::new(None));
        let makes = Rc::clone(&told);
        let request: Request<'a> =
            Box::pin(self.calls.try_work(key, move || ends_as_told(id, makes)));
        let woken = Arc::clone(&self.woken);
        let probe = Probe::on(Call::Wake, move || woken.lock().unwrap().push(id));
        let mut driver = Driver::with(request, probe);
        let shared = &mut self.model[call];
        shared.callers += 1;
        let found = shared.turn.would_make(id);
        assert!(
            matches!(found, Found::Turn | Found::Line),
            "it has no value"
        );
        driver.pending();
        self.requests.push(Entry {
            id,
            call,
            driver,
            told,
            wakes: 0,
        });
    }

    fn pick(&self, at: usize) -> Option<usize> {
        at.checked_rem(self.requests.len())
    }

    /// Exactly these have been woken by the step, in this order.
    fn were_woken(&mut self, expected: &[Id]) {
        let woken = core::mem::take(&mut *self.woken.lock().unwrap());
        assert_eq!(expected, woken);
        for entry in &mut self.requests {
            entry.wakes += usize::from(woken.contains(&entry.id));
        }
    }

    fn unlist(&mut self, call: usize) {
        let key = self.model[call].key;
        if self.listed.get(&key) == Some(&call) {
            self.listed.remove(&key);
        }
    }

    fn leave(&mut self, call: usize) {
        self.model[call].callers -= 1;
        if self.model[call].callers == 0 {
            self.unlist(call);
        }
    }

    fn poll(&mut self, at: usize) {
        let Some(at) = self.pick(at) else { return };
        let mut entry = self.requests.remove(at);
        let call = entry.call;
        let turn = &self.model[call].turn;
        let told = entry.told.get().filter(|_| turn.has_turn(entry.id));
        let value = turn.value();
        let got = catch_unwind(AssertUnwindSafe(|| entry.driver.poll()));
        let Some(end) = told else {
            match (got.expect("nothing panics"), value) {
                (Poll::Ready(got), Some(value)) => {
                    assert_eq!(got, Ok(value));
                    self.leave(call);
                }
                (Poll::Pending, None) => self.requests.insert(at, entry),
                (got, expected) => panic!("{got:?}, and not {expected:?}"),
            }
            return;
        };
        let turn = &mut self.model[call].turn;
        let woken = match end {
            End::Value => {
                assert!(matches!(got, Ok(Poll::Ready(Ok(value))) if value == entry.id));
                let woken = turn.set(entry.id);
                self.unlist(call);
                woken
            }
            End::Error => {
                assert!(matches!(got, Ok(Poll::Ready(Err(())))));
                turn.pass_on()
            }
            End::Panic => {
                got.expect_err("it panics");
                turn.pass_on()
            }
        };
        self.were_woken(&woken);
        self.leave(call);
    }

    fn drop_request(&mut self, at: usize) {
        let Some(at) = self.pick(at) else { return };
        let Entry {
            id, call, driver, ..
        } = self.requests.remove(at);
        assert_eq!(0, driver.cancel().alive(), "a waker leaked");
        let woken = self.model[call].turn.withdraw(id);
        self.were_woken(&woken);
        self.leave(call);
    }

    fn thread(&self, key: Key, end: End) {
        if self.listed.contains_key(&key) {
            return;
        }
        let make = || match end {
            End::Value => Ok(7),
            End::Error => Err(()),
            End::Panic => panic!("on purpose"),
        };
        let calls = self.calls.as_thread();
        let got = catch_unwind(AssertUnwindSafe(|| calls.try_work(key, make)));
        match end {
            End::Value => assert!(matches!(got, Ok(Ok(7)))),
            End::Error => assert!(matches!(got, Ok(Err(())))),
            End::Panic => drop(got.expect_err("it panics")),
        }
    }

    fn run(&mut self, step: &Step) {
        match *step {
            Step::Start(key) => self.start(key),
            Step::Thread(key, end) => self.thread(key, end),
            Step::Tell(at, end) => {
                if let Some(at) = self.pick(at) {
                    self.requests[at].told.set(Some(end));
                    self.poll(at);
                }
            }
            Step::Poll(at) => self.poll(at),
            Step::Drop(at) => self.drop_request(at),
            Step::Forget(key) => {
                let was_listed = self.listed.remove(&key).is_some();
                assert_eq!(was_listed, self.calls.forget(&key));
            }
        }
    }

    /// What must be true after every step.
    fn check(&self) {
        assert_eq!(self.listed.len(), self.calls.len());
        let in_line = self
            .listed
            .values()
            .map(|&at| self.model[at].turn.in_line());
        assert_eq!(in_line.sum::<usize>(), self.calls.waiting());
        assert!(self.woken.lock().unwrap().is_empty(), "woken by nobody");
        for entry in &self.requests {
            assert_eq!(entry.wakes, entry.driver.probe().wakes());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Traps G6, G7, G8.
    #[test]
    fn calls_do_what_their_model_does(script in steps()) {
        let calls = SingleFlight::new();
        let mut bench = Bench {
            calls: &calls,
            model: Vec::new(),
            listed: BTreeMap::new(),
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
        calls.assert_quiet();
    }
}
