//! Random steps against a model that was written apart from the code.

use std::collections::HashMap;

use harness::{Client, Role, Subgraph};
use kernel::VariantId;
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::{Value, json};

use super::{change, code, level, shop, start, variant, warehouse};

#[derive(Debug, Clone)]
enum Step {
    Set {
        place: usize,
        quantity: i32,
        from_reading: bool,
    },
    Adjust {
        place: usize,
        delta: i32,
    },
    Transfer {
        from: usize,
        to: usize,
        quantity: i32,
    },
    Threshold {
        place: usize,
        threshold: i32,
    },
    Acknowledge {
        place: usize,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let place = 0..3_usize;
    prop_oneof![
        2 => (place.clone(), 0..30, prop::bool::weighted(0.8)).prop_map(
            |(place, quantity, from_reading)| Step::Set { place, quantity, from_reading }
        ),
        5 => (place.clone(), -12..12).prop_map(|(place, delta)| Step::Adjust { place, delta }),
        3 => (place.clone(), place.clone(), 1..15).prop_map(
            |(from, to, quantity)| Step::Transfer { from, to, quantity }
        ),
        1 => (place.clone(), 0..12).prop_map(
            |(place, threshold)| Step::Threshold { place, threshold }
        ),
        1 => place.prop_map(|place| Step::Acknowledge { place }),
    ]
}

/// What is known of one level.
#[derive(Debug, Clone)]
struct Level {
    quantity: i32,
    threshold: i32,
    deltas: Vec<i32>,
    /// Oldest first: type and status.
    alerts: Vec<(&'static str, &'static str)>,
    events: i32,
}

impl Level {
    fn new() -> Self {
        Self {
            quantity: 0,
            threshold: 5,
            deltas: Vec::new(),
            alerts: Vec::new(),
            events: 0,
        }
    }

    fn shift(&mut self, delta: i32) {
        let is_restocked = !self.deltas.is_empty() && self.quantity == 0 && delta > 0;
        self.quantity += delta;
        self.deltas.push(delta);
        self.events += 1 + i32::from(is_restocked);
        self.look();
    }

    /// Says what has to be said about the quantity.
    fn look(&mut self) {
        let wanted = match self.quantity {
            0 => Some("OUT_OF_STOCK"),
            low if low <= self.threshold => Some("LOW_STOCK"),
            _ => None,
        };
        let standing = self
            .alerts
            .last_mut()
            .filter(|(_, status)| *status != "RESOLVED");
        if standing.as_ref().map(|(kind, _)| *kind) == wanted {
            return;
        }
        if let Some((_, status)) = standing {
            *status = "RESOLVED";
        }
        if let Some(kind) = wanted {
            self.alerts.push((kind, "OPEN"));
            self.events += 1;
        }
    }
}

/// Applies a step; gives what the caller must be told.
fn expect(levels: &mut [Option<Level>; 3], step: &Step) -> &'static str {
    match *step {
        Step::Set {
            place,
            quantity,
            from_reading,
        } => {
            if !from_reading {
                return "QUANTITY_CHANGED";
            }
            let is_new = levels[place].is_none();
            let level = levels[place].get_or_insert_with(Level::new);
            if is_new || level.quantity != quantity {
                level.shift(quantity - level.quantity);
            }
            "ok"
        }
        Step::Adjust { place, delta } => match &mut levels[place] {
            _ if delta == 0 => "INVALID_VALUE",
            None => "NOT_FOUND",
            Some(level) if level.quantity + delta < 0 => "INSUFFICIENT_STOCK",
            Some(level) => {
                level.shift(delta);
                "ok"
            }
        },
        Step::Transfer { from, to, quantity } => match &mut levels[from] {
            _ if from == to => "INVALID_VALUE",
            None => "NOT_FOUND",
            Some(level) if level.quantity < quantity => "INSUFFICIENT_STOCK",
            Some(level) => {
                level.shift(-quantity);
                levels[to].get_or_insert_with(Level::new).shift(quantity);
                "ok"
            }
        },
        Step::Threshold { place, threshold } => {
            let Some(level) = &mut levels[place] else {
                return "NOT_FOUND";
            };
            level.threshold = threshold;
            level.events += 1;
            level.look();
            "ok"
        }
        Step::Acknowledge { place } => {
            let alert = levels[place].as_mut().and_then(|level| {
                let is_open = level.alerts.last()?.1 == "OPEN";
                level.events += i32::from(is_open);
                level.alerts.last_mut()
            });
            match alert {
                None => "NOT_FOUND",
                Some((_, "RESOLVED")) => "INVALID_STATE",
                Some((_, status)) => {
                    *status = "ACKNOWLEDGED";
                    "ok"
                }
            }
        }
    }
}

struct World {
    app: Subgraph,
    owner: Client,
    places: Vec<String>,
}

