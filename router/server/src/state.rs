//! What all requests share.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use kernel::{Ids, Principal};
use process::{health::Health, http::HttpSettings, jwt::TokenVerifier};
use router_engine::Engine;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower_http::cors::CorsLayer;

use crate::{
    RouterSettings, SettingsError, policy, subscriptions::Subscriptions, supergraph::Report,
};

/// What all requests share.
pub struct RouterState {
    serving: RwLock<Option<Serving>>,
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
    /// How composition goes, where this process composes.
    pub(crate) composition: Mutex<Option<Report>>,
}

/// The supergraph in use, ready to be asked.
#[derive(Clone)]
pub(crate) struct Serving {
    pub(crate) engine: Arc<Engine>,
    /// How many there were in this process, this one included.
    pub(crate) generation: u64,
}

impl RouterState {
    /// Everything a router needs; `health` is shared with whoever knows when it is ready. Without an
    /// engine it is not ready, until it is given one.
    ///
    /// # Errors
    /// When the settings contradict themselves.
    pub fn new(
        engine: Option<Arc<Engine>>,
        auth: Arc<TokenVerifier>,
        settings: RouterSettings,
        health: Health,
        ids: Ids,
    ) -> Result<Self, SettingsError> {
        settings.check()?;
        let state = Self {
            subscriptions: Subscriptions::new(&settings.subscriptions),
            composition: Mutex::default(),
            cors: policy::cors::layer(&settings.cors)?,
            serving: RwLock::default(),
            slots: Arc::new(Semaphore::new(settings.max_concurrent_requests)),
            planning: Arc::new(Semaphore::new(cores())),
            anonymous: Arc::new(Principal::anonymous()),
            auth,
            settings,
            health,
            ids,
        };
        match engine {
            Some(engine) => state.replace_engine(engine),
            None => state.health.set_not_ready(SUPERGRAPH, "there is none yet"),
        }
        Ok(state)
    }

    /// The supergraph in use, if there is one yet. An operation keeps the one it began with.
    pub(crate) fn serving(&self) -> Option<Serving> {
        let serving = self.serving.read().unwrap_or_else(PoisonError::into_inner);
        serving.clone()
    }

    /// Whether the supergraph of this generation is still the one in use.
    pub(crate) fn is_current(&self, generation: u64) -> bool {
        let serving = self.serving.read().unwrap_or_else(PoisonError::into_inner);
        serving
            .as_ref()
            .is_some_and(|serving| serving.generation == generation)
    }

    /// Puts a new engine, and with it a new supergraph, into use for operations from now on. Queries and
    /// mutations that run end on the old one; subscriptions are ended with the next sign of life of their
    /// connection, in a way that lets clients take them up again.
    pub fn replace_engine(&self, engine: Arc<Engine>) {
        let mut serving = self.serving.write().unwrap_or_else(PoisonError::into_inner);
        let generation = serving.as_ref().map_or(1, |old| old.generation + 1);
        let old = serving.replace(Serving { engine, generation });
        drop(serving);
        // Perhaps the last holder: taking it apart is nothing to do under the lock.
        drop(old);
        self.health.set_ready(SUPERGRAPH);
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

/// The component of readiness.
pub(crate) const SUPERGRAPH: &str = "supergraph";

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}
