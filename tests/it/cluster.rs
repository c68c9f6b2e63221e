//! The private PostgreSQL cluster: both sources of programs, crashes, and who may use a folder.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use harness::server::target_dir;
use harness::wait::{eventually, is_running};
use service::cluster::provision::{ProvisionError, ensure_database};
use service::cluster::{self, Cluster, ClusterError, ClusterSettings, ClusterSource};
use sqlx::{Connection, PgConnection};
use tempfile::TempDir;

/// A folder that the server's user may enter also when the tests run as root.
fn folder() -> TempDir {
    tempfile::Builder::new()
        .prefix("pasar-")
        .permissions(std::fs::Permissions::from_mode(0o755))
        .tempdir()
        .unwrap()
}

fn settings(dir: &Path, source: ClusterSource) -> ClusterSettings {
    ClusterSettings {
        source,
        cache_dir: Some(target_dir().join("test-postgres/cache")),
        durable: false,
        ..ClusterSettings::new(dir)
    }
}

async fn start(dir: &Path) -> Cluster {
    cluster::start(settings(dir, ClusterSource::Auto), &|_| {})
        .await
        .unwrap()
}

async fn connect(url: &str) -> PgConnection {
    PgConnection::connect(url).await.unwrap()
}

async fn write_a_row(cluster: &Cluster) {
    let mut db = connect(cluster.admin_url()).await;
    sqlx::raw_sql("create table kept (word text); insert into kept values ('apa kabar')")
        .execute(&mut db)
        .await
        .unwrap();
}

async fn read_the_row(cluster: &Cluster) -> String {
    let mut db = connect(cluster.admin_url()).await;
    sqlx::query_scalar("select word from kept")
        .fetch_one(&mut db)
        .await
        .unwrap()
}

fn kill(signal: &str, pid: u32) {
    let status = Command::new("kill")
        .args([signal, &pid.to_string()])
        .status();
    assert!(status.unwrap().success());
}

async fn serves_and_keeps_data(source: ClusterSource, origin: &str) {
    let dir = folder();
    let settings = settings(dir.path(), source);
    let first = match cluster::start(settings.clone(), &|_| {}).await {
        Ok(first) => first,
        Err(ClusterError::NoBinaries { reason }) => return harness::skip(&reason),
        Err(error) => panic!("{error}"),
    };
    assert!(first.describe().contains(origin), "{}", first.describe());
    write_a_row(&first).await;
    let mut db = connect(first.admin_url()).await;
    let encoding: String = sqlx::query_scalar("show server_encoding")
        .fetch_one(&mut db)
        .await
        .unwrap();
    assert_eq!(encoding, "UTF8");
    sqlx::raw_sql("create extension pg_trgm")
        .execute(&mut db)
        .await
        .unwrap();
    db.close().await.unwrap();
    let pid = first.pid();
    first.stop().await.unwrap();
    assert!(!is_running(pid));

    let second = cluster::start(settings, &|_| {}).await.unwrap();
    assert_eq!(read_the_row(&second).await, "apa kabar");
    second.stop().await.unwrap();
}

#[tokio::test]
async fn an_installed_server_is_started_and_its_data_outlives_a_restart() {
    serves_and_keeps_data(ClusterSource::Installed, ", installed, ").await;
}

#[tokio::test]
async fn a_fetched_server_is_started_and_its_data_outlives_a_restart() {
    serves_and_keeps_data(ClusterSource::Fetched, ", fetched, ").await;
}

