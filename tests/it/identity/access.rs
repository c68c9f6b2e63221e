use harness::{
    Role, Subgraph,
    access::{Row, SERVICE_ONLY, met, mutation, outcome},
    roles::session_id,
    user_id,
};
use kernel::Principal;
use serde_json::json;

use super::start;

/// Gives the people of the tests accounts. Their passwords are nobody's.
async fn accounts(app: &Subgraph) {
    let roles = [
        Role::Buyer,
        Role::Buyer2,
        Role::Seller,
        Role::Seller2,
        Role::Admin,
    ];
    let ids: Vec<_> = roles.iter().map(|role| user_id(*role).uuid()).collect();
    sqlx::query(
        "with made as (insert into users (id, email, first_name, locale, currency, status, version, \
         created_at, updated_at, email_verified_at) select id, id || '@x.id', 'Siti', 'ID', 'IDR', \
         'ACTIVE', 1, now(), now(), now() from unnest($1::uuid[]) id returning id) insert into credentials (user_id, \
         password_hash) select id, '$2y$04$zRQlRxDr7nH0sS0OqKFOeuGBLBhp7hqOCA8EMyFGgLzndPO4vFlqK' from made",
    )
    .bind(&ids)
    .execute(&app.db)
    .await
    .unwrap();
    sqlx::query(
        "insert into sessions (id, user_id, created_at, last_used_at, expires_at, version) \
         values ($1, $2, $3, $3, $3, 1)",
    )
    .bind(session_id(Role::Buyer).uuid())
    .bind(user_id(Role::Buyer).uuid())
    .bind(app.clock.now())
    .execute(&app.db)
    .await
    .unwrap();
}

const NOBODY: &str = "UNAUTHENTICATED";
const MAY_NOT: &str = "FORBIDDEN";

const fn owner(people: &'static str) -> Row {
    [NOBODY, people, people, people, people, people, NOBODY]
}

const fn manager(admin: &'static str) -> Row {
    [NOBODY, MAY_NOT, MAY_NOT, MAY_NOT, MAY_NOT, admin, NOBODY]
}

