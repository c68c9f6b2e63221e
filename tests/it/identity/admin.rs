use futures_util::future::join_all;
use harness::{Role, Subgraph};
use kernel::UserId;
use serde_json::{Value, json};

use super::{
    EMAIL, PASSWORD, USER, bootstrap, change, decide, event_types, hold, login, refresh, refusal,
    register, start, try_decide, try_login, wait_for_blocked,
};

async fn role(app: &Subgraph, field: &str, id: UserId, role: &str) -> Value {
    let input = json!({ "userId": id, "role": role });
    change(&app.client(Role::Admin), field, input, USER).await
}

// T-RBAC, C8
#[tokio::test]
async fn roles_are_given_and_taken_and_repeating_it_changes_nothing() {
    let app = start().await;
    let id = register(&app, EMAIL).await;
    for _ in 0..2 {
        assert_eq!(
            role(&app, "userRoleGrant", id, "support").await,
            json!({ "user": { "id": id, "status": "ACTIVE", "roles": ["customer", "support"],
                "permissions": ["moderate:reviews", "read:users"], "version": 2 }, "userErrors": [] })
        );
    }
    for _ in 0..2 {
        assert_eq!(
            role(&app, "userRoleRevoke", id, "support").await,
            json!({ "user": { "id": id, "status": "ACTIVE", "roles": ["customer"],
                "permissions": [], "version": 3 }, "userErrors": [] })
        );
    }
    app.assert_golden_events_except(&["user.registered"]).await;
    assert_eq!(
        event_types(&app).await,
        ["user.registered", "user.role_granted", "user.role_revoked"]
    );
    for field in ["userRoleGrant", "userRoleRevoke"] {
        let reply = role(&app, field, id, "king").await;
        assert_eq!(refusal(&reply), "NOT_FOUND");
        assert_eq!(reply["userErrors"][0]["path"], json!(["input", "role"]));
    }
}

#[tokio::test]
async fn nobody_takes_the_last_administrator_away() {
    let app = start().await;
    let id = bootstrap(&app, "admin@pasar.example", &["admin"]).await;
    let reply = role(&app, "userRoleRevoke", id, "admin").await;
    assert_eq!(
        reply,
        json!({ "user": null, "userErrors": [{ "__typename": "Refusal", "code": "INVALID_STATE",
            "message": "this is the last administrator: make somebody else one first",
            "path": null }] })
    );
    for field in ["userDisable", "userDelete"] {
        assert_eq!(
            refusal(&try_decide(&app, field, id).await),
            "INVALID_STATE",
            "{field}"
        );
    }
    let closed = bootstrap(&app, "closed@pasar.example", &["admin"]).await;
    decide(&app, "userDisable", closed).await;
    let reply = role(&app, "userRoleRevoke", id, "admin").await;
    assert_eq!(
        refusal(&reply),
        "INVALID_STATE",
        "one who cannot log in does not count"
    );
}

#[tokio::test]
async fn ten_administrators_taken_away_at_once_leave_one() {
    for field in ["userRoleRevoke", "userDisable", "userDelete"] {
        let app = start().await;
        let mut ids = Vec::new();
        for number in 0..10 {
            ids.push(bootstrap(&app, &format!("admin{number}@pasar.example"), &["admin"]).await);
        }
        let replies = join_all(ids.iter().map(|id| async {
            match field {
                "userRoleRevoke" => role(&app, field, *id, "admin").await,
                _ => try_decide(&app, field, *id).await,
            }
        }))
        .await;
        let done = replies
            .iter()
            .filter(|reply| reply["userErrors"] == json!([]))
            .count();
        assert_eq!(done, 9, "{field}: {replies:?}");
        let left: i64 = sqlx::query_scalar(
            "select count(*) from user_roles r join users u on u.id = r.user_id \
             where r.role = 'admin' and u.status = 'ACTIVE'",
        )
        .fetch_one(&app.db)
        .await
        .unwrap();
        assert_eq!(left, 1, "{field}");
    }
}

