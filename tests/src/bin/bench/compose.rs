//! Composition: our own supergraph, and made-up ones that grow, beside
//! `@theguild/federation-composition` in a process of its own.
//!
//! Both get text and give text: parsing, checks, merging, printing. Ours also prints the API schema
//! and walks every query path. The other is warm: its first rounds are not counted, but for the largest set,
//! which it gets once.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use router_compose::{SubgraphInput, compose, config};
use serde_json::{Value, json};

/// Rounds that count, and ones before that warm up.
#[derive(Clone, Copy)]
struct Rounds {
    warm_up: usize,
    counted: usize,
}

/// Of a set that takes milliseconds: more, as each is easily disturbed.
const QUICK: Rounds = Rounds {
    warm_up: 10,
    counted: 51,
};
/// Of ours, and of the other composer where it is quick.
const MANY: Rounds = Rounds {
    warm_up: 3,
    counted: 15,
};
const SOME: Rounds = Rounds {
    warm_up: 2,
    counted: 5,
};
const ONCE: Rounds = Rounds {
    warm_up: 0,
    counted: 1,
};
/// How long the other composer is waited for, unless the caller says otherwise.
const PATIENCE: Duration = Duration::from_secs(120);

/// `patience` limits what is asked of the other composer about one set; with 0 it is left out.
pub(crate) fn run(patience: Option<u64>) {
    let patience = patience.map_or(PATIENCE, Duration::from_secs);
    let mut oracle = None;
    if !patience.is_zero() {
        oracle = Oracle::start();
        if oracle.is_none() {
            println!("only ours is measured (`cargo xtask oracle` installs the other composer)");
        }
    }
    println!("each figure: median (lowest to highest) of as many rounds as it says");
    let mut measure = |name: &str, inputs: &[SubgraphInput], rounds| {
        measure(name, inputs, rounds, patience, &mut oracle);
    };
    measure("our own", &own(), [QUICK, QUICK]);
    for (subgraphs, types, theirs) in [(50, 100, MANY), (100, 100, SOME), (300, 100, ONCE)] {
        let name = format!("{subgraphs} subgraphs × {types} types");
        measure(&name, &generated(subgraphs, types), [MANY, theirs]);
    }
}

/// `rounds` are ours and those of the other composer. One that is too slow is not asked again.
fn measure(
    name: &str,
    inputs: &[SubgraphInput],
    [rounds, theirs]: [Rounds; 2],
    patience: Duration,
    oracle: &mut Option<Oracle>,
) {
    let bytes: usize = inputs.iter().map(|input| input.sdl.len()).sum();
    let mut ours = Vec::new();
    let mut composed = None;
    for round in 0..rounds.warm_up + rounds.counted {
        let started = Instant::now();
        let result = compose(inputs);
        if round >= rounds.warm_up {
            ours.push(started.elapsed());
        }
        composed = Some(result);
    }
    let types = match composed {
        Some(Ok(composition)) => composition.supergraph_sdl.matches("\ntype ").count(),
        Some(Err(errors)) => panic!("{name} does not compose: {}", errors[0]),
        None => 0,
    };
    println!(
        "\n{name}: {} subgraphs, {} kB of SDL, {types} object types in the supergraph",
        inputs.len(),
        bytes / 1000
    );
    let ours = summary("ours", ours, bytes);
    let Some(asked) = oracle else { return };
    let Some(times) = asked.times(inputs, theirs, patience) else {
        println!("  {OTHER}: not finished after {patience:?}");
        *oracle = None;
        return;
    };
    let theirs = summary(OTHER, times, bytes);
    let ratio = theirs.as_secs_f64() / ours.as_secs_f64();
    println!("  ratio {ratio:.1}");
}

/// Prints and gives the median.
fn summary(name: &str, mut times: Vec<Duration>, bytes: usize) -> Duration {
    times.sort();
    let median = times[times.len() / 2];
    println!(
        "  {name}: {median:.2?} ({:.2?} to {:.2?}, {} rounds), {:.2} µs per kB",
        times[0],
        times[times.len() - 1],
        times.len(),
        median.as_secs_f64() * 1e9 / bytes as f64
    );
    median
}

fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_owned()
}

/// What `supergraph.yaml` names.
fn own() -> Vec<SubgraphInput> {
    let root = root();
    let text = fs::read_to_string(root.join("supergraph.yaml")).unwrap();
    let config = config::parse(&text, &|_| None, &|path| {
        fs::read_to_string(root.join(path))
    })
    .unwrap();
    let load = |entry: config::SubgraphEntry| match entry.schema {
        config::SchemaSource::File(path) => {
            let sdl = fs::read_to_string(root.join(path)).unwrap();
            SubgraphInput::new(entry.name, entry.routing_url, sdl)
        }
        _ => panic!("supergraph.yaml names files only"),
    };
    config.subgraphs.into_iter().map(load).collect()
}

