use harness::{Client, Role, Subgraph};
use serde_json::{Value, json};

use super::{change, code, event_types, opinion, person, product, rating, review, start};

/// Writes a review that waits for a moderator; gives its id.
pub(super) async fn held(client: &Client, number: u128) -> String {
    let mut input = opinion(product(number), 4, &format!("k{number}"));
    input["body"] = json!("Cek juga tokosaya.com");
    let payload = change(client, "reviewCreate", input).await;
    assert_eq!(payload["review"]["status"], "PENDING", "{payload}");
    payload["review"]["id"].as_str().unwrap().to_owned()
}

fn decision(id: &str, version: i32, decision: &str, reason: &str) -> Value {
    json!({ "reviewId": id, "expectedVersion": version, "decision": decision, "reason": reason })
}

async fn count(app: &Subgraph) -> Value {
    rating(app, "Product", product(1).to_string()).await["count"].clone()
}

// T-REV-R, L-REV-F moderation, L-REV-V review.approved
#[tokio::test]
async fn a_held_review_is_rejected_appealed_and_approved() {
    let app = start().await;
    let (author, admin) = (app.client(Role::Buyer), app.client(Role::Admin));
    let id = held(&author, 1).await;
    let input = decision(&id, 1, "REJECT", "Promosi toko lain.");
    let rejected = change(&admin, "reviewModerate", input).await;
    assert_eq!(rejected["review"]["status"], "REJECTED");
    assert_eq!(
        rejected["review"]["moderation"],
        json!({ "holdReasons": [], "heldAt": null, "decisionReason": "Promosi toko lain." })
    );
    let query = "query($id: ID!) { review(id: $id) { status moderation { decisionReason } } }";
    let seen = author.run(query, json!({ "id": id })).await;
    assert_eq!(
        seen["data"]["review"],
        json!({ "status": "REJECTED", "moderation": { "decisionReason": "Promosi toko lain." } })
    );
    app.clock.advance(chrono::Duration::hours(1));
    let appeal = json!({ "reviewId": id, "expectedVersion": 2, "body": "Bahannya bagus." });
    let appealed = change(&author, "reviewUpdate", appeal).await;
    assert_eq!(appealed["review"]["status"], "PENDING");
    assert_eq!(
        appealed["review"]["moderation"],
        json!({ "holdReasons": ["RESUBMITTED"], "heldAt": "2026-01-01T01:00:00+00:00",
                "decisionReason": "Promosi toko lain." })
    );
    assert_eq!(count(&app).await, 0);
    let approved = change(&admin, "reviewModerate", decision(&id, 3, "APPROVE", "")).await;
    assert_eq!(approved["review"]["status"], "PUBLISHED");
    assert_eq!(
        approved["review"]["moderation"],
        json!({ "holdReasons": [], "heldAt": null, "decisionReason": null })
    );
    assert_eq!(count(&app).await, 1);
    let types = event_types(&app).await;
    assert_eq!(
        types,
        [
            "review.created",
            "review.rejected",
            "review.updated",
            "review.approved"
        ]
    );
    app.assert_golden_events_except(&["rating.changed", "review.created", "review.updated"])
        .await;
}

#[tokio::test]
async fn a_published_review_can_be_rejected_and_leaves_the_rating() {
    let app = start().await;
    let id = review(&app.client(Role::Buyer), product(1), 5).await;
    let admin = app.client(Role::Admin);
    assert_eq!(count(&app).await, 1);
    let input = decision(&id, 1, "REJECT", "Bukan pembeli");
    assert_eq!(code(&admin, "reviewModerate", input).await, "ok");
    assert_eq!(count(&app).await, 0);
}

#[tokio::test]
async fn what_was_decided_is_not_decided_again_and_a_rejection_has_a_reason() {
    let app = start().await;
    let admin = app.client(Role::Admin);
    let id = review(&app.client(Role::Buyer), product(1), 5).await;
    for (version, verdict, reason, expected) in [
        (1, "APPROVE", "", "INVALID_STATE"),
        (1, "REJECT", "", "INVALID_VALUE"),
        (1, "REJECT", "no", "INVALID_VALUE"),
        (2, "REJECT", "Bukan pembeli", "VERSION_CONFLICT"),
        (1, "REJECT", "Bukan pembeli", "ok"),
        (2, "REJECT", "Bukan pembeli", "INVALID_STATE"),
        (2, "APPROVE", "", "ok"),
    ] {
        let input = decision(&id, version, verdict, reason);
        assert_eq!(
            code(&admin, "reviewModerate", input).await,
            expected,
            "{verdict} {reason}"
        );
    }
}

#[tokio::test]
async fn an_approval_settles_the_objections_and_three_new_ones_count_again() {
    let app = start().await;
    let id = review(&app.client(Role::Buyer), product(1), 5).await;
    let admin = app.client(Role::Admin);
    let report = json!({ "reviewId": id, "reason": "SPAM" });
    for number in 0..3 {
        assert_eq!(
            code(&person(&app, number), "reviewReport", report.clone()).await,
            "ok"
        );
    }
    let edit = json!({ "reviewId": id, "expectedVersion": 2, "body": "Bahannya bagus sekali." });
    let edited = change(&app.client(Role::Buyer), "reviewUpdate", edit).await;
    assert_eq!(
        edited["review"]["moderation"]["holdReasons"],
        json!(["REPORTED"]),
        "another text does not lift what readers object to"
    );
    assert_eq!(
        code(&admin, "reviewModerate", decision(&id, 3, "APPROVE", "")).await,
        "ok"
    );
    for (number, expected) in [(0, "ALREADY_EXISTS"), (3, "ok"), (4, "ok")] {
        assert_eq!(
            code(&person(&app, number), "reviewReport", report.clone()).await,
            expected
        );
    }
    assert_eq!(count(&app).await, 1, "two are not enough");
    assert_eq!(code(&person(&app, 5), "reviewReport", report).await, "ok");
    assert_eq!(count(&app).await, 0);
}

#[tokio::test]
async fn the_queue_shows_what_waits_longest_first_page_by_page() {
    let app = start().await;
    let mut expected = Vec::new();
    for number in 0..7 {
        // Two wait since the same moment: the id decides between them.
        app.clock
            .advance(chrono::Duration::seconds(i64::from(number % 2 == 0)));
        expected.push(held(&person(&app, number), 1).await);
    }
    review(&app.client(Role::Buyer), product(1), 5).await;
    let admin = app.client(Role::Admin);
    let query = "query($after: String) { reviewModerationQueue(first: 3, after: $after) {
        nodes { id status } pageInfo { hasNextPage endCursor } } }";
    let (mut seen, mut after) = (Vec::new(), Value::Null);
    loop {
        let reply = admin.run(query, json!({ "after": after })).await;
        let page = &reply["data"]["reviewModerationQueue"];
        for node in page["nodes"].as_array().unwrap() {
            assert_eq!(node["status"], "PENDING");
            seen.push(node["id"].as_str().unwrap().to_owned());
        }
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
    assert_eq!(seen, expected);
    for arguments in ["first: 0", "first: 101", "after: \"x\"", "after: \"W10\""] {
        let query = format!("{{ reviewModerationQueue({arguments}) {{ nodes {{ id }} }} }}");
        let reply = admin.run(&query, json!({})).await;
        assert_eq!(
            reply["errors"][0]["extensions"]["code"], "BAD_USER_INPUT",
            "{arguments}"
        );
    }
}
