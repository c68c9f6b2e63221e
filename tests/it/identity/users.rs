use std::collections::HashSet;

use chrono::Duration;
use harness::{Role, Subgraph};
use serde_json::{Value, json};

use super::{bootstrap, decide, register, start};

const USERS: &str = "query($first: Int, $after: String, $where: UserWhere) {
    users(first: $first, after: $after, where: $where) {
        nodes { id email roles status } pageInfo { endCursor hasNextPage hasPreviousPage } } }";

async fn emails(app: &Subgraph, filter: Value) -> Vec<String> {
    let reply = app
        .client(Role::Admin)
        .run(USERS, json!({ "where": filter }))
        .await;
    let nodes = reply["data"]["users"]["nodes"]
        .as_array()
        .unwrap_or_else(|| panic!("{reply}"));
    nodes
        .iter()
        .map(|node| node["email"].as_str().unwrap_or("-").to_owned())
        .collect()
}

async fn seven(app: &Subgraph) {
    for number in 0..7 {
        // Some are registered at the same moment.
        app.clock.advance(Duration::seconds(number % 2));
        register(app, &format!("u{number}@pembeli.example")).await;
    }
}

// P-USR: admin list
#[tokio::test]
async fn all_pages_together_hold_every_account_once_the_newest_first() {
    let app = start().await;
    seven(&app).await;
    let (mut seen, mut after, mut pages) = (Vec::new(), Value::Null, 0);
    loop {
        let variables = json!({ "first": 3, "after": after });
        let reply = app.client(Role::Admin).run(USERS, variables).await;
        let page = &reply["data"]["users"];
        let nodes = page["nodes"].as_array().unwrap().iter();
        seen.extend(nodes.map(|node| node["email"].as_str().unwrap().to_owned()));
        pages += 1;
        assert_eq!(page["pageInfo"]["hasPreviousPage"], json!(pages > 1));
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == json!(false) {
            break;
        }
    }
    assert_eq!(pages, 3);
    let expected: Vec<_> = (0..7)
        .rev()
        .map(|n| format!("u{n}@pembeli.example"))
        .collect();
    assert_eq!(seen, expected);
    assert_eq!(seen.iter().collect::<HashSet<_>>().len(), 7);
}

#[tokio::test]
async fn a_bad_cursor_or_page_size_is_an_error_of_the_caller() {
    let app = start().await;
    for variables in [
        json!({ "after": "nonsense" }),
        json!({ "first": 0 }),
        json!({ "first": 101 }),
        json!({ "first": -1 }),
    ] {
        let reply = app.client(Role::Admin).run(USERS, variables.clone()).await;
        assert_eq!(
            reply["errors"][0]["extensions"]["code"], "BAD_USER_INPUT",
            "{variables}"
        );
    }
}

#[tokio::test]
async fn accounts_are_found_by_state_role_and_a_part_of_the_address() {
    let app = start().await;
    let siti = register(&app, "siti_100%@pembeli.example").await;
    register(&app, "budi@pembeli.example").await;
    bootstrap(&app, "admin@pasar.example", &["admin"]).await;
    decide(&app, "userDisable", siti).await;

    assert_eq!(
        emails(&app, json!({ "status": "DISABLED" })).await,
        ["siti_100%@pembeli.example"]
    );
    assert_eq!(
        emails(&app, json!({ "role": "admin" })).await,
        ["admin@pasar.example"]
    );
    assert_eq!(emails(&app, json!({ "role": "king" })).await, [""; 0]);
    assert_eq!(
        emails(&app, json!({ "emailContains": "BUDI@" })).await,
        ["budi@pembeli.example"]
    );
    assert_eq!(
        emails(&app, json!({ "emailContains": "_100%" })).await,
        ["siti_100%@pembeli.example"],
        "no wildcards"
    );
    let both = json!({ "emailContains": "pembeli", "status": "ACTIVE", "role": "customer" });
    assert_eq!(emails(&app, both).await, ["budi@pembeli.example"]);
}

// P-USR: user statistics
#[tokio::test]
async fn accounts_are_counted() {
    let app = start().await;
    let old = register(&app, "old@pembeli.example").await;
    app.clock.advance(Duration::days(31));
    bootstrap(&app, "admin@pasar.example", &["admin"]).await;
    let gone = register(&app, "gone@pembeli.example").await;
    let admin = app.client(Role::Admin);
    decide(&app, "userDisable", old).await;
    decide(&app, "userDelete", gone).await;
    let query = "{ userStatistics { total byStatus { status count } byRole { role count }
        registeredLast30Days } }";
    assert_eq!(
        admin.run(query, json!({})).await,
        json!({ "data": { "userStatistics": {
            "total": 2,
            "byStatus": [{ "status": "ACTIVE", "count": 1 }, { "status": "DELETED", "count": 1 },
                         { "status": "DISABLED", "count": 1 }],
            "byRole": [{ "role": "admin", "count": 1 }, { "role": "brand_manager", "count": 0 },
                       { "role": "customer", "count": 2 }, { "role": "finance", "count": 0 },
                       { "role": "seller", "count": 0 }, { "role": "support", "count": 0 },
                       { "role": "warehouse", "count": 0 }],
            "registeredLast30Days": 2,
        } } })
    );
}

// T-RBAC, C8
#[tokio::test]
async fn the_roles_are_those_of_the_marketplace() {
    let app = start().await;
    let reply = app
        .client(Role::Admin)
        .run("{ roles { name permissions } }", json!({}))
        .await;
    assert_eq!(
        reply["data"]["roles"],
        json!([
            { "name": "admin", "permissions": ["all:*"] },
            { "name": "brand_manager", "permissions": [] },
            { "name": "customer", "permissions": [] },
            { "name": "finance", "permissions": [] },
            { "name": "seller", "permissions": ["create:products", "read:own_orders",
                "update:order_status", "update:own_products"] },
            { "name": "support", "permissions": ["moderate:reviews", "read:users"] },
            { "name": "warehouse", "permissions": ["manage:stock"] },
        ])
    );
}
