//! `pasar up`: all of it in one process.

use std::{collections::HashMap, process::ExitCode, sync::Arc};

use anyhow::Context as _;
use process::{assertion::AssertionKey, health::Health, jwt::KeySource};
use router_engine::Transport;
use service::{
    Bus,
    cluster::{self, Cluster, ClusterSettings, ClusterSource},
};
use tokio_util::sync::CancellationToken;

use crate::{
    Settings,
    cli::{PostgresSource, SeedKind, Up},
    data_dir::DataDir,
    databases::{self, Databases},
    events::{self, Workers},
    gateway::{self, Listeners},
    launch::{self, Launched},
    link::InProcess,
    output::note,
    parts::{self, Part},
    readiness, seed, subgraphs, supergraph,
};

pub(crate) async fn run(mut settings: Settings, arguments: Up) -> anyhow::Result<ExitCode> {
    let telemetry = process::telemetry::init("pasar", &settings.telemetry)?;
    settings.http.listen = arguments.listen.unwrap_or(settings.http.listen);
    let listeners = Listeners::bind(&settings.http).await?;
    let data = DataDir::open(&arguments.data)?;
    complete_secrets(&mut settings, &data)?;

    let shutdown = process::shutdown::on_signal();
    let (cluster, admin_url) = postgres(&settings, &data, arguments.postgres).await?;
    let outcome = tokio::select! {
        outcome = serve(&settings, &arguments, &data, admin_url, cluster.as_ref(), listeners, &shutdown) => outcome,
        // Also while it still starts: the rest below must run.
        () = interrupted_start(&shutdown) => Ok(()),
    };
    shutdown.cancel();
    if let Some(cluster) = cluster {
        cluster
            .stop()
            .await
            .context("the private PostgreSQL did not stop in order")?;
    }
    drop(telemetry);
    outcome.map(|()| ExitCode::SUCCESS)
}

/// Resolves when the signal has come and the orderly end of [`serve`] has had its time.
async fn interrupted_start(shutdown: &CancellationToken) {
    shutdown.cancelled().await;
    tokio::time::sleep(std::time::Duration::from_secs(40)).await;
}

/// Takes generated secrets for those that are not set.
fn complete_secrets(settings: &mut Settings, data: &DataDir) -> anyhow::Result<()> {
    if settings.internal.secret.is_none() {
        settings.internal.secret = Some(data.internal_secret()?);
    }
    if settings.identity.signing_key.is_none() {
        settings.identity.signing_key = Some(data.signing_key()?);
    }
    Ok(())
}

/// The server: the configured one, or a private cluster in the data folder.
async fn postgres(
    settings: &Settings,
    data: &DataDir,
    source: PostgresSource,
) -> anyhow::Result<(Option<Cluster>, String)> {
    if let Some(url) = &settings.postgres.url {
        return Ok((None, url.expose().to_owned()));
    }
    let source = match source {
        PostgresSource::Auto => ClusterSource::Auto,
        PostgresSource::Installed => ClusterSource::Installed,
        PostgresSource::Fetched => ClusterSource::Fetched,
    };
    let cluster_settings = ClusterSettings {
        source,
        ..ClusterSettings::new(data.cluster())
    };
    let cluster = cluster::start(cluster_settings, &note).await?;
    let admin_url = cluster.admin_url().to_owned();
    Ok((Some(cluster), admin_url))
}

#[expect(
    clippy::too_many_arguments,
    reason = "the pieces that `run` must keep to end them in order"
)]
async fn serve(
    settings: &Settings,
    arguments: &Up,
    data: &DataDir,
    admin_url: String,
    cluster: Option<&Cluster>,
    listeners: Listeners,
    shutdown: &CancellationToken,
) -> anyhow::Result<()> {
    let secret = settings
        .internal
        .secret
        .clone()
        .context("the internal secret was made above")?;
    AssertionKey::new(&secret)?;
    let databases = Databases::of_server(admin_url, secret);
    for target in databases::with_events(settings, &subgraphs::ALL) {
        databases.ensure(settings, target).await?;
        let db = databases.connect(settings, target).await?;
        let pending = databases::pending(&db, target).await?;
        if pending > 0 {
            note(&format!(
                "migrating the database of `{}` ({pending} steps)",
                target.name
            ));
            databases::migrate(&db, target).await?;
        }
        db.close().await;
    }
    let launched = launch::launch(settings, &databases, &subgraphs::ALL, None).await?;
    fill(&launched, arguments.seed, data).await?;
    let health = gateway::health("pasar", shutdown);
    readiness::watch(&launched, &health, shutdown);
    let router = router(settings, &launched, health, shutdown)?;
    let bus = events::bus(settings, &databases).await?;
    parts::print(&parts(settings, cluster, &bus, &listeners));
    let workers = Workers::start(settings, &launched, bus);
    let served = listeners
        .serve(&settings.http, router, launched.routes(), shutdown.clone())
        .await;
    workers.stop().await;
    served
}

