//! Three ways to answer `_entities` with one SQL statement: prefetching from the request's variables,
//! async-graphql's `DataLoader` (a timer), and `gql::Batch` (a yield). Same schema, same statement,
//! same database, one run.

use std::{collections::HashMap, sync::Arc, time::Instant};

use async_graphql::{
    Context, EmptyMutation, EmptySubscription, Object, Request, Schema, SimpleObject, Variables,
    dataloader::{DataLoader, Loader},
};
use futures_util::FutureExt as _;
use gql::Batch;
use serde_json::json;
use sqlx::PgPool;
use uuid::Uuid;

use crate::load::median;

const ROWS: usize = 10_000;
const REQUESTS: usize = 400;
const ROUNDS: usize = 7;

#[derive(Clone, SimpleObject)]
struct Thing {
    id: String,
    name: String,
}

async fn load(db: &PgPool, ids: &[String]) -> Result<HashMap<String, Thing>, sqlx::Error> {
    let ids: Vec<Uuid> = ids.iter().filter_map(|id| id.parse().ok()).collect();
    let rows: Vec<(Uuid, String)> =
        sqlx::query_as("select id, name from things where id = any($1)")
            .bind(ids)
            .fetch_all(db)
            .await?;
    Ok(rows
        .into_iter()
        .map(|(id, name)| {
            (
                id.to_string(),
                Thing {
                    id: id.to_string(),
                    name,
                },
            )
        })
        .collect())
}

struct ThingLoader(PgPool);

impl Loader<String> for ThingLoader {
    type Value = Thing;
    type Error = Arc<sqlx::Error>;

    async fn load(&self, ids: &[String]) -> Result<HashMap<String, Thing>, Self::Error> {
        load(&self.0, ids).await.map_err(Arc::new)
    }
}

/// How the entity resolver gets its thing; put into each request.
enum Way {
    Prefetched(HashMap<String, Thing>),
    Timer(DataLoader<ThingLoader>),
    Yield(Batch<String, Thing>),
}

struct Query;

#[Object]
impl Query {
    async fn ping(&self) -> bool {
        true
    }

    #[graphql(entity)]
    async fn find_thing(&self, ctx: &Context<'_>, id: String) -> Option<Thing> {
        match ctx.data_unchecked::<Way>() {
            Way::Prefetched(things) => things.get(&id).cloned(),
            Way::Timer(loader) => loader.load_one(id).await.ok().flatten(),
            Way::Yield(batch) => batch.load(id).await.ok().flatten(),
        }
    }
}

const NAMES: [&str; 3] = ["prefetch", "DataLoader", "gql::Batch"];

async fn way(name: &str, db: &PgPool, ids: &[String]) -> Way {
    match name {
        "prefetch" => Way::Prefetched(load(db, ids).await.unwrap()),
        "DataLoader" => Way::Timer(DataLoader::new(ThingLoader(db.clone()), tokio::spawn)),
        _ => {
            let db = db.clone();
            Way::Yield(Batch::new(move |ids: Vec<String>| {
                let db = db.clone();
                async move { Ok(load(&db, &ids).await?) }.boxed()
            }))
        }
    }
}

/// Measures and prints.
pub(crate) async fn run() {
    let database = harness::database::Database::create(&sellers::SUBGRAPH).await;
    let db = database.pool();
    let ids = fill(db).await;
    let schema = Schema::build(Query, EmptyMutation, EmptySubscription)
        .enable_federation()
        .finish();
    println!(
        "data: {ROWS} rows; one request at a time, {REQUESTS} per round, {ROUNDS} rounds taken in turns\n"
    );
    println!(
        "{:<12} {:>6} {:>26} ",
        "way", "keys", "µs/request (low to high)"
    );
    for keys in [1, 24, 100] {
        let mut figures: HashMap<&str, Vec<f64>> = HashMap::new();
        for _ in 0..ROUNDS {
            for name in NAMES {
                let start = Instant::now();
                for number in 0..REQUESTS {
                    request(&schema, db, name, &ids[number * 7..number * 7 + keys]).await;
                }
                figures
                    .entry(name)
                    .or_default()
                    .push(start.elapsed().as_secs_f64() * 1e6 / REQUESTS as f64);
            }
        }
        for name in NAMES {
            let (middle, low, high) = median(figures.remove(name).unwrap_or_default());
            println!(
                "{name:<12} {keys:>6} {:>26}",
                format!("{middle:.0} ({low:.0} to {high:.0})")
            );
        }
    }
}

async fn fill(db: &PgPool) -> Vec<String> {
    sqlx::raw_sql("create table things (id uuid primary key, name text not null)")
        .execute(db)
        .await
        .unwrap();
    let ids: Vec<Uuid> = (0..ROWS as u128)
        .map(|number| Uuid::from_u128(number << 32))
        .collect();
    sqlx::query("insert into things select id, 'thing ' || id from unnest($1::uuid[]) id")
        .bind(&ids)
        .execute(db)
        .await
        .unwrap();
    ids.iter().map(ToString::to_string).collect()
}

async fn request(
    schema: &Schema<Query, EmptyMutation, EmptySubscription>,
    db: &PgPool,
    name: &str,
    ids: &[String],
) {
    let representations: Vec<_> = ids
        .iter()
        .map(|id| json!({ "__typename": "Thing", "id": id }))
        .collect();
    let request = Request::new(
        "query($r: [_Any!]!) { _entities(representations: $r) { ... on Thing { id name } } }",
    )
    .variables(Variables::from_json(json!({ "r": representations })))
    .data(way(name, db, ids).await);
    let response = schema.execute(request).await;
    assert!(response.errors.is_empty(), "{:?}", response.errors);
}
