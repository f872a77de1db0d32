//! How a report of a watchdog is printed.

use core::fmt;

use super::display::{Count, Short};
use super::trouble::{Report, Trouble};

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lasted = Short(self.lasted);
        if self.is_over {
            return write!(f, "over after {lasted}: {}", self.trouble);
        }
        write!(f, "for {lasted}: {}", self.trouble)
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SlowPoll { task, thread } => {
                write!(f, "one poll of {task}")?;
                (thread.as_ref()).map_or(Ok(()), |thread| write!(f, " occupies {thread}"))
            }
            Self::LongWait {
                target,
                owner,
                waiter,
            } => {
                write!(f, "{waiter} for {target}, ")?;
                match owner {
                    Some(owner) => write!(f, "{} by {owner}", target.kind.verbs().0),
                    None => write!(f, "which needs {}", target.kind.is_ended_by()),
                }
            }
            Self::Unclaimed {
                target,
                waiter,
                behind,
            } => write!(
                f,
                "{} was granted {target}, and does not claim it; {behind} wait behind it",
                waiter.party
            ),
            Self::LongHold {
                target,
                owner,
                waiting,
            } => {
                let waiters = Count(*waiting, "waiter");
                write!(f, "{owner} holds {target}, with {waiters} behind it")
            }
            Self::Circle(cycle) => write!(f, "{}", cycle.to_string().trim_end()),
            Self::GuardAcrossAwait { task, guards } => write!(
                f,
                "{task} holds {} of the blocking face across an await",
                Count(usize::try_from(*guards).unwrap_or(usize::MAX), "guard")
            ),
            Self::Lag { name, late } => {
                write!(f, "tasks of {name:?} run {} late", Short(*late))
            }
        }
    }
}