impl World {
    /// Does a step for real.
    async fn act(
        &self,
        of: VariantId,
        levels: &[Option<Level>; 3],
        step: &Step,
        key: &str,
    ) -> Value {
        let place = |index: usize| json!(self.places[index]);
        let (field, input) = match *step {
            Step::Set {
                place: index,
                quantity,
                from_reading,
            } => {
                let read = levels[index].as_ref().map(|level| level.quantity);
                let expected = if from_reading {
                    read
                } else {
                    Some(read.unwrap_or(0) + 1)
                };
                (
                    "stockSet",
                    json!({ "variantId": of, "warehouseId": place(index), "quantity": quantity,
                            "expectedQuantity": expected, "idempotencyKey": key }),
                )
            }
            Step::Adjust {
                place: index,
                delta,
            } => (
                "stockAdjust",
                json!({ "variantId": of, "warehouseId": place(index), "delta": delta,
                        "reason": "CORRECTION", "idempotencyKey": key }),
            ),
            Step::Transfer { from, to, quantity } => (
                "stockTransfer",
                json!({ "variantId": of, "fromWarehouseId": place(from), "toWarehouseId": place(to),
                        "quantity": quantity, "idempotencyKey": key }),
            ),
            Step::Threshold {
                place: index,
                threshold,
            } => (
                "stockThresholdSet",
                json!({ "variantId": of, "warehouseId": place(index), "lowStockThreshold": threshold,
                        "expectedVersion": levels[index].as_ref().map_or(0, |level| level.events) }),
            ),
            Step::Acknowledge { place: index } => {
                let alerts = self.alerts(of).await;
                let newest = alerts.get(&index).and_then(|alerts| alerts.last());
                let unknown = "alert_7zzzzzzzzzzzzzzzzzzzzzzzzz".to_owned();
                let id = newest.map_or(unknown, |(id, ..)| id.clone());
                ("stockAlertAcknowledge", json!({ "alertId": id }))
            }
        };
        change(&self.owner, field, input).await
    }

    /// Id, type and status of the alerts about a variant by place, oldest first.
    async fn alerts(&self, of: VariantId) -> HashMap<usize, Vec<(String, String, String)>> {
        let rows: Vec<(uuid::Uuid, uuid::Uuid, String, String)> = sqlx::query_as(
            "select a.id, l.warehouse_id, a.kind, a.status from stock_alerts a \
             join stock_levels l on l.id = a.stock_level_id where l.variant_id = $1 order by a.id",
        )
        .bind(of.uuid())
        .fetch_all(&self.app.db)
        .await
        .unwrap();
        let mut by_place: HashMap<usize, Vec<_>> = HashMap::new();
        for (id, place, kind, status) in rows {
            let place = kernel::WarehouseId::from_uuid(place).to_string();
            let index = self
                .places
                .iter()
                .position(|known| *known == place)
                .unwrap();
            let id = kernel::InventoryAlertId::from_uuid(id).to_string();
            by_place.entry(index).or_default().push((id, kind, status));
        }
        by_place
    }

    /// Compares everything that is kept with the model.
    async fn compare(&self, of: VariantId, levels: &[Option<Level>; 3]) {
        let alerts = self.alerts(of).await;
        for (index, model) in levels.iter().enumerate() {
            let found = level(&self.app, of, &self.places[index]).await;
            let Some(model) = model else {
                assert_eq!(found, Value::Null);
                continue;
            };
            assert_eq!(found["quantity"], model.quantity);
            assert_eq!(found["version"], model.events, "one version for each event");
            let movements = found["movements"]["nodes"].as_array().unwrap();
            let mut sum = 0;
            for (number, movement) in movements.iter().rev().enumerate() {
                sum += movement["delta"].as_i64().unwrap();
                assert_eq!(movement["seq"], number + 1);
                assert_eq!(movement["delta"], model.deltas[number]);
                assert_eq!(movement["resultingQuantity"], sum);
            }
            assert_eq!(movements.len(), model.deltas.len());
            assert_eq!(sum, i64::from(model.quantity), "Σ movements = quantity");
            let said: Vec<_> = alerts
                .get(&index)
                .into_iter()
                .flatten()
                .map(|(_, kind, status)| (kind.as_str(), status.as_str()))
                .collect();
            assert_eq!(said, model.alerts);
        }
    }
}

// correctness.md 5.1: invariants hold for any interleaving of steps
#[test]
fn any_sequence_of_changes_keeps_ledger_quantities_and_alerts_as_the_model_says() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _guard = runtime.enter();
    let world = runtime.block_on(async {
        let app = start().await;
        let mut places = Vec::new();
        for code in ["PKL-1", "PKL-2", "PKL-3"] {
            places.push(warehouse(&app, code).await);
        }
        World {
            owner: app.client(Role::Seller),
            app,
            places,
        }
    });
    let cases = std::cell::Cell::new(0_u128);
    let config = Config {
        cases: 24,
        max_shrink_iters: 200,
        failure_persistence: None,
        ..Config::default()
    };
    let outcome = TestRunner::new(config).run(&prop::collection::vec(step(), 1..40), |steps| {
        // Each case has a variant of its own, so that they share a database.
        let case = cases.replace(cases.get() + 1);
        runtime.block_on(async {
            let (of, mut levels) = (variant(case % 1_000), [const { None }; 3]);
            for (number, step) in steps.iter().enumerate() {
                let reply = world
                    .act(of, &levels, step, &format!("{case}-{number}"))
                    .await;
                let expected = expect(&mut levels, step);
                assert_eq!(code(&reply), expected, "step {number} {step:?}: {reply}");
            }
            world.compare(of, &levels).await;
        });
        Ok(())
    });
    outcome.unwrap();
    runtime.block_on(async {
        let query = "query($seller: ID!) { stockReconcile(sellerId: $seller) { differences { __typename } } }";
        let reply = world.owner.run(query, json!({ "seller": shop() })).await;
        assert_eq!(reply["data"]["stockReconcile"]["differences"], json!([]));
        let negative: i64 = sqlx::query_scalar(
            "select count(*) from stock_movements where resulting_quantity < 0",
        )
        .fetch_one(&world.app.db)
        .await
        .unwrap();
        assert_eq!(negative, 0);
    });
}
