use harness::{Role, Subgraph};
use proptest::prelude::*;
use sellers::domain::{Profile, Rejection, Seller, SellerStatus};
use serde_json::json;

use super::{change, register};

// L-SEL-F verification states, L-SEL-V seller.verified
#[tokio::test]
async fn a_shop_is_submitted_refused_submitted_again_and_verified() {
    let app = Subgraph::start(&sellers::SUBGRAPH).await;
    let id = register(&app, Role::Seller, "batik-ratna").await;
    let (owner, admin) = (app.client(Role::Seller), app.client(Role::Admin));
    let documents = |version| {
        json!({ "sellerId": id, "expectedVersion": version, "legalName": "PT Batik Ratna Abadi",
                "businessNumber": "1234567890123" })
    };
    let submitted = change(&owner, "sellerVerificationSubmit", documents(1)).await;
    assert_eq!(submitted["seller"]["status"], "IN_REVIEW");
    let refusal =
        json!({ "sellerId": id, "expectedVersion": 2, "refusalReason": "NIB tidak terbaca" });
    let refused = change(&admin, "sellerVerificationDecide", refusal).await;
    assert_eq!(refused["seller"]["status"], "REJECTED");
    change(&owner, "sellerVerificationSubmit", documents(3)).await;
    let approval = json!({ "sellerId": id, "expectedVersion": 4 });
    let verified = change(&admin, "sellerVerificationDecide", approval.clone()).await;
    assert_eq!(
        verified,
        json!({ "seller": { "status": "VERIFIED", "version": 5, "shopName": "Batik Ratna",
                            "city": "Kota Pekalongan" }, "userErrors": [] })
    );

    let stale = change(&admin, "sellerVerificationDecide", approval).await;
    assert_eq!(
        stale["userErrors"][0],
        json!({ "__typename": "VersionConflict", "code": "VERSION_CONFLICT", "currentVersion": 5,
                "path": ["input", "expectedVersion"],
                "message": "it was changed in the meantime and has version 5 now: read it again, then repeat" })
    );
    let again = json!({ "sellerId": id, "expectedVersion": 5 });
    let again = change(&admin, "sellerVerificationDecide", again).await;
    assert_eq!(again["userErrors"][0]["code"], "INVALID_STATE");
    app.assert_golden_events_except(&["seller.registered", "seller.verification_submitted"])
        .await;
    let types: Vec<_> = app
        .outbox()
        .await
        .iter()
        .map(|e| e["eventType"].clone())
        .collect();
    assert_eq!(
        types,
        [
            "seller.registered",
            "seller.verification_submitted",
            "seller.rejected",
            "seller.verification_submitted",
            "seller.verified"
        ]
    );
}

#[tokio::test]
async fn a_submission_is_an_event() {
    let app = Subgraph::start(&sellers::SUBGRAPH).await;
    let id = register(&app, Role::Seller, "batik-ratna").await;
    let input = json!({ "sellerId": id, "expectedVersion": 1, "legalName": "PT Batik Ratna",
                        "businessNumber": "1234567890123" });
    change(&app.client(Role::Seller), "sellerVerificationSubmit", input).await;
    app.assert_golden_events_except(&["seller.registered"])
        .await;
}

#[tokio::test]
async fn documents_that_break_a_rule_are_refused() {
    let app = Subgraph::start(&sellers::SUBGRAPH).await;
    let id = register(&app, Role::Seller, "batik-ratna").await;
    for (legal_name, number, field) in [
        ("PT", "1234567890123", "legalName"),
        ("PT Batik Ratna", "123", "businessNumber"),
        ("PT Batik Ratna", "123456789012x", "businessNumber"),
    ] {
        let input = json!({ "sellerId": id, "expectedVersion": 1, "legalName": legal_name,
                            "businessNumber": number });
        let reply = change(&app.client(Role::Seller), "sellerVerificationSubmit", input).await;
        assert_eq!(reply["userErrors"][0]["path"], json!(["input", field]));
    }
}

