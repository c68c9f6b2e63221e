use chrono::{DateTime, Duration, Utc};
use harness::{Role, Subgraph, user_id};
use kernel::{DeliveryId, Named as _};
use notifications::{
    channels::{Channels, Settings},
    commands,
    domain::{DeliveryStatus, Queue, delivery::MAX_ATTEMPTS, retry_at},
};
use serde_json::{Value, json};

use super::{
    about, channels, consume, deliver, deliver_as, deliveries, fan_out, letters, reachable, start,
    work, worker,
};

/// From now on (or not any more) the mailbox cannot be written, as if a provider were down.
async fn provider_is_down(app: &Subgraph, is_down: bool) {
    let (from, to) = if is_down {
        ("mailbox", "away")
    } else {
        ("away", "mailbox")
    };
    sqlx::query(sqlx::AssertSqlSafe(format!(
        "alter table {from} rename to {to}"
    )))
    .execute(&app.db)
    .await
    .unwrap();
}

/// One welcome, on its way to the buyer.
pub(crate) async fn welcome(app: &Subgraph) {
    consume(app, &about("user.registered", Role::Buyer)).await;
    fan_out(app).await;
}

pub(crate) async fn events(app: &Subgraph) -> Vec<String> {
    let all = app.outbox().await;
    all.iter()
        .map(|event| event["eventType"].as_str().unwrap().to_owned())
        .collect()
}

// T-NOT-Q, L-NOT-V
#[tokio::test]
async fn a_message_that_is_taken_is_in_the_log_and_published() {
    let app = start().await;
    welcome(&app).await;
    deliver(&app).await;
    let all = "type channel status attempts nextAttemptAt provider providerId reason createdAt sentAt user { id }";
    let log = deliveries(&app, all).await;
    assert_eq!(
        json!(log),
        json!([{
            "type": "WELCOME", "channel": "EMAIL", "status": "SENT", "attempts": 1, "nextAttemptAt": null,
            "provider": "mailbox", "providerId": "delivery_00000000000000000000000003", "reason": null,
            "createdAt": "2026-01-01T00:00:00+00:00", "sentAt": "2026-01-01T00:00:00+00:00",
            "user": { "id": user_id(Role::Buyer) },
        }])
    );
    assert_eq!(deliver(&app).await, 0);
    app.assert_golden_events().await;
    assert_eq!(events(&app).await, ["notification.sent"]);
}

#[tokio::test]
async fn a_channel_without_provider_and_mailbox_refuses_and_that_is_final() {
    let app = start().await;
    welcome(&app).await;
    let settings = Settings {
        mailbox: false,
        ..Settings::default()
    };
    let channels = Channels::new(settings, &app.deps).unwrap();
    deliver_as(&worker(&app), &channels).await.unwrap();
    let log = deliveries(&app, "status attempts nextAttemptAt reason").await;
    let expected = json!([{ "status": "FAILED", "attempts": 1, "nextAttemptAt": null,
        "reason": "the channel has no provider" }]);
    assert_eq!(json!(log), expected);
    app.assert_golden_events().await;
    assert_eq!(events(&app).await, ["notification.failed"]);
}

// Retries: the wait grows fourfold, is never the whole nor less than half, ends at an hour; then it is given up.
#[tokio::test]
async fn a_provider_that_is_down_is_tried_again_and_then_given_up() {
    let app = start().await;
    welcome(&app).await;
    provider_is_down(&app, true).await;
    let mut waits = Vec::new();
    for attempt in 1..=MAX_ATTEMPTS {
        assert_eq!(deliver(&app).await, 1, "attempt {attempt}");
        assert_eq!(deliver(&app).await, 0, "not before its time");
        let log = deliveries(&app, "status attempts nextAttemptAt").await;
        assert_eq!(log[0]["attempts"], attempt);
        let Some(next) = log[0]["nextAttemptAt"].as_str() else {
            break;
        };
        assert_eq!(log[0]["status"], "QUEUED");
        let next: DateTime<Utc> = next.parse().unwrap();
        let wait = next - app.clock.now();
        let full = Duration::milliseconds((4_000 << (2 * (attempt - 1))).min(3_600_000));
        assert!(
            wait >= full / 2 && wait < full,
            "attempt {attempt}: {wait} of {full}"
        );
        waits.push(wait);
        app.clock.advance(wait);
    }
    assert_eq!(waits.len(), 7);
    let log = deliveries(&app, "status nextAttemptAt reason").await;
    assert_eq!(
        (&log[0]["status"], &log[0]["nextAttemptAt"]),
        (&json!("FAILED"), &Value::Null)
    );
    let failed: Vec<_> = app
        .outbox()
        .await
        .iter()
        .map(|e| json!([e["eventType"], e["payload"]["cause"]]))
        .collect();
    assert_eq!(failed, [json!(["notification.failed", "ATTEMPTS"])]);
}

