//! One large group: thousands of children of every kind, on every executor.

use crate::spawners::on_every_spawner;
use crate::watch::watched;
use core::future::{pending, poll_fn};
use core::panic::AssertUnwindSafe;
use core::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use core::task::Poll;
use futures_lite::future::yield_now;
use std::panic::{catch_unwind, resume_unwind};
use std::sync::Arc;
use syncline::task::{Event, Group, Job, Spawn, Spawner, TaskGroup};
use syncline::{GroupError, JobError};

const CHILDREN: usize = 10_000;

/// Counts the futures that are alive, and those that were.
#[derive(Default)]
struct Count {
    alive: AtomicUsize,
    ever: AtomicUsize,
}

struct Counted(Arc<Count>);

impl Counted {
    fn new(count: &Arc<Count>) -> Self {
        count.alive.fetch_add(1, SeqCst);
        count.ever.fetch_add(1, SeqCst);
        Self(Arc::clone(count))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.alive.fetch_sub(1, SeqCst);
    }
}

/// What becomes of the children.
#[derive(Clone)]
struct Program {
    count: Arc<Count>,
    go: Arc<Event>,
    panics: bool,
}

impl Program {
    async fn child<S: Spawner>(self, n: usize, group: Group<S, usize>) -> Result<usize, usize> {
        let _counted = Counted::new(&self.count);
        match n % 10 {
            0 => {
                self.go.wait().await;
                Err(n)
            }
            1 if self.panics => {
                self.go.wait().await;
                resume_unwind(Box::new(n))
            }
            2 | 3 => pending().await,
            4 | 5 => {
                let more = self.clone();
                let sibling = group.spawn_named("more", async move {
                    let _counted = Counted::new(&more.count);
                    yield_now().await;
                    Ok(1)
                });
                sibling.await.map_err(|_| n)
            }
            _ => {
                yield_now().await;
                Ok(n)
            }
        }
    }

    async fn run<S: Spawn>(
        &self,
        spawner: &S,
        jobs: &mut Vec<Job<usize>>,
    ) -> Result<(), GroupError<usize>> {
        TaskGroup::run(spawner, async |group| {
            for n in 0..CHILDREN {
                let child = self.clone().child(n, group.clone());
                jobs.push(group.spawn_named(format!("child {n}"), child));
            }
            self.go.set();
            Ok(())
        })
        .await
    }
}

fn program(panics: bool) -> Program {
    Program {
        count: Arc::default(),
        go: Arc::default(),
        panics,
    }
}

/// How many ended with a value, failed, were cancelled.
async fn tally(jobs: Vec<Job<usize>>) -> [usize; 3] {
    let mut tally = [0; 3];
    for job in jobs {
        assert!(job.is_done(), "the group has ended before its child");
        tally[match job.await {
            Ok(_) => 0,
            Err(JobError::Failed(_)) => 1,
            Err(JobError::Cancelled) => 2,
            Err(error) => panic!("{error}"),
        }] += 1;
    }
    tally
}

#[test]
fn every_child_of_a_group_that_fails_is_accounted_for() {
    watched(&"a group that fails", || {
        on_every_spawner!(spawner => async {
            let (program, mut jobs) = (program(false), Vec::new());
            let error = program.run(spawner, &mut jobs).await.unwrap_err();
            assert_eq!(program.count.alive.load(SeqCst), 0);
            let [values, failed, cancelled] = tally(jobs).await;
            assert_eq!(values + failed + cancelled, CHILDREN);
            assert!(cancelled >= CHILDREN / 5, "those that hang");
            // One who was cancelled while it failed has brought its error too.
            let errors = error.iter().count();
            assert!(1 <= failed && failed <= errors, "{failed} failed, {errors} errors");
        });
    });
}

#[test]
fn every_child_of_a_group_that_panics_is_accounted_for() {
    watched(&"a group that panics", || {
        on_every_spawner!(spawner => async {
            let (program, mut jobs) = (program(true), Vec::new());
            let caught = {
                let mut run = Box::pin(program.run(spawner, &mut jobs));
                poll_fn(|context| {
                    match catch_unwind(AssertUnwindSafe(|| run.as_mut().poll(context))) {
                        Ok(Poll::Pending) => Poll::Pending,
                        Ok(Poll::Ready(result)) => Poll::Ready(Ok(result)),
                        Err(panic) => Poll::Ready(Err(panic)),
                    }
                })
                .await
            };
            assert_eq!(program.count.alive.load(SeqCst), 0);
            match caught {
                Err(panic) => assert_eq!(*panic.downcast::<usize>().unwrap() % 10, 1),
                // An error was first, and no panic came beside it.
                Ok(result) => drop(result.unwrap_err()),
            }
            let [values, failed, cancelled] = tally(jobs).await;
            assert_eq!(values + failed + cancelled, CHILDREN);
            assert!(failed >= 1 && cancelled >= CHILDREN / 5);
        });
    });
}

/// Finished children leave no memory behind: their places are used again.
#[test]
fn a_long_line_of_children_needs_room_for_those_that_run() {
    let pool = syncline::thread::ThreadPool::new(1);
    let room = syncline::task::block_on(TaskGroup::run(&pool, async |group| {
        for n in 0..100_000 {
            let child = group.spawn_named("child", async move { Ok::<_, ()>(n) });
            assert_eq!(child.await.unwrap(), n);
        }
        Ok(syncline::internals::room(&group))
    }));
    assert!(room.unwrap() <= 8);
}
