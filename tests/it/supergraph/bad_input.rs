//! Requests that are wrong, over HTTP: each has one defined answer. Sizes, tokens and random damage
//! are in files of their own.

use harness::http::{HttpClient, Reply};
use http::Method;
use serde_json::{Value, json};

use super::{SELLER, codes, shop};

pub(super) const JSON: (&str, &str) = ("content-type", "application/json");
pub(super) const GRAPHQL: (&str, &str) = ("accept", "application/graphql-response+json");

pub(super) async fn client() -> HttpClient {
    shop().await.up.client()
}

pub(super) async fn post(
    client: &HttpClient,
    headers: &[(&str, &str)],
    body: impl Into<bytes::Bytes>,
) -> Reply {
    client
        .send(Method::POST, "/graphql", headers, body.into())
        .await
}

#[track_caller]
pub(super) fn assert_refused(reply: &Reply, status: u16, code: &str, message: &str) {
    let body = reply.json();
    assert_eq!(
        (reply.status.as_u16(), codes(&body)),
        (status, vec![code]),
        "{body}"
    );
    assert_eq!(body["errors"][0]["message"], message);
    assert_eq!(
        body["errors"][0]["extensions"]["requestId"],
        reply.headers["x-request-id"].to_str().unwrap()
    );
    assert_eq!(body.get("data"), None, "nothing was run");
}

