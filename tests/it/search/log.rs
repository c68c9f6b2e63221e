use harness::{Role, Subgraph};
use serde_json::{Value, json};

use super::world::{anybody, ctx, find, open, product_id};

const CLICK: &str = "mutation($input: SearchClickInput!) { searchClick(input: $input) {
    isNoted userErrors { code path } } }";

async fn search_id(app: &Subgraph, query: &str) -> String {
    let found = find(app, &format!("query: {query:?}"), "searchId").await;
    found["searchId"].as_str().unwrap().to_owned()
}

async fn click(app: &Subgraph, search: &str, product: u32, position: i32) -> Value {
    let input =
        json!({ "searchId": search, "productId": product_id(product), "position": position });
    let reply = anybody(app).run(CLICK, json!({ "input": input })).await;
    reply["data"]["searchClick"].clone()
}

// Ahead 3: click-through and queries without results
#[tokio::test]
async fn what_is_searched_and_chosen_is_counted() {
    let app = open().await;
    let first = search_id(&app, "sepatu").await;
    search_id(&app, "Sepatu!").await;
    search_id(&app, "speatu").await;
    search_id(&app, "qqqqqq").await;
    find(&app, "first: 3", "searchId").await;
    for _ in 0..2 {
        assert_eq!(
            click(&app, &first, 6, 1).await,
            json!({ "isNoted": true, "userErrors": [] })
        );
    }
    let query = "query($from: DateTime!, $to: DateTime!) { searchAnalytics(from: $from, to: $to) {
        searchCount noResultCount rescuedCount clickThroughRate
        topQueries { query searchCount averageHits clickThroughRate }
        noResultQueries { query searchCount averageHits } } }";
    let span = json!({ "from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z" });
    let admin = app.client(Role::Admin);
    let reply = admin.run(query, span).await;
    assert_eq!(
        reply["data"]["searchAnalytics"],
        json!({
            "searchCount": 4, "noResultCount": 1, "rescuedCount": 1, "clickThroughRate": "25.00",
            "topQueries": [
                { "query": "sepatu", "searchCount": 2, "averageHits": 2, "clickThroughRate": "50.00" },
                { "query": "qqqqqq", "searchCount": 1, "averageHits": 0, "clickThroughRate": "0.00" },
                { "query": "speatu", "searchCount": 1, "averageHits": 2, "clickThroughRate": "0.00" },
            ],
            "noResultQueries": [
                { "query": "qqqqqq", "searchCount": 1, "averageHits": 0 },
                { "query": "speatu", "searchCount": 1, "averageHits": 2 },
            ],
        })
    );
    let later = json!({ "from": "2026-01-02T00:00:00Z", "to": "2026-01-03T00:00:00Z" });
    let reply = admin.run(query, later).await;
    assert_eq!(reply["data"]["searchAnalytics"]["searchCount"], 0);
    assert_eq!(reply["data"]["searchAnalytics"]["clickThroughRate"], "0.00");
    let backwards = json!({ "from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z" });
    let reply = admin.run(query, backwards).await;
    assert_eq!(reply["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
}

#[tokio::test]
async fn a_click_that_cannot_be_is_refused() {
    let app = open().await;
    let search = search_id(&app, "sepatu").await;
    let unknown = "search_7zzzzzzzzzzzzzzzzzzzzzzzzz";
    let refused = |code: &str, field: &str| json!({ "isNoted": false, "userErrors": [{ "code": code, "path": ["input", field] }] });
    assert_eq!(
        click(&app, unknown, 6, 1).await,
        refused("NOT_FOUND", "searchId")
    );
    for position in [0, -1, 10_001] {
        assert_eq!(
            click(&app, &search, 6, position).await,
            refused("INVALID_VALUE", "position")
        );
    }
}

// Security: the log says nothing about a person
#[tokio::test]
async fn the_log_keeps_no_address_no_number_and_nobody() {
    let app = open().await;
    for query in [
        "sepatu budi@surat.example",
        "batik 081234567890",
        "hubungi +62-812-3456-7890 sepatu",
    ] {
        let query = format!("{{ search(query: {query:?}) {{ searchId }} }}");
        app.client(Role::Buyer).run(&query, json!({})).await;
    }
    let rows: Vec<Value> =
        sqlx::query_scalar("select to_jsonb(s) from searches s order by searched_at, search_id")
            .fetch_all(&app.db)
            .await
            .unwrap();
    let queries: Vec<&str> = rows
        .iter()
        .map(|row| row["query"].as_str().unwrap())
        .collect();
    assert_eq!(queries, ["sepatu", "batik", "hubungi sepatu"]);
    let fields: Vec<&String> = rows[0].as_object().unwrap().keys().collect();
    assert_eq!(
        fields,
        [
            "hits",
            "query",
            "engine",
            "rescue",
            "search_id",
            "searched_at"
        ]
    );
    let words: Vec<String> = rows.iter().map(ToString::to_string).collect();
    assert!(words.iter().all(|row| !row.contains("user_")));
}

// Retention: 90 days
#[tokio::test]
async fn searches_are_forgotten() {
    let app = open().await;
    let old = search_id(&app, "sepatu").await;
    assert_eq!(click(&app, &old, 6, 1).await["isNoted"], true);
    app.clock.advance(chrono::Duration::days(89));
    search_id(&app, "batik").await;
    search::jobs::do_chores(&ctx(&app)).await.unwrap();
    let count = || async {
        sqlx::query_scalar::<_, i64>("select count(*) from searches")
            .fetch_one(&app.db)
            .await
            .unwrap()
    };
    assert_eq!(count().await, 2);
    app.clock.advance(chrono::Duration::days(2));
    search::jobs::do_chores(&ctx(&app)).await.unwrap();
    assert_eq!(count().await, 1);
    assert_eq!(
        click(&app, &old, 6, 1).await["userErrors"][0]["code"],
        "NOT_FOUND"
    );
    // Words that nothing uses are forgotten with them.
    let terms: Vec<String> = sqlx::query_scalar("select term from terms order by term")
        .fetch_all(&app.db)
        .await
        .unwrap();
    assert!(terms.contains(&"sepatu".to_owned()));
}

#[tokio::test]
async fn words_that_nothing_uses_any_more_are_forgotten() {
    let app = open().await;
    let has = |term: &'static str| {
        let db = app.db.clone();
        async move {
            let sql = "select exists (select from terms where term = $1)";
            sqlx::query_scalar::<_, bool>(sql)
                .bind(term)
                .fetch_one(&db)
                .await
                .unwrap()
        }
    };
    assert!(has("kangkung").await);
    sqlx::query("update documents set is_searchable = false where product_id = $1")
        .bind(super::world::id::<kernel::markers::Product>(10).uuid())
        .execute(&app.db)
        .await
        .unwrap();
    search::jobs::do_chores(&ctx(&app)).await.unwrap();
    assert!(!has("kangkung").await && has("bayam").await);
}
