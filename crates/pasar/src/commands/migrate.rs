//! `pasar migrate`.

use std::process::ExitCode;

use crate::{
    Settings,
    cli::Migrate,
    databases::{self, Databases},
    output::say,
    subgraphs,
};

pub(crate) async fn run(settings: Settings, arguments: Migrate) -> anyhow::Result<ExitCode> {
    let databases = Databases::from_settings(&settings);
    let mut is_pending = false;
    for subgraph in subgraphs::choose(&arguments.subgraph)? {
        if !arguments.check {
            databases.ensure(&settings, subgraph).await?;
        }
        let db = databases.connect(&settings, subgraph).await?;
        let pending = databases::pending(&db, subgraph).await?;
        if arguments.check {
            is_pending |= pending > 0;
            say(&format!("{}: {pending} pending", subgraph.name));
        } else {
            databases::migrate(&db, subgraph).await?;
            say(&format!("{}: {pending} applied", subgraph.name));
        }
        db.close().await;
    }
    Ok(if is_pending {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}
