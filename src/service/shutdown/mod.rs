//! `Shutdown`: an orderly end of a program, phase by phase, in a limited time.

use core::fmt;
use core::time::Duration;
use std::borrow::Cow;
use std::sync::Arc;

mod builder;
mod engine;
mod gate;
mod in_flight;
mod plan;
mod report;
mod run;

// Signals that request a shutdown.
crate::sys::by_build! { signals: mod signals }

pub use self::builder::ShutdownBuilder;
pub use self::in_flight::{InFlight, RunInFlight};
pub use self::report::{How, PhaseReport, Report, StepReport, Straggler};
pub use self::run::RunShutdown;

use self::builder::index_of;
use self::plan::{Foreign, Phase, Plan, Work};
use self::run::Engine;
use crate::error::ShuttingDown;
use crate::lock::task::Lock;
use crate::service::token::{CancelToken, CancelWait};

/// Ends a program in order: phase by phase, in limited time, with a report.
///
/// A [request](Self::request) starts it. From then on, [`track`](Self::track) refuses new work, and the
/// [`token`](Self::token) is cancelled. [`run`](Self::run) executes the phases one after the other, and the
/// [steps](Self::on) of a phase concurrently: closures on threads of [`to_thread`](crate::bridge::to_thread()), futures inside the
/// run. A [drain](ShutdownBuilder::drain) is a phase that also waits for all tracked work. A step that panics or hangs is
/// reported, and the rest continues.
///
/// It is a handle: clones are the same shutdown. Use it for the end of a whole program, or of a part that stops
/// by itself. Do not use it to stop a piece of work ([`CancelToken`]), or to wait for children whose results matter
/// ([`TaskGroup`](crate::task::TaskGroup)).
///
/// # Time
///
/// There is one deadline, counted from the request, however late `run` is called. The limits of later phases are
/// reserved, so a request that hangs cannot use up the time of "close". Phases without a limit share the rest evenly.
/// A phase ends when all its steps have ended, or when its time is up:
///
/// | still running when the time is up | what happens |
/// |---|---|
/// | tracked work | the [`force_token`](Self::force_token) is cancelled, and the report names the work and its age |
/// | a future | it is dropped: [`TimedOut`](How::TimedOut) |
/// | a closure | it keeps running, because nothing can stop it: [`TimedOut`](How::TimedOut) |
/// | a closure or phase that has not started | it is dropped: [`NotBegun`](How::NotBegun) |
///
/// A future that blocks its thread delays the run. Put blocking calls into closures.
///
/// # Memory effects
///
/// What happened before the [`request`](Self::request) that counts happens before everything after an
/// [`is_requested`](Self::is_requested) that returns `true`, a [`track`](Self::track) that is refused, and a wait for it.
/// What happened before an [`InFlight`] was dropped happens before the phase behind a drain that ended in time.
///
/// # Deadlocks
///
/// A step or tracked work that waits for the run waits for itself, until its time is up.
///
/// # Examples
///
/// ## A server
///
/// ```
/// use core::time::Duration;
/// use syncline::{service::Shutdown, thread};
///
/// let shutdown = Shutdown::builder()
///     .phase("stop accepting")
///     .drain("drain")
///     .phase("close")
///     .limit("drain", Duration::from_secs(20))
///     .deadline(Duration::from_secs(60))
///     .build();
/// shutdown.on("stop accepting", "listener", || { /* closes the socket */ });
/// shutdown.on_async("close", "database", async { /* says goodbye */ });
///
/// let request = shutdown.track("GET /")?;
/// let worker = thread::spawn(move || {
///     // answers
///     drop(request);
/// });
///
/// shutdown.request(); // with the feature `signals`, Ctrl-C does it: `shutdown.on_signals()?`
/// assert!(shutdown.track("GET /late").is_err());
/// let report = shutdown.run().wait(); // or `.await`
/// assert!(report.in_time, "{report}");
/// # worker.wait()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// ## A request that takes too long
///
/// ```
/// use core::time::Duration;
/// use syncline::{service::Shutdown, task};
///
/// let shutdown = Shutdown::builder()
///     .drain("drain")
///     .limit("drain", Duration::from_millis(1))
///     .build();
/// let slow = shutdown.track("GET /slow")?;
/// let force = shutdown.force_token();
/// shutdown.request();
/// let report = task::block_on(shutdown.run());
/// assert_eq!(report.stragglers[0].name, "GET /slow");
/// assert!(force.is_cancelled()); // what it should look at
/// # drop(slow);
/// # Ok::<(), syncline::ShuttingDown>(())
/// ```
#[doc(alias("graceful shutdown", "TaskTracker"))]
#[derive(Clone)]
pub struct Shutdown {
    plan: Arc<Plan>,
    engine: Arc<Lock<Engine>>,
}

