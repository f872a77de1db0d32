//! Groups: who ends when, and what is told of it. The names of asyncio's own cases are beside ours.

use crate::driver::Driver;
use crate::spawners::{Eager, Foreign, Refuses, on_every_spawner};
use crate::waker::Probe;
use crate::watch::watched;
use core::future::{pending, poll_fn};
use core::panic::AssertUnwindSafe;
use core::task::{Context, Poll};
use futures_lite::future::yield_now;
use std::panic::{catch_unwind, resume_unwind};
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use syncline::internals::driven;
use syncline::task::{self, Event, Group, Job, PoolSpawner, Spawned, Spawner, TaskGroup, block_on};
use syncline::thread::{PoolShutdown, ThreadPool};
use syncline::{GroupError, JobError, Name};

type Boxed = core::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

/// Keeps what it is to poll until the test polls it.
#[derive(Clone, Default)]
struct ByHand(Arc<Mutex<Vec<Boxed>>>);

impl Spawner for ByHand {
    fn start<F: Future<Output = ()> + Send + 'static>(&self, task: Spawned<F>) {
        self.0.lock().unwrap().push(Box::pin(task));
    }
}

impl ByHand {
    /// Polls each once; those that have ended are gone.
    fn turn(&self) {
        let mut tasks = core::mem::take(&mut *self.0.lock().unwrap());
        let mut context = Context::from_waker(core::task::Waker::noop());
        tasks.retain_mut(|task| task.as_mut().poll(&mut context).is_pending());
        self.0.lock().unwrap().extend(tasks);
    }

    fn len(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

/// Waits without end, and keeps something meanwhile.
async fn hangs<T, E>(kept: Arc<()>) -> Result<T, E> {
    let never = pending().await;
    drop(kept);
    never
}

#[test]
fn a_group_with_a_child_takes_no_other_when_its_pool_has_been_closed() {
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        let outcome = block_on(TaskGroup::run(&pool, async |group| {
            let waits = group.spawn_named("waits", pending::<Result<(), ()>>());
            pool.close();
            let late = group.spawn_named("late", async { Ok(1) }).await;
            assert!(matches!(late, Err(JobError::Closed)));
            waits.cancel();
            Ok(())
        }));
        outcome.unwrap();
    });
}

/// asyncio: `test_taskgroup_01`, `_02`, `_03`.
#[test]
fn values_come_from_the_jobs_and_from_the_body() {
    on_every_spawner!(spawner => async {
        let ends = TaskGroup::run(spawner, async |group| {
            let child = |n| group.spawn_named("child", async move { yield_now().await; Ok(n) });
            let (one, two) = (child(1), child(2));
            Ok::<_, ()>(one.await.unwrap() + two.await.unwrap())
        });
        assert_eq!(ends.await, Ok(3));
    });
}

#[test]
fn nothing_happens_before_the_first_poll_and_an_empty_group_ends_in_it() {
    let by_hand = ByHand::default();
    let mut begun = false;
    let group = TaskGroup::run(&by_hand, async |_group| {
        begun = true;
        Ok::<_, ()>(5)
    });
    assert_eq!(Ok(5), Driver::new(group).ready());
    assert!(begun);
}

/// asyncio: `test_taskgroup_02`: children that nobody awaits are waited for.
#[test]
fn it_does_not_end_before_its_children_whose_jobs_nobody_keeps() {
    let by_hand = ByHand::default();
    let (event, kept) = (Arc::new(Event::new()), Arc::new(()));
    let mut group = Driver::waiting(TaskGroup::run(&by_hand, async |group| {
        for _ in 0..2 {
            let (event, kept) = (Arc::clone(&event), Arc::clone(&kept));
            let child = async move {
                event.wait().await;
                drop(kept);
                Ok(())
            };
            group.spawn_named("child", child).detach();
        }
        Ok::<_, ()>("body")
    }));
    by_hand.turn();
    group.pending();
    event.set();
    assert!(!group.is_woken());
    by_hand.turn();
    assert_eq!((by_hand.len(), Arc::strong_count(&kept)), (0, 1));
    assert_eq!(1, group.probe().wakes());
    assert_eq!(Ok("body"), group.woken());
}

