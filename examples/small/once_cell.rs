//! `OnceCell`: a value that is computed once, by the first caller that needs it.

use syncline::task;
use syncline::thread::{self, OnceCell};

static CONFIG: OnceCell<String> = OnceCell::new();

fn config() -> Result<&'static String, std::num::ParseIntError> {
    // One that fails is tried again by the next who asks.
    CONFIG.get_or_try_init(|| "80".parse::<u16>().map(|port| format!("port {port}")))
}

pub(crate) fn run() -> super::Outcome {
    let one = thread::spawn(|| config().map(String::len));
    let other = config()?;
    assert_eq!(one.wait()??, other.len());

    // A task that comes later finds it. If it came first, it could await the initializer.
    let same = task::block_on(CONFIG.as_task().get_or_init(async || unreachable!()));
    assert!(std::ptr::eq(same, other));
    println!("{same}");
    Ok(())
}
