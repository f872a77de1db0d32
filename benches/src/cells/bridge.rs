//! The other side: a call on another thread, a future on another thread, a question and its answer.

use core::future::Future;
use core::hint::black_box;
use core::pin::Pin;
use core::time::Duration;
use std::thread;
use std::time::Instant;

use syncline::bridge::{Requests, Runner, to_thread};
use syncline::task::block_on;
use syncline::thread::ThreadPool;
use tokio::runtime::{Builder, Runtime};

use crate::cell::{Cell, Effort, Sample};
use crate::executor::{on_tokio, round_robin};
use crate::peers::{Answering, Asking, AsyncAnswering, AsyncAsking};
use crate::place;
use crate::stopwatch::Stopwatch;

/// How many go before those that are measured.
const WARM: u64 = 100;
/// The numbers from here on are fetched to warm up.
const WARMING: u64 = 1 << 32;
/// How many questions may lie unheard. One lies at a time.
const ROOM: usize = 16;

/// The cells about the bridge.
pub(super) fn cells() -> Vec<Cell> {
    vec![
        to_thread_cell(),
        runner_cell(),
        thread_thread_cell(),
        thread_task_cell(),
        task_thread_cell(),
        task_task_cell(),
        task_task_tokio_cell(),
    ]
}

fn current_thread() -> Runtime {
    (Builder::new_current_thread().build()).expect("a runtime without drivers needs nothing")
}

/// A call that ends at once, and its result; one after the other.
async fn calls<F: Future<Output = u64>>(effort: &Effort, call: impl Fn(u64) -> F) -> Sample {
    for number in WARMING..WARMING + WARM {
        assert_eq!(call(number).await, number);
    }
    let start = Instant::now();
    for number in 0..effort.ops {
        assert_eq!(call(black_box(number)).await, number);
    }
    Sample::new(start.elapsed(), effort.ops)
}

/// What is called on the other thread. That belongs to the whole process with some peers, and takes
/// its place when it is first called.
fn fetch(number: u64) -> u64 {
    if number >= WARMING {
        place::join(1);
    }
    number
}

async fn ours(number: u64) -> u64 {
    to_thread(move || fetch(number))
        .await
        .expect("no call panics")
}

async fn unblock(number: u64) -> u64 {
    blocking::unblock(move || fetch(number)).await
}

fn to_thread_cell() -> Cell {
    let about = "a task has a number fetched by a call on another thread; warm pools";
    Cell::counted("bridge/to_thread", 20, about)
        .of_threads()
        .peer("syncline", |effort| block_on(calls(effort, ours)))
        .peer("syncline:tokio", |effort| {
            current_thread().block_on(calls(effort, ours))
        })
        .peer("syncline:pool", |effort| {
            let pool = ThreadPool::new(2);
            let call = async |number| {
                pool.submit(move || fetch(number))
                    .await
                    .expect("no call panics")
            };
            block_on(calls(effort, call))
        })
        .peer("tokio", |effort| {
            let call = async |number| {
                let call = tokio::task::spawn_blocking(move || fetch(number));
                call.await.expect("no call panics")
            };
            current_thread().block_on(calls(effort, call))
        })
        .peer("tokio:our_block_on", |effort| {
            let runtime = current_thread();
            let call = async |number| {
                let call = runtime.spawn_blocking(move || fetch(number));
                call.await.expect("no call panics")
            };
            block_on(calls(effort, call))
        })
        .peer("blocking", |effort| {
            futures::executor::block_on(calls(effort, unblock))
        })
        .peer("blocking:our_block_on", |effort| {
            block_on(calls(effort, unblock))
        })
        .peer("blocking:tokio", |effort| {
            current_thread().block_on(calls(effort, unblock))
        })
}

/// A future that is ready at once, polled elsewhere; one after the other.
fn runs(effort: &Effort, run: impl Fn(u64) -> u64) -> Sample {
    for number in 0..WARM {
        assert_eq!(run(number), number);
    }
    place::settle();
    let start = Instant::now();
    for number in 0..effort.ops {
        assert_eq!(run(black_box(number)), number);
    }
    Sample::new(start.elapsed(), effort.ops)
}