/// asyncio: `test_taskgroup_04`, `_08`: the first failure ends the siblings and the body.
#[test]
fn the_first_failure_cancels_the_siblings_and_the_body() {
    on_every_spawner!(spawner => async {
        let kept = Arc::new(());
        let sibling = Mutex::new(None::<Job<()>>);
        let failed = Mutex::new(None::<Job<()>>);
        let ends = TaskGroup::run(spawner, async |group| {
            let _body = Arc::clone(&kept);
            *sibling.lock().unwrap() = Some(group.spawn_named("hangs", hangs(Arc::clone(&kept))));
            *failed.lock().unwrap() = Some(group.spawn_named(String::from("fails"), async { Err("no") }));
            pending::<Result<(), &str>>().await
        });
        let error = ends.await.unwrap_err();
        assert_eq!((&error.first.0, error.first.1), (&Name::from("fails"), "no"));
        assert!(error.rest.is_empty());
        assert_eq!(Arc::strong_count(&kept), 1);
        let sibling = sibling.lock().unwrap().take().unwrap();
        let failed = failed.lock().unwrap().take().unwrap();
        assert!(sibling.is_done() && failed.is_done());
        assert!(matches!(sibling.await, Err(JobError::Cancelled)));
        assert!(matches!(failed.await, Err(JobError::Failed(_))));
    });
}

#[test]
fn a_child_without_a_name_fails_as_a_child() {
    let pool = ThreadPool::new(1);
    let group = TaskGroup::run(&pool, async |group| {
        assert_eq!(group.spawn(async { Err::<(), _>("no") }).name(), None);
        Ok(())
    });
    let error = block_on(group).unwrap_err();
    assert_eq!(error.to_string(), "a child: no");
}

/// A bound that names the body's future may fail for errors that borrow for ever, or have no type of their own.
#[test]
fn a_group_inside_a_spawned_future_may_fail_with_any_kind_of_error() {
    type AnyError = Box<dyn core::error::Error + Send + Sync>;

    let pool = Arc::new(ThreadPool::new(1));
    let inner = Arc::clone(&pool);
    let fixed = pool.spawn(async move {
        TaskGroup::run(&*inner, async |group: Group<_, &'static str>| {
            group
                .spawn_named("fails", async { Err::<(), _>("no luck") })
                .detach();
            pending::<Result<(), _>>().await
        })
        .await
    });
    let error = fixed.wait().unwrap().unwrap_err();
    assert_eq!(error.to_string(), "fails: no luck");
    let inner = Arc::clone(&pool);
    let any = pool.spawn(async move {
        TaskGroup::run(&*inner, async |group: Group<_, AnyError>| {
            group
                .spawn_named("parses", async { Ok::<i32, AnyError>("x".parse()?) })
                .detach();
            pending::<Result<(), _>>().await
        })
        .await
    });
    let error = any.wait().unwrap().unwrap_err();
    assert_eq!(error.to_string(), "parses: invalid digit found in string");
}

/// asyncio: `test_taskgroup_07`, `_09`, `_10`: an error of the body.
#[test]
fn an_error_of_the_body_cancels_the_children_and_bears_its_name() {
    on_every_spawner!(spawner => async {
        let kept = Arc::new(());
        let ends = TaskGroup::run(spawner, async |group| {
            group.spawn_named("hangs", hangs::<(), _>(Arc::clone(&kept))).detach();
            yield_now().await;
            Err::<(), _>("mine")
        });
        let error = ends.await.unwrap_err();
        assert_eq!(error.first, (Name::THE_BODY, "mine"));
        assert_eq!(Arc::strong_count(&kept), 1);
    });
}

/// asyncio: `test_taskgroup_05`, `_17`: errors beside each other; trap A52 (gh-155433).
#[test]
fn all_errors_come_together_in_the_order_in_which_they_came() {
    let by_hand = ByHand::default();
    let mut group = Driver::waiting(TaskGroup::run(&by_hand, async |group| {
        for name in ["a", "b"] {
            group
                .spawn_named(name, async move { Err::<(), _>(name) })
                .detach();
        }
        pending::<Result<(), &str>>().await
    }));
    // The second is cancelled by the first before it is polled: no error.
    by_hand.turn();
    assert!(group.is_woken());
    let Poll::Ready(Err(error)) = group.poll() else {
        panic!("it has failed")
    };
    assert_eq!(error.to_string(), "a: a");

    // Both are being polled when the first fails: the second brings its error too.
    let error = block_on(TaskGroup::run(&Eager, async |group: Group<Eager, _>| {
        let inner = group.clone();
        let outer = async move {
            inner
                .spawn_named("inner", async { Err::<(), _>("in") })
                .detach();
            Err::<(), _>("out")
        };
        group.spawn_named("outer", outer).detach();
        Err::<(), _>("body")
    }))
    .unwrap_err();
    let all: Vec<_> = error
        .iter()
        .map(|(name, error)| (name.as_str(), *error))
        .collect();
    assert_eq!(
        all,
        [("inner", "in"), ("outer", "out"), ("the body", "body")]
    );
    assert_eq!(error.to_string(), "inner: in (and 2 more)");
}

