//! Data of several subgraphs in one answer.

use insta::assert_snapshot;
use serde_json::json;

use crate::{shop::shop, support::show};

#[tokio::test]
async fn one_query_reads_four_subgraphs() {
    let shop = shop();
    let query = "{ products { name stock { available } reviews(first: 1) { stars author { name city } } } }";
    assert_snapshot!(show(&shop.run(query).await), @r#"data: {"products":[{"name":"Kopi Gayo","stock":{"available":7},"reviews":[{"stars":5,"author":{"name":"Sari","city":"Bandung"}}]},{"name":"Batik \"Parang\"","stock":null,"reviews":[]},{"name":"Buku Resep","stock":{"available":0},"reviews":[{"stars":4,"author":{"name":"Sari","city":"Bandung"}}]}]}"#);
    assert_snapshot!(show(&shop.queries()), @r#"
    "products {products{__typename name id}}"
    "reviews query($representations:[_Any!]!){_entities(representations: $representations){...on Product{reviews(first: 1){stars author{__typename id}}}}}"
    "inventory query($representations:[_Any!]!){_entities(representations: $representations){...on Product{stock{available}}}}"
    "users query($representations:[_Any!]!){_entities(representations: $representations){...on User{name city}}}"
    "#);
}

#[tokio::test]
async fn equal_representations_are_sent_once() {
    let shop = shop();
    let answer = shop
        .run("{ latestReviews { id author { name } product { name } } }")
        .await;
    assert_snapshot!(show(&answer), @r#"data: {"latestReviews":[{"id":"r1","author":{"name":"Sari"},"product":{"name":"Kopi Gayo"}},{"id":"r2","author":{"name":"Budi"},"product":{"name":"Kopi Gayo"}},{"id":"r3","author":{"name":"Sari"},"product":{"name":"Buku Resep"}}]}"#);
    assert_snapshot!(show(&shop.variables("users")), @r#"{"representations":[{"__typename":"User","id":"u1"},{"__typename":"User","id":"u2"}]}"#);
    assert_snapshot!(show(&shop.variables("products")), @r#"{"representations":[{"__typename":"Product","id":"p1"},{"__typename":"Product","id":"p3"}]}"#);
}

#[tokio::test]
async fn a_required_field_is_fetched_first_and_nothing_of_it_is_shown() {
    let shop = shop();
    let answer = shop
        .run("{ products { shippingEstimate(express: true) } }")
        .await;
    // The second product is unknown to inventory: null, and its neighbours are there.
    assert_snapshot!(show(&answer), @r#"data: {"products":[{"shippingEstimate":42},{"shippingEstimate":null},{"shippingEstimate":0}]}"#);
    // A required field that is null is sent as null, because its type allows it.
    assert_snapshot!(show(&shop.variables("inventory")), @r#"{"representations":[{"__typename":"Product","price":85000,"weight":0.25,"id":"p1"},{"__typename":"Product","price":250000,"weight":null,"id":"p2"},{"__typename":"Product","price":null,"weight":1.0,"id":"p3"}]}"#);
}

#[tokio::test]
async fn entities_lead_to_entities() {
    let shop = shop();
    let query = "{ me { name reviews { body product { name stock { available } reviews { author { city } } } } } }";
    assert_snapshot!(show(&shop.run(query).await), @r#"data: {"me":{"name":"Sari","reviews":[{"body":"Enak!","product":{"name":"Kopi Gayo","stock":{"available":7},"reviews":[{"author":{"city":"Bandung"}},{"author":{"city":null}}]}}]}}"#);
    assert_snapshot!(show(&shop.queries()), @r#"
    "users {me{__typename name id}}"
    "reviews query($representations:[_Any!]!){_entities(representations: $representations){...on User{reviews{body product{__typename id reviews{author{__typename id}}}}}}}"
    "users query($representations:[_Any!]!){_entities(representations: $representations){...on User{city}}}"
    "inventory query($representations:[_Any!]!){_entities(representations: $representations){...on Product{stock{available}}}}"
    "products query($representations:[_Any!]!){_entities(representations: $representations){...on Product{name}}}"
    "#);
}

#[tokio::test]
async fn a_missing_entity_is_null_and_its_neighbours_are_not() {
    let shop = shop();
    let answer = shop.run("{ products { id stock { available } } }").await;
    assert_snapshot!(show(&answer), @r#"data: {"products":[{"id":"p1","stock":{"available":7}},{"id":"p2","stock":null},{"id":"p3","stock":{"available":0}}]}"#);
}

#[tokio::test]
async fn an_object_that_must_be_there_and_is_not_makes_its_parent_null() {
    let shop = shop();
    let answer = shop.run("{ latestReviews { id product { stockMust { available } } } p2: product(id: \"p2\") { id stockMust { available } } }").await;
    assert_snapshot!(show(&answer), @r#"
    data: {"latestReviews":[{"id":"r1","product":{"stockMust":{"available":7}}},{"id":"r2","product":{"stockMust":{"available":7}}},{"id":"r3","product":{"stockMust":{"available":0}}}],"p2":null}
    error: {"message":"no value for Product.stockMust, which must not be null","path":["p2","stockMust"],"extensions":{"code":"DOWNSTREAM_SERVICE_ERROR"}}
    "#);
    // `products: [Product!]!`: one impossible product makes the whole answer null.
    let answer = shop.run("{ products { stockMust { available } } }").await;
    assert_snapshot!(show(&answer), @r#"
    data: null
    error: {"message":"no value for Product.stockMust, which must not be null","path":["products",1,"stockMust"],"extensions":{"code":"DOWNSTREAM_SERVICE_ERROR"}}
    "#);
}

#[tokio::test]
async fn lists_in_lists_are_joined() {
    let shop = shop();
    let answer = shop.run("{ grid { name stock { available } } }").await;
    assert_snapshot!(show(&answer), @r#"data: {"grid":[[{"name":"Kopi Gayo","stock":{"available":7}},null],[],[{"name":"Batik \"Parang\"","stock":null},{"name":"Kopi Gayo","stock":{"available":7}}]]}"#);
    assert_snapshot!(show(&shop.variables("inventory")), @r#"{"representations":[{"__typename":"Product","id":"p1"},{"__typename":"Product","id":"p2"}]}"#);
}

#[tokio::test]
async fn unions_and_interfaces_are_joined_by_their_types() {
    let shop = shop();
    let query = "{ search(text: \"all\") { ... on Book { title reviews { stars } } ... on Product { name stock { available } reviews { stars } } } }";
    assert_snapshot!(show(&shop.run(query).await), @r#"data: {"search":[{"name":"Kopi Gayo","stock":{"available":7},"reviews":[{"stars":5},{"stars":3}]},{"title":"Laskar Pelangi","reviews":[{"stars":3}]},{"name":"Buku Resep","stock":{"available":0},"reviews":[{"stars":4}]}]}"#);
    assert_snapshot!(show(&shop.queries()), @r#"
    "products {search(text: \"all\"){__typename ...on Book{__typename title id} ...on Product{__typename name id}}}"
    "reviews query($representations:[_Any!]!){_entities(representations: $representations){...on Book{reviews{...a}} ...on Product{reviews{...a}}}}\n\nfragment a on Review {stars}\n"
    "inventory query($representations:[_Any!]!){_entities(representations: $representations){...on Product{stock{available}}}}"
    "#);
    let answer = shop
        .run(
            "{ node(id: \"b1\") { __typename id ... on Book { pages } ... on Product { price } } }",
        )
        .await;
    assert_snapshot!(show(&answer), @r#"data: {"node":{"__typename":"Book","id":"b1","pages":529}}"#);
    // Nobody asked for the type, and the engine needs it to know which fields apply.
    let answer = shop
        .run("{ node(id: \"p1\") { ... on Book { pages } ... on Product { price } } }")
        .await;
    assert_snapshot!(show(&answer), @r#"data: {"node":{"price":85000}}"#);
    let answer = shop
        .run("{ search(text: \"all\") { __typename } nothing: node(id: \"x\") { id } }")
        .await;
    assert_snapshot!(show(&answer), @r#"data: {"search":[{"__typename":"Product"},{"__typename":"Book"},{"__typename":"Product"}],"nothing":null}"#);
}

#[tokio::test]
async fn several_fetches_of_one_subgraph_travel_together() {
    let shop = shop();
    let query = "{ a: product(id: \"p1\") { stock { available } } b: latestReviews { product { stock { warehouse } } } c: product(id: \"p3\") { stock { available } } }";
    assert_snapshot!(show(&shop.run(query).await), @r#"data: {"a":{"stock":{"available":7}},"b":[{"product":{"stock":{"warehouse":null}}},{"product":{"stock":{"warehouse":null}}},{"product":{"stock":{"warehouse":null}}}],"c":{"stock":{"available":0}}}"#);
    assert_snapshot!(show(&shop.queries()), @r#"
    "reviews {b: latestReviews{product{__typename id}}}"
    "products {a: product(id: \"p1\"){...a} c: product(id: \"p3\"){...a}}\n\nfragment a on Product {__typename id}\n"
    "inventory query($__batch_reps_0:[_Any!]!, $__batch_reps_1:[_Any!]!){_e0: _entities(representations: $__batch_reps_0){...on Product{stock{warehouse}}} _e1: _entities(representations: $__batch_reps_1){...on Product{stock{available}}}}"
    "#);
}

#[tokio::test]
async fn an_alias_that_is_the_name_of_a_key_does_not_hide_the_key() {
    let shop = shop();
    let query = "{ products(first: 1) { id: name name: id stock { warehouse: available } } me { id: name reviews { id: stars } } }";
    assert_snapshot!(show(&shop.run(query).await), @r#"data: {"products":[{"id":"Kopi Gayo","name":"p1","stock":{"warehouse":7}}],"me":{"id":"Sari","reviews":[{"id":5}]}}"#);
    assert_snapshot!(show(&shop.queries()), @r#"
    "users {me{__typename _as_id: name id}}"
    "products {products(first: 1){__typename _as_id: name _as_name: id id}}"
    "reviews query($representations:[_Any!]!){_entities(representations: $representations){...on User{reviews{_as_id: stars}}}}"
    "inventory query($representations:[_Any!]!){_entities(representations: $representations){...on Product{stock{_as_warehouse: available}}}}"
    "#);
}

#[tokio::test]
async fn fields_of_several_fragments_are_one_object() {
    let shop = shop();
    let query = "
        { products(first: 1) { ...A reviews(first: 1) { id } ...B } }
        fragment A on Product { reviews(first: 1) { author { name } } stock { available } }
        fragment B on Product { stock { warehouse } ... on Node { id } reviews(first: 1) { author { id } stars } }
    ";
    assert_snapshot!(show(&shop.run(query).await), @r#"data: {"products":[{"reviews":[{"author":{"name":"Sari","id":"u1"},"id":"r1","stars":5}],"stock":{"available":7,"warehouse":null},"id":"p1"}]}"#);
}

#[tokio::test]
async fn the_trace_and_the_caller_travel_with_every_call() {
    let shop = shop();
    let mut context = crate::support::context();
    context.traceparent = Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into());
    let query = "{ me { name reviews { id } } }";
    shop.run_in(query, json!({}), context.clone()).await;
    for subgraph in ["users", "reviews"] {
        let calls = shop.contexts(subgraph);
        assert_eq!(calls.len(), 1);
        assert_eq!(calls[0].traceparent, context.traceparent);
        assert_eq!(calls[0].request_id, context.request_id);
        assert_eq!(calls[0].principal, context.principal);
        assert!(
            calls[0].deadline.is_some(),
            "the time a subgraph has is told to it"
        );
    }
}

#[tokio::test]
async fn an_entity_without_its_key_is_not_asked_for() {
    let shop = shop();
    for id in [
        json!({"__typename": "Product", "id": null}),
        json!({"__typename": "Product"}),
    ] {
        shop.says("products", &json!({"data": {"product": id}}));
        let answer = shop.run("{ product(id: 1) { stock { available } } }").await;
        assert_eq!(answer.to_string(), r#"{"data":{"product":{"stock":null}}}"#);
    }
    assert!(shop.variables("inventory").is_empty());
}

#[tokio::test]
async fn the_engine_serves_many_tasks() {
    let shop = std::sync::Arc::new(shop());
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let shop = std::sync::Arc::clone(&shop);
            tokio::spawn(async move { shop.run("{ products { stock { available } } }").await })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap().get("errors"), None);
    }
}
