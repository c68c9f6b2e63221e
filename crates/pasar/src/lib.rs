//! The binary's library: command line, list of subgraphs, wiring. No domain logic.

pub mod cli;
mod commands;
mod contracts;
mod data_dir;
mod databases;
mod events;
mod gateway;
mod launch;
mod link;
mod output;
mod parts;
mod readiness;
mod remote;
pub mod seed;
mod settings;
pub mod subgraphs;
mod supergraph;

use std::process::ExitCode;

use cli::{Arguments, Command};

pub use settings::Settings;

/// Runs what the command line asks for. Every failure is one text that says what to do.
#[must_use]
pub fn run(arguments: Arguments) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return output::failed(&anyhow::Error::new(error)),
    };
    match runtime.block_on(dispatch(arguments)) {
        Ok(code) => code,
        Err(error) => output::failed(&error),
    }
}

async fn dispatch(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let load = || Settings::load(&arguments.config);
    match arguments.command {
        Command::Up(up) => commands::up::run(load()?, up).await,
        Command::Serve(serve) => commands::serve::run(load()?, serve).await,
        Command::Router(router) => commands::router::run(load()?, router).await,
        Command::Compose(compose) => commands::compose::run(&load()?, &compose).await,
        Command::Worker(worker) => commands::worker::run(load()?, worker).await,
        Command::Events(events) => commands::events::run(load()?, events).await,
        Command::Migrate(migrate) => commands::migrate::run(load()?, migrate).await,
        Command::Schema(schema) => commands::schema::run(&schema),
        Command::Seed(seed) => commands::seed::run(load()?, seed).await,
        Command::Config => commands::config::run(&load()?),
        Command::Doctor => commands::doctor::run(load()?).await,
        Command::Healthcheck => commands::healthcheck::run(&load()?).await,
    }
}
