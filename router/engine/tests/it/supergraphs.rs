//! What is accepted as a supergraph, and the schema that clients get.

use std::collections::HashMap;

use insta::assert_snapshot;
use router_engine::{Engine, EngineSettings, Supergraph};

use crate::shop::SUPERGRAPH;

fn refusal(sdl: &str) -> String {
    Supergraph::parse(sdl)
        .err()
        .expect("it is no supergraph")
        .to_string()
}

#[test]
fn clients_see_nothing_of_federation_and_nothing_inaccessible() {
    let supergraph = Supergraph::parse(SUPERGRAPH).unwrap();
    let sdl = supergraph.api_sdl();
    for hidden in [
        "join__",
        "link",
        "inaccessible",
        "secret",
        "hidden",
        "INTERNAL",
        "Draft",
    ] {
        assert!(!sdl.contains(hidden), "{hidden} in {sdl}");
    }
    for kept in [
        "DIGITAL @deprecated(reason: \"use SIMPLE\")",
        "\"\"\"A shelf is a list of rows.\"\"\"",
        "union Item = Product | Book\n",
        "products(first: Int = 3, filter: ProductFilter): [Product!]!",
        "shippingEstimate(express: Boolean = false): Int\n",
        "type Product implements Node {",
        "type Subscription {",
    ] {
        assert!(sdl.contains(kept), "no {kept} in {sdl}");
    }
}

#[test]
fn subgraphs_have_names_and_urls() {
    let supergraph = Supergraph::parse(SUPERGRAPH).unwrap();
    let subgraphs = supergraph.subgraphs();
    assert_eq!(subgraphs.len(), 4);
    let url = "http://127.0.0.1:4103/inventory/graphql".to_owned();
    assert_eq!(subgraphs[0], ("inventory".to_owned(), url));
}

#[test]
fn what_is_no_supergraph_is_refused_with_a_reason() {
    assert_snapshot!(refusal("type Query {"), @"the supergraph is not valid GraphQL: syntax error: expected Field Definition (line 1); syntax error: expected R_CURLY, got EOF (line 1)");
    assert_snapshot!(refusal("type Query { a: Int }"), @"the schema has no enum join__Graph: it is not a composed supergraph");
    assert_snapshot!(refusal(""), @"the supergraph is not valid GraphQL: syntax error: Unexpected <EOF>. (line 1)");
    let hidden = SUPERGRAPH.replace("union Item\n", "union Item @inaccessible\n");
    assert!(
        Supergraph::parse(&hidden).is_ok(),
        "fields of a hidden type are hidden too"
    );
    let no_root = SUPERGRAPH.replace("  query: Query\n", "  query: Nothing\n");
    assert_snapshot!(refusal(&no_root), @"the supergraph leaves no valid schema for clients: missing query root operation type in schema definition (line 1)");
    let strange = SUPERGRAPH.replace("@join__type(graph: USERS)", "@join__type(graph: NOBODY)");
    assert_snapshot!(refusal(&strange), @"the query planner does not accept the supergraph: failed to initalize relations graph: Supergraph state error: Subgraph not found: 'NOBODY'");
}

#[test]
fn contextual_arguments_would_be_planned_wrongly_and_are_refused_by_name() {
    let sdl = "schema { query: Query } enum join__Graph { A @join__graph(name: \"a\", url: \"x\") } \
        type Query @join__type(graph: A) { a: Int @join__field(graph: A, contextArguments: []) }";
    let refusal = refusal(sdl);
    assert!(refusal.contains("@context and @fromContext"), "{refusal}");
}

// The planner's library panics there; composers may give such a weight.
#[test]
fn a_cost_below_nothing_is_refused_with_a_reason() {
    let sdl = "schema { query: Query } enum join__Graph { A @join__graph(name: \"a\", url: \"x\") } \
        type Query @join__type(graph: A) { a: Int @cost(weight: -3) }";
    let refusal = refusal(sdl);
    let expected = "the query planner does not accept the supergraph: ";
    assert!(refusal.starts_with(expected), "{refusal}");
    assert!(refusal.contains("'cost' directive"), "{refusal}");
    let harmless = sdl.replace("-3", "3");
    assert!(Supergraph::parse(&harmless).is_ok());
}

#[test]
fn every_subgraph_needs_a_transport() {
    let supergraph = Supergraph::parse(SUPERGRAPH).unwrap();
    let engine = Engine::new(supergraph, HashMap::new(), EngineSettings::default());
    assert_snapshot!(engine.err().unwrap().to_string(), @"no transport is configured for subgraph inventory");
}

#[test]
fn settings_have_defaults_and_no_unknown_names() {
    let settings: EngineSettings =
        serde_json::from_str(r#"{"limits": {"depth": 3}, "introspection": false}"#).unwrap();
    assert_eq!(settings.limits.depth, 3);
    assert_eq!(settings.limits.tokens, 4_000);
    assert!(serde_json::from_str::<EngineSettings>(r#"{"limit": {}}"#).is_err());
}
