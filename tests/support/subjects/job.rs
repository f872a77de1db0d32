//! The waits for several jobs, and a job that is lent.

use super::{Form, Subject, Waiting, boxed};
use core::fmt;
use core::time::Duration;
use std::sync::Mutex;
use syncline::internals::Quiet;
use syncline::task::wait;
use syncline::{Job, Promise, Until};

/// Far enough for every test, near enough to be put in a timer.
const FAR: Duration = Duration::from_secs(3600);

pub(super) fn forms() -> Vec<Form> {
    let mut forms = Vec::new();
    for until in [Until::First, Until::FirstError, Until::All] {
        for limit in [None, Some(FAR)] {
            let name = format!("Job, {until:?}, limit {limit:?}");
            forms.push(Form::new(name, move || Unset::new(until, limit)));
        }
    }
    forms
}

/// Two jobs, of which one is dropped by its producer in the first step, or both where both must end.
struct Unset {
    promises: Mutex<Vec<Promise<i32>>>,
    jobs: [Job<i32>; 2],
    until: Until,
    limit: Option<Duration>,
}

impl Unset {
    fn new(until: Until, limit: Option<Duration>) -> Self {
        let [(one, first), (other, second)] = [(); 2].map(|()| Promise::new());
        Self {
            promises: Mutex::new(vec![one, other]),
            jobs: [first, second],
            until,
            limit,
        }
    }
}

impl Subject for Unset {
    fn start(&self) -> Waiting<'_> {
        let [first, second] = &self.jobs;
        boxed(async move { wait([first, second], self.until, self.limit).await })
    }

    fn advance(&self, _step: usize) {
        let stay = usize::from(self.until != Until::All);
        let ended: Vec<_> = {
            let mut promises = self.promises.lock().unwrap();
            let from = stay.min(promises.len());
            promises.drain(from..).rev().collect()
        };
        drop(ended);
    }

    fn is_broadcast(&self) -> bool {
        true
    }

    fn hears_panics(&self) -> bool {
        false
    }

    fn waiting(&self) -> usize {
        // Where both must end, it waits for one after the other.
        self.jobs[0].waiting()
    }

    fn assert_conserved(&self) {
        self.jobs.iter().for_each(Quiet::assert_quiet);
        assert!(self.jobs[1].is_done());
        assert_eq!(self.jobs[0].is_done(), self.until == Until::All);
    }
}

impl fmt::Debug for Unset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unset")
            .field("jobs", &self.jobs)
            .field("until", &self.until)
            .finish_non_exhaustive()
    }
}
