//! The router as an HTTP server.
//!
//! [`app`] is what clients reach: GraphQL over HTTP, the playground, the schema, health. [`admin`] is
//! for operators. README.md lists the layers of a request in order.

mod graphql;
mod playground;
mod policy;
mod revocation;
mod settings;
mod state;
mod subscriptions;
pub mod supergraph;
pub mod transport;
mod websocket;

use std::sync::Arc;

use axum::{Router, routing};

pub use revocation::{FetchRevoked, follow_revocations, revoked_from_identity};
pub use settings::{
    CorsSettings, RouterSettings, SettingsError, SubgraphSettings, SubscriptionSettings,
    SupergraphSettings,
};
pub use state::RouterState;

/// What clients reach. The layers run from the last to the first.
pub fn app(state: Arc<RouterState>) -> Router {
    let (health, ids) = (state.health.clone(), state.ids.clone());
    let compression = policy::compression(state.settings.compression);
    let cors = state.cors.clone();
    let routes = Router::new()
        .route("/graphql", routing::any(graphql::handle))
        .merge(playground::routes(&state))
        .fallback(graphql::not_found)
        .with_state(state)
        .merge(health.routes())
        .layer(compression)
        .layer(cors)
        .layer(axum::middleware::map_response(policy::headers::add))
        .layer(axum::middleware::from_fn(policy::panics::catch));
    process::http::observe(routes, ids)
}

/// What operators reach, on a listener of its own: metrics, health, and which supergraph is served.
pub fn admin(state: &Arc<RouterState>) -> Router {
    process::metrics::install();
    Router::new()
        .route("/metrics", routing::get(metrics))
        .route("/supergraph", routing::get(supergraph::status))
        .with_state(Arc::clone(state))
        .merge(state.health.routes())
}

async fn metrics() -> ([(http::HeaderName, &'static str); 1], String) {
    let text = "text/plain; version=0.0.4; charset=utf-8";
    (
        [(http::header::CONTENT_TYPE, text)],
        process::metrics::render(),
    )
}
