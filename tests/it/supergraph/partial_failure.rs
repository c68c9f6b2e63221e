//! A subgraph that is down, slow or talks nonsense costs its own fields and nothing else.

use axum::{Router, body::Body, response::Response, routing::post};
use harness::{child::Process, http::HttpClient};
use serde_json::{Value, json};

use super::{assert_no_internals, codes, product_page, shop};

/// Code and message of what is missing, by the reason.
const DOWN: (&str, &str) = (
    "DOWNSTREAM_SERVICE_ERROR",
    "a part of the answer is not available: its service is down",
);
const FAILED: (&str, &str) = (
    "DOWNSTREAM_SERVICE_ERROR",
    "a part of the answer is not available: its service failed",
);
const LATE: (&str, &str) = (
    "GATEWAY_TIMEOUT",
    "a part of the answer was not ready in time",
);
/// Where nobody listens.
const NOWHERE: &str = "http://127.0.0.1:1/graphql";

/// What `reviews` answers for.
const FIELDS: [&str; 2] = ["rating", "reviews"];

/// The page as it is when `reviews` gives nothing.
fn without_reviews(whole: &Value) -> Value {
    let mut data = whole["data"].clone();
    for node in data["products"]["nodes"].as_array_mut().unwrap() {
        for field in FIELDS {
            node[field] = Value::Null;
        }
    }
    data
}

/// Asserts that all of `whole` is there but what `reviews` answers for, and that an error at each place
/// says so, in these words and no others.
#[track_caller]
fn assert_only_reviews_are_missing(page: &Value, whole: &Value, (code, message): (&str, &str)) {
    assert_eq!(whole.get("errors"), None, "{whole}");
    assert_eq!(page["data"], without_reviews(whole), "{page}");
    let id = &page["errors"][0]["extensions"]["requestId"];
    let places = (0..page["data"]["products"]["nodes"].as_array().unwrap().len())
        .flat_map(|index| FIELDS.map(|field| json!(["products", "nodes", index, field])));
    let errors: Vec<Value> = places
        .map(|path| {
            let extensions = json!({ "code": code, "requestId": id });
            json!({ "message": message, "path": path, "extensions": extensions })
        })
        .collect();
    assert_eq!(page["errors"], json!(errors));
}

/// A router beside the shared one, with `reviews` at `url`.
async fn router(url: &str, extra: &[(&str, &str)]) -> (Process, HttpClient) {
    let router = shop().await.split.another_router("reviews", url, extra);
    let client = HttpClient::new(&router.url);
    (router, client)
}

#[tokio::test]
async fn a_subgraph_that_is_down_costs_its_own_fields_until_it_is_back() {
    let shop = shop().await;
    let whole = product_page(&shop.split.client(), 24).await;
    let mut reviews = shop.split.another_subgraph("reviews", &[]);
    let url = format!("{}/reviews/graphql", reviews.url);
    let (_router, client) = router(&url, &[]).await;
    assert_eq!(product_page(&client, 24).await, whole);

    reviews.kill();
    let page = product_page(&client, 24).await;
    assert_only_reviews_are_missing(&page, &whole, DOWN);
    reviews.start_again();
    assert_eq!(product_page(&client, 24).await, whole, "it is back");
}

#[tokio::test]
async fn a_subgraph_that_hangs_costs_its_own_fields_and_its_time() {
    let shop = shop().await;
    let whole = product_page(&shop.split.client(), 24).await;
    let reviews = shop.split.another_subgraph("reviews", &[]);
    let url = format!("{}/reviews/graphql", reviews.url);
    let patience = [(
        "PASAR__ROUTER__ENGINE__SUBGRAPH_TIMEOUTS_MS__REVIEWS",
        "500",
    )];
    let (_router, client) = router(&url, &patience).await;
    assert_eq!(product_page(&client, 24).await, whole);

    reviews.signal("STOP");
    let page = product_page(&client, 24).await;
    assert_only_reviews_are_missing(&page, &whole, LATE);
    reviews.signal("CONT");
    assert_eq!(product_page(&client, 24).await, whole, "it goes on");
}

