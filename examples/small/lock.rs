//! `Lock`: one thread or task at a time, around data.

use std::sync::Arc;
use std::time::Duration;

use syncline::task;
use syncline::thread::{self, Lock};

pub(crate) fn run() -> super::Outcome {
    let account = Arc::new(Lock::new(100));

    // Threads block. The guard unlocks when it is dropped.
    let theirs = Arc::clone(&account);
    let deposit = thread::spawn(move || *theirs.lock() += 50);
    deposit.wait()?;

    // A task awaits the same lock, here with a timeout.
    task::block_on(async {
        let mut balance = account
            .as_task()
            .lock_timeout(Duration::from_secs(1))
            .await?;
        *balance -= 30;
        Ok::<_, syncline::TimedOut>(())
    })?;

    // `try_lock` does not wait.
    let balance = account.try_lock().map(|balance| *balance);
    assert_eq!(balance, Some(120));
    println!("the balance is 120");
    Ok(())
}
