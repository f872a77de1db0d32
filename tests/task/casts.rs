//! Both faces are views of one object.

use crate::driver::Driver;
use crate::watch::{until_waiting, watched};
use std::sync::Arc;
use std::thread;
use syncline::internals::Quiet;
use syncline::{task, thread as blocking};

#[test]
fn a_cast_there_and_back_is_the_same_lock() {
    let lock = blocking::Lock::new(1);
    assert!(core::ptr::eq(&raw const lock, lock.as_task().as_thread()));
    let guard = lock.lock();
    assert!(lock.as_task().try_lock().is_none());
    drop(guard);
    assert_eq!(1, *Driver::new(lock.as_task().lock()).ready());
}

#[test]
fn a_cast_there_and_back_is_the_same_semaphore() {
    let semaphore = task::Semaphore::new(1);
    assert!(core::ptr::eq(
        &raw const semaphore,
        semaphore.as_thread().as_task()
    ));
    let permit = semaphore.as_thread().acquire();
    assert_eq!(0, semaphore.available_permits());
    drop(permit);
    assert!(semaphore.try_acquire().is_some());
}

#[test]
fn an_arc_is_cast_without_a_new_allocation() {
    let lock: Arc<blocking::Lock<i32>> = Arc::new(blocking::Lock::new(1));
    let address = Arc::as_ptr(&lock).addr();
    let lock: Arc<task::Lock<i32>> = lock.into_task();
    let guard = Driver::new(lock.lock_owned()).ready();
    assert_eq!(address, Arc::as_ptr(&lock).addr());
    let lock: Arc<blocking::Lock<i32>> = lock.into_thread();
    assert_eq!(address, Arc::as_ptr(&lock).addr());
    assert!(lock.try_lock_owned().is_none());
    drop(guard);
    assert_eq!(1, Arc::strong_count(&lock));

    let semaphore = Arc::new(task::Semaphore::new(1));
    let address = Arc::as_ptr(&semaphore).addr();
    let semaphore: Arc<blocking::Semaphore> = semaphore.into_thread();
    let permit = semaphore.acquire_owned();
    let semaphore: Arc<task::Semaphore> = semaphore.into_task();
    assert_eq!(address, Arc::as_ptr(&semaphore).addr());
    assert!(semaphore.try_acquire_owned().is_none());
    drop(permit);
    assert_eq!(1, Arc::strong_count(&semaphore));
}

#[test]
fn an_arc_that_is_still_needed_gives_another_owner_of_the_other_face() {
    let queue = Arc::new(blocking::Queue::unbounded());
    let tasks: Arc<task::Queue<i32>> = queue.to_task();
    assert_eq!(Arc::strong_count(&queue), 2);
    queue.put(1).unwrap();
    assert_eq!(tasks.try_get().unwrap(), 1);
    assert_eq!(Arc::as_ptr(&tasks.to_thread()), Arc::as_ptr(&queue));
    drop(tasks);
    assert_eq!(Arc::strong_count(&queue), 1);
}

/// Takes either face.
fn open(event: &impl AsRef<task::Event>) -> bool {
    event.as_ref().is_set()
}

#[test]
fn a_face_is_lent_where_the_other_one_is_asked_for() {
    let event = blocking::Event::new();
    event.set();
    assert!(open(&event));
    let lock = task::Lock::new(7);
    let threads: &blocking::Lock<i32> = lock.as_ref();
    assert!(core::ptr::eq(threads.as_task(), &raw const lock));
}

#[test]
fn a_lock_without_a_size_is_cast_too() {
    let lock: Arc<task::Lock<[i32]>> = Arc::new(task::Lock::new([1, 2]));
    lock.as_thread().lock()[1] = 3;
    let lock = lock.into_thread();
    assert_eq!([1, 3], *lock.lock());
}

/// A thread and three tasks, first come, first served, whatever they are.
#[test]
fn threads_and_tasks_wait_in_one_line() {
    let lock = Arc::new(task::Lock::new(Vec::new()));
    let guard = lock.try_lock().unwrap();
    let first = Driver::waiting(lock.lock());
    watched(&lock, || {
        let blocked = thread::spawn({
            let lock = Arc::clone(&lock).into_thread();
            move || lock.lock().push("thread")
        });
        until_waiting(&*lock, 2);
        let second = Driver::waiting(lock.lock_owned());
        drop(guard);
        first.woken().push("task");
        blocked.join().unwrap();
        second.woken().push("owned");
    });
    assert_eq!(["task", "thread", "owned"], lock.try_lock().unwrap()[..]);
    lock.assert_quiet();
}

/// Either face releases what the other one acquired.
#[test]
fn a_task_hands_over_to_a_thread_and_a_thread_to_a_task() {
    let semaphore = Arc::new(blocking::Semaphore::new(1));
    watched(&semaphore, || {
        for _ in 0..100 {
            let permit = Driver::new(semaphore.as_task().acquire()).ready();
            let blocked = thread::spawn({
                let semaphore = Arc::clone(&semaphore);
                move || semaphore.acquire_owned()
            });
            until_waiting(&*semaphore, 1);
            drop(permit);
            let permit = blocked.join().unwrap();
            let waiter = Driver::waiting(semaphore.as_task().acquire());
            drop(permit);
            drop(waiter.woken());
        }
    });
    assert_eq!(1, semaphore.available_permits());
    semaphore.assert_quiet();
}

#[test]
fn a_re_entrant_lock_is_cast_with_its_owners() {
    let lock = Arc::new(blocking::RLock::new(1));
    let address = Arc::as_ptr(&lock).addr();
    let guard = lock.lock();
    assert!(core::ptr::eq(&raw const *lock, lock.as_task().as_thread()));
    let lock_of_tasks = Arc::clone(&lock).into_task();
    assert_eq!(address, Arc::as_ptr(&lock_of_tasks).addr());
    task::block_on(async { assert!(lock_of_tasks.try_lock().is_none()) });
    drop(guard);
    let guard = task::block_on(lock_of_tasks.lock_owned());
    assert!(lock_of_tasks.into_thread().try_lock().is_none());
    drop(guard);
    assert_eq!(1, Arc::strong_count(&lock));
}
