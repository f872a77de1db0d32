//! Scripts for the queues, of all three kinds.

use crate::driver::Driver;
use crate::oracle::Id;
use crate::oracle::queue::{Fate, Item, Kind, Model, Wait};
use crate::queue_subject::{AnySlot, Brought, Request, Subject, on};
use crate::waker::{Call, Probe};
use core::task::Poll;
use core::time::Duration;
use proptest::prelude::*;
use std::sync::{Arc, Mutex};
use syncline::internals::Quiet;
use syncline::{GetError, PutError, Shutdown};

/// One step of a script. An `at` picks one of what exists then.
#[derive(Clone, Debug)]
enum Step {
    Get(bool),
    Put(u8, bool),
    Reserve,
    Join,
    TryPut(u8, usize),
    TryGet(usize),
    TryReserve,
    Fill(usize, u8),
    Free(usize),
    Poll(usize),
    Drop(usize),
    Drain,
    Done,
    Capacity(usize),
    ShutDown(bool),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let priority = 0..4_u8;
    let step = prop_oneof![
        8 => any::<bool>().prop_map(Step::Get),
        8 => (priority.clone(), any::<bool>()).prop_map(|(p, huge)| Step::Put(p, huge)),
        3 => Just(Step::Reserve),
        2 => Just(Step::Join),
        6 => (priority.clone(), any::<usize>()).prop_map(|(p, way)| Step::TryPut(p, way)),
        6 => any::<usize>().prop_map(Step::TryGet),
        2 => Just(Step::TryReserve),
        3 => (any::<usize>(), priority).prop_map(|(at, p)| Step::Fill(at, p)),
        2 => any::<usize>().prop_map(Step::Free),
        14 => any::<usize>().prop_map(Step::Poll),
        6 => any::<usize>().prop_map(Step::Drop),
        1 => Just(Step::Drain),
        6 => Just(Step::Done),
        2 => (1..5_usize).prop_map(Step::Capacity),
        1 => prop_oneof![2 => Just(false), 1 => Just(true)].prop_map(Step::ShutDown),
    ];
    proptest::collection::vec(step, 0..60)
}

/// A deadline that never comes, or none.
fn patience(huge: bool) -> Option<Duration> {
    huge.then_some(Duration::MAX)
}

/// A request after its first poll.
struct Entry<'a> {
    id: Id,
    wait: Wait,
    /// What it wants to put.
    item: Option<Item>,
    driver: Driver<Request<'a>>,
}

/// The queue and its model, side by side.
struct Bench<'a> {
    queue: &'a Subject,
    model: Model,
    requests: Vec<Entry<'a>>,
    slots: Vec<AnySlot<'a>>,
    next_id: Id,
    /// How often a request had to wait for a place, and for an item.
    waits: (u64, u64),
    /// Who was woken, in order.
    woken: Arc<Mutex<Vec<Id>>>,
}

impl<'a> Bench<'a> {
    fn item(&mut self, priority: u8) -> Item {
        self.next_id += 1;
        Item {
            priority,
            number: self.next_id,
        }
    }