fn runner_cell() -> Cell {
    let about = "a thread has a ready future polled by another thread, and waits for its output";
    Cell::counted("bridge/runner_run", 20, about)
        .of_threads()
        .peer("syncline", |effort| {
            let runner = Runner::start().expect("there is a thread");
            runs(effort, |number| {
                runner
                    .run(async move { number })
                    .expect("it does not panic")
            })
        })
        .peer("tokio:block_on", |effort| {
            let runtime =
                (Builder::new_multi_thread().worker_threads(1).build()).expect("there is a thread");
            runs(effort, |number| {
                let join = runtime.spawn(async move { number });
                runtime.block_on(join).expect("it does not panic")
            })
        })
        .peer("tokio:our_wait", |effort| {
            let runtime =
                (Builder::new_multi_thread().worker_threads(1).build()).expect("there is a thread");
            runs(effort, |number| {
                let join = runtime.spawn(async move { number });
                block_on(join).expect("it does not panic")
            })
        })
        .peer("crossbeam-channel", by_hand)
}

/// What one writes by hand: a thread that polls the futures of a channel, each with a one-shot channel
/// for its output.
fn by_hand(effort: &Effort) -> Sample {
    type Boxed = Pin<Box<dyn Future<Output = ()> + Send>>;

    let (sender, futures) = crossbeam_channel::unbounded::<Boxed>();
    let thread = thread::spawn(move || {
        for future in futures {
            futures::executor::block_on(future);
        }
    });
    let sample = runs(effort, |number| {
        let (to, output) = oneshot::channel();
        let future = async move { to.send(number).expect("somebody waits") };
        sender.send(Box::pin(future)).expect("the thread lives");
        output.recv().expect("it does not panic")
    });
    drop(sender);
    thread.join().expect("no future panics");
    sample
}

fn ask(effort: &Effort, mut asks: impl Asking) -> Sample {
    (0..WARM).for_each(|question| assert_eq!(asks.ask(question), question + 1));
    place::settle();
    let start = Instant::now();
    for question in 0..effort.ops {
        assert_eq!(asks.ask(black_box(question)), question + 1);
    }
    Sample::new(start.elapsed(), effort.ops)
}

/// The time on the wall; `alone`, with the answers on the same thread, what that computes.
async fn ask_async(effort: &Effort, mut asks: impl AsyncAsking, alone: bool) -> Sample {
    for question in 0..WARM {
        assert_eq!(asks.ask(question).await, question + 1);
    }
    place::settle();
    let (start, computes) = (Instant::now(), Stopwatch::start());
    for question in 0..effort.ops {
        assert_eq!(asks.ask(black_box(question)).await, question + 1);
    }
    let elapsed = if alone {
        computes.elapsed()
    } else {
        start.elapsed()
    };
    Sample::new(elapsed, effort.ops)
}

/// Asks here, while another thread answers.
fn beside(asks: impl FnOnce() -> Sample, answers: impl FnOnce() + Send + 'static) -> Sample {
    let thread = thread::spawn(answers);
    let sample = asks();
    thread.join().expect("all have been answered");
    sample
}

fn thread_thread<A: Asking>(effort: &Effort, (asks, answers): (A, impl Answering)) -> Sample {
    beside(|| ask(effort, asks), || answers.answer_all())
}

fn thread_task<A: Asking>(effort: &Effort, (asks, answers): (A, impl AsyncAnswering)) -> Sample {
    beside(|| ask(effort, asks), || block_on(answers.answer_all()))
}

fn task_thread<A: AsyncAsking>(effort: &Effort, (asks, answers): (A, impl Answering)) -> Sample {
    beside(
        || block_on(ask_async(effort, asks, false)),
        || answers.answer_all(),
    )
}

