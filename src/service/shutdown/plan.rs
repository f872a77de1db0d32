//! What is to be done, in which order, and how much time each phase has.

use core::pin::Pin;
use core::time::Duration;
use std::borrow::Cow;
use std::time::Instant;

use super::gate::Gate;
use crate::job::quietly;
use crate::service::token::CancelToken;
use crate::sys::Mutex;

/// Everything that a run needs.
pub(super) struct Plan {
    pub(super) phases: Vec<Phase>,
    /// How long all of it may take, counted from the request.
    pub(super) deadline: Option<Duration>,
    pub(super) gate: Gate,
    /// Cancelled at the request.
    pub(super) token: CancelToken,
    /// Cancelled when the time of the drain is over.
    pub(super) force: CancelToken,
}

/// One phase, and what was added to it.
pub(super) struct Phase {
    pub(super) name: Cow<'static, str>,
    pub(super) is_drain: bool,
    pub(super) limit: Option<Duration>,
    steps: Mutex<Steps>,
}

#[derive(Default)]
struct Steps {
    /// Whether the phase has begun, so that nothing more can be added.
    begun: bool,
    waiting: Vec<Step>,
    /// The names of those that came too late.
    late: Vec<Cow<'static, str>>,
}

/// Something to be done in a phase.
pub(super) struct Step {
    pub(super) name: Cow<'static, str>,
    pub(super) timeout: Option<Duration>,
    pub(super) work: Work,
}

pub(super) enum Work {
    Closure(Foreign<Box<dyn FnOnce() + Send>>),
    Future(Foreign<Pin<Box<dyn Future<Output = ()> + Send>>>),
}

/// Something of the user's, whose drop may panic and stops nobody. `None` once it has been taken.
pub(super) struct Foreign<T>(pub(super) Option<T>);

impl<T> Foreign<T> {
    pub(super) const fn new(inside: T) -> Self {
        Self(Some(inside))
    }
}

impl<T> Drop for Foreign<T> {
    fn drop(&mut self) {
        quietly(|| drop(self.0.take()));
    }
}

impl Plan {
    /// How long a phase that begins now may take; `None` for as long as it needs.
    pub(super) fn allot(
        &self,
        phase: usize,
        now: Instant,
        end: Option<Instant>,
    ) -> Option<Duration> {
        let left = end.map(|end| end.saturating_duration_since(now));
        let limits = self.phases[phase..].iter().map(|phase| phase.limit);
        allot(left, limits)
    }
}

impl Phase {
    pub(super) fn new(name: Cow<'static, str>, is_drain: bool) -> Self {
        Self {
            name,
            is_drain,
            limit: None,
            steps: Mutex::new(Steps::default()),
        }
    }

    /// Adds a step, and returns where it stands; `None` if it comes too late, and is dropped.
    pub(super) fn add(&self, name: Cow<'static, str>, work: Work) -> Option<usize> {
        let mut steps = self.steps.lock();
        if steps.begun {
            steps.late.push(name);
            drop(steps);
            drop(work);
            return None;
        }
        let index = steps.waiting.len();
        steps.waiting.push(Step {
            name,
            timeout: None,
            work,
        });
        drop(steps);
        Some(index)
    }

    /// Limits a step that has not begun.
    pub(super) fn limit_step(&self, index: usize, timeout: Duration) {
        if let Some(step) = self.steps.lock().waiting.get_mut(index) {
            step.timeout = Some(timeout);
        }
    }

    /// Begins: takes the steps out, and none is added from here on.
    pub(super) fn begin(&self) -> Vec<Step> {
        let mut steps = self.steps.lock();
        steps.begun = true;
        core::mem::take(&mut steps.waiting)
    }

    /// The names of those that came after the phase had begun.
    pub(super) fn late(&self) -> Vec<Cow<'static, str>> {
        self.steps.lock().late.clone()
    }
}

/// How much of the time that is left the first of these phases may take, so that the others have theirs.
///
/// The limits of those that follow are set aside. Phases without a limit share what is left of it evenly.
fn allot(
    left: Option<Duration>,
    mut limits: impl Iterator<Item = Option<Duration>>,
) -> Option<Duration> {
    let own = limits.next().flatten();
    let Some(left) = left else { return own };
    let (mut aside, mut unlimited) = (Duration::ZERO, 0_u32);
    for limit in limits {
        match limit {
            Some(limit) => aside = aside.saturating_add(limit),
            None => unlimited += 1,
        }
    }
    let free = left.saturating_sub(aside);
    Some(match own {
        Some(limit) => limit.min(free),
        None => free / (unlimited + 1),
    })
}

#[cfg(test)]
mod tests {
    use super::allot;
    use core::time::Duration;

    #[expect(
        clippy::unnecessary_wraps,
        reason = "limits and deadlines are optional"
    )]
    const fn seconds(n: u64) -> Option<Duration> {
        Some(Duration::from_secs(n))
    }

    fn allotted(left: Option<Duration>, limits: &[Option<Duration>]) -> Option<Duration> {
        allot(left, limits.iter().copied())
    }

    #[test]
    fn limits_of_later_phases_are_set_aside() {
        assert_eq!(allotted(seconds(60), &[None, seconds(20)]), seconds(40));
        assert_eq!(
            allotted(seconds(60), &[seconds(50), seconds(20)]),
            seconds(40)
        );
        assert_eq!(
            allotted(seconds(60), &[seconds(30), seconds(20)]),
            seconds(30)
        );
    }

    #[test]
    fn phases_without_a_limit_share_the_rest() {
        assert_eq!(
            allotted(seconds(60), &[None, None, seconds(20)]),
            seconds(20)
        );
        assert_eq!(allotted(seconds(60), &[None]), seconds(60));
    }

    #[test]
    fn without_a_deadline_only_the_own_limit_counts() {
        assert_eq!(allotted(None, &[seconds(5), seconds(20)]), seconds(5));
        assert_eq!(allotted(None, &[None, seconds(20)]), None);
    }

    #[test]
    fn what_is_left_goes_to_the_later_ones_first() {
        let limits = [seconds(20), seconds(20)];
        assert_eq!(allotted(seconds(10), &limits), seconds(0));
        assert_eq!(allotted(seconds(10), &limits[1..]), seconds(10));
        let huge = [None, Some(Duration::MAX), Some(Duration::MAX)];
        assert_eq!(allotted(seconds(10), &huge), seconds(0));
    }

    /// Each phase that takes all it may leaves the others at least their limits.
    #[test]
    fn no_phase_takes_what_was_set_aside() {
        for case in 0..729_u32 {
            let digit = |n: u32| (case / 3_u32.pow(n)) % 3;
            let limits: Vec<_> = (0..6)
                .map(|n| [None, seconds(0), seconds(3)][digit(n) as usize])
                .collect();
            let mut left = Duration::from_secs(30);
            for phase in 0..limits.len() {
                let took = allotted(Some(left), &limits[phase..]).unwrap();
                match limits[phase] {
                    Some(limit) => assert_eq!(took, limit, "{limits:?}"),
                    None => assert!(took >= Duration::from_secs(2), "{limits:?}"),
                }
                left -= took;
            }
        }
    }
}
