//! `pasar config`.

use std::process::ExitCode;

use crate::{Settings, output::give};

pub(crate) fn run(settings: &Settings) -> anyhow::Result<ExitCode> {
    give(process::config::print(settings)?.trim_end())?;
    Ok(ExitCode::SUCCESS)
}
