use harness::{Role, Subgraph, entities};
use serde_json::{Value, json};

use super::{attribute, category, kale, publish, start, variant};

/// Fifty products in ten categories of one parent, each with attributes and two variants; gives the
/// products and the categories.
async fn fifty_products(app: &Subgraph) -> (Vec<String>, Vec<String>) {
    let food = category(app, "pangan", None).await;
    attribute(app, &food, json!({ "code": "asal", "kind": "TEXT" })).await;
    let mut categories = Vec::new();
    for number in 0..10 {
        let id = category(app, &format!("sayur-{number}"), Some(&food)).await;
        attribute(
            app,
            &id,
            json!({ "code": format!("mutu_{number}"), "kind": "BOOLEAN" }),
        )
        .await;
        categories.push(id);
    }
    let mut products = Vec::new();
    for number in 0..50 {
        let mut input = kale(&categories[number % 10], &format!("k{number}"));
        input["variants"] = json!([
            variant(&format!("a{number}"), 1),
            variant(&format!("b{number}"), 2)
        ]);
        input["attributes"] = json!([{ "code": "asal", "value": "Garut" },
            { "code": format!("mutu_{}", number % 10), "value": "true" }]);
        products.push(publish(app, input).await);
    }
    (products, categories)
}

async fn count(app: &Subgraph, query: &str, variables: Value) -> (Value, usize) {
    let (reply, statements) = app
        .statements(app.client(Role::Anonymous).run(query, variables))
        .await;
    assert!(reply["errors"].is_null(), "{reply}");
    (reply, statements)
}

// design.md 5 and 8: one statement per type, whatever the number
#[tokio::test]
async fn one_and_fifty_keys_take_the_same_statements() {
    let app = start().await;
    let (products, categories) = fifty_products(&app).await;
    let deep = "slug compareAtPrice { amount } weightGrams dimensions { lengthMm }
        attributes { attribute { label } value } variants { sku product { id } }
        category { slug parent { slug } ancestors { slug } children { slug } attributes { code } productCount
            products(first: 2) { nodes { slug } } }
        seller { products(first: 3) { nodes { slug } } }";
    let (query, one) = entities("Product", deep, &products[..1]);
    let (_, many) = entities("Product", deep, &products);
    let (_, for_one) = count(&app, &query, one).await;
    let (reply, for_many) = count(&app, &query, many).await;
    assert_eq!(
        reply["data"]["_entities"][49]["attributes"][1]["value"],
        "true"
    );
    assert_eq!(
        (for_one, for_many),
        (11, 11),
        "products, variants, attributes, categories, parents, ancestors, children, their attributes, \
         their counts, their shelves, the shop's shelf"
    );

    let query = "query($ids: [ID!]) { products(first: 50, where: { ids: $ids }) { nodes { variants { id } } } }";
    let reply = count(&app, query, json!({ "ids": products })).await.0;
    let nodes = reply["data"]["products"]["nodes"].as_array().unwrap();
    let variants: Vec<String> = nodes
        .iter()
        .map(|node| super::text(node, "/variants/1/id"))
        .collect();
    let (query, one) = entities(
        "ProductVariant",
        "sku product { category { slug } }",
        &variants[..1],
    );
    let (_, many) = entities(
        "ProductVariant",
        "sku product { category { slug } }",
        &variants,
    );
    assert_eq!(
        (
            count(&app, &query, one).await.1,
            count(&app, &query, many).await.1
        ),
        (3, 3)
    );

    let below = "children { id } ancestors { slug } attributes { code } products(first: 1) { nodes { name } }";
    let (query, one) = entities("Category", below, &categories[..1]);
    let (_, many) = entities("Category", below, &categories);
    assert_eq!(
        (
            count(&app, &query, one).await.1,
            count(&app, &query, many).await.1
        ),
        (5, 5)
    );
}

// design.md 8: the product list of a category page
#[tokio::test]
async fn a_page_of_products_takes_as_many_statements_as_a_single_product() {
    let app = start().await;
    fifty_products(&app).await;
    let query = "query($first: Int) { products(first: $first) { nodes { slug priceRange { min { amount } }
        category { slug } attributes { attribute { code } value } variants { sku price { amount } } } } }";
    let (_, for_one) = count(&app, query, json!({ "first": 1 })).await;
    let (reply, for_many) = count(&app, query, json!({ "first": 24 })).await;
    assert_eq!(
        reply["data"]["products"]["nodes"].as_array().unwrap().len(),
        24
    );
    assert_eq!(
        (for_one, for_many),
        (4, 4),
        "products, categories, attributes, variants"
    );
    let bare = "query($first: Int) { products(first: $first) { nodes { slug priceRange { min { amount } } } } }";
    assert_eq!(count(&app, bare, json!({ "first": 24 })).await.1, 1);

    let (_, statements) = count(
        &app,
        "{ categories(where: { isRoot: true }) { nodes { slug attributes { code } productCount
            children { slug attributes { code } productCount children { slug } products(first: 2) { nodes { slug } } } } } }",
        json!({}),
    )
    .await;
    // Fewer when a level catches up with a look-up of the one above that has not begun.
    assert!(
        statements <= 8,
        "each level has its batches, however wide it is: {statements}"
    );
}
