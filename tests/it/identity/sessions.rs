use chrono::Duration;
use harness::Role;
use serde_json::json;

use super::{EMAIL, change, event_types, login, refresh, refusal, register, start};

const SESSIONS: &str =
    "{ me { sessions { id deviceName createdAt lastUsedAt expiresAt revokedAt isCurrent } } }";
const LOGOUT: &str =
    "mutation { logout { session { id revokedAt isCurrent } userErrors { code } } }";

// T-AUT-9
#[tokio::test]
async fn people_see_where_they_are_logged_in() {
    let app = start().await;
    register(&app, EMAIL).await;
    let phone = login(&app, EMAIL).await;
    app.clock.advance(Duration::hours(1));
    let laptop = login(&app, EMAIL).await;
    refresh(&app, &phone.refresh_token).await;
    let reply = laptop.client.run(SESSIONS, json!({})).await;
    assert_eq!(
        reply,
        json!({ "data": { "me": { "sessions": [
            { "id": laptop.session_id, "deviceName": "Ponsel",
              "createdAt": "2026-01-01T01:00:00+00:00", "lastUsedAt": "2026-01-01T01:00:00+00:00",
              "expiresAt": "2026-01-31T01:00:00+00:00", "revokedAt": null, "isCurrent": true },
            { "id": phone.session_id, "deviceName": "Ponsel",
              "createdAt": "2026-01-01T00:00:00+00:00", "lastUsedAt": "2026-01-01T01:00:00+00:00",
              "expiresAt": "2026-01-31T00:00:00+00:00", "revokedAt": null, "isCurrent": false },
        ] } } })
    );
    app.clock.advance(Duration::days(7));
    let reply = laptop.client.run(SESSIONS, json!({})).await;
    assert_eq!(
        reply["data"]["me"]["sessions"],
        json!([]),
        "unused ones have ended"
    );
}

// T-AUT-2
#[tokio::test]
async fn a_logout_ends_the_session_once_and_its_refresh_token_with_it() {
    let app = start().await;
    register(&app, EMAIL).await;
    let (phone, laptop) = (login(&app, EMAIL).await, login(&app, EMAIL).await);
    let ended = json!({ "data": { "logout": {
        "session": { "id": phone.session_id, "revokedAt": "2026-01-01T00:00:00+00:00",
                     "isCurrent": true },
        "userErrors": [] } } });
    assert_eq!(phone.client.run(LOGOUT, json!({})).await, ended);
    app.clock.advance(Duration::seconds(1));
    assert_eq!(
        phone.client.run(LOGOUT, json!({})).await,
        ended,
        "again is the same as once"
    );
    assert_eq!(
        refusal(&refresh(&app, &phone.refresh_token).await),
        "INVALID_TOKEN"
    );
    assert_eq!(
        refresh(&app, &laptop.refresh_token).await["userErrors"],
        json!([])
    );
    app.assert_golden_events_except(&["user.registered", "user.login"])
        .await;
    assert_eq!(
        event_types(&app).await,
        [
            "user.registered",
            "user.login",
            "user.login",
            "user.session_revoked"
        ]
    );
    let input = json!({ "expectedVersion": 1, "firstName": "Penyusup" });
    let reply = change(&phone.client, "profileUpdate", input, "user { id }").await;
    assert_eq!(
        reply[0]["extensions"]["code"], "UNAUTHENTICATED",
        "an access token that outlives its session changes nothing"
    );
}

// A token of a trusted issuer has no session here.
#[tokio::test]
async fn a_logout_without_a_session_is_no_error() {
    let app = start().await;
    let reply = app.client(Role::Buyer).run(LOGOUT, json!({})).await;
    assert_eq!(
        reply["data"]["logout"],
        json!({ "session": null, "userErrors": [] })
    );
}

// T-AUT-10
#[tokio::test]
async fn people_end_their_own_sessions_and_nobody_elses() {
    let app = start().await;
    register(&app, EMAIL).await;
    register(&app, "budi@pembeli.example").await;
    let (phone, laptop) = (login(&app, EMAIL).await, login(&app, EMAIL).await);
    let other = login(&app, "budi@pembeli.example").await;
    let input = json!({ "sessionId": phone.session_id });
    let selection = "session { id revokedAt isCurrent }";
    let foreign = change(&other.client, "sessionRevoke", input.clone(), selection).await;
    assert_eq!(refusal(&foreign), "NOT_FOUND");
    let ended = change(&laptop.client, "sessionRevoke", input, selection).await;
    assert_eq!(
        ended,
        json!({ "session": { "id": phone.session_id, "isCurrent": false,
                             "revokedAt": "2026-01-01T00:00:00+00:00" }, "userErrors": [] })
    );
    assert_eq!(
        refusal(&refresh(&app, &phone.refresh_token).await),
        "INVALID_TOKEN"
    );
    let input = json!({ "sessionId": other.session_id });
    let by_admin = change(&app.client(Role::Admin), "sessionRevoke", input, selection).await;
    assert_eq!(by_admin["userErrors"], json!([]));
    let reasons: Vec<_> = app.outbox().await[7..]
        .iter()
        .map(|event| event["payload"]["reason"].clone())
        .collect();
    assert_eq!(reasons, ["REVOKED", "REVOKED"]);
}

// contracts: the router refuses access tokens of these
#[tokio::test]
async fn ended_sessions_are_reported_for_sixteen_minutes() {
    let app = start().await;
    register(&app, EMAIL).await;
    let phone = login(&app, EMAIL).await;
    login(&app, EMAIL).await;
    phone.client.run(LOGOUT, json!({})).await;
    let (service, query) = (app.client(Role::Service), "{ revokedSessions }");
    app.clock
        .advance(Duration::minutes(16) - Duration::seconds(1));
    let reply = service.run(query, json!({})).await;
    assert_eq!(
        reply,
        json!({ "data": { "revokedSessions": [phone.session_id] } })
    );
    let listed = identity::revoked_sessions(&app.db, &app.clock)
        .await
        .unwrap();
    assert_eq!(listed, [phone.session_id]);
    app.clock.advance(Duration::seconds(1));
    let reply = service.run(query, json!({})).await;
    assert_eq!(reply, json!({ "data": { "revokedSessions": [] } }));
}

#[tokio::test]
async fn sessions_that_have_long_ended_are_forgotten_at_the_next_login() {
    let app = start().await;
    register(&app, EMAIL).await;
    login(&app, EMAIL).await;
    app.clock.advance(Duration::days(31));
    login(&app, EMAIL).await;
    let counts: (i64, i64) = sqlx::query_as(
        "select (select count(*) from sessions), (select count(*) from refresh_tokens)",
    )
    .fetch_one(&app.db)
    .await
    .unwrap();
    assert_eq!(counts, (1, 1));
}
