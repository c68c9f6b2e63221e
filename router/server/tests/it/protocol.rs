//! GraphQL over HTTP (`reference/clients.md` 1.1 and 1.2).

use axum::body::Body;
use http::Request;
use serde_json::{Value, json};

use crate::shop::{Shop, shop};

const GRAPHQL: (&str, &str) = ("accept", "application/graphql-response+json");
const JSON: (&str, &str) = ("accept", "application/json");

async fn raw(
    shop: &Shop,
    content_type: Option<&str>,
    body: impl Into<Body>,
) -> crate::shop::Answer {
    let mut request = Request::post("/graphql");
    if let Some(content_type) = content_type {
        request = request.header("content-type", content_type);
    }
    shop.send(request.body(body.into()).unwrap()).await
}

#[tokio::test]
async fn a_query_by_post_is_answered_in_the_accepted_media_type() {
    let shop = shop();
    let body = json!({"query": "{ hello }"});
    for (accept, expected) in [
        (
            Some("application/graphql-response+json"),
            "application/graphql-response+json; charset=utf-8",
        ),
        (Some("application/json"), "application/json; charset=utf-8"),
        (Some("*/*"), "application/json; charset=utf-8"),
        (None, "application/json; charset=utf-8"),
    ] {
        let headers: Vec<_> = accept
            .map(|accept| ("accept", accept))
            .into_iter()
            .collect();
        let answer = shop.post_with(&body, &headers).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), expected);
        assert_eq!(answer.json(), json!({"data": {"hello": "world"}}));
        assert!(
            answer.header("vary").contains("accept"),
            "{}",
            answer.header("vary")
        );
        assert!(answer.header("vary").contains("origin"));
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

#[tokio::test]
async fn variables_and_operation_name_reach_the_operation() {
    let shop = shop();
    let query = "query A($name: String) { hello(name: $name) } query B { __typename }";
    let body = json!({"query": query, "operationName": "A", "variables": {"name": "Siti"}});
    assert_eq!(
        shop.post(&body).await.json(),
        json!({"data": {"hello": "Siti"}})
    );
    let body = json!({"query": query, "operationName": "B"});
    assert_eq!(
        shop.post(&body).await.json(),
        json!({"data": {"__typename": "Query"}})
    );
}

#[tokio::test]
async fn null_is_absent_and_unknown_members_are_ignored() {
    let shop = shop();
    for member in [
        "variables",
        "operationName",
        "extensions",
        "onError",
        "documentId",
    ] {
        let body = json!({"query": "{ hello }", member: null});
        assert_eq!(
            shop.post(&body).await.json(),
            json!({"data": {"hello": "world"}})
        );
    }
    let body = json!({"query": "{ hello }", "onError": "PROPAGATE", "extensions": {"a": 1}});
    assert_eq!(shop.post(&body).await.status, 200);
}

#[tokio::test]
async fn mistyped_parameters_are_refused_in_both_formats() {
    let shop = shop();
    for accept in [GRAPHQL, JSON] {
        for wrong in [json!(0), json!(false), json!(["x"]), json!({"a": 1})] {
            for member in ["query", "operationName", "variables", "extensions"] {
                if wrong.is_object() && matches!(member, "variables" | "extensions") {
                    continue;
                }
                let mut body = json!({"query": "{ hello }"});
                body[member] = wrong.clone();
                let answer = shop.post_with(&body, &[accept]).await;
                answer.assert_refused(400, "BAD_REQUEST");
                assert!(
                    answer.text().contains(&format!("`{member}`")),
                    "{}",
                    answer.text()
                );
            }
        }
        let variables = json!({"query": "{ hello }", "variables": "{}"});
        shop.post_with(&variables, &[accept])
            .await
            .assert_refused(400, "BAD_REQUEST");
        let typo = json!({"qeury": "{ hello }"});
        shop.post_with(&typo, &[accept])
            .await
            .assert_refused(400, "BAD_REQUEST");
    }
}

