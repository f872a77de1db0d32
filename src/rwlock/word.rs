//! `RwLock`: one word, in which whoever holds it has a share.
//!
//! ```text
//!   ┌────────────┬───────────────────────────┬─────────┬─────────────┐
//!   │ UPGRADABLE │ readers                   │ HANDOFF │ HAS_WAITERS │
//!   └────────────┴───────────────────────────┴─────────┴─────────────┘
//!     bit 31       bits 2 to 30
//! ```
//!
//! To the line it is a semaphore: what is held is a number of permits, the bits 2 to 31 of the word.
//!
//! | request | permits | granted when |
//! |---|---|---|
//! | [`READ`] | 1 | no writer has it |
//! | [`UPGRADABLE`] | 2^29 | neither a writer nor another upgradable reader has it |
//! | [`WRITE`] | all, 2^30 - 1 | nobody has it |
//! | [`UPGRADE`] | all but those of the upgradable reader who asks | no other reader is left |
//!
//! So a downgrade is the release of a part, an upgrade asks for the rest, and readers who stand next to each
//! other in line are granted together, since there is enough for all of them.
//!
//! There are never more than [`MAX_READERS`], so that the bits of readers are all set only while a writer has
//! it. One more has to wait. At that number nothing at all counts as free, and the line need not know
//! that what one request cannot have another could.

use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use crate::line::{Added, Asker, Flags, Word};
use crate::sys::{AtomicU32, constructor};

/// How far what is held is shifted to make room for the flags.
const SHIFT: u32 = 2;
/// What a reader takes.
pub(crate) const READ: usize = 1;
/// What an upgradable reader takes: there can be one, and it leaves readers their permits.
pub(crate) const UPGRADABLE: usize = 1 << 29;
/// What a writer takes: everything.
pub(crate) const WRITE: usize = 2 * UPGRADABLE - 1;
/// What an upgradable reader lacks to be a writer.
pub(crate) const UPGRADE: usize = WRITE - UPGRADABLE;
/// So many can read at once.
const MAX_READERS: usize = UPGRADABLE - 2;

/// How many permits are held.
const fn held(word: u32) -> usize {
    (word >> SHIFT) as usize
}

/// How many readers there are; more than can be if there is a writer.
const fn readers(word: u32) -> usize {
    held(word) % UPGRADABLE
}

/// How many permits can be taken. It is one number for all requests: whoever wants no more can have it.
const fn free(word: u32) -> usize {
    if readers(word) < MAX_READERS {
        WRITE - held(word)
    } else {
        0
    }
}

/// The word with `n` permits less to take, or `None` if there are not that many.
const fn taken(word: u32, n: usize) -> Option<u32> {
    // What is known of the number when this is compiled makes each of these one comparison.
    let fits = match n {
        READ => readers(word) < MAX_READERS,
        WRITE => held(word) == 0,
        _ => n <= free(word),
    };
    if fits { Some(word + bits(n)) } else { None }
}

/// The word with `n` permits taken by a newcomer, or `None` if it must wait.
const fn taken_by(word: u32, n: usize, asker: Asker) -> Option<u32> {
    let flags = Flags::of(word as usize);
    let may_pass = match asker {
        // Nobody in line can be served before it: they all wait for it.
        _ if n == UPGRADE => true,
        // A thread may pass waiting threads, until the line hands over.
        Asker::Thread => !flags.has(Flags::HANDOFF),
        // A task passes nobody.
        Asker::Task => flags.bits() == Flags::NONE.bits(),
    };
    if may_pass { taken(word, n) } else { None }
}

/// What `n` permits are in the word.
#[expect(clippy::cast_possible_truncation, reason = "there are less than 2^30")]
const fn bits(n: usize) -> u32 {
    (n as u32) << SHIFT
}

