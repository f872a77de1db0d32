//! `gather`, `try_gather`, `race`, `as_completed`: several futures in one task.

use std::time::Duration;

use syncline::task::{self, as_completed, gather, race, sleep, try_gather};

async fn answer(name: &'static str, after: u64) -> &'static str {
    sleep(Duration::from_millis(after)).await;
    name
}

pub(crate) fn run() -> super::Outcome {
    task::block_on(async {
        // All results, in order.
        assert_eq!(
            gather([answer("slow", 3), answer("fast", 1)]).await,
            ["slow", "fast"]
        );

        // The first result. The others are dropped.
        let hangs = async { std::future::pending::<&str>().await };
        assert_eq!(race((answer("fast", 1), hangs)).await, "fast");

        // The first error ends the rest.
        let fails = async |n: u32| if n == 2 { Err(n) } else { Ok(n) };
        assert_eq!(try_gather((0..4).map(fails)).await, Err(2));

        // As they come.
        let mut results = as_completed([answer("a", 1), answer("b", 2)]);
        while let Some((index, name)) = results.next().await {
            println!("number {index} is {name}");
        }
    });
    Ok(())
}
