use harness::Role;
use serde_json::json;

use super::{category, change, code, create, kale, other_shop, start, text, variant};

const VARIANT: &str = "product { version priceRange { min { minorUnits } max { minorUnits } }
    variants { sku position } } variant { sku name price { minorUnits } weightGrams product { id } }";

// L-PRD-V product.variant_added
#[tokio::test]
async fn a_variant_is_added_behind_the_others_once_per_key() {
    let app = start().await;
    let vegetables = category(&app, "sayur", None).await;
    let product = create(&app, kale(&vegetables, "kecil")).await;
    let seller = app.client(Role::Seller);
    let input = json!({ "productId": product["id"], "variant": variant("besar", 9_000), "idempotencyKey": "1" });
    let added = change(&seller, "productVariantAdd", VARIANT, input.clone()).await;
    assert_eq!(
        added,
        json!({
            "product": { "version": 2, "priceRange": { "min": { "minorUnits": "4500" }, "max": { "minorUnits": "9000" } },
                "variants": [{ "sku": "kecil", "position": 0 }, { "sku": "besar", "position": 1 }] },
            "variant": { "sku": "besar", "name": "besar", "price": { "minorUnits": "9000" }, "weightGrams": 250,
                "product": { "id": product["id"] } },
            "userErrors": [],
        })
    );
    harness::assert_golden_event(
        &catalog::events::contracts(),
        app.outbox().await.last().unwrap(),
    );
    assert_eq!(
        change(&seller, "productVariantAdd", VARIANT, input.clone()).await,
        added
    );
    let mut reused = input;
    reused["variant"]["sku"] = json!("lain");
    let reused = change(&seller, "productVariantAdd", VARIANT, reused).await;
    assert_eq!(code(&reused), "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(app.outbox().await.len(), 3, "category, product, variant");
}

// T-PRD-R price management; L-PRD-V
#[tokio::test]
async fn a_new_price_is_an_event_of_its_own_and_moves_the_range() {
    let app = start().await;
    let vegetables = category(&app, "sayur", None).await;
    let product = create(&app, kale(&vegetables, "kecil")).await;
    let id = text(&product, "/variants/0/id");
    let seller = app.client(Role::Seller);
    let input = json!({ "variantId": id, "expectedVersion": 1, "price": { "minorUnits": "4000", "currency": "IDR" },
        "compareAtPrice": { "minorUnits": "4500", "currency": "IDR" } });
    let updated = change(&seller, "productVariantUpdate", VARIANT, input).await;
    assert_eq!(updated["product"]["version"], 3, "two events, two versions");
    assert_eq!(
        updated["product"]["priceRange"],
        json!({ "min": { "minorUnits": "4000" }, "max": { "minorUnits": "4000" } })
    );
    let events = app.outbox().await;
    let [.., first, second] = events.as_slice() else {
        panic!("two events")
    };
    assert_eq!(first["eventType"], "product.variant_updated");
    assert_eq!(
        (&first["version"], &second["version"]),
        (&json!(2), &json!(3))
    );
    assert_eq!(
        second["payload"]["changes"],
        json!([{ "variantId": id, "sku": "kecil", "oldPrice": { "minor_units": 4500, "currency": "IDR" },
            "newPrice": { "minor_units": 4000, "currency": "IDR" } }])
    );
    for event in [first, second] {
        harness::assert_golden_event(&catalog::events::contracts(), event);
    }

    let only_name = json!({ "variantId": id, "expectedVersion": 3, "name": "Ikat kecil", "sku": "kcl",
        "optionValues": [], "compareAtPrice": null, "weightGrams": null, "dimensions": null });
    let selection =
        "product { version compareAtPrice { minorUnits } } variant { sku name optionValues { name }
        compareAtPrice { minorUnits } weightGrams dimensions { lengthMm } }";
    let updated = change(&seller, "productVariantUpdate", selection, only_name).await;
    assert_eq!(
        updated,
        json!({
            "product": { "version": 4, "compareAtPrice": null },
            "variant": { "sku": "kcl", "name": "Ikat kecil", "optionValues": [], "compareAtPrice": null,
                "weightGrams": null, "dimensions": null },
            "userErrors": [],
        })
    );
}

