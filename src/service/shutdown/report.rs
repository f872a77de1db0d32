//! What a shutdown came to.

use core::fmt;
use core::time::Duration;
use std::borrow::Cow;

/// How a [`Shutdown`](super::Shutdown) went, phase by phase; displayed as a table.
///
/// # Examples
///
/// ```
/// use syncline::service::Shutdown;
///
/// let shutdown = Shutdown::builder().phase("close").build();
/// shutdown.on("close", "database", || {});
/// shutdown.request();
/// let report = shutdown.run().wait();
/// assert!(report.in_time);
/// assert_eq!(report.phases[0].steps[0].name, "database");
/// println!("{report}");
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Report {
    /// The phases, in order.
    pub phases: Vec<PhaseReport>,
    /// The work that was still in flight when the time of the drain was over, oldest first.
    pub stragglers: Vec<Straggler>,
    /// Whether nothing was cut short: no straggler, and each step ended in its time.
    pub in_time: bool,
}

/// How one phase went; a part of a [`Report`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PhaseReport {
    /// Its name.
    pub name: Cow<'static, str>,
    /// How long it took.
    pub took: Duration,
    /// Its steps, in the order in which they were added.
    pub steps: Vec<StepReport>,
}

/// How one step went; a part of a [`PhaseReport`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct StepReport {
    /// Its name.
    pub name: Cow<'static, str>,
    /// How it ended.
    pub how: How,
    /// How long it took, or was waited for.
    pub took: Duration,
}

/// How a step of a [`Shutdown`](super::Shutdown) ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum How {
    /// It returned.
    Done,
    /// It panicked; the panic hook has reported with what.
    Panicked,
    /// Its time was over. A future was dropped then; a closure runs on, and is not waited for.
    TimedOut,
    /// There was no time left for it, or no thread, or it was added when its phase had begun already.
    NotBegun,
}

/// Work in flight: its name, and how long it has lasted. Found in a [`Report`] or returned by
/// [`Shutdown::stragglers`](super::Shutdown::stragglers).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Straggler {
    /// The name it was tracked under.
    pub name: Cow<'static, str>,
    /// How long it had been in flight.
    pub age: Duration,
}

impl fmt::Display for How {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Done => "done",
            Self::Panicked => "panicked",
            Self::TimedOut => "timed out",
            Self::NotBegun => "not begun",
        })
    }
}

impl fmt::Display for Straggler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} for {:.1?}", self.name, self.age)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let phases = self.phases.iter().map(|phase| phase.name.chars().count());
        let steps = (self.phases.iter())
            .flat_map(|phase| &phase.steps)
            .map(|step| step.name.chars().count() + 2);
        let width = phases.chain(steps).max().unwrap_or(0);
        for phase in &self.phases {
            let took = format!("{:.1?}", phase.took);
            writeln!(f, "{:<width$}  {took:>8}", phase.name)?;
            for step in &phase.steps {
                let took = format!("{:.1?}", step.took);
                let name = format!("  {}", step.name);
                writeln!(f, "{name:<width$}  {took:>8}  {}", step.how)?;
            }
        }
        for straggler in &self.stragglers {
            writeln!(f, "still in flight: {straggler}")?;
        }
        f.write_str(if self.in_time {
            "in time"
        } else {
            "not in time"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{How, PhaseReport, Report, StepReport, Straggler};
    use core::time::Duration;

    #[test]
    fn a_report_is_a_table() {
        let step = |name: &'static str, how, millis| StepReport {
            name: name.into(),
            how,
            took: Duration::from_millis(millis),
        };
        let phase = |name: &'static str, millis, steps| PhaseReport {
            name: name.into(),
            took: Duration::from_millis(millis),
            steps,
        };
        let report = Report {
            phases: vec![
                phase(
                    "stop accepting",
                    2,
                    vec![
                        step("listener", How::Done, 1),
                        step("timers", How::Panicked, 2),
                    ],
                ),
                phase("drain", 20_000, vec![]),
                phase("close", 5_000, vec![step("database", How::TimedOut, 5_000)]),
                phase("clean up", 0, vec![step("lock file", How::NotBegun, 0)]),
            ],
            stragglers: vec![Straggler {
                name: "GET /slow".into(),
                age: Duration::from_millis(31_200),
            }],
            in_time: false,
        };
        let wanted = "\
stop accepting     2.0ms
  listener         1.0ms  done
  timers           2.0ms  panicked
drain              20.0s
close               5.0s
  database          5.0s  timed out
clean up           0.0ns
  lock file        0.0ns  not begun
still in flight: GET /slow for 31.2s
not in time";
        assert_eq!(report.to_string(), wanted);
    }
}
