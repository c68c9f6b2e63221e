use harness::Subgraph;
use serde_json::Value;
use service::{Delivery, Event};

use super::world::event;

/// The golden samples of what this subgraph consumes.
const CONSUMED: [&str; 29] = [
    "product.created",
    "product.updated",
    "product.deleted",
    "product.published",
    "product.unpublished",
    "product.archived",
    "product.suspended",
    "product.reinstated",
    "product.variant_added",
    "product.variant_updated",
    "product.variant_removed",
    "product.price_changed",
    "category.created",
    "category.updated",
    "category.moved",
    "category.deleted",
    "seller.registered",
    "seller.updated",
    "seller.verification_submitted",
    "seller.verified",
    "seller.rejected",
    "seller.suspended",
    "seller.reinstated",
    "inventory.stock_changed",
    "inventory.low_stock",
    "inventory.out_of_stock",
    "inventory.restocked",
    "warehouse.created",
    "warehouse.deactivated",
];

// What the owners publish can be read
#[tokio::test]
async fn the_golden_samples_of_the_owners_are_understood() {
    let app = Subgraph::start(&search::SUBGRAPH).await;
    let all =
        CONSUMED
            .iter()
            .chain(&["warehouse.activated", "warehouse.updated", "rating.changed"]);
    for name in all {
        let file = harness::golden::events_dir().join(format!("{name}.sample.json"));
        let text = std::fs::read_to_string(&file).unwrap_or_else(|_| panic!("no sample of {name}"));
        let mut sample: Event = serde_json::from_str(&text).unwrap();
        // Samples count their ids each from the same start.
        sample.event_id = event(name, "sample", 1, Value::Null).1.event_id;
        let (topic, _) = event(name, &sample.aggregate_id, 1, Value::Null);
        let deliveries = app.deliver(&topic, &sample).await;
        assert_eq!(
            deliveries.map_err(|f| f.chain()),
            Ok(vec![Delivery::Done]),
            "{name}"
        );
    }
}
