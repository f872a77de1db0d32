//! `ThreadPool`: closures and futures on a few threads.

use syncline::task;
use syncline::thread::ThreadPool;

pub(crate) fn run() -> super::Outcome {
    let pool = ThreadPool::new(2);

    let sum = pool.submit(|| (1..=1000).sum::<u32>());
    let length = pool.spawn(async { "future".len() });
    assert_eq!((sum.wait()?, task::block_on(length)?), (500_500, 6));

    // One function over many items, results in order.
    let squares: Result<Vec<u32>, _> = pool.map(1..=4, |n| n * n).collect();
    assert_eq!(squares?, [1, 4, 9, 16]);

    // Jobs that borrow from the stack end when the scope ends.
    let mut words = ["one", "two"].map(String::from);
    pool.scope(|scope| {
        for word in &mut words {
            scope.submit(|| word.make_ascii_uppercase()).detach();
        }
    });
    println!("{}", words.join(" "));
    Ok(()) // the drop of the pool waits for its work
}
