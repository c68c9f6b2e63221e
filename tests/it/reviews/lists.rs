use harness::{Role, Subgraph, entities, user_id};
use serde_json::{Value, json};

use super::{change, moderation::held, person, person_id, product, review, shop, start};

/// Reads all pages of a list of `type_name`'s entity `id`; gives the ids, page by page.
async fn walk(app: &Subgraph, type_name: &str, id: &str, arguments: &str) -> Vec<Vec<String>> {
    let (mut pages, mut after) = (Vec::new(), String::new());
    loop {
        let selection = format!(
            "reviews({arguments} {after}) {{ nodes {{ id }} \
             pageInfo {{ hasNextPage hasPreviousPage endCursor }} }}"
        );
        let (query, variables) = entities(type_name, &selection, &[id.to_owned()]);
        let reply = app.client(Role::Anonymous).run(&query, variables).await;
        let page = &reply["data"]["_entities"][0]["reviews"];
        let nodes = page["nodes"]
            .as_array()
            .unwrap_or_else(|| panic!("{reply}"));
        assert_eq!(page["pageInfo"]["hasPreviousPage"], !pages.is_empty());
        pages.push(
            nodes
                .iter()
                .map(|node| node["id"].as_str().unwrap().to_owned())
                .collect(),
        );
        if page["pageInfo"]["hasNextPage"] == false {
            return pages;
        }
        after = format!("after: {}", page["pageInfo"]["endCursor"]);
    }
}

/// Twenty reviews of one product, some at the same moment; ids with stars, oldest first.
async fn twenty(app: &Subgraph) -> Vec<(String, i32)> {
    let mut written = Vec::new();
    for number in 0..20_u128 {
        app.clock
            .advance(chrono::Duration::seconds(i64::from(number % 3 == 0)));
        let stars = [5, 4, 1, 3, 5, 2, 5][number as usize % 7];
        written.push((review(&person(app, number), product(1), stars).await, stars));
    }
    held(&person(app, 30), 1).await;
    written
}

// T-REV-1, T-REV-7: design.md 5 lists
#[tokio::test]
async fn every_order_shows_every_review_once_on_pages_of_any_size() {
    let app = start().await;
    let mut newest: Vec<_> = twenty(&app).await;
    newest.reverse();
    review(&person(&app, 1), product(2), 5).await;
    for (sort, rank) in [
        ("NEWEST", 0),
        ("HIGHEST", -1),
        ("LOWEST", 1),
        ("MOST_HELPFUL", 0),
    ] {
        let mut expected = newest.clone();
        expected.sort_by_key(|(_, stars)| stars * rank);
        let expected: Vec<_> = expected.into_iter().map(|(id, _)| id).collect();
        let mut sizes = vec![7];
        if sort == "NEWEST" {
            sizes.extend([1, 20, 100]);
        }
        for size in sizes {
            let arguments = format!("first: {size}, sort: {sort}");
            let pages = walk(&app, "Product", &product(1).to_string(), &arguments).await;
            assert_eq!(pages.len(), 20_usize.div_ceil(size), "{arguments}");
            assert_eq!(pages.concat(), expected, "{arguments}");
        }
    }
    let of_shop = walk(
        &app,
        "Seller",
        &shop(1).to_string(),
        "first: 8, sort: LOWEST",
    )
    .await;
    assert_eq!(of_shop.concat().len(), 21);
    let of_author = walk(&app, "User", &person_id(1).to_string(), "first: 1").await;
    assert_eq!(of_author.len(), 2);
}

#[tokio::test]
async fn the_most_helpful_reviews_have_many_helpful_votes_not_just_a_high_share() {
    let app = start().await;
    let mut ids = Vec::new();
    // Helpful and unhelpful votes; the last two have the same rank and the newer one comes first.
    for (number, (helpful, unhelpful)) in (0..).zip([(1, 0), (10, 2), (0, 0), (0, 1)]) {
        app.clock.advance(chrono::Duration::seconds(1));
        let id = review(&person(&app, number), product(1), 5).await;
        for voter in 0..helpful + unhelpful {
            let input = json!({ "reviewId": id, "isHelpful": voter < helpful });
            change(&person(&app, 50 + voter), "reviewVote", input).await;
        }
        ids.push(id);
    }
    for (type_name, owner) in [
        ("Product", product(1).to_string()),
        ("Seller", shop(1).to_string()),
    ] {
        let pages = walk(&app, type_name, &owner, "first: 1, sort: MOST_HELPFUL").await;
        let expected = [1, 0, 3, 2].map(|index| ids[index].clone());
        assert_eq!(pages.concat(), expected, "{type_name}");
    }
}

