use harness::{Role, Subgraph};
use search::commands::reindex::{Step, step};
use serde_json::{Value, json};

use super::{
    owners::Owners,
    world::{
        Goods, SEPATU, category_id, ctx, deliver, event, find, id, life, numbers, open, product_id,
        projection, seller_id, shelf, snapshot,
    },
};

const STATUS: &str =
    "{ searchReindexStatus { state phase doneCount removedCount error finishedAt } }";

async fn start(app: &Subgraph) -> Value {
    let query =
        "mutation { searchReindex { reindex { id state phase startedAt } userErrors { code } } }";
    app.client(Role::Admin).run(query, json!({})).await["data"]["searchReindex"].clone()
}

async fn run(app: &Subgraph) {
    while step(&ctx(app), None).await.unwrap() == Step::Onward {}
}

async fn check(app: &Subgraph, source: &str) -> Value {
    let query = format!(
        "{{ searchCheck(source: {source}) {{ checkedCount end findableCount indexedCount
        differences {{ id flaw expectedVersion foundVersion fields }} }} }}"
    );
    let reply = app.client(Role::Admin).run(&query, json!({})).await;
    assert_eq!(reply["errors"], Value::Null, "{reply}");
    reply["data"]["searchCheck"].clone()
}

const SOURCES: [&str; 5] = ["CATEGORIES", "SELLERS", "PRODUCTS", "STOCK", "RATINGS"];

async fn differences(app: &Subgraph) -> Vec<(String, String, String)> {
    let mut all = Vec::new();
    for source in SOURCES {
        for difference in check(app, source).await["differences"].as_array().unwrap() {
            let fields: Vec<&str> = difference["fields"]
                .as_array()
                .unwrap()
                .iter()
                .map(|f| f.as_str().unwrap())
                .collect();
            let text = |field: &str| difference[field].as_str().unwrap().to_owned();
            all.push((text("id"), text("flaw"), fields.join(",")));
        }
    }
    all
}

// T-SRC-4: rebuilt from scratch, and index = catalog
#[tokio::test]
async fn an_empty_projection_is_rebuilt_from_the_owners() {
    let told = open().await;
    let app = Subgraph::start(&search::SUBGRAPH).await;
    Owners::new().serve(&app);
    let started = start(&app).await;
    assert_eq!(started["userErrors"], json!([]));
    assert_eq!(started["reindex"]["state"], "RUNNING");
    let second = start(&app).await;
    assert_eq!(
        second,
        json!({ "reindex": null, "userErrors": [{ "code": "INVALID_STATE" }] })
    );
    run(&app).await;
    assert_eq!(projection(&app).await, projection(&told).await);
    let status = app.client(Role::Admin).run(STATUS, json!({})).await;
    assert_eq!(
        status["data"]["searchReindexStatus"],
        json!({ "state": "DONE", "phase": "RATINGS", "doneCount": 36, "removedCount": 0, "error": null,
                "finishedAt": "2026-01-01T00:00:00+00:00" })
    );
    assert_eq!(differences(&app).await, []);
    let query = "query($id: ID!) { searchReindexStatus(id: $id) { state } }";
    let by_id = app
        .client(Role::Admin)
        .run(query, json!({ "id": started["reindex"]["id"] }))
        .await;
    assert_eq!(by_id["data"]["searchReindexStatus"]["state"], "DONE");
    let unknown = json!({ "id": "reindex_7zzzzzzzzzzzzzzzzzzzzzzzzz" });
    let unknown = app.client(Role::Admin).run(query, unknown).await;
    assert_eq!(unknown["data"]["searchReindexStatus"], Value::Null);
    assert_eq!(
        start(&app).await["userErrors"],
        json!([]),
        "another one after the first"
    );
}

