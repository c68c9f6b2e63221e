//! Tokens, codes and addresses are nowhere but where they must be.

use harness::{
    Role,
    simulators::{Answer, Fault, Sendgrid},
    user_id,
};
use kernel::FaultKind;
use notifications::channels::{Channels, Settings};
use serde::Deserialize;
use serde_json::json;
use tower::ServiceExt as _;

use super::{about, consume, deliver_as, deliveries, event, fan_out, reachable, start, worker};

/// What must not be found.
const SECRETS: [&str; 3] = ["siti@", "token-of", "+6281234567890"];

// Providers repeat addresses in what they say, and we write down what became of messages.
#[tokio::test]
async fn no_table_but_mailbox_and_devices_holds_an_address_or_a_token() {
    let sendgrid = Sendgrid::start().await;
    let settings: Settings = serde_json::from_value(json!({ "site_url": "https://shop.pasar.test",
        "mailbox": true, "sendgrid": sendgrid.settings() }))
    .unwrap();
    let app = harness::Subgraph::with_settings(&notifications::SUBGRAPH, settings.exposed()).await;
    reachable(&app, json!({}));
    let channels = Channels::new(settings, &app.deps).unwrap();
    let device = json!({ "token": "token-of-a-device", "platform": "IOS" });
    super::change(
        &app.client(Role::Buyer),
        "pushDeviceRegister",
        device,
        "device { id }",
    )
    .await;

    let talkative = json!({ "errors": [{ "field": "siti@example.com", "message": "siti@example.com is none" }] });
    sendgrid.fail(Fault::Answer(Answer::json(400, &talkative)));
    sendgrid.fail(Fault::Answer(Answer::json(500, &talkative)));
    for purpose in ["PASSWORD_RESET", "EMAIL_VERIFICATION"] {
        let asked = json!({ "userId": user_id(Role::Buyer), "purpose": purpose,
            "verificationId": format!("verification_{:0>26}", purpose.len()) });
        consume(&app, &event("user.verification_requested", asked)).await;
    }
    consume(&app, &about("user.password_changed", Role::Buyer)).await;
    fan_out(&app).await;
    deliver_as(&worker(&app), &channels).await.unwrap();
    let now = app.clock.now();
    let mut bounce = sendgrid.event(sendgrid.received().last().unwrap(), "bounce", now);
    bounce["reason"] = json!("550 5.1.1 siti@example.com is unknown");
    let callback = sendgrid.callback(&[bounce], now);
    app.routes().oneshot(callback.request()).await.unwrap();

    let log = deliveries(&app, "status channel").await;
    for status in ["FAILED", "QUEUED", "SENT"] {
        assert!(
            log.iter().any(|one| one["status"] == status),
            "{status}: {log:?}"
        );
    }
    let tables: Vec<String> = sqlx::query_scalar(
        "select table_name::text from information_schema.tables where table_schema = 'public'",
    )
    .fetch_all(&app.db)
    .await
    .unwrap();
    assert!(tables.len() > 10, "{tables:?}");
    for table in tables {
        let rows = format!("select coalesce(string_agg(t::text, ''), '') from {table} t");
        let text: String = sqlx::query_scalar(sqlx::AssertSqlSafe(rows))
            .fetch_one(&app.db)
            .await
            .unwrap();
        let found = SECRETS.iter().any(|secret| text.contains(secret));
        let may = ["mailbox", "devices"].contains(&table.as_str());
        assert_eq!(found, may, "{table}: {text}");
    }
}

// Faults are logged, and kept with announcements and dead letters.
#[tokio::test]
async fn a_fault_does_not_repeat_what_another_subgraph_answered() {
    #[derive(Debug, Deserialize)]
    struct Shape {
        #[expect(dead_code, reason = "only its type matters")]
        email: bool,
    }
    let app = start().await;
    app.peers
        .answer("identity", json!({ "email": "siti@example.com" }));
    let ctx = worker(&app);
    let peers = &ctx.peers;
    let answer = peers
        .call::<Shape>(&ctx, "identity", "{ email }", json!({}))
        .await;
    let fault = answer.unwrap_err();
    assert_eq!(fault.kind(), FaultKind::Unavailable);
    let chain = fault.chain();
    assert!(
        chain.contains("identity") && !chain.contains("siti@"),
        "{chain}"
    );
}