#[tokio::test]
async fn lists_are_filtered_by_stars() {
    let app = start().await;
    let written = twenty(&app).await;
    for (filter, wanted) in [
        ("[1]", vec![1]),
        ("[5, 1, 5]", vec![1, 5]),
        ("[]", vec![1, 2, 3, 4, 5]),
    ] {
        let mut expected: Vec<_> = written
            .iter()
            .filter(|(_, stars)| wanted.contains(stars))
            .map(|(id, _)| id.clone())
            .collect();
        expected.reverse();
        let arguments = format!("first: 3, where: {{ rating: {filter} }}");
        let pages = walk(&app, "Product", &product(1).to_string(), &arguments).await;
        assert_eq!(pages.concat(), expected, "{filter}");
    }
}

#[tokio::test]
async fn bad_arguments_are_refused_and_take_no_other_list_with_them() {
    let app = start().await;
    twenty(&app).await;
    let ids = [product(1).to_string()];
    let (query, variables) = entities(
        "Product",
        "reviews(first: 1) { pageInfo { endCursor } }",
        &ids,
    );
    let reply = app.client(Role::Anonymous).run(&query, variables).await;
    let cursor = &reply["data"]["_entities"][0]["reviews"]["pageInfo"]["endCursor"];
    let other_order = format!("sort: LOWEST, after: {cursor}");
    for arguments in [
        "first: 0",
        "first: 101",
        "after: \"x\"",
        "after: \"W10\"",
        other_order.as_str(),
        "where: { rating: [0] }",
        "where: { rating: [6] }",
        "where: { rating: [1, 2, 3, 4, 5, 1] }",
    ] {
        let selection = format!(
            "bad: reviews({arguments}) {{ nodes {{ id }} }} \
             good: reviews(first: 2) {{ nodes {{ id }} }}"
        );
        let (query, variables) = entities("Product", &selection, &ids);
        let reply = app.client(Role::Anonymous).run(&query, variables).await;
        assert!(reply["errors"].is_array(), "{arguments}");
        if !arguments.contains("4, 5, 1") {
            let code = &reply["errors"][0]["extensions"]["code"];
            assert_eq!(code, "BAD_USER_INPUT", "{arguments}");
            let entity = &reply["data"]["_entities"][0];
            assert_eq!(entity["bad"], Value::Null, "{arguments}");
            assert_eq!(
                entity["good"]["nodes"].as_array().unwrap().len(),
                2,
                "{arguments}"
            );
        }
    }
}

#[tokio::test]
async fn hidden_reviews_are_in_the_lists_of_their_author_and_of_moderators_only() {
    let app = start().await;
    let author = app.client(Role::Buyer);
    let shown = review(&author, product(1), 5).await;
    app.clock.advance(chrono::Duration::seconds(1));
    let hidden = held(&author, 2).await;
    let (query, variables) = entities(
        "User",
        "reviews { nodes { id status } }",
        &[user_id(Role::Buyer).to_string()],
    );
    for role in Role::ALL {
        let reply = app.client(role).run(&query, variables.clone()).await;
        let mut expected = vec![json!({ "id": shown, "status": "PUBLISHED" })];
        if matches!(role, Role::Buyer | Role::Admin) {
            expected.insert(0, json!({ "id": hidden, "status": "PENDING" }));
        }
        let nodes = &reply["data"]["_entities"][0]["reviews"]["nodes"];
        assert_eq!(*nodes, json!(expected), "{role:?}");

        let selection = "reviews { nodes { id } } viewerReview { id status }";
        let (query, variables) = entities("Product", selection, &[product(2).to_string()]);
        let reply = app.client(role).run(&query, variables).await;
        let own = (role == Role::Buyer).then(|| json!({ "id": hidden, "status": "PENDING" }));
        assert_eq!(
            reply["data"]["_entities"][0],
            json!({ "__typename": "Product", "reviews": { "nodes": [] }, "viewerReview": own }),
            "{role:?}"
        );
    }
}
