//! The task of one connection: one future, one timer, and the operations that run on it.

use std::{
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::extract::ws::{Message, WebSocket};
use bytes::Bytes;
use futures_util::{
    FutureExt as _, StreamExt as _,
    future::poll_fn,
    stream::{SelectAll, abortable},
};
use router_engine::{ErrorCode, GraphqlError};
use tokio::time::{Instant, Sleep, sleep_until};
use tokio_util::sync::WaitForCancellationFutureOwned;

use super::{
    close::Close,
    end::End,
    message,
    outbox::Outbox,
    running::Running,
    session::{Session, Step},
};
use crate::{
    RouterState,
    graphql::{Asked, Refusal},
    policy::{
        auth::{self, Caller},
        places::Place,
    },
    subscriptions::{Asker, Item, Transport, run},
};

/// Serves one connection until its end.
pub(super) async fn serve(
    mut socket: WebSocket,
    state: Arc<RouterState>,
    caller: Caller,
    place: Place,
    trace: Option<Arc<str>>,
    speaks_ours: bool,
) {
    let _counted = Open::new();
    let mut outbox = Outbox::new(state.settings.subscriptions.queue);
    let end = if speaks_ours {
        let mut connection = Box::new(Connection::new(socket, state, caller, place, trace, outbox));
        let guarded = AssertUnwindSafe(connection.run()).catch_unwind();
        let end = guarded.await.unwrap_or_else(|_panic| {
            // The panic hook has printed message and place.
            tracing::error!("a WebSocket connection ended in a panic");
            End::Close(Close::Defect)
        });
        // What ran ends now, not when the client has taken note.
        (socket, outbox) = connection.take_apart();
        end
    } else {
        End::Close(Close::Subprotocol)
    };
    end.carry_out(socket, outbox).await;
}

struct Connection {
    state: Arc<RouterState>,
    socket: WebSocket,
    outbox: Outbox,
    session: Session,
    operations: SelectAll<Running>,
    caller: Caller,
    place: Place,
    trace: Option<Arc<str>>,
    timer: Pin<Box<Sleep>>,
    init_due: Instant,
    ping_due: Instant,
    /// Nothing has come since the last ping.
    silent: bool,
    drain: Pin<Box<WaitForCancellationFutureOwned>>,
    /// Why this connection ends when what gives one answer has given it.
    ending: Option<Close>,
}

enum Event {
    Received(Option<Result<Message, axum::Error>>),
    Operation(u64, Option<Item>),
    Time,
    Drain,
    Gone,
}

impl Connection {
    fn new(
        socket: WebSocket,
        state: Arc<RouterState>,
        caller: Caller,
        place: Place,
        trace: Option<Arc<str>>,
        outbox: Outbox,
    ) -> Self {
        let settings = &state.settings.subscriptions;
        let now = Instant::now();
        let init_due = now + settings.init_timeout.get();
        let ping_due = now + settings.ping_interval.get();
        let drain = state.subscriptions.draining.clone().cancelled_owned();
        Self {
            socket,
            outbox,
            session: Session::default(),
            operations: SelectAll::new(),
            caller,
            place,
            trace,
            timer: Box::pin(sleep_until(init_due.min(ping_due))),
            init_due,
            ping_due,
            silent: false,
            drain: Box::pin(drain),
            ending: None,
            state,
        }
    }

    /// What is needed for a farewell.
    fn take_apart(self: Box<Self>) -> (WebSocket, Outbox) {
        let Self { socket, outbox, .. } = *self;
        (socket, outbox)
    }

    async fn run(&mut self) -> End {
        loop {
            let event = poll_fn(|context| self.poll_event(context)).await;
            let outcome = match event {
                Event::Received(message) => self.received(message).await,
                Event::Operation(key, item) => {
                    self.told(key, item);
                    Ok(())
                }
                Event::Drain => {
                    self.end_with(Close::Restart);
                    Ok(())
                }
                Event::Time => self.time(),
                Event::Gone => Err(End::Lost),
            };
            if let Err(end) = outcome {
                return end;
            }
            if let Some(close) = &self.ending
                && !self.session.has_unfinished()
            {
                return End::Close(close.clone());
            }
        }
    }

    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Event> {
        match self.outbox.poll_write(&mut self.socket, context) {
            Poll::Ready(Ok(())) => {}
            Poll::Ready(Err(_)) => return Poll::Ready(Event::Gone),
            Poll::Pending => self.wake_by_then(),
        }
        if self.ending.is_none() && self.drain.as_mut().poll(context).is_ready() {
            return Poll::Ready(Event::Drain);
        }
        if self.timer.as_mut().poll(context).is_ready() {
            return Poll::Ready(Event::Time);
        }
        // Whatever comes in may have an answer: while there is no room for one, it stays outside.
        if self.outbox.is_full() {
            return Poll::Pending;
        }
        if let Poll::Ready(message) = self.socket.poll_next_unpin(context) {
            return Poll::Ready(Event::Received(message));
        }
        match self.operations.poll_next_unpin(context) {
            Poll::Ready(Some((key, item))) => Poll::Ready(Event::Operation(key, item)),
            // None: nothing runs.
            Poll::Ready(None) | Poll::Pending => Poll::Pending,
        }
    }

    /// A message waits for the network: the timer must not be later than its end.
    fn wake_by_then(&mut self) {
        let due = self.slow_due();
        if due.is_some_and(|due| due < self.timer.deadline()) {
            self.reset_timer();
        }
    }

    fn slow_due(&self) -> Option<Instant> {
        let patience = self.state.settings.subscriptions.slow_reader_timeout.get();
        self.outbox.oldest().map(|since| since + patience)
    }

    fn reset_timer(&mut self) {
        let mut due = self.ping_due;
        if !self.session.is_introduced() {
            due = due.min(self.init_due);
        }
        if let Some(slow_due) = self.slow_due() {
            due = due.min(slow_due);
        }
        self.timer.as_mut().reset(due);
    }

    fn time(&mut self) -> Result<(), End> {
        let now = Instant::now();
        if !self.session.is_introduced() && now >= self.init_due {
            return Err(Close::InitTimeout.into());
        }
        if self.slow_due().is_some_and(|due| now >= due) {
            return Err(Close::TooSlow.into());
        }
        if now >= self.ping_due {
            if self.silent {
                return Err(End::Lost);
            }
            if self.still_accepted() && self.is_outdated() {
                self.end_with(Close::NewSchema);
            }
            self.silent = true;
            self.ping_due = now + self.state.settings.subscriptions.ping_interval.get();
            self.outbox.push(Message::Ping(Bytes::new()));
        }
        self.reset_timer();
        Ok(())
    }

    /// Whether the caller's token is still accepted; if not, the connection ends. Its subscriptions are not
    /// told that they failed: a client that connects with a fresh token takes them up again by itself.
    fn still_accepted(&mut self) -> bool {
        match self.caller.recheck(&self.state) {
            Ok(()) => true,
            Err(error) => {
                self.end_with(Close::Forbidden(error.to_string()));
                false
            }
        }
    }

    /// Whether a subscription goes on about a supergraph that is no longer in use. Asked with every ping,
    /// which come at other moments on other connections: clients do not come back all at once.
    fn is_outdated(&self) -> bool {
        let oldest = self.session.oldest_generation();
        oldest.is_some_and(|begun| !self.state.is_current(begun))
    }

    /// Ends what only subscribes, and the connection when the rest has given its answer: a client that
    /// does not get one repeats its operation, which may be a mutation.
    fn end_with(&mut self, close: Close) {
        self.session.end_subscriptions();
        self.ending.get_or_insert(close);
    }

    async fn received(&mut self, message: Option<Result<Message, axum::Error>>) -> Result<(), End> {
        self.silent = false;
        let text = match message {
            None => return Err(End::Lost),
            Some(Err(error)) => return Err(End::of_broken(error)),
            Some(Ok(Message::Close(_))) => return Err(End::ByClient),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => return Ok(()),
            Some(Ok(Message::Binary(_))) => {
                return Err(message::bad("Invalid message received: it is binary").into());
            }
            Some(Ok(Message::Text(text))) => text,
        };
        let (kind, step) = self.session.receive(text.into())?;
        count("in", kind);
        match step {
            Step::Nothing => Ok(()),
            Step::Introduce(authorization) => self.introduce(authorization).await,
            Step::Pong(payload) => {
                self.send("pong", message::pong(payload));
                Ok(())
            }
            Step::Start(id, asked) => {
                self.start(id, asked);
                Ok(())
            }
            Step::Refuse(id, refusal) => {
                self.refuse(&id, refusal);
                Ok(())
            }
        }
    }

    async fn introduce(&mut self, authorization: Option<String>) -> Result<(), End> {
        if let Some(value) = authorization {
            self.caller = auth::bearer(&self.state, &value)
                .await
                .map_err(|refused| Close::Forbidden(refused.message()))?;
        }
        if !self.place.belongs_to(self.caller.user()) {
            return Err(Close::TooManyOfUser.into());
        }
        self.send("connection_ack", message::ack());
        Ok(())
    }

    fn start(&mut self, id: Arc<str>, asked: Asked) {
        if self.ending.is_some() || !self.still_accepted() {
            // The client repeats it on its next connection.
            return;
        }
        let most = self
            .state
            .settings
            .subscriptions
            .max_operations_per_connection;
        if self.session.running() >= most {
            self.refuse(&id, too_many(most));
            return;
        }
        let asker = Asker {
            principal: self.caller.principal(),
            request_id: self.state.ids.uuid().to_string().into(),
            traceparent: self.trace.clone(),
            transport: Transport::WebSocket,
        };
        let items = run(Arc::clone(&self.state), asker, asked);
        let (items, abort) = abortable(items);
        let key = self.session.started(id, abort);
        self.operations.push(Running::new(key, items));
    }

    fn refuse(&mut self, id: &str, refusal: Refusal) {
        self.send("error", message::error(id, &refusal.into_errors()));
    }

    /// Passes on what an operation says; `None` is its end.
    fn told(&mut self, key: u64, item: Option<Item>) {
        match item {
            Some(Item::Begun(generation)) => {
                self.session.begun(key, generation);
                // It may have been under way when the end was decided.
                if self.ending.is_some() {
                    self.session.end_subscriptions();
                }
            }
            Some(Item::Next(response)) => {
                if self.session.is_subscription(key) && !self.still_accepted() {
                    return;
                }
                if let Some(id) = self.session.id(key) {
                    self.send("next", message::next(&id, &response));
                }
            }
            Some(Item::Failed(errors)) => {
                if let Some(id) = self.session.ended(key) {
                    self.send("error", message::error(&id, &errors));
                }
            }
            None => {
                if let Some(id) = self.session.ended(key) {
                    self.send("complete", message::complete(&id));
                }
            }
        }
    }

    fn send(&mut self, kind: &'static str, message: Message) {
        count("out", kind);
        self.outbox.push(message);
    }
}

fn too_many(most: usize) -> Refusal {
    let message = format!("no more than {most} operations may run on one connection");
    Refusal::graphql(vec![GraphqlError::new(ErrorCode::RateLimited, message)])
}

fn count(direction: &'static str, kind: &'static str) {
    metrics::counter!("pasar_router_websocket_messages_total", "direction" => direction, "type" => kind)
        .increment(1);
}

/// One open connection in the metrics.
struct Open;

impl Open {
    fn new() -> Self {
        metrics::gauge!("pasar_router_websocket_connections").increment(1.0);
        Self
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        metrics::gauge!("pasar_router_websocket_connections").decrement(1.0);
    }
}
