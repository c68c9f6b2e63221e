use chrono::Duration;
use harness::Subgraph;
use kernel::DeliveryId;
use notifications::{
    channels::{ReportedStatus, StatusReport},
    commands::{self, Heard},
    domain::Queue,
};
use serde_json::json;

use super::{
    channels, deliver,
    deliveries::{events, welcome},
    start, worker,
};

async fn report(
    app: &Subgraph,
    id: Option<DeliveryId>,
    provider_id: &str,
    status: ReportedStatus,
) -> bool {
    heard(app, id, provider_id, status).await == Heard::Recorded
}

async fn heard(
    app: &Subgraph,
    id: Option<DeliveryId>,
    provider_id: &str,
    status: ReportedStatus,
) -> Heard {
    let report = StatusReport {
        provider: "mailbox",
        delivery_id: id,
        provider_id: provider_id.to_owned(),
        status,
        at: app.clock.now(),
    };
    commands::record_status(&worker(app), report).await.unwrap()
}

fn bounced() -> ReportedStatus {
    ReportedStatus::Failed {
        reason: "no such box".to_owned(),
    }
}

// T-NOT-Q: reports come twice, late and in any order.
#[tokio::test]
async fn reports_of_the_provider_move_a_delivery_forward_only() {
    use ReportedStatus::{Delivered, Read};
    for (reports, expected, published) in [
        (
            vec![Delivered, Delivered, Read],
            "READ",
            vec!["notification.sent"],
        ),
        (
            vec![Read, Delivered, bounced()],
            "READ",
            vec!["notification.sent"],
        ),
        (
            vec![bounced(), Delivered],
            "FAILED",
            vec!["notification.sent", "notification.failed"],
        ),
        (
            vec![Delivered, bounced()],
            "FAILED",
            vec!["notification.sent", "notification.failed"],
        ),
    ] {
        let app = start().await;
        welcome(&app).await;
        deliver(&app).await;
        let log = super::deliveries(&app, "providerId").await;
        let provider_id = log[0]["providerId"].as_str().unwrap();
        for status in reports.clone() {
            assert!(report(&app, None, provider_id, status).await);
        }
        assert_eq!(
            super::deliveries(&app, "status").await[0]["status"],
            expected,
            "{reports:?}"
        );
        assert_eq!(events(&app).await, published, "{reports:?}");
        let versions: Vec<_> = app
            .outbox()
            .await
            .iter()
            .map(|event| event["version"].clone())
            .collect();
        assert_eq!(versions, (1..=published.len()).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn a_report_that_is_faster_than_the_answer_is_not_lost() {
    let app = start().await;
    welcome(&app).await;
    let log = super::deliveries(&app, "id").await;
    let id: DeliveryId = log[0]["id"].as_str().unwrap().parse().unwrap();
    assert!(
        !report(&app, None, "theirs", ReportedStatus::Delivered).await,
        "unknown yet"
    );
    assert!(report(&app, Some(id), "theirs", ReportedStatus::Delivered).await);
    assert_eq!(deliver(&app).await, 0, "it need not be sent again");
    let log = super::deliveries(&app, "status provider providerId").await;
    assert_eq!(
        json!(log),
        json!([{ "status": "DELIVERED", "provider": "mailbox", "providerId": "theirs" }])
    );
    assert_eq!(events(&app).await, ["notification.sent"]);
    assert!(!report(&app, None, "strange", ReportedStatus::Delivered).await);
}

// The answer to the first attempt was lost, so that the message was sent twice.
#[tokio::test]
async fn a_failure_of_another_attempt_does_not_undo_the_one_that_was_taken() {
    let app = start().await;
    welcome(&app).await;
    let log = super::deliveries(&app, "id").await;
    let id: DeliveryId = log[0]["id"].as_str().unwrap().parse().unwrap();
    assert!(report(&app, Some(id), "second", ReportedStatus::Delivered).await);
    assert!(report(&app, Some(id), "first", bounced()).await);
    let log = super::deliveries(&app, "status providerId reason").await;
    let expected = json!([{ "status": "DELIVERED", "providerId": "second", "reason": null }]);
    assert_eq!(json!(log), expected);
    for unnamed in ["", "second"] {
        let app = start().await;
        welcome(&app).await;
        assert!(report(&app, Some(id), "second", ReportedStatus::Delivered).await);
        assert!(report(&app, Some(id), unnamed, bounced()).await);
        let log = super::deliveries(&app, "status").await;
        assert_eq!(log[0]["status"], "FAILED", "{unnamed}");
    }
}

/// Takes the message that is due into a worker's hands.
async fn take(app: &Subgraph) -> commands::Sending {
    let taken = commands::take_due(&worker(app), &channels(app), Queue::Ordinary, 1).await;
    taken.unwrap().pop().unwrap()
}

// … which cannot be told while the other one is under way: the provider is to say it again.
#[tokio::test]
async fn a_failure_that_may_be_of_another_attempt_waits_for_the_answer_to_this_one() {
    for (name, expected) in [("first", "SENT"), ("second", "FAILED")] {
        let app = start().await;
        welcome(&app).await;
        let log = super::deliveries(&app, "id").await;
        let id: DeliveryId = log[0]["id"].as_str().unwrap().parse().unwrap();
        // A worker that dies with the message in its hands, and the one that takes over.
        drop(take(&app).await);
        app.clock.advance(Duration::seconds(60));
        let sending = take(&app).await;
        let early = heard(&app, Some(id), name, bounced()).await;
        assert_eq!(early, Heard::TooEarly, "{name}");
        let log = super::deliveries(&app, "status attempts reason").await;
        let untouched = json!([{ "status": "QUEUED", "attempts": 2, "reason": null }]);
        assert_eq!(json!(log), untouched, "{name}");
        assert_eq!(events(&app).await, [""; 0], "{name}");
        sending.await.unwrap();
        // As if that was what the answer called the message.
        sqlx::query("update deliveries set provider_id = 'second'")
            .execute(&app.db)
            .await
            .unwrap();
        assert!(report(&app, Some(id), name, bounced()).await);
        let log = super::deliveries(&app, "status").await;
        assert_eq!(log[0]["status"], expected, "{name}");
    }
    // Of the only attempt there has been, it is believed at once.
    let app = start().await;
    welcome(&app).await;
    let log = super::deliveries(&app, "id").await;
    let id: DeliveryId = log[0]["id"].as_str().unwrap().parse().unwrap();
    drop(take(&app).await);
    assert!(report(&app, Some(id), "first", bounced()).await);
    let log = super::deliveries(&app, "status").await;
    assert_eq!(log[0]["status"], "FAILED");
}
