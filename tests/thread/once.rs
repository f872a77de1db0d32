//! The cell, as threads see it.

use crate::watch::{until_waiting, watched};
use core::panic::AssertUnwindSafe;
use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering::Relaxed;
use core::time::Duration;
use std::panic::catch_unwind;
use std::rc::Rc;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Instant;
use syncline::SetError;
use syncline::internals::Quiet;
use syncline::thread::OnceCell;

const SHORT: Duration = Duration::from_millis(5);

/// What a panic says.
fn said(panic: &(dyn core::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or_default().to_owned()
}

#[test]
fn a_set_cell_never_blocks() {
    static CELL: OnceCell<u8> = OnceCell::new();
    assert_eq!((CELL.get(), CELL.is_set()), (None, false));
    CELL.set(7).unwrap();
    assert_eq!(CELL.get(), Some(&7));
    assert_eq!(CELL.get_or_init(|| unreachable!()), &7);
    assert_eq!(CELL.get_or_try_init(|| Err(())), Ok(&7));
    assert_eq!(CELL.wait(), &7);
    assert_eq!(CELL.wait_timeout(Duration::ZERO), Ok(&7));
    assert_eq!(CELL.wait_deadline(Instant::now()), Ok(&7));
    assert_eq!(CELL.get_or_init_timeout(Duration::ZERO, || 8), Ok(&7));
    assert_eq!(CELL.set(8), Err(SetError::AlreadySet(8)));
    CELL.assert_quiet();
}

/// Trap G4: a cell that was made with its value panicked when it was initialized after a `take`.
#[test]
fn a_cell_that_was_made_with_its_value_is_set() {
    let mut cell = OnceCell::with_value(String::from("a"));
    cell.get_mut().unwrap().push('b');
    assert_eq!(cell.wait(), "ab");
    assert_eq!(format!("{cell:?}"), r#"OnceCell("ab")"#);
    let copy = cell.clone();
    assert_eq!(copy, cell);
    assert_eq!(cell.take().as_deref(), Some("ab"));
    assert_eq!((cell.take(), cell.get_mut()), (None, None));
    assert_ne!(copy, cell);
    assert_eq!(cell, OnceCell::default());
    assert_eq!(cell, cell.clone());
    assert_eq!(format!("{cell:?}"), "OnceCell(<not set>)");
    cell.get_or_init(|| "again".to_owned());
    assert_eq!(cell.wait_timeout(Duration::ZERO).unwrap(), "again");
    cell.assert_quiet();
    assert_eq!(cell.into_inner().as_deref(), Some("again"));
    assert_eq!(OnceCell::<u8>::new().into_inner(), None);
}

/// std's `OnceLock` and `once_cell` run a destructor once, too.
#[test]
fn a_value_is_dropped_once_and_one_that_was_not_set_never() {
    let value = Rc::new(());
    let mut cell = OnceCell::new();
    cell.set(Rc::clone(&value)).unwrap();
    let refused = cell.set(Rc::clone(&value)).unwrap_err();
    assert_eq!(Rc::strong_count(&value), 3);
    drop(refused.into_inner());
    drop(cell.take());
    assert_eq!(Rc::strong_count(&value), 1);
    cell.get_or_init(|| Rc::clone(&value));
    drop(cell);
    drop(OnceCell::<Rc<()>>::new());
    assert_eq!(Rc::strong_count(&value), 1);
}

/// Many come at once; one initializer runs, and everybody gets the same place.
#[test]
fn one_initializer_runs_however_many_ask() {
    let cell = Arc::new(OnceCell::new());
    watched(&cell, || {
        for _ in 0..50 {
            let cell = Arc::new(OnceCell::new());
            let (runs, start) = (Arc::new(AtomicUsize::new(0)), Arc::new(Barrier::new(4)));
            let threads: Vec<_> = (0..4)
                .map(|number| {
                    let (cell, runs, start) =
                        (Arc::clone(&cell), Arc::clone(&runs), Arc::clone(&start));
                    thread::spawn(move || {
                        start.wait();
                        let value: &usize = cell.get_or_init(|| {
                            runs.fetch_add(1, Relaxed);
                            number
                        });
                        core::ptr::from_ref(value).addr()
                    })
                })
                .collect();
            let places: Vec<_> = threads.into_iter().map(|t| t.join().unwrap()).collect();
            assert!(places.iter().all(|place| *place == places[0]));
            assert_eq!(runs.load(Relaxed), 1);
            cell.assert_quiet();
        }
        cell.get_or_init(|| ());
    });
}

/// In order of arrival, each with its own initializer, until one succeeds.
#[test]
fn an_initializer_that_fails_passes_its_turn_on_in_order() {
    let cell = OnceCell::new();
    let order = std::sync::Mutex::new(Vec::new());
    watched(&cell, || {
        thread::scope(|threads| {
            let fail = |number, waits| {
                let (cell, order) = (&cell, &order);
                move || {
                    let result = cell.get_or_try_init(|| {
                        until_waiting(cell, waits);
                        order.lock().unwrap().push(number);
                        if number < 3 { Err(number) } else { Ok(number) }
                    });
                    assert_eq!(result, if number < 3 { Err(number) } else { Ok(&3) });
                }
            };
            cell.get_or_try_init(|| {
                for number in 1..4 {
                    // Each waits until as many stand behind it as there are.
                    threads.spawn(fail(number, 3 - number));
                    until_waiting(&cell, number);
                }
                order.lock().unwrap().push(0);
                Err(())
            })
            .unwrap_err();
        });
    });
    assert_eq!(*order.lock().unwrap(), [0, 1, 2, 3]);
    assert_eq!(cell.get(), Some(&3));
    cell.assert_quiet();
}

/// Trap G2. Nothing is poisoned, unlike std's `Once` and `LazyLock`.
#[test]
fn an_initializer_that_panics_passes_its_turn_on_and_poisons_nothing() {
    let cell = OnceCell::new();
    watched(&cell, || {
        thread::scope(|threads| {
            let panicking = || {
                cell.get_or_init(|| {
                    threads.spawn(|| assert_eq!(cell.get_or_init(|| 7), &7));
                    until_waiting(&cell, 1);
                    panic!("on purpose")
                });
            };
            let panic = catch_unwind(AssertUnwindSafe(panicking)).unwrap_err();
            assert_eq!(said(&*panic), "on purpose");
            assert_eq!(cell.wait(), &7);
        });
    });
    cell.assert_quiet();
}

/// Trap G1.
#[test]
fn an_initializer_that_asks_for_its_own_value_panics_instead_of_hanging() {
    let cell = OnceCell::<u8>::new();
    let asks: [(&str, &dyn Fn() -> u8); 5] = [
        ("get_or_init", &|| *cell.get_or_init(|| 1)),
        ("get_or_try_init", &|| {
            *cell.get_or_try_init(|| Ok::<_, ()>(1)).unwrap()
        }),
        ("get_or_init_timeout", &|| {
            *cell.get_or_init_timeout(SHORT, || 1).unwrap()
        }),
        ("wait", &|| *cell.wait()),
        ("wait_timeout", &|| *cell.wait_timeout(SHORT).unwrap()),
    ];
    watched(&cell, || {
        for (name, ask) in asks {
            let asking = || cell.get_or_init(ask);
            let panic = catch_unwind(AssertUnwindSafe(asking)).unwrap_err();
            assert!(said(&*panic).contains("must not ask"), "{name}");
            assert!(!cell.is_set());
            cell.assert_quiet();
        }
    });
    // What never waits may be asked.
    let value = cell.get_or_init(|| {
        assert_eq!(cell.set(5), Err(SetError::Busy(5)));
        cell.get().copied().unwrap_or(6)
    });
    assert_eq!(value, &6);
}

#[test]
fn an_initializer_may_ask_for_the_value_of_another_cell() {
    let (outer, inner) = (OnceCell::new(), OnceCell::new());
    watched(&outer, || {
        assert_eq!(outer.get_or_init(|| inner.get_or_init(|| 1) + 1), &2);
    });
    assert_eq!(inner.get(), Some(&1));
}

/// Trap A2.
#[test]
fn a_wait_that_expires_leaves_the_line() {
    let cell = OnceCell::<u8>::new();
    watched(&cell, || {
        let start = Instant::now();
        cell.wait_timeout(SHORT).unwrap_err();
        assert!(start.elapsed() >= SHORT);
        cell.wait_timeout(Duration::ZERO).unwrap_err();
        cell.wait_deadline(start).unwrap_err();
        thread::scope(|threads| {
            let failing = || {
                let other = threads.spawn(|| {
                    let start = Instant::now();
                    let unused = || unreachable!("it has no turn");
                    cell.get_or_init_timeout(SHORT, unused).unwrap_err();
                    assert!(start.elapsed() >= SHORT);
                    cell.get_or_init_deadline(start, unused).unwrap_err();
                    cell.get_or_init_timeout(Duration::ZERO, unused)
                        .unwrap_err();
                });
                other.join().unwrap();
                Err(())
            };
            cell.get_or_try_init(failing).unwrap_err();
        });
    });
    cell.assert_quiet();
    assert_eq!(cell.get_or_init_timeout(Duration::ZERO, || 7), Ok(&7));
}

/// Who waits for a value that nobody makes yet does not keep others from making it.
#[test]
fn who_only_waits_stands_in_nobodys_way() {
    let cell = OnceCell::new();
    watched(&cell, || {
        thread::scope(|threads| {
            for _ in 0..3 {
                threads.spawn(|| assert_eq!(cell.wait(), &7));
            }
            until_waiting(&cell, 3);
            cell.get_or_try_init(|| Err(())).unwrap_err();
            assert_eq!(cell.waiting(), 3);
            assert_eq!(cell.get_or_init(|| 7), &7);
        });
    });
    cell.assert_quiet();
}

/// Trap G5: somebody that an initializer has started expects to see what it makes. `get` does not wait for it, `wait` does.
#[test]
fn who_is_started_by_an_initializer_can_wait_for_its_value() {
    let cell = OnceCell::new();
    watched(&cell, || {
        thread::scope(|threads| {
            cell.get_or_init(|| {
                let started = threads.spawn(|| {
                    assert_eq!(cell.get(), None);
                    cell.wait()
                });
                until_waiting(&cell, 1);
                drop(started);
                7
            });
        });
    });
    assert_eq!(cell.get(), Some(&7));
    cell.assert_quiet();
}

#[test]
fn debug_output_waits_for_nobody() {
    let cell = OnceCell::new();
    cell.get_or_init(|| assert_eq!(format!("{cell:?}"), "OnceCell(<not set>)"));
}