// P-USR, reliability-security.md 4.2 (7.4.2)
#[tokio::test]
async fn a_closed_account_cannot_be_used_until_it_is_opened_again() {
    let app = start().await;
    let id = register(&app, EMAIL).await;
    let owner = login(&app, EMAIL).await;
    for _ in 0..2 {
        let closed = decide(&app, "userDisable", id).await;
        assert_eq!(closed["user"]["status"], "DISABLED");
        assert_eq!(closed["user"]["version"], 2);
    }
    assert_eq!(
        refusal(&refresh(&app, &owner.refresh_token).await),
        "INVALID_TOKEN"
    );
    assert_eq!(
        try_login(&app, EMAIL, PASSWORD).await["userErrors"],
        json!([{ "__typename": "Refusal", "code": "ACCOUNT_DISABLED", "path": null,
                 "message": "the account is closed: write to the support" }])
    );
    let wrong = try_login(&app, EMAIL, "Kopi-Gayo-78").await;
    assert_eq!(
        refusal(&wrong),
        "INVALID_CREDENTIALS",
        "only its owner learns that it is closed"
    );
    let input = json!({ "expectedVersion": 2, "firstName": "Siti" });
    let reply = change(&owner.client, "profileUpdate", input, USER).await;
    assert_eq!(reply[0]["extensions"]["code"], "UNAUTHENTICATED");

    for _ in 0..2 {
        let opened = decide(&app, "userEnable", id).await;
        assert_eq!(opened["user"]["status"], "ACTIVE");
        assert_eq!(opened["user"]["version"], 3);
    }
    assert_eq!(
        try_login(&app, EMAIL, PASSWORD).await["userErrors"],
        json!([])
    );
    let others = ["user.registered", "user.login", "user.session_revoked"];
    app.assert_golden_events_except(&others).await;
    assert_eq!(
        event_types(&app).await[2..5],
        ["user.disabled", "user.session_revoked", "user.enabled"]
    );
}

// Each change comes after the password was found right and before the session begins.
#[tokio::test]
async fn a_login_that_is_under_way_leaves_no_session_when_account_or_password_change() {
    for (change, code) in [
        ("update users set status = 'DISABLED'", "ACCOUNT_DISABLED"),
        (
            "update credentials set password_hash = 'another'",
            "INVALID_CREDENTIALS",
        ),
        ("delete from credentials", "INVALID_CREDENTIALS"),
    ] {
        let app = start().await;
        register(&app, EMAIL).await;
        let mut held = hold(&app, "users").await;
        let meanwhile = async {
            wait_for_blocked(&app, 1).await;
            sqlx::query(change).execute(&mut *held).await.unwrap();
            held.commit().await.unwrap();
        };
        let (login, ()) = tokio::join!(try_login(&app, EMAIL, PASSWORD), meanwhile);
        assert_eq!(refusal(&login), code, "{change}");
        let sessions: i64 = sqlx::query_scalar("select count(*) from sessions")
            .fetch_one(&app.db)
            .await
            .unwrap();
        assert_eq!(sessions, 0, "{change}");
    }
}

#[tokio::test]
async fn a_deleted_account_stays_deleted() {
    let app = start().await;
    let id = register(&app, EMAIL).await;
    for _ in 0..2 {
        let reply = decide(&app, "userDelete", id).await;
        assert_eq!(
            reply,
            json!({ "user": { "id": id, "status": "DELETED", "roles": [], "permissions": [],
                              "version": 2 }, "userErrors": [] })
        );
    }
    for field in ["userDisable", "userEnable"] {
        assert_eq!(
            refusal(&try_decide(&app, field, id).await),
            "INVALID_STATE",
            "{field}"
        );
    }
    let reply = role(&app, "userRoleGrant", id, "admin").await;
    assert_eq!(refusal(&reply), "INVALID_STATE");
    assert_eq!(event_types(&app).await, ["user.registered", "user.deleted"]);
}

#[tokio::test]
async fn an_unknown_account_is_not_found() {
    let app = start().await;
    let nobody = UserId::from_uuid(uuid::Uuid::from_u128(999));
    for field in ["userDisable", "userEnable", "userDelete"] {
        assert_eq!(
            refusal(&try_decide(&app, field, nobody).await),
            "NOT_FOUND",
            "{field}"
        );
    }
    for field in ["userRoleGrant", "userRoleRevoke"] {
        let reply = role(&app, field, nobody, "admin").await;
        assert_eq!(refusal(&reply), "NOT_FOUND", "{field}");
    }
}
