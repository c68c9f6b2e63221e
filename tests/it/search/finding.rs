use std::collections::BTreeSet;

use harness::{Role, Subgraph};
use serde_json::{Value, json};

use super::world::{
    FASHION, anybody, category_id, deliver, event, find, life, numbers, open, product_id,
    seller_id, shelf, snapshot,
};

fn set(numbers: &[u32]) -> BTreeSet<u32> {
    numbers.iter().copied().collect()
}

// T-SRC-1, T-SRC-F: full text over name, description, brand, features and category, in both languages
#[tokio::test]
async fn words_are_found_wherever_they_stand() {
    let app = open().await;
    for (query, expected) in [
        ("sepatu", &[6, 7][..]),
        ("SEPATU lari", &[6]),
        ("batik", &[8, 9]),
        ("compass", &[7]),
        ("asus", &[5]),
        ("tumisan", &[10]),
        ("footwear", &[6, 7]),
        ("vegetables", &[10, 11]),
        ("sayuran segar", &[10]),
        ("usb hdmi", &[12]),
        ("USB/HDMI", &[12]),
        ("kaos untuk yang lengan", &[8]),
        ("14s", &[4]),
    ] {
        let found = set(&numbers(&app, &format!("query: {query:?}")).await);
        assert_eq!(found, set(expected), "{query}");
    }
}

// T-SRC-1: everything without words; drafts, suspended shops and deleted products never
#[tokio::test]
async fn only_what_is_on_the_shelf_of_an_open_shop_is_found() {
    let app = open().await;
    assert_eq!(numbers(&app, "first: 100").await.len(), 12);
    let goods = &shelf()[7];
    let key = product_id(goods.number);
    for (version, event_type, status, is_found) in [
        (3, "product.unpublished", "DRAFT", false),
        (4, "product.published", "ACTIVE", true),
        (5, "product.suspended", "SUSPENDED", false),
        (6, "product.reinstated", "DRAFT", false),
        (7, "product.published", "ACTIVE", true),
        (8, "product.archived", "ARCHIVED", false),
    ] {
        deliver(
            &app,
            &[event(event_type, &key, version, snapshot(goods, status))],
        )
        .await;
        let found = numbers(&app, "query: \"kaos\"").await;
        assert_eq!(found.contains(&8), is_found, "{event_type}");
    }
    let closed = json!({ "sellerId": seller_id(2) });
    deliver(
        &app,
        &[event("seller.suspended", &seller_id(2), 2, closed.clone())],
    )
    .await;
    assert_eq!(numbers(&app, "query: \"sepatu\"").await, Vec::<u32>::new());
    deliver(
        &app,
        &[event("seller.reinstated", &seller_id(2), 3, closed)],
    )
    .await;
    assert_eq!(numbers(&app, "query: \"sepatu\"").await.len(), 2);
    let gone = event(
        "product.deleted",
        &product_id(10),
        3,
        snapshot(&shelf()[9], "DRAFT"),
    );
    deliver(&app, &[gone]).await;
    assert!(!numbers(&app, "first: 100").await.contains(&10));
}

// T-SRC-F: category with descendants, price range, rating, location, in stock
#[tokio::test]
async fn filters_are_joined_by_and() {
    let app = open().await;
    let fashion = category_id(FASHION);
    for (filter, expected) in [
        (format!("categoryId: {fashion:?}"), &[6, 7, 8, 9][..]),
        (
            "priceMin: \"25000\", priceMax: \"85000\"".to_owned(),
            &[3, 8, 12],
        ),
        ("priceMax: 7500".to_owned(), &[10, 11]),
        ("ratingMin: 4".to_owned(), &[1, 6]),
        ("ratingMin: 3".to_owned(), &[1, 4, 6]),
        ("cities: [\"Kota Solo\"]".to_owned(), &[3, 10, 11]),
        (
            "cities: [\"Kota Solo\"], provinces: [\"Jawa Barat\"]".to_owned(),
            &[1, 3, 4, 5, 10, 11, 12],
        ),
        (
            "provinces: [\"Jawa Tengah\"], inStock: true".to_owned(),
            &[2, 3, 6, 8, 9, 10, 11],
        ),
        (
            format!("categoryId: {fashion:?}, priceMin: 400000, inStock: true"),
            &[9],
        ),
        (format!("categoryId: {:?}", category_id(99)), &[]),
        ("priceMin: 10, priceMax: 5".to_owned(), &[]),
    ] {
        let found = set(&numbers(&app, &format!("where: {{ {filter} }}, first: 100")).await);
        assert_eq!(found, set(expected), "{filter}");
    }
    let found = numbers(&app, "query: \"batik\", where: { priceMax: \"100000\" }").await;
    assert_eq!(found, [8]);
}

