//! Subscriptions from end to end without the marketplace: a subgraph of our making in a server of its own,
//! the composer, the engine, and the HTTP transport between them.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicI32, Ordering},
    },
};

use async_graphql::{
    Context, EmptyMutation, ID, Object, Request, Result, SimpleObject, Subscription,
};
use bytes::Bytes;
use futures_util::{
    FutureExt as _, Stream, StreamExt as _,
    stream::{self, BoxStream},
};
use gql::{
    Batch,
    schema::{self, Executor},
};
use harness::{Role, deployment::INTERNAL_SECRET};
use kernel::{CallContext, Clock, Fault, GraphqlCall, Principal};
use process::{
    assertion::{self, AssertionKey},
    config::Secret,
};
use router_compose::SubgraphInput;
use router_engine::{Engine, EngineSettings, GraphqlResponse, Supergraph, Transport};
use router_server::{
    RouterSettings,
    transport::{Assertions, HttpTransport},
};
use serde_json::{Value, json};
use service::{Running, http::VerifyPrincipal};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

struct Clockwork;

#[Object(name = "Query")]
impl Clockwork {
    async fn is_running(&self) -> Option<bool> {
        Some(true)
    }
}

#[derive(SimpleObject)]
#[graphql(unresolvable)]
struct City {
    id: ID,
}

struct Tick(i32);

#[Object]
impl Tick {
    async fn number(&self) -> i32 {
        self.0
    }

    async fn city(&self) -> Option<City> {
        let id = ["jkt", "bdg"][usize::from(self.0 % 2 == 0)];
        Some(City { id: id.into() })
    }

    /// Which look-up this comes from; siblings share one.
    async fn looked_up(&self, ctx: &Context<'_>) -> Result<Option<i32>> {
        let batch = ctx.data::<Batch<i32, i32>>()?;
        batch.load(1).await.map_err(gql::shared_fault)
    }

    async fn fails(&self) -> Result<Option<i32>> {
        Err(gql::fault(Fault::internal("password of the database")))
    }

    async fn denied(&self) -> Result<Option<i32>> {
        Err(gql::fault(Fault::forbidden("tick.read")))
    }
}

struct Ticks;

#[Subscription(name = "Subscription")]
impl Ticks {
    /// Ticks until that number, then the end; for ever without one. Whoever has subscribed is seen in `open`.
    async fn ticked(
        &self,
        ctx: &Context<'_>,
        until: Option<i32>,
    ) -> Result<impl Stream<Item = Option<Tick>> + use<>> {
        let principal = ctx.data::<Arc<Principal>>()?;
        if principal.user_id().is_none() {
            return Err(gql::fault(Fault::unauthenticated()));
        }
        let open = Open::new(ctx.data::<watch::Sender<i32>>()?);
        Ok(stream::unfold(
            (open, 0),
            move |(open, number)| async move {
                match until {
                    Some(until) if number < until => Some((Some(Tick(number)), (open, number + 1))),
                    Some(_) => None,
                    None if number == 0 => Some((Some(Tick(0)), (open, 1))),
                    None => std::future::pending().await,
                }
            },
        ))
    }
}

/// Counts streams while they are open.
struct Open(watch::Sender<i32>);

impl Open {
    fn new(open: &watch::Sender<i32>) -> Self {
        open.send_modify(|open| *open += 1);
        Self(open.clone())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.send_modify(|open| *open -= 1);
    }
}

struct Places;

#[derive(SimpleObject)]
#[graphql(name = "City")]
struct Place {
    id: ID,
    name: String,
}

#[Object(name = "Query")]
impl Places {
    #[graphql(entity)]
    async fn find_city_by_id(&self, id: ID) -> Option<Place> {
        let name = format!("City of {}", id.as_str());
        Some(Place { id, name })
    }
}