    /// Polls a new request for the first time; it waits, or the model says what it brings.
    fn start(&mut self, request: Request<'a>, wait: Wait, item: Option<Item>) {
        let id = self.next_id;
        self.next_id += 1;
        let woken = Arc::clone(&self.woken);
        let probe = Probe::on(Call::Wake, move || woken.lock().unwrap().push(id));
        let mut driver = Driver::with(request, probe);
        let polled = driver.poll();
        let model = &mut self.model;
        match (wait, polled) {
            (Wait::Get, Poll::Ready(Brought::Item(got))) if model.has_item() => {
                assert_eq!(got, Ok(model.get()));
            }
            (Wait::Get, Poll::Ready(Brought::Item(got))) => {
                assert!(model.is_drained());
                assert_eq!(got, Err(GetError::ShutDown));
            }
            (Wait::Place, Poll::Ready(Brought::Put(put))) if model.has_place() => {
                assert_eq!(put, Ok(()));
                model.put(item.unwrap());
            }
            (Wait::Place, Poll::Ready(Brought::Put(put))) => {
                assert!(model.is_shut_down());
                assert_eq!(put, Err(PutError::ShutDown(item.unwrap())));
            }
            (Wait::Place, Poll::Ready(Brought::Slot(Ok(slot)))) => {
                assert!(model.has_place());
                model.reserve();
                self.slots.push(slot);
            }
            (Wait::Place, Poll::Ready(Brought::Slot(Err(_)))) => assert!(model.is_shut_down()),
            (Wait::Join, Poll::Ready(Brought::Joined)) => assert_eq!(model.unfinished(), 0),
            (_, Poll::Pending) => {
                match wait {
                    Wait::Get => assert!(!model.has_item() && !model.is_drained()),
                    Wait::Place => assert!(!model.has_place() && !model.is_shut_down()),
                    Wait::Join => assert!(model.unfinished() > 0),
                }
                model.enter(id, wait);
                match wait {
                    Wait::Place => self.waits.0 += 1,
                    Wait::Get => self.waits.1 += 1,
                    Wait::Join => {}
                }
                self.requests.push(Entry {
                    id,
                    wait,
                    item,
                    driver,
                });
            }
            (_, Poll::Ready(_)) => panic!("a request of one kind brought what is of another"),
        }
    }

    fn poll(&mut self, at: usize) {
        let Some(at) = at.checked_rem(self.requests.len()) else {
            return;
        };
        let entry = &mut self.requests[at];
        let fate = self.model.fate(entry.id);
        let Poll::Ready(brought) = entry.driver.poll() else {
            assert_eq!(fate, Fate::Waits);
            return;
        };
        assert_ne!(fate, Fate::Waits);
        let Entry { id, item, .. } = self.requests.remove(at);
        match brought {
            Brought::Item(got) => {
                assert_eq!(got, self.model.claim_get(id).ok_or(GetError::ShutDown));
            }
            Brought::Put(put) => {
                let item = item.unwrap();
                if self.model.claim_place(id) {
                    assert!(self.model.fill(item));
                    assert_eq!(put, Ok(()));
                } else {
                    assert_eq!(put, Err(PutError::ShutDown(item)));
                }
            }
            Brought::Slot(slot) => {
                assert_eq!(slot.is_ok(), self.model.claim_place(id));
                self.slots.extend(slot.ok());
            }
            Brought::Joined => self.model.claim_join(id),
            Brought::Items(_) | Brought::PutMany(_) => unreachable!("no script asks for several"),
        }
    }

    fn drop_request(&mut self, at: usize) {
        let Some(at) = at.checked_rem(self.requests.len()) else {
            return;
        };
        let entry = self.requests.remove(at);
        assert_eq!(0, entry.driver.cancel().alive(), "a waker leaked");
        self.model.withdraw(entry.id, entry.wait);
    }

