//! How a shutdown is to go.

use core::fmt;
use core::time::Duration;
use std::borrow::Cow;

use super::Shutdown;
use super::gate::Gate;
use super::plan::{Phase, Plan};
use crate::service::token::CancelToken;

/// Configures a [`Shutdown`]. Returned by [`Shutdown::builder`].
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use syncline::service::Shutdown;
///
/// let shutdown = Shutdown::builder()
///     .phase("stop accepting")
///     .drain("drain")
///     .phase("close")
///     .phase("clean up")
///     .limit("drain", Duration::from_secs(20))
///     .deadline(Duration::from_secs(60))
///     .build();
/// assert!(!shutdown.is_requested());
/// ```
#[must_use = "a builder builds nothing until `build`"]
pub struct ShutdownBuilder {
    phases: Vec<Phase>,
    deadline: Option<Duration>,
}

impl ShutdownBuilder {
    pub(super) const fn new() -> Self {
        Self {
            phases: Vec::new(),
            deadline: None,
        }
    }

    /// Adds a phase after the existing ones.
    ///
    /// # Panics
    ///
    /// Panics if there is a phase of that name already.
    ///
    /// # Examples
    ///
    /// See [`ShutdownBuilder`].
    #[track_caller]
    pub fn phase(self, name: impl Into<Cow<'static, str>>) -> Self {
        self.add(name.into(), false)
    }

    /// Adds a phase that also waits for everything in flight.
    ///
    /// When its time is over, the [`force_token`](Shutdown::force_token) is cancelled, and the work still in flight
    /// is listed in the report.
    ///
    /// # Panics
    ///
    /// Panics if there is a phase of that name already.
    ///
    /// # Examples
    ///
    /// See [`ShutdownBuilder`].
    #[track_caller]
    pub fn drain(self, name: impl Into<Cow<'static, str>>) -> Self {
        self.add(name.into(), true)
    }

    /// Limits how long a phase may take, and sets that much aside for it.
    ///
    /// # Panics
    ///
    /// Panics if no phase of that name has been added.
    ///
    /// # Examples
    ///
    /// See [`ShutdownBuilder`].
    #[track_caller]
    pub fn limit(mut self, phase: &str, limit: Duration) -> Self {
        let index = index_of(&self.phases, phase);
        self.phases[index].limit = Some(limit);
        self
    }

    /// Sets how long the whole shutdown may take, counted from the request.
    ///
    /// Without it, and without a limit, a phase takes as long as it needs.
    ///
    /// # Examples
    ///
    /// See [`ShutdownBuilder`].
    pub const fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Builds the shutdown.
    ///
    /// # Panics
    ///
    /// Panics if the limits of the phases exceed the deadline, or leave nothing of it for the phases that have no limit:
    /// some could never begin.
    ///
    /// # Examples
    ///
    /// See [`ShutdownBuilder`].
    #[must_use]
    #[track_caller]
    pub fn build(self) -> Shutdown {
        if let Some(deadline) = self.deadline {
            let limits = self.phases.iter().map(|phase| phase.limit);
            let sum = (limits.clone().flatten()).fold(Duration::ZERO, Duration::saturating_add);
            let all_limited = limits.clone().all(|limit| limit.is_some());
            assert!(
                sum < deadline || all_limited && sum == deadline,
                "the phases of a shutdown may take {sum:?} by their limits, and the deadline of {deadline:?} \
                 leaves nothing for the others: raise the deadline, or lower the limits"
            );
        }
        Shutdown::new(Plan {
            phases: self.phases,
            deadline: self.deadline,
            gate: Gate::new(),
            token: CancelToken::new(),
            force: CancelToken::new(),
        })
    }

    #[track_caller]
    fn add(mut self, name: Cow<'static, str>, is_drain: bool) -> Self {
        let is_new = self.phases.iter().all(|phase| phase.name != name);
        assert!(
            is_new,
            "a shutdown has one phase of each name, and `{name}` is there already"
        );
        self.phases.push(Phase::new(name, is_drain));
        self
    }
}

/// Where the phase of that name stands.
#[track_caller]
pub(super) fn index_of(phases: &[Phase], name: &str) -> usize {
    let index = phases.iter().position(|phase| phase.name == name);
    index.unwrap_or_else(|| {
        let names: Vec<_> = phases.iter().map(|phase| phase.name.as_ref()).collect();
        panic!("this shutdown has no phase `{name}`; its phases are {names:?}")
    })
}

impl fmt::Debug for ShutdownBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let phases = self.phases.iter().map(|phase| (&phase.name, phase.limit));
        f.debug_struct("ShutdownBuilder")
            .field("phases", &phases.collect::<Vec<_>>())
            .field("deadline", &self.deadline)
            .finish()
    }
}