// docs/conventions.md: a dead subgraph costs a field, not the page.
#[tokio::test]
async fn whichever_subgraph_is_down_the_root_fields_of_the_others_are_there() {
    let shop = shop().await;
    let seller = shop.split.login(super::SELLER).await;
    let found = seller
        .graphql(
            "{ me { id seller { id } } products(first: 1, sort: NAME) { nodes { reviews(first: 1) { nodes { id } } } } }",
            json!({}),
        )
        .await;
    let query = "query($user: ID!, $shop: ID!) {
        catalog: categories(first: 1) { nodes { id } }
        identity: user(id: $user) { displayName }
        inventory: stockAlerts(sellerId: $shop, first: 1) { pageInfo { hasNextPage } }
        reviews: review(id: \"review_00000000000000000000000001\") { id }
        sellers: seller(id: $shop) { shopName }
    }";
    let me = &found["data"]["me"];
    let variables = json!({ "user": me["id"], "shop": me["seller"]["id"] });
    let whole = seller.graphql(query, variables.clone()).await;
    assert_eq!(whole.get("errors"), None, "{whole}");
    let asked = pasar::subgraphs::ALL
        .into_iter()
        .filter(|subgraph| whole["data"].get(subgraph.name).is_some());
    for subgraph in asked {
        let router = shop.split.another_router(subgraph.name, NOWHERE, &[]);
        let client = HttpClient::new(&router.url).with_token(seller.token().unwrap());
        let reply = client.graphql(query, variables.clone()).await;
        let mut expected = whole["data"].clone();
        expected[subgraph.name] = Value::Null;
        assert_eq!(reply["data"], expected, "{}: {reply}", subgraph.name);
        let error = &reply["errors"][0];
        assert_eq!(
            (&error["message"], &error["path"]),
            (&json!(DOWN.1), &json!([subgraph.name]))
        );
        assert_no_internals(&reply.to_string());
    }
}

/// A server that answers everything with `status`, `content_type` and `body`.
async fn stand_in(status: u16, content_type: &'static str, body: String) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let answer = move || async move {
        let response = Response::builder()
            .status(status)
            .header("content-type", content_type);
        response.body(Body::from(body)).unwrap()
    };
    let app = Router::new().route("/reviews/graphql", post(answer));
    tokio::spawn(async move { axum::serve(listener, app).await });
    format!("http://{address}/reviews/graphql")
}

