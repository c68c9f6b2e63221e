//! The search node is killed while products are written.

#![expect(clippy::print_stdout, reason = "the counts are the result")]

use harness::{Role, Subgraph, parts, wait::found};
use infra::Part;
use kernel::{CallContext, Principal};
use search::{
    domain::{Filter, SearchRequest, Sort},
    store::{Engine, elastic::Elastic, postgres::Postgres},
};
use serde_json::{Value, json};
use service::{Ctx, Event};
use tokio_util::sync::CancellationToken;

use super::shelf;

/// How often the price of each product changes.
const ROUNDS: i32 = 9;

/// Everything that an engine finds: ids and prices, sorted.
async fn contents(engine: &Engine) -> Option<Vec<String>> {
    let mut request = SearchRequest {
        text: None,
        filter: Filter::default(),
        sort: Sort::PriceAsc,
        facets: false,
        count: false,
        limit: 100,
        after: None,
    };
    let mut places = Vec::new();
    loop {
        let answer = engine.search(&request).await.ok()?;
        let Some(last) = answer.hits.last() else {
            places.sort_unstable();
            return Some(places);
        };
        request.after = Some(last.place);
        places.extend(answer.hits.iter().map(|hit| format!("{:?}", hit.place)));
    }
}

/// Runs everything that a worker runs, until the token is cancelled.
fn work(app: &Subgraph) -> CancellationToken {
    let call = CallContext {
        principal: Principal::service("search").into(),
        request_id: "worker".into(),
        traceparent: None,
        deadline: None,
    };
    let stop = CancellationToken::new();
    for task in &app.running().tasks {
        tokio::spawn((task.run)(Ctx::new(&app.deps, &call), stop.clone()));
    }
    stop
}

/// Waits until nothing differs between the projection and the node.
async fn until_alike(app: &Subgraph, node: &Engine, when: &str) {
    let projection = Engine::Postgres(Postgres::new(app.db.clone()));
    found(&format!("both are alike {when}"), async || {
        let indexed = contents(node).await;
        let expected = contents(&projection).await;
        if indexed.is_some() && indexed == expected {
            return Ok(());
        }
        let rebuilds: Vec<String> =
            sqlx::query_scalar("select to_jsonb(reindexes)::text from reindexes")
                .fetch_all(&app.db)
                .await
                .unwrap();
        Err((indexed, expected, rebuilds))
    })
    .await;
}

/// The next version of a product: another price, and now and then off the shelf.
fn next(event: &Event, round: i32, number: u32) -> Event {
    let mut event = event.clone();
    event.event_id =
        serde_json::from_value(json!(format!("event_{:026}", 1_000_000 + number))).unwrap();
    event.version = round;
    event.event_type = "product.updated".to_owned();
    let price = event.payload["minPrice"]["minor_units"].as_i64().unwrap() + i64::from(round);
    event.payload["minPrice"]["minor_units"] = price.into();
    event.payload["maxPrice"]["minor_units"] = price.into();
    let is_off = round % 4 == 0 && number.is_multiple_of(5);
    event.payload["status"] = if is_off { "DRAFT" } else { "ACTIVE" }.into();
    event
}

async fn hits(app: &Subgraph) -> Value {
    let query = "{ search(query: \"sepatu\", first: 5) { nodes { id } } }";
    let reply = app.client(Role::Anonymous).run(query, json!({})).await;
    assert!(reply["errors"].is_null(), "{reply}");
    reply["data"]["search"]["nodes"].clone()
}

#[expect(
    clippy::too_many_lines,
    reason = "one story from the beginning to its end"
)]
async fn survive(part: Part) {
    let Some(mut server) = parts::own(part) else {
        return;
    };
    let index = parts::unique("faults");
    let settings = json!({ "elasticsearch_url": server.address(), "index": index });
    let app = Subgraph::with_settings(&search::SUBGRAPH, settings).await;
    let node = Engine::Elastic(Elastic::new(&server.address(), &index).unwrap());
    let stop = work(&app);
    shelf::fill(&app).await;
    until_alike(&app, &node, "before anything happens").await;
    assert_eq!(node.count().await.unwrap(), 114);

    let products: Vec<Event> = shelf::events()
        .into_iter()
        .filter(|(topic, _)| *topic == "catalog.product")
        .map(|(_, event)| event)
        .collect();
    let mut written = Vec::new();
    let mut searched = 0;
    for round in 2..=ROUNDS {
        match round {
            4 => server.kill(),
            7 => server.start_again(),
            _ => {}
        }
        for event in &products {
            let number = u32::try_from(written.len()).unwrap();
            let event = next(event, round, number);
            app.deliver("catalog.product", &event).await.unwrap();
            written.push(event);
            if number.is_multiple_of(20) {
                assert_eq!(
                    hits(&app).await.as_array().unwrap().len(),
                    5,
                    "round {round}"
                );
                searched += 1;
            }
        }
    }
    until_alike(&app, &node, "when the node is back").await;
    let before = contents(&node).await.unwrap();

    // The same news again as other events, the newest first, and old ones straight to the node.
    for (number, event) in (0_u32..).zip(written.iter().rev()).step_by(3) {
        let mut stale = event.clone();
        let id = json!(format!("event_{:026}", 2_000_000 + number));
        stale.event_id = serde_json::from_value(id).unwrap();
        app.deliver("catalog.product", &stale).await.unwrap();
    }
    let Engine::Elastic(elastic) = &node else {
        unreachable!("it was made above")
    };
    let stale: Vec<_> = shelf::documents()
        .into_iter()
        .map(super::conformance::put)
        .collect();
    elastic.push(None, &stale).await.unwrap();
    elastic.refresh().await.unwrap();
    until_alike(&app, &node, "after stale events").await;
    assert_eq!(
        contents(&node).await.unwrap(),
        before,
        "stale events changed something"
    );
    stop.cancel();
    println!(
        "{}: {} writes, {searched} searches answered, {} stale events; difference 0",
        part.name(),
        written.len(),
        written.len().div_ceil(3)
    );
}

// Faults to survive: search node down, and stale events never win
#[tokio::test(flavor = "multi_thread")]
async fn elasticsearch_killed_during_writes_converges() {
    survive(Part::Elasticsearch).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn opensearch_killed_during_writes_converges() {
    survive(Part::Opensearch).await;
}
