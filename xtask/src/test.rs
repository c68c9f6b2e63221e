//! `cargo xtask test`: the whole test run, with a summary that counts what was skipped.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, IsTerminal, Read, Write};
use std::process::Stdio;
use std::sync::Mutex;

use crate::shell::{Outcome, cargo, cargo_program, command};
use crate::{services, tools};

/// What the test binaries said.
#[derive(Debug, Default, PartialEq, Eq)]
struct Summary {
    binaries: usize,
    passed: usize,
    failed: usize,
    ignored: usize,
    /// Reason and how often.
    skipped: BTreeMap<String, usize>,
}

/// Builds `pasar` as the tests' harness does, with the features of the tests, so that nothing is
/// compiled twice.
pub(crate) fn build_binary() -> Outcome {
    cargo(&[
        "build",
        "--package",
        "pasar",
        "--package",
        "tests",
        "--bin=pasar",
    ])
}

/// Builds what tests start, runs them all (or those whose name contains `filter`) and sums up.
pub(crate) fn run(filter: Option<&str>) -> Outcome {
    tools::check()?;
    build_binary()?;
    let services = services::for_tests()?;
    let mut arguments = vec!["test", "--workspace"];
    arguments.extend(filter.map(|filter| ["--", filter]).into_iter().flatten());
    println!("$ cargo {}", arguments.join(" "));
    let mut command = command("", cargo_program(), &arguments);
    if std::io::stderr().is_terminal() {
        command.env("CARGO_TERM_COLOR", "always");
    }
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cargo cannot be run: {error}"))?;
    let summary = Mutex::new(Summary::default());
    let (out, err) = (child.stdout.take(), child.stderr.take());
    std::thread::scope(|scope| {
        scope.spawn(|| pass_on(out, std::io::stdout(), &summary));
        scope.spawn(|| pass_on(err, std::io::stderr(), &summary));
    });
    let status = child
        .wait()
        .map_err(|error| format!("waiting for cargo: {error}"))?;
    drop(services);
    let summary = summary
        .into_inner()
        .map_err(|_| "the summary was lost".to_owned())?;
    print(&summary);
    if !status.success() {
        return Err(format!("the tests failed ({status})"));
    }
    if filter.is_none() && summary.passed == 0 {
        return Err("no test ran at all".to_owned());
    }
    Ok(())
}

/// Copies a stream line by line and notes what counts.
fn pass_on(from: Option<impl Read>, mut to: impl Write, summary: &Mutex<Summary>) {
    let Some(from) = from else { return };
    let mut reader = BufReader::new(from);
    let mut line = Vec::new();
    while reader
        .read_until(b'\n', &mut line)
        .is_ok_and(|read| read > 0)
    {
        if to.write_all(&line).is_err() {
            return;
        }
        if let Ok(mut summary) = summary.lock() {
            summary.note(&String::from_utf8_lossy(&line));
        }
        line.clear();
    }
}

fn print(summary: &Summary) {
    let skips: usize = summary.skipped.values().sum();
    println!(
        "\n{} passed, {} failed, {} ignored, {skips} skipped, in {} test binaries",
        summary.passed, summary.failed, summary.ignored, summary.binaries
    );
    for (reason, count) in &summary.skipped {
        println!("  skipped {count}×: {reason}");
    }
}

impl Summary {
    fn note(&mut self, line: &str) {
        if let Some((_, reason)) = line.split_once("skipped: ") {
            *self.skipped.entry(reason.trim().to_owned()).or_default() += 1;
        }
        if let Some(result) = line.strip_prefix("test result: ") {
            self.binaries += 1;
            self.passed += count(result, "passed");
            self.failed += count(result, "failed");
            self.ignored += count(result, "ignored");
        }
    }
}

/// The number before a word: `ok. 3 passed; 0 failed;`.
fn count(result: &str, word: &str) -> usize {
    let words: Vec<&str> = result.split([' ', ';']).collect();
    words
        .windows(2)
        .find(|pair| pair.last() == Some(&word))
        .and_then(|pair| pair.first()?.parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_several_binaries_and_skips_are_summed() {
        let mut summary = Summary::default();
        for line in [
            "test cluster::x ... skipped: no java\n",
            "skipped: no java",
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.01s",
            "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out",
        ] {
            summary.note(line);
        }
        let expected = Summary {
            binaries: 2,
            passed: 15,
            failed: 2,
            ignored: 1,
            skipped: [("no java".to_owned(), 2)].into(),
        };
        assert_eq!(summary, expected);
    }
}
