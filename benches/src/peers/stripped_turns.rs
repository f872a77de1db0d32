//! A queue of one place for tasks, down to what none can do without that is fair and holds a share for
//! whoever it has woken: each side stands in line, is granted its share under the lock, and comes back
//! for it.
//!
//! It serves one waiter on each side, keeps no place in line for one that is dropped, knows no
//! deadlines and cannot be shut down.

use core::future::{Future, poll_fn};
use core::sync::atomic::{
    AtomicUsize,
    Ordering::{Relaxed, Release},
};
use core::task::{Context, Poll, Waker};
use std::collections::VecDeque;
use std::sync::Arc;

use super::stripped::Bare;
use super::{AsyncGetter, AsyncPutter};

/// One side: what is free for it, and who waits for it.
#[derive(Default)]
struct Side {
    free: usize,
    waker: Option<Waker>,
    granted: bool,
}

impl Side {
    /// Takes a share for a newcomer.
    fn take(&mut self) -> bool {
        let can = self.free > 0 && self.waker.is_none();
        self.free -= usize::from(can);
        can
    }

    /// Grants a share to whoever waits.
    fn settle(&mut self) -> Option<Waker> {
        if self.free == 0 {
            return None;
        }
        let waker = self.waker.take()?;
        self.free -= 1;
        self.granted = true;
        Some(waker)
    }
}

struct Store {
    items: VecDeque<u64>,
    putters: Side,
    getters: Side,
}

/// The queue.
pub(crate) struct StrippedTurns {
    store: Bare<Store>,
    /// What is free, for a glance without the lock.
    places: AtomicUsize,
    ready: AtomicUsize,
}

impl StrippedTurns {
    /// With places for this many items at once.
    pub(crate) fn bounded(capacity: usize) -> Self {
        let putters = Side {
            free: capacity,
            ..Side::default()
        };
        Self {
            store: Bare::new(Store {
                items: VecDeque::new(),
                putters,
                getters: Side::default(),
            }),
            places: AtomicUsize::new(capacity),
            ready: AtomicUsize::new(0),
        }
    }

    /// Joins the line of one side, or goes on: with what has been granted, or with what is free.
    fn turn<R>(
        &self,
        context: &Context<'_>,
        waits: &mut bool,
        side: impl Fn(&mut Store) -> &mut Side,
        promising: &AtomicUsize,
        go: impl Fn(&mut Store) -> (R, Option<Waker>),
    ) -> Poll<R> {
        // ORDERING: Relaxed: a hint; the lock decides.
        let mut spare = (!*waits && promising.load(Relaxed) == 0).then(|| context.waker().clone());
        loop {
            let done = self.store.with(|store| {
                let mine = side(store);
                let can = if *waits {
                    core::mem::take(&mut mine.granted)
                } else {
                    mine.take()
                };
                if !can {
                    if !*waits {
                        let Some(waker) = spare.take() else {
                            return Err(true);
                        };
                        mine.waker = Some(waker);
                        *waits = true;
                    }
                    return Err(false);
                }
                let (result, waker) = go(store);
                // ORDERING: Release: as any store that others glance at.
                self.places.store(store.putters.free, Release);
                self.ready.store(store.getters.free, Release);
                Ok((result, waker))
            });
            match done {
                Ok((result, waker)) => {
                    if let Some(waker) = waker {
                        waker.wake();
                    }
                    return Poll::Ready(result);
                }
                Err(false) => return Poll::Pending,
                Err(true) => spare = Some(context.waker().clone()),
            }
        }
    }
}

impl AsyncPutter for Arc<StrippedTurns> {
    fn put(&mut self, item: u64) -> impl Future<Output = ()> + Send {
        let mut waits = false;
        poll_fn(move |context| {
            self.turn(
                context,
                &mut waits,
                |store| &mut store.putters,
                &self.places,
                |store| {
                    store.items.push_back(item);
                    store.getters.free += 1;
                    ((), store.getters.settle())
                },
            )
        })
    }
}

impl AsyncGetter for Arc<StrippedTurns> {
    fn get(&mut self) -> impl Future<Output = u64> + Send {
        let mut waits = false;
        poll_fn(move |context| {
            self.turn(
                context,
                &mut waits,
                |store| &mut store.getters,
                &self.ready,
                |store| {
                    let item = store.items.pop_front().expect("a share is an item");
                    store.putters.free += 1;
                    (item, store.putters.settle())
                },
            )
        })
    }
}