#[tokio::test]
async fn a_variant_is_removed_but_never_the_last() {
    let app = start().await;
    let mut input = kale(&category(&app, "sayur", None).await, "k");
    input["variants"] = json!([variant("a", 1_000), variant("b", 2_000)]);
    let product = create(&app, input).await;
    let seller = app.client(Role::Seller);
    let remove = |index: usize, version: i32| {
        let id = text(&product, &format!("/variants/{index}/id"));
        json!({ "variantId": id, "expectedVersion": version })
    };
    let selection =
        "product { version variants { sku position } priceRange { min { minorUnits } } }";
    let stale = change(&seller, "productVariantRemove", selection, remove(0, 9)).await;
    assert_eq!(stale["userErrors"][0]["currentVersion"], 1);
    let removed = change(&seller, "productVariantRemove", selection, remove(0, 1)).await;
    assert_eq!(
        removed["product"],
        json!({ "version": 2, "variants": [{ "sku": "b", "position": 1 }], "priceRange": { "min": { "minorUnits": "2000" } } })
    );
    harness::assert_golden_event(
        &catalog::events::contracts(),
        app.outbox().await.last().unwrap(),
    );
    let gone = change(&seller, "productVariantRemove", selection, remove(0, 2)).await;
    assert_eq!(code(&gone), "NOT_FOUND");
    let last = change(&seller, "productVariantRemove", selection, remove(1, 2)).await;
    assert_eq!(code(&last), "INVALID_STATE");

    let add =
        json!({ "productId": product["id"], "variant": variant("c", 1), "idempotencyKey": "c" });
    let added = change(&seller, "productVariantAdd", selection, add).await;
    assert_eq!(
        added["product"]["variants"][1],
        json!({ "sku": "c", "position": 2 })
    );
}

// T-PRD-E: a SKU is unique in a shop
#[tokio::test]
async fn a_sku_is_taken_for_one_shop_and_free_for_another() {
    let app = start().await;
    let vegetables = category(&app, "sayur", None).await;
    let first = create(&app, kale(&vegetables, "SKU-1")).await;
    let second = create(&app, kale(&vegetables, "SKU-2")).await;
    let seller = app.client(Role::Seller);
    let taken = json!([{ "__typename": "Refusal", "code": "ALREADY_EXISTS",
        "message": "another product of the shop has a variant with this SKU", "path": null }]);

    let mut input = kale(&vegetables, "SKU-1");
    input["idempotencyKey"] = json!("other");
    let refused = change(&seller, "productCreate", "product { id }", input.clone()).await;
    assert_eq!(refused["userErrors"], taken);
    let add =
        json!({ "productId": second["id"], "variant": variant("SKU-1", 1), "idempotencyKey": "x" });
    let refused = change(&seller, "productVariantAdd", "product { id }", add).await;
    assert_eq!(refused["userErrors"], taken);
    let id = text(&second, "/variants/0/id");
    let update = json!({ "variantId": id, "expectedVersion": 1, "sku": "SKU-1" });
    let refused = change(&seller, "productVariantUpdate", "product { id }", update).await;
    assert_eq!(refused["userErrors"], taken);

    let twin =
        json!({ "productId": first["id"], "variant": variant("SKU-1", 1), "idempotencyKey": "y" });
    let refused = change(&seller, "productVariantAdd", "product { id }", twin).await;
    assert_eq!(
        refused["userErrors"][0]["path"],
        json!(["input", "variant", "sku"])
    );

    input["sellerId"] = json!(other_shop());
    create(&app, input).await;
}

#[tokio::test]
async fn a_product_has_at_most_a_hundred_variants() {
    let app = start().await;
    let mut input = kale(&category(&app, "sayur", None).await, "k");
    let many = (0..100).map(|number| variant(&format!("s{number}"), 1_000));
    input["variants"] = many.collect();
    let product = create(&app, input).await;
    let add = json!({ "productId": product["id"], "variant": variant("one-more", 1), "idempotencyKey": "x" });
    let refused = change(
        &app.client(Role::Seller),
        "productVariantAdd",
        "product { id }",
        add,
    )
    .await;
    assert_eq!(code(&refused), "TOO_MANY");
}
