//! Subscriptions: what each event becomes, how they end, and what they never do.

use std::time::Duration;

use insta::assert_snapshot;
use router_engine::{EngineSettings, ErrorCode, Limits, TransportError};
use serde_json::{Value, json};

use crate::{
    shop::{review, shop, shop_with},
    support::{Behaviour, context, show},
};

const QUERY: &str = "subscription { reviewAdded { id stars author { name } product { name } } }";

fn added(id: &str) -> Value {
    json!({"reviewAdded": review(id)})
}

#[tokio::test]
async fn events_come_in_order_with_fields_of_other_subgraphs() {
    let shop = shop();
    let feed = shop.feed("reviews");
    let mut events = shop.subscribe(QUERY, json!({})).await.unwrap();
    feed.happens(added("r1"));
    feed.happens(added("r2"));
    feed.happens(added("r3"));
    assert_snapshot!(show(&events.next().await), @r#"data: {"reviewAdded":{"id":"r1","stars":5,"author":{"name":"Sari"},"product":{"name":"Kopi Gayo"}}}"#);
    assert_snapshot!(show(&events.next().await), @r#"data: {"reviewAdded":{"id":"r2","stars":3,"author":{"name":"Budi"},"product":{"name":"Kopi Gayo"}}}"#);
    assert_snapshot!(show(&events.next().await), @r#"data: {"reviewAdded":{"id":"r3","stars":4,"author":{"name":"Sari"},"product":{"name":"Buku Resep"}}}"#);
    drop(feed);
    assert_eq!(events.next().await, None, "the subgraph has completed it");
    let mut queries = shop.queries();
    queries.sort_unstable();
    queries.dedup();
    assert_snapshot!(show(&queries), @r#"
    "products query($representations:[_Any!]!){_entities(representations: $representations){...on Product{name}}}"
    "reviews subscription{reviewAdded{id stars author{__typename id} product{__typename id}}}"
    "users query($representations:[_Any!]!){_entities(representations: $representations){...on User{name}}}"
    "#);
}

#[tokio::test]
async fn each_event_is_fetched_for_when_it_is_asked_for_and_not_before() {
    let shop = shop();
    let feed = shop.feed("reviews");
    let mut events = shop.subscribe(QUERY, json!({})).await.unwrap();
    for _ in 0..100 {
        feed.happens(added("r1"));
    }
    assert_eq!(feed.asked(), 0);
    for taken in 1..=3 {
        events.next().await.unwrap();
        assert_eq!(feed.asked(), taken, "a slow client slows the subgraph down");
        assert_eq!(shop.variables("users").len(), taken);
    }
}

#[tokio::test]
async fn whoever_goes_ends_the_call_to_the_subgraph() {
    let shop = shop();
    let feed = shop.feed("reviews");
    let mut events = shop.subscribe(QUERY, json!({})).await.unwrap();
    feed.happens(added("r1"));
    events.next().await.unwrap();
    assert!(!feed.is_dropped());
    drop(events);
    assert!(feed.is_dropped());

    // Also while the other subgraphs are being asked.
    shop.behave("users", Behaviour::Slow(Duration::from_secs(3_600)));
    let feed = shop.feed("reviews");
    let mut events = shop.subscribe(QUERY, json!({})).await.unwrap();
    feed.happens(added("r1"));
    {
        let next = std::pin::pin!(events.next());
        assert!(futures_util::poll!(next).is_pending());
    }
    drop(events);
    assert!(feed.is_dropped());
}

#[tokio::test]
async fn names_fragments_variables_and_conditions_mean_what_they_mean_in_a_query() {
    let shop = shop();
    let feed = shop.feed("reviews");
    let query = "subscription S($product: ID!, $min: Int = 2, $with: Boolean!, $n: Int) {
        ...Root
    }
    fragment Root on Subscription {
        news: reviewAdded(productId: $product, minStars: $min) {
            id: stars
            ...More @include(if: $with)
            product { reviews(first: $n) { id } name @skip(if: $with) }
        }
    }
    fragment More on Review { by: author { id: name } }";
    let variables = json!({"product": "p1", "with": true, "n": 1});
    let mut events = shop.subscribe(query, variables).await.unwrap();
    feed.happens(added("r1"));
    assert_snapshot!(show(&events.next().await), @r#"data: {"news":{"id":5,"by":{"id":"Sari"},"product":{"reviews":[{"id":"r1"}]}}}"#);
    assert_snapshot!(show(&shop.queries()), @r#"
    "reviews subscription($min:Int=2, $n:Int, $product:ID!){news: reviewAdded(minStars: $min, productId: $product){_as_id: stars by: author{__typename id} product{reviews(first: $n){id}}}}"
    "users query($representations:[_Any!]!){_entities(representations: $representations){...on User{_as_id: name}}}"
    "#);
    assert_snapshot!(show(&shop.variables("reviews")), @r#"{"min":2,"n":1,"product":"p1"}"#);

    shop.forget();
    let feed = shop.feed("reviews");
    let variables = json!({"product": "p1", "with": false});
    let mut events = shop.subscribe(query, variables).await.unwrap();
    feed.happens(added("r1"));
    assert_snapshot!(show(&events.next().await), @r#"data: {"news":{"id":5,"product":{"reviews":[{"id":"r1"},{"id":"r2"}],"name":"Kopi Gayo"}}}"#);
    assert_snapshot!(show(&shop.queries()), @r#"
    "reviews subscription($min:Int=2, $n:Int, $product:ID!){news: reviewAdded(minStars: $min, productId: $product){_as_id: stars product{__typename reviews(first: $n){id} id}}}"
    "products query($representations:[_Any!]!){_entities(representations: $representations){...on Product{name}}}"
    "#);
}

#[tokio::test]
async fn subscriptions_do_not_mix() {
    let shop = shop();
    let query = "subscription S($id: ID) { reviewAdded(productId: $id) { id author { name } } }";
    let (first, second) = (shop.feed("reviews"), shop.feed("reviews"));
    let mut firsts = shop.subscribe(query, json!({"id": "p1"})).await.unwrap();
    let mut seconds = shop.subscribe(query, json!({"id": "p3"})).await.unwrap();
    assert_snapshot!(show(&shop.variables("reviews")), @r#"
    {"id":"p1"}
    {"id":"p3"}
    "#);
    second.happens(added("r3"));
    first.happens(added("r1"));
    let (one, two) = futures_util::join!(firsts.next(), seconds.next());
    assert_snapshot!(show(&one), @r#"data: {"reviewAdded":{"id":"r1","author":{"name":"Sari"}}}"#);
    assert_snapshot!(show(&two), @r#"data: {"reviewAdded":{"id":"r3","author":{"name":"Sari"}}}"#);
    drop(firsts);
    assert!(first.is_dropped() && !second.is_dropped());
}

#[tokio::test]
async fn an_error_is_one_events_error() {
    let shop = shop();
    let feed = shop.feed("reviews");
    let mut events = shop.subscribe(QUERY, json!({})).await.unwrap();
    feed.says(&json!({"data": {"reviewAdded": null}, "errors": [
        {"message": "not yours", "path": ["reviewAdded"], "extensions": {"code": "FORBIDDEN"}}]}));
    assert_snapshot!(show(&events.next().await), @r#"
    data: {"reviewAdded":null}
    error: {"message":"not yours","path":["reviewAdded"],"extensions":{"code":"FORBIDDEN"}}
    "#);
    feed.says(&json!({"data": null, "errors": [{"message": "connection to 10.0.0.1 lost"}]}));
    assert_snapshot!(show(&events.next().await), @r#"
    data: {"reviewAdded":null}
    error: {"message":"internal error","path":["reviewAdded"],"extensions":{"code":"INTERNAL_SERVER_ERROR","requestId":"request-1"}}
    "#);
    shop.behave("users", Behaviour::Down);
    feed.happens(added("r1"));
    assert_snapshot!(show(&events.next().await), @r#"
    data: {"reviewAdded":{"id":"r1","stars":5,"author":null,"product":{"name":"Kopi Gayo"}}}
    error: {"message":"a part of the answer is not available: its service is down","path":["reviewAdded","author","name"],"extensions":{"code":"DOWNSTREAM_SERVICE_ERROR"}}
    "#);
    shop.behave("users", Behaviour::Works);
    feed.happens(added("r1"));
    assert_snapshot!(show(&events.next().await), @r#"data: {"reviewAdded":{"id":"r1","stars":5,"author":{"name":"Sari"},"product":{"name":"Kopi Gayo"}}}"#);
}

#[tokio::test]
async fn nulls_rise_as_in_a_query() {
    let shop = shop();
    let feed = shop.feed("reviews");
    let query = "subscription { reviewMust { id stars author { name } } }";
    let mut events = shop.subscribe(query, json!({})).await.unwrap();
    // A user whom nobody knows.
    let unknown = json!({"id": "r9", "stars": 1, "author": {"id": "u9"}});
    feed.happens(json!({ "reviewMust": unknown }));
    assert_snapshot!(show(&events.next().await), @r#"
    data: {"reviewMust":{"id":"r9","stars":1,"author":null}}
    error: {"message":"no value for User.name, which must not be null","path":["reviewMust","author","name"],"extensions":{"code":"DOWNSTREAM_SERVICE_ERROR"}}
    "#);
    feed.happens(json!({"reviewMust": {"id": "r9", "stars": null, "author": null}}));
    assert_snapshot!(show(&events.next().await), @r#"
    data: null
    error: {"message":"no value for Review.stars, which must not be null","path":["reviewMust","stars"],"extensions":{"code":"DOWNSTREAM_SERVICE_ERROR"}}
    "#);

    let feed = shop.feed("reviews");
    let mut events = shop.subscribe(QUERY, json!({})).await.unwrap();
    feed.happens(
        json!({"reviewAdded": {"id": "r9", "stars": null, "author": null, "product": null}}),
    );
    assert_snapshot!(show(&events.next().await), @r#"
    data: {"reviewAdded":null}
    error: {"message":"no value for Review.stars, which must not be null","path":["reviewAdded","stars"],"extensions":{"code":"DOWNSTREAM_SERVICE_ERROR"}}
    "#);
}

#[tokio::test]
async fn a_subgraph_that_breaks_off_is_told_and_ends_it() {
    let failures = [
        TransportError::Unreachable("connection reset by 10.0.0.1".into()),
        TransportError::Timeout,
        TransportError::Malformed("an event without data"),
    ];
    let mut told = Vec::new();
    for failure in failures {
        let shop = shop();
        let feed = shop.feed("reviews");
        let mut events = shop.subscribe(QUERY, json!({})).await.unwrap();
        feed.happens(added("r1"));
        feed.fails(failure);
        feed.happens(added("r2"));
        assert_eq!(events.next().await.unwrap().get("errors"), None);
        told.push(events.next().await.unwrap());
        assert!(feed.is_dropped());
        assert_eq!(events.next().await, None);
    }
    for nonsense in ["<html>", "{}", "{\"data\":{\"reviewAdded\":1}}x"] {
        let shop = shop();
        let feed = shop.feed("reviews");
        let mut events = shop.subscribe(QUERY, json!({})).await.unwrap();
        feed.says(&nonsense);
        let last = events.next().await.unwrap();
        assert_eq!(last.get("data"), None, "{nonsense}");
        told.push(last);
        assert_eq!(events.next().await, None);
    }
    assert_snapshot!(show(&told), @r#"
    {"errors":[{"message":"the subscription broke off, its service failed: subscribe again","extensions":{"code":"DOWNSTREAM_SERVICE_ERROR"}}]}
    {"errors":[{"message":"the subscription broke off, its service failed: subscribe again","extensions":{"code":"GATEWAY_TIMEOUT"}}]}
    {"errors":[{"message":"the subscription broke off, its service failed: subscribe again","extensions":{"code":"DOWNSTREAM_SERVICE_ERROR"}}]}
    {"errors":[{"message":"the subscription broke off, its service failed: subscribe again","extensions":{"code":"DOWNSTREAM_SERVICE_ERROR"}}]}
    {"errors":[{"message":"the subscription broke off, its service failed: subscribe again","extensions":{"code":"DOWNSTREAM_SERVICE_ERROR"}}]}
    {"errors":[{"message":"the subscription broke off, its service failed: subscribe again","extensions":{"code":"DOWNSTREAM_SERVICE_ERROR"}}]}
    "#);
}

#[tokio::test]
async fn an_event_that_is_too_large_ends_it() {
    let shop = shop_with(EngineSettings {
        max_subgraph_response_bytes: 200,
        ..EngineSettings::default()
    });
    let feed = shop.feed("reviews");
    let mut events = shop.subscribe(QUERY, json!({})).await.unwrap();
    let id = "x".repeat(200);
    feed.happens(json!({"reviewAdded": {"id": id, "stars": 1, "author": null, "product": null}}));
    assert_snapshot!(show(&events.next().await), @r#"error: {"message":"the subscription broke off, its service failed: subscribe again","extensions":{"code":"DOWNSTREAM_SERVICE_ERROR"}}"#);
    assert_eq!(events.next().await, None);
}

#[tokio::test]
async fn what_does_not_begin_is_refused_without_data() {
    let shop = shop();
    let query = "subscription S($id: ID!) { reviewAdded(productId: $id) { id } }";
    let refused = shop.subscribe(query, json!({})).await.err();
    assert_snapshot!(show(&refused), @r#"error: {"message":"missing value for non-null variable 'id'","locations":[{"line":1,"column":16}],"extensions":{"code":"BAD_USER_INPUT"}}"#);
    assert!(shop.queries().is_empty());

    // This way carries no subscriptions.
    let refused = shop.subscribe(QUERY, json!({})).await.err();
    assert_snapshot!(show(&refused), @r#"error: {"message":"a part of the answer is not available: its service failed","extensions":{"code":"DOWNSTREAM_SERVICE_ERROR"}}"#);
    shop.behave("reviews", Behaviour::Down);
    let refused = shop.subscribe(QUERY, json!({})).await.err();
    assert_snapshot!(show(&refused), @r#"error: {"message":"a part of the answer is not available: its service is down","extensions":{"code":"DOWNSTREAM_SERVICE_ERROR"}}"#);
    shop.behave("reviews", Behaviour::Status(401));
    let refused = shop.subscribe(QUERY, json!({})).await.err();
    assert_snapshot!(show(&refused), @r#"error: {"message":"a part of the answer is not available: its service failed","extensions":{"code":"DOWNSTREAM_SERVICE_ERROR"}}"#);

    let refused = shop.subscribe("{ version }", json!({})).await.err();
    assert_snapshot!(show(&refused), @r#"error: {"message":"only a subscription has a stream of events","extensions":{"code":"BAD_REQUEST"}}"#);
}

#[tokio::test]
async fn a_subscription_has_one_root_field_and_no_conditions_on_it() {
    let shop = shop();
    let mut refusals = Vec::new();
    for query in [
        "subscription { reviewAdded { id } reviewMust { id } }",
        "subscription { ...A ...B }
         fragment A on Subscription { reviewAdded { id } }
         fragment B on Subscription { reviewMust { id } }",
        "subscription { __typename }",
        "subscription { __schema { queryType { name } } }",
        "subscription S($on: Boolean!) { reviewAdded @include(if: $on) { id } }",
        "subscription { ... @skip(if: false) { reviewAdded { id } } }",
        "subscription { reviewAdded { nothing } }",
    ] {
        let errors = shop.engine.prepare(query, None).err().expect(query);
        assert_eq!(errors[0].code, ErrorCode::GraphqlValidationFailed);
        refusals.push(errors[0].message.clone());
    }
    assert_snapshot!(show(&refusals), @r#"
    "anonymous subscription can only have one root field"
    "anonymous subscription can only have one root field"
    "anonymous subscription can not have an introspection field as a root field"
    "type `Subscription` does not have a field `__schema`"
    "subscription `S` can not specify @skip or @include on root fields"
    "anonymous subscription can not specify @skip or @include on root fields"
    "interface, union and object types must have a subselection set"
    "#);
}

#[tokio::test]
async fn the_stream_has_no_deadline_and_each_event_has_one() {
    let shop = shop_with(EngineSettings {
        subscription_event_timeout_ms: 20,
        ..EngineSettings::default()
    });
    let feed = shop.feed("reviews");
    let prepared = shop.engine.prepare(QUERY, None).unwrap();
    let mut context = context();
    context.deadline = Some(std::time::Instant::now() + Duration::from_secs(5));
    let begun = shop.engine.subscribe(prepared, Default::default(), context);
    let mut events = crate::feed::Subscription(begun.await.ok().unwrap());
    assert_eq!(shop.contexts("reviews")[0].deadline, None);

    shop.behave("users", Behaviour::Slow(Duration::from_secs(3_600)));
    feed.happens(added("r1"));
    assert_snapshot!(show(&events.next().await), @r#"
    data: {"reviewAdded":{"id":"r1","stars":5,"author":null,"product":{"name":"Kopi Gayo"}}}
    error: {"message":"a part of the answer was not ready in time","path":["reviewAdded","author","name"],"extensions":{"code":"GATEWAY_TIMEOUT"}}
    "#);
    assert!(shop.contexts("users")[0].deadline.is_some());
    shop.behave("users", Behaviour::Works);
    feed.happens(added("r2"));
    assert_eq!(events.next().await.unwrap().get("errors"), None);
}

#[tokio::test]
async fn a_subgraph_that_does_not_agree_in_time_is_given_up() {
    let shop = shop_with(EngineSettings {
        subgraph_timeout_ms: 20,
        ..EngineSettings::default()
    });
    shop.behave("reviews", Behaviour::Slow(Duration::from_secs(3_600)));
    let refused = shop.subscribe(QUERY, json!({})).await.err();
    assert_snapshot!(show(&refused), @r#"error: {"message":"a part of the answer was not ready in time","extensions":{"code":"GATEWAY_TIMEOUT"}}"#);
}

#[tokio::test]
async fn one_call_asks_for_a_limited_number_of_entities() {
    let limits = |representations| EngineSettings {
        limits: Limits {
            representations,
            ..Limits::default()
        },
        ..EngineSettings::default()
    };
    let query = "{ products(first: 3) { name stock { available } } }";
    let answer = shop_with(limits(3)).run(query).await;
    assert_eq!(answer.get("errors"), None);
    let shop = shop_with(limits(2));
    assert_snapshot!(show(&shop.run(query).await), @r#"
    data: {"products":[{"name":"Kopi Gayo","stock":null},{"name":"Batik \"Parang\"","stock":null},{"name":"Buku Resep","stock":null}]}
    error: {"message":"a part of the answer needs 3 entities of one subgraph at once; at most 2 are allowed (limits.representations): ask for shorter lists","path":["products",0,"stock"],"extensions":{"code":"LIMIT_EXCEEDED","limit":2,"actual":3,"setting":"limits.representations"}}
    error: {"message":"a part of the answer needs 3 entities of one subgraph at once; at most 2 are allowed (limits.representations): ask for shorter lists","path":["products",1,"stock"],"extensions":{"code":"LIMIT_EXCEEDED","limit":2,"actual":3,"setting":"limits.representations"}}
    error: {"message":"a part of the answer needs 3 entities of one subgraph at once; at most 2 are allowed (limits.representations): ask for shorter lists","path":["products",2,"stock"],"extensions":{"code":"LIMIT_EXCEEDED","limit":2,"actual":3,"setting":"limits.representations"}}
    "#);
    assert!(shop.variables("inventory").is_empty());
}
