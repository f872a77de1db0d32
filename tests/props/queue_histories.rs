//! Histories of queues under an executor that polls by dice: whatever tasks do, and whenever they
//! are polled or dropped, a sequential queue could have done the same.

use crate::driver::Driver;
use crate::history::{Did, Event, Order, Why, is_linearizable};
use crate::oracle::queue::{Item, Kind};
use crate::queue_program::{Op, Patience, SOON, Turn, programs, timeout, turns};
use crate::queue_subject::{AnySlot, Brought, Request, Subject, on};
use core::task::Poll;
use proptest::prelude::*;
use std::collections::VecDeque;
use std::time::Instant;
use syncline::internals::Quiet;
use syncline::{GetError, PutError, Shutdown};

/// An operation that has begun.
struct Begun<'a> {
    /// The items that it puts, or how many it gets at most.
    wants: Wants,
    is_patient: bool,
    begin: usize,
    now: Now<'a>,
}

enum Wants {
    Put(Vec<Item>),
    Get(usize),
}

enum Now<'a> {
    Waits(Driver<Request<'a>>),
    Has(AnySlot<'a>),
}

struct Task<'a> {
    ops: VecDeque<Op>,
    begun: Option<Begun<'a>>,
}

impl Task<'_> {
    /// Whether there is something for it to do.
    fn is_ready(&self) -> bool {
        match &self.begun {
            None => !self.ops.is_empty(),
            Some(begun) => match &begun.now {
                Now::Waits(driver) => driver.is_woken(),
                Now::Has(_) => true,
            },
        }
    }

    fn is_over(&self) -> bool {
        self.begun.is_none() && self.ops.is_empty()
    }
}

/// The executor, and what has happened so far.
struct Bench<'a> {
    queue: &'a Subject,
    tasks: Vec<Task<'a>>,
    events: Vec<Event>,
    clock: usize,
    made: usize,
}

impl<'a> Bench<'a> {
    fn tick(&mut self) -> usize {
        self.clock += 1;
        self.clock
    }

    fn make(&mut self, priority: u8) -> Item {
        self.made += 1;
        Item {
            priority,
            number: self.made,
        }
    }

    fn record(&mut self, begin: usize, waits: bool, did: Did) {
        let end = self.tick();
        self.events.push(Event {
            did,
            waits,
            begin,
            end,
        });
    }

    fn run(&mut self, turn: &Turn) {
        let pick = |n: usize, from: &[usize]| n.checked_rem(from.len()).map(|at| from[at]);
        let all: Vec<usize> = (0..self.tasks.len()).collect();
        match *turn {
            Turn::Any(n) => self.poll(pick(n, &all).expect("there are tasks")),
            Turn::Woken(n) => {
                if let Some(at) = pick(n, &self.ready()) {
                    self.poll(at);
                }
            }
            Turn::Drop(n) => self.drop_op(pick(n, &all).expect("there are tasks")),
            Turn::Wait => {
                let until = Instant::now() + SOON;
                while Instant::now() < until {
                    core::hint::spin_loop();
                }
            }
        }
    }

    fn ready(&self) -> Vec<usize> {
        let is_ready = |at: &usize| self.tasks[*at].is_ready();
        (0..self.tasks.len()).filter(is_ready).collect()
    }

    fn poll(&mut self, at: usize) {
        let task = &mut self.tasks[at];
        let begun = match task.begun.take() {
            None => (task.ops.pop_front()).and_then(|op| self.begin(op)),
            begun => begun,
        };
        let Some(mut begun) = begun else { return };
        begun.now = match begun.now {
            Now::Waits(mut driver) => match driver.poll() {
                Poll::Pending => Now::Waits(driver),
                Poll::Ready(Brought::Slot(Ok(slot))) => Now::Has(slot),
                Poll::Ready(brought) => {
                    let did = did(begun.wants, brought);
                    return self.record(begun.begin, begun.is_patient, did);
                }
            },
            Now::Has(slot) => {
                let Wants::Put(items) = begun.wants else {
                    unreachable!("a slot is for an item");
                };
                let did = if slot.put(items[0]) {
                    Did::Put(told(items), Some(1), Why::Done)
                } else {
                    Did::Put(told(items), Some(0), Why::ShutDown)
                };
                return self.record(begun.begin, begun.is_patient, did);
            }
        };
        self.tasks[at].begun = Some(begun);
    }

