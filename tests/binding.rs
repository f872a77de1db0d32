//! What another language does with the primitives by way of handles, in every order and from every thread: see `support/handles.rs`.
#![cfg(not(syncline_loom))]
#![cfg(feature = "pool")]

#[path = "support/handles.rs"]
mod handles;
#[path = "support/watch.rs"]
mod watch;

use core::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::thread;

use handles::*;
use proptest::prelude::*;
use watch::{LIMIT, until, watchdog};

/// For ever.
const EVER: i64 = -1;

fn watched<R>(name: &str, body: impl FnOnce() -> R) -> R {
    watchdog(name, LIMIT, || "no more is known".to_owned(), body)
}

/// What a call on a thread of its own comes to.
fn elsewhere(call: impl FnOnce() -> Status + Send) -> Status {
    thread::scope(|scope| scope.spawn(call).join().unwrap())
}

#[test]
fn what_is_acquired_by_one_call_is_released_by_another_once() {
    let lock = lock_new();
    assert_eq!((OK, TIMED_OUT), (acquire(lock, EVER), acquire(lock, 0)));
    // Whichever thread that is on.
    assert_eq!(
        (OK, NOT_YOURS),
        (elsewhere(|| release(lock)), release(lock))
    );
    assert_eq!(OK, close(lock));
    assert_eq!((UNKNOWN, UNKNOWN), (close(lock), acquire(lock, EVER)));
}

#[test]
fn a_re_entrant_lock_is_released_by_its_thread_as_often_as_it_was_acquired() {
    let lock = rlock_new();
    assert_eq!((NOT_YOURS, 0), (release(lock), depth(lock)));
    assert_eq!(
        (OK, OK, 2),
        (acquire(lock, EVER), acquire(lock, 0), depth(lock))
    );
    assert_eq!(
        (NOT_YOURS, 0),
        (elsewhere(|| release(lock)), elsewhere(|| depth(lock)))
    );
    assert_eq!(TIMED_OUT, elsewhere(|| acquire(lock, 1)));
    assert_eq!((BUSY, BUSY), (close(lock), elsewhere(|| close(lock))));
    assert_eq!(
        (OK, OK, NOT_YOURS),
        (release(lock), release(lock), release(lock))
    );
    assert_eq!(OK, close(lock));
}

#[test]
fn a_handle_of_another_kind_or_of_nothing_is_refused() {
    let (lock, queue, job) = (rlock_new(), queue_new(1), job_new());
    let changed = condition_new(lock);
    for wrong in [queue, job, changed] {
        assert_eq!(
            (WRONG_KIND, WRONG_KIND),
            (acquire(wrong, EVER), release(wrong))
        );
        assert_eq!((WRONG_KIND, 0), (depth(wrong), condition_new(wrong)));
    }
    for wrong in [lock, changed, job] {
        assert_eq!(
            (WRONG_KIND, WRONG_KIND),
            (queue_put(wrong, 1, EVER), queue_get(wrong, EVER))
        );
        assert_eq!((WRONG_KIND, 0), (get_poll(wrong), get_start(wrong)));
    }
    for wrong in [lock, queue, job] {
        assert_eq!(
            (WRONG_KIND, WRONG_KIND),
            (condition_wait(wrong, EVER), condition_notify(wrong, 1))
        );
    }
    for wrong in [lock, queue, changed] {
        assert_eq!(
            (WRONG_KIND, WRONG_KIND),
            (job_set(wrong, 1), job_wait(wrong, EVER))
        );
        assert_eq!(WRONG_KIND, job_cancel(wrong));
    }
    for nothing in [0, u64::MAX] {
        let said = [
            acquire(nothing, EVER),
            release(nothing),
            condition_wait(nothing, EVER),
            condition_notify(nothing, 1),
            queue_put(nothing, 1, EVER),
            queue_get(nothing, EVER),
            get_poll(nothing),
            job_set(nothing, 1),
            job_wait(nothing, EVER),
            job_cancel(nothing),
            waiting(nothing),
            close(nothing),
        ];
        assert_eq!([UNKNOWN; 12], said);
        assert_eq!((0, 0), (condition_new(nothing), get_start(nothing)));
    }
    for handle in [changed, lock, queue, job] {
        assert_eq!(OK, close(handle));
    }
}

