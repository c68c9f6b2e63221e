//! `pasar router`: the router alone, for this supergraph or any other.

use std::process::ExitCode;

use kernel::Clock;
use process::{assertion::AssertionKey, jwt::KeySource};
use router_engine::Supergraph;
use router_server::transport::{Assertions, HttpTransport};

use crate::{
    Settings,
    cli::Router,
    gateway::{self, Listeners},
    remote, supergraph,
};

pub(crate) async fn run(mut settings: Settings, arguments: Router) -> anyhow::Result<ExitCode> {
    let telemetry = process::telemetry::init("pasar-router", &settings.telemetry)?;
    settings.http.listen = arguments.listen.unwrap_or(settings.http.listen);
    let listeners = Listeners::bind(&settings.http).await?;
    let key = settings
        .internal
        .secret
        .as_ref()
        .map(AssertionKey::new)
        .transpose()?;
    let sdl = supergraph::from_file(&arguments.supergraph)?;
    let parsed = Supergraph::parse(&sdl)?;
    let transports = remote::transports(&settings, &parsed, key.as_ref())?;
    let engine = gateway::engine(&settings, &sdl, transports)?;

    let shutdown = process::shutdown::on_signal();
    let client = HttpTransport::client(&settings.router);
    let keys = match settings.auth.jwks_url.clone() {
        Some(url) => KeySource::url(client.clone(), url),
        None => KeySource::None,
    };
    let verifier = gateway::verifier(&settings, keys);
    if let (Some(url), Some(key)) = (&settings.auth.revoked_sessions_url, key) {
        let assertions = Some(std::sync::Arc::new(Assertions::new(key, Clock::System)));
        let identity = HttpTransport::new(url, &client, assertions, &settings.router)?;
        gateway::follow_identity(
            &settings,
            std::sync::Arc::new(identity),
            std::sync::Arc::clone(&verifier),
            shutdown.clone(),
        );
    }
    let health = gateway::health("pasar-router", &shutdown);
    let state = gateway::state(&settings, engine, verifier, health)?;
    listeners
        .serve(&settings.http, state, axum::Router::new(), shutdown)
        .await?;
    drop(telemetry);
    Ok(ExitCode::SUCCESS)
}