#[tokio::test]
async fn nonsense_from_a_subgraph_costs_its_own_fields() {
    const JSON: &str = "application/json";
    let whole = product_page(&shop().await.split.client(), 3).await;
    let huge = format!(r#"{{"data":{{"_entities":["{}"]}}}}"#, "x".repeat(200_000));
    let limit = [(
        "PASAR__ROUTER__ENGINE__MAX_SUBGRAPH_RESPONSE_BYTES",
        "100000",
    )];
    let mut routers = Vec::new();
    for (status, content_type, body) in [
        (200, "text/html", "<html>It works!</html>".to_owned()),
        (
            502,
            "text/html",
            "<html>502 Bad Gateway nginx/1.18 at 10.0.0.7</html>".to_owned(),
        ),
        (200, JSON, String::new()),
        (
            200,
            JSON,
            r#"{"data":{"_entities":[{"rating":{"aver"#.to_owned(),
        ),
        (200, JSON, r#"{"data":{"_entities":"none"}}"#.to_owned()),
        (200, JSON, r#"{"data":{"_entities":[]}}"#.to_owned()),
        (200, JSON, r#"{"data":[]}"#.to_owned()),
        (200, JSON, "[]".to_owned()),
        (200, JSON, "{}".to_owned()),
        (301, JSON, r#"{"data":{}}"#.to_owned()),
        (
            401,
            JSON,
            r#"{"errors":[{"message":"no","extensions":{"code":"UNAUTHENTICATED"}}]}"#.to_owned(),
        ),
        (
            500,
            JSON,
            r#"{"errors":[{"message":"panicked at src/lib.rs"}]}"#.to_owned(),
        ),
        (200, JSON, huge),
    ] {
        let shown: String = body.chars().take(60).collect();
        let url = stand_in(status, content_type, body).await;
        routers.push((shown, router(&url, &limit).await));
    }
    for (shown, (_router, client)) in &routers {
        let page = product_page(client, 3).await;
        // The name of the case first, for the one who reads the failure.
        assert_eq!((shown, codes(&page)[0]), (shown, FAILED.0), "{page}");
        assert_only_reviews_are_missing(&page, &whole, FAILED);
    }
}

#[tokio::test]
async fn values_of_wrong_types_are_null_with_an_error_each() {
    let whole = product_page(&shop().await.split.client(), 1).await;
    let entity = json!({ "rating": { "average": "high", "count": 3 }, "reviews": { "nodes": [] } });
    let body = json!({ "data": { "_entities": [entity] } }).to_string();
    let (_router, client) = router(&stand_in(200, "application/json", body).await, &[]).await;
    let query = "{ products(first: 1, sort: NAME) { nodes { id rating { average count } } } }";
    let reply = client.graphql(query, json!({})).await;
    let node = &reply["data"]["products"]["nodes"][0];
    assert_eq!(node["id"], whole["data"]["products"]["nodes"][0]["id"]);
    assert_eq!(codes(&reply), ["DOWNSTREAM_SERVICE_ERROR"], "{reply}");
    assert_no_internals(&reply["errors"].to_string());
}

#[tokio::test]
async fn errors_that_clients_must_not_read_are_masked_and_logged() {
    let error = json!({
        "message": "relation \"reviews\" does not exist at 10.0.0.7", "path": ["_entities", 0, "rating"],
        "extensions": { "code": "SQLX" },
    });
    let body =
        json!({ "data": { "_entities": [{ "rating": null }] }, "errors": [error] }).to_string();
    let (process, client) = router(&stand_in(200, "application/json", body).await, &[]).await;
    let query = "{ products(first: 1, sort: NAME) { nodes { rating { average } } } }";
    let reply = client.graphql(query, json!({})).await;
    assert_eq!(
        reply["data"],
        json!({ "products": { "nodes": [{ "rating": null }] } }),
        "{reply}"
    );
    let error = &reply["errors"][0];
    assert_eq!(error["message"], "internal error");
    assert_eq!(error["path"], json!(["products", "nodes", 0, "rating"]));
    assert_eq!(error["extensions"]["code"], "INTERNAL_SERVER_ERROR");
    let id = error["extensions"]["requestId"].as_str().unwrap();
    let log = process.log();
    let told = log.lines().find(|line| line.contains(id)).unwrap();
    assert!(told.contains("10.0.0.7"), "{log}");
}

// A change that needs a peer which is down is refused as a whole, and says whose fault it is.
#[tokio::test]
async fn a_change_that_needs_a_peer_that_is_down_changes_nothing() {
    let shop = shop().await;
    let catalog = shop
        .split
        .another_subgraph("catalog", &[("PASAR__SUBGRAPHS__SELLERS__URL", NOWHERE)]);
    let url = format!("{}/catalog/graphql", catalog.url);
    let router = shop.split.another_router("catalog", &url, &[]);
    let seller = shop.split.login(super::SELLER).await;
    let client = HttpClient::new(&router.url).with_token(seller.token().unwrap());
    let query = "{ me { seller { id } } products(first: 1, sort: NAME) { nodes { id name version seller { id } } } }";
    let before = client.graphql(query, json!({})).await;
    let product = &before["data"]["products"]["nodes"][0];
    let update = "mutation($input: ProductUpdateInput!) { productUpdate(input: $input) { product { id } userErrors { code } } }";
    let input = json!({ "productId": product["id"], "expectedVersion": product["version"], "name": "Nama Baru" });
    let reply = client.graphql(update, json!({ "input": input })).await;
    assert_eq!(codes(&reply), ["UNAVAILABLE"], "{reply}");
    assert_eq!(
        reply["errors"][0]["message"],
        "a part of the marketplace does not answer; try again later"
    );
    assert_no_internals(&reply.to_string());
    assert_eq!(client.graphql(query, json!({})).await, before);
}
