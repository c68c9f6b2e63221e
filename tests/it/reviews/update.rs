use futures_util::future::join_all;
use harness::Role;
use serde_json::{Value, json};

use super::{change, code, event_types, opinion, product, rating, review, start};

// T-REV-3
#[tokio::test]
async fn the_author_changes_what_they_said_and_the_rating_follows() {
    let app = start().await;
    let buyer = app.client(Role::Buyer);
    let id = review(&buyer, product(1), 5).await;
    app.clock.advance(chrono::Duration::hours(1));
    let input = json!({ "reviewId": id, "expectedVersion": 1, "rating": 2, "title": "",
                        "body": "Setelah dicuci luntur." });
    let payload = change(&buyer, "reviewUpdate", input).await;
    let changed = &payload["review"];
    assert_eq!(payload["userErrors"], json!([]));
    app.assert_golden_events_except(&["rating.changed", "review.created"])
        .await;
    assert_eq!(
        (
            &changed["rating"],
            &changed["title"],
            &changed["body"],
            &changed["isEdited"]
        ),
        (
            &json!(2),
            &Value::Null,
            &json!("Setelah dicuci luntur."),
            &json!(true)
        )
    );
    assert_eq!(
        (
            &changed["version"],
            &changed["createdAt"],
            &changed["updatedAt"]
        ),
        (
            &json!(2),
            &json!("2026-01-01T00:00:00+00:00"),
            &json!("2026-01-01T01:00:00+00:00")
        )
    );
    for (type_name, owner) in [
        ("Product", product(1).to_string()),
        ("Seller", super::shop(1).to_string()),
    ] {
        let summary = rating(&app, type_name, owner).await;
        assert_eq!(
            (&summary["average"], &summary["count"]),
            (&json!(2.0), &json!(1))
        );
    }
    let input = json!({ "reviewId": id, "expectedVersion": 2, "rating": 3 });
    let payload = change(&buyer, "reviewUpdate", input).await;
    assert_eq!(
        payload["review"]["body"], "Setelah dicuci luntur.",
        "left out is unchanged"
    );
}

#[tokio::test]
async fn an_outdated_version_is_refused_and_of_many_changes_at_once_one_is_done() {
    let app = start().await;
    let buyer = app.client(Role::Buyer);
    let id = review(&buyer, product(1), 5).await;
    let codes = join_all((1..=5).map(|stars| {
        let input = json!({ "reviewId": id, "expectedVersion": 1, "rating": stars });
        let buyer = buyer.clone();
        async move { code(&buyer, "reviewUpdate", input).await }
    }))
    .await;
    assert_eq!(
        codes.iter().filter(|code| *code == "ok").count(),
        1,
        "{codes:?}"
    );
    assert_eq!(
        codes
            .iter()
            .filter(|code| *code == "VERSION_CONFLICT")
            .count(),
        4,
        "{codes:?}"
    );
    let stale = json!({ "reviewId": id, "expectedVersion": 1, "rating": 1 });
    assert_eq!(
        change(&buyer, "reviewUpdate", stale).await["userErrors"],
        json!([{ "__typename": "VersionConflict", "code": "VERSION_CONFLICT", "currentVersion": 2,
            "path": ["input", "expectedVersion"],
            "message": "it was changed in the meantime and has version 2 now: read it again, then repeat" }])
    );
    assert_eq!(
        rating(&app, "Product", product(1).to_string()).await["count"],
        1
    );
}

#[tokio::test]
async fn a_changed_text_is_screened_again_in_both_directions() {
    let app = start().await;
    let buyer = app.client(Role::Buyer);
    let id = review(&buyer, product(1), 5).await;
    for (version, body, status, count) in [
        (1, "Cek www.toko-saya.com", "PENDING", 0),
        (2, "Cek toko-saya.com saja", "PENDING", 0),
        (3, "Bahannya adem", "PUBLISHED", 1),
    ] {
        let input = json!({ "reviewId": id, "expectedVersion": version, "body": body });
        let payload = change(&buyer, "reviewUpdate", input).await;
        assert_eq!(payload["review"]["status"], status, "{body}");
        let summary = rating(&app, "Product", product(1).to_string()).await;
        assert_eq!(summary["count"], count, "{body}");
    }
}

