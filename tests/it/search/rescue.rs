use serde_json::{Value, json};

use super::world::{
    ELEKTRONIK, Goods, HANDPHONE, LAPTOP, SAYUR, anybody, category_id, deliver, find, life,
    numbers, numbers_of, open, shelf,
};

const RESCUE: &str =
    "nodes { product { id } } correctedQuery rescue { kind query category { id } }";

// T-SRC-F typo correction; Ahead 3: typo → synonym → category, in both languages
#[tokio::test]
async fn a_search_without_hits_shows_what_comes_close() {
    let app = open().await;
    let typo = |query: &str| json!({ "kind": "TYPO", "query": query, "category": null });
    let category = |number: u32| json!({ "kind": "CATEGORY", "query": null, "category": { "id": category_id(number) } });
    for (query, rescue, expected) in [
        ("sepatu", Value::Null, &[6, 7][..]),
        ("sepatuu", typo("sepatu"), &[6, 7]),
        ("speatu lari", typo("sepatu lari"), &[6]),
        ("kangkng", typo("kangkung"), &[10]),
        ("lpatop asus", typo("laptop asus"), &[5]),
        ("smasung", typo("samsung"), &[1]),
        ("sneaker kanvass", typo("sneakers kanvas"), &[7]),
        ("bayem", typo("bayam"), &[11]),
        ("sayuran hidroponik premium", category(SAYUR), &[10, 11]),
        ("vegetables from holland", category(SAYUR), &[10, 11]),
        ("xqzjw", Value::Null, &[]),
        ("zz", Value::Null, &[]),
    ] {
        let found = find(&app, &format!("query: {query:?}"), RESCUE).await;
        let mut hits = numbers_of(&found);
        hits.sort_unstable();
        assert_eq!(found["rescue"], rescue, "{query}");
        assert_eq!(hits, expected, "{query}");
        let corrected = if rescue["kind"] == "TYPO" {
            rescue["query"].clone()
        } else {
            Value::Null
        };
        assert_eq!(found["correctedQuery"], corrected, "{query}");
    }
}

// Ahead 3: what only others call so is found by its synonym's name
#[tokio::test]
async fn a_word_that_nothing_is_called_is_rescued_by_what_it_stands_for() {
    let app = open().await;
    // `kets` stands for `sneakers` in the seeded synonyms, not the other way round.
    let found = find(&app, "query: \"kets kanvas\"", RESCUE).await;
    assert_eq!(found["rescue"]["kind"], "SYNONYM");
    assert_eq!(numbers_of(&found), [7]);
}

// A filter that keeps everything away is what was asked for
#[tokio::test]
async fn a_filter_is_not_rescued() {
    let app = open().await;
    let found = find(&app, "query: \"sepatu\", where: { priceMax: 1000 }", RESCUE).await;
    assert_eq!(
        found,
        json!({ "nodes": [], "correctedQuery": null, "rescue": null })
    );
    let found = find(
        &app,
        "query: \"speatu\", where: { priceMin: 400000 }",
        RESCUE,
    )
    .await;
    assert_eq!(
        (numbers_of(&found), &found["correctedQuery"]),
        (vec![7], &json!("sepatu"))
    );
}

// The pages of a rescued list join
#[tokio::test]
async fn a_rescue_goes_on_on_the_next_page() {
    let app = open().await;
    let selection =
        "nodes { product { id } } searchId correctedQuery pageInfo { endCursor hasNextPage }";
    for query in ["speatu", "sayuran premium xyz"] {
        let first = find(&app, &format!("query: {query:?}, first: 1"), selection).await;
        let cursor = &first["pageInfo"]["endCursor"];
        let next = find(
            &app,
            &format!("query: {query:?}, first: 1, after: {cursor}"),
            selection,
        )
        .await;
        assert_ne!(numbers_of(&first), numbers_of(&next), "{query}");
        assert_eq!(next["pageInfo"]["hasNextPage"], false, "{query}");
        assert_eq!(first["searchId"], next["searchId"]);
        assert_eq!(first["correctedQuery"], next["correctedQuery"]);
    }
}