// clients.md 1.1: what is no GraphQL request is 400 whatever the client accepts.
#[tokio::test]
async fn a_body_that_is_no_graphql_request_is_refused() {
    let client = client().await;
    for (body, message) in [
        ("[]", "the body must be one request: batches are not served"),
        ("null", "the body must be a JSON object"),
        ("\"query\"", "the body must be a JSON object"),
        ("{}", "`query` is missing: send the GraphQL document in it"),
        (
            r#"{"query":null}"#,
            "`query` is missing: send the GraphQL document in it",
        ),
        (r#"{"query":["{ me { id } }"]}"#, "`query` must be a string"),
        (
            r#"{"query":"{ __typename }","operationName":1}"#,
            "`operationName` must be a string",
        ),
        (
            r#"{"query":"{ __typename }","variables":[]}"#,
            "`variables` must be an object",
        ),
        (
            r#"{"query":"{ __typename }","variables":"{}"}"#,
            "`variables` must be an object",
        ),
        (
            r#"{"query":"{ __typename }","extensions":1}"#,
            "`extensions` must be an object",
        ),
        (
            r#"{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"x"}}}"#,
            "PersistedQueryNotSupported",
        ),
    ] {
        for accept in [GRAPHQL, ("accept", "application/json")] {
            let reply = post(&client, &[JSON, accept], body).await;
            assert_refused(&reply, 400, "BAD_REQUEST", message);
        }
    }
    let deep = "[".repeat(50_000);
    for malformed in [
        "",
        "{",
        "{\"query\":",
        "{'query':'x'}",
        "<html>",
        "\u{0}",
        &deep,
    ] {
        let reply = post(&client, &[JSON], malformed.to_owned()).await;
        let body = reply.json();
        assert_eq!(
            (reply.status.as_u16(), codes(&body)),
            (400, vec!["BAD_REQUEST"])
        );
        let message = body["errors"][0]["message"].as_str().unwrap();
        assert!(
            message.starts_with("the body is not valid JSON: "),
            "{message}"
        );
    }
}

// clients.md 1.1, profile `compat`: 400 for new clients, 200 for old ones, the same words for both.
#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table")]
async fn an_operation_that_is_wrong_is_told_what_is_wrong() {
    let client = client().await;
    for (query, variables, code) in [
        ("{", json!({}), "GRAPHQL_PARSE_FAILED"),
        ("", json!({}), "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        (
            "{ me { password } }",
            json!({}),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        ("{ me }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        (
            "{ products(first: \"many\") { nodes { id } } }",
            json!({}),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "{ products(sort: CHEAPEST_OF_ALL) { nodes { id } } }",
            json!({}),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        ("{ product { id } }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        (
            "mutation { login(input: { email: \"x\" }) { accessToken } }",
            json!({}),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "{ ...F } fragment F on Query { ...F }",
            json!({}),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "query A { __typename } query B { __typename }",
            json!({}),
            "OPERATION_RESOLUTION_FAILURE",
        ),
        (
            "query($first: Int!) { products(first: $first) { nodes { id } } }",
            json!({}),
            "BAD_USER_INPUT",
        ),
        (
            "query($first: Int!) { products(first: $first) { nodes { id } } }",
            json!({ "first": "12" }),
            "BAD_USER_INPUT",
        ),
        (
            "query($first: Int!) { products(first: $first) { nodes { id } } }",
            json!({ "first": 3_000_000_000_u64 }),
            "BAD_USER_INPUT",
        ),
        (
            "mutation($input: LoginInput!) { login(input: $input) { accessToken } }",
            json!({ "input": { "email": "x", "password": "y", "isAdmin": true } }),
            "BAD_USER_INPUT",
        ),
        (
            "subscription { __typename }",
            json!({}),
            "GRAPHQL_VALIDATION_FAILED",
        ),
    ] {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let new = post(
            &client,
            &[JSON, GRAPHQL, ("x-request-id", "r")],
            body.clone(),
        )
        .await;
        let old = post(&client, &[JSON, ("x-request-id", "r")], body).await;
        assert_eq!(
            (new.status.as_u16(), old.status.as_u16()),
            (400, 200),
            "{query}"
        );
        let answer = new.json();
        assert_eq!(codes(&answer)[0], code, "{query}: {answer}");
        assert_eq!(answer.get("data"), None, "{query}");
        assert_eq!(answer, old.json(), "{query}");
    }
}

#[tokio::test]
async fn other_media_types_and_methods_are_refused() {
    let client = client().await;
    let body = r#"{"query":"{ __typename }"}"#;
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
        "application/xml",
    ] {
        let reply = post(&client, &[("content-type", content_type)], body).await;
        let message = "the body must be JSON, with the header Content-Type: application/json";
        assert_refused(&reply, 415, "UNSUPPORTED_MEDIA_TYPE", message);
    }
    let reply = post(&client, &[JSON, ("content-encoding", "gzip")], body).await;
    assert_refused(
        &reply,
        415,
        "UNSUPPORTED_MEDIA_TYPE",
        "the body must not be compressed",
    );
    let reply = post(&client, &[JSON, ("accept", "text/html")], body).await;
    assert_eq!(
        (reply.status.as_u16(), codes(&reply.json())),
        (406, vec!["NOT_ACCEPTABLE"])
    );
    // clients.md 1.8: who wants events gets one, also from a query.
    let reply = post(&client, &[JSON, ("accept", "text/event-stream")], body).await;
    assert_eq!(reply.status.as_u16(), 200);
    assert_eq!(
        std::str::from_utf8(&reply.body).unwrap(),
        "event: next\ndata: {\"data\":{\"__typename\":\"Query\"}}\n\nevent: complete\ndata: \n\n"
    );
    for method in [Method::PUT, Method::DELETE, Method::PATCH] {
        let reply = client.send(method, "/graphql", &[JSON], body.into()).await;
        assert_refused(
            &reply,
            405,
            "METHOD_NOT_ALLOWED",
            "send GraphQL by POST, or queries by GET",
        );
        assert_eq!(reply.headers["allow"], "GET, POST");
    }
}

// clients.md 1.6
#[tokio::test]
async fn other_sites_cannot_make_a_browser_ask_or_change_anything() {
    let client = client().await;
    let get = async |query: &str, headers: &[(&str, &str)]| {
        let path = format!("/graphql?query={query}");
        client
            .send(Method::GET, &path, headers, bytes::Bytes::new())
            .await
    };
    let simple = get("%7B__typename%7D", &[]).await;
    assert_eq!(
        (simple.status.as_u16(), codes(&simple.json())),
        (400, vec!["CSRF_REJECTED"])
    );
    let form = get("%7B__typename%7D", &[("content-type", "text/plain")]).await;
    assert_eq!(
        (form.status.as_u16(), codes(&form.json())),
        (400, vec!["CSRF_REJECTED"])
    );
    for header in [
        JSON,
        ("apollo-require-preflight", "true"),
        ("x-apollo-operation-name", "A"),
    ] {
        let asked = get("%7B__typename%7D", &[header]).await;
        assert_eq!(asked.json(), json!({ "data": { "__typename": "Query" } }));
    }
    let mutation = get("mutation%7Blogout%7Bsession%7Bid%7D%7D%7D", &[JSON]).await;
    assert_refused(
        &mutation,
        405,
        "METHOD_NOT_ALLOWED",
        "a mutation must be sent by POST",
    );
    assert_eq!(mutation.headers["allow"], "POST");
    // No other site is let in by default.
    let preflight = [
        ("origin", "https://evil.example"),
        ("access-control-request-method", "POST"),
    ];
    let reply = client
        .send(Method::OPTIONS, "/graphql", &preflight, bytes::Bytes::new())
        .await;
    assert_eq!(reply.headers.get("access-control-allow-origin"), None);
}

#[tokio::test]
async fn a_mutation_without_login_is_refused_and_changes_nothing() {
    for (_, started) in shop().await.both() {
        let query = "mutation { sellerRegister(input: { slug: \"tak-masuk\", shopName: \"Tak Masuk\",
            description: \"\", city: \"Kota Bandung\", province: \"Jawa Barat\", idempotencyKey: \"k\" })
            { seller { id } userErrors { code } } }";
        let reply = started.client().graphql(query, json!({})).await;
        assert_eq!(codes(&reply), ["UNAUTHENTICATED"], "{reply}");
        let found = started
            .client()
            .graphql("{ sellerBySlug(slug: \"tak-masuk\") { id } }", json!({}))
            .await;
        assert_eq!(found, json!({ "data": { "sellerBySlug": null } }));
    }
}

// A change that was made on what somebody has read before is refused when it is not so any more.
#[tokio::test]
async fn a_stale_version_is_a_user_error_in_both_deployments() {
    const MINE: &str = "{ me { seller { id version description } } }";
    for (deployment, started) in shop().await.both() {
        let seller = started.login(SELLER).await;
        let before = seller.graphql(MINE, json!({})).await;
        let shop: &Value = &before["data"]["me"]["seller"];
        let version = shop["version"].as_i64().unwrap();
        let query = "mutation($input: SellerUpdateInput!) { sellerUpdate(input: $input) {
            seller { id } userErrors { code path } } }";
        let input =
            json!({ "sellerId": shop["id"], "expectedVersion": version + 1, "description": "x" });
        let reply = seller.graphql(query, json!({ "input": input })).await;
        let errors = &reply["data"]["sellerUpdate"]["userErrors"];
        assert_eq!(reply["data"]["sellerUpdate"]["seller"], Value::Null);
        assert_eq!(
            errors[0]["code"], "VERSION_CONFLICT",
            "{deployment}: {reply}"
        );
        assert_eq!(
            seller.graphql(MINE, json!({})).await,
            before,
            "nothing changed"
        );
    }
}