// T-RBAC: every root field, every role. Rows are compared whole, so a new role or field shows up here.
#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table")]
async fn every_root_field_answers_each_role_as_the_matrix_says() {
    let wrong = "INVALID_CREDENTIALS";
    let mutations: [(&str, &str, Row); 21] = [
        (
            "userRegister",
            "email: \"\", password: \"\", firstName: \"\"",
            ["INVALID_VALUE"; 7],
        ),
        ("login", "email: \"\", password: \"\"", ["ANY"; 7]),
        ("tokenRefresh", "refreshToken: \"\"", ["INVALID_TOKEN"; 7]),
        (
            "passwordChange",
            "currentPassword: \"x\", newPassword: \"Teh-Poci-88\"",
            owner(wrong),
        ),
        (
            "profileUpdate",
            "expectedVersion: 99",
            owner("VERSION_CONFLICT"),
        ),
        ("emailVerify", "token: \"x\"", ["INVALID_TOKEN"; 7]),
        (
            "passwordReset",
            "token: \"x\", newPassword: \"Teh-Poci-88\"",
            ["INVALID_TOKEN"; 7],
        ),
        (
            "passwordResetRequest",
            "email: \"nowhere\"",
            ["INVALID_VALUE"; 7],
        ),
        ("accountDeletionRequest", "password: \"x\"", owner(wrong)),
        ("accountDeletionConfirm", "password: \"x\"", owner(wrong)),
        (
            "userRoleGrant",
            "userId: \"NOBODY\", role: \"admin\"",
            manager("NOT_FOUND"),
        ),
        (
            "userRoleRevoke",
            "userId: \"NOBODY\", role: \"admin\"",
            manager("NOT_FOUND"),
        ),
        ("userDisable", "userId: \"NOBODY\"", manager("NOT_FOUND")),
        ("userEnable", "userId: \"NOBODY\"", manager("NOT_FOUND")),
        ("userDelete", "userId: \"NOBODY\"", manager("NOT_FOUND")),
        (
            "userBootstrap",
            "email: \"\", password: \"\", firstName: \"\", roles: []",
            [
                MAY_NOT,
                MAY_NOT,
                MAY_NOT,
                MAY_NOT,
                MAY_NOT,
                MAY_NOT,
                "INVALID_VALUE",
            ],
        ),
        ("emailVerificationResend", "", owner("INVALID_STATE")),
        ("phoneOtpRequest", "", owner("INVALID_STATE")),
        ("phoneVerify", "code: \"000000\"", owner("INVALID_TOKEN")),
        ("logout", "", owner("ok")),
        (
            "sessionRevoke",
            "sessionId: \"SESSION\"",
            [
                NOBODY,
                "ok",
                "NOT_FOUND",
                "NOT_FOUND",
                "NOT_FOUND",
                "ok",
                NOBODY,
            ],
        ),
    ];
    let mine: Row = [NOBODY, "ok", MAY_NOT, MAY_NOT, MAY_NOT, "ok", NOBODY];
    let me: Row = ["nothing", "ok", "ok", "ok", "ok", "ok", "nothing"];
    let mut no_letter = SERVICE_ONLY;
    no_letter[6] = "nothing";
    let private = [
        "email",
        "emailVerifiedAt",
        "phone",
        "phoneVerifiedAt",
        "firstName",
        "lastName",
        "dateOfBirth",
        "gender",
        "avatarUrl",
        "preferences { locale }",
        "status",
        "deletionConfirmBefore",
        "roles",
        "permissions",
        "sessions { id }",
        "version",
        "updatedAt",
    ];
    let app = start().await;
    accounts(&app).await;
    let mut documents: Vec<(String, Row)> = vec![
        ("{ me { id email } }".to_owned(), me),
        (
            "{ user(id: \"BUYER\") { id displayName joinedAt } }".to_owned(),
            ["ok"; 7],
        ),
        ("{ users { nodes { id } } }".to_owned(), manager("ok")),
        ("{ userStatistics { total } }".to_owned(), manager("ok")),
        ("{ roles { name } }".to_owned(), manager("ok")),
        ("{ revokedSessions }".to_owned(), SERVICE_ONLY),
        (
            "{ userContacts(ids: [\"BUYER\"]) { userId } }".to_owned(),
            SERVICE_ONLY,
        ),
        (
            "{ verificationMessage(verificationId: \"LETTER\") { token } }".to_owned(),
            no_letter,
        ),
    ];
    // Before the buyer's session ends.
    let cancel = "mutation { accountDeletionCancel { userErrors { code } } }";
    documents.push((cancel.to_owned(), owner("ok")));
    for field in private {
        documents.push((format!("{{ user(id: \"BUYER\") {{ {field} }} }}"), mine));
    }
    for (field, input, expected) in mutations {
        documents.push((mutation(field, input), expected));
    }
    let nobody = kernel::UserId::from_uuid(uuid::Uuid::from_u128(999)).to_string();
    let letter = kernel::VerificationId::from_uuid(uuid::Uuid::from_u128(999)).to_string();
    for (document, expected) in documents {
        let document = document
            .replace("BUYER", &user_id(Role::Buyer).to_string())
            .replace("NOBODY", &nobody)
            .replace("LETTER", &letter)
            .replace("SESSION", &session_id(Role::Buyer).to_string());
        let met = met(&app, &document).await;
        if expected == ["ANY"; 7] {
            let refused = [wrong, "ACCOUNT_LOCKED"];
            assert!(
                met.iter().all(|code| refused.contains(&code.as_str())),
                "{document}: {met:?}"
            );
        } else {
            assert_eq!(met, expected, "{document}");
        }
    }
    let events = super::event_types(&app).await;
    assert_eq!(events, ["user.session_revoked"], "nothing else happened");
}

// T-RBAC: support reads accounts and changes none
#[tokio::test]
async fn support_may_read_accounts_and_change_none() {
    let app = start().await;
    accounts(&app).await;
    let permissions = vec!["moderate:reviews".to_owned(), "read:users".to_owned()];
    let support = Principal::user(
        user_id(Role::Seller),
        session_id(Role::Seller),
        Vec::new(),
        permissions,
    );
    let support = app.client_as(support);
    let buyer = user_id(Role::Buyer);
    let reply = support
        .run(
            &format!("{{ user(id: \"{buyer}\") {{ email }} }}"),
            json!({}),
        )
        .await;
    assert_eq!(
        reply["data"]["user"]["email"],
        json!(format!("{}@x.id", buyer.uuid()))
    );
    let reply = support
        .run("{ users { nodes { email } } }", json!({}))
        .await;
    assert_eq!(reply["data"]["users"]["nodes"].as_array().unwrap().len(), 5);
    let document = format!(
        "mutation {{ userDisable(input: {{ userId: \"{buyer}\" }}) {{ userErrors {{ code }} }} }}"
    );
    assert_eq!(
        outcome(&support.run(&document, json!({})).await),
        "FORBIDDEN"
    );
}

#[tokio::test]
async fn nobody_who_has_not_logged_in_has_an_account() {
    let app = start().await;
    for role in [Role::Anonymous, Role::Service, Role::Buyer] {
        let reply = app.client(role).run("{ me { id } }", json!({})).await;
        assert_eq!(reply, json!({ "data": { "me": null } }), "{role:?}");
    }
}
