//! What people read, in both deployments: the same answers, byte for byte.

use std::collections::BTreeSet;

use harness::{http::HttpClient, wait::found};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{ADMIN, BUYER, PRODUCT_PAGE, SELLER, Shop, assert_no_internals, shop};

/// Runs a request in both deployments with the same token and gives the one answer.
async fn same_in_both(shop: &Shop, token: Option<&str>, query: &str, variables: &Value) -> Value {
    let body = json!({ "query": query, "variables": variables }).to_string();
    let client = |client: HttpClient| match token {
        Some(token) => client.with_token(token),
        None => client,
    };
    let clients = shop.both().map(|(_, started)| client(started.client()));
    for attempt in 0.. {
        let mut replies = Vec::new();
        for client in &clients {
            let headers = [("content-type", "application/json"), ("x-request-id", "r")];
            let sent = client.send(Method::POST, "/graphql", &headers, body.clone().into());
            replies.push(sent.await);
        }
        let [up, split] = replies.as_slice() else {
            panic!("there are two deployments")
        };
        assert_eq!(
            (up.status, split.status),
            (StatusCode::OK, StatusCode::OK),
            "{query}"
        );
        // Another test may have written something in between: try again before it counts.
        if up.body == split.body || attempt == 5 {
            assert_eq!(
                String::from_utf8_lossy(&up.body),
                String::from_utf8_lossy(&split.body),
                "{query}"
            );
            return up.json();
        }
    }
    unreachable!("the last attempt returns")
}

/// The GraphQL examples of the README, in their order.
fn readme_examples() -> Vec<String> {
    let readme =
        std::fs::read_to_string(harness::deployment::repository().join("README.md")).unwrap();
    let blocks = readme.split("```graphql\n").skip(1);
    blocks
        .map(|block| block.split("```").next().unwrap().to_owned())
        .collect()
}

// Issue 3, "Done when": the queries shown in the README work. Issue 4: also those that live on events.
#[tokio::test]
async fn the_examples_of_the_readme_work_in_both_deployments() {
    let shop = shop().await;
    let examples = readme_examples();
    let [page, login, me, search, told] = examples.as_slice() else {
        panic!("the README shows other examples: {examples:?}")
    };
    let answer = same_in_both(shop, None, page, &json!({})).await;
    assert_eq!(answer.get("errors"), None, "{answer}");
    let nodes = answer["data"]["products"]["nodes"].as_array().unwrap();
    assert_eq!(nodes.len(), 3);
    for (_, started) in shop.both() {
        let answer = started.client().graphql(login, json!({})).await;
        assert_eq!(answer["data"]["login"]["userErrors"], json!([]), "{answer}");
        let token = answer["data"]["login"]["accessToken"].as_str().unwrap();
        let answer = started
            .client()
            .with_token(token)
            .graphql(me, json!({}))
            .await;
        let me = &answer["data"]["me"];
        assert_eq!(
            (&me["email"], &me["roles"]),
            (&json!(BUYER), &json!(["customer"])),
            "{answer}"
        );
        let sessions = me["sessions"].as_array().unwrap();
        let current: Vec<_> = sessions
            .iter()
            .filter(|session| session["isCurrent"] == true)
            .collect();
        assert_eq!(current.len(), 1, "{sessions:?}");
        until_found(&started.client(), search).await;
        let buyer = started.client().with_token(token);
        let first = buyer.subscribe(told, json!({})).await.next().await;
        assert_eq!(first["data"]["notificationReceived"]["seq"], "1", "{first}");
    }
}

/// Searches until there are hits: the demo marketplace is on its way to the index for a moment.
async fn until_found(client: &HttpClient, search: &str) {
    let answer = found("there are hits", async || {
        let answer = client.graphql(search, json!({})).await;
        assert_eq!(answer.get("errors"), None, "{answer}");
        let shop = &answer["data"]["search"]["nodes"][0]["product"]["seller"]["shopName"];
        if shop.is_string() {
            Ok(answer)
        } else {
            Err(answer)
        }
    })
    .await;
    let facets = &answer["data"]["search"]["facets"];
    assert!(facets["categories"][0]["count"].is_i64(), "{answer}");
}