// T-SRC-4: resumable; searches go on meanwhile
#[tokio::test]
async fn a_rebuild_that_is_killed_goes_on_where_it_was() {
    let told = open().await;
    let app = open().await;
    let owners = Owners::new();
    // More than a page, so that a phase has steps.
    let many: Vec<Goods> = (100..350)
        .map(|number| Goods {
            number,
            ..shelf()[5].clone()
        })
        .collect();
    owners.change("productSnapshots", |products| {
        products.extend(
            many.iter()
                .map(|goods| (product_id(goods.number), 2, snapshot(goods, "ACTIVE"))),
        );
    });
    owners.serve(&app);
    for goods in &many {
        let (topic, event) = &life(goods)[1];
        told.deliver(topic, event).await.unwrap();
    }
    start(&app).await;
    let mut steps = 0;
    loop {
        // A step that dies before its end: the owner is away in the middle of it.
        if steps % 2 == 0 {
            for peer in ["catalog", "sellers", "inventory", "reviews"] {
                app.peers.fail(peer);
            }
            drop(step(&ctx(&app), None).await);
            owners.serve(&app);
        }
        assert_eq!(
            numbers(&app, "query: \"kangkung\"").await,
            [10],
            "found all the time"
        );
        if step(&ctx(&app), None).await.unwrap() == Step::Idle {
            break;
        }
        steps += 1;
    }
    assert_eq!(steps, 7, "a page of each, three of products");
    let found = find(&app, "query: \"sepatu lari\"", "totalCount").await;
    assert_eq!(found["totalCount"], 251);
    let status = app.client(Role::Admin).run(STATUS, json!({})).await;
    assert_eq!(status["data"]["searchReindexStatus"]["state"], "DONE");
    assert_eq!(
        status["data"]["searchReindexStatus"]["doneCount"],
        36 + 250,
        "no page twice"
    );
    assert_eq!(differences(&app).await, []);
}

// Two processes, one rebuild
#[tokio::test]
async fn a_rebuild_is_done_by_one_worker_at_a_time() {
    let app = open().await;
    Owners::new().serve(&app);
    start(&app).await;
    let mut tx = app.db.begin().await.unwrap();
    sqlx::query("select from reindexes for update")
        .execute(&mut *tx)
        .await
        .unwrap();
    assert_eq!(
        step(&ctx(&app), None).await.unwrap(),
        Step::Idle,
        "another one is at it"
    );
    tx.rollback().await.unwrap();
    assert_eq!(step(&ctx(&app), None).await.unwrap(), Step::Onward);
}

// An owner that says what was not agreed
#[tokio::test]
async fn a_rebuild_fails_loudly_when_an_owner_talks_nonsense() {
    let app = open().await;
    let before = projection(&app).await;
    let owners = Owners::new();
    owners.change("productSnapshots", |products| {
        products[3].2 = json!({ "productId": "x" });
    });
    owners.serve(&app);
    start(&app).await;
    while step(&ctx(&app), None)
        .await
        .is_ok_and(|step| step == Step::Onward)
    {}
    let status = app.client(Role::Admin).run(STATUS, json!({})).await;
    let status = &status["data"]["searchReindexStatus"];
    assert_eq!(
        (&status["state"], &status["phase"]),
        (&json!("FAILED"), &json!("PRODUCTS"))
    );
    assert!(
        status["error"]
            .as_str()
            .unwrap()
            .contains("not what was agreed"),
        "{status}"
    );
    assert_eq!(projection(&app).await, before);
}

