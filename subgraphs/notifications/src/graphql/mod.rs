//! The GraphQL face of the subgraph. Resolvers are a few lines: the rules are elsewhere.

use async_graphql::{EmptyMutation, EmptySubscription, Object, Schema};
use kernel::Fault;
use service::{Deps, Running};

struct Query;

#[Object]
impl Query {
    /// Replaced by the real fields.
    async fn notifications_ready(&self) -> Option<bool> {
        Some(true)
    }
}

fn schema() -> Schema<Query, EmptyMutation, EmptySubscription> {
    gql::schema::builder(Query, EmptyMutation).finish()
}

/// The federation schema of this subgraph.
#[must_use]
pub fn sdl() -> String {
    gql::schema::sdl(&schema())
}

/// Starts answering.
///
/// # Errors
/// None: this subgraph has no settings.
pub fn start(deps: Deps) -> Result<Running, Fault> {
    let executor = gql::schema::Executor::new(schema());
    Ok(Running::new(deps, move |ctx, call| {
        let executor = executor.clone();
        async move { executor.execute(call, |request| request.data(ctx)).await }
    }))
}
