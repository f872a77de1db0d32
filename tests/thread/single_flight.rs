//! Calls that are shared, as threads see them.

use crate::watch::{until_waiting, watched};
use core::borrow::Borrow;
use core::hash::{Hash, Hasher};
use core::panic::AssertUnwindSafe;
use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering::{Relaxed, SeqCst};
use core::time::Duration;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::thread;
use std::time::Instant;
use syncline::internals::Quiet;
use syncline::thread::SingleFlight;

const SHORT: Duration = Duration::from_millis(5);

#[test]
fn a_call_of_nobody_else_is_made_at_once_and_kept_by_nobody() {
    let calls = SingleFlight::new();
    assert_eq!(calls.work("a", || 1), 1);
    assert_eq!(calls.work("a", || 2), 2);
    assert_eq!(calls.try_work("a", || Err::<i32, _>(3)), Err(3));
    assert_eq!(calls.work_timeout("a", Duration::ZERO, || 4), Ok(4));
    assert_eq!(calls.work_deadline("a", Instant::now(), || 5), Ok(5));
    assert!(calls.is_empty() && !calls.forget("a"));
    calls.assert_quiet();
}

/// Many ask for one key during a call, and others for another.
#[test]
fn all_who_come_during_a_call_get_its_result() {
    let calls = SingleFlight::new();
    let made = AtomicUsize::new(0);
    watched(&calls, || {
        thread::scope(|threads| {
            let first = calls.work(1, || {
                for _ in 0..5 {
                    threads.spawn(|| assert_eq!(calls.work(1, || unreachable!()), "first"));
                }
                until_waiting(&calls, 5);
                assert_eq!(calls.work(2, || "other"), "other");
                assert_eq!(calls.len(), 1);
                made.fetch_add(1, Relaxed);
                "first"
            });
            assert_eq!(first, "first");
        });
    });
    assert_eq!(made.into_inner(), 1);
    calls.assert_quiet();
}

/// Trap G6: the last one to come while a call ends shares it, or begins a new one; no call is made twice at a time.
#[test]
fn no_two_calls_for_a_key_run_at_a_time() {
    let calls = Arc::new(SingleFlight::new());
    let (inside, count) = (AtomicUsize::new(0), AtomicUsize::new(0));
    watched(&calls, || {
        thread::scope(|threads| {
            for number in 0..4 {
                let (calls, inside, count) = (&calls, &inside, &count);
                threads.spawn(move || {
                    for round in 0..500 {
                        let make = || {
                            assert_eq!(inside.fetch_add(1, SeqCst), 0);
                            count.fetch_add(1, Relaxed);
                            inside.fetch_sub(1, SeqCst);
                            if (number + round) % 5 == 0 {
                                Err(())
                            } else {
                                Ok(round)
                            }
                        };
                        let _result = calls.try_work("key", make);
                    }
                });
            }
        });
    });
    assert!((1..=2000).contains(&count.into_inner()));
    calls.assert_quiet();
}

#[test]
fn a_call_that_fails_passes_on_to_the_next_and_tells_nobody_else() {
    let calls = SingleFlight::new();
    watched(&calls, || {
        thread::scope(|threads| {
            let failed = calls.try_work((), || {
                threads.spawn(|| assert_eq!(calls.try_work((), || Err::<u8, _>(2)), Err(2)));
                until_waiting(&calls, 1);
                threads.spawn(|| assert_eq!(calls.work((), || 3), 3));
                until_waiting(&calls, 2);
                threads.spawn(|| assert_eq!(calls.work((), || unreachable!()), 3));
                until_waiting(&calls, 3);
                Err(1)
            });
            assert_eq!(failed, Err(1));
        });
    });
    calls.assert_quiet();
}

/// Trap G7: those who wait for Go's hung when the call panicked.
#[test]
fn a_call_that_panics_passes_on_to_the_next() {
    let calls = SingleFlight::new();
    watched(&calls, || {
        thread::scope(|threads| {
            let panicking = || {
                calls.work("key", || {
                    threads.spawn(|| assert_eq!(calls.work("key", || 2), 2));
                    until_waiting(&calls, 1);
                    panic!("on purpose")
                });
            };
            catch_unwind(AssertUnwindSafe(panicking)).unwrap_err();
        });
    });
    calls.assert_quiet();
}

/// Trap G1.
#[test]
fn a_call_that_asks_for_its_own_key_panics_instead_of_hanging() {
    let calls = SingleFlight::new();
    watched(&calls, || {
        let asking = || calls.work("key", || calls.work("key", || 1));
        catch_unwind(AssertUnwindSafe(asking)).unwrap_err();
        calls.assert_quiet();
        assert_eq!(calls.work("a", || calls.work("b", || 2)), 2);
        // It is not its own any more.
        let again = || {
            assert!(calls.forget("key"));
            calls.work("key", || 3)
        };
        assert_eq!(calls.work("key", again), 3);
    });
    calls.assert_quiet();
}

#[test]
fn who_comes_after_forget_gets_what_was_made_after_it() {
    let calls = SingleFlight::<String, u8>::new();
    watched(&calls, || {
        thread::scope(|threads| {
            let first = calls.work("key".to_owned(), || {
                threads.spawn(|| calls.work("key".to_owned(), || unreachable!()));
                until_waiting(&calls, 1);
                assert!(calls.forget("key") && !calls.forget("key"));
                assert!(calls.is_empty());
                assert_eq!(calls.work("key".to_owned(), || 2), 2);
                1
            });
            assert_eq!(first, 1);
        });
    });
    calls.assert_quiet();
}

