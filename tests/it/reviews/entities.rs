use harness::{Role, Subgraph, entities};
use serde_json::{Value, json};

use super::{change, moderation::held, person, product, review, shop, start};

/// Three reviews of each of so many products; the ids of the reviews.
async fn products_with_reviews(app: &Subgraph, count: u128) -> Vec<String> {
    let mut ids = Vec::new();
    for number in (0..count).filter(|number| *number != 13) {
        for author in 0..3 {
            app.clock.advance(chrono::Duration::seconds(1));
            let stars = i32::try_from(author).unwrap() + 3;
            ids.push(review(&person(app, author), product(number), stars).await);
        }
    }
    ids
}

// design.md 5 and 8: the product page takes one statement per type of look-up
#[tokio::test]
async fn twenty_four_products_take_the_statements_of_one() {
    let app = start().await;
    products_with_reviews(&app, 25).await;
    let ids: Vec<_> = (0..25)
        .filter(|number| *number != 13)
        .map(|number| product(number).to_string())
        .collect();
    let viewer = person(&app, 1);
    for (selection, statements) in [
        ("reviews(first: 1) { nodes { rating } }", 1),
        ("reviews(first: 1, sort: MOST_HELPFUL, where: { rating: [5] }) { nodes { rating } }", 1),
        ("rating { average count }", 1),
        ("viewerReview { rating }", 1),
        ("rating { count } reviews(first: 1) { nodes { viewerVote author { reviews { nodes { id } } }
            seller { rating { count } reviews(first: 2) { nodes { id } } } } } viewerReview { id }", 7),
    ] {
        for (keys, some) in [(1, &ids[..1]), (24, &ids[..])] {
            let (query, variables) = entities("Product", selection, some);
            let (reply, sent) = app.statements(viewer.run(&query, variables)).await;
            assert!(reply["errors"].is_null(), "{reply}");
            let found = reply["data"]["_entities"].as_array().unwrap();
            assert_eq!((found.len(), sent), (keys, statements), "{selection}");
            assert!(found.iter().all(|entity| *entity != Value::Null));
        }
    }
    let selection = "reviews(first: 1, sort: LOWEST) { nodes { rating product { id } } }";
    let (query, variables) = entities("Product", selection, &ids);
    let reply = viewer.run(&query, variables).await;
    for (id, entity) in ids
        .iter()
        .zip(reply["data"]["_entities"].as_array().unwrap())
    {
        let expected = json!([{ "rating": 3, "product": { "id": id } }]);
        assert_eq!(
            entity["reviews"]["nodes"], expected,
            "each product has its own"
        );
    }
}

#[tokio::test]
async fn one_and_fifty_reviews_take_the_same_statements() {
    let app = start().await;
    let ids = products_with_reviews(&app, 19).await;
    assert!(ids.len() >= 50);
    let admin = app.client(Role::Admin);
    let selection =
        "body viewerVote product { rating { count } } moderation { reports { reason } }";
    let mut sent = Vec::new();
    for some in [&ids[..1], &ids[..50]] {
        let (query, variables) = entities("Review", selection, some);
        let (reply, statements) = app.statements(admin.run(&query, variables)).await;
        assert_eq!(
            reply["data"]["_entities"].as_array().unwrap().len(),
            some.len()
        );
        assert!(reply["errors"].is_null(), "{reply}");
        sent.push(statements);
    }
    assert_eq!(sent, [4, 4], "reviews, votes, ratings, reports");
}

#[tokio::test]
async fn what_is_missing_or_hidden_is_null_and_its_neighbours_arrive() {
    let app = start().await;
    let first = review(&person(&app, 1), product(1), 5).await;
    let hidden = held(&person(&app, 2), 1).await;
    let last = review(&person(&app, 3), product(1), 4).await;
    let missing = "review_7zzzzzzzzzzzzzzzzzzzzzzzzz".to_owned();
    let (query, variables) = entities("Review", "rating", &[first, missing, hidden, last]);
    let reply = app.client(Role::Anonymous).run(&query, variables).await;
    assert_eq!(
        reply,
        json!({ "data": { "_entities": [
            { "__typename": "Review", "rating": 5 }, null, null,
            { "__typename": "Review", "rating": 4 },
        ] } })
    );
}

#[tokio::test]
async fn products_and_shops_without_reviews_have_an_empty_rating() {
    let app = start().await;
    for (type_name, id) in [
        ("Product", product(1).to_string()),
        ("Seller", shop(1).to_string()),
    ] {
        let selection =
            "rating { average count } reviews { nodes { id } pageInfo { hasNextPage } }";
        let (query, variables) = entities(type_name, selection, &[id]);
        let reply = app.client(Role::Anonymous).run(&query, variables).await;
        assert_eq!(
            reply["data"]["_entities"],
            json!([{ "__typename": type_name, "rating": { "average": null, "count": 0 },
                     "reviews": { "nodes": [], "pageInfo": { "hasNextPage": false } } }])
        );
    }
}

#[tokio::test]
async fn an_id_of_another_kind_is_refused_with_the_prefix_that_was_expected() {
    let app = start().await;
    let id = json!("product_00000000000000000000000001");
    let query = "query($id: ID!) { review(id: $id) { id } }";
    let reply = app
        .client(Role::Anonymous)
        .run(query, json!({ "id": id }))
        .await;
    assert_eq!(reply["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    let message = reply["errors"][0]["message"].as_str().unwrap();
    assert!(
        message.contains("expected an id that begins with `review_`"),
        "{message}"
    );
    for field in [
        "reviewUpdate",
        "reviewModerate",
        "reviewRespond",
        "reviewResponseDelete",
    ] {
        let mut input = json!({ "reviewId": id, "expectedVersion": 1 });
        if field == "reviewModerate" {
            input["decision"] = json!("APPROVE");
        }
        if field == "reviewRespond" {
            input["body"] = json!("Halo");
        }
        let errors = change(&app.client(Role::Admin), field, input).await;
        assert_eq!(
            errors[0]["extensions"]["code"], "BAD_USER_INPUT",
            "{field}: {errors}"
        );
    }
}
