//! How a snapshot is printed: for a person who has not seen one before.

use core::fmt;
use core::panic::Location;
use core::time::Duration;
use std::time::UNIX_EPOCH;

use super::report::{
    Cycle, How, Kind, Link, Party, PoolReport, PrimitiveReport, Snapshot, Target, TaskReport,
    ThreadReport, WaitReport, WaiterReport,
};
use crate::sys::ThreadState;

/// A time as a person would say it: `4 ms`, `1.3 s`.
pub(super) struct Short(pub(super) Duration);

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs_f64();
        match self.0.as_secs() {
            0 if self.0 < Duration::from_millis(1) => write!(f, "{} µs", self.0.as_micros()),
            0 => write!(f, "{} ms", self.0.as_millis()),
            1..100 => write!(f, "{seconds:.1} s"),
            _ => write!(f, "{seconds:.0} s"),
        }
    }
}

/// So many of something.
pub(super) struct Count(pub(super) usize, pub(super) &'static str);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s = if self.0 == 1 { "" } else { "s" };
        write!(f, "{} {}{s}", self.0, self.1)
    }
}

/// Where a thread began to wait, if that is known.
struct At(Option<&'static Location<'static>>);

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(place) => write!(f, " at {}:{}", place.file(), place.line()),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Thread { number, name } => {
                write!(f, "thread {number}")?;
                quoted(f, name.as_deref())
            }
            Self::Task { number, name, made } => {
                write!(f, "task {number}")?;
                quoted(f, name.as_deref())?;
                match made {
                    Some(made) => write!(f, " (made at {}:{})", made.file(), made.line()),
                    None => Ok(()),
                }
            }
            Self::Unknown => f.write_str("a task that is not identified"),
        }
    }
}

/// What is said of a wait that may end without what it is for.
const fn until(may_end_otherwise: bool) -> &'static str {
    if may_end_otherwise {
        ", or until something else ends the wait"
    } else {
        ""
    }
}

fn quoted(f: &mut fmt::Formatter<'_>, name: Option<&str>) -> fmt::Result {
    name.map_or(Ok(()), |name| write!(f, " {name:?}"))
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lock => "Lock",
            Self::RLock => "RLock",
            Self::RwLock => "RwLock",
            Self::Semaphore => "Semaphore",
            Self::Event => "Event",
            Self::Barrier => "Barrier",
            Self::Condition => "Condition",
            Self::QueueGet => "Queue (to get)",
            Self::QueuePut => "Queue (to put)",
            Self::QueueJoin => "Queue (to join)",
            Self::Job => "Job",
            Self::OnceCell => "OnceCell",
            Self::OnceWait => "OnceCell (to wait)",
            Self::SingleFlight => "SingleFlight",
            Self::Watch => "Watch",
            Self::Line => "Line",
        })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind)?;
        match &self.name {
            Some(name) => write!(f, " {name:?}"),
            None if self.kind == Kind::Job => f.write_str(" without a name"),
            None => write!(f, " (made at {}:{})", self.made.file(), self.made.line()),
        }
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.how {
            How::Waits(wait) => {
                let until = until(wait.may_end_otherwise);
                let comma = if until.is_empty() { "" } else { "," };
                let verb = wait.target.kind.verbs().0;
                write!(
                    f,
                    "{} has waited {}{} for {}{until}{comma}\n    which is {verb} by {}",
                    self.from,
                    Short(wait.waited),
                    At(wait.place),
                    wait.target,
                    self.to
                )
            }
            How::Runs => write!(f, "{} is blocked on\n    {}", self.from, self.to),
            How::IsPolledBy => write!(
                f,
                "{} is polled by\n    {}, which is blocked",
                self.from, self.to
            ),
        }
    }
}

impl fmt::Display for Cycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.certain {
            writeln!(
                f,
                "DEADLOCK: each of these waits for the next one, and the last for the first. None of these waits can ever end:"
            )?;
        } else {
            writeln!(
                f,
                "A cycle, perhaps a deadlock: each of these waits for the next one, and the last for the first:"
            )?;
        }
        for link in &self.links {
            writeln!(f, "  {link}")?;
        }
        Ok(())
    }
}

impl fmt::Display for WaitReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (waited, target) = (Short(self.waited), &self.target);
        if self.is_granted {
            return write!(
                f,
                "was granted {target} {waited} ago, and has not claimed it"
            );
        }
        let until = until(self.may_end_otherwise);
        write!(
            f,
            "has waited {waited}{} for {target}{until}",
            At(self.place)
        )
    }
}

