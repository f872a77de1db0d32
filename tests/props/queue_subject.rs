//! A queue of any kind, as a script sees it.

use crate::oracle::queue::{Item, Kind};
use core::pin::Pin;
use core::time::Duration;
use std::time::Instant;
use syncline::store::{Fifo, Lifo, Priority};
use syncline::task::{LifoQueue, PriorityQueue, Queue};
use syncline::{GetError, PutError, Slot};

/// What a request that is over has brought, and what it was.
pub(crate) enum Brought<'a> {
    Item(Result<Item, GetError>),
    Items(Result<Vec<Item>, GetError>),
    Put(Result<(), PutError<Item>>),
    PutMany(Result<(), PutError<Vec<Item>>>),
    Slot(Result<AnySlot<'a>, PutError<()>>),
    Joined,
}

pub(crate) type Request<'a> = Pin<Box<dyn Future<Output = Brought<'a>> + 'a>>;

/// A slot of any queue.
pub(crate) enum AnySlot<'a> {
    Fifo(Slot<'a, Fifo<Item>>),
    Lifo(Slot<'a, Lifo<Item>>),
    Priority(Slot<'a, Priority<u8, usize>>),
}

/// A queue of any kind.
#[derive(Debug)]
pub(crate) enum Subject {
    Fifo(Queue<Item>),
    Lifo(LifoQueue<Item>),
    Priority(PriorityQueue<u8, usize>),
}

fn whole((priority, number): (u8, usize)) -> Item {
    Item { priority, number }
}

fn parted(error: PutError<(u8, usize)>) -> PutError<Item> {
    match error {
        PutError::Full(item) => PutError::Full(whole(item)),
        PutError::TimedOut(item) => PutError::TimedOut(whole(item)),
        PutError::ShutDown(item) => PutError::ShutDown(whole(item)),
    }
}

/// The same call on any queue; what it returns is the same for two kinds of it.
macro_rules! on {
    ($subject:expr, $queue:ident => $call:expr) => {
        match $subject {
            Subject::Fifo($queue) => $call,
            Subject::Lifo($queue) => $call,
            Subject::Priority($queue) => $call,
        }
    };
}
pub(crate) use on;

impl Subject {
    pub(crate) fn new(kind: Kind, capacity: usize) -> Self {
        match kind {
            Kind::Fifo => Self::Fifo(Queue::bounded(capacity)),
            Kind::Lifo => Self::Lifo(LifoQueue::bounded(capacity)),
            Kind::Priority => Self::Priority(PriorityQueue::bounded(capacity)),
        }
    }

    pub(crate) fn watermarks(self, high: usize, low: usize) -> Self {
        match self {
            Self::Fifo(queue) => Self::Fifo(queue.watermarks(high, low)),
            Self::Lifo(queue) => Self::Lifo(queue.watermarks(high, low)),
            Self::Priority(queue) => Self::Priority(queue.watermarks(high, low)),
        }
    }

    pub(crate) fn with_stats(self) -> Self {
        match self {
            Self::Fifo(queue) => Self::Fifo(queue.with_stats()),
            Self::Lifo(queue) => Self::Lifo(queue.with_stats()),
            Self::Priority(queue) => Self::Priority(queue.with_stats()),
        }
    }

    pub(crate) fn get(&self, patience: Option<Duration>) -> Request<'_> {
        macro_rules! get {
            ($queue:expr, $item:expr) => {
                Box::pin(async move {
                    let got = match patience {
                        Some(timeout) => $queue.get_timeout(timeout).await,
                        None => $queue.get().await,
                    };
                    Brought::Item(got.map($item))
                })
            };
        }
        match self {
            Self::Fifo(queue) => get!(queue, |item| item),
            Self::Lifo(queue) => get!(queue, |item| item),
            Self::Priority(queue) => get!(queue, whole),
        }
    }

    pub(crate) fn put(&self, item: Item, patience: Option<Duration>) -> Request<'_> {
        macro_rules! put {
            ($queue:expr, $item:expr, $error:expr) => {
                Box::pin(async move {
                    let put = match patience {
                        Some(timeout) => $queue.put_timeout($item, timeout).await,
                        None => $queue.put($item).await,
                    };
                    Brought::Put(put.map_err($error))
                })
            };
        }
        match self {
            Self::Fifo(queue) => put!(queue, item, |error| error),
            Self::Lifo(queue) => put!(queue, item, |error| error),
            Self::Priority(queue) => put!(queue, (item.priority, item.number), parted),
        }
    }

    pub(crate) fn get_many(&self, max: usize) -> Request<'_> {
        match self {
            Self::Fifo(queue) => Box::pin(async move { Brought::Items(queue.get_many(max).await) }),
            Self::Lifo(queue) => Box::pin(async move { Brought::Items(queue.get_many(max).await) }),
            Self::Priority(queue) => Box::pin(async move {
                let got = queue.get_many(max).await;
                Brought::Items(got.map(|items| items.into_iter().map(whole).collect()))
            }),
        }
    }

    pub(crate) fn put_many(&self, items: Vec<Item>) -> Request<'_> {
        match self {
            Self::Fifo(queue) => Box::pin(async { Brought::PutMany(queue.put_many(items).await) }),
            Self::Lifo(queue) => Box::pin(async { Brought::PutMany(queue.put_many(items).await) }),
            Self::Priority(queue) => Box::pin(async {
                let items = items.into_iter().map(|item| (item.priority, item.number));
                let put = queue.put_many(items).await;
                Brought::PutMany(put.map_err(|error| {
                    let rest = |items: Vec<_>| items.into_iter().map(whole).collect();
                    match error {
                        PutError::Full(items) => PutError::Full(rest(items)),
                        PutError::TimedOut(items) => PutError::TimedOut(rest(items)),
                        PutError::ShutDown(items) => PutError::ShutDown(rest(items)),
                    }
                }))
            }),
        }
    }

    pub(crate) fn reserve(&self) -> Request<'_> {
        match self {
            Self::Fifo(queue) => {
                Box::pin(async { Brought::Slot(queue.reserve().await.map(AnySlot::Fifo)) })
            }
            Self::Lifo(queue) => {
                Box::pin(async { Brought::Slot(queue.reserve().await.map(AnySlot::Lifo)) })
            }
            Self::Priority(queue) => {
                Box::pin(async { Brought::Slot(queue.reserve().await.map(AnySlot::Priority)) })
            }
        }
    }

    pub(crate) fn join(&self) -> Request<'_> {
        on!(self, queue => Box::pin(async {
            queue.join().await;
            Brought::Joined
        }))
    }

    pub(crate) fn try_put(&self, item: Item, way: usize) -> Result<(), PutError<Item>> {
        macro_rules! put {
            ($queue:expr, $item:expr) => {
                match way % 4 {
                    0 => $queue.try_put($item),
                    1 => $queue.as_thread().try_put($item),
                    2 => $queue.as_thread().put_timeout($item, Duration::ZERO),
                    _ => $queue.as_thread().put_deadline($item, Instant::now()),
                }
            };
        }
        match self {
            Self::Fifo(queue) => put!(queue, item),
            Self::Lifo(queue) => put!(queue, item),
            Self::Priority(queue) => put!(queue, (item.priority, item.number)).map_err(parted),
        }
    }

    pub(crate) fn try_get(&self, way: usize) -> Result<Item, GetError> {
        macro_rules! get {
            ($queue:expr) => {
                match way % 4 {
                    0 => $queue.try_get(),
                    1 => $queue.as_thread().try_get(),
                    2 => $queue.as_thread().get_timeout(Duration::ZERO),
                    _ => $queue.as_thread().get_deadline(Instant::now()),
                }
            };
        }
        match self {
            Self::Fifo(queue) => get!(queue),
            Self::Lifo(queue) => get!(queue),
            Self::Priority(queue) => get!(queue).map(whole),
        }
    }

    pub(crate) fn try_reserve(&self) -> Option<AnySlot<'_>> {
        match self {
            Self::Fifo(queue) => queue.try_reserve().ok().map(AnySlot::Fifo),
            Self::Lifo(queue) => queue.try_reserve().ok().map(AnySlot::Lifo),
            Self::Priority(queue) => queue.try_reserve().ok().map(AnySlot::Priority),
        }
    }

    pub(crate) fn drain(&self) -> Vec<Item> {
        match self {
            Self::Fifo(queue) => queue.drain(),
            Self::Lifo(queue) => queue.drain(),
            Self::Priority(queue) => queue.drain().into_iter().map(whole).collect(),
        }
    }
}

impl AnySlot<'_> {
    pub(crate) fn put(self, item: Item) -> bool {
        match self {
            Self::Fifo(slot) => slot.put(item).is_ok(),
            Self::Lifo(slot) => slot.put(item).is_ok(),
            Self::Priority(slot) => slot.put((item.priority, item.number)).is_ok(),
        }
    }
}
