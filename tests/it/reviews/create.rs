use futures_util::future::join_all;
use harness::{Role, user_id};
use serde_json::{Value, json};

use super::{change, code, event_types, opinion, product, review, shop, start};

// T-REV-2, L-REV-V review.created
#[tokio::test]
async fn a_buyer_reviews_a_product_and_the_event_is_in_the_outbox() {
    let app = start().await;
    let buyer = app.client(Role::Buyer);
    let payload = change(&buyer, "reviewCreate", opinion(product(1), 5, "k1")).await;
    assert_eq!(
        payload,
        json!({
            "review": {
                "id": "review_00000000000000000000000001", "product": { "id": product(1) },
                "seller": { "id": shop(1) }, "author": { "id": user_id(Role::Buyer) },
                "rating": 5, "title": "Puas sekali", "body": "Kainnya halus dan jahitannya rapi.",
                "status": "PUBLISHED", "helpfulCount": 0, "unhelpfulCount": 0, "viewerVote": null,
                "response": null, "isEdited": false, "version": 1,
                "createdAt": "2026-01-01T00:00:00+00:00", "updatedAt": "2026-01-01T00:00:00+00:00",
                "moderation": { "holdReasons": [], "heldAt": null, "decisionReason": null },
            },
            "userErrors": [],
        })
    );
    // Also the sample of rating.changed.
    app.assert_golden_events().await;
    assert_eq!(event_types(&app).await, ["review.created"]);
    let calls = app.peers.calls();
    assert_eq!(calls.len(), 2, "{calls:?}");
}

#[tokio::test]
async fn a_title_is_optional_and_texts_lose_the_space_around_them() {
    let app = start().await;
    let mut input = opinion(product(1), 4, "k1");
    input["title"] = json!("  ");
    input["body"] = json!("\n  Ok \n");
    let payload = change(&app.client(Role::Buyer), "reviewCreate", input).await;
    assert_eq!(payload["review"]["title"], Value::Null);
    assert_eq!(payload["review"]["body"], "Ok");
}

// T-REV-R: what the screening finds waits for a moderator
#[tokio::test]
async fn a_text_with_a_phone_number_waits_for_a_moderator_and_does_not_count() {
    let app = start().await;
    let mut input = opinion(product(1), 1, "k1");
    input["body"] = json!("Hubungi saya saja di 0812-3456-7890, lebih murah");
    let payload = change(&app.client(Role::Buyer), "reviewCreate", input).await;
    assert_eq!(payload["review"]["status"], "PENDING");
    assert_eq!(
        payload["review"]["moderation"],
        json!({ "holdReasons": ["PHONE_NUMBER"], "heldAt": "2026-01-01T00:00:00+00:00",
                "decisionReason": null })
    );
    let event = &app.outbox().await[0];
    assert_eq!(event["payload"]["status"], "PENDING");
    assert_eq!(event["payload"]["holdReasons"], json!(["PHONE_NUMBER"]));
    let rating = super::rating(&app, "Product", product(1).to_string()).await;
    assert_eq!(rating["count"], 0);
}

// design.md 5: idempotency
#[tokio::test]
async fn the_same_key_gives_the_first_answer_even_when_the_product_and_its_catalogue_are_gone() {
    let app = start().await;
    let buyer = app.client(Role::Buyer);
    let first = change(&buyer, "reviewCreate", opinion(product(1), 5, "k1")).await;
    let update = json!({ "reviewId": first["review"]["id"], "expectedVersion": 1, "rating": 1 });
    assert_eq!(code(&buyer, "reviewUpdate", update).await, "ok");
    for broken in [false, true] {
        if broken {
            app.peers.fail("catalog");
        } else {
            app.peers.answer("catalog", json!({ "productOwners": [] }));
        }
        let again = change(&buyer, "reviewCreate", opinion(product(1), 5, "k1")).await;
        assert_eq!(again, first);
    }
    let other = code(&buyer, "reviewCreate", opinion(product(1), 4, "k1")).await;
    assert_eq!(other, "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(
        event_types(&app).await,
        ["review.created", "review.updated"]
    );
}

#[tokio::test]
async fn ten_requests_at_once_with_one_key_make_one_review() {
    let app = start().await;
    let buyer = app.client(Role::Buyer);
    let input = opinion(product(1), 5, "k1");
    let payloads = join_all((0..10).map(|_| change(&buyer, "reviewCreate", input.clone()))).await;
    assert!(
        payloads.iter().all(|payload| *payload == payloads[0]),
        "{payloads:?}"
    );
    assert_eq!(event_types(&app).await, ["review.created"]);
}