/// The router over the subgraphs of this process.
fn router(
    settings: &Settings,
    launched: &Launched,
    health: Health,
    shutdown: &CancellationToken,
) -> anyhow::Result<Arc<router_server::RouterState>> {
    let composition = supergraph::of_this_binary(settings)?;
    let mut transports: HashMap<String, Arc<dyn Transport>> = HashMap::new();
    for subgraph in &launched.running {
        let transport = InProcess::new(&subgraph.running);
        transports.insert(subgraph.name.to_owned(), Arc::new(transport));
    }
    let engine = gateway::engine(settings, &composition.supergraph_sdl, transports)?;
    let identity = launched
        .execute(identity::SUBGRAPH.name)
        .context("identity runs here")?;
    let keys = identity::keys::jwks(&launch::identity_settings(settings))
        .map_err(|fault| anyhow::anyhow!("identity.signing_key: {}", fault.chain()))?;
    let verifier = gateway::verifier(settings, KeySource::Fixed(keys.to_string()));
    gateway::follow_identity(
        settings,
        Arc::new(InProcess::without_subscriptions(identity)),
        Arc::clone(&verifier),
        shutdown.clone(),
    );
    gateway::state(settings, engine, verifier, health)
}

/// Fills empty databases once.
async fn fill(launched: &Launched, kind: SeedKind, data: &DataDir) -> anyhow::Result<()> {
    const MARK: &str = "seeded";
    if kind == SeedKind::None || data.has_mark(MARK) {
        return Ok(());
    }
    seed::apply(launched, kind, &note).await?;
    data.set_mark(MARK)
}

/// How messages leave.
fn messages(settings: &Settings) -> Part {
    use notifications::channels::ChannelKind;
    let settings = &settings.notifications;
    let built_in = if settings.mailbox {
        "notificationMailbox"
    } else {
        "refused"
    };
    let by = |channel| match settings.provider(channel) {
        "mailbox" => built_in,
        provider => provider,
    };
    let [mail, sms, push, whatsapp] = [
        ChannelKind::Email,
        ChannelKind::Sms,
        ChannelKind::Push,
        ChannelKind::Whatsapp,
    ]
    .map(by);
    let all_built_in = [mail, sms, push, whatsapp] == [built_in; 4];
    Part {
        need: "messages",
        kind: if all_built_in { "built in" } else { "real" },
        what: format!("mail: {mail}, SMS: {sms}, push: {push}, WhatsApp: {whatsapp}"),
    }
}

/// Something real if there is, else what is in its place.
fn part(need: &'static str, real: Option<String>, otherwise: (&'static str, &str)) -> Part {
    let (kind, what) = match real {
        Some(what) => ("real", what),
        None => (otherwise.0, otherwise.1.to_owned()),
    };
    Part { need, kind, what }
}

fn parts(
    settings: &Settings,
    cluster: Option<&Cluster>,
    bus: &Bus,
    listeners: &Listeners,
) -> Vec<Part> {
    let postgres = match cluster {
        Some(cluster) => cluster.describe().to_owned(),
        None => "the server of postgres.url".to_owned(),
    };
    let endpoint = settings.telemetry.otlp_endpoint.as_ref();
    let traces = endpoint.map(|endpoint| format!("OTLP to {endpoint}"));
    vec![
        Part {
            need: "data",
            kind: "real",
            what: postgres,
        },
        Part {
            need: "subgraphs",
            kind: "built in",
            what: format!("{} in this process", subgraphs::ALL.len()),
        },
        Part {
            need: "events",
            kind: match bus {
                Bus::Log(_) => "built in",
                Bus::Kafka(_) => "real",
            },
            what: bus.describe(),
        },
        part(
            "fan-out",
            settings.redis.describe(),
            ("built in", "in this process"),
        ),
        part(
            "search",
            settings.search.describe(),
            ("built in", "PostgreSQL"),
        ),
        Part {
            need: "limits, cache",
            kind: "built in",
            what: "in this process".to_owned(),
        },
        messages(settings),
        part("traces", traces, ("off", "set telemetry.otlp_endpoint")),
        Part {
            need: "operators",
            kind: "built in",
            what: listeners.operators(),
        },
    ]
}
