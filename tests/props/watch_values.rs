//! Scripts for the watch.

use crate::driver::Driver;
use crate::waker::{Call, Probe};
use core::pin::Pin;
use core::task::Poll;
use core::time::Duration;
use proptest::prelude::*;
use std::sync::{Arc, Mutex};
use syncline::internals::Quiet;
use syncline::task::{Observer, Watch};
use syncline::{ChangeError, WatchClosed};

type Id = usize;
type Request = Pin<Box<dyn Future<Output = (Observer<usize>, Result<(), WatchClosed>)>>>;

/// One step of a script. An `at` picks one of those that exist then.
#[derive(Clone, Debug)]
enum Step {
    Subscribe,
    CloneObserver(usize),
    DropObserver(usize),
    Look(usize),
    Update(usize),
    /// On the face of threads, without waiting.
    Thread(usize),
    Wait(usize),
    Poll(usize),
    DropWait(usize),
    Send,
    SendIf(bool),
    CloneHandle,
    DropHandle(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let at = any::<usize>;
    let step = prop_oneof![
        3 => Just(Step::Subscribe),
        1 => at().prop_map(Step::CloneObserver),
        1 => at().prop_map(Step::DropObserver),
        2 => at().prop_map(Step::Look),
        3 => at().prop_map(Step::Update),
        2 => at().prop_map(Step::Thread),
        6 => at().prop_map(Step::Wait),
        4 => at().prop_map(Step::Poll),
        2 => at().prop_map(Step::DropWait),
        3 => Just(Step::Send),
        2 => any::<bool>().prop_map(Step::SendIf),
        1 => Just(Step::CloneHandle),
        1 => at().prop_map(Step::DropHandle),
    ];
    proptest::collection::vec(step, 0..60)
}

/// An observer that waits, after its first poll, and what it has seen.
struct Waiting {
    id: Id,
    seen: usize,
    driver: Driver<Request>,
    wakes: usize,
}

/// The watch and its model, side by side: each value is its version.
struct Bench {
    handles: Vec<Watch<usize>>,
    version: usize,
    observers: Vec<(Observer<usize>, usize)>,
    waiting: Vec<Waiting>,
    next_id: Id,
    /// Who was woken, in order.
    woken: Arc<Mutex<Vec<Id>>>,
}

fn pick<T>(list: &[T], at: usize) -> Option<usize> {
    at.checked_rem(list.len())
}

impl Bench {
    fn is_closed(&self) -> bool {
        self.handles.is_empty()
    }

    /// All who have not been told so far are told, in order.
    fn told(&mut self) {
        let woken = core::mem::take(&mut *self.woken.lock().unwrap());
        let waits = |one: &&mut Waiting| one.wakes == 0;
        let expected: Vec<_> = (self.waiting.iter_mut().filter(waits))
            .map(|one| {
                one.wakes = 1;
                one.id
            })
            .collect();
        assert_eq!(expected, woken);
    }

    fn send(&mut self, changes: bool) {
        let Some(handle) = self.handles.first() else {
            return;
        };
        let next = self.version + usize::from(changes);
        if changes {
            assert_eq!(self.version, handle.send_replace(next));
        } else {
            assert!(!handle.send_if_modified(|_| false));
        }
        self.version = next;
        if changes {
            self.told();
        }
    }

    fn wait(&mut self, at: usize) {
        let Some(at) = pick(&self.observers, at) else {
            return;
        };
        let (mut observer, seen) = self.observers.remove(at);
        let id = self.next_id;
        self.next_id += 1;
        let woken = Arc::clone(&self.woken);
        let probe = Probe::on(Call::Wake, move || woken.lock().unwrap().push(id));
        let request: Request = Box::pin(async move {
            let result = observer.changed().await;
            (observer, result)
        });
        let mut driver = Driver::with(request, probe);
        match driver.poll() {
            Poll::Ready(ended) => self.ended(seen, ended),
            Poll::Pending => {
                assert!(seen == self.version && !self.is_closed(), "it is ready");
                self.waiting.push(Waiting {
                    id,
                    seen,
                    driver,
                    wakes: 0,
                });
            }
        }
    }

