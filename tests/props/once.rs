//! Scripts for the cell.

use crate::driver::Driver;
use crate::oracle::Id;
use crate::oracle::once::{Found, Model};
use crate::waker::{Call, Probe};
use core::cell::Cell;
use core::future::poll_fn;
use core::panic::AssertUnwindSafe;
use core::pin::Pin;
use core::task::Poll;
use core::time::Duration;
use proptest::prelude::*;
use std::panic::catch_unwind;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use syncline::SetError;
use syncline::internals::Quiet;
use syncline::task::OnceCell;

type Request<'a> = Pin<Box<dyn Future<Output = Result<usize, ()>> + 'a>>;

/// How an initializer ends.
#[derive(Clone, Copy, Debug)]
enum End {
    Value,
    Error,
    Panic,
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
enum Form {
    Make,
    TryMake,
    Wait,
    WaitLong,
}

/// One step of a script. An `at` picks one of the requests that exist then.
#[derive(Clone, Debug)]
enum Step {
    Start(Form),
    /// On the face of threads, without waiting; its initializer ends so.
    Thread(End),
    Tell(usize, End),
    Poll(usize),
    Drop(usize),
    Set,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let form = prop_oneof![
        2 => Just(Form::Make),
        4 => Just(Form::TryMake),
        1 => Just(Form::Wait),
        1 => Just(Form::WaitLong),
    ];
    let end = || prop_oneof![1 => Just(End::Value), 4 => Just(End::Error), 1 => Just(End::Panic)];
    let step = prop_oneof![
        8 => form.prop_map(Step::Start),
        1 => end().prop_map(Step::Thread),
        6 => (any::<usize>(), end()).prop_map(|(at, end)| Step::Tell(at, end)),
        6 => any::<usize>().prop_map(Step::Poll),
        4 => any::<usize>().prop_map(Step::Drop),
        1 => Just(Step::Set),
    ];
    proptest::collection::vec(step, 0..60)
}

/// A request after its first poll.
struct Entry<'a> {
    id: Id,
    form: Form,
    driver: Driver<Request<'a>>,
    /// How its initializer is to end, once it runs.
    told: Rc<Cell<Option<End>>>,
    wakes: usize,
}

/// The cell and its model, side by side.
struct Bench<'a> {
    cell: &'a OnceCell<usize>,
    model: Model,
    requests: Vec<Entry<'a>>,
    next_id: Id,
    /// Who was woken, in order.
    woken: Arc<Mutex<Vec<Id>>>,
}

/// An initializer that ends as it is told, once it is.
async fn initializer(id: Id, told: Rc<Cell<Option<End>>>) -> Result<usize, ()> {
    let end = poll_fn(|_| told.get().map_or(Poll::Pending, Poll::Ready)).await;
    match end {
        End::Value => Ok(id),
        End::Error => Err(()),
        End::Panic => panic!("on purpose"),
    }
}

impl<'a> Bench<'a> {
    fn start(&mut self, form: Form) {
        let id = self.next_id;
        self.next_id += 1;
        let (cell, told) = (self.cell, Rc::new(Cell::new(None)));
        let makes = Rc::clone(&told);
        let request: Request<'a> = match form {
            Form::Make => Box::pin(async move {
                let make = async || initializer(id, makes).await.unwrap_or(id);
                Ok(*cell.get_or_init(make).await)
            }),
            Form::TryMake => Box::pin(async move {
                let made = cell.get_or_try_init(|| initializer(id, makes));
                made.await.copied()
            }),
            Form::Wait => Box::pin(async move { Ok(*cell.wait().await) }),
            Form::WaitLong => Box::pin(async move {
                let set = cell.wait_timeout(Duration::MAX).await;
                set.copied().map_err(drop)
            }),
        };
        let woken = Arc::clone(&self.woken);
        let probe = Probe::on(Call::Wake, move || woken.lock().unwrap().push(id));
        let mut driver = Driver::with(request, probe);
        let expected = match form {
            Form::Make | Form::TryMake => match self.model.would_make(id) {
                Found::Value(value) => Some(value),
                Found::Turn | Found::Line => None,
            },
            Form::Wait | Form::WaitLong => self.model.waits(id),
        };
        match (driver.poll(), expected) {
            (Poll::Ready(got), Some(value)) => assert_eq!(got, Ok(value)),
            (Poll::Pending, None) => self.requests.push(Entry {
                id,
                form,
                driver,
                told,
                wakes: 0,
            }),
            (got, expected) => panic!("{got:?}, and not {expected:?}"),
        }
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

