//! Federation features that the shop does not need: interface objects, composite keys, nested
//! `@requires`, fields that lead back to the root.

use insta::assert_snapshot;
use router_engine::EngineSettings;
use serde_json::{Value, json};

use crate::{
    executor::Resolver,
    support::{Behaviour, Setup, show},
};

fn library() -> Setup {
    let subgraphs: [(_, _, Resolver); 3] = [
        ("catalog", include_str!("catalog.graphql"), catalog),
        ("parts", include_str!("parts.graphql"), parts),
        ("ratings", include_str!("ratings.graphql"), ratings),
    ];
    let supergraph = include_str!("supergraph.graphql");
    Setup::new(supergraph, &subgraphs, EngineSettings::default())
}

fn catalog(parent: &str, field: &str, arguments: &Value, source: &Value) -> Value {
    let media = |id: &str| match id {
        "m1" => json!({"__typename": "Book", "id": "m1", "title": "Bumi Manusia", "isbn": "979"}),
        "m2" => json!({"__typename": "Film", "id": "m2", "title": "Ada Apa", "minutes": 112}),
        _ => Value::Null,
    };
    match (parent, field) {
        ("Query", "media") => json!([media("m1"), media("m2")]),
        ("Part", "__entity") => arguments.clone(),
        ("Part", "label") => {
            let open = |store: &Value| store["open"] == json!(true);
            let stores = source["stores"].as_array().unwrap();
            let names = stores
                .iter()
                .filter(|store| open(store))
                .map(|store| &store["name"]);
            json!(format!(
                "{}: {:?}",
                source["sku"],
                names.collect::<Vec<_>>()
            ))
        }
        (_, "__entity") => {
            let mut found = media(arguments["id"].as_str().unwrap());
            let asked = arguments["__typename"].as_str().unwrap();
            // An entity of another type is not there, as in real subgraphs.
            if asked != "Media" && found["__typename"] != asked {
                found = Value::Null;
            }
            found
        }
        _ => json!(1),
    }
}

fn parts(parent: &str, field: &str, arguments: &Value, _: &Value) -> Value {
    let part = |sku: &str, code: &str| {
        json!({"sku": sku, "region": {"code": code, "name": "West"}, "stores": [
            {"name": "A", "open": true, "secret": "s"}, null, {"name": "B", "open": false},
        ]})
    };
    match (parent, field) {
        ("Query", "parts") => json!([part("s1", "W"), part("s1", "E"), part("s1", "W")]),
        ("Mutation", "partAdd") => json!({
            "part": part(arguments["sku"].as_str().unwrap(), "W"), "query": {}
        }),
        _ => json!(2),
    }
}

fn ratings(parent: &str, field: &str, arguments: &Value, source: &Value) -> Value {
    match (parent, field) {
        ("Query", "top") => json!([{"id": "m2"}, {"id": "m1"}, {"id": "gone"}]),
        ("Query", "motto") => json!("read more"),
        ("Media", "__entity") => arguments.clone(),
        ("Media", "rating") => json!(source["id"].as_str().unwrap().len() * 2),
        ("Media", "similar") => json!([{"id": "m1"}]),
        _ => Value::Null,
    }
}

