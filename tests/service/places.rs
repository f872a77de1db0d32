//! Tokens where users look for them: on a pool, in a group, at a queue, and around any wait.

use crate::driver::Driver;
use crate::watch::{until, watched};
use core::convert::Infallible;
use core::future::{pending, poll_fn};
use core::pin::pin;
use core::sync::atomic::{AtomicBool, Ordering::SeqCst};
use core::time::Duration;
use std::sync::Arc;
use syncline::service::CancelToken;
use syncline::task::{self, Group, PoolSpawner, TaskGroup, block_on};
use syncline::thread::{
    self, Barrier, BoundedSemaphore, Condition, Event, LifoQueue, Lock, PriorityQueue, Queue,
    RLock, Semaphore, ThreadPool,
};
use syncline::{JobError, Promise};

type Quick = Group<PoolSpawner, Infallible>;

/// A pool in which nobody takes the place of a worker that waits.
fn pool_of(workers: usize) -> ThreadPool {
    ThreadPool::builder()
        .workers(workers)
        .max_blocked(0)
        .build()
}

/// A job that has begun, and goes on until its token is cancelled; then it returns the number.
fn begun(pool: &ThreadPool, parent: &CancelToken, number: u8) -> syncline::Job<u8> {
    let inside = Arc::new(Event::new());
    let job = pool.submit_cancellable(parent, {
        let inside = Arc::clone(&inside);
        move |token| {
            inside.set();
            token.cancelled().wait();
            number
        }
    });
    inside.wait();
    job
}

#[test]
fn a_token_ends_what_is_queued_and_is_seen_by_what_runs() {
    let (pool, stop) = (pool_of(1), CancelToken::new());
    let runs = begun(&pool, &stop, 7);
    let queued = pool.submit_cancellable(&stop, |_| unreachable!("it never begins"));
    stop.cancel();
    watched(&"the jobs", || {
        assert!(matches!(queued.wait(), Err(JobError::Cancelled)));
        assert_eq!(runs.wait().unwrap(), 7);
    });
}

#[test]
fn a_worker_begins_nothing_whose_token_is_cancelled_though_the_canceller_has_not_come_to_it() {
    let (pool, stop) = (Arc::new(pool_of(1)), CancelToken::new());
    let runs = begun(&pool, &stop, 7);
    let queued = pool.submit_cancellable(&stop, |_| unreachable!("it never begins"));
    // Called before anything is done about the token of the queued job: a child comes after its parent.
    let passed = stop.on_cancel({
        let pool = Arc::clone(&pool);
        move || {
            assert_eq!(runs.wait().unwrap(), 7);
            // Queued behind it.
            pool.submit(|| ()).wait().unwrap();
        }
    });
    watched(&"the canceller", || stop.cancel());
    assert!(queued.is_done(), "the worker has passed it");
    assert!(matches!(queued.wait(), Err(JobError::Cancelled)));
    drop(passed);
}

#[test]
fn a_worker_that_cancels_may_wait_for_a_job_whose_turn_to_be_cancelled_has_not_come() {
    let (pool, stop) = (Arc::new(pool_of(1)), CancelToken::new());
    let inside = (Arc::clone(&pool), stop.clone());
    let cancels = pool.submit(move || {
        let (pool, stop) = inside;
        let queued = pool.submit_cancellable(&stop, |_| unreachable!("it never begins"));
        let waits = stop.on_cancel(move || {
            assert!(matches!(queued.wait(), Err(JobError::Cancelled)));
        });
        stop.cancel();
        drop(waits);
    });
    watched(&"the canceller", || cancels.wait().unwrap());
}

#[test]
fn a_token_that_is_cancelled_already_drops_the_closure_here() {
    let (pool, stop) = (ThreadPool::new(1), CancelToken::new());
    stop.cancel();
    let kept = Arc::new(());
    let inside = Arc::clone(&kept);
    let job = pool.submit_cancellable(&stop, move |_| drop(inside));
    assert_eq!((Arc::strong_count(&kept), pool.queued()), (1, 0));
    assert!(matches!(job.wait(), Err(JobError::Cancelled)));
}

