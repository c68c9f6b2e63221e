use identity::domain::{
    PasswordRule::{self, Digit, Lowercase, MaxLength, MinLength, NotCommon, Special, Uppercase},
    password::broken_rules,
};
use proptest::prelude::*;
use serde_json::json;

use super::{
    EMAIL, PASSWORD, assert_one_is_set, change, event_types, login, refresh, refusal, register,
    start, try_login,
};

// T-AUT-6, reliability-security.md 4.2 (7.4.2): a change of the password ends all other sessions
#[tokio::test]
async fn a_new_password_replaces_the_old_one_and_ends_all_other_sessions() {
    let app = start().await;
    register(&app, EMAIL).await;
    let (here, there) = (login(&app, EMAIL).await, login(&app, EMAIL).await);
    let input = json!({ "currentPassword": PASSWORD, "newPassword": "Teh-Poci-88" });
    let reply = change(&here.client, "passwordChange", input, "user { id version }").await;
    let id = "user_00000000000000000000000001";
    assert_eq!(
        reply,
        json!({ "user": { "id": id, "version": 2 }, "userErrors": [] })
    );

    assert_eq!(
        refusal(&try_login(&app, EMAIL, PASSWORD).await),
        "INVALID_CREDENTIALS"
    );
    assert_eq!(
        try_login(&app, EMAIL, "Teh-Poci-88").await["userErrors"],
        json!([])
    );
    assert_eq!(
        refusal(&refresh(&app, &there.refresh_token).await),
        "INVALID_TOKEN"
    );
    assert_eq!(
        refresh(&app, &here.refresh_token).await["userErrors"],
        json!([])
    );
    let others = ["user.registered", "user.login", "user.session_revoked"];
    app.assert_golden_events_except(&others).await;
    assert_eq!(
        event_types(&app).await[3..5],
        ["user.password_changed", "user.session_revoked"]
    );
    assert_eq!(
        app.outbox().await[5]["payload"]["reason"],
        "PASSWORD_CHANGED"
    );
}

#[tokio::test]
async fn a_password_is_changed_only_by_who_knows_it_and_only_to_a_better_one() {
    let app = start().await;
    register(&app, EMAIL).await;
    let owner = login(&app, EMAIL).await.client;
    let attempt = |current: &str, new: &str| {
        let input = json!({ "currentPassword": current, "newPassword": new });
        change(&owner, "passwordChange", input, "user { id }")
    };
    let wrong = attempt("Kopi-Gayo-78", "Teh-Poci-88").await;
    assert_eq!(
        wrong["userErrors"],
        json!([{ "__typename": "Refusal", "code": "INVALID_CREDENTIALS",
                 "message": "this is not your password", "path": ["input", "currentPassword"] }])
    );
    let weak = attempt(PASSWORD, "teh").await;
    assert_eq!(refusal(&weak), "WEAK_PASSWORD");
    assert_eq!(
        weak["userErrors"][0]["path"],
        json!(["input", "newPassword"])
    );
    assert_eq!(refusal(&attempt(PASSWORD, PASSWORD).await), "INVALID_VALUE");
    assert_eq!(event_types(&app).await, ["user.registered", "user.login"]);
}

#[tokio::test]
async fn of_two_changes_at_once_one_happens() {
    let app = start().await;
    register(&app, EMAIL).await;
    let owner = login(&app, EMAIL).await.client;
    let to = |new: &str| {
        let input = json!({ "currentPassword": PASSWORD, "newPassword": new });
        change(&owner, "passwordChange", input, "user { version }")
    };
    let (a, b) = tokio::join!(to("Teh-Poci-88"), to("Teh-Poci-99"));
    assert_one_is_set(&app, [("Teh-Poci-88", a), ("Teh-Poci-99", b)]).await;
}

// T-AUT-12
#[test]
fn every_rule_of_passwords_is_kept() {
    let long = format!("Aa1-{}", "x".repeat(124));
    let too_long = format!("{long}x");
    let table: [(&str, &[PasswordRule]); 18] = [
        (PASSWORD, &[]),
        ("Pasar-Demo-2026!", &[]),
        ("Aa1-aaaa", &[]),
        (&long, &[]),
        ("Ünïcödé-1 ", &[]),
        ("Kata sandi 1", &[]),
        (&too_long, &[MaxLength]),
        ("Aa1-aaa", &[MinLength]),
        ("kopi-gayo-77", &[Uppercase]),
        ("KOPI-GAYO-77", &[Lowercase]),
        ("Kopi-Gayo-Aceh", &[Digit]),
        ("KopiGayo77", &[Special]),
        ("", &[MinLength, Uppercase, Lowercase, Digit, Special]),
        ("Password123!", &[NotCommon]),
        ("P@ssw0rd2026!", &[NotCommon]),
        ("!!Qwerty99", &[NotCommon]),
        ("1Qaz@wsx", &[NotCommon]),
        ("Bismillah#1", &[NotCommon]),
    ];
    for (password, broken) in table {
        assert_eq!(broken_rules(password), broken, "{password}");
    }
}

proptest! {
    #[test]
    fn any_text_is_judged(text in ".{0,200}") {
        let long = text.chars().count();
        let broken = broken_rules(&text);
        prop_assert_eq!(broken.contains(&MinLength), long < 8);
        prop_assert_eq!(broken.contains(&MaxLength), long > 128);
    }
}
