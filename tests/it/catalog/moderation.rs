use harness::Role;
use serde_json::{Value, json};

use super::{category, change, code, kale, publish, start};

// T-PRD-9 take-down; product.suspended, product.reinstated
#[tokio::test]
async fn a_moderator_takes_a_product_down_and_gives_it_back_as_a_draft() {
    let app = start().await;
    let id = publish(&app, kale(&category(&app, "sayur", None).await, "k")).await;
    let admin = app.client(Role::Admin);
    let selection = "product { status suspensionReason version }";
    let input = |version: i32, reason: &str| json!({ "productId": id, "expectedVersion": version, "reason": reason });
    let suspended = change(
        &admin,
        "productSuspend",
        selection,
        input(2, "Barang palsu"),
    )
    .await;
    assert_eq!(
        suspended,
        json!({ "product": { "status": "SUSPENDED", "suspensionReason": "Barang palsu", "version": 3 }, "userErrors": [] })
    );
    harness::assert_golden_event(
        &catalog::events::contracts(),
        app.outbox().await.last().unwrap(),
    );
    let again = change(
        &admin,
        "productSuspend",
        selection,
        input(3, "Barang palsu"),
    )
    .await;
    assert_eq!(
        again["userErrors"][0]["message"],
        "the product is suspended already; it is SUSPENDED"
    );

    let reinstated = change(
        &admin,
        "productReinstate",
        selection,
        input(3, "Sudah diperbaiki"),
    )
    .await;
    assert_eq!(
        reinstated["product"],
        json!({ "status": "DRAFT", "suspensionReason": null, "version": 4 })
    );
    harness::assert_golden_event(
        &catalog::events::contracts(),
        app.outbox().await.last().unwrap(),
    );
    let again = change(&admin, "productReinstate", selection, input(4, "lagi")).await;
    assert_eq!(code(&again), "INVALID_STATE");
}

#[tokio::test]
async fn the_shop_sees_why_and_mends_it_but_cannot_bring_it_back() {
    let app = start().await;
    let id = publish(&app, kale(&category(&app, "sayur", None).await, "k")).await;
    let selection = "product { status }";
    let down = json!({ "productId": id, "expectedVersion": 2, "reason": "Barang palsu" });
    change(&app.client(Role::Admin), "productSuspend", selection, down).await;
    let seller = app.client(Role::Seller);
    let query = "query($id: ID!) { product(id: $id) { suspensionReason } }";
    let seen = seller.run(query, json!({ "id": id })).await;
    assert_eq!(seen["data"]["product"]["suspensionReason"], "Barang palsu");
    for field in [
        "productPublish",
        "productUnpublish",
        "productArchive",
        "productDelete",
    ] {
        let read = if field == "productDelete" {
            "deletedProductId"
        } else {
            selection
        };
        let input = json!({ "productId": id, "expectedVersion": 3 });
        assert_eq!(
            code(&change(&seller, field, read, input).await),
            "INVALID_STATE",
            "{field}"
        );
    }
    let mend = json!({ "productId": id, "expectedVersion": 3, "name": "Kangkung asli" });
    let mended = change(&seller, "productUpdate", selection, mend).await;
    assert_eq!(mended["product"]["status"], "SUSPENDED");
}

#[tokio::test]
async fn a_take_down_needs_a_reason_a_version_and_a_product() {
    let app = start().await;
    let id = publish(&app, kale(&category(&app, "sayur", None).await, "k")).await;
    let admin = app.client(Role::Admin);
    let missing = json!("product_7zzzzzzzzzzzzzzzzzzzzzzzzz");
    for (id, version, reason, expected) in [
        (json!(id), 2, "ya".to_owned(), "INVALID_VALUE"),
        (json!(id), 2, "x".repeat(501), "INVALID_VALUE"),
        (json!(id), 1, "Barang palsu".to_owned(), "VERSION_CONFLICT"),
        (missing, 1, "Barang palsu".to_owned(), "NOT_FOUND"),
    ] {
        let input = json!({ "productId": id, "expectedVersion": version, "reason": reason });
        let reply = change(&admin, "productSuspend", "product { id }", input).await;
        assert_eq!(
            (code(&reply).as_str(), &reply["product"]),
            (expected, &Value::Null)
        );
    }
}
