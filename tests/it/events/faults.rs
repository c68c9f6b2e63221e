//! kill -9 of whatever is running, while things change: workers (relay and consumer), the database server, the
//! broker. Workers are also suspended for longer than anybody waits for them, and come back in the middle of what
//! others do by then. Nothing that was committed is lost, nothing takes effect twice, every thing's events stay in
//! order.

#![expect(clippy::print_stdout, reason = "the counts are the result")]

use std::{
    collections::BTreeSet,
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
    wait::eventually,
};
use infra::Part;
use rand::Rng as _;
use service::cluster::{self, Cluster, ClusterSettings, ClusterSource};
use sqlx::{AssertSqlSafe, PgPool, migrate::Migrator};
use tempfile::TempDir;
use tokio::sync::RwLock;

/// As issue 4 demands.
const CHANGES: usize = 20_000;
const THINGS: usize = 100;
const WRITERS: usize = 4;
/// Things that one transaction changes, and the pause after it: more would be done before anything is killed.
const AT_ONCE: usize = 10;
const PACE: Duration = Duration::from_millis(20);
const WORKERS: usize = 3;
/// The strikes of a round; each kind comes several times before all is done.
const ROUND: usize = 12;
/// Longer than others wait for a silent worker.
const SUSPENSION: Duration = Duration::from_millis(2_500);

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
    signal(pid, "-KILL");
}

fn signal(pid: u32, signal: &str) {
    // It may just have ended by itself.
    drop(
        Command::new("kill")
            .args([signal, &pid.to_string()])
            .output(),
    );
}

/// A worker process; gone with the test.
struct Worker(Child);

impl Worker {
    fn start(arguments: &[String]) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_event-worker"))
            .args(arguments)
            // It ends when this closes, also when the tests are killed.
            .stdin(Stdio::piped())
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
    suspended: usize,
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
        let chosen = rand::rng().random_range(0..WORKERS);
        match turn % ROUND {
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
            2 | 9 => {
                let pid = self.workers[chosen].0.id();
                signal(pid, "-STOP");
                tokio::spawn(async move {
                    tokio::time::sleep(SUSPENSION).await;
                    signal(pid, "-CONT");
                });
                self.kills.suspended += 1;
            }
            _ => {
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
    while next.fetch_add(AT_ONCE, Ordering::SeqCst) < CHANGES {
        let mut some = BTreeSet::new();
        while some.len() < AT_ONCE {
            some.insert(format!("thing {}", rand::rng().random_range(0..THINGS)));
        }
        let pool = db.read().await.clone();
        // Once more after an error: it may have been committed all the same.
        while things::change_all(&pool, &some).await.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
            let pool = db.read().await.clone();
            if things::change_all(&pool, &some).await.is_ok() {
                break;
            }
        }
        acknowledged += AT_ONCE;
        tokio::time::sleep(PACE).await;
    }
    acknowledged
}

/// Whether nine tenths have taken effect: what is left is left in peace.
async fn is_nearly_done(db: &RwLock<PgPool>) -> bool {
    let pool = db.read().await.clone();
    let done = things::counts(&pool).await.map_or(0, |(_, done)| done);
    done >= i64::try_from(CHANGES / 10 * 9).unwrap()
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
    while turn < 2 * ROUND || !is_nearly_done(&db).await {
        let pause = rand::rng().random_range(500..2_000);
        tokio::time::sleep(Duration::from_millis(pause)).await;
        chaos.strike(turn, &db).await;
        turn += 1;
    }
    let mut acknowledged = 0;
    for writer in writers {
        acknowledged += i64::try_from(writer.await.unwrap()).unwrap();
    }
    let db = db.read().await.clone();
    eventually("every event takes effect", async || {
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
