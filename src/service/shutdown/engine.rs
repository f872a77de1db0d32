//! The run: one phase after the other, the steps of each together.

use core::future::poll_fn;
use core::task::Poll;
use core::time::Duration;
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Instant;

use super::plan::{Plan, Step, Work};
use super::report::{How, PhaseReport, Report, StepReport, Straggler};
use crate::bridge::to_thread;
use crate::combine::{gather, timeout_at};
use crate::error::{JobError, TimedOut};
use crate::job::quietly;
use crate::sys;

/// Waits for the request, then does everything.
pub(super) async fn run(plan: Arc<Plan>) -> Arc<Report> {
    plan.token.cancelled().await;
    let requested = (plan.gate.requested_at()).expect("the token is cancelled by a request");
    let end = plan.deadline.and_then(|limit| requested.checked_add(limit));
    let (mut phases, mut stragglers) = (Vec::with_capacity(plan.phases.len()), Vec::new());
    for (index, phase) in plan.phases.iter().enumerate() {
        let began = sys::now();
        let allotted = plan.allot(index, began, end);
        let steps = phase.begin().into_iter();
        let steps = gather(steps.map(|step| perform(step, began, allotted)));
        let until = moment(began, allotted);
        let drained = async {
            if phase.is_drain {
                drain(&plan, until).await
            } else {
                Vec::new()
            }
        };
        let (steps, left) = gather((steps, drained)).await;
        stragglers.extend(left);
        phases.push(PhaseReport {
            name: phase.name.clone(),
            took: since(began),
            steps,
        });
    }
    for (phase, report) in plan.phases.iter().zip(&mut phases) {
        report.steps.extend(phase.late().into_iter().map(not_begun));
    }
    let cut_short = |step: &StepReport| matches!(step.how, How::TimedOut | How::NotBegun);
    let in_time =
        stragglers.is_empty() && !(phases.iter().flat_map(|phase| &phase.steps)).any(cut_short);
    Arc::new(Report {
        phases,
        stragglers,
        in_time,
    })
}

/// Waits for what is in flight; when the time is over, tells it so, and returns what that was.
async fn drain(plan: &Plan, until: Option<Instant>) -> Vec<Straggler> {
    if within(until, plan.gate.drained().wait()).await.is_ok() {
        return Vec::new();
    }
    let left = plan.gate.stragglers();
    if !left.is_empty() {
        plan.force.cancel();
    }
    left
}

/// Does one step, whatever it does.
async fn perform(step: Step, began: Instant, allotted: Option<Duration>) -> StepReport {
    let Step {
        name,
        timeout,
        work,
    } = step;
    let limit = match (timeout, allotted) {
        (Some(own), Some(all)) => Some(own.min(all)),
        (own, all) => own.or(all),
    };
    if limit.is_some_and(|limit| limit.is_zero()) {
        drop(work);
        return not_begun(name);
    }
    let until = moment(began, limit);
    let how = match work {
        Work::Closure(mut closure) => {
            let closure = closure.0.take();
            let mut job = to_thread(move || closure.map_or((), |closure| closure()));
            match within(until, &mut job).await {
                Ok(Ok(())) => How::Done,
                Ok(Err(JobError::Panicked(_))) => How::Panicked,
                Ok(Err(_)) => How::NotBegun,
                Err(_) if job.cancel() => How::NotBegun,
                Err(_) => How::TimedOut,
            }
        }
        Work::Future(mut future) => {
            let polled = poll_fn(|context| {
                let mut polled = None;
                if let Some(future) = &mut future.0 {
                    quietly(|| polled = Some(future.as_mut().poll(context)));
                }
                match polled {
                    Some(Poll::Pending) => Poll::Pending,
                    Some(Poll::Ready(())) => Poll::Ready(How::Done),
                    None => Poll::Ready(How::Panicked),
                }
            });
            within(until, polled).await.unwrap_or(How::TimedOut)
        }
    };
    StepReport {
        name,
        how,
        took: since(began),
    }
}

const fn not_begun(name: Cow<'static, str>) -> StepReport {
    StepReport {
        name,
        how: How::NotBegun,
        took: Duration::ZERO,
    }
}

/// Runs a future until a moment, or for as long as it takes.
async fn within<F: Future>(until: Option<Instant>, future: F) -> Result<F::Output, TimedOut> {
    match until {
        Some(until) => timeout_at(until, future).await,
        None => Ok(future.await),
    }
}

/// When it is over; never, if the clock cannot say.
fn moment(began: Instant, limit: Option<Duration>) -> Option<Instant> {
    limit.and_then(|limit| began.checked_add(limit))
}

fn since(began: Instant) -> Duration {
    sys::now().saturating_duration_since(began)
}
