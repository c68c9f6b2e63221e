//! `pasar doctor`: connects to everything, one line each.

use std::process::ExitCode;

use process::assertion::AssertionKey;

use crate::{
    Settings,
    databases::{self, Databases},
    output::say,
    subgraphs, supergraph,
};

pub(crate) async fn run(settings: Settings) -> anyhow::Result<ExitCode> {
    let mut healthy = true;
    let mut line = |name: &str, outcome: Result<String, String>| {
        let (mark, text) = match outcome {
            Ok(text) => ("ok  ", text),
            Err(text) => {
                healthy = false;
                ("FAIL", text)
            }
        };
        say(&format!("{mark} {name:<22} {text}"));
    };
    line("settings", Ok("read".to_owned()));
    line("internal.secret", secret(&settings));
    line("supergraph", composed(&settings));
    let databases = Databases::from_settings(&settings);
    for subgraph in subgraphs::ALL {
        let outcome = async {
            let db = databases.connect(&settings, subgraph).await?;
            databases::pending(&db, subgraph).await
        };
        let outcome = match outcome.await {
            Ok(0) => Ok("answers, up to date".to_owned()),
            Ok(pending) => Err(format!(
                "{pending} migrations are pending: run `pasar migrate`"
            )),
            Err(error) => Err(format!("{error:#}")),
        };
        line(&format!("database {}", subgraph.name), outcome);
    }
    Ok(if healthy {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn secret(settings: &Settings) -> Result<String, String> {
    let Some(secret) = &settings.internal.secret else {
        return Err("not set: set PASAR__INTERNAL__SECRET to 32 random bytes or more".to_owned());
    };
    AssertionKey::new(secret)
        .map(|_| "set".to_owned())
        .map_err(|error| error.to_string())
}

fn composed(settings: &Settings) -> Result<String, String> {
    match supergraph::of_this_binary(settings) {
        Ok(composition) => Ok(format!("composes, {} hints", composition.hints.len())),
        Err(error) => Err(format!("{error:#}")),
    }
}