/// What a release of `n` permits asks of whoever made it; `before` is the word before that.
const fn after(before: u32, n: usize) -> Added {
    let flags = Flags::of(before as usize);
    let word = before - bits(n);
    if flags.bits() == Flags::NONE.bits() {
        return Added::Quietly;
    }
    // While the line hands over, nobody comes in who would have to be measured, and what a reader leaves to the
    // others changes nothing: whoever waits does so for the last of them, or for somebody else.
    let others_read = readers(word) > 0 && readers(before) < MAX_READERS;
    if n == READ && flags.has(Flags::HANDOFF) && others_read {
        Added::Quietly
    } else {
        Added::Unsettled
    }
}

/// The word after a reader or the writer has unlocked, or `None` if there is none.
const fn given(word: u32, n: usize) -> Option<u32> {
    let is_write_locked = held(word) == WRITE;
    let has_it = match n {
        WRITE => is_write_locked,
        _ => !is_write_locked && readers(word) >= n,
    };
    if has_it { Some(word - bits(n)) } else { None }
}

/// The word of a lock for readers and writers.
#[derive(Debug)]
pub struct RwWord(AtomicU32);

impl RwWord {
    constructor! {
        pub(crate) const fn new() -> Self {
            Self(AtomicU32::new(0))
        }
    }

    fn look(&self) -> u32 {
        // ORDERING: Relaxed: true at this instant; publishes nothing.
        self.0.load(Relaxed)
    }

    pub(crate) fn is_locked(&self) -> bool {
        held(self.look()) > 0
    }

    pub(crate) fn is_write_locked(&self) -> bool {
        held(self.look()) == WRITE
    }

    /// How many read, an upgradable reader included.
    pub(crate) fn reader_count(&self) -> usize {
        match held(self.look()) {
            WRITE => 0,
            held => held % UPGRADABLE + held / UPGRADABLE,
        }
    }

    /// Takes what a reader takes past everybody in line.
    ///
    /// It is the one exception to invariant 4 of the line, beside an upgrade: whoever waits there may have to wait for
    /// whoever asks here. The line loses nothing by it but time, for the permit comes back by a release.
    #[inline]
    pub(crate) fn read_past_the_line(&self) -> bool {
        self.exchange(self.look(), |word| taken(word, READ))
    }

    /// Unlocks for a reader or for the writer, if there is one.
    pub(crate) fn try_add(&self, n: usize) -> Option<Added> {
        let mut word = self.look();
        loop {
            // ORDERING: Release, as in `add`. Relaxed on failure: the loop looks again.
            match (self.0).compare_exchange_weak(word, given(word, n)?, Release, Relaxed) {
                Ok(_) => return Some(after(word, n)),
                Err(now) => word = now,
            }
        }
    }

    /// Applies a transition to the word, which is, or is guessed to be, so much.
    #[inline]
    fn exchange(&self, mut word: u32, transition: impl Fn(u32) -> Option<u32>) -> bool {
        while let Some(next) = transition(word) {
            // ORDERING: Acquire pairs with the Release of every release whose permits this may take (the
            // exchanges between them continue its release sequence): a reader sees what the last writer has written,
            // and a writer writes after all readers have read. Relaxed on failure: the loop looks again.
            match (self.0).compare_exchange_weak(word, next, Acquire, Relaxed) {
                Ok(_) => return true,
                Err(now) => word = now,
            }
        }
        false
    }
}

impl Word for RwWord {
    const IS_LOCK: bool = true;
    const UPGRADE: Option<usize> = Some(UPGRADE);

    /// A writer is an owner, and so is a reader who has been upgraded.
    fn is_exclusive(n: usize) -> bool {
        n >= UPGRADE && n != UPGRADABLE
    }

    #[inline]
    fn try_take(&self, n: usize, asker: Asker) -> bool {
        // A thread that comes to write mostly finds nobody, and need not look before it takes.
        let guess = if n == WRITE && asker == Asker::Thread {
            0
        } else {
            self.look()
        };
        self.exchange(guess, |word| taken_by(word, n, asker))
    }

