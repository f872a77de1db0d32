//! Questions that somebody answers: `Requests`, and with the other libraries what one writes by hand, a
//! channel of questions, each with a one-shot channel for its answer.

use core::future::Future;

use syncline::bridge::{Caller, Responder};

/// Asks from a thread.
pub(crate) trait Asking {
    fn ask(&mut self, question: u64) -> u64;
}

/// Asks from a task.
pub(crate) trait AsyncAsking: Send + 'static {
    fn ask(&mut self, question: u64) -> impl Future<Output = u64> + Send;
}

/// Answers as a thread; the answer is the next number.
pub(crate) trait Answering: Send + 'static {
    /// Until nobody is left who could ask.
    fn answer_all(self);
}

/// Answers as a task; the answer is the next number.
pub(crate) trait AsyncAnswering: Send + 'static {
    /// Until nobody is left who could ask.
    fn answer_all(self) -> impl Future<Output = ()> + Send;
}

/// Why the channels stay open.
const OPEN: &str = "both ends live until all questions have been answered";

/// What is sent: the question, and where its answer is to go.
pub(crate) type Question<S> = (u64, S);
/// With the crate oneshot.
pub(crate) type Shot = Question<oneshot::Sender<u64>>;
/// With tokio's own.
pub(crate) type TokioShot = Question<tokio::sync::oneshot::Sender<u64>>;

fn answer((question, to): Shot) {
    to.send(question + 1).expect(OPEN);
}

fn answer_tokio((question, to): TokioShot) {
    to.send(question + 1).expect(OPEN);
}

impl Asking for Caller<u64, u64> {
    fn ask(&mut self, question: u64) -> u64 {
        self.call(question).wait().expect(OPEN)
    }
}

impl AsyncAsking for Caller<u64, u64> {
    async fn ask(&mut self, question: u64) -> u64 {
        self.call(question).await.expect(OPEN)
    }
}

impl Answering for Responder<u64, u64> {
    fn answer_all(self) {
        for request in &self {
            let question = *request;
            request.reply(question + 1).expect(OPEN);
        }
    }
}

impl AsyncAnswering for Responder<u64, u64> {
    async fn answer_all(self) {
        while let Ok(request) = self.receive().await {
            let question = *request;
            request.reply(question + 1).expect(OPEN);
        }
    }
}

impl Asking for tokio::sync::mpsc::Sender<TokioShot> {
    fn ask(&mut self, question: u64) -> u64 {
        let (to, answer) = tokio::sync::oneshot::channel();
        self.blocking_send((question, to)).expect(OPEN);
        answer.blocking_recv().expect(OPEN)
    }
}

impl AsyncAsking for tokio::sync::mpsc::Sender<TokioShot> {
    async fn ask(&mut self, question: u64) -> u64 {
        let (to, answer) = tokio::sync::oneshot::channel();
        self.send((question, to)).await.expect(OPEN);
        answer.await.expect(OPEN)
    }
}

impl Answering for tokio::sync::mpsc::Receiver<TokioShot> {
    fn answer_all(mut self) {
        while let Some(asked) = self.blocking_recv() {
            answer_tokio(asked);
        }
    }
}

impl AsyncAnswering for tokio::sync::mpsc::Receiver<TokioShot> {
    async fn answer_all(mut self) {
        while let Some(asked) = self.recv().await {
            answer_tokio(asked);
        }
    }
}

/// Both ends for threads: what sends, what receives.
macro_rules! by_threads {
    ($sender:ty, $receiver:ty) => {
        impl Asking for $sender {
            fn ask(&mut self, question: u64) -> u64 {
                let (to, answer) = oneshot::channel();
                self.send((question, to)).expect(OPEN);
                answer.recv().expect(OPEN)
            }
        }

        impl Answering for $receiver {
            fn answer_all(self) {
                while let Ok(asked) = self.recv() {
                    answer(asked);
                }
            }
        }
    };
}

/// Both ends for tasks: what sends and how, what receives and how.
macro_rules! by_tasks {
    ($sender:ty, $send:ident, $receiver:ty, $receive:ident) => {
        impl AsyncAsking for $sender {
            fn ask(&mut self, question: u64) -> impl Future<Output = u64> + Send {
                async move {
                    let (to, answer) = oneshot::async_channel();
                    self.$send((question, to)).await.expect(OPEN);
                    answer.await.expect(OPEN)
                }
            }
        }

        impl AsyncAnswering for $receiver {
            fn answer_all(self) -> impl Future<Output = ()> + Send {
                async move {
                    while let Ok(asked) = self.$receive().await {
                        answer(asked);
                    }
                }
            }
        }
    };
}

by_threads!(
    crossbeam_channel::Sender<Shot>,
    crossbeam_channel::Receiver<Shot>
);
by_threads!(flume::Sender<Shot>, flume::Receiver<Shot>);
by_tasks!(
    flume::Sender<Shot>,
    send_async,
    flume::Receiver<Shot>,
    recv_async
);
by_threads!(kanal::Sender<Shot>, kanal::Receiver<Shot>);
by_tasks!(
    kanal::AsyncSender<Shot>,
    send,
    kanal::AsyncReceiver<Shot>,
    recv
);
