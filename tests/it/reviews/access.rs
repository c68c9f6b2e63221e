use harness::{
    Role,
    access::{Row, SERVICE_ONLY, assert_met, mutation},
};
use serde_json::json;

use super::{code, moderation::held, product, review, start};

const LOGGED_OUT: &str = "UNAUTHENTICATED";

/// Anonymous and services are logged out; then author, another buyer, the shop, another shop, admin.
fn row(codes: [&'static str; 5]) -> Row {
    let [author, buyer, seller, other_seller, admin] = codes;
    [
        LOGGED_OUT,
        author,
        buyer,
        seller,
        other_seller,
        admin,
        LOGGED_OUT,
    ]
}

/// Field, input and what each role meets. Nothing here changes anything: what is allowed fails later.
fn mutations() -> Vec<(&'static str, &'static str, Row)> {
    let (refused, stale) = ("NOT_PERMITTED", "VERSION_CONFLICT");
    let shop_only = row([refused, refused, stale, refused, refused]);
    vec![
        (
            "reviewCreate",
            "productId: \"PRODUCT\", rating: 9, body: \"Bagus\", idempotencyKey: \"k\"",
            row(["INVALID_VALUE"; 5]),
        ),
        (
            "reviewUpdate",
            "reviewId: \"ID\", expectedVersion: 99",
            row([stale, refused, refused, refused, refused]),
        ),
        (
            "reviewVote",
            "reviewId: \"ID\", isHelpful: null",
            row([refused, "ok", "ok", "ok", "ok"]),
        ),
        (
            "reviewReport",
            "reviewId: \"ID\", reason: OTHER",
            row([
                refused,
                "INVALID_VALUE",
                "INVALID_VALUE",
                "INVALID_VALUE",
                "INVALID_VALUE",
            ]),
        ),
        (
            "reviewRespond",
            "reviewId: \"ID\", expectedVersion: 99, body: \"Halo\"",
            shop_only,
        ),
        (
            "reviewResponseDelete",
            "reviewId: \"ID\", expectedVersion: 99",
            shop_only,
        ),
        (
            "reviewModerate",
            "reviewId: \"ID\", expectedVersion: 99, decision: APPROVE",
            row(["FORBIDDEN", "FORBIDDEN", "FORBIDDEN", "FORBIDDEN", stale]),
        ),
    ]
}

// T-RBAC: every root field, every role. Rows are compared whole, so a new role or field shows up here.
#[tokio::test]
async fn every_root_field_answers_each_role_as_the_matrix_says() {
    let queries = [
        ("review(id: \"ID\") { id }", ["ok"; 7]),
        (
            "reviewModerationQueue { nodes { id } }",
            row(["FORBIDDEN", "FORBIDDEN", "FORBIDDEN", "FORBIDDEN", "ok"]),
        ),
        ("ratingSnapshots(first: 1) { id }", SERVICE_ONLY),
    ];
    let app = start().await;
    let id = review(&app.client(Role::Buyer), product(1), 5).await;
    let fill = |text: &str| {
        text.replace("ID\"", &format!("{id}\""))
            .replace("PRODUCT", &product(2).to_string())
    };
    let mut documents: Vec<(String, Row)> = Vec::new();
    for (field, input, expected) in mutations() {
        documents.push((mutation(field, &fill(input)), expected));
    }
    for (field, expected) in queries {
        documents.push((format!("{{ {} }}", fill(field)), expected));
    }
    assert_met(&app, documents).await;
    assert_eq!(
        app.outbox().await.len(),
        2,
        "nothing but the creation and its rating happened"
    );
}

#[tokio::test]
async fn a_review_is_deleted_by_its_author_and_by_moderators_only() {
    let app = start().await;
    let expected = row([
        "ok",
        "NOT_PERMITTED",
        "NOT_PERMITTED",
        "NOT_PERMITTED",
        "ok",
    ]);
    for (number, (role, expected)) in (20..).zip(Role::ALL.into_iter().zip(expected)) {
        let id = review(&app.client(Role::Buyer), product(number), 5).await;
        let met = code(&app.client(role), "reviewDelete", json!({ "reviewId": id })).await;
        assert_eq!(met, expected, "{role:?}");
    }
}

#[tokio::test]
async fn a_hidden_review_does_not_exist_for_anybody_but_its_author_and_moderators() {
    let app = start().await;
    let id = held(&app.client(Role::Buyer), 1).await;
    let query = "query($id: ID!) { review(id: $id) { id } }";
    for role in Role::ALL {
        let reply = app.client(role).run(query, json!({ "id": id })).await;
        let sees = matches!(role, Role::Buyer | Role::Admin);
        assert_eq!(
            reply["data"]["review"]["id"],
            json!(sees.then_some(&id)),
            "{role:?}"
        );
    }
    for role in [Role::Buyer2, Role::Seller, Role::Seller2] {
        let client = app.client(role);
        for (field, input) in [
            (
                "reviewUpdate",
                json!({ "reviewId": id, "expectedVersion": 1 }),
            ),
            ("reviewDelete", json!({ "reviewId": id })),
            ("reviewVote", json!({ "reviewId": id, "isHelpful": true })),
            ("reviewReport", json!({ "reviewId": id, "reason": "SPAM" })),
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
                code(&client, field, input).await,
                "NOT_FOUND",
                "{role:?} {field}"
            );
        }
    }
}

#[tokio::test]
async fn where_a_review_stands_with_the_moderators_is_for_its_author_and_them() {
    let app = start().await;
    let id = review(&app.client(Role::Buyer), product(1), 5).await;
    let query = "query($id: ID!) { review(id: $id) { moderation { holdReasons } } }";
    for role in Role::ALL {
        let reply = app.client(role).run(query, json!({ "id": id })).await;
        let sees = matches!(role, Role::Buyer | Role::Admin);
        let expected = sees.then(|| json!({ "holdReasons": [] }));
        assert_eq!(
            reply["data"]["review"],
            json!({ "moderation": expected }),
            "{role:?}"
        );
    }
}
