//! `Watch`: the latest value, and a notification when it changes.

use syncline::thread::{self, Watch};

pub(crate) fn run() -> super::Outcome {
    let settings = Watch::new("debug");
    let mut observer = settings.subscribe();

    let reader = thread::spawn(move || {
        // An observer may skip values that were replaced before it looked. It always sees the last one.
        observer
            .wait_for(|level| *level == "error")
            .map(|level| *level)
    });
    settings.send("info");
    settings.send("error");
    assert_eq!(reader.wait()??, "error");

    // When the last `Watch` is dropped, waits for a change end.
    let mut observer = settings.subscribe();
    drop(settings);
    assert!(observer.changed().is_err());
    println!("the level is error");
    Ok(())
}
