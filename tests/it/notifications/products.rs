use harness::{Role, Subgraph};
use kernel::Id;
use serde_json::{Value, json};
use service::Event;
use uuid::Uuid;

use super::{
    change, consume, event, fan_out, letters, own, product, start, stranger, told, watch, work,
};

/// A change of the product's lowest price.
fn price(version: i32, product: &str, old: i64, new: i64, lowest: i64) -> Event {
    let money = |amount: i64| json!({ "currency": "IDR", "minor_units": amount });
    let changes = json!([{ "sku": "kecil", "newPrice": money(new), "oldPrice": money(old),
        "variantId": "variant_00000000000000000000000004" }]);
    let mut event = event(
        "product.price_changed",
        json!({
            "productId": product, "status": "ACTIVE", "minPrice": money(lowest), "changes": changes,
        }),
    );
    event.version = version;
    event.aggregate_id = product.to_owned();
    event
}

async fn bodies(app: &Subgraph, role: Role) -> Vec<String> {
    let user = own(app, role, "notifications { nodes { body } }").await;
    let nodes = user["notifications"]["nodes"].as_array().unwrap().clone();
    nodes
        .iter()
        .rev()
        .map(|node| node["body"].as_str().unwrap().to_owned())
        .collect()
}

// T-NOT-T (price drop): the lowest price of a product on sale fell. It was 4,500 (the sample).
#[tokio::test]
async fn those_who_watch_hear_of_a_lower_price_and_of_nothing_else() {
    let app = start().await;
    let product = product(&app).await;
    watch(&app, Role::Buyer, &product, json!(["PRICE_DROP"])).await;
    watch(&app, Role::Buyer2, &product, json!(["BACK_IN_STOCK"])).await;
    consume(&app, &price(3, &product, 4_500, 4_000, 4_000)).await;
    // Another variant gets cheaper, the lowest stays; a price rises; an old event comes late.
    consume(&app, &price(4, &product, 9_000, 8_000, 4_000)).await;
    consume(&app, &price(5, &product, 4_000, 5_000, 5_000)).await;
    consume(&app, &price(2, &product, 4_500, 1_000, 1_000)).await;
    work(&app).await;
    let expected = "Kangkung Segar sekarang Rp 4.000, sebelumnya Rp 4.500.";
    assert_eq!(bodies(&app, Role::Buyer).await, [expected]);
    assert_eq!(bodies(&app, Role::Buyer2).await, Vec::<String>::new());
    // Down to the same price on the same day again: told already. Lower: told.
    consume(&app, &price(6, &product, 5_000, 4_000, 4_000)).await;
    consume(&app, &price(7, &product, 4_000, 1_250_000 / 1_000, 1_250)).await;
    work(&app).await;
    assert_eq!(bodies(&app, Role::Buyer).await.len(), 2);
    let found = letters(&app, "text").await;
    assert_eq!(found.len(), 2);
    let english = "Kangkung Segar, which you watch, is now IDR 1,250, was IDR 4,000.";
    let text = found[1]["text"].as_str().unwrap();
    assert!(text.contains(english), "{text}");
    assert!(
        text.contains(&format!("http://127.0.0.1:4000/products/{product}")),
        "{text}"
    );
}

#[tokio::test]
async fn a_product_that_is_not_on_sale_tells_no_price() {
    let app = start().await;
    let product = product(&app).await;
    watch(&app, Role::Buyer, &product, json!(["PRICE_DROP"])).await;
    let mut draft = price(3, &product, 4_500, 4_000, 4_000);
    draft.payload["status"] = json!("DRAFT");
    consume(&app, &draft).await;
    work(&app).await;
    assert_eq!(told(&app, Role::Buyer).await, Vec::<String>::new());
}

// R-NOT: back in stock, once.
#[tokio::test]
async fn those_who_wait_hear_once_that_it_can_be_bought_again() {
    let app = start().await;
    let product = product(&app).await;
    watch(
        &app,
        Role::Buyer,
        &product,
        json!(["BACK_IN_STOCK", "PRICE_DROP"]),
    )
    .await;
    // Two warehouses are filled at once.
    for _ in 0..2 {
        consume(
            &app,
            &event("inventory.restocked", json!({ "productId": product })),
        )
        .await;
    }
    work(&app).await;
    assert_eq!(
        bodies(&app, Role::Buyer).await,
        ["Kangkung Segar yang kamu pantau tersedia lagi."]
    );
    let watches = own(
        &app,
        Role::Buyer,
        "productWatches { nodes { kind product { id } } }",
    )
    .await;
    let left = json!([{ "kind": "PRICE_DROP", "product": { "id": product } }]);
    assert_eq!(watches["productWatches"]["nodes"], left);
    // Who watches again hears of the next time; who began after it happened does not.
    let mut late = event("inventory.restocked", json!({ "productId": product }));
    late.event_time = app.clock.now();
    app.clock.advance(chrono::Duration::minutes(1));
    watch(&app, Role::Buyer, &product, json!(["BACK_IN_STOCK"])).await;
    consume(&app, &late).await;
    work(&app).await;
    assert_eq!(bodies(&app, Role::Buyer).await.len(), 1);
    let mut next = event("inventory.restocked", json!({ "productId": product }));
    next.event_time = app.clock.now();
    consume(&app, &next).await;
    work(&app).await;
    assert_eq!(bodies(&app, Role::Buyer).await.len(), 2);
}

