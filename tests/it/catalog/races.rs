use std::collections::HashMap;

use futures_util::future::join_all;
use harness::Role;
use serde_json::{Value, json};

use super::{category, change, code, create, kale, publish, start, text, variant};

/// How often each outcome was met.
fn tally(replies: &[Value]) -> HashMap<String, usize> {
    let mut met = HashMap::new();
    for reply in replies {
        *met.entry(code(reply)).or_insert(0) += 1;
    }
    met
}

fn expected<const N: usize>(outcomes: [(&str, usize); N]) -> HashMap<String, usize> {
    outcomes
        .map(|(code, count)| (code.to_owned(), count))
        .into()
}

#[tokio::test]
async fn ten_creations_at_once_with_one_key_make_one_product() {
    let app = start().await;
    let vegetables = category(&app, "sayur", None).await;
    let seller = app.client(Role::Seller);
    let selection = "product { id slug variants { id } }";
    let replies = join_all(
        (0..10).map(|_| change(&seller, "productCreate", selection, kale(&vegetables, "k"))),
    )
    .await;
    assert!(
        replies.iter().all(|reply| *reply == replies[0]),
        "{replies:?}"
    );
    assert_eq!(app.outbox().await.len(), 2);
}

// T-PRD-E slug unique
#[tokio::test]
async fn twenty_products_of_one_name_at_once_get_twenty_slugs() {
    let app = start().await;
    let vegetables = category(&app, "sayur", None).await;
    let seller = app.client(Role::Seller);
    let replies = join_all((0..20).map(|number| {
        let input = kale(&vegetables, &format!("k{number}"));
        change(&seller, "productCreate", "product { slug }", input)
    }))
    .await;
    let slugs: std::collections::HashSet<_> = replies
        .iter()
        .map(|reply| text(reply, "/product/slug"))
        .collect();
    assert_eq!(slugs.len(), 20);
    assert!(slugs.contains("kangkung-segar"));

    let replies = join_all((0..10).map(|number| {
        let mut input = kale(&vegetables, &format!("c{number}"));
        input["slug"] = json!("pilihan-sendiri");
        change(&seller, "productCreate", "product { slug }", input)
    }))
    .await;
    assert_eq!(
        tally(&replies),
        expected([("ok", 1), ("ALREADY_EXISTS", 9)])
    );
}

#[tokio::test]
async fn the_same_skus_in_any_order_at_once_end_in_one_product_and_no_deadlock() {
    let app = start().await;
    let vegetables = category(&app, "sayur", None).await;
    // Slow rows, so that the commands meet in the middle of their statements.
    sqlx::raw_sql(
        "create function dawdle() returns trigger language plpgsql as \
         $$ begin perform pg_sleep(0.005); return new; end $$; \
         create trigger dawdle before insert on product_variants for each row execute function dawdle()",
    )
    .execute(&app.db)
    .await
    .unwrap();
    let seller = app.client(Role::Seller);
    let replies = join_all((0..10).map(|number| {
        let mut variants: Vec<_> = (0..10).map(|sku| variant(&format!("s{sku}"), 1)).collect();
        if number % 2 == 0 {
            variants.reverse();
        }
        let mut input = kale(&vegetables, &format!("k{number}"));
        // Names of their own, else they would wait for each other's slug.
        input["name"] = json!(format!("Kangkung {number}"));
        input["variants"] = json!(variants);
        change(&seller, "productCreate", "product { id }", input)
    }))
    .await;
    assert_eq!(
        tally(&replies),
        expected([("ok", 1), ("ALREADY_EXISTS", 9)])
    );
}

// design.md 5: versions
#[tokio::test]
async fn of_many_updates_of_one_version_exactly_one_is_done() {
    let app = start().await;
    let product = create(&app, kale(&category(&app, "sayur", None).await, "k")).await;
    let seller = app.client(Role::Seller);
    let replies = join_all((0..10).map(|number| {
        let input = json!({ "productId": product["id"], "expectedVersion": 1, "name": format!("Nama {number}") });
        change(&seller, "productUpdate", "product { version }", input)
    }))
    .await;
    assert_eq!(
        tally(&replies),
        expected([("ok", 1), ("VERSION_CONFLICT", 9)])
    );
}

#[tokio::test]
async fn variants_added_at_once_are_all_there_and_their_events_are_numbered_without_gap() {
    let app = start().await;
    let mut input = kale(&category(&app, "sayur", None).await, "k");
    input["variants"] = (0..95)
        .map(|number| variant(&format!("s{number}"), 1))
        .collect();
    let product = create(&app, input).await;
    let seller = app.client(Role::Seller);
    let replies = join_all((0..10).map(|number| {
        let input = json!({ "productId": product["id"], "variant": variant(&format!("n{number}"), 1),
            "idempotencyKey": format!("n{number}") });
        change(&seller, "productVariantAdd", "product { version }", input)
    }))
    .await;
    assert_eq!(tally(&replies), expected([("ok", 5), ("TOO_MANY", 5)]));
    let events = app.outbox().await;
    let versions: Vec<_> = events
        .iter()
        .filter(|event| event["aggregateId"] == product["id"])
        .map(|event| event["version"].as_i64().unwrap())
        .collect();
    assert_eq!(versions, [1, 2, 3, 4, 5, 6]);
}

