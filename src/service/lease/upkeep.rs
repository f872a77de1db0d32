//! What happens to idle items meanwhile: they are checked and closed, and others opened.

use core::time::Duration;
use std::sync::{Arc, Weak};

use super::LeasePool;
use super::builder::Settings;
use super::handle::Handle;
use super::manage::Managed;
use super::rules::{Ages, Judgement};
use super::running::{Ended, Limited, Loose};
use super::shared::{Entry, Place, Shared};
use crate::combine::block_on;
use crate::event::task::Event;
use crate::job::{Job, quietly, spawn_named};
use crate::sys;

impl<M: Managed> LeasePool<M> {
    /// Keeps idle items in order, as long as it is polled, until the pool is closed or gone.
    ///
    /// Repeatedly closes expired items, checks items whose last use or check is longer ago than
    /// [`check_every`](super::LeasePoolBuilder::check_every), and opens items up to
    /// [`min_idle`](super::LeasePoolBuilder::min_idle). It does one thing at a time, and nothing while a lessee waits
    /// for a place. A failed open is retried in the next round: after `check_every`, the idle timeout or the longest
    /// lifetime, whichever is shortest, and after 30 seconds at the latest.
    ///
    /// It borrows nothing and does not keep the pool alive: give it to any spawner.
    ///
    /// # Cancel safety
    ///
    /// Dropping it ends the maintenance, and discards an item that is being checked.
    ///
    /// # Examples
    ///
    /// ```
    /// # use syncline::service::{LeaseError, LeasePool, Manage};
    /// # struct Server;
    /// # impl Manage for Server {
    /// #     type Item = u32;
    /// #     type Error = std::io::Error;
    /// #     async fn open(&self) -> std::io::Result<u32> { Ok(7) }
    /// # }
    /// use core::time::Duration;
    /// use syncline::thread::ThreadPool;
    ///
    /// let threads = ThreadPool::new(1);
    /// let pool = LeasePool::builder(Server).min_idle(2).check_every(Duration::from_secs(10)).build();
    /// let maintenance = threads.spawn(pool.maintain());
    /// drop(pool.close());
    /// maintenance.wait()?;
    /// # Ok::<(), syncline::JobError>(())
    /// ```
    pub fn maintain(&self) -> impl Future<Output = ()> + Send + 'static + use<M> {
        let pool = &self.shared;
        let period = period(&pool.settings);
        maintain(pool.downgrade(), Arc::clone(&pool.over), period)
    }

    /// Runs [`maintain`](Self::maintain) on a thread of its own, for programs without an executor.
    ///
    /// The thread ends when the pool is closed or gone. The job may be dropped.
    ///
    /// # Errors
    ///
    /// The job ends with [`JobError::NotStarted`](crate::JobError::NotStarted) if the thread cannot be started.
    ///
    /// # Examples
    ///
    /// ```
    /// # use syncline::service::{LeaseError, LeasePool, Manage};
    /// # struct Server;
    /// # impl Manage for Server {
    /// #     type Item = u32;
    /// #     type Error = std::io::Error;
    /// #     async fn open(&self) -> std::io::Result<u32> { Ok(7) }
    /// # }
    /// let pool = LeasePool::builder(Server).build();
    /// let maintenance = pool.start_maintenance();
    /// drop(pool);
    /// maintenance.wait()?;
    /// # Ok::<(), syncline::JobError>(())
    /// ```
    pub fn start_maintenance(&self) -> Job<()> {
        let maintains = self.maintain();
        spawn_named("lease-pool", move || block_on(maintains))
    }
}

/// Keeps a pool in order until it is closed or gone.
pub(super) async fn maintain<M: Managed>(
    pool: Weak<Shared<M>>,
    over: Arc<Event>,
    period: Duration,
) {
    loop {
        if let Some(pool) = Handle::upgrade(&pool) {
            pool.round().await;
        }
        if over.wait_timeout(period).await.is_ok() {
            return;
        }
    }
}

/// How often that is to be done.
pub(super) fn period(settings: &Settings) -> Duration {
    let shortest = (settings.check_every)
        .min(settings.idle_timeout)
        .min(settings.max_lifetime);
    shortest.clamp(Duration::from_millis(1), Settings::new().check_every)
}

impl<M: Managed> Handle<M> {
    /// Closes what has expired, checks what is due, and opens what is missing. Each one after the other, and
    /// nothing while somebody waits.
    async fn round(&self) {
        let (settings, begun) = (&self.settings, sys::now());
        let expired = |ages: &Ages| ages.judge(settings, begun) == Judgement::Expired;
        while let Some((place, entry)) = self.take_idle(expired) {
            let closes = M::begin_close(Loose::new(self.clone(), entry));
            let (ended, place) = Limited::new(closes, place, settings.close_timeout).await;
            quietly(|| drop(ended));
            drop(place);
        }
        let due =
            |ages: &Ages| begun.saturating_duration_since(ages.checked) >= settings.check_every;
        while let Some((place, entry)) = self.take_idle(due) {
            let checks = M::begin_check(Loose::new(self.clone(), entry));
            let (ended, place) = Limited::new(checks, place, settings.check_timeout).await;
            match (ended, place) {
                (Ended::Item(item), Some(place)) => place.put(item.take()),
                (ended, place) => {
                    self.state.lock().stats.failed_checks += 1;
                    quietly(|| drop(ended));
                    drop(place);
                }
            }
        }
        while self.wants_more() {
            let Some(place) = self.spare_place() else {
                return;
            };
            if let Err(ended) = self.open_one(place).await {
                // It is tried again in the next round.
                quietly(|| drop(ended));
                return;
            }
        }
    }

    /// A place that nobody waits for.
    fn spare_place(&self) -> Option<Place<M>> {
        if self.state.lock().waiting > 0 {
            return None;
        }
        let permit = self.places.try_acquire()?;
        Some(Place::new(self, permit))
    }

    /// Takes an idle item out, unless somebody waits.
    fn take_idle(&self, which: impl Fn(&Ages) -> bool) -> Option<(Place<M>, Entry<M::Item>)> {
        let mut place = self.spare_place()?;
        let mut state = self.state.lock();
        if state.is_closed {
            return None;
        }
        let at = state.idle.iter().position(|entry| which(&entry.ages))?;
        let entry = state.idle.remove(at)?;
        place.take_over(&mut state);
        drop(state);
        Some((place, entry))
    }
}
