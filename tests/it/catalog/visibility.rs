use harness::{Role, Subgraph, entities};
use serde_json::{Value, json};

use super::{category, change, create, kale, other_shop, publish, shop, start, text};

const STATES: [&str; 4] = ["DRAFT", "ACTIVE", "ARCHIVED", "SUSPENDED"];

/// One product of `shop` in each state, in the order of [`STATES`]: its id, slug and variant.
async fn one_of_each(app: &Subgraph) -> Vec<Value> {
    let vegetables = category(app, "sayur", None).await;
    let mut products = Vec::new();
    for state in STATES {
        let product = create(app, kale(&vegetables, &state.to_lowercase())).await;
        let (role, field) = match state {
            "ACTIVE" => (Role::Seller, "productPublish"),
            "ARCHIVED" => (Role::Seller, "productArchive"),
            "SUSPENDED" => (Role::Admin, "productSuspend"),
            _ => {
                products.push(product);
                continue;
            }
        };
        let mut input = json!({ "productId": product["id"], "expectedVersion": 1 });
        if role == Role::Admin {
            input["reason"] = json!("Barang palsu");
        }
        change(&app.client(role), field, "product { id }", input).await;
        products.push(product);
    }
    products
}

/// Who sees which of the states.
const SEEN: [(Role, [bool; 4]); 7] = [
    (Role::Anonymous, [false, true, false, false]),
    (Role::Buyer, [false, true, false, false]),
    (Role::Buyer2, [true; 4]),
    (Role::Seller, [true; 4]),
    (Role::Seller2, [false, true, false, false]),
    (Role::Admin, [true; 4]),
    (Role::Service, [false, true, false, false]),
];

// T-PRD-2: only what is on the shelf is public
#[tokio::test]
async fn what_is_not_on_the_shelf_is_for_the_people_of_the_shop_and_moderators() {
    let app = start().await;
    let products = one_of_each(&app).await;
    for (role, seen) in SEEN {
        let client = app.client(role);
        for (product, seen) in products.iter().zip(seen) {
            let query = "query($id: ID!, $slug: String!) { product(id: $id) { id } productBySlug(slug: $slug) { id } }";
            let reply = client.run(query, product.clone()).await;
            let expected = if seen {
                json!({ "id": product["id"] })
            } else {
                Value::Null
            };
            assert_eq!(
                reply,
                json!({ "data": { "product": expected, "productBySlug": expected } }),
                "{role:?}"
            );
        }
        for (kind, pointer) in [("Product", "/id"), ("ProductVariant", "/variants/0/id")] {
            let ids: Vec<_> = products
                .iter()
                .map(|product| text(product, pointer))
                .collect();
            let (query, variables) = entities(kind, "id", &ids);
            let reply = client.run(&query, variables).await;
            let found = reply["data"]["_entities"].as_array().unwrap();
            let met: Vec<_> = found.iter().map(|entity| !entity.is_null()).collect();
            assert_eq!(met, seen, "{kind} {role:?}: {reply}");
        }
    }
}

// T-PRD-1
#[tokio::test]
async fn lists_show_other_states_to_the_people_of_the_shop_and_to_moderators_only() {
    let app = start().await;
    one_of_each(&app).await;
    let query = "query($where: ProductWhere) { products(where: $where) { nodes { status } } }";
    for (role, seen) in SEEN {
        let client = app.client(role);
        for (filter, expected) in [
            (json!({}), [false, true, false, false]),
            (json!({ "sellerId": shop() }), [false, true, false, false]),
            (json!({ "sellerId": shop(), "status": STATES }), seen),
            (
                json!({ "status": STATES }),
                if role == Role::Admin {
                    [true; 4]
                } else {
                    [false, true, false, false]
                },
            ),
            (
                json!({ "sellerId": other_shop(), "status": STATES }),
                [false; 4],
            ),
        ] {
            let reply = client.run(query, json!({ "where": filter })).await;
            let nodes = reply["data"]["products"]["nodes"].as_array().unwrap();
            let met = STATES.map(|state| nodes.iter().any(|node| node["status"] == state));
            assert_eq!(met, expected, "{role:?} {filter}");
        }
    }
}

#[tokio::test]
async fn sellers_is_asked_only_for_what_is_hidden_and_once_per_shop() {
    let app = start().await;
    let vegetables = category(&app, "sayur", None).await;
    let public = publish(&app, kale(&vegetables, "a")).await;
    let mut ids = vec![public.clone()];
    for key in ["b", "c", "d"] {
        ids.push(text(&create(&app, kale(&vegetables, key)).await, "/id"));
    }
    let before = app.peers.calls().len();
    let (query, variables) = entities("Product", "id", &ids[..1]);
    app.client(Role::Seller).run(&query, variables).await;
    app.client(Role::Seller)
        .run("{ products { nodes { id } } }", json!({}))
        .await;
    assert_eq!(app.peers.calls().len(), before, "the shelf needs nobody");
    let (query, variables) = entities("Product", "id", &ids);
    app.client(Role::Anonymous)
        .run(&query, variables.clone())
        .await;
    assert_eq!(
        app.peers.calls().len(),
        before,
        "nobody in particular works nowhere"
    );
    let reply = app
        .client(Role::Seller)
        .run(&query, variables.clone())
        .await;
    assert_eq!(reply["data"]["_entities"][3]["id"], ids[3]);
    assert_eq!(app.peers.calls().len(), before + 1);

    // Without `sellers` the shelf still works, and what is hidden stays hidden.
    app.peers.fail("sellers");
    let reply = app.client(Role::Seller).run(&query, variables).await;
    assert_eq!(reply["data"]["_entities"][0]["id"], public);
    assert_eq!(reply["data"]["_entities"][1], Value::Null);
    assert_eq!(reply["errors"][0]["extensions"]["code"], "UNAVAILABLE");
    let input = json!({ "productId": public, "expectedVersion": 2 });
    let reply = change(
        &app.client(Role::Seller),
        "productArchive",
        "product { id }",
        input,
    )
    .await;
    assert_eq!(super::code(&reply), "UNAVAILABLE");
}
