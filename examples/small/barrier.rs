//! `Barrier`: n parties meet, round after round.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use syncline::thread::{self, Barrier};

pub(crate) fn run() -> super::Outcome {
    let (meeting, steps) = (Arc::new(Barrier::new(3)), Arc::new(AtomicU32::new(0)));
    let parties: Vec<_> = (0..3)
        .map(|_| {
            let (meeting, steps) = (Arc::clone(&meeting), Arc::clone(&steps));
            thread::spawn(move || {
                let mut led = 0;
                for round in 1..=10 {
                    steps.fetch_add(1, SeqCst);
                    let arrival = meeting.wait().expect("nobody breaks it");
                    assert!(steps.load(SeqCst) >= 3 * round); // all of this round are here
                    led += u32::from(arrival.is_leader());
                    meeting.wait().expect("nobody breaks it");
                }
                led
            })
        })
        .collect();
    let mut rounds = 0;
    for party in parties {
        rounds += party.wait()?;
    }
    assert_eq!(rounds, 10); // one leader in each round
    println!("ten rounds of three");
    Ok(())
}
