use harness::Role;
use serde_json::{Value, json};

use super::{change, product, start, stock, variant, warehouse};

// T-SRC-4
#[tokio::test]
async fn stock_can_be_read_in_pages_as_its_events_tell_it() {
    let app = start().await;
    let places = [
        warehouse(&app, "PKL-1").await,
        warehouse(&app, "PKL-2").await,
    ];
    stock(&app, variant(0), &places[0], 30).await;
    stock(&app, variant(1), &places[1], 0).await;
    stock(&app, variant(2), &places[1], 7).await;
    let close = json!({ "warehouseId": places[1], "expectedVersion": 1 });
    change(&app.client(Role::Seller), "warehouseDeactivate", close).await;

    let query = "query($after: ID) { availabilitySnapshots(after: $after, first: 2) { id version payload } }";
    let service = app.client(Role::Service);
    let (reply, statements) = app.statements(service.run(query, json!({}))).await;
    assert_eq!(statements, 1);
    let mut found = reply["data"]["availabilitySnapshots"]
        .as_array()
        .unwrap()
        .clone();
    assert_eq!(found.len(), 2);
    let rest = service.run(query, json!({ "after": found[1]["id"] })).await;
    found.extend(
        rest["data"]["availabilitySnapshots"]
            .as_array()
            .unwrap()
            .clone(),
    );
    assert_eq!(found.len(), 3);
    let end = service.run(query, json!({ "after": found[2]["id"] })).await;
    assert_eq!(end["data"]["availabilitySnapshots"], json!([]));

    let events = app.outbox().await;
    for item in &found {
        let payload: Value = serde_json::from_str(item["payload"].as_str().unwrap()).unwrap();
        let last = events
            .iter()
            .rfind(|event| event["aggregateId"] == item["id"])
            .unwrap();
        assert_eq!(item["version"], last["version"]);
        let is_closed = payload["warehouseId"] == json!(places[1]);
        for (name, value) in payload.as_object().unwrap() {
            match name.as_str() {
                "isWarehouseActive" => assert_eq!(*value, json!(!is_closed)),
                "warehouseVersion" => assert_eq!(*value, json!(if is_closed { 2 } else { 1 })),
                _ => assert_eq!(*value, last["payload"][name], "{name}"),
            }
        }
    }
    let first: Value = serde_json::from_str(found[0]["payload"].as_str().unwrap()).unwrap();
    assert_eq!(
        (&first["productId"], &first["quantity"]),
        (&json!(product(0)), &json!(30))
    );
}
