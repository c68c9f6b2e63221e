//! How many SQL statements a page costs: as many for 24 products as for one.

use std::collections::BTreeMap;

use harness::deployment::Deployment;
use http::Method;
use serde_json::{Value, json};

use super::{PRODUCT_PAGE, shop};

/// Statements of each subgraph for one product page of `first` products.
async fn statements(started: &Deployment, first: usize) -> (Value, BTreeMap<&'static str, usize>) {
    let id = format!("statements-of-a-page-of-{first}");
    let headers = [("content-type", "application/json"), ("x-request-id", &id)];
    let body = json!({ "query": PRODUCT_PAGE, "variables": { "first": first } }).to_string();
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
        .map(|subgraph| (subgraph.name, count(subgraph.name)));
    (reply.json(), counts.collect())
}

#[tokio::test]
async fn a_page_of_24_products_costs_as_many_statements_as_a_page_of_one() {
    let started = &shop().await.split;
    let (one, few) = statements(started, 1).await;
    let (page, many) = statements(started, 24).await;
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
