//! A program of threads that embeds async code, and an async program that embeds threads: started
//! and stopped a thousand times, with nothing left behind.

use core::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use core::time::Duration;
use std::sync::Arc;

use crate::watch::{until, watched};
use syncline::bridge::{Requests, Runner, to_thread};
use syncline::task::{self, TaskGroup, block_on};
use syncline::thread::{self, Queue, ThreadPool};
use syncline::{Job, PoolShutdown, Shutdown};

const ROUNDS: usize = 1000;

/// The names of the threads of this process, where the system tells, but for those that are there
/// for all: whoever makes calls that block, at most as many as there are calls at once.
fn threads() -> Vec<String> {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten();
    let names =
        tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok());
    let (shared, mut own): (Vec<_>, Vec<_>) = names.partition(|name| name.starts_with("to_thread"));
    assert!(shared.len() <= 4, "{shared:?}");
    own.sort_unstable();
    own
}

/// Runs something in a process of its own, where nobody else starts threads, and expects as many threads after it
/// as there were after its first round.
fn alone(test: &str, round: impl Fn(usize)) {
    if std::env::var_os("SYNCLINE_ALONE").is_none() {
        let exe = std::env::current_exe().unwrap();
        let output = std::process::Command::new(exe)
            .args([
                &format!("embedding::{test}"),
                "--exact",
                "--nocapture",
                "--test-threads=1",
            ])
            .env("SYNCLINE_ALONE", "1")
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{said}\n{told}");
        assert!(said.contains("1 passed"), "{said}");
        return;
    }
    watched(&test, || {
        round(0);
        // The timer stays.
        let before = threads();
        (1..ROUNDS).for_each(&round);
        until("no thread is left over", || threads() == before);
    });
}

/// Threads hand requests to async code on a runner, which is stopped while some still wait.
fn a_program_of_threads(round: usize) {
    let runner = Runner::start().unwrap();
    let (caller, responder) = Requests::<usize, usize>::new(2);
    let served = Arc::new(AtomicUsize::new(0));
    let counts = Arc::clone(&served);
    let serving = runner.spawn_named("server", async move {
        while let Ok(request) = responder.receive().await {
            if *request % 3 == 0 {
                task::sleep(Duration::ZERO).await;
            }
            let answer = *request + 1;
            counts.fetch_add(1, SeqCst);
            request.reply(answer).unwrap();
        }
    });
    let clients: Vec<Job<usize>> = (0..3)
        .map(|client| {
            let caller = caller.clone();
            thread::spawn_named(format!("client {client}"), move || {
                (0..4)
                    .filter(|n| caller.call(*n).wait() == Ok(*n + 1))
                    .count()
            })
        })
        .collect();
    let answered: usize = clients
        .into_iter()
        .map(|client| client.wait().unwrap())
        .sum();
    assert_eq!((answered, served.load(SeqCst)), (12, 12));
    if round % 2 == 0 {
        // The gentle end: no caller is left.
        drop(caller);
        serving.wait().unwrap();
        runner.drain(None).unwrap();
    } else {
        runner.stop(None).unwrap();
        assert!(serving.is_cancelled());
        // It took its end with it.
        assert!(caller.is_closed());
    }
}

/// Tasks hand work to threads: a pool, a thread of its own with a queue, and calls that block.
fn an_async_program(round: usize) {
    let pool = ThreadPool::new(1);
    let lines = Arc::new(Queue::bounded(2));
    let writer = {
        let lines = Arc::clone(&lines);
        thread::spawn_named("writer", move || lines.iter().sum::<usize>())
    };
    let sum = block_on(TaskGroup::run(&pool, async |group| {
        for child in 0..3_usize {
            let lines = Arc::clone(&lines);
            let job = group.spawn_named(format!("child {child}"), async move {
                let square = to_thread(move || child * child).await.unwrap();
                lines.as_task().put(square).await.map_err(|_| "closed")
            });
            job.detach();
        }
        if round % 2 == 0 {
            let slow = task::sleep(Duration::from_micros(50));
            group
                .spawn_named("slow", async {
                    slow.await;
                    Ok(())
                })
                .detach();
        }
        Ok::<_, &str>(())
    }));
    sum.unwrap();
    lines.shutdown(Shutdown::Graceful);
    assert_eq!(block_on(writer).unwrap(), 1 + 4);
    pool.shutdown(PoolShutdown::Drain);
}

#[test]
fn a_program_of_threads_embeds_async_code_a_thousand_times() {
    alone(
        "a_program_of_threads_embeds_async_code_a_thousand_times",
        a_program_of_threads,
    );
}

#[test]
fn an_async_program_embeds_threads_a_thousand_times() {
    alone(
        "an_async_program_embeds_threads_a_thousand_times",
        an_async_program,
    );
}
