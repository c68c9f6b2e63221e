//! The owners of what search keeps a copy of, answering its internal questions.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, OnceLock},
};

use futures_util::FutureExt as _;
use harness::Subgraph;
use kernel::GraphqlCall;
use serde_json::{Value, json};
use service::{Execute, Peers};

use super::world::{ground, life, product_id, shelf, snapshot};

/// The subgraphs that are asked.
const PEERS: [&str; 4] = ["catalog", "sellers", "inventory", "reviews"];

/// One thing as its owner has it: id, version, payload.
pub(crate) type Snapshot = (String, i32, Value);

/// Of each internal operation what it tells.
type Things = Vec<(&'static str, Vec<Snapshot>)>;

/// What the owners have, by field of their internal operations.
#[derive(Clone, Default)]
pub(crate) struct Owners(Arc<Mutex<Things>>);

impl Owners {
    /// The owners of everything that [`open`] tells.
    pub(crate) fn new() -> Self {
        let owners = Self::default();
        let mut stock = Vec::new();
        let (mut products, mut ratings) = (Vec::new(), Vec::new());
        for goods in shelf() {
            let events = life(&goods);
            let of = |at: usize| events[at].1.clone();
            let mut product = snapshot(&goods, "ACTIVE");
            product["createdAt"] = json!("2026-01-01T00:01:00Z");
            products.push((product_id(goods.number), 2, product));
            let mut level = of(3).payload;
            level["isWarehouseActive"] = json!(true);
            level["warehouseVersion"] = json!(1);
            stock.push((of(3).aggregate_id, 2, level));
            ratings.extend(
                events
                    .get(4)
                    .map(|(_, event)| (event.aggregate_id.clone(), 1, event.payload.clone())),
            );
        }
        let ground = ground();
        let of = |topic: &str| -> Vec<Snapshot> {
            let events = ground.iter().filter(|(of, _)| of == topic);
            let things = events.map(|(_, event)| {
                let mut payload = event.payload.clone();
                if topic == "sellers.seller" {
                    payload["status"] = json!("UNVERIFIED");
                }
                (event.aggregate_id.clone(), event.version, payload)
            });
            things.collect()
        };
        let all = [
            ("categorySnapshots", of("catalog.category")),
            ("sellerSnapshots", of("sellers.seller")),
            ("productSnapshots", products),
            ("availabilitySnapshots", stock),
            ("ratingSnapshots", ratings),
        ];
        owners.0.lock().unwrap().extend(all);
        owners
    }

    pub(crate) fn change(&self, field: &str, change: impl FnOnce(&mut Vec<Snapshot>)) {
        let mut all = self.0.lock().unwrap();
        change(&mut all.iter_mut().find(|(name, _)| *name == field).unwrap().1);
    }

    fn answer(&self, call: &GraphqlCall) -> Value {
        let all = self.0.lock().unwrap();
        let (_, things) = all
            .iter()
            .find(|(field, _)| call.query.contains(field))
            .unwrap();
        let mut things = things.clone();
        things.sort_by(|one, other| one.0.cmp(&other.0));
        let after = call.variables["after"].as_str().unwrap_or_default();
        let first = usize::try_from(call.variables["first"].as_u64().unwrap()).unwrap();
        let page = things
            .into_iter()
            .filter(|(id, ..)| id.as_str() > after)
            .take(first);
        let page: Vec<Value> = page
            .map(|(id, version, payload)| json!({ "id": id, "version": version, "payload": payload.to_string() }))
            .collect();
        json!({ "snapshots": page })
    }

    /// The owners as a subgraph calls them that no harness has started.
    pub(crate) fn peers(&self) -> Peers {
        let execute = || -> Execute {
            let owners = self.clone();
            Arc::new(move |call| {
                let answer = json!({ "data": owners.answer(&call) }).to_string();
                async move { Ok(answer.into()) }.boxed()
            })
        };
        let all = PEERS.map(|name| (name.to_owned(), execute()));
        Peers::new("search", Arc::new(OnceLock::from(HashMap::from(all))))
    }

    pub(crate) fn serve(&self, app: &Subgraph) {
        for peer in PEERS {
            let owners = self.clone();
            app.peers.answer_with(peer, move |call| owners.answer(call));
        }
    }
}
