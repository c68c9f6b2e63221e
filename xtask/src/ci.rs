//! `cargo xtask ci`: every check, cheapest first, stopping at the first that fails.

use std::time::{Duration, Instant};

use crate::shell::{Outcome, call, cargo, command, target_dir};
use crate::{licences, serve, test, tidy, tools};

type Step = (&'static str, fn() -> Outcome);

const STEPS: &[Step] = &[
    ("fmt", || cargo(&["fmt", "--all", "--check"])),
    ("tidy", tidy::run),
    ("licences", licences::check),
    ("compose file", compose_file),
    ("clippy", clippy),
    // The tests of composition compare with it.
    ("oracle", install_oracle),
    ("test", || test::run(None)),
    ("schema", || built(&["schema", "--check"])),
    ("compose", || built(&["compose", "--check"])),
    ("web", check_web),
    ("browser", browser),
];

pub(crate) fn run() -> Outcome {
    let mut durations = Vec::new();
    for (name, step) in STEPS {
        println!("\n=== {name}");
        let started = Instant::now();
        let outcome = step();
        durations.push((*name, started.elapsed()));
        if let Err(message) = outcome {
            print(&durations);
            return Err(format!("{name}: {message}"));
        }
    }
    print(&durations);
    println!("everything passed");
    Ok(())
}

fn print(durations: &[(&str, Duration)]) {
    println!();
    for (name, duration) in durations {
        println!("{:>6} s  {name}", duration.as_secs());
    }
}

fn clippy() -> Outcome {
    cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ])
}

/// Runs the binary that the test step has built.
fn built(words: &[&str]) -> Outcome {
    let program = target_dir().join("debug").join("pasar");
    call("", &program.display().to_string(), words)
}

fn compose_file() -> Outcome {
    let Some((program, first)) = tools::docker_compose() else {
        return Err("install the package docker-compose".to_owned());
    };
    let mut arguments = first.to_vec();
    arguments.extend(["config", "--quiet"]);
    // The file has no default for secrets; any value will do to check it.
    let status = command("", program, &arguments)
        .env("COMPOSE_PROFILES", "all,split,full,parts,telemetry")
        .env("PASAR_POSTGRES_PASSWORD", "check")
        .env("PASAR_INTERNAL_SECRET", "check")
        .env("PASAR_SIGNING_KEY", "check")
        .status()
        .map_err(|error| format!("{program} cannot be run: {error}"))?;
    if status.success() {
        return Ok(());
    }
    Err("docker-compose.yml is not accepted".to_owned())
}

/// Installs the composer that ours is compared with.
pub(crate) fn install_oracle() -> Outcome {
    if !tools::is_there("npm") {
        return Err("install Node.js with npm".to_owned());
    }
    let arguments = ["ci", "--no-audit", "--no-fund"];
    call("router/compose/oracle", "npm", &arguments)
}

/// Builds `web/dist`.
pub(crate) fn build_web() -> Outcome {
    if !tools::is_there("npm") {
        return Err("install Node.js with npm".to_owned());
    }
    call("web/playground", "npm", &["ci", "--no-audit", "--no-fund"])?;
    call("web/playground", "npm", &["run", "build"])
}

/// Builds `web/dist` anew and compares it with what is checked in.
pub(crate) fn check_web() -> Outcome {
    build_web()?;
    let changed = crate::shell::output("git", &["status", "--porcelain", "--", "web/dist"])?;
    if changed.is_empty() {
        return Ok(());
    }
    Err(format!(
        "web/dist is not what its sources give: commit what `cargo xtask web` makes\n{changed}"
    ))
}

/// Everything that looks at a running `pasar` from outside.
pub(crate) fn browser() -> Outcome {
    const QUERY: &str = "{ products(first: 1) { nodes { name } } }";
    call("web/tests", "npm", &["ci", "--no-audit", "--no-fund"])?;
    call("web/tests", "node", &["self-test.mjs"])?;
    call(
        "web/tests",
        "node",
        &["examples.mjs", "../../schema/api.graphql"],
    )?;
    test::build_binary()?;
    let program = target_dir().join("debug").join("pasar");
    let program = program.display().to_string();
    call("web/tests", "node", &["subscriptions.mjs", &program])?;
    let server = serve::start()?;
    let endpoint = format!("{}/graphql", server.url);
    call("web/tests", "node", &["graphql-http-audit.mjs", &endpoint])?;
    let page = [
        "playground.mjs",
        &server.url,
        "--query",
        QUERY,
        "--expect",
        "\"name\": ",
        "--email",
        "siti@pasar.example",
        "--password",
        "Pasar-Demo-2026!",
        "--live",
        "subscription { notificationReceived(afterSeq: \"0\") { seq title } }",
        "--live-expect",
        "\"seq\": ",
    ];
    call("web/tests", "node", &page)?;
    server.stop()
}
