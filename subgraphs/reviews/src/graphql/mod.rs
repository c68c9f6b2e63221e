//! The GraphQL face of the subgraph. Resolvers are a few lines: the rules are elsewhere.

mod entities;
mod extensions;
mod loaders;
mod mutation;
mod query;
mod types;
mod user_error;

use std::sync::Arc;

use async_graphql::{EmptySubscription, MergedObject, Schema};
use futures_util::{FutureExt, future::BoxFuture};
use kernel::Fault;
use service::{Ctx, Deps, Running};

use loaders::Loaders;

/// Root of all queries of this subgraph.
#[derive(MergedObject, Default)]
struct Query(query::ReviewQuery, entities::ReviewEntities);

fn schema() -> Schema<Query, mutation::Mutation, EmptySubscription> {
    gql::schema::builder(Query::default(), mutation::Mutation).finish()
}

/// The federation schema of this subgraph.
#[must_use]
pub fn sdl() -> String {
    gql::schema::sdl(&schema())
}

/// Starts answering.
#[must_use]
pub fn start(deps: Deps) -> BoxFuture<'static, Result<Running, Fault>> {
    let executor = gql::schema::Executor::new(schema());
    let execute: service::Execute = Arc::new(move |call| {
        let (executor, ctx) = (executor.clone(), Ctx::new(&deps, &call.context));
        async move {
            let loaders = Loaders::new(&ctx);
            Ok(executor
                .execute(call, |request| request.data(ctx).data(loaders))
                .await)
        }
        .boxed()
    });
    async move {
        Ok(Running {
            execute,
            routes: service::subgraph::no_routes(),
        })
    }
    .boxed()
}