#[tokio::test]
async fn an_update_that_breaks_a_rule_leaves_the_review_as_it_was() {
    let app = start().await;
    let buyer = app.client(Role::Buyer);
    let id = review(&buyer, product(1), 5).await;
    for (field, value) in [
        ("rating", json!(9)),
        ("title", json!("x".repeat(121))),
        ("body", json!("")),
    ] {
        let mut input = json!({ "reviewId": id, "expectedVersion": 1 });
        input[field] = value;
        let payload = change(&buyer, "reviewUpdate", input).await;
        assert_eq!(payload["userErrors"][0]["path"], json!(["input", field]));
    }
    let input = json!({ "reviewId": id, "expectedVersion": 1, "rating": 5 });
    assert_eq!(code(&buyer, "reviewUpdate", input).await, "ok");
}

// T-REV-4
#[tokio::test]
async fn a_deleted_review_is_gone_with_its_share_of_the_rating_and_may_be_written_anew() {
    let app = start().await;
    let (buyer, other) = (app.client(Role::Buyer), app.client(Role::Buyer2));
    let id = review(&buyer, product(1), 5).await;
    let vote = json!({ "reviewId": id, "isHelpful": true });
    assert_eq!(code(&other, "reviewVote", vote).await, "ok");
    let report = json!({ "reviewId": id, "reason": "SPAM" });
    assert_eq!(code(&other, "reviewReport", report).await, "ok");
    let payload = change(&buyer, "reviewDelete", json!({ "reviewId": id })).await;
    assert_eq!(
        payload,
        json!({ "deletedReviewId": id, "product": { "id": product(1) }, "userErrors": [] })
    );
    app.assert_golden_events_except(&["rating.changed", "review.created"])
        .await;
    assert_eq!(
        rating(&app, "Product", product(1).to_string()).await,
        json!({ "average": null, "count": 0, "score": 3.0, "distribution": [
            { "stars": 1, "count": 0 }, { "stars": 2, "count": 0 }, { "stars": 3, "count": 0 },
            { "stars": 4, "count": 0 }, { "stars": 5, "count": 0 }] })
    );
    let query = "query($id: ID!) { review(id: $id) { id } }";
    let gone = json!({ "data": { "review": null } });
    assert_eq!(
        app.client(Role::Admin)
            .run(query, json!({ "id": id }))
            .await,
        gone
    );
    assert_eq!(
        code(&buyer, "reviewDelete", json!({ "reviewId": id })).await,
        "NOT_FOUND"
    );
    let anew = opinion(product(1), 4, "a fresh key");
    assert_eq!(code(&buyer, "reviewCreate", anew).await, "ok");
}

#[tokio::test]
async fn a_moderator_deletes_and_of_many_deletions_at_once_one_is_done() {
    let app = start().await;
    let id = review(&app.client(Role::Buyer), product(1), 5).await;
    let (author, admin) = (app.client(Role::Buyer), app.client(Role::Admin));
    let codes = join_all((0..8).map(|number| {
        let client = if number % 2 == 0 { &author } else { &admin };
        code(client, "reviewDelete", json!({ "reviewId": id }))
    }))
    .await;
    assert_eq!(
        codes.iter().filter(|code| *code == "ok").count(),
        1,
        "{codes:?}"
    );
    assert_eq!(
        codes.iter().filter(|code| *code == "NOT_FOUND").count(),
        7,
        "{codes:?}"
    );
    assert_eq!(
        event_types(&app).await,
        ["review.created", "review.deleted"]
    );
    assert_eq!(
        rating(&app, "Product", product(1).to_string()).await["count"],
        0
    );
}
