//! Subgraphs that listen, whose schemas change, and a router that follows them.

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse as _, Response},
    routing::post,
};
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use kernel::{Clock, Ids};
use process::{
    client::{Client, ClientSettings},
    config::DurationSetting,
    health::Health,
    jwt::{AuthSettings, KeySource, TokenVerifier},
};
use router_engine::{Engine, Transport};
use router_server::{
    RouterSettings, RouterState,
    supergraph::{Build, Follower, Introspector, Reader},
    transport::HttpTransport,
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};
use tower::ServiceExt as _;

/// A subgraph whose root fields are strings that say who answers.
pub(crate) struct Subgraph {
    name: &'static str,
    pub(crate) address: SocketAddr,
    pub(crate) said: Arc<Mutex<Said>>,
    server: Option<JoinHandle<()>>,
}

/// What a subgraph says when it is asked.
pub(crate) struct Said {
    pub(crate) sdl: String,
    fields: Vec<String>,
    /// Instead of its schema, in this order, as long as there are some.
    pub(crate) instead: Vec<(u16, String)>,
    /// How often it was asked for its schema, and with which headers the last time.
    pub(crate) asked: usize,
    pub(crate) headers: HeaderMap,
}

impl Subgraph {
    /// A subgraph with these root fields, which listens.
    pub(crate) async fn start(name: &'static str, fields: &[&str]) -> Self {
        let said = Said {
            sdl: String::new(),
            fields: Vec::new(),
            instead: Vec::new(),
            asked: 0,
            headers: HeaderMap::new(),
        };
        let mut subgraph = Self {
            name,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            said: Arc::new(Mutex::new(said)),
            server: None,
        };
        subgraph.has(fields);
        subgraph.come_back().await;
        subgraph
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/graphql", self.address)
    }

    /// Its root fields are these from now on.
    pub(crate) fn has(&self, fields: &[&str]) {
        let mut said = self.said.lock().unwrap();
        said.fields = fields.iter().map(|&field| field.to_owned()).collect();
        said.sdl = sdl(fields);
    }

    /// Says that instead of its schema the next time it is asked, or the time after.
    pub(crate) fn says_instead(&self, status: u16, body: &str) {
        let mut said = self.said.lock().unwrap();
        said.instead.push((status, body.to_owned()));
    }

    pub(crate) fn times_asked(&self) -> usize {
        self.said.lock().unwrap().asked
    }

    /// Nobody listens any more.
    pub(crate) async fn go_away(&mut self) {
        let server = self.server.take().unwrap();
        server.abort();
        drop(server.await);
    }

    /// Listens, at the same address as before if there was one.
    pub(crate) async fn come_back(&mut self) {
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.address = listener.local_addr().unwrap();
        let app = Router::new()
            .route("/graphql", post(answer))
            .with_state((self.name, Arc::clone(&self.said)));
        let server = async move { drop(axum::serve(listener, app).await) };
        self.server = Some(tokio::spawn(server));
    }
}

impl Drop for Subgraph {
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            server.abort();
        }
    }
}

/// The schema of a subgraph with these root fields.
pub(crate) fn sdl(fields: &[&str]) -> String {
    let fields: Vec<String> = fields
        .iter()
        .map(|field| format!("{field}: String"))
        .collect();
    format!("type Query {{ {} }}", fields.join(" "))
}

async fn answer(
    State((name, said)): State<(&'static str, Arc<Mutex<Said>>)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let body: Value = serde_json::from_slice(&body).unwrap();
    let query = body["query"].as_str().unwrap();
    let mut said = said.lock().unwrap();
    if query.contains("_service") {
        said.asked += 1;
        said.headers = headers;
        if !said.instead.is_empty() {
            let (status, body) = said.instead.remove(0);
            return (StatusCode::from_u16(status).unwrap(), body).into_response();
        }
        return json!({ "data": { "_service": { "sdl": said.sdl } } })
            .to_string()
            .into_response();
    }
    let wanted: Vec<&str> = query
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty() && *word != "query")
        .collect();
    let unknown = wanted
        .iter()
        .find(|&&word| !said.fields.iter().any(|field| field == word));
    if let Some(unknown) = unknown {
        let error = format!("{name} has no {unknown}");
        return json!({ "errors": [{ "message": error }] })
            .to_string()
            .into_response();
    }
    let data: serde_json::Map<String, Value> = wanted
        .into_iter()
        .map(|field| (field.to_owned(), name.into()))
        .collect();
    json!({ "data": data }).to_string().into_response()
}

/// A router, what it follows, and the folder with its `supergraph.yaml`.
pub(crate) struct World {
    pub(crate) app: Router,
    pub(crate) state: Arc<RouterState>,
    pub(crate) follower: Follower,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) clock: Clock,
}

