//! `Breaker`: stop calling what keeps failing, and try again after a while.

use std::time::Duration;

use syncline::service::{Breaker, Trip};

pub(crate) fn run() -> super::Outcome {
    let payments = Breaker::builder("payments")
        .trip(Trip::consecutive(3))
        .open_for(Duration::from_secs(30))
        .build();

    let mut calls = 0;
    for _ in 0..10 {
        let outcome = payments.call(|| {
            calls += 1;
            Err::<(), _>("timed out")
        });
        assert!(outcome.is_err());
    }
    // After three failures in a row it is open, and refuses calls for 30 seconds.
    assert_eq!(calls, 3);
    println!("{:?} after {calls} failures", payments.state());

    payments.reset(); // somebody has repaired it
    assert!(payments.call(|| Ok::<_, &str>("paid")).is_ok());
    Ok(())
}