    /// Begins an operation, and does it at once if it never waits.
    fn begin(&mut self, op: Op) -> Option<Begun<'a>> {
        let queue = self.queue;
        let begin = self.tick();
        let is_patient = !matches!(op, Op::Put(_, Patience::None) | Op::Get(Patience::None));
        let (wants, request) = match op {
            Op::Put(priority, patience) => {
                let item = self.make(priority);
                let request = queue.put(item, timeout(patience));
                (Wants::Put(vec![item]), request)
            }
            Op::PutMany(priorities) => {
                let items: Vec<_> = priorities.into_iter().map(|p| self.make(p)).collect();
                (Wants::Put(items.clone()), queue.put_many(items))
            }
            Op::Reserve(priority) => (Wants::Put(vec![self.make(priority)]), queue.reserve()),
            Op::Get(patience) => (Wants::Get(1), queue.get(timeout(patience))),
            Op::GetMany(max) => (Wants::Get(max), queue.get_many(max)),
            Op::TryPut(priority) => {
                let item = self.make(priority);
                let put = queue.try_put(item, 0);
                self.record(begin, false, did(Wants::Put(vec![item]), Brought::Put(put)));
                return None;
            }
            Op::TryGet => {
                let got = queue.try_get(0);
                self.record(begin, false, did(Wants::Get(1), Brought::Item(got)));
                return None;
            }
            Op::Drain => {
                let all = told(queue.drain());
                self.record(begin, false, Did::Got(all, usize::MAX, Why::Done));
                return None;
            }
            Op::ShutDown(immediate) => {
                let how = if immediate {
                    Shutdown::Immediate
                } else {
                    Shutdown::Graceful
                };
                let dropped = on!(queue, queue => queue.shutdown(how));
                self.record(begin, false, Did::ShutDown(immediate, dropped));
                return None;
            }
        };
        let now = Now::Waits(Driver::new(request));
        Some(Begun {
            wants,
            is_patient,
            begin,
            now,
        })
    }

    fn drop_op(&mut self, at: usize) {
        let Some(begun) = self.tasks[at].begun.take() else {
            return;
        };
        match begun.now {
            // The timer may be about to use a waker of it.
            Now::Waits(driver) => drop(driver.cancel()),
            Now::Has(slot) => drop(slot),
        }
        let did = match begun.wants {
            Wants::Put(items) => {
                // Of a list a part may have been put.
                let put = (items.len() == 1).then_some(0);
                Did::Put(told(items), put, Why::Dropped)
            }
            Wants::Get(max) => Did::Got(Vec::new(), max, Why::Dropped),
        };
        self.record(begun.begin, begun.is_patient, did);
    }

    /// Polls who is woken until nobody is.
    fn settle(&mut self) {
        while let Some(&at) = self.ready().first() {
            self.poll(at);
        }
    }
}

fn told(items: Vec<Item>) -> Vec<(u8, usize)> {
    (items.into_iter())
        .map(|item| (item.priority, item.number))
        .collect()
}

/// What was done, seen from what it wanted and what it brought.
fn did(wants: Wants, brought: Brought<'_>) -> Did {
    fn got(error: GetError) -> Why {
        match error {
            GetError::ShutDown => Why::ShutDown,
            _ => Why::Nothing,
        }
    }
    fn put<T>(error: &PutError<T>) -> Why {
        match error {
            PutError::ShutDown(_) => Why::ShutDown,
            _ => Why::Nothing,
        }
    }
    match (wants, brought) {
        (Wants::Get(max), Brought::Item(result)) => match result {
            Ok(item) => Did::Got(told(vec![item]), max, Why::Done),
            Err(error) => Did::Got(Vec::new(), max, got(error)),
        },
        (Wants::Get(max), Brought::Items(result)) => match result {
            Ok(items) => Did::Got(told(items), max, Why::Done),
            Err(error) => Did::Got(Vec::new(), max, got(error)),
        },
        (Wants::Put(items), Brought::Put(result)) => match result {
            Ok(()) => Did::Put(told(items), Some(1), Why::Done),
            Err(error) => Did::Put(told(items), Some(0), put(&error)),
        },
        (Wants::Put(items), Brought::PutMany(result)) => match result {
            Ok(()) => Did::Put(told(items.clone()), Some(items.len()), Why::Done),
            Err(error) => {
                let why = put(&error);
                let rest = error.into_inner();
                let done = items.len() - rest.len();
                assert_eq!(
                    items[done..],
                    rest,
                    "what has not been put comes back in order"
                );
                Did::Put(told(items), Some(done), why)
            }
        },
        (Wants::Put(items), Brought::Slot(Err(error))) => {
            Did::Put(told(items), Some(0), put(&error))
        }
        _ => panic!("a request of one kind brought what is of another"),
    }
}

fn order(kind: Kind) -> Order {
    match kind {
        Kind::Fifo => Order::Oldest,
        Kind::Lifo => Order::Newest,
        Kind::Priority => Order::Least,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    /// Traps A12, A13, A14, B9, C5.
    #[test]
    fn every_history_of_tasks_is_one_of_a_sequential_queue(
        kind in prop_oneof![Just(Kind::Fifo), Just(Kind::Lifo), Just(Kind::Priority)],
        capacity in 1..4_usize,
        programs in programs(),
        turns in turns(),
    ) {
        let queue = Subject::new(kind, capacity);
        let mut bench = Bench {
            queue: &queue,
            tasks: (programs.into_iter()).map(|ops| Task { ops, begun: None }).collect(),
            events: Vec::new(),
            clock: 0,
            made: 0,
        };
        for turn in &turns {
            bench.run(turn);
        }
        bench.settle();
        // Who still waits, waits for what there is not.
        let (len, is_full) = on!(&queue, queue => (queue.len(), queue.is_full()));
        for task in &bench.tasks {
            match &task.begun {
                Some(Begun { wants: Wants::Get(_), .. }) => prop_assert_eq!(len, 0),
                Some(Begun { wants: Wants::Put(_), .. }) => prop_assert!(is_full),
                None => {}
            }
        }
        let begin = bench.tick();
        let dropped = on!(&queue, queue => queue.shutdown(Shutdown::Graceful));
        bench.record(begin, false, Did::ShutDown(false, dropped));
        bench.settle();
        prop_assert!(bench.tasks.iter().all(Task::is_over), "a wake was lost");
        let begin = bench.tick();
        let rest = told(queue.drain());
        bench.record(begin, false, Did::Got(rest, usize::MAX, Why::Done));
        prop_assert!(
            is_linearizable(order(kind), capacity, &bench.events),
            "no sequential queue does this: {:#?}",
            bench.events,
        );
        on!(&queue, queue => queue.assert_quiet());
    }
}