#[tokio::test]
async fn the_password_is_needed_and_kept_from_other_users() {
    let dir = folder();
    let cluster = start(dir.path()).await;
    let mode = std::fs::metadata(dir.path().join("password"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let (_, address) = cluster.admin_url().split_once('@').unwrap();
    let refused = PgConnection::connect(&format!("postgres://pasar:guess@{address}")).await;
    assert!(refused.unwrap_err().to_string().contains("password"));
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_second_process_on_one_folder_is_told_who_has_it() {
    let dir = folder();
    let cluster = start(dir.path()).await;
    let again = cluster::start(settings(dir.path(), ClusterSource::Auto), &|_| {}).await;
    let message = again.unwrap_err().to_string();
    let holder = format!("in use by process {}", std::process::id());
    assert!(message.contains(&holder), "{message}");
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_killed_server_comes_back_with_its_data() {
    let dir = folder();
    let settings = ClusterSettings {
        durable: true,
        ..settings(dir.path(), ClusterSource::Auto)
    };
    let cluster = cluster::start(settings.clone(), &|_| {}).await.unwrap();
    write_a_row(&cluster).await;
    kill("-9", cluster.pid());
    let stopped = cluster.stop().await.unwrap_err().to_string();
    assert!(stopped.contains("ended by itself"), "{stopped}");

    let cluster = cluster::start(settings, &|_| {}).await.unwrap();
    assert_eq!(read_the_row(&cluster).await, "apa kabar");
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_server_left_behind_is_ended_and_replaced() {
    let dir = folder();
    let cluster = start(dir.path()).await;
    write_a_row(&cluster).await;
    let line = std::fs::read(format!("/proc/{}/cmdline", cluster.pid())).unwrap();
    cluster.stop().await.unwrap();
    // What a parent leaves that was killed together with the guard: the same server, nobody's.
    let line = String::from_utf8(line).unwrap();
    let mut words = line.trim_end_matches('\0').split('\0');
    let owner = std::fs::metadata(dir.path().join("cluster")).unwrap();
    let mut command = Command::new(words.next().unwrap());
    if owner.uid() != std::fs::metadata("/proc/self").unwrap().uid() {
        command.uid(owner.uid()).gid(owner.gid());
    }
    let log = std::fs::File::create(dir.path().join("orphan.log")).unwrap();
    let mut orphan = command
        .args(words)
        .current_dir("/")
        .stderr(log)
        .spawn()
        .unwrap();
    let pid_file = dir.path().join("cluster/postmaster.pid");
    eventually("the orphan is ready", async || {
        assert!(orphan.try_wait().unwrap().is_none(), "the orphan ended");
        std::fs::read_to_string(&pid_file).is_ok_and(|text| text.contains("ready"))
    })
    .await;

    let cluster = start(dir.path()).await;
    assert!(
        orphan.wait().unwrap().success(),
        "it was shut down in order"
    );
    assert_eq!(read_the_row(&cluster).await, "apa kabar");
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_stale_pid_file_that_names_a_stranger_does_not_harm_the_stranger() {
    let dir = folder();
    start(dir.path()).await.stop().await.unwrap();
    let mut stranger = Command::new("sleep").arg("60").spawn().unwrap();
    let pid_file = dir.path().join("cluster/postmaster.pid");
    std::fs::write(&pid_file, format!("{}\n/elsewhere\n", stranger.id())).unwrap();

    let cluster = start(dir.path()).await;
    assert!(stranger.try_wait().unwrap().is_none(), "still running");
    stranger.kill().unwrap();
    stranger.wait().unwrap();
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_dropped_cluster_leaves_no_server_behind() {
    let dir = folder();
    let cluster = start(dir.path()).await;
    let pid = cluster.pid();
    drop(cluster);
    let what = format!("process {pid} has ended");
    eventually(&what, async || !is_running(pid)).await;
}

#[tokio::test]
async fn a_folder_closed_to_the_servers_user_is_replaced_by_one_that_is_open() {
    let closed = tempfile::Builder::new()
        .permissions(std::fs::Permissions::from_mode(0o700))
        .tempdir()
        .unwrap();
    if std::fs::metadata(closed.path()).unwrap().uid() != 0 {
        // Only root runs the server as another user.
        return;
    }
    let dir = closed.path().join("data");
    let said = std::sync::Mutex::new(Vec::new());
    let progress = |line: &str| said.lock().unwrap().push(line.to_owned());
    let cluster = cluster::start(settings(&dir, ClusterSource::Auto), &progress)
        .await
        .unwrap();
    write_a_row(&cluster).await;
    cluster.stop().await.unwrap();
    let location = std::fs::read_to_string(dir.join("location")).unwrap();
    let location = location.trim();
    let said = said.into_inner().unwrap();
    assert!(said.iter().any(|line| line.contains(location)), "{said:?}");

    let cluster = start(&dir).await;
    assert_eq!(read_the_row(&cluster).await, "apa kabar");
    cluster.stop().await.unwrap();
    std::fs::remove_dir_all(location).unwrap();
}

#[tokio::test]
async fn a_cluster_without_its_password_says_which_file_is_missing() {
    let dir = folder();
    start(dir.path()).await.stop().await.unwrap();
    std::fs::remove_file(dir.path().join("password")).unwrap();
    let again = cluster::start(settings(dir.path(), ClusterSource::Auto), &|_| {}).await;
    let message = again.unwrap_err().to_string();
    assert!(message.contains("password is missing"), "{message}");
}

#[tokio::test]
async fn data_of_another_major_version_is_refused_with_its_number() {
    let dir = folder();
    start(dir.path()).await.stop().await.unwrap();
    std::fs::write(dir.path().join("cluster/PG_VERSION"), "9\n").unwrap();
    let again = cluster::start(settings(dir.path(), ClusterSource::Auto), &|_| {}).await;
    let message = again.unwrap_err().to_string();
    assert!(message.contains("made by PostgreSQL 9 "), "{message}");
}

#[tokio::test]
async fn databases_are_provided_once_and_closed_to_each_other() {
    let dir = folder();
    let cluster = start(dir.path()).await;
    let admin = cluster.admin_url();
    let password = r#"it's "quoted" \ %s /@:?#"#;

    let all = (0..8).map(|_| ensure_database(admin, "catalog", password));
    let urls = futures_util::future::join_all(all).await;
    let url = urls[0].as_ref().unwrap();
    assert!(
        urls.iter().all(|it| it.as_ref().unwrap() == url),
        "{urls:?}"
    );
    let mut own = connect(url).await;
    sqlx::raw_sql("create table products (id int)")
        .execute(&mut own)
        .await
        .unwrap();

    let other = ensure_database(admin, "reviews", "second").await.unwrap();
    let (login, options) = other.rsplit_once("/pasar_reviews").unwrap();
    let stranger = format!("{login}/pasar_catalog{options}");
    let refused = PgConnection::connect(&stranger).await.unwrap_err();
    assert!(
        refused.to_string().contains("permission denied"),
        "{refused}"
    );

    let changed = ensure_database(admin, "catalog", "new").await.unwrap();
    connect(&changed).await;
    assert!(
        PgConnection::connect(url).await.is_err(),
        "the old password"
    );

    let bad = ensure_database(admin, "cata\"log", "x").await.unwrap_err();
    assert!(matches!(bad, ProvisionError::Name(_)), "{bad}");
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn databases_are_provided_by_an_administrator_who_is_no_superuser() {
    let dir = folder();
    let cluster = start(dir.path()).await;
    let mut db = connect(cluster.admin_url()).await;
    sqlx::raw_sql("create role limited login createdb createrole password 'limited'")
        .execute(&mut db)
        .await
        .unwrap();
    let (_, address) = cluster.admin_url().split_once('@').unwrap();
    let admin = format!("postgres://limited:limited@{address}");
    for _ in 0..2 {
        let url = ensure_database(&admin, "sellers", "secret").await.unwrap();
        connect(&url).await;
    }
    cluster.stop().await.unwrap();
}
