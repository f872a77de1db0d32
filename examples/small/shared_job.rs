//! `Job::shared`: one outcome that many threads and tasks wait for.

use syncline::task;
use syncline::thread::{self, ThreadPool};

pub(crate) fn run() -> super::Outcome {
    let pool = ThreadPool::new(1);
    let page = pool.submit(|| "a page".to_owned()).shared();

    let theirs = page.clone();
    let reader = thread::spawn(move || theirs.wait());
    let ours = task::block_on(page.clone())?; // a clone of the value
    assert_eq!(reader.wait()??, ours);
    println!("two readers of {ours}");
    Ok(())
}
