use chrono::{DateTime, Duration, Utc};
use harness::{Role, Subgraph};
use identity::domain::{Profile, User, UserStatus};
use kernel::Id;
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    EMAIL, PASSWORD, bootstrap, change, decide, event_types, login, refresh, refusal, register,
    start, try_login,
};

const STATUS: &str = "user { status deletionConfirmBefore version displayName email }";
const CANCEL: &str =
    "mutation { accountDeletionCancel { user { status deletionConfirmBefore version }
    userErrors { code } } }";

/// Every value of every table that may hold something of people.
async fn everything(app: &Subgraph) -> String {
    let tables = [
        "users",
        "credentials",
        "sessions",
        "login_attempts",
        "user_roles",
        "outbox",
    ];
    let mut text = String::new();
    for table in tables {
        let query = format!("select coalesce(jsonb_agg(to_jsonb(t)), '[]')::text from {table} t");
        let rows: String = sqlx::query_scalar(sqlx::AssertSqlSafe(query))
            .fetch_one(&app.db)
            .await
            .unwrap();
        text.push_str(&rows);
    }
    text
}

// T-USR-4
#[tokio::test]
async fn an_account_is_deleted_in_two_steps() {
    let app = start().await;
    register(&app, EMAIL).await;
    let owner = login(&app, EMAIL).await;
    let input = json!({ "password": PASSWORD });
    let asked = change(
        &owner.client,
        "accountDeletionRequest",
        input.clone(),
        STATUS,
    )
    .await;
    assert_eq!(
        asked,
        json!({ "user": { "status": "PENDING_DELETION", "version": 2, "displayName": "Siti R.",
            "email": EMAIL, "deletionConfirmBefore": "2026-01-08T00:00:00+00:00" }, "userErrors": [] })
    );
    let twice = change(
        &owner.client,
        "accountDeletionRequest",
        input.clone(),
        STATUS,
    )
    .await;
    assert_eq!(refusal(&twice), "INVALID_STATE");
    let done = change(
        &owner.client,
        "accountDeletionConfirm",
        input.clone(),
        STATUS,
    )
    .await;
    assert_eq!(
        done,
        json!({ "user": { "status": "DELETED", "version": 3, "displayName": "Deleted user",
            "email": null, "deletionConfirmBefore": null }, "userErrors": [] })
    );
    assert_eq!(
        refusal(&refresh(&app, &owner.refresh_token).await),
        "INVALID_TOKEN"
    );
    assert_eq!(
        refusal(&try_login(&app, EMAIL, PASSWORD).await),
        "INVALID_CREDENTIALS"
    );
    let again = change(&owner.client, "accountDeletionConfirm", input, STATUS).await;
    assert_eq!(again[0]["extensions"]["code"], "UNAUTHENTICATED");
    app.assert_golden_events_except(&["user.registered", "user.login", "user.session_revoked"])
        .await;
    assert_eq!(
        event_types(&app).await[2..],
        [
            "user.deletion_requested",
            "user.session_revoked",
            "user.deleted"
        ]
    );
    assert_eq!(
        app.outbox().await[4]["payload"]["reason"],
        "ACCOUNT_DELETED"
    );
}

// reliability-security.md 4.3 GDPR / UU PDP
#[tokio::test]
async fn nothing_of_its_owner_stays_of_a_deleted_account() {
    let app = start().await;
    let id = register(&app, EMAIL).await;
    let owner = login(&app, EMAIL).await.client;
    let input = json!({ "expectedVersion": 1, "phone": "+6281234567890", "gender": "FEMALE",
                        "dateOfBirth": "1990-04-21", "hasMarketingConsent": true,
                        "avatarUrl": "https://media.pasar.example/siti.webp" });
    change(&owner, "profileUpdate", input, STATUS).await;
    let canaries = [
        EMAIL,
        "Rahmawati",
        "6281234567890",
        "1990-04-21",
        "siti.webp",
        "argon2",
        "Ponsel",
        "FEMALE",
    ];
    let before = everything(&app).await;
    assert!(
        canaries.iter().all(|canary| before.contains(canary)),
        "{before}"
    );
    try_login(&app, EMAIL, "Kopi-Gayo-78").await;
    decide(&app, "userDelete", id).await;
    let after = everything(&app).await;
    for canary in canaries {
        assert!(!after.contains(canary), "{canary} is still in {after}");
    }
    let attempts: i64 = sqlx::query_scalar("select count(*) from login_attempts")
        .fetch_one(&app.db)
        .await
        .unwrap();
    assert_eq!(attempts, 0, "not even the hash of the address");

    let query = format!("{{ user(id: \"{id}\") {{ displayName }} }}");
    let reply = app.client(Role::Anonymous).run(&query, json!({})).await;
    assert_eq!(
        reply["data"]["user"]["displayName"], "Deleted user",
        "what it wrote keeps an author"
    );
    register(&app, EMAIL).await;
}

