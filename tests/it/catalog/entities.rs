use harness::{Role, entities};
use serde_json::json;

use super::{category, kale, publish, shop, start};

// design.md 5: a missing entity is null and its neighbours arrive
#[tokio::test]
async fn missing_entities_are_null_and_their_neighbours_arrive() {
    let app = start().await;
    let vegetables = category(&app, "sayur", None).await;
    let product = publish(&app, kale(&vegetables, "k")).await;
    let query = "query($id: ID!) { product(id: $id) { variants { id } } }";
    let reply = app
        .client(Role::Anonymous)
        .run(query, json!({ "id": product }))
        .await;
    let variant = super::text(&reply, "/data/product/variants/0/id");
    for (kind, prefix, id, selection, found) in [
        (
            "Product",
            "product",
            product,
            "slug",
            json!({ "__typename": "Product", "slug": "kangkung-segar" }),
        ),
        (
            "ProductVariant",
            "variant",
            variant,
            "sku product { slug }",
            json!({ "__typename": "ProductVariant", "sku": "k", "product": { "slug": "kangkung-segar" } }),
        ),
        (
            "Category",
            "category",
            vegetables,
            "slug",
            json!({ "__typename": "Category", "slug": "sayur" }),
        ),
    ] {
        let missing = format!("{prefix}_7zzzzzzzzzzzzzzzzzzzzzzzzz");
        let (query, variables) = entities(kind, selection, &[id.clone(), missing, id]);
        let reply = app.client(Role::Anonymous).run(&query, variables).await;
        assert_eq!(
            reply,
            json!({ "data": { "_entities": [found, null, found] } })
        );
    }
}

// A shop is known by its id alone; what it sells is ours to tell.
#[tokio::test]
async fn a_shop_that_nobody_sells_in_has_an_empty_shelf() {
    let app = start().await;
    let selection = "id products(first: 2) { nodes { id } pageInfo { hasNextPage } }";
    let (query, variables) = entities("Seller", selection, &[shop().to_string()]);
    let reply = app.client(Role::Anonymous).run(&query, variables).await;
    assert_eq!(
        reply["data"]["_entities"],
        json!([{ "__typename": "Seller", "id": shop(),
            "products": { "nodes": [], "pageInfo": { "hasNextPage": false } } }])
    );
}

#[tokio::test]
async fn an_id_of_another_kind_is_refused_with_the_prefix_that_was_expected() {
    let app = start().await;
    for (field, expected) in [("product", "product_"), ("category", "category_")] {
        let query = format!("query($id: ID!) {{ {field}(id: $id) {{ id }} }}");
        let reply = app
            .client(Role::Anonymous)
            .run(&query, json!({ "id": shop() }))
            .await;
        assert_eq!(reply["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
        let message = super::text(&reply, "/errors/0/message");
        assert!(
            message.contains(&format!("expected an id that begins with `{expected}`")),
            "{message}"
        );
    }
}

#[tokio::test]
async fn nonsense_is_not_found_rather_than_a_failure() {
    let app = start().await;
    let query = "query($slug: String!) { productBySlug(slug: $slug) { id } categoryBySlug(slug: $slug) { id } }";
    for slug in ["", "control\u{1}", "Ä", "tidak-ada", &"x".repeat(10_000)] {
        let reply = app
            .client(Role::Anonymous)
            .run(query, json!({ "slug": slug }))
            .await;
        assert_eq!(
            reply,
            json!({ "data": { "productBySlug": null, "categoryBySlug": null } })
        );
    }
}

// Internal operations of other subgraphs
#[tokio::test]
async fn other_subgraphs_learn_who_owns_products_and_variants() {
    let app = start().await;
    let vegetables = category(&app, "sayur", None).await;
    let draft = super::create(&app, kale(&vegetables, "a")).await;
    let active = publish(&app, kale(&vegetables, "b")).await;
    let query = "query($products: [ID!]!, $variants: [ID!]!) {
        productOwners(ids: $products) { productId sellerId isPublished }
        variantOwners(ids: $variants) { variantId productId sellerId sku } }";
    let variables = json!({
        "products": [draft["id"], active, "product_7zzzzzzzzzzzzzzzzzzzzzzzzz"],
        "variants": [draft["variants"][0]["id"], "variant_7zzzzzzzzzzzzzzzzzzzzzzzzz"],
    });
    let reply = app
        .client(Role::Service)
        .run(query, variables.clone())
        .await;
    assert_eq!(
        reply["data"],
        json!({
            "productOwners": [
                { "productId": draft["id"], "sellerId": shop(), "isPublished": false },
                { "productId": active, "sellerId": shop(), "isPublished": true },
            ],
            "variantOwners": [{ "variantId": draft["variants"][0]["id"], "productId": draft["id"],
                "sellerId": shop(), "sku": "a" }],
        })
    );
    for role in [Role::Anonymous, Role::Seller, Role::Admin] {
        let reply = app.client(role).run(query, variables.clone()).await;
        assert_eq!(
            reply["errors"][0]["extensions"]["code"], "FORBIDDEN",
            "{role:?}"
        );
    }
}