    fn pick_slot(&mut self, at: usize) -> Option<AnySlot<'a>> {
        let at = at.checked_rem(self.slots.len())?;
        Some(self.slots.swap_remove(at))
    }

    fn run(&mut self, step: &Step) {
        let queue = self.queue;
        match *step {
            Step::Get(huge) => self.start(queue.get(patience(huge)), Wait::Get, None),
            Step::Put(priority, huge) => {
                let item = self.item(priority);
                self.start(queue.put(item, patience(huge)), Wait::Place, Some(item));
            }
            Step::Reserve => self.start(queue.reserve(), Wait::Place, None),
            Step::Join => self.start(queue.join(), Wait::Join, None),
            Step::TryPut(priority, way) => {
                let item = self.item(priority);
                let put = queue.try_put(item, way);
                assert_eq!(put.is_ok(), self.model.has_place());
                match put {
                    Ok(()) => self.model.put(item),
                    Err(error) => {
                        let shut = matches!(error, PutError::ShutDown(_));
                        assert_eq!(shut, self.model.is_shut_down());
                        assert_eq!(error.into_inner(), item);
                    }
                }
            }
            Step::TryGet(way) => match queue.try_get(way) {
                Ok(item) => {
                    assert!(self.model.has_item());
                    assert_eq!(item, self.model.get());
                }
                Err(error) => {
                    assert!(!self.model.has_item());
                    assert_eq!(error == GetError::ShutDown, self.model.is_drained());
                }
            },
            Step::TryReserve => {
                let slot = queue.try_reserve();
                assert_eq!(slot.is_some(), self.model.has_place());
                if slot.is_some() {
                    self.model.reserve();
                }
                self.slots.extend(slot);
            }
            Step::Fill(at, priority) => {
                let item = self.item(priority);
                if let Some(slot) = self.pick_slot(at) {
                    assert_eq!(slot.put(item), self.model.fill(item));
                }
            }
            Step::Free(at) => {
                if let Some(slot) = self.pick_slot(at) {
                    drop(slot);
                    self.model.free_place();
                }
            }
            Step::Poll(at) => self.poll(at),
            Step::Drop(at) => self.drop_request(at),
            Step::Drain => assert_eq!(queue.drain(), self.model.drain()),
            Step::Done => {
                let done = on!(queue, queue => queue.task_done().is_ok());
                assert_eq!(done, self.model.task_done());
            }
            // Not below the high mark, which would be refused.
            Step::Capacity(capacity) => {
                let capacity = capacity.max(self.model.high().unwrap_or(0));
                on!(queue, queue => queue.set_capacity(capacity));
                self.model.set_capacity(capacity);
            }
            Step::ShutDown(immediate) => {
                let how = if immediate {
                    Shutdown::Immediate
                } else {
                    Shutdown::Graceful
                };
                let dropped = on!(queue, queue => queue.shutdown(how));
                assert_eq!(dropped, self.model.shut_down(immediate));
            }
        }
    }

    /// What must be true after every step.
    fn check(&mut self) {
        let mut expected = self.model.take_woken();
        let mut woken = core::mem::take(&mut *self.woken.lock().unwrap());
        // In each line the order of arrival counts; between the lines none is promised.
        expected.sort_unstable();
        woken.sort_unstable();
        assert_eq!(expected, woken);
        let seen = on!(self.queue, queue => (
            queue.len(),
            queue.is_full(),
            queue.is_throttled(),
            queue.unfinished(),
            queue.waiting(),
            queue.is_shut_down(),
        ));
        let model = &self.model;
        let told = (
            model.len(),
            model.is_full(),
            model.is_throttled(),
            model.unfinished(),
            model.waiting(),
            model.is_shut_down(),
        );
        assert_eq!(told, seen);
        if let Some(stats) = on!(self.queue, queue => queue.stats()) {
            let still = |wait| {
                self.requests
                    .iter()
                    .filter(move |entry| entry.wait == wait)
                    .count()
            };
            let waiting = (still(Wait::Place), still(Wait::Get));
            assert_eq!(waiting, (stats.putters, stats.getters));
            assert_eq!(self.waits, (stats.put_waits, stats.get_waits));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    /// Traps A12, A13, A14, A44, B9, B22, C5.
    #[test]
    fn a_queue_does_what_its_model_does(
        kind in prop_oneof![Just(Kind::Fifo), Just(Kind::Lifo), Just(Kind::Priority)],
        capacity in 1..4_usize,
        counts in any::<bool>(),
        marks in proptest::option::of((0..3_usize, 1..4_usize)),
        script in steps(),
    ) {
        let marks = marks.map(|(low, above)| (low + above, low));
        let capacity = capacity.max(marks.map_or(0, |(high, _)| high));
        let mut queue = Subject::new(kind, capacity);
        if let Some((high, low)) = marks {
            queue = queue.watermarks(high, low);
        }
        if counts {
            queue = queue.with_stats();
        }
        let mut bench = Bench {
            queue: &queue,
            model: Model::new(kind, capacity).with_marks(marks),
            requests: Vec::new(),
            slots: Vec::new(),
            next_id: 0,
            waits: (0, 0),
            woken: Arc::default(),
        };
        for step in &script {
            bench.run(step);
            bench.check();
        }
        while !bench.requests.is_empty() {
            bench.drop_request(0);
        }
        while !bench.slots.is_empty() {
            bench.run(&Step::Free(0));
        }
        bench.check();
        on!(&queue, queue => queue.assert_quiet());
    }
}