    fn ended(&mut self, seen: usize, ended: (Observer<usize>, Result<(), WatchClosed>)) {
        let (observer, result) = ended;
        if result.is_ok() {
            assert_ne!(seen, self.version, "nothing has changed");
        } else {
            assert!(seen == self.version && self.is_closed());
        }
        self.observers.push((observer, self.version));
    }

    fn run(&mut self, step: &Step) {
        match *step {
            Step::Subscribe => {
                if let Some(handle) = self.handles.first() {
                    self.observers.push((handle.subscribe(), self.version));
                }
            }
            Step::CloneObserver(at) => {
                if let Some(at) = pick(&self.observers, at) {
                    let (observer, seen) = &self.observers[at];
                    self.observers.push((observer.clone(), *seen));
                }
            }
            Step::DropObserver(at) => {
                if let Some(at) = pick(&self.observers, at) {
                    drop(self.observers.remove(at));
                }
            }
            Step::Look(at) => {
                if let Some(at) = pick(&self.observers, at) {
                    assert_eq!(self.version, *self.observers[at].0.borrow());
                }
            }
            Step::Update(at) => {
                if let Some(at) = pick(&self.observers, at) {
                    let (observer, seen) = &mut self.observers[at];
                    assert_eq!(self.version, *observer.borrow_and_update());
                    *seen = self.version;
                }
            }
            Step::Thread(at) => {
                if let Some(at) = pick(&self.observers, at) {
                    let (observer, seen) = self.observers.remove(at);
                    let mut observer = observer.into_thread();
                    let expected = if seen != self.version {
                        Ok(())
                    } else if self.is_closed() {
                        Err(ChangeError::Closed)
                    } else {
                        Err(ChangeError::TimedOut)
                    };
                    assert_eq!(expected, observer.changed_timeout(Duration::ZERO));
                    self.observers.push((observer.into_task(), self.version));
                }
            }
            Step::Wait(at) => self.wait(at),
            Step::Poll(at) => {
                if let Some(at) = pick(&self.waiting, at) {
                    let mut one = self.waiting.remove(at);
                    match one.driver.poll() {
                        Poll::Ready(ended) => self.ended(one.seen, ended),
                        Poll::Pending => {
                            assert_eq!(0, one.wakes, "it was told");
                            self.waiting.insert(at, one);
                        }
                    }
                }
            }
            Step::DropWait(at) => {
                if let Some(at) = pick(&self.waiting, at) {
                    let one = self.waiting.remove(at);
                    assert_eq!(0, one.driver.cancel().alive(), "a waker leaked");
                }
            }
            Step::Send => self.send(true),
            Step::SendIf(changes) => self.send(changes),
            Step::CloneHandle => {
                let handle = self.handles.first().cloned();
                self.handles.extend(handle);
            }
            Step::DropHandle(at) => {
                if let Some(at) = pick(&self.handles, at) {
                    drop(self.handles.remove(at));
                    if self.is_closed() {
                        self.told();
                    }
                }
            }
        }
    }

    /// What must be true after every step.
    fn check(&self) {
        for (observer, seen) in &self.observers {
            let expected = match (*seen != self.version, self.is_closed()) {
                (true, _) => Ok(true),
                (false, false) => Ok(false),
                (false, true) => Err(()),
            };
            assert_eq!(expected, observer.has_changed().map_err(drop));
        }
        let in_line = self.waiting.iter().filter(|one| one.wakes == 0).count();
        if let Some(handle) = self.handles.first() {
            assert_eq!(in_line, handle.waiting());
        }
        assert!(self.woken.lock().unwrap().is_empty(), "woken by nobody");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Traps G9, G10.
    #[test]
    fn a_watch_does_what_its_model_does(script in steps()) {
        let mut bench = Bench {
            handles: vec![Watch::new(0)],
            version: 0,
            observers: Vec::new(),
            waiting: Vec::new(),
            next_id: 0,
            woken: Arc::default(),
        };
        for step in &script {
            bench.run(step);
            bench.check();
        }
        bench.waiting.clear();
        if let Some(handle) = bench.handles.first() {
            handle.assert_quiet();
        }
    }
}
