//! The router under test: `router-server` over a subgraph that is a function.

use std::{collections::HashMap, sync::Arc};

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
    sync::broadcast,
};
use tokio_util::sync::CancellationToken;

const SDL: &str = "type Query { nothing: Int } type Subscription { happened: String }";

struct Source(broadcast::Sender<Bytes>);

impl Transport for Source {
    fn call<'a>(&'a self, _: GraphqlCall) -> BoxFuture<'a, Result<Bytes, TransportError>> {
        Box::pin(async { Ok(Bytes::from_static(br#"{"data":{"nothing":null}}"#)) })
    }

    fn subscribe<'a>(
        &'a self,
        _: GraphqlCall,
    ) -> BoxFuture<'a, Result<EventStream, TransportError>> {
        let events = stream::unfold(self.0.subscribe(), |mut receiver| async {
            let event = receiver.recv().await.ok()?;
            Some((Ok(event), receiver))
        });
        Box::pin(async { Ok(events.boxed()) })
    }
}

/// Serves until its parent has gone; talks to it by lines.
pub(crate) async fn run() {
    let events = broadcast::channel(64).0;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("listening {}", listener.local_addr().unwrap());
    let app = router_server::app(state(Arc::new(Source(events.clone()))));
    let settings = HttpSettings::default();
    tokio::spawn(async move { serve(listener, app, &settings, CancellationToken::new()).await });
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        if let Some(at) = line.strip_prefix("event ") {
            let event = json!({ "data": { "happened": at } }).to_string();
            drop(events.send(event.into()));
        } else {
            println!("status {} {}", events.receiver_count(), resident_kib());
        }
    }
}

fn state(source: Arc<dyn Transport>) -> Arc<RouterState> {
    let mut settings = RouterSettings::default();
    settings.subscriptions.max_connections = 1_000_000;
    let input = SubgraphInput {
        name: "source".to_owned(),
        url: "http://127.0.0.1:1/".to_owned(),
        sdl: SDL.to_owned(),
    };
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
        Arc::new(engine),
        Arc::new(verifier),
        settings,
        health,
        Ids::Random,
    );
    Arc::new(state.unwrap())
}

/// What of this process is in memory.
fn resident_kib() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}