/// What two tasks of one thread do; the one that asks leaves its sample.
fn two_tasks<A: AsyncAsking, B: AsyncAnswering>(
    effort: &Effort,
    (asks, answers): (A, B),
    executor: impl FnOnce(Vec<Pin<Box<dyn Future<Output = ()> + Send>>>) -> Duration,
) -> Sample {
    let (effort, (sender, sample)) = (*effort, oneshot::channel());
    executor(vec![
        Box::pin(answers.answer_all()),
        Box::pin(async move {
            let sample = ask_async(&effort, asks, true).await;
            sender.send(sample).expect("somebody waits");
        }),
    ]);
    sample.recv().expect("it has been sent")
}

fn boxed(
    tasks: Vec<Pin<Box<dyn Future<Output = ()> + Send>>>,
) -> Vec<Pin<Box<impl Future<Output = ()> + Send>>> {
    tasks.into_iter().map(Box::pin).collect()
}

fn task_task<A: AsyncAsking, B: AsyncAnswering>(effort: &Effort, ends: (A, B)) -> Sample {
    two_tasks(effort, ends, |tasks| round_robin(boxed(tasks)))
}

fn task_task_tokio<A: AsyncAsking, B: AsyncAnswering>(effort: &Effort, ends: (A, B)) -> Sample {
    two_tasks(effort, ends, |tasks| {
        on_tokio(Stopwatch::start, boxed(tasks))
    })
}

/// kanal's end for threads that asks, and that for tasks which answers.
fn thread_to_task<T>(
    (asks, answers): (kanal::Sender<T>, kanal::Receiver<T>),
) -> (kanal::Sender<T>, kanal::AsyncReceiver<T>) {
    (asks, answers.to_async())
}

fn task_to_thread<T>(
    (asks, answers): (kanal::Sender<T>, kanal::Receiver<T>),
) -> (kanal::AsyncSender<T>, kanal::Receiver<T>) {
    (asks.to_async(), answers)
}

/// Adds the peers that both threads and tasks can use: what to do, and how kanal's ends are made.
macro_rules! requests {
    ($cell:expr, $measure:ident, $kanal:expr) => {
        $cell
            .peer("syncline", |effort| {
                $measure(effort, Requests::<u64, u64>::new(ROOM))
            })
            .peer("tokio", |effort| {
                $measure(effort, tokio::sync::mpsc::channel(ROOM))
            })
            .peer("flume", |effort| $measure(effort, flume::bounded(ROOM)))
            .peer("kanal", |effort| $measure(effort, $kanal))
    };
}

fn thread_thread_cell() -> Cell {
    let about = "a thread asks, a thread answers";
    let cell = Cell::counted("bridge/requests/thread_thread", 20, about).of_threads();
    requests!(cell, thread_thread, kanal::bounded(ROOM)).peer("crossbeam-channel", |effort| {
        thread_thread(effort, crossbeam_channel::bounded(ROOM))
    })
}

fn thread_task_cell() -> Cell {
    let about = "a thread asks, a task of another thread answers";
    let cell = Cell::counted("bridge/requests/thread_task", 20, about).of_threads();
    requests!(cell, thread_task, thread_to_task(kanal::bounded(ROOM)))
}

fn task_thread_cell() -> Cell {
    let about = "a task asks, another thread answers";
    let cell = Cell::counted("bridge/requests/task_thread", 20, about).of_threads();
    requests!(cell, task_thread, task_to_thread(kanal::bounded(ROOM)))
}

fn task_task_cell() -> Cell {
    let about = "a task asks, a task of the same thread answers";
    let cell = Cell::counted("bridge/requests/task_task", 5, about);
    requests!(cell, task_task, kanal::bounded_async(ROOM))
}

fn task_task_tokio_cell() -> Cell {
    let about = "the same on tokio's current-thread runtime";
    let cell = Cell::counted("bridge/requests/task_task_tokio", 5, about);
    requests!(cell, task_task_tokio, kanal::bounded_async(ROOM))
}
