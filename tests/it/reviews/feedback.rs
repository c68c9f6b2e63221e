use futures_util::future::join_all;
use harness::{Role, Subgraph};
use serde_json::{Value, json};

use super::{change, code, event_types, person, product, rating, review, start};

async fn vote(app: &Subgraph, number: u128, id: &str, is_helpful: Value) -> Value {
    let input = json!({ "reviewId": id, "isHelpful": is_helpful });
    let payload = change(&person(app, number), "reviewVote", input).await;
    let changed = &payload["review"];
    json!([
        changed["helpfulCount"],
        changed["unhelpfulCount"],
        changed["viewerVote"]
    ])
}

// T-REV-5
#[tokio::test]
async fn a_reader_votes_changes_the_vote_and_takes_it_back() {
    let app = start().await;
    let id = review(&app.client(Role::Buyer), product(1), 5).await;
    assert_eq!(vote(&app, 1, &id, json!(true)).await, json!([1, 0, true]));
    assert_eq!(vote(&app, 1, &id, json!(true)).await, json!([1, 0, true]));
    assert_eq!(vote(&app, 2, &id, json!(false)).await, json!([1, 1, false]));
    assert_eq!(vote(&app, 1, &id, json!(false)).await, json!([0, 2, false]));
    assert_eq!(vote(&app, 1, &id, Value::Null).await, json!([0, 1, null]));
    assert_eq!(vote(&app, 1, &id, Value::Null).await, json!([0, 1, null]));
    let payload = change(&person(&app, 3), "reviewVote", json!({ "reviewId": id })).await;
    assert_eq!(
        payload["review"]["version"], 1,
        "votes are no change of the review"
    );
    assert_eq!(event_types(&app).await, ["review.created"]);
}

#[tokio::test]
async fn votes_at_once_are_all_counted_once() {
    let app = start().await;
    let id = review(&app.client(Role::Buyer), product(1), 5).await;
    // Thirty readers, each of whom sends three different votes at the same time.
    join_all((0..90_u128).map(|number| {
        let is_helpful = [json!(true), json!(false), Value::Null][number as usize % 3].clone();
        let (app, id) = (&app, &id);
        async move { vote(app, number / 3, id, is_helpful).await }
    }))
    .await;
    let (helpful, unhelpful, wrong): (i64, i64, i64) = sqlx::query_as(
        "select count(*) filter (where is_helpful), count(*) filter (where not is_helpful), \
         (select count(*) from reviews r where array[helpful_count, unhelpful_count]::bigint[] <> \
         (select array[count(*) filter (where is_helpful), count(*) filter (where not is_helpful)] \
          from review_votes v where v.review_id = r.id)) from review_votes",
    )
    .fetch_one(&app.db)
    .await
    .unwrap();
    assert!(helpful + unhelpful <= 30);
    assert_eq!(wrong, 0, "{helpful} helpful, {unhelpful} not");
}

#[tokio::test]
async fn the_author_neither_votes_on_a_review_nor_reports_it() {
    let app = start().await;
    let buyer = app.client(Role::Buyer);
    let id = review(&buyer, product(1), 5).await;
    for (field, input, message) in [
        (
            "reviewVote",
            json!({ "reviewId": id, "isHelpful": true }),
            "the author of a review does not vote on it",
        ),
        (
            "reviewReport",
            json!({ "reviewId": id, "reason": "SPAM" }),
            "the author of a review may change or delete it instead",
        ),
    ] {
        assert_eq!(
            change(&buyer, field, input).await,
            json!({ "review": null, "userErrors": [{ "__typename": "Refusal",
                "code": "NOT_PERMITTED", "message": message, "path": ["input", "reviewId"] }] })
        );
    }
}

