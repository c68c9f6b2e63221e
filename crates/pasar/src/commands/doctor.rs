//! `pasar doctor`: settings, supergraph, databases, event bus, and what else is configured, one line each.

use std::process::ExitCode;

use kernel::Fault;
use process::assertion::AssertionKey;
use service::Live;

use crate::{
    Settings,
    databases::{self, Databases},
    events,
    launch::own_settings,
    output::give,
    subgraphs, supergraph,
};

pub(crate) async fn run(settings: Settings) -> anyhow::Result<ExitCode> {
    let mut healthy = true;
    let mut line = |name: &str, outcome: Result<String, String>| {
        let (mark, text) = match outcome {
            Ok(text) => ("ok  ", text),
            Err(text) => {
                healthy = false;
                ("FAIL", text)
            }
        };
        give(&format!("{mark} {name:<22} {text}"))
    };
    line("settings", Ok("read".to_owned()))?;
    line("internal.secret", secret(&settings))?;
    line("supergraph", composed(&settings))?;
    let databases = Databases::from_settings(&settings);
    for target in databases::with_events(&settings, &subgraphs::ALL) {
        let outcome = async {
            let db = databases.connect(&settings, target).await?;
            databases::pending(&db, target).await
        };
        let outcome = match outcome.await {
            Ok(0) => Ok("answers, up to date".to_owned()),
            Ok(pending) => Err(format!(
                "{pending} migrations are pending: run `pasar migrate`"
            )),
            Err(error) => Err(format!("{error:#}")),
        };
        line(&format!("database {}", target.name), outcome)?;
    }
    line("event bus", bus(&settings, &databases).await)?;
    if let (Some(what), Some(url)) = (settings.redis.describe(), &settings.redis.url) {
        let asked = Live::ask_redis(url.expose()).await;
        line("redis", answered(&what, asked))?;
    }
    let node = search::node(&own_settings(&settings, search::SUBGRAPH.name)).transpose();
    if let (Some(what), Some(node)) = (settings.search.describe(), node) {
        // An index it need not have yet.
        let asked = async { node?.current_index().await.map(drop) };
        line("search node", answered(&what, asked.await))?;
    }
    Ok(if healthy {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn secret(settings: &Settings) -> Result<String, String> {
    let Some(secret) = &settings.internal.secret else {
        return Err("not set: set PASAR__INTERNAL__SECRET to 32 random bytes or more".to_owned());
    };
    AssertionKey::new(secret)
        .map(|_| "set".to_owned())
        .map_err(|error| error.to_string())
}

fn composed(settings: &Settings) -> Result<String, String> {
    match supergraph::of_this_binary(settings) {
        Ok(composition) => Ok(format!("composes, {} hints", composition.hints.len())),
        Err(error) => Err(format!("{error:#}")),
    }
}

/// Whether the bus answers.
async fn bus(settings: &Settings, databases: &Databases) -> Result<String, String> {
    let bus = events::bus(settings, databases)
        .await
        .map_err(|error| format!("{error:#}"))?;
    // Any question will do; nobody is called so.
    let asked = bus.lag("doctor", &[]).await;
    bus.close().await;
    asked
        .map(|_| format!("{}, answers", bus.describe()))
        .map_err(|fault| fault.chain())
}

fn answered(what: &str, asked: Result<(), Fault>) -> Result<String, String> {
    asked
        .map(|()| format!("{what}, answers"))
        .map_err(|fault| format!("{what}: {}", fault.chain()))
}
