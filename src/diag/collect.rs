//! How a snapshot is taken.

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Instant, SystemTime};

use super::cycles::{Arrow, By, cycles};
use super::report::{
    Cycle, How, Kind, Link, Party, PoolReport, PrimitiveReport, Snapshot, Target, TaskReport,
    ThreadReport, WaitReport, WaiterReport,
};
use crate::sys::trace::{Seen, SeenTask, SeenThread, SeenWaiter};
use crate::sys::who::{Who, WhoKind};
use crate::sys::{self, trace};

/// Takes a snapshot of who waits for what, and who holds it.
///
/// It stops no thread. It visits one primitive after another, and copies what is recorded of it under a lock that is
/// held briefly. So the data of one primitive is consistent, but that of two may be from two moments. A
/// [certain](Cycle::certain) cycle is no artefact of that: it was seen twice, and nobody in it can have moved in
/// between.
///
/// It waits for nothing but those locks, and can be called anywhere: in a signal thread, in a panic hook, in a task. Do not call it in a
/// signal handler, for it allocates.
///
/// # Examples
///
/// ```
/// use syncline::{diag, thread::{Event, Lock}};
///
/// static ACCOUNTS: Lock<u32> = Lock::new(0).named("accounts");
/// static DONE: Event = Event::new().named("done");
///
/// let guard = ACCOUNTS.lock();
/// std::thread::scope(|threads| {
///     threads.spawn(|| drop(ACCOUNTS.lock()));
///     while diag::snapshot().primitives.iter().all(|one| one.waiting == 0) {
///         std::thread::yield_now();
///     }
///     let snapshot = diag::snapshot();
///     let accounts = snapshot.primitives.iter().find(|one| one.target.name.as_deref() == Some("accounts"));
///     assert_eq!(accounts.unwrap().waiting, 1);
///     println!("{snapshot}");
///     drop(guard);
/// });
/// ```
#[must_use]
pub fn snapshot() -> Snapshot {
    let at = SystemTime::now();
    let first = Sight::take();
    let found = cycles(&first.arrows());
    // Whether it is certain shows only at a second look, from which no more is taken.
    let is_certain = |cycle: &[Arrow]| cycle.iter().all(|arrow| arrow.is_certain());
    let again: BTreeSet<Arrow> = if found.iter().any(|cycle| is_certain(cycle)) {
        Sight::take().arrows().into_iter().collect()
    } else {
        BTreeSet::new()
    };
    let cycles = (found.iter())
        .map(|cycle| Cycle {
            certain: is_certain(cycle) && cycle.iter().all(|arrow| again.contains(arrow)),
            links: cycle.iter().map(|arrow| first.link(*arrow)).collect(),
        })
        .collect();
    first.into_snapshot(at, cycles)
}

/// Somebody, as they are known at this moment.
pub(super) fn party_of(who: Who) -> Party {
    Sight::of_parties().party(who)
}

/// What was seen.
struct Sight {
    now: u64,
    threads: BTreeMap<u64, SeenThread>,
    tasks: BTreeMap<u64, SeenTask>,
    primitives: BTreeMap<u64, Seen>,
}

impl Sight {
    fn take() -> Self {
        let primitives = trace::primitives().into_iter();
        let primitives = primitives.map(|seen| (seen.number, seen)).collect();
        Self {
            primitives,
            // After that, for nothing that was seen can have begun later.
            now: trace::trace_clock(),
            ..Self::of_parties()
        }
    }

    /// Without any primitive.
    fn of_parties() -> Self {
        let threads = trace::seen_threads().into_iter();
        let tasks = trace::tasks().into_iter();
        Self {
            now: 0,
            threads: threads.map(|thread| (thread.number, thread)).collect(),
            tasks: tasks.map(|task| (task.number, task)).collect(),
            primitives: BTreeMap::new(),
        }
    }

    /// Those who wait for something, each with what it waits for.
    fn waits(&self) -> impl Iterator<Item = (&Seen, &SeenWaiter)> {
        (self.primitives.values())
            .flat_map(|seen| seen.waiters.iter().map(move |waiter| (seen, waiter)))
    }

    /// Who cannot go on before somebody else does something.
    fn arrows(&self) -> Vec<Arrow> {
        let mut arrows = Vec::new();
        let mut blocked = BTreeSet::new();
        for (seen, waiter) in self.waits().filter(|(_, waiter)| !waiter.is_granted) {
            if !waiter.is_task {
                blocked.insert(waiter.who);
            }
            let owner = seen.owner;
            if !matches!(owner.kind(), WhoKind::Thread | WhoKind::Task)
                || waiter.who.kind() == WhoKind::Unknown
            {
                continue;
            }
            arrows.push(Arrow {
                from: waiter.who,
                to: owner.fixed(),
                by: By::Wait {
                    primitive: seen.number,
                    wait: waiter.number,
                    is_certain: !waiter.is_task
                        && !waiter.may_end_otherwise
                        && owner.kind() == WhoKind::Thread
                        && !owner.is_movable(),
                },
            });
        }
        for thread in self.threads.values() {
            let this = Who::thread(thread.number);
            if thread.task == 0 {
                continue;
            }
            let task = Who::task(thread.task);
            let (from, to, by) = if blocked.contains(&this) {
                (task, this, By::Polled)
            } else {
                (this, task, By::Runs)
            };
            arrows.push(Arrow { from, to, by });
        }
        for task in self.tasks.values() {
            if blocked.contains(&task.polled_by) {
                arrows.push(Arrow {
                    from: Who::task(task.number),
                    to: task.polled_by,
                    by: By::Polled,
                });
            }
        }
        arrows.sort_unstable();
        arrows.dedup();
        arrows
    }

