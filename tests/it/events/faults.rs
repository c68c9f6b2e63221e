//! kill -9 of whatever is running, while things change: workers (relay and consumer), the database server, the
//! broker. Nothing that was committed is lost, nothing takes effect twice, every thing's events stay in order.

#![expect(clippy::print_stdout, reason = "the counts are the result")]

use std::{
    os::unix::fs::PermissionsExt as _,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use harness::{
    parts::{self, Own},
    server::target_dir,
    things::{self, EVENTS},
};
use infra::Part;
use rand::Rng as _;
use serde_json::json;
use service::cluster::{self, Cluster, ClusterSettings, ClusterSource};
use sqlx::{AssertSqlSafe, PgPool, migrate::Migrator};
use tempfile::TempDir;
use tokio::sync::RwLock;

/// Enough for every kind of kill to strike several times, and short enough for every run.
const CHANGES: usize = 6_000;
const THINGS: usize = 40;
const WRITERS: usize = 4;
const WORKERS: usize = 3;

/// A durable PostgreSQL server of the test's own.
struct Server {
    cluster: Option<Cluster>,
    folder: TempDir,
}

impl Server {
    async fn start() -> Self {
        // The server's user must get in also when the tests run as root.
        let open = std::fs::Permissions::from_mode(0o755);
        let mut folder = tempfile::Builder::new();
        let mut server = Self {
            cluster: None,
            folder: folder.permissions(open).tempdir().unwrap(),
        };
        server.start_again().await;
        let migrations: [(&str, Migrator); 2] = [
            ("it", service::migrations::shared()),
            ("events", (EVENTS.migrations)()),
        ];
        let admin = PgPool::connect(&server.url("postgres")).await.unwrap();
        for (name, migrations) in migrations {
            let sql = AssertSqlSafe(format!("create database {name}"));
            sqlx::raw_sql(sql).execute(&admin).await.unwrap();
            let db = PgPool::connect(&server.url(name)).await.unwrap();
            migrations.run(&db).await.unwrap();
            if name == "it" {
                sqlx::raw_sql(things::TABLES).execute(&db).await.unwrap();
            }
            db.close().await;
        }
        admin.close().await;
        server
    }

    async fn start_again(&mut self) {
        let settings = ClusterSettings {
            data_dir: self.folder.path().join("postgres"),
            source: ClusterSource::Auto,
            cache_dir: Some(target_dir().join("test-postgres/cache")),
            durable: true,
        };
        self.cluster = Some(cluster::start(settings, &|_| {}).await.unwrap());
    }

    fn url(&self, database: &str) -> String {
        let (server, _) = self
            .cluster
            .as_ref()
            .unwrap()
            .admin_url()
            .rsplit_once('/')
            .unwrap();
        format!("{server}/{database}")
    }

    async fn kill(&mut self) {
        let cluster = self.cluster.take().unwrap();
        kill(cluster.pid());
        drop(cluster);
        self.start_again().await;
    }

    /// Kills one of its processes: the server ends all others and recovers from its log.
    async fn crash(&self, db: &PgPool) {
        let sql = "select pid from pg_stat_activity where backend_type = 'client backend' order by random() limit 1";
        if let Ok(pid) = sqlx::query_scalar::<_, i32>(sql).fetch_one(db).await {
            kill(u32::try_from(pid).unwrap());
        }
    }
}

fn kill(pid: u32) {
    // It may just have ended by itself.
    drop(Command::new("kill").args(["-9", &pid.to_string()]).output());
}

/// A worker process; gone with the test.
struct Worker(Child);

impl Worker {
    fn start(arguments: &[String]) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_event-worker"))
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Self(child.unwrap())
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// What was killed.
#[derive(Default, Debug)]
struct Kills {
    workers: usize,
    database_processes: usize,
    servers: usize,
    brokers: usize,
}

struct Chaos {
    server: Server,
    broker: Option<Own>,
    prefix: String,
    workers: Vec<Worker>,
    kills: Kills,
}

impl Chaos {
    fn arguments(&self) -> Vec<String> {
        let mut arguments = vec![self.server.url("it")];
        match &self.broker {
            Some(broker) => {
                arguments.extend(["kafka".to_owned(), broker.address(), self.prefix.clone()]);
            }
            None => arguments.extend(["log".to_owned(), self.server.url("events")]),
        }
        arguments
    }

    fn start_workers(&mut self) {
        let arguments = self.arguments();
        self.workers = (0..WORKERS).map(|_| Worker::start(&arguments)).collect();
    }

    /// Kills something.
    async fn strike(&mut self, turn: usize, db: &RwLock<PgPool>) {
        match turn % 12 {
            5 => {
                let pool = db.read().await.clone();
                self.server.crash(&pool).await;
                self.kills.database_processes += 1;
            }
            11 if turn == 11 => {
                self.server.kill().await;
                *db.write().await = pool(&self.server).await;
                // Its port is another one.
                self.start_workers();
                self.kills.servers += 1;
            }
            8 if self.broker.is_some() => {
                let broker = self.broker.as_mut().unwrap();
                broker.kill();
                tokio::time::sleep(Duration::from_millis(500)).await;
                broker.start_again();
                self.kills.brokers += 1;
            }
            _ => {
                let chosen = rand::rng().random_range(0..WORKERS);
                self.workers[chosen] = Worker::start(&self.arguments());
                self.kills.workers += 1;
            }
        }
    }
}

async fn pool(server: &Server) -> PgPool {
    service::db::connect(
        &server.url("it"),
        "test",
        u32::try_from(WRITERS).unwrap() + 2,
    )
    .await
    .unwrap()
}

async fn change_things(db: Arc<RwLock<PgPool>>, next: Arc<AtomicUsize>) -> usize {
    let mut acknowledged = 0;
    while next.fetch_add(1, Ordering::SeqCst) < CHANGES {
        let thing = format!("thing {}", rand::rng().random_range(0..THINGS));
        let pool = db.read().await.clone();
        // Once more after an error: it may have been committed all the same.
        while things::change(&pool, &thing, json!({})).await.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
            let pool = db.read().await.clone();
            if things::change(&pool, &thing, json!({})).await.is_ok() {
                break;
            }
        }
        acknowledged += 1;
    }
    acknowledged
}

async fn survives(broker: Option<Own>) {
    let server = Server::start().await;
    let db = Arc::new(RwLock::new(pool(&server).await));
    let mut chaos = Chaos {
        server,
        prefix: format!("{}.", parts::unique("f")),
        broker,
        workers: Vec::new(),
        kills: Kills::default(),
    };
    chaos.start_workers();
    let next = Arc::new(AtomicUsize::new(0));
    let writers: Vec<_> = (0..WRITERS)
        .map(|_| tokio::spawn(change_things(Arc::clone(&db), Arc::clone(&next))))
        .collect();
    let mut turn = 0;
    while turn < 24 || writers.iter().any(|writer| !writer.is_finished()) {
        let pause = rand::rng().random_range(100..700);
        tokio::time::sleep(Duration::from_millis(pause)).await;
        chaos.strike(turn, &db).await;
        turn += 1;
    }
    let mut acknowledged = 0;
    for writer in writers {
        acknowledged += i64::try_from(writer.await.unwrap()).unwrap();
    }
    let db = db.read().await.clone();
    things::eventually("every event takes effect", async || {
        let (happened, done) = things::counts(&db).await.unwrap_or((1, 0));
        assert!(done <= happened, "something took effect twice");
        happened == done
    })
    .await;
    let (happened, _) = things::counts(&db).await.unwrap();
    assert!(happened >= acknowledged, "an acknowledged change is lost");
    let effects = things::effects(&db).await.unwrap();
    things::assert_in_order(&effects);
    let letters: i64 = sqlx::query_scalar("select count(*) from dead_letters")
        .fetch_one(&db)
        .await
        .unwrap();
    assert_eq!(letters, 0, "none of them was poison");
    println!(
        "{happened} events of {} things, {acknowledged} acknowledged: 0 lost, 0 effects twice, all in order; killed: {:?}",
        effects.len(),
        chaos.kills
    );
}

// Issue 4, faults: kill -9 of relay, consumer and database at random.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_of_workers_and_database_loses_and_repeats_nothing() {
    survives(None).await;
}

// The same with Kafka, whose broker is killed as well.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_of_workers_database_and_broker_loses_and_repeats_nothing() {
    if let Some(broker) = parts::own(Part::Kafka) {
        survives(Some(broker)).await;
    }
}
