use harness::Role;
use serde_json::{Value, json};

use super::{change, code, event_types, person, product, review, start};

// L-REV-F seller responses
#[tokio::test]
async fn the_shop_responds_changes_the_response_and_takes_it_back() {
    let app = start().await;
    let id = review(&app.client(Role::Buyer), product(1), 5).await;
    let staff = app.client(Role::Seller);
    let input = json!({ "reviewId": id, "expectedVersion": 1, "body": " Terima kasih, Kak. " });
    let payload = change(&staff, "reviewRespond", input).await;
    assert_eq!(
        payload["review"]["response"],
        json!({ "body": "Terima kasih, Kak.", "createdAt": "2026-01-01T00:00:00+00:00",
                "updatedAt": "2026-01-01T00:00:00+00:00" })
    );
    assert_eq!(payload["review"]["isEdited"], false);
    app.assert_golden_events_except(&["rating.changed", "review.created"])
        .await;
    app.clock.advance(chrono::Duration::hours(1));
    let input = json!({ "reviewId": id, "expectedVersion": 2, "body": "Terima kasih banyak." });
    let payload = change(&staff, "reviewRespond", input).await;
    assert_eq!(
        payload["review"]["response"],
        json!({ "body": "Terima kasih banyak.", "createdAt": "2026-01-01T00:00:00+00:00",
                "updatedAt": "2026-01-01T01:00:00+00:00" })
    );
    let input = json!({ "reviewId": id, "expectedVersion": 3 });
    let payload = change(&staff, "reviewResponseDelete", input).await;
    assert_eq!(payload["review"]["response"], Value::Null);
    assert_eq!(payload["review"]["version"], 4);
    let again = json!({ "reviewId": id, "expectedVersion": 4 });
    assert_eq!(
        code(&staff, "reviewResponseDelete", again).await,
        "NOT_FOUND"
    );
    let types = event_types(&app).await;
    assert_eq!(
        types,
        [
            "review.created",
            "review.responded",
            "review.responded",
            "review.response_deleted"
        ]
    );
    app.assert_golden_events_except(&["rating.changed", "review.created", "review.responded"])
        .await;
}

#[tokio::test]
async fn only_the_people_of_the_shop_respond() {
    let app = start().await;
    let id = review(&app.client(Role::Buyer), product(1), 5).await;
    for role in [Role::Buyer, Role::Buyer2, Role::Seller2, Role::Admin] {
        for (field, input) in [
            (
                "reviewRespond",
                json!({ "reviewId": id, "expectedVersion": 1, "body": "Halo" }),
            ),
            (
                "reviewResponseDelete",
                json!({ "reviewId": id, "expectedVersion": 1 }),
            ),
        ] {
            assert_eq!(
                change(&app.client(role), field, input).await,
                json!({ "review": null, "userErrors": [{ "__typename": "Refusal",
                    "code": "NOT_PERMITTED", "path": ["input", "reviewId"],
                    "message": "only people of the shop respond to reviews of its products" }] })
            );
        }
    }
}

#[tokio::test]
async fn a_response_that_breaks_a_rule_is_refused() {
    let app = start().await;
    let id = review(&app.client(Role::Buyer), product(1), 5).await;
    let staff = app.client(Role::Seller);
    for body in [
        String::new(),
        "x".repeat(2_001),
        "Hubungi WA 0812 3456 7890".to_owned(),
        "Pesan di www.toko.com".to_owned(),
        "Pembeli goblok".to_owned(),
    ] {
        let input = json!({ "reviewId": id, "expectedVersion": 1, "body": body });
        assert_eq!(
            code(&staff, "reviewRespond", input).await,
            "INVALID_VALUE",
            "{body}"
        );
    }
    let input = json!({ "reviewId": id, "expectedVersion": 9, "body": "Terima kasih" });
    assert_eq!(
        code(&staff, "reviewRespond", input).await,
        "VERSION_CONFLICT"
    );
    app.peers.fail("sellers");
    let input = json!({ "reviewId": id, "expectedVersion": 1, "body": "Terima kasih" });
    assert_eq!(code(&staff, "reviewRespond", input).await, "UNAVAILABLE");
    assert_eq!(event_types(&app).await, ["review.created"]);
}

#[tokio::test]
async fn the_shop_does_not_respond_to_what_is_hidden() {
    let app = start().await;
    let id = review(&app.client(Role::Buyer), product(1), 1).await;
    for number in 0..3 {
        let input = json!({ "reviewId": id, "reason": "UNTRUE" });
        assert_eq!(
            code(&person(&app, number), "reviewReport", input).await,
            "ok"
        );
    }
    let input = json!({ "reviewId": id, "expectedVersion": 2, "body": "Terima kasih" });
    assert_eq!(
        code(&app.client(Role::Seller), "reviewRespond", input).await,
        "NOT_FOUND"
    );
}
