//! What a line must know of the word it guards.

/// Who asks: a thread may pass waiting threads, a task passes nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asker {
    /// A thread, through the blocking face.
    Thread,
    /// A task, through the async face.
    Task,
}

/// What the line tells those who do not hold its lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flags(u32);

impl Flags {
    /// Nobody waits.
    pub const NONE: Self = Self(0);
    /// Somebody waits: whoever adds must settle the line.
    pub const HAS_WAITERS: Self = Self(1);
    /// What is free belongs to the head: nobody else may take.
    pub const HANDOFF: Self = Self(2);
    /// Both of them.
    pub const BOTH: Self = Self(3);

    /// The flags in the two lowest bits of a word.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "two bits are kept")]
    pub const fn of(word: usize) -> Self {
        Self((word & 3) as u32)
    }

    /// The flags as bits.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// Whether all of `other` is set.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// How an addition to the word went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// Done, and nobody waits.
    Quietly,
    /// Done, and somebody waits: settle the line.
    Unsettled,
    /// Not done, for it belongs to the head: hand it over under the line's lock.
    Withheld,
}

/// The word of a primitive: what is free, and the line's flags.
///
/// The fast paths ([`try_take`](Self::try_take), [`add`](Self::add)) are called by anybody; all
/// others only by the holder of the line's lock. An implementation is a set of pure transitions
/// and the loop that applies them; it neither waits nor wakes.
pub trait Word {
    /// Whether threads may pass waiting threads. Where not, the line always hands over.
    const BARGING: bool = true;
    /// Whether something is held after a grant, so that a grant that nobody claims is given
    /// back.
    const CLAIMS: bool = true;
    /// Whether a grant that nobody has claimed can be transferred to another request of the same
    /// task. Where not, a grant is its owner's as soon as it is made.
    const TRANSFERS: bool = Self::CLAIMS;
    /// Whether it is a lock. A worker of a pool that waits for one is not stood in for: its holder is
    /// about to unlock it.
    const IS_LOCK: bool = false;
    /// Whether a snapshot says whose it is.
    const OWNED: bool = Self::IS_LOCK;
    /// The request that goes before everybody in line, if there is one: whoever makes it holds what keeps
    /// all others from being granted what they want, so that two can never wait at once. It may take
    /// whatever the flags say, and while it waits the line hands over.
    const UPGRADE: Option<usize> = None;
    /// How often a thread in line yields before it sleeps.
    const PATIENCE: u32 = 0;

    /// Whether raising the first flag costs so much that `HAS_WAITERS` stays raised after the
    /// last waiter has gone, for as long as nothing is free. Whoever makes something free
    /// settles the line, and lowers it.
    const STICKY: bool = false;

    /// Whether a request may have been satisfied before those that stand in line before it, so that it
    /// must look again when it has joined.
    const DUE_AT_JOIN: bool = false;

    /// Takes `n` for a newcomer, if it may pass whoever waits.
    fn try_take(&self, n: usize, asker: Asker) -> bool;

    /// Adds `n`, or withholds it for the head.
    fn add(&self, n: usize) -> Added;

    /// Adds `n`, with the line's lock held.
    fn give(&self, n: usize);

    /// Takes `n` for somebody in line, with the line's lock held.
    fn take(&self, n: usize) -> bool;

    /// What is free, with the line's lock held.
    fn free(&self) -> usize;

    /// Whether what comes back is not free yet, for more has been given out than there should be. With
    /// the line's lock held.
    fn is_in_debt(&self) -> bool {
        false
    }

    /// The line's flags.
    fn flags(&self) -> Flags;

    /// Replaces the line's flags, with the line's lock held, before what is free is read.
    fn set_flags(&self, flags: Flags);

    /// Whether what has just been taken, by a request that is [exclusive](Self::is_exclusive), belongs to whoever has
    /// taken it.
    fn is_owned(&self) -> bool {
        true
    }

    /// Whether there will be nothing any more, with the line's lock held: everybody in line is
    /// then granted nothing, which [`take`](Self::take) allows.
    fn refuses(&self) -> bool {
        false
    }

    /// Whether whoever is granted so much is its owner, and nobody is after so much has been given back.
    #[must_use]
    fn is_exclusive(_n: usize) -> bool {
        Self::IS_LOCK
    }

    /// Turns a request into what stands in line for it, with the line's lock held.
    fn enrol(&self, request: usize) -> usize {
        request
    }

    /// Whether the request has been satisfied although the line has not come to it yet.
    fn is_due(&self, _request: usize) -> bool {
        false
    }
}
