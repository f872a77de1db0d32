//! What the numbers were measured on, and when.

#![expect(unsafe_code, reason = "membarrier is a C call")]

use std::fs;
use std::time::SystemTime;

use crate::place;

/// The lock file of the workspace, for the versions of the peers.
const LOCK_FILE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.lock"));
/// The crates whose version the report names.
const PEERS: &[&str] = &[
    "async-channel",
    "async-executor",
    "async-io",
    "async-lock",
    "asyncband",
    "backon",
    "bb8",
    "blocking",
    "crossbeam-channel",
    "deadpool",
    "event-listener",
    "failsafe",
    "flume",
    "futures",
    "futures-concurrency",
    "futures-timer",
    "governor",
    "kanal",
    "parking_lot",
    "r2d2",
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
        ("date", today()),
        ("build", build().to_owned()),
        ("cpu", cpu()),
        ("cores", place::cores().len().to_string()),
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

/// Today's date in UTC, as `2026-11-30`.
fn today() -> String {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let days = since.map_or(0, |since| since.as_secs() / 86_400);
    date(i64::try_from(days).unwrap_or(0))
}

/// The date so many days after 1 January 1970.
fn date(days: i64) -> String {
    // Years begin in March here, so that the leap day is their last one. 719,468 days lie
    // between 1 March of the year 0 and 1970, and 146,097 in every 400 years.
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, next_year) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    format!("{}-{month:02}-{day:02}", 400 * era + year + next_year)
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

#[cfg(test)]
mod tests {
    use super::date;

    #[test]
    fn days_become_dates() {
        assert_eq!("1970-01-01", date(0));
        assert_eq!("2000-02-29", date(11_016));
        assert_eq!("2026-11-30", date(20_787));
        assert_eq!("2027-01-01", date(20_819));
    }
}
