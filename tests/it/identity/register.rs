use futures_util::future::join_all;
use harness::Role;
use serde_json::{Value, json};

use super::{EMAIL, PASSWORD, change, person, refusal, start};

const EVERYTHING: &str = "user { id displayName joinedAt email phone firstName lastName dateOfBirth
    gender avatarUrl status deletionConfirmBefore roles permissions version updatedAt
    preferences { locale currency hasMarketingConsent marketingConsentAt } sessions { id } }";

// T-USR-1, T-USR-11, P-USR, L-AUT-V1, C12 user.registered
#[tokio::test]
async fn a_new_account_is_a_customer_and_its_registration_is_an_event_without_personal_data() {
    let app = start().await;
    let input = json!({ "email": " Siti@Pembeli.EXAMPLE", "password": PASSWORD,
        "firstName": " Siti ", "lastName": "Rahmawati", "phone": "+6281234567890" });
    let reply = change(
        &app.client(Role::Anonymous),
        "userRegister",
        input,
        EVERYTHING,
    )
    .await;
    assert_eq!(
        reply,
        json!({ "user": {
            "id": "user_00000000000000000000000001", "displayName": "Siti R.",
            "joinedAt": "2026-01-01T00:00:00+00:00", "email": EMAIL, "phone": "+6281234567890",
            "firstName": "Siti", "lastName": "Rahmawati", "dateOfBirth": null, "gender": null,
            "avatarUrl": null, "status": "ACTIVE", "deletionConfirmBefore": null,
            "roles": ["customer"], "permissions": [], "version": 1,
            "updatedAt": "2026-01-01T00:00:00+00:00",
            "preferences": { "locale": "ID", "currency": "IDR", "hasMarketingConsent": false,
                             "marketingConsentAt": null },
            "sessions": [],
        }, "userErrors": [] })
    );
    app.assert_golden_events().await;
    let events = app.outbox().await;
    assert_eq!(
        events.len(),
        2,
        "the registration, and the letter that it asks for"
    );
    let text = json!(events).to_string();
    for secret in [EMAIL, PASSWORD, "6281234567890", "Rahmawati"] {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
}

#[tokio::test]
async fn an_address_has_one_account_in_whatever_case_and_however_many_ask_at_once() {
    let app = start().await;
    let anybody = app.client(Role::Anonymous);
    let register = |email: &str| change(&anybody, "userRegister", person(email), "user { id }");
    let emails = [
        "siti@pembeli.example",
        "SITI@pembeli.example",
        "Siti@Pembeli.Example ",
    ];
    let replies = join_all((0..9).map(|number| register(emails[number % 3]))).await;
    let (made, refused): (Vec<_>, Vec<_>) =
        replies.iter().partition(|reply| !reply["user"].is_null());
    assert_eq!((made.len(), refused.len()), (1, 8), "{replies:?}");
    for reply in refused {
        assert_eq!(
            *reply,
            json!({ "user": null, "userErrors": [{ "__typename": "Refusal", "code": "ALREADY_EXISTS",
                "message": "there is an account with this e-mail address: log in",
                "path": ["input", "email"] }] })
        );
    }
    assert_eq!(app.outbox().await.len(), 2);
}

#[tokio::test]
async fn a_value_that_breaks_a_rule_is_refused_by_its_name() {
    let app = start().await;
    let anybody = app.client(Role::Anonymous);
    let long = "x".repeat(81);
    let table: [(&str, &[&str]); 4] = [
        (
            "email",
            &[
                "",
                "siti",
                "@x.id",
                "siti@",
                "siti@x",
                "si ti@x.id",
                "a@b@c.id",
                "a@.id",
                "sití@x.id",
                "a@x\n.id",
            ],
        ),
        ("firstName", &["", "   ", &long, "Si\u{1}ti", "Si\nti"]),
        ("lastName", &[&long, "Rahma\twati"]),
        (
            "phone",
            &[
                "081234567890",
                "+62812",
                "+620812345678",
                "+62812345678901234",
                "+15551234567",
                "+62 812 3456 789",
                "+6281234567a0",
            ],
        ),
    ];
    for (field, values) in table {
        for value in values {
            let mut input = person(EMAIL);
            input[field] = json!(value);
            let reply = change(&anybody, "userRegister", input, "user { id }").await;
            let error = &reply["userErrors"][0];
            assert_eq!(
                error["code"], "INVALID_VALUE",
                "{field} = {value:?}: {reply}"
            );
            assert_eq!(error["path"], json!(["input", field]), "{value:?}");
        }
    }
    let email = format!("{}@x.id", "a".repeat(65));
    let reply = change(&anybody, "userRegister", person(&email), "user { id }").await;
    assert_eq!(refusal(&reply), "INVALID_VALUE");
    assert!(app.outbox().await.is_empty());
}

// Many Indonesians have a single name.
#[tokio::test]
async fn a_single_name_is_enough() {
    let app = start().await;
    let input = json!({ "email": EMAIL, "password": PASSWORD, "firstName": "Suharto" });
    let selection = "user { displayName lastName }";
    let reply = change(
        &app.client(Role::Anonymous),
        "userRegister",
        input,
        selection,
    )
    .await;
    assert_eq!(
        reply["user"],
        json!({ "displayName": "Suharto", "lastName": null })
    );
}

// T-AUT-12
#[tokio::test]
async fn a_weak_password_is_refused_with_all_that_it_lacks() {
    let app = start().await;
    let mut input = person(EMAIL);
    input["password"] = json!("kopi");
    let reply = change(
        &app.client(Role::Anonymous),
        "userRegister",
        input,
        "user { id }",
    )
    .await;
    assert_eq!(
        reply,
        json!({ "user": null, "userErrors": [{
            "__typename": "WeakPassword", "code": "WEAK_PASSWORD",
            "message": "the password needs at least 8 characters, an upper-case letter, a digit, \
                        a character that is neither letter nor digit",
            "path": ["input", "password"],
            "missing": ["MIN_LENGTH", "UPPERCASE", "DIGIT", "SPECIAL"],
        }] })
    );
}

// The first administrator, by a part of Pasar only.
#[tokio::test]
async fn a_part_of_pasar_registers_people_with_roles() {
    let app = start().await;
    let mut input = person("admin@pasar.example");
    input["roles"] = json!(["admin", "support", "admin", "customer"]);
    let service = app.client(Role::Service);
    let selection = "user { roles permissions version }";
    let reply = change(&service, "userBootstrap", input.clone(), selection).await;
    assert_eq!(
        reply["user"],
        json!({ "roles": ["admin", "customer", "support"],
                "permissions": ["all:*", "moderate:reviews", "read:users"], "version": 1 })
    );
    assert_eq!(
        app.outbox().await[0]["payload"]["roles"],
        json!(["customer", "admin", "support"])
    );
    let again = change(&service, "userBootstrap", input.clone(), selection).await;
    assert_eq!(refusal(&again), "ALREADY_EXISTS");

    input["email"] = json!("other@pasar.example");
    input["roles"] = json!(["king"]);
    let unknown = change(&service, "userBootstrap", input, selection).await;
    assert_eq!(refusal(&unknown), "NOT_FOUND");
    let accounts: Value = sqlx::query_scalar("select to_jsonb(count(*)) from users")
        .fetch_one(&app.db)
        .await
        .unwrap();
    assert_eq!(accounts, json!(1), "nothing is half written");
}
