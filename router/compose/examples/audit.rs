//! The federation audit: what we compose of its subgraphs means what Apollo's composition makes of
//! them, and a planner that many routers use plans every query of the audit on it.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a tool for those who work on composition, which says what it found"
)]

use std::error::Error;
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
#[expect(
    dead_code,
    clippy::unwrap_used,
    reason = "the tests' comparison, of which the supergraph's half is asked for here"
)]
mod compare;

#[derive(Deserialize)]
struct Suite {
    id: String,
    subgraphs: Vec<SubgraphInput>,
    queries: Vec<String>,
    /// Apollo's.
    supergraph: String,
}

fn planner(supergraph: &str) -> Result<Planner, Box<dyn Error>> {
    let schema = safe_parse_schema(supergraph)?;
    Ok(Planner::new_from_supergraph(
        &schema,
        QueryPlannerOptions::default(),
    )?)
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

#[derive(Default)]
struct Found {
    planned: usize,
    /// Queries that have no plan on Apollo's supergraph either.
    refused: usize,
    wrong: Vec<String>,
}

fn look_at(suite: &Suite, found: &mut Found) -> Result<(), Box<dyn Error>> {
    let composition = match compose(&suite.subgraphs) {
        Ok(composition) => composition,
        Err(errors) => {
            let errors = errors.iter().map(|error| format!("{}: {error}", suite.id));
            found.wrong.extend(errors);
            return Ok(());
        }
    };
    let ours = compare::facts(&composition.supergraph_sdl);
    for difference in compare::differences(&ours, &compare::facts(&suite.supergraph)) {
        found.wrong.push(format!("{}: {difference}", suite.id));
    }
    let ours = match planner(&composition.supergraph_sdl) {
        Ok(planner) => planner,
        Err(error) => {
            found
                .wrong
                .push(format!("{}: not for the planner: {error}", suite.id));
            return Ok(());
        }
    };
    let apollos = planner(&suite.supergraph)?;
    for query in &suite.queries {
        // Some are meant to fail, and the planner has defects of its own.
        match (plan(&ours, query), plan(&apollos, query)) {
            (Ok(()), _) => found.planned += 1,
            (Err(_), Err(_)) => found.refused += 1,
            (Err(error), Ok(())) => found.wrong.push(format!("{}: {error}\n{query}", suite.id)),
        }
    }
    Ok(())
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let file = std::env::args().nth(1);
    let file = file.ok_or("name a file of suites (README.md, Tests)")?;
    let (mut suites, mut found) = (0, Found::default());
    for line in fs::read_to_string(file)?.lines() {
        let suite = serde_json::from_str(line)?;
        look_at(&suite, &mut found)?;
        suites += 1;
    }
    println!(
        "{suites} suites, {} queries planned, {} not, on Apollo's supergraphs neither",
        found.planned, found.refused
    );
    for difference in &found.wrong {
        eprintln!("{difference}");
    }
    Ok(ExitCode::from(u8::from(!found.wrong.is_empty())))
}
