//! `@override` with labels: fields that move from `orders` to `billing`. Each value says who gave it.

use std::collections::BTreeMap;

use insta::assert_snapshot;
use router_engine::{EngineSettings, Limits};
use serde_json::{Value, json};

use crate::{
    executor::Resolver,
    support::{Setup, show},
};

/// Labels of the setting, in percent.
fn moving_with(labels: &[(&str, f64)], limits: Limits) -> Setup {
    let billing: Resolver =
        |parent, field, arguments, source| answer("billing", parent, field, arguments, source);
    let orders: Resolver =
        |parent, field, arguments, source| answer("orders", parent, field, arguments, source);
    let taxes: Resolver =
        |parent, field, arguments, source| answer("taxes", parent, field, arguments, source);
    let subgraphs = [
        ("billing", include_str!("billing.graphql"), billing),
        ("orders", include_str!("orders.graphql"), orders),
        ("taxes", include_str!("taxes.graphql"), taxes),
    ];
    let labels = labels
        .iter()
        .map(|&(label, share)| (label.to_owned(), share));
    let settings = EngineSettings {
        override_labels: labels.collect::<BTreeMap<_, _>>(),
        limits,
        ..EngineSettings::default()
    };
    Setup::new(include_str!("supergraph.graphql"), &subgraphs, settings)
}

fn moving(labels: &[(&str, f64)]) -> Setup {
    moving_with(labels, Limits::default())
}

fn answer(own: &str, parent: &str, field: &str, arguments: &Value, source: &Value) -> Value {
    match (parent, field) {
        (_, "__entity") => arguments.clone(),
        ("Query", "paper") => json!({"__typename": "Bill", "id": "b1"}),
        ("Query", "bill") => json!({"id": "b1"}),
        ("Query", "bills") => json!([{"id": "b1"}, {"id": "b2"}]),
        ("Query", "count") => json!(if own == "billing" { 2 } else { 1 }),
        (_, "customer") => json!({"id": "c1"}),
        (_, "total") => json!(format!(
            "in the currency of {}",
            source["currency"].as_str().unwrap()
        )),
        _ => json!(own),
    }
}

