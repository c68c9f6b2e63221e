use harness::{Role, Subgraph};
use serde_json::{Value, json};

use super::{PRODUCT, attribute, category, change, code, create, kale, shop, start, text, variant};

/// A phone in two variants, with one value of each kind of attribute.
async fn phone(app: &Subgraph, key: &str) -> Value {
    let electronics = category(app, "elektronik", None).await;
    let phones = category(app, "ponsel", Some(&electronics)).await;
    attribute(
        app,
        &electronics,
        json!({ "code": "garansi", "kind": "BOOLEAN" }),
    )
    .await;
    attribute(
        app,
        &phones,
        json!({ "code": "ram", "kind": "NUMBER", "unit": "GB" }),
    )
    .await;
    let colours = json!({ "code": "warna", "kind": "ENUM", "options": ["Hitam", "Merah"] });
    attribute(app, &phones, colours).await;
    attribute(app, &phones, json!({ "code": "bahan", "kind": "TEXT" })).await;
    let mut red = variant("HP-1/M", 2_499_000);
    red["compareAtPrice"] = json!({ "minorUnits": "2999000", "currency": "IDR" });
    red["dimensions"] = json!({ "lengthMm": 170, "widthMm": 90, "heightMm": 50 });
    json!({
        "sellerId": shop(), "name": "Ponsel Nusantara 5G", "description": "Layar 6,5 inci.\nBaterai 5.000 mAh.",
        "categoryId": phones, "kind": "PHYSICAL", "unit": "PIECE", "features": ["Garansi resmi", "Bisa COD"],
        "attributes": [{ "code": "warna", "value": "Merah" }, { "code": "ram", "value": "8.0" },
            { "code": "garansi", "value": "true" }, { "code": "bahan", "value": " Aluminium " }],
        "variants": [red, variant("HP-1/H", 2_399_000)], "idempotencyKey": key,
    })
}

// T-PRD-4, T-PRD-E, T-PRD-3, L-PRD-E, L-PRD-V product.created, P-PRD features, C24
#[tokio::test]
async fn a_new_product_is_a_draft_with_its_variants_and_typed_attributes() {
    let app = start().await;
    let input = phone(&app, "k").await;
    let selection = format!("product {{ {PRODUCT} }}");
    let reply = change(
        &app.client(Role::Seller),
        "productCreate",
        &selection,
        input,
    )
    .await;
    let product = &reply["product"];
    let ids =
        ["/id", "/category/id", "/variants/0/id", "/variants/1/id"].map(|at| text(product, at));
    assert!(ids[0].starts_with("product_") && ids[2].starts_with("variant_"));
    assert_eq!(
        reply,
        json!({ "product": {
            "id": ids[0], "slug": "ponsel-nusantara-5g", "name": "Ponsel Nusantara 5G",
            "description": "Layar 6,5 inci.\nBaterai 5.000 mAh.", "kind": "PHYSICAL", "unit": "PIECE",
            "status": "DRAFT", "suspensionReason": null, "isPerishable": false,
            "features": ["Garansi resmi", "Bisa COD"], "category": { "id": ids[1], "slug": "ponsel" },
            "seller": { "id": shop() },
            "attributes": [
                { "attribute": { "code": "bahan" }, "value": "Aluminium", "numberValue": null, "booleanValue": null },
                { "attribute": { "code": "garansi" }, "value": "true", "numberValue": null, "booleanValue": true },
                { "attribute": { "code": "ram" }, "value": "8", "numberValue": 8.0, "booleanValue": null },
                { "attribute": { "code": "warna" }, "value": "Merah", "numberValue": null, "booleanValue": null },
            ],
            "variants": [
                { "id": ids[2], "sku": "HP-1/M", "name": "HP-1/M", "optionValues": [{ "name": "Isi", "value": "HP-1/M" }],
                  "price": { "minorUnits": "2499000", "currency": "IDR", "amount": "2499000" },
                  "compareAtPrice": { "minorUnits": "2999000" }, "weightGrams": 250,
                  "dimensions": { "lengthMm": 170, "widthMm": 90, "heightMm": 50 }, "position": 0 },
                { "id": ids[3], "sku": "HP-1/H", "name": "HP-1/H", "optionValues": [{ "name": "Isi", "value": "HP-1/H" }],
                  "price": { "minorUnits": "2399000", "currency": "IDR", "amount": "2399000" },
                  "compareAtPrice": null, "weightGrams": 250, "dimensions": null, "position": 1 },
            ],
            "priceRange": { "min": { "minorUnits": "2399000" }, "max": { "minorUnits": "2499000" } },
            "compareAtPrice": null, "weightGrams": 250, "dimensions": { "lengthMm": 170 },
            "version": 1, "createdAt": "2026-01-01T00:00:00+00:00",
            "updatedAt": "2026-01-01T00:00:00+00:00", "publishedAt": null,
        }, "userErrors": [] })
    );
    let events = app.outbox().await;
    assert_eq!(events.last().unwrap()["eventType"], "product.created");
    harness::assert_golden_event(&catalog::events::contracts(), events.last().unwrap());

    let query = format!("query($id: ID!) {{ product(id: $id) {{ {PRODUCT} }} }}");
    let seller = app.client(Role::Seller);
    let read = seller.run(&query, json!({ "id": ids[0] })).await;
    assert_eq!(
        read["data"]["product"], *product,
        "what was answered is what was written"
    );
    let query = format!("query($slug: String!) {{ productBySlug(slug: $slug) {{ {PRODUCT} }} }}");
    let read = seller
        .run(&query, json!({ "slug": "ponsel-nusantara-5g" }))
        .await;
    assert_eq!(read["data"]["productBySlug"], *product);
}