#[tokio::test]
async fn a_body_that_is_no_json_object_is_refused() {
    let shop = shop();
    let deep = "[".repeat(100_000);
    for body in [
        "",
        "{ \"not a JSON",
        "null",
        "1",
        "[]",
        "[{\"query\":\"{hello}\"}]",
        "\u{feff}{}",
        &deep,
    ] {
        raw(&shop, Some("application/json"), body.to_owned())
            .await
            .assert_refused(400, "BAD_REQUEST");
    }
    let not_utf8 = b"{\"query\":\"\xff\"}".to_vec();
    raw(&shop, Some("application/json"), not_utf8)
        .await
        .assert_refused(400, "BAD_REQUEST");
}

#[tokio::test]
async fn other_content_types_are_refused() {
    let shop = shop();
    let body = r#"{"query":"{ hello }"}"#;
    for content_type in [
        None,
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        Some("multipart/form-data; boundary=x"),
        Some("application/graphql"),
        Some("application/json; charset=utf-16"),
        Some(""),
    ] {
        let answer = raw(&shop, content_type, body).await;
        answer.assert_refused(415, "UNSUPPORTED_MEDIA_TYPE");
    }
    for content_type in [
        "application/json",
        "Application/JSON; charset=UTF-8",
        "application/json;charset=\"utf-8\"",
    ] {
        assert_eq!(
            raw(&shop, Some(content_type), body).await.status,
            200,
            "{content_type}"
        );
    }
    let gzip = [("content-encoding", "gzip")];
    let answer = shop.post_with(&json!({"query": "{ hello }"}), &gzip).await;
    answer.assert_refused(415, "UNSUPPORTED_MEDIA_TYPE");
}

#[tokio::test]
async fn an_accept_header_that_cannot_be_met_is_refused() {
    let shop = shop();
    for accept in [
        "text/html",
        "multipart/mixed;subscriptionSpec=1.0",
        "application/json;q=0",
    ] {
        let answer = shop
            .post_with(&json!({"query": "{ hello }"}), &[("accept", accept)])
            .await;
        answer.assert_refused(406, "NOT_ACCEPTABLE");
        assert_eq!(
            answer.header("content-type"),
            "application/json; charset=utf-8"
        );
    }
    assert!(shop.subgraph.calls.lock().unwrap().is_empty());
}

#[tokio::test]
async fn an_invalid_operation_is_400_for_new_clients_and_200_for_old_ones() {
    let shop = shop();
    for (body, code) in [
        (json!({"query": "{"}), "GRAPHQL_PARSE_FAILED"),
        (json!({"query": ""}), "GRAPHQL_PARSE_FAILED"),
        (json!({"query": "{ nothing }"}), "GRAPHQL_VALIDATION_FAILED"),
        (
            json!({"query": "query A { hello }", "operationName": "B"}),
            "OPERATION_RESOLUTION_FAILURE",
        ),
        (
            json!({"query": "query($n: String!) { hello(name: $n) }", "variables": {"n": null}}),
            "BAD_USER_INPUT",
        ),
        (
            json!({"query": "{ ...F } fragment F on Query { ...F }"}),
            "GRAPHQL_VALIDATION_FAILED",
        ),
    ] {
        shop.post_with(&body, &[GRAPHQL])
            .await
            .assert_refused(400, code);
        shop.post_with(&body, &[JSON])
            .await
            .assert_refused(200, code);
    }
}

#[tokio::test]
async fn partial_data_is_200_in_both_formats() {
    let shop = shop();
    for accept in [GRAPHQL, JSON] {
        let body = json!({"query": "{ broken }"});
        let answer = shop
            .post_with(&body, &[accept, ("x-request-id", "r-1")])
            .await;
        assert_eq!(answer.status, 200);
        let body = answer.json();
        assert_eq!(body["data"], json!({"broken": null}));
        let error = &body["errors"][0];
        assert_eq!(error["extensions"]["code"], "DOWNSTREAM_SERVICE_ERROR");
        assert_eq!(error["extensions"]["requestId"], "r-1");
        assert!(
            !answer.text().contains("on purpose"),
            "the cause stays inside"
        );
    }
}