#[tokio::test]
async fn a_provider_that_comes_back_gets_the_message() {
    let app = start().await;
    welcome(&app).await;
    provider_is_down(&app, true).await;
    deliver(&app).await;
    provider_is_down(&app, false).await;
    app.clock.advance(Duration::seconds(30));
    deliver(&app).await;
    let log = deliveries(&app, "status attempts reason").await;
    assert_eq!(
        json!(log),
        json!([{ "status": "SENT", "attempts": 2, "reason": null }])
    );
    assert_eq!(letters(&app, "subject").await.len(), 1);
}

// What failed together is not tried again together.
#[test]
fn the_waits_of_many_messages_are_spread() {
    let now: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().unwrap();
    let id = |number: u128| {
        DeliveryId::from_uuid(uuid::Uuid::from_u128(
            0x0199_0000_0000_7000_8000_0000_0000_0000 + number,
        ))
    };
    let mut waits: Vec<_> = (0..1_000)
        .map(|n| (retry_at(id(n), 1, now).unwrap() - now).num_milliseconds() / 100)
        .collect();
    assert!(waits.iter().all(|tenths| (20..40).contains(tenths)));
    waits.sort_unstable();
    waits.dedup();
    assert_eq!(waits.len(), 20, "{waits:?}");
    assert_eq!(retry_at(id(1), MAX_ATTEMPTS, now), None);
}

// A worker that dies between sending and writing it down: the message leaves again with the same id, which
// the mailbox recognises.
#[tokio::test]
async fn a_worker_that_dies_after_sending_leaves_the_message_to_the_next_one() {
    let app = start().await;
    welcome(&app).await;
    sqlx::query(
        "create function refuse() returns trigger language plpgsql as $$ begin raise exception 'dead'; end $$",
    )
    .execute(&app.db)
    .await
    .unwrap();
    sqlx::query("create trigger refuse before insert on outbox execute function refuse()")
        .execute(&app.db)
        .await
        .unwrap();
    deliver_as(&worker(&app), &channels(&app))
        .await
        .unwrap_err();
    assert_eq!(letters(&app, "id").await.len(), 1, "it has left");
    assert_eq!(deliveries(&app, "status").await[0]["status"], "QUEUED");
    sqlx::query("drop trigger refuse on outbox")
        .execute(&app.db)
        .await
        .unwrap();
    assert_eq!(deliver(&app).await, 0, "its lease has not ended");
    app.clock.advance(Duration::seconds(15));
    assert_eq!(deliver(&app).await, 1);
    assert_eq!(letters(&app, "id").await.len(), 1);
    assert_eq!(events(&app).await, ["notification.sent"]);
}

#[tokio::test]
async fn while_identity_is_away_nothing_is_sent_and_no_attempt_counts() {
    let app = start().await;
    welcome(&app).await;
    app.peers.fail("identity");
    for _ in 0..20 {
        assert_eq!(deliver(&app).await, 1);
        app.clock.advance(Duration::seconds(15));
    }
    reachable(&app, json!({}));
    deliver(&app).await;
    let log = deliveries(&app, "status attempts").await;
    assert_eq!(json!(log), json!([{ "status": "SENT", "attempts": 1 }]));
}