impl Shutdown {
    /// Returns a builder with no phases and no deadline.
    ///
    /// # Examples
    ///
    /// See [`ShutdownBuilder`].
    pub const fn builder() -> ShutdownBuilder {
        ShutdownBuilder::new()
    }

    fn new(plan: Plan) -> Self {
        let plan = Arc::new(plan);
        let engine = Engine::new(Arc::clone(&plan));
        Self { plan, engine }
    }

    /// Requests the shutdown: nothing new is tracked, and the [`token`](Self::token) is cancelled.
    ///
    /// The time counts from here. Callbacks of tokens run in this thread. Calling it again does nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// let shutdown = syncline::service::Shutdown::builder().build();
    /// shutdown.request();
    /// assert!(shutdown.is_requested() && shutdown.token().is_cancelled());
    /// ```
    pub fn request(&self) {
        if self.plan.gate.close() {
            self.plan.token.cancel();
        }
    }

    /// Returns whether the shutdown has been requested at this instant.
    ///
    /// # Examples
    ///
    /// See [`request`](Self::request).
    #[inline]
    #[must_use]
    pub fn is_requested(&self) -> bool {
        self.plan.gate.is_requested()
    }

    /// Waits until the shutdown is requested. A thread calls `wait` on the result, a task awaits it.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{service::Shutdown, thread};
    ///
    /// let shutdown = Shutdown::builder().build();
    /// let admin = thread::spawn({ let shutdown = shutdown.clone(); move || shutdown.request() });
    /// shutdown.requested().wait();
    /// # admin.wait()?;
    /// # Ok::<(), syncline::JobError>(())
    /// ```
    pub fn requested(&self) -> CancelWait<'_> {
        self.plan.token.cancelled()
    }

    /// Returns a token that is cancelled at the request.
    ///
    /// Each call returns a new [child](CancelToken::child), so cancelling it does not request the shutdown.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::future::pending;
    /// use syncline::{service::Shutdown, task::block_on};
    ///
    /// let shutdown = Shutdown::builder().build();
    /// let token = shutdown.token();
    /// shutdown.request();
    /// let accepts = token.run_until_cancelled(pending::<()>());
    /// assert!(block_on(accepts).is_err());
    /// ```
    #[must_use]
    pub fn token(&self) -> CancelToken {
        self.plan.token.child()
    }

    /// Returns a token that is cancelled when the time of the drain is up and tracked work still runs.
    ///
    /// Check it in work that should give up at that point rather than be left behind.
    ///
    /// # Examples
    ///
    /// See [`Shutdown`].
    #[must_use]
    pub fn force_token(&self) -> CancelToken {
        self.plan.force.child()
    }

    /// Adds a closure to a phase.
    ///
    /// It runs on a thread of [`to_thread`](crate::bridge::to_thread()) when the phase starts, concurrently with the other steps of
    /// the phase. If the phase has started already, the closure is dropped, and the report says [`NotBegun`](How::NotBegun).
    ///
    /// A closure that holds the shutdown keeps it alive until it has run.
    ///
    /// # Panics
    ///
    /// Panics if there is no such phase.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use syncline::service::Shutdown;
    ///
    /// let shutdown = Shutdown::builder().phase("close").build();
    /// shutdown.on("close", "log", || { /* flushes it */ }).timeout(Duration::from_secs(1));
    /// ```
    #[track_caller]
    pub fn on(
        &self,
        phase: &str,
        name: impl Into<Cow<'static, str>>,
        step: impl FnOnce() + Send + 'static,
    ) -> AddedStep<'_> {
        self.add(
            phase,
            name.into(),
            Work::Closure(Foreign::new(Box::new(step))),
        )
    }

    /// Adds a future to a phase.
    ///
    /// [`run`](Self::run) polls it when the phase starts, concurrently with the other steps of the
    /// phase. If the phase has started already, the future is dropped, and the report says [`NotBegun`](How::NotBegun).
    ///
    /// # Panics
    ///
    /// Panics if there is no such phase.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{service::Shutdown, task::block_on};
    ///
    /// let shutdown = Shutdown::builder().phase("close").build();
    /// shutdown.on_async("close", "database", async { /* says goodbye */ });
    /// shutdown.request();
    /// assert!(block_on(shutdown.run()).in_time);
    /// ```
    #[track_caller]
    pub fn on_async(
        &self,
        phase: &str,
        name: impl Into<Cow<'static, str>>,
        step: impl Future<Output = ()> + Send + 'static,
    ) -> AddedStep<'_> {
        self.add(
            phase,
            name.into(),
            Work::Future(Foreign::new(Box::pin(step))),
        )
    }

    #[track_caller]
    fn add(&self, phase: &str, name: Cow<'static, str>, work: Work) -> AddedStep<'_> {
        let phase = &self.plan.phases[index_of(&self.plan.phases, phase)];
        let index = phase.add(name, work);
        AddedStep { phase, index }
    }

    /// Tracks a piece of work that a drain waits for, under a name for the report.
    ///
    /// It takes a lock that few threads share. With a `&'static str` as name, it allocates only when more work is tracked than
    /// ever before.
    ///
    /// # Errors
    ///
    /// Returns [`ShuttingDown`] once the shutdown has been requested. Refuse the work then.
    ///
    /// # Examples
    ///
    /// See [`Shutdown`] and [`InFlight::run`].
    #[inline]
    pub fn track(&self, name: impl Into<Cow<'static, str>>) -> Result<InFlight, ShuttingDown> {
        let place = self.plan.gate.enter(name.into());
        place.map(InFlight::new).ok_or(ShuttingDown::new())
    }

    /// Returns how much work is tracked at this instant.
    ///
    /// # Examples
    ///
    /// See [`InFlight`].
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.plan.gate.len()
    }

    /// Returns the tracked work at this instant by name and age, oldest first.
    ///
    /// # Examples
    ///
    /// ```
    /// let shutdown = syncline::service::Shutdown::builder().build();
    /// let request = shutdown.track("GET /")?;
    /// assert_eq!(shutdown.stragglers()[0].name, "GET /");
    /// # drop(request);
    /// # Ok::<(), syncline::ShuttingDown>(())
    /// ```
    #[must_use]
    pub fn stragglers(&self) -> Vec<Straggler> {
        self.plan.gate.stragglers()
    }

    /// Runs the shutdown: waits for the request, executes all phases, and returns the report.
    ///
    /// A thread calls `wait` on the result, a task awaits it. A second call waits for the first and returns the same report. If the
    /// first is dropped, the second continues where it stopped. While nobody runs the shutdown, no phase starts or ends, but time
    /// passes. A run that is neither polled nor dropped blocks the others.
    ///
    /// # Cancel safety
    ///
    /// Dropping it loses nothing: run it again.
    ///
    /// # Examples
    ///
    /// See [`Shutdown`].
    pub fn run(&self) -> RunShutdown {
        RunShutdown::new(&self.engine)
    }
}

impl fmt::Debug for Shutdown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shutdown")
            .field("is_requested", &self.is_requested())
            .field("in_flight", &self.in_flight())
            .finish_non_exhaustive()
    }
}

/// A step that has just been added to a [`Shutdown`]. Returned by [`Shutdown::on`] and [`Shutdown::on_async`].
pub struct AddedStep<'a> {
    phase: &'a Phase,
    index: Option<usize>,
}

impl AddedStep<'_> {
    /// Limits how long the step may take; the time of its phase ends it in any case. Nothing happens if its phase has begun.
    ///
    /// # Examples
    ///
    /// See [`Shutdown::on`].
    pub fn timeout(self, timeout: Duration) {
        if let Some(index) = self.index {
            self.phase.limit_step(index, timeout);
        }
    }
}

impl fmt::Debug for AddedStep<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AddedStep")
            .field("phase", &self.phase.name)
            .finish_non_exhaustive()
    }
}
