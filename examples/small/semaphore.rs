//! `Semaphore`: at most n at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use syncline::thread::{Semaphore, ThreadPool};

pub(crate) fn run() -> super::Outcome {
    let connections = Arc::new(Semaphore::new(2));
    let (open, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let pool = ThreadPool::new(4);

    let jobs: Vec<_> = (0..20)
        .map(|_| {
            let (open, most) = (Arc::clone(&open), Arc::clone(&most));
            let connections = Arc::clone(&connections);
            pool.submit(move || {
                let _connection = connections.acquire(); // released when it is dropped
                most.fetch_max(open.fetch_add(1, SeqCst) + 1, SeqCst);
                open.fetch_sub(1, SeqCst);
            })
        })
        .collect();
    for job in jobs {
        job.wait()?;
    }
    assert!(most.load(SeqCst) <= 2);
    assert_eq!(connections.available_permits(), 2);
    println!("four workers, at most two connections");
    Ok(())
}