    #[inline]
    fn add(&self, n: usize) -> Added {
        if n == WRITE {
            // ORDERING: Release publishes what the writer wrote. Relaxed on failure: of what is read only the flags
            // are new, for nobody else changes the word of a writer; the line's lock publishes what they stand for.
            match (self.0).compare_exchange(bits(WRITE), 0, Release, Relaxed) {
                Ok(_) => return Added::Quietly,
                Err(word) if Flags::of(word as usize).has(Flags::HANDOFF) => {
                    return Added::Withheld;
                }
                Err(_) => {}
            }
        }
        // ORDERING: Release publishes what a writer wrote to whoever comes next, and that a reader has read to
        // the next writer. The flags are in the same word: what raises them comes before this, and is seen, or
        // after it, and reads what is free then.
        let before = self.0.fetch_sub(bits(n), Release);
        after(before, n)
    }

    fn give(&self, n: usize) {
        // ORDERING: Release, as in `add`.
        self.0.fetch_sub(bits(n), Release);
    }

    fn take(&self, n: usize) -> bool {
        self.exchange(self.look(), |word| taken(word, n))
    }

    fn free(&self) -> usize {
        free(self.look())
    }

    fn flags(&self) -> Flags {
        // ORDERING: Relaxed: changed under the line's lock, which the callers that rely on it hold; a hint for all
        // others.
        Flags::of(self.0.load(Relaxed) as usize)
    }