// T-CAT-4..6: no cycle, no lost child
#[tokio::test]
async fn two_categories_moved_below_each_other_at_once_make_no_cycle() {
    let app = start().await;
    let admin = app.client(Role::Admin);
    for round in 0..5 {
        let a = category(&app, &format!("satu-{round}"), None).await;
        let b = category(&app, &format!("dua-{round}"), None).await;
        let relocate = |id: &str, parent: &str| {
            let input = json!({ "categoryId": id, "expectedVersion": 1, "parentId": parent });
            let admin = admin.clone();
            async move { change(&admin, "categoryMove", "category { id }", input).await }
        };
        let (first, second) = tokio::join!(relocate(&a, &b), relocate(&b, &a));
        assert_eq!(
            tally(&[first, second]),
            expected([("ok", 1), ("INVALID_STATE", 1)])
        );
    }
}

#[tokio::test]
async fn the_depth_holds_when_a_chain_grows_from_both_ends_at_once() {
    let app = start().await;
    let admin = app.client(Role::Admin);
    for round in 0..5 {
        let name = |part: &str| format!("{part}-{round}");
        let mut top = category(&app, &name("atas"), None).await;
        let root = top.clone();
        for level in 0..3 {
            top = category(&app, &name(&format!("atas-{level}")), Some(&top)).await;
        }
        let low = category(&app, &name("bawah"), None).await;
        let lower = category(&app, &name("bawah-a"), Some(&low)).await;
        let (_, other) = (root, lower.clone());
        let relocate = json!({ "categoryId": low, "expectedVersion": 1, "parentId": top });
        let grow = json!({ "parentId": other, "slug": name("bawah-b"), "name": "xx", "nameEn": "xx",
            "idempotencyKey": name("k") });
        let replies = tokio::join!(
            change(&admin, "categoryMove", "category { id }", relocate),
            change(&admin, "categoryCreate", "category { id }", grow),
        );
        assert_eq!(
            tally(&[replies.0, replies.1]),
            expected([("ok", 1), ("INVALID_STATE", 1)])
        );
    }
}

#[tokio::test]
async fn a_category_is_not_deleted_under_a_product_that_is_being_created() {
    let app = start().await;
    let (admin, seller) = (app.client(Role::Admin), app.client(Role::Seller));
    for round in 0..10 {
        let id = category(&app, &format!("sayur-{round}"), None).await;
        let delete = json!({ "categoryId": id, "expectedVersion": 1 });
        let (deleted, created) = tokio::join!(
            change(&admin, "categoryDelete", "deletedCategoryId", delete),
            change(
                &seller,
                "productCreate",
                "product { category { id } }",
                kale(&id, &format!("k{round}"))
            ),
        );
        let met = (code(&deleted), code(&created));
        let one_won = met == ("ok".to_owned(), "NOT_FOUND".to_owned())
            || met == ("INVALID_STATE".to_owned(), "ok".to_owned());
        assert!(one_won, "{met:?}");
    }
}

#[tokio::test]
async fn category_commands_at_once_do_not_block_each_other_for_ever() {
    let app = start().await;
    let admin = app.client(Role::Admin);
    let (a, b) = (
        category(&app, "satu", None).await,
        category(&app, "dua", None).await,
    );
    let attribute = super::attribute(&app, &a, json!({ "code": "asal", "kind": "TEXT" })).await;
    let replies = join_all((0..30).map(|number| {
        let (field, input) = match number % 3 {
            0 => (
                "categoryUpdate",
                json!({ "categoryId": a, "expectedVersion": 2, "name": format!("Nama {number}") }),
            ),
            1 => (
                "categoryMove",
                json!({ "categoryId": b, "expectedVersion": 1, "parentId": a }),
            ),
            _ => (
                "categoryAttributeAttach",
                json!({ "categoryId": b, "attributeId": attribute }),
            ),
        };
        let admin = admin.clone();
        async move { change(&admin, field, "category { id }", input).await }
    }))
    .await;
    let met = tally(&replies);
    let known = met
        .keys()
        .all(|code| code == "ok" || code == "VERSION_CONFLICT");
    assert!(known, "{met:?}");
}

#[tokio::test]
async fn a_moderator_and_the_shop_at_once_leave_one_order_of_events() {
    let app = start().await;
    let id = publish(&app, kale(&category(&app, "sayur", None).await, "k")).await;
    let suspend = json!({ "productId": id, "expectedVersion": 2, "reason": "Barang palsu" });
    let archive = json!({ "productId": id, "expectedVersion": 2 });
    let (admin, seller) = (app.client(Role::Admin), app.client(Role::Seller));
    let replies = tokio::join!(
        change(&admin, "productSuspend", "product { id }", suspend),
        change(&seller, "productArchive", "product { id }", archive),
    );
    assert_eq!(
        tally(&[replies.0, replies.1]),
        expected([("ok", 1), ("VERSION_CONFLICT", 1)])
    );
}
