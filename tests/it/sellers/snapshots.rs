use harness::{Role, Subgraph, user_id};
use serde_json::{Value, json};

use super::{change, register};

// T-SRC-4
#[tokio::test]
async fn shops_can_be_read_in_pages_as_their_events_tell_them() {
    let app = Subgraph::start(&sellers::SUBGRAPH).await;
    let first = register(&app, Role::Seller, "batik-ratna").await;
    let second = register(&app, Role::Seller2, "kopi-gayo").await;
    let input = json!({ "sellerId": first, "expectedVersion": 1, "city": "Kota Solo" });
    change(&app.client(Role::Seller), "sellerUpdate", input).await;
    let told = app.outbox().await.last().unwrap()["payload"].clone();
    let input = json!({ "sellerId": second, "expectedVersion": 1 });
    change(&app.client(Role::Admin), "sellerSuspend", input).await;

    let query =
        "query($after: ID) { sellerSnapshots(after: $after, first: 1) { id version payload } }";
    let service = app.client(Role::Service);
    let mut after = Value::Null;
    let mut found = Vec::new();
    for _ in 0..2 {
        let (reply, statements) = app
            .statements(service.run(query, json!({ "after": after })))
            .await;
        assert_eq!(statements, 1);
        let page = reply["data"]["sellerSnapshots"].as_array().unwrap().clone();
        assert_eq!(page.len(), 1);
        after = page[0]["id"].clone();
        found.extend(page);
    }
    let reply = service.run(query, json!({ "after": after })).await;
    assert_eq!(reply["data"]["sellerSnapshots"], json!([]));

    let mut expected = told;
    expected["status"] = json!("UNVERIFIED");
    let payload: Value = serde_json::from_str(found[0]["payload"].as_str().unwrap()).unwrap();
    assert_eq!(
        (&found[0]["id"], &found[0]["version"]),
        (&json!(first), &json!(2))
    );
    assert_eq!(
        payload, expected,
        "what seller.updated told, and the status"
    );
    let payload: Value = serde_json::from_str(found[1]["payload"].as_str().unwrap()).unwrap();
    assert_eq!(
        (&found[1]["id"], &found[1]["version"]),
        (&json!(second), &json!(2))
    );
    assert_eq!(payload["status"], "SUSPENDED");
}

// Whoever writes to the people of shops asks once for all of them.
#[tokio::test]
async fn the_people_of_many_shops_are_known_in_one_statement() {
    let app = Subgraph::start(&sellers::SUBGRAPH).await;
    let first = register(&app, Role::Seller, "batik-ratna").await;
    let second = register(&app, Role::Seller2, "kopi-gayo").await;
    let input = json!({ "sellerId": first, "userId": user_id(Role::Buyer2), "role": "STAFF" });
    let query = "mutation($input: SellerMemberAddInput!) { sellerMemberAdd(input: $input) { userErrors { code } } }";
    app.client(Role::Seller)
        .run(query, json!({ "input": input }))
        .await;

    let query = "query($ids: [ID!]!) { sellerMembers(sellerIds: $ids) { sellerId userId role } }";
    let ids = json!({ "ids": [first, second, "seller_7zzzzzzzzzzzzzzzzzzzzzzzzz"] });
    let service = app.client(Role::Service);
    let (reply, statements) = app.statements(service.run(query, ids)).await;
    assert_eq!(statements, 1);
    let mut members = reply["data"]["sellerMembers"].as_array().unwrap().clone();
    members.sort_by_key(|member| member["userId"].to_string());
    let mut expected = vec![
        json!({ "sellerId": first, "userId": user_id(Role::Seller), "role": "OWNER" }),
        json!({ "sellerId": second, "userId": user_id(Role::Seller2), "role": "OWNER" }),
        json!({ "sellerId": first, "userId": user_id(Role::Buyer2), "role": "STAFF" }),
    ];
    expected.sort_by_key(|member| member["userId"].to_string());
    assert_eq!(members, expected);

    let reply = service.run(query, json!({ "ids": vec![first; 101] })).await;
    assert!(reply["errors"].is_array(), "at most 100");
}