    fn set_flags(&self, flags: Flags) {
        let change = self.flags().bits() ^ flags.bits();
        // ORDERING: Acquire pairs with the Release in `add`: of a writer who is missed by the flags it is seen that it
        // is no owner any more, before its name is copied (`sys/trace/traced.rs`). Being a read-modify-write it continues
        // the release sequences that run through the word.
        self.0.fetch_xor(change, Acquire);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::thread;

    use super::*;
    use crate::line::{Line, Timeout};
    use crate::sys::who::Traceable;

    const REQUESTS: [usize; 4] = [READ, UPGRADABLE, WRITE, UPGRADE];

    /// The words without flags that can be, near all bounds.
    fn words() -> impl Iterator<Item = u32> {
        let readers = [0, 1, 2, MAX_READERS - 1, MAX_READERS];
        let shared = readers
            .into_iter()
            .flat_map(|readers| [readers, UPGRADABLE + readers]);
        shared.chain([WRITE]).map(bits)
    }

    #[test]
    fn whoever_wants_no_more_than_is_free_can_have_it() {
        for word in words() {
            for n in REQUESTS {
                let fits = n <= free(word);
                assert_eq!(taken(word, n).is_some(), fits, "{n} of {word:#x}");
            }
        }
    }

    #[test]
    fn a_writer_excludes_everybody_and_readers_exclude_writers() {
        assert_eq!(taken(0, WRITE), Some(bits(WRITE)));
        for n in REQUESTS {
            assert_eq!(taken(bits(WRITE), n), None);
        }
        for others in [READ, UPGRADABLE, UPGRADABLE + READ] {
            assert_eq!(taken(bits(others), WRITE), None);
            assert_eq!(taken(bits(others), READ), Some(bits(others + READ)));
        }
    }

    #[test]
    fn one_upgradable_reader_can_be_beside_others_and_is_upgraded_when_they_are_gone() {
        assert_eq!(taken(bits(7), UPGRADABLE), Some(bits(UPGRADABLE + 7)));
        assert_eq!(taken(bits(UPGRADABLE), UPGRADABLE), None);
        assert_eq!(taken(bits(UPGRADABLE + 1), UPGRADE), None);
        assert_eq!(taken(bits(UPGRADABLE), UPGRADE), Some(bits(WRITE)));
    }

    #[test]
    fn one_reader_too_many_is_not_let_in_whoever_else_is_there() {
        assert_eq!(taken(bits(MAX_READERS), READ), None);
        assert_eq!(taken(bits(UPGRADABLE + MAX_READERS), READ), None);
        // An upgradable reader who becomes one of them is one more; nobody else comes in then.
        for n in REQUESTS {
            assert_eq!(taken(bits(MAX_READERS + 1), n), None);
        }
        let last = bits(UPGRADABLE + MAX_READERS - 1);
        assert_ne!(taken(last, READ), Some(bits(WRITE)));
        assert!(taken(last, READ).is_some());
    }

    #[test]
    fn a_thread_passes_waiting_threads_and_a_task_passes_nobody() {
        let word = Flags::HAS_WAITERS.bits();
        assert_eq!(taken_by(word, READ, Asker::Thread), Some(word + bits(READ)));
        assert_eq!(taken_by(word, READ, Asker::Task), None);
    }

    #[test]
    fn nobody_passes_a_head_that_is_handed_over_to_but_an_upgrade() {
        let word = bits(UPGRADABLE) | Flags::BOTH.bits();
        for asker in [Asker::Thread, Asker::Task] {
            assert_eq!(taken_by(word, READ, asker), None);
            assert_eq!(taken_by(word, UPGRADE, asker), Some(word + bits(UPGRADE)));
        }
    }

    #[test]
    fn while_the_line_hands_over_the_last_reader_settles_it_and_the_others_do_not() {
        let both = Flags::BOTH.bits();
        assert_eq!(after(bits(2) | both, READ), Added::Quietly);
        assert_eq!(after(bits(1) | both, READ), Added::Unsettled);
        assert_eq!(after(bits(UPGRADABLE + 2) | both, READ), Added::Quietly);
        assert_eq!(after(bits(UPGRADABLE + 1) | both, READ), Added::Unsettled);
        assert_eq!(
            after(bits(UPGRADABLE + 2) | both, UPGRADABLE),
            Added::Unsettled
        );
        assert_eq!(after(bits(WRITE) | both, WRITE - READ), Added::Unsettled);
        assert_eq!(after(bits(MAX_READERS) | both, READ), Added::Unsettled);
        let threads = Flags::HAS_WAITERS.bits();
        assert_eq!(after(bits(2) | threads, READ), Added::Unsettled);
        assert_eq!(after(bits(2), READ), Added::Quietly);
    }

    #[test]
    fn a_writer_is_an_owner_and_a_reader_is_none() {
        let exclusive = [WRITE, UPGRADE, WRITE - READ, WRITE - UPGRADABLE];
        assert!(exclusive.into_iter().all(RwWord::is_exclusive));
        assert!(![READ, UPGRADABLE].into_iter().any(RwWord::is_exclusive));
    }

    /// A word with so many readers as would take too long to make.
    fn full() -> Line<RwWord> {
        let word = RwWord(AtomicU32::new(bits(MAX_READERS)));
        Line::of(Traceable::RwLock, word)
    }

    #[test]
    fn one_reader_too_many_waits_until_another_is_gone() {
        for asker in [Asker::Thread, Asker::Task] {
            let line = Arc::new(full());
            assert!(!line.try_take(READ, asker));
            assert!(!line.word().read_past_the_line());
            assert!(
                line.block_until(READ, Timeout::At(std::time::Instant::now()))
                    .is_err()
            );
            let reader = thread::spawn({
                let line = Arc::clone(&line);
                move || match asker {
                    Asker::Thread => line.block(READ),
                    Asker::Task => {
                        let wait = crate::line::Wait::new(&*line, asker, READ);
                        futures_lite::future::block_on(wait);
                    }
                }
            });
            while line.waiting() == 0 {
                thread::yield_now();
            }
            line.release(READ);
            reader.join().unwrap();
            assert_eq!(line.word().reader_count(), MAX_READERS);
        }
    }
}
