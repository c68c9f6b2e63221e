//! Composition at the start and when sources change, over real HTTP (issue 5, scope 6; ADR 22).

mod introspection;
mod swaps;
mod world;

use router_server::supergraph::Stage;
use serde_json::{Value, json};

use world::{Subgraph, following, sdl};

#[tokio::test]
async fn nothing_is_served_before_the_first_supergraph_is_sound() {
    let mut apples = Subgraph::start("apples", &["apple"]).await;
    apples.go_away().await;
    let mut world = following("supergraph.yaml");
    world.introspects(&[&apples]);
    let failure = world.follower.look().await.unwrap_err();
    assert_eq!(failure.stage, Stage::Sources);
    assert!(failure.message.contains("subgraph `apples`"), "{failure:?}");

    let (status, refused) = world.ask("{ apple }").await;
    assert_eq!(status, 503);
    assert_eq!(refused["errors"][0]["extensions"]["code"], "UNAVAILABLE");
    assert_eq!(world.get("/schema.graphql").await.0, 503);
    // A client whose socket is refused tries again; one whose subscription is refused does not.
    assert_eq!(world.handshake().await, 503);
    assert_eq!(world.get("/health/live").await.0, 200);
    let (status, ready) = world.get("/health/ready").await;
    assert_eq!(status, 503);
    // What is wrong is for operators.
    assert!(!ready.contains("apples"), "{ready}");
    let seen = world.status().await;
    assert_eq!(seen["supergraph"], Value::Null);
    assert_eq!(seen["composition"]["failure"]["stage"], "sources");

    apples.come_back().await;
    world.follower.look().await.unwrap();
    assert_eq!(world.data("{ apple }").await, json!({ "apple": "apples" }));
    assert_eq!(world.get("/health/ready").await.0, 200);
    assert_eq!(world.get("/schema.graphql").await.0, 200);
    // Nothing but a connection that could be upgraded is missing.
    assert_eq!(world.handshake().await, 400);
    let seen = world.status().await;
    assert_eq!(seen["supergraph"]["generation"], 1);
    let subgraphs = json!([{ "name": "apples", "url": apples.url() }]);
    assert_eq!(seen["supergraph"]["subgraphs"], subgraphs);
    assert_eq!(seen["supergraph"]["hash"].as_str().unwrap().len(), 64);
    assert_eq!(seen["composition"]["failure"], Value::Null);
}

#[tokio::test]
async fn a_schema_that_changes_is_followed_and_one_that_does_not_is_left_alone() {
    let apples = Subgraph::start("apples", &["apple"]).await;
    let pears = Subgraph::start("pears", &["pear"]).await;
    let mut world = following("supergraph.yaml");
    world.introspects(&[&apples, &pears]);
    world.follower.look().await.unwrap();
    let first = world.status().await;
    world.second();
    world.follower.look().await.unwrap();
    let second = world.status().await;
    assert_eq!(second["supergraph"], first["supergraph"]);
    let since = |seen: &Value| seen["composition"]["inUseSince"].clone();
    assert_eq!(since(&second), since(&first));
    assert_ne!(
        second["composition"]["lookedAt"],
        first["composition"]["lookedAt"]
    );

    assert_eq!(world.ask("{ plum }").await.1["data"], Value::Null);
    pears.has(&["pear", "plum"]);
    world.second();
    world.follower.look().await.unwrap();
    assert_eq!(
        world.data("{ apple plum }").await,
        json!({ "apple": "apples", "plum": "pears" })
    );
    let third = world.status().await;
    assert_eq!(third["supergraph"]["generation"], 2);
    assert_ne!(third["supergraph"]["hash"], first["supergraph"]["hash"]);
    assert_ne!(since(&third), since(&first));
}

#[tokio::test]
async fn a_schema_that_does_not_compose_changes_nothing_and_is_explained_to_operators() {
    let apples = Subgraph::start("apples", &["apple"]).await;
    let pears = Subgraph::start("pears", &["pear"]).await;
    let mut world = following("supergraph.yaml");
    world.introspects(&[&apples, &pears]);
    world.follower.look().await.unwrap();
    let good = world.status().await["supergraph"].clone();

    pears.said.lock().unwrap().sdl = "type Query { pear: String apple: Int }".to_owned();
    world.second();
    let failure = world.follower.look().await.unwrap_err();
    assert_eq!(failure.stage, Stage::Composition);
    assert_eq!(world.data("{ apple }").await, json!({ "apple": "apples" }));
    assert_eq!(world.get("/health/ready").await.0, 200);
    let seen = world.status().await;
    assert_eq!(seen["supergraph"], good);
    let told = &seen["composition"]["failure"];
    assert_eq!(
        told["diagnostics"][0]["code"], "FIELD_TYPE_MISMATCH",
        "{told}"
    );

    // It goes on since then, and is tried again only when something has changed.
    world.second();
    assert_eq!(world.follower.look().await.unwrap_err(), failure);
    assert_eq!(
        world.status().await["composition"]["failure"]["since"],
        told["since"]
    );
    // Each side is named by where its schema was read.
    let sides = [("apples", apples.url(), 14), ("pears", pears.url(), 27)];
    let places = sides.clone().map(|(subgraph, file, column)| {
        json!({ "subgraph": subgraph, "line": 1, "column": column, "file": file })
    });
    assert_eq!(told["diagnostics"][0]["subgraphs"], json!(places));
    let [apple, pear] = sides.map(|(name, url, column)| format!("{url}:1:{column} ({name})"));
    let text = format!("error[FIELD_TYPE_MISMATCH] at {apple}, {pear}: ");
    assert!(failure.message.contains(&text), "{}", failure.message);
    pears.has(&["pear"]);
    world.follower.look().await.unwrap();
    let seen = world.status().await;
    assert_eq!(seen["composition"]["failure"], Value::Null);
    assert_eq!(seen["supergraph"], good, "it is the one in use");
}

