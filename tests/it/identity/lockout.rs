use chrono::Duration;
use futures_util::future::join_all;
use harness::Subgraph;
use serde_json::json;

use super::{
    EMAIL, PASSWORD, change, event_types, hold, login, refusal, register, start, try_login,
    wait_for_blocked,
};

const WRONG: &str = "Kopi-Gayo-78";

async fn fail(app: &Subgraph, times: usize) {
    for _ in 0..times {
        assert_eq!(
            refusal(&try_login(app, EMAIL, WRONG).await),
            "INVALID_CREDENTIALS"
        );
    }
}

// T-AUT-13
#[tokio::test]
async fn the_fifth_wrong_password_locks_the_account_for_fifteen_minutes() {
    let app = start().await;
    register(&app, EMAIL).await;
    fail(&app, 4).await;
    let locked = try_login(&app, EMAIL, WRONG).await;
    assert_eq!(
        locked["userErrors"],
        json!([{ "__typename": "AccountLocked", "code": "ACCOUNT_LOCKED", "path": null,
                 "message": "too many wrong passwords: wait, then try again",
                 "lockedUntil": "2026-01-01T00:15:00+00:00" }])
    );
    app.clock.advance(Duration::minutes(14));
    let right = try_login(&app, EMAIL, PASSWORD).await;
    assert_eq!(
        right, locked,
        "the right password is not looked at, and attempts do not prolong"
    );

    app.clock.advance(Duration::minutes(1));
    fail(&app, 4).await;
    let right = try_login(&app, EMAIL, PASSWORD).await;
    assert_eq!(right["userErrors"], json!([]), "the count began anew");
    assert_eq!(event_types(&app).await, ["user.registered", "user.login"]);
}

#[tokio::test]
async fn a_right_password_forgets_the_wrong_ones_before() {
    let app = start().await;
    register(&app, EMAIL).await;
    for _ in 0..3 {
        fail(&app, 4).await;
        assert_eq!(
            try_login(&app, EMAIL, PASSWORD).await["userErrors"],
            json!([])
        );
    }
}

#[tokio::test]
async fn wrong_passwords_long_ago_do_not_count() {
    let app = start().await;
    register(&app, EMAIL).await;
    fail(&app, 4).await;
    app.clock.advance(Duration::minutes(15));
    fail(&app, 4).await;
}

#[tokio::test]
async fn an_unknown_address_is_locked_like_a_known_one() {
    let app = start().await;
    register(&app, EMAIL).await;
    for email in [EMAIL, "nobody@pembeli.example"] {
        let mut codes = Vec::new();
        for _ in 0..6 {
            let reply = try_login(&app, email, WRONG).await;
            codes.push(refusal(&reply).to_owned());
        }
        let (wrong, locked) = ("INVALID_CREDENTIALS", "ACCOUNT_LOCKED");
        assert_eq!(
            codes,
            [wrong, wrong, wrong, wrong, locked, locked],
            "{email}"
        );
    }
}

#[tokio::test]
async fn twenty_guesses_at_once_are_counted_one_by_one() {
    let app = start().await;
    register(&app, EMAIL).await;
    let replies = join_all((0..20).map(|_| try_login(&app, EMAIL, WRONG))).await;
    let wrong = replies
        .iter()
        .filter(|r| refusal(r) == "INVALID_CREDENTIALS")
        .count();
    let locked = replies
        .iter()
        .filter(|r| refusal(r) == "ACCOUNT_LOCKED")
        .count();
    assert_eq!((wrong, locked), (4, 16));
    assert_eq!(
        refusal(&try_login(&app, EMAIL, PASSWORD).await),
        "ACCOUNT_LOCKED"
    );
    let failures: i32 = sqlx::query_scalar("select failures from login_attempts")
        .fetch_one(&app.db)
        .await
        .unwrap();
    assert_eq!(failures, 5);
}

// A guess that was under way when the lock came is worth nothing, even if it is right.
#[tokio::test]
async fn a_right_guess_that_comes_after_the_fifth_wrong_one_is_refused() {
    let app = start().await;
    register(&app, EMAIL).await;
    let held = hold(&app, "users").await;
    let others = async {
        wait_for_blocked(&app, 1).await;
        fail(&app, 4).await;
        try_login(&app, EMAIL, WRONG).await;
        held.rollback().await.unwrap();
    };
    let (right, ()) = tokio::join!(try_login(&app, EMAIL, PASSWORD), others);
    assert_eq!(refusal(&right), "ACCOUNT_LOCKED");
    assert_eq!(event_types(&app).await, ["user.registered"]);
}

#[tokio::test]
async fn many_right_logins_at_once_all_succeed() {
    let app = start().await;
    register(&app, EMAIL).await;
    let replies = join_all((0..12).map(|_| try_login(&app, EMAIL, PASSWORD))).await;
    assert!(
        replies.iter().all(|reply| reply["userErrors"] == json!([])),
        "{replies:?}"
    );
}

#[tokio::test]
async fn guessing_the_password_inside_a_session_locks_too() {
    let app = start().await;
    register(&app, EMAIL).await;
    let owner = login(&app, EMAIL).await.client;
    for code in ["INVALID_CREDENTIALS"; 4]
        .into_iter()
        .chain(["ACCOUNT_LOCKED"; 2])
    {
        let input = json!({ "currentPassword": WRONG, "newPassword": "Teh-Poci-88" });
        let reply = change(&owner, "passwordChange", input, "user { id }").await;
        assert_eq!(refusal(&reply), code);
    }
    assert_eq!(
        refusal(&try_login(&app, EMAIL, PASSWORD).await),
        "ACCOUNT_LOCKED"
    );
}

#[tokio::test]
async fn forgotten_counts_are_cleared_away() {
    let app = start().await;
    for number in 0..3 {
        try_login(&app, &format!("nobody{number}@pembeli.example"), WRONG).await;
    }
    app.clock.advance(Duration::minutes(15));
    try_login(&app, EMAIL, WRONG).await;
    let rows: i64 = sqlx::query_scalar("select count(*) from login_attempts")
        .fetch_one(&app.db)
        .await
        .unwrap();
    assert_eq!(rows, 1);
}
