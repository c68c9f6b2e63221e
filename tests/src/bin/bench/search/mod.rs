//! Searches with five facets on every engine, and how long a saved product takes to be searchable.

mod fill;

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use harness::{Subgraph, parts};
use infra::Part;
use kernel::{CallContext, CategoryId, Id, Principal};
use search::{
    domain::{Filter, SearchRequest, Sort, TextQuery},
    store::{Engine, elastic::Elastic, postgres::Postgres},
};
use serde_json::json;
use service::{Ctx, Event};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::load::median;

const ROUNDS: usize = 3;
/// Searches of one round at most, and how long one may take: a slow engine answers less of them.
const SEARCHES: usize = 600;
const ROUND: Duration = Duration::from_secs(15);
/// Product writes per second while freshness is measured, for how long, and by how many at once.
const RATE: u32 = 200;
const STEADY: Duration = Duration::from_secs(15);
const WRITERS: u32 = 4;
/// Product writes per second while searches are measured.
const CHANGES: u32 = 20;
/// The number of the next write: each is another event, and newer than all before.
static NEXT: AtomicI64 = AtomicI64::new(1);
/// One write of so many is watched until it is found, by looking so often.
const WATCHED: i64 = 20;
const LOOK: Duration = Duration::from_millis(20);

/// Measures and prints; `bench search [PRODUCTS] [ENGINE…]`, all engines unless some are named.
pub(crate) async fn run(products: i64) {
    let named: Vec<String> = std::env::args().skip(3).collect();
    let is_wanted = |name: &str| named.is_empty() || named.iter().any(|one| one == name);
    println!(
        "data: {products} products; up to {SEARCHES} searches a round, {ROUNDS} rounds after one that warms up; first \
         page of 20 with total and five facets, while {CHANGES} products a second change; PostgreSQL of the tests (fsync \
         off), node with a heap of 1 GB, all on the same cores\n"
    );
    let app = Subgraph::start(&search::SUBGRAPH).await;
    fill::fill(&app, products).await;
    if is_wanted("postgres") {
        let postgres = Engine::Postgres(Postgres::new(app.db.clone()));
        measure(&app, "postgres", &postgres, products).await;
    }
    for part in [Part::Elasticsearch, Part::Opensearch] {
        if !is_wanted(part.name()) {
            continue;
        }
        match parts::fast(part) {
            Some(server) => measure_node(&app, part.name(), &server.address(), products).await,
            None => println!("{:<14} not here", part.name()),
        }
    }
}

