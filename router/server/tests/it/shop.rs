//! A router in front of one subgraph that is a function.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, body::Body};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use chrono::DateTime;
use ed25519_dalek::{Signer as _, SigningKey};
use futures_util::{
    future::BoxFuture,
    stream::{self, StreamExt as _},
};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt as _;
use kernel::{Clock, GraphqlCall, Ids};
use process::{
    client::{Client, ClientSettings},
    health::Health,
    jwt::{AuthSettings, KeySource, TokenVerifier},
};
use router_engine::{Engine, EventStream, Supergraph, Transport, TransportError};
use router_server::{RouterSettings, RouterState};
use serde_json::{Value, json};
use tokio::sync::{Notify, mpsc};
use tower::ServiceExt as _;

pub(crate) const NOW: i64 = 1_800_000_000;

pub(crate) const SUPERGRAPH: &str = r#"
schema
  @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION)
{ query: Query mutation: Mutation subscription: Subscription }

directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
directive @join__type(graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false, resolvable: Boolean! = true, isInterfaceObject: Boolean! = false) repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR
directive @join__field(graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet, type: String, external: Boolean, override: String, usedOverridden: Boolean) repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION
scalar join__FieldSet
scalar link__Import
enum link__Purpose { SECURITY EXECUTION }
enum join__Graph { SHOP @join__graph(name: "shop", url: "http://127.0.0.1:1/graphql") }

type Query @join__type(graph: SHOP) {
  hello(name: String): String
  long: String
  slow: String
  boom: String
  broken: String
}
type Mutation @join__type(graph: SHOP) {
  rename(name: String!): String
  gated: String
}
type Subscription @join__type(graph: SHOP) {
  ticks: Int
  count(to: Int): Int
  flood: String
  refused: Int
  defect: Int
}
"#;

/// Answers by what the query mentions, and remembers what it was asked.
#[derive(Default)]
pub(crate) struct Subgraph {
    pub(crate) calls: Mutex<Vec<GraphqlCall>>,
    /// What `ticks` tells its subscribers, in the order in which they came; closed when they have gone.
    pub(crate) ticks: Mutex<Vec<mpsc::UnboundedSender<Value>>>,
    /// How many streams of `flood` run.
    pub(crate) floods: Arc<()>,
    /// Lets `gated` go on.
    pub(crate) gate: Notify,
}

/// So long nothing here takes, however busy the machine is.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Resolves when `condition` gives something.
pub(crate) async fn until<T>(mut condition: impl FnMut() -> Option<T>) -> T {
    let met = async {
        loop {
            if let Some(value) = condition() {
                return value;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(PATIENCE, met).await.unwrap()
}

/// Resolves when the subscriber has gone.
pub(crate) async fn gone(ticks: &mpsc::UnboundedSender<Value>) {
    until(|| ticks.is_closed().then_some(())).await;
}

impl Subgraph {
    /// The subscribers of `ticks`, when there are `count` of them.
    pub(crate) async fn tickers(&self, count: usize) -> Vec<mpsc::UnboundedSender<Value>> {
        let enough = |senders: Vec<_>| (senders.len() >= count).then_some(senders);
        until(|| enough(self.ticks.lock().unwrap().clone())).await
    }

    /// Resolves when no `flood` runs any more.
    pub(crate) async fn floods_over(&self) {
        until(|| (Arc::strong_count(&self.floods) == 1).then_some(())).await;
    }

    /// Resolves when somebody has asked for something with `text` in it.
    pub(crate) async fn asked_for(&self, text: &str) {
        let asked = |call: &GraphqlCall| call.query.contains(text);
        until(|| {
            let calls = self.calls.lock().unwrap();
            calls.iter().any(asked).then_some(())
        })
        .await;
    }
}

impl Transport for Subgraph {
    fn call<'a>(&'a self, call: GraphqlCall) -> BoxFuture<'a, Result<Bytes, TransportError>> {
        Box::pin(async move {
            let query = Arc::clone(&call.query);
            let name = call.variables.get("name").cloned();
            self.calls.lock().unwrap().push(call);
            let data = if query.contains("slow") {
                std::future::pending::<Value>().await
            } else if query.contains("boom") {
                panic!("a defect, on purpose")
            } else if query.contains("broken") {
                return Err(TransportError::Unreachable("on purpose".into()));
            } else if query.contains("gated") {
                self.gate.notified().await;
                json!({"gated": "open"})
            } else if query.contains("rename") {
                json!({"rename": name})
            } else if query.contains("long") {
                json!({"long": "x".repeat(20_000)})
            } else {
                json!({"hello": name.unwrap_or_else(|| "world".into())})
            };
            Ok(json!({"data": data}).to_string().into())
        })
    }

    fn subscribe<'a>(
        &'a self,
        call: GraphqlCall,
    ) -> BoxFuture<'a, Result<EventStream, TransportError>> {
        let query = Arc::clone(&call.query);
        let to = call.variables.get("to").and_then(Value::as_i64);
        self.calls.lock().unwrap().push(call);
        let event = |data: Value| Ok(Bytes::from(json!({"data": data}).to_string()));
        let events: EventStream = if query.contains("ticks") {
            let (sender, receiver) = mpsc::unbounded_channel::<Value>();
            self.ticks.lock().unwrap().push(sender);
            let events = stream::unfold(receiver, |mut receiver| async {
                Some((receiver.recv().await?, receiver))
            });
            events
                .take_while(|tick| std::future::ready(*tick != json!("end")))
                .map(move |tick| event(json!({"ticks": tick})))
                .boxed()
        } else if query.contains("count") {
            let numbers = stream::iter(1..=to.unwrap_or(2));
            numbers.map(move |n| event(json!({"count": n}))).boxed()
        } else if query.contains("flood") {
            let running = Arc::clone(&self.floods);
            let drops = "x".repeat(20_000);
            stream::repeat_with(move || {
                let _running = &running;
                event(json!({"flood": drops}))
            })
            .boxed()
        } else if query.contains("defect") {
            stream::once(async { panic!("a defect, on purpose") }).boxed()
        } else {
            let error = TransportError::Unreachable("on purpose".into());
            return Box::pin(async { Err(error) });
        };
        Box::pin(async { Ok(events) })
    }
}

