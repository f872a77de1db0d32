//! Waits for I/O: many sockets, of each of which a thread or a task awaits the next byte.
//!
//! A round trip of the cell: the measuring thread writes a byte into every socket, and gets from one
//! queue what all have read. Whoever reads is started before.

use core::any::Any;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Instant;

use async_io::Async;
use syncline::thread::{Queue, ThreadPool};
use tokio::runtime::Builder;

use crate::cell::{Cell, Effort, Sample};
use crate::peers::WORKERS;
use crate::place;

/// Why a socket can be read until its other end is dropped.
const OPEN: &str = "the other end is written to, and then dropped";

/// The cells about I/O.
pub(super) fn cells() -> Vec<Cell> {
    let cell = |sockets: usize| {
        let about = "a byte written into each of n sockets, read by n threads or tasks, per byte";
        Cell::counted(format!("io/{sockets}"), 20, about)
            .at_least(sockets as u64)
            .of_threads()
            .peer("syncline:threads", move |effort| {
                exchange(effort, sockets, threads_into_queue)
            })
            .peer("syncline:tasks", move |effort| {
                exchange(effort, sockets, tasks_into_queue)
            })
            .peer("syncline:both", move |effort| {
                exchange(effort, sockets, |mut readers| {
                    let tasks = readers.split_off(readers.len() / 2);
                    let queue = Arc::new(Queue::unbounded());
                    let threads = start_threads(readers, &queue);
                    let pool = start_tasks(tasks, &queue);
                    (get_from(queue), Box::new((threads, pool)))
                })
            })
            .peer("std:threads", move |effort| {
                exchange(effort, sockets, threads_into_channel)
            })
            .peer("tokio:tasks", move |effort| {
                exchange(effort, sockets, tasks_of_tokio)
            })
    };
    [10, 100, 1_000].map(cell).into()
}

/// Gets what the next reader has read.
type Get = Box<dyn FnMut() -> u8>;

/// Joins or stops the readers, whose sockets have been closed, when it is dropped.
type Readers = Box<dyn Any>;

/// Threads that are joined when they are dropped.
struct Threads(Vec<JoinHandle<()>>);

impl Drop for Threads {
    fn drop(&mut self) {
        for thread in self.0.drain(..) {
            thread.join().expect("a reader does not panic");
        }
    }
}

/// Writes into all sockets, and gets as many bytes, again and again.
fn exchange(
    effort: &Effort,
    sockets: usize,
    start: impl Fn(Vec<UnixStream>) -> (Get, Readers),
) -> Sample {
    let pairs = (0..sockets).map(|_| UnixStream::pair().expect("there are enough descriptors"));
    let (mut writers, readers): (Vec<_>, Vec<_>) = pairs.unzip();
    let (mut get, readers) = start(readers);
    let mut round_trip = |byte: u8| {
        for writer in &mut writers {
            writer.write_all(&[byte]).expect("its reader lives");
        }
        for _ in 0..sockets {
            assert_eq!(byte, get(), "a reader was left behind");
        }
    };
    round_trip(1);
    place::settle();
    round_trip(2);
    let rounds = effort.ops.div_ceil(sockets as u64);
    let start = Instant::now();
    for _ in 0..rounds {
        round_trip(3);
    }
    let sample = Sample::new(start.elapsed(), rounds * sockets as u64);
    drop(writers);
    drop(readers);
    sample
}

/// Reads until the other end is closed, on a thread.
fn read_all(mut reader: UnixStream, mut put: impl FnMut(u8)) {
    let mut byte = [0];
    while reader.read(&mut byte).expect(OPEN) == 1 {
        put(byte[0]);
    }
}

fn start_threads(readers: Vec<UnixStream>, queue: &Arc<Queue<u8>>) -> Threads {
    let start = |reader| {
        let queue = Arc::clone(queue);
        thread::spawn(move || read_all(reader, |byte| queue.put(byte).expect("it stays open")))
    };
    Threads(readers.into_iter().map(start).collect())
}

/// The other side of the same queue is for tasks.
fn start_tasks(readers: Vec<UnixStream>, queue: &Arc<Queue<u8>>) -> ThreadPool {
    let pool = ThreadPool::new(WORKERS);
    for reader in readers {
        let reader = Async::new(reader).expect("a socket need not block");
        let queue = Arc::clone(queue);
        let read = async move {
            let mut byte = [0];
            loop {
                let read = reader.read_with(|mut socket| socket.read(&mut byte));
                if read.await.expect(OPEN) == 0 {
                    return;
                }
                let put = queue.as_task().put(byte[0]);
                put.await.expect("it stays open");
            }
        };
        pool.spawn(read).detach();
    }
    pool
}

fn get_from(queue: Arc<Queue<u8>>) -> Get {
    Box::new(move || queue.get().expect("it stays open"))
}

fn threads_into_queue(readers: Vec<UnixStream>) -> (Get, Readers) {
    let queue = Arc::new(Queue::unbounded());
    let threads = start_threads(readers, &queue);
    (get_from(queue), Box::new(threads))
}

fn tasks_into_queue(readers: Vec<UnixStream>) -> (Get, Readers) {
    let queue = Arc::new(Queue::unbounded());
    let pool = start_tasks(readers, &queue);
    (get_from(queue), Box::new(pool))
}

fn threads_into_channel(readers: Vec<UnixStream>) -> (Get, Readers) {
    let (sender, receiver) = mpsc::channel();
    let start = |reader| {
        let sender = sender.clone();
        thread::spawn(move || read_all(reader, |byte| sender.send(byte).expect("it stays open")))
    };
    let threads = Threads(readers.into_iter().map(start).collect());
    let get = move || receiver.recv().expect("a reader lives");
    (Box::new(get), Box::new(threads))
}

fn tasks_of_tokio(readers: Vec<UnixStream>) -> (Get, Readers) {
    let mut builder = Builder::new_multi_thread();
    let built = builder.worker_threads(WORKERS).enable_io().build();
    let runtime = built.expect("threads can be started");
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    for reader in readers {
        let sender = sender.clone();
        runtime.spawn(async move {
            reader
                .set_nonblocking(true)
                .expect("a socket need not block");
            let reader = tokio::net::UnixStream::from_std(reader).expect("it does not block");
            let mut byte = [0];
            loop {
                reader.readable().await.expect(OPEN);
                match reader.try_read(&mut byte) {
                    Ok(0) => return,
                    Ok(_) => sender.send(byte[0]).expect("it stays open"),
                    Err(error) => assert_eq!(ErrorKind::WouldBlock, error.kind()),
                }
            }
        });
    }
    let get = move || receiver.blocking_recv().expect("a reader lives");
    (Box::new(get), Box::new(runtime))
}
