//! Words that find more than is counted.

use harness::Subgraph;
use search::domain::MAX_COUNTED;
use serde_json::json;

use super::world::find;

/// More than facets are counted of.
const MANY: i64 = MAX_COUNTED + 100;
/// The last of them are in another city.
const RARE: i64 = 3;

const DOCUMENTS: &str = "insert into documents (product_id, product_version, status, seller_id, category_id, \
       min_price, max_price, created_at, city, province, rating, rating_count, stock, is_searchable, changed_at) \
     select lpad(to_hex(n), 32, '0')::uuid, 1, 'ACTIVE', lpad('1', 32, '0')::uuid, lpad('1', 32, '0')::uuid, 1000, 1000, \
       now(), case when n > $1 - $2 then 'Kota Langka' else 'Kota Ramai' end, 'Jawa Barat', 0, 0, 1, true, now() \
     from generate_series(1, $1) n";
const TEXTS: &str = "insert into document_texts (product_id, name, brand, description, features, attributes, \
       keywords, category_text) \
     select lpad(to_hex(n), 32, '0')::uuid, 'Lampu ' || n, '', '', '{}', '{}', '', '' \
     from generate_series(1, $1) n";

// T-SRC-1, T-SRC-F: what is cut is only what is counted for facets, and it is said.
#[tokio::test]
async fn filters_find_what_is_rare_among_more_than_is_counted() {
    let app = Subgraph::start(&search::SUBGRAPH).await;
    let documents = sqlx::query(DOCUMENTS).bind(MANY).bind(RARE);
    documents.execute(&app.db).await.unwrap();
    let texts = sqlx::query(TEXTS).bind(MANY);
    texts.execute(&app.db).await.unwrap();
    let rare = "query: \"lampu\", where: { cities: [\"Kota Langka\"] }";
    let found = find(
        &app,
        rare,
        "totalCount totalCountPrecision nodes { score } facets { precision inStockCount }",
    )
    .await;
    assert_eq!(found["totalCount"], RARE, "{found}");
    assert_eq!(found["totalCountPrecision"], "EXACT");
    assert_eq!(found["nodes"].as_array().unwrap().len(), 3);
    // The places of all the others are counted too, which are too many.
    let facets = json!({ "precision": "AT_LEAST", "inStockCount": RARE });
    assert_eq!(found["facets"], facets);
}
