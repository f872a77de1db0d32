//! Histories of real threads: there is one moment at which a cell is set, and nobody sees it otherwise.

use crate::watch::watched;
use core::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use core::time::Duration;
use std::sync::Barrier;
use std::thread;
use syncline::internals::Quiet;
use syncline::task::block_on;
use syncline::thread::OnceCell;

const HISTORIES: usize = 400;
const THREADS: usize = 3;

/// What an operation saw, and from when to when it ran.
#[derive(Clone, Copy, Debug)]
struct Saw {
    value: Option<usize>,
    /// Whether it is the one that made this value.
    made: bool,
    begin: usize,
    end: usize,
}

/// Whether there is a moment at which the cell was set: while somebody made the value that all have seen, after every
/// look began that did not see it, and before any look ended that did.
fn is_linearizable(all: &[Saw]) -> bool {
    let Some(maker) = all.iter().find(|saw| saw.made) else {
        return all.iter().all(|saw| saw.value.is_none());
    };
    let mut moment = maker.begin..=maker.end;
    for saw in all {
        moment = match saw.value {
            None => *moment.start().max(&saw.begin)..=*moment.end(),
            Some(value)
                if Some(value) == maker.value && (!saw.made || saw.begin == maker.begin) =>
            {
                *moment.start()..=*moment.end().min(&saw.end)
            }
            Some(_) => return false,
        };
    }
    !moment.is_empty()
}

fn history(round: usize) {
    let cell = OnceCell::new();
    let (clock, start) = (AtomicUsize::new(0), Barrier::new(THREADS));
    let work = |number: usize| {
        let (cell, clock, start) = (&cell, &clock, &start);
        move || {
            let mut all = Vec::new();
            start.wait();
            for turn in 0..4 {
                let (id, mut made) = (10 * number + turn, false);
                let begin = clock.fetch_add(1, SeqCst);
                let mut initializer = |succeeds: bool| {
                    made = succeeds;
                    if succeeds { Ok(id) } else { Err(()) }
                };
                let value = match (round + turn + number) % 6 {
                    0 => cell.get().copied(),
                    1 => cell.wait_timeout(Duration::ZERO).ok().copied(),
                    2 => {
                        made = cell.set(id).is_ok();
                        made.then_some(id)
                    }
                    3 => block_on(cell.as_task().get_or_try_init(async || initializer(false)))
                        .ok()
                        .copied(),
                    4 => cell.get_or_try_init(|| initializer(turn > 1)).ok().copied(),
                    _ => cell.get_or_try_init(|| initializer(false)).ok().copied(),
                };
                let end = clock.fetch_add(1, SeqCst);
                // Who has set in vain has seen nothing.
                if value.is_some() || (round + turn + number) % 6 != 2 {
                    all.push(Saw {
                        value,
                        made,
                        begin,
                        end,
                    });
                }
            }
            all
        }
    };
    let all: Vec<Saw> = thread::scope(|threads| {
        let threads: Vec<_> = (0..THREADS).map(|n| threads.spawn(work(n))).collect();
        let all = threads.into_iter().map(|thread| thread.join().unwrap());
        all.collect::<Vec<_>>().concat()
    });
    assert!(is_linearizable(&all), "{all:?}");
    cell.assert_quiet();
}

#[test]
fn a_cell_is_set_at_one_moment_however_its_threads_interleave() {
    watched(&"histories of a cell", || (0..HISTORIES).for_each(history));
}

#[test]
fn the_check_of_histories_refuses_what_cannot_be() {
    let saw = |value, made, begin, end| Saw {
        value,
        made,
        begin,
        end,
    };
    let made = saw(Some(1), true, 2, 5);
    assert!(is_linearizable(&[made, saw(None, false, 3, 4)]));
    assert!(is_linearizable(&[made, saw(Some(1), false, 0, 3)]));
    assert!(!is_linearizable(&[made, saw(None, false, 6, 7)]));
    assert!(!is_linearizable(&[made, saw(Some(1), false, 0, 1)]));
    assert!(!is_linearizable(&[made, saw(Some(2), false, 6, 7)]));
    assert!(!is_linearizable(&[made, saw(Some(2), true, 6, 7)]));
    let (late, early) = (saw(None, false, 4, 9), saw(Some(1), false, 0, 3));
    assert!(!is_linearizable(&[made, late, early]));
}
