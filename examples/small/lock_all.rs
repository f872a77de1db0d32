//! `lock_all`: several locks at once, in one order, so that nobody deadlocks.

use syncline::thread::{self, Lock, lock_all};

static SAVINGS: Lock<i32> = Lock::new(100);
static CURRENT: Lock<i32> = Lock::new(100);

fn transfer(from: &Lock<i32>, to: &Lock<i32>, amount: i32) {
    // Whatever the order of the arguments, both threads lock in the same order.
    let (mut from, mut to) = lock_all((from, to));
    *from -= amount;
    *to += amount;
}

pub(crate) fn run() -> super::Outcome {
    let there = thread::spawn(|| (0..1000).for_each(|_| transfer(&SAVINGS, &CURRENT, 1)));
    let back = thread::spawn(|| (0..1000).for_each(|_| transfer(&CURRENT, &SAVINGS, 1)));
    there.wait()?;
    back.wait()?;
    assert_eq!((*SAVINGS.lock(), *CURRENT.lock()), (100, 100));
    println!("2000 transfers in both directions, and no deadlock");
    Ok(())
}