// Where messages go and where they must not go.
#[tokio::test]
async fn only_confirmed_addresses_get_what_can_wait() {
    let sms =
        json!({ "switches": [{ "type": "SECURITY_ALERT", "channel": "SMS", "isEnabled": true }] });
    for (contact, password, review, number) in [
        (json!({}), "SENT", "SENT", "SENT"),
        (
            json!({ "isEmailVerified": false }),
            "SENT",
            "CANCELLED",
            "SENT",
        ),
        (
            json!({ "isPhoneVerified": false }),
            "SENT",
            "SENT",
            "CANCELLED",
        ),
        (json!({ "phone": null }), "SENT", "SENT", "CANCELLED"),
    ] {
        let app = start().await;
        reachable(&app, contact.clone());
        super::shop_of(&app, &[(Role::Buyer, "OWNER")]);
        let product = super::product(&app).await;
        super::change(
            &app.client(Role::Buyer),
            "notificationPreferencesUpdate",
            sms.clone(),
            "user { id }",
        )
        .await;
        consume(&app, &about("user.password_changed", Role::Buyer)).await;
        consume(
            &app,
            &super::event("inventory.low_stock", json!({ "productId": product })),
        )
        .await;
        work(&app).await;
        let log = deliveries(&app, "type channel status").await;
        let status = |kind: &str, channel: &str| {
            let found = log
                .iter()
                .find(|one| one["type"] == kind && one["channel"] == channel);
            found.unwrap_or_else(|| panic!("{kind} {channel}: {log:?}"))["status"].clone()
        };
        assert_eq!(status("SECURITY_ALERT", "EMAIL"), password, "{contact}");
        assert_eq!(status("LOW_STOCK", "EMAIL"), review, "{contact}");
        assert_eq!(status("SECURITY_ALERT", "SMS"), number, "{contact}");
    }
}

#[tokio::test]
async fn somebody_whom_identity_does_not_know_gets_nothing() {
    let app = start().await;
    welcome(&app).await;
    app.peers
        .answer("identity", json!({ "userContacts": [null] }));
    deliver(&app).await;
    let log = deliveries(&app, "status reason").await;
    assert_eq!(
        json!(log),
        json!([{ "status": "CANCELLED", "reason": "the account is closed or gone" }])
    );
}

// user.deleted may come while a message is being written.
#[tokio::test]
async fn nothing_is_kept_of_a_message_to_somebody_who_has_just_been_erased() {
    let app = start().await;
    welcome(&app).await;
    let taken = commands::take_due(&worker(&app), &channels(&app), Queue::Ordinary, 8).await;
    let taken = taken.unwrap();
    assert_eq!(taken.len(), 1);
    consume(&app, &about("user.deleted", Role::Buyer)).await;
    for sending in taken {
        sending.await.unwrap();
    }
    assert_eq!(letters(&app, "id").await, Vec::<Value>::new());
}

#[tokio::test]
async fn the_log_is_filtered_and_paged() {
    let app = start().await;
    for role in [Role::Buyer, Role::Buyer2, Role::Seller] {
        consume(&app, &about("user.registered", role)).await;
        consume(&app, &about("user.password_changed", role)).await;
    }
    fan_out(&app).await;
    let list = |arguments: String| {
        let query = format!(
            "{{ notificationDeliveries({arguments}) {{ nodes {{ type status user {{ id }} }} pageInfo {{ hasNextPage endCursor }} }} }}"
        );
        let client = app.client(Role::Admin);
        async move { client.run(&query, json!({})).await["data"]["notificationDeliveries"].clone() }
    };
    let first = list("first: 4".to_owned()).await;
    assert_eq!(first["nodes"].as_array().unwrap().len(), 4);
    let cursor = first["pageInfo"]["endCursor"].as_str().unwrap();
    let second = list(format!("first: 4, after: \"{cursor}\"")).await;
    assert_eq!(second["nodes"].as_array().unwrap().len(), 2);
    assert_eq!(second["pageInfo"]["hasNextPage"], false);
    let buyer = user_id(Role::Buyer);
    for (filter, count) in [
        (format!("userId: \"{buyer}\""), 2),
        ("type: WELCOME".to_owned(), 3),
        ("channel: SMS".to_owned(), 0),
        ("status: QUEUED".to_owned(), 6),
        (
            format!("status: QUEUED, type: WELCOME, channel: EMAIL, userId: \"{buyer}\""),
            1,
        ),
    ] {
        let found = list(format!("where: {{ {filter} }}")).await;
        assert_eq!(found["nodes"].as_array().unwrap().len(), count, "{filter}");
    }
    for status in DeliveryStatus::all() {
        let found = list(format!("where: {{ status: {} }}", status.name())).await;
        assert!(found["nodes"].is_array(), "{status:?}");
    }
}
