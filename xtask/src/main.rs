//! The project's task runner: everything a developer or CI does, in one place. Standard library
//! only, and `infra` that keeps to it too, so that it builds in seconds.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool talks on its standard streams"
)]

mod ci;
mod licences;
mod new;
mod serve;
mod services;
mod shell;
mod test;
mod tidy;
mod time;
mod tools;

use std::process::ExitCode;

use shell::{Outcome, cargo};

const HELP: &str = "\
cargo xtask <task>

  test [FILTER]              build the binaries, run every test, count what was skipped
  services up|down|status [NAME…]
                             the real servers that tests use: redis, kafka, elasticsearch, opensearch
  ci                         every check, cheapest first; what CI runs
  licences                   every dependency's licence against deny.toml
  tidy                       the rules that no compiler checks
  schema [--check]           write (or compare) schema/: subgraphs, events, the composed schemas
  schema --allow-breaking EVENT_TYPE
                             write it although a payload breaks what was promised; for types nobody has read yet
  compose [--check]          print (or compare) the composed supergraph
  web [--check]              build (or compare) web/dist; needs Node
  browser                    start pasar and try it in a browser and with the HTTP audit; needs Node and Chromium
  oracle                     install the composer that tests and benchmarks compare ours with; needs Node
  bench NAME [ARG…]          run a benchmark in release mode
  new-migration SUBGRAPH WHAT
                             start a migration file
  new-subgraph NAME          start a subgraph from the reference one
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match dispatch(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(words: &[&str]) -> Outcome {
    match words {
        ["test"] => test::run(None),
        ["test", filter] => test::run(Some(filter)),
        ["services", "up", names @ ..] => services::up(names),
        ["services", "down", names @ ..] => services::down(names),
        ["services", "status", names @ ..] => services::status(names),
        ["ci"] => ci::run(),
        ["licences"] => licences::check(),
        ["tidy"] => tidy::run(),
        ["schema"] => pasar(&["schema"])
            .and_then(|()| pasar(&["compose", "--out", "schema/supergraph.graphql"])),
        ["schema", "--check"] => {
            pasar(&["schema", "--check"]).and_then(|()| pasar(&["compose", "--check"]))
        }
        ["schema", "--allow-breaking", ..] => pasar(words),
        ["compose"] => pasar(&["compose"]),
        ["compose", "--check"] => pasar(&["compose", "--check"]),
        ["web"] => ci::build_web(),
        ["web", "--check"] => ci::check_web(),
        ["browser"] => ci::browser(),
        ["oracle"] => ci::install_oracle(),
        ["bench", name, rest @ ..] => bench(name, rest),
        ["new-migration", subgraph, what] => new::migration(subgraph, what),
        ["new-subgraph", name] => new::subgraph(name),
        ["help" | "--help" | "-h"] | [] => {
            println!("{HELP}");
            Ok(())
        }
        _ => Err(format!("unknown task: {}\n\n{HELP}", words.join(" "))),
    }
}

fn pasar(words: &[&str]) -> Outcome {
    let mut all = vec![
        "run",
        "--quiet",
        "--package",
        "pasar",
        "--bin",
        "pasar",
        "--",
    ];
    all.extend(words);
    cargo(&all)
}

fn bench(name: &str, rest: &[&str]) -> Outcome {
    let mut all = vec!["run", "--release", "--package", "tests", "--bin", "bench"];
    all.extend(["--", name]);
    all.extend(rest);
    cargo(&all)
}
