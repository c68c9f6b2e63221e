//! Tests of the `reviews` subgraph.

mod access;
mod create;
mod entities;
mod feedback;
mod lists;
mod moderation;
mod ratings;
mod responses;
mod screening;
mod snapshots;
mod update;

use harness::{Client, Role, Subgraph, user_id};
use kernel::{Id, Principal, ProductId, SellerId, UserId};
use serde_json::{Value, json};
use uuid::Uuid;

/// Everything that a mutation gives back of a review.
pub(crate) const REVIEW: &str =
    "id product { id } seller { id } author { id } rating title body status
    helpfulCount unhelpfulCount viewerVote response { body createdAt updatedAt } isEdited version
    createdAt updatedAt moderation { holdReasons heldAt decisionReason }";

/// A product of the shop in which [`Role::Seller`] works; from 100 on, of [`Role::Seller2`]'s.
pub(crate) fn product(number: u128) -> ProductId {
    Id::from_uuid(Uuid::from_u128(0xDDDD_0000 + number))
}

pub(crate) fn shop(number: u128) -> SellerId {
    Id::from_uuid(Uuid::from_u128(0xEEEE_0000 + number))
}

fn shop_of(id: &Value) -> SellerId {
    let id: ProductId = serde_json::from_value(id.clone()).unwrap();
    shop(if id.uuid() < product(100).uuid() {
        1
    } else {
        2
    })
}

/// A subgraph whose peers know the products, except number 13 which is not published, none from 1,000
/// on, and who works in the two shops.
pub(crate) async fn start() -> Subgraph {
    let app = Subgraph::start(&reviews::SUBGRAPH).await;
    app.peers.answer_with("catalog", |call| {
        let id = &call.variables["ids"][0];
        let parsed: ProductId = serde_json::from_value(id.clone()).unwrap();
        if parsed.uuid() >= product(1_000).uuid() {
            return json!({ "productOwners": [] });
        }
        let is_published = parsed != product(13);
        json!({ "productOwners": [{ "sellerId": shop_of(id), "isPublished": is_published }] })
    });
    app.peers.answer_with("sellers", |call| {
        let works = [(1, Role::Seller), (2, Role::Seller2)]
            .iter()
            .any(|(number, role)| {
                call.variables["sellerId"] == json!(shop(*number))
                    && call.variables["userId"] == json!(user_id(*role))
            });
        json!({ "sellerMemberRole": works.then_some("STAFF") })
    });
    app
}

/// One of as many customers as a test needs.
pub(crate) fn person(app: &Subgraph, number: u128) -> Client {
    let session = Id::from_uuid(Uuid::from_u128(1));
    app.client_as(Principal::user(
        person_id(number),
        session,
        Vec::new(),
        Vec::new(),
    ))
}

pub(crate) fn person_id(number: u128) -> UserId {
    Id::from_uuid(Uuid::from_u128(0xCCCC_0000 + number))
}

/// Runs a mutation that takes one `input`; gives its payload, or the errors of the answer.
pub(crate) async fn change(client: &Client, field: &str, input: Value) -> Value {
    let selection = match field {
        "reviewDelete" => "deletedReviewId product { id }".to_owned(),
        _ => format!("review {{ {REVIEW} }}"),
    };
    let input_type = field.replacen('r', "R", 1);
    let query = format!(
        "mutation($input: {input_type}Input!) {{ {field}(input: $input) {{ {selection} \
         userErrors {{ __typename code message path ... on VersionConflict {{ currentVersion }} }} }} }}"
    );
    let reply = client.run(&query, json!({ "input": input })).await;
    if reply["errors"].is_null() {
        reply["data"][field].clone()
    } else {
        reply["errors"].clone()
    }
}

/// The code with which a mutation was refused, or "ok".
pub(crate) async fn code(client: &Client, field: &str, input: Value) -> String {
    let payload = change(client, field, input).await;
    let refused = payload["userErrors"][0]["code"].as_str();
    refused
        .or(payload[0]["extensions"]["code"].as_str())
        .unwrap_or("ok")
        .to_owned()
}

pub(crate) fn opinion(product_id: ProductId, rating: i32, key: &str) -> Value {
    json!({ "productId": product_id, "rating": rating, "title": "Puas sekali",
            "body": "Kainnya halus dan jahitannya rapi.", "idempotencyKey": key })
}

/// Writes a review; gives its id.
pub(crate) async fn review(client: &Client, product_id: ProductId, rating: i32) -> String {
    let key = product_id.to_string();
    let payload = change(client, "reviewCreate", opinion(product_id, rating, &key)).await;
    payload["review"]["id"]
        .as_str()
        .unwrap_or_else(|| panic!("{payload}"))
        .to_owned()
}

/// Stars and number of the published reviews of a product, as `Product.rating` tells it.
pub(crate) async fn rating(app: &Subgraph, type_name: &str, id: String) -> Value {
    let selection = "rating { average count score distribution { stars count } }";
    let (query, variables) = harness::entities(type_name, selection, &[id]);
    let reply = app.client(Role::Anonymous).run(&query, variables).await;
    reply["data"]["_entities"][0]["rating"].clone()
}

/// The types of the events of reviews so far, without those of ratings.
pub(crate) async fn event_types(app: &Subgraph) -> Vec<String> {
    let events = app.outbox().await;
    events
        .iter()
        .map(|event| event["eventType"].as_str().unwrap().to_owned())
        .filter(|name| name != "rating.changed")
        .collect()
}
