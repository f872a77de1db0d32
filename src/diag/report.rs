//! What a snapshot is made of.

use core::panic::Location;
use core::time::Duration;
use std::borrow::Cow;
use std::thread::ThreadId;
use std::time::{Instant, SystemTime};

use crate::sys::ThreadState;
use crate::sys::who::Traceable;

/// What was going on at one moment; from [`snapshot`](super::snapshot).
///
/// `Display` prints it for a person to read.
///
/// # Examples
///
/// See [`snapshot`](super::snapshot).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Snapshot {
    /// When it was taken.
    pub at: SystemTime,
    /// The threads that have locked something or waited, and have not ended, oldest first.
    pub threads: Vec<ThreadReport>,
    /// The tasks that have begun and have not ended, oldest first.
    pub tasks: Vec<TaskReport>,
    /// The primitives that somebody has waited for, and the locks with a name that have been locked.
    pub primitives: Vec<PrimitiveReport>,
    /// The pools of threads, runners among them.
    pub pools: Vec<PoolReport>,
    /// Who waits in a circle.
    pub cycles: Vec<Cycle>,
    /// The same moment, of a clock that nobody sets.
    pub(super) taken: Instant,
}

/// A thread or a task, as others know it.
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
        /// Its number in this process, from 1 on: the same in all snapshots.
        number: u64,
        /// Its name, if it has one.
        name: Option<String>,
    },
    /// A task.
    #[non_exhaustive]
    Task {
        /// Its number in this process: the same in all snapshots.
        number: u64,
        /// Its name, if it has one.
        name: Option<String>,
        /// Where it was made, if that is known.
        made: Option<&'static Location<'static>>,
    },
    /// A task whose runtime does not say which one it is.
    Unknown,
}

/// What kind of thing somebody waits for.
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
    /// A queue, from which one gets.
    QueueGet,
    /// A queue, into which one puts.
    QueuePut,
    /// A queue, for whose items to be done one waits.
    QueueJoin,
    /// A job.
    Job,
    /// A cell, whose value one would make oneself.
    OnceCell,
    /// A cell, whose value one waits for.
    OnceWait,
    /// The call of a key, which one would make oneself.
    SingleFlight,
    /// A watch, for another value of which one waits.
    Watch,
    /// Something that was built on a line of one's own.
    Line,
}

/// A primitive, as those know it who wait for it.
///
/// # Examples
///
/// See [`snapshot`](super::snapshot).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Target {
    /// Its number in this process: the same in all snapshots, and no other's.
    pub number: u64,
    /// What it is.
    pub kind: Kind,
    /// Its name, if it has one. Of a job without a name, the type of its closure or future.
    pub name: Option<Cow<'static, str>>,
    /// Where it was made.
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
    /// Who it is.
    pub party: Party,
    /// Its id, by which `std` knows it.
    pub id: ThreadId,
    /// The number by which the operating system knows it, where it has one.
    pub os_id: Option<u64>,
    /// What it does, if this crate has started it.
    pub state: Option<ThreadState>,
    /// The task that it polls, or for which it is in `block_on`.
    pub runs: Option<Party>,
    /// What it waits for.
    pub waits: Vec<WaitReport>,
    /// What it has.
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
    /// Who it is.
    pub party: Party,
    /// The thread that polls it at this moment.
    pub polled_by: Option<Party>,
    /// How often it has been polled.
    pub polls: u64,
    /// How many guards of the *blocking* face it keeps across an await, so that their locks stay locked while the task waits. 0 is
    /// as it should be.
    pub guards: u64,
    /// How long ago it was made.
    pub age: Duration,
    /// What it waits for: what it has polled and not dropped. A task may wait for several things at once.
    pub waits: Vec<WaitReport>,
    /// What it has.
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
    /// The prefix of the names of its threads.
    pub name: String,
    /// How many threads it uses at most, but for those that stand in for blocked ones.
    pub workers: usize,
    /// How many run something, or look for something to run.
    pub running: usize,
    /// How many sleep.
    pub idle: usize,
    /// How many wait inside a job.
    pub blocked: usize,
}

/// A wait, as whoever waits knows it.
///
/// # Examples
///
/// See [`snapshot`](super::snapshot).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WaitReport {
    /// Which wait for that primitive it is: no other one has the same number.
    pub number: u64,
    /// What for.
    pub target: Target,
    /// For how long so far.
    pub waited: Duration,
    /// Where a thread began to wait.
    pub place: Option<&'static Location<'static>>,
    /// Whether a thread's wait may end without what it is for: it has a deadline, or waits for one of several.
    pub may_end_otherwise: bool,
    /// Whether the wait is over, and the task has not come for what it has been granted.
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
    /// Who has it, where that is known: the owner of a lock, or whoever runs a job.
    pub owner: Option<Party>,
    /// How often it has changed hands since somebody first waited for it, or since it was first locked if it has a name.
    pub turns: u64,
    /// Whether the owner can have given it to somebody else since, without a word: it has an owned guard.
    pub may_have_moved: bool,
    /// The first of those who wait, at most 64, in the order in which they came.
    pub waiters: Vec<WaiterReport>,
    /// How many wait.
    pub waiting: usize,
    /// How many waits have ended so far.
    pub waits: u64,
    /// How long these took together.
    pub waited: Duration,
    /// How long the longest of them took.
    pub longest: Duration,
}

/// A wait, as what is waited for knows it.
///
/// # Examples
///
/// See [`snapshot`](super::snapshot).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WaiterReport {
    /// Which wait for this primitive it is: no other one has the same number.
    pub number: u64,
    /// Who waits.
    pub party: Party,
    /// For how long so far; since the grant, if there was one.
    pub waited: Duration,
    /// Where a thread began to wait.
    pub place: Option<&'static Location<'static>>,
    /// Whether a thread's wait may end without what it is for: it has a deadline, or waits for one of several.
    pub may_end_otherwise: bool,
    /// Whether it has been granted what it waited for, and has not come for it.
    pub is_granted: bool,
}

/// Some who wait for each other: each for something that the next one has.
///
/// # Examples
///
/// See [`snapshot`](super::snapshot).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Cycle {
    /// Whether nothing in the program can end it: each link is a thread that waits, without a deadline, for something
    /// that the next one has and cannot have given away. Else it may still end: a task may be waiting for
    /// something else at the same time, or a deadline may pass.
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
    /// Who cannot go on.
    pub from: Party,
    /// What keeps it.
    pub how: How,
    /// Who would have to do something about it.
    pub to: Party,
}

/// What keeps somebody from going on.
///
/// # Examples
///
/// See [`snapshot`](super::snapshot).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum How {
    /// It waits for something that the other one has.
    Waits(WaitReport),
    /// It is a thread, and runs the other one, a task, until that ends.
    Runs,
    /// It is a task, and the thread that polls it is blocked.
    IsPolledBy,
}

impl How {
    /// Tells it from all other links, at the next look too.
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