/// asyncio: `test_taskgroup_13`..`_18` (nested groups), trap A50: both fail in one tick, and nothing
/// after the inner group runs.
#[test]
fn an_inner_and_an_outer_child_fail_in_one_tick() {
    let by_hand = ByHand::default();
    let went_on = Mutex::new(false);
    let mut group = Driver::waiting(TaskGroup::run(&by_hand, async |outer| {
        outer
            .spawn_named("outer", async { Err::<(), _>("outer") })
            .detach();
        let inner = TaskGroup::run(&by_hand, async |inner| {
            inner
                .spawn_named("inner", async { Err::<(), _>("inner") })
                .detach();
            pending::<Result<(), &str>>().await
        });
        let _error = inner.await;
        *went_on.lock().unwrap() = true;
        Ok(())
    }));
    by_hand.turn();
    let Poll::Ready(Err(error)) = group.poll() else {
        panic!("it has failed")
    };
    assert_eq!(error.to_string(), "outer: outer");
    assert!(!*went_on.lock().unwrap());
}

/// asyncio: `test_taskgroup_14`, `_15`: an error of an inner group may be handled in the outer body.
#[test]
fn the_error_of_an_inner_group_is_a_value_to_the_outer_one() {
    on_every_spawner!(spawner => async {
        let ends = TaskGroup::run(spawner, async |_outer: Group<_, GroupError<u8>>| {
            let inner = TaskGroup::run(spawner, async |inner| {
                inner.spawn_named("inner", async { Err::<(), _>(9) }).detach();
                Ok(())
            });
            inner.await
        });
        let error = ends.await.unwrap_err();
        assert_eq!(error.first.0, Name::THE_BODY);
        assert_eq!(error.first.1.first, (Name::from("inner"), 9));
    });
}

/// Trap A51: a child that fails inside `spawn`.
#[test]
fn a_child_that_fails_while_it_is_spawned_ends_the_group() {
    let kept = Arc::new(());
    let error = block_on(TaskGroup::run(&Eager, async |group| {
        let job = group.spawn_named("eager", async { Err::<(), _>(1) });
        assert!(job.is_done() && group.is_cancelled());
        let late = group.spawn_named("late", hangs::<(), _>(Arc::clone(&kept)));
        assert!(late.is_done() && late.is_cancelled());
        pending::<Result<(), u8>>().await
    }))
    .unwrap_err();
    assert_eq!(
        (error.first, error.rest.len()),
        ((Name::from("eager"), 1), 0)
    );
    assert_eq!(Arc::strong_count(&kept), 1);
}

/// Trap A52: a child cancels the group before it awaits anything, and before others were polled.
#[test]
fn a_child_cancels_the_group_before_its_first_await() {
    on_every_spawner!(spawner => async {
        let kept = Arc::new(());
        let ends = TaskGroup::run(spawner, async |group: Group<_, ()>| {
            let inner = group.clone();
            let cancels = group.spawn_named("cancels", async move {
                inner.cancel();
                pending::<Result<(), ()>>().await
            });
            let other = group.spawn_named("other", hangs::<(), _>(Arc::clone(&kept)));
            assert!(matches!(cancels.await, Err(JobError::Cancelled)));
            assert!(matches!(other.await, Err(JobError::Cancelled)));
            let late = group.spawn_named("late", hangs::<(), _>(Arc::clone(&kept)));
            assert!(late.is_done() && late.is_cancelled() && group.is_cancelled());
            Ok("not an error")
        });
        assert_eq!(ends.await, Ok("not an error"));
        assert_eq!(Arc::strong_count(&kept), 1);
    });
}