impl fmt::Display for ThreadReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.party)?;
        if let Some(number) = self.os_id {
            write!(f, " (OS thread id {number})")?;
        }
        match self.state {
            Some(ThreadState::Idle) => write!(f, ", idle")?,
            Some(ThreadState::Blocked) => write!(f, ", blocked inside a job")?,
            Some(ThreadState::Running) | None => {}
        }
        if let Some(task) = &self.runs {
            write!(f, "\n    runs {task}")?;
        }
        waits_and_holds(f, &self.waits, &self.holds)
    }
}

impl fmt::Display for TaskReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}, {} old, polled {}",
            self.party,
            Short(self.age),
            Count(usize::try_from(self.polls).unwrap_or(usize::MAX), "time")
        )?;
        if self.guards > 0 {
            write!(
                f,
                "\n    holds {} of the blocking face across an await",
                Count(usize::try_from(self.guards).unwrap_or(usize::MAX), "guard")
            )?;
        }
        if let Some(thread) = &self.polled_by {
            write!(f, "\n    is being polled by {thread}")?;
        }
        waits_and_holds(f, &self.waits, &self.holds)
    }
}

fn waits_and_holds(
    f: &mut fmt::Formatter<'_>,
    waits: &[WaitReport],
    holds: &[Target],
) -> fmt::Result {
    for wait in waits {
        write!(f, "\n    {wait}")?;
    }
    for target in holds {
        write!(f, "\n    {} {target}", target.kind.verbs().1)?;
    }
    Ok(())
}

impl fmt::Display for WaiterReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (party, waited) = (&self.party, Short(self.waited));
        if self.is_granted {
            return write!(
                f,
                "{party} was granted it {waited} ago, and has not claimed it"
            );
        }
        let until = until(self.may_end_otherwise);
        write!(f, "{party} has waited {waited}{}{until}", At(self.place))
    }
}

impl fmt::Display for PrimitiveReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.target)?;
        match (&self.owner, self.may_have_moved) {
            (Some(owner), false) => {
                write!(f, ", {} by {owner}", self.target.kind.verbs().0)?;
            }
            (Some(owner), true) => {
                write!(f, ", acquired by {owner}, which may have passed it on")?;
            }
            (None, _) if self.waiting > 0 => {
                write!(f, ", needs {}", self.target.kind.is_ended_by())?;
            }
            (None, _) => {}
        }
        if self.waits > 0 {
            write!(
                f,
                "\n    {} so far, {} in total, the longest {}",
                Count(usize::try_from(self.waits).unwrap_or(usize::MAX), "wait"),
                Short(self.waited),
                Short(self.longest)
            )?;
        }
        for waiter in &self.waiters {
            write!(f, "\n    {waiter}")?;
        }
        match self.waiting.saturating_sub(self.waiters.len()) {
            0 => Ok(()),
            more => write!(f, "\n    and {more} more"),
        }
    }
}

impl fmt::Display for PoolReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            workers,
            running,
            idle,
            blocked,
        } = self;
        write!(
            f,
            "pool {name:?} of {}: {running} run, {idle} idle, {blocked} blocked inside a job",
            Count(*workers, "worker")
        )
    }
}

impl fmt::Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.at.duration_since(UNIX_EPOCH).unwrap_or_default();
        writeln!(
            f,
            "{}, {}, {} at {}.{:03} s of Unix time",
            Count(self.threads.len(), "thread"),
            Count(self.tasks.len(), "task"),
            Count(self.primitives.len(), "primitive"),
            at.as_secs(),
            at.subsec_millis()
        )?;
        for cycle in &self.cycles {
            write!(f, "\n{cycle}")?;
        }
        section(f, "Threads", &self.threads)?;
        section(f, "Tasks", &self.tasks)?;
        section(f, "Pools", &self.pools)?;
        section(f, "Primitives", &self.primitives)
    }
}

fn section(f: &mut fmt::Formatter<'_>, title: &str, entries: &[impl fmt::Display]) -> fmt::Result {
    if entries.is_empty() {
        return Ok(());
    }
    writeln!(f, "\n{title}")?;
    for entry in entries {
        writeln!(f, "  {entry}")?;
    }
    Ok(())
}
