//! Composition: our own supergraph, and made-up ones that grow, beside
//! `@theguild/federation-composition` in a process of its own.
//!
//! Both get text and give text: parsing, checks, merging, printing. Ours also prints the API schema
//! and walks every query path. The other is warm: its first rounds are not counted.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use router_compose::{SubgraphInput, compose, config};
use serde_json::{Value, json};

/// Rounds of ours, and of the other composer; of both, the first ones warm up.
const ROUNDS: usize = 15;
const WARM_UP: usize = 3;

pub(crate) fn run() {
    let mut oracle = Oracle::start();
    if oracle.is_none() {
        println!("node packages are missing (`cargo xtask oracle`): only ours is measured");
    }
    println!("each figure: median (lowest to highest) of {ROUNDS} rounds");
    let sizes = [(50, 100, ROUNDS), (100, 100, 5), (300, 100, 5)];
    measure("our own", &own(), ROUNDS, oracle.as_mut());
    for (subgraphs, types, rounds) in sizes {
        let name = format!("{subgraphs} subgraphs × {types} types");
        measure(&name, &generated(subgraphs, types), rounds, oracle.as_mut());
    }
}

fn measure(name: &str, inputs: &[SubgraphInput], rounds: usize, oracle: Option<&mut Oracle>) {
    let bytes: usize = inputs.iter().map(|input| input.sdl.len()).sum();
    let mut ours = Vec::new();
    let mut composed = None;
    for round in 0..WARM_UP + ROUNDS {
        let started = Instant::now();
        let result = compose(inputs);
        if round >= WARM_UP {
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
    if let Some(oracle) = oracle {
        let theirs = oracle.times(inputs, rounds);
        let theirs = summary("@theguild/federation-composition", theirs, bytes);
        let ratio = theirs.as_secs_f64() / ours.as_secs_f64();
        println!("  ratio {ratio:.1}");
    }
}

/// Prints and gives the median.
fn summary(name: &str, mut times: Vec<Duration>, bytes: usize) -> Duration {
    times.sort();
    let median = times[times.len() / 2];
    println!(
        "  {name}: {median:.2?} ({:.2?} to {:.2?}), {:.2} µs per kB",
        times[0],
        times[times.len() - 1],
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

/// The other composer: `router/compose/oracle/oracle.mjs`.
struct Oracle {
    child: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
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
        let questions = child.stdin.take();
        let answers = BufReader::new(child.stdout.take()?);
        Some(Self {
            child,
            questions,
            answers,
        })
    }

    /// How long its rounds took, without the first ones.
    fn times(&mut self, inputs: &[SubgraphInput], rounds: usize) -> Vec<Duration> {
        let subgraphs: Vec<Value> = inputs
            .iter()
            .map(|input| json!({"name": input.name, "url": input.url, "sdl": input.sdl}))
            .collect();
        let rounds = rounds + WARM_UP.min(rounds / 2);
        let question = json!({"subgraphs": subgraphs, "rounds": rounds});
        writeln!(self.questions.as_mut().unwrap(), "{question}").unwrap();
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        let reply: Value = serde_json::from_str(&line).unwrap();
        assert!(
            reply["supergraph"].is_string(),
            "the other composer says {}",
            line.chars().take(500).collect::<String>()
        );
        let micros = reply["micros"].as_array().unwrap().iter();
        micros
            .skip(WARM_UP.min(rounds / 2))
            .map(|micros| Duration::from_micros(micros.as_u64().unwrap()))
            .collect()
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        self.questions.take();
        // It ends when its input does.
        drop(self.child.wait());
    }
}
