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

/// An orderly end of a program: phase by phase, in a limited time, with a report.
///
/// Somebody [requests](Self::request) it. From then on nothing new is [tracked](Self::track), and the
/// [`token`](Self::token) is cancelled. Whoever [runs](Self::run) it does the phases one after the other, and the
/// [steps](Self::on) of a phase together: closures on threads of [`to_thread`](crate::bridge::to_thread()), futures inside the
/// run. A [drain](ShutdownBuilder::drain) also waits for everything in flight. A step that panics or hangs is in the
/// report, and the rest goes on.
///
/// It is a handle: clones are the same shutdown. Use it for the end of a whole program, or of a part that can be
/// stopped by itself. Do not use it to stop a piece of work ([`CancelToken`]), or to wait for children whose results count
/// ([`TaskGroup`](crate::task::TaskGroup)).
///
/// # Time
///
/// There is one deadline, counted from the request, however late `run` begins. Limits of later phases are set
/// aside, so that a request that hangs cannot eat the time of "close"; phases without a limit share what is not set aside evenly.
/// A phase ends when all its steps have ended, or when its time is over:
///
/// | what is still going on when the time is over | then |
/// |---|---|
/// | something in flight | the [`force_token`](Self::force_token) is cancelled, and it is named in the report with its age |
/// | a future | it is dropped: [`TimedOut`](How::TimedOut) |
/// | a closure | it runs on, unseen, for nobody can stop it: [`TimedOut`](How::TimedOut) |
/// | a closure that no thread has begun, or a step of a phase that no time is left for | it is dropped: [`NotBegun`](How::NotBegun) |
///
/// A future that blocks its thread holds up the run: call what blocks in a closure.
///
/// # Memory effects
///
/// What happened before the [`request`](Self::request) that counts happens before everything after an
/// [`is_requested`](Self::is_requested) that returns `true`, a [`track`](Self::track) that is refused, and a wait for it.
/// What happened before an [`InFlight`] was dropped happens before the phase behind a drain that ended in time.
///
/// # Deadlocks
///
/// A step that waits for the run waits for itself, until its time is over. So does something in flight.
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

    /// Returns whether it has been requested, at this instant.
    ///
    /// # Examples
    ///
    /// See [`request`](Self::request).
    #[inline]
    #[must_use]
    pub fn is_requested(&self) -> bool {
        self.plan.gate.is_requested()
    }

    /// Waits until it is requested; a thread waits, a task awaits.
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
    /// It is a new [child](CancelToken::child) each time: cancelling it requests nothing.
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

    /// Returns a token that is cancelled when the time of the drain is over and something is still in flight.
    ///
    /// Let work look at it that ends by itself in good time, but should rather give up than be left behind.
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
    /// It is called on a thread of [`to_thread`](crate::bridge::to_thread()) when the phase begins, together with the others of
    /// the phase. If the phase has begun already, it is dropped, and the report says [`NotBegun`](How::NotBegun).
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
    /// It is polled by whoever [runs](Self::run) the shutdown, from the beginning of the phase on, together with the others of the
    /// phase. If the phase has begun already, it is dropped, and the report says [`NotBegun`](How::NotBegun).
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

    /// Enters a piece of work that a drain waits for, under a name that the report may give.
    ///
    /// It takes a lock that few threads share, and allocates nothing once there have been as many in flight, if the name
    /// is a `&'static str`.
    ///
    /// # Errors
    ///
    /// [`ShuttingDown`] once the shutdown has been requested: refuse the work.
    ///
    /// # Examples
    ///
    /// See [`Shutdown`] and [`InFlight::run`].
    #[inline]
    pub fn track(&self, name: impl Into<Cow<'static, str>>) -> Result<InFlight, ShuttingDown> {
        let place = self.plan.gate.enter(name.into());
        place.map(InFlight::new).ok_or(ShuttingDown::new())
    }

    /// Returns how many are in flight, at this instant.
    ///
    /// # Examples
    ///
    /// See [`InFlight`].
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.plan.gate.len()
    }

    /// Returns what is in flight at this instant, by name and age, the oldest first.
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

    /// Runs the shutdown: waits for the request, does all phases, and returns the report.
    ///
    /// A thread waits, a task awaits. Whoever comes second waits for the first, and gets the same report; if the first
    /// is dropped, the second goes on where it stopped. While nobody runs it, no phase begins or ends, but its time goes by.
    /// One that is neither polled nor dropped holds up the others.
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

/// A step that has just been added to a [`Shutdown`]; from [`Shutdown::on`] and [`Shutdown::on_async`].
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
