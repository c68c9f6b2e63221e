//! The GraphQL face of the subgraph. Resolvers are a few lines: the rules are elsewhere.

mod entities;
mod internal;
mod loaders;
mod mutation;
mod query;
mod types;
mod user_error;

use std::sync::Arc;

use async_graphql::{EmptySubscription, MergedObject, Request, Schema};
use axum::{Router, http::header, response::IntoResponse, routing::get};
use kernel::Fault;
use serde_json::Value;
use service::{Deps, Running};

use crate::{keys, security::Security};
use loaders::Loaders;

/// Root of all queries of this subgraph.
#[derive(MergedObject, Default)]
struct Query(
    query::UserQuery,
    internal::InternalQuery,
    entities::UserEntities,
);

/// Root of all mutations of this subgraph.
#[derive(MergedObject, Default)]
struct Mutation(
    mutation::login::LoginMutation,
    mutation::account::AccountMutation,
    mutation::verification::VerificationMutation,
    mutation::admin::AdminMutation,
);

fn schema() -> Schema<Query, Mutation, EmptySubscription> {
    gql::schema::builder(Query::default(), Mutation::default()).finish()
}

/// The federation schema of this subgraph.
#[must_use]
pub fn sdl() -> String {
    gql::schema::sdl(&schema())
}

/// Starts answering.
///
/// # Errors
/// [`Fault`] that names the setting that is missing or wrong.
pub fn start(deps: Deps) -> Result<Running, Fault> {
    let security = Arc::new(Security::from_settings(&deps.settings)?);
    let routes = routes(keys::jwks(&deps.settings)?);
    let executor = gql::schema::Executor::new(schema());
    let running = Running::new(deps, move |ctx, call| {
        let (executor, security) = (executor.clone(), Arc::clone(&security));
        async move {
            let loaders = Loaders::new(&ctx);
            let prepare = |request: Request| request.data(ctx).data(loaders).data(security);
            executor.execute(call, prepare).await
        }
    });
    Ok(Running { routes, ..running })
}

/// The key set with which others check access tokens.
fn routes(jwks: Value) -> Router {
    let answer = move || async move {
        let headers = [(header::CACHE_CONTROL, "public, max-age=300")];
        (headers, axum::Json(jwks)).into_response()
    };
    Router::new().route("/.well-known/jwks.json", get(answer))
}
