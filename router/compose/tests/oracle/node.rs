//! The other composer, in a process of its own.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use router_compose::SubgraphInput;
use serde_json::{Value, json};

/// A running oracle. It ends when its standard input closes.
pub(crate) struct Oracle {
    child: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

/// What the oracle says of a set of subgraphs.
#[derive(Debug)]
pub(crate) enum Verdict {
    Composed {
        supergraph: String,
        api: String,
    },
    Refused(Vec<Refusal>),
    /// It threw an exception: a defect of its own that says nothing about the set.
    Crashed(String),
}

/// One error of the oracle.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) code: String,
    pub(crate) message: String,
}

#[expect(
    clippy::disallowed_methods,
    reason = "a switch of the test itself, not a setting"
)]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("oracle")
}

/// Whether the packages of `oracle` are there; else a line that says so, or with
/// `PASAR_TEST_REQUIRE=all` a failure.
fn is_installed() -> bool {
    if folder().join("node_modules").is_dir() {
        return true;
    }
    let reason = "the other composer is not installed: run `cargo xtask oracle`";
    assert!(
        variable("PASAR_TEST_REQUIRE").is_none_or(|wanted| wanted != "all"),
        "{reason}"
    );
    println!("skipped: {reason}");
    false
}

/// Starts the oracle, where it is installed. `COMPOSE_ORACLE` names another module to ask.
pub(crate) fn start() -> Option<Oracle> {
    if !is_installed() {
        return None;
    }
    let mut child = Command::new("node")
        .args(["--stack-size=4000", "oracle.mjs"])
        .args(variable("COMPOSE_ORACLE"))
        .current_dir(folder())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let questions = child.stdin.take();
    let answers = BufReader::new(child.stdout.take().unwrap());
    Some(Oracle {
        child,
        questions,
        answers,
    })
}

/// The seeds to try: `COMPOSE_SEEDS=100..200`, else the given ones.
pub(crate) fn seeds(default: std::ops::Range<u64>) -> std::ops::Range<u64> {
    let Some(text) = variable("COMPOSE_SEEDS") else {
        return default;
    };
    let (start, end) = text.split_once("..").unwrap();
    start.parse().unwrap()..end.parse().unwrap()
}

/// Whether the sets or the composer are not the usual ones, about which more is known.
pub(crate) fn is_restricted() -> bool {
    let switches = ["COMPOSE_SEEDS", "COMPOSE_SETS", "COMPOSE_ORACLE"];
    switches.iter().any(|name| variable(name).is_some())
}

/// Other sets to try instead: `COMPOSE_SETS` names a file with one line of JSON for each,
/// `{"subgraphs": [{"name", "url", "sdl"}]}`.
pub(crate) fn sets() -> Option<Vec<Vec<SubgraphInput>>> {
    let text = std::fs::read_to_string(variable("COMPOSE_SETS")?).unwrap();
    let set = |line: &str| {
        let mut line: Value = serde_json::from_str(line).unwrap();
        serde_json::from_value(line["subgraphs"].take()).unwrap()
    };
    Some(text.lines().map(set).collect())
}

impl Oracle {
    /// Sends a question; the answer is read with [`Self::answer`], so that both can work at once.
    pub(crate) fn ask(&mut self, inputs: &[SubgraphInput]) {
        let questions = self.questions.as_mut().unwrap();
        writeln!(questions, "{}", json!({ "subgraphs": inputs })).unwrap();
    }

    pub(crate) fn answer(&mut self) -> Verdict {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        let mut reply: Value = serde_json::from_str(&line).unwrap();
        let mut text = |name: &str| reply.get_mut(name).map(Value::take);
        if let Some(crash) = text("crash") {
            return Verdict::Crashed(crash.to_string());
        }
        if let Some(Value::Array(errors)) = text("errors") {
            let field = |error: &Value, name: &str| error[name].as_str().unwrap().to_owned();
            let refusal = |error: &Value| Refusal {
                code: field(error, "code"),
                message: field(error, "message"),
            };
            return Verdict::Refused(errors.iter().map(refusal).collect());
        }
        match (text("supergraph"), text("api")) {
            (Some(Value::String(supergraph)), Some(Value::String(api))) => {
                Verdict::Composed { supergraph, api }
            }
            _ => panic!("the oracle answered {line}"),
        }
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        self.questions.take();
        // The process ends by itself; waiting only collects it.
        drop(self.child.wait());
    }
}