#[test]
fn a_job_that_is_cancelled_after_it_has_begun_ends_as_its_closure_does() {
    let (pool, stop) = (pool_of(2), CancelToken::new());
    let (one, other) = (begun(&pool, &stop, 1), begun(&pool, &stop, 2));
    assert!(!one.cancel(), "it has begun");
    watched(&"the job", || assert_eq!(one.wait().unwrap(), 1));
    assert!(!stop.is_cancelled() && other.is_running());
    stop.cancel();
    watched(&"the other", || assert_eq!(other.wait().unwrap(), 2));
}

#[test]
fn a_job_that_cancels_on_drop_asks_its_closure_to_stop() {
    let (pool, stop) = (pool_of(1), CancelToken::new());
    drop(begun(&pool, &stop, 1).cancel_on_drop());
    // The only worker is free again.
    watched(&"the pool", || {
        assert_eq!(pool.submit(|| 3).wait().unwrap(), 3);
    });
    assert!(!stop.is_cancelled());
}

#[test]
fn a_job_that_is_cancelled_before_it_has_begun_never_begins() {
    let (pool, stop) = (pool_of(1), CancelToken::new());
    let runs = begun(&pool, &stop, 1);
    let queued = pool.submit_cancellable(&stop, |_| unreachable!("it never begins"));
    assert!(queued.cancel());
    assert!(matches!(queued.wait(), Err(JobError::Cancelled)));
    assert!(runs.is_running() && !stop.is_cancelled());
    stop.cancel();
}

#[test]
fn a_closure_may_cancel_its_own_token_and_what_it_came_from() {
    let (pool, stop) = (ThreadPool::new(1), CancelToken::new());
    let own = pool.submit_cancellable(&stop, |token| {
        token.cancel();
        token.is_cancelled()
    });
    assert!(own.wait().unwrap() && !stop.is_cancelled());
    let inside = stop.clone();
    let all = pool.submit_cancellable(&stop, move |token| {
        inside.cancel();
        token.is_cancelled()
    });
    assert!(all.wait().unwrap());
}

#[test]
fn a_closure_that_panics_is_panicked_whether_it_was_to_stop_or_not() {
    let (pool, stop) = (ThreadPool::new(1), CancelToken::new());
    let panics = pool.submit_cancellable(&stop, |_| panic!("on purpose"));
    assert!(matches!(panics.wait(), Err(JobError::Panicked(_))));
    assert!(!stop.is_cancelled());
    let told = pool.submit_cancellable(&stop, |token| {
        token.cancelled().wait();
        panic!("on purpose")
    });
    stop.cancel();
    let ended: Result<(), _> = told.wait();
    assert!(matches!(
        ended,
        Err(JobError::Panicked(_) | JobError::Cancelled)
    ));
}

#[test]
fn a_closed_pool_takes_nothing_that_can_be_cancelled() {
    let (pool, stop) = (ThreadPool::new(1), CancelToken::new());
    pool.close();
    let kept = Arc::new(());
    let inside = Arc::clone(&kept);
    let job = pool.submit_cancellable(&stop, move |_| drop(inside));
    let error = job.wait().unwrap_err();
    assert!(!matches!(error, JobError::Cancelled), "{error:?}");
    stop.cancel();
    assert_eq!(Arc::strong_count(&kept), 1);
}

#[test]
fn a_cancel_after_the_end_leaves_a_token_that_was_handed_on_alone() {
    let (pool, stop) = (ThreadPool::new(1), CancelToken::new());
    let mut job = pool.submit_cancellable(&stop, CancelToken::clone);
    let kept = job.wait_timeout(Duration::MAX).unwrap().unwrap();
    assert!(!job.cancel());
    assert!(!kept.is_cancelled());
    stop.cancel();
    assert!(kept.is_cancelled(), "it is a child");
}

