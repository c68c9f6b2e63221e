use harness::{Role, Subgraph, entities};
use serde_json::{Value, json};

use super::{change, product, shop, start, variant, warehouse};

/// Fifty products with two variants each, in two warehouses.
async fn fifty_products(app: &Subgraph) -> [String; 2] {
    let places = [warehouse(app, "PKL-1").await, warehouse(app, "PKL-2").await];
    for (number, place) in places.iter().enumerate() {
        let lines: Vec<_> = (0..100)
            .map(|variant_number| {
                json!({ "variantId": variant(variant_number), "warehouseId": place,
                        "quantity": 10 + number })
            })
            .collect();
        let input = json!({ "lines": lines, "idempotencyKey": number.to_string() });
        change(&app.client(Role::Seller), "stockSetMany", input).await;
    }
    places
}

fn ids(make: impl Fn(u128) -> String) -> Vec<String> {
    (0..50).map(make).collect()
}

// design.md 5: entities resolve in batches; T-INV-1
#[tokio::test]
async fn one_and_fifty_entities_take_the_same_statements() {
    let app = start().await;
    let places = fifty_products(&app).await;
    let level = "quantity warehouse { code } movements(first: 1) { nodes { delta } }
                 product { availability { quantity } }";
    let variant_ids = ids(|number| variant(number).to_string());
    let product_ids = ids(|number| product(number).to_string());
    let mut shops = vec![shop().to_string()];
    shops.extend((0..49).map(|_| super::other_shop().to_string()));
    for (kind, selection, ids, expected) in [
        (
            "Product",
            "availability { status quantity }",
            &product_ids,
            1,
        ),
        (
            "ProductVariant",
            "availability { status quantity }",
            &variant_ids,
            1,
        ),
        (
            "ProductVariant",
            &format!("stock {{ {level} }}"),
            &variant_ids,
            4,
        ),
        ("Warehouse", "name seller { id }", &places.to_vec(), 1),
        ("Seller", "warehouses { name }", &shops, 1),
    ] {
        let admin = app.client(Role::Admin);
        let (query, one) = entities(kind, selection, &ids[..1]);
        let (_, many) = entities(kind, selection, ids);
        let (reply, for_one) = app.statements(admin.run(&query, one)).await;
        assert!(reply["errors"].is_null(), "{reply}");
        let (reply, for_many) = app.statements(admin.run(&query, many)).await;
        assert!(reply["errors"].is_null(), "{reply}");
        let found = reply["data"]["_entities"].as_array().unwrap();
        assert_eq!(found.len(), ids.len());
        assert!(found.iter().all(Value::is_object), "{kind}");
        assert_eq!(
            (for_one, for_many),
            (expected, expected),
            "{kind} {selection}"
        );
    }
}

#[tokio::test]
async fn the_shop_is_asked_about_once_however_much_of_its_stock_is_read() {
    let app = start().await;
    fifty_products(&app).await;
    let asked = || {
        app.peers
            .calls()
            .iter()
            .filter(|(peer, _)| peer == "sellers")
            .count()
    };
    let before = asked();
    let (query, variables) = entities(
        "ProductVariant",
        "stock { quantity }",
        &ids(|n| variant(n).to_string()),
    );
    let reply = app.client(Role::Buyer2).run(&query, variables).await;
    assert_eq!(reply["data"]["_entities"][49]["stock"][1]["quantity"], 11);
    assert_eq!(asked() - before, 1);
    app.peers.fail("sellers");
    let (query, variables) = entities(
        "Product",
        "availability { quantity }",
        &[product(0).to_string()],
    );
    let reply = app.client(Role::Anonymous).run(&query, variables).await;
    assert_eq!(
        reply["data"]["_entities"][0]["availability"]["quantity"],
        42
    );
}