#[tokio::test]
async fn nothing_and_a_hundred_percent_are_exact() {
    let moving = moving(&[]);
    for _ in 0..50 {
        let answer = moving.run("{ bills { stays moved } }").await;
        let bill = json!({"stays": "orders", "moved": "billing"});
        assert_eq!(answer, json!({"data": {"bills": [bill, bill]}}));
    }
    moving.forget();
    moving.run("{ bills { stays moved } }").await;
    assert_snapshot!(show(&moving.queries()), @r#"
    "orders {bills{__typename stays id}}"
    "billing query($representations:[_Any!]!){_entities(representations: $representations){...on Bill{moved}}}"
    "#);
}

#[tokio::test]
async fn the_setting_decides_about_labels_that_are_no_percentage() {
    let query = "{ count bill { amount } }";
    let all = moving(&[("rollout:amount", 100.0), ("root", 0.0)]);
    assert_eq!(
        all.run(query).await,
        json!({"data": {"count": 1, "bill": {"amount": "billing"}}})
    );
    let none = moving(&[("root", 100.0)]);
    assert_eq!(
        none.run(query).await,
        json!({"data": {"count": 2, "bill": {"amount": "orders"}}})
    );
}

/// Who gave a field, in many requests of one operation: those who did at least once.
async fn givers(moving: &Setup, query: &str, pointer: &str) -> Vec<String> {
    let mut givers = Vec::new();
    for _ in 0..200 {
        let answer = moving.run(query).await;
        assert_eq!(answer.get("errors"), None, "{answer}");
        givers.push(answer.pointer(pointer).unwrap().to_string());
    }
    givers.sort_unstable();
    givers.dedup();
    givers
}

#[tokio::test]
async fn each_request_is_decided_anew_and_as_a_whole() {
    let moving = moving(&[("rollout:amount", 50.0), ("root", 100.0)]);
    // The operation is prepared once: both of its plans are kept. Half of 200 requests goes nowhere else by
    // chance once in 2^199.
    let both = r#"{"half":"billing","amount":"billing"}, {"half":"orders","amount":"orders"}"#;
    assert_eq!(
        givers(&moving, "{ bill { half amount } }", "/data/bill")
            .await
            .join(", "),
        both,
        "equal shares are of the same requests"
    );
    assert_eq!(moving.engine.cached_operations(), 1);
    // A bill of one request is not asked of both.
    let query = "{ bills { half } }";
    let lists = givers(&moving, query, "/data/bills").await;
    assert_snapshot!(lists.join("\n"), @r#"
    [{"half":"billing"},{"half":"billing"}]
    [{"half":"orders"},{"half":"orders"}]
    "#);
}

#[tokio::test]
async fn plans_are_right_also_when_they_are_not_kept() {
    let limits = Limits {
        plan_variants: 0,
        ..Limits::default()
    };
    let moving = moving_with(&[], limits);
    let givers = givers(&moving, "{ bill { half } }", "/data/bill/half").await;
    assert_eq!(givers, [r#""billing""#, r#""orders""#]);
}

#[tokio::test]
async fn a_field_that_another_one_needs_moves_too() {
    let query = "{ bill { total } }";
    let before = moving(&[]);
    assert_snapshot!(show(&before.run(query).await), @r#"data: {"bill":{"total":"in the currency of orders"}}"#);
    assert_snapshot!(show(&before.queries()), @r#"
    "orders {bill{__typename id currency}}"
    "taxes query($representations:[_Any!]!){_entities(representations: $representations){...on Bill{total}}}"
    "#);
    let after = moving(&[("required", 100.0)]);
    assert_snapshot!(show(&after.run(query).await), @r#"data: {"bill":{"total":"in the currency of billing"}}"#);
    assert_snapshot!(show(&after.queries()), @r#"
    "orders {bill{__typename id}}"
    "billing query($representations:[_Any!]!){_entities(representations: $representations){...on Bill{currency}}}"
    "taxes query($representations:[_Any!]!){_entities(representations: $representations){...on Bill{total}}}"
    "#);
    // Nobody names the field with the label, and still the plans are told apart.
    let some = moving(&[("required", 50.0)]);
    assert_eq!(givers(&some, query, "/data/bill/total").await.len(), 2);
}

#[tokio::test]
async fn fields_that_are_reached_by_their_interface_move_too() {
    let moving = moving(&[]);
    let answer = moving.run("{ paper { moved } }").await;
    assert_eq!(answer, json!({"data": {"paper": {"moved": "billing"}}}));
    let givers = givers(&moving, "{ paper { half } }", "/data/paper/half").await;
    assert_eq!(givers, [r#""billing""#, r#""orders""#]);
}

#[tokio::test]
async fn labels_on_the_way_to_a_field_are_each_by_itself() {
    let query = "{ bill { customer { name } } }";
    for (way, name) in [(0.0, 0.0), (0.0, 100.0), (100.0, 0.0), (100.0, 100.0)] {
        let moving = moving(&[("way", way), ("name", name)]);
        let giver = if name > 0.0 { "billing" } else { "orders" };
        let expected = json!({"data": {"bill": {"customer": {"name": giver}}}});
        assert_eq!(moving.run(query).await, expected, "{way} {name}");
        let queries = moving.queries();
        let asked = queries.iter().filter(|query| query.contains("customer"));
        let asked: Vec<_> = asked.filter_map(|query| query.split(' ').next()).collect();
        let expected = if way > 0.0 { "billing" } else { "orders" };
        assert_eq!(asked, [expected], "{way} {name}");
    }
}

#[tokio::test]
async fn a_subscription_stays_with_what_was_decided_at_its_beginning() {
    let moving = moving(&[]);
    let mut begun = Vec::new();
    for _ in 0..100 {
        let feed = moving.feed("orders");
        let mut events = moving
            .subscribe("subscription { billed { moved half } }", json!({}))
            .await
            .unwrap();
        let mut seen = Vec::new();
        for _ in 0..3 {
            feed.happens(json!({"billed": {"id": "b1"}}));
            let event = events.next().await.unwrap();
            assert_eq!(event["data"]["billed"]["moved"], "billing");
            seen.push(event["data"]["billed"]["half"].to_string());
        }
        seen.dedup();
        assert_eq!(seen.len(), 1, "{seen:?}");
        begun.append(&mut seen);
    }
    begun.sort_unstable();
    begun.dedup();
    assert_eq!(begun, [r#""billing""#, r#""orders""#]);
}
