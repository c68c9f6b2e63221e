//! `pasar up` on a data folder of its own: killed, stopped, started again, started twice.

use std::{
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use harness::{
    child::{self, Environment, Process},
    deployment::login,
    http::HttpClient,
    wait::{eventually, found, is_running},
};
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tempfile::TempDir;

const PASSWORD: &str = "Kopi-Pahit-77!";
const REGISTER: &str = "mutation($input: UserRegisterInput!) { userRegister(input: $input) {
    user { id } userErrors { code } } }";
const OPEN: &str = "mutation($input: SellerRegisterInput!) { sellerRegister(input: $input) {
    seller { id } userErrors { code } } }";

/// A data folder that the database's user may enter also when the tests run as root.
fn folder() -> TempDir {
    let open = std::fs::Permissions::from_mode(0o755);
    tempfile::Builder::new()
        .prefix("pasar-")
        .permissions(open)
        .tempdir()
        .unwrap()
}

/// Nothing but free addresses: secrets and database are the process's own.
fn environment() -> Environment {
    ["PASAR__HTTP__LISTEN", "PASAR__HTTP__ADMIN_LISTEN"]
        .map(|name| (name.to_owned(), "127.0.0.1:0".to_owned()))
        .to_vec()
}

fn up(folder: &Path) -> Process {
    let data = folder.to_str().unwrap();
    child::start(&["up", "--seed", "none", "--data", data], &environment())
}

/// The processes that have `folder` in their command line.
fn processes_of(folder: &Path) -> Vec<u32> {
    let entries = std::fs::read_dir("/proc").unwrap();
    let pids = entries.filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok());
    let folder = folder.to_str().unwrap();
    let is_ours = |pid: &u32| {
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).contains(folder)
    };
    pids.filter(is_ours).collect()
}

/// A connection to the database of `subgraph` in the private cluster, beside the running process.
async fn database(folder: &Path, subgraph: &str) -> PgConnection {
    let cluster: PathBuf = folder.join("postgres");
    let pid_file = std::fs::read_to_string(cluster.join("cluster/postmaster.pid")).unwrap();
    let port = pid_file.lines().nth(3).unwrap();
    let password = std::fs::read_to_string(cluster.join("password")).unwrap();
    let password = password.trim();
    let url = format!("postgres://pasar:{password}@127.0.0.1:{port}/pasar_{subgraph}");
    PgConnection::connect(&url).await.unwrap()
}

async fn texts(db: &mut PgConnection, sql: &str) -> Vec<String> {
    sqlx::query_scalar(AssertSqlSafe(sql.to_owned()))
        .fetch_all(db)
        .await
        .unwrap()
}

/// What was acknowledged: e-mail addresses of accounts, slugs of shops.
#[derive(Clone, Default)]
struct Acknowledged {
    accounts: Arc<Mutex<Vec<String>>>,
    shops: Arc<Mutex<Vec<String>>>,
}

/// Clients that register accounts and open shops until nobody answers.
fn write(
    client: &HttpClient,
    round: &str,
    acknowledged: &Acknowledged,
) -> Vec<tokio::task::JoinHandle<()>> {
    let next = Arc::new(AtomicUsize::new(0));
    let writer = |client: HttpClient| {
        let (next, acknowledged, round) =
            (Arc::clone(&next), acknowledged.clone(), round.to_owned());
        async move {
            loop {
                let number = next.fetch_add(1, Ordering::SeqCst);
                let name = format!("{round}-{number}");
                let email = format!("{name}@pasar.example");
                let input = json!({ "email": email, "password": PASSWORD, "firstName": "Penulis" });
                let Some(reply) = client
                    .try_graphql(REGISTER, json!({ "input": input }))
                    .await
                else {
                    return;
                };
                if !reply["data"]["userRegister"]["user"]["id"].is_string() {
                    // The database has gone first.
                    continue;
                }
                acknowledged.accounts.lock().unwrap().push(email.clone());
                // Every third one, so that both kinds of write are under way at any time.
                if number % 3 == 0 {
                    open_shop(&client, &email, &name, &acknowledged).await;
                }
            }
        }
    };
    (0..6)
        .map(|_| tokio::spawn(writer(client.clone())))
        .collect()
}

