//! `RwLock`: many readers or one writer.

use std::collections::HashMap;

use syncline::task;
use syncline::thread::{RwLock, RwLockUpgradableReadGuard};

pub(crate) fn run() -> super::Outcome {
    let routes = RwLock::new(HashMap::from([("home", 1)]));

    // Readers do not exclude each other, whether threads or tasks.
    let one = routes.read();
    let other = task::block_on(async { routes.as_task().read().await.len() });
    assert_eq!(one.len(), other);
    drop(one);

    // One writer excludes everybody.
    routes.write().insert("about", 2);

    // Look first, and write only if necessary. No other writer comes in between.
    let routes_read = routes.upgradable_read();
    if !routes_read.contains_key("news") {
        let mut routes = RwLockUpgradableReadGuard::upgrade(routes_read);
        routes.insert("news", 3);
    }
    assert_eq!(routes.read().len(), 3);
    println!("3 routes");
    Ok(())
}
