//! The federation audit: what we compose of its subgraphs means what Apollo's composition makes of
//! them, and a planner that many routers use plans every query of the audit on it.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a tool for those who work on composition, which says what it found"
)]
#![allow(dead_code, reason = "the comparison has more than is asked for here")]

use std::fs;
use std::process::ExitCode;

use hive_router_query_planner::ast::normalization::normalize_operation;
use hive_router_query_planner::graph::PlannerOverrideContext;
use hive_router_query_planner::planner::{Planner, QueryPlannerOptions};
use hive_router_query_planner::utils::cancellation::CancellationToken;
use hive_router_query_planner::utils::parsing::{safe_parse_operation, safe_parse_schema};
use router_compose::{SubgraphInput, compose};
use serde::Deserialize;

#[path = "../tests/oracle/compare.rs"]
mod compare;

#[derive(Deserialize)]
struct Suite {
    id: String,
    subgraphs: Vec<Subgraph>,
    queries: Vec<String>,
    /// Apollo's.
    supergraph: String,
}

#[derive(Deserialize)]
struct Subgraph {
    name: String,
    url: String,
    sdl: String,
}

/// One line of JSON for each suite.
fn suites(file: &str) -> Vec<Suite> {
    let text = fs::read_to_string(file).unwrap();
    let suites = text.lines().map(|line| serde_json::from_str(line).unwrap());
    suites.collect()
}

fn planner(supergraph: &str) -> Planner {
    let schema = safe_parse_schema(supergraph).unwrap();
    Planner::new_from_supergraph(&schema, QueryPlannerOptions::default()).unwrap()
}

fn plan(planner: &Planner, query: &str) -> Result<(), String> {
    let operation = safe_parse_operation(query).map_err(|error| error.to_string())?;
    let normalized = normalize_operation(&planner.supergraph, &operation, None)
        .map_err(|error| error.to_string())?;
    let plan = planner.plan_from_normalized_operation(
        &normalized.operation,
        PlannerOverrideContext::default(),
        &CancellationToken::new(),
    );
    let plan = plan.map_err(|error| error.to_string())?;
    if plan.node.is_none() {
        return Err("the plan is empty".to_owned());
    }
    Ok(())
}

fn main() -> ExitCode {
    let Some(file) = std::env::args().nth(1) else {
        eprintln!("name a file of suites (README.md, Tests)");
        return ExitCode::FAILURE;
    };
    let (mut wrong, mut planned, mut refused) = (Vec::new(), 0, 0);
    let suites = suites(&file);
    for suite in &suites {
        let inputs: Vec<SubgraphInput> = suite
            .subgraphs
            .iter()
            .map(|subgraph| SubgraphInput {
                name: subgraph.name.clone(),
                url: subgraph.url.clone(),
                sdl: subgraph.sdl.clone(),
            })
            .collect();
        let composition = match compose(&inputs) {
            Ok(composition) => composition,
            Err(errors) => {
                wrong.push(format!(
                    "{}: {}",
                    suite.id,
                    errors
                        .iter()
                        .map(ToString::to_string)
                        .collect::<Vec<_>>()
                        .join("\n")
                ));
                continue;
            }
        };
        let ours = compare::facts(&composition.supergraph_sdl);
        for difference in compare::differences(&ours, &compare::facts(&suite.supergraph)) {
            wrong.push(format!("{}: {difference}", suite.id));
        }
        let (ours, apollos) = (
            planner(&composition.supergraph_sdl),
            planner(&suite.supergraph),
        );
        for query in &suite.queries {
            // Some are meant to fail, and the planner has defects of its own.
            match (plan(&ours, query), plan(&apollos, query)) {
                (Ok(()), _) => planned += 1,
                (Err(_), Err(_)) => refused += 1,
                (Err(error), Ok(())) => wrong.push(format!("{}: {error}\n{query}", suite.id)),
            }
        }
    }
    println!(
        "{} suites, {planned} queries planned, {refused} not, on Apollo's supergraphs neither",
        suites.len()
    );
    for difference in &wrong {
        eprintln!("{difference}");
    }
    ExitCode::from(u8::from(!wrong.is_empty()))
}
