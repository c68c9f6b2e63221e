//! The federation audit: what we compose of its subgraphs means what Apollo's composition makes of
//! them, and a planner that many routers use plans every query of the audit on it.

use std::fs;

use hive_router_query_planner::ast::normalization::normalize_operation;
use hive_router_query_planner::graph::PlannerOverrideContext;
use hive_router_query_planner::planner::{Planner, QueryPlannerOptions};
use hive_router_query_planner::utils::cancellation::CancellationToken;
use hive_router_query_planner::utils::parsing::{safe_parse_operation, safe_parse_schema};
use router_compose::{SubgraphInput, compose};
use serde::Deserialize;

use super::{compare, node};

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

/// One line of JSON for each suite, in the file that `COMPOSE_AUDIT` names.
fn suites() -> Vec<Suite> {
    let text = fs::read_to_string(node::variable("COMPOSE_AUDIT").unwrap()).unwrap();
    let suites = text.lines().map(|line| serde_json::from_str(line).unwrap());
    suites.collect()
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

#[test]
#[ignore = "the audit is in no registry: COMPOSE_AUDIT names a file of its suites (README.md, Tests)"]
fn every_query_of_the_audit_is_planned() {
    let (mut wrong, mut queries) = (Vec::new(), 0);
    let suites = suites();
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
                wrong.push(format!("{}: {}", suite.id, super::said(&errors)));
                continue;
            }
        };
        let ours = compare::facts(&composition.supergraph_sdl);
        for difference in compare::differences(&ours, &compare::facts(&suite.supergraph)) {
            wrong.push(format!("{}: {difference}", suite.id));
        }
        let schema = safe_parse_schema(&composition.supergraph_sdl).unwrap();
        let options = QueryPlannerOptions::default();
        let planner = Planner::new_from_supergraph(&schema, options).unwrap();
        for query in &suite.queries {
            queries += 1;
            if let Err(error) = plan(&planner, query) {
                wrong.push(format!("{}: {error}\n{query}", suite.id));
            }
        }
    }
    println!("{} suites, {queries} queries planned", suites.len());
    assert!(
        wrong.is_empty(),
        "{} wrong\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(
        suites.len() >= 46 && queries >= 199,
        "{} suites, {queries} queries",
        suites.len()
    );
}