#[tokio::test]
async fn fields_of_an_interface_object_are_joined_to_the_real_types() {
    let library = library();
    let query = "{ media { __typename id rating ... on Book { isbn } ... on Film { minutes } } }";
    assert_snapshot!(show(&library.run(query).await), @r#"data: {"media":[{"__typename":"Book","id":"m1","rating":4,"isbn":"979"},{"__typename":"Film","id":"m2","rating":4,"minutes":112}]}"#);
    assert_snapshot!(show(&library.variables("ratings")), @r#"{"representations":[{"__typename":"Media","id":"m1"},{"__typename":"Media","id":"m2"}]}"#);
}

#[tokio::test]
async fn the_real_type_of_an_interface_object_is_found_out() {
    let library = library();
    // What ratings calls "gone" is not in the catalog: its type is unknown.
    let query = "{ top { __typename rating title ... on Film { minutes } } }";
    assert_snapshot!(show(&library.run(query).await), @r#"
    data: {"top":null}
    error: {"message":"Query.top came back as an object that is no Media","path":["top",2],"extensions":{"code":"DOWNSTREAM_SERVICE_ERROR"}}
    "#);
    assert_snapshot!(show(&library.queries()), @r#"
    "ratings {top{__typename id rating}}"
    "catalog query($representations:[_Any!]!){_entities(representations: $representations){...on Media{__typename title ...on Film{minutes}}}}"
    "#);
    assert_snapshot!(show(&library.run("{ media { id similar { id __typename title } } }").await), @r#"data: {"media":[{"id":"m1","similar":[{"id":"m1","__typename":"Book","title":"Bumi Manusia"}]},{"id":"m2","similar":[{"id":"m1","__typename":"Book","title":"Bumi Manusia"}]}]}"#);
}

#[tokio::test]
async fn composite_keys_and_nested_required_fields_are_sent() {
    let library = library();
    let query = "{ parts { label(short: true) region { name } } }";
    assert_snapshot!(show(&library.run(query).await), @r#"data: {"parts":[{"label":"\"s1\": [String(\"A\")]","region":{"name":"West"}},{"label":"\"s1\": [String(\"A\")]","region":{"name":"West"}},{"label":"\"s1\": [String(\"A\")]","region":{"name":"West"}}]}"#);
    assert_snapshot!(show(&library.queries()), @r#"
    "parts {parts{__typename sku region{code name} stores{open name}}}"
    "catalog query($representations:[_Any!]!){_entities(representations: $representations){...on Part{label(short: true)}}}"
    "#);
    // Equal representations are one; a missing store is sent as null.
    assert_snapshot!(show(&library.variables("catalog")), @r#"{"representations":[{"__typename":"Part","stores":[{"name":"A","open":true},null,{"name":"B","open":false}],"sku":"s1","region":{"code":"W"}},{"__typename":"Part","stores":[{"name":"A","open":true},null,{"name":"B","open":false}],"sku":"s1","region":{"code":"E"}}]}"#);
}

#[tokio::test]
async fn a_mutation_may_lead_back_to_the_root() {
    let library = library();
    let query = "mutation { a: partAdd(sku: \"n\") { part { sku label } query { motto now media { id } } } touch }";
    assert_snapshot!(show(&library.run(query).await), @r#"data: {"a":{"part":{"sku":"n","label":"\"n\": [String(\"A\")]"},"query":{"motto":"read more","now":2,"media":[{"id":"m1"},{"id":"m2"}]}},"touch":1}"#);
    assert_snapshot!(show(&library.queries()), @r#"
    "parts mutation{a: partAdd(sku: \"n\"){part{__typename sku region{code} stores{open name}} query{__typename now}}}"
    "catalog query($representations:[_Any!]!){_entities(representations: $representations){...on Part{label}}}"
    "catalog {media{__typename id}}"
    "ratings {motto}"
    "catalog mutation{touch}"
    "#);
    library.behave("ratings", Behaviour::Down);
    assert_snapshot!(show(&library.run(query).await), @r#"
    data: {"a":{"part":{"sku":"n","label":"\"n\": [String(\"A\")]"},"query":{"motto":null,"now":2,"media":[{"id":"m1"},{"id":"m2"}]}},"touch":1}
    error: {"message":"a part of the answer is not available: its service is down","path":["a","query","motto"],"extensions":{"code":"DOWNSTREAM_SERVICE_ERROR"}}
    "#);
}

#[tokio::test]
async fn a_field_that_several_subgraphs_have_is_fetched_with_its_neighbours() {
    let library = library();
    assert_snapshot!(show(&library.run("{ now parts { sku } }").await), @r#"data: {"now":2,"parts":[{"sku":"s1"},{"sku":"s1"},{"sku":"s1"}]}"#);
    assert_snapshot!(show(&library.queries()), @r#""parts {parts{sku} now}""#);
}
