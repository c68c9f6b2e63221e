use harness::Role;
use serde_json::{Value, json};

use super::{change, opinion, person, product, review, start};

// T-REV-R: others learn the rating of a product from one event, in order
#[tokio::test]
async fn a_changed_rating_is_told_with_a_version_of_its_own() {
    let app = start().await;
    let author = app.client(Role::Buyer);
    let id = review(&author, product(1), 5).await;
    review(&person(&app, 1), product(1), 4).await;
    review(&person(&app, 2), product(1), 4).await;
    let edit = json!({ "reviewId": id, "expectedVersion": 1, "rating": 1 });
    change(&author, "reviewUpdate", edit).await;
    // A change that the ratings do not see: the same stars, and a vote.
    let edit = json!({ "reviewId": id, "expectedVersion": 2, "body": "Sama saja." });
    change(&author, "reviewUpdate", edit).await;
    let vote = json!({ "reviewId": id, "isHelpful": true });
    change(&person(&app, 1), "reviewVote", vote).await;
    for (author, _) in [(1, 0), (2, 0)] {
        let query = "query($r: [_Any!]!) { _entities(representations: $r) { ... on Product { viewerReview { id } } } }";
        let variables = json!({ "r": [{ "__typename": "Product", "id": product(1) }] });
        let reply = person(&app, author).run(query, variables).await;
        let id = &reply["data"]["_entities"][0]["viewerReview"]["id"];
        change(
            &person(&app, author),
            "reviewDelete",
            json!({ "reviewId": id }),
        )
        .await;
    }
    change(&author, "reviewDelete", json!({ "reviewId": id })).await;

    let told: Vec<Value> = app
        .outbox()
        .await
        .into_iter()
        .filter(|event| event["eventType"] == "rating.changed")
        .collect();
    let said: Vec<_> = told
        .iter()
        .map(|event| {
            assert_eq!(event["aggregateType"], "product_rating");
            assert_eq!(event["aggregateId"], json!(product(1)));
            assert_eq!(event["payload"]["productId"], json!(product(1)));
            let payload = &event["payload"];
            json!([event["version"], payload["average"], payload["count"]])
        })
        .collect();
    assert_eq!(
        json!(said),
        json!([
            [1, "5.00", 1],
            [2, "4.50", 2],
            [3, "4.33", 3],
            [4, "3.00", 3],
            [5, "2.50", 2],
            [6, "1.00", 1],
            [7, null, 0]
        ])
    );
}

#[tokio::test]
async fn a_review_that_waits_for_a_moderator_changes_no_rating() {
    let app = start().await;
    let mut input = opinion(product(1), 5, "k");
    input["body"] = json!("Cek tokosaya.com");
    let held = change(&app.client(Role::Buyer), "reviewCreate", input).await;
    assert_eq!(held["review"]["status"], "PENDING");
    assert_eq!(super::event_types(&app).await, ["review.created"]);
    let told = app.outbox().await;
    assert!(
        told.iter()
            .all(|event| event["eventType"] != "rating.changed")
    );
}

// T-SRC-4
#[tokio::test]
async fn ratings_can_be_read_in_pages_as_their_events_tell_them() {
    let app = start().await;
    for (number, stars) in [(1, 5), (2, 3), (3, 4)] {
        review(&app.client(Role::Buyer), product(number), stars).await;
    }
    review(&person(&app, 1), product(2), 4).await;
    let query =
        "query($after: ID) { ratingSnapshots(after: $after, first: 2) { id version payload } }";
    let service = app.client(Role::Service);
    let (reply, statements) = app.statements(service.run(query, json!({}))).await;
    assert_eq!(statements, 1);
    let mut found = reply["data"]["ratingSnapshots"].as_array().unwrap().clone();
    assert_eq!(found.len(), 2);
    let rest = service.run(query, json!({ "after": found[1]["id"] })).await;
    found.extend(rest["data"]["ratingSnapshots"].as_array().unwrap().clone());
    assert_eq!(found.len(), 3);
    let events = app.outbox().await;
    for item in &found {
        let payload: Value = serde_json::from_str(item["payload"].as_str().unwrap()).unwrap();
        let of_rating = |event: &&Value| {
            event["aggregateId"] == item["id"] && event["eventType"] == "rating.changed"
        };
        let last = events.iter().rfind(of_rating).unwrap();
        assert_eq!(
            (&item["version"], &payload),
            (&last["version"], &last["payload"])
        );
    }
}
