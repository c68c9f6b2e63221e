//! `pasar worker`: what runs beside the requests of subgraphs, without their HTTP.

use std::process::ExitCode;

use crate::{
    Settings,
    cli::Worker,
    commands::serve::{admin, assertion_key, prepare},
    databases::{self, Databases},
    events::{self, Workers},
    gateway, launch,
    output::say,
    readiness, subgraphs,
};

pub(crate) async fn run(settings: Settings, arguments: Worker) -> anyhow::Result<ExitCode> {
    let chosen = subgraphs::choose(&arguments.subgraph)?;
    let role = subgraphs::role(&arguments.subgraph);
    let name = format!("pasar-worker-{role}");
    let telemetry = process::telemetry::init(&name, &settings.telemetry)?;
    let listener = gateway::bind_operators(&settings.http).await?;
    let key = assertion_key(&settings)?;

    let shutdown = process::shutdown::on_signal();
    let databases = Databases::from_settings(&settings);
    for target in databases::with_events(&settings, &chosen) {
        prepare(&settings, &databases, target, false).await?;
    }
    let launched = launch::launch(&settings, &databases, &chosen, Some(&key)).await?;
    let bus = events::bus(&settings, &databases).await?;
    let workers = Workers::start(&settings, &launched, bus);
    let health = gateway::health(name, &shutdown);
    readiness::watch(&launched, &health, &shutdown);
    gateway::announce_operators(listener.as_ref());
    say(&format!("ready worker of {role}"));
    match listener {
        Some(listener) => {
            process::http::serve(listener, admin(&health), &settings.http, shutdown).await?;
        }
        None => shutdown.cancelled().await,
    }
    workers.stop().await;
    drop(telemetry);
    Ok(ExitCode::SUCCESS)
}
