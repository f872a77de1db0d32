//! The parts of a snapshot.

use core::panic::Location;
use core::time::Duration;
use std::borrow::Cow;
use std::thread::ThreadId;
use std::time::{Instant, SystemTime};

use crate::sys::ThreadState;
use crate::sys::who::Traceable;

/// The state of the program at one moment. Returned by [`snapshot`](super::snapshot).
///
/// `Display` prints it for people to read.
///
/// # Examples
///
/// See [`snapshot`](super::snapshot).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Snapshot {
    /// The time at which it was taken.
    pub at: SystemTime,
    /// The threads that have locked something or waited, and have not ended, oldest first.
    pub threads: Vec<ThreadReport>,
    /// The tasks that have started and have not ended, oldest first.
    pub tasks: Vec<TaskReport>,
    /// The primitives that were waited for, and the named locks that were locked.
    pub primitives: Vec<PrimitiveReport>,
    /// The thread pools, including runners.
    pub pools: Vec<PoolReport>,
    /// The cycles of waits: deadlocks, or what may be one.
    pub cycles: Vec<Cycle>,
    /// The same moment on the monotonic clock.
    pub(super) taken: Instant,
}

/// Identifies a thread or a task.
///
/// # Examples
///
/// See [`snapshot`](super::snapshot).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Party {
    /// A thread.
    #[non_exhaustive]
    Thread {
        /// Its number in this process, starting at 1, which is the same in all snapshots.
        number: u64,
        /// Its name, if it has one.
        name: Option<String>,
    },
    /// A task.
    #[non_exhaustive]
    Task {
        /// Its number in this process, which is the same in all snapshots.
        number: u64,
        /// Its name, if it has one.
        name: Option<String>,
        /// Where it was created, if that is known.
        made: Option<&'static Location<'static>>,
    },
    /// A task whose runtime does not identify it.
    Unknown,
}

/// The kind of thing that is waited for.
///
/// # Examples
///
/// See [`snapshot`](super::snapshot).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A lock.
    Lock,
    /// A re-entrant lock.
    RLock,
    /// A lock for readers and writers.
    RwLock,
    /// A semaphore of either kind.
    Semaphore,
    /// An event.
    Event,
    /// A barrier.
    Barrier,
    /// A condition.
    Condition,
    /// A queue: a wait for an item.
    QueueGet,
    /// A queue: a wait for room.
    QueuePut,
    /// A queue: a wait in `join`.
    QueueJoin,
    /// A job.
    Job,
    /// A cell: a wait for the turn to initialize it.
    OnceCell,
    /// A cell: a wait for its value.
    OnceWait,
    /// A call for a key: a wait for the turn to make it.
    SingleFlight,
    /// A watch: a wait for a new value.
    Watch,
    /// Something built on a line of its own.
    Line,
}

/// Identifies a primitive or a job that is waited for.
///
/// # Examples
///
/// See [`snapshot`](super::snapshot).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Target {
    /// Its number in this process, which is unique and the same in all snapshots.
    pub number: u64,
    /// Its kind.
    pub kind: Kind,
    /// Its name, if it has one. For a job without a name, the type of its closure or future.
    pub name: Option<Cow<'static, str>>,
    /// Where it was created.
    pub made: &'static Location<'static>,
}

/// A thread in a snapshot.
///
/// # Examples
///
/// See [`snapshot`](super::snapshot).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ThreadReport {
    /// Which one it is.
    pub party: Party,
    /// Its id in `std`.
    pub id: ThreadId,
    /// Its id in the operating system, if it has one.
    pub os_id: Option<u64>,
    /// Its state, if this crate started it.
    pub state: Option<ThreadState>,
    /// The task that it polls, or runs in `block_on`.
    pub runs: Option<Party>,
    /// What it waits for.
    pub waits: Vec<WaitReport>,
    /// What it holds.
    pub holds: Vec<Target>,
}

/// A task in a snapshot.
///
/// # Examples
///
/// See [`snapshot`](super::snapshot).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TaskReport {
    /// Which one it is.
    pub party: Party,
    /// The thread that polls it at this moment.
    pub polled_by: Option<Party>,
    /// How often it has been polled.
    pub polls: u64,
    /// How many guards of the *blocking* face it holds across an `.await`, so their locks stay locked while the task
    /// waits.
    ///
    /// It should be 0.
    pub guards: u64,
    /// How long ago it was created.
    pub age: Duration,
    /// What it waits for: the waits that it has polled and not dropped. A task may wait for several things at once.
    pub waits: Vec<WaitReport>,
    /// What it holds.
    pub holds: Vec<Target>,
}

/// A pool in a snapshot.
///
/// # Examples
///
/// See [`snapshot`](super::snapshot).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PoolReport {
    /// The prefix of its thread names.
    pub name: String,
    /// The maximum number of threads, not counting those that stand in for blocked ones.
    pub workers: usize,
    /// How many threads run jobs, or look for one.
    pub running: usize,
    /// How many threads sleep.
    pub idle: usize,
    /// How many threads are blocked inside a job.
    pub blocked: usize,
}

