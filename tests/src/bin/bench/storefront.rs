//! The storefront's two hot pages through the router, in one process and over HTTP, in one run on the
//! same databases.

use std::time::Duration;

use harness::deployment::{Databases, Deployment};
use serde_json::json;

use crate::{load, machine::cpu_micros};

const PRODUCT_PAGE: &str = "query($category: ID) { products(first: 24, where: { categoryId: $category }) { nodes {
    id name priceRange { min { amount currency } } availability { status quantity } rating { average count }
    reviews(first: 1, sort: MOST_HELPFUL) { nodes { rating body author { displayName } } }
    seller { shopName city isVerified } } } }";
const CATEGORY_PAGE: &str =
    "query($category: ID!) { category(id: $category) { name ancestors { name }
    children { name slug } products(first: 24, sort: PRICE_ASC) { nodes { id name slug
    priceRange { min { amount } max { amount } } } } } }";

const CLIENTS: usize = 8;
const ROUNDS: usize = 5;

/// Seeds, measures, prints.
pub(crate) async fn run(small: bool) {
    let databases = Databases::create().await;
    let seed = if small { "small" } else { "demo" };
    let mut up = Deployment::up(&databases, seed, &[]);
    let (category, sizes) = data(&up, &databases).await;
    println!(
        "data: {sizes}; {CLIENTS} clients in a closed loop on the same cores; {ROUNDS} rounds, median (lowest to highest)\n"
    );
    println!(
        "{:<14} {:<11} {:>22} {:>10} {:>10} {:>22} {:>24} {:>12}",
        "page",
        "deployment",
        "requests/s",
        "p50 ms",
        "p99 ms",
        "router CPU µs/request",
        "subgraphs CPU µs/request",
        "statements"
    );
    let pages = [
        ("product page", PRODUCT_PAGE, json!({ "category": null })),
        (
            "category page",
            CATEGORY_PAGE,
            json!({ "category": category }),
        ),
    ];
    for (name, query, variables) in &pages {
        let body = json!({ "query": query, "variables": variables }).to_string();
        measure(name, "in process", &up, &databases, &body).await;
    }
    assert!(up.processes[0].terminate());
    let split = Deployment::split(&databases, &[]);
    for (name, query, variables) in &pages {
        let body = json!({ "query": query, "variables": variables }).to_string();
        measure(name, "over HTTP", &split, &databases, &body).await;
    }
    println!("\nIn one process its CPU cannot be told apart: it is all in the router's column.");
}

async fn measure(
    page: &str,
    deployment: &str,
    system: &Deployment,
    databases: &Databases,
    body: &str,
) {
    let requests = 600;
    let warm = load::run(system.url(), body, CLIENTS, requests / 2).await;
    assert_eq!(warm.failed, 0, "the page does not answer");
    let (mut rates, mut medians, mut tails) = (Vec::new(), Vec::new(), Vec::new());
    let (router, subgraphs) = system.processes.split_last().unwrap();
    let cpu = || {
        (
            cpu_micros(router.pid()),
            subgraphs.iter().map(|s| cpu_micros(s.pid())).sum::<u64>(),
        )
    };
    let (cpu_before, statements_before) = (cpu(), statements(databases).await);
    for _ in 0..ROUNDS {
        let run = load::run(system.url(), body, CLIENTS, requests).await;
        assert_eq!(run.failed, 0, "the page does not answer");
        rates.push(run.per_second());
        medians.push(run.percentile(50).as_secs_f64() * 1e3);
        tails.push(run.percentile(99).as_secs_f64() * 1e3);
    }
    let cpu_after = cpu();
    let all = (requests * ROUNDS) as f64;
    let (rate, low, high) = load::median(rates);
    println!(
        "{page:<14} {deployment:<11} {:>22} {:>10.2} {:>10.2} {:>22.0} {:>24.0} {:>12.2}",
        format!("{rate:.0} ({low:.0} to {high:.0})"),
        load::median(medians).0,
        load::median(tails).0,
        (cpu_after.0 - cpu_before.0) as f64 / all,
        (cpu_after.1 - cpu_before.1) as f64 / all,
        (statements(databases).await - statements_before) as f64 / all,
    );
}

/// Transactions so far in all databases: outside of explicit ones, a statement is a transaction.
async fn statements(databases: &Databases) -> i64 {
    // PostgreSQL reports with a delay of up to a second per idle connection.
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let mut total = 0;
    for subgraph in pasar::subgraphs::ALL {
        let pool = databases.get(subgraph.name).pool();
        let count: i64 = sqlx::query_scalar(
            "select xact_commit from pg_stat_database where datname = current_database()",
        )
        .fetch_one(pool)
        .await
        .unwrap();
        total += count;
    }
    total
}

/// A category with products, and how much there is of everything.
async fn data(system: &Deployment, databases: &Databases) -> (String, String) {
    let reply = system
        .client()
        .graphql(
            "{ products(first: 1) { nodes { category { id } } } }",
            json!({}),
        )
        .await;
    let category = reply["data"]["products"]["nodes"][0]["category"]["id"].as_str();
    let category = category.unwrap_or_else(|| panic!("{reply}")).to_owned();
    let mut sizes = Vec::new();
    for (subgraph, table) in [
        ("sellers", "sellers"),
        ("catalog", "products"),
        ("catalog", "product_variants"),
        ("inventory", "stock_levels"),
        ("reviews", "reviews"),
        ("identity", "users"),
    ] {
        let sql = sqlx::AssertSqlSafe(format!("select count(*) from {table}"));
        let count: i64 = sqlx::query_scalar(sql)
            .fetch_one(databases.get(subgraph).pool())
            .await
            .unwrap();
        sizes.push(format!("{count} {}", table.replace('_', " ")));
    }
    (category, sizes.join(", "))
}
