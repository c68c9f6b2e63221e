//! The demo marketplace, filled in by a process that is killed again and again.

use std::time::Duration;

use harness::{
    child::{self, Environment, Process},
    deployment::{Databases, Deployment, test_environment},
    server::admin_url,
};
use sqlx::AssertSqlSafe;

/// What is in the databases, without ids and times: subgraph, and one text per row.
const PORTRAIT: &[(&str, &str)] = &[
    (
        "identity",
        "select concat_ws(' | ', 'user', email, first_name, last_name, gender, date_of_birth, version,
            (select string_agg(role, ',' order by role) from user_roles where user_id = users.id))
            from users",
    ),
    (
        "sellers",
        "select concat_ws(' | ', 'shop', slug, status, business_number, version,
            (select count(*) from seller_members where seller_id = sellers.id)) from sellers",
    ),
    (
        "catalog",
        "select concat_ws(' | ', 'product', slug, status, min_price, version,
            (select string_agg(sku, ',' order by position) from product_variants
                where product_id = products.id)) from products",
    ),
    (
        "catalog",
        "select concat_ws(' | ', 'category', slug, version,
            (select string_agg(code, ',' order by code) from category_attributes
                join attributes on id = attribute_id where category_id = categories.id)) from categories",
    ),
    (
        "inventory",
        "select concat_ws(' | ', 'warehouse', code, count(stock_levels.id), sum(quantity), sum(movement_seq))
            from warehouses left join stock_levels on warehouse_id = warehouses.id group by code",
    ),
    (
        "inventory",
        "select concat_ws(' | ', 'movements', count(*), sum(delta)) from stock_movements",
    ),
    (
        "reviews",
        "select concat_ws(' | ', 'review', body, rating, status, response_body, helpful_count, version,
            (select count(*) from review_votes where review_id = reviews.id)) from reviews",
    ),
    (
        "reviews",
        "select concat_ws(' | ', 'ratings', sum(one), sum(two), sum(three), sum(four), sum(five))
            from product_ratings",
    ),
];
/// Nothing has happened twice.
const EVENTS: &str = "select concat_ws(' | ', 'event', event_type, count(*)) from outbox
        where event_type not like 'notification.%' group by event_type";

async fn portrait(databases: &Databases) -> Vec<String> {
    let events = pasar::subgraphs::ALL.map(|subgraph| (subgraph.name, EVENTS));
    let mut portrait = Vec::new();
    for (subgraph, sql) in PORTRAIT.iter().chain(&events) {
        let rows: Vec<String> = sqlx::query_scalar(AssertSqlSafe((*sql).to_owned()))
            .fetch_all(databases.get(subgraph).pool())
            .await
            .unwrap();
        portrait.extend(rows);
    }
    portrait.sort();
    portrait
}

/// Waits until `table` has more than `rows` rows, while `process` runs.
async fn until_more(process: &Process, databases: &Databases, table: &(&str, &str), rows: i64) {
    let (subgraph, name) = table;
    let sql = format!("select count(*) from {name}");
    for _ in 0..6_000 {
        let count: i64 = sqlx::query_scalar(AssertSqlSafe(sql.clone()))
            .fetch_one(databases.get(subgraph).pool())
            .await
            .unwrap();
        if count > rows {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{name} never got more than {rows} rows: {process}");
}

fn environment(databases: &Databases) -> Environment {
    let mut environment = databases.environment();
    environment.extend(test_environment());
    environment.push(("PASAR__POSTGRES__URL".to_owned(), admin_url().to_owned()));
    environment
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_seed_that_is_killed_ends_as_one_that_is_not() {
    let clean = Databases::create().await;
    drop(Deployment::up(&clean, "small", &[]));
    let expected = portrait(&clean).await;
    let users = expected.iter().filter(|row| row.starts_with("user | "));
    assert!(users.clone().count() > 30);
    for user in users {
        let told = user.contains("MALE | 19") || user.contains("MALE | 20");
        assert!(told, "no gender or no date of birth: {user}");
    }

    let databases = Databases::create().await;
    let environment = environment(&databases);
    let folder = tempfile::tempdir().unwrap();
    let arguments = [
        "up",
        "--seed",
        "small",
        "--data",
        folder.path().to_str().unwrap(),
    ];
    // In the middle of each part of the work.
    for (table, rows) in [
        (("identity", "users"), 8),
        (("sellers", "sellers"), 2),
        (("catalog", "category_attributes"), 20),
        (("catalog", "products"), 25),
        (("reviews", "reviews"), 40),
        (("reviews", "reviews"), 140),
    ] {
        let mut process = child::spawn(&arguments, &environment);
        until_more(&process, &databases, &table, rows).await;
        process.kill();
    }
    let unfinished = portrait(&databases).await;
    assert_ne!(unfinished, expected, "nothing was interrupted");
    let _process = child::start(&arguments, &environment);
    assert_same(&portrait(&databases).await, &expected);

    // All of it once more, beside the running process, adds nothing.
    let again = child::run(&["seed", "--kind", "small"], &environment);
    assert_eq!(again.code, 0, "{}", again.errors);
    assert_same(&portrait(&databases).await, &expected);
}

/// Fails with the rows that differ, not with all of them.
#[track_caller]
fn assert_same(actual: &[String], expected: &[String]) {
    let without = |rows: &[String], others: &[String]| -> Vec<String> {
        let missing = rows.iter().filter(|row| !others.contains(row));
        missing.cloned().collect()
    };
    let (more, fewer) = (without(actual, expected), without(expected, actual));
    assert_eq!((more, fewer), (Vec::new(), Vec::new()), "more, fewer");
    assert_eq!(actual.len(), expected.len(), "a row is there twice");
}
