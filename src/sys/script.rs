//! What a model fixes before it runs: the flavour of the atomics, and the choices that time, the kernel
//! and a loaded system make in real life. Process-wide; set it outside of `loom::model` only.

use core::ops::Range;
use core::sync::atomic::Ordering::SeqCst;
use core::sync::atomic::{AtomicBool, AtomicI32, AtomicU8, AtomicUsize};

/// How loads reach loom, which remembers one last access per object (loom #166, #392).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Flavour {
    /// Loom's own atomics: stale reads, but some interleavings are missed.
    Plain,
    /// A load is a compare-exchange that fails: all interleavings, no stale reads.
    Rmw,
    /// A read-modify-write on a twin precedes every operation: both, at a price.
    Shadow,
}

static FLAVOUR: AtomicU8 = AtomicU8::new(0);
static EXPIRY: AtomicUsize = AtomicUsize::new(usize::MAX);
static OVERDUE: AtomicBool = AtomicBool::new(false);
static FENCES: AtomicU8 = AtomicU8::new(0);
static ASKED: AtomicBool = AtomicBool::new(false);
static FIRST_FAILURE: AtomicUsize = AtomicUsize::new(0);
static END_OF_FAILURES: AtomicUsize = AtomicUsize::new(0);
static STARTS: AtomicUsize = AtomicUsize::new(0);
static BATCH: AtomicUsize = AtomicUsize::new(0);
static OPERATIONS: AtomicI32 = AtomicI32::new(128);
static FEW_BLOCKED: AtomicUsize = AtomicUsize::new(4);

/// What a process knows of its kernel's `membarrier`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fences {
    /// It works, and everybody knows.
    Asymmetric,
    /// There is none.
    Symmetric,
    /// It works, but a thread knows only once it has asked itself.
    Mixed,
}

/// Moves the clock that limiters, breakers and budgets read. A step of the model: whoever reads the clock
/// comes before it or after it.
///
/// # Panics
///
/// Panics if that is more than 500 years.
pub fn advance(by: core::time::Duration) {
    super::advance(u64::try_from(by.as_nanos()).expect("a model takes less than 500 years"));
}

/// Chooses the atomics.
pub fn set_flavour(flavour: Flavour) {
    FLAVOUR.store(flavour as u8, SeqCst);
}

/// Makes every wait with a limit expire at its k-th park, or never.
pub fn set_expiry(park: Option<usize>) {
    EXPIRY.store(park.unwrap_or(usize::MAX), SeqCst);
}

/// Makes every head thread overdue when a releaser looks, or none.
pub fn set_overdue(overdue: bool) {
    OVERDUE.store(overdue, SeqCst);
}

/// Chooses the unlock of `Lock`: a store and a light fence, or a swap, or now this, now that.
pub fn set_fences(fences: Fences) {
    FENCES.store(fences as u8, SeqCst);
}

/// Whether any lock has asked so far which unlock it is to use.
pub fn were_fences_asked_for() -> bool {
    ASKED.load(SeqCst)
}

/// Makes the pool's starts of threads with these numbers fail. They count from 0 in each execution.
pub fn set_failing_starts(numbers: Range<usize>) {
    FIRST_FAILURE.store(numbers.start, SeqCst);
    END_OF_FAILURES.store(numbers.end, SeqCst);
}

/// Chooses how many times as many threads as workers may be blocked before a pool begins with what comes
/// from outside at a pace.
pub fn set_few_blocked(times: usize) {
    FEW_BLOCKED.store(times, SeqCst);
}

/// Makes whoever steals take so many more along.
pub fn set_batch(more: usize) {
    BATCH.store(more, SeqCst);
}

/// Lets a task do so many operations in one poll.
pub fn set_operations(operations: i32) {
    OPERATIONS.store(operations, SeqCst);
}

pub(crate) fn operations() -> i32 {
    OPERATIONS.load(SeqCst)
}

/// Must be called where an execution begins: what is counted in each counts from here.
pub fn begin() {
    STARTS.store(0, SeqCst);
    super::fences::begin();
}

pub(crate) fn flavour() -> Flavour {
    match FLAVOUR.load(SeqCst) {
        0 => Flavour::Plain,
        1 => Flavour::Rmw,
        _ => Flavour::Shadow,
    }
}

pub(crate) fn expiry() -> Option<usize> {
    Some(EXPIRY.load(SeqCst)).filter(|park| *park != usize::MAX)
}

pub(crate) fn overdue() -> bool {
    OVERDUE.load(SeqCst)
}

pub(crate) fn fences() -> Fences {
    match FENCES.load(SeqCst) {
        0 => Fences::Asymmetric,
        1 => Fences::Symmetric,
        _ => Fences::Mixed,
    }
}

pub(crate) fn ask_for_fences() {
    ASKED.store(true, SeqCst);
}

/// Counts the start of a thread, and says whether it fails.
pub(crate) fn start_fails() -> bool {
    let number = STARTS.fetch_add(1, SeqCst);
    (FIRST_FAILURE.load(SeqCst)..END_OF_FAILURES.load(SeqCst)).contains(&number)
}

pub(crate) fn few_blocked() -> usize {
    FEW_BLOCKED.load(SeqCst)
}

pub(crate) fn batch() -> usize {
    BATCH.load(SeqCst)
}