// design.md 5: idempotency
#[tokio::test]
async fn the_same_key_gives_the_first_answer_and_refuses_another_input() {
    let app = start().await;
    let input = kale(&category(&app, "sayur", None).await, "k");
    let seller = app.client(Role::Seller);
    let selection = format!("product {{ {PRODUCT} }}");
    let first = change(&seller, "productCreate", &selection, input.clone()).await;
    let again = change(&seller, "productCreate", &selection, input.clone()).await;
    assert_eq!(again, first);
    let mut other = input;
    other["name"] = json!("Bayam");
    let refused = change(&seller, "productCreate", &selection, other).await;
    assert_eq!(code(&refused), "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(app.outbox().await.len(), 2, "one category, one product");
}

// T-PRD-E slug: unique, stable
#[tokio::test]
async fn a_slug_made_from_a_name_gets_an_ending_when_it_is_taken_and_stays_on_rename() {
    let app = start().await;
    let vegetables = category(&app, "sayur", None).await;
    let first = create(&app, kale(&vegetables, "a")).await;
    let second = create(&app, kale(&vegetables, "b")).await;
    assert_eq!(first["slug"], "kangkung-segar");
    let id = text(&second, "/id");
    let (_, end) = id.split_at(id.len() - 6);
    assert_eq!(second["slug"], format!("kangkung-segar-{end}"));

    let seller = app.client(Role::Seller);
    let mut chosen = kale(&vegetables, "c");
    chosen["slug"] = json!("kangkung-segar");
    let refused = change(&seller, "productCreate", "product { id }", chosen).await;
    assert_eq!(
        refused["userErrors"],
        json!([{ "__typename": "Refusal", "code": "ALREADY_EXISTS",
            "message": "this slug is taken", "path": ["input", "slug"] }])
    );
    let rename = json!({ "productId": first["id"], "expectedVersion": 1, "name": "Kangkung Akar" });
    let renamed = change(&seller, "productUpdate", "product { slug name }", rename).await;
    assert_eq!(
        renamed["product"],
        json!({ "slug": "kangkung-segar", "name": "Kangkung Akar" })
    );

    for (key, name, slug) in [
        ("d", "Kopi Gayo 250 g — Arabika", "kopi-gayo-250-g-arabika"),
        ("e", "Crème Brûlée", "creme-brulee"),
        ("f", "100% !!!", "100"),
        ("g", "果物の本", "product"),
        ("h", "a b", "a-b"),
        ("i", "A!!", "product-a"),
    ] {
        let mut input = kale(&vegetables, key);
        input["name"] = json!(name);
        assert_eq!(create(&app, input).await["slug"], slug, "{name}");
    }
    let mut long = kale(&vegetables, "j");
    long["name"] = json!("satu dua tiga ".repeat(15));
    let slug = text(&create(&app, long).await, "/slug");
    assert!(slug.len() <= 80 && slug.ends_with("-dua"), "{slug}");
}

// T-PRD-5, L-PRD-V product.updated
#[tokio::test]
async fn an_update_changes_what_is_given_and_leaves_the_rest() {
    let app = start().await;
    let vegetables = category(&app, "sayur", None).await;
    let herbs = category(&app, "bumbu", None).await;
    let created = create(&app, kale(&vegetables, "k")).await;
    app.clock.advance(chrono::Duration::minutes(1));
    let input = json!({ "productId": created["id"], "expectedVersion": 1, "name": "Kangkung Organik",
        "description": "", "categoryId": herbs, "unit": "GRAM", "isPerishable": false, "features": [] });
    let selection = "product { name description category { slug } unit isPerishable features version \
        updatedAt createdAt variants { sku } }";
    let seller = app.client(Role::Seller);
    let updated = change(&seller, "productUpdate", selection, input).await;
    assert_eq!(
        updated,
        json!({ "product": {
            "name": "Kangkung Organik", "description": "", "category": { "slug": "bumbu" }, "unit": "GRAM",
            "isPerishable": false, "features": [], "version": 2,
            "updatedAt": "2026-01-01T00:01:00+00:00", "createdAt": "2026-01-01T00:00:00+00:00",
            "variants": [{ "sku": "k" }],
        }, "userErrors": [] })
    );
    harness::assert_golden_event(
        &catalog::events::contracts(),
        app.outbox().await.last().unwrap(),
    );

    let nothing = json!({ "productId": created["id"], "expectedVersion": 2 });
    let same = change(&seller, "productUpdate", selection, nothing.clone()).await;
    assert_eq!(same["product"]["name"], "Kangkung Organik");
    let stale = change(&seller, "productUpdate", selection, nothing).await;
    assert_eq!(
        stale["userErrors"],
        json!([{ "__typename": "VersionConflict", "code": "VERSION_CONFLICT",
            "message": "it was changed in the meantime and has version 3 now: read it again, then repeat",
            "path": ["input", "expectedVersion"], "currentVersion": 3 }])
    );
}

// T-PRD-6, L-PRD-V product.deleted
#[tokio::test]
async fn a_draft_that_was_never_published_can_be_deleted_and_frees_its_slug_and_skus() {
    let app = start().await;
    let vegetables = category(&app, "sayur", None).await;
    let created = create(&app, kale(&vegetables, "k")).await;
    let seller = app.client(Role::Seller);
    let input = json!({ "productId": created["id"], "expectedVersion": 1 });
    let deleted = change(&seller, "productDelete", "deletedProductId", input.clone()).await;
    assert_eq!(
        deleted,
        json!({ "deletedProductId": created["id"], "userErrors": [] })
    );
    harness::assert_golden_event(
        &catalog::events::contracts(),
        app.outbox().await.last().unwrap(),
    );
    let again = change(&seller, "productDelete", "deletedProductId", input).await;
    assert_eq!(code(&again), "NOT_FOUND");

    let kept: (Value, String) = sqlx::query_as("select listing, deleted_by from deleted_products")
        .fetch_one(&app.db)
        .await
        .unwrap();
    assert_eq!(kept.0["variants"][0]["details"]["sku"], "k");
    assert_eq!(kept.1, harness::user_id(Role::Seller).to_string());

    let mut input = kale(&vegetables, "k");
    input["idempotencyKey"] = json!("k2");
    assert_eq!(create(&app, input).await["slug"], "kangkung-segar");
}

#[tokio::test]
async fn a_product_that_was_on_the_shelf_is_archived_and_never_deleted() {
    let app = start().await;
    let vegetables = category(&app, "sayur", None).await;
    let id = super::publish(&app, kale(&vegetables, "k")).await;
    let seller = app.client(Role::Seller);
    for version in [2, 3] {
        let input = json!({ "productId": id, "expectedVersion": version });
        let refused = change(&seller, "productDelete", "deletedProductId", input.clone()).await;
        assert_eq!(code(&refused), "INVALID_STATE");
        let unpublished = change(&seller, "productUnpublish", "product { status }", input).await;
        assert_eq!(
            code(&unpublished),
            if version == 2 { "ok" } else { "INVALID_STATE" }
        );
    }
}