fn clock(open: &watch::Sender<i32>) -> (String, Running) {
    let schema = schema::builder_with(Clockwork, EmptyMutation, Ticks)
        .data(open.clone())
        .finish();
    let sdl = schema::sdl(&schema);
    let executor = Executor::new(schema);
    let prepare = |principal: Arc<Principal>| {
        let look_ups = Arc::new(AtomicI32::new(0));
        let batch: Batch<i32, i32> = Batch::new(move |keys: Vec<i32>| {
            let look_up = look_ups.fetch_add(1, Ordering::Relaxed);
            async move { Ok(keys.into_iter().map(|key| (key, look_up)).collect()) }.boxed()
        });
        move |request: Request| request.data(principal).data(batch)
    };
    let running = running(&executor);
    let subscribe = move |call: GraphqlCall| {
        let principal = Arc::clone(&call.context.principal);
        executor.subscribe(call, prepare(principal))
    };
    let running = Running {
        subscribe: Some(Arc::new(subscribe)),
        ..running
    };
    (sdl, running)
}

fn places() -> (String, Running) {
    let schema = schema::builder(Places, EmptyMutation).finish();
    let sdl = schema::sdl(&schema);
    (sdl, running(&Executor::new(schema)))
}

fn running<Q, M, S>(executor: &Executor<Q, M, S>) -> Running
where
    Q: async_graphql::ObjectType + 'static,
    M: async_graphql::ObjectType + 'static,
    S: async_graphql::SubscriptionType + 'static,
{
    let executor = executor.clone();
    let execute = move |call: GraphqlCall| {
        let executor = executor.clone();
        async move { Ok(executor.execute(call, |request| request).await) }.boxed()
    };
    Running {
        execute: Arc::new(execute),
        subscribe: None,
        routes: axum::Router::new(),
        consumers: Vec::new(),
        tasks: Vec::new(),
    }
}

/// The router's engine, and the subgraphs in servers of their own.
struct World {
    engine: Engine,
    clock_stops: CancellationToken,
    open: watch::Receiver<i32>,
}

async fn world() -> World {
    world_signed_with(INTERNAL_SECRET).await
}

/// The same with a router that signs with this secret.
async fn world_signed_with(secret: &str) -> World {
    let (sender, open) = watch::channel(0);
    let clock_stops = CancellationToken::new();
    let settings = RouterSettings::default();
    let client = HttpTransport::client(&settings);
    let assertions = Arc::new(Assertions::new(key(secret), Clock::System));
    let mut inputs = Vec::new();
    let mut transports: HashMap<String, Arc<dyn Transport>> = HashMap::new();
    let subgraphs = [
        ("clock", clock(&sender), clock_stops.clone()),
        ("places", places(), CancellationToken::new()),
    ];
    for (name, (sdl, running), stops) in subgraphs {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/{name}/graphql", listener.local_addr().unwrap());
        let app = service::http::routes(name, running, verify(), stops);
        tokio::spawn(async move { axum::serve(listener, app).await });
        let assertions = Some(Arc::clone(&assertions));
        let transport = HttpTransport::new(&url, &client, assertions, &settings).unwrap();
        transports.insert(name.to_owned(), Arc::new(transport));
        inputs.push(SubgraphInput::new(name, url, sdl));
    }
    let composed = router_compose::compose(&inputs).unwrap();
    let supergraph = Supergraph::parse(&composed.supergraph_sdl).unwrap();
    World {
        engine: Engine::new(supergraph, transports, EngineSettings::default()).unwrap(),
        clock_stops,
        open,
    }
}

fn key(secret: &str) -> AssertionKey {
    AssertionKey::new(&Secret::new(secret.to_owned())).unwrap()
}

fn verify() -> VerifyPrincipal {
    let key = key(INTERNAL_SECRET);
    Arc::new(move |headers| {
        let stated = headers.get(assertion::HEADER)?.to_str().ok()?;
        assertion::verify(&key, stated, &Clock::System).ok()
    })
}

type Events = BoxStream<'static, GraphqlResponse>;

impl World {
    async fn subscribe(&self, principal: Principal, query: &str) -> Result<Events, Value> {
        let prepared = self.engine.prepare(query, None).unwrap();
        let context = CallContext {
            principal: Arc::new(principal),
            request_id: "request-1".into(),
            traceparent: None,
            deadline: None,
        };
        let begun = self.engine.subscribe(prepared, Default::default(), context);
        begun.await.map_err(|refused| read(&refused.to_bytes()))
    }
}

