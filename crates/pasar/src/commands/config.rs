//! `pasar config`.

use std::process::ExitCode;

use crate::{Settings, output::say};

pub(crate) fn run(settings: &Settings) -> anyhow::Result<ExitCode> {
    say(process::config::print(settings)?.trim_end());
    Ok(ExitCode::SUCCESS)
}
