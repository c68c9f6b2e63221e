//! The whole system: the real binary in both deployments, over sockets.

mod any_supergraph;
mod bad_input;
mod commands;
mod composing;
mod crash;
mod event_streams;
mod events;
mod finding;
mod fuzz;
mod health;
mod journeys;
mod letters;
mod limits;
mod outage;
mod partial_failure;
mod phone;
mod real_parts;
mod recomposition;
mod seed;
mod statements;
mod stopping;
mod subgraph_endpoints;
mod subscriptions;
mod tokens;
mod traces;
mod writes;

use harness::{
    deployment::{Databases, Deployment},
    http::HttpClient,
};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

/// Documented logins of the demo marketplace.
const BUYER: &str = pasar::seed::DEMO_BUYER_EMAIL;
const SELLER: &str = pasar::seed::DEMO_SELLER_EMAIL;
const ADMIN: &str = pasar::seed::DEMO_ADMIN_EMAIL;

/// The demo marketplace in both deployments, on the same databases.
struct Shop {
    up: Deployment,
    split: Deployment,
}

impl Shop {
    fn both(&self) -> [(&'static str, &Deployment); 2] {
        [("up", &self.up), ("split", &self.split)]
    }
}

/// The one that all tests of this folder share. They may add to it, and leave what is there as it is.
async fn shop() -> &'static Shop {
    static SHOP: OnceCell<Shop> = OnceCell::const_new();
    SHOP.get_or_init(async || {
        let databases = Databases::create().await;
        let up = Deployment::up(&databases, "small", &[]);
        // Each statement is a line in the log, with the id of the request that it was for.
        let level = "warn,process=info,sqlx::query=debug";
        let split = Deployment::split(&databases, &[("PASAR__TELEMETRY__LEVEL", level)]);
        // Their owner ends with the tests; the next run removes them.
        std::mem::forget(databases);
        Shop { up, split }
    })
    .await
}

/// A page of products as a shop window shows it: four subgraphs and the authors from a fifth. By name,
/// because what tests add comes last there.
const PRODUCT_PAGE: &str = "query ProductPage($first: Int!, $after: String) {
    products(first: $first, after: $after, sort: NAME) {
        nodes {
            id name slug
            priceRange { min { amount currency } max { amount currency } }
            availability { status quantity }
            rating { average count }
            reviews(first: 1, sort: MOST_HELPFUL) {
                nodes { id rating title body author { id displayName } }
            }
            seller { id shopName city isVerified }
        }
        pageInfo { hasNextPage endCursor }
    }
}";

/// The product page with `first` products.
async fn product_page(client: &HttpClient, first: usize) -> Value {
    client
        .graphql(PRODUCT_PAGE, json!({ "first": first }))
        .await
}

/// The codes of the errors of an answer, in their order.
fn codes(reply: &Value) -> Vec<&str> {
    let errors = reply["errors"].as_array();
    errors
        .into_iter()
        .flatten()
        .map(|error| error["extensions"]["code"].as_str().unwrap())
        .collect()
}

/// Fails when an answer tells a client what is none of its business.
#[track_caller]
fn assert_no_internals(text: &str) {
    for word in [
        "127.0.0.1",
        "http://",
        "panicked",
        "src/",
        ".rs:",
        "sqlx",
        "postgres",
        "hyper",
        "onnection refused",
        "os error",
        "pasar_",
        "_entities",
        "select ",
    ] {
        assert!(!text.contains(word), "`{word}` in {text}");
    }
}
