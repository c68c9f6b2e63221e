//! Tests of the `sellers` subgraph.

mod access;
mod entities;
mod members;
mod register;
mod snapshots;
mod update;
mod verification;

use harness::{Client, Role, Subgraph};
use serde_json::{Value, json};

pub(crate) const REGISTER: &str = "mutation($input: SellerRegisterInput!) { sellerRegister(input: $input) {
    seller { id slug shopName description city province status isVerified version createdAt updatedAt }
    userErrors { __typename code message path } } }";

pub(crate) fn shop(slug: &str, key: &str) -> Value {
    json!({ "input": {
        "slug": slug, "shopName": "Batik Ratna", "description": "Batik tulis dari Pekalongan.",
        "city": "Kota Pekalongan", "province": "Jawa Tengah", "idempotencyKey": key,
    } })
}

/// Registers the shop of the person in that role; gives its id.
pub(crate) async fn register(app: &Subgraph, role: Role, slug: &str) -> String {
    let reply = app.client(role).run(REGISTER, shop(slug, slug)).await;
    reply["data"]["sellerRegister"]["seller"]["id"]
        .as_str()
        .unwrap_or_else(|| panic!("{reply}"))
        .to_owned()
}

/// Runs a mutation that takes one `input` and gives `{ seller { … } userErrors { … } }`.
pub(crate) async fn change(client: &Client, field: &str, input: Value) -> Value {
    let input_type = match field {
        "sellerSuspend" | "sellerReinstate" => "SellerSuspensionInput".to_owned(),
        _ => {
            let (first, rest) = field.split_at(1);
            format!("{}{rest}Input", first.to_uppercase())
        }
    };
    let query = format!(
        "mutation($input: {input_type}!) {{ {field}(input: $input) {{ \
         seller {{ status version shopName city }} userErrors {{ __typename code message path \
         ... on VersionConflict {{ currentVersion }} }} }} }}"
    );
    let reply = client.run(&query, json!({ "input": input })).await;
    if reply["errors"].is_null() {
        reply["data"][field].clone()
    } else {
        reply["errors"].clone()
    }
}