async fn open_shop(client: &HttpClient, email: &str, slug: &str, acknowledged: &Acknowledged) {
    const LOGIN: &str = "mutation($input: LoginInput!) { login(input: $input) { accessToken } }";
    let input = json!({ "email": email, "password": PASSWORD });
    let Some(reply) = client.try_graphql(LOGIN, json!({ "input": input })).await else {
        return;
    };
    let Some(token) = reply["data"]["login"]["accessToken"].as_str() else {
        return;
    };
    let input = json!({
        "slug": slug, "shopName": "Toko Penulis", "description": "", "city": "Kota Bandung",
        "province": "Jawa Barat", "idempotencyKey": slug,
    });
    let client = client.clone().with_token(token);
    let reply = client
        .try_graphql(OPEN, json!({ "input": input }))
        .await
        .unwrap_or_default();
    if reply["data"]["sellerRegister"]["seller"]["id"].is_string() {
        acknowledged.shops.lock().unwrap().push(slug.to_owned());
    }
}

/// Waits until enough was written for a crash to be in the middle of things.
async fn until_busy(acknowledged: &Acknowledged, accounts: usize) {
    eventually("enough was written", async || {
        acknowledged.accounts.lock().unwrap().len() >= accounts
    })
    .await;
}

/// Every acknowledged write is there, and whatever is there is whole.
async fn assert_whole(folder: &Path, acknowledged: &Acknowledged) {
    let mut identity = database(folder, "identity").await;
    let mut accounts = texts(&mut identity, "select email from users").await;
    accounts.sort();
    for email in acknowledged.accounts.lock().unwrap().iter() {
        assert!(
            accounts.binary_search(email).is_ok(),
            "{email} was acknowledged and is lost"
        );
    }
    let halves = "select email from users where not exists (select from credentials where user_id = users.id)
        or not exists (select from user_roles where user_id = users.id)
        or (select count(*) from outbox where event_type = 'user.registered'
            and payload ->> 'displayName' = 'Penulis') <> (select count(*) from users)";
    assert_eq!(
        texts(&mut identity, halves).await,
        Vec::<String>::new(),
        "half an account"
    );

    let mut sellers = database(folder, "sellers").await;
    let mut shops = texts(&mut sellers, "select slug from sellers").await;
    shops.sort();
    for slug in acknowledged.shops.lock().unwrap().iter() {
        assert!(
            shops.binary_search(slug).is_ok(),
            "{slug} was acknowledged and is lost"
        );
    }
    let halves = "select slug from sellers where not exists
            (select from seller_members where seller_id = sellers.id and role = 'OWNER')
        or not exists (select from outbox where event_type = 'seller.registered'
            and payload ->> 'slug' = sellers.slug)
        or not exists (select from idempotency_keys where key = sellers.slug and answer is not null)
        union all select key from idempotency_keys where key not in (select slug from sellers)";
    assert_eq!(
        texts(&mut sellers, halves).await,
        Vec::<String>::new(),
        "half a shop"
    );
}