#[test]
fn a_deadline_ends_what_is_queued() {
    let (pool, stop) = (pool_of(1), CancelToken::new());
    let runs = begun(&pool, &stop, 1);
    let soon = stop.child_timeout(Duration::from_millis(1));
    let late = pool.submit_cancellable(&soon, |_| unreachable!("the worker is busy"));
    watched(&"the deadline", || {
        assert!(matches!(late.wait(), Err(JobError::Cancelled)));
    });
    assert!(runs.is_running());
    stop.cancel();
}

#[test]
fn the_token_of_a_group_is_cancelled_by_whatever_ends_it() {
    let pool = ThreadPool::new(1);
    let token = block_on(TaskGroup::run(
        &pool,
        async |group: Quick| Ok(group.token()),
    ))
    .unwrap();
    assert!(token.is_cancelled(), "the group has ended");

    let result = block_on(TaskGroup::run(&pool, async |group: Quick| {
        let (token, same) = (group.token(), group.token());
        assert!(!token.is_cancelled());
        group.cancel();
        assert!(same.is_cancelled(), "it is one token");
        assert!(group.token().is_cancelled(), "also later");
        Ok(token.is_cancelled())
    }));
    assert_eq!(result, Ok(true));

    let mut kept = None;
    let failing = TaskGroup::run(&pool, async |group| {
        kept = Some(group.token());
        group.spawn(async { Err::<(), _>("alas") }).detach();
        pending::<Result<(), _>>().await
    });
    watched(&"the group", || block_on(failing).unwrap_err());
    assert!(kept.unwrap().is_cancelled());
}

#[test]
fn the_token_of_a_group_that_is_dropped_is_cancelled() {
    let (pool, mut kept) = (ThreadPool::new(1), None);
    let group = Driver::waiting(TaskGroup::run(&pool, async |group: Quick| {
        kept = Some(group.token());
        pending::<Result<(), _>>().await
    }));
    drop(group);
    assert!(kept.unwrap().is_cancelled());
}

#[test]
fn a_cancelled_token_of_a_group_does_not_cancel_the_group() {
    let pool = ThreadPool::new(1);
    let result = block_on(TaskGroup::run(&pool, async |group: Quick| {
        group.token().cancel();
        assert!(!group.is_cancelled() && group.token().is_cancelled());
        Ok(group.spawn(async { Ok(5) }).await.unwrap())
    }));
    assert_eq!(result, Ok(5));
}

/// Callbacks run before the group returns, and may use the group.
#[test]
fn callbacks_of_a_groups_token_may_panic_and_come_back() {
    static CALLED: AtomicBool = AtomicBool::new(false);
    let pool = ThreadPool::new(1);
    let result = block_on(TaskGroup::run(&pool, async |group: Quick| {
        let token = group.token();
        token.on_cancel(|| panic!("on purpose")).detach();
        let inside = group.clone();
        let comes_back = move || {
            inside.cancel();
            CALLED.store(inside.token().is_cancelled(), SeqCst);
        };
        token.on_cancel(comes_back).detach();
        Ok(token)
    }));
    assert!(result.unwrap().is_cancelled() && CALLED.load(SeqCst));
}

#[test]
fn items_come_until_the_token_is_cancelled_and_the_rest_stays() {
    let (stop, never) = (CancelToken::new(), CancelToken::new());
    let queue = Queue::unbounded();
    queue.put_many([1, 2, 3]).unwrap();
    let mut items = queue.iter_until(&stop);
    assert_eq!(items.next(), Some(1));
    stop.cancel();
    assert_eq!((items.next(), items.next()), (None, None));
    assert_eq!(queue.len(), 2);
    queue.shutdown(syncline::Shutdown::Graceful);
    assert_eq!(queue.iter_until(&never).collect::<Vec<_>>(), [2, 3]);

    let newest = LifoQueue::unbounded();
    newest.put_many([1, 2]).unwrap();
    assert_eq!(newest.iter_until(&never).next(), Some(2));
    let least = PriorityQueue::unbounded();
    least.put_many([(2, "b"), (1, "a")]).unwrap();
    assert_eq!(least.iter_until(&never).next(), Some((1, "a")));
}

