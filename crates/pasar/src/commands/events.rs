//! `pasar events`: how far consumers are, and what they could not deal with.

use std::{collections::BTreeMap, process::ExitCode};

use kernel::{EventId, Fault};
use process::assertion::AssertionKey;
use service::{Consumer, dead_letters};

use crate::{
    Settings,
    cli::{Events, EventsCommand},
    databases::Databases,
    events,
    launch::{self, Launched, Member},
    output::give,
    subgraphs,
};

/// Lines of `dead-letters`.
const SHOWN: i64 = 1_000;

pub(crate) async fn run(settings: Settings, arguments: Events) -> anyhow::Result<ExitCode> {
    let telemetry = process::telemetry::init("pasar-events", &settings.telemetry)?;
    let databases = Databases::from_settings(&settings);
    let code = match arguments.command {
        EventsCommand::Lag { consumer } => {
            let launched = launched(&settings, &databases, consumer.as_deref()).await?;
            lag(&settings, &databases, &launched, consumer.as_deref()).await?
        }
        EventsCommand::DeadLetters { consumer } => {
            let launched = launched(&settings, &databases, consumer.as_deref()).await?;
            show(&launched, consumer.as_deref()).await?
        }
        EventsCommand::Replay { consumer, event } => {
            let launched = launched(&settings, &databases, consumer.as_deref()).await?;
            replay(&launched, consumer.as_deref(), event).await?
        }
        EventsCommand::Discard { consumer, event } => {
            let launched = launched(&settings, &databases, Some(&consumer)).await?;
            discard(&launched, &consumer, event).await?
        }
    };
    drop(telemetry);
    Ok(code)
}

/// Starts the subgraph of `consumer`, or all of them. The others are reached over HTTP, as `serve` does.
async fn launched(
    settings: &Settings,
    databases: &Databases,
    consumer: Option<&str>,
) -> anyhow::Result<Launched> {
    let subgraph = consumer.map(|name| name.split('.').next().unwrap_or(name).to_owned());
    let chosen = subgraphs::choose(subgraph.as_slice())?;
    let secret = settings.internal.secret.as_ref();
    let key = secret.map(AssertionKey::new).transpose()?;
    let launched = launch::launch(settings, databases, &chosen, key.as_ref()).await?;
    if let Some(name) = consumer {
        let known: Vec<&str> = consumers(&launched, None)
            .map(|(_, known)| known.name)
            .collect();
        anyhow::ensure!(
            known.contains(&name),
            "there is no consumer `{name}`; there are {}",
            known.join(", ")
        );
    }
    Ok(launched)
}

/// The consumers with that name, or all.
fn consumers<'a>(
    launched: &'a Launched,
    name: Option<&'a str>,
) -> impl Iterator<Item = (&'a Member, &'a Consumer)> {
    launched
        .running
        .iter()
        .flat_map(|member| {
            member
                .running
                .consumers
                .iter()
                .map(move |known| (member, known))
        })
        .filter(move |(_, known)| name.is_none_or(|name| known.name == name))
}

async fn lag(
    settings: &Settings,
    databases: &Databases,
    launched: &Launched,
    consumer: Option<&str>,
) -> anyhow::Result<ExitCode> {
    let bus = events::bus(settings, databases).await?;
    let mut lines = vec![format!(
        "{:<28} {:<28} {:>10}",
        "consumer", "topic", "behind by"
    )];
    for (_, consumer) in consumers(launched, consumer) {
        let mut by_topic: BTreeMap<&str, i64> =
            consumer.topics.iter().map(|topic| (*topic, 0)).collect();
        let lag = bus.lag(consumer.name, consumer.topics).await;
        for lag in lag.map_err(shown)? {
            if let Some(records) = by_topic.get_mut(&*lag.partition.topic) {
                *records += lag.records;
            }
        }
        for (topic, records) in by_topic {
            lines.push(format!("{:<28} {topic:<28} {records:>10}", consumer.name));
        }
    }
    bus.close().await;
    give(&lines.join("\n"))?;
    Ok(ExitCode::SUCCESS)
}

async fn show(launched: &Launched, consumer: Option<&str>) -> anyhow::Result<ExitCode> {
    let mut total = 0;
    for member in &launched.running {
        let letters = dead_letters::list(&member.deps.db, consumer, SHOWN).await;
        for letter in letters.map_err(shown)? {
            total += 1;
            let why = if letter.is_parked {
                letter.error
            } else {
                format!("{} attempts: {}", letter.attempts, letter.error)
            };
            give(&format!(
                "{} {} {} {} {} {why}",
                letter
                    .failed_at
                    .to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
                letter.consumer,
                EventId::from_uuid(letter.event_id),
                letter.event_type.as_deref().unwrap_or("malformed"),
                letter.aggregate_id,
            ))?;
        }
    }
    give(&format!("{total} dead letters"))?;
    Ok(ExitCode::SUCCESS)
}

/// Fails when a letter failed again.
async fn replay(
    launched: &Launched,
    consumer: Option<&str>,
    event: Option<EventId>,
) -> anyhow::Result<ExitCode> {
    let mut failed = 0;
    // Whoever cannot be told gets every consumer's letters tried all the same.
    let mut written = Ok(());
    for (member, consumer) in consumers(launched, consumer) {
        let replayed = dead_letters::replay(&member.deps, member.name, consumer, event).await;
        let replayed = replayed.map_err(shown)?;
        failed += replayed.failed;
        if replayed != dead_letters::Replayed::default() {
            written = written.and(give(&format!(
                "{}: {} took effect, {} aggregates failed again",
                consumer.name, replayed.done, replayed.failed
            )));
        }
    }
    written?;
    Ok(if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn discard(launched: &Launched, name: &str, event: EventId) -> anyhow::Result<ExitCode> {
    for (member, consumer) in consumers(launched, Some(name)) {
        let dropped = dead_letters::discard(&member.deps.db, consumer.name, event).await;
        anyhow::ensure!(dropped.map_err(shown)?, "{name} has no dead letter {event}");
        give(&format!("{event} will never take effect for {name}"))?;
    }
    Ok(ExitCode::SUCCESS)
}

#[expect(clippy::needless_pass_by_value, reason = "the shape of map_err")]
fn shown(fault: Fault) -> anyhow::Error {
    anyhow::anyhow!(fault.chain())
}