/// Each of them gets it before, or finds it closed; nobody is forgotten in line.
#[test]
fn nobody_waits_for_a_lock_that_has_been_closed() {
    for lock in [lock_new(), rlock_new()] {
        watched("a closed lock", || {
            assert_eq!(OK, acquire(lock, EVER));
            thread::scope(|scope| {
                let waiters = [(); 3].map(|()| {
                    scope.spawn(move || {
                        let said = acquire(lock, EVER);
                        assert!(
                            said == CLOSED || (said, release(lock)) == (OK, OK),
                            "{said}"
                        );
                    })
                });
                until("they wait", || waiting(lock) == 3);
                assert_eq!(BUSY, close(lock));
                assert_eq!(OK, release(lock));
                until("it is free", || close(lock) == OK);
                for waiter in waiters {
                    waiter.join().unwrap();
                }
            });
            assert_eq!(UNKNOWN, close(lock));
        });
    }
}

/// The lock is nobody's meanwhile, so that somebody else can close it.
#[test]
fn who_waits_for_a_condition_has_nothing_if_its_lock_is_closed_meanwhile() {
    for lock in [lock_new(), rlock_new()] {
        let changed = condition_new(lock);
        watched("a condition without its lock", || {
            thread::scope(|scope| {
                let waiter = scope.spawn(|| {
                    assert_eq!(OK, acquire(lock, EVER));
                    condition_wait(changed, EVER)
                });
                until("they wait", || waiting(changed) == 1);
                assert_eq!(OK, close(lock));
                assert_eq!(1, condition_notify(changed, 1));
                assert_eq!(CLOSED, waiter.join().unwrap());
            });
            assert_eq!(UNKNOWN, acquire(lock, EVER));
            assert_eq!(OK, close(changed));
        });
    }
}

#[test]
fn a_wait_for_a_condition_gives_up_all_levels_and_has_them_again_whatever_ends_it() {
    let lock = rlock_new();
    let changed = condition_new(lock);
    assert_eq!(NOT_YOURS, condition_wait(changed, EVER));
    watched("all levels", || {
        for closes in [false, true] {
            thread::scope(|scope| {
                let waiter = scope.spawn(|| {
                    assert_eq!((OK, OK), (acquire(lock, EVER), acquire(lock, EVER)));
                    let said = condition_wait(changed, EVER);
                    assert_eq!(2, depth(lock));
                    assert_eq!(
                        (OK, OK, NOT_YOURS),
                        (release(lock), release(lock), release(lock))
                    );
                    said
                });
                until("they wait", || waiting(changed) == 1);
                assert_eq!((OK, 1), (acquire(lock, EVER), depth(lock)));
                if closes {
                    assert_eq!(OK, close(changed));
                } else {
                    assert_eq!(1, condition_notify(changed, 7));
                }
                assert_eq!(OK, release(lock));
                assert_eq!(OK, waiter.join().unwrap());
            });
        }
    });
    assert_eq!((UNKNOWN, OK), (condition_notify(changed, 1), close(lock)));
}

static NUMBER: AtomicU64 = AtomicU64::new(0);

extern "C" fn is_at_least(limit: u64) -> i32 {
    match NUMBER.load(SeqCst) {
        u64::MAX => -1,
        number => i32::from(number >= limit),
    }
}

#[test]
fn a_callback_that_fails_ends_the_wait_with_the_lock_held() {
    let lock = rlock_new();
    let changed = condition_new(lock);
    watched("a callback", || {
        assert_eq!((OK, OK), (acquire(lock, EVER), acquire(lock, EVER)));
        assert_eq!(TIMED_OUT, condition_wait_for(changed, 1, is_at_least, 2));
        thread::scope(|scope| {
            scope.spawn(|| {
                for number in [1, 2, u64::MAX] {
                    until("they wait", || waiting(changed) == 1);
                    assert_eq!(OK, acquire(lock, EVER));
                    NUMBER.store(number, SeqCst);
                    assert_eq!((1, OK), (condition_notify(changed, 1), release(lock)));
                }
            });
            assert_eq!(OK, condition_wait_for(changed, EVER, is_at_least, 2));
            assert_eq!(FAILED, condition_wait_for(changed, EVER, is_at_least, 3));
        });
        assert_eq!((2, OK, OK), (depth(lock), release(lock), release(lock)));
        assert_eq!((OK, OK), (close(changed), close(lock)));
    });
}

