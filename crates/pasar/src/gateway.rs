//! The router of this process: engine, tokens, listeners.

use std::{collections::HashMap, sync::Arc};

use anyhow::Context as _;
use kernel::{Clock, Ids};
use process::{
    health::Health,
    http::HttpSettings,
    jwt::{KeySource, TokenVerifier},
};
use router_engine::{Engine, Supergraph, Transport};
use router_server::{RouterState, follow_revocations, revoked_from_identity};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{Settings, output::say};

/// An engine for `supergraph_sdl` that reaches its subgraphs through `transports`.
pub(crate) fn engine(
    settings: &Settings,
    supergraph_sdl: &str,
    transports: HashMap<String, Arc<dyn Transport>>,
) -> anyhow::Result<Engine> {
    let supergraph = Supergraph::parse(supergraph_sdl)?;
    Ok(Engine::new(
        supergraph,
        transports,
        settings.router.engine.clone(),
    )?)
}

/// Accepts the tokens of the configured issuers; `own_keys` are those of the own identity subgraph.
pub(crate) fn verifier(settings: &Settings, own_keys: KeySource) -> Arc<TokenVerifier> {
    let client = router_server::transport::HttpTransport::client(&settings.router);
    Arc::new(TokenVerifier::new(
        &settings.auth,
        own_keys,
        &client,
        Clock::System,
    ))
}

/// Learns from identity which sessions were revoked, for as long as the process runs.
pub(crate) fn follow_identity(
    settings: &Settings,
    identity: Arc<dyn Transport>,
    verifier: Arc<TokenVerifier>,
    shutdown: CancellationToken,
) {
    let interval = settings.auth.revoked_sessions_interval.get();
    tokio::spawn(follow_revocations(
        revoked_from_identity(identity),
        verifier,
        interval,
        shutdown,
    ));
}

/// Everything that the listeners of a router share. Without an engine it is given one later.
pub(crate) fn state(
    settings: &Settings,
    engine: impl Into<Option<Engine>>,
    verifier: Arc<TokenVerifier>,
    health: Health,
) -> anyhow::Result<Arc<RouterState>> {
    let (router, engine) = (settings.router.clone(), engine.into().map(Arc::new));
    let state = RouterState::new(engine, verifier, router, health, Ids::Random)?;
    Ok(Arc::new(state))
}

/// The health of this process. From the signal to stop on it is not ready, so that load balancers
/// look elsewhere while running requests end.
pub(crate) fn health(service: impl Into<String>, shutdown: &CancellationToken) -> Health {
    let health = Health::new(service, env!("CARGO_PKG_VERSION"));
    let (stopping, shutdown) = (health.clone(), shutdown.clone());
    tokio::spawn(async move {
        shutdown.cancelled().await;
        stopping.set_not_ready("shutdown", "the process is stopping");
    });
    health
}

/// The sockets of a process, bound before anything slow is started: a taken address costs nothing.
pub(crate) struct Listeners {
    clients: TcpListener,
    operators: Option<TcpListener>,
}

impl Listeners {
    /// Binds the addresses of the settings.
    pub(crate) async fn bind(settings: &HttpSettings) -> anyhow::Result<Self> {
        let clients = bind(settings.listen, "--listen").await?;
        let operators = bind_operators(settings).await?;
        Ok(Self { clients, operators })
    }

    /// Where operators connect, or how to let them.
    pub(crate) fn operators(&self) -> String {
        operators(self.operators.as_ref())
    }

    /// Where clients connect.
    pub(crate) fn url(&self) -> anyhow::Result<String> {
        Ok(format!("http://{}", self.clients.local_addr()?))
    }

    /// Says that it is ready, then serves `router` as [`Listeners::serve_router`] does.
    pub(crate) async fn serve(
        self,
        settings: &HttpSettings,
        router: Arc<RouterState>,
        others: axum::Router,
        shutdown: CancellationToken,
    ) -> anyhow::Result<()> {
        self.announce()?;
        self.serve_router(settings, router, others, shutdown).await
    }

    /// Serves `router` to clients and operators until `shutdown`, and `others` to whoever comes to them.
    pub(crate) async fn serve_router(
        self,
        settings: &HttpSettings,
        router: Arc<RouterState>,
        others: axum::Router,
        shutdown: CancellationToken,
    ) -> anyhow::Result<()> {
        let app = router_server::app(Arc::clone(&router)).merge(others);
        let admin = router_server::admin(&router);
        let serving = self.listen(settings, app, admin, shutdown.clone());
        let subscribers = async {
            router.drain(shutdown, settings).await;
            Ok(())
        };
        tokio::try_join!(serving, subscribers)?;
        Ok(())
    }

    /// Says that it is ready, then serves `app` to clients and `admin` to operators until `shutdown`.
    pub(crate) async fn serve_apps(
        self,
        settings: &HttpSettings,
        app: axum::Router,
        admin: axum::Router,
        shutdown: CancellationToken,
    ) -> anyhow::Result<()> {
        self.announce()?;
        self.listen(settings, app, admin, shutdown).await
    }

    /// Says where operators connect.
    pub(crate) fn announce_operators(&self) {
        announce_operators(self.operators.as_ref());
    }

    fn announce(&self) -> anyhow::Result<()> {
        self.announce_operators();
        say(&format!("ready {}", self.url()?));
        Ok(())
    }

    async fn listen(
        self,
        settings: &HttpSettings,
        app: axum::Router,
        admin: axum::Router,
        shutdown: CancellationToken,
    ) -> anyhow::Result<()> {
        let clients = process::http::serve(self.clients, app, settings, shutdown.clone());
        let operators = async {
            match self.operators {
                Some(listener) => {
                    process::http::serve(listener, admin, settings, shutdown.clone()).await
                }
                None => Ok(()),
            }
        };
        tokio::try_join!(clients, operators)?;
        Ok(())
    }
}

/// The socket of operators, where there is one.
pub(crate) async fn bind_operators(settings: &HttpSettings) -> anyhow::Result<Option<TcpListener>> {
    match settings.admin_listen {
        Some(address) => Ok(Some(bind(address, "http.admin_listen").await?)),
        None => Ok(None),
    }
}

/// Says where operators connect.
pub(crate) fn announce_operators(listener: Option<&TcpListener>) {
    say(&format!("operators {}", operators(listener)));
}

fn operators(listener: Option<&TcpListener>) -> String {
    match listener.map(TcpListener::local_addr) {
        Some(Ok(address)) => format!("http://{address}/metrics and /health"),
        _ => "off: set http.admin_listen".to_owned(),
    }
}

async fn bind(address: std::net::SocketAddr, setting: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!("cannot listen on {address}: choose another address with {setting}")
    })
}
