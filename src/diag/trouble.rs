//! What lasts too long: compares two snapshots, however they were taken.

use core::time::Duration;
use std::collections::BTreeMap;
use std::time::Instant;

use super::lag::Lagging;
use super::report::{Cycle, How, Kind, Party, Snapshot, Target, WaiterReport};

/// How long a cycle lasts before it is reported, by default.
const A_WHILE: Duration = Duration::from_secs(5);

/// How long something may take.
#[derive(Clone, Debug, Default)]
pub(super) struct Limits {
    pub(super) slow_poll: Option<Duration>,
    pub(super) wait: Option<Duration>,
    pub(super) held: Option<Duration>,
    pub(super) lag: Option<Duration>,
}

impl Limits {
    pub(super) fn shortest(&self) -> Option<Duration> {
        let all = [self.slow_poll, self.wait, self.held, self.lag];
        all.into_iter().flatten().min()
    }
}

/// Something that lasts too long. Reported by a [`Watchdog`](super::Watchdog).
///
/// `Display` prints it for people to read.
///
/// # Examples
///
/// See [`Watchdog`](super::Watchdog).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Report {
    /// What is reported.
    pub trouble: Trouble,
    /// How long it has lasted, as far as the watchdog has seen.
    pub lasted: Duration,
    /// Whether it is over, so that this is the second report of it.
    pub is_over: bool,
}

/// What lasts too long.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Trouble {
    /// One poll of a task does not return, and blocks its thread for all others.
    #[non_exhaustive]
    SlowPoll {
        /// The task, with the place where it was created.
        task: Party,
        /// The thread that polls it.
        thread: Option<Party>,
    },
    /// A wait.
    #[non_exhaustive]
    LongWait {
        /// What is waited for.
        target: Target,
        /// Who holds it, if known.
        owner: Option<Party>,
        /// Who waits, and for how long.
        waiter: WaiterReport,
    },
    /// A task was granted something, and has not claimed it.
    #[non_exhaustive]
    Unclaimed {
        /// What it was granted.
        target: Target,
        /// The task, and how long ago it was granted.
        waiter: WaiterReport,
        /// The number of waiters behind it.
        behind: usize,
    },
    /// A lock is held.
    #[non_exhaustive]
    LongHold {
        /// The lock.
        target: Target,
        /// Its owner.
        owner: Party,
        /// The number of waiters.
        waiting: usize,
    },
    /// A cycle of waits.
    Circle(Cycle),
    /// A task holds a guard of the *blocking* face across an `.await`, so others that lock it block their threads.
    /// Use the async face (`as_task`), or drop the guard first.
    #[non_exhaustive]
    GuardAcrossAwait {
        /// The task, with the place where it was created.
        task: Party,
        /// The number of guards.
        guards: u64,
    },
    /// Tasks on an executor run late.
    #[non_exhaustive]
    Lag {
        /// The name of the monitor.
        name: String,
        /// How late the last task ran.
        late: Duration,
    },
}

/// Which trouble something is, to know it again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Poll(u64, u64),
    Wait(u64, u64),
    Granted(u64, u64),
    Hold(u64, u64),
    Circle(Vec<String>),
    Guard(u64),
    Lag(u64),
}

/// Something that was there at the last look.
struct Standing {
    since: Instant,
    trouble: Trouble,
    lasted: Duration,
    is_reported: bool,
}

/// What the looks before have seen.
pub(super) struct Seen {
    limits: Limits,
    standing: BTreeMap<Key, Standing>,
}

/// What is there at a look: how long it may stay, and how long it has stayed if that is known.
struct Found {
    key: Key,
    limit: Duration,
    lasted: Option<Duration>,
    trouble: Trouble,
}

impl Seen {
    pub(super) const fn new(limits: Limits) -> Self {
        Self {
            limits,
            standing: BTreeMap::new(),
        }
    }