pub(crate) struct Shop {
    pub(crate) app: Router,
    pub(crate) state: Arc<RouterState>,
    pub(crate) health: Health,
    pub(crate) auth: Arc<TokenVerifier>,
    pub(crate) subgraph: Arc<Subgraph>,
    pub(crate) key: SigningKey,
    pub(crate) ids: Ids,
    pub(crate) clock: Clock,
}

pub(crate) fn shop() -> Shop {
    shop_with(|_| {})
}

pub(crate) fn shop_with(change: impl FnOnce(&mut RouterSettings)) -> Shop {
    let mut settings = RouterSettings::default();
    change(&mut settings);
    let clock = Clock::fixed(DateTime::from_timestamp(NOW, 0).unwrap());
    let key = SigningKey::from_bytes(&[7; 32]);
    let x = URL_SAFE_NO_PAD.encode(key.verifying_key().as_bytes());
    let keys = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "k", "x": x}]});
    let auth = Arc::new(TokenVerifier::new(
        &AuthSettings::default(),
        KeySource::Fixed(keys.to_string()),
        &Client::new(&ClientSettings::default()),
        clock.clone(),
    ));
    let subgraph = Arc::new(Subgraph::default());
    let engine = engine(
        SUPERGRAPH,
        Arc::clone(&subgraph) as Arc<dyn Transport>,
        &settings,
    );
    let health = Health::new("router", "1.2.3");
    let ids = Ids::counted();
    let state = RouterState::new(
        Some(engine),
        Arc::clone(&auth),
        settings,
        health.clone(),
        ids.clone(),
    )
    .unwrap();
    let state = Arc::new(state);
    let app = router_server::app(Arc::clone(&state));
    Shop {
        app,
        state,
        health,
        auth,
        subgraph,
        key,
        ids,
        clock,
    }
}

pub(crate) fn engine(
    sdl: &str,
    transport: Arc<dyn Transport>,
    settings: &RouterSettings,
) -> Arc<Engine> {
    let supergraph = Supergraph::parse(sdl).unwrap();
    let transports = HashMap::from([("shop".to_owned(), transport)]);
    Arc::new(Engine::new(supergraph, transports, settings.engine.clone()).unwrap())
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// All values of a header, joined.
    pub(crate) fn header(&self, name: &str) -> String {
        let values: Vec<&str> = self
            .headers
            .get_all(name)
            .iter()
            .map(|value| value.to_str().unwrap())
            .collect();
        values.join(", ")
    }

    /// Asserts a well-formed refusal with this status and code.
    #[track_caller]
    pub(crate) fn assert_refused(&self, status: u16, code: &str) {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        let body = self.json();
        let members: Vec<&String> = body.as_object().unwrap().keys().collect();
        assert_eq!(members, ["errors"], "no data entry");
        assert_eq!(body["errors"][0]["extensions"]["code"], code, "{body}");
        assert!(!body["errors"][0]["message"].as_str().unwrap().is_empty());
        assert_eq!(
            body["errors"][0]["extensions"]["requestId"],
            self.header("x-request-id")
        );
        let content_type = self.header("content-type");
        assert!(
            content_type.contains("json; charset=utf-8"),
            "{content_type}"
        );
    }
}

impl Shop {
    /// Puts another supergraph into use, in which `slow` is `slower`.
    pub(crate) fn swap(&self) {
        let sdl = SUPERGRAPH.replace("slow", "slower");
        let subgraph = Arc::clone(&self.subgraph);
        self.state
            .replace_engine(engine(&sdl, subgraph, &RouterSettings::default()));
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    /// POST as most clients do, with more headers.
    pub(crate) async fn post_with(&self, body: &Value, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::post("/graphql").header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(body.to_string())).unwrap())
            .await
    }

    pub(crate) async fn post(&self, body: &Value) -> Answer {
        self.post_with(body, &[]).await
    }

    pub(crate) async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::get(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// GET with the header that proves that no other site made a browser send it.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[("apollo-require-preflight", "true")])
            .await
    }

    pub(crate) fn claims(&self) -> Value {
        let user: kernel::UserId = self.ids.next();
        let session: kernel::SessionId = self.ids.next();
        json!({
            "iss": "https://pasar.local/identity", "aud": "pasar",
            "sub": user.to_string(), "sid": session.to_string(),
            "iat": NOW, "exp": NOW + 900, "roles": ["buyer"], "permissions": ["write:reviews"],
        })
    }

    /// The value of an Authorization header for a user with these claims.
    pub(crate) fn bearer(&self, claims: &Value) -> String {
        let header = json!({"alg": "EdDSA", "typ": "at+jwt", "kid": "k"});
        format!("Bearer {}", self.token(&header, claims))
    }

    pub(crate) fn token(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(header), part(claims));
        let signature = self.key.sign(message.as_bytes()).to_bytes();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}