#[tokio::test]
async fn a_suspended_shop_is_hidden_until_it_is_reinstated() {
    let app = Subgraph::start(&sellers::SUBGRAPH).await;
    let id = register(&app, Role::Seller, "batik-ratna").await;
    let (admin, anyone) = (app.client(Role::Admin), app.client(Role::Anonymous));
    let close = json!({ "sellerId": id, "expectedVersion": 1 });
    assert_eq!(
        change(&admin, "sellerSuspend", close).await["seller"]["status"],
        "SUSPENDED"
    );

    let query = "query($id: ID!, $slug: String!) { seller(id: $id) { id }
        sellerBySlug(slug: $slug) { id } sellers { nodes { id } } }";
    let variables = json!({ "id": id, "slug": "batik-ratna" });
    let hidden =
        json!({ "data": { "seller": null, "sellerBySlug": null, "sellers": { "nodes": [] } } });
    assert_eq!(anyone.run(query, variables.clone()).await, hidden);
    assert_eq!(
        admin.run(query, variables.clone()).await["data"]["seller"]["id"],
        json!(id)
    );

    let edit = json!({ "sellerId": id, "expectedVersion": 2, "city": "Kota Solo" });
    let edit = change(&app.client(Role::Seller), "sellerUpdate", edit).await;
    assert_eq!(edit["userErrors"][0]["code"], "INVALID_STATE");
    let open = json!({ "sellerId": id, "expectedVersion": 2 });
    assert_eq!(
        change(&admin, "sellerReinstate", open).await["seller"]["status"],
        "UNVERIFIED"
    );
    assert_eq!(
        anyone.run(query, variables).await["data"]["seller"]["id"],
        json!(id)
    );
    app.assert_golden_events_except(&["seller.registered"])
        .await;
}

/// The state machine as a table, written apart from the code: from, step, to.
const STEPS: [(SellerStatus, usize, SellerStatus); 8] = {
    use SellerStatus::{InReview, Rejected, Suspended, Unverified, Verified};
    [
        (Unverified, 0, InReview),
        (Rejected, 0, InReview),
        (InReview, 1, Verified),
        (InReview, 2, Rejected),
        (Unverified, 3, Suspended),
        (InReview, 3, Suspended),
        (Verified, 3, Suspended),
        (Rejected, 3, Suspended),
    ]
};

proptest! {
    #[test]
    fn any_sequence_of_steps_follows_the_table(steps in prop::collection::vec(0_usize..5, 0..40)) {
        let now = chrono::DateTime::UNIX_EPOCH;
        let profile = Profile {
            shop_name: "Toko".into(), tagline: String::new(), description: String::new(), city: "Solo".into(),
            province: "Jawa Tengah".into(),
        };
        let id = kernel::Id::from_uuid(uuid::Uuid::nil());
        let mut shop = Seller::register(id, "toko-solo".into(), profile, now).unwrap();
        for step in steps {
            let before = shop.clone();
            let outcome = match step {
                0 => shop.submit("PT Toko Solo".into(), "1234567890123".into(), now),
                1 => shop.decide(None, now),
                2 => shop.decide(Some("tidak lengkap".into()), now),
                3 => shop.suspend(now),
                _ => shop.reinstate(now),
            };
            let expected = STEPS
                .iter()
                .find(|(from, s, _)| *from == before.status && *s == step)
                .map(|(_, _, to)| *to)
                .or((step == 4 && before.status == SellerStatus::Suspended)
                    .then_some(SellerStatus::Unverified));
            match expected {
                Some(to) => {
                    prop_assert_eq!(&outcome, &Ok(()));
                    prop_assert_eq!(shop.status, to);
                    prop_assert_eq!(shop.version, before.version + 1);
                }
                None => {
                    let is_state = matches!(outcome, Err(Rejection::InvalidState { .. }));
                    prop_assert!(is_state);
                    prop_assert_eq!(shop, before.clone());
                    shop = before;
                }
            }
        }
    }
}
