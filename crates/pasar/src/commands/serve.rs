//! `pasar serve`: subgraphs over HTTP.

use std::{process::ExitCode, sync::Arc};

use anyhow::Context as _;
use kernel::{Clock, Ids};
use process::{
    assertion::{self, AssertionKey},
    config::Missing,
    health::Health,
};
use service::http::VerifyPrincipal;

use crate::{
    Settings,
    cli::Serve,
    databases::{self, Databases, Target},
    events::{self, Workers},
    gateway::{self, Listeners},
    launch, readiness, subgraphs,
};

pub(crate) async fn run(mut settings: Settings, arguments: Serve) -> anyhow::Result<ExitCode> {
    let chosen = subgraphs::choose(&arguments.subgraph)?;
    let role = subgraphs::role(&arguments.subgraph);
    let telemetry = process::telemetry::init(&format!("pasar-{role}"), &settings.telemetry)?;
    settings.http.listen = arguments.listen.unwrap_or(settings.http.listen);
    let listeners = Listeners::bind(&settings.http).await?;
    let key = assertion_key(&settings)?;

    let shutdown = process::shutdown::on_signal();
    let databases = Databases::from_settings(&settings);
    let targets = if arguments.no_worker {
        chosen.iter().map(|subgraph| (*subgraph).into()).collect()
    } else {
        databases::with_events(&settings, &chosen)
    };
    for target in targets {
        prepare(&settings, &databases, target, arguments.migrate).await?;
    }
    let launched = launch::launch(&settings, &databases, &chosen, Some(&key)).await?;
    let workers = if arguments.no_worker {
        None
    } else {
        let bus = events::bus(&settings, &databases).await?;
        Some(Workers::start(&settings, &launched, bus))
    };
    let health = gateway::health(format!("pasar-{role}"), &shutdown);
    readiness::watch(&launched, &health, &shutdown);
    let mut routes = axum::Router::new();
    for subgraph in launched.running {
        routes = routes.merge(service::http::routes(
            subgraph.name,
            subgraph.running,
            verify(&key),
            shutdown.clone(),
        ));
    }
    let app = process::http::observe(routes.merge(health.routes()), Ids::Random);
    listeners
        .serve_apps(&settings.http, app, admin(&health), shutdown)
        .await?;
    if let Some(workers) = workers {
        workers.stop().await;
    }
    drop(telemetry);
    Ok(ExitCode::SUCCESS)
}

/// What the parts of Pasar sign assertions with.
pub(crate) fn assertion_key(settings: &Settings) -> anyhow::Result<AssertionKey> {
    let mut missing = Missing::default();
    let secret = missing.take("internal.secret", settings.internal.secret.as_ref());
    missing.finish()?;
    Ok(AssertionKey::new(&secret.context("internal.secret")?)?)
}

/// Applies migrations, or refuses to start on pending ones.
pub(crate) async fn prepare(
    settings: &Settings,
    databases: &Databases,
    target: Target,
    migrate: bool,
) -> anyhow::Result<()> {
    if migrate {
        databases.ensure(settings, target).await?;
    }
    let db = databases.connect(settings, target).await?;
    if migrate {
        databases::migrate(&db, target).await?;
    }
    let pending = databases::pending(&db, target).await?;
    db.close().await;
    anyhow::ensure!(
        pending == 0,
        "the database of `{}` lacks {pending} migrations: run `pasar migrate`, or serve with --migrate",
        target.name
    );
    Ok(())
}

fn verify(key: &AssertionKey) -> VerifyPrincipal {
    let key = key.clone();
    Arc::new(move |headers| {
        let token = headers.get(assertion::HEADER)?.to_str().ok()?;
        assertion::verify(&key, token, &Clock::System).ok()
    })
}

pub(crate) fn admin(health: &Health) -> axum::Router {
    process::metrics::install();
    axum::Router::new()
        .route(
            "/metrics",
            axum::routing::get(|| async { process::metrics::render() }),
        )
        .merge(health.routes())
}
