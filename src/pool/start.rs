//! Who is called when there is something to do: a worker that sleeps, or a new one.

use std::sync::Arc;

use super::shared::Shared;
use super::sleep::Sleeper;
use super::worker;
use crate::sys::{Thread, full_fence};

/// Who is called.
enum Call {
    Nobody,
    Wake(Sleeper),
    /// A thread at that place.
    Start(usize),
}

impl Shared {
    /// Wakes or starts a worker, if that would help.
    pub(super) fn rouse(self: &Arc<Self>) {
        let call = self.change(|roster| {
            if !roster.wants_more(self.config.limits) {
                return Call::Nobody;
            }
            roster.running += 1;
            if let Some(sleeper) = roster.take_sleeper() {
                roster.searching += 1;
                return Call::Wake(sleeper);
            }
            roster.newcomers += 1;
            roster.alive += 1;
            roster.starting += 1;
            let place = roster.spare.pop().unwrap_or_else(|| {
                roster.used += 1;
                roster.used - 1
            });
            Call::Start(place)
        });
        match call {
            Call::Nobody => {}
            Call::Wake(sleeper) => sleeper.waker.wake(),
            Call::Start(place) => self.start(place),
        }
    }

    #[cold]
    fn start(self: &Arc<Self>, place: usize) {
        let name = self.thread_name(place);
        let body = {
            let shared = Arc::clone(self);
            move || worker::main(&shared, place)
        };
        match Thread::start(Some(name), self.config.stack_size, body) {
            Ok(thread) => self.settle(|roster| {
                roster.starting -= 1;
                roster.has_started(thread);
            }),
            Err(error) => {
                let (deserted, sleeper) = self.change(|roster| {
                    roster.starting -= 1;
                    roster.newcomers -= 1;
                    roster.running -= 1;
                    roster.alive -= 1;
                    roster.spare.push(place);
                    let deserted = roster.is_deserted();
                    let sleeper = roster.take_sleeper();
                    if sleeper.is_some() {
                        roster.search_after_all();
                    }
                    (deserted, sleeper)
                });
                // Those who added something meanwhile counted on this one.
                full_fence();
                if deserted {
                    self.give_up(&error);
                } else if let Some(sleeper) = sleeper {
                    sleeper.waker.wake();
                }
                self.settle(|_| {});
            }
        }
    }
}
