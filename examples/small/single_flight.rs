//! `SingleFlight`: one call for all who ask for the same key at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::time::Duration;

use syncline::thread::{self, Barrier, SingleFlight};

pub(crate) fn run() -> super::Outcome {
    let flights = Arc::new(SingleFlight::new());
    let (calls, start) = (Arc::new(AtomicU32::new(0)), Arc::new(Barrier::new(4)));
    let readers: Vec<_> = (0..4)
        .map(|_| {
            let (flights, calls) = (Arc::clone(&flights), Arc::clone(&calls));
            let start = Arc::clone(&start);
            thread::spawn(move || {
                start.wait().expect("nobody breaks it");
                flights.work("user 7", || {
                    calls.fetch_add(1, SeqCst);
                    std::thread::sleep(Duration::from_millis(20)); // a slow server
                    "Hypatia"
                })
            })
        })
        .collect();
    for reader in readers {
        assert_eq!(reader.wait()?, "Hypatia");
    }
    // Usually one. Whoever comes after the call has ended makes another one: it is no cache.
    println!("4 readers, {} calls", calls.load(SeqCst));
    Ok(())
}
