//! What all requests share.

use std::sync::{Arc, PoisonError, RwLock};

use kernel::{Ids, Principal};
use process::{health::Health, http::HttpSettings, jwt::TokenVerifier};
use router_engine::Engine;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower_http::cors::CorsLayer;

use crate::{RouterSettings, SettingsError, policy, subscriptions::Subscriptions};

/// What all requests share.
pub struct RouterState {
    engine: RwLock<Arc<Engine>>,
    pub(crate) auth: Arc<TokenVerifier>,
    pub(crate) settings: RouterSettings,
    pub(crate) health: Health,
    pub(crate) ids: Ids,
    pub(crate) anonymous: Arc<Principal>,
    pub(crate) slots: Arc<Semaphore>,
    /// New operations that are prepared at the same time: one per core.
    pub(crate) planning: Arc<Semaphore>,
    pub(crate) cors: CorsLayer,
    /// The connections that stay open.
    pub(crate) subscriptions: Subscriptions,
}

impl RouterState {
    /// Everything a router needs; `health` is shared with whoever knows when it is ready.
    ///
    /// # Errors
    /// When the settings contradict themselves.
    pub fn new(
        engine: Arc<Engine>,
        auth: Arc<TokenVerifier>,
        settings: RouterSettings,
        health: Health,
        ids: Ids,
    ) -> Result<Self, SettingsError> {
        settings.subscriptions.check()?;
        Ok(Self {
            subscriptions: Subscriptions::new(&settings.subscriptions),
            cors: policy::cors::layer(&settings.cors)?,
            engine: RwLock::new(engine),
            slots: Arc::new(Semaphore::new(settings.max_concurrent_requests)),
            planning: Arc::new(Semaphore::new(cores())),
            anonymous: Arc::new(Principal::anonymous()),
            auth,
            settings,
            health,
            ids,
        })
    }

    /// The engine in use. A request keeps the one it began with.
    #[must_use]
    pub fn engine(&self) -> Arc<Engine> {
        Arc::clone(&self.engine.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts a new engine, and with it a new supergraph, into use for requests from now on.
    pub fn replace_engine(&self, engine: Arc<Engine>) {
        *self.engine.write().unwrap_or_else(PoisonError::into_inner) = engine;
    }
}

impl RouterState {
    /// Waits for `shutdown`, then ends sockets (with 1012, so that clients connect elsewhere) and
    /// event streams in order, as `http` says. Resolves when they have ended or had their time.
    pub async fn drain(&self, shutdown: CancellationToken, http: &HttpSettings) {
        shutdown.cancelled().await;
        tokio::time::sleep(http.drain_delay.get()).await;
        self.subscriptions.end(http.drain_timeout.get()).await;
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}