/// asyncio: `test_taskgroup_21`: a panic outranks errors, and is raised when all have ended.
#[test]
fn a_panic_of_a_child_goes_on_when_the_siblings_have_ended() {
    on_every_spawner!(spawner => async {
        let kept = Arc::new(());
        let mut job = None;
        let ends = TaskGroup::run(spawner, async |group| {
            group.spawn_named("hangs", hangs::<(), _>(Arc::clone(&kept))).detach();
            job = Some(group.spawn_named("panics", async {
                resume_unwind(Box::new("no more tea"));
                #[expect(unreachable_code, reason = "it says the type")]
                Ok::<(), &str>(())
            }));
            pending::<Result<(), &str>>().await
        });
        let mut ends = Box::pin(ends);
        let caught = poll_fn(|context| {
            match catch_unwind(AssertUnwindSafe(|| ends.as_mut().poll(context))) {
                Ok(Poll::Pending) => Poll::Pending,
                Ok(Poll::Ready(_)) => panic!("it should panic"),
                Err(panic) => Poll::Ready(panic),
            }
        });
        assert_eq!(*caught.await.downcast::<&str>().unwrap(), "no more tea");
        assert_eq!(Arc::strong_count(&kept), 1);
        drop(ends);
        assert!(matches!(job.unwrap().await, Err(JobError::Failed(_))));
    });
}

#[test]
fn a_panic_of_the_body_waits_for_the_children_too() {
    let by_hand = ByHand::default();
    let kept = Arc::new(());
    let mut group = Driver::waiting(TaskGroup::run(&by_hand, async |group| {
        group
            .spawn_named("hangs", hangs::<(), ()>(Arc::clone(&kept)))
            .detach();
        if group.len() == 1 {
            resume_unwind(Box::new(3));
        }
        Ok(())
    }));
    assert_eq!(Arc::strong_count(&kept), 2);
    by_hand.turn();
    assert!(group.is_woken());
    let panic = catch_unwind(AssertUnwindSafe(|| group.poll())).unwrap_err();
    assert_eq!(*panic.downcast::<i32>().unwrap(), 3);
    assert_eq!(Arc::strong_count(&kept), 1);
}

/// Trap B21: a destructor that panics has run, and the group ends.
#[test]
fn a_body_whose_destructor_panics_is_a_body_that_panics() {
    struct Thorn;
    impl Drop for Thorn {
        fn drop(&mut self) {
            resume_unwind(Box::new("thorn"));
        }
    }
    let by_hand = ByHand::default();
    let mut group = Driver::waiting(TaskGroup::run(&by_hand, async |group| {
        let _thorn = Thorn;
        group
            .spawn_named("fails", async { Err::<(), _>(1) })
            .detach();
        pending::<Result<(), i32>>().await
    }));
    by_hand.turn();
    let panic = catch_unwind(AssertUnwindSafe(|| group.poll())).unwrap_err();
    assert_eq!(*panic.downcast::<&str>().unwrap(), "thorn");
}

/// asyncio: `test_cancel_children_01` and `test_taskgroup_11`, `_12`: who cancels the parent cancels all.
#[test]
fn dropping_the_group_cancels_its_children_and_those_to_come() {
    let by_hand = ByHand::default();
    let (kept, place) = (Arc::new(()), Mutex::new(None));
    let group = Driver::waiting(TaskGroup::run(&by_hand, async |group| {
        let job = group.spawn_named("hangs", hangs::<(), ()>(Arc::clone(&kept)));
        *place.lock().unwrap() = Some((group.clone(), job));
        let _body = Arc::clone(&kept);
        pending::<Result<(), ()>>().await
    }));
    by_hand.turn();
    assert_eq!(Arc::strong_count(&kept), 3);
    assert_eq!(group.cancel().alive(), 0);
    let (group, job) = place.lock().unwrap().take().unwrap();
    assert!(job.is_cancelled() && group.is_cancelled());
    let late = group.spawn_named("late", hangs::<(), ()>(Arc::clone(&kept)));
    assert!(late.is_done() && late.is_cancelled());
    by_hand.turn();
    assert!(job.is_done());
    assert_eq!((Arc::strong_count(&kept), group.len()), (1, 0));
}

/// asyncio: `test_taskgroup_27`: a group that is over takes nobody.
#[test]
fn what_is_spawned_after_the_end_is_cancelled() {
    let pool = ThreadPool::new(1);
    let group = block_on(TaskGroup::run(&pool, async |group| Ok::<_, ()>(group))).unwrap();
    assert!(group.is_cancelled() && group.is_empty());
    let kept = Arc::new(());
    let late = group.spawn_named("late", hangs::<(), ()>(Arc::clone(&kept)));
    assert!(late.is_done() && Arc::strong_count(&kept) == 1);
    assert!(matches!(late.wait(), Err(JobError::Cancelled)));
}

