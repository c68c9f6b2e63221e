//! Messages on their way to one client: few, in order, and not for long.

use std::{
    collections::VecDeque,
    pin::Pin,
    task::{Context, Poll, ready},
};

use axum::extract::ws::Message;
use futures_util::Sink;
use tokio::time::Instant;

/// Messages on their way to one client.
pub(crate) struct Outbox {
    waiting: VecDeque<(Instant, Message)>,
    /// Since when the last message that the socket has taken waits for the network.
    written: Option<Instant>,
    limit: usize,
}

impl Outbox {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            waiting: VecDeque::new(),
            written: None,
            limit,
        }
    }

    pub(crate) fn push(&mut self, message: Message) {
        self.waiting.push_back((Instant::now(), message));
    }

    /// No more should be made until some have gone.
    pub(crate) fn is_full(&self) -> bool {
        self.waiting.len() >= self.limit
    }

    /// Since when the oldest message waits.
    pub(crate) fn oldest(&self) -> Option<Instant> {
        self.written
            .or_else(|| self.waiting.front().map(|(since, _)| *since))
    }

    /// Hands over what the network takes; ready when nothing is left.
    pub(crate) fn poll_write<S: Sink<Message> + Unpin>(
        &mut self,
        socket: &mut S,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), S::Error>> {
        while !self.waiting.is_empty() {
            ready!(Pin::new(&mut *socket).poll_ready(context))?;
            if let Some((since, message)) = self.waiting.pop_front() {
                Pin::new(&mut *socket).start_send(message)?;
                self.written = Some(since);
            }
        }
        if self.written.is_some() {
            ready!(Pin::new(&mut *socket).poll_flush(context))?;
            self.written = None;
            // A burst is over: tens of thousands of idle connections must not keep room for one.
            self.waiting.shrink_to(0);
        }
        Poll::Ready(Ok(()))
    }
}