/// And a wait that was cut short has taken nothing.
#[test]
fn a_thread_that_waits_for_an_item_is_woken_by_the_token() {
    let (queue, stop) = (Arc::new(Queue::unbounded()), CancelToken::new());
    let worker = thread::spawn({
        let (queue, stop) = (Arc::clone(&queue), stop.clone());
        move || queue.iter_until(&stop).sum::<i32>()
    });
    queue.put(4).unwrap();
    until("the worker waits", || {
        queue.is_empty() && syncline::internals::Quiet::waiting(&*queue) == 1
    });
    stop.cancel();
    watched(&"the worker", || assert_eq!(worker.wait().unwrap(), 4));
    queue.put(5).unwrap();
    assert_eq!(queue.try_get().unwrap(), 5);
}

/// Waits on this thread for what does not come, until a token is cancelled by another one.
#[track_caller]
fn is_ended<F: Future>(what: &str, wait: F) {
    let (token, waits) = (CancelToken::new(), Arc::new(Event::new()));
    let canceller = thread::spawn({
        let (token, waits) = (token.clone(), Arc::clone(&waits));
        move || {
            waits.wait();
            token.cancel();
        }
    });
    let mut wait = pin!(wait);
    let polled = poll_fn(|context| {
        let poll = wait.as_mut().poll(context);
        waits.set();
        poll
    });
    let ended = watched(&what, || block_on(token.run_until_cancelled(polled)));
    assert!(ended.is_err(), "{what}");
    canceller.wait().unwrap();
}

/// The recipe for every primitive: `block_on(token.run_until_cancelled(lock.as_task().lock()))`.
#[test]
fn a_token_ends_a_threads_wait_for_any_primitive_and_leaves_it_whole() {
    let lock = Lock::new(1);
    let held = lock.lock();
    is_ended("a lock", lock.as_task().lock());
    drop(held);
    assert_eq!(*lock.try_lock().unwrap(), 1);

    let rlock = RLock::new(2);
    let held = rlock.lock();
    is_ended("a re-entrant lock", rlock.as_task().lock());
    drop(held);
    assert_eq!(*rlock.try_lock().unwrap(), 2);

    let semaphore = Semaphore::new(1);
    is_ended("two permits", semaphore.as_task().acquire_many(2));
    assert_eq!(semaphore.available_permits(), 1);
    let bounded = BoundedSemaphore::new(1);
    let permit = bounded.acquire();
    is_ended("a permit", bounded.as_task().acquire());
    drop(permit);
    assert_eq!(bounded.available_permits(), 1);

    let event = Event::new();
    is_ended("an event", event.as_task().wait());
    assert!(!event.is_set());

    let (changed, data) = (Condition::new(), Lock::new(3));
    is_ended("a condition", async {
        let guard = data.as_task().lock().await;
        drop(changed.as_task().wait(guard).await);
    });
    changed.notify_one();
    assert_eq!(*data.try_lock().unwrap(), 3);

    let barrier = Barrier::new(2);
    is_ended("a barrier", barrier.as_task().wait());
    assert_eq!(barrier.waiting(), 0);
    assert!(!barrier.is_broken());

    let queue = Queue::bounded(1);
    is_ended("an item", queue.as_task().get());
    queue.put(1).unwrap();
    is_ended("a place", queue.as_task().put(2));
    is_ended("a reserved place", queue.as_task().reserve());
    is_ended("the end of all items", queue.as_task().join());
    assert_eq!((queue.try_get().unwrap(), queue.len()), (1, 0));

    let (promise, mut job) = Promise::new();
    is_ended("a job", &mut job);
    promise.set(4).unwrap();
    assert_eq!(job.wait().unwrap(), 4);
    is_ended("a time", task::sleep(Duration::MAX));
}