/// A router that follows `file`, which is not written yet.
pub(crate) fn following(file: &str) -> World {
    let mut settings = RouterSettings::default();
    settings.supergraph.introspection_timeout = DurationSetting::from_secs(20);
    following_with(file, settings)
}

pub(crate) fn following_with(file: &str, settings: RouterSettings) -> World {
    let folder = tempfile::tempdir().unwrap();
    let client = Client::new(&ClientSettings::default());
    let clock = Clock::fixed(chrono::DateTime::from_timestamp(crate::shop::NOW, 0).unwrap());
    let verifier = TokenVerifier::new(
        &AuthSettings::default(),
        KeySource::None,
        &client,
        clock.clone(),
    );
    let path: PathBuf = folder.path().join(file);
    let max_bytes = settings.supergraph.max_schema_size.get();
    let introspector = Introspector::new(client.clone(), None, &settings);
    let environment = vec![("SECRET".to_owned(), "s3cret".to_owned())];
    let reader = Reader::new(path, environment, introspector, max_bytes);
    let state = RouterState::new(
        None,
        Arc::new(verifier),
        settings.clone(),
        Health::new("router", "0"),
        Ids::Random,
    );
    let state = Arc::new(state.unwrap());
    let follower = Follower::new(
        Arc::clone(&state),
        reader,
        build(client, settings),
        clock.clone(),
    );
    World {
        app: router_server::app(Arc::clone(&state)),
        state,
        follower,
        folder,
        clock,
    }
}

fn build(client: Client, settings: RouterSettings) -> Build {
    Arc::new(move |supergraph| {
        let transports = supergraph.subgraphs().into_iter().map(|(name, url)| {
            let transport = HttpTransport::new(&url, &client, None, &settings).unwrap();
            (name, Arc::new(transport) as Arc<dyn Transport>)
        });
        let transports = transports.collect();
        Ok(Engine::new(
            supergraph,
            transports,
            settings.engine.clone(),
        )?)
    })
}

impl World {
    pub(crate) fn write(&self, file: &str, text: &str) {
        // As editors and orchestrators do: nobody reads half of it.
        let path = self.folder.path().join(file);
        let beside = path.with_extension("new");
        std::fs::write(&beside, text).unwrap();
        std::fs::rename(beside, path).unwrap();
    }

    /// A `supergraph.yaml` with these subgraphs, whose schemas are asked for.
    pub(crate) fn introspects(&self, subgraphs: &[&Subgraph]) {
        let entry = |subgraph: &&Subgraph| {
            let (name, url) = (subgraph.name, subgraph.url());
            format!("  {name}: {{ schema: {{ subgraph_url: '{url}' }} }}\n")
        };
        let entries: String = subgraphs.iter().map(entry).collect();
        self.write("supergraph.yaml", &format!("subgraphs:\n{entries}"));
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, String) {
        fetched(self.app.clone(), path).await
    }

    /// The status that a WebSocket is answered with, on a connection that cannot become one.
    pub(crate) async fn handshake(&self) -> u16 {
        let request = Request::get("/graphql")
            .header("upgrade", "websocket")
            .header("connection", "upgrade")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
            .body(axum::body::Body::empty());
        let response = self.app.clone().oneshot(request.unwrap()).await.unwrap();
        response.status().as_u16()
    }

    /// What operators see.
    pub(crate) async fn status(&self) -> Value {
        let (status, text) = fetched(router_server::admin(&self.state), "/supergraph").await;
        assert_eq!(status, 200);
        serde_json::from_str(&text).unwrap()
    }

    pub(crate) async fn ask(&self, query: &str) -> (u16, Value) {
        ask(self.app.clone(), query).await
    }

    pub(crate) async fn data(&self, query: &str) -> Value {
        let (status, answer) = self.ask(query).await;
        assert_eq!((status, answer.get("errors")), (200, None), "{answer}");
        answer["data"].clone()
    }

    /// A second passes.
    pub(crate) fn second(&self) {
        self.clock
            .advance(chrono::Duration::from_std(Duration::from_secs(1)).unwrap());
    }
}

async fn fetched(app: Router, path: &str) -> (u16, String) {
    let request = Request::get(path).body(axum::body::Body::empty()).unwrap();
    let response = app.oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

pub(crate) async fn ask(app: Router, query: &str) -> (u16, Value) {
    let request = Request::post("/graphql")
        .header("content-type", "application/json")
        .body(axum::body::Body::from(
            json!({ "query": query }).to_string(),
        ))
        .unwrap();
    let response = app.oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap())
}
