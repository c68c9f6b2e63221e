//! The process of a rebuild is killed (`kill -9`) again and again; others go on where it was.

#![expect(clippy::print_stdout, reason = "the counts are the result")]

use std::{
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use harness::{Role, Subgraph, parts};
use infra::Guard;
use kernel::{CallContext, Clock, Ids, Principal};
use rand::Rng as _;
use search::{
    commands::reindex::{Step, step},
    store::elastic::Elastic,
};
use serde_json::{Value, json};
use service::{Ctx, Deps, Live};
use sqlx::{ConnectOptions as _, PgPool};

use super::{
    owners::Owners,
    world::{Goods, ctx, find, product_id, shelf, snapshot},
};

/// Where the other process finds the database and the node, as `URL alias` or nothing.
const DATABASE: &str = "PASAR_TEST_REBUILD_DATABASE";
const NODE: &str = "PASAR_TEST_REBUILD_NODE";
/// The test that such a process runs.
const THIS: &str = "search::killed::a_rebuild_whose_processes_are_killed_ends_with_everything";
/// More than two of the pages that are written to an index.
const PRODUCTS: u32 = 4_100;

/// The owners of the shelf and of very many shoes.
fn owners() -> Owners {
    let owners = Owners::new();
    owners.change("productSnapshots", |products| {
        products.extend((100..100 + PRODUCTS).map(|number| {
            let goods = Goods {
                number,
                ..shelf()[5].clone()
            };
            (product_id(number), 2, snapshot(&goods, "ACTIVE"))
        }));
    });
    owners
}

/// What a started process does until it is killed: it goes on with the rebuild.
async fn go_on(database: &str) {
    let node = variable(NODE).unwrap_or_default();
    let node = node
        .split_once(' ')
        .map(|(url, alias)| Elastic::new(url, alias).unwrap());
    let deps = Deps {
        db: PgPool::connect(database).await.unwrap(),
        clock: Clock::System,
        ids: Ids::Random,
        peers: owners().peers(),
        live: Live::local(),
        settings: Value::Null,
    };
    let call = CallContext {
        principal: Arc::new(Principal::service("search")),
        request_id: "rebuild".into(),
        traceparent: None,
        deadline: None,
    };
    let ctx = Ctx::new(&deps, &call);
    loop {
        if step(&ctx, node.as_ref()).await.unwrap() == Step::Idle {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// How a process is told what to do: nothing, when it runs the tests for somebody else.
#[expect(clippy::disallowed_methods, reason = "how its parent tells it")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Such a process, until it is killed.
struct Process {
    child: Child,
    _guard: Guard,
}

impl Process {
    fn start(app: &Subgraph, node: Option<(&str, &str)>) -> Self {
        let database = app.db.connect_options().to_url_lossy().to_string();
        let node = node.map_or(String::new(), |(url, alias)| format!("{url} {alias}"));
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", THIS])
            .env(DATABASE, database)
            .env(NODE, node)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self {
            _guard: Guard::of(child.id()).unwrap(),
            child,
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // SIGKILL: it has no chance to clean up.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// How far the rebuild is: its state, its phase and what it has done.
async fn progress(app: &Subgraph) -> (String, String, i64) {
    sqlx::query_as("select status, phase, done from reindexes")
        .fetch_one(&app.db)
        .await
        .unwrap()
}

/// Lets a process go on until the rebuild has got on in that phase, and kills it a moment later.
async fn kill_in(app: &Subgraph, node: Option<(&str, &str)>, phase: &str) {
    let before = progress(app).await;
    let process = Process::start(app, node);
    // Looks more often than `wait` does: a phase is short.
    for _ in 0..6_000 {
        let now = progress(app).await;
        assert_eq!(now.0, "RUNNING", "over before {phase} was met");
        if now.1 == phase && now != before {
            let moment = rand::rng().random_range(0..60);
            tokio::time::sleep(Duration::from_millis(moment)).await;
            drop(process);
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("not at {phase} within a minute: {:?}", progress(app).await);
}

/// What the check finds wrong, page by page: in the projection and on the node.
async fn differences(app: &Subgraph) -> Vec<Value> {
    let query = "query($source: SearchCheckSource!, $after: ID) {
        searchCheck(source: $source, first: 500, after: $after) { end pendingCount
            differences { id flaw } indexDifferences { productId flaw expectedVersion foundVersion } } }";
    let mut all = Vec::new();
    for source in ["CATEGORIES", "SELLERS", "PRODUCTS", "STOCK", "RATINGS"] {
        let mut after = Value::Null;
        loop {
            let variables = json!({ "source": source, "after": after });
            let reply = app.client(Role::Admin).run(query, variables).await;
            let page = &reply["data"]["searchCheck"];
            for kind in ["differences", "indexDifferences"] {
                all.extend(page[kind].as_array().into_iter().flatten().cloned());
            }
            after = page["end"].clone();
            if after.is_null() {
                break;
            }
        }
    }
    all
}

async fn survive(app: &Subgraph, node: Option<(&str, &str)>, phases: &[&str]) {
    let owners = owners();
    owners.serve(app);
    let query = "mutation { searchReindex { userErrors { code } } }";
    let reply = app.client(Role::Admin).run(query, json!({})).await;
    assert_eq!(reply["data"]["searchReindex"]["userErrors"], json!([]));
    for phase in phases {
        kill_in(app, node, phase).await;
    }
    let elastic = node.map(|(url, alias)| Elastic::new(url, alias).unwrap());
    let mut idle = 0;
    while progress(app).await.0 == "RUNNING" {
        // The database may not have noticed yet that the killed one is gone.
        if step(&ctx(app), elastic.as_ref()).await.unwrap() == Step::Idle {
            idle += 1;
            assert!(idle < 6_000, "nobody goes on: {:?}", progress(app).await);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
    let findable = i64::from(PRODUCTS) + 12;
    // The shelf with its ground is 36 things; into an index goes what can be found, once.
    let done = 36 + i64::from(PRODUCTS) + node.map_or(0, |_| findable);
    let (status, _, counted) = progress(app).await;
    assert_eq!((&*status, counted), ("DONE", done), "no page twice");
    assert_eq!(differences(app).await, [] as [Value; 0]);
    let found = find(app, "query: \"sepatu lari\"", "totalCount").await;
    assert_eq!(found["totalCount"], PRODUCTS + 1);
    println!(
        "{} processes killed in {phases:?}; {counted} things taken over, difference 0",
        phases.len()
    );
}

// T-SRC-4: resumable, also when the process dies
#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_whose_processes_are_killed_ends_with_everything() {
    // It is also what its processes run.
    if let Some(database) = variable(DATABASE) {
        return go_on(&database).await;
    }
    let app = Subgraph::start(&search::SUBGRAPH).await;
    survive(&app, None, &["PRODUCTS", "PRODUCTS", "PRODUCTS"]).await;
}

// … and while it fills an index of the node
#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_whose_processes_are_killed_fills_the_node_with_everything() {
    for url in [parts::elasticsearch(), parts::opensearch()]
        .into_iter()
        .flatten()
    {
        let alias = parts::unique("killed");
        let settings = json!({ "elasticsearch_url": url, "index": alias });
        let app = Subgraph::with_settings(&search::SUBGRAPH, settings).await;
        let phases = ["PRODUCTS", "FILL", "FILL"];
        survive(&app, Some((url, &alias)), &phases).await;
        let node = Elastic::new(url, &alias).unwrap();
        assert_eq!(node.count().await.unwrap(), i64::from(PRODUCTS) + 12);
    }
}
