//! Rebuilding an index of the node when something goes wrong, and comparing it document by document.

use futures_util::future::join;
use harness::{Role, Subgraph, parts};
use kernel::{FaultKind, ProductId};
use search::{
    commands::reindex::{Step, step},
    domain::Change,
    jobs::push_pending,
    store::elastic::Elastic,
};
use serde_json::{Value, json};
use service::Ctx;
use sqlx::postgres::PgPoolOptions;
use uuid::Uuid;

use super::{
    owners::Owners,
    world::{ctx, deliver, ground, id, life, product_id, shelf},
};

/// A subgraph with the shelf and a node without an index.
async fn open(url: &str) -> (Subgraph, Elastic, String) {
    let alias = parts::unique("indexes");
    let settings = json!({ "elasticsearch_url": url, "index": alias });
    let app = Subgraph::with_settings(&search::SUBGRAPH, settings).await;
    deliver(&app, &ground()).await;
    for goods in shelf() {
        deliver(&app, &life(&goods)).await;
    }
    Owners::new().serve(&app);
    (app, Elastic::new(url, &alias).unwrap(), alias)
}

fn nodes() -> impl Iterator<Item = &'static str> {
    [parts::elasticsearch(), parts::opensearch()]
        .into_iter()
        .flatten()
}

async fn start(app: &Subgraph) {
    let query = "mutation { searchReindex { userErrors { code } } }";
    let reply = app.client(Role::Admin).run(query, json!({})).await;
    assert_eq!(reply["data"]["searchReindex"]["userErrors"], json!([]));
}

async fn run(app: &Subgraph, node: &Elastic) {
    while step(&ctx(app), Some(node)).await.unwrap() == Step::Onward {}
}

/// Goes on until the rebuild is at that phase.
async fn run_until(app: &Subgraph, node: &Elastic, phase: &str) {
    while status(app).await["phase"] != phase {
        assert_eq!(step(&ctx(app), Some(node)).await.unwrap(), Step::Onward);
    }
}

async fn status(app: &Subgraph) -> Value {
    let query = "{ searchReindexStatus { state phase } }";
    let reply = app.client(Role::Admin).run(query, json!({})).await;
    reply["data"]["searchReindexStatus"].clone()
}

async fn exists(url: &str, index: &str) -> bool {
    // As an alias of itself an index can be searched.
    Elastic::new(url, index).unwrap().count().await.is_ok()
}

async fn check(app: &Subgraph) -> Value {
    let query = "{ searchCheck(source: PRODUCTS) { pendingCount differences { id }
        indexDifferences { productId flaw expectedVersion foundVersion } } }";
    let reply = app.client(Role::Admin).run(query, json!({})).await;
    assert_eq!(reply["errors"], Value::Null, "{reply}");
    reply["data"]["searchCheck"].clone()
}

// T-SRC-4: what rebuilds leave behind that never end is removed, and nothing else
#[tokio::test(flavor = "multi_thread")]
async fn indexes_of_rebuilds_that_never_ended_are_removed() {
    for url in nodes() {
        let (app, node, alias) = open(url).await;
        let stray = node.index_name(Uuid::from_u128(7));
        let other = format!("{alias}-more-{}", Uuid::from_u128(7).simple());
        for name in [&stray, &other] {
            node.create_index(name).await.unwrap();
        }
        start(&app).await;
        run(&app, &node).await;
        assert_eq!(status(&app).await["state"], "DONE");
        assert!(!exists(url, &stray).await, "{url}: left behind");
        assert!(exists(url, &other).await, "{url}: of another alias");
        assert_eq!(node.count().await.unwrap(), 12);
        // The one that is searched stays, whoever asks.
        let searched = node.current_index().await.unwrap().unwrap();
        node.remove_index(&searched).await.unwrap();
        node.remove_strays("").await.unwrap();
        assert_eq!(node.count().await.unwrap(), 12);
    }
}

