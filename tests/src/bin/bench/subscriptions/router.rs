//! The router under test: `router-server` over a subgraph that is a function.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use futures_util::{StreamExt as _, future::BoxFuture, stream};
use kernel::{Clock, GraphqlCall, Ids};
use process::{
    health::Health,
    http::{HttpSettings, serve},
    jwt::{AuthSettings, KeySource, TokenVerifier},
};
use router_compose::{SubgraphInput, compose};
use router_engine::{Engine, EventStream, Supergraph, Transport, TransportError};
use router_server::{RouterSettings, RouterState, transport::HttpTransport};
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    net::TcpListener,
    sync::watch,
};
use tokio_util::sync::CancellationToken;

use super::micros;

const SDL: &str = "type Query { nothing: Int } type Subscription { happened: String }";

/// Every subscriber has a channel of its own, because events belong to one person. It holds one event: the
/// bench sends none before the last has arrived.
#[derive(Default)]
struct Source(Mutex<Vec<watch::Sender<Bytes>>>);

impl Source {
    /// An event that is due at `at` to subscriber `number`; the client counts from then.
    fn tell(&self, number: usize, at: i64) {
        let event = Bytes::from(json!({ "data": { "happened": at.to_string() } }).to_string());
        self.0.lock().unwrap()[number].send_replace(event);
    }

    fn subscribers(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    /// One event to each.
    fn tell_all(&self, at: i64) {
        (0..self.subscribers()).for_each(|number| self.tell(number, at));
    }

    /// `count` events, each to another subscriber, evenly over `count / rate` seconds. Late or not, each
    /// counts from the moment when it was due.
    async fn tell_some(&self, count: usize, rate: usize) {
        let begun = micros();
        for index in 0..count {
            let due = begun + i64::try_from(index * 1_000_000 / rate).unwrap();
            let wait = u64::try_from(due - micros()).unwrap_or(0);
            // The timer counts in milliseconds.
            if wait >= 1_000 {
                tokio::time::sleep(Duration::from_micros(wait)).await;
            }
            self.tell(index * self.subscribers() / count, due);
        }
    }
}

impl Transport for Source {
    fn call<'a>(&'a self, _: GraphqlCall) -> BoxFuture<'a, Result<Bytes, TransportError>> {
        Box::pin(async { Ok(Bytes::from_static(br#"{"data":{"nothing":null}}"#)) })
    }

    fn subscribe<'a>(
        &'a self,
        _: GraphqlCall,
    ) -> BoxFuture<'a, Result<EventStream, TransportError>> {
        let (sender, receiver) = watch::channel(Bytes::new());
        self.0.lock().unwrap().push(sender);
        let events = stream::unfold(receiver, |mut receiver| async {
            receiver.changed().await.ok()?;
            let event = receiver.borrow_and_update().clone();
            Some((Ok(event), receiver))
        });
        Box::pin(async { Ok(events.boxed()) })
    }
}

/// Serves until its parent has gone; talks to it by lines.
pub(crate) async fn run() {
    // Counting costs something, and whoever runs a router counts.
    process::metrics::install();
    let source = Arc::new(Source::default());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("listening {}", listener.local_addr().unwrap());
    let app = router_server::app(state(Arc::<Source>::clone(&source)));
    let settings = HttpSettings::default();
    tokio::spawn(async move { serve(listener, app, &settings, CancellationToken::new()).await });
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        let source = Arc::clone(&source);
        match line.split(' ').collect::<Vec<_>>()[..] {
            ["all", at] => {
                let at = at.parse().unwrap();
                // On a thread of the pool, as a subgraph in this process would.
                drop(tokio::spawn(async move { source.tell_all(at) }));
            }
            ["some", count, rate] => {
                let (count, rate) = (count.parse().unwrap(), rate.parse().unwrap());
                drop(tokio::spawn(
                    async move { source.tell_some(count, rate).await },
                ));
            }
            _ => println!("subscribers {}", source.subscribers()),
        }
    }
}

fn state(source: Arc<dyn Transport>) -> Arc<RouterState> {
    let mut settings = RouterSettings::default();
    settings.subscriptions.max_connections = 1_000_000;
    let input = SubgraphInput::new("source", "http://127.0.0.1:1/", SDL);
    let supergraph = compose(&[input]).unwrap().supergraph_sdl;
    let supergraph = Supergraph::parse(&supergraph).unwrap();
    let transports = HashMap::from([("source".to_owned(), source)]);
    let engine = Engine::new(supergraph, transports, settings.engine.clone()).unwrap();
    let verifier = TokenVerifier::new(
        &AuthSettings::default(),
        KeySource::None,
        &HttpTransport::client(&settings),
        Clock::System,
    );
    let health = Health::new("bench", "0");
    let state = RouterState::new(
        Some(Arc::new(engine)),
        Arc::new(verifier),
        settings,
        health,
        Ids::Random,
    );
    Arc::new(state.unwrap())
}
