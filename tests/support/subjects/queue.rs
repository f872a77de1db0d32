//! The waiting forms of the queues.

use super::{Form, Subject, Waiting, boxed};
use core::time::Duration;
use std::time::Instant;
use syncline::internals::Quiet;
use syncline::task::Queue;

/// Far enough for every test, near enough to be put in a timer.
const FAR: Duration = Duration::from_secs(3600);

#[derive(Clone, Copy, Debug)]
enum Way {
    Get,
    GetTimeout,
    GetDeadline,
    GetMany,
    GetManyTimeout,
    GetManyDeadline,
    Put,
    PutTimeout,
    PutDeadline,
    PutMany,
    PutManyTimeout,
    PutManyDeadline,
    Reserve,
    ReserveTimeout,
    ReserveDeadline,
    Join,
    JoinTimeout,
    JoinDeadline,
}

const GETS: [Way; 6] = [
    Way::Get,
    Way::GetTimeout,
    Way::GetDeadline,
    Way::GetMany,
    Way::GetManyTimeout,
    Way::GetManyDeadline,
];
const PUTS: [Way; 9] = [
    Way::Put,
    Way::PutTimeout,
    Way::PutDeadline,
    Way::PutMany,
    Way::PutManyTimeout,
    Way::PutManyDeadline,
    Way::Reserve,
    Way::ReserveTimeout,
    Way::ReserveDeadline,
];
const JOINS: [Way; 3] = [Way::Join, Way::JoinTimeout, Way::JoinDeadline];

pub(super) fn forms() -> Vec<Form> {
    let empty = GETS.map(|way| {
        Form::new(format!("Queue, {way:?}"), move || Empty {
            queue: Queue::unbounded(),
            way,
        })
    });
    let full = PUTS.map(|way| Form::new(format!("Queue, {way:?}"), move || Full::new(way)));
    let busy = JOINS.map(|way| Form::new(format!("Queue, {way:?}"), move || Busy::new(way)));
    empty.into_iter().chain(full).chain(busy).collect()
}

/// An empty queue into which an item is put in the first step.
#[derive(Debug)]
struct Empty {
    queue: Queue<u32>,
    way: Way,
}

/// The only item of a list.
fn only(mut items: Vec<u32>) -> u32 {
    let item = items.pop().expect("there is one");
    assert_eq!(items, []);
    item
}

/// An item that goes back when it is dropped.
struct Borrowed<'a>(&'a Queue<u32>, u32);

impl Drop for Borrowed<'_> {
    fn drop(&mut self) {
        self.0.try_put(self.1).unwrap();
    }
}

impl Subject for Empty {
    fn start(&self) -> Waiting<'_> {
        let (queue, way) = (&self.queue, self.way);
        boxed(async move {
            let got = match way {
                Way::GetTimeout => queue.get_timeout(FAR).await,
                Way::GetDeadline => queue.get_deadline(Instant::now() + FAR).await,
                Way::GetMany => queue.get_many(2).await.map(only),
                Way::GetManyTimeout => queue.get_many_timeout(2, FAR).await.map(only),
                Way::GetManyDeadline => {
                    let at = Instant::now() + FAR;
                    queue.get_many_deadline(2, at).await.map(only)
                }
                _ => queue.get().await,
            };
            Borrowed(queue, got.unwrap())
        })
    }

    fn advance(&self, _step: usize) {
        self.queue.try_put(7).unwrap();
    }

    fn waiting(&self) -> usize {
        self.queue.waiting()
    }

    fn assert_conserved(&self) {
        self.queue.assert_quiet();
        assert_eq!(self.queue.try_get(), Ok(7));
        assert!(self.queue.is_empty());
    }
}

/// A full queue which gets room for one more in the first step.
#[derive(Debug)]
struct Full {
    queue: Queue<u32>,
    way: Way,
}

impl Full {
    fn new(way: Way) -> Self {
        let queue = Queue::bounded(1);
        queue.try_put(0).unwrap();
        Self { queue, way }
    }
}

/// A place in a queue that is freed when this is dropped.
struct Filled<'a>(&'a Queue<u32>);

impl Drop for Filled<'_> {
    fn drop(&mut self) {
        self.0.try_get().unwrap();
    }
}

impl Subject for Full {
    fn start(&self) -> Waiting<'_> {
        let (queue, way) = (&self.queue, self.way);
        let at = Instant::now() + FAR;
        match way {
            Way::Reserve => return boxed(async { queue.reserve().await.unwrap() }),
            Way::ReserveTimeout => {
                return boxed(async { queue.reserve_timeout(FAR).await.unwrap() });
            }
            Way::ReserveDeadline => {
                return boxed(async move { queue.reserve_deadline(at).await.unwrap() });
            }
            _ => {}
        }
        boxed(async move {
            match way {
                Way::PutTimeout => queue.put_timeout(1, FAR).await.unwrap(),
                Way::PutDeadline => queue.put_deadline(1, at).await.unwrap(),
                Way::PutMany => queue.put_many([1]).await.unwrap(),
                Way::PutManyTimeout => queue.put_many_timeout([1], FAR).await.unwrap(),
                Way::PutManyDeadline => queue.put_many_deadline([1], at).await.unwrap(),
                _ => queue.put(1).await.unwrap(),
            }
            Filled(queue)
        })
    }

    fn advance(&self, _step: usize) {
        self.queue.set_capacity(2);
    }

    fn waiting(&self) -> usize {
        self.queue.waiting()
    }

    fn assert_conserved(&self) {
        self.queue.assert_quiet();
        assert_eq!(self.queue.len(), 1);
        assert!(!self.queue.is_full());
    }
}

/// A queue of which one item has been got, and is done in the first step.
#[derive(Debug)]
struct Busy {
    queue: Queue<u32>,
    way: Way,
}

impl Busy {
    fn new(way: Way) -> Self {
        let queue = Queue::unbounded();
        queue.try_put(0).unwrap();
        queue.try_get().unwrap();
        Self { queue, way }
    }
}

impl Subject for Busy {
    fn start(&self) -> Waiting<'_> {
        let queue = &self.queue;
        match self.way {
            Way::JoinTimeout => boxed(async { queue.join_timeout(FAR).await.unwrap() }),
            Way::JoinDeadline => boxed(async {
                let at = Instant::now() + FAR;
                queue.join_deadline(at).await.unwrap();
            }),
            _ => boxed(queue.join()),
        }
    }

    fn advance(&self, _step: usize) {
        self.queue.task_done().unwrap();
    }

    fn is_broadcast(&self) -> bool {
        true
    }

    fn waiting(&self) -> usize {
        self.queue.waiting()
    }

    fn assert_conserved(&self) {
        self.queue.assert_quiet();
        assert_eq!(self.queue.unfinished(), 0);
    }
}
