//! From a seller's desk to a buyer's search, over the bus: what is written is found, as it is now.

use harness::{http::HttpClient, wait};
use serde_json::{Value, json};

use super::{
    SELLER, shop,
    writes::{CREATE, PUBLISH, product_input, step},
};

const SEARCH: &str = "query($query: String!) { search(query: $query, first: 5) {
    totalCount rescue { kind }
    nodes { product { slug name seller { shopName } priceRange { min { amount } } } } } }";

/// Searches until the slugs that it finds by itself are `expected`; gives the answer.
async fn found(client: &HttpClient, query: &str, expected: &[&str]) -> Value {
    wait::found(&format!("`{query}` finds {expected:?}"), async || {
        // What has just left the shelf is null, with an error, until the index has heard of it.
        let mut answer = client.graphql(SEARCH, json!({ "query": query })).await;
        let answer = answer["data"]["search"].take();
        let nodes = answer["nodes"].as_array().unwrap();
        let mut slugs: Vec<_> = nodes
            .iter()
            .filter_map(|node| node["product"]["slug"].as_str())
            .collect();
        if !answer["rescue"].is_null() {
            slugs.clear();
        }
        if slugs == expected {
            Ok(answer)
        } else {
            Err(answer)
        }
    })
    .await
}

// T-SRC-1, T-SRC-F, T-EVT: published, renamed, taken off the shelf.
#[tokio::test]
async fn a_product_is_found_as_it_is_now_in_both_deployments() {
    const RENAME: &str = "mutation($input: ProductUpdateInput!) { productUpdate(input: $input) {
        product { version } userErrors { code path } } }";
    const ARCHIVE: &str = "mutation($input: ProductStatusInput!) { productArchive(input: $input) {
        product { version } userErrors { code path } } }";
    for (deployment, started) in shop().await.both() {
        let (seller, nobody) = (started.login(SELLER).await, started.client());
        let tag = format!("cari-{deployment}");
        let slug = format!("kopi-{tag}");
        let (first, second) = (
            format!("quixotol{deployment}"),
            format!("zyzzyvamu{deployment}"),
        );
        let mut input = product_input(&seller, &tag).await;
        input["name"] = json!(format!("Kopi {first}"));
        let created = step(&seller, CREATE, json!({ "input": input })).await;
        let product = &created["data"]["productCreate"]["product"];
        found(&nobody, &first, &[]).await;

        let publish = json!({ "productId": product["id"], "expectedVersion": product["version"] });
        let published = step(&seller, PUBLISH, json!({ "input": publish })).await;
        let answer = found(&nobody, &first, &[&slug]).await;
        let hit = &answer["nodes"][0]["product"];
        assert!(hit["seller"]["shopName"].is_string(), "{answer}");
        assert_eq!(hit["priceRange"]["min"]["amount"], "65000");

        let version = &published["data"]["productPublish"]["product"]["version"];
        let rename = json!({
            "productId": product["id"], "expectedVersion": version, "name": format!("Kopi {second}"),
        });
        let renamed = step(&seller, RENAME, json!({ "input": rename })).await;
        found(&nobody, &second, &[&slug]).await;
        found(&nobody, &first, &[]).await;

        let version = &renamed["data"]["productUpdate"]["product"]["version"];
        let archive = json!({ "productId": product["id"], "expectedVersion": version });
        step(&seller, ARCHIVE, json!({ "input": archive })).await;
        found(&nobody, &second, &[]).await;
    }
}

// T-SRC-4: what the index holds is what the owners hold.
#[tokio::test]
async fn the_index_of_the_demo_marketplace_is_what_its_owners_say() {
    const CHECK: &str =
        "query($source: SearchCheckSource!, $after: ID) { searchCheck(source: $source, first: 500,
        after: $after) { checkedCount end differences { __typename } } }";
    let admin = shop().await.up.login(super::ADMIN).await;
    for source in ["PRODUCTS", "CATEGORIES", "SELLERS", "STOCK", "RATINGS"] {
        let mut checked = 0;
        let mut after = Value::Null;
        loop {
            let variables = json!({ "source": source, "after": after });
            let page = agreed(&admin, CHECK, &variables).await;
            checked += page["checkedCount"].as_i64().unwrap();
            after = page["end"].clone();
            if after.is_null() {
                break;
            }
        }
        assert!(checked > 0, "{source}");
    }
}

/// The page without differences; other tests write meanwhile, and what they wrote is on its way for a moment.
async fn agreed(admin: &HttpClient, query: &str, variables: &Value) -> Value {
    wait::found("index and owner agree", async || {
        let mut reply = step(admin, query, variables.clone()).await;
        let page = reply["data"]["searchCheck"].take();
        if page["differences"] == json!([]) {
            return Ok(page);
        }
        Err(page)
    })
    .await
}