#[tokio::test]
async fn a_product_page_joins_five_subgraphs_and_is_the_same_in_both_deployments() {
    let shop = shop().await;
    let answer = same_in_both(shop, None, PRODUCT_PAGE, &json!({ "first": 24 })).await;
    assert_eq!(answer.get("errors"), None, "{answer}");
    let nodes = answer["data"]["products"]["nodes"].as_array().unwrap();
    assert_eq!(nodes.len(), 24);
    let mut with_author = 0;
    for node in nodes {
        assert!(node["priceRange"]["min"]["amount"].is_string(), "{node}");
        assert!(node["availability"]["status"].is_string(), "{node}");
        assert!(
            node["seller"]["shopName"]
                .as_str()
                .is_some_and(|name| !name.is_empty()),
            "{node}"
        );
        let reviews = node["reviews"]["nodes"].as_array().unwrap();
        assert_eq!(reviews.is_empty(), node["rating"]["count"] == 0, "{node}");
        with_author += reviews
            .iter()
            .filter(|review| review["author"]["displayName"].is_string())
            .count();
    }
    assert!(with_author > 5, "the demo shop has reviews: {with_author}");
}

#[tokio::test]
async fn walking_all_pages_shows_every_product_once_in_both_deployments() {
    const PAGE: &str =
        "query($after: String) { products(first: 25, after: $after, sort: PRICE_ASC) {
        nodes { id priceRange { min { minorUnits } } } pageInfo { hasNextPage endCursor } } }";
    let shop = shop().await;
    let (mut seen, mut prices, mut after) = (BTreeSet::new(), Vec::new(), Value::Null);
    loop {
        let answer = same_in_both(shop, None, PAGE, &json!({ "after": after })).await;
        let page = &answer["data"]["products"];
        for node in page["nodes"].as_array().unwrap() {
            assert!(
                seen.insert(node["id"].as_str().unwrap().to_owned()),
                "{node} comes twice"
            );
            let price = &node["priceRange"]["min"]["minorUnits"];
            prices.push(price.as_str().unwrap().parse::<i64>().unwrap());
        }
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
    assert!(seen.len() >= 50, "{}", seen.len());
    assert!(prices.is_sorted());
}

/// Queries of every kind of reader, across subgraphs.
const READS: [&str; 12] = [
    "{ categories(first: 100) { nodes { id name slug } } }",
    "{ attributes(first: 10) { nodes { code } } }",
    "{ sellers(first: 5) { nodes { id shopName city rating { average count } reviews(first: 2) { nodes { body } } } } }",
    "{ me { id displayName email roles permissions seller { id shopName members { role user { id displayName } } } } }",
    "{ users(first: 3) { nodes { id email } pageInfo { hasNextPage } } userStatistics { total } }",
    "{ roles { name permissions } }",
    "{ reviewModerationQueue(first: 2) { nodes { id status } } }",
    "{ products(first: 2) { nodes { viewerReview { id } variants { id sku price { amount } } category { name } } } }",
    "{ a: products(first: 1) { nodes { ...P } } b: products(first: 1, sort: NAME) { nodes { ...P } } }
        fragment P on Product { id seller { id slug rating { count } } reviews { nodes { author { displayName } } } }",
    "{ __typename sellerBySlug(slug: \"tidak-ada\") { id } productBySlug(slug: \"tidak-ada\") { id } }",
    "query($yes: Boolean = true) { products(first: 1) { nodes { name @skip(if: $yes) rating @include(if: $yes) { count } } } }",
    "{ __schema { queryType { name } types { name kind } } }",
];

#[tokio::test]
async fn every_reader_reads_the_same_in_both_deployments() {
    let shop = shop().await;
    let mut tokens = vec![None];
    for email in [BUYER, SELLER, ADMIN] {
        tokens.push(shop.up.login(email).await.token().map(str::to_owned));
    }
    for query in READS {
        for token in &tokens {
            let answer = same_in_both(shop, token.as_deref(), query, &json!({})).await;
            let known = ["FORBIDDEN", "UNAUTHENTICATED"];
            let codes = super::codes(&answer);
            assert!(
                codes.iter().all(|code| known.contains(code)),
                "{query}: {answer}"
            );
            assert_no_internals(&answer["errors"].to_string());
        }
        // Nothing is kept from the administrator.
        let answer = same_in_both(shop, tokens[3].as_deref(), query, &json!({})).await;
        assert_eq!(answer.get("errors"), None, "{query}: {answer}");
    }
}