#[tokio::test]
async fn ten_requests_at_once_with_ten_keys_make_one_review() {
    let app = start().await;
    let buyer = app.client(Role::Buyer);
    let codes = join_all((0..10).map(|number| {
        let (buyer, key) = (buyer.clone(), format!("k{number}"));
        async move { code(&buyer, "reviewCreate", opinion(product(1), 5, &key)).await }
    }))
    .await;
    assert_eq!(codes.iter().filter(|code| *code == "ok").count(), 1);
    assert_eq!(
        codes
            .iter()
            .filter(|code| *code == "ALREADY_EXISTS")
            .count(),
        9
    );
    assert_eq!(event_types(&app).await, ["review.created"]);
    let rating = super::rating(&app, "Product", product(1).to_string()).await;
    assert_eq!(rating["count"], 1);
}

#[tokio::test]
async fn what_is_not_for_the_caller_to_review_is_refused_with_its_path() {
    let app = start().await;
    let buyer = app.client(Role::Buyer);
    review(&buyer, product(1), 5).await;
    for (role, product_id, code, message) in [
        (
            Role::Buyer,
            product(13),
            "NOT_FOUND",
            "there is no such product on sale",
        ),
        (
            Role::Buyer,
            product(1_000),
            "NOT_FOUND",
            "there is no such product on sale",
        ),
        (
            Role::Buyer,
            product(1),
            "ALREADY_EXISTS",
            "you have reviewed this product already: change that review instead",
        ),
        (
            Role::Seller,
            product(1),
            "NOT_PERMITTED",
            "the people of a shop do not review its products",
        ),
    ] {
        let input = opinion(product_id, 5, "another");
        assert_eq!(
            change(&app.client(role), "reviewCreate", input).await,
            json!({ "review": null, "userErrors": [{ "__typename": "Refusal", "code": code,
                    "message": message, "path": ["input", "productId"] }] })
        );
    }
    review(&app.client(Role::Seller2), product(1), 4).await;
    review(&buyer, product(2), 4).await;
    assert_eq!(event_types(&app).await.len(), 3);
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused_with_its_path_and_leaves_nothing() {
    let app = start().await;
    let buyer = app.client(Role::Buyer);
    let body = "must have 2 to 5000 characters";
    for (field, value, message) in [
        ("rating", json!(0), "must be 1 to 5 stars"),
        ("rating", json!(6), "must be 1 to 5 stars"),
        ("rating", json!(-1), "must be 1 to 5 stars"),
        ("rating", json!(i32::MAX), "must be 1 to 5 stars"),
        (
            "title",
            json!("x".repeat(121)),
            "must have at most 120 characters",
        ),
        ("title", json!("a\tb"), "must have at most 120 characters"),
        ("body", json!(""), body),
        ("body", json!(" x "), body),
        ("body", json!("é".repeat(5_001)), body),
        ("body", json!("control\u{1}l"), body),
    ] {
        let mut input = opinion(product(1), 5, "k1");
        input[field] = value;
        assert_eq!(
            change(&buyer, "reviewCreate", input).await,
            json!({ "review": null, "userErrors": [{ "__typename": "Refusal",
                    "code": "INVALID_VALUE", "message": format!("`{field}` {message}"),
                    "path": ["input", field] }] })
        );
    }
    for (field, value) in [
        ("idempotencyKey", json!("")),
        ("idempotencyKey", json!("x".repeat(256))),
        ("productId", json!("seller_00000000000000000000000001")),
    ] {
        let mut input = opinion(product(1), 5, "k1");
        input[field] = value;
        assert_eq!(code(&buyer, "reviewCreate", input).await, "BAD_USER_INPUT");
    }
    assert!(app.outbox().await.is_empty());
    for table in [
        "reviews",
        "idempotency_keys",
        "product_ratings",
        "seller_ratings",
    ] {
        let query = sqlx::AssertSqlSafe(format!("select count(*) from {table}"));
        let rows: i64 = sqlx::query_scalar(query).fetch_one(&app.db).await.unwrap();
        assert_eq!(rows, 0, "{table}");
    }
}

#[tokio::test]
async fn without_its_peers_nothing_is_written_and_the_caller_may_try_again() {
    for peer in ["catalog", "sellers"] {
        let app = start().await;
        app.peers.fail(peer);
        let buyer = app.client(Role::Buyer);
        let input = opinion(product(1), 5, "k1");
        assert_eq!(
            code(&buyer, "reviewCreate", input.clone()).await,
            "UNAVAILABLE"
        );
        assert!(app.outbox().await.is_empty());
        app.peers.answer(
            "catalog",
            json!({ "productOwners":
            [{ "sellerId": shop(1), "isPublished": true }] }),
        );
        app.peers
            .answer("sellers", json!({ "sellerMemberRole": null }));
        assert_eq!(code(&buyer, "reviewCreate", input).await, "ok");
    }
}
