//! Where threads run: all on one core, or each on a core of its own.
//!
//! Two threads on one core and two threads on two cores are different questions, and a thread
//! that may run anywhere answers whichever of them the scheduler picks. So nothing here runs
//! anywhere: a cell of one thread stays on the first core, and a cell of several threads is two
//! cells, `…/together` and `…/apart`.

#![expect(unsafe_code, reason = "affinity is a C call")]

use core::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::OnceLock;

/// Where the threads of a cell run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// All on the first core.
    Together,
    /// Each on the next core, round robin.
    Apart,
}

/// Whether threads run apart now.
static APART: AtomicBool = AtomicBool::new(false);

/// The cores that this process may use, as it was started.
static CORES: OnceLock<Vec<usize>> = OnceLock::new();

/// The places that this machine has, and what it cannot measure.
pub(crate) fn offered() -> (&'static [Place], Option<&'static str>) {
    match cores().len() {
        0 => (
            &[],
            Some("SKIPPED: cells of several threads; this system cannot pin threads to cores"),
        ),
        1 => (
            &[Place::Together],
            Some("SKIPPED: cells whose threads run apart (`*/apart`); there is one core"),
        ),
        _ => (&[Place::Together, Place::Apart], None),
    }
}

/// The cores of this process. The first call must come before any thread is pinned.
pub(crate) fn cores() -> &'static [usize] {
    CORES.get_or_init(allowed)
}

impl Place {
    /// How the names of cells end.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Together => "together",
            Self::Apart => "apart",
        }
    }

    /// Makes this the place of every thread that joins, and puts the calling thread first.
    pub(crate) fn enter(self) {
        // ORDERING: Relaxed: threads that are started later see it, others do not read it.
        APART.store(self == Self::Apart, Relaxed);
        join(0);
    }
}

/// Puts the calling thread, which is thread number `index` of its cell, on its core.
///
/// The thread that measures is number 0 where it takes part.
pub(crate) fn join(index: usize) {
    pin(0, index);
}

/// Puts all other threads of the process on their cores, the youngest first.
///
/// This is for threads that a library starts: they inherited the core of their creator.
pub(crate) fn settle() {
    for (index, thread) in others().into_iter().enumerate() {
        pin(thread, index + 1);
    }
}

/// Pins a thread, 0 being the caller, to the core of number `index`.
fn pin(thread: libc::pid_t, index: usize) {
    let cores = cores();
    // ORDERING: Relaxed, as above.
    let turn = if APART.load(Relaxed) { index } else { 0 };
    if let Some(&core) = cores.get(turn % cores.len().max(1)) {
        pin_to(thread, core);
    }
}

/// The other threads of this process, the youngest first.
#[cfg(target_os = "linux")]
fn others() -> Vec<libc::pid_t> {
    // SAFETY: this call takes nothing and always succeeds.
    let own = unsafe { libc::gettid() };
    let tasks = std::fs::read_dir("/proc/self/task").expect("Linux lists the threads of a process");
    let mut threads: Vec<libc::pid_t> = tasks
        .filter_map(|task| task.ok()?.file_name().to_str()?.parse().ok())
        .filter(|&thread| thread != own)
        .collect();
    threads.sort_unstable_by(|one, other| other.cmp(one));
    threads
}

#[cfg(target_os = "linux")]
fn allowed() -> Vec<usize> {
    // SAFETY: `cpu_set_t` is plain integers, for which all zeros is a value.
    let mut allowed: libc::cpu_set_t = unsafe { core::mem::zeroed() };
    // SAFETY: the pointer is to a live set of the size given.
    let refused =
        unsafe { libc::sched_getaffinity(0, size_of::<libc::cpu_set_t>(), &raw mut allowed) };
    assert_eq!(0, refused, "the affinity of this thread is unreadable");
    let limit = usize::try_from(libc::CPU_SETSIZE).unwrap_or(0);
    (0..limit)
        .filter(|&core| {
            // SAFETY: `core` is below CPU_SETSIZE.
            unsafe { libc::CPU_ISSET(core, &allowed) }
        })
        .collect()
}

#[cfg(target_os = "linux")]
fn pin_to(thread: libc::pid_t, core: usize) {
    // SAFETY: all zeros is the empty set.
    let mut one: libc::cpu_set_t = unsafe { core::mem::zeroed() };
    // SAFETY: `core` came out of a set, so it is below CPU_SETSIZE.
    unsafe { libc::CPU_SET(core, &mut one) };
    // SAFETY: the pointer is to a live set of the size given.
    let refused =
        unsafe { libc::sched_setaffinity(thread, size_of::<libc::cpu_set_t>(), &raw const one) };
    // Another thread may have ended since it was listed.
    assert!(
        refused == 0 || thread != 0,
        "the affinity of this thread cannot be set"
    );
}

#[cfg(not(target_os = "linux"))]
fn others() -> Vec<libc::pid_t> {
    Vec::new()
}

#[cfg(not(target_os = "linux"))]
fn allowed() -> Vec<usize> {
    Vec::new()
}

#[cfg(not(target_os = "linux"))]
fn pin_to(_thread: libc::pid_t, _core: usize) {}