// T-REV-6, L-REV-V review.flagged
#[tokio::test]
async fn the_third_reader_who_objects_hides_the_review_until_a_moderator_decides() {
    let app = start().await;
    let id = review(&app.client(Role::Buyer), product(1), 5).await;
    for (number, reason, status) in [
        (1, "UNTRUE", "PUBLISHED"),
        (2, "SPAM", "PUBLISHED"),
        (3, "IRRELEVANT", "PENDING"),
    ] {
        let input = json!({ "reviewId": id, "reason": reason, "comment": "Ini bukan pembeli." });
        let reader = person(&app, number);
        let payload = change(&reader, "reviewReport", input.clone()).await;
        assert_eq!(payload["review"]["status"], status);
        let again = code(&reader, "reviewReport", input).await;
        assert_eq!(
            again,
            if number < 3 {
                "ALREADY_EXISTS"
            } else {
                "NOT_FOUND"
            }
        );
        app.clock.advance(chrono::Duration::seconds(1));
    }
    app.assert_golden_events_except(&["rating.changed", "review.created"])
        .await;
    assert_eq!(
        event_types(&app).await,
        ["review.created", "review.flagged"]
    );
    assert_eq!(
        rating(&app, "Product", product(1).to_string()).await["count"],
        0
    );

    let query = "query($id: ID!) { review(id: $id) { version moderation { holdReasons reports {
        reporter { id } reason comment createdAt } } } }";
    let reply = app
        .client(Role::Admin)
        .run(query, json!({ "id": id }))
        .await;
    let moderation = &reply["data"]["review"]["moderation"];
    assert_eq!(moderation["holdReasons"], json!(["REPORTED"]));
    let reasons: Vec<_> = moderation["reports"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| &r["reason"])
        .collect();
    assert_eq!(
        reasons,
        ["IRRELEVANT", "SPAM", "UNTRUE"],
        "the newest first"
    );
    assert_eq!(
        moderation["reports"][2],
        json!({ "reporter": { "id": super::person_id(1) }, "reason": "UNTRUE",
                "comment": "Ini bukan pembeli.", "createdAt": "2026-01-01T00:00:00+00:00" })
    );
    let reply = app
        .client(Role::Buyer)
        .run(query, json!({ "id": id }))
        .await;
    assert_eq!(
        reply["errors"][0]["extensions"]["code"], "FORBIDDEN",
        "not who reported"
    );
    let reply = app
        .client(Role::Buyer2)
        .run(query, json!({ "id": id }))
        .await;
    assert_eq!(reply, json!({ "data": { "review": null } }));
}

#[tokio::test]
async fn ten_readers_who_object_at_once_flag_the_review_once() {
    let app = start().await;
    let id = review(&app.client(Role::Buyer), product(1), 5).await;
    let codes = join_all((0..10).map(|number| {
        let (reader, input) = (
            person(&app, number),
            json!({ "reviewId": id, "reason": "OFFENSIVE" }),
        );
        async move { code(&reader, "reviewReport", input).await }
    }))
    .await;
    assert_eq!(
        codes.iter().filter(|code| *code == "ok").count(),
        3,
        "{codes:?}"
    );
    assert_eq!(
        event_types(&app).await,
        ["review.created", "review.flagged"]
    );
}

#[tokio::test]
async fn ten_reports_at_once_of_one_reader_are_one() {
    let app = start().await;
    let id = review(&app.client(Role::Buyer), product(1), 5).await;
    let reader = person(&app, 1);
    let input = json!({ "reviewId": id, "reason": "OFFENSIVE" });
    let codes = join_all((0..10).map(|_| code(&reader, "reviewReport", input.clone()))).await;
    assert_eq!(
        codes.iter().filter(|code| *code == "ok").count(),
        1,
        "{codes:?}"
    );
    let open: i32 = sqlx::query_scalar("select open_report_count from reviews")
        .fetch_one(&app.db)
        .await
        .unwrap();
    assert_eq!(open, 1);
}

#[tokio::test]
async fn a_report_says_what_is_wrong_when_no_reason_fits() {
    let app = start().await;
    let id = review(&app.client(Role::Buyer), product(1), 5).await;
    for (reason, comment, code) in [
        ("OTHER", Value::Null, "INVALID_VALUE"),
        ("OTHER", json!("  "), "INVALID_VALUE"),
        ("SPAM", json!("x".repeat(501)), "INVALID_VALUE"),
        ("OTHER", json!("Salah produk"), "ok"),
    ] {
        let input = json!({ "reviewId": id, "reason": reason, "comment": comment });
        assert_eq!(
            super::code(&person(&app, 1), "reviewReport", input).await,
            code,
            "{comment}"
        );
    }
}
