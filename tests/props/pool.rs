//! Scripts for a pool of one. Its thread is held while the script goes on, so that every outcome is
//! determined.

use crate::oracle::Id;
use crate::oracle::pool::{End, Kind, Model};
use core::future::{pending, ready};
use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering::SeqCst;
use core::time::Duration;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use syncline::thread::{PoolShutdown, ThreadPool};
use syncline::{Job, JobError};

/// One step of a script. A number picks one of the handles that are there.
#[derive(Clone, Debug)]
enum Step {
    Submit(Kind, usize),
    /// With no delay.
    SubmitAtOnce,
    Try,
    Cancel(usize),
    Wait(usize),
    Detach(usize),
    DropCancelling(usize),
    /// Lets the thread do all that is queued.
    Run,
    Close,
}

/// How a script ends.
#[derive(Clone, Copy, Debug)]
enum Finish {
    Drain,
    CancelQueued,
    DrainThenCancel,
    Drop,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let kind = prop_oneof![
        6 => Just(Kind::Closure),
        1 => Just(Kind::Careless),
        1 => Just(Kind::Never),
        2 => Just(Kind::Ready),
        2 => Just(Kind::Pending),
    ];
    let count = prop_oneof![8 => 1..4_usize, 1 => 30..100_usize];
    let step = prop_oneof![
        60 => (kind, count).prop_map(|(kind, count)| Step::Submit(kind, count)),
        10 => Just(Step::SubmitAtOnce),
        10 => Just(Step::Try),
        40 => any::<usize>().prop_map(Step::Cancel),
        20 => any::<usize>().prop_map(Step::Wait),
        10 => any::<usize>().prop_map(Step::Detach),
        10 => any::<usize>().prop_map(Step::DropCancelling),
        20 => Just(Step::Run),
        1 => Just(Step::Close),
    ];
    proptest::collection::vec(step, 0..40)
}

fn finish() -> impl Strategy<Value = Finish> {
    prop_oneof![
        Just(Finish::Drain),
        Just(Finish::CancelQueued),
        Just(Finish::DrainThenCancel),
        Just(Finish::Drop),
    ]
}

/// Counts its drop.
struct Token(Arc<AtomicUsize>);

impl Drop for Token {
    fn drop(&mut self) {
        self.0.fetch_add(1, SeqCst);
    }
}

struct Bench {
    pool: ThreadPool,
    model: Model,
    jobs: BTreeMap<Id, Job<Id>>,
    begun: Arc<Mutex<Vec<Id>>>,
    dropped: Arc<AtomicUsize>,
    /// What holds the thread.
    held: Option<(Sender<()>, Job<()>)>,
}

impl Bench {
    fn new() -> Self {
        let mut bench = Self {
            pool: ThreadPool::new(1),
            model: Model::default(),
            jobs: BTreeMap::new(),
            begun: Arc::default(),
            dropped: Arc::default(),
            held: None,
        };
        bench.hold();
        bench
    }

    /// Holds the thread by a wait that the pool does not see: nobody stands in for it.
    fn hold(&mut self) {
        let (begins, begun) = channel();
        let (go, goes_on) = channel::<()>();
        let job = self.pool.submit(move || {
            begins.send(()).unwrap();
            let _gone = goes_on.recv();
        });
        begun.recv().unwrap();
        self.held = Some((go, job));
    }

    fn release(&mut self) {
        let (go, job) = self.held.take().unwrap();
        drop(go);
        job.wait().unwrap();
    }