// T-SRC-F: sort by relevance, price, newest, best selling
#[tokio::test]
async fn every_order_is_total_and_its_pages_join() {
    let app = open().await;
    let prices = |sorted: &[u32]| -> Vec<i64> {
        let shelf = shelf();
        let price = |number: &u32| {
            shelf
                .iter()
                .find(|goods| goods.number == *number)
                .unwrap()
                .price
        };
        sorted.iter().map(price).collect()
    };
    let cheap = numbers(&app, "sort: PRICE_ASC").await;
    assert!(prices(&cheap).is_sorted(), "{cheap:?}");
    let dear = numbers(&app, "sort: PRICE_DESC").await;
    assert!(prices(&dear).iter().rev().is_sorted(), "{dear:?}");
    assert_eq!(
        numbers(&app, "sort: BEST_SELLING, first: 3").await,
        [6, 1, 4],
        "by ratings"
    );
    // All were created in the same minute: the id decides.
    assert_eq!(numbers(&app, "sort: NEWEST, first: 3").await, [12, 11, 10]);
    assert_eq!(
        numbers(&app, "sort: RELEVANCE, first: 3").await,
        [6, 1, 4],
        "without words"
    );
    let best = find(&app, "query: \"sepatu\"", "nodes { score }").await;
    let scores: Vec<f64> = best["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| n["score"].as_f64().unwrap())
        .collect();
    assert!(scores.len() == 2 && scores[0] >= scores[1], "{scores:?}");
    let score = find(&app, "query: \"sepatu\", sort: NEWEST", "nodes { score }").await;
    assert_eq!(score["nodes"][0]["score"], Value::Null);
    for sort in [
        "RELEVANCE",
        "PRICE_ASC",
        "PRICE_DESC",
        "NEWEST",
        "BEST_SELLING",
    ] {
        for words in [
            "",
            "query: \"jawa OR laptop\", ",
            "query: \"sepatu\", ",
            "query: \"14\", ",
        ] {
            let arguments = format!("{words}sort: {sort}");
            let whole = numbers(&app, &format!("{arguments}, first: 100")).await;
            assert_eq!(paged(&app, &arguments, 2).await, whole, "{arguments}");
        }
    }
}

/// All pages of a list, one after the other.
async fn paged(app: &Subgraph, arguments: &str, first: usize) -> Vec<u32> {
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let arguments = format!("{arguments}, first: {first}{after}");
        let selection = "nodes { product { id } } pageInfo { hasNextPage endCursor }";
        let page = find(app, &arguments, selection).await;
        seen.extend(super::world::numbers_of(&page));
        if page["pageInfo"]["hasNextPage"] == false {
            return seen;
        }
        after = format!(", after: {}", page["pageInfo"]["endCursor"]);
    }
}

// Conventions: keyset cursors; what is written between pages is neither skipped nor shown twice
#[tokio::test]
async fn a_list_that_changes_between_pages_shows_the_rest_once() {
    let app = open().await;
    let selection = "nodes { product { id } } pageInfo { endCursor }";
    let first = find(&app, "sort: PRICE_ASC, first: 4", selection).await;
    let seen = super::world::numbers_of(&first);
    let cheap = super::world::Goods {
        number: 40,
        price: 10,
        ..shelf()[0].clone()
    };
    let dear = super::world::Goods {
        number: 41,
        price: 90_000_000,
        ..shelf()[0].clone()
    };
    deliver(&app, &life(&cheap)).await;
    deliver(&app, &life(&dear)).await;
    let arguments = format!(
        "sort: PRICE_ASC, first: 100, after: {}",
        first["pageInfo"]["endCursor"]
    );
    let rest = numbers(&app, &arguments).await;
    assert_eq!(rest.last(), Some(&41));
    assert_eq!(
        seen.len() + rest.len(),
        13,
        "the cheap one came before the page"
    );
    assert!(seen.iter().all(|number| !rest.contains(number)));
}

