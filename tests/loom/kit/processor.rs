//! How much processor time a child has had, so that a busy machine fails no model.
//!
//! A search takes as much processor time as it takes, whatever else runs beside it. So the limit of a
//! model is one of processor time, where the system tells it (Linux); elsewhere wall time stands in for it.

use core::time::Duration;

/// How much longer than its limit a process may take on the wall, for want of a processor.
const PATIENCE: u32 = 20;

/// How often to look at a process, at most.
const SHORTEST: Duration = Duration::from_millis(10);

/// How often to look at a process, at least: one that sleeps from one look to the next hangs.
const LONGEST: Duration = Duration::from_secs(2);

/// What is known of a process at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    /// The processor time of all its threads so far.
    pub(crate) used: Duration,
    /// Whether it waits for something else than a processor.
    pub(crate) sleeps: bool,
}

/// Why a process does not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// It has had its time.
    TimeIsUp,
    /// It has not had its time, but waited for it far too long.
    Starved,
    /// It sleeps; models have nothing to wait for.
    Hangs,
}

/// When to look again, or why to stop, by two looks in a row and the time since the start.
pub(crate) fn judge(
    limit: Duration,
    wall: Duration,
    before: Look,
    now: Look,
) -> Result<Duration, Stop> {
    if limit <= now.used {
        Err(Stop::TimeIsUp)
    } else if limit.saturating_mul(PATIENCE) <= wall {
        Err(Stop::Starved)
    } else if before.sleeps && now.sleeps && before.used == now.used {
        Err(Stop::Hangs)
    } else {
        Ok(limit.saturating_sub(now.used).clamp(SHORTEST, LONGEST))
    }
}

/// Looks at a process that has not been waited for; `None` where the system tells nothing.
pub(crate) fn look(process: u32) -> Option<Look> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    parse(&std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?)
}

/// Reads a line of `/proc/*/stat`: number, name in parentheses, state, and forty numbers more.
pub(crate) fn parse(stat: &str) -> Option<Look> {
    // A name may have anything in it, parentheses and blanks too.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_ascii_whitespace();
    let state = fields.next()?;
    let mut times = fields.skip(10).map(str::parse::<u64>);
    let ticks = times.next()?.ok()? + times.next()?.ok()?;
    Some(Look {
        // The kernel counts in hundredths of a second here, whatever its own clock is.
        used: Duration::from_millis(10 * ticks),
        sleeps: state == "S",
    })
}
