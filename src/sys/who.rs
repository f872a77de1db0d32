//! Who holds something, or waits for it, as one number.

/// Where the two bits stand that say what kind of somebody it is.
const KIND: u32 = 62;
/// Set if what it holds may be somebody else's by now.
const MOVABLE: u64 = 1 << 61;
/// The bits that say which one it is.
const NUMBER: u64 = MOVABLE - 1;

/// A thread, a task, nobody, or somebody who is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Who(u64);

/// What kind of somebody it is.
#[cfg(feature = "diagnostics")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WhoKind {
    Nobody,
    Thread,
    Task,
    Unknown,
}

impl Who {
    pub(crate) const NOBODY: Self = Self(0);
    /// Somebody whose number is not known: a task of a runtime that does not say which one is running.
    pub(crate) const UNKNOWN: Self = Self(3 << KIND);

    pub(crate) const fn task(number: u64) -> Self {
        Self(2 << KIND | number & NUMBER)
    }
}

#[cfg(feature = "diagnostics")]
impl Who {
    pub(crate) const fn thread(number: u64) -> Self {
        Self(1 << KIND | number & NUMBER)
    }

    pub(crate) const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    pub(crate) const fn bits(self) -> u64 {
        self.0
    }

    pub(crate) const fn kind(self) -> WhoKind {
        match self.0 >> KIND {
            0 => WhoKind::Nobody,
            1 => WhoKind::Thread,
            2 => WhoKind::Task,
            _ => WhoKind::Unknown,
        }
    }

    pub(crate) const fn is_thread(self) -> bool {
        matches!(self.kind(), WhoKind::Thread)
    }

    /// The same, of whom is only known that it once had what it holds: that can be given away.
    pub(crate) const fn movable(self) -> Self {
        if self.0 == 0 {
            self
        } else {
            Self(self.0 | MOVABLE)
        }
    }

    pub(crate) const fn is_movable(self) -> bool {
        self.0 & MOVABLE != 0
    }

    /// The same, whether what it holds can be given away or not.
    pub(crate) const fn fixed(self) -> Self {
        Self(self.0 & !MOVABLE)
    }

    /// Which of its kind it is.
    pub(crate) const fn number(self) -> u64 {
        self.0 & NUMBER
    }
}

/// What something is that can be held or waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Traceable {
    /// A part of something else, of which nothing is recorded.
    Inner,
    Lock,
    RLock,
    RwLock,
    Semaphore,
    Event,
    Barrier,
    Condition,
    QueueGet,
    QueuePut,
    QueueJoin,
    Job,
    /// The turn to set a value once.
    OnceCell,
    /// Who waits until that is set.
    OnceWait,
    /// The turn to make the call of a key.
    SingleFlight,
    /// Another value of something.
    Watch,
    /// Something that somebody else has built on a line.
    Line,
}

#[cfg(feature = "diagnostics")]
impl Traceable {
    /// Whether it lends out guards that belong to a thread or to a task.
    pub(crate) const fn is_lock(self) -> bool {
        matches!(self, Self::Lock | Self::RLock | Self::RwLock)
    }

    /// Whether somebody is known to have it, whom others wait for.
    pub(crate) const fn has_owner(self) -> bool {
        self.is_lock() || matches!(self, Self::Job | Self::OnceCell | Self::SingleFlight)
    }
}
