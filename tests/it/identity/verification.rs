//! Proof of an e-mail address, and a new password for a forgotten one.

use chrono::Duration;
use harness::{Client, Role, Subgraph};
use identity::domain::verification::COOLDOWN;
use serde_json::{Value, json};

use super::{
    EMAIL, PASSWORD, assert_one_is_set, bootstrap, change, counted, decide, event_types, hash,
    login, refresh, refusal, register, start, try_login,
};

const MESSAGE: &str = "query($id: ID!) { verificationMessage(verificationId: $id) {
    userId purpose email phone displayName locale token expiresAt } }";

/// What a letter says that was asked for last; null when it is not to be sent any more.
pub(crate) async fn letter(app: &Subgraph) -> Value {
    let events = app.outbox().await;
    let requested = events
        .iter()
        .rfind(|event| event["eventType"] == "user.verification_requested");
    let id = &requested.unwrap()["payload"]["verificationId"];
    message(app, id).await
}

async fn message(app: &Subgraph, id: &Value) -> Value {
    let service = app.client(Role::Service);
    let reply = service.run(MESSAGE, json!({ "id": id })).await;
    assert_eq!(reply["errors"], Value::Null, "{reply}");
    reply["data"]["verificationMessage"].clone()
}

async fn token(app: &Subgraph) -> String {
    letter(app).await["token"].as_str().unwrap().to_owned()
}

async fn verify(client: &Client, token: &str) -> Value {
    let input = json!({ "token": token });
    change(client, "emailVerify", input, "user { id }").await
}

async fn forgot(app: &Subgraph, email: &str) -> Value {
    let anybody = app.client(Role::Anonymous);
    let query =
        "mutation($input: PasswordResetRequestInput!) { passwordResetRequest(input: $input) {
        userErrors { __typename code message path ... on Cooldown { retryAt } } } }";
    let reply = anybody
        .run(query, json!({ "input": { "email": email } }))
        .await;
    reply["data"]["passwordResetRequest"]["userErrors"].clone()
}

async fn reset(app: &Subgraph, token: &str, password: &str) -> Value {
    let input = json!({ "token": token, "newPassword": password });
    let anybody = app.client(Role::Anonymous);
    change(&anybody, "passwordReset", input, "user { id }").await
}

async fn resend(client: &Client) -> Value {
    let query =
        "mutation { emailVerificationResend { user { email emailVerifiedAt } userErrors { code
        ... on Cooldown { retryAt } } } }";
    client.run(query, json!({})).await["data"]["emailVerificationResend"].clone()
}

async fn verified_at(app: &Subgraph) -> Value {
    let client = login(app, EMAIL).await.client;
    let reply = client.run("{ me { emailVerifiedAt } }", json!({})).await;
    reply["data"]["me"]["emailVerifiedAt"].clone()
}

// T-USR-9, T-USR-11, T-EVT-2
#[tokio::test]
async fn an_address_is_verified_by_the_token_of_its_letter_once_in_effect() {
    let app = start().await;
    let id = register(&app, EMAIL).await;
    assert_eq!(verified_at(&app).await, Value::Null);
    let sent = letter(&app).await;
    assert_eq!(
        sent,
        json!({ "userId": id, "purpose": "EMAIL_VERIFICATION", "email": EMAIL, "phone": null,
                "displayName": "Siti R.", "locale": "ID", "token": sent["token"],
                "expiresAt": "2026-01-02T00:00:00+00:00" })
    );
    let token = sent["token"].as_str().unwrap();
    for table in ["verifications", "verification_requests", "outbox"] {
        let query = format!("select coalesce(jsonb_agg(to_jsonb(t)), '[]')::text from {table} t");
        let query = sqlx::query_scalar(sqlx::AssertSqlSafe(query));
        let stored: String = query.fetch_one(&app.db).await.unwrap();
        assert!(!stored.contains(token), "{table}");
    }

    app.clock.advance(Duration::hours(23));
    let anybody = app.client(Role::Anonymous);
    let done = json!({ "user": { "id": id }, "userErrors": [] });
    assert_eq!(verify(&anybody, token).await, done);
    assert_eq!(verify(&anybody, token).await, done, "the same token again");
    assert_eq!(verified_at(&app).await, "2026-01-01T23:00:00+00:00");
    assert_eq!(letter(&app).await, Value::Null, "nothing more to send");
    let types: Vec<_> = app.outbox().await;
    let verified = types
        .iter()
        .filter(|event| event["eventType"] == "user.verified");
    assert_eq!(verified.count(), 1);
    let others = ["user.registered", "user.login"];
    app.assert_golden_events_except(&others).await;
}

