//! The GraphQL face of the subgraph. Resolvers are a few lines: the rules are elsewhere.

mod admin;
mod entities;
mod loaders;
mod mutation;
mod person;
mod query;
mod subscription;
mod types;
mod user_error;

use std::sync::Arc;

use async_graphql::{MergedObject, Request, Schema};
use futures_util::StreamExt as _;
use kernel::{Fault, GraphqlCall};
use serde::Deserialize as _;
use service::{Ctx, Deps, Running};

use crate::{
    channels::{Channels, Settings},
    commands, consumers,
    domain::{Error, Rejection},
    jobs,
};

/// The address of the website, to which links lead.
#[derive(Clone)]
struct Site(Arc<str>);

/// Root of all queries of this subgraph.
#[derive(MergedObject, Default)]
struct Query(query::NotificationQuery, entities::NotificationEntities);

fn schema() -> Schema<Query, mutation::Mutation, subscription::Subscription> {
    gql::schema::builder_with(
        Query::default(),
        mutation::Mutation,
        subscription::Subscription,
    )
    .finish()
}

/// The federation schema of this subgraph.
#[must_use]
pub fn sdl() -> String {
    gql::schema::sdl(&schema())
}

/// Starts answering.
///
/// # Errors
/// [`Fault`] when the settings make no sense.
pub fn start(deps: Deps) -> Result<Running, Fault> {
    let settings = if deps.settings.is_null() {
        Settings::default()
    } else {
        // The message of the error is not shown: it could repeat a part of a secret.
        Settings::deserialize(&deps.settings).map_err(|_| {
            Fault::internal("the settings of notifications are not what they must be")
        })?
    };
    let channels = Channels::new(settings, &deps)?;
    let site = Site(channels.settings().site_url.as_str().into());
    let executor = gql::schema::Executor::new(schema());

    let routes = channels.routes(&commands::own_context(&deps));
    let (live, live_site, live_deps) = (executor.clone(), site.clone(), deps.clone());
    let subscribe = move |call: GraphqlCall| {
        let ctx = Ctx::new(&live_deps, &call.context);
        let site = live_site.clone();
        live.subscribe(call, |request: Request| request.data(ctx).data(site))
            .boxed()
    };
    let mut running = Running::new(deps, move |ctx, call| {
        let (executor, site) = (executor.clone(), site.clone());
        async move {
            let prepare = |request: Request| request.data(ctx).data(site);
            executor.execute(call, prepare).await
        }
    });
    running.subscribe = Some(Arc::new(subscribe));
    running.routes = routes;
    running.consumers = consumers::all();
    running.tasks = jobs::tasks(&channels);
    Ok(running)
}

/// An error of a query about a wording that is refused.
fn refused(error: Error) -> async_graphql::Error {
    let fault = match error {
        Error::Fault(fault) => fault,
        Error::Rejected(Rejection::Invalid { field, rule }) => {
            Fault::invalid_input(format!("`{field}` {rule}"))
        }
        Error::Rejected(_) => Fault::invalid_input("the wording is refused"),
    };
    gql::fault(fault)
}
