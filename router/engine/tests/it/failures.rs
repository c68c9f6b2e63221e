//! Subgraphs that misbehave: what they spoil becomes null with an error, everything else arrives.

use std::time::{Duration, Instant};

use insta::assert_snapshot;
use router_engine::EngineSettings;
use serde_json::{Value, json};

use crate::{
    shop::{shop, shop_with},
    support::{Behaviour, context, show},
};

const PAGE: &str = "{ products(first: 2) { name stock { available } } me { name } }";

#[tokio::test]
async fn a_subgraph_that_is_down_leaves_the_rest_alone() {
    let shop = shop();
    shop.behave("inventory", Behaviour::Down);
    assert_snapshot!(show(&shop.run(PAGE).await), @r#"
    data: {"products":[{"name":"Kopi Gayo","stock":null},{"name":"Batik \"Parang\"","stock":null}],"me":{"name":"Sari"}}
    error: {"message":"a part of the answer is not available: its service is down","path":["products",0,"stock"],"extensions":{"code":"DOWNSTREAM_SERVICE_ERROR"}}
    error: {"message":"a part of the answer is not available: its service is down","path":["products",1,"stock"],"extensions":{"code":"DOWNSTREAM_SERVICE_ERROR"}}
    "#);
    shop.behave("inventory", Behaviour::Works);
    shop.behave("users", Behaviour::Status(503));
    assert_snapshot!(show(&shop.run(PAGE).await), @r#"
    data: {"products":[{"name":"Kopi Gayo","stock":{"available":7}},{"name":"Batik \"Parang\"","stock":null}],"me":null}
    error: {"message":"a part of the answer is not available: its service failed","path":["me"],"extensions":{"code":"DOWNSTREAM_SERVICE_ERROR"}}
    "#);
    shop.behave("products", Behaviour::Down);
    assert_snapshot!(show(&shop.run(PAGE).await), @r#"
    data: null
    error: {"message":"a part of the answer is not available: its service is down","path":["products"],"extensions":{"code":"DOWNSTREAM_SERVICE_ERROR"}}
    error: {"message":"a part of the answer is not available: its service failed","path":["me"],"extensions":{"code":"DOWNSTREAM_SERVICE_ERROR"}}
    "#);
}

#[tokio::test]
async fn a_slow_subgraph_is_given_up() {
    let mut settings = EngineSettings::default();
    settings
        .subgraph_timeouts_ms
        .insert("inventory".to_owned(), 100);
    let shop = shop_with(settings);
    // An hour: if nobody gave up, this test would not end.
    shop.behave("inventory", Behaviour::Slow(Duration::from_secs(3_600)));
    // A little slow is no failure.
    shop.behave("users", Behaviour::Slow(Duration::from_millis(5)));
    assert_snapshot!(show(&shop.run(PAGE).await), @r#"
    data: {"products":[{"name":"Kopi Gayo","stock":null},{"name":"Batik \"Parang\"","stock":null}],"me":{"name":"Sari"}}
    error: {"message":"a part of the answer was not ready in time","path":["products",0,"stock"],"extensions":{"code":"GATEWAY_TIMEOUT"}}
    error: {"message":"a part of the answer was not ready in time","path":["products",1,"stock"],"extensions":{"code":"GATEWAY_TIMEOUT"}}
    "#);
}

#[tokio::test]
async fn the_deadline_of_the_request_bounds_all_calls() {
    let shop = shop();
    shop.behave("products", Behaviour::Slow(Duration::from_secs(60)));
    let mut hurried = context();
    hurried.deadline = Some(Instant::now() + Duration::from_millis(50));
    let answer = shop.run_in(PAGE, json!({}), hurried.clone()).await;
    assert_snapshot!(show(&answer), @r#"
    data: null
    error: {"message":"a part of the answer was not ready in time","path":["products"],"extensions":{"code":"GATEWAY_TIMEOUT"}}
    "#);
    // Nothing is called any more when the time is over.
    let calls = shop.queries().len();
    let answer = shop.run_in(PAGE, json!({}), hurried).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "GATEWAY_TIMEOUT");
    assert_eq!(shop.queries().len(), calls);
}

#[tokio::test]
async fn nonsense_is_not_an_answer() {
    let shop = shop();
    let expected = {
        shop.behave("inventory", Behaviour::Down);
        let mut expected = shop.run(PAGE).await;
        for error in expected["errors"].as_array_mut().unwrap() {
            error["message"] = json!("a part of the answer is not available: its service failed");
        }
        expected
    };
    for text in [
        "",
        "<html>502 Bad Gateway</html>",
        "{\"data\": {\"_entities\": [",
        "null",
        "[]",
        "{}",
        "{\"data\": null}",
        "{\"data\": null, \"errors\": []}",
        "{\"data\": [1, 2]}",
        "{\"data\": \"what\"}",
        "{\"data\": {}}",
        "{\"data\": {\"_entities\": null}}",
        "{\"data\": {\"_entities\": {\"0\": {}}}}",
        "{\"data\": {\"_entities\": [{\"stock\": {\"available\": 1}}]}}",
        "{\"data\": {\"_entities\": [null, null, null]}}",
        "{\"data\": {\"_entities\": [null, null]}}trailing",
        "\u{0}\u{1}\u{2}",
    ] {
        shop.behave("inventory", Behaviour::Says(text.to_owned()));
        assert_eq!(shop.run(PAGE).await, expected, "after {text:?}");
    }
    let deep = format!(
        "{{\"data\": {}{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    shop.behave("inventory", Behaviour::Says(deep));
    assert_eq!(shop.run(PAGE).await, expected);
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_refused() {
    let shop = shop_with(EngineSettings {
        max_subgraph_response_bytes: 200,
        ..EngineSettings::default()
    });
    shop.says("users", &json!({"data": {"me": {"name": "x".repeat(300)}}}));
    assert_snapshot!(show(&shop.run("{ me { name } products(first: 1) { name } }").await), @r#"
    data: {"me":null,"products":[{"name":"Kopi Gayo"}]}
    error: {"message":"a part of the answer is not available: its service failed","path":["me"],"extensions":{"code":"DOWNSTREAM_SERVICE_ERROR"}}
    "#);
}

#[tokio::test]
async fn values_of_wrong_types_become_null_with_an_error() {
    let shop = shop();
    shop.says("products", &json!({"data": {"products": [
        {"id": "p1", "name": "right", "price": 3.0, "weight": 2, "isNew": true, "kind": "SIMPLE"},
        {"id": 7, "name": "odd", "price": "three", "weight": "two", "isNew": 1, "kind": "INTERNAL",
            "related": "none"},
        {"id": "p3", "name": "more", "price": 3_000_000_000_u64, "weight": null, "kind": "NEW",
            "isNew": [], "related": [null], "extra": {"any": ["thing", 1.25]}, "secret": "key"},
    ]}}));
    let query = "{ products { id name price weight isNew kind extra related { id } } }";
    assert_snapshot!(show(&shop.run(query).await), @r#"
    data: {"products":[{"id":"p1","name":"right","price":3,"weight":2,"isNew":true,"kind":"SIMPLE","extra":null,"related":null},{"id":"7","name":"odd","price":null,"weight":null,"isNew":null,"kind":null,"extra":null,"related":null},{"id":"p3","name":"more","price":null,"weight":null,"isNew":null,"kind":null,"extra":{"any":["thing",1.25]},"related":null}]}
    error: {"message":"Product.price came back as a string, not an Int","path":["products",1,"price"],"extensions":{"code":"DOWNSTREAM_SERVICE_ERROR"}}
    error: {"message":"Product.weight came back as a string, not a Float","path":["products",1,"weight"],"extensions":{"code":"DOWNSTREAM_SERVICE_ERROR"}}
    error: {"message":"Product.isNew came back as a number, not a Boolean","path":["products",1,"isNew"],"extensions":{"code":"DOWNSTREAM_SERVICE_ERROR"}}
    error: {"message":"Product.kind came back as a value that is not in enum Kind","path":["products",1,"kind"],"extensions":{"code":"DOWNSTREAM_SERVICE_ERROR"}}
    error: {"message":"Product.related came back as a string, not a list","path":["products",1,"related"],"extensions":{"code":"DOWNSTREAM_SERVICE_ERROR"}}
    error: {"message":"Product.price came back as a number that is no Int","path":["products",2,"price"],"extensions":{"code":"DOWNSTREAM_SERVICE_ERROR"}}
    error: {"message":"Product.isNew came back as a list, not a Boolean","path":["products",2,"isNew"],"extensions":{"code":"DOWNSTREAM_SERVICE_ERROR"}}
    error: {"message":"Product.kind came back as a value that is not in enum Kind","path":["products",2,"kind"],"extensions":{"code":"DOWNSTREAM_SERVICE_ERROR"}}
    error: {"message":"no value for Product.related, which must not be null","path":["products",2,"related",0],"extensions":{"code":"DOWNSTREAM_SERVICE_ERROR"}}
    "#);
}

#[tokio::test]
async fn a_string_is_no_object_and_an_object_no_list() {
    let shop = shop();
    for products in [
        json!("none"),
        json!({"id": "p1"}),
        json!([["p1"]]),
        json!([3]),
        json!(true),
    ] {
        shop.says("products", &json!({"data": {"grid": products}}));
        let answer = shop
            .run("{ grid { id stock { available } } version }")
            .await;
        assert_eq!(answer["data"]["version"], "1.0");
        assert_eq!(
            answer["errors"][0]["extensions"]["code"],
            "DOWNSTREAM_SERVICE_ERROR"
        );
    }
    shop.behave("products", Behaviour::Works);
    shop.says(
        "inventory",
        &json!({"data": {"_entities": ["what", {"stock": "lots"}]}}),
    );
    assert_snapshot!(show(&shop.run(PAGE).await), @r#"
    data: {"products":[{"name":"Kopi Gayo","stock":null},{"name":"Batik \"Parang\"","stock":null}],"me":{"name":"Sari"}}
    error: {"message":"a part of the answer is not available: its service failed","path":["products",0,"stock"],"extensions":{"code":"DOWNSTREAM_SERVICE_ERROR"}}
    error: {"message":"Product.stock came back as a string, not an object","path":["products",1,"stock"],"extensions":{"code":"DOWNSTREAM_SERVICE_ERROR"}}
    "#);
}

#[tokio::test]
async fn an_object_of_an_unknown_or_hidden_type_is_null() {
    let shop = shop();
    // `Draft` is inaccessible.
    assert_snapshot!(show(&shop.run("{ search(text: \"draft\") { __typename } version }").await), @r#"
    data: {"search":null,"version":"1.0"}
    error: {"message":"Query.search came back as an object that is no Item","path":["search",1],"extensions":{"code":"DOWNSTREAM_SERVICE_ERROR"}}
    "#);
    shop.says(
        "products",
        &json!({"data": {"node": {"__typename": "Ghost", "id": "1"}}}),
    );
    assert_snapshot!(show(&shop.run("{ node(id: 1) { id } }").await), @r#"
    data: {"node":null}
    error: {"message":"Query.node came back as an object that is no Node","path":["node"],"extensions":{"code":"DOWNSTREAM_SERVICE_ERROR"}}
    "#);
    shop.says("products", &json!({"data": {"node": {"id": "1"}}}));
    assert_snapshot!(show(&shop.run("{ node(id: 1) { id } }").await), @r#"
    data: {"node":null}
    error: {"message":"Query.node came back as an object without type, not Node","path":["node"],"extensions":{"code":"DOWNSTREAM_SERVICE_ERROR"}}
    "#);
}

#[tokio::test]
async fn what_nobody_asked_for_is_not_shown() {
    let shop = shop();
    shop.says(
        "users",
        &json!({"data": {
        "me": {"name": "Sari", "password": "123", "__typename": "Admin"}, "version": "2", "x": 1
    }, "extensions": {"secret": 1}}),
    );
    assert_snapshot!(show(&shop.run("{ me { name } }").await), @r#"data: {"me":{"name":"Sari"}}"#);
}

#[tokio::test]
async fn errors_with_safe_codes_are_shown_and_others_are_masked() {
    let shop = shop();
    shop.says("users", &json!({"data": {"me": null}, "errors": [
        {"message": "log in first", "path": ["me"], "extensions": {"code": "UNAUTHENTICATED", "sql": "x"}},
        {"message": "relation \"users\" does not exist", "path": ["me", "city"],
            "extensions": {"code": "SQLX"}},
        {"message": "panicked at src/secret.rs", "locations": [{"line": 1, "column": 2}]},
        "what",
    ]}));
    assert_snapshot!(show(&shop.run("{ who: me { name } version }").await), @r#"
    data: null
    error: {"message":"log in first","path":["me"],"extensions":{"code":"UNAUTHENTICATED"}}
    error: {"message":"internal error","path":["me","city"],"extensions":{"code":"INTERNAL_SERVER_ERROR","requestId":"request-1"}}
    error: {"message":"internal error","path":["who"],"extensions":{"code":"INTERNAL_SERVER_ERROR","requestId":"request-1"}}
    error: {"message":"internal error","path":["version"],"extensions":{"code":"INTERNAL_SERVER_ERROR","requestId":"request-1"}}
    error: {"message":"internal error","extensions":{"code":"INTERNAL_SERVER_ERROR","requestId":"request-1"}}
    "#);
}

#[tokio::test]
async fn for_development_everything_can_be_shown() {
    let shop = shop_with(EngineSettings {
        expose_subgraph_errors: true,
        expose_subgraph_names: true,
        ..EngineSettings::default()
    });
    shop.says(
        "users",
        &json!({"data": null, "errors": [
            {"message": "relation \"users\" does not exist", "path": ["me"]}
        ]}),
    );
    shop.behave("inventory", Behaviour::Down);
    assert_snapshot!(show(&shop.run(PAGE).await), @r#"
    data: {"products":[{"name":"Kopi Gayo","stock":null},{"name":"Batik \"Parang\"","stock":null}],"me":null}
    error: {"message":"relation \"users\" does not exist","path":["me"],"extensions":{"code":"INTERNAL_SERVER_ERROR","requestId":"request-1","service":"users"}}
    error: {"message":"a part of the answer is not available: its service is down","path":["products",0,"stock"],"extensions":{"code":"DOWNSTREAM_SERVICE_ERROR","service":"inventory"}}
    error: {"message":"a part of the answer is not available: its service is down","path":["products",1,"stock"],"extensions":{"code":"DOWNSTREAM_SERVICE_ERROR","service":"inventory"}}
    "#);
}

#[tokio::test]
async fn errors_of_entities_find_their_place() {
    let shop = shop();
    let query = "{ latestReviews { author { city } } }";
    let blank = json!({"__typename": "User", "city": null});
    let sari = json!({"__typename": "User", "city": "Bandung"});
    let answer = |entities: Value, path: Value| {
        let error = json!({"message": "no", "path": path, "extensions": {"code": "FORBIDDEN"}});
        shop.says(
            "users",
            &json!({"data": {"_entities": entities}, "errors": [error]}),
        );
        shop.run(query)
    };
    // With a number: of a representation, so of all places that share it.
    let shared = answer(json!([blank, sari]), json!(["_entities", 0, "city"])).await;
    assert_snapshot!(show(&shared), @r#"
    data: {"latestReviews":[{"author":{"city":null}},{"author":{"city":"Bandung"}},{"author":{"city":null}}]}
    error: {"message":"no","path":["latestReviews",0,"author","city"],"extensions":{"code":"FORBIDDEN"}}
    error: {"message":"no","path":["latestReviews",2,"author","city"],"extensions":{"code":"FORBIDDEN"}}
    "#);
    // Without, as async-graphql does it: of the fetch, so of every null of that field in it.
    let unnumbered = answer(json!([sari, blank]), json!(["_entities", "city"])).await;
    assert_snapshot!(show(&unnumbered), @r#"
    data: {"latestReviews":[{"author":{"city":"Bandung"}},{"author":{"city":null}},{"author":{"city":"Bandung"}}]}
    error: {"message":"no","path":["latestReviews",1,"author","city"],"extensions":{"code":"FORBIDDEN"}}
    "#);
    let bubbled = answer(json!([null, sari]), json!(["_entities", "name"])).await;
    assert_snapshot!(show(&bubbled), @r#"
    data: {"latestReviews":[{"author":{"city":null}},{"author":{"city":"Bandung"}},{"author":{"city":null}}]}
    error: {"message":"no","path":["latestReviews",0,"author","city"],"extensions":{"code":"FORBIDDEN"}}
    error: {"message":"no","path":["latestReviews",2,"author","city"],"extensions":{"code":"FORBIDDEN"}}
    "#);
    let all = answer(json!(null), json!(["_entities"])).await;
    assert_snapshot!(show(&all), @r#"
    data: {"latestReviews":[{"author":{"city":null}},{"author":{"city":null}},{"author":{"city":null}}]}
    error: {"message":"no","path":["latestReviews",0,"author","city"],"extensions":{"code":"FORBIDDEN"}}
    error: {"message":"no","path":["latestReviews",1,"author","city"],"extensions":{"code":"FORBIDDEN"}}
    error: {"message":"no","path":["latestReviews",2,"author","city"],"extensions":{"code":"FORBIDDEN"}}
    "#);
    // Nonsense in a path is no reason to lose the error.
    for path in [
        json!(["_entities", 99, "city"]),
        json!([]),
        json!(null),
        json!([{"a": 1}]),
        json!("x"),
    ] {
        let lost = answer(json!([sari, sari]), path).await;
        assert_eq!(lost["errors"][0]["message"], "no");
        assert_eq!(lost["errors"].as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn paths_of_errors_have_the_names_of_the_client() {
    let shop = shop();
    shop.says(
        "users",
        &json!({"data": {"_as_name": {"_as_id": null}}, "errors": [
            {"message": "no", "path": ["_as_name", "_as_id"], "extensions": {"code": "FORBIDDEN"}}
        ]}),
    );
    assert_snapshot!(show(&shop.run("{ name: me { id: city } }").await), @r#"
    data: {"name":{"id":null}}
    error: {"message":"no","path":["name","id"],"extensions":{"code":"FORBIDDEN"}}
    "#);
    shop.behave("users", Behaviour::Works);
    shop.behave("inventory", Behaviour::Down);
    let query = "{ name: product(id: \"p1\") { id: stock { available } shippingEstimate } }";
    assert_snapshot!(show(&shop.run(query).await), @r#"
    data: {"name":{"id":null,"shippingEstimate":null}}
    error: {"message":"a part of the answer is not available: its service is down","path":["name","id"],"extensions":{"code":"DOWNSTREAM_SERVICE_ERROR"}}
    error: {"message":"a part of the answer is not available: its service is down","path":["name","shippingEstimate"],"extensions":{"code":"DOWNSTREAM_SERVICE_ERROR"}}
    "#);
}

#[tokio::test]
async fn what_depends_on_a_failed_fetch_fails_with_it() {
    let shop = shop();
    shop.behave("products", Behaviour::Down);
    // Inventory is not asked: it must know price and weight.
    let query = "{ latestReviews { product { id shippingEstimate name } } }";
    assert_snapshot!(show(&shop.run(query).await), @r#"
    data: {"latestReviews":[{"product":null},{"product":null},{"product":null}]}
    error: {"message":"a part of the answer is not available: its service is down","path":["latestReviews",0,"product","shippingEstimate"],"extensions":{"code":"DOWNSTREAM_SERVICE_ERROR"}}
    error: {"message":"a part of the answer is not available: its service is down","path":["latestReviews",0,"product","name"],"extensions":{"code":"DOWNSTREAM_SERVICE_ERROR"}}
    error: {"message":"a part of the answer is not available: its service is down","path":["latestReviews",1,"product","shippingEstimate"],"extensions":{"code":"DOWNSTREAM_SERVICE_ERROR"}}
    error: {"message":"a part of the answer is not available: its service is down","path":["latestReviews",1,"product","name"],"extensions":{"code":"DOWNSTREAM_SERVICE_ERROR"}}
    error: {"message":"a part of the answer is not available: its service is down","path":["latestReviews",2,"product","shippingEstimate"],"extensions":{"code":"DOWNSTREAM_SERVICE_ERROR"}}
    error: {"message":"a part of the answer is not available: its service is down","path":["latestReviews",2,"product","name"],"extensions":{"code":"DOWNSTREAM_SERVICE_ERROR"}}
    "#);
    assert!(shop.variables("inventory").is_empty());
}

#[tokio::test]
async fn an_error_explains_the_null_it_caused_once() {
    let shop = shop();
    // `name` must not be null; the subgraph says why it is.
    shop.says(
        "users",
        &json!({"data": {"me": {"name": null}}, "errors": [
            {"message": "not now", "path": ["me", "name"], "extensions": {"code": "UNAVAILABLE"}}
        ]}),
    );
    assert_snapshot!(show(&shop.run("{ me { name } }").await), @r#"
    data: {"me":null}
    error: {"message":"not now","path":["me","name"],"extensions":{"code":"UNAVAILABLE"}}
    "#);
    // Here it does not.
    shop.says(
        "users",
        &json!({"data": {"me": {"name": null}, "version": null}}),
    );
    assert_snapshot!(show(&shop.run("{ me { name } }").await), @r#"
    data: {"me":null}
    error: {"message":"no value for User.name, which must not be null","path":["me","name"],"extensions":{"code":"DOWNSTREAM_SERVICE_ERROR"}}
    "#);
    assert_snapshot!(show(&shop.run("{ version me { city } }").await), @r#"
    data: null
    error: {"message":"no value for Query.version, which must not be null","path":["version"],"extensions":{"code":"DOWNSTREAM_SERVICE_ERROR"}}
    "#);
}

#[tokio::test]
async fn thousands_of_errors_are_counted_not_shown() {
    let shop = shop();
    let errors: Vec<_> = (0..5_000)
        .map(|_| json!({"message": "no", "path": ["me"]}))
        .collect();
    shop.says("users", &json!({"data": {"me": null}, "errors": errors}));
    let answer = shop.run("{ me { name } }").await;
    let errors = answer["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 101);
    assert_eq!(errors[100]["message"], "4900 more errors were left out");
}
