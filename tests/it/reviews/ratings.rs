use futures_util::future::join_all;
use harness::{Client, Role, Subgraph};
use proptest::prelude::*;
use reviews::domain::RatingSummary;
use serde_json::{Value, json};

use super::{change, code, opinion, person, product, rating, review, shop, start};

// T-REV-R rating aggregation
#[tokio::test]
async fn a_product_and_its_shop_tell_what_their_reviews_say_together() {
    let app = start().await;
    for (number, (product_number, stars)) in (0..).zip([(1, 5), (1, 5), (1, 4), (2, 1), (100, 3)]) {
        review(&person(&app, number), product(product_number), stars).await;
    }
    assert_eq!(
        rating(&app, "Product", product(1).to_string()).await,
        json!({ "average": 4.67, "count": 3, "score": 3.63, "distribution": [
            { "stars": 1, "count": 0 }, { "stars": 2, "count": 0 }, { "stars": 3, "count": 0 },
            { "stars": 4, "count": 1 }, { "stars": 5, "count": 2 }] })
    );
    for (number, average, count) in [(1, 3.75, 4), (2, 3.0, 1)] {
        let summary = rating(&app, "Seller", shop(number).to_string()).await;
        assert_eq!(
            (&summary["average"], &summary["count"]),
            (&json!(average), &json!(count))
        );
    }
}

proptest! {
    #[test]
    fn averages_and_scores_are_the_rounded_means(stars in prop::array::uniform5(0_i32..200_000)) {
        let summary = RatingSummary { stars };
        let count: f64 = stars.iter().map(|count| f64::from(*count)).sum();
        let sum: f64 = (1..).zip(stars).map(|(star, count)| f64::from(star) * f64::from(count)).sum();
        let close = |given: f64, exact: f64| (given - exact).abs() <= 0.005_000_1;
        match summary.average() {
            None => prop_assert!(count < 0.5),
            Some(average) => prop_assert!(close(average, sum / count), "{average}"),
        }
        prop_assert!(close(summary.score(), (sum + 15.0) / (count + 5.0)));
    }
}

/// Rows of the summaries that differ from a recount.
async fn wrong_summaries(app: &Subgraph) -> Vec<String> {
    let mut wrong = Vec::new();
    for (table, owner) in [
        ("product_ratings", "product_id"),
        ("seller_ratings", "seller_id"),
    ] {
        let rows: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(format!(
            "select format('%s: kept %s, counted %s', {owner}, kept, counted) from \
             (select {owner}, array[one, two, three, four, five]::bigint[] as kept from {table}) k \
             full join (select {owner}, array_agg(n order by star) as counted from \
             (select {owner}, star, count(*) filter (where rating = star and status = 'PUBLISHED') as n \
              from reviews cross join generate_series(1, 5) as star group by {owner}, star) s \
             group by {owner}) c using ({owner}) \
             where coalesce(kept, '{{0,0,0,0,0}}') <> coalesce(counted, '{{0,0,0,0,0}}')"
        )))
        .fetch_all(&app.db)
        .await
        .unwrap();
        wrong.extend(rows);
    }
    wrong
}

/// What may happen to the review of one person about one product.
#[derive(Debug, Clone)]
enum Step {
    Write { stars: i32, is_clean: bool },
    Change { stars: i32, is_clean: bool },
    Delete,
    Report { by: u128 },
    Decide { approve: bool },
    Vote { by: u128, is_helpful: Option<bool> },
}

fn steps() -> impl Strategy<Value = Vec<(u128, u128, Step)>> {
    let step = prop_oneof![
        4 => (1..=5, prop::bool::weighted(0.8))
            .prop_map(|(stars, is_clean)| Step::Write { stars, is_clean }),
        3 => (1..=5, prop::bool::weighted(0.8))
            .prop_map(|(stars, is_clean)| Step::Change { stars, is_clean }),
        1 => Just(Step::Delete),
        4 => (10_u128..16).prop_map(|by| Step::Report { by }),
        2 => any::<bool>().prop_map(|approve| Step::Decide { approve }),
        1 => (10_u128..16, any::<Option<bool>>())
            .prop_map(|(by, is_helpful)| Step::Vote { by, is_helpful }),
    ];
    // Three people, two products of one shop and one of another.
    let product = prop_oneof![Just(1_u128), Just(2), Just(100)];
    prop::collection::vec((0_u128..3, product, step), 1..60)
}

fn body(is_clean: bool) -> &'static str {
    if is_clean {
        "Bagus."
    } else {
        "Cek tokosaya.com"
    }
}

/// The id and version of a review, by whoever may see it.
async fn find(app: &Subgraph, author: u128, product_number: u128) -> (Value, Value) {
    let (query, variables) = harness::entities(
        "Product",
        "viewerReview { id version }",
        &[product(product_number).to_string()],
    );
    let reply = person(app, author).run(&query, variables).await;
    let found = &reply["data"]["_entities"][0]["viewerReview"];
    (found["id"].clone(), found["version"].clone())
}

