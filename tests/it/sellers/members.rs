use futures_util::future::join_all;
use harness::{Role, Subgraph, user_id};
use serde_json::{Value, json};

use super::register;

const ADD: &str = "mutation($input: SellerMemberAddInput!) { sellerMemberAdd(input: $input) {
    member { user { id } role } userErrors { code message path } } }";
const REMOVE: &str =
    "mutation($input: SellerMemberRemoveInput!) { sellerMemberRemove(input: $input) {
    seller { version members { user { id } role } } userErrors { code message path } } }";

fn member(seller_id: &str, role: Role, place: &str) -> Value {
    json!({ "input": { "sellerId": seller_id, "userId": user_id(role), "role": place } })
}

// L-SEL-E members
#[tokio::test]
async fn the_owner_adds_and_removes_people() {
    let app = Subgraph::start(&sellers::SUBGRAPH).await;
    let id = register(&app, Role::Seller, "batik-ratna").await;
    let owner = app.client(Role::Seller);
    let added = owner.run(ADD, member(&id, Role::Buyer, "MANAGER")).await;
    assert_eq!(
        added["data"]["sellerMemberAdd"],
        json!({ "member": { "user": { "id": user_id(Role::Buyer) }, "role": "MANAGER" }, "userErrors": [] })
    );
    let twice = owner.run(ADD, member(&id, Role::Buyer, "STAFF")).await;
    assert_eq!(
        twice["data"]["sellerMemberAdd"]["userErrors"][0]["code"],
        "ALREADY_EXISTS"
    );
    let second_owner = owner.run(ADD, member(&id, Role::Buyer2, "OWNER")).await;
    assert_eq!(
        second_owner["data"]["sellerMemberAdd"]["userErrors"][0]["code"],
        "INVALID_VALUE"
    );

    let removed = owner
        .run(
            REMOVE,
            json!({ "input": { "sellerId": id, "userId": user_id(Role::Buyer) } }),
        )
        .await;
    assert_eq!(
        removed["data"]["sellerMemberRemove"]["seller"],
        json!({ "version": 3, "members": [{ "user": { "id": user_id(Role::Seller) }, "role": "OWNER" }] })
    );
    for (role, code) in [(Role::Buyer, "NOT_FOUND"), (Role::Seller, "INVALID_STATE")] {
        let input = json!({ "input": { "sellerId": id, "userId": user_id(role) } });
        let reply = owner.run(REMOVE, input).await;
        assert_eq!(
            reply["data"]["sellerMemberRemove"]["userErrors"][0]["code"],
            code
        );
    }
    app.assert_golden_events_except(&["seller.registered"])
        .await;
}

#[tokio::test]
async fn a_shop_never_has_more_than_fifty_people_however_many_are_added_at_once() {
    let app = Subgraph::start(&sellers::SUBGRAPH).await;
    let id = register(&app, Role::Seller, "batik-ratna").await;
    let owner = app.client(Role::Seller);
    let replies = join_all((0..60_u128).map(|number| {
        let person = kernel::UserId::from_uuid(uuid::Uuid::from_u128(0xCCCC_0000 + number));
        let (owner, id) = (owner.clone(), id.clone());
        async move {
            let input = json!({ "input": { "sellerId": id, "userId": person, "role": "STAFF" } });
            owner.run(ADD, input).await
        }
    }))
    .await;
    let refused = replies
        .iter()
        .filter(|reply| reply["data"]["sellerMemberAdd"]["userErrors"][0]["code"] == "TOO_MANY")
        .count();
    assert_eq!(refused, 11);
    let people: i64 = sqlx::query_scalar("select count(*) from seller_members")
        .fetch_one(&app.db)
        .await
        .unwrap();
    assert_eq!(people, 50);
}
