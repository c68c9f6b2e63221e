//! Rover's `supergraph.yaml`.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use router_compose::config::{ConfigError, SchemaSource, SupergraphConfig, parse};

fn env(name: &str) -> Option<String> {
    match name {
        "HOST" => Some("shop.example".to_owned()),
        "EMPTY" => Some(String::new()),
        _ => None,
    }
}

fn read_file(path: &str) -> io::Result<String> {
    match path {
        "secrets/token.txt" => Ok("s3cret".to_owned()),
        _ => Err(io::Error::new(io::ErrorKind::NotFound, "no such file")),
    }
}

fn read(text: &str) -> Result<SupergraphConfig, ConfigError> {
    parse(text, &env, &read_file)
}

fn refusal(text: &str) -> String {
    match read(text) {
        Ok(config) => format!("accepted: {config:?}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn all_sources_are_read_and_sorted() {
    let config = read(
        "federation_version: =2.9.3
subgraphs:
  reviews:
    schema:
      subgraph_url: http://${env.HOST}:4002/graphql
      introspection_headers: { Authorization: 'Bearer ${file.secrets/token.txt}' }
  products:
    routing_url: ${env.PRODUCTS_URL:-http://localhost:4001/graphql}
    schema:
      file: ./products.graphql
  inline: { routing_url: http://x/graphql, schema: { sdl: 'type Query { a: Int }' } }
",
    )
    .expect("valid");
    assert_eq!(config.federation_version.as_deref(), Some("=2.9.3"));
    let names: Vec<_> = config
        .subgraphs
        .iter()
        .map(|entry| entry.name.as_str())
        .collect();
    assert_eq!(names, ["inline", "products", "reviews"]);
    assert_eq!(
        config.subgraphs[0].schema,
        SchemaSource::Sdl("type Query { a: Int }".to_owned())
    );
    assert_eq!(
        config.subgraphs[1].schema,
        SchemaSource::File(PathBuf::from("./products.graphql"))
    );
    assert_eq!(
        config.subgraphs[1].routing_url,
        "http://localhost:4001/graphql"
    );
    let headers = BTreeMap::from([("Authorization".to_owned(), "Bearer s3cret".to_owned())]);
    let url = "http://shop.example:4002/graphql".to_owned();
    assert_eq!(config.subgraphs[2].routing_url, url);
    assert_eq!(
        config.subgraphs[2].schema,
        SchemaSource::SubgraphUrl { url, headers }
    );
}

#[test]
fn versions() {
    let with = |version: &str| {
        refusal(&format!(
            "federation_version: {version}\nsubgraphs: {{ a: {{ routing_url: u, schema: {{ sdl: s }} }} }}"
        ))
    };
    for good in ["1", "2", "'2'", "=2.9.3", "=2.11.0-preview.1"] {
        assert!(with(good).starts_with("accepted"), "{good}: {}", with(good));
    }
    for bad in ["3", "2.9", "=3.0.0", "=2.x.y", "=2.1", "[]"] {
        assert!(
            with(bad).contains("federation_version"),
            "{bad}: {}",
            with(bad)
        );
    }
}

#[test]
fn expansion_knows_defaults_and_leaves_the_unknown() {
    let url = |text: &str| {
        let config = read(&format!(
            "subgraphs: {{ a: {{ routing_url: '{text}', schema: {{ sdl: s }} }} }}"
        ));
        config.map(|config| config.subgraphs[0].routing_url.clone())
    };
    assert_eq!(
        url("a${env.HOST}b${env.HOST}").expect("set"),
        "ashop.examplebshop.example"
    );
    assert_eq!(
        url("${env.NOPE:-http://x:-y}").expect("default"),
        "http://x:-y"
    );
    assert_eq!(url("${env.EMPTY:-d}").expect("empty is set"), "");
    assert_eq!(
        url("${other.X} $${ ${").expect("unknown stays"),
        "${other.X} $${ ${"
    );
    let unset = url("${env.NOPE}").expect_err("unset").to_string();
    assert!(
        unset.contains("subgraphs.a.routing_url") && unset.contains("NOPE"),
        "{unset}"
    );
    let missing = url("${file.nope}").expect_err("missing").to_string();
    assert!(missing.contains("`nope`"), "{missing}");
}

#[test]
fn mistakes_are_named() {
    let one = |schema: &str| {
        refusal(&format!(
            "subgraphs: {{ a: {{ routing_url: u, schema: {schema} }} }}"
        ))
    };
    assert!(one("{ file: x, sdl: y }").contains("exactly one"));
    assert!(one("{}").contains("exactly one"));
    assert!(one("{ fyle: x }").contains("fyle"));
    assert!(one("{ graphref: g@c, subgraph: s }").contains("GraphOS"));
    assert!(one("{ sdl: s, introspection_headers: {} }").contains("introspection_headers"));
    assert!(refusal("subgraphs: { a: { schema: { sdl: s } } }").contains("routing_url"));
    assert!(refusal("subgraphs: { a: { schema: { file: s } } }").contains("routing_url"));
    assert!(refusal("subgraphs: { 1a: { routing_url: u, schema: { sdl: s } } }").contains("`1a`"));
    assert!(refusal("subgraphs: {}").contains("empty"));
    assert!(refusal("subgraphs: { a: 1 }").contains("cannot be read"));
    assert!(refusal("extra: 1\nsubgraphs: {}").contains("extra"));
    assert!(refusal("").contains("cannot be read"));
    assert!(refusal("a: [").contains("cannot be read"));
    assert!(refusal(&"[".repeat(10_000)).contains("cannot be read"));
}