async fn take(app: &Subgraph, (author, product_number, step): (u128, u128, Step)) -> String {
    let writer = person(app, author);
    let (id, version) = find(app, author, product_number).await;
    if let Step::Write { stars, is_clean } = step {
        let key = app.deps.ids.uuid();
        let mut input = opinion(product(product_number), stars, &key.to_string());
        input["body"] = json!(body(is_clean));
        return code(&writer, "reviewCreate", input).await;
    }
    if id.is_null() {
        return "no review".to_owned();
    }
    let admin = app.client(Role::Admin);
    let (client, field, input): (Client, _, _) = match step {
        Step::Write { .. } => unreachable!("handled above"),
        Step::Change { stars, is_clean } => (
            writer,
            "reviewUpdate",
            json!({ "reviewId": id, "expectedVersion": version, "rating": stars,
                    "body": body(is_clean) }),
        ),
        Step::Delete => (writer, "reviewDelete", json!({ "reviewId": id })),
        Step::Report { by } => (
            person(app, by),
            "reviewReport",
            json!({ "reviewId": id, "reason": "SPAM" }),
        ),
        Step::Decide { approve } => (
            admin,
            "reviewModerate",
            json!({ "reviewId": id, "expectedVersion": version, "reason": "Bukan pembeli",
                    "decision": if approve { "APPROVE" } else { "REJECT" } }),
        ),
        Step::Vote { by, is_helpful } => (
            person(app, by),
            "reviewVote",
            json!({ "reviewId": id, "isHelpful": is_helpful }),
        ),
    };
    code(&client, field, input).await
}

const EXPECTED_CODES: [&str; 6] = [
    "ok",
    "no review",
    "ALREADY_EXISTS",
    "NOT_FOUND",
    "INVALID_STATE",
    "VERSION_CONFLICT",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]
    #[test]
    fn after_any_sequence_of_steps_the_summaries_equal_a_recount(steps in steps()) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let app = start().await;
            for step in steps {
                let code = take(&app, step.clone()).await;
                prop_assert!(EXPECTED_CODES.contains(&code.as_str()), "{step:?}: {code}");
                prop_assert_eq!(wrong_summaries(&app).await, Vec::<String>::new(), "{:?}", step);
            }
            Ok(())
        })?;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_many_changes_at_once_the_summaries_equal_a_recount() {
    let app = start().await;
    // Everybody writes about everything at once: 48 reviews of 4 products in 2 shops.
    let pairs: Vec<(u128, u128)> = (0..12)
        .flat_map(|author| [1, 2, 3, 100].map(|number| (author, number)))
        .collect();
    let created = join_all(pairs.iter().map(|&(author, number)| {
        let stars = i32::try_from((author + number) % 5 + 1).unwrap();
        let step = Step::Write {
            stars,
            is_clean: author % 4 != 0,
        };
        take(&app, (author, number, step))
    }))
    .await;
    assert!(created.iter().all(|code| code == "ok"), "{created:?}");
    assert_eq!(wrong_summaries(&app).await, Vec::<String>::new());

    // Then everything happens to all of them at once.
    let mut steps = Vec::new();
    for (number, &(author, product_number)) in (0_u128..).zip(&pairs) {
        let mut add = |step| steps.push((author, product_number, step));
        add(Step::Change {
            stars: i32::try_from(number % 5 + 1).unwrap(),
            is_clean: true,
        });
        add(Step::Decide {
            approve: number % 3 != 0,
        });
        for by in 20..24 {
            add(Step::Report { by });
            add(Step::Vote {
                by,
                is_helpful: Some(number % 2 == 0),
            });
        }
        if number % 5 == 0 {
            add(Step::Delete);
        }
    }
    let codes = join_all(steps.into_iter().map(|step| take(&app, step))).await;
    for code in &codes {
        assert!(EXPECTED_CODES.contains(&code.as_str()), "{code}");
    }
    assert!(
        codes.iter().filter(|code| *code == "ok").count() > 150,
        "{codes:?}"
    );
    assert_eq!(wrong_summaries(&app).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_recount_would_notice_a_wrong_summary() {
    let app = start().await;
    review(&app.client(Role::Buyer), product(1), 5).await;
    sqlx::query("update seller_ratings set five = 2")
        .execute(&app.db)
        .await
        .unwrap();
    assert_eq!(wrong_summaries(&app).await.len(), 1);
    let broken = sqlx::query("update product_ratings set five = -1")
        .execute(&app.db)
        .await;
    assert!(broken.is_err(), "the database refuses what cannot be");
    let payload = change(
        &app.client(Role::Buyer),
        "reviewDelete",
        json!({ "reviewId": "x" }),
    )
    .await;
    assert_eq!(payload[0]["extensions"]["code"], "BAD_USER_INPUT");
}
