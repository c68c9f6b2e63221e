use futures_util::future::join_all;
use harness::Role;
use serde_json::{Value, json};

use super::{
    change, code, other_shop, quantity, start, stock, stock_events, variant, warehouse,
    warehouse_input,
};

fn line(number: u128, warehouse: &str, quantity: i32, expected: Option<i32>) -> Value {
    json!({ "variantId": variant(number), "warehouseId": warehouse, "quantity": quantity,
            "expectedQuantity": expected })
}

fn many(lines: &[Value], key: &str) -> Value {
    json!({ "lines": lines, "idempotencyKey": key })
}

// T-INV-2 in bulk
#[tokio::test]
async fn many_places_are_counted_at_once_in_few_statements() {
    let app = start().await;
    let (first, second) = (
        warehouse(&app, "PKL-1").await,
        warehouse(&app, "PKL-2").await,
    );
    stock(&app, variant(0), &second, 10).await;
    stock(&app, variant(1), &second, 10).await;
    let lines = [
        line(1, &second, 0, Some(10)),
        line(0, &second, 10, Some(10)),
        line(0, &first, 30, None),
        line(2, &first, 3, None),
    ];
    let owner = app.client(Role::Seller);
    let reply = change(&owner, "stockSetMany", many(&lines, "k")).await;
    let levels: Vec<_> = reply["stockLevels"]
        .as_array()
        .unwrap()
        .iter()
        .map(|level| {
            (
                level["warehouse"]["code"].as_str().unwrap(),
                level["quantity"].as_i64().unwrap(),
                level["version"].as_i64().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        levels,
        [
            ("PKL-2", 0, 3),
            ("PKL-2", 10, 1),
            ("PKL-1", 30, 1),
            ("PKL-1", 3, 2)
        ],
        "in the order of the lines; the second line changes nothing"
    );
    assert_eq!(
        stock_events(&app).await[2..],
        [
            "stock_changed",
            "out_of_stock",
            "stock_changed",
            "stock_changed",
            "low_stock"
        ]
    );

    let one = [line(50, &first, 50, None)];
    let (reply, for_one) = app
        .statements(change(&owner, "stockSetMany", many(&one, "k1")))
        .await;
    assert_eq!(code(&reply), "ok");
    let hundred: Vec<_> = (100..200)
        .map(|number| line(number, &first, 50, None))
        .collect();
    let (reply, for_hundred) = app
        .statements(change(&owner, "stockSetMany", many(&hundred, "k100")))
        .await;
    assert_eq!(reply["stockLevels"].as_array().unwrap().len(), 100);
    assert_eq!(for_hundred - for_one, 99, "one for each event");
}

#[tokio::test]
async fn one_refused_line_refuses_all_and_names_itself() {
    let app = start().await;
    let place = warehouse(&app, "PKL-1").await;
    let mut elsewhere = warehouse_input("SBY-1");
    elsewhere["sellerId"] = json!(other_shop());
    let elsewhere = change(&app.client(Role::Seller2), "warehouseCreate", elsewhere).await;
    let elsewhere = elsewhere["warehouse"]["id"].as_str().unwrap();
    stock(&app, variant(0), &place, 10).await;
    let good = line(1, &place, 5, None);
    let nowhere = "warehouse_7zzzzzzzzzzzzzzzzzzzzzzzzz";
    for (bad, refusal, field) in [
        (
            line(0, &place, 11, Some(9)),
            "QUANTITY_CHANGED",
            "expectedQuantity",
        ),
        (
            line(0, &place, 11, None),
            "QUANTITY_CHANGED",
            "expectedQuantity",
        ),
        (
            line(2, &place, 1, Some(1)),
            "QUANTITY_CHANGED",
            "expectedQuantity",
        ),
        (line(0, &place, -1, Some(10)), "INVALID_VALUE", "quantity"),
        (line(1, &place, 5, None), "INVALID_VALUE", "variantId"),
        (line(1_000, &place, 1, None), "NOT_FOUND", "variantId"),
        (
            line(1_000, elsewhere, 1, None),
            "INVALID_VALUE",
            "warehouseId",
        ),
        (line(0, nowhere, 1, None), "NOT_FOUND", "warehouseId"),
    ] {
        let lines = [good.clone(), bad.clone()];
        let reply = change(&app.client(Role::Seller), "stockSetMany", many(&lines, "k")).await;
        assert_eq!(code(&reply), refusal, "{bad}");
        assert_eq!(
            reply["userErrors"][0]["path"],
            json!(["input", "lines", "1", field])
        );
        assert_eq!(reply["stockLevels"], Value::Null);
    }
    assert_eq!(
        stock_events(&app).await,
        ["stock_changed"],
        "only the level from before"
    );
}

#[tokio::test]
async fn lines_of_strangers_no_lines_and_too_many_lines_are_refused() {
    let app = start().await;
    let place = warehouse(&app, "PKL-1").await;
    let good = line(1, &place, 5, None);
    let stranger = change(&app.client(Role::Buyer), "stockSetMany", many(&[good], "k")).await;
    assert_eq!(code(&stranger), "NOT_PERMITTED");
    assert_eq!(
        stranger["userErrors"][0]["path"],
        json!(["input", "lines", "0", "warehouseId"])
    );
    let nothing = change(&app.client(Role::Seller), "stockSetMany", many(&[], "k")).await;
    assert_eq!(nothing["userErrors"][0]["path"], json!(["input", "lines"]));
    let lines: Vec<_> = (0..101)
        .map(|number| line(number, &place, 1, None))
        .collect();
    let reply = change(&app.client(Role::Seller), "stockSetMany", many(&lines, "k")).await;
    assert!(
        reply[0]["message"].as_str().unwrap().contains("100"),
        "{reply}"
    );
    assert!(stock_events(&app).await.is_empty());
}

// design.md 5: idempotency
#[tokio::test]
async fn the_same_key_counts_many_once() {
    let app = start().await;
    let place = warehouse(&app, "PKL-1").await;
    let owner = app.client(Role::Seller);
    let lines = [line(1, &place, 10, None), line(0, &place, 20, None)];
    let replies = join_all((0..8).map(|_| change(&owner, "stockSetMany", many(&lines, "k")))).await;
    assert!(
        replies.iter().all(|reply| *reply == replies[0]),
        "{replies:?}"
    );
    assert_eq!(code(&replies[0]), "ok");
    let other = change(&owner, "stockSetMany", many(&lines[..1], "k")).await;
    assert_eq!(code(&other), "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(stock_events(&app).await.len(), 2);
}

// correctness.md 5.1: locks in one order
#[tokio::test]
async fn counts_of_the_same_places_in_any_order_never_wait_for_each_other_forever() {
    let app = start().await;
    let place = warehouse(&app, "PKL-1").await;
    let owner = app.client(Role::Seller);
    for round in 0..5_i32 {
        let expected = (round > 0).then_some(round);
        let replies = join_all((0..12_u128).map(|number| {
            let mut lines: Vec<_> = (0..6)
                .map(|variant| line((variant + number) % 6, &place, round + 1, expected))
                .collect();
            // The last one opens a level that nobody has, among levels that all want.
            lines.push(line(10 + number, &place, 1, (round > 0).then_some(1)));
            let input = many(&lines, &format!("{round}-{number}"));
            change(&owner, "stockSetMany", input)
        }))
        .await;
        let won = replies.iter().filter(|reply| code(reply) == "ok").count();
        assert_eq!(won, 1, "{replies:?}");
        assert!(replies.iter().all(Value::is_object), "{replies:?}");
        assert_eq!(
            quantity(&app, variant(0), &place).await,
            i64::from(round) + 1
        );
        if round == 0 {
            for number in 10..22 {
                let input = super::set_input(variant(number), &place, 1, None);
                change(&owner, "stockSet", input).await;
            }
        }
    }
}
