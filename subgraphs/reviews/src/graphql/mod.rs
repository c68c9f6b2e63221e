//! The GraphQL face of the subgraph. Resolvers are a few lines: the rules are elsewhere.

mod entities;
mod extensions;
mod internal;
mod loaders;
mod mutation;
mod query;
mod types;
mod user_error;

use async_graphql::{EmptySubscription, MergedObject, Request, Schema};
use kernel::Fault;
use service::{Deps, Running};

use loaders::Loaders;

/// Root of all queries of this subgraph.
#[derive(MergedObject, Default)]
struct Query(
    query::ReviewQuery,
    internal::InternalQuery,
    entities::ReviewEntities,
);

fn schema() -> Schema<Query, mutation::Mutation, EmptySubscription> {
    gql::schema::builder(Query::default(), mutation::Mutation).finish()
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
        async move {
            let loaders = Loaders::new(&ctx);
            let prepare = |request: Request| request.data(ctx).data(loaders);
            executor.execute(call, prepare).await
        }
    }))
}
