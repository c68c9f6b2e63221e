//! How many SQL statements a page costs: as many for 24 products as for one.

use std::collections::BTreeMap;

use harness::deployment::Deployment;
use http::Method;
use serde_json::{Value, json};

use super::{PRODUCT_PAGE, product_page, shop};

/// Statements of each subgraph for a product page with these products.
async fn statements(started: &Deployment, ids: &[Value]) -> (Value, BTreeMap<&'static str, usize>) {
    let id = format!("statements-of-a-page-of-{}", ids.len());
    let page = PRODUCT_PAGE
        .replace("$after: String", "$ids: [ID!]")
        .replace("after: $after", "where: { ids: $ids }");
    let headers = [("content-type", "application/json"), ("x-request-id", &id)];
    let body = json!({ "query": page, "variables": { "first": 24, "ids": ids } }).to_string();
    let reply = started
        .client()
        .send(Method::POST, "/graphql", &headers, body.into())
        .await;
    let count = |name| {
        let log = started.subgraph(name).log();
        let of_request = |line: &&str| line.contains("sqlx::query") && line.contains(&id);
        log.lines().filter(of_request).count()
    };
    let counts = pasar::subgraphs::ALL
        .iter()
        // The page asks neither of these.
        .filter(|subgraph| !["notifications", "search"].contains(&subgraph.name))
        .map(|subgraph| (subgraph.name, count(subgraph.name)));
    (reply.json(), counts.collect())
}

#[tokio::test]
async fn a_page_of_24_products_costs_as_many_statements_as_a_page_of_one() {
    let started = &shop().await.split;
    let shown = product_page(&started.client(), 100).await;
    let nodes = shown["data"]["products"]["nodes"].as_array().unwrap();
    // With reviews, so that their authors are looked up for one as for many.
    let reviewed = nodes.iter().filter(|node| node["rating"]["count"] != 0);
    let ids: Vec<Value> = reviewed.map(|node| node["id"].clone()).take(24).collect();
    let (one, few) = statements(started, &ids[..1]).await;
    let (page, many) = statements(started, &ids).await;
    assert_eq!(
        one["data"]["products"]["nodes"].as_array().unwrap().len(),
        1,
        "{one}"
    );
    assert_eq!(
        page["data"]["products"]["nodes"].as_array().unwrap().len(),
        24,
        "{page}"
    );
    assert!(
        few.values().all(|count| *count > 0),
        "nothing was counted: {few:?}"
    );
    assert_eq!(few, many);
    assert!(many.values().sum::<usize>() <= 6, "{many:?}");
}