// T-USR-9
#[tokio::test]
async fn a_token_that_is_forged_expired_replaced_or_for_something_else_verifies_nothing() {
    let app = start().await;
    register(&app, EMAIL).await;
    let anybody = app.client(Role::Anonymous);
    let first = token(&app).await;
    let mut forged = first.clone().into_bytes();
    forged[40] = if forged[40] == b'A' { b'B' } else { b'A' };
    for wrong in [
        "",
        "x",
        "a/b",
        &"A".repeat(64),
        first.strip_suffix(|_| true).unwrap(),
        &format!("{first}AA"),
        &String::from_utf8(forged).unwrap(),
    ] {
        assert_eq!(
            refusal(&verify(&anybody, wrong).await),
            "INVALID_TOKEN",
            "{wrong}"
        );
    }
    // The token of one purpose is none for the other.
    assert_eq!(
        refusal(&reset(&app, &first, "Teh-Poci-88").await),
        "INVALID_TOKEN"
    );

    let owner = login(&app, EMAIL).await.client;
    assert_eq!(resend(&owner).await["userErrors"], json!([]));
    assert_eq!(refusal(&verify(&anybody, &first).await), "INVALID_TOKEN");
    let second = token(&app).await;
    assert_ne!(first, second);
    app.clock.advance(Duration::hours(24));
    assert_eq!(refusal(&verify(&anybody, &second).await), "INVALID_TOKEN");
    assert_eq!(
        letter(&app).await,
        Value::Null,
        "an expired letter is not sent"
    );
    assert_eq!(verified_at(&app).await, Value::Null);
}

// T-USR-9, with the cooldown of T-AUT-4/5
#[tokio::test]
async fn three_letters_in_a_row_then_an_hour_of_silence() {
    let app = start().await;
    register(&app, EMAIL).await;
    let owner = login(&app, EMAIL).await.client;
    for _ in 0..3 {
        assert_eq!(resend(&owner).await["userErrors"], json!([]));
        app.clock.advance(Duration::minutes(10));
    }
    let refused = json!([{ "code": "COOLDOWN", "retryAt": "2026-01-01T01:20:00+00:00" }]);
    for _ in 0..5 {
        // Asking during the pause does not make it longer.
        assert_eq!(resend(&owner).await["userErrors"], refused);
    }
    app.clock.advance(Duration::minutes(50));
    assert_eq!(resend(&owner).await["userErrors"], json!([]));

    verify(&owner, &token(&app).await).await;
    assert_eq!(
        resend(&owner).await["userErrors"][0]["code"],
        "INVALID_STATE"
    );
}

// T-AUT-4/5, L-AUT-V4
#[tokio::test]
async fn a_forgotten_password_is_set_anew_by_a_letter() {
    let app = start().await;
    let id = register(&app, EMAIL).await;
    let before = login(&app, EMAIL).await;
    assert_eq!(forgot(&app, "  SITI@pembeli.example ").await, json!([]));
    let sent = letter(&app).await;
    assert_eq!(sent["purpose"], "PASSWORD_RESET");
    assert_eq!(sent["expiresAt"], "2026-01-01T01:00:00+00:00");
    let token = sent["token"].as_str().unwrap();
    assert_eq!(refusal(&reset(&app, token, "teh").await), "WEAK_PASSWORD");
    // A lockout does not keep the owner out.
    for _ in 0..5 {
        try_login(&app, EMAIL, "Salah-Salah-1").await;
    }
    assert_eq!(
        refusal(&try_login(&app, EMAIL, PASSWORD).await),
        "ACCOUNT_LOCKED"
    );

    let done = json!({ "user": { "id": id }, "userErrors": [] });
    assert_eq!(reset(&app, token, "Teh-Poci-88").await, done);
    assert_eq!(
        refusal(&reset(&app, token, "Teh-Poci-99").await),
        "INVALID_TOKEN"
    );
    assert_eq!(
        refusal(&try_login(&app, EMAIL, PASSWORD).await),
        "INVALID_CREDENTIALS"
    );
    let reply = refresh(&app, &before.refresh_token).await;
    assert_eq!(refusal(&reply), "INVALID_TOKEN", "all sessions have ended");
    let reply = try_login(&app, EMAIL, "Teh-Poci-88").await;
    assert_eq!(reply["userErrors"], json!([]));
    let types = event_types(&app).await;
    let expected = [
        "user.registered",
        "user.login",
        "user.verified",
        "user.password_reset",
        "user.session_revoked",
        "user.login",
    ];
    assert_eq!(types, expected, "the letter proved the address too");
    let others = [
        "user.registered",
        "user.login",
        "user.session_revoked",
        "user.verified",
        "user.verification_requested",
    ];
    app.assert_golden_events_except(&others).await;
}

