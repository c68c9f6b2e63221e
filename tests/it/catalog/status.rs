use harness::{Role, Subgraph};
use serde_json::{Value, json};

use super::{attribute, category, change, code, create, kale, publish, start, variant};

async fn status(app: &Subgraph, field: &str, id: &Value, version: i32) -> Value {
    let input = json!({ "productId": id, "expectedVersion": version });
    let selection = "product { status version publishedAt }";
    change(&app.client(Role::Seller), field, selection, input).await
}

// T-PRD-9, L-PRD-V product.published, product.unpublished, product.archived
#[tokio::test]
async fn a_product_goes_to_the_shelf_and_off_it() {
    let app = start().await;
    let product = create(&app, kale(&category(&app, "sayur", None).await, "k")).await;
    let id = &product["id"];
    let first = "2026-01-01T00:00:00+00:00";
    let later = "2026-01-01T01:00:00+00:00";
    for (field, version, status_now, published_at) in [
        ("productPublish", 1, "ACTIVE", first),
        ("productUnpublish", 2, "DRAFT", first),
        ("productPublish", 3, "ACTIVE", later),
        ("productArchive", 4, "ARCHIVED", later),
        ("productUnpublish", 5, "DRAFT", later),
        ("productArchive", 6, "ARCHIVED", later),
    ] {
        if version == 3 {
            app.clock.advance(chrono::Duration::hours(1));
        }
        let reply = status(&app, field, id, version).await;
        assert_eq!(
            reply,
            json!({ "product": { "status": status_now, "version": version + 1, "publishedAt": published_at },
                "userErrors": [] }),
            "{field}"
        );
        let events = app.outbox().await;
        let event = events.last().unwrap();
        assert_eq!(event["version"], version + 1);
        if version == 1 || version == 2 || version == 4 {
            harness::assert_golden_event(&catalog::events::contracts(), event);
        }
    }
}

#[tokio::test]
async fn what_the_state_does_not_allow_is_refused_with_what_would_be() {
    let app = start().await;
    let vegetables = category(&app, "sayur", None).await;
    let product = create(&app, kale(&vegetables, "k")).await;
    let id = &product["id"];
    let refused = status(&app, "productUnpublish", id, 1).await;
    assert_eq!(
        refused["userErrors"],
        json!([{ "__typename": "Refusal", "code": "INVALID_STATE", "path": null,
            "message": "only an ACTIVE or ARCHIVED product can become a draft again; it is DRAFT" }])
    );
    assert_eq!(code(&status(&app, "productArchive", id, 1).await), "ok");
    let message = "an archived product cannot be changed: make it a draft first; it is ARCHIVED";
    let seller = app.client(Role::Seller);
    let variant_id = &product["variants"][0]["id"];
    for (field, input) in [
        (
            "productUpdate",
            json!({ "productId": id, "expectedVersion": 2 }),
        ),
        (
            "productVariantAdd",
            json!({ "productId": id, "variant": variant("x", 1), "idempotencyKey": "x" }),
        ),
        (
            "productVariantUpdate",
            json!({ "variantId": variant_id, "expectedVersion": 2 }),
        ),
        (
            "productVariantRemove",
            json!({ "variantId": variant_id, "expectedVersion": 2 }),
        ),
    ] {
        let reply = change(&seller, field, "product { id }", input).await;
        assert_eq!(reply["userErrors"][0]["message"], message, "{field}");
    }
    assert_eq!(
        code(&status(&app, "productPublish", id, 2).await),
        "INVALID_STATE"
    );
    assert_eq!(
        code(&status(&app, "productPublish", id, 1).await),
        "VERSION_CONFLICT"
    );
}

// T-PRD-9, C26
#[tokio::test]
async fn a_physical_product_is_published_only_when_every_variant_has_a_weight() {
    let app = start().await;
    let mut input = kale(&category(&app, "sayur", None).await, "k");
    input["variants"] = json!([variant("a", 1), variant("b", 1)]);
    input["variants"][1]["weightGrams"] = Value::Null;
    let product = create(&app, input).await;
    let refused = status(&app, "productPublish", &product["id"], 1).await;
    let message = "the variant `b` needs a weight: a physical product is shipped";
    assert_eq!(refused["userErrors"][0]["message"], message);

    let seller = app.client(Role::Seller);
    let heavy = json!({ "variantId": product["variants"][1]["id"], "expectedVersion": 1, "weightGrams": 5 });
    assert_eq!(
        code(&change(&seller, "productVariantUpdate", "product { id }", heavy).await),
        "ok"
    );
    assert_eq!(
        code(&status(&app, "productPublish", &product["id"], 2).await),
        "ok"
    );

    let light = json!({ "variantId": product["variants"][1]["id"], "expectedVersion": 3, "weightGrams": null });
    let refused = change(&seller, "productVariantUpdate", "product { id }", light).await;
    assert_eq!(
        refused["userErrors"][0]["message"], message,
        "also while it is on the shelf"
    );
    let mut add =
        json!({ "productId": product["id"], "variant": variant("c", 1), "idempotencyKey": "c" });
    add["variant"]["weightGrams"] = Value::Null;
    let refused = change(&seller, "productVariantAdd", "product { id }", add).await;
    assert_eq!(code(&refused), "INVALID_STATE");
}

// T-CAT-9 required attributes
#[tokio::test]
async fn a_product_is_published_only_with_the_required_attributes_of_its_category() {
    let app = start().await;
    let food = category(&app, "pangan", None).await;
    let vegetables = category(&app, "sayur", Some(&food)).await;
    attribute(
        &app,
        &food,
        json!({ "code": "asal", "kind": "TEXT", "isRequired": true }),
    )
    .await;
    let product = create(&app, kale(&vegetables, "k")).await;
    let id = &product["id"];
    let refused = status(&app, "productPublish", id, 1).await;
    let message = "a product of this category needs the attribute `asal` on sale";
    assert_eq!(refused["userErrors"][0]["message"], message);
    let seller = app.client(Role::Seller);
    let with = json!({ "productId": id, "expectedVersion": 1, "attributes": [{ "code": "asal", "value": "Garut" }] });
    assert_eq!(
        code(&change(&seller, "productUpdate", "product { id }", with).await),
        "ok"
    );
    assert_eq!(code(&status(&app, "productPublish", id, 2).await), "ok");
    let without = json!({ "productId": id, "expectedVersion": 3, "attributes": [] });
    let refused = change(&seller, "productUpdate", "product { id }", without).await;
    assert_eq!(
        refused["userErrors"][0]["message"], message,
        "also while it is on the shelf"
    );
}

// C27: what the price buys cannot change under those who bought it
#[tokio::test]
async fn the_unit_is_fixed_once_a_product_was_published() {
    let app = start().await;
    let vegetables = category(&app, "sayur", None).await;
    let id = publish(&app, kale(&vegetables, "k")).await;
    let seller = app.client(Role::Seller);
    for version in [2, 3] {
        let input = json!({ "productId": id, "expectedVersion": version, "unit": "KILOGRAM" });
        let refused = change(&seller, "productUpdate", "product { id }", input).await;
        assert_eq!(code(&refused), "INVALID_STATE");
        if version == 2 {
            status(&app, "productUnpublish", &json!(id), 2).await;
        }
    }
}
