//! A small subgraph for tests of the event bus: things that change, and a consumer that writes down what
//! happened to them. Also buses of a test's own.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use futures_util::FutureExt as _;
use kernel::{Clock, Fault, Ids};
use serde_json::{Value, json};
use service::{
    Bus, Consumer, Ctx, Deps, Event, Live, Peers, Relay, Running, Transaction, Worker,
    bus::{
        kafka::{KafkaBus, KafkaSettings},
        log::{LogBus, LogSettings},
    },
    worker::WorkerSettings,
};
use sqlx::PgPool;

use crate::{StubPeers, database::Database, parts, wait::eventually};

/// The subgraph's name; its topic is `it.thing`.
pub const NAME: &str = "it";
/// Where things' events go.
pub const TOPIC: &str = "it.thing";
/// The consumer that writes effects down.
pub const CONSUMER: &str = "it.effects";

const THINGS: service::Subgraph = service::Subgraph {
    name: NAME,
    migrations: service::migrations::shared,
    ..EVENTS
};

/// The database of the event log, for [`Database::create`].
pub const EVENTS: service::Subgraph = service::Subgraph {
    name: "events",
    migrations: service::bus::log::migrations,
    sdl: String::new,
    events: Vec::new,
    start: |_| Err(Fault::internal("only a database")),
};

/// The tables of the test besides the shared ones. An effect that happens twice is seen there.
pub const TABLES: &str = "create table if not exists things (id text primary key, version integer not null);
    create table if not exists effects (position bigint generated always as identity, event_id uuid not null,
        thing text not null, version integer not null)";

/// Where the events of a test travel.
pub enum TestBus {
    /// A database of its own.
    Log(Database),
    /// Topics and groups of its own on the shared broker.
    Kafka {
        /// The broker.
        brokers: String,
        /// Before its topics and groups.
        prefix: String,
    },
}

impl TestBus {
    /// The PostgreSQL log.
    pub async fn log() -> Self {
        Self::Log(Database::create(&EVENTS).await)
    }

    /// Kafka, or a skip.
    #[must_use]
    pub fn kafka() -> Option<Self> {
        let brokers = parts::kafka()?.to_owned();
        let prefix = format!("{}.", parts::unique("t"));
        Some(Self::Kafka { brokers, prefix })
    }

    /// A client as a process has one.
    pub async fn connect(&self) -> Bus {
        match self {
            Self::Log(database) => log_bus(&database.url()).await,
            Self::Kafka { brokers, prefix } => kafka_bus(brokers, prefix, Duration::from_secs(6)),
        }
    }
}

/// The log in the database at `url`, with members that are soon given up.
pub async fn log_bus(url: &str) -> Bus {
    let bus = try_log_bus(url, Duration::from_secs(2)).await;
    bus.unwrap()
}

/// The same where the server may be away, with members that are given up after `silence`.
pub async fn try_log_bus(url: &str, silence: Duration) -> Result<Bus, Fault> {
    let db = service::db::connect(url, "events", 6).await?;
    let settings = LogSettings {
        partitions: 4,
        lease: silence,
        ..LogSettings::default()
    };
    Ok(Bus::Log(LogBus::new(db, settings)))
}

/// Kafka at `brokers`, with members that are given up after `silence`.
#[must_use]
pub fn kafka_bus(brokers: &str, prefix: &str, silence: Duration) -> Bus {
    let millis = |duration: Duration| duration.as_millis().to_string();
    let properties = [
        ("session.timeout.ms", millis(silence)),
        ("heartbeat.interval.ms", millis(silence / 4)),
    ];
    let settings = KafkaSettings {
        prefix: prefix.to_owned(),
        partitions: 4,
        properties: properties
            .map(|(name, value)| (name.to_owned(), value))
            .into(),
        ..KafkaSettings::new(brokers)
    };
    Bus::Kafka(KafkaBus::new(settings).unwrap())
}

/// A database with things, their outbox, and the effects.
pub struct Things {
    database: Database,
    /// Whether what fails for a while has been mended.
    pub is_mended: Arc<AtomicBool>,
}

impl Things {
    /// Without any thing.
    pub async fn create() -> Self {
        let database = Database::create(&THINGS).await;
        sqlx::raw_sql(TABLES)
            .execute(database.pool())
            .await
            .unwrap();
        Self {
            database,
            is_mended: Arc::default(),
        }
    }

    /// Connections.
    #[must_use]
    pub const fn db(&self) -> &PgPool {
        self.database.pool()
    }

    /// The database's URL.
    #[must_use]
    pub fn url(&self) -> String {
        self.database.url()
    }

    /// Changes a thing as a command does: its row locked, an event in the same transaction.
    pub async fn change(&self, thing: &str) {
        self.change_as(thing, json!({})).await;
    }

    /// The same with a payload that says how the effect goes: `{"effect": "fail" | "panic" | "wait"}`, until
    /// [`Things::mend`].
    pub async fn change_as(&self, thing: &str, payload: Value) {
        change(self.db(), thing, payload).await.unwrap();
    }

    /// Effects that failed do not fail any more.
    pub fn mend(&self) {
        self.is_mended.store(true, Ordering::SeqCst);
    }

    /// The relay of this database.
    #[must_use]
    pub fn relay(&self, bus: Bus) -> Relay {
        Relay {
            db: self.db().clone(),
            subgraph: NAME,
            bus,
            clock: Clock::System,
            limit: service::relay::ROUND_LIMIT,
        }
    }

    /// The worker of this database, with connections as in a process of its own.
    #[must_use]
    pub fn worker(&self, bus: Bus) -> Worker {
        worker(self.db().clone(), bus, Arc::clone(&self.is_mended))
    }