fn read(response: &Bytes) -> Value {
    serde_json::from_slice(response).unwrap()
}

async fn next(events: &mut Events) -> Option<Value> {
    events.next().await.map(|event| read(&event.to_bytes()))
}

fn siti() -> Principal {
    Role::Buyer.principal()
}

#[tokio::test]
async fn events_cross_processes_with_entities_and_fresh_look_ups() {
    let world = world().await;
    let query =
        "subscription { ticked(until: 3) { number lookedUp again: lookedUp city { name } } }";
    let mut events = world.subscribe(siti(), query).await.unwrap();
    for (number, city) in [(0, "bdg"), (1, "jkt"), (2, "bdg")] {
        let tick = json!({"number": number, "lookedUp": number, "again": number,
            "city": {"name": format!("City of {city}")}});
        let expected = json!({"data": {"ticked": tick}});
        assert_eq!(next(&mut events).await, Some(expected));
    }
    assert_eq!(next(&mut events).await, None);
}

#[tokio::test]
async fn what_fails_inside_is_masked_as_in_queries() {
    let world = world().await;
    let query = "subscription { ticked(until: 1) { number fails denied } }";
    let mut events = world.subscribe(siti(), query).await.unwrap();
    let event = next(&mut events).await.unwrap();
    assert_eq!(
        event["data"]["ticked"],
        json!({"number": 0, "fails": null, "denied": null})
    );
    assert_eq!(super::codes(&event), ["INTERNAL_SERVER_ERROR", "FORBIDDEN"]);
    assert_eq!(event["errors"][0]["message"], "internal error");
    assert!(!event.to_string().contains("password"), "{event}");
    assert_eq!(next(&mut events).await, None);
}

#[tokio::test]
async fn who_may_not_subscribe_is_told_why() {
    let world = world().await;
    let query = "subscription { ticked { number } }";
    let mut events = world
        .subscribe(Principal::anonymous(), query)
        .await
        .unwrap();
    let event = next(&mut events).await.unwrap();
    assert_eq!(event["data"], json!({"ticked": null}));
    assert_eq!(super::codes(&event), ["UNAUTHENTICATED"]);
    assert_eq!(next(&mut events).await, None);

    // Nor does the subgraph answer a router that it does not know.
    let forged = world_signed_with("another secret of at least thirty-two bytes").await;
    let refusal = forged.subscribe(siti(), query).await.err().unwrap();
    assert_eq!(refusal.get("data"), None);
    assert_eq!(super::codes(&refusal), ["DOWNSTREAM_SERVICE_ERROR"]);
}

#[tokio::test]
async fn a_subgraph_that_stops_ends_its_streams_and_the_client_is_told() {
    let world = world().await;
    let query = "subscription { ticked { number } }";
    let mut events = world.subscribe(siti(), query).await.unwrap();
    assert_eq!(
        next(&mut events).await,
        Some(json!({"data": {"ticked": {"number": 0}}}))
    );
    world.clock_stops.cancel();
    let last = next(&mut events).await.unwrap();
    assert_eq!(last.get("data"), None);
    assert_eq!(super::codes(&last), ["DOWNSTREAM_SERVICE_ERROR"]);
    super::assert_no_internals(&last.to_string());
    assert_eq!(next(&mut events).await, None);
}

#[tokio::test]
async fn a_client_that_goes_frees_the_subgraph() {
    let world = world().await;
    let mut open = world.open.clone();
    let query = "subscription { ticked { number } }";
    let mut first = world.subscribe(siti(), query).await.unwrap();
    let mut second = world.subscribe(siti(), query).await.unwrap();
    assert!(next(&mut first).await.is_some() && next(&mut second).await.is_some());
    assert_eq!(*open.borrow(), 2);
    drop(first);
    open.wait_for(|open| *open == 1).await.unwrap();
    drop(second);
    open.wait_for(|open| *open == 0).await.unwrap();
}
