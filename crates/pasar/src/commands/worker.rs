//! `pasar worker`: what runs beside the requests of subgraphs, without their HTTP.

use std::process::ExitCode;

use anyhow::Context as _;
use tokio::net::TcpListener;

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
    let role = if arguments.all {
        "all".to_owned()
    } else {
        arguments.subgraph.join("+")
    };
    let name = format!("pasar-worker-{role}");
    let telemetry = process::telemetry::init(&name, &settings.telemetry)?;
    let listener = match settings.http.admin_listen {
        Some(address) => Some(TcpListener::bind(address).await.with_context(|| {
            format!("{address} cannot be listened to: set http.admin_listen to another address")
        })?),
        None => None,
    };
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
    if let Some(listener) = &listener {
        let address = listener.local_addr()?;
        say(&format!("operators http://{address}/metrics and /health"));
    }
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
