use harness::{Role, Subgraph};
use serde_json::{Value, json};

use super::{attribute, category, kale, other_shop, publish, start, variant};

/// Twelve products on the shelf with equal times, prices and names among them; gives `(id, created,
/// price, name)` as the lists sort them.
async fn shelf(app: &Subgraph) -> Vec<(String, i64, i64, String)> {
    let vegetables = category(app, "sayur", None).await;
    let mut products = Vec::new();
    for number in 0..12_i64 {
        let created = number / 3;
        if number % 3 == 0 && number > 0 {
            app.clock.advance(chrono::Duration::seconds(1));
        }
        let price = 1_000 + number % 4;
        let name = ["bayam", "Bayam", "Kangkung"][usize::try_from(number % 3).unwrap()];
        let mut input = kale(&vegetables, &format!("k{number}"));
        input["name"] = json!(format!("{name} segar"));
        input["variants"][0]["price"]["minorUnits"] = json!(price.to_string());
        let id = publish(app, input).await;
        products.push((id, created, price, format!("{name} segar").to_lowercase()));
    }
    products
}

/// Walks all pages of five; gives the ids.
async fn walk(app: &Subgraph, field: &str, sort: &str) -> Vec<String> {
    let query = format!(
        "query($after: String) {{ found: {field} {{ \
         nodes {{ id }} edges {{ cursor node {{ id }} }} pageInfo {{ hasNextPage hasPreviousPage endCursor }} }} }}"
    )
    .replace("PAGE", &format!("first: 5, after: $after, sort: {sort}"));
    let (mut seen, mut after) = (Vec::new(), Value::Null);
    loop {
        let reply = app
            .client(Role::Anonymous)
            .run(&query, json!({ "after": after }))
            .await;
        let page = &reply["data"]["found"];
        let nodes = page["nodes"]
            .as_array()
            .unwrap_or_else(|| panic!("{reply}"));
        assert_eq!(page["pageInfo"]["hasPreviousPage"], json!(!after.is_null()));
        seen.extend(
            nodes
                .iter()
                .map(|node| node["id"].as_str().unwrap().to_owned()),
        );
        if page["pageInfo"]["hasNextPage"] == false {
            return seen;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

// T-PRD-1: every order, every product once
#[tokio::test]
async fn pages_show_every_product_once_in_every_order() {
    let app = start().await;
    let mut products = shelf(&app).await;
    let ids = |products: &[(String, i64, i64, String)]| -> Vec<String> {
        products.iter().map(|(id, ..)| id.clone()).collect()
    };
    products.sort_by(|a, b| (b.1, &b.0).cmp(&(a.1, &a.0)));
    assert_eq!(walk(&app, "products(PAGE)", "NEWEST").await, ids(&products));
    products.sort_by(|a, b| (a.2, &a.0).cmp(&(b.2, &b.0)));
    assert_eq!(
        walk(&app, "products(PAGE)", "PRICE_ASC").await,
        ids(&products)
    );
    products.reverse();
    assert_eq!(
        walk(&app, "products(PAGE)", "PRICE_DESC").await,
        ids(&products)
    );
    products.sort_by(|a, b| (&a.3, &a.0).cmp(&(&b.3, &b.0)));
    assert_eq!(walk(&app, "products(PAGE)", "NAME").await, ids(&products));
}

// T-CAT-3, T-SEL product list: the same pages below a category and a shop
#[tokio::test]
async fn the_lists_of_a_category_and_of_a_shop_are_paged_too() {
    let app = start().await;
    let shelf = shelf(&app).await;
    let seller = super::shop();
    let sellers = format!(
        "_entities(representations: [{{ __typename: \"Seller\", id: \"{seller}\" }}]) {{ ... on Seller {{ products(PAGE) {{ PARTS }} }} }}"
    );
    let categories = "categoryBySlug(slug: \"sayur\") { products(PAGE) { PARTS } }".to_owned();
    for sort in ["NEWEST", "PRICE_ASC", "PRICE_DESC", "NAME"] {
        let whole = walk(&app, "products(PAGE)", sort).await;
        assert_eq!(whole.len(), shelf.len());
        for (field, pointer) in [
            (&sellers, "/data/found/0/products"),
            (&categories, "/data/found/products"),
        ] {
            let query = format!("query($after: String) {{ found: {field} }}")
                .replace("PAGE", &format!("first: 5, after: $after, sort: {sort}"))
                .replace("PARTS", "nodes { id } pageInfo { hasNextPage endCursor }");
            let (mut seen, mut after) = (Vec::new(), Value::Null);
            loop {
                let reply = app
                    .client(Role::Anonymous)
                    .run(&query, json!({ "after": after }))
                    .await;
                let page = reply.pointer(pointer).unwrap_or_else(|| panic!("{reply}"));
                let nodes = page["nodes"].as_array().unwrap();
                seen.extend(
                    nodes
                        .iter()
                        .map(|node| node["id"].as_str().unwrap().to_owned()),
                );
                if page["pageInfo"]["hasNextPage"] == false {
                    break;
                }
                after = page["pageInfo"]["endCursor"].clone();
            }
            assert_eq!(seen, whole, "{sort} {pointer}");
        }
    }
}

#[tokio::test]
async fn bad_pages_and_cursors_of_another_order_are_refused() {
    let app = start().await;
    shelf(&app).await;
    let anybody = app.client(Role::Anonymous);
    let mut bad: Vec<String> = [
        "first: 0",
        "first: 101",
        "first: -1",
        "after: \"x\"",
        "after: \"W10\"",
        "after: \"\"",
    ]
    .map(str::to_owned)
    .to_vec();
    let orders = ["NEWEST", "PRICE_ASC", "PRICE_DESC", "NAME"];
    for order in orders {
        let query =
            format!("{{ products(first: 1, sort: {order}) {{ pageInfo {{ endCursor }} }} }}");
        let reply = anybody.run(&query, json!({})).await;
        let cursor = super::text(&reply, "/data/products/pageInfo/endCursor");
        let others = orders.iter().filter(|other| **other != order);
        bad.extend(others.map(|other| format!("sort: {other}, after: \"{cursor}\"")));
    }
    let nul =
        kernel::Cursor::encode(&json!({ "Name": ["\0", "product_00000000000000000000000001"] }));
    bad.push(format!("sort: NAME, after: \"{}\"", nul.as_str()));
    for arguments in bad {
        for field in [
            format!("products({arguments}) {{ nodes {{ id }} }}"),
            format!(
                "categoryBySlug(slug: \"sayur\") {{ products({arguments}) {{ nodes {{ id }} }} }}"
            ),
        ] {
            let reply = anybody.run(&format!("{{ {field} }}"), json!({})).await;
            assert_eq!(
                reply["errors"][0]["extensions"]["code"], "BAD_USER_INPUT",
                "{field}: {reply}"
            );
        }
    }
}

// T-PRD-1 filters
#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table")]
async fn products_are_filtered_by_everything_that_is_asked() {
    let app = start().await;
    let food = category(&app, "pangan", None).await;
    let leaves = category(&app, "sayur-daun", Some(&food)).await;
    let books = category(&app, "buku", None).await;
    attribute(
        &app,
        &food,
        json!({ "code": "asal", "kind": "ENUM", "options": ["Garut", "Malang"] }),
    )
    .await;
    attribute(&app, &food, json!({ "code": "organik", "kind": "BOOLEAN" })).await;
    let mut kangkung = kale(&leaves, "a");
    kangkung["attributes"] =
        json!([{ "code": "asal", "value": "Garut" }, { "code": "organik", "value": "true" }]);
    let kangkung = publish(&app, kangkung).await;
    let mut rice = kale(&food, "b");
    rice["unit"] = json!("KILOGRAM");
    rice["sellerId"] = json!(other_shop());
    rice["attributes"] = json!([{ "code": "asal", "value": "Malang" }]);
    rice["variants"] = json!([variant("5kg", 70_000), variant("1kg", 15_000)]);
    let rice = publish(&app, rice).await;
    let mut book = kale(&books, "c");
    book["kind"] = json!("DIGITAL");
    book["unit"] = json!("PIECE");
    book["isPerishable"] = json!(false);
    book["variants"][0]["weightGrams"] = Value::Null;
    let book = publish(&app, book).await;
    super::create(&app, kale(&leaves, "draft")).await;

    let names = [(&kangkung, "kangkung"), (&rice, "rice"), (&book, "book")];
    let query =
        "query($where: ProductWhere) { products(where: $where, sort: PRICE_ASC) { nodes { id } } }";
    let attribute = |code: &str, value: &str| json!({ "code": code, "value": value });
    for (filter, expected) in [
        (json!(null), vec!["kangkung", "book", "rice"]),
        (json!({}), vec!["kangkung", "book", "rice"]),
        (json!({ "categoryId": food }), vec!["kangkung", "rice"]),
        (json!({ "categoryId": leaves }), vec!["kangkung"]),
        (
            json!({ "categoryId": "category_7zzzzzzzzzzzzzzzzzzzzzzzzz" }),
            vec![],
        ),
        (json!({ "sellerId": other_shop() }), vec!["rice"]),
        (json!({ "kind": "DIGITAL" }), vec!["book"]),
        (json!({ "unit": "KILOGRAM" }), vec!["rice"]),
        (
            json!({ "ids": [rice, book, "product_7zzzzzzzzzzzzzzzzzzzzzzzzz"] }),
            vec!["book", "rice"],
        ),
        (json!({ "ids": [] }), vec![]),
        (json!({ "status": [] }), vec![]),
        (
            json!({ "status": ["ACTIVE"] }),
            vec!["kangkung", "book", "rice"],
        ),
        (json!({ "priceMin": "15000" }), vec!["rice"]),
        (json!({ "priceMin": "15001" }), vec![]),
        (
            json!({ "priceMax": "15000" }),
            vec!["kangkung", "book", "rice"],
        ),
        (json!({ "priceMax": "4499" }), vec![]),
        (
            json!({ "attributes": [attribute("asal", "Garut")] }),
            vec!["kangkung"],
        ),
        (
            json!({ "attributes": [attribute("asal", "Garut"), attribute("organik", "true")] }),
            vec!["kangkung"],
        ),
        (
            json!({ "attributes": [attribute("asal", "Malang"), attribute("organik", "true")] }),
            vec![],
        ),
        (
            json!({ "attributes": [attribute("asal", "\u{1}"), attribute("organik", "true")] }),
            vec![],
        ),
        (
            json!({ "attributes": [] }),
            vec!["kangkung", "book", "rice"],
        ),
        (
            json!({ "categoryId": food, "unit": "BUNCH", "priceMax": "5000" }),
            vec!["kangkung"],
        ),
    ] {
        let reply = app
            .client(Role::Anonymous)
            .run(query, json!({ "where": filter }))
            .await;
        let nodes = reply["data"]["products"]["nodes"]
            .as_array()
            .unwrap_or_else(|| panic!("{filter}: {reply}"));
        let mut met: Vec<_> = nodes
            .iter()
            .map(|node| names.iter().find(|(id, _)| node["id"] == **id).unwrap().1)
            .collect();
        let mut expected = expected;
        expected.sort_unstable();
        met.sort_unstable();
        assert_eq!(met, expected, "{filter}");
    }
}
