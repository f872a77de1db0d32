//! `JobSet`: jobs with keys, taken out as they end, while more are added.

use syncline::JobSet;
use syncline::thread::ThreadPool;

pub(crate) fn run() -> super::Outcome {
    let pool = ThreadPool::new(2);
    let mut chapters = JobSet::new();
    chapters.add("one", pool.submit(|| 12));
    chapters.add("two", pool.submit(|| 30));

    let mut pages = 0;
    while let Some((chapter, length)) = chapters.wait_next() {
        pages += length?;
        if chapter == "two" {
            chapters.add("appendix", pool.submit(|| 8));
        }
    }
    assert_eq!(pages, 50);
    println!("50 pages");
    Ok(())
}