    fn poll(&mut self, at: usize) {
        let Some(at) = self.pick(at) else { return };
        let mut entry = self.requests.remove(at);
        let told = entry.told.get().filter(|_| self.model.has_turn(entry.id));
        let got = catch_unwind(AssertUnwindSafe(|| entry.driver.poll()));
        let Some(end) = told else {
            match (got.expect("nothing panics"), self.model.value()) {
                (Poll::Ready(got), Some(value)) => assert_eq!(got, Ok(value)),
                (Poll::Pending, None) => self.requests.insert(at, entry),
                (got, expected) => panic!("{got:?}, and not {expected:?}"),
            }
            return;
        };
        let end = match (end, entry.form) {
            (End::Error, Form::Make) => End::Value,
            (end, _) => end,
        };
        let woken = match end {
            End::Value => {
                assert!(matches!(got, Ok(Poll::Ready(Ok(value))) if value == entry.id));
                self.model.set(entry.id)
            }
            End::Error => {
                assert!(matches!(got, Ok(Poll::Ready(Err(())))));
                self.model.pass_on()
            }
            End::Panic => {
                got.expect_err("it panics");
                self.model.pass_on()
            }
        };
        self.were_woken(&woken);
    }

    fn drop_request(&mut self, at: usize) {
        let Some(at) = self.pick(at) else { return };
        let Entry { id, driver, .. } = self.requests.remove(at);
        assert_eq!(0, driver.cancel().alive(), "a waker leaked");
        let woken = self.model.withdraw(id);
        self.were_woken(&woken);
    }

    fn thread(&mut self, end: End) {
        let id = self.next_id;
        self.next_id += 1;
        let cell = self.cell.as_thread();
        if self.model.value().is_none() && self.model.is_busy() {
            let unused = || unreachable!("it has no turn");
            cell.get_or_init_timeout(Duration::ZERO, unused)
                .unwrap_err();
            return;
        }
        let make = || match end {
            End::Value => Ok(id),
            End::Error => Err(()),
            End::Panic => panic!("on purpose"),
        };
        let got = catch_unwind(AssertUnwindSafe(|| cell.get_or_try_init(make).copied()));
        match (self.model.value(), end) {
            (Some(value), _) => assert!(matches!(got, Ok(Ok(got)) if got == value)),
            (None, End::Value) => {
                assert!(matches!(got, Ok(Ok(got)) if got == id));
                let woken = self.model.set(id);
                self.were_woken(&woken);
            }
            (None, End::Error) => assert!(matches!(got, Ok(Err(())))),
            (None, End::Panic) => drop(got.expect_err("it panics")),
        }
    }

    fn set(&mut self) {
        let id = self.next_id;
        self.next_id += 1;
        let got = self.cell.set(id);
        if self.model.value().is_some() {
            assert_eq!(got, Err(SetError::AlreadySet(id)));
        } else if self.model.is_busy() {
            assert_eq!(got, Err(SetError::Busy(id)));
        } else {
            assert_eq!(got, Ok(()));
            let woken = self.model.set(id);
            self.were_woken(&woken);
        }
    }

    fn run(&mut self, step: &Step) {
        match *step {
            Step::Start(form) => self.start(form),
            Step::Thread(end) => self.thread(end),
            Step::Tell(at, end) => {
                if let Some(at) = self.pick(at) {
                    self.requests[at].told.set(Some(end));
                    self.poll(at);
                }
            }
            Step::Poll(at) => self.poll(at),
            Step::Drop(at) => self.drop_request(at),
            Step::Set => self.set(),
        }
    }

    /// What must be true after every step.
    fn check(&self) {
        assert_eq!(self.model.value(), self.cell.get().copied());
        assert_eq!(self.model.in_line(), self.cell.waiting());
        assert!(self.woken.lock().unwrap().is_empty(), "woken by nobody");
        for entry in &self.requests {
            assert_eq!(entry.wakes, entry.driver.probe().wakes());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_cell_does_what_its_model_does(script in steps()) {
        let cell = OnceCell::new();
        let mut bench = Bench {
            cell: &cell,
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
        cell.assert_quiet();
    }
}