#[test]
fn a_queue_that_is_closed_ends_all_waits_for_it() {
    let queue = queue_new(1);
    assert_eq!(
        (OK, TIMED_OUT),
        (queue_put(queue, 1, EVER), queue_put(queue, 2, 0))
    );
    assert_eq!(
        (1, TIMED_OUT),
        (queue_get(queue, EVER), queue_get(queue, 1))
    );
    let (one, other) = (get_start(queue), get_start(queue));
    assert_eq!((PENDING, PENDING), (get_poll(one), get_poll(other)));
    assert_eq!(OK, queue_put(queue, 3, EVER));
    assert_eq!(
        (3, CLOSED, PENDING),
        (get_poll(one), get_poll(one), get_poll(other))
    );
    watched("a closed queue", || {
        thread::scope(|scope| {
            let getters = [(); 2].map(|()| scope.spawn(|| queue_get(queue, EVER)));
            until("they wait", || waiting(queue) == 3);
            assert_eq!(OK, close(queue));
            for getter in getters {
                assert_eq!(CLOSED, getter.join().unwrap());
            }
        });
    });
    // It keeps the queue alive, which has no other handle.
    assert_eq!((UNKNOWN, CLOSED), (queue_get(queue, 0), get_poll(other)));
    assert_eq!(
        (OK, OK, UNKNOWN),
        (close(one), close(other), get_poll(other))
    );
}

#[test]
fn a_get_that_is_closed_gives_what_it_was_granted_to_the_next() {
    let queue = queue_new(0);
    let (one, other) = (get_start(queue), get_start(queue));
    assert_eq!((PENDING, PENDING), (get_poll(one), get_poll(other)));
    assert_eq!(OK, queue_put(queue, 7, EVER));
    assert_eq!((PENDING, OK), (get_poll(other), close(one)));
    assert_eq!((7, OK, OK), (get_poll(other), close(other), close(queue)));
}

#[test]
fn the_outcome_of_a_job_is_the_same_for_all_who_wait() {
    watched("a job", || {
        for closes in [false, true] {
            let job = job_new();
            assert_eq!(TIMED_OUT, job_wait(job, 1));
            thread::scope(|scope| {
                let waiters = [(); 3].map(|()| scope.spawn(move || job_wait(job, EVER)));
                if closes {
                    assert_eq!(OK, close(job));
                } else {
                    assert_eq!((OK, TOO_LATE), (job_set(job, 7), job_set(job, 8)));
                    assert_eq!(TOO_LATE, job_cancel(job));
                }
                for waiter in waiters {
                    let said = waiter.join().unwrap();
                    // Who came too late has found no handle.
                    assert!(
                        said == if closes { CANCELLED } else { 7 } || closes && said == UNKNOWN
                    );
                }
            });
            assert_eq!(if closes { UNKNOWN } else { OK }, close(job));
        }
        let job = job_new();
        assert_eq!((OK, CANCELLED), (job_cancel(job), job_wait(job, EVER)));
        assert_eq!((CANCELLED, OK), (job_set(job, 7), close(job)));
    });
}

/// What a thread does next, with which of the handles, and for how long.
#[derive(Clone, Copy, Debug)]
enum Call {
    Acquire(Which, i64),
    Release(Which),
    Depth,
    Wait(Which, i64),
    WaitFor(Which, i64, u64),
    Notify(Which, usize),
    Put(u64, i64),
    Get(i64),
    Start,
    Poll,
    Drop,
    Set(u64),
    Cancel,
    Outcome(i64),
    Close(usize),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Which {
    Lock,
    RLock,
}

fn call() -> impl Strategy<Value = Call> {
    let which = || prop_oneof![Just(Which::Lock), Just(Which::RLock)];
    let limit = || 0..3_i64;
    prop_oneof![
        6 => (which(), limit()).prop_map(|(which, limit)| Call::Acquire(which, limit)),
        6 => which().prop_map(Call::Release),
        1 => Just(Call::Depth),
        3 => (which(), limit()).prop_map(|(which, limit)| Call::Wait(which, limit)),
        2 => (which(), limit(), 0..3_u64).prop_map(|(which, limit, n)| Call::WaitFor(which, limit, n)),
        3 => (which(), 0..3_usize).prop_map(|(which, n)| Call::Notify(which, n)),
        2 => (1..9_u64, limit()).prop_map(|(item, limit)| Call::Put(item, limit)),
        2 => limit().prop_map(Call::Get),
        1 => Just(Call::Start),
        2 => Just(Call::Poll),
        1 => Just(Call::Drop),
        1 => (1..9_u64).prop_map(Call::Set),
        1 => Just(Call::Cancel),
        2 => limit().prop_map(Call::Outcome),
        1 => (0..6_usize).prop_map(Call::Close),
    ]
}

/// The handles that all threads call with, and what is known of all of them together.
struct World {
    locks: [Handle; 2],
    conditions: [Handle; 2],
    queue: Handle,
    job: Handle,
    /// How often the lock was acquired more than released.
    held: AtomicU64,
    put: AtomicU64,
    got: AtomicU64,
    /// What the job has come to, as a number that is not 0.
    outcome: AtomicU64,
}

impl World {
    fn new() -> Self {
        let locks = [lock_new(), rlock_new()];
        Self {
            locks,
            conditions: locks.map(|lock| condition_new(lock)),
            queue: queue_new(2),
            job: job_new(),
            held: AtomicU64::new(0),
            put: AtomicU64::new(0),
            got: AtomicU64::new(0),
            outcome: AtomicU64::new(0),
        }
    }