// "a check proves index = catalog": it finds every planted difference, and a rebuild mends them
#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table")]
async fn planted_differences_are_found_and_mended() {
    let app = open().await;
    let owners = Owners::new();
    owners.serve(&app);
    assert_eq!(differences(&app).await, []);
    for sql in [
        "update document_texts set name = 'Lain' where product_id = $1::uuid",
        "update documents set min_price = 1 where product_id = $2::uuid",
        "update documents set stock = 77 where product_id = $3::uuid",
        "update documents set product_version = 1 where product_id = $4::uuid",
        "update sellers set city = 'Atlantis' where seller_id = $1::uuid",
        "update categories set name_en = 'Socks' where category_id = $5::uuid",
        "update stock_levels set quantity = 1000 where stock_level_id = $1::uuid",
        "delete from ratings where product_id = $1::uuid",
        "delete from stock_levels where stock_level_id = $2::uuid",
    ] {
        let sql = (1..=5).fold(sql.to_owned(), |sql, n| {
            let uuid = uuid::Uuid::from_u128(n);
            sql.replace(&format!("${n}"), &format!("'{uuid}'"))
        });
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .execute(&app.db)
            .await
            .unwrap();
    }
    let extra = Goods {
        number: 50,
        ..shelf()[0].clone()
    };
    deliver(&app, &life(&extra)).await;
    owners.change("productSnapshots", |products| {
        products.push((
            product_id(60),
            5,
            snapshot(
                &Goods {
                    number: 60,
                    ..shelf()[0].clone()
                },
                "ACTIVE",
            ),
        ));
    });
    let planted = |id: String, flaw: &str, fields: &str| (id, flaw.to_owned(), fields.to_owned());
    let stock = |number: u32| kernel::StockLevelId::to_string(&id(number));
    let mut found = differences(&app).await;
    found.sort();
    let mut expected = vec![
        planted(category_id(SEPATU), "DIFFERENT", "nameEn"),
        planted(seller_id(1), "DIFFERENT", "city"),
        planted(product_id(1), "DIFFERENT", "name,document"),
        planted(product_id(1), "MISSING", ""),
        planted(product_id(2), "DIFFERENT", "minPrice,document"),
        planted(product_id(3), "DIFFERENT", "document"),
        planted(product_id(4), "STALE", ""),
        // Of the shop whose city was changed.
        planted(product_id(5), "DIFFERENT", "document"),
        planted(product_id(12), "DIFFERENT", "document"),
        planted(product_id(50), "EXTRA", ""),
        planted(product_id(50), "EXTRA", ""),
        planted(product_id(60), "MISSING", ""),
        planted(stock(1), "DIFFERENT", "quantity"),
        planted(stock(2), "MISSING", ""),
        planted(stock(50), "EXTRA", ""),
    ];
    expected.sort();
    assert_eq!(found, expected);
    // What was heard of before the rebuild began and has no owner is gone.
    app.clock.advance(chrono::Duration::hours(1));
    start(&app).await;
    run(&app).await;
    assert_eq!(differences(&app).await, []);
    assert!(!numbers(&app, "first: 100").await.contains(&50));
    let status = app.client(Role::Admin).run(STATUS, json!({})).await;
    assert_eq!(status["data"]["searchReindexStatus"]["removedCount"], 3);
}