/// A wait of a thread or task.
///
/// # Examples
///
/// See [`snapshot`](super::snapshot).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WaitReport {
    /// The number of the wait, unique for its primitive.
    pub number: u64,
    /// What is waited for.
    pub target: Target,
    /// How long it has lasted so far.
    pub waited: Duration,
    /// Where a thread began to wait.
    pub place: Option<&'static Location<'static>>,
    /// Whether the wait of a thread may end in another way: at a deadline, or because it is for one of several jobs.
    pub may_end_otherwise: bool,
    /// Whether the wait was granted, but the task has not claimed the grant.
    pub is_granted: bool,
}

/// A primitive in a snapshot.
///
/// # Examples
///
/// See [`snapshot`](super::snapshot).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PrimitiveReport {
    /// Which one it is.
    pub target: Target,
    /// The owner of a lock, or the thread or task that runs a job, if known.
    pub owner: Option<Party>,
    /// How often the owner has changed since the first wait, or since the first lock if it has a name.
    pub turns: u64,
    /// Whether the owner may have passed it on unseen, because it holds an owned guard.
    pub may_have_moved: bool,
    /// The first waiters, at most 64, in order of arrival.
    pub waiters: Vec<WaiterReport>,
    /// The number of waiters.
    pub waiting: usize,
    /// The number of waits that have ended so far.
    pub waits: u64,
    /// The total duration of those waits.
    pub waited: Duration,
    /// The longest of those waits.
    pub longest: Duration,
}

/// A waiter of a primitive.
///
/// # Examples
///
/// See [`snapshot`](super::snapshot).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WaiterReport {
    /// The number of the wait, unique for this primitive.
    pub number: u64,
    /// Who waits.
    pub party: Party,
    /// How long it has lasted so far, or how long ago it was granted.
    pub waited: Duration,
    /// Where a thread began to wait.
    pub place: Option<&'static Location<'static>>,
    /// Whether the wait of a thread may end in another way: at a deadline, or because it is for one of several jobs.
    pub may_end_otherwise: bool,
    /// Whether it was granted what it waited for, but has not claimed it.
    pub is_granted: bool,
}

/// A cycle of waits: each party waits for something that the next one holds.
///
/// # Examples
///
/// See [`snapshot`](super::snapshot).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Cycle {
    /// Whether nothing in the program can end it.
    ///
    /// Each link is a thread that waits without a deadline for something that the next one holds and cannot have
    /// passed on. Otherwise it may still end: a task may be waiting for something else as well, or a deadline may
    /// pass.
    pub certain: bool,
    /// The links; the last one leads to the first.
    pub links: Vec<Link>,
}

/// A link of a cycle.
///
/// # Examples
///
/// See [`snapshot`](super::snapshot).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Link {
    /// Who cannot continue.
    pub from: Party,
    /// Why it cannot continue.
    pub how: How,
    /// Who would have to act.
    pub to: Party,
}

/// Why a party cannot continue.
///
/// # Examples
///
/// See [`snapshot`](super::snapshot).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum How {
    /// It waits for something that the other party holds.
    Waits(WaitReport),
    /// It is a thread, and runs the other party, a task, until that ends.
    Runs,
    /// It is a task, and the thread that polls it is blocked.
    IsPolledBy,
}

impl How {
    /// Distinguishes it from all other links, across snapshots.
    pub(super) fn id(&self) -> String {
        match self {
            Self::Waits(wait) => format!("{} {}", wait.target.number, wait.number),
            Self::Runs => "runs".to_owned(),
            Self::IsPolledBy => "is polled".to_owned(),
        }
    }
}

impl Kind {
    pub(super) const fn of(kind: Traceable) -> Self {
        match kind {
            Traceable::Lock => Self::Lock,
            Traceable::RLock => Self::RLock,
            Traceable::RwLock => Self::RwLock,
            Traceable::Semaphore => Self::Semaphore,
            Traceable::Event => Self::Event,
            Traceable::Barrier => Self::Barrier,
            Traceable::Condition => Self::Condition,
            Traceable::QueueGet => Self::QueueGet,
            Traceable::QueuePut => Self::QueuePut,
            Traceable::QueueJoin => Self::QueueJoin,
            Traceable::Job => Self::Job,
            Traceable::OnceCell => Self::OnceCell,
            Traceable::OnceWait => Self::OnceWait,
            Traceable::SingleFlight => Self::SingleFlight,
            Traceable::Watch => Self::Watch,
            Traceable::Inner | Traceable::Line => Self::Line,
        }
    }

    /// What its owner does with it, as in "is held by" and "holds".
    pub(super) const fn verbs(self) -> (&'static str, &'static str) {
        match self {
            Self::OnceCell => ("initialized", "initializes"),
            Self::SingleFlight => ("made", "makes"),
            _ => ("held", "holds"),
        }
    }

    /// Returns what a waiter needs, for when no particular thread or task is responsible.
    #[must_use]
    pub const fn is_ended_by(self) -> &'static str {
        match self {
            Self::Lock | Self::RLock | Self::RwLock => "its owner to unlock it",
            Self::Semaphore => "someone to release a permit",
            Self::Event | Self::OnceCell | Self::OnceWait => "someone to set it",
            Self::Barrier => "others to arrive",
            Self::Condition => "someone to notify it",
            Self::QueueGet => "someone to put an item",
            Self::QueuePut => "someone to take an item",
            Self::QueueJoin => "`task_done` for every item",
            Self::Job => "someone to complete it",
            Self::SingleFlight => "someone to make the call",
            Self::Watch => "someone to send another value",
            Self::Line => "someone to release it",
        }
    }
}
