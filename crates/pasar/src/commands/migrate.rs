//! `pasar migrate`.

use std::process::ExitCode;

use crate::{
    Settings,
    cli::Migrate,
    databases::{self, Databases},
    output::give,
    subgraphs,
};

pub(crate) async fn run(settings: Settings, arguments: Migrate) -> anyhow::Result<ExitCode> {
    let databases = Databases::from_settings(&settings);
    let mut is_pending = false;
    // Whoever cannot be told gets every database migrated all the same.
    let mut written = Ok(());
    let chosen = subgraphs::choose(&arguments.subgraph)?;
    let targets = if arguments.subgraph.is_empty() {
        databases::with_events(&settings, &chosen)
    } else {
        chosen.into_iter().map(Into::into).collect()
    };
    for target in targets {
        if !arguments.check {
            databases.ensure(&settings, target).await?;
        }
        let db = databases.connect(&settings, target).await?;
        let pending = databases::pending(&db, target).await?;
        if arguments.check {
            is_pending |= pending > 0;
            written = written.and(give(&format!("{}: {pending} pending", target.name)));
        } else {
            databases::migrate(&db, target).await?;
            written = written.and(give(&format!("{}: {pending} applied", target.name)));
        }
        db.close().await;
    }
    written?;
    Ok(if is_pending {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}