#[tokio::test]
async fn a_check_goes_in_pages() {
    let app = open().await;
    Owners::new().serve(&app);
    let (mut checked, mut after, mut pages) = (0, Value::Null, 0);
    loop {
        let query = "query($after: ID) { searchCheck(source: PRODUCTS, first: 5, after: $after) {
            checkedCount end findableCount pendingCount indexedCount differences { id } } }";
        let reply = app
            .client(Role::Admin)
            .run(query, json!({ "after": after }))
            .await;
        let page = &reply["data"]["searchCheck"];
        assert_eq!(page["differences"], json!([]));
        assert_eq!(
            (&page["findableCount"], &page["indexedCount"]),
            (&json!(12), &Value::Null)
        );
        checked += page["checkedCount"].as_i64().unwrap();
        pages += 1;
        assert!(pages < 5, "{page}");
        after = page["end"].clone();
        if after.is_null() {
            break;
        }
    }
    assert_eq!((checked, pages), (12, 3));
    let query =
        "{ searchCheck(source: PRODUCTS, after: \"seller_00000000000000000000000001\") { end } }";
    let reply = app.client(Role::Admin).run(query, json!({})).await;
    assert_eq!(reply["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    app.peers.fail("catalog");
    let query = "{ searchCheck(source: PRODUCTS) { end } }";
    let reply = app.client(Role::Admin).run(query, json!({})).await;
    assert_eq!(reply["errors"][0]["extensions"]["code"], "UNAVAILABLE");
}

// However much an owner has lost, a page of a check is bounded, and the pages tell all of it
#[tokio::test]
async fn a_check_of_what_an_owner_lost_goes_in_pages() {
    let app = Subgraph::start(&search::SUBGRAPH).await;
    let owners = Owners::new();
    owners.change("ratingSnapshots", Vec::clear);
    owners.serve(&app);
    let lost = 10_500;
    sqlx::query(
        "insert into ratings (product_id, version, average_hundredths, count) \
         select lpad(to_hex(n), 32, '0')::uuid, 1, 400, 1 from generate_series(1, $1) n",
    )
    .bind(lost)
    .execute(&app.db)
    .await
    .unwrap();
    let query = "query($after: ID) { searchCheck(source: RATINGS, after: $after) { end
        differences { flaw } } }";
    let (mut after, mut pages) = (Value::Null, Vec::new());
    loop {
        let variables = json!({ "after": after });
        let reply = app.client(Role::Admin).run(query, variables).await;
        let page = &reply["data"]["searchCheck"];
        let differences = page["differences"].as_array().unwrap();
        assert!(differences.iter().all(|one| one["flaw"] == "EXTRA"));
        pages.push(differences.len());
        assert!(pages.len() < 5, "{pages:?}");
        after = page["end"].clone();
        if after.is_null() {
            break;
        }
    }
    assert_eq!(pages, [10_000, 500]);
}

// … and a step of a rebuild likewise
#[tokio::test]
async fn a_rebuild_removes_what_an_owner_lost_in_steps() {
    let app = open().await;
    let owners = Owners::new();
    owners.serve(&app);
    let lost = "insert into documents (product_id, product_version, changed_at) \
         select lpad(to_hex(n), 32, '0')::uuid, 1, $1 from generate_series(1000, 3499) n";
    sqlx::query(lost)
        .bind(app.clock.now())
        .execute(&app.db)
        .await
        .unwrap();
    // Beyond what is lost there is something again.
    let last = Goods {
        number: 5_000,
        ..shelf()[5].clone()
    };
    owners.change("productSnapshots", |products| {
        products.push((product_id(5_000), 2, snapshot(&last, "ACTIVE")));
    });
    start(&app).await;
    let query = "{ searchReindexStatus { phase removedCount } }";
    let mut removed = Vec::new();
    while step(&ctx(&app), None).await.unwrap() == Step::Onward {
        let status = app.client(Role::Admin).run(query, json!({})).await;
        let status = &status["data"]["searchReindexStatus"];
        if status["removedCount"] != 0 {
            removed.push(status["removedCount"].as_i64().unwrap());
        }
    }
    // The last are those of the phases after products.
    assert_eq!(removed, [1_000, 2_000, 2_500, 2_500, 2_500]);
    let status = app.client(Role::Admin).run(STATUS, json!({})).await;
    let status = &status["data"]["searchReindexStatus"];
    assert_eq!(
        (&status["state"], &status["doneCount"]),
        (&json!("DONE"), &json!(36 + 1)),
        "no product twice"
    );
    assert_eq!(differences(&app).await, []);
}

// An older snapshot does not undo what an event has told since
#[tokio::test]
async fn a_rebuild_keeps_what_is_newer_than_the_owner_said() {
    let app = open().await;
    Owners::new().serve(&app);
    let newer = Goods {
        price: 1_234,
        ..shelf()[5].clone()
    };
    deliver(
        &app,
        &[event(
            "product.updated",
            &product_id(6),
            3,
            snapshot(&newer, "ACTIVE"),
        )],
    )
    .await;
    start(&app).await;
    run(&app).await;
    let found = numbers(&app, "query: \"sepatu lari\", where: { priceMax: 2000 }").await;
    assert_eq!(found, [6]);
    assert_eq!(
        differences(&app).await,
        [(product_id(6), "AHEAD".to_owned(), String::new())]
    );
}
