//! `pasar seed`: the demo marketplace, through the public commands.

use std::process::ExitCode;

use crate::{Settings, cli::Seed, databases::Databases, launch, output::note, seed, subgraphs};

pub(crate) async fn run(settings: Settings, arguments: Seed) -> anyhow::Result<ExitCode> {
    let databases = Databases::from_settings(&settings);
    let launched = launch::launch(&settings, &databases, &subgraphs::ALL, None).await?;
    seed::apply(&launched, arguments.kind, &note).await?;
    Ok(ExitCode::SUCCESS)
}