// A rebuild that gives up takes its index with it
#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_that_fails_leaves_no_index() {
    for url in nodes() {
        let (app, node, _) = open(url).await;
        start(&app).await;
        run_until(&app, &node, "SWAP").await;
        let index: String = sqlx::query_scalar("select index_name from reindexes")
            .fetch_one(&app.db)
            .await
            .unwrap();
        assert!(exists(url, &index).await);
        // Nobody but a defect takes the beginning of the changes away.
        sqlx::query("update reindexes set changed_since = null")
            .execute(&app.db)
            .await
            .unwrap();
        let fault = step(&ctx(&app), Some(&node)).await.unwrap_err();
        assert_eq!(fault.kind(), FaultKind::Internal);
        assert_eq!(status(&app).await["state"], "FAILED");
        assert!(!exists(url, &index).await, "{url}");
        // Another one begins and ends.
        start(&app).await;
        run(&app, &node).await;
        assert_eq!(node.count().await.unwrap(), 12);
    }
}

// … also when it gives up before it has noted that there is one
#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_that_fails_at_its_first_document_leaves_no_index() {
    for url in nodes() {
        let (app, node, _) = open(url).await;
        start(&app).await;
        run_until(&app, &node, "FILL").await;
        let id: Uuid = sqlx::query_scalar("select reindex_id from reindexes")
            .fetch_one(&app.db)
            .await
            .unwrap();
        sqlx::query("alter sequence document_versions rename to not_here")
            .execute(&app.db)
            .await
            .unwrap();
        let fault = step(&ctx(&app), Some(&node)).await.unwrap_err();
        assert_eq!(fault.kind(), FaultKind::Internal, "{}", fault.chain());
        assert_eq!(status(&app).await["state"], "FAILED");
        assert!(!exists(url, &node.index_name(id)).await, "{url}");
    }
}

/// The step that fails, with what `meanwhile` does as soon as it has let go of its connection.
async fn fail<T>(app: &Subgraph, node: &Elastic, meanwhile: impl Future<Output = T>) -> T {
    let options = app.db.connect_options().as_ref().clone();
    let one = PgPoolOptions::new().max_connections(1);
    let one = one.connect_with(options).await.unwrap();
    let ctx = Ctx {
        db: one.clone(),
        ..ctx(app)
    };
    // There is one connection, and who waits for it gets it in turn: the step, we, the step if it wants it again.
    let between = async {
        let turn = one.acquire().await.unwrap();
        let done = meanwhile.await;
        drop(turn);
        done
    };
    let (outcome, done) = join(step(&ctx, Some(node)), between).await;
    assert_eq!(outcome.unwrap_err().kind(), FaultKind::Internal);
    done
}

async fn rename_versions(app: &Subgraph, from: &str, to: &str) {
    let sql = format!("alter sequence {from} rename to {to}");
    let renamed = sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&app.db).await;
    renamed.unwrap();
}

// Else its index is removed under whoever has gone on with the rebuild
#[tokio::test(flavor = "multi_thread")]
async fn nobody_goes_on_with_a_rebuild_before_who_failed_has_given_it_up() {
    for url in nodes() {
        let (app, node, _) = open(url).await;
        start(&app).await;
        run_until(&app, &node, "FILL").await;
        rename_versions(&app, "document_versions", "away").await;
        let other = fail(&app, &node, async {
            rename_versions(&app, "away", "document_versions").await;
            step(&ctx(&app), Some(&node)).await.unwrap()
        })
        .await;
        let expected = (Step::Idle, json!({ "state": "FAILED", "phase": "FILL" }));
        assert_eq!((other, status(&app).await), expected, "{url}");
    }
}

// … and the next one, which may be begun at once, has an index of its own
#[tokio::test(flavor = "multi_thread")]
async fn who_fails_does_not_give_up_the_next_rebuild() {
    for url in nodes() {
        let (app, node, _) = open(url).await;
        start(&app).await;
        run_until(&app, &node, "FILL").await;
        rename_versions(&app, "document_versions", "away").await;
        fail(&app, &node, async {
            rename_versions(&app, "away", "document_versions").await;
            app.clock.advance(chrono::Duration::seconds(1));
            start(&app).await;
            run_until(&app, &node, "SWAP").await;
        })
        .await;
        assert_eq!(status(&app).await["state"], "RUNNING", "{url}");
        run(&app, &node).await;
        assert_eq!(status(&app).await["state"], "DONE", "{url}");
        assert_eq!(node.count().await.unwrap(), 12, "{url}");
    }
}

