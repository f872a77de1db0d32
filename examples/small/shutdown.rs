//! `Shutdown`: end a program in order, in time, and learn what hung.

use std::time::Duration;

use syncline::service::Shutdown;
use syncline::task;

pub(crate) fn run() -> super::Outcome {
    let shutdown = Shutdown::builder()
        .drain("requests") // waits for what is tracked
        .phase("close")
        .deadline(Duration::from_secs(10))
        .build();
    shutdown.on("close", "database", || println!("the database is closed"));
    shutdown.on_async("close", "cache", async { println!("the cache is closed") });

    let request = shutdown.track("GET /")?;
    shutdown.request(); // Ctrl-C does so with `on_signals`, a feature
    assert!(shutdown.track("GET /late").is_err());
    drop(request); // answered

    let report = task::block_on(shutdown.run());
    assert!(report.in_time, "{report}");
    println!("{report}");
    Ok(())
}