    /// What is to be reported after this look.
    pub(super) fn look(&mut self, snapshot: &Snapshot, lags: &[Lagging]) -> Vec<Report> {
        let mut reports = Vec::new();
        let mut before = core::mem::take(&mut self.standing);
        for found in self.found(snapshot, lags) {
            let known = before.remove(&found.key);
            let since = known.as_ref().map_or(snapshot.taken, |known| known.since);
            let seen_for = snapshot.taken.saturating_duration_since(since);
            let lasted = found.lasted.unwrap_or(seen_for);
            let was_reported = known.is_some_and(|known| known.is_reported);
            let is_due = lasted >= found.limit;
            if is_due && !was_reported {
                reports.push(Report {
                    trouble: found.trouble.clone(),
                    lasted,
                    is_over: false,
                });
            }
            let standing = Standing {
                since,
                trouble: found.trouble,
                lasted,
                is_reported: was_reported || is_due,
            };
            self.standing.insert(found.key, standing);
        }
        // What is left was there at the last look, and is not any more.
        let over = before.into_values().filter(|known| known.is_reported);
        reports.extend(over.map(|known| Report {
            trouble: known.trouble,
            lasted: known.lasted,
            is_over: true,
        }));
        reports
    }

    /// All that may stay too long.
    fn found(&self, snapshot: &Snapshot, lags: &[Lagging]) -> Vec<Found> {
        let mut found = Vec::new();
        for task in &snapshot.tasks {
            let Party::Task { number, .. } = task.party else {
                continue;
            };
            if let (Some(limit), Some(_)) = (self.limits.slow_poll, &task.polled_by) {
                found.push(Found {
                    key: Key::Poll(number, task.polls),
                    limit,
                    lasted: None,
                    trouble: Trouble::SlowPoll {
                        task: task.party.clone(),
                        thread: task.polled_by.clone(),
                    },
                });
            }
            if task.guards > 0 {
                found.push(Found {
                    key: Key::Guard(number),
                    limit: Duration::ZERO,
                    lasted: None,
                    trouble: Trouble::GuardAcrossAwait {
                        task: task.party.clone(),
                        guards: task.guards,
                    },
                });
            }
        }
        for one in &snapshot.primitives {
            let number = one.target.number;
            for waiter in &one.waiters {
                let Some(limit) = self.limits.wait else { break };
                let (key, trouble) = if waiter.is_granted {
                    let trouble = Trouble::Unclaimed {
                        target: one.target.clone(),
                        waiter: waiter.clone(),
                        behind: one.waiting - 1,
                    };
                    (Key::Granted(number, waiter.number), trouble)
                } else {
                    let trouble = Trouble::LongWait {
                        target: one.target.clone(),
                        owner: one.owner.clone(),
                        waiter: waiter.clone(),
                    };
                    (Key::Wait(number, waiter.number), trouble)
                };
                found.push(Found {
                    key,
                    limit,
                    lasted: Some(waiter.waited),
                    trouble,
                });
            }
            let is_lock = matches!(one.target.kind, Kind::Lock | Kind::RLock | Kind::RwLock);
            if let (Some(limit), Some(owner), true) = (self.limits.held, &one.owner, is_lock) {
                found.push(Found {
                    key: Key::Hold(number, one.turns),
                    limit,
                    lasted: None,
                    trouble: Trouble::LongHold {
                        target: one.target.clone(),
                        owner: owner.clone(),
                        waiting: one.waiting,
                    },
                });
            }
        }
        found.extend(self.circles(snapshot));
        for lag in lags {
            if let Some(limit) = self.limits.lag.filter(|limit| lag.late >= *limit) {
                found.push(Found {
                    key: Key::Lag(lag.number),
                    limit,
                    lasted: Some(lag.late),
                    trouble: Trouble::Lag {
                        name: lag.name.clone(),
                        late: lag.late,
                    },
                });
            }
        }
        found
    }

    /// The cycles, each as old as the youngest of its waits.
    fn circles(&self, snapshot: &Snapshot) -> impl Iterator<Item = Found> {
        snapshot.cycles.iter().map(|cycle| {
            let links = cycle.links.iter();
            let names = links.map(|link| format!("{:?} {}", link.from, link.how.id()));
            Found {
                key: Key::Circle(names.collect()),
                limit: if cycle.certain {
                    Duration::ZERO
                } else {
                    self.limits.wait.unwrap_or(A_WHILE)
                },
                // As long as the youngest of its waits.
                lasted: (cycle.links.iter())
                    .filter_map(|link| match &link.how {
                        How::Waits(wait) => Some(wait.waited),
                        How::Runs | How::IsPolledBy => None,
                    })
                    .min(),
                trouble: Trouble::Circle(cycle.clone()),
            }
        })
    }
}