    /// What effects are run with.
    #[must_use]
    pub fn deps(&self) -> Deps {
        deps(self.db().clone())
    }

    /// The consumer that writes effects down.
    #[must_use]
    pub fn consumer(&self) -> Consumer {
        consumer(Arc::clone(&self.is_mended))
    }

    /// The versions that took effect, by thing, in the order in which they did.
    pub async fn effects(&self) -> BTreeMap<String, Vec<i32>> {
        effects(self.db()).await.unwrap()
    }

    /// Waits until everything that happened has taken effect; fails when something did twice or out of order.
    pub async fn settled(&self) {
        eventually("every event takes effect", async || {
            let (happened, done) = counts(self.db()).await.unwrap_or((1, 0));
            happened == done
        })
        .await;
        assert_in_order(&self.effects().await);
    }

    /// A number from the database.
    pub async fn number(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(self.db()).await.unwrap()
    }
}

/// Changes a thing; the error of a database that is away.
pub async fn change(db: &PgPool, thing: &str, payload: Value) -> Result<(), sqlx::Error> {
    let mut tx = db.begin().await?;
    let version: i32 = sqlx::query_scalar(
        "insert into things (id, version) values ($1, 1) \
         on conflict (id) do update set version = things.version + 1 returning version",
    )
    .bind(thing)
    .fetch_one(&mut *tx)
    .await?;
    sqlx::query(
        "insert into outbox (event_id, event_type, event_time, aggregate_type, aggregate_id, version, \
         payload, actor) values (gen_random_uuid(), 'thing.changed', now(), 'thing', $1, $2, $3, 'test')",
    )
    .bind(thing)
    .bind(version)
    .bind(payload)
    .execute(&mut *tx)
    .await?;
    tx.commit().await
}

/// Changes several different things in one transaction and one statement.
///
/// # Errors
/// The database's; nothing was changed, unless the connection was lost during the commit.
pub async fn change_all(db: &PgPool, things: &BTreeSet<String>) -> Result<(), sqlx::Error> {
    // In one order everywhere, so that writers wait and never deadlock.
    let things: Vec<&str> = things.iter().map(String::as_str).collect();
    sqlx::query(
        "with changed as (insert into things (id, version) select unnest($1::text[]), 1 \
             on conflict (id) do update set version = things.version + 1 returning id, version) \
         insert into outbox (event_id, event_type, event_time, aggregate_type, aggregate_id, version, \
             payload, actor) \
         select gen_random_uuid(), 'thing.changed', now(), 'thing', id, version, '{}', 'test' from changed",
    )
    .bind(things)
    .execute(db)
    .await?;
    Ok(())
}

/// How many events there were, and how many effects.
pub async fn counts(db: &PgPool) -> Result<(i64, i64), sqlx::Error> {
    sqlx::query_as("select (select count(*) from outbox), (select count(*) from effects)")
        .fetch_one(db)
        .await
}

/// See [`Things::effects`].
pub async fn effects(db: &PgPool) -> Result<BTreeMap<String, Vec<i32>>, sqlx::Error> {
    let rows: Vec<(String, i32)> =
        sqlx::query_as("select thing, version from effects order by position")
            .fetch_all(db)
            .await?;
    let mut found: BTreeMap<String, Vec<i32>> = BTreeMap::new();
    for (thing, version) in rows {
        found.entry(thing).or_default().push(version);
    }
    Ok(found)
}

/// Nothing lost, nothing twice, everything in order.
pub fn assert_in_order(effects: &BTreeMap<String, Vec<i32>>) {
    for (thing, versions) in effects {
        let expected: Vec<i32> = (1..).take(versions.len()).collect();
        assert_eq!(versions, &expected, "the effects of {thing}");
    }
}

/// The worker of the things in `db`.
#[must_use]
pub fn worker(db: PgPool, bus: Bus, is_mended: Arc<AtomicBool>) -> Worker {
    let deps = deps(db);
    let mut running = Running::new(deps.clone(), |_, _| async { Bytes::new() });
    running.consumers = vec![consumer(is_mended)];
    let settings = WorkerSettings {
        attempts: 3,
        backoff: Duration::from_millis(10),
        backoff_limit: Duration::from_millis(200),
        ..WorkerSettings::default()
    };
    Worker::new(NAME, deps, &running, bus, settings)
}

fn deps(db: PgPool) -> Deps {
    Deps {
        db,
        clock: Clock::System,
        ids: Ids::Random,
        peers: Peers::new(NAME, StubPeers::default().wire()),
        live: Live::local(),
        settings: Value::Null,
    }
}

fn consumer(is_mended: Arc<AtomicBool>) -> Consumer {
    Consumer {
        name: CONSUMER,
        topics: &[TOPIC],
        handle: Arc::new(move |ctx, tx, event| {
            write_down(ctx, tx, event, is_mended.load(Ordering::SeqCst)).boxed()
        }),
    }
}

async fn write_down(
    _: &Ctx,
    tx: &mut Transaction,
    event: &Event,
    is_mended: bool,
) -> Result<(), Fault> {
    sqlx::query("insert into effects (event_id, thing, version) values ($1, $2, $3)")
        .bind(event.event_id.uuid())
        .bind(&event.aggregate_id)
        .bind(event.version)
        .execute(&mut **tx)
        .await?;
    match event.payload["effect"].as_str() {
        Some("fail") if !is_mended => Err(Fault::internal("this effect fails")),
        Some("panic") if !is_mended => panic!("this effect panics"),
        Some("wait") if !is_mended => Err(Fault::unavailable("this effect has to wait")),
        _ => Ok(()),
    }
}