#[tokio::test]
async fn a_request_can_be_taken_back_and_lapses_after_seven_days() {
    let app = start().await;
    register(&app, EMAIL).await;
    let owner = login(&app, EMAIL).await.client;
    let input = json!({ "password": PASSWORD });
    let none = change(&owner, "accountDeletionConfirm", input.clone(), STATUS).await;
    assert_eq!(refusal(&none), "INVALID_STATE", "not asked for");

    change(&owner, "accountDeletionRequest", input.clone(), STATUS).await;
    for _ in 0..2 {
        let reply = owner.run(CANCEL, json!({})).await;
        assert_eq!(
            reply["data"]["accountDeletionCancel"],
            json!({ "user": { "status": "ACTIVE", "deletionConfirmBefore": null, "version": 3 },
                    "userErrors": [] })
        );
    }
    change(&owner, "accountDeletionRequest", input.clone(), STATUS).await;
    app.clock.advance(Duration::days(7));
    let late = change(&owner, "accountDeletionConfirm", input.clone(), STATUS).await;
    assert_eq!(refusal(&late), "INVALID_STATE");
    let renewed = change(&owner, "accountDeletionRequest", input, STATUS).await;
    assert_eq!(
        renewed["user"]["deletionConfirmBefore"],
        "2026-01-15T00:00:00+00:00"
    );
    let others = ["user.registered", "user.login", "user.deletion_requested"];
    app.assert_golden_events_except(&others).await;
}

#[tokio::test]
async fn both_steps_take_the_password() {
    let app = start().await;
    register(&app, EMAIL).await;
    let owner = login(&app, EMAIL).await.client;
    for field in ["accountDeletionRequest", "accountDeletionConfirm"] {
        let reply = change(&owner, field, json!({ "password": "Kopi-Gayo-78" }), STATUS).await;
        assert_eq!(refusal(&reply), "INVALID_CREDENTIALS");
        assert_eq!(reply["userErrors"][0]["path"], json!(["input", "password"]));
    }
    assert_eq!(event_types(&app).await, ["user.registered", "user.login"]);
}

#[tokio::test]
async fn the_last_administrator_cannot_delete_the_account() {
    let app = start().await;
    bootstrap(&app, EMAIL, &["admin"]).await;
    let admin = login(&app, EMAIL).await.client;
    let input = json!({ "password": PASSWORD });
    change(&admin, "accountDeletionRequest", input.clone(), STATUS).await;
    let reply = change(&admin, "accountDeletionConfirm", input.clone(), STATUS).await;
    assert_eq!(refusal(&reply), "INVALID_STATE");
    bootstrap(&app, "second@pasar.example", &["admin"]).await;
    let reply: Value = change(&admin, "accountDeletionConfirm", input, STATUS).await;
    assert_eq!(reply["user"]["status"], "DELETED");
}

fn at(hours: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_225_600 + hours * 3_600, 0).unwrap()
}

proptest! {
    // A model of the life of an account: a table of what each step does in each state.
    #[test]
    fn an_account_lives_like_its_model(steps in prop::collection::vec((0_u8..6, 0_i64..100), 1..40)) {
        use UserStatus::{Active, Deleted, Disabled, PendingDeletion};
        let profile = Profile::new("Siti", None, None, at(0)).unwrap();
        let mut user = User::register(Id::from_uuid(Uuid::nil()), EMAIL.to_owned(), profile, at(0));
        let (mut now, mut deadline, mut version) = (0, None, 1);
        for (step, pause) in steps {
            now += pause;
            let (status, open) = (user.status, deadline.is_some_and(|end| now < end));
            if status == Deleted || (status == Disabled && matches!(step, 0..=2)) {
                // Commands let neither closed nor deleted accounts come so far.
                prop_assert!(!user.is_usable());
                continue;
            }
            let changed = match step {
                0 => user.request_deletion(at(now)).is_ok(),
                1 => user.confirm_deletion(at(now)).is_ok() && user.erase(at(now)),
                2 => user.cancel_deletion(at(now)),
                3 => user.disable(at(now)).unwrap(),
                4 => user.enable(at(now)).unwrap(),
                _ => user.erase(at(now)),
            };
            let expected = match (step, status) {
                (0, _) if !open => Some(PendingDeletion),
                (1, PendingDeletion) if open => Some(Deleted),
                (2, PendingDeletion) | (4, Disabled) => Some(Active),
                (3, Active | PendingDeletion) => Some(Disabled),
                (5, _) => Some(Deleted),
                _ => None,
            };
            prop_assert_eq!(changed, expected.is_some(), "step {} in {:?}", step, status);
            if let Some(expected) = expected {
                deadline = (expected == PendingDeletion).then_some(now + 7 * 24);
                version += 1;
            }
            prop_assert_eq!(user.status, expected.unwrap_or(status));
            prop_assert_eq!(user.deletion_confirm_before, deadline.map(at));
            prop_assert_eq!(user.version, version);
            prop_assert_eq!(user.email.is_none(), user.status == Deleted);
        }
    }
}