    fn party(&self, who: Who) -> Party {
        let number = who.number();
        match who.kind() {
            WhoKind::Thread => Party::Thread {
                number,
                name: (self.threads.get(&number)).and_then(|thread| thread.name.clone()),
            },
            WhoKind::Task => {
                let task = self.tasks.get(&number);
                Party::Task {
                    number,
                    name: task.and_then(|task| task.name.clone()),
                    made: task.map(|task| task.made),
                }
            }
            WhoKind::Nobody | WhoKind::Unknown => Party::Unknown,
        }
    }

    fn some_party(&self, who: Who) -> Option<Party> {
        (who.kind() != WhoKind::Nobody).then(|| self.party(who))
    }

    fn ago(&self, since: u64) -> Duration {
        Duration::from_nanos(self.now.saturating_sub(since))
    }

    fn wait(&self, seen: &Seen, waiter: &SeenWaiter) -> WaitReport {
        WaitReport {
            number: waiter.number,
            target: target(seen),
            waited: self.ago(waiter.since),
            place: waiter.place,
            may_end_otherwise: waiter.may_end_otherwise,
            is_granted: waiter.is_granted,
        }
    }

    fn link(&self, arrow: Arrow) -> Link {
        let how = match arrow.by {
            By::Runs => How::Runs,
            By::Polled => How::IsPolledBy,
            By::Wait {
                primitive, wait, ..
            } => {
                let seen = &self.primitives[&primitive];
                let waiter = seen.waiters.iter().find(|waiter| waiter.number == wait);
                let waiter = waiter.expect("the arrow was made of it");
                How::Waits(self.wait(seen, waiter))
            }
        };
        Link {
            from: self.party(arrow.from),
            how,
            to: self.party(arrow.to),
        }
    }

    fn into_snapshot(self, at: SystemTime, cycles: Vec<Cycle>) -> Snapshot {
        let mut waits: BTreeMap<Who, Vec<WaitReport>> = BTreeMap::new();
        for (seen, waiter) in self.waits() {
            (waits.entry(waiter.who).or_default()).push(self.wait(seen, waiter));
        }
        let mut holds: BTreeMap<Who, Vec<Target>> = BTreeMap::new();
        for seen in self.primitives.values() {
            holds
                .entry(seen.owner.fixed())
                .or_default()
                .push(target(seen));
        }
        let states: Vec<_> = sys::threads();
        let mut of = |who| {
            (
                waits.remove(&who).unwrap_or_default(),
                holds.remove(&who).unwrap_or_default(),
            )
        };
        let threads = (self.threads.values())
            .map(|thread| {
                let (waits, holds) = of(Who::thread(thread.number));
                let state = states.iter().find(|(_, id, _)| *id == thread.id);
                ThreadReport {
                    party: self.party(Who::thread(thread.number)),
                    id: thread.id,
                    os_id: thread.os,
                    state: state.map(|(_, _, state)| *state),
                    runs: (thread.task != 0).then(|| self.party(Who::task(thread.task))),
                    waits,
                    holds,
                }
            })
            .collect();
        let tasks = (self.tasks.values())
            .map(|task| {
                let (waits, holds) = of(Who::task(task.number));
                TaskReport {
                    party: self.party(Who::task(task.number)),
                    polled_by: self.some_party(task.polled_by),
                    polls: task.polls,
                    guards: task.guards,
                    age: self.ago(task.born),
                    waits,
                    holds,
                }
            })
            .collect();
        let primitives = (self.primitives.values())
            .map(|seen| PrimitiveReport {
                target: target(seen),
                owner: self.some_party(seen.owner),
                turns: seen.turns,
                may_have_moved: seen.owner.is_movable(),
                waiters: (seen.waiters.iter())
                    .map(|waiter| WaiterReport {
                        number: waiter.number,
                        party: self.party(waiter.who),
                        waited: self.ago(waiter.since),
                        place: waiter.place,
                        may_end_otherwise: waiter.may_end_otherwise,
                        is_granted: waiter.is_granted,
                    })
                    .collect(),
                waiting: seen.waiting,
                waits: seen.waits,
                waited: Duration::from_nanos(seen.total),
                longest: Duration::from_nanos(seen.longest),
            })
            .collect();
        let pools = trace::pools().into_iter();
        let pools = pools.map(|pool| PoolReport {
            name: pool.name,
            workers: pool.workers,
            running: pool.running,
            idle: pool.idle,
            blocked: pool.blocked,
        });
        Snapshot {
            at,
            threads,
            tasks,
            primitives,
            pools: pools.collect(),
            cycles,
            taken: Instant::now(),
        }
    }
}

fn target(seen: &Seen) -> Target {
    Target {
        number: seen.number,
        kind: Kind::of(seen.kind),
        name: seen.name.clone(),
        made: seen.made,
    }
}
