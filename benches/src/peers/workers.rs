//! Pools that one writes by hand: threads that take boxed closures from a channel, and for each
//! result a channel of its own.

use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use super::{Pool, WORKERS};

/// Why a channel stays open.
const OPEN: &str = "both ends live until all jobs are done";

type Closure = Box<dyn FnOnce() + Send>;

fn start(work: impl Fn() + Clone + Send + 'static) -> Vec<JoinHandle<()>> {
    (0..WORKERS).map(|_| thread::spawn(work.clone())).collect()
}

fn join(threads: &mut Vec<JoinHandle<()>>) {
    for thread in threads.drain(..) {
        thread.join().expect("no job panics");
    }
}

/// Threads behind std's channel, whose end is under a mutex.
pub(crate) struct StdWorkers {
    jobs: Option<Sender<Closure>>,
    threads: Vec<JoinHandle<()>>,
}

impl Pool for StdWorkers {
    type Job<T: Send + 'static> = Receiver<T>;

    fn new() -> Self {
        let (jobs, queue) = mpsc::channel::<Closure>();
        let queue = Arc::new(Mutex::new(queue));
        let threads = start(move || {
            let next = || queue.lock().expect("no job runs under it").recv();
            while let Ok(job) = next() {
                job();
            }
        });
        Self {
            jobs: Some(jobs),
            threads,
        }
    }

    fn submit<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> Receiver<T> {
        let (sender, receiver) = mpsc::channel();
        let job = Box::new(move || drop(sender.send(job())));
        let jobs = self.jobs.as_ref().expect(OPEN);
        jobs.send(job).expect(OPEN);
        receiver
    }

    fn result<T: Send + 'static>(job: Receiver<T>) -> T {
        job.recv().expect(OPEN)
    }
}

impl Drop for StdWorkers {
    fn drop(&mut self) {
        drop(self.jobs.take());
        join(&mut self.threads);
    }
}

/// Threads behind crossbeam-channel's, and a one-shot channel for each result.
pub(crate) struct ChannelWorkers {
    jobs: Option<crossbeam_channel::Sender<Closure>>,
    threads: Vec<JoinHandle<()>>,
}

impl Pool for ChannelWorkers {
    type Job<T: Send + 'static> = oneshot::Receiver<T>;

    fn new() -> Self {
        let (jobs, queue) = crossbeam_channel::unbounded::<Closure>();
        let threads = start(move || queue.iter().for_each(|job| job()));
        Self {
            jobs: Some(jobs),
            threads,
        }
    }

    fn submit<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> oneshot::Receiver<T> {
        let (sender, receiver) = oneshot::channel();
        let job: Closure = Box::new(move || drop(sender.send(job())));
        let jobs = self.jobs.as_ref().expect(OPEN);
        jobs.send(job).expect(OPEN);
        receiver
    }

    fn result<T: Send + 'static>(job: oneshot::Receiver<T>) -> T {
        job.recv().expect(OPEN)
    }
}

impl Drop for ChannelWorkers {
    fn drop(&mut self) {
        drop(self.jobs.take());
        join(&mut self.threads);
    }
}
