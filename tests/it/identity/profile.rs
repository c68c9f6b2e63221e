use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{EMAIL, change, event_types, hold, login, refusal, register, start, wait_for_blocked};

const PROFILE: &str =
    "user { displayName firstName lastName phone dateOfBirth gender avatarUrl version
    preferences { locale currency hasMarketingConsent marketingConsentAt } }";

// T-USR-2, T-USR-3, P-USR
#[tokio::test]
async fn people_change_what_they_tell_and_how_they_like_it() {
    let app = start().await;
    register(&app, EMAIL).await;
    let owner = login(&app, EMAIL).await.client;
    let input = json!({
        "expectedVersion": 1, "firstName": "Siti Nur", "phone": "+6281234567890",
        "dateOfBirth": "1990-04-21", "gender": "FEMALE",
        "avatarUrl": "https://media.pasar.example/siti.webp",
        "locale": "EN", "currency": "USD", "hasMarketingConsent": true,
    });
    let reply = change(&owner, "profileUpdate", input, PROFILE).await;
    let mut expected = json!({ "user": {
        "displayName": "Siti Nur R.", "firstName": "Siti Nur", "lastName": "Rahmawati",
        "phone": "+6281234567890", "dateOfBirth": "1990-04-21", "gender": "FEMALE",
        "avatarUrl": "https://media.pasar.example/siti.webp", "version": 2,
        "preferences": { "locale": "EN", "currency": "USD", "hasMarketingConsent": true,
                         "marketingConsentAt": "2026-01-01T00:00:00+00:00" },
    }, "userErrors": [] });
    assert_eq!(reply, expected);
    app.assert_golden_events_except(&["user.registered", "user.login"])
        .await;

    app.clock.advance(chrono::Duration::days(1));
    let input = json!({ "expectedVersion": 2, "hasMarketingConsent": true, "lastName": "",
                        "phone": " ", "avatarUrl": "" });
    let reply = change(&owner, "profileUpdate", input, PROFILE).await;
    for (field, value) in [
        ("displayName", json!("Siti Nur")),
        ("lastName", Value::Null),
        ("phone", Value::Null),
        ("avatarUrl", Value::Null),
        ("version", json!(3)),
    ] {
        expected["user"][field] = value;
    }
    assert_eq!(
        reply, expected,
        "an empty text clears, consent keeps its first time"
    );

    let input = json!({ "expectedVersion": 3, "hasMarketingConsent": false });
    let reply = change(&owner, "profileUpdate", input, PROFILE).await;
    assert_eq!(
        reply["user"]["preferences"]["marketingConsentAt"],
        Value::Null
    );
}

#[tokio::test]
async fn a_stale_version_is_refused_and_of_many_changes_at_once_one_happens() {
    let app = start().await;
    register(&app, EMAIL).await;
    let owner = login(&app, EMAIL).await.client;
    let rename = |number: usize| {
        let input = json!({ "expectedVersion": 1, "firstName": format!("Siti {number}") });
        change(&owner, "profileUpdate", input, "user { version }")
    };
    let held = hold(&app, "users").await;
    let release = async {
        wait_for_blocked(&app, 6).await;
        held.rollback().await.unwrap();
    };
    let (replies, ()) = tokio::join!(join_all((0..6).map(rename)), release);
    let (done, refused): (Vec<_>, Vec<_>) = replies
        .iter()
        .partition(|reply| reply["userErrors"] == json!([]));
    assert_eq!((done.len(), refused.len()), (1, 5));
    assert_eq!(
        refused[0]["userErrors"][0],
        json!({ "__typename": "VersionConflict", "code": "VERSION_CONFLICT", "currentVersion": 2,
                "path": ["input", "expectedVersion"],
                "message": "it was changed in the meantime and has version 2 now: read it again, then repeat" })
    );
    assert_eq!(event_types(&app).await.len(), 3);
}

#[tokio::test]
async fn a_value_that_breaks_a_rule_is_refused_by_its_name() {
    let app = start().await;
    register(&app, EMAIL).await;
    let owner = login(&app, EMAIL).await.client;
    let long = format!("https://{}", "x".repeat(500));
    for (field, value) in [
        ("firstName", ""),
        ("lastName", "a\u{7}b"),
        ("phone", "0812"),
        ("dateOfBirth", "1899-12-31"),
        ("dateOfBirth", "2026-01-02"),
        ("avatarUrl", "http://media.pasar.example/siti.webp"),
        ("avatarUrl", "javascript:alert(1)"),
        ("avatarUrl", "https://"),
        ("avatarUrl", "https://a b"),
        ("avatarUrl", &long),
    ] {
        let input = json!({ "expectedVersion": 1, field: value });
        let reply = change(&owner, "profileUpdate", input, "user { id }").await;
        assert_eq!(refusal(&reply), "INVALID_VALUE", "{field}: {value}");
        assert_eq!(reply["userErrors"][0]["path"], json!(["input", field]));
    }
    for date in ["1990-02-30", "21-04-1990", ""] {
        let input = json!({ "expectedVersion": 1, "dateOfBirth": date });
        let reply = change(&owner, "profileUpdate", input, "user { id }").await;
        assert!(
            reply[0]["message"].as_str().unwrap().contains("1990-04-21"),
            "{reply}"
        );
    }
    assert_eq!(event_types(&app).await, ["user.registered", "user.login"]);
}