// T-AUT-4/5: nobody finds out who has an account
#[tokio::test]
async fn the_answer_to_a_forgotten_password_does_not_tell_who_has_an_account() {
    let app = start().await;
    register(&app, EMAIL).await;
    let refused = json!([{
        "__typename": "Cooldown", "code": "COOLDOWN", "path": null,
        "message": "asked for too often: look into your messages, or wait and try again",
        "retryAt": "2026-01-01T01:00:00+00:00" }]);
    for email in [EMAIL, "nobody@pembeli.example"] {
        for _ in 0..3 {
            assert_eq!(forgot(&app, email).await, json!([]), "{email}");
        }
        assert_eq!(forgot(&app, email).await, refused, "{email}");
    }
    assert_eq!(forgot(&app, "no address").await[0]["code"], "INVALID_VALUE");
    let letters = app.outbox().await;
    let letters = letters
        .iter()
        .filter(|event| event["payload"]["purpose"] == "PASSWORD_RESET");
    assert_eq!(letters.count(), 3, "only for the account that exists");
}

#[tokio::test]
async fn of_two_resets_with_one_token_one_happens() {
    let app = start().await;
    register(&app, EMAIL).await;
    forgot(&app, EMAIL).await;
    let token = token(&app).await;
    let (a, b) = tokio::join!(
        reset(&app, &token, "Teh-Poci-88"),
        reset(&app, &token, "Teh-Poci-99")
    );
    assert_one_is_set(&app, [("Teh-Poci-88", a), ("Teh-Poci-99", b)]).await;
}

// A thief of the mailbox who has asked for a letter loses it when the owner acts.
#[tokio::test]
async fn a_new_password_voids_the_letter_that_was_asked_for_before() {
    let app = start().await;
    register(&app, EMAIL).await;
    let owner = login(&app, EMAIL).await.client;
    forgot(&app, EMAIL).await;
    let token = token(&app).await;
    let input = json!({ "currentPassword": PASSWORD, "newPassword": "Teh-Poci-88" });
    let changed = change(&owner, "passwordChange", input, "user { id }").await;
    assert_eq!(changed["userErrors"], json!([]));
    assert_eq!(letter(&app).await, Value::Null);
    assert_eq!(
        refusal(&reset(&app, &token, "Kopi-Gayo-99").await),
        "INVALID_TOKEN"
    );
}

#[tokio::test]
async fn of_many_requests_at_once_three_are_granted() {
    let app = start().await;
    register(&app, EMAIL).await;
    let replies = futures_util::future::join_all((0..8).map(|_| forgot(&app, EMAIL))).await;
    let granted = replies.iter().filter(|reply| **reply == json!([])).count();
    assert_eq!(granted, 3, "{replies:?}");
}

#[tokio::test]
async fn closed_and_deleted_accounts_get_no_letters_and_their_tokens_are_void() {
    let app = start().await;
    let id = register(&app, EMAIL).await;
    let pending = token(&app).await;
    decide(&app, "userDisable", id).await;
    assert_eq!(letter(&app).await, Value::Null);
    let anybody = app.client(Role::Anonymous);
    assert_eq!(refusal(&verify(&anybody, &pending).await), "INVALID_TOKEN");
    let before = app.outbox().await.len();
    assert_eq!(forgot(&app, EMAIL).await, json!([]));
    assert_eq!(app.outbox().await.len(), before, "nothing was asked for");

    decide(&app, "userDelete", id).await;
    assert_eq!(refusal(&verify(&anybody, &pending).await), "INVALID_TOKEN");
    let left: i64 = sqlx::query_scalar("select count(*) from verifications")
        .fetch_one(&app.db)
        .await
        .unwrap();
    assert_eq!(left, 0, "no letter is left");
    // Else whoever makes and deletes accounts could have letters sent to a stranger without end.
    assert_eq!(counted(&app).await, [hash(EMAIL)], "the pause is");
    app.clock.advance(COOLDOWN);
    let other = "budi@pembeli.example";
    assert_eq!(forgot(&app, other).await, json!([]));
    assert_eq!(counted(&app).await, [hash(other)], "until it is over");
}

// T-NOT-C: what notifications need to reach people
#[tokio::test]
async fn contacts_are_told_to_services_in_the_order_asked() {
    let app = start().await;
    let siti = register(&app, EMAIL).await;
    let budi = bootstrap(&app, "budi@pembeli.example", &[]).await;
    let gone = register(&app, "gone@pembeli.example").await;
    decide(&app, "userDelete", gone).await;
    let query =
        "query($ids: [ID!]!) { userContacts(ids: $ids) { userId displayName email isEmailVerified
        phone isPhoneVerified locale hasMarketingConsent } }";
    let service = app.client(Role::Service);
    let (reply, statements) = app
        .statements(service.run(query, json!({ "ids": [budi, gone, siti] })))
        .await;
    let contact = |id, email, is_verified| {
        json!({ "userId": id, "displayName": "Siti R.", "email": email, "isEmailVerified": is_verified,
                "phone": null, "isPhoneVerified": false, "locale": "ID", "hasMarketingConsent": false })
    };
    assert_eq!(
        reply["data"]["userContacts"],
        json!([
            contact(budi, "budi@pembeli.example", true),
            null,
            contact(siti, EMAIL, false)
        ])
    );
    assert_eq!(statements, 1);
}
