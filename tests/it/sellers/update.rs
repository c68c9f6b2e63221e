use harness::{Role, Subgraph};
use serde_json::json;

use super::{change, register};

// T-SEL: the shop's public face
#[tokio::test]
async fn a_tagline_is_set_shown_and_removed() {
    let app = Subgraph::start(&sellers::SUBGRAPH).await;
    let id = register(&app, Role::Seller, "batik-ratna").await;
    let owner = app.client(Role::Seller);
    let query = "query($id: ID!) { seller(id: $id) { tagline shopName } }";
    for (version, tagline, shown) in [
        (
            1,
            "Batik tulis asli Pekalongan",
            json!("Batik tulis asli Pekalongan"),
        ),
        (2, "", json!(null)),
    ] {
        let input = json!({ "sellerId": id, "expectedVersion": version, "tagline": tagline });
        let reply = change(&owner, "sellerUpdate", input).await;
        assert_eq!(reply["userErrors"], json!([]));
        let reply = app
            .client(Role::Anonymous)
            .run(query, json!({ "id": id }))
            .await;
        let expected = json!({ "tagline": shown, "shopName": "Batik Ratna" });
        assert_eq!(reply["data"]["seller"], expected);
    }
    let input = json!({ "sellerId": id, "expectedVersion": 3, "tagline": "x".repeat(81) });
    let reply = change(&owner, "sellerUpdate", input).await;
    assert_eq!(reply["userErrors"][0]["path"], json!(["input", "tagline"]));
}