// Issue 3: `pasar up` killed with -9 during writes comes back with every acknowledged write.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_was_acknowledged_survives_kill_9_of_the_process_and_of_everything() {
    let folder = folder();
    let acknowledged = Acknowledged::default();
    let mut process = up(folder.path());

    let writers = write(&HttpClient::new(&process.url), "pertama", &acknowledged);
    until_busy(&acknowledged, 30).await;
    process.kill();
    futures_util::future::join_all(writers).await;
    process.start_again();
    assert_whole(folder.path(), &acknowledged).await;

    let writers = write(&HttpClient::new(&process.url), "kedua", &acknowledged);
    let so_far = acknowledged.accounts.lock().unwrap().len();
    until_busy(&acknowledged, so_far + 30).await;
    for pid in processes_of(folder.path()) {
        // One may have taken others along.
        drop(
            std::process::Command::new("kill")
                .args(["-9", &pid.to_string()])
                .output(),
        );
    }
    assert!(!process.wait());
    futures_util::future::join_all(writers).await;
    process.start_again();
    assert_whole(folder.path(), &acknowledged).await;

    // The people can go on: their passwords and shops are there, and what was refused stays refused.
    let client = HttpClient::new(&process.url);
    let email = acknowledged.accounts.lock().unwrap()[0].clone();
    let input = json!({ "email": email, "password": PASSWORD, "firstName": "Penulis" });
    let again = client.graphql(REGISTER, json!({ "input": input })).await;
    assert_eq!(
        again["data"]["userRegister"]["userErrors"][0]["code"],
        "ALREADY_EXISTS"
    );
    login(&client, &email, PASSWORD).await;
    assert!(process.terminate(), "{process}");
    assert_eq!(
        processes_of(folder.path()),
        Vec::<u32>::new(),
        "left behind"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_installation_leaves_nothing_running_and_keeps_data_and_keys() {
    let folder = folder();
    let mut process = up(folder.path());
    let client = HttpClient::new(&process.url);
    let input = json!({ "email": "siti@pasar.example", "password": PASSWORD, "firstName": "Siti" });
    let reply = client.graphql(REGISTER, json!({ "input": input })).await;
    let id = reply["data"]["userRegister"]["user"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let siti = login(&client, "siti@pasar.example", PASSWORD).await;
    for secret in ["internal-secret", "signing-key.pem", "postgres/password"] {
        let mode = std::fs::metadata(folder.path().join(secret))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{secret}");
    }

    // A second one on the same folder is told who has it, and does no harm.
    let data = folder.path().to_str().unwrap();
    let second = child::run(&["up", "--seed", "none", "--data", data], &environment());
    assert_eq!(second.code, 1);
    let holder = format!("is in use by process {}", process.pid());
    assert!(second.errors.contains(&holder), "{}", second.errors);
    assert_eq!(
        second
            .errors
            .lines()
            .filter(|line| line.starts_with("error: "))
            .count(),
        1
    );

    assert!(process.terminate(), "{process}");
    assert_eq!(
        processes_of(folder.path()),
        Vec::<u32>::new(),
        "left behind"
    );
    process.start_again();
    // The access token of before is still good: the key has been kept, and so has the account.
    let token = siti.token().unwrap();
    let me = HttpClient::new(&process.url)
        .with_token(token)
        .graphql("{ me { id } }", json!({}))
        .await;
    assert_eq!(me, json!({ "data": { "me": { "id": id } } }));
    // Ctrl-C is as good as SIGTERM.
    process.signal("INT");
    assert!(process.wait(), "{process}");
    assert_eq!(
        processes_of(folder.path()),
        Vec::<u32>::new(),
        "left behind"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_that_is_interrupted_leaves_nothing_running_and_can_be_repeated() {
    let folder = folder();
    let data = folder.path().to_str().unwrap();
    let mut process = child::spawn(&["up", "--seed", "none", "--data", data], &environment());
    let pid_file = folder.path().join("postgres/cluster/postmaster.pid");
    let seen = &process;
    found("the database is starting", async || {
        assert!(is_running(seen.pid()), "{seen} has ended");
        pid_file.exists().then_some(()).ok_or(seen)
    })
    .await;
    process.kill();
    let mut process = up(folder.path());
    let reply = HttpClient::new(&process.url)
        .graphql("{ me { id } }", json!({}))
        .await;
    assert_eq!(reply, json!({ "data": { "me": null } }));
    assert!(process.terminate(), "{process}");
    assert_eq!(
        processes_of(folder.path()),
        Vec::<u32>::new(),
        "left behind"
    );
}
