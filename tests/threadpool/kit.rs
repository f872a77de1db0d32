//! What the tests of the pool share.

use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering::SeqCst;
use std::panic::resume_unwind;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use syncline::thread::{Event, ThreadPool};
use syncline::{Job, JobError};

/// A worker that is kept busy until it is let go.
pub(crate) struct Busy {
    go: Option<Sender<()>>,
    job: Option<Job<()>>,
}

/// Keeps one worker busy, with a wait that the pool does not see: nobody takes its place.
pub(crate) fn occupy(pool: &ThreadPool) -> Busy {
    let begun = Arc::new(Event::new());
    let (go, goes_on) = channel();
    let job = pool.submit_named("busy", {
        let begun = Arc::clone(&begun);
        move || {
            begun.set();
            // It ends when the sender is dropped.
            let _gone = goes_on.recv();
        }
    });
    begun.wait();
    Busy {
        go: Some(go),
        job: Some(job),
    }
}

impl Busy {
    /// Lets the worker go, and waits for the end of its job.
    pub(crate) fn release(mut self) {
        self.go = None;
        self.job.take().unwrap().wait().unwrap();
    }
}

/// Waits for jobs that end well.
#[track_caller]
pub(crate) fn wait_for(jobs: impl IntoIterator<Item = Job<()>>) {
    for job in jobs {
        job.wait().unwrap();
    }
}

/// Panics without a word on the terminal.
pub(crate) fn fail<T>(what: &'static str) -> T {
    resume_unwind(Box::new(what))
}

/// What a job panicked with.
#[track_caller]
pub(crate) fn panic_of<T>(outcome: Result<T, JobError>) -> String {
    match outcome {
        Err(JobError::Panicked(panic)) => panic.message().unwrap(),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("it should have panicked"),
    }
}

/// Whether a job was cancelled.
pub(crate) fn is_cancelled<T>(outcome: &Result<T, JobError>) -> bool {
    matches!(outcome, Err(JobError::Cancelled))
}

/// Whether a job came to a closed pool.
pub(crate) fn is_closed<T>(outcome: &Result<T, JobError>) -> bool {
    matches!(outcome, Err(JobError::Closed))
}

/// Whether a job came to a broken pool.
pub(crate) fn is_broken<T>(outcome: &Result<T, JobError>) -> bool {
    matches!(outcome, Err(JobError::PoolBroken))
}

/// Counts, for closures that count.
#[derive(Clone, Debug, Default)]
pub(crate) struct Count(Arc<AtomicUsize>);

impl Count {
    pub(crate) fn add(&self) -> usize {
        self.0.fetch_add(1, SeqCst)
    }

    pub(crate) fn get(&self) -> usize {
        self.0.load(SeqCst)
    }

    /// Something whose drop is counted.
    pub(crate) fn token(&self) -> Token {
        Token(self.clone())
    }
}

/// Something whose drop is counted.
#[derive(Debug)]
pub(crate) struct Token(Count);

impl Drop for Token {
    fn drop(&mut self) {
        self.0.add();
    }
}

/// Something whose drop panics, after it has been counted.
#[derive(Debug)]
pub(crate) struct Bomb(Count);

impl Bomb {
    pub(crate) fn new(count: &Count) -> Self {
        Self(count.clone())
    }
}

impl Drop for Bomb {
    fn drop(&mut self) {
        self.0.add();
        fail::<()>("a destructor");
    }
}

/// What happened, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<usize>>>);

impl Log {
    pub(crate) fn note(&self, what: usize) {
        self.0.lock().unwrap().push(what);
    }

    pub(crate) fn take(&self) -> Vec<usize> {
        core::mem::take(&mut self.0.lock().unwrap())
    }
}

/// Does something when it is dropped.
pub(crate) struct OnDrop<F: FnOnce()>(pub(crate) Option<F>);

impl<F: FnOnce()> OnDrop<F> {
    pub(crate) fn new(f: F) -> Self {
        Self(Some(f))
    }
}

impl<F: FnOnce()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        if let Some(f) = self.0.take() {
            f();
        }
    }
}
