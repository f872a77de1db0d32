//! Groups whose children run on threads of their own, and what is dropped with them.

use core::future::pending;
use core::pin::pin;
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use syncline::task::{Spawned, Spawner, TaskGroup, block_on};

/// A thread for each.
#[derive(Clone, Default)]
struct Threads(Arc<Mutex<Vec<JoinHandle<()>>>>);

impl Spawner for Threads {
    fn start<F: Future<Output = ()> + Send + 'static>(&self, task: Spawned<F>) {
        let thread = thread::spawn(|| block_on(task));
        self.0.lock().unwrap().push(thread);
    }
}

impl Threads {
    fn join(&self) {
        for thread in self.0.lock().unwrap().drain(..) {
            thread.join().unwrap();
        }
    }
}

#[test]
fn children_on_threads_end_before_their_group() {
    let threads = Threads::default();
    let kept = Arc::new(());
    let sum = block_on(TaskGroup::limited(1).run(&threads, async |group| {
        let child = |n: u32| {
            let kept = Arc::clone(&kept);
            group.spawn_named(format!("child {n}"), async move {
                drop(kept);
                Ok::<_, ()>(Box::new(n))
            })
        };
        let (one, two) = (child(1), child(2));
        Ok(*one.await.unwrap() + *two.await.unwrap())
    }));
    assert_eq!((sum, Arc::strong_count(&kept)), (Ok(3), 1));
    threads.join();
}

/// Traps B21, B25: the siblings and the body of one that fails are dropped, by several threads.
#[test]
fn a_failure_drops_what_waits_on_other_threads() {
    let threads = Threads::default();
    let kept = Arc::new(());
    let error = block_on(TaskGroup::run(&threads, async |group| {
        let held = Arc::clone(&kept);
        group
            .spawn_named("hangs", async move {
                let never = pending::<Result<(), _>>().await;
                drop(held);
                never
            })
            .detach();
        group
            .spawn_named("fails", async { Err::<(), _>(Box::new(7)) })
            .detach();
        pending::<Result<(), Box<i32>>>().await
    }));
    assert_eq!(
        (*error.unwrap_err().first.1, Arc::strong_count(&kept)),
        (7, 1)
    );
    threads.join();
}

#[test]
fn a_group_that_is_dropped_leaves_nothing_behind() {
    let threads = Threads::default();
    let kept = Arc::new(());
    {
        let mut group = pin!(TaskGroup::run(&threads, async |group| {
            let held = Arc::clone(&kept);
            let child = async move {
                let never = pending::<Result<(), ()>>().await;
                drop(held);
                never
            };
            group.spawn_named("hangs", child).detach();
            pending::<Result<(), ()>>().await
        }));
        let mut context = core::task::Context::from_waker(core::task::Waker::noop());
        assert!(group.as_mut().poll(&mut context).is_pending());
    }
    threads.join();
    assert_eq!(Arc::strong_count(&kept), 1);
}
