//! Subgraphs that tell their schemas badly.

use process::config::{ByteSize, DurationSetting};
use router_server::RouterSettings;
use serde_json::json;

use super::world::{Subgraph, following, following_with};

#[tokio::test]
async fn what_may_pass_is_asked_again_a_few_times_and_the_rest_is_not() {
    for (said, times, outcome) in [
        (vec![(503, ""), (503, "")], 3, Ok(())),
        (
            vec![(503, ""), (500, ""), (502, "")],
            3,
            Err("HTTP status 502"),
        ),
        (vec![(404, "")], 1, Err("HTTP status 404")),
        (vec![(401, "")], 1, Err("HTTP status 401")),
        (vec![(200, "<html>")], 1, Err("`_service { sdl }`")),
        (vec![(200, r#"{"data":{}}"#)], 1, Err("`_service { sdl }`")),
        (
            vec![(200, r#"{"errors":[{"message":"introspection is off"}]}"#)],
            1,
            Err("it answered: introspection is off"),
        ),
    ] {
        let apples = Subgraph::start("apples", &["apple"]).await;
        for (status, body) in &said {
            apples.says_instead(*status, body);
        }
        let mut world = following("supergraph.yaml");
        world.introspects(&[&apples]);
        let looked = world.follower.look().await;
        assert_eq!(apples.times_asked(), times, "{said:?}");
        match (looked, outcome) {
            (Ok(()), Ok(())) => {}
            (Err(failure), Err(text)) => assert!(failure.message.contains(text), "{failure:?}"),
            other => panic!("{said:?}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_schema_that_is_too_long_or_too_late_is_refused() {
    let mut settings = RouterSettings::default();
    settings.supergraph.max_schema_size = ByteSize::new(1_000);
    let apples = Subgraph::start("apples", &["apple"]).await;
    let mut world = following_with("supergraph.yaml", settings);
    world.introspects(&[&apples]);
    world.follower.look().await.unwrap();
    apples.said.lock().unwrap().sdl = format!("# {}\ntype Query {{ b: Int }}", "x".repeat(1_000));
    // It keeps the one it had.
    world.follower.look().await.unwrap();
    let source = world.status().await["composition"]["sources"][0].clone();
    assert!(
        source["problem"]
            .as_str()
            .unwrap()
            .contains("larger than allowed"),
        "{source}"
    );

    // A listener that never answers.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut settings = RouterSettings::default();
    settings.supergraph.introspection_timeout = DurationSetting::from_millis(50);
    settings.supergraph.introspection_attempts = 2;
    let mut world = following_with("supergraph.yaml", settings);
    let url = format!("http://{}/", silent.local_addr().unwrap());
    let yaml = format!("subgraphs: {{ a: {{ schema: {{ subgraph_url: '{url}' }} }} }}");
    world.write("supergraph.yaml", &yaml);
    let failure = world.follower.look().await.unwrap_err();
    assert!(failure.message.contains("no answer in time"), "{failure:?}");
}

#[tokio::test]
async fn headers_go_with_the_question_and_are_told_to_nobody_else() {
    let apples = Subgraph::start("apples", &["apple"]).await;
    let mut world = following("supergraph.yaml");
    let url = apples.url();
    let with = |value: &str| {
        format!(
            "subgraphs:\n  apples:\n    schema:\n      subgraph_url: {url}\n      \
             introspection_headers: {{ x-token: '{value}' }}\n"
        )
    };
    world.write("supergraph.yaml", &with("${env.SECRET}"));
    world.follower.look().await.unwrap();
    let headers = apples.said.lock().unwrap().headers.clone();
    assert_eq!(headers["x-token"], "s3cret");
    assert!(!world.status().await.to_string().contains("s3cret"));
    assert_eq!(world.data("{ apple }").await, json!({ "apple": "apples" }));

    world.write("supergraph.yaml", &with("${env.UNSET}"));
    let failure = world.follower.look().await.unwrap_err();
    assert!(failure.message.contains("UNSET"), "{failure:?}");
    assert!(!failure.message.contains("s3cret"));
}