async fn measure_node(app: &Subgraph, name: &str, url: &str, products: i64) {
    let index = parts::unique("bench");
    let mut deps = app.deps.clone();
    deps.settings = json!({ "elasticsearch_url": url, "index": index });
    let running = (search::SUBGRAPH.start)(deps).unwrap();
    // One document that waits for the node makes it get an index.
    sqlx::query(
        "update documents set indexed_version = 0 where product_id = lpad('1', 32, '0')::uuid",
    )
    .execute(&app.db)
    .await
    .unwrap();
    let node = Elastic::new(url, &index).unwrap();
    let begun = Instant::now();
    let stop = CancellationToken::new();
    for task in &running.tasks {
        tokio::spawn((task.run)(context(app), stop.clone()));
    }
    while node.count().await.ok() != Some(products) {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let seconds = begun.elapsed().as_secs_f64();
    println!(
        "{name}: indexed in {seconds:.0} s, {:.0} products/s",
        products as f64 / seconds
    );
    let engine = Engine::Elastic(node);
    measure(app, name, &engine, products).await;
    freshness(app, name, &engine, products).await;
    stop.cancel();
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

/// Searches while some products change: an index that nobody writes to would answer from its caches.
async fn measure(app: &Subgraph, name: &str, engine: &Engine, products: i64) {
    let changes = async {
        let mut clock = tokio::time::interval(Duration::from_secs(1) / CHANGES);
        loop {
            clock.tick().await;
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            change(app, products, number, 100_000 + number).await;
        }
    };
    tokio::select! {
        () = searches(name, engine) => {}
        () = changes => {}
    }
}

async fn change(app: &Subgraph, products: i64, number: i64, price: i64) {
    let event = update(number % products + 1, number, price);
    app.deliver("catalog.product", &event).await.unwrap();
}

async fn searches(name: &str, engine: &Engine) {
    for clients in [1, 4] {
        let (mut p50, mut p99, mut rates) = (Vec::new(), Vec::new(), Vec::new());
        let (mut failed, mut asked) = (0, 0);
        for round in 0..=ROUNDS {
            let begun = Instant::now();
            let next = Arc::new(AtomicUsize::new(0));
            let running: Vec<_> = (0..clients)
                .map(|_| tokio::spawn(client(engine.clone(), round, Arc::clone(&next))))
                .collect();
            let mut times = Vec::new();
            for one in running {
                let (good, bad) = one.await.unwrap();
                failed += bad;
                times.extend(good);
            }
            // The first round warms up.
            if round > 0 && !times.is_empty() {
                times.sort_unstable_by(f64::total_cmp);
                p50.push(times[times.len() / 2]);
                p99.push(times[times.len() * 99 / 100]);
                rates.push(times.len() as f64 / begun.elapsed().as_secs_f64());
                asked += times.len();
            }
        }
        let (p50, low, high) = median(p50);
        let (p99, best, worst) = median(p99);
        println!(
            "{name:<14} {clients} clients: p50 {p50:.1} ms ({low:.1}-{high:.1}), p99 {p99:.1} ms ({best:.1}-{worst:.1}), \
             {:.0} searches/s, {asked} measured, {failed} failed",
            median(rates).0
        );
    }
}

/// Searches one after another until the round is over: gives the milliseconds of each and how many failed.
async fn client(engine: Engine, round: usize, next: Arc<AtomicUsize>) -> (Vec<f64>, usize) {
    let (mut times, mut failed) = (Vec::new(), 0);
    let begun = Instant::now();
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= SEARCHES || begun.elapsed() > ROUND {
            return (times, failed);
        }
        let request = request(number * 7 + round);
        let asked = Instant::now();
        match engine.search(&request).await {
            Ok(_) => times.push(asked.elapsed().as_secs_f64() * 1_000.0),
            Err(_) => failed += 1,
        }
    }
}

/// From the commit of the projection to the first search that finds it.
async fn freshness(app: &Subgraph, name: &str, engine: &Engine, products: i64) {
    let begun = Instant::now();
    let first = NEXT.load(Ordering::Relaxed);
    // As the partitions of a topic: side by side, but each product in one of them.
    let writers = (0..WRITERS).map(|_| writer(app, engine, products, begun));
    let watched: Vec<_> = futures_util::future::join_all(writers).await;
    let rate = (NEXT.load(Ordering::Relaxed) - first) as f64 / begun.elapsed().as_secs_f64();
    let mut lags = Vec::new();
    for one in watched.into_iter().flatten() {
        lags.push(one.await.unwrap());
    }
    lags.sort_unstable_by(f64::total_cmp);
    let percentile = |percent: usize| lags[(lags.len() * percent / 100).min(lags.len() - 1)];
    println!(
        "{name:<14} commit to searchable at {rate:.0} writes/s: p50 {:.0} ms, p95 {:.0} ms, p99 {:.0} ms ({} watched)\n",
        percentile(50),
        percentile(95),
        percentile(99),
        lags.len()
    );
}

/// Delivers changes at its part of the rate; gives the watches of some of them.
async fn writer(
    app: &Subgraph,
    engine: &Engine,
    products: i64,
    begun: Instant,
) -> Vec<JoinHandle<f64>> {
    let mut watched = Vec::new();
    let mut clock = tokio::time::interval(Duration::from_secs(1) * WRITERS / RATE);
    while begun.elapsed() < STEADY {
        clock.tick().await;
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let price = 1_000_000_000 + number;
        change(app, products, number, price).await;
        if number % WATCHED == 0 {
            watched.push(tokio::spawn(watch(engine.clone(), price)));
        }
    }
    watched
}

/// Milliseconds from now until a search finds a product at that price.
async fn watch(engine: Engine, price: i64) -> f64 {
    let committed = Instant::now();
    let mut request = request(3);
    request.filter = Filter {
        price_min: Some(price),
        price_max: Some(price),
        ..Filter::default()
    };
    (request.facets, request.count) = (false, false);
    loop {
        let answer = engine.search(&request).await;
        if answer.is_ok_and(|answer| !answer.hits.is_empty()) {
            return committed.elapsed().as_secs_f64() * 1_000.0;
        }
        tokio::time::sleep(LOOK).await;
    }
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