    /// What a job does first.
    fn note(&self, id: Id) -> impl FnOnce() -> Id + Send + 'static {
        let (begun, token) = (Arc::clone(&self.begun), Token(Arc::clone(&self.dropped)));
        move || {
            let _token = token;
            begun.lock().unwrap().push(id);
            id
        }
    }

    fn submit(&mut self, kind: Kind) {
        let id = self.model.submit(kind);
        let note = self.note(id);
        let job = match kind {
            Kind::Closure => self.pool.submit(note),
            Kind::Careless => self.pool.submit(move || {
                note();
                resume_unwind(Box::new("on purpose"))
            }),
            Kind::Never => self.pool.submit_after(Duration::MAX, note),
            Kind::Ready => self.pool.spawn(async move { ready(note()).await }),
            Kind::Pending => self.pool.spawn(async move {
                note();
                pending().await
            }),
        };
        self.jobs.insert(id, job);
    }

    fn pick(&self, at: usize) -> Option<Id> {
        let at = at.checked_rem(self.jobs.len())?;
        self.jobs.keys().nth(at).copied()
    }

    fn cancel(&mut self, id: Id) {
        assert_eq!(self.jobs[&id].cancel(), self.model.cancel(id), "job {id}");
    }

    fn assert_ended(&self, id: Id, outcome: Result<Id, JobError>) {
        let end = match outcome {
            Ok(value) => {
                assert_eq!(value, id);
                End::Value
            }
            Err(JobError::Panicked(_)) => End::Panicked,
            Err(JobError::Cancelled) => End::Cancelled,
            Err(JobError::Closed) => End::Closed,
            Err(error) => panic!("{error}"),
        };
        assert_eq!(self.model.end(id), Some(end), "job {id}");
    }

    /// Answers whether the script may go on.
    fn run(&mut self, step: &Step) -> bool {
        match *step {
            Step::Submit(kind, count) => (0..count).for_each(|_| self.submit(kind)),
            Step::SubmitAtOnce => {
                let id = self.model.submit(Kind::Closure);
                let job = self.pool.submit_after(Duration::ZERO, self.note(id));
                self.jobs.insert(id, job);
            }
            Step::Try => {
                let id = self.model.submit(Kind::Closure);
                match self.pool.try_submit(self.note(id)) {
                    Ok(job) => drop(self.jobs.insert(id, job)),
                    Err(_) => assert_eq!(self.model.end(id), Some(End::Closed)),
                }
            }
            Step::Cancel(at) => {
                if let Some(id) = self.pick(at) {
                    self.cancel(id);
                }
            }
            Step::Wait(at) => {
                if let Some(id) = self.pick(at) {
                    let mut job = self.jobs.remove(&id).unwrap();
                    if let Ok(outcome) = job.wait_timeout(Duration::ZERO) {
                        self.assert_ended(id, outcome);
                    } else {
                        assert_eq!(self.model.end(id), None, "job {id}");
                        self.jobs.insert(id, job);
                    }
                }
            }
            Step::Detach(at) => {
                if let Some(id) = self.pick(at) {
                    // Nobody could end it any more.
                    if !self.model.away().contains(&id) {
                        self.jobs.remove(&id).unwrap().detach();
                    }
                }
            }
            Step::DropCancelling(at) => {
                if let Some(id) = self.pick(at) {
                    drop(self.jobs.remove(&id).unwrap().cancel_on_drop());
                    self.model.cancel(id);
                }
            }
            Step::Run => {
                if self.model.is_closed() {
                    return false;
                }
                let marker = self.pool.submit(|| ());
                self.release();
                marker.wait().unwrap();
                self.hold();
                let begun = core::mem::take(&mut *self.begun.lock().unwrap());
                assert_eq!(begun, self.model.run());
            }
            Step::Close => {
                self.pool.close();
                self.model.close();
            }
        }
        true
    }

    /// What must be true after every step, while the thread is held.
    fn check(&self) {
        assert_eq!(self.pool.queued(), self.model.queued());
        assert!(self.begun.lock().unwrap().is_empty());
        for (&id, job) in &self.jobs {
            let end = self.model.end(id);
            assert_eq!(job.is_done(), end.is_some(), "job {id}");
        }
    }

    fn finish(mut self, how: Finish) {
        let at_once = Duration::ZERO;
        match how {
            Finish::CancelQueued | Finish::DrainThenCancel => {
                if matches!(how, Finish::DrainThenCancel) {
                    let stragglers = self.pool.shutdown_timeout(PoolShutdown::Drain, at_once);
                    assert_eq!(stragglers.unwrap_err().names(), ["pool-0"]);
                    self.model.close();
                    self.check();
                }
                let stragglers = (self.pool).shutdown_timeout(PoolShutdown::CancelQueued, at_once);
                assert!(stragglers.is_err());
                self.model.cancel_all();
                self.check();
            }
            Finish::Drain | Finish::Drop => {
                for id in self.model.away() {
                    self.cancel(id);
                }
                assert!(
                    (self.pool)
                        .shutdown_timeout(PoolShutdown::Drain, at_once)
                        .is_err()
                );
                self.model.close();
                self.check();
            }
        }
        self.release();
        if matches!(how, Finish::Drop) {
            drop(core::mem::replace(&mut self.pool, ThreadPool::new(1)));
        } else {
            self.pool.shutdown(PoolShutdown::Drain);
        }
        let begun = core::mem::take(&mut *self.begun.lock().unwrap());
        assert_eq!(begun, self.model.run());
        for (id, job) in core::mem::take(&mut self.jobs) {
            assert!(job.is_done(), "job {id}");
            self.assert_ended(id, job.wait());
        }
        assert_eq!(self.dropped.load(SeqCst), self.model.made());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn a_pool_of_one_does_what_its_model_does(script in steps(), finish in finish()) {
        let mut bench = Bench::new();
        for step in &script {
            if !bench.run(step) {
                break;
            }
            bench.check();
        }
        bench.finish(finish);
    }
}
