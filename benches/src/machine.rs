//! What the numbers were measured on, and on which cores.

#![expect(unsafe_code, reason = "affinity and membarrier are C calls")]

use std::fs;

/// The lock file of the workspace, for the versions of the peers.
const LOCK_FILE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.lock"));
/// The crates whose version the report names.
const PEERS: [&str; 24] = [
    "async-channel",
    "async-executor",
    "async-io",
    "async-lock",
    "asyncband",
    "backon",
    "blocking",
    "crossbeam-channel",
    "event-listener",
    "failsafe",
    "flume",
    "futures",
    "futures-timer",
    "governor",
    "kanal",
    "parking_lot",
    "rayon",
    "recloser",
    "saa",
    "syncline",
    "tachyonix",
    "threadpool",
    "tokio",
    "tokio-util",
];

/// The facts that belong to every table, as name and value.
pub(crate) fn facts() -> Vec<(&'static str, String)> {
    vec![
        ("build", build().to_owned()),
        ("cpu", cpu()),
        ("cores", cores().to_string()),
        ("kernel", kernel()),
        ("membarrier", membarrier().to_owned()),
        ("load", load()),
        ("futex calls", futex_calls().to_owned()),
        ("versions", versions()),
    ]
}

/// Which of syncline's two unlock protocols was compiled in.
fn build() -> &'static str {
    match (cfg!(debug_assertions), cfg!(syncline_portable)) {
        (true, _) => "UNOPTIMISED: these numbers mean nothing",
        (false, true) => "release, --cfg syncline_portable (symmetric unlock, no Linux calls)",
        (false, false) => "release (asymmetric unlock where membarrier is available)",
    }
}

fn cpu() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    info.lines()
        .find(|line| line.starts_with("model name"))
        .and_then(|line| line.split(": ").nth(1))
        .unwrap_or("unknown")
        .to_owned()
}

fn kernel() -> String {
    fs::read_to_string("/proc/sys/kernel/osrelease")
        .map_or_else(|_| "unknown".to_owned(), |text| text.trim().to_owned())
}

fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let minute = text.split(' ').next().unwrap_or("unknown");
    format!("{minute} before the first cell")
}

/// Cores this process may run on.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn futex_calls() -> &'static str {
    if crate::counts::Counts::now().futex.is_some() {
        "counted"
    } else {
        "not counted (build with --features futex-calls on x86-64 Linux)"
    }
}

/// `name version` of each peer, as locked.
fn versions() -> String {
    let mut lines = LOCK_FILE.lines();
    let mut found = Vec::new();
    while let Some(line) = lines.next() {
        let Some(name) = quoted(line, "name = ") else {
            continue;
        };
        let version = lines.next().and_then(|line| quoted(line, "version = "));
        if PEERS.contains(&name) {
            found.push(format!("{name} {}", version.unwrap_or("?")));
        }
    }
    found.join(", ")
}

/// The text between quotes after `key`.
fn quoted<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    line.strip_prefix(key)?.split('"').nth(1)
}

/// Whether the kernel offers the private expedited `membarrier`.
#[cfg(target_os = "linux")]
fn membarrier() -> &'static str {
    // SAFETY: MEMBARRIER_CMD_QUERY only reports; it takes no pointer.
    let offered = unsafe { libc::syscall(libc::SYS_membarrier, libc::MEMBARRIER_CMD_QUERY, 0, 0) };
    if offered > 0 && offered & libc::c_long::from(libc::MEMBARRIER_CMD_PRIVATE_EXPEDITED) != 0 {
        "offered"
    } else {
        "refused"
    }
}

#[cfg(not(target_os = "linux"))]
fn membarrier() -> &'static str {
    "not on this system"
}

/// Keeps the calling thread on the first core it may run on.
#[cfg(target_os = "linux")]
pub(crate) fn pin_to_one_core() {
    // SAFETY: `cpu_set_t` is plain integers, for which all zeros is a value.
    let mut allowed: libc::cpu_set_t = unsafe { core::mem::zeroed() };
    // SAFETY: the pointer is to a live set of the size given.
    let refused =
        unsafe { libc::sched_getaffinity(0, size_of::<libc::cpu_set_t>(), &raw mut allowed) };
    assert_eq!(0, refused, "the affinity of this thread is unreadable");
    let limit = usize::try_from(libc::CPU_SETSIZE).unwrap_or(0);
    let first = (0..limit)
        .find(|&core| {
            // SAFETY: `core` is below CPU_SETSIZE.
            unsafe { libc::CPU_ISSET(core, &allowed) }
        })
        .expect("a running thread is allowed on some core");
    // SAFETY: as above, all zeros is the empty set.
    let mut one: libc::cpu_set_t = unsafe { core::mem::zeroed() };
    // SAFETY: `first` is below CPU_SETSIZE.
    unsafe { libc::CPU_SET(first, &mut one) };
    // SAFETY: the pointer is to a live set of the size given.
    let refused =
        unsafe { libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &raw const one) };
    assert_eq!(0, refused, "the affinity of this thread cannot be set");
}

/// Says that pinned cells are not pinned here.
#[cfg(not(target_os = "linux"))]
pub(crate) fn pin_to_one_core() {}