    /// One thread makes its calls, and then releases what it has.
    fn make(&self, calls: &[Call]) {
        let (mut depth, mut started) = (0, 0);
        for call in calls {
            self.make_one(*call, &mut depth, &mut started);
        }
        while depth > 0 {
            assert_eq!(OK, release(self.locks[1]));
            depth -= 1;
        }
        if started != 0 {
            self.take(get_poll(started));
            assert_eq!(OK, close(started));
        }
    }

    fn make_one(&self, call: Call, depth: &mut i64, started: &mut Handle) {
        let [lock, rlock] = self.locks;
        match call {
            Call::Acquire(Which::Lock, limit) => match acquire(lock, limit) {
                OK => drop(self.held.fetch_add(1, SeqCst)),
                said => assert!([TIMED_OUT, UNKNOWN, CLOSED].contains(&said), "{said}"),
            },
            Call::Acquire(Which::RLock, limit) => match acquire(rlock, limit) {
                OK => *depth += 1,
                said => {
                    assert!([TIMED_OUT, UNKNOWN, CLOSED].contains(&said), "{said}");
                    assert_eq!(0, *depth, "it is this thread's");
                }
            },
            Call::Release(Which::Lock) => match release(lock) {
                OK => drop(self.held.fetch_sub(1, SeqCst)),
                said => assert!([NOT_YOURS, UNKNOWN].contains(&said), "{said}"),
            },
            Call::Release(Which::RLock) => match release(rlock) {
                OK => *depth -= 1,
                said => {
                    assert!([NOT_YOURS, UNKNOWN].contains(&said), "{said}");
                    assert_eq!(0, *depth, "it is this thread's");
                }
            },
            Call::Depth => {
                let said = handles::depth(rlock);
                assert!(said == *depth || (said, *depth) == (UNKNOWN, 0), "{said}");
            }
            Call::Wait(which, limit) => {
                let said = condition_wait(self.conditions[which as usize], limit);
                self.waited(which, said, depth);
            }
            Call::WaitFor(which, limit, n) => {
                // Of an argument, which is no number that changes.
                let condition = self.conditions[which as usize];
                let said = condition_wait_for(condition, limit, says, n);
                assert!(n == 0 || said != FAILED, "{said}");
                self.waited(which, said, depth);
            }
            Call::Notify(which, n) => {
                let said = condition_notify(self.conditions[which as usize], n);
                assert!((0..=2).contains(&said) || said == UNKNOWN, "{said}");
            }
            Call::Put(item, limit) => {
                // Counted before it can be taken.
                self.put.fetch_add(item, SeqCst);
                let said = queue_put(self.queue, item, limit);
                if said != OK {
                    assert!([TIMED_OUT, CLOSED, UNKNOWN].contains(&said), "{said}");
                    self.put.fetch_sub(item, SeqCst);
                }
            }
            Call::Get(limit) => self.take(queue_get(self.queue, limit)),
            Call::Start if *started == 0 => *started = get_start(self.queue),
            Call::Start => {}
            Call::Poll => self.take(get_poll(*started)),
            Call::Drop => {
                let said = close(core::mem::take(started));
                assert!([OK, UNKNOWN].contains(&said), "{said}");
            }
            Call::Set(value) => {
                let said = job_set(self.job, value);
                assert!([OK, TOO_LATE, CANCELLED, UNKNOWN].contains(&said), "{said}");
            }
            Call::Cancel => {
                let said = job_cancel(self.job);
                assert!([OK, TOO_LATE, UNKNOWN].contains(&said), "{said}");
            }
            Call::Outcome(limit) => {
                let said = job_wait(self.job, limit);
                let outcome = match said {
                    TIMED_OUT | UNKNOWN => return,
                    CANCELLED => 100,
                    value => u64::try_from(value).expect("a value"),
                };
                let before = self.outcome.swap(outcome, SeqCst);
                assert!(before == 0 || before == outcome, "{before} and {outcome}");
            }
            Call::Close(which) => {
                let all = [
                    lock,
                    rlock,
                    self.conditions[0],
                    self.conditions[1],
                    self.queue,
                    self.job,
                ];
                let said = close(all[which]);
                assert!([OK, BUSY, UNKNOWN].contains(&said), "{said}");
            }
        }
    }

