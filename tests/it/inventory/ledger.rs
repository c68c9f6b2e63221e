use harness::{Role, Subgraph};
use serde_json::{Value, json};

use super::{adjust_input, change, shop, start, stock, variant, warehouse};

async fn reconcile(app: &Subgraph) -> Value {
    let query = "query($seller: ID!) { stockReconcile(sellerId: $seller) { checked differences {
        recordedQuantity stockLevel { quantity variant { id } } } } }";
    let variables = json!({ "seller": shop() });
    let reply = app.client(Role::Seller).run(query, variables).await;
    reply["data"]["stockReconcile"].clone()
}

// requirements.md 1.6 "Ahead" (3)
#[tokio::test]
async fn every_stock_number_can_be_computed_again_from_its_movements() {
    let app = start().await;
    let place = warehouse(&app, "PKL-1").await;
    for number in 0..5 {
        stock(&app, variant(number), &place, 10).await;
    }
    let owner = app.client(Role::Seller);
    change(
        &owner,
        "stockAdjust",
        adjust_input(variant(0), &place, -3, "k"),
    )
    .await;
    assert_eq!(
        reconcile(&app).await,
        json!({ "checked": 5, "differences": [] })
    );

    for (sql, number, quantity, recorded) in [
        (
            "update stock_levels set quantity = 8 where variant_id = $1",
            0,
            8,
            "7",
        ),
        (
            "update stock_levels set movement_seq = 2 where variant_id = $1",
            1,
            10,
            "10",
        ),
    ] {
        let mut tx = app.db.begin().await.unwrap();
        sqlx::query(sql)
            .bind(variant(number).uuid())
            .execute(&mut *tx)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert_eq!(
            reconcile(&app).await,
            json!({ "checked": 5, "differences": [{ "recordedQuantity": recorded,
                "stockLevel": { "quantity": quantity, "variant": { "id": variant(number) } } }] })
        );
        let repair = "update stock_levels set quantity = 7 where variant_id = $1";
        if number == 0 {
            sqlx::query(repair)
                .bind(variant(0).uuid())
                .execute(&app.db)
                .await
                .unwrap();
        }
    }
}

#[tokio::test]
async fn the_ledger_cannot_be_edited() {
    let app = start().await;
    let place = warehouse(&app, "PKL-1").await;
    stock(&app, variant(0), &place, 10).await;
    for sql in [
        "update stock_movements set delta = 5",
        "delete from stock_movements",
        "truncate stock_movements cascade",
    ] {
        let error = sqlx::query(sql).execute(&app.db).await.unwrap_err();
        assert!(
            error.to_string().contains("stock_movements is append-only"),
            "{error}"
        );
    }
    assert_eq!(
        reconcile(&app).await,
        json!({ "checked": 1, "differences": [] })
    );
}

#[tokio::test]
async fn pages_show_every_movement_once_newest_first() {
    let app = start().await;
    let place = warehouse(&app, "PKL-1").await;
    stock(&app, variant(0), &place, 10).await;
    let owner = app.client(Role::Seller);
    for number in 0..16 {
        let input = adjust_input(variant(0), &place, 1, &number.to_string());
        change(&owner, "stockAdjust", input).await;
    }
    let query = "query($v: ID!, $w: ID!, $first: Int, $after: String) {
        stockLevel(variantId: $v, warehouseId: $w) { movements(first: $first, after: $after) {
            nodes { seq } pageInfo { hasNextPage hasPreviousPage endCursor } } } }";
    let variables = |first: i32, after: &Value| json!({ "v": variant(0), "w": place, "first": first, "after": after });
    let (mut seen, mut after) = (Vec::new(), Value::Null);
    loop {
        let reply = owner.run(query, variables(5, &after)).await;
        let page = &reply["data"]["stockLevel"]["movements"];
        let nodes = page["nodes"].as_array().unwrap();
        seen.extend(nodes.iter().map(|node| node["seq"].as_i64().unwrap()));
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
    assert_eq!(seen, (1..=17).rev().collect::<Vec<_>>());
    for (first, after) in [
        (0, json!(null)),
        (101, json!(null)),
        (1, json!("x")),
        (1, json!("W10")),
    ] {
        let reply = owner.run(query, variables(first, &after)).await;
        assert_eq!(
            reply["errors"][0]["extensions"]["code"], "BAD_USER_INPUT",
            "{first} {after}"
        );
    }
}
