//! The GraphQL face of the subgraph. Resolvers are a few lines: the rules are elsewhere.

mod admin;
mod mutation;
mod query;
mod types;
mod user_error;

use async_graphql::{EmptySubscription, MergedObject, Request, Schema};
use kernel::Fault;
use service::{Deps, Running};

use crate::{consumers, jobs, settings::Settings};

/// Root of all queries of this subgraph.
#[derive(MergedObject, Default)]
struct Query(query::SearchQuery, admin::AdminQuery);

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
/// [`Fault`] when the settings are not what they should be.
pub fn start(deps: Deps) -> Result<Running, Fault> {
    let settings = Settings::read(&deps.settings)?;
    let engines = settings.engines(deps.db.clone())?;
    let tasks = jobs::tasks(&engines);
    let executor = gql::schema::Executor::new(schema());
    let mut running = Running::new(deps, move |ctx, call| {
        let (executor, engines) = (executor.clone(), engines.clone());
        async move {
            let prepare = |request: Request| request.data(ctx).data(engines);
            executor.execute(call, prepare).await
        }
    });
    running.consumers = consumers::consumers();
    running.tasks = tasks;
    Ok(running)
}