    /// What a wait for a condition may say, and what the thread has afterwards.
    fn waited(&self, which: Which, said: Status, depth: &mut i64) {
        assert!(
            [OK, TIMED_OUT, FAILED, NOT_YOURS, UNKNOWN, CLOSED].contains(&said),
            "{said}"
        );
        match which {
            Which::Lock if said == CLOSED => drop(self.held.fetch_sub(1, SeqCst)),
            Which::RLock if said == CLOSED => *depth = 0,
            Which::RLock => assert!(
                said == UNKNOWN || (said == NOT_YOURS) == (*depth == 0),
                "{said}"
            ),
            Which::Lock => {}
        }
    }

    fn take(&self, said: Status) {
        if let Ok(item) = u64::try_from(said) {
            self.got.fetch_add(item, SeqCst);
        } else {
            assert!(
                [TIMED_OUT, CLOSED, UNKNOWN, PENDING].contains(&said),
                "{said}"
            );
        }
    }

    /// Until all threads have ended. Whoever waits for a condition has its lock again at the end, however long that takes; and
    /// one that a thread has acquired that has ended must be released by another.
    fn let_go(&self, running: impl Fn() -> usize) {
        let [lock, rlock] = self.locks;
        loop {
            let running = i64::try_from(running()).expect("a few threads");
            if running == 0 {
                return;
            }
            if waiting(lock).max(0) + waiting(rlock).max(0) >= running && release(lock) == OK {
                self.held.fetch_sub(1, SeqCst);
            }
            thread::yield_now();
        }
    }

    /// All threads have ended.
    fn settle(&self) {
        let [lock, rlock] = self.locks;
        let (held, said) = (self.held.load(SeqCst), release(lock));
        // Who found it closed may have released it after somebody else had.
        assert!(said == UNKNOWN || held == u64::from(said == OK), "{held}");
        assert!([NOT_YOURS, UNKNOWN].contains(&release(rlock)));
        let open = waiting(self.queue) == 0;
        loop {
            let said = queue_get(self.queue, 0);
            self.take(said);
            if said < 0 {
                break;
            }
        }
        let (put, got) = (self.put.load(SeqCst), self.got.load(SeqCst));
        assert!(
            if open { put == got } else { put >= got },
            "{put} put, {got} taken"
        );
        // Nobody is left in any line, and everything can be closed.
        let all = [
            self.conditions[0],
            self.conditions[1],
            lock,
            rlock,
            self.queue,
            self.job,
        ];
        for handle in all {
            assert!([0, UNKNOWN, WRONG_KIND].contains(&waiting(handle)));
            assert!([OK, UNKNOWN].contains(&close(handle)));
            assert_eq!(UNKNOWN, close(handle));
        }
    }
}

/// Fails for 0, does not hold for 1, and holds for more.
extern "C" fn says(argument: u64) -> i32 {
    i32::try_from(argument).expect("a small number") - 1
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if cfg!(miri) { 2 } else { 96 },
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Any calls, in any order, on several threads: each is answered, with what can be true.
    #[test]
    fn whatever_is_called_in_whatever_order_is_answered(
        programs in [(); 3].map(|()| prop::collection::vec(call(), 0..if cfg!(miri) { 6 } else { 24 }))
    ) {
        let world = World::new();
        watched("random calls", || {
            thread::scope(|scope| {
                let threads: Vec<_> = programs
                    .iter()
                    .map(|calls| scope.spawn(|| world.make(calls)))
                    .collect();
                world.let_go(|| threads.iter().filter(|thread| !thread.is_finished()).count());
            });
            world.settle();
        });
    }
}
