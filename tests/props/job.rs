//! Scripts for a promise and its job.

use crate::oracle::job::{End, Model, Told};
use crate::waker::{Call, Probe};
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;
use proptest::prelude::*;
use std::sync::{Arc, Mutex};
use std::time::Instant;
use syncline::internals::{Kept, Quiet};
use syncline::{Job, JobError, Promise};

/// One step of a script.
#[derive(Clone, Copy, Debug)]
enum Step {
    Set,
    DropPromise,
    Cancel,
    /// Polls with the waker of one of three tasks.
    Poll(usize),
    WaitZero,
    WaitPast,
    OnDone,
    DropJob {
        cancels: bool,
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        1 => Just(Step::Set),
        1 => Just(Step::DropPromise),
        1 => Just(Step::Cancel),
        6 => (0..3_usize).prop_map(Step::Poll),
        1 => Just(Step::WaitZero),
        1 => Just(Step::WaitPast),
        3 => Just(Step::OnDone),
        1 => any::<bool>().prop_map(|cancels| Step::DropJob { cancels }),
    ];
    prop::collection::vec(step, 0..14)
}

/// A value that says when it is dropped.
#[derive(Debug)]
struct Value(Arc<Mutex<usize>>);

impl Drop for Value {
    fn drop(&mut self) {
        *self.0.lock().unwrap() += 1;
    }
}

struct Bench {
    promise: Option<Promise<Value>>,
    job: Option<Job<Value>>,
    kept: Kept<Value>,
    probes: [Probe; 3],
    told: Arc<Mutex<Vec<Told>>>,
    dropped: Arc<Mutex<usize>>,
    made: usize,
    calls: usize,
    model: Model,
}

/// An outcome is what the model says.
#[track_caller]
fn took(outcome: &Result<Value, JobError>, expected: Option<End>) {
    let end = match outcome {
        Ok(_) => End::Value,
        Err(JobError::Cancelled) => End::Cancelled,
        Err(other) => panic!("{other:?}"),
    };
    assert_eq!(Some(end), expected);
}

impl Bench {
    fn new() -> Self {
        let (promise, job) = Promise::new();
        let told: Arc<Mutex<Vec<Told>>> = Arc::default();
        Self {
            promise: Some(promise),
            kept: Kept::of(&job),
            job: Some(job),
            probes: [0, 1, 2].map(|task| {
                let told = Arc::clone(&told);
                Probe::on(Call::Wake, move || {
                    told.lock().unwrap().push(Told::Woken(task));
                })
            }),
            told,
            dropped: Arc::default(),
            made: 0,
            calls: 0,
            model: Model::default(),
        }
    }

    /// What was told since the last time.
    #[track_caller]
    fn heard(&self, expected: &[Told]) {
        let told = core::mem::take(&mut *self.told.lock().unwrap());
        assert_eq!(told, expected);
    }

    fn call(&mut self) -> (usize, impl FnOnce() + Send + 'static) {
        let (number, told) = (self.calls, Arc::clone(&self.told));
        self.calls += 1;
        (number, move || {
            told.lock().unwrap().push(Told::Called(number));
        })
    }

    fn run(&mut self, step: Step) {
        match step {
            Step::Set => {
                let Some(promise) = self.promise.take() else {
                    return;
                };
                self.made += 1;
                let refused = promise.set(Value(Arc::clone(&self.dropped))).is_err();
                assert_eq!(refused, self.model.ended().is_some());
                let told = self.model.end(End::Value);
                self.heard(&told);
            }
            Step::DropPromise => {
                if self.promise.take().is_some() {
                    let told = self.model.end(End::Cancelled);
                    self.heard(&told);
                }
            }
            Step::Cancel => {
                if let Some(job) = &self.job {
                    let cancelled = job.cancel();
                    let told = self.model.end(End::Cancelled);
                    assert_eq!(cancelled, self.model.ended() == Some(End::Cancelled));
                    self.heard(&told);
                }
            }
            Step::Poll(task) => {
                if self.model.is_taken() {
                    return;
                }
                let waker = self.probes[task].waker();
                let Some(job) = self.job.as_mut() else { return };
                let polled = Pin::new(job).poll(&mut Context::from_waker(&waker));
                let expected = self.model.poll(task);
                match polled {
                    Poll::Ready(outcome) => took(&outcome, expected),
                    Poll::Pending => assert_eq!(expected, None),
                }
            }
            Step::WaitZero | Step::WaitPast => {
                if self.model.is_taken() {
                    return;
                }
                let Some(job) = self.job.as_mut() else { return };
                let waited = match step {
                    Step::WaitZero => job.wait_timeout(Duration::ZERO),
                    _ => job.wait_deadline(Instant::now()),
                };
                let expected = self.model.try_wait();
                match waited {
                    Ok(outcome) => took(&outcome, expected),
                    Err(_) => assert_eq!(expected, None),
                }
            }
            Step::OnDone => {
                let (number, call) = self.call();
                if let Some(job) = &self.job {
                    job.on_done(call);
                    let now = self.model.on_done(number).then_some(Told::Called(number));
                    self.heard(now.as_slice());
                }
            }
            Step::DropJob { cancels } => {
                let Some(job) = self.job.take() else {
                    return;
                };
                let taken = self.model.is_taken();
                self.model.detach();
                if cancels {
                    drop(job.cancel_on_drop());
                    if !taken {
                        let told = self.model.end(End::Cancelled);
                        self.heard(&told);
                    }
                } else {
                    drop(job);
                }
            }
        }
    }

    /// What must be true after every step.
    fn check(&self) {
        self.heard(&[]);
        assert_eq!(self.kept.waiting(), self.model.waiting());
        if let Some(job) = &self.job {
            assert_eq!(job.is_done(), self.model.ended().is_some());
            assert_eq!(job.is_running(), self.model.ended().is_none());
            let cancelled = self.model.ended() == Some(End::Cancelled);
            assert_eq!(job.is_cancelled(), cancelled);
        }
        if let Some(promise) = &self.promise {
            assert_eq!(promise.is_cancelled(), self.model.ended().is_some());
        }
        let alive: usize = self.probes.iter().map(Probe::alive).sum();
        assert_eq!(alive, self.model.waiting(), "wakers that are kept");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    /// Traps A24, B7, B25.
    #[test]
    fn a_job_does_what_its_model_does(script in steps()) {
        let mut bench = Bench::new();
        for step in script {
            bench.run(step);
            bench.check();
        }
        bench.run(Step::DropJob { cancels: false });
        bench.run(Step::DropPromise);
        bench.check();
        bench.kept.assert_quiet();
        let Bench { kept, dropped, made, .. } = bench;
        drop(kept);
        prop_assert_eq!(*dropped.lock().unwrap(), made);
    }
}
