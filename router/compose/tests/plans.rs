//! The planner that the router uses accepts what is composed, and plans over the right subgraphs.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use hive_router_query_planner::ast::normalization::normalize_operation;
use hive_router_query_planner::graph::PlannerOverrideContext;
use hive_router_query_planner::planner::{Planner, QueryPlannerOptions};
use hive_router_query_planner::utils::cancellation::CancellationToken;
use hive_router_query_planner::utils::parsing::{safe_parse_operation, safe_parse_schema};
use router_compose::{SubgraphInput, compose};

fn supergraph_of(case: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/cases")
        .join(case);
    fs::read_to_string(path.join("supergraph.graphql")).unwrap()
}

fn planner(supergraph: &str) -> Planner {
    let schema = safe_parse_schema(supergraph).unwrap();
    Planner::new_from_supergraph(&schema, QueryPlannerOptions::default()).unwrap()
}

/// The fetches of a plan in order, as `subgraph: operation`.
fn fetches(supergraph: &str, query: &str) -> Vec<String> {
    let planner = planner(supergraph);
    let operation = safe_parse_operation(query).unwrap();
    let normalized = normalize_operation(&planner.supergraph, &operation, None).unwrap();
    let plan = planner
        .plan_from_normalized_operation(
            &normalized.operation,
            PlannerOverrideContext::default(),
            &CancellationToken::new(),
        )
        .unwrap();
    let mut found = Vec::new();
    collect(&serde_json::to_value(&plan).unwrap(), &mut found);
    found
}

fn collect(node: &serde_json::Value, found: &mut Vec<String>) {
    match node {
        serde_json::Value::Object(fields) => {
            if let (Some(name), Some(operation)) =
                (fields.get("serviceName"), fields.get("operation"))
            {
                found.push(format!(
                    "{}: {}",
                    name.as_str().unwrap(),
                    operation.as_str().unwrap()
                ));
            }
            fields.values().for_each(|value| collect(value, found));
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        _ => {}
    }
}

fn subgraphs(fetches: &[String]) -> Vec<&str> {
    fetches
        .iter()
        .map(|fetch| fetch.split(':').next().unwrap())
        .collect()
}

#[test]
fn the_planner_accepts_every_composed_supergraph() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut accepted = 0;
    for entry in fs::read_dir(cases).unwrap() {
        let case = entry.unwrap().path();
        // This planner takes no weight below zero, and panics; the specification allows them.
        if case.ends_with("cost_negative") {
            continue;
        }
        let path = case.join("supergraph.graphql");
        if let Ok(sdl) = fs::read_to_string(&path) {
            planner(&sdl);
            accepted += 1;
        }
    }
    assert!(accepted >= 170, "only {accepted} supergraphs");
}

#[test]
fn an_entity_is_joined_over_four_subgraphs() {
    let sdl = supergraph_of("entity_across_subgraphs");
    let query =
        "{ product(id: \"1\") { name availability reviews(first: 2) { rating author { name } } } }";
    let found = fetches(&sdl, query);
    let mut names = subgraphs(&found);
    names.sort_unstable();
    assert_eq!(
        names,
        ["catalog", "identity", "inventory", "reviews"],
        "{found:#?}"
    );
    assert!(found[0].starts_with("catalog:"), "{found:#?}");
}

#[test]
fn a_reference_without_resolver_is_not_asked() {
    let sdl = supergraph_of("key_not_resolvable_is_a_reference");
    assert_eq!(
        subgraphs(&fetches(&sdl, "{ order { user { id } } }")),
        ["a"]
    );
    assert_eq!(
        subgraphs(&fetches(&sdl, "{ order { user { name } } }")),
        ["a", "b"]
    );
}

#[test]
fn a_composite_key_leads_on() {
    let sdl = supergraph_of("keys_composite_nested_and_several");
    let mut names = fetches(&sdl, "{ thing { weight price } }");
    names.sort();
    assert_eq!(subgraphs(&names), ["a", "b", "c"]);
}

