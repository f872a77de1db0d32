//! Cells whose initializers run on a pool, and use it.

use core::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::sync::Arc;

use crate::watch::{until_waiting, watched};
use syncline::JobError;
use syncline::thread::{OnceCell, ThreadPool};

/// All workers wait for a value whose initializer fans out on the same pool: they are stood in for.
#[test]
fn an_initializer_may_fan_out_on_the_pool_on_which_others_wait_for_it() {
    for workers in [1, 2] {
        let pool = Arc::new(ThreadPool::new(workers));
        let cell = Arc::new(OnceCell::<u64>::new());
        watched(&pool, || {
            let ask = |number: usize| {
                let (pool, cell) = (Arc::clone(&pool), Arc::clone(&cell));
                Arc::clone(&pool).submit(move || match number % 2 {
                    0 => *cell.wait(),
                    _ => *cell.get_or_init(|| {
                        let parts: Vec<_> =
                            (0..8_u64).map(|part| pool.submit(move || part)).collect();
                        parts.into_iter().map(|part| part.wait().unwrap()).sum()
                    }),
                })
            };
            let jobs: Vec<_> = (0..8).map(ask).collect();
            for job in jobs {
                assert_eq!(job.wait().unwrap(), 28);
            }
        });
    }
}

/// A worker does the job for which its own initializer waits on the spot, as somebody else; and yet the job is inside.
#[test]
fn a_job_that_an_initializer_waits_for_must_not_ask_for_its_value() {
    let pool = Arc::new(ThreadPool::new(1));
    let cell = Arc::new(OnceCell::<u8>::new());
    watched(&pool, || {
        let job = pool.submit({
            let (pool, cell) = (Arc::clone(&pool), Arc::clone(&cell));
            move || {
                let initializer = || {
                    let asks = pool.submit({
                        let cell = Arc::clone(&cell);
                        move || *cell.get_or_init(|| 1)
                    });
                    match asks.wait() {
                        Err(JobError::Panicked(_)) => 2,
                        other => panic!("{other:?}"),
                    }
                };
                *cell.get_or_init(initializer)
            }
        });
        assert_eq!(job.wait().unwrap(), 2);
    });
}

#[test]
fn an_initializer_that_panics_passes_its_turn_on_to_a_worker() {
    let pool = Arc::new(ThreadPool::new(1));
    let cell = Arc::new(OnceCell::<u8>::new());
    watched(&pool, || {
        let first = || {
            cell.get_or_init(|| {
                let next = Arc::clone(&cell);
                pool.submit(move || *next.get_or_init(|| 2)).detach();
                until_waiting(&*cell, 1);
                panic!("on purpose")
            });
        };
        catch_unwind(AssertUnwindSafe(first)).unwrap_err();
        assert_eq!(cell.wait(), &2);
    });
}