/// asyncio: `test_taskgroup_23`: a child spawns a sibling, and the group waits for that too.
#[test]
fn a_child_may_spawn_into_its_group() {
    on_every_spawner!(spawner => async {
        let kept = Arc::new(());
        let ends = TaskGroup::run(spawner, async |group: Group<_, ()>| {
            let (inner, held) = (group.clone(), Arc::clone(&kept));
            group.spawn_named("outer", async move {
                inner.spawn_named("inner", async move {
                    yield_now().await;
                    drop(held);
                    Ok(())
                }).detach();
                Ok(())
            }).detach();
            Ok(())
        });
        assert_eq!(ends.await, Ok(()));
        assert_eq!(Arc::strong_count(&kept), 1);
    });
}

/// asyncio: `test_taskgroup_06`: a child that somebody cancels is no failure.
#[test]
fn a_child_that_is_cancelled_through_its_job_is_no_error() {
    let by_hand = ByHand::default();
    let mut group = Driver::waiting(TaskGroup::run(&by_hand, async |group| {
        let child = group.spawn_named("child", pending::<Result<(), ()>>());
        assert!(child.cancel());
        Ok(child)
    }));
    by_hand.turn();
    let Poll::Ready(Ok(child)) = group.poll() else {
        panic!("it has ended")
    };
    assert!(matches!(child.wait(), Err(JobError::Cancelled)));
}

#[test]
fn children_that_a_spawner_drops_are_cancelled_and_the_group_ends() {
    let ends = block_on(TaskGroup::run(&Refuses, async |group| {
        Ok::<_, ()>(group.spawn_named("refused", async { Ok(1) }))
    }));
    assert!(matches!(ends.unwrap().wait(), Err(JobError::Cancelled)));

    let pool = ThreadPool::new(1);
    pool.close();
    let ends = block_on(TaskGroup::run(&pool, async |group| {
        Ok::<_, ()>(group.spawn_named("refused", async { Ok(1) }))
    }));
    assert!(matches!(ends.unwrap().wait(), Err(JobError::Closed)));
}

/// asyncio: `test_taskgroup_task_context`: whose body, whose child.
#[test]
fn the_body_is_a_part_of_its_task_and_each_child_is_a_task() {
    let pool = ThreadPool::new(1);
    block_on(async {
        let outside = task::current();
        let ids = TaskGroup::run(&pool, async |group| {
            assert_eq!(task::current(), outside);
            let child = || group.spawn_named("child", async { Ok(task::current()) });
            let (one, two) = (child(), child());
            Ok::<_, ()>([one.await.unwrap(), two.await.unwrap()])
        });
        let [one, two] = ids.await.unwrap();
        assert!(one.is_some() && two.is_some() && one != two && one != outside && two != outside);
    });
    // Where nobody says who runs, the body has an identity all the same.
    futures_lite::future::block_on(async {
        let id = TaskGroup::run(&pool, async |_group: Group<_, ()>| Ok(task::current()));
        assert!(id.await.unwrap().is_some());
    });
}

#[test]
fn the_body_may_borrow_and_need_not_be_send() {
    let (pool, text, shared) = (ThreadPool::new(1), String::from("borrowed"), Rc::new(1));
    let ends = TaskGroup::run(&pool, async |group| {
        let child = group.spawn_named("child", async { Ok::<_, ()>(2) });
        let shared = Rc::clone(&shared);
        Ok(child.await.unwrap() + *shared + text.len())
    });
    drop(pool.spawner());
    assert_eq!(block_on(ends), Ok(11));
}

/// Trap B25: nothing of the task is left behind.
#[test]
fn no_waker_of_the_task_outlives_the_group() {
    let by_hand = ByHand::default();
    let place = Mutex::new(None);
    let mut group = Driver::waiting(TaskGroup::run(
        &by_hand,
        async |group: Group<ByHand, ()>| {
            group.spawn_named("child", async { Ok(()) }).detach();
            *place.lock().unwrap() = Some(group);
            Ok(())
        },
    ));
    by_hand.turn();
    assert!(group.poll().is_ready());
    assert_eq!(group.cancel().alive(), 0);
    drop(place);
}

