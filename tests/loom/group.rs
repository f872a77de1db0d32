//! Models of groups: the end of children against the end of the group, spawns against cancellation.

use core::future::{Future, pending, poll_fn};
use core::pin::{Pin, pin};
use core::task::Poll;
use std::sync::{Arc, Mutex};

use syncline::JobError;
use syncline::loom::thread::{JoinHandle, spawn};
use syncline::task::{Event, Group, Spawned, Spawner, TaskGroup, block_on, shield};
use syncline::thread::{PoolShutdown, ThreadPool};

use crate::kit::{Check, CountingWaker, Guarded, Model, model, poll_once};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("task/group/end_against_end_of_a_child", end),
    model!("task/group/two_children_end_at_once", two),
    model!("task/group/two_children_fail_at_once", fail),
    model!("task/group/spawn_against_cancel", cancel),
    model!("task/group/spawn_against_the_end", late),
    model!("task/group/drop_against_end_of_a_child", abandon),
    model!("task/group/nested_groups_fail_together", nested),
    model!("task/group/turn_against_end_of_a_child", turn),
    model!("task/shield/drop_against_end", shielded),
    model!("task/group/on_a_pool_of_one", pool)
        .dear()
        .fewer_preemptions(1),
];

type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Keeps what it is to poll until a thread takes it. Its lock is never contended, and no part of a
/// model.
#[derive(Clone)]
struct Tasks(Arc<Mutex<Vec<Task>>>);

impl Spawner for Tasks {
    fn start<F: Future<Output = ()> + Send + 'static>(&self, task: Spawned<F>) {
        self.0.lock().unwrap().push(Box::pin(task));
    }
}

impl Tasks {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(Vec::new())))
    }

    fn take(&self) -> Task {
        self.0.lock().unwrap().remove(0)
    }

    /// A thread that polls the oldest to its end.
    fn thread(&self) -> JoinHandle<()> {
        let task = self.take();
        spawn(move || block_on(task))
    }
}

fn cell() -> Arc<Guarded<()>> {
    Arc::new(Guarded::new(()))
}

/// What the child did is seen after the group, whether its body is through first or not.
fn end(check: Check) {
    check.outcomes(&["waited", "was there"]).run(|run| {
        let (tasks, cell) = (Tasks::new(), cell());
        let inside = Arc::clone(&cell);
        let thread = Mutex::new(None);
        let mut group = pin!(TaskGroup::run(&tasks, async |group| {
            let child = async move {
                inside.bump();
                Ok::<_, ()>(())
            };
            group.spawn_named("child", child).detach();
            *thread.lock().unwrap() = Some(tasks.thread());
            Ok(1)
        }));
        let first = poll_once(group.as_mut(), &CountingWaker::new());
        let result = match first {
            Poll::Ready(result) => {
                run.saw("was there");
                result
            }
            Poll::Pending => {
                run.saw("waited");
                block_on(group.as_mut())
            }
        };
        assert_eq!(result, Ok(1));
        assert_eq!(cell.value(), 1);
        let thread = thread.lock().unwrap().take();
        thread.unwrap().join().unwrap();
    });
}

