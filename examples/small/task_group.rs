//! `TaskGroup`: children on other threads that end before their parent does.

use syncline::task::{self, TaskGroup};
use syncline::thread::ThreadPool;

async fn fetch(page: u32) -> Result<u32, String> {
    task::yield_now().await; // asks a server
    if page < 3 {
        Ok(page * 10)
    } else {
        Err(format!("there is no page {page}"))
    }
}

pub(crate) fn run() -> super::Outcome {
    let pool = ThreadPool::new(2);
    task::block_on(async {
        let sum = TaskGroup::run(&pool, async |group| {
            let (one, two) = (group.spawn(fetch(1)), group.spawn(fetch(2)));
            Ok::<_, String>(one.await.unwrap_or(0) + two.await.unwrap_or(0))
        });
        assert_eq!(sum.await, Ok(30));

        // The first failure cancels the others, and is returned.
        let failed = TaskGroup::run(&pool, async |group| {
            group.spawn_named("page 7", fetch(7)).detach();
            std::future::pending::<()>().await;
            Ok::<_, String>(())
        });
        println!("{}", failed.await.unwrap_err());
    });
    Ok(())
}