#[tokio::test]
async fn watching_is_idempotent_and_only_for_products_on_sale() {
    let app = start().await;
    let product = product(&app).await;
    let client = app.client(Role::Buyer);
    let input = |id: &str| json!({ "productId": id, "kinds": ["PRICE_DROP"] });
    let run = |field: &'static str, id: String, selection: &'static str| {
        let (client, input) = (client.clone(), input(&id));
        async move { change(&client, field, input, selection).await }
    };
    let first = run(
        "productWatch",
        product.clone(),
        "watches { id kind product { id } createdAt }",
    )
    .await;
    app.clock.advance(chrono::Duration::hours(1));
    let second = run(
        "productWatch",
        product.clone(),
        "watches { id kind product { id } createdAt }",
    )
    .await;
    assert_eq!(first, second);
    assert_eq!(first["watches"][0]["kind"], "PRICE_DROP");
    let strange = Id::<kernel::markers::Product>::from_uuid(Uuid::from_u128(0x77)).to_string();
    let refused = run("productWatch", strange, "watches { id }").await;
    assert_eq!(refused["userErrors"][0]["code"], "NOT_FOUND");
    for _ in 0..2 {
        let done = run(
            "productUnwatch",
            product.clone(),
            "user { productWatches { nodes { id } } }",
        )
        .await;
        assert_eq!(
            done,
            json!({ "user": { "productWatches": { "nodes": [] } }, "userErrors": [] })
        );
    }
    let mut gone = event("product.archived", json!({ "productId": product }));
    gone.version = 9;
    consume(&app, &gone).await;
    let refused = run("productWatch", product.clone(), "watches { id }").await;
    assert_eq!(refused["userErrors"][0]["code"], "NOT_FOUND");
}

#[tokio::test]
async fn a_deleted_product_is_not_watched_any_more() {
    let app = start().await;
    let product = product(&app).await;
    watch(&app, Role::Buyer, &product, json!(["PRICE_DROP"])).await;
    let mut gone = event("product.deleted", json!({ "productId": product }));
    gone.version = 9;
    consume(&app, &gone).await;
    let watches = own(&app, Role::Buyer, "productWatches { nodes { id } }").await;
    assert_eq!(watches["productWatches"]["nodes"], json!([]));
}

#[tokio::test]
async fn a_person_has_at_most_500_watches() {
    let app = start().await;
    let product = product(&app).await;
    watch(&app, Role::Buyer, &product, json!(["PRICE_DROP"])).await;
    sqlx::query(
        "insert into product_watches (id, user_id, product_id, kind, created_at) \
         select gen_random_uuid(), $1, gen_random_uuid(), 'PRICE_DROP', now() from generate_series(1, 499)",
    )
    .bind(harness::user_id(Role::Buyer).uuid())
    .execute(&app.db)
    .await
    .unwrap();
    let again = json!({ "productId": product, "kinds": ["PRICE_DROP"] });
    let client = app.client(Role::Buyer);
    let fine = change(&client, "productWatch", again, "watches { kind }").await;
    assert_eq!(fine["userErrors"], json!([]));
    let more = json!({ "productId": product, "kinds": ["BACK_IN_STOCK"] });
    let refused = change(&client, "productWatch", more, "watches { kind }").await;
    assert_eq!(refused["watches"], Value::Null);
    assert_eq!(refused["userErrors"][0]["code"], "TOO_MANY");
}

// A fan-out to many is written in bounded batches, goes on where it stopped, and reaches everybody once.
#[tokio::test]
async fn many_watchers_are_told_in_batches_also_when_a_worker_dies_in_between() {
    let app = start().await;
    let product = product(&app).await;
    let people: Vec<Uuid> = (0..450).map(|number| stranger(number).uuid()).collect();
    sqlx::query("insert into people (user_id, created_at) select unnest($1::uuid[]), now()")
        .bind(&people)
        .execute(&app.db)
        .await
        .unwrap();
    sqlx::query(
        "insert into product_watches (id, user_id, product_id, kind, created_at) \
         select gen_random_uuid(), id, $2, 'PRICE_DROP', '2025-12-31' from unnest($1::uuid[]) as p (id)",
    )
    .bind(&people)
    .bind(product.parse::<kernel::ProductId>().unwrap().uuid())
    .execute(&app.db)
    .await
    .unwrap();
    consume(&app, &price(3, &product, 4_500, 4_000, 4_000)).await;
    // The third batch cannot be written.
    sqlx::query(
        "create function refuse() returns trigger language plpgsql as $$ begin \
         if (select count(*) from notifications) > 400 then raise exception 'full'; end if; return null; end $$",
    )
    .execute(&app.db)
    .await
    .unwrap();
    sqlx::query("create trigger refuse after insert on notifications execute function refuse()")
        .execute(&app.db)
        .await
        .unwrap();
    fan_out(&app).await;
    let count = || async {
        let counts: (i64, i64, i64) = sqlx::query_as(
            "select (select count(*) from notifications), (select count(*) from deliveries), \
             (select count(*) from people where last_seq = 1)",
        )
        .fetch_one(&app.db)
        .await
        .unwrap();
        counts
    };
    let batch = 2 * notifications::commands::BATCH;
    assert_eq!(count().await, (batch, batch, batch));
    sqlx::query("drop trigger refuse on notifications")
        .execute(&app.db)
        .await
        .unwrap();
    app.clock.advance(chrono::Duration::minutes(2));
    fan_out(&app).await;
    assert_eq!(count().await, (450, 450, 450));
}
