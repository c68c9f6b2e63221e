//! `pasar router`: the router alone, for this supergraph or any other.

use std::{process::ExitCode, sync::Arc, time::Duration};

use kernel::Clock;
use process::jwt::KeySource;
use router_server::supergraph::{Follower, Stage};
use tokio_util::sync::CancellationToken;

use crate::{
    Settings,
    cli::Router,
    gateway::{self, Listeners},
    output::say,
    remote::Remote,
};

pub(crate) async fn run(mut settings: Settings, arguments: Router) -> anyhow::Result<ExitCode> {
    let telemetry = process::telemetry::init("pasar-router", &settings.telemetry)?;
    settings.http.listen = arguments.listen.unwrap_or(settings.http.listen);
    let listeners = Listeners::bind(&settings.http).await?;
    let remote = Remote::new(&settings)?;

    let shutdown = process::shutdown::on_signal();
    let keys = match settings.auth.jwks_url.clone() {
        Some(url) => KeySource::url(remote.client().clone(), url),
        None => KeySource::None,
    };
    let verifier = gateway::verifier(&settings, keys);
    if let Some(url) = settings.auth.revoked_sessions_url.as_ref()
        && remote.signs()
    {
        gateway::follow_identity(
            &settings,
            Arc::new(remote.transport(url)?),
            Arc::clone(&verifier),
            shutdown.clone(),
        );
    }
    let health = gateway::health("pasar-router", &shutdown);
    let state = gateway::state(&settings, None, verifier, health)?;
    let reader = remote.reader(arguments.supergraph);
    let follower = Follower::new(Arc::clone(&state), reader, remote.build(), Clock::System);
    let every = settings.router.supergraph.poll_interval.get();
    let following = follow(follower, every, listeners.url()?, shutdown.clone());
    listeners.announce_operators();
    let serving = listeners.serve_router(&settings.http, state, axum::Router::new(), shutdown);
    tokio::try_join!(serving, following)?;
    drop(telemetry);
    Ok(ExitCode::SUCCESS)
}

/// Says when there is a supergraph to serve, and follows its sources until `shutdown`.
///
/// Ends with an error when there is none and waiting would not change that: the file that names the rest is
/// wrong, what was named is no supergraph that this router knows, or nobody looks again.
async fn follow(
    mut follower: Follower,
    every: Duration,
    url: String,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    let following = async {
        if let Err(failure) = follower.look().await {
            let is_ours = matches!(failure.stage, Stage::Config | Stage::Supergraph);
            let hopeless = every.is_zero() || is_ours;
            anyhow::ensure!(!hopeless, failure.message);
            say(&format!("waiting {url}"));
            follower.until_sound(every).await;
        }
        say(&format!("ready {url}"));
        if !every.is_zero() {
            follower.run(every).await;
        }
        shutdown.cancelled().await;
        Ok(())
    };
    tokio::select! {
        biased;
        () = shutdown.cancelled() => Ok(()),
        outcome = following => outcome,
    }
}