#[test]
fn a_chain_of_keys_is_followed() {
    let sdl = supergraph_of("key_chain_over_three_subgraphs");
    assert_eq!(
        subgraphs(&fetches(&sdl, "{ thing { price } }")),
        ["a", "b", "c"]
    );
}

#[test]
fn required_fields_are_fetched_first() {
    let sdl = supergraph_of("requires_a_field_of_another_subgraph");
    let found = fetches(&sdl, "{ product { shippingCost } }");
    assert_eq!(subgraphs(&found), ["catalog", "shipping"]);
    assert!(
        found[0].contains("weight") && found[0].contains("price(currency:"),
        "{found:#?}"
    );
}

#[test]
fn a_provided_field_needs_no_second_fetch() {
    let sdl = supergraph_of("provides_a_field_of_another_subgraph");
    assert_eq!(
        subgraphs(&fetches(&sdl, "{ topReview { author { name } } }")),
        ["reviews"]
    );
    let both = fetches(&sdl, "{ topReview { author { name email } } }");
    assert_eq!(subgraphs(&both), ["reviews", "users"]);
}

#[test]
fn an_overridden_field_comes_from_its_new_subgraph() {
    let sdl = supergraph_of("override_moves_a_field");
    assert_eq!(
        subgraphs(&fetches(&sdl, "{ bill { amount code } }")),
        ["billing"]
    );
    assert_eq!(
        subgraphs(&fetches(&sdl, "{ bill { payment } }")),
        ["billing", "payments"]
    );
}

#[test]
fn mutations_and_subscriptions_start_in_their_subgraph() {
    let sdl = supergraph_of("subscription_root");
    let found = fetches(
        &sdl,
        "subscription { messageAdded(room: \"1\") { text author { name } } }",
    );
    assert_eq!(subgraphs(&found), ["chat", "users"]);
    let sdl = supergraph_of("subscription_in_two_subgraphs");
    let found = fetches(&sdl, "subscription { orderChanged { messages { text } } }");
    assert_eq!(subgraphs(&found), ["orders", "chat"]);
    let sdl = supergraph_of("custom_root_type_names");
    assert_eq!(
        subgraphs(&fetches(&sdl, "mutation { setB(b: 1) { b } }")),
        ["b"]
    );
}

#[test]
fn an_interface_is_resolved_through_its_types() {
    let sdl = supergraph_of("interface_field_missing_in_some_subgraph");
    let found = fetches(&sdl, "{ shape { area colour } }");
    assert_eq!(subgraphs(&found), ["a", "b"]);
}

#[test]
fn a_federation_1_schema_is_planned() {
    let sdl = supergraph_of("federation_1_schema");
    let found = fetches(&sdl, "{ me { name reviews { body author { username } } } }");
    assert_eq!(subgraphs(&found), ["accounts", "reviews"]);
}

#[test]
fn an_inaccessible_field_may_still_be_a_key() {
    let subgraph = |name: &str, sdl: &str| {
        let sdl = format!(
            "extend schema @link(url: \"https://specs.apollo.dev/federation/v2.5\", \
             import: [\"@key\", \"@inaccessible\"]) {sdl}"
        );
        SubgraphInput::new(name, format!("http://{name}"), sdl)
    };
    let composed = compose(&[
        subgraph(
            "a",
            "type Query { t: T } type T @key(fields: \"k\") { k: ID! @inaccessible }",
        ),
        subgraph("b", "type T @key(fields: \"k\") { k: ID! v: Int }"),
    ])
    .unwrap();
    assert_eq!(
        composed.api_sdl,
        "type Query {\n  t: T\n}\n\ntype T {\n  v: Int\n}\n"
    );
    assert_eq!(
        subgraphs(&fetches(&composed.supergraph_sdl, "{ t { v } }")),
        ["a", "b"]
    );
}