// Conventions: a cursor is bound to its list; inputs have limits
#[tokio::test]
async fn what_cannot_be_asked_is_refused() {
    let app = open().await;
    let page = find(
        &app,
        "query: \"sepatu\", first: 1",
        "pageInfo { endCursor }",
    )
    .await;
    let cursor = page["pageInfo"]["endCursor"].as_str().unwrap();
    let many = format!("[{}]", "\"x\",".repeat(21));
    let long = "x".repeat(201);
    let place = "x".repeat(81);
    for arguments in [
        format!("query: \"batik\", after: {cursor:?}"),
        format!("query: \"sepatu\", sort: NEWEST, after: {cursor:?}"),
        format!("query: \"sepatu\", where: {{ inStock: true }}, after: {cursor:?}"),
        format!("after: {cursor:?}"),
        "after: \"x\"".to_owned(),
        "after: \"W10\"".to_owned(),
        "first: 0".to_owned(),
        "first: 101".to_owned(),
        format!("query: {long:?}"),
        "where: { ratingMin: 0 }".to_owned(),
        "where: { ratingMin: 6 }".to_owned(),
        format!("where: {{ cities: {many} }}"),
        format!("where: {{ provinces: {many} }}"),
        format!("where: {{ cities: [{place:?}] }}"),
        "where: { priceMin: \"x\" }".to_owned(),
        "where: { categoryId: \"product_00000000000000000000000001\" }".to_owned(),
        "query: \"a\\u0000b\"".to_owned(),
    ] {
        let query = format!("{{ search({arguments}) {{ nodes {{ score }} }} }}");
        let reply = anybody(&app).run(&query, json!({})).await;
        assert_eq!(
            reply["errors"][0]["extensions"]["code"], "BAD_USER_INPUT",
            "{arguments}: {reply}"
        );
    }
}

// Whatever is typed is a text, never a query language
#[tokio::test]
async fn no_text_is_a_syntax_error() {
    let app = open().await;
    for text in [
        "'",
        "\"",
        "\\",
        "a & | !",
        "sepatu:*",
        "((((",
        "<-> foo",
        "%",
        "_",
        "*",
        "🦀",
        "é",
        "ﬁ",
        "²",
        "   ",
        "sepatu'); drop table documents; --",
        "１２",
        "ಠ_ಠ",
        "a:b:c",
        "\u{202e}abc",
        "0x1F 1e5 -3.5",
    ] {
        for field in [
            "search(query: $text) { nodes { score } totalCount facets { inStockCount } }",
            "searchSuggestions(query: $text) { text }",
            "searchAutocomplete(prefix: $text) { text }",
        ] {
            let query = format!("query($text: String!) {{ {field} }}");
            let reply = app
                .client(Role::Buyer)
                .run(&query, json!({ "text": text }))
                .await;
            assert_eq!(reply["errors"], Value::Null, "{text}: {reply}");
        }
    }
}

// A page costs the same statements however long it is
#[tokio::test]
async fn a_longer_page_takes_no_more_statements() {
    let app = open().await;
    let run = |first: usize| {
        let arguments = format!("where: {{ inStock: true }}, first: {first}");
        let app = &app;
        async move {
            find(
                app,
                &arguments,
                "nodes { product { id } } totalCount facets { inStockCount }",
            )
            .await
        }
    };
    let (_, one) = app.statements(run(1)).await;
    let (_, many) = app.statements(run(100)).await;
    assert_eq!((one, many), (1, 1), "hits, their number and facets");
}
