//! How a task waits for an upgrade: the guard waits for what it lacks.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::held::{Held, Upgradable, Writing};
use super::shared::Keeper;
use super::word::UPGRADE;
use crate::identity::budget::Operation;
use crate::line::{Asker, Timeout, Wait};
use crate::timer::Timed;

fn wait<P: Keeper>(held: Held<P, Upgradable>) -> Wait<Held<P, Upgradable>> {
    Wait::new(held, Asker::Task, UPGRADE)
}

pin_project! {
    /// Waits until nobody else reads. Dropping it unlocks, with whatever has been granted.
    pub(super) struct Upgrade<P: Keeper> {
        #[pin]
        wait: Wait<Held<P, Upgradable>>,
    }
}

impl<P: Keeper> Upgrade<P> {
    pub(super) fn new(held: Held<P, Upgradable>) -> Self {
        Self { wait: wait(held) }
    }
}

impl<P: Keeper> Future for Upgrade<P> {
    type Output = Held<P, Writing>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let held = ready!(self.project().wait.poll(context));
        // SAFETY: the wait has just been granted it.
        Poll::Ready(unsafe { held.upgraded() })
    }
}

impl<P: Keeper> Operation for Upgrade<P> {
    fn defer(self: Pin<&mut Self>) -> bool {
        self.project().wait.defer()
    }
}

pin_project! {
    /// The same until a deadline, with what is still held then.
    pub(super) struct UpgradeTimed<P: Keeper> {
        #[pin]
        wait: Timed<Held<P, Upgradable>>,
    }
}

impl<P: Keeper> UpgradeTimed<P> {
    pub(super) fn new(held: Held<P, Upgradable>, timeout: Timeout) -> Self {
        Self {
            wait: Timed::new(wait(held), timeout),
        }
    }
}

impl<P: Keeper> Future for UpgradeTimed<P> {
    type Output = Result<Held<P, Writing>, Held<P, Upgradable>>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut wait = self.project().wait;
        Poll::Ready(match ready!(wait.as_mut().poll(context)) {
            // SAFETY: the wait has just been granted it.
            Ok(held) => Ok(unsafe { held.upgraded() }),
            Err(_) => Err(wait.take_back()),
        })
    }
}

impl<P: Keeper> Operation for UpgradeTimed<P> {
    fn defer(self: Pin<&mut Self>) -> bool {
        self.project().wait.defer()
    }
}
