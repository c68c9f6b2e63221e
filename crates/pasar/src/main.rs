//! `pasar`: one binary, every role.

use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    pasar::run(pasar::cli::Arguments::parse())
}
