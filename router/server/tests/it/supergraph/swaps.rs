//! Supergraphs change under load.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::json;

use super::world::{Subgraph, ask, following};

const SWAPS: usize = 100;
const CLIENTS: usize = 8;

// Issue 5, scope 6: "atomic swap". Subgraphs are numbered within a supergraph in the order of their names, so
// a plan of one supergraph that ran on the next would ask the wrong subgraph here.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_fails_while_the_supergraph_changes_a_hundred_times() {
    let apples = Subgraph::start("apples", &["apple"]).await;
    let pears = Subgraph::start("pears", &["pear"]).await;
    let mut world = following("supergraph.yaml");
    world.introspects(&[&pears]);
    world.follower.look().await.unwrap();
    let over = Arc::new(AtomicBool::new(false));
    let asked = Arc::new(AtomicUsize::new(0));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let (app, over, asked) = (world.app.clone(), Arc::clone(&over), Arc::clone(&asked));
            tokio::spawn(async move {
                while !over.load(Ordering::Relaxed) {
                    let number = asked.fetch_add(1, Ordering::Relaxed);
                    // Half of them are new to the plan cache.
                    let query = match number % 2 {
                        0 => "{ pear }".to_owned(),
                        _ => format!("query Q{number} {{ pear }}"),
                    };
                    let answer = ask(app.clone(), &query).await;
                    let expected = (200, json!({ "data": { "pear": "pears" } }));
                    assert_eq!(answer, expected, "client {client}");
                }
            })
        })
        .collect();
    for swap in 0..SWAPS {
        if swap % 2 == 0 {
            world.introspects(&[&apples, &pears]);
        } else {
            world.introspects(&[&pears]);
        }
        world.follower.look().await.unwrap();
        // Each is used.
        let before = asked.load(Ordering::Relaxed);
        let used = async {
            while asked.load(Ordering::Relaxed) < before + CLIENTS {
                assert!(clients.iter().all(|client| !client.is_finished()));
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(crate::shop::PATIENCE, used)
            .await
            .unwrap();
    }
    over.store(true, Ordering::Relaxed);
    for client in clients {
        client.await.unwrap();
    }
    let generation = &world.status().await["supergraph"]["generation"];
    assert_eq!(*generation, json!(SWAPS + 1));
}

#[tokio::test]
async fn a_follower_that_runs_notices_by_itself() {
    let apples = Subgraph::start("apples", &["apple"]).await;
    let mut world = following("supergraph.yaml");
    let every = Duration::from_millis(10);
    // Nothing is there yet.
    assert!(world.follower.look().await.is_err());
    world.introspects(&[&apples]);
    world.follower.until_sound(every).await;
    assert_eq!(world.data("{ apple }").await, json!({ "apple": "apples" }));
    let app = world.app.clone();
    let running = tokio::spawn(world.follower.run(every));
    apples.has(&["apple", "apricot"]);
    let noticed = async {
        while ask(app.clone(), "{ apricot }").await.1["data"].is_null() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(crate::shop::PATIENCE, noticed)
        .await
        .unwrap();
    running.abort();
}
