use harness::Role;
use serde_json::{Value, json};

use super::{
    EMAIL, LOGIN, PASSWORD, claims, event_types, login, refusal, register, start, try_login,
};

// T-AUT-1, T-AUT-11, T-AUT-3, L-AUT-V3 user.login
#[tokio::test]
async fn a_login_gives_a_pair_of_tokens_and_is_an_event_of_the_session() {
    let app = start().await;
    register(&app, EMAIL).await;
    let input = json!({ "input": { "email": "SITI@pembeli.example", "password": PASSWORD,
                                   "deviceName": " Ponsel " } });
    let mut reply = app.client(Role::Anonymous).run(LOGIN, input).await;
    let payload = &mut reply["data"]["login"];
    let access = payload["accessToken"].take();
    let refresh = payload["refreshToken"].take();
    assert_eq!(
        reply,
        json!({ "data": { "login": {
            "accessToken": null, "refreshToken": null,
            "expiresAt": "2026-01-01T00:15:00+00:00",
            "refreshExpiresAt": "2026-01-08T00:00:00+00:00",
            "user": { "id": "user_00000000000000000000000001", "email": EMAIL,
                      "roles": ["customer"], "permissions": [] },
            "userErrors": [],
        } } })
    );
    assert_eq!(refresh.as_str().unwrap().len(), 43, "256 bits");
    let claims = claims(access.as_str().unwrap());
    assert_eq!(
        claims,
        json!({
            "iss": "https://pasar.test/identity", "aud": "pasar",
            "sub": "user_00000000000000000000000001", "sid": "session_00000000000000000000000005",
            "jti": "00000000-0000-0000-0000-000000000007",
            "iat": 1_767_225_600, "exp": 1_767_226_500, "roles": ["customer"], "permissions": [],
        })
    );
    app.assert_golden_events_except(&["user.registered"]).await;
    assert_eq!(event_types(&app).await, ["user.registered", "user.login"]);
}

#[tokio::test]
async fn what_is_stored_is_enough_for_nobody_to_log_in() {
    let app = start().await;
    register(&app, EMAIL).await;
    let first = login(&app, EMAIL).await;
    super::refresh(&app, &first.refresh_token).await;
    let tables = [
        "users",
        "credentials",
        "sessions",
        "refresh_tokens",
        "login_attempts",
        "outbox",
    ];
    for table in tables {
        let query = format!("select coalesce(jsonb_agg(to_jsonb(t)), '[]')::text from {table} t");
        let text: String = sqlx::query_scalar(sqlx::AssertSqlSafe(query))
            .fetch_one(&app.db)
            .await
            .unwrap();
        assert!(!text.contains(PASSWORD), "{table}");
        assert!(!text.contains(&first.refresh_token), "{table}");
    }
    let hash: String = sqlx::query_scalar("select password_hash from credentials")
        .fetch_one(&app.db)
        .await
        .unwrap();
    assert!(
        hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
        "{hash}"
    );
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_get_the_same_answer() {
    let app = start().await;
    register(&app, EMAIL).await;
    let wrong = try_login(&app, EMAIL, "Kopi-Gayo-78").await;
    assert_eq!(
        wrong,
        json!({ "accessToken": null, "refreshToken": null, "expiresAt": null,
                "refreshExpiresAt": null, "user": null,
                "userErrors": [{ "__typename": "Refusal", "code": "INVALID_CREDENTIALS",
                                 "message": "e-mail or password is wrong", "path": null }] })
    );
    for (email, password) in [
        ("nobody@pembeli.example", PASSWORD),
        ("", ""),
        ("not an address", PASSWORD),
        (EMAIL, ""),
        (EMAIL, &"x".repeat(100_000)),
    ] {
        assert_eq!(try_login(&app, email, password).await, wrong, "{email}");
    }
}

// reliability-security.md 4.3: imported hashes verify and are upgraded
#[tokio::test]
async fn a_bcrypt_hash_is_accepted_and_replaced_at_the_first_login() {
    let app = start().await;
    register(&app, EMAIL).await;
    // Made by the C library's crypt(3), as earlier systems did.
    let imported = "$2y$10$zRQlRxDr7nH0sS0OqKFOeuGBLBhp7hqOCA8EMyFGgLzndPO4vFlqK";
    let set = "update credentials set password_hash = $1";
    sqlx::query(set)
        .bind(imported)
        .execute(&app.db)
        .await
        .unwrap();

    assert_eq!(
        refusal(&try_login(&app, EMAIL, PASSWORD).await),
        "INVALID_CREDENTIALS"
    );
    let hash = || async {
        let query = sqlx::query_scalar::<_, String>("select password_hash from credentials");
        query.fetch_one(&app.db).await.unwrap()
    };
    assert_eq!(hash().await, imported, "a wrong password changes nothing");
    for _ in 0..2 {
        let reply = try_login(&app, EMAIL, "Impor-Lama-2019!").await;
        assert_eq!(reply["userErrors"], json!([]));
        assert!(hash().await.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    }
}

#[tokio::test]
async fn a_weaker_argon2_hash_is_replaced_too() {
    let app = start().await;
    register(&app, EMAIL).await;
    // Made by Python's argon2-cffi.
    let weak = "$argon2id$v=19$m=4096,t=1,p=1$c29tZXNhbHQxMjM0NTY3OA$jYglfjpwN32dBpRksG1v4SFfAXni+1MiCVEHcSsRWuQ";
    let set = "update credentials set password_hash = $1";
    sqlx::query(set).bind(weak).execute(&app.db).await.unwrap();
    let reply = try_login(&app, EMAIL, "Impor-Lama-2019!").await;
    assert_eq!(reply["userErrors"], json!([]));
    let hash: String = sqlx::query_scalar("select password_hash from credentials")
        .fetch_one(&app.db)
        .await
        .unwrap();
    assert!(
        hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
        "{hash}"
    );
}

#[tokio::test]
async fn a_device_name_that_is_too_long_is_refused() {
    let app = start().await;
    register(&app, EMAIL).await;
    let input = json!({ "input": { "email": EMAIL, "password": PASSWORD,
                                   "deviceName": "x".repeat(101) } });
    let reply = app.client(Role::Anonymous).run(LOGIN, input).await;
    let payload: &Value = &reply["data"]["login"];
    assert_eq!(refusal(payload), "INVALID_VALUE");
    assert_eq!(
        payload["userErrors"][0]["path"],
        json!(["input", "deviceName"])
    );
    assert_eq!(event_types(&app).await, ["user.registered"]);
}

#[tokio::test]
async fn the_twenty_first_login_ends_the_oldest_session() {
    let app = start().await;
    register(&app, EMAIL).await;
    let first = login(&app, EMAIL).await;
    app.clock.advance(chrono::Duration::seconds(1));
    let second = login(&app, EMAIL).await;
    for _ in 2..21 {
        app.clock.advance(chrono::Duration::seconds(1));
        login(&app, EMAIL).await;
    }
    let reply = second
        .client
        .run("{ me { sessions { id } } }", json!({}))
        .await;
    let sessions = reply["data"]["me"]["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 20);
    assert!(!sessions.contains(&json!({ "id": first.session_id })));
    let events = app.outbox().await;
    let ended: Vec<_> = events
        .iter()
        .filter(|event| event["eventType"] == "user.session_revoked")
        .map(|event| event["payload"].clone())
        .collect();
    let user_id = "user_00000000000000000000000001";
    let payload = json!({ "userId": user_id, "sessionId": first.session_id,
                          "reason": "TOO_MANY_SESSIONS" });
    assert_eq!(ended, [payload]);
}