#[test]
fn no_more_children_than_the_limit_run_at_a_time() {
    let by_hand = ByHand::default();
    let running = Arc::new(());
    let (event, order) = (Arc::new(Event::new()), Arc::new(Mutex::new(Vec::new())));
    let mut group = Driver::waiting(TaskGroup::limited(2).run(&by_hand, async |group| {
        for n in 0..5 {
            let (running, event, order) =
                (Arc::clone(&running), Arc::clone(&event), Arc::clone(&order));
            group
                .spawn_named("child", async move {
                    order.lock().unwrap().push(n);
                    event.wait().await;
                    drop(running);
                    Ok(())
                })
                .detach();
        }
        Ok::<_, ()>(())
    }));
    by_hand.turn();
    by_hand.turn();
    assert_eq!(*order.lock().unwrap(), [0, 1]);
    event.set();
    while by_hand.len() > 0 {
        by_hand.turn();
    }
    assert_eq!(*order.lock().unwrap(), [0, 1, 2, 3, 4]);
    assert_eq!(group.poll(), Poll::Ready(Ok(())));
}

#[test]
fn a_child_whose_turn_has_not_come_can_be_cancelled() {
    let by_hand = ByHand::default();
    let kept = Arc::new(());
    let ends = Driver::waiting(TaskGroup::limited(1).run(&by_hand, async |group| {
        group
            .spawn_named("first", hangs::<(), ()>(Arc::clone(&kept)))
            .detach();
        let second = group.spawn_named("second", hangs::<(), ()>(Arc::clone(&kept)));
        poll_fn(|_| {
            if by_hand.len() == 2 {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
        by_hand.turn();
        second.cancel();
        by_hand.turn();
        assert!(second.is_done() && by_hand.len() == 1);
        group.cancel();
        Ok::<_, ()>(())
    }));
    by_hand.turn();
    assert_eq!((Ok(()), 1), (ends.woken(), Arc::strong_count(&kept)));
}

#[test]
#[should_panic(expected = "a group needs a limit of at least one child")]
fn a_limit_of_zero_panics() {
    let _ = TaskGroup::limited(0);
}

#[test]
fn the_largest_limit_is_none() {
    let pool = ThreadPool::new(1);
    let ends = TaskGroup::limited(usize::MAX).run(&pool, async |group| {
        Ok::<_, ()>(group.spawn_named("child", async { Ok(1) }).await.unwrap())
    });
    assert_eq!(block_on(ends), Ok(1));
}

/// A job that another makes is spawned like any other future.
#[test]
fn the_spawner_of_a_pool_and_that_of_somebody_else_give_the_same_jobs() {
    async fn twice<S: Spawner>(spawner: S) -> i32 {
        let inner = spawner.clone();
        let job = spawner.spawn(async move { inner.spawn(async { 2 }).await.unwrap() * 2 });
        job.await.unwrap()
    }
    let pool = ThreadPool::new(1);
    assert_eq!(block_on(twice::<PoolSpawner>(pool.spawner())), 4);
    let running = crate::spawners::Running::new(1);
    assert_eq!(block_on(twice::<Foreign>(running.spawner.clone())), 4);
    let (future, job) = driven(async { 1 });
    watched(&job, || block_on(future));
}

#[test]
fn a_waker_of_a_group_that_panics_keeps_neither_a_child_nor_the_pool() {
    for fails in [true, false] {
        let pool = ThreadPool::new(1);
        watched(&pool, || {
            let go = Arc::new(Event::new());
            let child = Mutex::new(None::<Job<()>>);
            let waits = Arc::clone(&go);
            let mut group = Box::pin(TaskGroup::run(&pool, async |group| {
                let ends = async move {
                    waits.wait().await;
                    if fails { Err(()) } else { Ok(()) }
                };
                *child.lock().unwrap() = Some(group.spawn_named("child", ends));
                if fails { pending().await } else { Ok(()) }
            }));
            let waker = Probe::panicking().waker();
            let mut context = Context::from_waker(&waker);
            assert!(group.as_mut().poll(&mut context).is_pending());
            go.set();
            let child = child.lock().unwrap().take().unwrap();
            assert_eq!(child.wait().is_ok(), !fails);
            assert_eq!(block_on(group).is_ok(), !fails);
            pool.shutdown(PoolShutdown::Drain);
        });
    }
}