#[tokio::test]
async fn a_query_by_get_takes_its_parameters_from_the_url() {
    let shop = shop();
    let answer = shop
        .get("/graphql?query=query%20A(%24name%3AString)%7Bhello(name%3A%24name)%7D&operationName=A&variables=%7B%22name%22%3A%22Siti+R%22%7D&extensions=&unknown=1")
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json(), json!({"data": {"hello": "Siti R"}}));

    // In a URL everything is text: this names an operation "null".
    let answer = shop
        .get("/graphql?query=%7Bhello%7D&operationName=null")
        .await;
    answer.assert_refused(200, "OPERATION_RESOLUTION_FAILURE");
    for wrong in [
        "",
        "query=",
        "query=%7Bhello%7D&variables=%5B%5D",
        "query=%7Bhello%7D&variables=x",
        "query=a&query=b",
    ] {
        shop.get(&format!("/graphql?{wrong}"))
            .await
            .assert_refused(400, "BAD_REQUEST");
    }
}

#[tokio::test]
async fn a_mutation_by_get_is_refused_with_allow() {
    let shop = shop();
    for accept in [GRAPHQL, JSON] {
        let answer = shop
            .get_with(
                "/graphql?query=mutation%7Brename(name%3A%22x%22)%7D",
                &[accept, ("apollo-require-preflight", "1")],
            )
            .await;
        answer.assert_refused(405, "METHOD_NOT_ALLOWED");
        assert_eq!(answer.header("allow"), "POST");
    }
    assert!(
        shop.subgraph.calls.lock().unwrap().is_empty(),
        "nothing was run"
    );
    let body = json!({"query": "mutation($name: String!) { rename(name: $name) }", "variables": {"name": "x"}});
    assert_eq!(
        shop.post(&body).await.json(),
        json!({"data": {"rename": "x"}})
    );
}

#[tokio::test]
async fn other_methods_and_paths_are_refused_in_json() {
    let shop = shop();
    for method in ["PUT", "DELETE", "PATCH", "QUERY"] {
        let request = Request::builder()
            .method(method)
            .uri("/graphql")
            .body(Body::empty());
        let answer = shop.send(request.unwrap()).await;
        answer.assert_refused(405, "METHOD_NOT_ALLOWED");
        assert_eq!(answer.header("allow"), "GET, POST");
    }
    shop.get("/nothing").await.assert_refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn what_comes_in_parts_is_refused_clearly() {
    let shop = shop();
    let answer = shop.post(&json!({"query": "subscription { ticks }"})).await;
    answer.assert_refused(400, "SUBSCRIPTIONS_NOT_SUPPORTED");
    for way in ["text/event-stream", "graphql-transport-ws"] {
        assert!(answer.text().contains(way), "{}", answer.text());
    }
    let answer = shop
        .post(&json!({"query": "{ ... @defer { hello } }"}))
        .await;
    answer.assert_refused(200, "GRAPHQL_VALIDATION_FAILED");
    assert!(answer.text().contains("defer"), "{}", answer.text());
    let persisted = json!({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0"}}});
    let answer = shop.post(&persisted).await;
    answer.assert_refused(400, "BAD_REQUEST");
    assert_eq!(
        answer.json()["errors"][0]["message"],
        "PersistedQueryNotSupported"
    );
}

#[tokio::test]
async fn introspection_is_answered_and_can_be_turned_off() {
    let query = json!({"query": "{ __schema { queryType { name } } }"});
    let answer = shop().post(&query).await;
    assert_eq!(
        answer.json()["data"]["__schema"]["queryType"]["name"],
        "Query"
    );
    let closed = crate::shop::shop_with(|settings| settings.engine.introspection = false);
    closed
        .post_with(&query, &[GRAPHQL])
        .await
        .assert_refused(400, "INTROSPECTION_DISABLED");
    assert_eq!(closed.get("/schema.graphql").await.status, 404);
}

#[tokio::test]
async fn a_new_engine_is_used_from_the_next_request_on() {
    let shop = shop();
    let settings = router_server::RouterSettings::default();
    let sdl = crate::shop::SUPERGRAPH.replace("hello(", "greeting(");
    let engine = crate::shop::engine(&sdl, std::sync::Arc::clone(&shop.subgraph) as _, &settings);
    assert_eq!(
        shop.post(&json!({"query": "{ hello }"})).await.json()["data"]["hello"],
        "world"
    );
    shop.state.replace_engine(engine);
    let answer: Value = shop.post(&json!({"query": "{ hello }"})).await.json();
    assert_eq!(
        answer["errors"][0]["extensions"]["code"],
        "GRAPHQL_VALIDATION_FAILED"
    );
    assert!(
        shop.get("/schema.graphql")
            .await
            .text()
            .contains("greeting")
    );
}