#[tokio::test]
async fn a_subgraph_that_is_away_keeps_its_schema_and_does_not_keep_others_from_changing() {
    let apples = Subgraph::start("apples", &["apple"]).await;
    let mut pears = Subgraph::start("pears", &["pear"]).await;
    let mut world = following("supergraph.yaml");
    world.introspects(&[&apples, &pears]);
    world.follower.look().await.unwrap();

    pears.go_away().await;
    apples.has(&["apple", "apricot"]);
    world.follower.look().await.unwrap();
    assert_eq!(
        world.data("{ apricot }").await,
        json!({ "apricot": "apples" })
    );
    let (_, partial) = world.ask("{ apple pear }").await;
    assert_eq!(partial["data"], json!({ "apple": "apples", "pear": null }));
    let sources = world.status().await["composition"]["sources"].clone();
    assert_eq!(sources[0]["problem"], Value::Null);
    assert_eq!(sources[1]["subgraph"], "pears");
    assert!(sources[1]["problem"].is_string(), "{sources}");

    pears.come_back().await;
    world.follower.look().await.unwrap();
    assert_eq!(world.data("{ pear }").await, json!({ "pear": "pears" }));
    let sources = world.status().await["composition"]["sources"].clone();
    assert_eq!(sources[1]["problem"], Value::Null);

    // Gone for good: whoever takes it out of the file takes it out of the schema.
    world.introspects(&[&apples]);
    world.follower.look().await.unwrap();
    assert_eq!(world.ask("{ pear }").await.1["data"], Value::Null);
}

#[tokio::test]
async fn files_are_followed_and_a_broken_one_changes_nothing() {
    let apples = Subgraph::start("apples", &["apple", "apricot"]).await;
    let mut world = following("supergraph.yaml");
    let failure = world.follower.look().await.unwrap_err();
    assert_eq!(failure.stage, Stage::Config);
    let yaml = format!(
        "subgraphs: {{ apples: {{ routing_url: '{}', schema: {{ file: a.graphql }} }} }}",
        apples.url()
    );
    world.write("supergraph.yaml", &yaml);
    assert_eq!(
        world.follower.look().await.unwrap_err().stage,
        Stage::Sources
    );
    world.write("a.graphql", &sdl(&["apple"]));
    world.follower.look().await.unwrap();
    assert_eq!(world.data("{ apple }").await, json!({ "apple": "apples" }));

    world.write("a.graphql", "type Query { apple:");
    assert_eq!(
        world.follower.look().await.unwrap_err().stage,
        Stage::Composition
    );
    world.write("supergraph.yaml", "subgraphs: [");
    assert_eq!(
        world.follower.look().await.unwrap_err().stage,
        Stage::Config
    );
    assert_eq!(world.data("{ apple }").await, json!({ "apple": "apples" }));
    world.write("supergraph.yaml", &yaml);
    world.write("a.graphql", &sdl(&["apple", "apricot"]));
    world.follower.look().await.unwrap();
    assert_eq!(
        world.data("{ apricot }").await,
        json!({ "apricot": "apples" })
    );

    // Another address is a change as well.
    let other = Subgraph::start("others", &["apple", "apricot"]).await;
    world.write(
        "supergraph.yaml",
        &yaml.replace(&apples.url(), &other.url()),
    );
    world.follower.look().await.unwrap();
    assert_eq!(world.data("{ apple }").await, json!({ "apple": "others" }));
}

#[tokio::test]
async fn a_composed_supergraph_is_followed_too() {
    let apples = Subgraph::start("apples", &["apple"]).await;
    let mut world = following("supergraph.graphql");
    let composed = |fields: &[&str]| {
        let input = router_compose::SubgraphInput::new("apples", apples.url(), sdl(fields));
        router_compose::compose(&[input]).unwrap().supergraph_sdl
    };
    world.write("supergraph.graphql", &composed(&["apple"]));
    world.follower.look().await.unwrap();
    assert_eq!(world.data("{ apple }").await, json!({ "apple": "apples" }));
    world.write("supergraph.graphql", "type Query { apple: String }");
    let failure = world.follower.look().await.unwrap_err();
    assert_eq!(failure.stage, Stage::Supergraph);
    assert!(failure.message.contains("join__Graph"), "{failure:?}");
    apples.has(&["apple", "apricot"]);
    world.write("supergraph.graphql", &composed(&["apple", "apricot"]));
    world.follower.look().await.unwrap();
    assert_eq!(
        world.data("{ apricot }").await,
        json!({ "apricot": "apples" })
    );
}