/// Subgraphs that look like real ones: a fifth of the types are entities, to some of which the next
/// subgraph adds fields; the rest are value types, some shared by all, enums and inputs.
fn generated(subgraphs: usize, types: usize) -> Vec<SubgraphInput> {
    (0..subgraphs)
        .map(|number| {
            let sdl = generated_sdl(number, (number + 1) % subgraphs, types);
            SubgraphInput::new(format!("s{number}"), format!("http://s{number}"), sdl)
        })
        .collect()
}

fn generated_sdl(number: usize, next: usize, types: usize) -> String {
    let entities = types / 5;
    let mut sdl = String::from(
        "extend schema @link(url: \"https://specs.apollo.dev/federation/v2.5\", import: [\"@key\", \
         \"@shareable\", \"@tag\"])\n\
         type Page @shareable { next: String more: Boolean! }\n\
         enum Sort { UP DOWN }\n",
    );
    writeln!(sdl, "type Query {{").unwrap();
    for entity in 0..5.min(entities) {
        writeln!(
            sdl,
            "  \"\"\"One of them.\"\"\"\n  s{number}Find{entity}(id: ID!, sort: Sort = UP): S{number}E{entity}"
        )
        .unwrap();
    }
    sdl.push_str("}\n");
    for entity in 0..entities {
        writeln!(
            sdl,
            "\"\"\"An entity.\"\"\"\ntype S{number}E{entity} @key(fields: \"id\") {{\n  id: ID!\n  name: \
             String! @tag(name: \"public\")\n  next: S{number}E{}\n  value: S{number}V{entity}\n  page: \
             Page!\n  other: S{next}E{entity}\n}}",
            (entity + 1) % entities
        )
        .unwrap();
        // Fields that this subgraph adds to the entities of the next.
        writeln!(
            sdl,
            "type S{next}E{entity} @key(fields: \"id\") {{\n  id: ID!\n  from{number}: [String!]!\n}}"
        )
        .unwrap();
    }
    for value in 0..types.saturating_sub(2 * entities + 2) {
        let own = format!("S{number}V{value}");
        let (definition, used_by) = match value % 6 {
            4 if value >= entities => (
                format!("enum {own} {{ A B C D }}"),
                format!("n{value}: {own}"),
            ),
            5 if value >= entities => (
                format!("input {own} {{ a: Int! b: String = \"x\" c: [ID!] }}"),
                format!("p{value}(p: {own}): Int"),
            ),
            _ => (
                format!("type {own} {{ a: Int b: String! c: [Float!] d: ID @deprecated }}"),
                format!("v{value}: {own}"),
            ),
        };
        writeln!(
            sdl,
            "{definition}\nextend type Query {{ s{number}{used_by} }}"
        )
        .unwrap();
    }
    sdl
}

const OTHER: &str = "@theguild/federation-composition";

/// The other composer: `router/compose/oracle/oracle.mjs`.
struct Oracle {
    child: Child,
    questions: ChildStdin,
    answers: Receiver<String>,
}

impl Oracle {
    fn start() -> Option<Self> {
        let folder = root().join("router/compose/oracle");
        if !folder.join("node_modules").is_dir() {
            return None;
        }
        let mut child = Command::new("node")
            .args(["--stack-size=4000", "oracle.mjs"])
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .ok()?;
        let questions = child.stdin.take()?;
        let lines = BufReader::new(child.stdout.take()?).lines();
        // Read beside, so that an answer can be waited for with a limit. Ends when the process does.
        let (sender, answers) = mpsc::channel();
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let mut oracle = Self {
            child,
            questions,
            answers,
        };
        // What it loads at its start must not be in the way of what is measured next.
        let least = SubgraphInput::new("a", "http://a", "type Query { a: Int }");
        oracle.times(&[least], ONCE, PATIENCE).map(|_| oracle)
    }

    /// How long each counted round took; nothing when they were not done within `patience`.
    fn times(
        &mut self,
        inputs: &[SubgraphInput],
        rounds: Rounds,
        patience: Duration,
    ) -> Option<Vec<Duration>> {
        let subgraphs: Vec<Value> = inputs
            .iter()
            .map(|input| json!({"name": input.name, "url": input.url, "sdl": input.sdl}))
            .collect();
        let all = rounds.warm_up + rounds.counted;
        let question = json!({"subgraphs": subgraphs, "rounds": all});
        writeln!(self.questions, "{question}").unwrap();
        let line = match self.answers.recv_timeout(patience) {
            Ok(line) => line,
            Err(RecvTimeoutError::Timeout) => return None,
            Err(RecvTimeoutError::Disconnected) => panic!("the other composer ended"),
        };
        let reply: Value = serde_json::from_str(&line).unwrap();
        assert!(
            reply["supergraph"].is_string(),
            "the other composer says {}",
            line.chars().take(500).collect::<String>()
        );
        let micros = reply["micros"].as_array().unwrap().iter();
        let times = micros.map(|micros| Duration::from_micros(micros.as_u64().unwrap()));
        let times: Vec<Duration> = times.skip(rounds.warm_up).collect();
        assert_eq!(times.len(), rounds.counted);
        Some(times)
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        // It may be in the middle of something that nobody waits for.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
