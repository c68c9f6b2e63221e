use chrono::Duration;
use harness::{Role, Subgraph};
use serde_json::{Value, json};

use super::{about, change, consume, deliveries, fan_out, letters, own, start, work};

async fn register(app: &Subgraph, role: Role, token: &str) -> Value {
    let input = json!({ "token": token, "platform": "ANDROID", "name": "HP Siti" });
    let selection = "device { id platform name createdAt seenAt }";
    change(&app.client(role), "pushDeviceRegister", input, selection).await
}

async fn count(app: &Subgraph, role: Role) -> usize {
    own(app, role, "pushDevices { id }").await["pushDevices"]
        .as_array()
        .unwrap()
        .len()
}

// T-NOT-C: push goes to each device.
#[tokio::test]
async fn each_device_gets_the_message() {
    let app = start().await;
    register(&app, Role::Buyer, "token-1").await;
    register(&app, Role::Buyer, "token-2").await;
    register(&app, Role::Buyer2, "token-3").await;
    consume(&app, &about("user.password_changed", Role::Buyer)).await;
    work(&app).await;
    let mut sent: Vec<_> = letters(&app, "channel address")
        .await
        .iter()
        .map(|l| format!("{} {}", l["channel"], l["address"]))
        .collect();
    sent.sort();
    assert_eq!(
        sent,
        [
            "\"EMAIL\" \"siti@example.com\"",
            "\"PUSH\" \"token-1\"",
            "\"PUSH\" \"token-2\""
        ]
    );
}

#[tokio::test]
async fn a_device_is_registered_once_and_moves_with_its_token() {
    let app = start().await;
    let first = register(&app, Role::Buyer, "token-1").await["device"].clone();
    app.clock.advance(Duration::hours(1));
    let again = register(&app, Role::Buyer, "token-1").await["device"].clone();
    assert_eq!(first["id"], again["id"]);
    assert_eq!(again["createdAt"], "2026-01-01T00:00:00+00:00");
    assert_eq!(again["seenAt"], "2026-01-01T01:00:00+00:00");
    assert_eq!(
        (
            count(&app, Role::Buyer).await,
            count(&app, Role::Buyer2).await
        ),
        (1, 0)
    );
    // Somebody else logs in on it: nothing of the first person may reach it.
    consume(&app, &about("user.password_changed", Role::Buyer)).await;
    fan_out(&app).await;
    let moved = register(&app, Role::Buyer2, "token-1").await["device"].clone();
    assert_ne!(moved["id"], first["id"]);
    assert_eq!(
        (
            count(&app, Role::Buyer).await,
            count(&app, Role::Buyer2).await
        ),
        (0, 1)
    );
    work(&app).await;
    let log = deliveries(&app, "channel status reason").await;
    let push: Vec<_> = log.iter().filter(|one| one["channel"] == "PUSH").collect();
    let expected =
        json!([{ "channel": "PUSH", "status": "CANCELLED", "reason": "the device is gone" }]);
    assert_eq!(json!(push), expected);
}

#[tokio::test]
async fn the_device_seen_longest_ago_makes_place() {
    let app = start().await;
    for number in 0..21 {
        register(&app, Role::Buyer, &format!("token-{number}")).await;
        app.clock.advance(Duration::minutes(1));
    }
    let tokens: Vec<String> = sqlx::query_scalar("select token from devices order by seen_at")
        .fetch_all(&app.db)
        .await
        .unwrap();
    assert_eq!((tokens.len(), tokens[0].as_str()), (20, "token-1"));
}

#[tokio::test]
async fn a_device_is_removed_by_its_owner_and_bad_ones_are_refused() {
    let app = start().await;
    let id = register(&app, Role::Buyer, "token-1").await["device"]["id"].clone();
    let remove = |role| {
        let (client, input) = (app.client(role), json!({ "deviceId": id }));
        async move { change(&client, "pushDeviceRemove", input, "user { id }").await }
    };
    assert_eq!(
        remove(Role::Buyer2).await["userErrors"][0]["code"],
        "NOT_FOUND"
    );
    assert_eq!(remove(Role::Buyer).await["userErrors"], json!([]));
    assert_eq!(
        remove(Role::Buyer).await["userErrors"][0]["code"],
        "NOT_FOUND"
    );
    for token in ["", "with space", "é", &"x".repeat(4_097)] {
        assert_eq!(
            register(&app, Role::Buyer, token).await["userErrors"][0]["path"],
            json!(["input", "token"])
        );
    }
    let input = json!({ "token": "t", "platform": "WEB", "name": "x".repeat(81) });
    let refused = change(
        &app.client(Role::Buyer),
        "pushDeviceRegister",
        input,
        "device { id }",
    )
    .await;
    assert_eq!(refused["userErrors"][0]["path"], json!(["input", "name"]));
}
