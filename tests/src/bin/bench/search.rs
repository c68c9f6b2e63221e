//! Searches with five facets on both engines, and how long a saved product takes to be searchable.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use harness::{Subgraph, parts};
use kernel::{CallContext, CategoryId, Id, Principal};
use search::{
    domain::{Filter, SearchRequest, Sort, TextQuery},
    store::{Engine, elastic::Elastic, postgres::Postgres},
};
use serde_json::json;
use service::{Ctx, Event};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::load::median;

const ROUNDS: usize = 3;
/// Searches of one round, after as many that warm up.
const SEARCHES: usize = 600;
/// Product writes per second while freshness is measured, and for how long.
const RATE: u64 = 200;
const STEADY: Duration = Duration::from_secs(15);

/// 3 trees of categories with 3 levels each, 1,000 shops in 40 cities, and `$1` products whose names, prices,
/// ratings and stock follow from their numbers. One document waits for the node, so that it gets an index.
const FILL: [&str; 4] = [
    "insert into categories (category_id, version, parent_id, name, name_en, is_deleted, path) \
     select lpad(to_hex(n), 32, '0')::uuid, 1, \
       case when n <= 3 then null else lpad(to_hex((n + 2) / 3 - 1), 32, '0')::uuid end, \
       'Kategori ' || n, 'Category ' || n, false, \
       case when n <= 3 then array[lpad(to_hex(n), 32, '0')::uuid] \
         when n <= 12 then array[lpad(to_hex((n + 2) / 3 - 1), 32, '0')::uuid, lpad(to_hex(n), 32, '0')::uuid] \
         else array[lpad(to_hex(((n + 2) / 3 + 1) / 3 - 1), 32, '0')::uuid, \
           lpad(to_hex((n + 2) / 3 - 1), 32, '0')::uuid, lpad(to_hex(n), 32, '0')::uuid] end \
     from generate_series(1, 39) n where $1::bigint > 0",
    "insert into sellers (seller_id, version, name, city, province, status) \
     select lpad(to_hex(n), 32, '0')::uuid, 1, 'Toko ' || n, 'Kota ' || n % 40, 'Provinsi ' || n % 10, 'VERIFIED' \
     from generate_series(1, 1000) n where $1::bigint > 0",
    "insert into documents (product_id, product_version, status, seller_id, category_id, min_price, max_price, \
       created_at, city, province, rating, rating_count, stock, is_searchable, changed_at) \
     select lpad(to_hex(n), 32, '0')::uuid, 1, 'ACTIVE', lpad(to_hex(n % 1000 + 1), 32, '0')::uuid, \
       lpad(to_hex(n % 27 + 13), 32, '0')::uuid, price, price, timestamptz '2026-01-01' + n * interval '1 second', \
       'Kota ' || (n % 1000 + 1) % 40, 'Provinsi ' || (n % 1000 + 1) % 10, \
       case when n % 7 = 0 then 0 else 100 + (n * 37) % 401 end, \
       case when n % 7 = 0 then 0 else n % 900 + 1 end, case when n % 5 = 0 then 0 else n % 300 end, true, now() \
     from (select n, (1000 + (n * 7919) % 9000000)::bigint as price from generate_series(1, $1::bigint) n) numbers",
    "insert into document_texts (product_id, name, brand, description, features, attributes, keywords, \
       category_text) \
     select lpad(to_hex(n), 32, '0')::uuid, \
       kinds[n % 40 + 1] || ' ' || traits[(n / 40) % 30 + 1] || ' ' || brands[(n * 31) % 50 + 1] || ' ' || n % 5000, \
       brands[(n * 31) % 50 + 1], 'Barang ' || traits[(n * 3) % 30 + 1] || ' untuk ' || kinds[(n * 11) % 40 + 1], \
       array[traits[(n * 7) % 30 + 1]], '{}', traits[(n * 7) % 30 + 1], 'Kategori ' || n % 27 + 13 \
     from generate_series(1, $1::bigint) n, \
       (select array(select 'barang' || chr(97 + i / 10) || chr(97 + i % 10) || 'u' from generate_series(0, 39) i) \
          as kinds, \
        array(select 'sifat' || chr(97 + i / 10) || chr(97 + i % 10) || 'o' from generate_series(0, 29) i) as traits, \
        array(select 'Merek' || chr(97 + i / 10) || chr(97 + i % 10) || 'x' from generate_series(0, 49) i) as brands \
       ) words",
];