/// The last of two says so, whoever that is, and when both futures are gone.
fn two(check: Check) {
    check.outcomes(&["both"]).min_executions(5).run(|run| {
        let (tasks, cells) = (Tasks::new(), [cell(), cell()]);
        let mut threads = Vec::new();
        let group = TaskGroup::run(&tasks, async |group| {
            for cell in &cells {
                let kept = Bump(Arc::clone(cell));
                // Kept until it is dropped, which comes after its end.
                let child = poll_fn(move |_| {
                    let _kept = &kept;
                    Poll::Ready(Ok::<_, ()>(()))
                });
                group.spawn_named("child", child).detach();
                threads.push(tasks.thread());
            }
            Ok(())
        });
        block_on(group).unwrap();
        assert_eq!([cells[0].value(), cells[1].value()], [1, 1]);
        run.saw("both");
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

/// One of two errors is the first; the other is beside it, or its child was cancelled before: it
/// came too late, was not polled any more, or was being polled.
fn fail(check: Check) {
    const OUTCOMES: &[&str] = &["a alone", "b alone", "a and b", "b and a"];
    check.outcomes(OUTCOMES).run(|run| {
        let tasks = Tasks::new();
        let mut thread = None;
        let group = TaskGroup::run(&tasks, async |group| {
            group.spawn_named("a", async { Err::<(), _>(()) }).detach();
            thread = Some(tasks.thread());
            let other = group.spawn_named("b", async { Err::<(), _>(()) });
            if !other.is_done() {
                block_on(tasks.take());
            }
            pending::<Result<(), ()>>().await
        });
        let error = block_on(group).unwrap_err();
        let names: Vec<_> = error.iter().map(|(name, ())| name.as_str()).collect();
        let names = match *names {
            [one] => format!("{one} alone"),
            [one, two] => format!("{one} and {two}"),
            _ => unreachable!(),
        };
        run.saw(
            OUTCOMES
                .iter()
                .find(|outcome| ***outcome == *names)
                .unwrap(),
        );
        thread.unwrap().join().unwrap();
    });
}

/// A child that is spawned while another thread cancels the group is cancelled: at once, or where
/// it waits.
fn cancel(check: Check) {
    check.outcomes(&["at once", "where it waits"]).run(|run| {
        let tasks = Tasks::new();
        let group = TaskGroup::run(&tasks, async |group: Group<_, ()>| {
            let other = {
                let group = group.clone();
                spawn(move || group.cancel())
            };
            let cell = cell();
            let inside = Bump(Arc::clone(&cell));
            let mut job = group.spawn_named("child", async move {
                let _inside = inside;
                pending::<Result<(), ()>>().await
            });
            if job.is_done() {
                run.saw("at once");
            } else {
                run.saw("where it waits");
                block_on(tasks.take());
            }
            assert!(matches!((&mut job).await, Err(JobError::Cancelled)));
            assert_eq!(cell.value(), 1);
            other.join().unwrap();
            Ok(())
        });
        block_on(group).unwrap();
    });
}

/// Bumps a cell when it is dropped.
struct Bump(Arc<Guarded<()>>);

impl Drop for Bump {
    fn drop(&mut self) {
        self.0.bump();
    }
}

/// Who comes while the group ends is waited for, or cancelled.
fn late(check: Check) {
    check.outcomes(&["waited for", "cancelled"]).run(|run| {
        let (tasks, cell) = (Tasks::new(), cell());
        let mut other = None;
        let group = TaskGroup::run(&tasks, async |group: Group<_, ()>| {
            let (tasks, inside) = (tasks.clone(), Arc::clone(&cell));
            other = Some(spawn(move || {
                let child = async move {
                    inside.bump();
                    Ok(())
                };
                let job = group.spawn_named("late", child);
                if !job.is_done() {
                    block_on(tasks.take());
                }
                block_on(job).is_ok()
            }));
            Ok(())
        });
        block_on(group).unwrap();
        // Nothing of a child that was waited for comes later.
        let seen = cell.value();
        let waited_for = other.unwrap().join().unwrap();
        assert_eq!(seen, usize::from(waited_for));
        run.saw(if waited_for {
            "waited for"
        } else {
            "cancelled"
        });
    });
}

/// A group that is dropped cancels its child, unless that has ended.
fn abandon(check: Check) {
    check.outcomes(&["cancelled", "ended"]).run(|run| {
        let (tasks, cell) = (Tasks::new(), cell());
        let (mut thread, mut child) = (None, None);
        let event = Arc::new(Event::new());
        {
            let mut group = pin!(TaskGroup::run(&tasks, async |group: Group<_, ()>| {
                let inside = Bump(Arc::clone(&cell));
                let there = Arc::clone(&event);
                child = Some(group.spawn_named("child", async move {
                    let _inside = inside;
                    there.wait().await;
                    Ok(())
                }));
                thread = Some(tasks.thread());
                event.set();
                pending::<Result<(), ()>>().await
            }));
            assert!(poll_once(group.as_mut(), &CountingWaker::new()).is_pending());
        }
        let outcome = block_on(child.unwrap());
        assert_eq!(cell.value(), 1);
        run.saw(match outcome {
            Ok(()) => "ended",
            Err(JobError::Cancelled) => "cancelled",
            Err(error) => panic!("{error}"),
        });
        thread.unwrap().join().unwrap();
    });
}

/// A child of the outer group fails while one of the inner group does: the outer failure drops
/// the inner group, at any point of its end, and both children end.
fn nested(check: Check) {
    const OUTCOMES: &[&str] = &["inner group was dropped", "inner group was through"];
    check.outcomes(OUTCOMES).run(|run| {
        let tasks = Tasks::new();
        let (mut thread, mut through) = (None, false);
        let outer = TaskGroup::run(&tasks, async |outer| {
            let inner = TaskGroup::run(&tasks, async |inner| {
                inner
                    .spawn_named("inner", async { Err::<(), _>(()) })
                    .detach();
                thread = Some(tasks.thread());
                outer
                    .spawn_named("outer", async { Err::<(), _>(()) })
                    .detach();
                block_on(tasks.take());
                pending::<Result<(), ()>>().await
            });
            let error = inner.await.unwrap_err();
            assert_eq!(error.first.0, "inner");
            through = true;
            pending::<Result<(), ()>>().await
        });
        let error = block_on(outer).unwrap_err();
        assert_eq!((error.first.0.as_str(), error.rest.len()), ("outer", 0));
        run.saw(OUTCOMES[usize::from(through)]);
        thread.unwrap().join().unwrap();
    });
}

/// The second child begins when the first has ended, and not before.
fn turn(check: Check) {
    check.outcomes(&["a first", "b first"]).run(|run| {
        let (tasks, cell) = (Tasks::new(), cell());
        let mut thread = None;
        let mut jobs = Vec::new();
        let group = TaskGroup::limited(1).run(&tasks, async |group| {
            for name in ["a", "b"] {
                let inside = Arc::clone(&cell);
                let child = async move {
                    inside.bump();
                    Ok::<_, ()>(inside.value())
                };
                jobs.push(group.spawn_named(name, child));
                if name == "a" {
                    thread = Some(tasks.thread());
                } else {
                    block_on(tasks.take());
                }
            }
            Ok(())
        });
        block_on(group).unwrap();
        let places: Vec<_> = jobs.into_iter().map(|job| block_on(job).unwrap()).collect();
        run.saw(if places == [1, 2] {
            "a first"
        } else {
            "b first"
        });
        thread.unwrap().join().unwrap();
    });
}

/// A shield that is dropped leaves what is shielded alone, at any moment.
fn shielded(check: Check) {
    check.outcomes(&["before the end", "after it"]).run(|run| {
        let (tasks, cell) = (Tasks::new(), cell());
        let inside = Arc::clone(&cell);
        let job = shield(&tasks, async move { inside.bump() });
        let thread = tasks.thread();
        let mut job = pin!(Some(job));
        let waits = job.as_mut().as_pin_mut().unwrap();
        let over = poll_once(waits, &CountingWaker::new()).is_ready();
        run.saw(if over { "after it" } else { "before the end" });
        job.set(None);
        thread.join().unwrap();
        assert_eq!(cell.value(), 1);
    });
}

/// The same on a real pool, of one thread.
fn pool(check: Check) {
    check.outcomes(&["failed"]).min_executions(5).run(|run| {
        let pool = ThreadPool::new(1);
        let group = TaskGroup::run(&pool, async |group| {
            group
                .spawn_named("fails", async { Err::<(), _>(7) })
                .detach();
            pending::<Result<(), i32>>().await
        });
        assert_eq!(block_on(group).unwrap_err().first.1, 7);
        run.saw("failed");
        pool.shutdown(PoolShutdown::Drain);
    });
}
