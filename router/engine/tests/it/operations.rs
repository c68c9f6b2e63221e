//! What operations may look like: variables, conditions, aliases, mutations, introspection.

use insta::assert_snapshot;
use serde_json::json;

use crate::{
    shop::{shop, shop_with},
    support::show,
};
use router_engine::{EngineSettings, OperationKind};

#[tokio::test]
async fn fields_come_in_the_order_and_under_the_names_of_the_client() {
    let shop = shop();
    let query =
        "query Q { second: version me { city kind: __typename name } first: version __typename }";
    let prepared = shop.engine.prepare(query, None).unwrap();
    let response = shop
        .engine
        .execute(&prepared, Default::default(), crate::support::context())
        .await;
    let text = String::from_utf8(response.to_bytes().to_vec()).unwrap();
    assert_eq!(
        text,
        r#"{"data":{"second":"1.0","me":{"city":"Bandung","kind":"User","name":"Sari"},"first":"1.0","__typename":"Query"}}"#
    );
}

#[tokio::test]
async fn only_used_variables_are_forwarded_and_defaults_apply() {
    let shop = shop();
    let query = "query Q($first: Int = 2, $reviews: Int, $kinds: [Kind!] = [SIMPLE], $id: ID!) {
        products(first: $first, filter: {kinds: $kinds}) { name reviews(first: $reviews) { id } }
        product(id: $id) { name }
    }";
    let answer = shop
        .run_with(query, json!({"id": 7, "unknown": true}))
        .await;
    assert_snapshot!(show(&answer), @r#"data: {"products":[{"name":"Kopi Gayo","reviews":[{"id":"r1"},{"id":"r2"}]},{"name":"Batik \"Parang\"","reviews":[]}],"product":null}"#);
    assert_snapshot!(show(&shop.variables("products")), @r#"{"first":2,"id":7,"kinds":["SIMPLE"]}"#);
    // `$reviews` has no value and no default, so it is not sent.
    assert_snapshot!(show(&shop.variables("reviews")), @r#"{"representations":[{"__typename":"Product","id":"p1"},{"__typename":"Product","id":"p2"}]}"#);
    shop.run_with(
        query,
        json!({"id": "p1", "first": null, "reviews": 1, "kinds": "DIGITAL"}),
    )
    .await;
    assert_snapshot!(show(&shop.variables("products")[1]), @r#"{"first":null,"id":"p1","kinds":["DIGITAL"]}"#);
    assert_snapshot!(show(&shop.variables("reviews")[1]), @r#"{"representations":[{"__typename":"Product","id":"p1"},{"__typename":"Product","id":"p2"},{"__typename":"Product","id":"p3"}],"reviews":1}"#);
}

#[tokio::test]
async fn variables_of_wrong_types_are_refused_with_an_explanation() {
    let shop = shop();
    let query = "query Q($id: ID!, $filter: ProductFilter) { product(id: $id) { id } products(filter: $filter) { id } }";
    for (variables, message) in [
        (json!({}), "missing value for non-null variable 'id'"),
        (
            json!({"id": null}),
            "null value for variable id of non-null type ID!",
        ),
        (
            json!({"id": {"a": 1}}),
            "could not coerce variable id: {\"a\":1} to type ID",
        ),
        (
            json!({"id": "p1", "filter": {"kinds": ["WHAT"]}}),
            "could not coerce input field ProductFilter.kinds: \"WHAT\" to type Kind",
        ),
        (
            json!({"id": "p1", "filter": {"kinds": ["INTERNAL"]}}),
            "could not coerce input field ProductFilter.kinds: \"INTERNAL\" to type Kind",
        ),
        (
            json!({"id": "p1", "filter": {"hidden": true}}),
            "Input object has key hidden not in type ProductFilter",
        ),
        (
            json!({"id": "p1", "filter": {"minPrice": 3_000_000_000_u64}}),
            "could not coerce input field ProductFilter.minPrice: 3000000000 to type Int",
        ),
    ] {
        let answer = shop.run_with(query, variables).await;
        assert_eq!(answer.get("data"), None);
        assert_eq!(answer["errors"][0]["message"], message);
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    }
    let long = shop
        .run_with(query, json!({"id": {"a": "x".repeat(10_000)}}))
        .await;
    assert!(
        long.to_string().len() < 600,
        "what the client sent is not repeated in full"
    );
    assert!(shop.queries().is_empty());
}

#[tokio::test]
async fn skip_and_include_follow_their_variables() {
    let query = "query Q($on: Boolean!, $off: Boolean = false) {
        products(first: 1) {
            name @include(if: $on)
            stock @skip(if: $on) { available }
            ... @include(if: $off) { price reviews { id } }
            ... on Product @skip(if: $off) { isNew }
            never: id @skip(if: true)
        }
        me @include(if: $off) { name }
        version
    }";
    let on = shop();
    assert_snapshot!(show(&on.run_with(query, json!({"on": true})).await), @r#"data: {"products":[{"name":"Kopi Gayo","isNew":true}],"version":"1.0"}"#);
    assert_snapshot!(show(&on.queries()), @r#"
    "users {version}"
    "products {products(first: 1){name isNew}}"
    "#);
    let off = shop();
    assert_snapshot!(show(&off.run_with(query, json!({"on": false, "off": true})).await), @r#"data: {"products":[{"stock":{"available":7},"price":85000,"reviews":[{"id":"r1"},{"id":"r2"}]}],"me":{"name":"Sari"},"version":"1.0"}"#);
    assert_snapshot!(show(&off.queries()), @r#"
    "users {me{name} version}"
    "products {products(first: 1){__typename id price}}"
    "reviews query($representations:[_Any!]!){_entities(representations: $representations){...on Product{reviews{id}}}}"
    "inventory query($representations:[_Any!]!){_entities(representations: $representations){...on Product{stock{available}}}}"
    "#);
}

#[tokio::test]
async fn a_key_selected_twice_stands_where_its_first_active_selection_stands() {
    let shop = shop();
    let query = "query Q($a: Boolean!) { me { name @include(if: $a) city name } }";
    for (a, expected) in [
        (true, r#"{"data":{"me":{"name":"Sari","city":"Bandung"}}}"#),
        (false, r#"{"data":{"me":{"city":"Bandung","name":"Sari"}}}"#),
    ] {
        assert_eq!(
            shop.run_with(query, json!({"a": a})).await.to_string(),
            expected
        );
    }
}

#[tokio::test]
async fn conditions_of_merged_selections_stay_apart() {
    let shop = shop();
    let query = "query Q($a: Boolean!, $b: Boolean!) {
        me @include(if: $a) { name }
        me @include(if: $b) { city reviews { id } }
    }";
    let mut answers = Vec::new();
    for (a, b) in [(true, true), (true, false), (false, true), (false, false)] {
        answers.push(shop.run_with(query, json!({"a": a, "b": b})).await);
    }
    assert_snapshot!(show(&answers), @r#"
    {"data":{"me":{"name":"Sari","city":"Bandung","reviews":[{"id":"r1"}]}}}
    {"data":{"me":{"name":"Sari"}}}
    {"data":{"me":{"city":"Bandung","reviews":[{"id":"r1"}]}}}
    {"data":{}}
    "#);
}

#[tokio::test]
async fn mutations_run_one_after_the_other_in_the_order_of_the_client() {
    let shop = shop();
    let query = "mutation M($amount: Int!) {
        a: productRename(id: \"p1\", name: \"Kopi\") { name stock { available } }
        b: stockSet(productId: \"p1\", amount: $amount) { name stock { available } }
        c: productRename(id: \"p3\", name: \"Buku\") { name }
    }";
    assert_snapshot!(show(&shop.run_with(query, json!({"amount": 3})).await), @r#"data: {"a":{"name":"Kopi","stock":{"available":7}},"b":{"name":"Kopi Gayo","stock":{"available":3}},"c":{"name":"Buku"}}"#);
    assert_snapshot!(show(&shop.queries()), @r#"
    "products mutation{a: productRename(id: \"p1\", name: \"Kopi\"){__typename name id}}"
    "inventory query($representations:[_Any!]!){_entities(representations: $representations){...on Product{stock{available}}}}"
    "inventory mutation($amount:Int!){b: stockSet(amount: $amount, productId: \"p1\"){__typename id stock{available}}}"
    "products query($representations:[_Any!]!){_entities(representations: $representations){...on Product{name}}}"
    "products mutation{c: productRename(id: \"p3\", name: \"Buku\"){name}}"
    "#);
}

#[tokio::test]
async fn a_failing_mutation_does_not_stop_the_next() {
    let shop = shop();
    shop.behave("inventory", crate::support::Behaviour::Down);
    let query = "mutation {
        a: stockSet(productId: \"p1\", amount: 1) { id }
        b: productRename(id: \"p3\", name: \"Buku\") { name }
    }";
    assert_snapshot!(show(&shop.run(query).await), @r#"
    data: {"a":null,"b":{"name":"Buku"}}
    error: {"message":"a part of the answer is not available: its service is down","path":["a"],"extensions":{"code":"DOWNSTREAM_SERVICE_ERROR"}}
    "#);
}

#[tokio::test]
async fn a_subscription_is_not_answered_once() {
    let shop = shop();
    let query = "subscription S { reviewAdded { id author { name } } }";
    let prepared = shop.engine.prepare(query, None).unwrap();
    assert_eq!(prepared.kind(), OperationKind::Subscription);
    assert_eq!(prepared.name(), Some("S"));
    assert_snapshot!(show(&shop.run(query).await), @r#"error: {"message":"a subscription has no single answer: ask for a stream of events","extensions":{"code":"SUBSCRIPTIONS_NOT_SUPPORTED"}}"#);
}

#[tokio::test]
async fn introspection_and_data_share_an_answer() {
    let shop = shop();
    let query = "query Q($type: String!) {
        products(first: 1) { name }
        __type(name: $type) { name kind values: enumValues(includeDeprecated: true) { name } }
        schema: __schema { queryType { fields { name } } }
        ...Root
    }
    fragment Root on Query { __typename hidden: __type(name: \"Draft\") { name } me { name } }";
    // Neither `INTERNAL`, nor `secret`, nor `Draft` is there: they are inaccessible.
    assert_snapshot!(show(&shop.run_with(query, json!({"type": "Kind"})).await), @r#"data: {"products":[{"name":"Kopi Gayo"}],"__type":{"name":"Kind","kind":"ENUM","values":[{"name":"SIMPLE"},{"name":"DIGITAL"}]},"schema":{"queryType":{"fields":[{"name":"product"},{"name":"products"},{"name":"grid"},{"name":"search"},{"name":"node"},{"name":"lowStock"},{"name":"latestReviews"},{"name":"me"},{"name":"version"}]}},"__typename":"Query","hidden":null,"me":{"name":"Sari"}}"#);
    let again = shop.run_with(query, json!({"type": "Stock"})).await;
    assert_eq!(again["data"]["__type"]["kind"], "OBJECT");
    let kept = "{ __schema { mutationType { name } } }";
    assert_eq!(shop.run(kept).await, shop.run(kept).await);
}

#[tokio::test]
async fn introspection_can_be_turned_off() {
    let shop = shop_with(EngineSettings {
        introspection: false,
        ..EngineSettings::default()
    });
    let answer = shop
        .run("{ me { name } ... { __schema { types { name } } } }")
        .await;
    assert_snapshot!(show(&answer), @r#"error: {"message":"introspection is turned off (setting introspection)","extensions":{"code":"INTROSPECTION_DISABLED"}}"#);
    assert_snapshot!(show(&shop.run("{ __typename me { __typename } }").await), @r#"data: {"__typename":"Query","me":{"__typename":"User"}}"#);
}

#[tokio::test]
async fn one_of_several_operations_is_chosen_by_name() {
    let shop = shop();
    let document = "query A { version } query B { me { name } }";
    for (name, expected) in [(Some("A"), Some("A")), (Some("B"), Some("B"))] {
        let prepared = shop.engine.prepare(document, name).unwrap();
        assert_eq!(prepared.name(), expected);
    }
    for (name, message) in [
        (Some("C"), "No operation named 'C'"),
        (
            None,
            "Ambiguous request: multiple operations but no specified `operationName`",
        ),
    ] {
        let errors = shop.engine.prepare(document, name).err().unwrap();
        assert_eq!(errors[0].message, message);
        assert_eq!(errors[0].code.as_str(), "OPERATION_RESOLUTION_FAILURE");
        assert_eq!(errors[0].code.status(), 400);
    }
}

#[tokio::test]
async fn an_operation_is_prepared_once() {
    let shop = shop();
    let query = "{ version }";
    let first = shop.engine.prepare(query, None).unwrap();
    let second = shop.engine.prepare(query, None).unwrap();
    assert!(std::sync::Arc::ptr_eq(&first, &second));
    let other = shop.engine.prepare("{version}", None).unwrap();
    assert!(!std::sync::Arc::ptr_eq(&first, &other));
    assert_eq!(shop.engine.cached_operations(), 2);
}

#[tokio::test]
async fn the_cache_is_bounded_by_entries_and_by_bytes() {
    let many = |settings| {
        let shop = shop_with(settings);
        for number in 0..60 {
            shop.engine
                .prepare(&format!("{{ v{number}: version }}"), None)
                .unwrap();
        }
        shop.engine.cached_operations()
    };
    let by_entries = many(EngineSettings {
        plan_cache_entries: 10,
        ..EngineSettings::default()
    });
    assert!((1..=10).contains(&by_entries), "{by_entries} entries");
    let by_bytes = many(EngineSettings {
        plan_cache_bytes: 50_000,
        ..EngineSettings::default()
    });
    assert!((1..=12).contains(&by_bytes), "{by_bytes} entries");
}