// C30: `hp` is a telephone, and a brand where the context says so
#[tokio::test]
async fn hp_means_a_telephone_unless_the_context_says_a_computer() {
    let app = open().await;
    deliver(
        &app,
        &life(&Goods {
            number: 13,
            name: "Tinta Printer HP 680",
            category: ELEKTRONIK,
            ..shelf()[3].clone()
        }),
    )
    .await;
    let sorted = |mut numbers: Vec<u32>| {
        numbers.sort_unstable();
        numbers
    };
    let phones = sorted(numbers(&app, "query: \"hp\"").await);
    assert_eq!(phones, [1, 2, 3, 4, 13], "telephones, and what is named HP");
    assert_eq!(numbers(&app, "query: \"hp samsung\"").await, [1]);
    assert_eq!(numbers(&app, "query: \"laptop hp\"").await, [4]);
    assert_eq!(sorted(numbers(&app, "query: \"tinta hp\"").await), [13]);
    for (category, expected) in [(LAPTOP, &[4][..]), (HANDPHONE, &[1, 2, 3])] {
        let arguments = format!(
            "query: \"hp\", where: {{ categoryId: {:?} }}",
            category_id(category)
        );
        assert_eq!(
            sorted(numbers(&app, &arguments).await),
            expected,
            "{category}"
        );
    }
    // A laptop says nothing of telephones: with the synonym it would be found by its category's brother.
    assert_eq!(numbers(&app, "query: \"handphone samsung\"").await, [1]);
}

// T-SRC-2: suggestions with typo correction
#[tokio::test]
async fn suggestions_are_what_may_be_meant() {
    let app = open().await;
    let ask = |query: &'static str| {
        let client = anybody(&app);
        async move {
            let query = format!("{{ searchSuggestions(query: {query:?}) {{ text kind }} }}");
            client.run(&query, json!({})).await["data"]["searchSuggestions"].clone()
        }
    };
    assert_eq!(
        ask("speatu").await,
        json!([{ "text": "sepatu", "kind": "CORRECTION" }])
    );
    assert_eq!(
        ask("tv").await,
        json!([{ "text": "televisi", "kind": "SYNONYM" }, { "text": "television", "kind": "SYNONYM" }])
    );
    assert_eq!(ask(" ").await, json!([]));
    for _ in 0..3 {
        find(&app, "query: \"batik tulis\"", "searchId").await;
    }
    for _ in 0..2 {
        find(&app, "query: \"batik lengan pendek\"", "searchId").await;
    }
    let popular = json!([{ "text": "batik tulis", "kind": "POPULAR" }]);
    assert_eq!(
        ask("batik").await,
        popular,
        "what less than three asked is not shown"
    );
}

// T-SRC-3: autocomplete
#[tokio::test]
async fn a_beginning_is_completed() {
    let app = open().await;
    let ask = |prefix: &'static str, first: u32| {
        let client = anybody(&app);
        async move {
            let query = format!(
                "{{ searchAutocomplete(prefix: {prefix:?}, first: {first})
                {{ text kind product {{ id }} category {{ id }} }} }}"
            );
            let reply = client.run(&query, json!({})).await;
            let completions = reply["data"]["searchAutocomplete"]
                .as_array()
                .unwrap()
                .clone();
            let pair = |c: &Value| {
                (
                    c["text"].as_str().unwrap().to_owned(),
                    c["kind"].as_str().unwrap().to_owned(),
                )
            };
            completions.iter().map(pair).collect::<Vec<_>>()
        }
    };
    let pair = |text: &str, kind: &str| (text.to_owned(), kind.to_owned());
    assert_eq!(
        ask("sep", 8).await,
        [
            pair("Sepatu", "CATEGORY"),
            pair("Sepatu Lari Pria Ringan", "PRODUCT"),
            pair("Sepatu Sneakers Kanvas Wanita", "PRODUCT")
        ]
    );
    assert_eq!(
        ask("sam", 8).await,
        [
            pair("Samsung", "BRAND"),
            pair("Samsung Galaxy A15 Handphone 6/128", "PRODUCT")
        ]
    );
    assert_eq!(ask("foot", 8).await, [pair("Footwear", "CATEGORY")]);
    assert_eq!(
        ask("Kemeja BATIK tu", 8).await,
        [pair("Kemeja Batik Tulis Pekalongan", "PRODUCT")]
    );
    assert_eq!(ask("sep", 1).await, [pair("Sepatu", "CATEGORY")]);
    assert_eq!(ask("", 8).await, []);
    assert_eq!(ask("qqq", 8).await, []);
    for arguments in ["prefix: \"a\", first: 0", "prefix: \"a\", first: 21"] {
        let query = format!("{{ searchAutocomplete({arguments}) {{ text }} }}");
        let reply = anybody(&app).run(&query, json!({})).await;
        assert_eq!(
            reply["errors"][0]["extensions"]["code"], "BAD_USER_INPUT",
            "{arguments}"
        );
    }
}