#[test]
fn who_has_no_more_time_leaves_the_call() {
    let calls = SingleFlight::new();
    watched(&calls, || {
        thread::scope(|threads| {
            let failed = calls.try_work(1, || {
                let other = threads.spawn(|| {
                    let start = Instant::now();
                    let unused = || unreachable!("it has no turn");
                    calls.work_timeout(1, SHORT, unused).unwrap_err();
                    assert!(start.elapsed() >= SHORT);
                    calls.work_deadline(1, start, unused).unwrap_err();
                    calls.work_timeout(1, Duration::ZERO, unused).unwrap_err();
                });
                other.join().unwrap();
                Err::<u8, _>(())
            });
            failed.unwrap_err();
        });
    });
    calls.assert_quiet();
}

/// A key that panics when it is hashed or compared.
#[derive(Debug)]
struct Bad(&'static str, u8);

impl Hash for Bad {
    fn hash<H: Hasher>(&self, state: &mut H) {
        assert_ne!(self.0, "hash");
        self.1.hash(state);
    }
}

impl PartialEq for Bad {
    fn eq(&self, other: &Self) -> bool {
        assert_ne!(self.0, "eq");
        assert_ne!(other.0, "eq");
        self.1 == other.1
    }
}

impl Eq for Bad {}

#[test]
fn a_key_that_panics_leaves_the_calls_as_they_were() {
    let calls = SingleFlight::new();
    let value = calls.work(Bad("good", 1), || {
        for bad in ["hash", "eq"] {
            let asking = || calls.work(Bad(bad, 1), || unreachable!());
            catch_unwind(AssertUnwindSafe(asking)).unwrap_err();
            let forgets = || calls.forget(&Bad(bad, 1));
            catch_unwind(AssertUnwindSafe(forgets)).unwrap_err();
        }
        assert_eq!(calls.work(Bad("good", 2), || 2), 2);
        assert_eq!(calls.len(), 1);
        1
    });
    assert_eq!(value, 1);
    calls.assert_quiet();
}

/// All of them have one hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Alike(u8);

impl Hash for Alike {
    fn hash<H: Hasher>(&self, _state: &mut H) {}
}

impl Borrow<u8> for Alike {
    fn borrow(&self) -> &u8 {
        &self.0
    }
}

#[test]
fn keys_of_one_hash_are_told_from_each_other() {
    fn nested(calls: &SingleFlight<Alike, u8>, depth: u8, order: &[u8]) {
        let Some((&key, rest)) = order.split_first() else {
            return;
        };
        let value = calls.work(Alike(key), || {
            assert_eq!(calls.len(), usize::from(depth) + 1);
            nested(calls, depth + 1, rest);
            key
        });
        assert_eq!((value, calls.len()), (key, usize::from(depth)));
    }
    let calls = SingleFlight::new();
    nested(&calls, 0, &[1, 2, 3, 4]);
    // The first, one between and the last are forgotten while they are under way.
    let forgets = |keys: &'static [u8]| {
        for key in keys {
            assert!(calls.forget(&Alike(*key)));
        }
        assert_eq!(calls.len(), 4 - keys.len());
    };
    for keys in [&[1, 4][..], &[2], &[4, 3], &[1, 2, 3, 4], &[3, 1]] {
        let all = |key: u8, next: &dyn Fn()| calls_of(&calls, key, next);
        all(1, &|| all(2, &|| all(3, &|| all(4, &|| forgets(keys)))));
        calls.assert_quiet();
    }
}

fn calls_of(calls: &SingleFlight<Alike, u8>, key: u8, next: &dyn Fn()) {
    calls.work(Alike(key), || {
        next();
        key
    });
}

/// Whoever is alone with a call gets its result as it is; the key and the result are dropped once.
#[test]
fn a_result_is_cloned_only_for_those_who_share_it() {
    #[derive(Debug)]
    struct Counted(Arc<AtomicUsize>);

    impl Clone for Counted {
        fn clone(&self) -> Self {
            self.0.fetch_add(1, Relaxed);
            Self(Arc::clone(&self.0))
        }
    }

    let clones = Arc::new(AtomicUsize::new(0));
    let calls = SingleFlight::new();
    let key = Arc::new(1);
    drop(calls.work(Arc::clone(&key), || Counted(Arc::clone(&clones))));
    assert_eq!(clones.load(Relaxed), 0);
    watched(&calls, || {
        thread::scope(|threads| {
            drop(calls.work(Arc::clone(&key), || {
                threads.spawn(|| drop(calls.work(Arc::clone(&key), || unreachable!())));
                until_waiting(&calls, 1);
                Counted(Arc::clone(&clones))
            }));
        });
    });
    assert!((1..=2).contains(&clones.load(Relaxed)));
    assert_eq!(
        (Arc::strong_count(&key), Arc::strong_count(&clones)),
        (1, 1)
    );
}

#[test]
fn debug_output_waits_for_nobody() {
    let calls = SingleFlight::new();
    let shown = calls.work(1, || format!("{calls:?}"));
    assert_eq!(shown, "SingleFlight { calls: 1, .. }");
}