// A node that loses what was written to it before it is searched gets it again
#[tokio::test(flavor = "multi_thread")]
async fn an_index_that_is_lost_while_it_is_filled_is_filled_again() {
    for url in nodes() {
        let (app, node, _) = open(url).await;
        start(&app).await;
        // Once when a page has been written, once when all have.
        for phase in ["FILL", "SWAP"] {
            run_until(&app, &node, phase).await;
            if phase == "FILL" {
                step(&ctx(&app), Some(&node)).await.unwrap();
            }
            let index: String = sqlx::query_scalar("select index_name from reindexes")
                .fetch_one(&app.db)
                .await
                .unwrap();
            node.remove_index(&index).await.unwrap();
        }
        run(&app, &node).await;
        assert_eq!(status(&app).await["state"], "DONE");
        assert_eq!(node.count().await.unwrap(), 12, "{url}");
    }
}

// Two transactions in each other's way are no reason to give up
#[tokio::test]
async fn a_rebuild_that_meets_a_deadlock_goes_on_later() {
    let app = Subgraph::start(&search::SUBGRAPH).await;
    Owners::new().serve(&app);
    start(&app).await;
    let faulty = "create function collide() returns trigger language plpgsql as
        $$ begin raise exception 'made by the test' using errcode = '40P01'; end $$;
        create trigger collide before insert on sellers execute function collide()";
    sqlx::raw_sql(faulty).execute(&app.db).await.unwrap();
    let fault = loop {
        match step(&ctx(&app), None).await {
            Ok(step) => assert_eq!(step, Step::Onward),
            Err(fault) => break fault,
        }
    };
    assert!(
        fault.chain().contains("made by the test"),
        "{}",
        fault.chain()
    );
    assert_eq!(
        status(&app).await,
        json!({ "state": "RUNNING", "phase": "SELLERS" })
    );
    sqlx::query("drop trigger collide on sellers")
        .execute(&app.db)
        .await
        .unwrap();
    while step(&ctx(&app), None).await.unwrap() == Step::Onward {}
    assert_eq!(status(&app).await["state"], "DONE");
}

// "a check proves index = catalog", on the node, too: it finds every planted difference
#[tokio::test(flavor = "multi_thread")]
async fn planted_differences_of_the_node_are_found() {
    for url in nodes() {
        let (app, node, _) = open(url).await;
        start(&app).await;
        run(&app, &node).await;
        while push_pending(&ctx(&app), &node).await.unwrap() {}
        let clean = json!({ "pendingCount": 0, "differences": [], "indexDifferences": [] });
        assert_eq!(check(&app).await, clean, "{url}");

        let version = async |number: u32| -> i64 {
            sqlx::query_scalar("select version from documents where product_id = $1")
                .bind(id::<kernel::markers::Product>(number).uuid())
                .fetch_one(&app.db)
                .await
                .unwrap()
        };
        let gone = |number: u32, version: i64| Change::Delete {
            product_id: id(number),
            version,
        };
        let there = |number: u32, version: i64| {
            let mut document = super::shelf::documents().swap_remove(0);
            document.product_id = id::<kernel::markers::Product>(number);
            document.version = version;
            super::conformance::put(document)
        };
        let (one, three) = (version(1).await, version(3).await);
        let planted = [gone(1, one + 1), there(3, three + 5), there(77, 9)];
        node.push(None, &planted).await.unwrap();
        // The node never heard of this version.
        let sql = "update documents set version = version + 1000, indexed_version = version + 1000 \
                   where product_id = $1";
        let two: ProductId = id(2);
        sqlx::query(sql)
            .bind(two.uuid())
            .execute(&app.db)
            .await
            .unwrap();
        // What waits to be pushed is no difference.
        let sql = "update documents set version = version + 1 where product_id = $1";
        let four: ProductId = id(4);
        sqlx::query(sql)
            .bind(four.uuid())
            .execute(&app.db)
            .await
            .unwrap();
        let (new_two, text) = (version(2).await, |number: i64| json!(number.to_string()));
        assert_eq!(
            check(&app).await,
            json!({ "pendingCount": 1, "differences": [], "indexDifferences": [
                { "productId": product_id(1), "flaw": "MISSING", "expectedVersion": text(one), "foundVersion": null },
                { "productId": product_id(2), "flaw": "STALE", "expectedVersion": text(new_two),
                  "foundVersion": text(new_two - 1000) },
                { "productId": product_id(3), "flaw": "AHEAD", "expectedVersion": text(three),
                  "foundVersion": text(three + 5) },
                { "productId": product_id(77), "flaw": "EXTRA", "expectedVersion": null, "foundVersion": "9" },
            ] }),
            "{url}"
        );
    }
}
