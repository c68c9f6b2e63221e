//! Callbacks: whose are believed, what each says, and that their order and number do not matter.

mod sendgrid;
mod twilio;
mod whatsapp;

use harness::{
    Role, Subgraph,
    simulators::{Callback, Sendgrid, Whatsapp},
    user_id,
};
use http::StatusCode;
use kernel::DeliveryId;
use notifications::{
    channels::{Channels, Message},
    commands::own_context,
};
use serde_json::json;
use tower::ServiceExt as _;

use super::{super::measured::Measured, channels};

/// A delivery that a provider has taken, as the subgraph keeps it.
async fn taken(app: &Subgraph, message: &Message, provider: &str, provider_id: &str) {
    let now = app.clock.now();
    let user = user_id(Role::Buyer).uuid();
    let notification = app.deps.ids.uuid();
    sqlx::query("insert into people (user_id, created_at) values ($1, $2) on conflict do nothing")
        .bind(user)
        .bind(now)
        .execute(&app.db)
        .await
        .unwrap();
    sqlx::query(
        "insert into notifications (id, user_id, type, subject_key, variables, occurred_at, created_at) \
         values ($1, $2, 'WELCOME', $1::text, '{}', $3, $3)",
    )
    .bind(notification)
    .bind(user)
    .bind(now)
    .execute(&app.db)
    .await
    .unwrap();
    sqlx::query(
        "insert into deliveries (id, notification_id, user_id, type, channel, status, attempts, \
         provider, provider_id, created_at, updated_at, sent_at) \
         values ($1, $2, $3, 'WELCOME', 'EMAIL', 'SENT', 1, $4, $5, $6, $6, $6)",
    )
    .bind(message.delivery_id.uuid())
    .bind(notification)
    .bind(user)
    .bind(provider)
    .bind(provider_id)
    .bind(now)
    .execute(&app.db)
    .await
    .unwrap();
}

/// Status and reason of a delivery.
async fn state(app: &Subgraph, id: DeliveryId) -> (String, Option<String>) {
    sqlx::query_as("select status, reason from deliveries where id = $1")
        .bind(id.uuid())
        .fetch_one(&app.db)
        .await
        .unwrap()
}

async fn post(app: &Subgraph, channels: &Channels, callback: &Callback) -> StatusCode {
    let routes = channels.routes(&own_context(&app.deps));
    routes.oneshot(callback.request()).await.unwrap().status()
}

/// What became of callbacks, as operators see it.
fn results(measured: &Measured) -> Vec<String> {
    measured.counted("pasar_notifications_callbacks_total", "result")
}

fn is(status: &str, reason: Option<&str>) -> (String, Option<String>) {
    (status.to_owned(), reason.map(str::to_owned))
}

#[tokio::test]
async fn there_are_no_callbacks_without_a_key_to_check_them_with() {
    let (sendgrid, whatsapp) = (Sendgrid::start().await, Whatsapp::start().await);
    let mut settings = sendgrid.settings();
    settings["webhook_key"] = json!(null);
    let (app, without) = channels("sendgrid", settings).await;
    let callback = sendgrid.callback(&[], app.clock.now());
    assert_eq!(post(&app, &without, &callback).await, StatusCode::NOT_FOUND);
    let mut settings = whatsapp.settings();
    settings["app_secret"] = json!(null);
    let (app, without) = channels("whatsapp", settings).await;
    assert_eq!(
        post(&app, &without, &whatsapp.callback(&[])).await,
        StatusCode::NOT_FOUND
    );
}
