//! Cancel tokens.

use core::hint::black_box;
use core::time::Duration;

use syncline::service::CancelToken;
use tokio_util::sync::CancellationToken;

use super::repeat::repeat;
use crate::cell::{Cell, Effort, Sample, peers};
use crate::stopwatch::Stopwatch;

/// As many as the goal speaks of.
const CHILDREN: u64 = 100_000;

/// What the cells ask of a token.
trait Token: Sized {
    fn root() -> Self;
    fn below(&self) -> Self;
    fn is_over(&self) -> bool;
    fn end(&self);
}

macro_rules! token {
    ($type:ty, $child:ident) => {
        impl Token for $type {
            fn root() -> Self {
                Self::new()
            }

            fn below(&self) -> Self {
                self.$child()
            }

            fn is_over(&self) -> bool {
                self.is_cancelled()
            }

            fn end(&self) {
                self.cancel();
            }
        }
    };
}
token!(CancelToken, child);
token!(CancellationToken, child_token);

macro_rules! tokens {
    ($cell:expr, $type:ident => $body:expr) => {
        peers!($cell, $type => $body, {
            "syncline" => CancelToken,
            "tokio-util" => CancellationToken,
        })
    };
}

/// The cells about tokens.
pub(super) fn cells() -> Vec<Cell> {
    vec![
        tokens!(
            Cell::counted("token/check", 5, "is_cancelled() of a child that is not")
                .with_instructions(),
            T => |effort| {
                let token = T::root().below();
                repeat(effort, || {
                    black_box(black_box(&token).is_over());
                })
            }
        ),
        tokens!(
            Cell::counted("token/child", 5, "make a child and drop it, one thread")
                .with_instructions(),
            T => |effort| {
                let token = T::root();
                repeat(effort, || drop(black_box(black_box(&token).below())))
            }
        ),
        tokens!(
            Cell::counted(
                format!("token/cancel/{CHILDREN}"),
                5,
                "cancel a token with 100,000 children, per child"
            )
            .at_least(CHILDREN),
            T => |effort| cancel(effort, wide::<T>)
        ),
        tokens!(
            Cell::counted(
                format!("token/cancel_chain/{CHILDREN}"),
                5,
                "cancel the first of 100,000 tokens, each a child of the one before, per token"
            )
            .at_least(CHILDREN),
            T => |effort| cancel(effort, deep::<T>)
        ),
    ]
}

/// A token and its children.
fn wide<T: Token>() -> (T, Vec<T>) {
    let root = T::root();
    let children = (0..CHILDREN).map(|_| root.below()).collect();
    (root, children)
}

/// A token and those below it, each below the one before.
fn deep<T: Token>() -> (T, Vec<T>) {
    let root = T::root();
    let mut tokens = vec![root.below()];
    for last in 1..CHILDREN as usize {
        tokens.push(tokens[last - 1].below());
    }
    (root, tokens)
}

/// Cancels whole trees, whose making and dropping is not timed.
fn cancel<T: Token>(effort: &Effort, tree: impl Fn() -> (T, Vec<T>)) -> Sample {
    let rounds = effort.ops.div_ceil(CHILDREN);
    let mut elapsed = Duration::ZERO;
    for _ in 0..rounds {
        let (root, below) = tree();
        let start = Stopwatch::start();
        root.end();
        elapsed += start.elapsed();
        assert!(below.iter().all(Token::is_over), "all are cancelled");
    }
    Sample::new(elapsed, rounds * CHILDREN)
}