// C22: the product is the sum over variants and active warehouses
#[tokio::test]
async fn availability_is_a_word_and_a_sum() {
    let app = start().await;
    let (first, second) = (
        warehouse(&app, "PKL-1").await,
        warehouse(&app, "PKL-2").await,
    );
    for (number, place, quantity) in [
        // Product 0: 12 in 3 levels with thresholds of 15.
        (0, &first, 6),
        (0, &second, 0),
        (1, &first, 6),
        // Product 1: 16 in 3 levels with thresholds of 15.
        (2, &first, 16),
        (2, &second, 0),
        (3, &first, 0),
        // Product 2: nothing.
        (4, &first, 0),
        // Product 3, variant 6: at the most.
        (6, &first, 1_000_000),
        (6, &second, 1_000_000),
    ] {
        super::stock(&app, variant(number), place, quantity).await;
    }
    let anyone = app.client(Role::Anonymous);
    let product_ids: Vec<_> = (0..5).map(|number| product(number).to_string()).collect();
    let (query, variables) = entities("Product", "availability { status quantity }", &product_ids);
    let reply = anyone.run(&query, variables).await;
    let availability = |status: &str, quantity: i32| json!({ "__typename": "Product", "availability": { "status": status, "quantity": quantity } });
    assert_eq!(
        reply,
        json!({ "data": { "_entities": [
            availability("LOW_STOCK", 12),
            availability("IN_STOCK", 16),
            availability("OUT_OF_STOCK", 0),
            availability("IN_STOCK", 2_000_000),
            availability("OUT_OF_STOCK", 0),
        ] } })
    );
    let variant_ids: Vec<_> = [0, 1, 4, 7]
        .map(|number| variant(number).to_string())
        .to_vec();
    let (query, variables) = entities(
        "ProductVariant",
        "availability { status quantity }",
        &variant_ids,
    );
    let reply = anyone.run(&query, variables).await;
    let found: Vec<_> = reply["data"]["_entities"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entity| {
            let availability = &entity["availability"];
            (
                availability["status"].as_str().unwrap(),
                availability["quantity"].as_i64().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("LOW_STOCK", 6),
            ("IN_STOCK", 6),
            ("OUT_OF_STOCK", 0),
            ("OUT_OF_STOCK", 0)
        ]
    );
}

#[test]
fn more_units_than_graphql_can_count_are_plenty() {
    use inventory::domain::{Availability, AvailabilityStatus};
    let plenty = Availability::of(5_000_000_000, 5_000);
    assert_eq!(plenty.status, AvailabilityStatus::InStock);
    assert_eq!(plenty.quantity, i32::MAX);
}

#[tokio::test]
async fn a_missing_entity_is_null_and_its_neighbours_arrive() {
    let app = start().await;
    let places = [
        warehouse(&app, "PKL-1").await,
        warehouse(&app, "PKL-2").await,
    ];
    let missing = "warehouse_7zzzzzzzzzzzzzzzzzzzzzzzzz".to_owned();
    let ids = [places[0].clone(), missing, places[1].clone()];
    let (query, variables) = entities("Warehouse", "code", &ids);
    let reply = app
        .client(Role::Seller)
        .run(&query, variables.clone())
        .await;
    assert_eq!(
        reply,
        json!({ "data": { "_entities": [
            { "__typename": "Warehouse", "code": "PKL-1" },
            null,
            { "__typename": "Warehouse", "code": "PKL-2" },
        ] } })
    );
    app.peers.fail("sellers");
    let reply = app.client(Role::Seller).run(&query, variables).await;
    assert_eq!(reply["data"]["_entities"], json!([null, null, null]));
    assert_eq!(reply["errors"][0]["extensions"]["code"], "UNAVAILABLE");
}

#[tokio::test]
async fn an_id_of_another_kind_is_refused_with_the_prefix_that_was_expected() {
    let app = start().await;
    let query = "query($id: ID!) { warehouse(id: $id) { id } }";
    let reply = app
        .client(Role::Seller)
        .run(query, json!({ "id": "product_00000000000000000000000001" }))
        .await;
    assert_eq!(reply["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    let message = reply["errors"][0]["message"].as_str().unwrap();
    assert!(
        message.contains("expected an id that begins with `warehouse_`"),
        "{message}"
    );
}