/// Measures and prints.
pub(crate) async fn run(products: i64) {
    println!(
        "data: {products} products; {SEARCHES} searches a round, {ROUNDS} rounds, first page of 20 with total and five \
         facets; PostgreSQL of the tests (fsync off), node with a heap of 512 MB, all on the same cores\n"
    );
    let nodes = [
        ("elasticsearch", parts::elasticsearch()),
        ("opensearch", parts::opensearch()),
    ];
    for (name, url) in nodes {
        let Some(url) = url else {
            println!("{name:<14} not here");
            continue;
        };
        let index = parts::unique("bench");
        let settings = json!({ "elasticsearch_url": url, "index": index });
        let app = Subgraph::with_settings(&search::SUBGRAPH, settings).await;
        let begun = Instant::now();
        fill(&app, products).await;
        if name == "elasticsearch" {
            println!(
                "filled PostgreSQL in {:.0} s",
                begun.elapsed().as_secs_f64()
            );
            let postgres = Engine::Postgres(Postgres::new(app.db.clone()));
            searches("postgres", &postgres).await;
        }
        let node = Elastic::new(url, &index).unwrap();
        let begun = Instant::now();
        let stop = work(&app);
        while node.count().await.ok() != Some(products) {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        println!("{name}: indexed in {:.0} s", begun.elapsed().as_secs_f64());
        let engine = Engine::Elastic(node);
        searches(name, &engine).await;
        freshness(&app, name, &engine, products).await;
        stop.cancel();
    }
}

async fn fill(app: &Subgraph, products: i64) {
    for sql in FILL {
        sqlx::query(sql)
            .bind(products)
            .execute(&app.db)
            .await
            .unwrap();
    }
    let done = "update documents set indexed_version = version where product_id <> lpad('1', 32, '0')::uuid";
    sqlx::query(done).execute(&app.db).await.unwrap();
    sqlx::query("vacuum analyze")
        .execute(&app.db)
        .await
        .unwrap();
}

fn context(app: &Subgraph) -> Ctx {
    let call = CallContext {
        principal: Principal::service("search").into(),
        request_id: "bench".into(),
        traceparent: None,
        deadline: None,
    };
    Ctx::new(&app.deps, &call)
}

fn work(app: &Subgraph) -> CancellationToken {
    let stop = CancellationToken::new();
    for task in &app.running().tasks {
        tokio::spawn((task.run)(context(app), stop.clone()));
    }
    stop
}

/// What people search for, in turns: one word, two, three, only filters, words with filters.
fn request(number: usize) -> SearchRequest {
    let letters = |number: usize, count: usize| {
        let number = number % count;
        let letter = |digit: usize| char::from(b'a' + u8::try_from(digit).unwrap());
        format!("{}{}", letter(number / 10), letter(number % 10))
    };
    let kind = format!("barang{}u", letters(number, 40));
    let some_trait = format!("sifat{}o", letters(number / 3, 30));
    let brand = format!("merek{}x", letters(number / 5, 50));
    let category: CategoryId = Id::from_uuid(Uuid::from_u128(13 + number as u128 % 27));
    let (text, filter) = match number % 5 {
        0 => (kind, Filter::default()),
        1 => (format!("{kind} {some_trait}"), Filter::default()),
        2 => (format!("{kind} {some_trait} {brand}"), Filter::default()),
        3 => (
            String::new(),
            Filter {
                category: Some(category),
                in_stock: true,
                ..Filter::default()
            },
        ),
        _ => {
            let filter = Filter {
                price_min: Some(100_000),
                price_max: Some(5_000_000),
                min_rating: Some(300),
                in_stock: true,
                ..Filter::default()
            };
            (format!("{kind} {brand}"), filter)
        }
    };
    let text = TextQuery::parse(&text);
    SearchRequest {
        sort: if text.is_some() {
            Sort::Relevance
        } else {
            Sort::BestSelling
        },
        text,
        filter,
        facets: true,
        count: true,
        limit: 21,
        after: None,
    }
}

async fn searches(name: &str, engine: &Engine) {
    for clients in [1, 4] {
        let (mut p50, mut p99, mut rates) = (Vec::new(), Vec::new(), Vec::new());
        let mut failed = 0;
        for round in 0..=ROUNDS {
            let begun = Instant::now();
            let slots = Arc::new(Semaphore::new(clients));
            let mut running = Vec::new();
            for number in 0..SEARCHES {
                let slot = Arc::clone(&slots).acquire_owned().await.unwrap();
                let (engine, request) = (engine.clone(), request(number * 7 + round));
                running.push(tokio::spawn(async move {
                    let asked = Instant::now();
                    let is_good = engine.search(&request).await.is_ok();
                    drop(slot);
                    (asked.elapsed().as_secs_f64() * 1_000.0, is_good)
                }));
            }
            let mut times = Vec::new();
            for one in running {
                let (time, is_good) = one.await.unwrap();
                failed += usize::from(!is_good);
                times.push(time);
            }
            // The first round warms up.
            if round > 0 {
                times.sort_unstable_by(f64::total_cmp);
                p50.push(times[times.len() / 2]);
                p99.push(times[times.len() * 99 / 100]);
                rates.push(SEARCHES as f64 / begun.elapsed().as_secs_f64());
            }
        }
        let (p50, low, high) = median(p50);
        let (p99, worst) = (median(p99.clone()).0, median(p99).2);
        println!(
            "{name:<14} {clients} clients: p50 {p50:.1} ms ({low:.1}-{high:.1}), p99 {p99:.1} ms (to {worst:.1}), \
             {:.0} searches/s, {failed} failed",
            median(rates).0
        );
    }
}

/// From the commit of the projection to the first search that finds it; one write in twenty is watched.
async fn freshness(app: &Subgraph, name: &str, engine: &Engine, products: i64) {
    let mut watched = Vec::new();
    let mut clock = tokio::time::interval(Duration::from_micros(1_000_000 / RATE));
    let begun = Instant::now();
    let mut number = 0_i64;
    while begun.elapsed() < STEADY {
        clock.tick().await;
        number += 1;
        let price = 1_000_000_000 + number;
        app.deliver(
            "catalog.product",
            &update(number % products + 1, number, price),
        )
        .await
        .unwrap();
        if number % 20 != 0 {
            continue;
        }
        let (engine, committed) = (engine.clone(), Instant::now());
        watched.push(tokio::spawn(async move {
            let mut request = request(3);
            request.filter = Filter {
                price_min: Some(price),
                price_max: Some(price),
                ..Filter::default()
            };
            (request.facets, request.count) = (false, false);
            loop {
                if engine
                    .search(&request)
                    .await
                    .is_ok_and(|answer| !answer.hits.is_empty())
                {
                    return committed.elapsed().as_secs_f64() * 1_000.0;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }));
    }
    let rate = number as f64 / begun.elapsed().as_secs_f64();
    let mut lags = Vec::new();
    for one in watched {
        lags.push(one.await.unwrap());
    }
    lags.sort_unstable_by(f64::total_cmp);
    let percentile = |percent: usize| lags[(lags.len() * percent / 100).min(lags.len() - 1)];
    println!(
        "{name:<14} commit to searchable at {rate:.0} writes/s: p50 {:.0} ms, p95 {:.0} ms, p99 {:.0} ms\n",
        percentile(50),
        percentile(95),
        percentile(99)
    );
}

fn update(product: i64, number: i64, price: i64) -> Event {
    let id: kernel::ProductId = Id::from_uuid(Uuid::from_u128(u128::try_from(product).unwrap()));
    let seller: kernel::SellerId = Id::from_uuid(Uuid::from_u128(1));
    let category: CategoryId = Id::from_uuid(Uuid::from_u128(13));
    let price = json!({ "currency": "IDR", "minor_units": price });
    serde_json::from_value(json!({
        "eventId": Id::<kernel::markers::Event>::from_uuid(Uuid::from_u128(u128::try_from(number).unwrap())),
        "eventType": "product.updated", "eventTime": "2026-01-01T00:00:00Z", "aggregateType": "product",
        "aggregateId": id, "version": number + 1, "actor": "anonymous", "traceparent": null,
        "payload": {
            "productId": id, "sellerId": seller, "categoryId": category, "categoryPath": [category],
            "slug": "barang", "name": format!("Barang {number}"), "description": "", "kind": "PHYSICAL",
            "unit": "PIECE", "status": "ACTIVE", "isPerishable": false, "features": [], "attributes": {},
            "minPrice": price, "maxPrice": price, "createdAt": "2026-01-01T00:00:00Z",
        },
    }))
    .unwrap()
}
